# SPDX-License-Identifier: Apache-2.0
"""mod edit, mod init, work edit, work init, work use beside the real go: same files, output and status."""
import itertools
import os
import pathlib
import random
import threading

import pytest

FILES = {
    "plain": "module example.com/m\n\ngo 1.21\n",
    "empty": "",
    "comments": """// Copyright somebody.

// Deprecated: use n
module example.com/m // the module

go 1.21.3
toolchain go1.22.0

// all of it
require (
\texample.com/a v1.0.0 // indirect

\t// about b
\texample.com/b v1.2.0
\texample.com/a v1.1.0 // why
\tgopkg.in/c.v1 v1.0.0 // indirect; tests
\t// behind all
)

require example.com/d/v2 v2.0.0 // indirect

// never
exclude example.com/a v1.5.0

exclude (
\texample.com/b v1.10.0
\texample.com/b v1.9.0
)
replace example.com/b v1.2.0 => ../b // here
replace (
\texample.com/a => ./a
\texample.com/a => example.com/fork v1.0.0
)
// a bad one
retract v1.0.0
retract [v1.1.0, v1.1.9] // bad
godebug (
\tpanicnil=1
\tdefault=go1.21
)
tool (
\texample.com/a/cmd
\texample.com/b/cmd
)
ignore ./node_modules
""",
    "odd": """module "example.com/m"
require ( example.com/x v1 )
""",
    "blocks": """module (
\texample.com/m
)
go 1.16
require ()
exclude (
)
require (
\t"example.com/q" v1
\texample.com/r v0.0.0-20200101000000-abcdefabcdef
)
tool example.com/a/cmd
tool (
\texample.com/a/cmd
)
""",
    "broken": "module example.com/m\nrequre example.com/a v1.0.0\n\ngo 1.x\n",
}

# Each is the words behind `mod edit`; two of them at a time are tried, too.
FLAGS = [
    "-fmt", "-module=example.com/n", "-module=two words", "-module=go", "-go=1.23", "-go=none", "-go=x", "-toolchain=go1.25.1",
    "-toolchain=none", "-toolchain=x", "-godebug=panicnil=0", "-godebug=new=1", "-godebug=x", "-godebug=a='1'",
    "-dropgodebug=panicnil", "-require=example.com/a@v1.3.0", "-require=example.com/new@master", "-require=example.com/a",
    "-require=bad path@v1", "-require=example.com/a@-v1", "-require=example.com/a@v1 x", "-require= example.com/e @ v1.0.0 ",
    "-droprequire=example.com/a", "-droprequire=example.com/b", "-droprequire=example.com/a@v1", "-exclude=example.com/a@v1.6.0",
    "-exclude=example.com/z@v1.6.0", "-exclude=example.com/a@v1", "-exclude=example.com/a@v2.0.0", "-exclude=example.com/d/v2@v1.0.0",
    "-dropexclude=example.com/b@v1.10.0", "-replace=example.com/a=../other", "-replace=example.com/a@v1.0.0=example.com/f@v1.0.0",
    "-replace=example.com/z=./z z", "-replace=example.com/a=example.com/f", "-replace=example.com/a", "-replace=example.com/a=>../x",
    "-replace=example.com/b@v1.2.0=../c@d", "-dropreplace=example.com/a", "-dropreplace=example.com/b@v1.2.0", "-dropreplace=./x",
    "-retract=v1.9.0", "-retract=[v1.2.0, v1.3.0]", "-retract=[v1.2.0]", "-retract=v1", "-dropretract=v1.0.0",
    "-dropretract=[v1.1.0,v1.1.9]", "-tool=example.com/c/cmd", "-tool=example.com/a/cmd", "-droptool=example.com/a/cmd", "-droptool=x@v1",
    "-ignore=./vendor", "-ignore=./with space", "-dropignore=./node_modules", "-json", "-print", "-unknown", "-json=maybe", "-x",
]

WORK_FILES = {
    "plain": "go 1.21\n",
    "empty": "",
    "comments": """// Copyright somebody.

use ./a // the first
go 1.21 // why
use (
\t./b

\t// about c
\t../c
\t./b
)
replace example.com/x => ./x
replace example.com/x => ./y
godebug panicnil=1
""",
    "broken": "go 1.21\nuses ./a\n",
}
WORK_FLAGS = [
    "-fmt", "-go=1.23", "-go=none", "-go=x", "-toolchain=go1.25.1", "-toolchain=x", "-godebug=panicnil=0", "-godebug=x", "-dropgodebug=panicnil",
    "-use=./a", "-use=new", "-use=/abs", "-use=../c/", "-dropuse=./b", "-dropuse=a", "-replace=example.com/x@v1.0.0=./z",
    "-replace=example.com/x=../c@d", "-replace=example.com/z", "-dropreplace=example.com/x", "-json", "-print", "-unknown",
]


@pytest.fixture
def folder(larder, go, tmp_path):
    """Where commands run: not tmp_path itself, which is TMPDIR, where go takes no go.mod."""
    path = tmp_path / "folder"
    path.mkdir()
    larder.cwd = go.cwd = path
    return path


@pytest.fixture
def compare(larder, go, tmp_path):
    """compare(files, words…): runs go, then larder, each on a fresh folder of the same name; all must be equal."""
    base = tmp_path / "work"
    os.mkdir(base)

    def snapshot():
        found = {}
        for folder, _, names in os.walk(base):
            for name in names:
                path = pathlib.Path(folder, name)
                found[str(path.relative_to(base))] = path.read_bytes()
        return found

    def run(runner, files, words, cwd, env):
        for name in sorted(base.rglob("*"), reverse=True):
            name.rmdir() if name.is_dir() and not name.is_symlink() else name.unlink()
        for name, text in files.items():
            path = base / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if text is None:
                path.mkdir(exist_ok=True)
            else:
                path.write_text(text)
        done = runner(*words, cwd=base / cwd, env={"GOWORK": None, **(env or {})})
        return done.status, done.out, done.err.replace("larder: ", "go: "), snapshot()

    def both(files, *words, cwd=".", env=None):
        wanted = run(go, files, words, cwd, env)
        got = run(larder, files, words, cwd, env)
        assert got == wanted, f"{' '.join(words)}\nwith {files}"
        return wanted

    return both


@pytest.mark.parametrize("name", FILES)
def test_mod_edit_one_flag(compare, name):
    for flag in FLAGS:
        compare({"go.mod": FILES[name]}, "mod", "edit", flag)
        if flag not in ("-json", "-print"):
            compare({"go.mod": FILES[name]}, "mod", "edit", flag, "-json")


def test_mod_edit_many_flags(compare):
    chance = random.Random(4)
    names = [name for name in FILES if name not in ("broken", "odd")]
    for _ in range(150):
        flags = chance.sample(FLAGS, chance.randint(2, 6))
        if chance.random() < 0.7:
            flags = [f for f in flags if f not in ("-unknown", "-json=maybe")]
        compare({"go.mod": FILES[chance.choice(names)]}, "mod", "edit", *flags)


def test_mod_edit_words(compare):
    text = FILES["comments"]
    compare({"go.mod": text}, "mod", "edit")
    compare({"go.mod": text}, "mod", "edit", "-fmt", "a", "b")
    compare({"go.mod": text}, "mod", "edit", "-json", "-print")
    compare({"go.mod": text}, "mod", "edit", "-require")
    compare({"go.mod": text, "x/a.go": ""}, "mod", "edit", "-module", "new", cwd="x")
    compare({"go.mod": FILES["broken"], "x/a.go": ""}, "mod", "edit", "-fmt", cwd="x")
    compare({"other": text}, "mod", "edit", "--droprequire", "example.com/a", "other")
    compare({"other": FILES["broken"]}, "mod", "edit", "-fmt", "other")
    compare({"other": None}, "mod", "edit", "-fmt", "other")
    compare({}, "mod", "edit", "-fmt", "absent")
    compare({"go.mod": text, "alt.mod": "module alt\n"}, "mod", "edit", "-modfile=alt.mod", "-go=1.20")
    compare({"go.mod": text, "alt": "module alt\n"}, "mod", "edit", "-modfile=alt", "-go=1.20")
    compare({"go.mod": text}, "mod", "edit", "-go=1.20", env={"GOFLAGS": "-mod=mod -modcacherw"})
    for mode in ("off", "auto", "x"):
        compare({"go.mod": text}, "mod", "edit", "-go=1.20", env={"GO111MODULE": mode})
        compare({"go.mod": text}, "mod", "edit", "-go=1.20", "go.mod", env={"GO111MODULE": mode})


def test_mod_edit_without_a_module(compare):
    compare({}, "mod", "edit", "-fmt")
    compare({"r/.git/config": "", "r/sub/x.txt": ""}, "mod", "edit", "-fmt", cwd="r/sub")
    compare({"r/.git/config": ""}, "mod", "edit", "-fmt", cwd="r")
    compare({}, "mod", "edit", "-fmt", "-modfile=x.mod")


def test_mod_edit_leaves_an_unchanged_file_alone(larder, folder):
    file = folder / "go.mod"
    file.write_text("module m\n\ngo 1.21\n")
    os.utime(file, (1, 1))
    larder("mod", "edit", "-go=1.21", ok=True)
    assert file.stat().st_mtime == 1


def test_mod_edit_keeps_mode_and_link(larder, folder):
    real = folder / "real"
    real.write_text("module m\n")
    real.chmod(0o600)
    (folder / "go.mod").symlink_to("real")
    larder("mod", "edit", "-go=1.21", ok=True)
    assert (folder / "go.mod").is_symlink()
    assert real.read_text() == "module m\n\ngo 1.21\n"
    assert real.stat().st_mode & 0o777 == 0o600


def test_two_edits_at_once_leave_a_good_file(larder, go, folder):
    """Each edit either goes in whole or says that the file changed meanwhile; as beside a running go."""
    file = folder / "go.mod"
    file.write_text("module m\n")
    good = []

    def edit(runner, name):
        for number in range(10):
            path = f"example.com/{name}{number}"
            done = runner("mod", "edit", f"-require={path}@v1.0.0")
            if done.status == 0:
                good.append(path)
            else:
                assert "go.mod changed during editing; not overwriting" in done.err, str(done)

    threads = [threading.Thread(target=edit, args=arguments) for arguments in ((larder, "a"), (larder, "b"), (go, "c"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    listed = [line.split()[-2] for line in file.read_text().splitlines() if "v1.0.0" in line]
    assert sorted(listed) == sorted(good)


GO_FILE = "package x // import \"example.com/from/comment\"\n"


def test_mod_init(compare):
    for path in ("example.com/m", "m", "a/b", ".", "./x", "..", "../x", "go", "toolchain", "a b", "-x", "", "example.com/m/v1", "example.com/m/v0",
                 "example.com/m/v2", "example.com/m/v02", "example.com/m/v2.3", "example.com/m/v1.2", "gopkg.in/yaml", "gopkg.in/yaml.v2",
                 "gopkg.in/yaml/v3", "gopkg.in/x/yaml.v1.5", "Example.COM/M", "example.com//m", "example.com/m/", "/m", "example.com/con"):
        compare({}, "mod", "init", path)
    compare({"a.go": "package a\n"}, "mod", "init", "m")
    compare({"sub/a.go": "package a\n"}, "mod", "init", "m")
    compare({".git/a.go": "package a\n", "_x/y": "", "README": ""}, "mod", "init", "m")
    compare({"go.mod": "module m\n"}, "mod", "init", "m")
    compare({"go.mod": None}, "mod", "init", "m")
    compare({}, "mod", "init", "a", "b")
    compare({}, "mod", "init", "-x")
    compare({}, "mod", "init", "-modfile=alt.mod", "m")
    compare({}, "mod", "init", "-modfile=alt", "m")
    compare({}, "mod", "init", "m", env={"GO111MODULE": "off"})


def test_mod_init_guesses(compare, env, tmp_path):
    compare({}, "mod", "init")
    compare({"b.go": GO_FILE, "a.go": "package x\n"}, "mod", "init")
    compare({"sub/b.go": GO_FILE}, "mod", "init")
    compare({"sub/b.go": GO_FILE.replace("example.com/from/comment", "one")}, "mod", "init")
    compare({"deep/er/b.go": GO_FILE}, "mod", "init")
    for body in ("package x // import \"two\" \r\n", "package  x\t//\timport\t\"a/b\"\t\n", "package x //import \"a\"\n", "package x // import \"a\"",
                 "package x // import \"a\nb\"\n", "package x // import \"a\" more\n", "// c\n\npackage x // import `a`\n", "package x/y // import \"a\"\n",
                 "package x // import \"\\x41\"\n", "package x // import \"\\q\"\n", "// package x // import \"a\"\n\npackage x // import \"b\"\n"):
        compare({"b.go": body}, "mod", "init")
    gopath = tmp_path / "work"
    compare({"src/example.com/p/x.txt": ""}, "mod", "init", cwd="src/example.com/p", env={"GOPATH": gopath})
    compare({"src/example.com/p q/x.txt": ""}, "mod", "init", cwd="src/example.com/p q", env={"GOPATH": f"/none:{gopath}"})
    compare({"src/x.txt": ""}, "mod", "init", cwd="src", env={"GOPATH": gopath})


@pytest.mark.parametrize("name", WORK_FILES)
def test_work_edit(compare, name):
    for flag in WORK_FLAGS:
        compare({"go.work": WORK_FILES[name], "a/go.mod": "module a\n"}, "work", "edit", flag)
    for pair in itertools.combinations(WORK_FLAGS[6:], 2):
        if name == "comments":
            compare({"go.work": WORK_FILES[name]}, "work", "edit", *pair)


def test_work_edit_words(compare, tmp_path):
    text = WORK_FILES["comments"]
    compare({"go.work": text}, "work", "edit")
    compare({"go.work": text}, "work", "edit", "-fmt", "a", "b")
    compare({"go.work": text}, "work", "edit", "-json", "-print")
    compare({"go.work": text, "x/y": ""}, "work", "edit", "-fmt", cwd="x")
    compare({"go.work": WORK_FILES["broken"], "x/y": ""}, "work", "edit", "-fmt", cwd="x")
    compare({"other": text}, "work", "edit", "-fmt", "other")
    compare({}, "work", "edit", "-fmt", "absent")
    compare({}, "work", "edit", "-fmt")
    compare({"go.work": text}, "work", "edit", "-fmt", env={"GOWORK": "off"})
    compare({"go.work": text}, "work", "edit", "-fmt", env={"GOWORK": "relative"})
    compare({"else/go.work": text}, "work", "edit", "-use=z", env={"GOWORK": tmp_path / "work/else/go.work"})


MODULES = {"a/go.mod": "module example.com/a\n\ngo 1.20\n", "b/go.mod": "module example.com/b\n\ngo 1.22.1\n", "b/c/go.mod": "module example.com/c\n",
           "d/x.txt": "", "plain.txt": ""}


def test_work_init(compare, tmp_path):
    for words in ([], ["a"], ["./a", "b"], ["a/", "b/../b"], ["d"], ["absent"], ["plain.txt"], ["a", "a"], [tmp_path / "work/a", "a"], ["-r", "."],
                  ["-modcacherw", "a"], [".."], ["a", "absent", "plain.txt"]):
        compare(MODULES, "work", "init", *map(str, words))
    compare({**MODULES, "go.work": "go 1.21\n"}, "work", "init")
    compare({**MODULES, "go.work": "go 1.21\n"}, "work", "init", cwd="a")
    compare({**MODULES, "go.work": "go 1.21\n"}, "work", "init", ".", cwd="a", env={"GOWORK": tmp_path / "work/b/new.work"})
    compare({**MODULES, "go.work": "go 1.21\n"}, "work", "init", cwd="a", env={"GOWORK": "off"})
    compare({"a/go.mod": "module example.com/a\n\ngo 1.99\n"}, "work", "init", "a")


def test_work_use(compare, tmp_path):
    absolute = str(tmp_path / "work/a")
    works = ["go 1.18\n", "", "go 1.18\n\nuse ./a\n", "go 1.23\n\ntoolchain go1.23.4\n\nuse (\n\t./a\n\t./gone // bye\n\t./d\n)\n",
             f"go 1.18\n\nuse {absolute}\nuse ./a\n", "go 1.18\n\nuse ./a\nuse a\nuse ./a/../a // odd\n", "go 1.18\nuse ./b/c\nuse ./b/gone\n",
             "toolchain go1.22.0\nuse ./b\n", "go 1.22.1\ntoolchain default\n"]
    for work in works:
        for words in ([], ["a"], ["b", "d"], [absolute], ["-r", "."], ["-r", "b"], ["-r", "./"], ["absent"], ["gone"], ["plain.txt"], ["./b/c", "b"]):
            if work.count("\nuse .") > 1 and "-r" in words:
                continue  # go drops and adds in the order of a map: what it writes differs from run to run
            compare({**MODULES, "go.work": work}, "work", "use", *words)
    compare({**MODULES, "go.work": works[0]}, "work", "use", ".", cwd="b")
    compare({**MODULES, "go.work": works[0]}, "work", "use", "-r", "..", cwd="b")
    compare(MODULES, "work", "use", "a")
    compare({**MODULES, "go.work": "go 1.18\nuses x\n"}, "work", "use", "a", cwd="b")
    compare({**MODULES, "go.work": "go 1.99\n"}, "work", "use", "a", cwd="b")


def test_work_use_of_bad_modules(compare):
    for text in ("", "module go\n", "modul a\n", "module a\ngo 1.99\n", "module a\ngo 1.99\nnew thing\n", "go 1.20\n"):
        compare({"go.work": "go 1.18\n", "a/go.mod": text}, "work", "use", "a")
    compare({"go.work": "go 1.18\n", "a/go.mod": None}, "work", "use", "a")
    compare({"go.work": "go 1.18\n", "a/go.mod": "module a\n", "vendor/v/go.mod": "module v\n", "a/.hidden/go.mod": "module h\n"}, "work", "use", "-r", ".")


def test_work_use_tells_of_links(larder, go, folder):
    (folder / "go.work").write_text("go 1.18\n")
    (folder / "a").mkdir()
    (folder / "a/go.mod").write_text("module a\n")
    (folder / "a/link").symlink_to("../a")
    results = []
    for runner in (go, larder):
        done = runner("work", "use", "-r", ".", env={"GOWORK": folder / "go.work"}, ok=True)
        results.append((done.out, done.err, (folder / "go.work").read_text()))
        (folder / "go.work").write_text("go 1.18\n")
    assert results[0] == results[1]
    assert "warning: ignoring symlink a/link" in results[0][1]


def test_gotoolchain(compare):
    files = {"go.work": "go 1.18\n", "a/go.mod": "module a\ngo 1.99\n", "go.mod": "module m\n", "b/go.mod": "module b\ngo 1.98\n"}
    for setting in ("bash", "bash+auto", "local+x", "local+path+auto"):
        compare(files, "mod", "edit", "-go=1.20", env={"GOTOOLCHAIN": setting})
    compare(files, "mod", "edit", "-go=1.20", env={"GOTOOLCHAIN": "bash", "GO111MODULE": "off"})
    for setting in ("auto", "local", "local+auto"):
        for folder in ("a", "b"):  # go names several in any order
            compare(files, "work", "use", folder, env={"GOTOOLCHAIN": setting, "GOPROXY": "off"})
    compare({**files, "go.work": "go 1.18\ntoolchain tool\n"}, "work", "use", "b", env={"GOTOOLCHAIN": "auto"})


def test_goes_on_as_the_version_that_the_project_asks_for(larder, folder):
    """What go would do with a toolchain that it downloads, larder does by the rules that it knows."""
    (folder / "go.work").write_text("go 1.27.0\n")
    (folder / "m").mkdir()
    for setting, line in (("auto", "go 1.27.0"), ("go1.25.3", "go 1.25.3")):
        larder("mod", "init", "m", cwd=folder / "m", env={"GOTOOLCHAIN": setting, "GOWORK": None}, ok=True)
        assert line in (folder / "m/go.mod").read_text()
        (folder / "m/go.mod").unlink()


def go_mod_texts(go):
    """Every go.mod of the modules that the go command's own tests use, each text once."""
    goroot = pathlib.Path(go("env", "GOROOT", ok=True).out.strip())
    texts = {}
    for file in sorted((goroot / "src/cmd/go/testdata/mod").glob("*.txt")):
        name, text = None, []
        for line in [*file.read_text(errors="replace").splitlines(keepends=True), "-- end --\n"]:
            if not (line.startswith("-- ") and line.endswith(" --\n")):
                text.append(line)
                continue
            if name in (".mod", "go.mod"):
                texts.setdefault("".join(text), f"{file.name} {name}")
            name, text = line[3:-4], []
    assert len(texts) > 100
    return texts


def test_every_go_mod_is_printed_as_go_prints_it(larder, go, folder):
    for text, name in go_mod_texts(go).items():
        (folder / "x.mod").write_text(text)
        words = ("mod", "edit", "-fmt", "-print", "x.mod")
        want, have = go(*words, cwd=folder), larder(*words, cwd=folder)
        assert (have.status, have.out) == (want.status, want.out), name
        if have.status == 0:
            (folder / "x.mod").write_text(have.out)
            assert larder(*words, cwd=folder).out == go(*words, cwd=folder).out, name
