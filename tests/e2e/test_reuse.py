# SPDX-License-Identifier: Apache-2.0
"""-reuse=old.json of `mod download` and `list -m` on repositories, beside the real go: what is confirmed is printed
again and not fetched, what changed is looked up anew. What go printed larder reuses, and the other way round."""
import itertools
import json
import re

import pytest

from gitserver import GitServer


class World:
    """Repositories of one test, and both programs on them."""

    def __init__(self, server, go, larder, folder):
        self.server, self.programs, self.folder = server, {"go": go, "larder": larder}, folder
        self.number = itertools.count()
        m = self.m = server.module("code.test/m")
        m.commit({"go.mod": "module code.test/m\n\ngo 1.20\n", "sub/go.mod": "module code.test/m/sub\n"},
                 tags=["v1.0.0", "sub/v0.1.0"])
        m.commit({"a.go": "package m\n"}, tags=["v1.1.0", "v1.2.0+meta"])
        self.head = m.commit({"a.go": "package m // 2\n"})
        u = self.untagged = server.module("code.test/untagged")
        self.first = u.commit({"u.go": "package u\n"})
        u.commit({"go.mod": "module code.test/untagged\n"})

    def run(self, name, *words, **env):
        """(status, stdout, stderr, cache), in a module cache of its own; the cache's path is replaced in stdout."""
        cache = self.folder / f"{name}{next(self.number)}"
        env = {**self.server.env, "GOPROXY": "direct", "GOSUMDB": "off", "GOMODCACHE": str(cache), **env}
        done = self.programs[name](*words, env=env)
        return done.status, done.out.replace(str(cache), "$CACHE"), done.err, cache

    def keep(self, text, name="old.json"):
        (self.folder / name).write_text(text)
        return f"-reuse={self.folder / name}"

    def again(self, *words, **env):
        """Both, with the same words: (status, stdout, has fetched), on which they agree."""
        theirs, ours = self.run("go", *words, **env), self.run("larder", *words, **env)
        assert ours[:2] == theirs[:2], f"{theirs[2][-400:]}\n{ours[2][-400:]}"
        assert has_fetched(ours[2]) == has_fetched(theirs[2]), f"{theirs[2]}\n{ours[2]}"
        return ours[0], ours[1], has_fetched(ours[2])


@pytest.fixture
def world(go, larder, tmp_path):
    with GitServer(tmp_path / "git") as server:
        yield World(server, go, larder, tmp_path)


DOWNLOAD = ("mod", "download", "-x", "-json")
LIST = ("list", "-m", "-x", "-json")
QUERIES = ["code.test/m@latest", "code.test/m@v1.0.0", "code.test/m@main", "code.test/m@v1", "code.test/m@<v1.1.0",
           "code.test/m@v1.2.0+meta", "code.test/m@HEAD", "code.test/m/sub@latest", "code.test/m/sub@main",
           "code.test/untagged@latest", "code.test/untagged@main", "code.test/untagged@FIRST",
           "code.test/m@nosuch", "code.test/m@v1.9.0", "code.test/m/v9@latest", "code.test/m/none/v9@latest",
           "code.test/m@0123456789012345678901234567890123456789", "code.test/m@v0.0.0-20220101120101-123456789abc"]


def has_fetched(text):
    return re.search(r"git( -c \S+)* fetch", text) is not None


@pytest.mark.parametrize("words", [DOWNLOAD, (*LIST, "-e"), (*LIST, "-e", "-versions", "-retracted")], ids=["download", "list", "versions"])
@pytest.mark.parametrize("query", QUERIES)
def test_what_is_unchanged(world, words, query):
    query = query.replace("FIRST", world.first)
    writers = [world.run(name, *words, query) for name in ("go", "larder")]
    assert writers[0][:2] == writers[1][:2]
    answer = json.loads(writers[0][1])
    status, out, fetched = world.again(*words, world.keep(writers[0][1]), query)
    assert status == writers[0][0]
    # The tags with prefix v1 are not all tags: go does not join the two, and the list has no origin.
    joins = not ("-versions" in words and query.endswith("@v1"))
    assert json.loads(out).get("Reuse", False) == joins and json.loads(out).get("Origin") == answer.get("Origin")
    # That it is v1.1.0 is no matter of the tag that was asked for alone: it is looked at, and then reused.
    assert fetched == (not joins or query.endswith("+meta") and "-versions" not in words)


@pytest.mark.parametrize("change", ["tag", "subtag", "othertag", "commit", "branch", "moved", "deleted"])
def test_what_changed_since(world, change):
    queries = [f"code.test/{query}" for query in ("m@latest", "m@v1.0.0", "m@main", "m@v1", "m@nosuch", "m/sub@latest", "m/v9@latest",
                                                  "untagged@latest")]
    old = world.keep(world.run("go", *DOWNLOAD, *queries)[1])
    m = world.m
    if change.endswith("tag"):
        m.git("tag", {"tag": "v1.3.0", "subtag": "sub/v0.2.0", "othertag": "nothing"}[change])
        m.push()
    elif change == "moved":
        m.git("tag", "-f", "v1.0.0", "HEAD")
        m.push()
    elif change == "deleted":
        m.git("push", "-q", "origin", ":refs/tags/v1.0.0")
    else:
        m.commit({"b.go": "package m\n"}, branch="side" if change == "branch" else None)
    _, out, fetched = world.again(*DOWNLOAD, old, *queries)
    assert fetched == (change not in ("othertag", "branch"))  # of these only what is not there depends
    assert 0 < out.count('"Reuse": true') < len(queries)


@pytest.mark.parametrize("old,new", [("\"git\"", "\"hg\""), ("git.test/code.test-m", "git.test/other"), ("v1.1.0\",", "v1.1.1\","),
                                     ("\"TagSum\": \"t1:", "\"TagSum\": \"t1:x"), ("\"Hash\"", "\"Subdir\": \"sub\",\n\"Hash\""),
                                     ("\"Hash\": \"", "\"Hash\": \"0"), ("\"Origin\": {", "\"origin_\": {"), ("TagSum", "TagSum_"),
                                     ("\"Ref\": \"refs/tags/v1.1.0\"", "\"Ref\": \"refs/heads/nosuch\""), ("latest", "main"),
                                     ("\"Query\": \"latest\",", ""), ("code.test/m\"", "code.test/x\"")])
def test_what_does_not_fit(world, old, new):
    text = world.run("go", *DOWNLOAD, "code.test/m@latest")[1]
    assert old in text
    world.again(*DOWNLOAD, world.keep(text.replace(old, new)), "code.test/m@latest", "code.test/m@v1.1.0")


def test_a_bulk_of_entries(world):
    words = [query for query in QUERIES if "FIRST" not in query and "+meta" not in query]
    old = world.run("larder", *DOWNLOAD, *words)[1]
    assert old == world.run("go", *DOWNLOAD, *words)[1]
    status, out, fetched = world.again(*DOWNLOAD, world.keep(old), *reversed(words))
    assert status == 1 and out.count('"Reuse": true') == len(words) and not fetched
    # The entries are used by either command, and only for what they are about.
    world.again(*LIST, "-e", "-versions", world.keep(old), "code.test/m@v1.0.0", "code.test/m@>v1.0.0", "code.test/m/sub@v0.1.0")


def test_without_json_nothing_is_said_of_what_is_reused(world):
    query = ["code.test/m@latest", "code.test/m@nosuch"]
    old = world.keep(world.run("go", *DOWNLOAD, *query)[1])
    for words in (["mod", "download", old], ["list", "-m", old], ["list", "-m", "-e", old]):
        told = [world.run(name, *words, *query) for name in ("go", "larder")]
        said = [(status, out, err.replace("larder: ", "go: ")) for status, out, err, _ in told]
        assert said[0] == said[1]
    done = world.run("larder", "mod", "download", old, query[0])
    assert done[0] == 0 and not (done[3] / "cache" / "download" / "code.test").exists()


def test_a_proxy_confirms_nothing(world, upstream):
    proxy = upstream(["module code.test/proxied v1.0.0\n-- go.mod --\nmodule code.test/proxied\n"])
    query = ["code.test/m@latest", "code.test/m@v1.0.0", "code.test/m/sub@main"]
    old = world.keep(world.run("go", *DOWNLOAD, *query)[1])
    reused = []
    for chain in (f"{proxy.url},direct", f"{proxy.url}|direct", proxy.url, "direct", "off"):
        status, out, _ = world.again(*DOWNLOAD, old, *query, GOPROXY=chain)
        reused.append(out.count('"Reuse": true'))
    assert reused[3] == 3 and reused[2] == reused[4] == 0
    # Of a failure go says "internal error: unexpected invalid semantic version" then.
    old = world.keep(world.run("go", *DOWNLOAD, "code.test/m@nosuch")[1])
    status, out, *_ = world.run("larder", *DOWNLOAD, old, "code.test/m@nosuch", GOPROXY=f"{proxy.url},direct")
    assert status == 1 and "unknown revision nosuch" in out and "Reuse" not in out
    proxy = upstream(["module code.test/m v1.1.0\n-- go.mod --\nmodule code.test/m\n"])
    assert '"Reuse"' not in world.again(*DOWNLOAD, old, "code.test/m@v1.0.0", GOPROXY=f"{proxy.url}")[1]


def test_what_a_proxy_says_of_origins(world, upstream):
    """Its .info may carry one: it is shown, and its word is compared with the repository."""
    text = world.run("go", *DOWNLOAD, "code.test/m@v1.1.0")[1]
    proxy = upstream(["module code.test/m v1.1.0\n-- .info --\n" + json.dumps(
        {"Version": "v1.1.0", "Time": "2024-01-02T03:06:05Z", "Origin": {**json.loads(text)["Origin"], "TagSum": "t1:x"}}) +
        "\n-- go.mod --\nmodule code.test/m\n"])
    _, out, _ = world.again(*DOWNLOAD, "code.test/m@v1.1.0", GOPROXY=proxy.url)
    world.again(*DOWNLOAD, "code.test/m@latest", GOPROXY=proxy.url)
    world.again(*LIST, "-versions", "code.test/m@latest", GOPROXY=proxy.url)
    world.again(*DOWNLOAD, world.keep(out), "code.test/m@v1.1.0")
