# SPDX-License-Identifier: Apache-2.0
"""--no-extract and --from-store: packages of dependencies are read from the zips where they lie. The same output and
the same files as with extracted trees; no tree appears in the module cache, and with --from-store nothing at all."""
import io
import os
import pathlib
import zipfile

import pytest
from conftest import remove_tree, tree
from test_packages import COMMANDS, MODULES, PROJECTS, play

# What is special about zips: names, folders that hold no package, vendor folders, nested go.mod, embeds far and near.
ODD = """module example.com/odd v1.0.0
-- go.mod --
module example.com/odd
go 1.21
-- LICENSE --
root
-- odd.go --
package odd
import _ "embed"
//go:embed all:files/a-b files/*.txt
var files string
-- odd_test.go --
package odd_test
import (
	_ "embed"
	_ "example.com/t"
)
//go:embed testdata/t.txt
var t string
-- testdata/t.txt --
t
-- files/a-b/_under/.dot --
dot
-- files/a-b/with space.bin --
s
-- files/x.txt --
x
-- vendor/example.com/t/t.go --
package t
-- internal/deep/er/er.go --
package er
import _ "example.com/c"
-- internal/deep/COPYING.txt --
deep
-- internal/deep/er/asm_arm64.s --
// asm
-- internal/deep/er/x.go/not-a-source --
a folder that is named as a source
-- only_docs/README --
no package
-- _hidden/h.go --
package hidden
-- upper/UPPER_linux.go --
package upper
import _ "example.com/a/sub"
-- upper/.dot.go --
package nowhere
"""
ALL = [*MODULES, ODD]
MORE = {
    "odd": "-- go.mod --\nmodule example.com/m\ngo 1.21\n-- m.go --\npackage m\nimport (\n\t_ \"example.com/odd\"\n\t_ \"example.com/odd/internal/deep/er\"\n\t_ \"example.com/odd/_hidden\"\n\t_ \"example.com/odd/upper\"\n)\n",
    "odd and old": "-- go.mod --\nmodule example.com/m\ngo 1.15\nrequire example.com/odd v1.0.0\n-- m.go --\npackage m\nimport _ \"example.com/odd\"\n",
    "odd and missing": "-- go.mod --\nmodule example.com/m\ngo 1.21\nrequire example.com/odd v1.0.0\n-- m.go --\npackage m\nimport (\n\t_ \"example.com/odd/only_docs\"\n\t_ \"example.com/odd/internal/deep/er/x.go\"\n\t_ \"example.com/odd/files\"\n)\n",
}
ALL_PROJECTS = {**PROJECTS, **MORE}


def with_flag(commands, flag):
    return " | ".join(f"{command} {flag}" if not command.startswith("mod why") else command.replace("mod why", f"mod why {flag}", 1)
                      for command in commands.split(" | "))


def trees_of(content):
    """What of a module cache is below no `cache` folder: extracted trees."""
    return {name for name in content if not name.startswith("cache/")}


@pytest.fixture
def proxy(upstream, tmp_path, env):
    server = upstream(ALL)
    server.write_to(tmp_path / "proxy")
    env["GOPROXY"] = (tmp_path / "proxy").as_uri()
    return server


@pytest.mark.parametrize("name", ALL_PROJECTS)
def test_as_extracted(name, larder, project, proxy, env):
    for commands in COMMANDS:
        want = play(larder, commands, project, ALL_PROJECTS[name], env)
        have = play(larder, with_flag(commands, "--no-extract"), project, ALL_PROJECTS[name], env)
        assert have[0] == want[0], commands
        assert have[1] == want[1], commands
        assert trees_of(have[2]) == set(), commands
        assert have[2] == {k: v for k, v in want[2].items() if k not in trees_of(want[2])}, commands


@pytest.mark.parametrize("name", MORE)
def test_odd_modules_as_go(name, larder, go, project, proxy, env):
    """Else the two tests beside this one would compare Larder with itself."""
    for commands in ("mod tidy", "mod tidy -e | mod vendor -e", "mod why -m all"):
        want = play(go, commands, project, MORE[name], env)
        have = play(larder, with_flag(commands, "--no-extract"), project, MORE[name], env)
        assert have[:2] == want[:2], commands


@pytest.fixture
def stocked(larder, proxy, tmp_path, env):
    names = [text.split("\n", 1)[0].split()[1:] for text in ALL]
    larder("stock", *[f"{path}@{version}" for path, version in names], cwd=tmp_path, ok=True)
    remove_tree(env["GOMODCACHE"])


def without_downloads(done):
    """Nor what --from-store says in addition: a list of what is missing."""
    def is_of_both(line):
        return not line.startswith(("go: downloading ", "go: missing, to be brought in")) and not line.endswith("@latest")
    return [(status, out, [line for line in err if is_of_both(line)]) for status, out, err in done]


@pytest.mark.parametrize("name", ["adds", "removes", "replaced", "header errors", "no go files", "ambiguous", "tool", *MORE])
def test_from_store_leaves_the_module_cache_as_it_is(name, larder, project, stocked, env):
    for commands in ("mod tidy", "mod tidy -e | mod vendor -e -v", "mod why -m all", "mod vendor"):
        want = play(larder, commands, project, ALL_PROJECTS[name], env)
        remove_tree(project.path)
        have = play(larder, with_flag(commands, "--from-store"), project, ALL_PROJECTS[name], env)
        assert without_downloads(have[0]) == without_downloads(want[0]), commands
        assert have[1] == want[1], commands
        assert have[2] == {}, commands


def test_indexes_are_shared(larder, project, proxy, tmp_path, env):
    """An index of a zip and one of its tree are the same bytes."""
    text = MORE["odd"]
    seen = []
    for number, flag in enumerate(("", "--no-extract")):
        env["LARDER_INDEX"] = str(tmp_path / f"index{number}")
        play(larder, with_flag("mod tidy | mod vendor", flag) if flag else "mod tidy | mod vendor", project, text, env)
        seen.append(tree(tmp_path / f"index{number}" / "packages"))
    assert seen[0] == seen[1]
    assert sum(1 for content in seen[0].values() if content is not None) >= 4


def held_zip(env, kind, module="example.com/odd/@v/v1.0.0.zip"):
    below = {"cache": pathlib.Path(env["GOMODCACHE"]) / "cache/download", "store": pathlib.Path(env["LARDER_STORE"]) / "go"}
    return below[kind] / module


def with_other_content(path):
    """The zip with one source changed: a sound zip that is not what its hash says."""
    out = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            new.writestr(entry.filename, data + (b"\n// changed\n" if entry.filename.endswith("er.go") else b""))
    return out.getvalue()


@pytest.mark.parametrize("index", ["off", "on"])
@pytest.mark.parametrize("kind", ["cache", "store"])
def test_a_changed_zip_is_refused(kind, index, larder, project, stocked, tmp_path, env):
    env["LARDER_INDEX"] = "off" if index == "off" else str(tmp_path / "index")
    flag = "--no-extract" if kind == "cache" else "--from-store"
    project.write_txtar(MORE["odd"])
    larder("mod", "tidy", flag, cwd=project.path, ok=True)
    before = tree(project.path)
    zip_file = held_zip(env, kind)
    sound = zip_file.read_bytes()
    for damage in (with_other_content(zip_file), sound[:-40], b""):
        os.chmod(zip_file, 0o644)
        zip_file.write_bytes(damage)
        for command in ("tidy", "vendor"):
            done = larder("mod", command, flag, cwd=project.path)
            assert done.status == 3, done
            assert "example.com/odd@v1.0.0" in done.err and done.err.count("\n") < 12, done
            assert kind == "cache" or f"damaged or not vouched for in {env['LARDER_STORE']}" in done.err, done
            assert {k: v for k, v in tree(project.path).items() if not k.startswith("vendor")} == before
        if kind == "store":
            larder("mod", "tidy", flag, "--wants", tmp_path / "wants", cwd=project.path)
            assert "example.com/odd@v1.0.0" in (tmp_path / "wants").read_text().splitlines()
    zip_file.write_bytes(sound)
    larder("mod", "vendor", flag, cwd=project.path, ok=True)


@pytest.mark.parametrize("part", [".mod", ".zip"])
def test_damage_in_the_store_is_status_3_with_every_command(part, larder, project, stocked, tmp_path, env):
    project.write_txtar(MORE["odd"])
    larder("mod", "tidy", "--from-store", cwd=project.path, ok=True)
    file = held_zip(env, "store", f"example.com/a/@v/v1.1.0{part}")
    os.chmod(file, 0o644)
    file.write_bytes(file.read_bytes()[:-5])
    commands = ["mod tidy", "mod tidy -e", "mod vendor -e", "mod why -m all", "mod download"]
    for words in commands + (["mod graph", "list -m all"] if part == ".mod" else []):
        name = words.split()
        done = larder(*name[:2], "--from-store", *name[2:], cwd=project.path)
        assert done.status == 3 and "example.com/a@v1.1.0" in done.err, done
    larder("mod", "tidy", "--from-store", "--wants", tmp_path / "wants", cwd=project.path)
    assert (tmp_path / "wants").read_text() == "example.com/a@v1.1.0\n"


@pytest.mark.parametrize("words", [["mod", "graph"], ["list", "-m", "-json", "all"]])
def test_what_only_looks_leaves_the_module_cache_as_it_is(words, larder, project, stocked, env):
    project.write_txtar(MORE["odd"])
    larder("mod", "tidy", "--from-store", cwd=project.path, ok=True)
    done = larder(*words[:2], "--from-store", *words[2:], cwd=project.path, ok=True)
    assert "example.com/odd" in done.out
    cached = tree(env["GOMODCACHE"]) if os.path.exists(env["GOMODCACHE"]) else {}
    assert set(cached) <= {"cache", "cache/lock"}
    larder("mod", "download", "--from-store", cwd=project.path, ok=True)
    assert tree(env["GOMODCACHE"])


def test_links_in_a_zip_are_files(larder, go, project, env, tmp_path):
    """As in extraction: the mode of an entry means nothing."""
    at = tmp_path / "proxy/example.com/link/@v"
    at.mkdir(parents=True)
    prefix = "example.com/link@v1.0.0/"
    with zipfile.ZipFile(at / "v1.0.0.zip", "w") as out:
        out.writestr(prefix + "go.mod", "module example.com/link\n")
        out.writestr(prefix + "l.go", "package l\nimport _ \"embed\"\n//go:embed *.txt\nvar s string\n")
        link = zipfile.ZipInfo(prefix + "link.txt")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        out.writestr(link, "../../../../etc/passwd")
    (at / "v1.0.0.mod").write_text("module example.com/link\n")
    (at / "v1.0.0.info").write_text('{"Version":"v1.0.0","Time":"2020-01-01T00:00:00Z"}')
    (at / "list").write_text("v1.0.0\n")
    env["GOPROXY"] = (tmp_path / "proxy").as_uri()
    text = "-- go.mod --\nmodule example.com/m\ngo 1.21\n-- m.go --\npackage m\nimport _ \"example.com/link\"\n"
    want = play(go, "mod tidy | mod vendor", project, text, env)
    have = play(larder, "mod tidy --no-extract | mod vendor --no-extract", project, text, env)
    assert have[:2] == want[:2]
    assert have[1].get("vendor/example.com/link/link.txt") in (b"../../../../etc/passwd", None)
