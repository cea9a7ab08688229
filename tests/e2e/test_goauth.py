# SPDX-License-Identifier: Apache-2.0
"""GOAUTH beside the real go: who is asked for credentials, when, with what, and where the credentials go."""
import base64
import re

import pytest
from gitserver import GitServer
from test_sumdb import DEP, M, SumDb

A = """module example.test/a v1.0.0
-- go.mod --
module example.test/a
-- a.go --
package a
"""
ASKED = "example.test/a@v1.0.0"
BASIC = "Basic " + base64.b64encode(b"me:secret").decode()
BEARER = "Bearer token-of-mine"


@pytest.fixture
def both(go, larder, tmp_path):
    """both(*words, env=…) runs `mod download WORDS` of go and of larder, each on a module cache of its own."""
    def run(*words, env):
        out = []
        for program, name in ((go, "go"), (larder, "larder")):
            own = {"GOMODCACHE": str(tmp_path / name / "modcache"), "GOPATH": str(tmp_path / name / "gopath")}
            out.append(program("mod", "download", *words, env={**env, **own}))
        return out
    return run


@pytest.fixture
def script(tmp_path):
    """script(name, text): a shell script that a GOAUTH command can name."""
    def make(name, text):
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        return str(path)
    return make


def says(url, value):
    return f"printf '%s\\n\\n%s\\n\\n' '{url}' 'Authorization: {value}'"


def words(text):
    """Without the program's name, times and Larder's hints."""
    lines = [re.sub(r"\(\d+\.\d+s\)", "(T)", line).removeprefix("go: ").removeprefix("larder: ") for line in text.splitlines()]
    return [line for line in lines if not line.startswith("  hint: ")]


def sent(up):
    return [entry.headers.get("authorization") for entry in up.log]


def secured(upstream, auth=BASIC):
    up = upstream([A], tls=True)
    up.auth = auth
    return up


# name: GOAUTH, made of (folder, script, URL); what the upstream wants
GOOD = {
    "netrc by default": (lambda dir, script, url: "", BASIC),
    "netrc": (lambda dir, script, url: " netrc", BASIC),
    "a command": (lambda dir, script, url: script("helper", says(url, BEARER)), BEARER),
    "a command with words": (lambda dir, script, url: script("helper", f'[ "$1" = "a b" ] && {says(url, BEARER)}') + " 'a b'",
                             BEARER),
    "a command that waits for the refusal": (lambda dir, script, url: script(
        "helper", f'[ $# = 1 ] || exit 0; read -r line; [ "$line" = "HTTP/1.1 401 Unauthorized" ] && {says(url, BEARER)}'),
        BEARER),
    "a token that has gone stale": (lambda dir, script, url: script(
        "helper", f'if [ $# = 0 ]; then {says(url, "Bearer stale")}; else {says(url, BEARER)}; fi'), BEARER),
    "the first of two": (lambda dir, script, url: script("one", says(url, BEARER)) + "; " +
                         script("two", says(url, "Bearer other")), BEARER),
    "what the first does not know": (lambda dir, script, url: script("one", says("https://elsewhere.test", "x")) + ";" +
                                     script("two", says(url, BEARER)), BEARER),
    "after one that fails": (lambda dir, script, url: script("one", "exit 1") + ";" + script("two", says(url, BEARER)), BEARER),
    "the longest prefix": (lambda dir, script, url: script("helper", says(url, "Bearer other") + "; " +
                                                           says(url + "/example.test", BEARER)), BEARER),
    "git": (lambda dir, script, url: f"git {dir}", BASIC),
}


@pytest.fixture
def git_folder(tmp_path, go):
    """A repository of which git has me:secret for every host."""
    folder = tmp_path / "credentials"
    folder.mkdir()
    git = type(go)("git", go.env, folder)
    git("init", "-q", ok=True)
    helper = folder / "helper"
    helper.write_text('#!/bin/sh\ncat >>"$0.$1"\n[ "$1" != get ] || printf "username=me\\npassword=secret\\n"\n')
    helper.chmod(0o755)
    git("config", "credential.helper", helper, ok=True)
    return folder


def netrc(tmp_path, up, text="machine {} login me password secret"):
    file = tmp_path / "netrc"
    file.write_text(text.format(up.host) + "\n")
    return str(file)


@pytest.mark.parametrize("case", GOOD)
def test_who_knows_gets_in(both, upstream, script, git_folder, tmp_path, case):
    make, auth = GOOD[case]
    up = secured(upstream, auth)
    env = {"GOPROXY": up.url, "SSL_CERT_FILE": up.ca_file, "NETRC": netrc(tmp_path, up),
           "GOAUTH": make(git_folder, script, up.url)}
    go, larder = both(ASKED, env=env)
    assert (go.status, larder.status) == (0, 0), f"{go}\n{larder}"
    if case == "git":  # and git may remember it: go says so only if it lives long enough
        assert "password=secret" in (git_folder / "helper.store").read_text()


BAD = {
    "off": lambda script, url: "off",
    "wrong token": lambda script, url: script("helper", says(url, "Bearer wrong")),
    "another host": lambda script, url: script("helper", says("https://elsewhere.test", BASIC)),
    "longer prefix": lambda script, url: script("helper", says(url + "/example.te", BASIC)),
    "nothing": lambda script, url: script("helper", "true"),
    "taken back": lambda script, url: script("helper", says(url, BASIC) + f"; printf '{url}\\n\\n\\n'") + ";netrc",
    "two that do not fit": lambda script, url: "off; netrc",
    "an empty one": lambda script, url: "netrc;",
    "git nowhere": lambda script, url: "git",
    "git in a relative folder": lambda script, url: "git folder",
    "git in no folder": lambda script, url: "git /nonexistent/folder",
}


@pytest.mark.parametrize("case", BAD)
def test_who_does_not_know_stays_out(both, upstream, script, tmp_path, case):
    up = secured(upstream)
    env = {"GOPROXY": up.url, "SSL_CERT_FILE": up.ca_file, "NETRC": "/nonexistent/netrc",
           "GOAUTH": BAD[case](script, up.url)}
    go, larder = both(ASKED, env=env)
    assert go.status == larder.status == 1, f"{go}\n{larder}"
    if "GOAUTH" in go.err:  # go ends at once, larder says whose request it was
        assert go.err.removeprefix("go: ").strip() in larder.err, f"{go}\n{larder}"
    else:
        assert words(go.err) == words(larder.err)


@pytest.mark.parametrize("text", ["exit 3", "echo 'no such user' >&2; exit 1", "echo https://x.test", "printf 'x\\n\\n'",
                                  "printf 'https://x.test\\n\\nno header\\n\\n'", "exec /nonexistent/program"])
def test_x_tells_what_failed(both, upstream, script, text):
    up = secured(upstream)
    env = {"GOPROXY": up.url, "SSL_CERT_FILE": up.ca_file, "GOAUTH": script("helper", text) + "; no-such-program"}
    go, larder = both("-x", ASKED, env=env)
    assert go.status == larder.status == 1
    ours, theirs = ([line for line in words(done.err) if line] for done in (larder, go))
    if text.startswith("printf 'x"):  # the line may be a secret: larder gives its number
        ours, theirs = ([re.sub("could not parse URL.*", "URL", line) for line in lines] for lines in (ours, theirs))
    assert ours == theirs
    assert f"GOAUTH encountered errors for {up.url}/example.test/a/@v/v1.0.0.info:" in larder.err


def test_credentials_go_to_their_host_only(larder, upstream, script):
    """go would follow to another port of the host, and take other headers than Authorization anywhere."""
    first, other = upstream([A], tls=True), upstream([A], tls=True)
    ca = script("ca.pem", "")
    with open(ca, "w", encoding="ascii") as both_cas:
        for up in (first, other):
            with open(up.ca_file, encoding="ascii") as one:
                both_cas.write(one.read())
    first.fault("*.zip", redirect=f"{other.url}/example.test/a/@v/v1.0.0.zip")
    helper = script("helper", f"printf '%s\\n\\nAuthorization: {BEARER}\\nPrivate-Token: mine\\n\\n' '{first.url}'")
    larder("stock", ASKED, env={"GOPROXY": first.url, "SSL_CERT_FILE": ca, "GOAUTH": helper}, ok=True)
    assert first.log and set(sent(first)) == {BEARER}
    assert other.count("*.zip") == 1 and sent(other) == [None]
    assert all("private-token" not in entry.headers for entry in other.log)


def test_nobody_is_asked_for_http(larder, upstream, script, tmp_path):
    up = upstream([A])
    helper = script("helper", f"touch {tmp_path}/asked; {says('https://' + up.host, BEARER)}")
    env = {"GOPROXY": up.url, "GOAUTH": f"{helper};netrc", "NETRC": netrc(tmp_path, up)}
    larder("mod", "download", ASKED, env=env, ok=True)
    assert set(sent(up)) == {None}
    assert not (tmp_path / "asked").exists()


def test_who_is_named_in_the_url_is_not_asked_about(larder, upstream, script, tmp_path):
    up = secured(upstream)
    helper = script("helper", f"touch {tmp_path}/asked")
    url = up.url.replace("://", "://me:secret@")
    done = larder("mod", "download", "-x", ASKED, env={"GOPROXY": url, "SSL_CERT_FILE": up.ca_file, "GOAUTH": helper}, ok=True)
    assert "secret" not in done.out + done.err and "me:xxxxx@" in done.err
    assert not (tmp_path / "asked").exists()


def test_many_requests_ask_once(larder, upstream, script, tmp_path, make_project):
    """40 modules at once are refused; one of them asks the command again, the others use its answer."""
    modules = [f"module example.test/m{i} v1.0.0\n-- go.mod --\nmodule example.test/m{i}\n" for i in range(40)]
    up = upstream(modules, tls=True)
    up.auth = BEARER
    helper = script("helper", f"echo x >>{tmp_path}/calls; [ $# = 0 ] || {says(up.url, BEARER)}")
    project = make_project("many")
    project.write("go.mod", "module work.test\n\ngo 1.20\n\nrequire (\n" +
                  "".join(f"\texample.test/m{i} v1.0.0\n" for i in range(40)) + ")\n")
    project.write("go.sum", up.go_sum())
    larder("stock", project, env={"GOPROXY": up.url, "SSL_CERT_FILE": up.ca_file, "GOAUTH": helper}, ok=True)
    assert (tmp_path / "calls").read_text() == "x\nx\n"


@pytest.mark.parametrize("form", ["mirror", "direct"])
def test_the_checksum_database_too(both, upstream, script, form):
    up = upstream([M, DEP], sumdb=SumDb(filler=300), tls=True)
    up.auth = BEARER
    key = up.sumdb.key if form == "mirror" else f"{up.sumdb.key} {up.url}/direct-db"
    env = {"GOPROXY": up.url, "GOSUMDB": key, "SSL_CERT_FILE": up.ca_file,
           "GOAUTH": script("helper", f"[ $# = 0 ] || {says(up.url, BEARER)}")}
    go, larder = both("example.com/m@v1.0.0", env=env)
    assert go.status == larder.status == 0, f"{go}\n{larder}"


def test_pages_of_direct_mode(both, script, tmp_path):
    with GitServer(tmp_path / "server") as server:
        repo = server.module("code.test/m")
        repo.commit({"go.mod": "module code.test/m\n"}, tags=["v1.0.0"])

        def gate(handler, host, _path):
            if host != "code.test" or handler.headers.get("Authorization") == BEARER:
                return True
            handler.reply(401, b"who are you?\n", [("Content-Type", "text/plain")])
            return False

        server.gate = gate
        env = {**server.env, "GOPROXY": "direct", "GOAUTH": "off"}
        go, larder = both("code.test/m@v1.0.0", env=env)
        assert go.status == larder.status == 1 and words(go.err) == words(larder.err)
        env["GOAUTH"] = script("helper", f"[ $# = 0 ] || {says('https://code.test', BEARER)}")
        go, larder = both("code.test/m@v1.0.0", env=env)
        assert go.status == larder.status == 0, f"{go}\n{larder}"


@pytest.mark.parametrize("stream", ["1", "2"])
def test_a_command_that_writes_without_end_is_ended(larder, upstream, script, tmp_path, stream):
    up = upstream([A], tls=True)
    up.auth = BASIC
    command = script("endless", f"echo $$ >> {tmp_path}/runs; exec yes example.test >&{stream}")
    done = larder("mod", "download", "-x", ASKED, timeout=60,
                  env={"GOPROXY": up.url, "SSL_CERT_FILE": up.ca_file, "GOAUTH": command, "GOSUMDB": "off"})
    assert done.status == 1 and "wrote more than 1048576 bytes" in done.err, str(done)[:4000]
