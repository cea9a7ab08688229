# SPDX-License-Identifier: Apache-2.0
"""Rough edges where the go commands must do what go does: proxies that disagree, sums of the future, odd files."""
import re
import socket
import urllib.request

import pytest

from upstream import Module, make_zip

A = """module example.test/a v1.0.0
-- go.mod --
module example.test/a
-- a.go --
package a
"""
MOD = "module example.test/m\n\ngo 1.21\n\nrequire example.test/a v1.0.0\n"
WARNING = re.compile("^warning: verifying .*?module-auth'[.]\n\n", re.MULTILINE | re.DOTALL)
MAIN = 'package m\n\nimport _ "example.test/a"\n'


def said(done):
    """Without the prefix of the program, without hints, which go does not have, and each warning once: go forgets what
    it has warned of when it writes go.sum. What is downloaded comes first, by name: go varies the order."""
    warnings = WARNING.findall(done.err)
    text = WARNING.sub("", done.err) + "".join(dict.fromkeys(warnings))
    lines = [line.removeprefix("go: ").removeprefix("larder: ") for line in text.splitlines()]
    lines = [line for line in lines if not line.startswith("-> ")]  # go says some failures once more, thus
    told = [line for line in lines if line.startswith("downloading ")]
    return sorted(told) + [line for line in lines if line not in told and not line.startswith("  hint: ")]


@pytest.fixture
def same(larder, go, make_project):
    """Plays the same in two projects of the same name, with go and with Larder, and compares all that can be seen.
    files: name: text. Returns what go did."""
    def play(program, name, files, words, env):
        project = make_project(f"{name}/project")
        for file, text in files.items():
            project.write(file, text)
        done = program(*words, cwd=project, env={**env, "GOMODCACHE": str(project.path.parent / "modcache")})
        kept = {file: project.read(file) for file in ("go.mod", "go.sum", "vendor/modules.txt")
                if (project.path / file).is_file()}
        hide = str(project.path.parent)
        cached = project.path.parent / "modcache" / "cache" / "download"
        if done.status == 0 and "-e" not in words:  # failures end things at points that vary
            kept["cached"] = sorted(str(file.relative_to(cached)) for file in cached.rglob("*") if file.is_file() and file.suffix != ".lock")
        return done, (done.status, [line.replace(hide, "$HERE") for line in said(done)],
                      done.out.replace(hide, "$HERE"), kept)

    def compare(files, *words, env):
        theirs, wanted = play(go, "as-go", files, words, env)
        ours, had = play(larder, "as-larder", files, words, env)
        assert had == wanted, f"{theirs}\n\n{ours}"
        return theirs
    return compare


# --- go.sum with hashes of an algorithm of the future -----------------------------------------------------------


@pytest.mark.parametrize("words", ["mod download", "mod download example.test/a", "mod download -json", "mod vendor",
                                   "mod graph", "mod verify", "mod tidy", "mod why -m example.test/a", "list -m all"])
@pytest.mark.parametrize("known", ["neither", "zip", "mod"])
def test_unknown_hashes_vouch_for_nothing(same, upstream, words, known):
    up = upstream([A])
    zip_line, mod_line = up.go_sum().splitlines()
    lines = [zip_line if known == "zip" else zip_line.replace("h1:", "h2:"),
             mod_line if known == "mod" else mod_line.replace("h1:", "h2:")]
    files = {"go.mod": MOD, "m.go": MAIN, "go.sum": "\n".join(lines) + "\n"}
    done = same(files, *words.split(), env={"GOPROXY": up.url})
    if words == "mod vendor" and known != "zip":
        assert done.status == 1 and "missing go.sum entry" in done.err
    if words == "mod tidy" and known == "neither":
        assert "SECURITY WARNING" in done.err and "h2:" in done.err


@pytest.mark.parametrize("go_line", ["1.18", "1.21"])
@pytest.mark.parametrize("flags", ["", "-versions", "-retracted", "-versions -retracted", "-u", "-mod=mod -versions"])
def test_sums_of_what_is_looked_up_beside_the_graph(same, upstream, flags, go_line):
    """Of b, which the pruned graph names and never loads, older projects have nothing in go.sum."""
    up = upstream(["module example.test/a v1.0.0\n-- go.mod --\nmodule example.test/a\n\ngo 1.18\n\nrequire example.test/b v1.0.0\n"
                   "-- a.go --\npackage a\n",
                   "module example.test/b v1.0.0\n-- go.mod --\nmodule example.test/b\n\ngo 1.18\n-- b.go --\npackage b\n"])
    of_a = "".join(line + "\n" for line in up.go_sum().splitlines() if "/a " in line)
    files = {"go.mod": f"module example.test/m\n\ngo {go_line}\n\nrequire example.test/a v1.0.0\n", "go.sum": of_a,
             "m.go": 'package m\n\nimport _ "example.test/a"\n'}
    done = same(files, "list", "-m", *flags.split(), "all", env={"GOPROXY": up.url})
    assert "go.sum needed" not in done.err or go_line != "1.18", done


@pytest.mark.parametrize("info", [b'\xef\xbb\xbf{"Version":"v1.0.0","Time":"2024-01-01T00:00:00Z"}', b"\xef\xbb\xbf", b"\xef{}", b"\xef\xbb", b"\xefx"])
def test_an_info_with_a_byte_order_mark(same, upstream, info):
    up = upstream([A])
    up.fault("*.info", body=info)
    done = same({"go.mod": "module m\n"}, "mod", "download", "example.test/a@v1.0.0", env={"GOPROXY": up.url, "GOSUMDB": "off"})
    assert "invalid character 'ï' looking for beginning of value" in done.err


@pytest.mark.parametrize("info", [b"\xc3\xa9", b"\xe9{}", b"\xff", b"\x80", b"\xad{}", b"'"])
def test_an_info_that_is_no_json(same, upstream, info):
    up = upstream([A])
    up.fault("*.info", body=info)
    done = same({"go.mod": "module m\n"}, "mod", "download", "example.test/a@v1.0.0", env={"GOPROXY": up.url, "GOSUMDB": "off"})
    assert "invalid character" in done.err


# --- a list of proxies --------------------------------------------------------------------------------------------

NOTHING_LISTED = """module example.test/a v0.0.0-20240102030405-abcdefabcdef
-- go.mod --
module example.test/a
"""


@pytest.mark.parametrize("separator", [",", "|"])
@pytest.mark.parametrize("query", ["latest", "v1", ">v0.1.0", "v1.0.0", "master", "upgrade"])
@pytest.mark.parametrize("first", ["has no version", "has nothing", "has a list only", "is broken"])
def test_who_is_asked_next(same, upstream, separator, query, first):
    one, two = upstream([NOTHING_LISTED] if first != "has nothing" else []), upstream([A])
    one.fault("*/@latest", status=404, body=b"not found")
    if first == "has a list only":
        one.fault("*/list", status=200, body=b"v1.5.0\n")
        one.fault("*.info", status=404, body=b"not found")
    if first == "is broken":
        one.fault("*", status=403, body=b"go away")
    files = {"go.mod": "module example.test/m\n\ngo 1.21\n"} if query == "upgrade" else {}
    same(files, "list", "-m", f"example.test/a@{query}", env={"GOPROXY": f"{one.url}{separator}{two.url}"})


@pytest.mark.parametrize("goproxy", ["bad:proxy", "://", "http://[", "httpx://example.test", ","])
@pytest.mark.parametrize("words", ["mod graph", "mod download", "list -m", "mod verify"])
@pytest.mark.parametrize("needs", ["nothing", "a"])
def test_a_bad_goproxy_is_news_to_what_needs_it(same, goproxy, words, needs):
    files = {"go.mod": MOD if needs == "a" else "module example.test/m\n\ngo 1.21\n"}
    same(files, *words.split(), env={"GOPROXY": goproxy})


# --- odd files ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name, text", [
    ("unterminated block", MOD + "\nrequire (\n"),
    ("unterminated block with a line", MOD + "\nrequire (\n\texample.test/b v1.0.0\n"),
    ("unterminated string", MOD + '\nrequire "example.test/b'),
    ("byte order mark", "\ufeff" + MOD),
    ("empty", ""),
])
@pytest.mark.parametrize("words", ["mod graph", "list -m", "mod edit -json", "mod tidy"])
def test_odd_go_mod(same, name, text, words):
    same({"go.mod": text}, *words.split(), env={})


@pytest.mark.parametrize("words", ["mod graph", "list -m", "mod tidy", "mod edit -json"])
@pytest.mark.parametrize("lines", ["godebug nosuch=1", "godebug (\n\tnosuch=1\n\tpanicnil=1\n\tother=2\n)", "godebug default=go1.99",
                                   "godebug default=1.21", "godebug x509sha1=1", "godebug panicnil=1"])
def test_godebug_lines(same, words, lines):
    same({"go.mod": f"module example.test/m\n\ngo 1.23\n\n{lines}\n"}, *words.split(), env={})
    if words != "mod tidy":
        same({"go.mod": "module example.test/m\n\ngo 1.23\n", "go.work": f"go 1.23\n\nuse .\n\n{lines}\n"},
             *words.replace("mod edit", "work edit").split(), env={"GOWORK": None})


@pytest.mark.parametrize("words", ["mod why example.test/a", "mod why -m example.test/a", "mod why -vendor example.test/a", "mod tidy",
                                   "mod tidy -e", "mod vendor", "mod graph"])
def test_a_dependency_that_needs_a_newer_go(same, upstream, words):
    newer = [f"module example.test/{name} v1.0.0\n-- go.mod --\nmodule example.test/{name}\ngo {go}\n-- x.go --\npackage x\n"
             for name, go in (("newer", "1.98"), ("newest", "1.99.1"))]
    proxy = upstream([A, *newer])
    required = "".join(f"require example.test/{name} v1.0.0\n" for name in ("a", "newer", "newest"))
    main = MAIN + 'import _ "example.test/newer"\nimport _ "example.test/newest"\n'
    same({"go.mod": f"module example.test/m\n\ngo 1.21\n\n{required}", "m.go": main}, *words.split(), env={"GOPROXY": proxy.url})


@pytest.mark.parametrize("words", ["mod graph", "list -m", "work edit -json", "mod download", "mod verify", "mod why x.test"])
@pytest.mark.parametrize("work", ["go 1.21\nuse (\n", "use ./nowhere\n", "use\n", "\0"])
def test_odd_go_work(same, words, work):
    same({"go.mod": "module example.test/m\n\ngo 1.21\n", "go.work": work}, *words.split(), env={"GOWORK": None})


@pytest.mark.parametrize("words", ["mod graph", "list -m all", "mod download", "mod verify", "mod tidy", "mod vendor"])
def test_go_sum_is_a_folder(larder, go, upstream, project, words):
    env = {"GOPROXY": upstream([A]).url}
    for name, text in {"go.mod": MOD, "m.go": MAIN, "go.sum/x": ""}.items():
        project.write(name, text)
    assert go(*words.split(), cwd=project, env=env).status == 1
    done = larder(*words.split(), cwd=project, env=env)
    assert done.status == 1 and f"{project}/go.sum: is a directory" in done.err, str(done)


@pytest.mark.parametrize("words", ["mod vendor", "mod tidy", "mod why example.test/a", "mod vendor -e", "mod tidy -e"])
@pytest.mark.parametrize("text", ['package m\n\nimport "example.test/a\n', "package m\n\nimport example.test/a\n",
                                  "pakkage m\n", "", 'package m\n\nimport ("fmt"; "os"\n', "package m\n\nimport\n"])
def test_import_headers_that_cannot_be_read(same, upstream, words, text):
    up = upstream([A])
    files = {"go.mod": MOD, "m.go": MAIN, "n.go": text, "go.sum": up.go_sum()}
    same(files, *words.split(), env={"GOPROXY": up.url})


@pytest.mark.parametrize("words", ["mod vendor", "mod tidy", "mod why example.test/a", "mod vendor -e", "mod tidy -e"])
@pytest.mark.parametrize("text", ['package a\n\nimport "example.test/b\n', "pakkage a\n", "", "package a\n\nimport\n", "package b\n",
                                  "package a\x00\n", 'package a\n\nimport "\xff"\n', 'package a\n\nimport "a b"\n', "package a; import `\n"])
@pytest.mark.parametrize("name", ["n.go", "n_windows.go"])
def test_import_headers_of_others_that_cannot_be_read(larder, go, same, upstream, make_project, words, text, name):
    up = upstream([A + f"-- {name} --\n{text}"])
    files = {"go.mod": MOD, "m.go": MAIN, "go.sum": up.go_sum()}
    if not words.startswith("mod vendor"):
        same(files, *words.split(), env={"GOPROXY": up.url})
        return
    results = []
    for program in (go, larder):
        project = make_project(program.program.rsplit("/", 1)[1])
        for file, content in files.items():
            project.write(file, content)
        results.append(program(*words.split(), cwd=project, env={"GOPROXY": up.url}))
    place = "internal error: failed to find embedded files of example.test/a: "
    theirs, ours = results
    assert (theirs.status, place in theirs.err) == (ours.status, place in ours.err), f"{theirs}\n{ours}"


# --- mod download -reuse: proxies cannot say whether a revision is still what it was -----------------------------


@pytest.mark.parametrize("old", ["", "{}", "{} {}\n", "null", "ORIGIN"])
@pytest.mark.parametrize("inside", [False, True])
def test_reuse(same, upstream, old, inside):
    up = upstream([A])
    if old == "ORIGIN":
        old = ('{"Path": "example.test/a", "Version": "v1.0.0", "Query": "latest", "Origin": {"VCS": "git", "URL": '
               '"https://git.example.test/a", "Hash": "0123456789012345678901234567890123456789", "TagSum": "t1:x"}}')
    files = {"old.json": old, **({"go.mod": MOD} if inside else {})}
    done = same(files, "mod", "download", "-json", "-reuse=old.json", "example.test/a@latest",
                env={"GOPROXY": up.url})
    assert '"Reuse"' not in done.out


def test_reuse_of_a_file_that_is_not_there(same, upstream):
    up = upstream([A])
    same({}, "mod", "download", "-reuse=old.json", "example.test/a@v1.0.0", env={"GOPROXY": up.url})


@pytest.mark.parametrize("old", ["not json", '{"Path": 7}', '{"Path": "example.test/a"', "[]", "{} []"])
def test_reuse_of_a_file_that_is_none(larder, go, upstream, tmp_path, old):
    (tmp_path / "old.json").write_text(old)
    for program in (larder, go):
        done = program("mod", "download", "-reuse=old.json", "example.test/a@v1.0.0", env={"GOPROXY": upstream([A]).url})
        assert done.status == 1 and "parsing old.json: " in done.err, str(done)


@pytest.mark.parametrize("words", [["example.test/a@latest"], []])
@pytest.mark.parametrize("inside", [False, True])
def test_reuse_of_list(same, upstream, words, inside):
    files = {"old.json": "{}", **({"go.mod": MOD} if inside else {})}
    same(files, "list", "-m", "-reuse=old.json", *words, env={"GOPROXY": upstream([A]).url})


# --- a workspace whose modules require each other by versions that nobody has -------------------------------------

@pytest.mark.parametrize("words", ["mod why -m example.test/x", "mod why -m example.test/b", "mod why -m all",
                                   "work vendor", "work sync", "list -m all"])
def test_a_workspace_that_requires_its_own_by_version(same, words):
    files = {"go.work": "go 1.24\n\nuse (\n\t.\n\t./b\n)\n",
             "go.mod": "module example.test/m\n\ngo 1.24\n\nrequire example.test/b v0.0.0\n",
             "m.go": 'package m\n\nimport _ "example.test/b"\n',
             "b/go.mod": "module example.test/b\n\ngo 1.24\n", "b/b.go": "package b\n"}
    same(files, *words.split(), env={"GOPROXY": "off", "GOSUMDB": "off", "GOWORK": ""})


@pytest.mark.parametrize("words", ["mod tidy", "mod tidy -e"])
def test_packages_of_modules_that_may_not_be_looked_up(same, words):
    done = same({"go.mod": MOD, "m.go": MAIN}, *words.split(), env={"GOPROXY": "off", "GOSUMDB": "off"})
    assert "module lookup disabled by GOPROXY=off" in done.err, str(done)


def test_a_compat_that_selects_another_version_is_told_twice(same, upstream):
    """As go tells it: once before its advice, once after."""
    up = upstream([A, A.replace("v1.0.0", "v1.1.0"),
                   "module example.test/b v1.0.0\n-- go.mod --\nmodule example.test/b\n\ngo 1.17\n\n"
                   "require example.test/c v1.0.0\n-- b.go --\npackage b\n",
                   "module example.test/c v1.0.0\n-- go.mod --\nmodule example.test/c\n\ngo 1.17\n\n"
                   "require example.test/d v1.0.0\n-- c.go --\npackage c\n",
                   "module example.test/d v1.0.0\n-- go.mod --\nmodule example.test/d\n\ngo 1.17\n\n"
                   "require example.test/a v1.1.0\n-- d.go --\npackage d\n"])
    files = {"go.mod": "module example.test/m\n\ngo 1.17\n\nrequire (\n\texample.test/a v1.0.0\n"
                       "\texample.test/b v1.0.0\n\texample.test/c v1.0.0 // indirect\n)\n",
             "m.go": 'package m\n\nimport (\n\t_ "example.test/a"\n\t_ "example.test/b"\n)\n'}
    done = same(files, "mod", "tidy", "-compat=1.16", env={"GOPROXY": up.url, "GOSUMDB": "off"})
    assert done.err.count("but go 1.16 would select v1.1.0") == 2, str(done)


@pytest.mark.parametrize("part", [".info", ".mod", ".zip", ".ziphash"])
def test_parts_of_a_module_that_may_not_be_looked_up(larder, go, upstream, make_project, part):
    up = upstream([A, "module example.test/b v1.0.0\n-- go.mod --\nmodule example.test/b\n\ngo 1.21\n\n"
                      "require example.test/a v1.0.0\n-- b.go --\npackage b\n"])
    told = []
    for program in (go, larder):
        project = make_project(f"{program is go}/project")
        project.write("go.mod", "module example.test/m\n\ngo 1.21\n\nrequire (\n\texample.test/b v1.0.0\n"
                                "\texample.test/a v1.0.0 // indirect\n)\n")
        env = {"GOPROXY": up.url, "GOSUMDB": "off", "GOMODCACHE": str(project.path.parent / "modcache")}
        for words in (["mod", "download", "all"], ["mod", "download"]):
            assert go(*words, cwd=project, env=env).status == 0
        (project.path.parent / f"modcache/cache/download/example.test/a/@v/v1.0.0{part}").unlink()
        for words in (["mod", "download"], ["mod", "download", "-json"]):
            done = program(*words, cwd=project, env={**env, "GOPROXY": "off"})
            told.append((done.status, done.out.replace(str(project.path.parent), "$HERE"), said(done)))
    assert told[2:] == told[:2]


# --- a go.work that uses nothing ----------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["list -m", "list -m all", "list -m -json all", "list -m example.test/a", "mod download",
                                   "mod download -json", "mod download example.test/a", "mod graph", "mod graph -go=1.20",
                                   "mod verify", "mod why", "work sync", "work edit -json"])
@pytest.mark.parametrize("work", ["", "go 1.21\n"])
def test_an_empty_workspace(same, words, work):
    same({"go.mod": "module m.test\n\ngo 1.21\n", "go.work": work}, *words.split(), env={"GOPROXY": "off", "GOWORK": ""})


# --- words that name nothing ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["/etc", "./nosuch", "./nosuch/...", "../", "./docs", "./docs/...", "./sub", "./sub/", ".",
                                  "./ignored", "./s..."])
def test_why_of_folders(same, upstream, word):
    up = upstream([A])
    files = {"go.mod": MOD, "go.sum": up.go_sum(), "m.go": MAIN, "docs/a.txt": "", "sub/s.go": "package sub\n",
             "ignored/_x.go": "package ignored\n"}
    same(files, "mod", "why", word, env={"GOPROXY": up.url})


@pytest.mark.parametrize("word", ["example.test/...@latest", "...@v1.0.0", "all@latest", "example.test/a@v1.0.0"])
def test_list_of_a_pattern_with_a_query(same, upstream, word):
    up = upstream([A])
    same({"go.mod": MOD, "go.sum": up.go_sum(), "m.go": MAIN}, "list", "-m", word, env={"GOPROXY": up.url})


@pytest.mark.parametrize("proxy", ["ftp://x", "nowhere", ",,", "off", "file:///no/such/folder"])
@pytest.mark.parametrize("words", ["mod tidy", "mod vendor", "mod download", "list -m all", "mod why example.test/a"])
def test_a_proxy_that_makes_no_sense(same, words, proxy):
    same({"go.mod": MOD, "m.go": MAIN}, *words.split(), env={"GOPROXY": proxy})


# --- odd bytes in JSON, and what go does before it looks ------------------------------------------------------------

ODD = b"// Deprecated: a\xe2\x80\xa8b\xe2\x80\xa9c\xe2\x80z<&>\"\\\x01\x7f\xef\xbf\xbd\nmodule x.y/z\n\ngo 1.20\n\nretract v1.0.0 // a\xffb\n"


def test_mod_edit_json_of_odd_bytes(larder, go, make_project):
    project = make_project("odd")
    (project.path / "go.mod").write_bytes(ODD)
    want, had = (program("mod", "edit", "-json", cwd=project, ok=True) for program in (go, larder))
    assert had.out == want.out and "\\ufffd" in want.out


@pytest.mark.parametrize("words", ["mod download -json", "mod download", "mod download example.test/a"])
@pytest.mark.parametrize("go_line", ["", "go 1.16\n\n", "go 1.21\n\n"])
def test_what_is_downloaded_without_a_go_line(same, upstream, words, go_line):
    up = upstream([A, A.replace("test/a", "test/b") + "-- go.mod --\nmodule example.test/b\n\nrequire example.test/a v1.0.0\n"])
    same({"go.mod": f"module m\n\n{go_line}require example.test/b v1.0.0\n"}, *words.split(), env={"GOPROXY": up.url})


@pytest.mark.parametrize("query", ["latest", "upgrade", "v1", "<v1.2.0", "v1.1.0"])
@pytest.mark.parametrize("flags", [[], ["-u"], ["-retracted"]])
def test_list_u_of_a_query(same, upstream, query, flags):
    versions = [A.replace("v1.0.0", v) for v in ("v1.0.0", "v1.1.0")]
    versions[1] = versions[1].replace("module example.test/a\n-- a", "module example.test/a\n\nretract v1.1.0 // bad\n-- a")
    up = upstream(versions)
    same({"go.mod": MOD, "go.sum": up.go_sum()}, "list", "-m", *flags, f"example.test/a@{query}", env={"GOPROXY": up.url})


@pytest.mark.parametrize("odd", [b'"Origin":{"VCS":"git","URL":"a\xffb"}', b'"x":"\xe2\x80"'])
def test_an_info_with_odd_bytes(same, upstream, tmp_path, odd):
    folder = tmp_path / "proxy" / "example.test" / "a" / "@v"
    up = upstream([A])
    folder.mkdir(parents=True)
    for name in ("v1.0.0.mod", "v1.0.0.zip"):
        (folder / name).write_bytes(urllib.request.urlopen(f"{up.url}/example.test/a/@v/{name}").read())
    (folder / "v1.0.0.info").write_bytes(b'{"Version":"v1.0.0","Time":"2023-01-01T00:00:00Z",' + odd + b"}")
    for words in ("mod download -json example.test/a@v1.0.0", "mod download", "list -m -json all"):
        same({"go.mod": MOD, "go.sum": up.go_sum()}, *words.split(), env={"GOPROXY": f"file://{tmp_path}/proxy"})


@pytest.mark.parametrize("line", ["require example.test/a v1.0", "exclude example.test/a v1.9", "require example.test/a master"])
def test_vendor_mode_asks_nobody(same, upstream, line):
    up = upstream([A])
    same({"go.mod": f"module m\n\ngo 1.21\n\n{line}\n"}, "list", "-m", "-mod=vendor", "all", env={"GOPROXY": up.url})


@pytest.mark.parametrize("words", ["mod vendor", "mod why example.test/a", "mod tidy", "mod download", "list -m all", "mod verify"])
def test_a_dependency_that_requires_the_main_module(same, upstream, words):
    back = A.replace("module example.test/a\n-- a", "module example.test/a\n\ngo 1.21\n\nrequire example.test/m v0.9.0\n-- a")
    other = A.replace("test/a", "test/b")
    old = "module example.test/m v0.9.0\n-- go.mod --\nmodule example.test/m\n\nrequire example.test/c v1.0.0\n"
    up = upstream([back, other, old, A.replace("test/a", "test/c")])
    sums = "".join(line + "\n" for line in up.go_sum().splitlines() if "test/a" in line)
    same({"go.mod": MOD + "\nrequire example.test/b v1.0.0\n", "go.sum": sums, "m.go": MAIN}, *words.split(), env={"GOPROXY": up.url})


# --- a module cache that cannot be written --------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["list -m", "list -m all", "list -m -json all", "mod graph", "mod verify", "list -m -versions example.test/a"])
def test_a_module_cache_that_cannot_be(larder, go, upstream, make_project, tmp_path, words):
    up = upstream([A])
    (tmp_path / "file").write_text("")
    project = make_project("here")
    for name, text in {"go.mod": MOD, "go.sum": up.go_sum(), "m.go": MAIN}.items():
        project.write(name, text)
    want, had = (program(*words.split(), cwd=project, env={"GOPROXY": up.url, "GOMODCACHE": f"{tmp_path}/file/cache"}) for program in (go, larder))
    assert (had.status, had.out, said(had)) == (want.status, want.out, said(want))


@pytest.mark.parametrize("words", ["list -m all", "mod graph", "list -m -json all", "mod download -json"])
def test_a_module_cache_where_nothing_can_be_kept(larder, go, upstream, make_project, tmp_path, words):
    """Part of it is a file where a folder would have to be: as on a read-only file system, but for root too."""
    up = upstream([A])
    cache = tmp_path / "modcache"
    (cache / "cache" / "download").mkdir(parents=True)
    (cache / "cache" / "download" / "example.test").write_text("")
    project = make_project("here")
    for name, text in {"go.mod": MOD, "go.sum": up.go_sum(), "m.go": MAIN}.items():
        project.write(name, text)
    want, had = (program(*words.split(), cwd=project, env={"GOPROXY": up.url, "GOMODCACHE": str(cache)}) for program in (go, larder))
    assert had.status == want.status and sorted(line for line in said(had) if line.startswith("writing")) == \
        sorted(line for line in said(want) if line.startswith("writing")), f"{want}\n{had}"
    assert "writing go.mod cache: mkdir " in want.err
    if want.status == 0:
        assert had.out == want.out


# --- go and toolchain, which are no modules -------------------------------------------------------------------------

TOOLCHAIN = "module golang.org/toolchain v0.0.1-go{}.linux-amd64\n-- go.mod --\nmodule golang.org/toolchain\n-- VERSION --\ngo{}\n"


@pytest.mark.parametrize("words", [
    "list -m go", "list -m -u go toolchain", "list -m -versions go", "list -m -versions -json toolchain", "list -m -json go@1.99.1",
    "list -m go@latest go@upgrade go@patch", "list -m toolchain@latest", "list -m toolchain@upgrade", "list -m toolchain@patch",
    "list -m go@1.99", "list -m go@go1.99.1", "list -m toolchain@1.99.1", "list -m go@<1.21 go@>1.98.0", "list -m -retracted go",
    "list -m go@<=1.99", "list -m go@1.22.1", "list -m go@none", "list -m toolchain@main", "list -m go@1.99.7", "list -m go@1.50",
    "list -m go@1.97", "mod download go", "mod download -json go@1.99.1", "mod download toolchain@go1.99.1"])
def test_go_and_toolchain_are_listed(same, upstream, words):
    up = upstream([TOOLCHAIN.format(v, v) for v in ("1.20.3", "1.98rc1", "1.99.1", "1.99.10", "1.99rc2")])
    same({"go.mod": "module m\n\ngo 1.22\n"}, *words.split(), env={"GOPROXY": up.url})
    same({}, *words.split(), env={"GOPROXY": up.url})
    work = {"go.work": "go 1.23\n\nuse ./a\nuse ./b\n", "a/go.mod": "module m/a\n\ngo 1.22\n", "b/go.mod": "module m/b\n\ngo 1.23\n"}
    same(work, *words.split(), env={"GOPROXY": up.url, "GOWORK": None})


@pytest.mark.parametrize("flags", ["-u", "-u -json", "-u -versions", "-retracted"])
def test_of_several_failures_the_first_is_told(same, upstream, flags):
    up = upstream([A])
    up.fault("*/list", status=403, body=b"go away")
    same({"go.mod": MOD, "go.sum": up.go_sum()}, "list", "-m", *flags.split(), "all", env={"GOPROXY": up.url})


# --- patterns of packages -------------------------------------------------------------------------------------------

TREE = A + """-- in/vendor/b.go --
package vendor
-- in/vendor/c/c.go --
package c
-- testdata/t.go --
package t
-- _x/x.go --
package x
-- skip/deep/s.go --
package deep
-- windows/w_windows.go --
package windows
-- none/none.go --
//go:build ignore

package main
-- in/in.go --
package in

import _ "example.test/a/windows"
"""


@pytest.mark.parametrize("words", ["...", "example.test/...", "example.test/a/...", "example.test/a/in/vendor/...", "none.test/...", "net/http/...",
                                   "./... net/http/pprof/...", "...a/in", "work tool", "tool", "vendor/...", "cmd/internal/...", "-vendor ...", "./nested/...", "./nested", "./sub...",
                                   "-m all example.test/...", "-m example.test/... all"])
def test_why_of_patterns(same, upstream, words):
    up = upstream([TREE.replace("module example.test/a\n-- a", "module example.test/a\n\nignore ./skip\n-- a")])
    files = {"go.mod": MOD.replace("1.21", "1.25") + "\ntool example.test/a/in\n", "go.sum": up.go_sum(), "m.go": MAIN, "sub/vendor/v.go": "package v\n",
             "sub/vendor/w/w.go": "package w\n", "nested/go.mod": "module example.test/m/nested\n", "nested/n.go": "package n\n"}
    same(files, "mod", "why", *words.split(), env={"GOPROXY": up.url})


@pytest.mark.parametrize("words", ["...", "example.test/a/...", "example.test/m/...", "./...", "net/http/...", "-m all"])
@pytest.mark.parametrize("lost", ["*.mod", "*.zip", "*"])
def test_why_of_patterns_where_something_cannot_be_had(same, upstream, words, lost):
    up = upstream([TREE, A.replace("test/a", "test/b")])
    sums = up.go_sum()
    up.fault(f"*/example.test/b/@v/{lost}", status=404, body=b"not found")
    same({"go.mod": MOD + "\nrequire example.test/b v1.0.0\n", "go.sum": sums, "m.go": MAIN}, "mod", "why", *words.split(), env={"GOPROXY": up.url})


@pytest.mark.parametrize("words", ["mod why example.test/c", "mod why -m all", "mod tidy -e", "mod vendor -e"])
def test_what_cannot_be_had_is_asked_for_once(larder, upstream, project, words):
    up = upstream([A])
    project.write("go.mod", MOD)
    project.write("go.sum", up.go_sum())
    for i in range(20):
        project.write(f"p{i}/p.go", f'package p\n\nimport _ "example.test/a/s{i}"\n')
    up.fault("*.zip", status=404, body=b"not found")
    larder(*words.split(), cwd=project, env={"GOPROXY": up.url})
    assert [entry.path for entry in up.log].count("/example.test/a/@v/v1.0.0.zip") == 1


# --- zips that no tree can be made of --------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["mod download -json", "mod download", "mod tidy", "mod why example.test/a", "mod vendor", "mod verify"])
@pytest.mark.parametrize("name", ["A.go", "a?.go", "GO.MOD", "sub/go.mod/x", "con.go", "./b.go", "x/../b.go", "../../other/x"])
def test_a_zip_that_breaks_a_rule(same, upstream, make_project, name, words):
    """It stays in the module cache, to be complained of again."""
    module = Module.parse(A)
    module.zip = make_zip({**module.zip_files(), f"example.test/a@v1.0.0/{name}": b"package a\n"})
    up = upstream([module])
    files = {"go.mod": MOD, "go.sum": "", "m.go": MAIN}
    env = {"GOPROXY": up.url, "GOFLAGS": "-mod=mod"}
    same(files, *words.split(), env=env)
    same(files, *words.split(), env=env)
    for kind in (".zip", ".ziphash"):
        left = [(make_project(f"as-{who}/project").path.parent / "modcache/cache/download/example.test/a/@v/v1.0.0").with_suffix(kind)
                for who in ("go", "larder")]
        theirs, ours = (file.read_bytes() if file.exists() else None for file in left)
        assert ours == theirs


# --- what a proxy says of a version, and one that is not there --------------------------------------------------------


@pytest.mark.parametrize("words", ["mod download -json", "list -m -json example.test/a"])
@pytest.mark.parametrize("fields", ['"Time":""', '"Time":"2020-01-02"', '"Time":"2020-02-30T00:00:00Z"', '"Time":"2020-01-02T03:04:05+02:60"', '"Time":5',
                                    '"Time":"2020-01-02T3:04:05,5Z"', '"Time":"2020-01-02T03:04:05Zx"', '"Origin":{"vcs":{}}', '"Origin":[],"Time":"x"', '"version":5'])
def test_a_version_that_is_described_badly(same, upstream, words, fields):
    up = upstream([A + '-- .info --\n{"Version":"v1.0.0",' + fields + "}\n"])
    same({"go.mod": MOD}, *words.split(), env={"GOPROXY": up.url, "GOFLAGS": "-mod=mod"})


@pytest.mark.parametrize("words", ["mod download -json", "list -m -json example.test/a"])
@pytest.mark.parametrize("text", ['{"Version":"v1.0.0","Time":""}', '{"Version":5}', "{}x", '{"Version":"v1.0.0","Time":"2020-01-02T03:04:05Z"}'])
def test_what_is_cached_badly_is_asked_for_again(same, upstream, make_project, words, text):
    up = upstream([A])
    for who in ("go", "larder"):
        versions = make_project(f"as-{who}/modcache/cache/download/example.test/a/@v")
        versions.write("v1.0.0.info", text)
    same({"go.mod": MOD}, *words.split(), env={"GOPROXY": up.url, "GOFLAGS": "-mod=mod"})
    assert up.count("*.info") == (0 if "03:04" in text else 2)


@pytest.mark.parametrize("words", ["mod download -json", "mod tidy", "list -m example.test/a@latest"])
@pytest.mark.parametrize("variable", ["GOPROXY", "http_proxy"])
def test_nobody_listens(same, words, variable):
    with socket.socket() as taken:  # and nobody accepts: it never listens
        taken.bind(("127.0.0.1", 0))
        env = {"GOPROXY": "http://proxy.test", variable: f"http://127.0.0.1:{taken.getsockname()[1]}"}
        same({"go.mod": MOD, "m.go": MAIN}, *words.split(), env=env)


# --- proxies with odd URLs ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["{}/?tok=abc", "{}?tok=a/b", "{}/#frag", "{}/a/../", "{}//./", "{}/a/../?x=1#y"])
@pytest.mark.parametrize("words", ["mod download -json", "list -m example.test/a@latest", "list -m -versions example.test/a"])
def test_a_proxy_with_a_query(same, upstream, url, words):
    up = upstream([A])
    up.fault("*/@latest", status=404, body=b"not found")
    same({"go.mod": MOD, "go.sum": up.go_sum()}, *words.split(), env={"GOPROXY": url.format(up.url)})
    asked = [entry.path for entry in up.log]
    assert len(set(asked)) * 2 == len(asked), asked  # each by both


def test_a_scheme_in_capitals(same, upstream, tmp_path):
    same({"go.mod": MOD}, "mod", "download", env={"GOPROXY": f"FILE://{tmp_path}/none"})


# --- values of build flags, which make no difference to modules -------------------------------------------------


@pytest.mark.parametrize("flag", [
    "-p=x", "-p=", "-p=0", "-p=-0x10", "-p=1e3", "-p=0x4", "-p=1_0", "-p=08", "-p=99999999999999999999",
    "-compiler=x", "-compiler=", "-compiler=gccgo", "-covermode=x", "-covermode=", "-covermode=set",
    "-buildmode=x", "-buildmode=", "-buildmode=c-archive", "-gcflags=all", "-gcflags==y", "-gcflags=a=b", "-gcflags=-N",
    "-gcflags= -N 'x", "-asmflags=x y", "-ldflags=\"a", "-gccgoflags=a b=", "-toolexec=\"x", "-toolexec=x y", "-coverpkg=x"])
@pytest.mark.parametrize("place", ["command", "GOFLAGS"])
def test_values_of_build_flags(same, flag, place):
    files = {"go.mod": "module example.test/m\n\ngo 1.24\n"}
    if place == "command":
        same(files, "list", "-m", flag, env={})
        return
    quoted = flag if " " not in flag and '"' not in flag else f"'{flag}'" if "'" not in flag else f'"{flag}"'
    same(files, "list", "-m", env={"GOFLAGS": quoted})
    same(files, "mod", "tidy", env={"GOFLAGS": quoted})


@pytest.mark.parametrize("flags", [
    "-race -msan", "-asan -race", "-msan -asan", "-race -msan -mod=x", "-race -msan -p=0", "-race -msan -f=x -json",
    "-race -msan -deps", "-race -msan=false -p=0"])
def test_instruments_that_exclude_each_other(same, flags):
    same({"go.mod": "module example.test/m\n\ngo 1.24\n"}, "list", "-m", *flags.split(), env={"CGO_ENABLED": "1"})


@pytest.mark.parametrize("env", [{}, {"GOOS": "windows"}, {"GOARCH": "arm64"}, {"CGO_ENABLED": "0"}, {"CGO_ENABLED": "1"}])
@pytest.mark.parametrize("words", ["./...", "m/...", "all", "./win", "./... ./win"])
def test_folders_without_files_for_this_build(same, words, env):
    package = "package p\n"
    same({
        "go.mod": "module m\n\ngo 1.21\n", "m.go": package, "win/x_windows.go": package, "arm/x_linux_arm64.go": package,
        "cgo/x.go": 'package p\n\nimport "C"\n', "bad/x.go": "packag p\n", "no/x.go": "//go:build ignore\n\n" + package,
        "unix/x.go": "//go:build unix && !cgo\n\n" + package, "old/x.go": "//go:build !go1.20\n\n" + package,
        "new/x.go": "//go:build go1.999\n\n" + package, "doc/x.go": "package documentation\n",
        "tests/x_test.go": package, "two/x.go": "//go:build a\n//go:build b\n\n" + package,
        "gc-x/x.go": package, "gc/sub/x.go": package, "gc/x.go": "//go:build gc && go1.1\n\n" + package, "plus/x.go": "// +build windows\n\n" + package,
    }, "mod", "why", *words.split(), env=env)


def test_build_mode_is_judged_before_the_number_of_jobs(same):
    files = {"go.mod": "module example.test/m\n\ngo 1.24\n"}
    done = same(files, "list", "-m", "-p=0", "-buildmode=x", env={})
    assert "buildmode=x not supported" in done.err
    same(files, "list", "-m", "-p=0", "-mod=x", env={})
    same(files, "list", "-m", "-p=0", "-f={{.Path}}", "-json", env={})
    same(files, "list", "-m", "-p=0", "-deps", env={})


@pytest.mark.parametrize("between", [",", "|"])
@pytest.mark.parametrize("words", [["list", "-m", "nope.test/x@latest"], ["list", "-m", "-versions", "nope.test/x"], ["mod", "tidy"]], ids=" ".join)
def test_what_a_proxy_before_off_does_not_have(words, between, same, upstream):
    same({"go.mod": "module example.test/m\n\ngo 1.21\n", "m.go": 'package m\n\nimport _ "nope.test/x"\n'}, *words, env={"GOPROXY": upstream([A]).url + between + "off"})


# --- module caches that somebody made smaller, folders by another name ------------------------------------------

@pytest.mark.parametrize("words", [["mod", "tidy"], ["mod", "vendor"], ["mod", "why", "example.test/a"], ["mod", "download"]], ids=" ".join)
def test_extracted_modules_without_their_zips(words, larder, go, make_project, upstream, env):
    """For builds go asks for no zip where the extracted folder and its hash are there."""
    env["GOPROXY"] = upstream([A]).url
    ends = []
    for program, name in ((go, "go"), (larder, "larder")):
        project = make_project(f"{name}/project")
        project.write("go.mod", MOD)
        project.write("m.go", MAIN)
        here = {**env, "GOMODCACHE": str(project.path.parent / "modcache")}
        go("mod", "tidy", cwd=project, env=here, ok=True)
        go("mod", "download", cwd=project, env=here, ok=True)
        (project.path.parent / "modcache/cache/download/example.test/a/@v/v1.0.0.zip").unlink()
        done = program(*words, cwd=project, env={**here, "GOPROXY": "off"})
        ends.append((done.status, done.out, said(done), (project.path / "vendor/example.test/a/a.go").is_file()))
    assert ends[0] == ends[1]


def test_folders_reached_through_a_link(larder, go, project, env):
    project.write("go.mod", "module example.test/m\n\ngo 1.21\n")
    project.write("m.go", "package m\n")
    project.write("a/a.go", "package a\n")
    link = project.path.parent / "link"
    link.symlink_to(project.path)
    for words in (["./..."], ["."], ["./a"], ["./a/..."]):
        theirs, ours = (program("mod", "why", *words, cwd=link, env={**env, "PWD": str(link)}) for program in (go, larder))
        assert theirs.out and (theirs.status, theirs.out, said(theirs)) == (ours.status, ours.out, said(ours))
