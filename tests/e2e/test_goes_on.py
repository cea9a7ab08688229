# SPDX-License-Identifier: Apache-2.0
"""One wrong thing ends nothing else: all that can go on goes on, everything wrong is named, the exit status says so."""
import contextlib
import json
import os
import pathlib
import shutil

import pytest
from conftest import Runner

A, B, C = (f"""module example.test/{name} v1.0.0
-- go.mod --
module example.test/{name}
-- {name}.go --
package {name}
""" for name in "abc")


@pytest.fixture
def up(upstream):
    return upstream([A, B, C])


@pytest.fixture
def ruled(larder):
    """larder, bound by the modes of files also where the tests run as root."""
    if os.geteuid() != 0:
        return larder
    program = shutil.which("setpriv")
    assert program, "setpriv of util-linux is needed to test as another user"
    words = ("--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search", larder.program)

    class Ruled(Runner):
        def __call__(self, *args, **options):
            return super().__call__(*words, *args, **options)
    return Ruled(program, larder.env, larder.cwd)


@contextlib.contextmanager
def unreadable(*paths):
    modes = [(path, path.stat().st_mode) for path in paths]
    try:
        for path in paths:
            path.chmod(0)
        yield
    finally:
        for path, mode in modes:
            path.chmod(mode)


@pytest.fixture
def held(env):
    def names():
        return sorted(p.parent.parent.name for p in (pathlib.Path(env["LARDER_STORE"]) / "go").rglob("*.zip"))
    return names


@pytest.fixture
def stocked(larder, up, env):
    """A store with a, b, c; its folder."""
    larder("stock", *(f"example.test/{name}@v1.0.0" for name in "abc"), env={"GOPROXY": up.url}, ok=True)
    return pathlib.Path(env["LARDER_STORE"])


def write_project(make_project, name, *requirements):
    project = make_project(name)
    lines = "".join(f"require example.test/{one} v1.0.0\n" for one in requirements)
    project.write("go.mod", f"module example.test/{name}\n\ngo 1.21\n\n{lines}")
    return project


# --- stock --------------------------------------------------------------------------------------------------------


def test_a_list_names_all_its_bad_lines(larder, up, held, tmp_path):
    wants = tmp_path / "wants"
    wants.write_text("\ufeffexample.test/a@v1.0.0\nrubbish\n# comment\nexample.test/b v1.0.0\none two three\n@v1\n")
    done = larder("stock", wants, env={"GOPROXY": up.url})
    assert done.status == 1, str(done)
    for number, text in ((2, "rubbish"), (5, "one"), (6, "@v1")):
        assert f'{wants}:{number}: "{text}" is not' in done.err, str(done)
    assert held() == ["a", "b"] and "3 failed" in done.out


def test_a_wrong_argument_ends_no_other(larder, up, held, make_project):
    good, bad = write_project(make_project, "good", "a"), make_project("bad")
    bad.write("go.mod", "modul example.test/bad\n")
    done = larder("stock", "@v1", bad, "npm:x@1", good, "example.test/b@v1.0.0", "example.test/nowhere@v1.0.0",
                  env={"GOPROXY": up.url})
    assert done.status == 2, str(done)
    for said in ('"@v1" is not', "npm: is not in this release", "bad/go.mod:1", "example.test/nowhere@v1.0.0"):
        assert said in done.err, str(done)
    assert held() == ["a", "b"] and "4 failed" in done.out


# --- check --------------------------------------------------------------------------------------------------------


def test_check_goes_on_after_a_project_that_cannot_be_read(larder, stocked, make_project):
    good, bad = write_project(make_project, "good", "a"), make_project("bad")
    bad.write("go.mod", "modul example.test/bad\n")
    done = larder("check", bad, "no/such/folder", good)
    assert done.status == 1, str(done)
    assert "bad/go.mod:1" in done.err and "no/such/folder" in done.err and f"{good}: complete" in done.out
    reports = json.loads(larder("--json", "check", bad, good).out)
    assert [r["complete"] for r in reports] == [False, True]
    assert len(reports[0]["errors"]) == 1


def test_what_cannot_be_read_is_not_damaged(ruled, stocked, make_project):
    project = write_project(make_project, "good", "a", "b")
    with unreadable(stocked / "go/example.test/a/@v/v1.0.0.ziphash"):
        done = ruled("check", project)
    assert done.status == 1, str(done)
    assert "permission denied" in done.err and "0 damaged, 1 not checked" in done.err, str(done)


# --- the whole store ----------------------------------------------------------------------------------------------


@pytest.fixture
def two_unreadable(stocked):
    with unreadable(stocked / "go/example.test/a/@v", stocked / "go/example.test/b"):
        yield [str(stocked / "go/example.test/a/@v"), str(stocked / "go/example.test/b")]


def test_cache_verify_reads_the_rest(ruled, stocked, two_unreadable):
    (stocked / "go/example.test/c/@v/v1.0.0.mod").write_text("module example.test/other\n")
    done = ruled("cache", "verify")
    assert done.status == 3, str(done)
    assert all(f"{folder}: permission denied" in done.err for folder in two_unreadable), str(done)
    assert "example.test/c@v1.0.0: .mod is not" in done.err and "1 modules" in done.out, str(done)


def test_pack_names_all_and_makes_no_bundle(larder, ruled, two_unreadable, tmp_path):
    larder("key", "new", "-o", tmp_path / "site", ok=True)
    done = ruled("pack", "--key", tmp_path / "site.key", "-o", tmp_path / "out.larder")
    assert done.status == 1, str(done)
    assert all(f"{folder}: permission denied" in done.err for folder in two_unreadable), str(done)
    assert not (tmp_path / "out.larder").exists()


def test_restore_fills_in_the_rest(ruled, two_unreadable, env):
    done = ruled("restore", "--all")
    assert done.status == 1, str(done)
    assert all(f"{folder}: permission denied" in done.err for folder in two_unreadable), str(done)
    assert "restored 1 modules" in done.out and "2 failed" in done.out, str(done)
    assert (pathlib.Path(env["GOMODCACHE"]) / "example.test/c@v1.0.0/c.go").is_file()


def test_restore_of_a_project_with_something_missing(larder, stocked, make_project, env):
    project, bad = write_project(make_project, "good", "a", "b", "missing"), make_project("bad")
    bad.write("go.mod", "modul example.test/bad\n")
    done = larder("restore", project, bad, write_project(make_project, "other", "c", "absent"))
    assert done.status == 1, str(done)
    for said in ("example.test/missing@v1.0.0", "example.test/absent@v1.0.0", "bad/go.mod:1"):
        assert said in done.err, str(done)
    assert (pathlib.Path(env["GOMODCACHE"]) / "example.test/a@v1.0.0/a.go").is_file()
    assert (pathlib.Path(env["GOMODCACHE"]) / "example.test/c@v1.0.0/c.go").is_file()
