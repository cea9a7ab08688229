# SPDX-License-Identifier: Apache-2.0
"""Files that are none, that have no end or that may not be read: go and Larder make the same of such a source tree."""
import os
import shutil

import pytest
from conftest import Runner
from test_as_go import A, MAIN, MOD, said, same  # noqa: F401
from test_goes_on import unreadable

ABSENT = 'package main\n\nimport _ "example.test/absent"\n'
MARKS = {"new": "\ufeff//go:build ignore\n\n" + ABSENT, "old": "\ufeff// +build ignore\n\n" + ABSENT,
         "second line": "\ufeff// text\n//go:build ignore\n\n" + ABSENT, "no constraint": "\ufeff" + ABSENT}


def bound(runner):
    """Bound by the modes of files also where the tests run as root."""
    if os.geteuid() != 0:
        return runner
    program = shutil.which("setpriv")
    assert program, "setpriv of util-linux is needed to test as another user"
    drop = ("--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search", runner.program)
    return lambda *words, **options: Runner(program, runner.env, runner.cwd)(*drop, *words, **options)


def make_old(folder):
    """What is younger than two seconds go reads each time, what is older through an index."""
    for path in [*folder.rglob("*"), folder]:
        os.utime(path, (10**9, 10**9), follow_symlinks=False)


@pytest.fixture
def alike(larder, go, make_project, upstream):
    """alike(build, words) plays both on what build(folder) makes, once new, once old. Gives what go did with the latter.
    shut: what of it may not be read."""
    up = upstream([A])

    def play(name, program, build, words, shut):
        project = make_project(f"{name}/project")
        for file, text in {"go.mod": MOD, "go.sum": up.go_sum(), "m.go": MAIN}.items():
            project.write(file, text)
        build(project.path)
        if "old" in name:
            make_old(project.path)
        here = str(project.path.parent)
        with unreadable(*(project.path / one for one in shut)):
            done = program(*words.split(), cwd=project, timeout=60, env={"GOPROXY": up.url, "GOMODCACHE": f"{here}/modcache"})
        kept = {file: project.read(file) for file in ("go.mod", "go.sum", "vendor/modules.txt") if (project.path / file).is_file()}
        return done, (done.status, [line.replace(here, "$HERE") for line in said(done)], done.out.replace(here, "$HERE"), kept)

    def compare(build, words, shut=()):
        for age in ("new", "old"):
            theirs, wanted = play(f"{age}-go", bound(go) if shut else go, build, words, shut)
            ours, had = play(f"{age}-larder", bound(larder) if shut else larder, build, words, shut)
            assert had == wanted, f"{theirs}\n\n{ours}"
        return theirs
    return compare


def file(name, text):
    def build(folder):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return build


def sparse(head):
    def build(folder):
        (folder / "big.go").write_text(head)
        os.truncate(folder / "big.go", 2 << 30)
    return build


def loop(folder):
    file("a/a.go", "package a\n")(folder)
    (folder / "a/link").symlink_to("../a")


TREES = {
    "nothing but NULs": sparse(""),
    "NULs behind the header": sparse('package m\n\nimport _ "fmt"\n\nvar x = 1\n'),
    "NULs behind an error in the header": sparse('package m\n\nimport fmt\n'),
    "a NUL between imports": file("n.go", f"package m\n\nimport _ \"fmt\"\n\0\n{ABSENT[13:]}"),
    "a NUL in a comment": file("n.go", f"// \0\n{ABSENT.replace('main', 'm')}"),
    "a NUL behind imports": file("n.go", 'package m\n\nimport _ "fmt"\n\nvar x = "\0"\n'),
    "a NUL in a file for others": file("n_windows.go", "package m\n\nimport _ \"fmt\"\n\0\n"),
    "a folder that holds itself": loop,
    "a file that is itself": lambda folder: (folder / "x.go").symlink_to("x.go"),
    "a file that is nowhere": lambda folder: (folder / "x.go").symlink_to("/no/such/x.go"),
    "a file from elsewhere": lambda folder: [(folder.parent / "x.go").write_text(ABSENT), (folder / "x.go").symlink_to("../x.go")],
    "a fifo": lambda folder: os.mkfifo(folder / "x.go"),
    "a fifo alone": lambda folder: [(folder / "sub").mkdir(), os.mkfifo(folder / "sub/x.go")],
    "a folder named as a file": lambda folder: (folder / "x.go").mkdir(),
}


@pytest.mark.parametrize("name", TREES)
@pytest.mark.parametrize("words", ["mod tidy", "mod vendor", "mod why all", "mod why ./..."])
def test_odd_files(alike, larder, project, name, words):
    if "fifo" in name and "./" in words:  # go waits for ever
        project.write("go.mod", MOD.split("require")[0])
        TREES[name](project.path)
        larder(*words.split(), cwd=project, timeout=60)
        return
    alike(TREES[name], words)


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("words", ["mod tidy", "mod vendor", "mod why all"])
def test_a_byte_order_mark_before_a_constraint(alike, mark, words):
    alike(file("n.go", MARKS[mark]), words)


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("words", ["mod tidy", "mod vendor", "mod why all"])
def test_a_byte_order_mark_in_a_dependency(same, upstream, mark, words):  # noqa: F811
    up = upstream([A + f"-- n.go --\n{MARKS[mark].replace('main', 'a')}"])
    same({"go.mod": MOD, "go.sum": up.go_sum(), "m.go": MAIN}, *words.split(), env={"GOPROXY": up.url})


@pytest.mark.parametrize("words", ["mod tidy", "mod tidy -e", "mod vendor", "mod why example.test/a", "mod why all"])
@pytest.mark.parametrize("shut", ["sub", "sub/s.go", "sub/deep", "m.go", "vendor", "testdata"])
def test_what_may_not_be_read(alike, shut, words):
    def build(folder):
        for name in ("sub/s.go", "sub/deep/d.go", "testdata/t.go", "vendor/v/v.go"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text("package p\n")
    alike(build, words, shut=[shut])


@pytest.mark.parametrize("words", ["mod tidy", "mod tidy -e", "mod vendor", "mod why all", "mod graph", "mod edit -json", "mod edit -fmt",
                                   "mod verify", "mod download", "list -m all"])
def test_a_go_mod_that_may_not_be_read(alike, words):
    alike(lambda folder: None, words, shut=["go.mod"])
