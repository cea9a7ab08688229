# SPDX-License-Identifier: Apache-2.0
"""The indexes of the module cache: they save reading, and change nothing else, whatever becomes of them."""
import pathlib

import pytest
from conftest import make_writable, tree

MODULES = [
    """module example.com/a v1.0.0
-- go.mod --
module example.com/a
go 1.18
require example.com/c v1.0.0
-- a.go --
package a
import "example.com/c"
-- other/o.go --
package other
""",
    """module example.com/c v1.0.0
-- go.mod --
module example.com/c
go 1.18
-- c.go --
package c
""",
    """module example.com/d v1.0.0
-- go.mod --
module example.com/d
-- d.go --
package d
""",
]
PROJECT = """-- go.mod --
module example.com/m
go 1.21
-- m.go --
package m
import "example.com/a"
"""


@pytest.fixture
def tidy(larder, upstream, project, tmp_path, env):
    """A project that was tidied once; tidies it again and gives what its go.mod and go.sum then say."""
    upstream(MODULES).write_to(tmp_path / "proxy")
    env["GOPROXY"] = (tmp_path / "proxy").as_uri()
    env["LARDER_INDEX"] = str(tmp_path / "index")
    project.write_txtar(PROJECT)

    def run(**env):
        done = larder("mod", "tidy", cwd=project.path, env=env)
        return done.status, tree(project.path)

    status, _ = run()
    assert status == 0
    return run


def rewrite(env, module, name, text):
    """Changes a file of an extracted module, which neither go nor Larder expects."""
    folder = pathlib.Path(env["GOMODCACHE"]) / module
    make_writable(folder)
    (folder / name).unlink()
    (folder / name).write_text(text)


def indexes(env):
    return sorted(p for p in pathlib.Path(env["LARDER_INDEX"]).rglob("*.idx"))


def test_a_second_tidy_reads_no_source_of_a_dependency(tidy, env):
    before = tidy()
    rewrite(env, "example.com/a@v1.0.0", "a.go", 'package a\nimport "example.com/d"\n')
    assert tidy() == before
    assert b"example.com/d" in tidy(LARDER_INDEX="off")[1]["go.mod"]


def test_a_folder_that_nobody_asked_for_is_read(tidy, larder, project, env):
    (project.path / "m.go").write_text('package m\nimport "example.com/a/other"\n')
    status, files = tidy()
    assert status == 0 and b"example.com/c" not in files["go.mod"]
    assert tidy(LARDER_INDEX="off") == (status, files)


@pytest.mark.parametrize("damage", ["deleted", "empty", "cut", "flipped", "swapped", "folder", "unreadable"])
def test_damage_changes_nothing(tidy, env, damage):
    want = tidy()
    files = indexes(env)
    assert len(files) >= 2
    content = [file.read_bytes() for file in files]
    for number, file in enumerate(files):
        file.unlink()
        if damage == "empty":
            file.write_bytes(b"")
        elif damage == "cut":
            file.write_bytes(content[number][:-1])
        elif damage == "flipped":
            middle = len(content[number]) // 2
            file.write_bytes(content[number][:middle] + bytes([content[number][middle] ^ 1]) + content[number][middle + 1:])
        elif damage == "swapped":
            file.write_bytes(content[number - 1])
        elif damage == "folder":
            file.mkdir()
        elif damage == "unreadable":
            file.symlink_to("nowhere")
    assert tidy() == want
    assert tidy() == want


def test_an_index_folder_that_cannot_be_written_is_no_failure(tidy, env, tmp_path):
    want = tidy()
    (tmp_path / "file").write_text("")
    assert tidy(LARDER_INDEX=str(tmp_path / "file" / "index")) == want


def test_no_home_no_index(tidy, larder, project, tmp_path):
    want = tidy()
    assert tidy(LARDER_INDEX=None, HOME=None, XDG_CACHE_HOME=None) == want
    cache = tmp_path / "cache"
    assert tidy(LARDER_INDEX=None, XDG_CACHE_HOME=str(cache)) == want
    assert list((cache / "larder" / "index").rglob("*.idx"))


def test_nothing_is_left_beside_the_indexes(tidy, env):
    tidy()
    names = {p.name for p in pathlib.Path(env["LARDER_INDEX"]).rglob("*") if p.is_file()}
    assert not [n for n in names if not n.endswith(".idx") and n != "tidied"]


def test_two_at_once(tidy, larder, project, env):
    want = tidy()
    for file in indexes(env):
        file.unlink()
    both = [larder.start("mod", "tidy", cwd=project.path) for _ in range(4)]
    assert [p.wait(60) for p in both] == [0] * 4
    assert tidy() == want


def test_env_names_the_folder(larder, tmp_path):
    done = larder("env", "index", env={"LARDER_INDEX": str(tmp_path / "i")}, ok=True)
    assert done.out == f"index={tmp_path / 'i'}  # LARDER_INDEX\n"
