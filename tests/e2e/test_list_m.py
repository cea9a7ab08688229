# SPDX-License-Identifier: Apache-2.0
"""`larder list -m` beside `go list -m`: the same words, status, files and module cache, each on a copy of its own."""
import shlex

import pytest
from conftest import tree
from upstream import parse_txtar


def module(path, version, mod="", more=""):
    return f"module {path} {version}\n{more}-- go.mod --\nmodule {path}\n\ngo 1.20\n{mod}-- x.go --\npackage x\n"


MODULES = [
    module("example.com/a", "v1.0.0", "\nrequire example.com/b v1.0.0\n"),
    module("example.com/a", "v1.1.0", "\nrequire example.com/b v1.1.0\n"),
    module("example.com/a", "v1.2.0-rc.1"),
    module("example.com/b", "v1.0.0"),
    module("example.com/b", "v1.1.0"),
    "module example.com/old v1.0.0\n-- go.mod --\n// Deprecated: use example.com/new\nmodule example.com/old\n-- x.go --\npackage x\n",
    module("example.com/oops", "v1.0.0"),
    module("example.com/oops", "v1.1.0", "\nretract (\n\tv1.1.0 // broken <b>\n\tv1.0.5\n)\n"),
    module("example.com/oops", "v1.0.5"),
    module("example.com/Upper", "v0.0.0-20240506070809-abcdef012345"),
    module("example.com/future", "v1.0.0", "").replace("go 1.20", "go 1.999"),
    "module example.com/legacy v2.0.0+incompatible\n-- x.go --\npackage x\n",
]

PRUNED = """
-- go.mod --
module example.com/m

go 1.20

require (
	example.com/a v1.0.0
	example.com/oops v1.0.5
	example.com/old v1.0.0
)

require example.com/b v1.0.0 // indirect
"""
UNPRUNED = """
-- go.mod --
module example.com/m

go 1.16

require example.com/a v1.1.0

require example.com/legacy v2.0.0+incompatible
"""
REPLACED = """
-- go.mod --
module example.com/m

go 1.20

require (
	example.com/a v1.0.0
	example.com/b v1.0.0
	example.com/old v1.0.0
)

replace (
	example.com/a => ./a
	example.com/b v1.0.0 => example.com/b v1.1.0
)

exclude example.com/old v1.5.0
-- a/go.mod --
module example.com/other

go 1.19
"""
WORK = """
-- go.work --
go 1.21

use (
	./x
	./y
)
-- x/go.mod --
module example.com/x

go 1.20

require example.com/a v1.0.0
-- y/go.mod --
module example.com/y

go 1.21

require example.com/b v1.1.0
"""
EXCLUDED = PRUNED.replace("-- go.mod --", "-- go.mod --").rstrip() + "\n\nexclude example.com/old v1.0.0\n"
VENDORED = UNPRUNED.replace("go 1.16", "go 1.20") + """
-- vendor/modules.txt --
# example.com/a v1.1.0
## explicit; go 1.20
example.com/a
# example.com/legacy v2.0.0+incompatible
## explicit
example.com/legacy
"""
STALE_VENDOR = VENDORED.replace("## explicit\n", "", 1)
INCONSISTENT = PRUNED.replace("example.com/b v1.0.0 // indirect", "example.com/b v0.9.0 // indirect")
NO_GO_LINE = "-- go.mod --\nmodule example.com/m\n\nrequire example.com/a v1.0.0\n"
QUERY_IN_FILE = NO_GO_LINE.replace("v1.0.0", "v1").replace("require", "go 1.20\n\nrequire")
FUTURE = "-- go.mod --\nmodule example.com/m\n\ngo 1.999\n"
BROKEN = "-- go.mod --\nmodule example.com/m\n\ngo 1.20\n\nrequire example.com/none v1.0.0\n"
EMPTY = "-- x --\n"

JSON = ["-m -json", "-m -json all", "-m -json=Path,Version,Error all"]
GRAPH = ["-m", "-m all", "-m example.com/...", "-m example.com/a", "-m example.com/none", "-m -e example.com/none all"]
LOOK_UP = ["-m -u all", "-m -u -json all", "-m -versions all", "-m -versions -retracted all", "-m -retracted all",
           "-m -u -f '{{.Path}} {{.Deprecated}} {{with .Update}}{{.Version}}{{end}} {{.Retracted}}' all"]
QUERIES = ["-m " + q for q in (
    "example.com/a@latest", "example.com/a@v1", "example.com/a@v1.2", "example.com/a@<v1.1.0", "example.com/a@>=v1.1.0",
    "example.com/a@<=v1", "example.com/a@<oops", "example.com/a@upgrade", "example.com/a@patch", "example.com/none@latest",
    "example.com/a@v9.9.9", "example.com/a@no-such-branch", "example.com/oops@latest", "-json example.com/oops@v1.1.0",
    "example.com/Upper@latest", "-json example.com/legacy@latest", "example.com/a@v2", "example.com@latest", "example.com/a@-x",
    "-u example.com/b@v1.0.0", "no-dot@latest", "std@latest", "-json example.com/b@v1.0.0", "example.com/future@v1.0.0",
    "-versions example.com/b", "-versions example.com/none", r"'a\b'", "./a", "-e example.com/none@v1 example.com/a@v1.0.0")]
MODES = ["-m -mod=mod all", "-m -mod=vendor example.com/a", "-m -mod=vendor -json example.com/a", "-m -mod=vendor all",
          "-m -mod=readonly example.com/a", "-m -mod=mod -json all", "-m -mod=vendor example.com/a@v1.0.0"]
WRONG = ["-m -mod=other", "-m -f '{{.Foo}}'", "-m -f '{{.Update.Path}}'", "-m -json -f x", "-m -nosuch", "-m -f '{{'", "-m -u=maybe", "-m -deps"]
PLAIN = ["-m -f '{{.GoMod}}|{{.Dir}}|{{.GoVersion}}|{{.Main}}|{{.Indirect}}|{{.Time}}' all",
         "-m -f '{{if .Replace}}{{.Replace}}{{end}}' all", "-m -f '{{.Error}}' all"]

CASES = {
    "pruned": (PRUNED, JSON + GRAPH + LOOK_UP + QUERIES + WRONG + PLAIN),
    "unpruned": (UNPRUNED, JSON + GRAPH + LOOK_UP + QUERIES[:12]),
    "replaced": (REPLACED, JSON + GRAPH + LOOK_UP + QUERIES[:12] + PLAIN),
    "work": (WORK, JSON + GRAPH + LOOK_UP + QUERIES[:6] + MODES + PLAIN),
    "excluded": (EXCLUDED, JSON + GRAPH + MODES[:1] + MODES[4:6]),
    "vendored": (VENDORED, JSON + GRAPH + LOOK_UP + QUERIES[:4] + MODES),
    "stale vendor": (STALE_VENDOR, GRAPH + MODES),
    "inconsistent": (INCONSISTENT, GRAPH + ["-m -mod=readonly all"]),
    "no go line": (NO_GO_LINE, JSON + GRAPH + MODES),
    "query in go.mod": (QUERY_IN_FILE, JSON[:2] + GRAPH[:3] + MODES[:1] + MODES[4:6]),
    "future": (FUTURE, GRAPH[:2]),
    "broken": (BROKEN, JSON + GRAPH + LOOK_UP[:3]),
    "no module": (EMPTY, JSON + GRAPH + LOOK_UP[2:3] + QUERIES),
}


class Side:
    """A program on a project and a module cache of its own."""

    def __init__(self, run, folder, files):
        self.run, self.folder, self.files = run, folder, files

    def __call__(self, words, proxy, sums):
        project, cache = self.folder / "p", self.folder / "cache"
        for name, data in self.files.items():
            (project / name).parent.mkdir(parents=True, exist_ok=True)
            (project / name).write_bytes(data)
            if name.endswith("go.mod") and sums:
                (project / name).with_name("go.sum").write_text(sums)
        done = self.run("list", *words, cwd=project,
                        env={"GOMODCACHE": cache, "GOPROXY": proxy, "GOWORK": None, "PWD": project})
        files = {k: v for k, v in tree(cache).items() if not k.endswith(".lock")} if cache.exists() else {}
        text = [t.replace(str(self.folder), "SIDE") for t in (done.out, done.err)]
        return done.status, text[0], text[1].replace("larder: ", "go: "), tree(project), files


def only_different(one, other):
    """Of folders only the files that differ."""
    def reduced(a, b):
        return {k: v for k, v in a.items() if k not in b or b[k] != v} if isinstance(a, dict) else a
    return [[reduced(a, b) for a, b in zip(*pair)] for pair in ((one, other), (other, one))]


@pytest.mark.parametrize("name", CASES)
def test_as_go(larder, go, tmp_path, upstream, name):
    up = upstream(MODULES)
    text, lines = CASES[name]
    files = parse_txtar(text)[1]
    different = []
    for number, line in enumerate(lines):
        without = [""] if line in JSON + GRAPH + MODES else []
        for sums in [up.go_sum(), *without]:
            sides = [Side(run, tmp_path / f"{number}{bool(sums)}{side}", files) for side, run in enumerate((go, larder))]
            expected, got = (side(shlex.split(line), up.url, sums) for side in sides)
            what = ("status", "stdout", "stderr", "project", "module cache")
            different += [f"list {line} ({'with' if sums else 'no'} go.sum): {w}\n  go:     {a!r}\n  larder: {b!r}"
                          for w, a, b in zip(what, *only_different(expected, got)) if a != b]
    assert not different, f"{len(different)} differences\n" + "\n".join(different)


def test_only_modules_are_listed(larder, project):
    project.write("go.mod", "module example.com/m\n")
    done = larder("list", "./...", cwd=project.path)
    assert done.status == 1 and "larder: list without -m is not supported" in done.err


def test_overlay_and_modfile(larder, go, project):
    project.write("go.mod", "module example.com/m\n\ngo 1.20\n")
    project.write("other.mod", "module example.com/other\n\ngo 1.19\n")
    project.write("overlay.json", '{"Replace": {"go.mod": "other.mod"}}')
    for words in (["-modfile=other.mod"], ["-overlay=overlay.json"], ["-modfile=other.txt"], ["-overlay=none.json"]):
        expected = go("list", "-m", "-json", *words, cwd=project.path)
        done = larder("list", "-m", "-json", *words, cwd=project.path)
        assert (done.status, done.out) == (expected.status, expected.out), words
        assert done.err.replace("larder: ", "go: ") == expected.err, words
