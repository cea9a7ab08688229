# SPDX-License-Identifier: Apache-2.0
"""Toolchains as modules: stocked, carried, restored, and started by the unmodified go where there is no network,
checked with the carried checksum database."""
import os
import platform
import stat

import pytest
from conftest import tree
from upstream import Module, SumDb

MACHINE = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
HERE = f"linux-{MACHINE}"
NAME, OTHER = "go1.99.1", "go1.99.2"
# What go starts in its place; the real one knows where it is by GOROOT.
GO = """#!/bin/sh
echo "go version GO linux/fake from $(cd "$(dirname "$0")/.." && pwd)"
"""


def version_of(name, system=HERE):
    return f"v0.0.1-{name}.{system}"


def toolchain(name, system=HERE, **more):
    files = {"bin/go": GO.replace("GO", name).encode(), "bin/gofmt": b"#!/bin/sh\n", "VERSION": f"{name}\n".encode(),
             f"pkg/tool/{system.replace('-', '_')}/vet": b"#!/bin/sh\n", "src/_go.mod": b"module std\n",
             "src/cmd/_go.mod": b"module cmd\n", "lib/wasm/go_js_wasm_exec": b"#!/bin/sh\n", **more}
    text = f"module golang.org/toolchain {version_of(name, system)}\n"
    text += "".join(f"-- {file} --\n{data.decode()}" for file, data in files.items())
    return Module.parse(text)


@pytest.fixture
def up(upstream):
    return upstream([toolchain(NAME), toolchain(OTHER), toolchain(NAME, "plan9-386")], sumdb=SumDb(filler=20))


@pytest.fixture
def online(up, env):
    env["GOSUMDB"] = up.sumdb.key
    env["GOPROXY"] = up.url
    env["GOTOOLCHAIN"] = "auto"
    return env


@pytest.fixture
def work(project):
    project.write("go.mod", f"module work.test\n\ngo 1.21\n\ntoolchain {NAME}\n")
    return project


def held(tmp_path):
    return sorted(f.name.removesuffix(".zip") for f in (tmp_path / "store/go/golang.org/toolchain/@v").glob("*.zip"))


def inside(tmp_path, name="inside", **env):
    """Fresh folders, the store as the only GOPROXY."""
    return {"GOPROXY": (tmp_path / "store/go").as_uri(), "GOMODCACHE": tmp_path / name / "modcache",
            "GOPATH": tmp_path / name / "gopath", **env}


def is_executable(path):
    return bool(path.stat().st_mode & stat.S_IXUSR)


@pytest.mark.parametrize("what, wanted", [
    ([f"toolchain:{NAME}"], [version_of(NAME)]),
    ([f"toolchain:{NAME}/plan9-386"], [version_of(NAME, "plan9-386")]),
    ([f"toolchain:{OTHER}", f"toolchain:{NAME}/plan9-386"], [version_of(NAME, "plan9-386"), version_of(OTHER)]),
    ([f"golang.org/toolchain@{version_of(NAME)}"], [version_of(NAME)]),
], ids=["here", "elsewhere", "two", "as_module"])
def test_stock(larder, online, tmp_path, what, wanted):
    done = larder("stock", *what, ok=True)
    assert held(tmp_path) == sorted(wanted) and "are in the carried sumdb.test/db" in done.err, str(done)


@pytest.mark.parametrize("word, said", [
    ("toolchain:1.26.8", 'invalid toolchain "1.26.8"'),
    ("toolchain:", 'invalid toolchain ""'),
    ("toolchain:go1.26.8/", 'invalid platform ""'),
    ("toolchain:go1.26.8/linux/amd64", 'invalid platform "linux/amd64"'),
    ("toolchain:go1.26", "go1.26 is a language version but not a toolchain version (go1.26.x)"),
    ("toolchain:go1.9-/../../x/linux-amd64", "invalid platform"),
])
def test_wrong_words(larder, online, word, said):
    done = larder("stock", word)
    assert done.status == 2 and said in done.err, str(done)


def test_a_release_that_is_not_there(larder, online, tmp_path):
    done = larder("stock", "toolchain:go1.98.7", f"toolchain:{NAME}")
    assert done.status == 1 and "golang.org/toolchain@" + version_of("go1.98.7") in done.err, str(done)
    assert held(tmp_path) == [version_of(NAME)]


@pytest.mark.parametrize("freed", [{"GOSUMDB": "off"}, {"GONOSUMDB": "*"}], ids=["off", "exempt"])
def test_nothing_but_the_database_vouches(larder, online, up, tmp_path, freed):
    """As in go: what frees other modules from the check does not free these."""
    done = larder("stock", f"toolchain:{NAME}", env=freed)
    if "GONOSUMDB" in freed:
        assert done.status == 0 and up.count("*/sumdb/*/lookup/golang.org/toolchain@*") == 1, str(done)
    else:
        assert done.status == 3 and "checksum database disabled by GOSUMDB=off" in done.err, str(done)
        assert held(tmp_path) == []


def test_a_changed_toolchain_is_not_stocked(larder, online, up, tmp_path):
    up.sumdb.lookup("golang.org/toolchain", version_of(NAME), up.content)
    up.content.add(toolchain(NAME, **{"bin/evil": b"#!/bin/sh\n"}))
    done = larder("stock", f"toolchain:{NAME}")
    assert done.status == 3 and "SECURITY ERROR" in done.err and held(tmp_path) == [], str(done)


@pytest.mark.parametrize("by", ["file", "serve", "restore", "bundle"])
def test_go_starts_it_where_there_is_no_network(larder, go, online, up, work, serve, tmp_path, by):
    larder("stock", f"toolchain:{NAME}", ok=True)
    env = inside(tmp_path, GOTOOLCHAIN=NAME)
    up.fault("*", status=500, body=b"there is no network\n")
    if by == "bundle":
        larder("key", "new", "-o", tmp_path / "site", ok=True)
        larder("pack", "-o", tmp_path / "out.larder", "--key", tmp_path / "site.key", ok=True)
        (tmp_path / "store").rename(tmp_path / "outside")
        larder("unpack", tmp_path / "out.larder", "--trust", tmp_path / "site.pub", ok=True, env=env)
    if by == "serve":
        env["GOPROXY"] = serve(env=env)[0]
    if by == "restore":
        larder("restore", "--all", ok=True, env=env)
        env["GOPROXY"] = "off"
    done = go("version", env=env, ok=True)
    root = env["GOMODCACHE"] / f"golang.org/toolchain@{version_of(NAME)}"
    assert done.out == f"go version {NAME} linux/fake from {root}\n", str(done)
    assert "downloading" not in done.err if by == "restore" else f"downloading {NAME}" in done.err


def test_the_carried_database_is_what_go_checks_with(larder, go, online, tmp_path):
    larder("stock", f"toolchain:{NAME}", ok=True)
    record = tmp_path / f"store/go/sumdb/sumdb.test/db/lookup/golang.org/toolchain@{version_of(NAME)}"
    record.write_bytes(record.read_bytes().replace(b" h1:", b" h1:A", 1))
    done = go("version", env=inside(tmp_path, GOTOOLCHAIN=NAME))
    assert done.status != 0 and "fake" not in done.out, str(done)


def test_restore_leaves_what_go_would_make_of_it(larder, go, online, tmp_path):
    larder("stock", f"toolchain:{NAME}", ok=True)
    by_go, by_larder = inside(tmp_path, "by_go", GOTOOLCHAIN=NAME), inside(tmp_path, "by_larder")
    go("version", env=by_go, ok=True)
    larder("restore", "--all", env=by_larder, ok=True)
    roots = [env["GOMODCACHE"] / f"golang.org/toolchain@{version_of(NAME)}" for env in (by_go, by_larder)]
    assert tree(roots[0]) == tree(roots[1])
    modes = [{str(p.relative_to(root)): oct(p.stat().st_mode) for p in root.rglob("*")} for root in roots]
    assert modes[0] == modes[1] and (roots[1] / "src/cmd/go.mod").is_file() and is_executable(roots[1] / "bin/go")


@pytest.mark.parametrize("left", ["downloaded", "half"])
def test_restore_finishes_what_others_left(larder, go, online, tmp_path, left):
    """`go mod download` and a killed go leave a tree that does not run."""
    larder("stock", f"toolchain:{NAME}", ok=True)
    env = inside(tmp_path)
    go("mod", "download", f"golang.org/toolchain@{version_of(NAME)}", env={**env, "GOTOOLCHAIN": "local"}, ok=True)
    root = env["GOMODCACHE"] / f"golang.org/toolchain@{version_of(NAME)}"
    assert not is_executable(root / "bin/go")
    if left == "half":
        os.chmod(root / "bin/gofmt", 0o555)
        os.chmod(root / "src", 0o755)
        (root / "src/go.mod").write_text("mod")
    larder("restore", "--all", env=env, ok=True)
    assert is_executable(root / "bin/go") and (root / "src/go.mod").read_text() == "module std\n"


# --- the lines of projects ----------------------------------------------------------------------------------------


def test_the_toolchain_of_a_project_comes_with_it(larder, online, work, tmp_path):
    larder("stock", f"toolchain:{NAME}/plan9-386", ok=True)
    missing = larder("check", work)
    assert missing.status == 1, str(missing)
    assert f"missing golang.org/toolchain@{version_of(NAME)}  (needed by the toolchain line of go.mod)" in missing.out
    larder("stock", work, ok=True)
    assert held(tmp_path) == sorted([version_of(NAME), version_of(NAME, "plan9-386")])
    assert larder("check", work, ok=True).out.endswith("complete, 1 modules and requirements held; offline compatible\n")


@pytest.mark.parametrize("setting", ["local", "path", None])
def test_none_where_go_would_fetch_none(larder, online, up, work, tmp_path, setting):
    if setting is None:
        work.write("go.mod", "module work.test\n\ngo 1.21\n")
    done = larder("stock", work, ok=True, env={"GOTOOLCHAIN": setting or "auto"})
    assert held(tmp_path) == [] and up.count("*toolchain*") == 0, str(done)


def test_a_project_runs_on_its_own_toolchain_in_the_sandbox(larder, online, work):
    larder("stock", work, ok=True)
    done = larder("prove", work, "--", "go", "version", ok=True)
    assert f"go version {NAME} linux/fake" in done.out, str(done)


def test_prove_names_the_toolchain_that_is_missing(larder, online, work):
    larder("stock", f"toolchain:{OTHER}", ok=True)
    done = larder("prove", work, "--", "go", "version")
    assert done.status == 1 and f"golang.org/toolchain@{version_of(NAME)}" in done.out, str(done)


def test_restore_and_pack_of_a_project_have_it(larder, go, online, work, tmp_path):
    larder("stock", work, ok=True)
    env = inside(tmp_path)
    larder("restore", work, ok=True, env=env)
    done = go("version", cwd=work.path, env={**env, "GOPROXY": "off"}, ok=True)
    assert f"go version {NAME}" in done.out
