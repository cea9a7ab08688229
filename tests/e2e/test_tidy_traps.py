# SPDX-License-Identifier: Apache-2.0
"""Where resolution surprises: each rule in a graph that is as small as it gets, beside the real go."""
import re

import pytest
from conftest import make_writable, remove_tree
from test_as_go import said, same  # noqa: F401

WORDS = ["mod tidy", "mod tidy -e", "mod why -m all", "mod vendor"]
GO_LINES = ["1.16", "1.17", "1.21"]


def module(name, version="v1.0.0", go="1.21", requires="", **files):
    """requires: "b@v1.0.0 c@v1.1.0". files: a="…" is a.go, what it imports being named as in requires."""
    path = f"example.test/{name}"
    lines = "".join(f"require example.test/{one.replace('@', ' ')}\n" for one in requires.split())
    sources = "".join(f"-- {file}.go --\n{source(file, imports)}" for file, imports in files.items())
    return f"module {path} {version}\n-- go.mod --\nmodule {path}\n\ngo {go}\n\n{lines}{sources}"


def source(file, imports):
    package = "p_test" if file.endswith("_test") else "p"
    return f"package {package}\n\n" + "".join(f'import _ "example.test/{one}"\n' for one in imports.split())


def main(go="1.21", requires="", **files):
    """Files of a main module, written as those of `module`; a requirement ~b@v1.0.0 is indirect."""
    lines = [f"require example.test/{one.strip('~').replace('@', ' ')}{' // indirect' if one[0] == '~' else ''}" for one in requires.split()]
    text = f"module example.test/m\n\ngo {go}\n\n" + "".join(line + "\n" for line in lines)
    return {"go.mod": text, **{f"{file}.go": source(file, imports) for file, imports in files.items()}}


@pytest.fixture
def tidied(same, upstream):  # noqa: F811
    """tidied(modules, files, words): as `same`, served by a proxy, with all sums there. Returns what go did."""
    def play(modules, files, words="mod tidy", **env):
        up = upstream(modules)
        sums = "" if "tidy" in words else up.go_sum()
        return same({"go.sum": sums, **files}, *words.split(), env={"GOPROXY": up.url, "GOFLAGS": "-mod=mod", **env})
    return play


# --- tests of dependencies ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("go_line", ["1.15", *GO_LINES])
@pytest.mark.parametrize("words", ["mod tidy", "mod tidy -v", "mod tidy -e"])
def test_tests_of_what_only_tests_need_do_not_count(tidied, go_line, words):
    modules = [module("d", requires="e@v1.0.0", d="", d_test="e", go=go_line), module("e", e="", e_test="missing", go=go_line)]
    done = tidied(modules, main(go_line, "d@v1.0.0", m="d"), words)
    assert (done.status != 0) == (go_line == "1.15" and "-e" not in words), str(done)  # there `all` takes them in


@pytest.mark.parametrize("go_line", GO_LINES)
def test_tests_of_dependencies_count(tidied, go_line):
    assert tidied([module("d", d="", d_test="missing", go=go_line)], main(go_line, "d@v1.0.0", m="d")).status == 1


# --- ambiguous imports ----------------------------------------------------------------------------------------------

# out has the package in/p until v1.1.0; then in is a module of its own.
SPLIT = [module("out", **{"in/p": "", "out": ""}), module("out", "v1.1.0", out=""), module("out/in", p="")]
SPLIT_17 = [text.replace("go 1.21", "go 1.17") for text in SPLIT]


@pytest.mark.parametrize("go_line", GO_LINES)
@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("roots", ["out@v1.0.0 out/in@v1.0.0", "out@v1.1.0 out/in@v1.0.0", "~out@v1.0.0 out/in@v1.0.0", "out/in@v1.0.0", "out@v1.0.0", "out@v1.1.0", ""])
def test_two_roots_with_one_package(tidied, go_line, words, roots):
    tidied(SPLIT_17, main(go_line, roots, m="out/in"), words)


@pytest.mark.parametrize("go_line", GO_LINES)
@pytest.mark.parametrize("words", ["mod tidy", "mod tidy -e", "mod vendor"])
@pytest.mark.parametrize("roots", ["a@v1.0.0 b@v1.0.0", "a@v1.0.0 b@v1.0.0 ~out/in@v1.0.0", "a@v1.0.0 b@v1.0.0 ~out@v1.0.0", "a@v1.0.0 b@v1.0.0 ~out@v1.1.0", "a@v1.0.0"])
@pytest.mark.parametrize("file", ["", "_test"])
def test_what_a_dependency_imports_is_kept_unambiguous(tidied, go_line, words, roots, file):
    modules = [*SPLIT_17, module("a", go="1.17", requires="out/in@v1.0.0", **{"a": "", "a" + file: "out/in"}),
               module("b", go="1.17", requires="out@v1.0.0", **{"b": "", "b" + file: "out/in"})]
    tidied(modules, main(go_line, roots, m="a b"), words)


@pytest.mark.parametrize("go_line", GO_LINES)
@pytest.mark.parametrize("words", WORDS)
def test_a_root_stays_to_hold_a_version_without_the_package(tidied, go_line, words):
    """Without it, another's requirement would bring back the version of `out` that has the package, too."""
    modules = [*SPLIT_17, module("old", go="1.16", requires="out@v1.0.0", old="")]
    tidied(modules, main(go_line, "old@v1.0.0 out@v1.1.0 out/in@v1.0.0", m="old out/in"), words)


@pytest.mark.parametrize("go_line", GO_LINES)
@pytest.mark.parametrize("compat", ["1.16", "1.17", "1.20"])
def test_an_import_that_only_an_old_go_finds_ambiguous(tidied, go_line, compat):
    modules = [*SPLIT_17, module("a", go="1.17", requires="b@v1.0.0", a=""), module("b", go="1.17", requires="out@v1.0.0", b="")]
    tidied(modules, main(go_line, "a@v1.0.0 out/in@v1.0.0", m="a out/in"), f"mod tidy -compat={compat}")


EXCLUDED = "//go:build ignore\n\npackage main\n"


@pytest.mark.parametrize("words", ["mod tidy", "mod vendor"])
@pytest.mark.parametrize("name", ["p.go", "_p.go", ".p.go", "p_test.go", "p.txt"])
@pytest.mark.parametrize("text", [EXCLUDED, "", "package p\n"], ids=["excluded", "empty", "good"])
def test_a_file_that_nobody_builds_makes_ambiguous(tidied, words, name, text):
    modules = [module("out", out="") + f"-- in/{name} --\n{text}", module("out/in", p="")]
    tidied(modules, main("1.21", "out@v1.0.0 out/in@v1.0.0", m="out/in"), words)


@pytest.mark.parametrize("words", WORDS)
def test_a_package_of_excluded_files_only(tidied, words):
    tidied([module("out", out="") + f"-- in/p.go --\n{EXCLUDED}"], main("1.21", "out@v1.0.0", m="out/in"), words)


# --- rounds of tidy -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("go_line", GO_LINES)
@pytest.mark.parametrize("words", ["mod tidy", "mod tidy -e"])
def test_what_was_added_on_the_way_stays(tidied, tmp_path, go_line, words):
    """y is found for x and raises x to a version that needs z in its place; that version stays, y goes."""
    modules = [module("x", go="1.17", x="y"), module("x", "v1.1.0", go="1.17", x="z"),
               module("y", go="1.17", requires="x@v1.1.0", y=""), module("z", go="1.17", requires="x@v1.0.0", z="")]
    done = tidied(modules, main(go_line, "x@v1.0.0", m="x"), words)
    assert "found example.test/y in" in done.err and "found example.test/z in" in done.err, str(done)
    text = (tmp_path / "as-larder/project/go.mod").read_text()
    assert "example.test/x v1.1.0" in text and "example.test/y" not in text


@pytest.mark.parametrize("go_line", GO_LINES)
@pytest.mark.parametrize("words", ["mod tidy", "mod tidy -e"])
def test_rounds_that_end_where_the_import_is_gone(tidied, go_line, words):
    """x needs y in its test; the latest y raises x to a version that lacks the package."""
    modules = [module("x", go="1.16", x="", x_test="y"), module("x", "v1.1.0-pre", go="1.16", **{"sub/s": ""}),
               module("y", go="1.16", y=""), module("y", "v1.2.0", go="1.16", requires="x@v1.1.0-pre", y="x/sub")]
    done = tidied(modules, main(go_line, "x@v1.0.0", m="x"), words)
    assert "package example.test/x provided by example.test/x at latest version v1.0.0 but not at required version v1.1.0-pre" in done.err


@pytest.mark.parametrize("go_line", GO_LINES)
@pytest.mark.parametrize("words", ["mod tidy", "mod tidy -e", "mod tidy -v"])
def test_a_latest_below_what_is_required(tidied, go_line, words):
    modules = [module("w", go="1.17", p=""), module("w", "v1.1.0-pre", go="1.17", **{"other/o": ""}), module("v", go="1.17", requires="w@v1.1.0-pre", v="")]
    done = tidied(modules, main(go_line, "v@v1.0.0", m="v w"), words)
    assert "provided by example.test/w at latest version v1.0.0 but not at required version v1.1.0-pre" in done.err, str(done)


def test_a_chain_of_missing_modules(tidied):
    """Each is found only when the one before it was read."""
    modules = [module(f"c{i}", go="1.17", **{"c": f"c{i + 1}"}) for i in range(9)] + [module("c9", go="1.22", c="")]
    for go_line in GO_LINES:
        assert tidied(modules, main(go_line, m="c0")).err.count("found example.test/c") == 10


# --- no proxy -------------------------------------------------------------------------------------------------------------

Q = [module("q", q=""), module("q", "v1.1.0", q="")]


@pytest.mark.parametrize("words", [
    "list -m example.test/q@latest", "list -m -versions example.test/q", "list -m -u all", "list -m example.test/q@v1.0.0", "list -m example.test/q@v1",
    "list -m -json example.test/q@v1.1.0", "mod tidy", "mod tidy -e", "mod download example.test/q@latest", "mod download example.test/q@v1.1.0",
    "mod download", "mod graph", "mod verify", "mod why example.test/q", "mod vendor"])
@pytest.mark.parametrize("requires", ["q@v1.0.0", ""])
@pytest.mark.parametrize("proxy", ["off", "file"])
def test_a_full_cache_and_no_proxy(larder, go, upstream, make_project, words, requires, proxy):
    up, seen = upstream(Q), []
    for who, program in (("as-go", go), ("as-larder", larder)):
        project = make_project(f"{who}/project")
        for name, text in {**main("1.21", requires, m="q"), "go.sum": up.go_sum()}.items():
            project.write(name, text)
        env = {"GOPROXY": up.url, "GOMODCACHE": project.path.parent / "modcache", "GOFLAGS": "-mod=mod"}
        go("mod", "download", "example.test/q@v1.0.0", "example.test/q@v1.1.0", cwd=project.path.parent, env=env, ok=True)
        url = proxy.replace("file", f"file://{project.path.parent}/modcache/cache/download")
        done = program(*words.split(), cwd=project, env={**env, "GOPROXY": url})
        here = str(project.path.parent)
        seen.append((done.status, done.out.replace(here, "$HERE"), [line.replace(here, "$HERE") for line in said(done)], project.read("go.mod"), project.read("go.sum")))
    assert seen[1] == seen[0]


# --- verify, and what stands in place of a module ---------------------------------------------------------------------------


@pytest.mark.parametrize("replace", ["", "example.test/q => ./own", "example.test/q => example.test/r v1.0.0", "example.test/q v1.0.0 => example.test/r v1.0.0",
                                     "example.test/q v1.1.0 => ./own", "example.test/q => ./none", "example.test/q => example.test/none v1.0.0"])
@pytest.mark.parametrize("harm", ["nothing", "q: file changed", "q: file added", "q: folder gone", "q: zip gone", "q: zip changed", "q: ziphash gone",
                                  "r: file changed", "r: ziphash gone"])
def test_verify_of_what_is_replaced(larder, go, upstream, make_project, replace, harm):
    up, seen = upstream([*Q, module("r", r="")]), []
    of, what, how = [*harm.replace(":", "").split(), "", ""][:3]
    for who, program in (("as-go", go), ("as-larder", larder)):
        project = make_project(f"{who}/project")
        files = main("1.21", "q@v1.0.0", m="q")
        files["go.mod"] += f"\nreplace {replace}\n" if replace else ""
        for name, text in {**files, "go.sum": up.go_sum(), "own/go.mod": "module example.test/q\n", "own/q.go": "package q\n"}.items():
            project.write(name, text)
        cache = project.path.parent / "modcache"
        env = {"GOPROXY": up.url, "GOMODCACHE": cache}
        go("mod", "download", "example.test/q@v1.0.0", "example.test/r@v1.0.0", cwd=project.path.parent, env=env, ok=True)
        folder, versions = cache / f"example.test/{of}@v1.0.0", cache / f"cache/download/example.test/{of}/@v"
        make_writable(cache)
        if what == "file":
            file = folder / (f"{of}.go" if how == "changed" else "new.go")
            file.unlink(missing_ok=True)
            file.write_text("package changed\n")
        elif what == "folder":
            remove_tree(folder)
        elif how == "changed":
            (versions / "v1.0.0.zip").write_bytes(up.content.modules["example.test/q", "v1.1.0"].zip)
        elif how:
            (versions / f"v1.0.0.{what}").unlink()
        done = program("mod", "verify", cwd=project, env=env)
        here = str(project.path.parent)
        seen.append((done.status, done.out.replace(here, "$HERE"), [line.replace(here, "$HERE") for line in said(done)]))
    assert seen[1] == seen[0]


# --- a sum that is wrong -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["mod tidy", "mod tidy -e", "mod graph", "mod download", "mod why -m all", "mod vendor -e", "list -m all", "mod verify"])
@pytest.mark.parametrize("which", ["zip", "go.mod"])
def test_a_wrong_sum_is_told_with_nothing_before_it(larder, go, upstream, make_project, words, which):
    up, seen = upstream(Q), []
    zip_line, mod_line = up.content.modules["example.test/q", "v1.0.0"].go_sum().splitlines()
    wrong = "h1:" + "A" * 43 + "="
    sums = f"{re.sub('h1:.*', wrong, zip_line)}\n{mod_line}\n" if which == "zip" else f"{zip_line}\n{re.sub('h1:.*', wrong, mod_line)}\n"
    for who, program in (("as-go", go), ("as-larder", larder)):
        project = make_project(f"{who}/project")
        for name, text in {**main("1.21", "q@v1.0.0", m="q"), "go.sum": sums}.items():
            project.write(name, text)
        done = program(*words.split(), cwd=project, env={"GOPROXY": up.url, "GOMODCACHE": project.path.parent / "modcache"})
        text = "".join(line for line in done.err.splitlines(keepends=True) if ": downloading " not in line)
        seen.append((done.status, done.out, text, project.read("go.sum")))
    assert seen[1] == seen[0]
    assert not seen[0][2] or seen[0][2].startswith("verifying example.test/q@v1.0.0")


# --- a .mod in the module cache that is not whole -----------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["mod graph", "mod tidy", "list -m all"])
@pytest.mark.parametrize("harm", ["cut", "empty", "absent"])
@pytest.mark.parametrize("summed", [True, False])
@pytest.mark.parametrize("proxy", ["on", "off"])
def test_a_mod_that_is_not_whole(larder, go, upstream, make_project, words, harm, summed, proxy):
    up, seen = upstream([module("d", requires="q@v1.0.0", d="q"), *Q]), []
    for who, program in (("as-go", go), ("as-larder", larder)):
        project = make_project(f"{who}/project")
        for name, text in {**main("1.21", "d@v1.0.0 ~q@v1.0.0", m="d"), **({"go.sum": up.go_sum()} if summed else {})}.items():
            project.write(name, text)
        env = {"GOPROXY": up.url, "GOMODCACHE": project.path.parent / "modcache", "GOFLAGS": "-mod=mod"}
        go("mod", "download", "example.test/d@v1.0.0", "example.test/q@v1.0.0", cwd=project.path.parent, env=env, ok=True)
        mod = project.path.parent / "modcache/cache/download/example.test/d/@v/v1.0.0.mod"
        text = mod.read_text()
        mod.unlink()
        if harm != "absent":
            mod.write_text(text[: text.index("require")] if harm == "cut" else "")
        done = program(*words.split(), cwd=project, env={**env, **({"GOPROXY": "off"} if proxy == "off" else {})})
        here = str(project.path.parent)
        sums = project.read("go.sum") if (project.path / "go.sum").exists() else None
        left = project.read("go.mod"), sums, mod.read_text() if mod.exists() else None
        seen.append((done.status, done.out.replace(here, "$HERE"), [line.replace(here, "$HERE") for line in said(done)], left))
    assert seen[1] == seen[0]


# --- what is ignored, and how files are read ---------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["mod tidy -x", "mod tidy -x -v", "mod tidy", "mod vendor"])
@pytest.mark.parametrize("pattern", ["./left", "left", "left/deep", "./none", "testdata", "(\n\t./left\n\tdeep\n)"])
def test_folders_that_are_ignored_are_told(same, words, pattern):  # noqa: F811
    files = {"go.mod": f"module example.test/m\n\ngo 1.25\n\nignore {pattern}\n", "m.go": "package m\n"}
    files |= {f"{name}/x.go": "package x\n" for name in ("left", "left/deep", "in/left", "in/left/deep/er", "testdata", "_left", "left/testdata")}
    same(files, *words.split(), env={})


@pytest.mark.parametrize("settings", [{"GODEBUG": "goindex=0"}, {"GODEBUG": "goindex=1"}, {"GODEBUG": "x=1,goindex=0"}, {"GOCACHE": "off"}, {}], ids=str)
@pytest.mark.parametrize("where, words", [
    *(("main", words) for words in ("mod why example.test/q", "mod why -m all", "mod tidy", "mod tidy -e", "mod vendor")),
    *(("dependency", words) for words in ("mod why example.test/q", "mod why -m all", "mod tidy", "mod tidy -e"))])
def test_errors_in_a_header_without_an_index(tidied, settings, where, words):
    bad = 'package p\n\nimport _ "fmt"\nimport _ "example.test/q"\nimport oops\n'
    good = 'package p\n\nimport _ "example.test/d"\n'
    modules = [module("d", requires="q@v1.0.0", d="") + (f"-- bad.go --\n{bad}" if where == "dependency" else ""), *Q]
    files = {**main("1.21", "d@v1.0.0 q@v1.0.0"), "good.go": good, **({"bad.go": bad} if where == "main" else {})}
    tidied(modules, files, words, **settings)


# --- the layout of go 1.27 ---------------------------------------------------------------------------------------------------

BEFORE = """module example.test/m

go LINE

// about a
require (
\texample.test/a v1.0.0
)

// about the rest
require (
\texample.test/c v1.0.0 // needed

\texample.test/b v1.0.0 // indirect
\t// end
)

// gone
require example.test/d v1.0.0 // indirect
"""
SEPARATE = """// about a
require example.test/a v1.0.0

// about the rest
require (
\texample.test/b v1.0.0 // indirect
\texample.test/c v1.0.0 // needed
// end
)
"""
AT_MOST_TWO = """// about a
//
// about the rest
require (
\texample.test/a v1.0.0
\texample.test/c v1.0.0 // needed
)

require example.test/b v1.0.0 // indirect
"""


@pytest.mark.parametrize("go_line, wanted", [("1.26.0", SEPARATE), ("1.27.0", AT_MOST_TWO)])
def test_blocks_of_a_go_that_larder_goes_on_as(larder, upstream, project, go_line, wanted):
    up = upstream([module("a", requires="b@v1.0.0", a="b"), *(module(one, **{one: ""}) for one in "bcd")])
    project.write("go.mod", BEFORE.replace("LINE", go_line))
    project.write("m.go", source("m", "a c"))
    larder("mod", "tidy", cwd=project, env={"GOPROXY": up.url, "GOTOOLCHAIN": "auto"}, ok=True)
    assert project.read("go.mod") == f"module example.test/m\n\ngo {go_line}\n\n{wanted}"
