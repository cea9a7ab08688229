# SPDX-License-Identifier: Apache-2.0
"""Direct mode in use: projects, private modules beside a proxy, settings that forbid it, servers that misbehave."""
import json
import pathlib
import signal
import subprocess
import threading

import pytest

from conftest import wait_until
from gitserver import GitServer

PROXIED = "module code.test/proxied v1.0.0\n-- go.mod --\nmodule code.test/proxied\n-- p.go --\npackage proxied\n"


@pytest.fixture
def server(tmp_path):
    with GitServer(tmp_path / "git") as running:
        yield running


@pytest.fixture
def direct(server):
    return {**server.env, "GOPROXY": "direct"}


@pytest.fixture
def used(server, project):
    """A project that needs one module, which needs another in the same repository."""
    lib = server.module("code.test/lib")
    lib.commit({"go.mod": "module code.test/lib\n\ngo 1.21\n\nrequire code.test/lib/sub v0.1.0\n",
                "lib.go": 'package lib\n\nimport _ "code.test/lib/sub"\n',
                "sub/go.mod": "module code.test/lib/sub\n\ngo 1.21\n", "sub/s.go": "package sub\n"},
               tags=["v1.0.0", "sub/v0.1.0"])
    lib.commit({"lib.go": 'package lib // 1.1\n\nimport _ "code.test/lib/sub"\n'}, tags=["v1.1.0"])
    project.write("go.mod", "module example.com/app\n\ngo 1.21\n")
    project.write("main.go", 'package main\n\nimport _ "code.test/lib"\n\nfunc main() {}\n')
    return project


def test_a_project(go, larder, direct, used, make_project, tmp_path):
    other = make_project("other")
    for name in ("go.mod", "main.go"):
        other.write(name, used.read(name))
    go("mod", "tidy", cwd=other, env={**direct, "GOMODCACHE": tmp_path / "gocache"}, ok=True)
    larder("mod", "tidy", cwd=used, env=direct, ok=True)
    assert used.read("go.mod") == other.read("go.mod")
    assert used.read("go.sum") == other.read("go.sum")
    words = ("list", "-m", "-u", "all")
    expected = go(*words, cwd=other, env={**direct, "GOMODCACHE": tmp_path / "gocache"}, ok=True)
    assert larder(*words, cwd=used, env=direct, ok=True).out == expected.out
    # What larder fetched go can build with no network.
    go("build", "./...", cwd=used, env={"GOPROXY": "off"}, ok=True)
    larder("stock", used, env=direct, ok=True)
    assert "complete" in larder("check", used, ok=True).out


def test_go_and_larder_share_the_clones(go, larder, server, direct, used):
    go("mod", "download", "code.test/lib@v1.0.0", env=direct, ok=True)
    clones = lambda: [r for r in server.requests if r.startswith("POST")]
    before = len(clones())
    # The commit is here already: only the refs are read again.
    larder("mod", "download", "code.test/lib/sub@v0.1.0", env=direct, ok=True)
    fetched = len(clones()) - before
    go("mod", "download", "code.test/lib@v1.1.0", env=direct, ok=True)
    assert fetched <= 1


def test_a_moved_branch(go, larder, server, direct, tmp_path):
    repo = server.module("code.test/moving")
    repo.commit({"go.mod": "module code.test/moving\n"})
    for files in ({"a.go": "package a\n"}, {"a.go": "package b\n"}):
        commit = repo.commit(files)
        answers = [json.loads(program("mod", "download", "-json", "code.test/moving@main",
                                      env={**direct, "GOMODCACHE": tmp_path / name}, ok=True).out)
                   for program, name in ((go, "one"), (larder, "two"))]
        assert answers[0]["Version"] == answers[1]["Version"] and commit[:12] in answers[1]["Version"]
        assert answers[0]["Sum"] == answers[1]["Sum"]


def objects(text):
    """Those of `mod download -json`, in order, without what names the module cache."""
    keys = ("Path", "Version", "Query", "Sum", "GoModSum", "Origin")
    return sorted(({key: one.get(key) for key in keys} for one in json.loads("[" + text.replace("}\n{", "},\n{") + "]")),
                  key=lambda one: one["Version"])


def fetched(program, *modules, env, cache):
    return objects(program("mod", "download", "-json", *modules, env={**env, "GOMODCACHE": cache}, ok=True).out)


def test_a_branch_that_was_rewritten(go, larder, server, direct, tmp_path):
    repo = server.module("code.test/rewritten")
    root = repo.commit({"go.mod": "module code.test/rewritten\n"}, tags=["v1.0.0"])
    repo.commit({"a.go": "package a // gone\n"})
    gone = repo.commit({"a.go": "package a // gone too\n"})
    sides = [(go, tmp_path / "one"), (larder, tmp_path / "two")]
    before = [fetched(program, "code.test/rewritten@main", env=direct, cache=cache) for program, cache in sides]
    assert before[0] == before[1] and gone[:12] in before[1][0]["Version"]
    repo.git("reset", "-q", "--hard", root)
    commit = repo.commit({"a.go": "package a // other\n"})
    after = [fetched(program, "code.test/rewritten@main", env=direct, cache=cache) for program, cache in sides]
    assert after[0] == after[1] and commit[:12] in after[1][0]["Version"]
    # Who has the commit still has it, nobody else gets it.
    held = [fetched(program, f"code.test/rewritten@{gone}", env=direct, cache=cache) for program, cache in sides]
    assert held[0] == held[1] and held[1][0]["Sum"] == before[1][0]["Sum"]
    for program, cache in ((go, tmp_path / "three"), (larder, tmp_path / "four")):
        done = program("mod", "download", f"code.test/rewritten@{gone}", env={**direct, "GOMODCACHE": cache})
        assert done.status == 1 and f"unknown revision {gone}" in done.err, done


@pytest.fixture
def deep(server):
    """A repository whose tags lie above each other; head is above all of them. Answers with questions about it."""
    repo = server.module("code.test/deep")
    repo.commit({"go.mod": "module code.test/deep\n"})
    for tag in ("v1.0.0", "v1.1.0"):
        repo.commit({"d.go": f"package deep // before {tag}\n"})
        repo.commit({"d.go": f"package deep // {tag}\n"}, tags=[tag])
    repo.commit({"d.go": "package deep // after\n"})
    head = repo.commit({"d.go": "package deep // head\n"})
    time = repo.git("log", "-1", "--format=%cd", "--date=format:%Y%m%d%H%M%S")
    return [f"code.test/deep@{query}" for query in ("v1.0.0", "v1.1.0", "main", f"v1.0.1-0.{time}-{head[:12]}")]


def clone_in(cache):
    found, = (path for path in (cache / "cache/vcs").iterdir() if path.is_dir())
    return found


@pytest.mark.parametrize("first", ["go", "larder"])
def test_a_shallow_clone_of_the_other_is_deepened(go, larder, direct, deep, tmp_path, first):
    one, other = (go, larder) if first == "go" else (larder, go)
    one("mod", "download", deep[1], env=direct, ok=True)
    assert (clone_in(tmp_path / "modcache") / "shallow").exists()
    found = fetched(other, *deep, env=direct, cache=tmp_path / "modcache")
    assert not (clone_in(tmp_path / "modcache") / "shallow").exists()
    assert found == fetched(one, *deep, env=direct, cache=tmp_path / "fresh")


def test_a_server_that_refuses_shallow_fetches(go, larder, server, direct, deep, tmp_path):
    refused = []

    def gate(handler, host, path):
        if b"deepen" not in handler.posted:
            return True
        refused.append(handler.posted)
        handler.reply(403, b"all or nothing\n")
        return False
    expected = fetched(go, *deep, env=direct, cache=tmp_path / "free")
    server.gate = gate
    for program in (go, larder):
        refused.clear()
        assert fetched(program, *deep, env=direct, cache=tmp_path / program.program.split("/")[-1]) == expected
        assert refused


@pytest.mark.parametrize("shared", ["module cache", "clones"])
def test_go_and_larder_at_once_on_one_clone(go, larder, server, direct, running, tmp_path, shared):
    repo = server.module("code.test/busy")
    for i in range(6):
        repo.commit({"go.mod": "module code.test/busy\n", "b.go": f"package busy // {i}\n"}, tags=[f"v1.{i}.0"])
    repo.commit({"b.go": "package busy // head\n"})
    wanted = [f"code.test/busy@{query}" for query in (*(f"v1.{i}.0" for i in range(6)), "main")]
    expected = fetched(go, *wanted, env=direct, cache=tmp_path / "alone")
    for number in range(4):
        caches = [tmp_path / f"{number}-go", tmp_path / f"{number}-{'larder' if shared == 'clones' else 'go'}"]
        (caches[0] / "cache/vcs").mkdir(parents=True)
        if shared == "clones":
            (caches[1] / "cache").mkdir(parents=True)
            (caches[1] / "cache/vcs").symlink_to(caches[0] / "cache/vcs")
        both = [running(program.start("mod", "download", "-json", *order, env={**direct, "GOMODCACHE": cache}))
                for program, order, cache in zip((go, larder), (wanted, wanted[::-1]), caches)]
        for process in both:
            out, err = process.communicate(timeout=120)
            assert process.returncode == 0, out + err
            assert objects(out) == expected
        clone_in(caches[0])


def test_a_pull_request_is_no_revision(larder, server, direct):
    repo = server.module("code.test/pulls")
    repo.commit({"go.mod": "module code.test/pulls\n"}, tags=["v1.0.0"])
    commit = repo.commit({"evil.go": "package evil\n"}, push=False)
    repo.git("push", "-q", "origin", "HEAD:refs/pull/1/head")
    done = larder("mod", "download", f"code.test/pulls@{commit}", env=direct)
    assert done.status == 1 and f"unknown revision {commit}" in done.err


def test_private_beside_a_proxy(larder, server, direct, used, upstream):
    proxy = upstream([PROXIED])
    env = {**direct, "GOPROXY": proxy.url, "GOPRIVATE": "code.test/lib"}
    larder("mod", "download", "code.test/lib@v1.0.0", "code.test/proxied@v1.0.0", env=env, ok=True)
    assert proxy.count("*lib*") == 0
    assert not any("proxied" in request for request in server.requests)
    # The proxy does not have it, and then it is looked for where it is developed.
    larder("mod", "download", "code.test/lib@v1.1.0", env={**direct, "GOPROXY": f"{proxy.url},direct"}, ok=True)
    assert proxy.count("*lib/@v/v1.1.0.info") == 1


@pytest.mark.parametrize("settings,reason", [
    ({"GOPROXY": "off", "GOPRIVATE": "code.test"}, "module lookup disabled by GOPROXY=off"),
    ({"GOVCS": "*:off"}, "GOVCS disallows using git for public code.test/lib"),
    ({"GOVCS": "private:hg", "GOPRIVATE": "code.test"}, "GOVCS disallows using git for private code.test/lib"),
    ({"GOVCS": "git"}, 'malformed entry in GOVCS (missing colon): "git"'),
])
def test_what_the_settings_forbid(larder, server, direct, used, settings, reason):
    done = larder("mod", "download", "code.test/lib@v1.0.0", env={**direct, **settings})
    assert done.status == 1 and reason in done.err
    assert not any("git.test" in request for request in server.requests)
    assert settings.get("GOPROXY") != "off" or not server.requests


def test_offline_opens_no_socket(larder, server, direct, used):
    done = larder("--offline", "mod", "download", "code.test/lib@v1.0.0", env={**direct, "GOPRIVATE": "code.test"})
    assert done.status == 1 and not server.requests


def test_insecure(go, larder, server, direct, tmp_path):
    server.git_schemes.add("http")
    repo = server.repo("plain")
    repo.commit({"go.mod": "module bad.test/plain\n"}, tags=["v1.0.0"])
    server.page("bad.test/plain", "bad.test/plain git http://git.test/plain")
    env = {**direct, "SSL_CERT_FILE": "/dev/null", "GOINSECURE": "bad.test"}
    words = ("mod", "download", "-json", "bad.test/plain@v1.0.0")
    expected, found = (json.loads(program(*words, env={**env, "GOMODCACHE": tmp_path / name}, ok=True).out)
                       for program, name in ((go, "one"), (larder, "two")))
    assert found["Sum"] == expected["Sum"] and found["Origin"] == expected["Origin"]
    refused = larder(*words, env={**env, "GOINSECURE": "", "GOMODCACHE": tmp_path / "three"})
    assert refused.status == 1 and "certificate" in refused.out


def test_a_mod_tag_leads_to_a_proxy(larder, server, direct, upstream):
    proxy = upstream([PROXIED])
    server.page("code.test/proxied", f"code.test/proxied mod {proxy.url}")
    larder("mod", "download", "code.test/proxied@v1.0.0", env={**direct, "GOVCS": "*:off"}, ok=True)
    assert proxy.count("*.zip") == 1


def test_a_page_without_an_end(larder, server, direct):
    def endless(handler):
        handler.send_response(200)
        handler.end_headers()
        sent = 0
        try:
            while sent < 200 << 20:
                sent += handler.wfile.write(b"<p>" + b"x" * 65536 + b"</p>")
        except OSError:
            pass
        server.sent = sent
        handler.close_connection = True
    server.page("code.test/endless", endless)
    done = larder("mod", "download", "code.test/endless@v1.0.0", env=direct)
    assert done.status == 1 and "code.test/endless" in done.err
    assert getattr(server, "sent", 0) < 50 << 20


def test_a_page_that_is_too_long_is_called_so(larder, server, direct, tmp_path):
    server.module("code.test/long").commit({"go.mod": "module code.test/long\n"}, tags=["v1.0.0"])
    tag = b'<meta name="go-import" content="code.test/long git https://git.test/code.test-long">'
    server.page("code.test/long", b"<html><head>" + b"<link rel=x>" * 80000 + tag)
    larder("mod", "download", "code.test/long@v1.0.0", env=direct, ok=True)
    server.page("code.test/long", b"<html><head>" + b"<link rel=x>" * 90000 + tag)
    done = larder("mod", "download", "code.test/long@v1.0.0", env={**direct, "GOMODCACHE": tmp_path / "other"})
    assert done.status == 1 and "code.test/long" in done.err and "1 MiB" in done.err, done


def files_in(folder):
    """Without locks."""
    return [str(path) for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock"]


@pytest.mark.parametrize("subdir", ["..", "../x", "a/../b", "a/.."])
def test_a_subdirectory_that_leads_out_is_refused(larder, server, direct, tmp_path, subdir):
    repo = server.module("code.test/out", subdir=subdir)
    repo.commit({"go.mod": "module code.test/out\n", "b/go.mod": "module code.test/out\n"}, tags=["v1.0.0", "b/v1.0.0"])
    for words in (["mod", "download"], ["stock"]):
        done = larder(*words, "code.test/out@v1.0.0", env=direct)
        assert done.status == 1 and f'invalid subdirectory "{subdir}": parent directory' in done.err, done
    assert not any("git.test" in request for request in server.requests)
    assert files_in(tmp_path / "modcache") == files_in(tmp_path / "store/go") == []


@pytest.mark.parametrize("vcs,name", [("hg", "Mercurial"), ("svn", "Subversion"), ("bzr", "Bazaar"), ("fossil", "Fossil")])
def test_other_systems_are_named(larder, server, direct, tmp_path, vcs, name):
    server.page("code.test/other", f"code.test/other {vcs} https://git.test/other")
    for module in ("code.test/other", f"code.test/tree.{vcs}"):
        for words in (["mod", "download"], ["stock"]):
            done = larder(*words, f"{module}@v1.0.0", env={**direct, "GOVCS": "*:all"})
            assert done.status == 1 and f"{module} is a {name} repository ({vcs}), and only git is supported" in done.err, done
        assert "hint: fetch the module through a proxy that has it" in done.err  # of stock
    assert not any("git.test" in request for request in server.requests)
    assert files_in(tmp_path / "modcache") == files_in(tmp_path / "store/go") == []


def test_a_git_server_that_is_silent(larder, server, direct):
    server.module("code.test/silent").commit({"go.mod": "module code.test/silent\n"}, tags=["v1.0.0"])
    release = threading.Event()

    def hold(handler, host, path):
        if host != "git.test":
            return True
        release.wait(60)
        handler.close_connection = True
        return False
    server.gate = hold
    done = larder("mod", "download", "code.test/silent@v1.0.0", env={**direct, "GIT_HTTP_LOW_SPEED_TIME": "1"})
    release.set()
    assert done.status == 1 and "git ls-remote" in done.err


def gits_of(cache):
    """Numbers of the processes of git that a command with this module cache started."""
    out = []
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if folder.joinpath("comm").read_text().startswith("git") and \
                    f"GOMODCACHE={cache}".encode() in folder.joinpath("environ").read_bytes().split(b"\0"):
                out.append(int(folder.name))
        except OSError:  # it ended, or is another user's
            pass
    return out


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_an_interrupted_command_leaves_no_git_behind(larder, server, direct, running, tmp_path, number):
    server.module("code.test/held").commit({"go.mod": "module code.test/held\n"}, tags=["v1.0.0"])
    asked, release = threading.Event(), threading.Event()

    def hold(handler, host, path):
        if host != "git.test":
            return True
        asked.set()
        release.wait(60)
        handler.close_connection = True
        return False
    server.gate = hold
    process = running(larder.start("mod", "download", "code.test/held@v1.0.0", env=direct))
    assert asked.wait(60)
    assert gits_of(tmp_path / "modcache")
    process.send_signal(number)
    assert process.wait(60) == -number
    if number == signal.SIGKILL:  # what git started finds its pipe closed once the server lets go
        release.set()
    try:
        wait_until(lambda: not gits_of(tmp_path / "modcache"))
    finally:
        release.set()


def test_secrets_stay_out_of_sight(larder, server, direct, tmp_path):
    (tmp_path / "netrc").write_text("machine code.test login me password hunter2\n")
    seen = []

    def page(handler):
        seen.append(handler.headers.get("Authorization"))
        handler.reply(403, b"no\n", [("Content-Type", "text/plain")])
    server.page("code.test/secret", page)
    done = larder("mod", "download", "-x", "code.test/secret@v1.0.0", env={**direct, "NETRC": tmp_path / "netrc"})
    assert done.status == 1 and seen[0].startswith("Basic ")
    assert "hunter2" not in done.err + done.out


def test_without_git(larder, server, direct, used, tmp_path):
    empty = tmp_path / "bin"
    empty.mkdir()
    done = larder("mod", "download", "code.test/lib@v1.0.0", env={**direct, "PATH": empty})
    assert done.status == 1 and '"git": executable file not found in $PATH' in done.err


def test_damaged_clone_info_is_refused(larder, server, direct, used, tmp_path):
    larder("mod", "download", "code.test/lib@v1.0.0", env=direct, ok=True)
    info, = (tmp_path / "modcache" / "cache" / "vcs").glob("*.info")
    info.write_text("git3:https://git.test/other")
    done = larder("mod", "download", "code.test/lib@v1.1.0", env=direct)
    assert done.status == 1 and "exists with wrong content" in done.err


def test_x_shows_the_commands(larder, direct, used):
    done = larder("mod", "download", "-x", "code.test/lib@v1.0.0", env=direct, ok=True)
    assert "; git ls-remote -q --end-of-options" in done.err
    assert "# get https://code.test/lib?go-get=1\n" in done.err


def test_a_gc_of_git_is_no_harm(larder, direct, used, tmp_path):
    larder("mod", "download", "code.test/lib@v1.0.0", env=direct, ok=True)
    clone, = (path for path in (tmp_path / "modcache" / "cache" / "vcs").iterdir() if path.is_dir())
    subprocess.run(["git", "-C", clone, "gc", "-q", "--prune=now"], check=True)
    larder("mod", "download", "code.test/lib@v1.1.0", env=direct, ok=True)
