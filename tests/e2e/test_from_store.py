# SPDX-License-Identifier: Apache-2.0
"""--from-store: the go commands answered from what the store and the module cache hold; and mod tidy --explain."""
import pathlib
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


def explained(done):
    return [line for line in done.err.splitlines() if line.split(" ", 1)[0] in ("add", "change", "mark", "remove")]


def test_explain(larder, project, stocked):
    done = larder("mod", "tidy", "--from-store", "--explain", cwd=project.path, ok=True)
    assert explained(done) == [
        "add example.com/a v1.1.0: example.com/m imports example.com/a",
        "add example.com/c v1.1.0: example.com/m imports example.com/c",
        "remove example.com/t v1.0.0: no package of it is imported",
        "add go.sum example.com/a v1.1.0: example.com/m imports example.com/a",
        "add go.sum example.com/a v1.1.0/go.mod: go.mod requires it",
        "add go.sum example.com/c v1.1.0: example.com/m imports example.com/c",
        "add go.sum example.com/c v1.1.0/go.mod: go.mod requires it",
    ]
    done = larder("mod", "tidy", "--from-store", "--explain", cwd=project.path, ok=True)
    assert done.err == ""


EXPLAINED = {
    "no go line": ("-- go.mod --\nmodule example.com/m\n-- m.go --\npackage m\n", [], ["add go "]),
    "-go": ("-- go.mod --\nmodule example.com/m\ngo 1.21\n-- m.go --\npackage m\n", ["-go=1.22"], ["change go 1.21 to 1.22: -go asks for it"]),
    "a dependency's go line": ("-- go.mod --\nmodule example.com/m\ngo 1.17\nrequire example.com/a/nested v0.1.0\n-- m.go --\npackage m\nimport _ \"example.com/a/nested\"\n", [],
                               ["change go 1.17 to 1.22: example.com/a/nested@v0.1.0 has go 1.22"]),
    "a toolchain": ("-- go.mod --\nmodule example.com/m\ngo 1.21.0\ntoolchain go1.24.0\n-- m.go --\npackage m\n", ["-go=1.24.0"],
                    ["change go 1.21.0 to 1.24.0: -go asks for it", "remove toolchain go1.24.0: the go line asks for as much"]),
    "marks": ("-- go.mod --\nmodule example.com/m\ngo 1.21\nrequire (\n\texample.com/a v1.1.0 // indirect\n\texample.com/c v1.1.0\n)\n-- m.go --\npackage m\nimport _ \"example.com/a\"\n", [],
              ["mark example.com/a v1.1.0 direct: example.com/m imports example.com/a",
               "mark example.com/c v1.1.0 indirect: the main module imports no package of it"]),
    "sums": ("-- go.mod --\nmodule example.com/m\ngo 1.21\nrequire example.com/a v1.0.0\nrequire example.com/c v1.0.0 // indirect\n-- m.go --\npackage m\nimport _ \"example.com/a/sub\"\n"
             "-- go.sum --\nexample.com/b v1.0.0 h1:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaA=\nexample.com/b v1.0.0/go.mod h1:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaA=\n", [],
             ["add go.sum example.com/a v1.0.0: example.com/m imports example.com/a/sub",
              "add go.sum example.com/a v1.0.0/go.mod: go.mod requires it",
              "remove go.sum example.com/b v1.0.0: nothing requires this version",
              "remove go.sum example.com/b v1.0.0/go.mod: nothing requires this version"]),
}


@pytest.mark.parametrize("name", EXPLAINED)
def test_every_changed_line_is_explained(name, larder, project, stocked):
    text, words, want = EXPLAINED[name]
    shutil.rmtree(project.path)
    project.path.mkdir()
    project.write_txtar(text)
    plain = larder("mod", "tidy", "--from-store", *words, cwd=project.path, ok=True)
    after = tree(project.path)
    shutil.rmtree(project.path)
    project.path.mkdir()
    project.write_txtar(text)
    done = larder("mod", "tidy", "--from-store", "--explain", *words, cwd=project.path, ok=True)
    assert tree(project.path) == after, "explaining changes nothing"
    lines = explained(done)
    for line in want:
        assert any(have.startswith(line) for have in lines), lines
    old, new = parse_lines(text), parse_lines("-- go.mod --\n" + project.read("go.mod") + "-- go.sum --\n" + (project.read("go.sum") if (project.path / "go.sum").exists() else ""))
    for kind, changed in (("add", new - old), ("remove", old - new)):
        for words in changed:
            assert any(words in line for line in lines), (kind, words, lines)


def parse_lines(text):
    """What go.mod requires, and the keys of go.sum, as the explanation names them."""
    found, section = set(), ""
    for line in text.splitlines():
        if line.startswith("-- "):
            section = line
            continue
        words = line.removeprefix("require").split()
        if section == "-- go.sum --" and len(words) == 3:
            found.add(f"go.sum {words[0]} {words[1]}:")
        if section == "-- go.mod --" and len(words) > 1 and words[0].startswith("example.com/") and words[1].startswith("v"):
            found.add(f"{words[0]} {words[1]}")
    return found


@pytest.mark.parametrize("words", [["--from-store"], []])
def test_configured_to_ask_the_store_when_offline(words, larder, project, stocked, env):
    project.write("larder.toml", "[resolve]\noffline = \"store\"\n")
    larder("mod", "tidy", *words, cwd=project.path, ok=True)
    assert "require" in project.read("go.mod")
    shown = larder("env", "resolve.offline", cwd=project.path, ok=True)
    assert shown.out == f"resolve.offline=store  # larder.toml\n"


def test_configured_and_not_offline(larder, project, stocked, tmp_path, env):
    """Where somebody may be asked, he is; --offline is as GOPROXY=off."""
    project.write("larder.toml", "[resolve]\noffline = \"store\"\n")
    remove_tree(env["LARDER_STORE"])
    env["GOPROXY"] = (tmp_path / "proxy").as_uri()
    larder("mod", "tidy", cwd=project.path, ok=True)
    refused = larder("--offline", "list", "-m", "-versions", "example.com/a", cwd=project.path)
    assert refused.status == 1 and env["LARDER_STORE"] in refused.err


def test_what_tidy_leaves_is_not_wanted(larder, project, stocked, env, tmp_path):
    """A version that go.mod lists and nothing selects, held as a requirement only: its zip is looked for first."""
    project.write("go.mod", "module example.com/m\n\ngo 1.21\n\nrequire (\n\texample.com/a v1.1.0\n\texample.com/c v1.0.0 // indirect\n)\n")
    project.write("m.go", "package m\n\nimport _ \"example.com/a\"\n")
    env["LARDER_STORE"] = str(tmp_path / "other")
    env["GOPROXY"] = (tmp_path / "proxy").as_uri()
    larder("stock", ".", cwd=project.path, ok=True)
    remove_tree(env["GOMODCACHE"])
    env["GOPROXY"] = "off"
    done = larder("mod", "tidy", "--from-store", "--wants", "wants.txt", cwd=project.path, ok=True)
    assert "example.com/c v1.1.0" in project.read("go.mod")
    assert wants(project) == [] and "missing" not in done.err


def test_not_needed_is_no_answer_while_something_is_missing(larder, project, stocked, env):
    larder("mod", "tidy", "--from-store", cwd=project.path, ok=True)
    unneeded = ("mod", "why", "--from-store", "example.com/t")
    assert larder(*unneeded, cwd=project.path, ok=True).out.endswith("does not need package example.com/t)\n")
    (pathlib.Path(env["LARDER_STORE"]) / "go/example.com/c/@v/v1.1.0.zip").unlink()
    assert larder(*unneeded, cwd=project.path).status == 1
    larder("mod", "why", "--from-store", "example.com/c", cwd=project.path, ok=True)


@pytest.mark.parametrize("words", [["mod", "why", "example.com/a"], ["list", "-m", "all"], ["mod", "download", "example.com/a@v1.0.0"]])
@pytest.mark.parametrize("flag", ["--from-store", "-from-store=true", "--wants=x"])
def test_own_flags_behind_names_are_refused(words, flag, larder, project, stocked):
    """go would take them for names, and the store would not be asked."""
    done = larder(*words, flag, cwd=project.path)
    assert done.status == 2 and f"must stand before {words[-1]}" in done.err
    assert larder(words[0], words[1], "--", flag, cwd=project.path).status != 2


def test_what_is_missing_is_shown_where_the_list_cannot_be_written(larder, project, stocked, tmp_path):
    project.write("go.mod", "module example.com/m\n\ngo 1.21\n\nrequire example.com/gone v1.0.0\n")
    done = larder("mod", "graph", "--from-store", "--wants", tmp_path / "no/wants.txt", cwd=project.path)
    assert done.status == 1 and "example.com/gone@v1.0.0\n" in done.err and "no/wants.txt" in done.err


def wants(project):
    return (project.path / "wants.txt").read_text().splitlines()


def test_packages_that_nothing_has_are_wanted(larder, project, stocked):
    project.write("m.go", "package m\n\nimport (\n\t_ \"example.com/a/sub\"\n\t_ \"example.com/a/later\"\n\t_ \"new.test/x/y\"\n\t_ \"fmt/none\"\n)\n")
    done = larder("mod", "tidy", "--from-store", "--wants", "wants.txt", cwd=project.path)
    assert done.status == 1
    assert wants(project) == ["example.com/a/later@latest", "new.test/x/y@latest"]
    done = larder("mod", "tidy", "--from-store", cwd=project.path)
    assert done.err.endswith("writes the list):\nexample.com/a/later@latest\nnew.test/x/y@latest\n")
    # Nobody is to bring in what is only not required yet.
    larder("mod", "why", "--from-store", "--wants", "wants.txt", "new.test/x/y", cwd=project.path, ok=True)
    assert wants(project) == ["new.test/x/y@latest"]


def test_new_imports_are_wanted_beside_a_missing_go_mod(larder, project, stocked):
    """One trip: what nothing could have by its path, although the graph is not whole. What the missing module, one that
    is held, or a replaced one could have is not among it."""
    project.write("m.go", "package m\n\nimport (\n\t_ \"example.com/a\"\n\t_ \"new.test/x/y\"\n\t_ \"gone.test/x/p\"\n\t_ \"mine.test/r/p\"\n\t_ \"fmt/none\"\n\t_ \"example.com/m/none\"\n)\n")
    project.write("go.mod", "module example.com/m\n\ngo 1.21\n\nrequire gone.test/x v1.0.0\n\nreplace mine.test/r => ./r\n")
    project.write("r/go.mod", "module mine.test/r\n")
    larder("mod", "tidy", "--from-store", "--wants", "wants.txt", cwd=project.path)
    assert wants(project) == ["gone.test/x@v1.0.0", "new.test/x/y@latest"]
    # Before go 1.17 a missing go.mod may be what names the module.
    project.write("go.mod", "module example.com/m\n\ngo 1.16\n\nrequire gone.test/x v1.0.0\n\nreplace mine.test/r => ./r\n")
    larder("mod", "tidy", "--from-store", "--wants", "wants.txt", cwd=project.path)
    assert wants(project) == ["gone.test/x@v1.0.0"]


def test_wants_of_a_workspace(larder, project, stocked, env):
    """All of its modules, in one list."""
    env["GOWORK"] = ""
    project.write("go.work", "go 1.21\n\nuse (\n\t./x\n\t./y\n)\n")
    for name in ("x", "y"):
        project.write(f"{name}/go.mod", f"module example.com/{name}\n\ngo 1.21\n\nrequire gone.test/{name} v1.0.0\n")
        project.write(f"{name}/{name}.go", f"package {name}\n\nimport _ \"gone.test/{name}\"\n")
    done = larder("work", "sync", "--from-store", "--wants", "wants.txt", cwd=project.path)
    assert done.status == 1
    assert wants(project) == ["gone.test/x@v1.0.0", "gone.test/y@v1.0.0"]


@pytest.mark.parametrize("query", ["latest", "v1", "<v2.0.0", "v1.2.3", "main"])
def test_queries_that_nothing_answers_are_wanted(query, larder, project, stocked):
    done = larder("list", "-m", "-mod=mod", "--from-store", "--wants", "wants.txt", f"gone.test/x@{query}", "example.com/a@latest", cwd=project.path)
    assert done.status == 1
    assert wants(project) == [f"gone.test/x@{query}"]
    project.write("go.mod", f"module example.com/m\n\ngo 1.21\n\nrequire gone.test/x {query}\n")
    done = larder("mod", "graph", "--from-store", "--wants", "wants.txt", cwd=project.path)
    assert done.status == 1
    assert wants(project) == [f"gone.test/x@{query}"]


def test_what_go_sum_lacks_is_wanted_where_it_is_not_held(larder, project, stocked, env):
    for name in ("go.mod", "m.go"):
        project.write(name, {"go.mod": "module example.com/m\n\ngo 1.21\n\nrequire (\n\texample.com/a v1.0.0\n\tgone.test/x v1.0.0\n)\n",
                             "m.go": "package m\n\nimport (\n\t_ \"example.com/a\"\n\t_ \"gone.test/x\"\n)\n"}[name])
    done = larder("mod", "vendor", "--from-store", "--wants", "wants.txt", cwd=project.path)
    assert done.status == 1 and "missing go.sum entry" in done.err
    assert wants(project) == ["gone.test/x@v1.0.0"]


def test_wants_are_what_stock_takes(larder, upstream, project, stocked, tmp_path, env):
    """Inside a list is written, outside it is stocked, inside it is enough."""
    new = """module new.test/x v1.4.0
-- go.mod --
module new.test/x
go 1.21
-- y/y.go --
package y
"""
    other = "module gone.test/x v1.2.0\n-- go.mod --\nmodule gone.test/x\n-- x.go --\npackage x\n"
    upstream([*MODULES, new, other]).write_to(tmp_path / "outside")
    project.write("go.mod", "module example.com/m\n\ngo 1.21\n\nrequire gone.test/x v1.2.0\n")
    project.write("m.go", "package m\n\nimport (\n\t_ \"example.com/a/sub\"\n\t_ \"gone.test/x\"\n)\n")
    project.write("n.go", "package m\n\nimport _ \"new.test/x/y\"\n")
    for trip in range(3):
        done = larder("mod", "tidy", "--from-store", "--wants", "wants.txt", cwd=project.path)
        if done.status == 0:
            break
        larder("stock", "wants.txt", cwd=project.path, env={"GOPROXY": (tmp_path / "outside").as_uri()}, ok=True)
    assert done.status == 0 and trip <= 2, done
    assert "new.test/x v1.4.0" in project.read("go.mod")


def test_stock_finds_the_module_of_a_package(larder, stocked, tmp_path, env):
    env["LARDER_STORE"] = str(tmp_path / "other")
    env["GOPROXY"] = (tmp_path / "proxy").as_uri()
    larder("stock", "example.com/a/sub@<v1.1.0", "example.com/c/windows@latest", cwd=tmp_path, ok=True)
    held = larder("list", "-m", "--from-store", "-versions", "example.com/a", "example.com/c", cwd=tmp_path, ok=True)
    assert held.out == "example.com/a v1.0.0\nexample.com/c v1.0.0 v1.1.0\n"
    done = larder("stock", "example.com/t/nowhere@latest", cwd=tmp_path)
    assert done.status == 1 and "example.com/t@v1.0.0 was stocked, but does not contain package example.com/t/nowhere" in done.err
