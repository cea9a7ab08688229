# SPDX-License-Identifier: Apache-2.0
"""`mod tidy`, `mod why` and `mod vendor` beside the real go command: the same output, files and module cache."""
import json
import os
import shutil

import pytest
from conftest import remove_tree, tree

MODULES = [
    """module example.com/a v1.0.0
-- go.mod --
module example.com/a
go 1.18
require example.com/c v1.0.0
-- LICENSE --
mine
-- a.go --
package a
import "example.com/c"
-- a_test.go --
package a
import _ "example.com/t"
-- sub/README --
not code
-- sub/.hidden --
copied all the same
-- sub/sub.go --
package sub
import _ "embed"
//go:embed data/*.txt all:tree
var files string
-- sub/ignored.go --
//go:build ignore
package main
import "example.com/nowhere"
-- sub/windows.go --
//go:build windows && !linux
package sub
import "example.com/c/windows"
-- sub/data/x.txt --
x
-- sub/data/y.bin --
y
-- sub/tree/_z --
z
-- sub/NOTICE --
notice
""",
    """module example.com/a v1.1.0
-- go.mod --
module example.com/a
go 1.18
require example.com/c v1.1.0
retract v1.2.0
-- a.go --
package a
import "example.com/c"
-- sub/sub.go --
package sub
""",
    """module example.com/a v1.2.0
-- go.mod --
module example.com/a
go 1.18
retract v1.2.0 // by mistake
-- a.go --
package a
""",
    """module example.com/c v1.0.0
-- go.mod --
module example.com/c
go 1.16
require example.com/t v1.0.0
-- c.go --
package c
-- windows/w.go --
package windows
""",
    """module example.com/c v1.1.0
-- go.mod --
module example.com/c
go 1.16
-- c.go --
package c
-- windows/w.go --
package windows
""",
    """module example.com/t v1.0.0
-- go.mod --
module example.com/t
-- t.go --
package t
""",
    """module example.com/t/v2 v2.0.0
-- go.mod --
module example.com/t/v2
-- t.go --
package t
""",
    """module example.com/a/nested v0.1.0
-- go.mod --
module example.com/a/nested
go 1.22
-- n.go --
package nested
""",
    """module example.com/broken v1.0.0
-- go.mod --
module example.com/broken
-- bad.go --
package broken
import "example.com/t" import "example.com/c"
-- good.go --
package broken
import _ "example.com/t"
-- only/ignored.go --
// +build ignore

package only
""",
]

PROJECTS = {
    "adds": "-- go.mod --\nmodule example.com/m\ngo 1.21\n-- m.go --\npackage m\nimport (\n\t\"example.com/a/sub\"\n\t\"fmt\"\n)\n",
    "no go line": "-- go.mod --\nmodule example.com/m\n-- m.go --\npackage m\nimport \"example.com/a\"\n",
    "old": "-- go.mod --\nmodule example.com/m\ngo 1.15\nrequire example.com/a v1.0.0\n-- m.go --\npackage m\nimport \"example.com/a\"\n",
    "1.17": "-- go.mod --\nmodule example.com/m\ngo 1.17\nrequire example.com/a v1.0.0\n-- m.go --\npackage m\nimport \"example.com/a\"\n",
    "raises the go line": "-- go.mod --\nmodule example.com/m\ngo 1.17\n-- m.go --\npackage m\nimport \"example.com/a/nested\"\n",
    "removes": "-- go.mod --\nmodule example.com/m\n\ngo 1.21\n\nrequire example.com/t v1.0.0\n\nrequire example.com/a v1.0.0 // for x\n-- m.go --\npackage m\n-- m_test.go --\npackage m_test\nimport \"example.com/t\"\n",
    "replaced": "-- go.mod --\nmodule example.com/m\ngo 1.21\nreplace example.com/a => ./a\nreplace example.com/c => example.com/c v1.1.0\n-- m.go --\npackage m\nimport \"example.com/a\"\nimport \"example.com/c\"\n-- a/go.mod --\nmodule example.com/a\n-- a/a.go --\npackage a\n",
    "walk": "-- go.mod --\nmodule example.com/m\ngo 1.25\nignore ./left\n-- m.go --\npackage m\n-- testdata/x.go --\npackage x\nimport \"example.com/nowhere\"\n-- _x/x.go --\npackage x\nimport \"example.com/nowhere\"\n-- left/x.go --\npackage x\nimport \"example.com/nowhere\"\n-- in/go.mod --\nmodule example.com/in\n-- in/x.go --\npackage x\nimport \"example.com/nowhere\"\n-- vendor/x/x.go --\npackage x\nimport \"example.com/nowhere\"\n-- deep/er/x.go --\npackage x\nimport \"example.com/t\"\n",
    "tool": "-- go.mod --\nmodule example.com/m\ngo 1.24\ntool example.com/a/sub\n-- m.go --\npackage m\n",
    "missing": "-- go.mod --\nmodule example.com/m\ngo 1.21\nrequire example.com/a v1.0.0\n-- m.go --\npackage m\nimport \"example.com/a/gone\"\nimport \"example.com/nowhere/x\"\n",
    "header errors": "-- go.mod --\nmodule example.com/m\ngo 1.21\nrequire example.com/broken v1.0.0\n-- m.go --\npackage m\nimport \"example.com/broken\"\nimport 7\n",
    "no go files": "-- go.mod --\nmodule example.com/m\ngo 1.21\nrequire example.com/broken v1.0.0\n-- m.go --\npackage m\nimport \"example.com/broken/only\"\n",
    "ambiguous": "-- go.mod --\nmodule example.com/m\ngo 1.21\nreplace example.com/c/windows => ./w\nrequire (\n\texample.com/c v1.0.0\n\texample.com/c/windows v1.0.0\n)\n-- m.go --\npackage m\nimport \"example.com/c/windows\"\n-- w/go.mod --\nmodule example.com/c/windows\n-- w/w.go --\npackage windows\n",
    "looked into on the way": "-- go.mod --\nmodule example.com/m\ngo 1.21\nrequire example.com/a v1.0.0\n-- m.go --\npackage m\nimport \"example.com/a/sub\"\nimport \"example.com/t/v2\"\n",
    "empty": "-- go.mod --\nmodule example.com/m\ngo 1.21\n",
    "queries": "-- go.mod --\nmodule example.com/m\ngo 1.21\nrequire (\n\texample.com/a v1.0\n\texample.com/c <v1.1.0\n\texample.com/t latest\n)\n-- m.go --\npackage m\nimport \"example.com/a/sub\"\nimport \"example.com/c\"\n",
    "excluded": "-- go.mod --\nmodule example.com/m\ngo 1.26\ntoolchain go1.24\nrequire (\n\texample.com/a v1.1.0\n\texample.com/c v1.0.0\n)\nexclude example.com/c v1.1.0\n-- m.go --\npackage m\nimport \"example.com/a\"\nimport \"example.com/c\"\n",
    "no such query": "-- go.mod --\nmodule example.com/m\ngo 1.21\nrequire example.com/a v7\n-- m.go --\npackage m\n",
}

COMMANDS = [
    "mod tidy", "mod tidy -v", "mod tidy -e", "mod tidy -diff", "mod tidy -go=1.16", "mod tidy -compat=1.16",
    "mod tidy -x=false -go=1.23", "mod why all", "mod why -m all", "mod why -m -vendor all example.com/zzz",
    "mod why example.com/t example.com/nowhere ./...", "mod tidy | mod vendor -v", "mod vendor", "mod tidy -e | mod vendor -e -o out/there",
]


# Go 1.26 itself ends in a panic here.
CRASHES = {("raises the go line", "mod tidy -go=1.16")}
CRASHES |= {("excluded", "mod tidy -compat=1.16")}  # an internal error
# go refuses, by an internal error, to look for embeds behind a header that does not parse.
CRASHES |= {("header errors", c) for c in COMMANDS if "vendor" in c}


@pytest.fixture
def proxy(upstream, tmp_path, env):
    upstream(MODULES).write_to(tmp_path / "proxy")
    env["GOPROXY"] = (tmp_path / "proxy").as_uri()


def said(text):
    """Messages without order: go itself varies it. The prefix is each program's own."""
    lines = [line.replace("larder: ", "go: ", 1) for line in text.splitlines()]
    return sorted(line for line in lines if not line.startswith("  hint: "))


def cache_content(env):
    found = tree(env["GOMODCACHE"]) if os.path.isdir(env["GOMODCACHE"]) else {}
    return {name: content for name, content in found.items()
            if content is not None and not name.endswith((".lock", "cache/lock"))}


def play(run, commands, project, text, env):
    """Each command in turn on a fresh copy; everything it leaves."""
    for folder in (project.path, env["GOMODCACHE"]):
        remove_tree(folder)
    project.path.mkdir()
    project.write_txtar(text)
    done = [run(*command.split(), cwd=project.path) for command in commands.split(" | ")]
    return ([(d.status, d.out, said(d.err)) for d in done], tree(project.path), cache_content(env))


@pytest.mark.parametrize("name", PROJECTS)
def test_as_go(name, larder, go, project, proxy, env):
    for commands in COMMANDS:
        if (name, commands) in CRASHES:
            continue
        want = play(go, commands, project, PROJECTS[name], env)
        have = play(larder, commands, project, PROJECTS[name], env)
        assert have[0] == want[0], commands
        assert have[1] == want[1], commands
        assert sorted(have[2]) == sorted(want[2]), commands
        assert have[2] == want[2], commands


# Two modules that ask for different versions, one of them through a folder; and go.work lines around them.
MEMBERS = """-- a/go.mod --
module example.com/x/a
go 1.18
require example.com/a v1.0.0
require example.com/c v1.0.0 // indirect
-- a/a.go --
package a
import _ "example.com/a/sub"
-- b/go.mod --
module example.com/x/b
go 1.21
require example.com/a v1.1.0 // why not
require example.com/c v1.1.0
require example.com/r v1.0.0
replace example.com/r => ../r
-- b/b.go --
package b
import _ "example.com/a"
import _ "example.com/c"
import _ "example.com/r"
import _ "example.com/x/a"
-- b/b_test.go --
package b
import _ "example.com/t"
-- old/go.mod --
module example.com/x/old
require example.com/c v1.0.0
-- old/old.go --
package old
import _ "example.com/c"
-- r/go.mod --
module example.com/r
-- r/r.go --
package r
"""
WORKSPACES = {
    "two": "-- go.work --\ngo 1.21\nuse (\n\t./b\n\t./a // first\n)\n",
    "three": "-- go.work --\ngo 1.22\ntoolchain go1.22.5\nuse ./a\nuse ./b\nuse ./old\n",
    "low": "-- go.work --\ngo 1.18\nuse ./a\nuse ./old\n",
    "no go line": "-- go.work --\nuse ./a\nuse ./old\n",
    "too low": "-- go.work --\ngo 1.18\nuse ./a\nuse ./b\n",
    "replaces": "-- go.work --\ngo 1.21\nuse ./a\nuse ./b\nreplace example.com/c => ./c\nreplace example.com/zzz v1.0.0 => example.com/t v1.0.0\n-- c/go.mod --\nmodule example.com/c\n-- c/c.go --\npackage c\n-- c/windows/w.go --\npackage windows\n",
    "empty": "-- go.work --\ngo 1.21\n",
    "missing": "-- go.work --\ngo 1.21\nuse ./a\nuse ./nowhere\nuse ./neither\n",
    "none": "",
}
WORKSPACE_COMMANDS = ["work sync", "work vendor -v", "work vendor -e -o out | work sync | work sync", "mod vendor", "work sync x",
                      "work vendor x", "work sync -nope", "work vendor -nope"]


@pytest.mark.parametrize("name", WORKSPACES)
def test_workspaces_as_go(name, larder, go, project, proxy, env):
    env["GOWORK"] = ""
    for commands in WORKSPACE_COMMANDS:
        want = play(go, commands, project, WORKSPACES[name] + MEMBERS, env)
        have = play(larder, commands, project, WORKSPACES[name] + MEMBERS, env)
        assert have[0] == want[0], commands
        assert have[1] == want[1], commands
        assert have[2] == want[2], commands


def test_no_go_version_fits(larder, project, proxy, env):
    """go panics here."""
    project.write_txtar(PROJECTS["raises the go line"])
    done = larder("mod", "tidy", "-e", "-go=1.16", cwd=project.path)
    assert done.status == 1 and "no go version fits" in done.err and "internal error" not in done.err


def test_tidy_after_every_removable_line_is_gone(larder, project, proxy, env):
    """What tidy finds again without any line is what it found with them."""
    for name in ("adds", "tool", "1.17"):
        shutil.rmtree(project.path)
        project.path.mkdir()
        project.write_txtar(PROJECTS[name])
        larder("mod", "tidy", cwd=project.path, ok=True)
        larder("mod", "edit", "-require=example.com/c@v1.1.0", "-require=example.com/a@v1.1.0", cwd=project.path, ok=True)
        larder("mod", "tidy", cwd=project.path, ok=True)
        first = tree(project.path)
        text = (project.path / "go.mod").read_text()
        kept = [line for line in text.splitlines() if "require" not in line and not line.startswith(("\texample", ")"))]
        project.write("go.mod", "\n".join(kept) + "\n")
        (project.path / "go.sum").unlink(missing_ok=True)
        larder("mod", "tidy", cwd=project.path, ok=True)
        assert tree(project.path) == first, name


def test_tidy_twice_is_once(larder, project, proxy, env):
    for text in (PROJECTS["adds"], PROJECTS["1.17"], PROJECTS["raises the go line"]):
        shutil.rmtree(project.path)
        project.path.mkdir()
        project.write_txtar(text)
        larder("mod", "tidy", cwd=project.path, ok=True)
        first = tree(project.path)
        done = larder("mod", "tidy", "-v", cwd=project.path, ok=True)
        assert tree(project.path) == first and done.err == ""
        assert larder("mod", "tidy", "-diff", cwd=project.path, ok=True).out == ""


def test_a_sum_that_does_not_match_changes_nothing(larder, go, project, proxy, env):
    text = PROJECTS["old"] + "-- go.sum --\nexample.com/a v1.0.0 h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
    want = play(go, "mod tidy -e", project, text, env)
    have = play(larder, "mod tidy -e", project, text, env)
    assert have[0][0][0] == want[0][0][0] == 1
    assert have[1] == want[1]
    assert any("SECURITY ERROR" in line for line in have[0][0][2])


def test_wrong_flags(larder, go, project, env):
    project.write_txtar(PROJECTS["empty"])
    for words in ("tidy x", "tidy -go=x", "tidy -compat=9.9", "tidy -nope", "vendor x", "vendor -nope", "why -nope",
                  "why -m example.com/a@v1.0.0"):
        want, have = go("mod", *words.split(), cwd=project.path), larder("mod", *words.split(), cwd=project.path)
        assert (have.status, have.out, said(have.err)) == (want.status, want.out, said(want.err)), words


def test_the_standard_library(larder, go, project, env):
    """Every package of it is scanned as go scans it: same packages, same shortest ways."""
    packages = go("list", "std", ok=True).out.split()
    imports = "".join(f'\t_ "{p}"\n' for p in packages if "internal" not in p.split("/") and not p.startswith("vendor/"))
    project.write("go.mod", f"module example.com/m\n\ngo 1.21\n")
    project.write("m.go", f"package m\n\nimport (\n{imports})\n")
    want = go("mod", "why", "all", cwd=project.path, ok=True)
    have = larder("mod", "why", "all", cwd=project.path, ok=True)
    assert have.out == want.out
    everything = {line[2:] for line in have.out.splitlines() if line.startswith("# ")}
    listed = go("list", "-deps", "-json", ".", cwd=project.path, ok=True).out
    decoder, at, seen = json.JSONDecoder(), 0, 0
    while at < len(listed):
        package, at = decoder.raw_decode(listed, at)
        at += 1
        if package["ImportPath"] in ("unsafe", "C"):
            continue
        seen += 1
        assert package["ImportPath"] in everything, package["ImportPath"]
        # What a real build imports is among what any build could.
        assert set(package.get("Imports", [])) - {"C", "unsafe"} <= everything
    assert seen > 100
