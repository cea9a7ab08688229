# SPDX-License-Identifier: Apache-2.0
"""What `stock` can be told to bring in, and from where."""
import pathlib

import pytest

A, A1, A2, B, C = (f"""module example.test/{name} {version}
-- go.mod --
module example.test/{name}

go 1.21
-- {name}.go --
package {name}
""" for name, version in (("a", "v1.0.0"), ("a", "v1.1.0"), ("a", "v1.2.0-0.20240102030405-abcdef012345"), ("b", "v1.0.0"),
                          ("c", "v1.0.0")))
HEAD = "v1.2.0-0.20240102030405-abcdef012345"


@pytest.fixture
def up(upstream):
    up = upstream([A, A1, A2, B, C])
    up.content.aliases["example.test/a", "main"] = HEAD
    return up


@pytest.fixture
def held(env):
    """What the store has whole."""
    def names():
        zips = (pathlib.Path(env["LARDER_STORE"]) / "go").rglob("*.zip")
        return sorted(f"{p.parent.parent.name}@{p.stem}" for p in zips)
    return names


@pytest.fixture
def workspace(project, up):
    """Two modules and a go.work; their go.sum files have a line of what each needs."""
    sums = up.go_sum().splitlines(keepends=True)
    for folder, name in (("one", "a"), ("two", "b")):
        project.write(f"{folder}/go.mod", f"module example.test/{folder}\n\ngo 1.21\n\nrequire example.test/{name} v1.0.0\n")
        project.write(f"{folder}/go.sum", "".join(line for line in sums if line.startswith(f"example.test/{name} v1.0.0")))
    project.write("go.work", "go 1.21\n\nuse (\n\t./one\n\t./two\n)\n")
    return project


# --- targets ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target, brought", [
    ("one/go.mod", ["a@v1.0.0"]),
    ("two/go.sum", ["b@v1.0.0"]),
    ("go.work", ["a@v1.0.0", "b@v1.0.0"]),
    ("example.test/a@main", [f"a@{HEAD}"]),
    ("example.test/a@v1", ["a@v1.1.0"]),
    ("example.test/a@<v1.1.0", ["a@v1.0.0"]),
    ("example.test/a@latest", ["a@v1.1.0"]),
])
def test_what_a_target_brings_in(larder, up, workspace, held, target, brought):
    larder("stock", target, cwd=workspace, env={"GOPROXY": up.url}, ok=True)
    assert held() == brought


def test_a_module_that_several_targets_want_counts_once(larder, up):
    words = ["stock", "example.test/a@v1.0.0", "example.test/b@v1.0.0", "example.test/a@v1"]
    first = larder(*words, "example.test/a@v1.0.0", env={"GOPROXY": up.url}, ok=True)
    assert "stocked 3 modules and 0 requirements" in first.out and "; 0 already held; 0 failed" in first.out, first
    again = larder(*words, "example.test/a@v1.0.0", env={"GOPROXY": up.url}, ok=True)
    assert "stocked 0 modules and 0 requirements" in again.out and "; 3 already held; 0 failed" in again.out, again


def test_a_branch_that_is_not_there(larder, up, held):
    done = larder("stock", "example.test/a@nosuch", env={"GOPROXY": up.url})
    assert done.status == 1 and "example.test/a@nosuch" in done.err, str(done)
    assert held() == []


def test_a_workspace_is_a_project_of_every_command(larder, up, workspace):
    work = workspace.path / "go.work"
    larder("stock", work, env={"GOPROXY": up.url}, ok=True)
    assert f"{work}: complete" in larder("check", work, ok=True).out


# --- --from -------------------------------------------------------------------------------------------------------


def test_from_takes_the_place_of_goproxy(larder, up, held):
    larder("stock", "--from", up.url, "example.test/a@v1.0.0", env={"GOPROXY": "off"}, ok=True)
    assert held() == ["a@v1.0.0"]


def test_from_is_a_list_as_goproxy(larder, up, upstream, held):
    other = upstream()
    larder("stock", "--from", f"{other.url},{up.url}", "example.test/a@v1.0.0", env={"GOPROXY": "off"}, ok=True)
    assert held() == ["a@v1.0.0"] and other.log != []


@pytest.mark.parametrize("flags, set_to", [(["--offline"], None), ([], "1")])
def test_offline_is_stronger_than_from(larder, up, held, flags, set_to):
    done = larder(*flags, "stock", "--from", up.url, "example.test/a@v1.0.0", env={"LARDER_OFFLINE": set_to})
    assert done.status == 1 and f"hint: offline ({'LARDER_OFFLINE' if set_to else '--offline'})" in done.err, str(done)
    assert up.log == [] and held() == []
