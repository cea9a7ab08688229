# SPDX-License-Identifier: Apache-2.0
"""Modules straight from git, beside the real go: the same versions, files, sums and refusals."""
import itertools
import json
import re

import pytest

from gitserver import GitServer

PSEUDO = "v0.0.0-20240102030505-%s"


def build(server):
    """Every repository the cases ask for. Returns {name: commit}."""
    at = {}

    m = server.module("code.test/m")
    at["m1"] = m.commit({"go.mod": "module code.test/m\n\ngo 1.20\n", "m.go": "package m\n", "LICENSE": "free\n",
                         "sub/go.mod": "module code.test/m/sub\n", "sub/s.go": "package sub\n",
                         "own/go.mod": "module code.test/m/own\n", "own/LICENSE": "own\n", "own/o.go": "package own\n"},
                        tags=["v1.0.0", "sub/v0.1.0", "own/v1.0.0", "v1", "v1.0", "1.0.0", "v1.0.0-alpha"])
    at["m2"] = m.commit({"m.go": "package m // 2\n"}, tags=["v1.1.0-rc.1", "v1.1.0-rc.1+meta", "nope/v3.0.0"])
    m.git("tag", "-a", "-m", "annotated", "v1.1.0")
    at["m3"] = m.commit({"m.go": "package m // 3\n"}, tags=["v1.2.0+meta", "v0.0.0-20240102030505-000000000000"])
    at["side"] = m.commit({"side.go": "package m\n"}, branch="side", tags=["v0.9.0"])
    at["slash"] = m.commit({"slash.go": "package m\n"}, branch="topic/one")

    v2 = server.module("code.test/v2")
    at["v2one"] = v2.commit({"go.mod": "module code.test/v2\n", "a.go": "package a\n"}, tags=["v1.0.0"])

    major = server.module("code.test/major")
    major.commit({"go.mod": "module code.test/major\n", "a.go": "package a\n"}, tags=["v1.0.0"])
    at["branch"] = major.commit({"go.mod": "module code.test/major/v2\n"}, tags=["v2.0.0", "v2.1.0-pre"])
    at["folder"] = major.commit({"go.mod": "module code.test/major\n", "v3/go.mod": "module code.test/major/v3\n",
                                 "v3/a.go": "package a\n"}, tags=["v3.0.0"])
    major.commit({"go.mod": "module code.test/major/v4\n", "v4/go.mod": "module code.test/major/v4\n"}, tags=["v4.0.0"])
    major.commit({"go.mod": "module code.test/elsewhere\n", "v4/go.mod": None, "v5/go.mod": "module code.test/x\n"},
                 tags=["v5.0.0"])
    major.commit({"go.mod": "// no module\n", "v5/go.mod": None}, tags=["v6.0.0", "v1.6.0"])

    old = server.module("code.test/old")
    old.commit({"o.go": "package o\n"}, tags=["v1.0.0", "v2.0.0", "v2.1.0"])
    at["old"] = old.commit({"o.go": "package o // 2\n"}, tags=["v3.0.0"])
    old.commit({"go.mod": "module code.test/old/v3\n"}, tags=["v3.1.0"])
    at["oldhead"] = old.commit({"go.mod": None, "o.go": "package o // 3\n"})

    bare = server.module("code.test/untagged")
    at["untagged1"] = bare.commit({"u.go": "package u\n"})
    at["untagged2"] = bare.commit({"go.mod": "module code.test/untagged\n"})

    odd = server.module("code.test/odd")
    other = server.repo("submodule")
    other.commit({"x.go": "package x\n"})
    odd.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(other.bare), "dependency")
    at["odd"] = odd.commit({
        "go.mod": "module code.test/odd\n", "o.go": "package o\n", "link.go": ("link", "o.go"),
        ".gitattributes": "*.txt text eol=crlf\nhidden.go export-ignore\nsubst.go export-subst\nid.go ident\n"
                          "*.bin filter=lfs diff=lfs merge=lfs -text\n",
        "a.txt": "one\ntwo\n", "crlf.go": "package o\r\n", "hidden.go": "package o\n",
        "subst.go": "package o // $Format:%H$\n", "id.go": "package o // $Id$\n",
        "data.bin": "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 12\n",
        "vendor/modules.txt": "# x\n", "vendor/x/x.go": "package x\n", "a/b.go": "package a\n", "a.go": "package o\n",
        "empty.txt": "", ".hidden": "x\n", "gr\u00f6\u00dfe.go": "package o\n"}, tags=["v1.0.0"])
    odd.commit({"a*b.go": "package o\n"}, tags=["v1.1.0"])
    odd.commit({"a*b.go": None, "CASE.go": "package o\n", "case.go": "package o\n"}, tags=["v1.2.0"])

    folder = server.module("code.test/folder", subdir="deep/down")
    at["folder4"] = folder.commit({"deep/down/go.mod": "module code.test/folder\n", "deep/down/f.go": "package f\n",
                                   "LICENSE": "root\n", "deep/down/in/go.mod": "module code.test/folder/in\n"},
                                  tags=["deep/down/v1.0.0", "deep/down/in/v1.0.0", "v9.9.9"])

    retract = server.module("code.test/retract")
    retract.commit({"go.mod": "module code.test/retract\n"}, tags=["v1.0.0"])
    retract.commit({"go.mod": "module code.test/retract\n\nretract v1.1.0\n"}, tags=["v1.2.0"])
    at["retracted"] = retract.commit({"r.go": "package r\n"}, tags=["v1.1.0"])

    sha256 = server.module("code.test/sha256", object_format="sha256")
    at["sha256"] = sha256.commit({"go.mod": "module code.test/sha256\n"}, tags=["v1.0.0"])

    linked = server.module("code.test/linked")
    linked.commit({"go.mod": "module code.test/linked\n", "COPYING": "free\n", "LICENSE": ("link", "COPYING"),
                   "sub/go.mod": "module code.test/linked/sub\n"}, tags=["v1.0.0", "sub/v1.0.0"])


    hub = server.repo("Me/lib")
    hub.commit({"go.mod": "module github.com/Me/lib\n", "sub/go.mod": "module github.com/Me/lib/sub\n"},
               tags=["v1.0.0", "sub/v0.1.0"])
    hub.commit({"go.mod": "module github.com/Me/lib/v2\n"}, tags=["v2.0.0"])

    fancy = server.repo("fancy")
    for suffix in ("v1", "v2", "v3", "v4", "v1-unstable"):
        server.page(f"gopkg.in/fancy.{suffix}", f"gopkg.in/fancy.{suffix} git https://gopkg.in/fancy")
    fancy.commit({"f.go": "package fancy\n"}, tags=["v1.0.0", "v4.0.0"])
    fancy.commit({"go.mod": "module gopkg.in/fancy.v1\n"}, tags=["v1.1.0", "v2.0.0"])
    fancy.commit({"go.mod": "module gopkg.in/fancy.v2\n"}, tags=["v2.1.0", "v3.0.0"])
    fancy.commit({"go.mod": "module github.com/Me/fancy/v3\n"}, tags=["v3.1.0"])
    at["fancy"] = fancy.commit({"go.mod": "module gopkg.in/fancy.v1-unstable\n"})

    server.repo("empty")
    server.page("code.test/empty", "code.test/empty git https://git.test/empty")
    server.page("code.test/gone", "code.test/gone git https://git.test/gone")
    server.page("code.test/hg", "code.test/hg hg https://git.test/hg")
    server.page("code.test/svn", "code.test/svn svn https://git.test/svn")
    server.page("code.test/what", "code.test/what cvs https://git.test/what")
    server.page("code.test/dash", "code.test/dash git -oProxyCommand=x")
    server.page("code.test/file", "code.test/file git file:///etc")
    server.page("code.test/ext", "code.test/ext git ext::sh")
    server.page("code.test/scp", "code.test/scp git git.test:r")
    server.page("code.test/rooted", "code.test/rooted git https://git.test/r /etc")
    server.page("code.test/minus", "code.test/minus git https://git.test/r -x")
    server.page("code.test/another", "code.test/nothing git https://git.test/r")
    server.page("code.test/liar/in", "code.test/liar git https://git.test/code.test-m")
    server.page("code.test/liar", "code.test/liar git https://git.test/other")
    two = '<meta name="go-import" content="code.test/two git https://git.test/{}">'
    server.page("code.test/two", (two.format("a") + two.format("b")).encode())
    server.page("code.test/latin", b'<?xml version="1.0" encoding="iso-8859-1"?><html>\xe9</html>')
    server.page("code.test/bytes", b"<html>\n<title>\xe9</title></html>")
    server.page("code.test/html", b"<html><head></head><body>nothing</body></html>")
    server.page("code.test/broken", b"<html>\n<a b=\"<\">")
    server.page("code.test/plain", b"no tags here")
    server.page("code.test/refused", 403)
    # An error page may carry the tag, and unclosed and unquoted HTML is fine.
    def tag_on_404(handler):
        handler.reply(404, b'<!DOCTYPE html><html><head><link rel=x><script async src=y></script>&nbsp;<META '
                           b'NAME=go-import CONTENT="code.test/on404 git https://git.test/code.test-m">')
    server.page("code.test/on404", tag_on_404)

    def tag_far_down_on_404(handler):
        handler.reply(404, b"<html><head>" + b"<link rel=x>" * 2400 +
                      b'<meta name="go-import" content="code.test/far404 git https://git.test/code.test-m">')
    server.page("code.test/far404", tag_far_down_on_404)
    return at


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with GitServer(tmp_path_factory.mktemp("git")) as running:
        running.at = build(running)
        yield running


@pytest.fixture
def both(go, larder, server, tmp_path):
    """both(words, **env) runs go and larder, each with a module cache of its own; returns their (status, out, err)
    with the cache's path replaced, and the files of cache/download without zips and locks. caches: a name for those of
    several runs."""
    runs = itertools.count()

    def run(*words, cwd=None, caches=None, **env):
        results = []
        number = caches or next(runs)
        for program in (go, larder):
            cache = tmp_path / f"{program.program.split('/')[-1]}{number}"
            done = program(*words, cwd=cwd, env={**server.env, "GOPROXY": "direct", "GOMODCACHE": cache, **env})
            text = [re.sub("^larder: ", "go: ", one.replace(str(cache), "$CACHE"), flags=re.M)
                    for one in (done.out, done.err)]
            files = {str(path.relative_to(cache)): path.read_text() for path in (cache / "cache").rglob("*")
                     if path.suffix in (".info", ".mod", ".ziphash") or path.name == "list"}
            results.append((done.status, *text, files))
        return results
    return run


def fields(text):
    """The object of `mod download -json`. go does not name the module where no zip can be made; it is in the object
    anyway."""
    if not text.startswith("{"):
        return text
    out = json.loads(text)
    if isinstance(out.get("Error"), str):
        out["Error"] = out["Error"].removeprefix(f"{out['Path']}@{out['Version']}: create zip")
        out["Error"] = out["Error"].removeprefix("create zip")
    return out


QUERIES = [
    ("code.test/m", "v1.0.0 v1.1.0 v1.1.0-rc.1 v1.0.0-alpha v1 v1.0 latest main side HEAD v1.2.0 v1.9.9 nosuch 1.0.0"
                    " v1.2.0+meta v2.0.0 v1.0.0+incompatible <v1.1.0 >=v1.1.0 topic/one"),
    ("code.test/m/sub", "v0.1.0 latest main v1.0.0"),
    ("code.test/m/own", "v1.0.0"),
    ("code.test/m/nope", "v3.0.0 latest"),
    ("code.test/m/v3", "latest v3.0.0"),
    ("code.test/v2", "v1.0.0 v2.0.0"),
    ("code.test/v2/v2", "v2.0.0"),
    ("code.test/major", "v1.0.0 v2.0.0 v3.0.0 latest main v1.6.0"),
    ("code.test/major/v2", "v2.0.0 latest v2 v2.0.0-x main"),
    ("code.test/major/v3", "v3.0.0 latest main"),
    ("code.test/major/v4", "v4.0.0 latest"),
    ("code.test/major/v5", "v5.0.0"),
    ("code.test/major/v6", "v6.0.0"),
    ("code.test/old", "v1.0.0 v2.0.0 v2.0.0+incompatible v2.1.0+incompatible v3.0.0+incompatible v3.0.0 v3.1.0 latest v2 main"
                      " v1.0.0+incompatible"),
    ("code.test/old/v3", "v3.1.0 v3.0.0"),
    ("code.test/untagged", "latest main v0.0.0"),
    ("code.test/odd", "v1.0.0 v1.1.0 v1.2.0"),
    ("code.test/folder", "v1.0.0 latest main v9.9.9"),
    ("code.test/folder/in", "v1.0.0"),
    ("code.test/retract", "latest main v1.1.0"),
    ("code.test/sha256", "v1.0.0 main"),
    ("code.test/on404", "v1.0.0"),
    ("code.test/far404", "v1.0.0"),
    ("code.test/linked", "v1.0.0"),
    ("code.test/linked/sub", "v1.0.0"),
    ("github.com/Me/lib", "v1.0.0 latest v2.0.0"),
    ("github.com/Me/lib/v2", "v2.0.0"),
    ("github.com/Me/lib/sub", "v0.1.0"),
    ("github.com/Me/none", "v1.0.0"),
    ("github.com/Me", "v1.0.0"),
    ("github.com/Me/lib.git", "v1.0.0"),
    ("gopkg.in/fancy.v1", "v1.0.0 v1.1.0 latest v2.0.0"),
    ("gopkg.in/fancy.v2", "v2.0.0 v2.1.0+incompatible latest"),
    ("gopkg.in/fancy.v3", "v3.0.0 v3.1.0"),
    ("gopkg.in/fancy.v4", "v4.0.0"),
    ("gopkg.in/fancy.v1-unstable", "v1.0.0 latest"),
    ("gopkg.in/fancy", "v1.0.0"),
    ("git.test/code.test-m.git", "v1.0.0"),
]
REFUSED = ("empty gone hg svn what dash file ext scp rooted minus another liar/in two latin bytes html broken plain "
           "refused nothing/at/all")


def parts(rows):
    return [(path, query) for path, queries in rows for query in queries.split()]


def commits(at):
    """Queries that need to know a commit."""
    m1, m3, side, u1 = (at[name] for name in ("m1", "m3", "side", "untagged1"))
    return [
        ("code.test/m", m1), ("code.test/m", m1[:7]), ("code.test/m", m3[:12]), ("code.test/m", m1[:6]),
        ("code.test/m", "0" * 40), ("code.test/m", "0" * 12), ("code.test/m", side),
        ("code.test/m", f"v1.1.1-0.20240102030805-{m3[:12]}"),           # right
        ("code.test/m", f"v1.0.1-0.20240102030805-{m3[:12]}"),           # an older base is allowed
        ("code.test/m", f"v1.1.1-0.20240102030806-{m3[:12]}"),           # wrong time
        ("code.test/m", f"v1.1.1-0.20241302030806-{m3[:12]}"),           # no time
        ("code.test/m", f"v1.1.1-0.20240102030805-{m3[:11]}"),           # short
        ("code.test/m", f"v1.1.1-0.20240102030805-{m3[:13]}"),           # long
        ("code.test/m", f"v1.5.1-0.20240102030805-{m3[:12]}"),           # no such base
        ("code.test/m", f"v0.9.1-0.20240102030805-{m3[:12]}"),           # the base is on a branch
        ("code.test/m", f"v1.0.1-0.20240102030605-{m1[:12]}"),           # the base is here
        ("code.test/m", f"v1.0.0-20240102030805-{m3[:12]}"),             # v1 without a base
        ("code.test/m", f"v0.0.0-20240102030805-{m3[:12]}"),
        ("code.test/m", f"v2.0.0-20240102030805-{m3[:12]}"),
        ("code.test/m/sub", f"v0.1.1-0.20240102030805-{m3[:12]}"),
        ("code.test/untagged", PSEUDO % u1[:12]), ("code.test/untagged", u1),
        ("code.test/old", at["old"]), ("code.test/old", at["oldhead"]),
        ("code.test/major/v2", at["branch"]), ("code.test/major/v3", at["folder"]),
        ("gopkg.in/fancy.v1", at["fancy"]), ("gopkg.in/fancy.v1-unstable", at["fancy"]),
        ("gopkg.in/fancy.v2", f"v2.0.1-0.20240102030905-{at['fancy'][:12]}"),
        ("code.test/retract", at["retracted"]), ("code.test/sha256", at["sha256"][:12]),
    ]


def compare(results):
    expected, found = results
    assert fields(found[1]) == fields(expected[1])
    assert found[2] == expected[2]
    assert found[0] == expected[0]
    assert found[3] == expected[3]


@pytest.mark.parametrize("path,query", parts(QUERIES))
def test_download(both, path, query):
    compare(both("mod", "download", "-json", f"{path}@{query}"))


def test_download_by_commit(both, server, tmp_path):
    for path, query in commits(server.at):
        compare(both("mod", "download", "-json", f"{path}@{query}"))


@pytest.mark.parametrize("path, queries", [
    ("code.test/m", "v1.0.0 {m1} v1.0.0 latest"), ("code.test/m", "v1.1.0 v1 main side {m3}"), ("code.test/m", "{m1} v1.0.0 v1.0"),
    ("code.test/m", "main {m3} latest v1 main"), ("code.test/m/sub", "v0.1.0 latest main v0"), ("code.test/untagged", "latest {untagged1} main latest"),
    ("code.test/major", "v3.0.0 latest v2.0.0 main"), ("gopkg.in/fancy.v1", "v1.0.0 latest {fancy} v1"),
])
def test_queries_one_after_another(both, server, path, queries):
    """What a branch or a hash leads to takes the place of the .info that is cached; "latest" does not."""
    for query in queries.format(**server.at).split():
        compare(both("mod", "download", "-json", f"{path}@{query}", caches=path.replace("/", "-")))


@pytest.mark.parametrize("path, queries", [
    ("code.test/m", "latest v1.1.0 main v1"), ("code.test/m", "v1.0.0 {m1} latest v1.0"), ("code.test/m", "{m1} v1.0.0 v1.0"),
    ("code.test/untagged", "latest main {untagged1}"), ("code.test/major/v3", "main latest v3.0.0 v3"),
])
def test_queries_in_one_command(both, server, path, queries):
    """For which the first answer counts, while the last one stays in the cache."""
    asked = [f"{path}@{query}" for query in queries.format(**server.at).split()]
    for words in (["mod", "download", "-json"], ["list", "-m", "-json"]):
        expected, found = both(*words, *asked)
        assert found == expected


@pytest.mark.parametrize("path", REFUSED.split())
def test_refused(both, path):
    expected, found = both("mod", "download", f"code.test/{path}@v1.0.0")
    assert expected[0] == found[0] == 1
    if path in ("hg", "svn", "ext"):  # go would run hg; svn is refused by GOVCS in both; ext in other words
        word = {"hg": "Mercurial", "svn": "GOVCS disallows using svn", "ext": "must not be local directory"}[path]
        assert word in found[2]
    else:
        assert found[2] == expected[2]


@pytest.mark.parametrize("path", [path for path, _ in QUERIES])
def test_versions(both, path):
    compare(both("list", "-m", "-versions", path))


@pytest.mark.parametrize("path,query", parts(QUERIES))
def test_list(both, path, query):
    compare(both("list", "-m", "-json", "-e", "-versions", f"{path}@{query}"))


def test_origins_inside_a_module(both, tmp_path):
    """Replacements add versions of their own; what is not asked for by query has no origin."""
    (tmp_path / "p" / "x").mkdir(parents=True)
    (tmp_path / "p" / "x" / "go.mod").write_text("module code.test/m\n")
    for replace in ("code.test/m v1.7.0 => ./x", "code.test/m v0.0.0-20200101000000-000000000000 => ./x", "code.test/m => ./x"):
        (tmp_path / "p" / "go.mod").write_text("module example.test/p\n\ngo 1.21\n\nrequire code.test/m v1.0.0\n\n"
                                               f"replace {replace}\n")
        for words in (["code.test/m@latest"], ["code.test/m@v1"], ["code.test/m@v0"], ["code.test/m@upgrade"], ["code.test/m@main"],
                      ["code.test/v2@latest"]):
            compare(both("list", "-m", "-e", "-json", "-versions", *words, cwd=tmp_path / "p", GOFLAGS="-mod=mod"))
    (tmp_path / "p" / "go.mod").write_text("module example.test/p\n\ngo 1.21\n\nrequire code.test/m v1.0.0\n")
    for words in ("mod download -json", "mod download -json code.test/m", "list -m -json all", "list -m -json -u -versions code.test/m"):
        expected, found = both(*words.split(), cwd=tmp_path / "p", GOFLAGS="-mod=mod")
        assert found == expected
