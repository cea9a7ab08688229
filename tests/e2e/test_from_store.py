# SPDX-License-Identifier: Apache-2.0
"""--from-store: the go commands answered from what the store and the module cache hold; and mod tidy --explain."""
import shutil

import pytest
from conftest import remove_tree, tree
from test_packages import MODULES

PROJECT = """-- go.mod --
module example.com/m

go 1.21

require example.com/t v1.0.0
-- m.go --
package m

import (
\t_ "example.com/a"
\t_ "example.com/c"
)
"""


@pytest.fixture
def stocked(upstream, larder, project, tmp_path, env):
    """A store with all modules; then nothing but it."""
    upstream(MODULES).write_to(tmp_path / "proxy")
    env["GOPROXY"] = (tmp_path / "proxy").as_uri()
    names = [text.split("\n", 1)[0].split()[1:] for text in MODULES]
    larder("stock", *[f"{path}@{version}" for path, version in names], cwd=tmp_path, ok=True)
    remove_tree(env["GOMODCACHE"])
    env["GOPROXY"] = "off"
    project.write_txtar(PROJECT)


def test_tidy_as_online(larder, go, project, stocked, tmp_path, env):
    env["GOPROXY"] = (tmp_path / "proxy").as_uri()
    go("mod", "tidy", cwd=project.path, ok=True)
    want = tree(project.path)
    shutil.rmtree(project.path)
    project.path.mkdir()
    project.write_txtar(PROJECT)
    remove_tree(env["GOMODCACHE"])
    env["GOPROXY"] = "off"
    refused = larder("mod", "tidy", cwd=project.path)
    assert refused.status == 1 and "module lookup disabled by GOPROXY=off" in refused.err
    larder("mod", "tidy", "--from-store", cwd=project.path, ok=True)
    assert tree(project.path) == want
    again = larder("mod", "tidy", "--from-store", "-diff", cwd=project.path, ok=True)
    assert again.out == ""


def test_queries_are_answered_from_what_is_held(larder, project, stocked):
    held = larder("list", "-m", "-mod=mod", "--from-store", "-versions", "example.com/a", cwd=project.path, ok=True)
    assert held.out == "example.com/a v1.0.0 v1.1.0\n"
    assert larder("list", "-m", "-mod=mod", "--from-store", "example.com/c@<v1.1.0", cwd=project.path, ok=True).out == "example.com/c v1.0.0\n"


def test_all_that_is_missing_is_named_at_once(larder, project, stocked, env):
    project.write("go.mod", "module example.com/m\n\ngo 1.21\n\nrequire (\n\texample.com/gone v1.0.0\n\texample.com/a v1.0.0\n\texample.com/lost v1.2.0\n)\n")
    done = larder("mod", "graph", "--from-store", cwd=project.path)
    assert done.status == 1
    for name in ("example.com/gone@v1.0.0", "example.com/lost@v1.2.0"):
        assert name in done.err
    assert "example.com/a@v1.0.0" not in done.err
    larder("mod", "graph", "--from-store", "--wants", "wants.txt", cwd=project.path)
    assert (project.path / "wants.txt").read_text() == "example.com/gone@v1.0.0\nexample.com/lost@v1.2.0\n"


def test_nobody_else_is_asked(larder, project, stocked, env):
    env["GOPROXY"] = "http://127.0.0.1:1"
    env["GOSUMDB"] = "sumdb.test+00000000+AAAA"
    larder("mod", "tidy", "--from-store", cwd=project.path, ok=True)


def test_explain(larder, project, stocked):
    done = larder("mod", "tidy", "--from-store", "--explain", cwd=project.path, ok=True)
    assert done.err.splitlines()[-3:] == [
        "add example.com/a v1.1.0: example.com/m imports example.com/a",
        "add example.com/c v1.1.0: example.com/m imports example.com/c",
        "remove example.com/t v1.0.0: no package of it is imported",
    ]
    done = larder("mod", "tidy", "--from-store", "--explain", cwd=project.path, ok=True)
    assert done.err == ""
