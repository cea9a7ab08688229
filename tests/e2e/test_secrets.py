# SPDX-License-Identifier: Apache-2.0
"""Secrets that larder.toml has no part in (netrc, GOAUTH, URLs) get to the host that they are for, and nowhere else."""
import base64
import json
import os
import shutil
import subprocess
import urllib.parse

import pytest
from gitserver import GitServer
from test_upstreams import A, ASKED, SECRET, assert_nowhere, fetch_all, files_below, secured, spellings

B = A.replace("example.test/a", "example.test/b")
USER = f"me:{SECRET}"
BASIC = "Basic " + base64.b64encode(USER.encode()).decode()


class Keeper:
    """Knows the secret in one of the ways there are. Only files below `folder` hold it."""

    def __init__(self, tmp_path, form):
        self.folder, self.form, self.log = tmp_path / "keeper", form, tmp_path / "argv"
        self.folder.mkdir()
        self.secret = self.folder / "secret"
        self.secret.write_text(SECRET)
        (tmp_path / "bin").mkdir()
        self.path = f"{tmp_path}/bin:{os.environ['PATH']}"
        for name, program in (("git", shutil.which("git")), ("helper", self.script("real-helper", self.helper()))):
            self.script(tmp_path / "bin" / name, f'printf "%s\\n" "{name} $*" >> {self.log}\nexec {program} "$@"')
        subprocess.run(["git", "init", "-q", self.folder / "repository"], check=True)
        subprocess.run(["git", "-C", self.folder / "repository", "config", "credential.helper", self.script(
            "git-helper", f'printf "%s\\n" "git-helper $*" >> {self.log}\ncat > /dev/null\n'
            f'[ "$1" != get ] || printf "username=me\\npassword=%s\\n" "$(cat {self.secret})"')], check=True)

    def script(self, name, text):
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        return path

    def helper(self):
        return (f'cat > /dev/null\nprintf "%s\\n\\nAuthorization: Basic %s\\n\\n" "$(cat {self.folder}/url)" '
                f'"$(printf "me:%s" "$(cat {self.secret})" | base64 -w0)"')

    def env(self, *urls):
        """What opens them, GOPROXY is the first."""
        hosts, secret = [url.split("://")[1] for url in urls], self.secret.read_text()
        (self.folder / "url").write_text(urls[0])
        (self.folder / "netrc").write_text("".join(f"machine {host} login me password {secret}\n" for host in hosts))
        goauth = {"netrc": "netrc", "command": "helper", "git": f"git {self.folder}/repository", "url": "off"}[self.form]
        user = f"me:{urllib.parse.quote(secret, safe='')}@" if self.form == "url" else ""
        return {"GOPROXY": f"https://{user}{hosts[0]}", "GOAUTH": goauth, "PATH": self.path,
                "NETRC": self.folder / "netrc" if self.form == "netrc" else "/nonexistent"}


@pytest.fixture(params=["netrc", "command", "git", "url"])
def keeper(request, tmp_path):
    return Keeper(tmp_path, request.param)


def assert_no_secret(keeper, tmp_path, runs, more=()):
    """In what was said, and in any file: the log of command lines is one of them."""
    outputs = [(" ".join(done.words), (done.out + done.err).encode()) for done in runs]
    files = [file for file in files_below(tmp_path) if not file[0].startswith(str(keeper.folder))]
    assert_nowhere(spellings(SECRET, USER), [*outputs, *more, *files])


def test_an_upstreams_secret_gets_nowhere_else(larder, upstream, keeper, project, serve, tmp_path):
    up = secured(upstream, BASIC)
    up.add(B)
    env = {**keeper.env(up.url), "SSL_CERT_FILE": up.ca_file}
    project.write("go.mod", "module work.test\n\ngo 1.20\n\nrequire example.test/a v1.0.0\n")
    project.write("main.go", 'package work\n\nimport _ "example.test/a"\n')
    runs = [
        larder("-v", "stock", project, env=env, ok=True),
        larder("--json", "stock", "--verify", project, env=env, ok=True),
        larder("stock", "example.test/none@v1.0.0", env=env),
        larder("mod", "download", "-x", "-json", ASKED, env=env, ok=True),
        larder("mod", "download", "-x", "example.test/none@v1.0.0", env=env),
        larder("mod", "tidy", "-x", env=env, cwd=project.path, ok=True),
        larder("list", "-m", "-u", "-x", "-json", "-versions", "example.test/a", env=env, cwd=project.path, ok=True),
        larder("env", env=env, ok=True),
        larder("--json", "env", env=env, ok=True),
        larder("doctor", env=env),
        larder("--json", "doctor", env=env),
        larder("check", project, env=env, ok=True),
        larder("key", "new", "-o", "k", ok=True),
        larder("pack", "--key", "k.key", "-o", "out.larder", env=env, ok=True),
        larder("--store", "other", "unpack", "--trust", "k.pub", "out.larder", env=env, ok=True),
        larder("restore", project, env={**env, "GOMODCACHE": tmp_path / "restored"}, ok=True),
    ]
    assert up.count("*.zip") and any(entry.headers.get("authorization") == BASIC for entry in up.log)
    keeper.secret.write_text("wrong-" + SECRET)
    env = {**keeper.env(up.url), "SSL_CERT_FILE": up.ca_file}
    for words in (["stock"], ["-v", "mod", "download", "-x"], ["list", "-m", "-x", "-versions"]):
        runs.append(larder(*words, "example.test/b@v1.0.0", env=env))
        assert runs[-1].status == 1 and "401 Unauthorized" in runs[-1].err, runs[-1]
    url, process = serve(env=env)
    answers = fetch_all(url)
    process.terminate()
    answers.append(("serve", "".join(process.communicate()).encode()))
    assert (keeper.form in ("command", "git")) == keeper.log.exists()
    assert_no_secret(keeper, tmp_path, runs, answers)


@pytest.mark.parametrize("keeper", ["netrc", "command", "git"], indirect=True)
def test_a_secret_of_pages_and_of_git_gets_nowhere_else(larder, keeper, env, tmp_path):
    with GitServer(tmp_path / "server") as server:
        repo = server.module("code.test/m")
        repo.commit({"go.mod": "module code.test/m\n"}, tags=["v1.0.0"])
        repo.commit({"m.go": "package m\n"}, tags=["v1.1.0"])
        shown = set()

        def gate(handler, host, _path):
            if handler.headers.get("Authorization") == BASIC:
                shown.add(host)
                return True
            handler.reply(401, b"who are you\n", [("WWW-Authenticate", 'Basic realm="x"')])
            return False
        server.gate = gate
        if keeper.form == "netrc":
            (tmp_path / "home/.netrc").symlink_to(keeper.folder / "netrc")
        else:
            (tmp_path / "home/.gitconfig").write_text(f"[credential]\n\thelper = {keeper.folder}/git-helper\n")
        urls, direct = ("https://code.test", "https://git.test"), {**server.env, "GOPROXY": "direct"}
        right = {**keeper.env(*urls), **direct}
        runs = [larder("-v", "mod", "download", "-x", "-json", "code.test/m@v1.0.0", "code.test/m@main", env=right, ok=True),
                larder("list", "-m", "-x", "-versions", "-json", "code.test/m@latest", env=right, ok=True),
                larder("stock", "code.test/m@v1.0.0", env=right, ok=True)]
        assert shown == {"code.test", "git.test"}
        keeper.secret.write_text("wrong-" + SECRET)
        wrong = {**keeper.env(*urls), **direct, "GOMODCACHE": tmp_path / "second"}
        runs.append(larder("mod", "download", "-x", "code.test/m@v1.0.0", env=wrong))
        assert runs[-1].status == 1 and "401 Unauthorized" in runs[-1].err, runs[-1]
        server.gate = lambda handler, host, path: host == "code.test" or gate(handler, host, path)
        runs.append(larder("mod", "download", "-x", "code.test/m@v1.0.0", env=wrong))
        assert runs[-1].status == 1 and "git ls-remote" in runs[-1].err, runs[-1]
        assert "git ls-remote" in keeper.log.read_text()
        assert_no_secret(keeper, tmp_path, runs)


SHOWN = {  # setting: value, what is shown of it
    "a database's URL": ("GOSUMDB", "sums.test+0+A https://me:hunter2@sums.test/db",
                         "sums.test+0+A https://me:xxxxx@sums.test/db"),
    "a list of proxies": ("GOPROXY", "https://me:hunter2@a.test,https://me:hunter2@b.test/x|off",
                          "https://me:xxxxx@a.test,https://me:xxxxx@b.test/x|off"),
    "a command": ("GOAUTH", "helper --token hunter2", "helper \u2026"),
    "a command of one word": ("GOAUTH", "/opt/helper", "/opt/helper"),
    "several": ("GOAUTH", "netrc; /opt/helper 'hunter2 x' ;git /folder", None),
}


@pytest.mark.parametrize("case", SHOWN)
def test_env_shows_no_secret(larder, case):
    name, value, shown = SHOWN[case]
    words, all_of_it = larder("env", name, env={name: value}, ok=True), larder("env", env={name: value}, ok=True)
    as_json = larder("--json", "env", env={name: value}, ok=True)
    found = json.loads(as_json.out)[name]["value"]
    for done in (words, all_of_it, as_json):
        assert "hunter2" not in done.out + done.err
    assert f"{name}={found}  # environment" in words.out and words.out in all_of_it.out
    if shown:
        assert found == shown
    else:
        assert all(word in found for word in ("netrc", "/opt/helper \u2026", "git"))


TROUBLED = {  # settings with something wrong, of which doctor speaks
    "gosumdb": {"GOSUMDB": "sums.test https://me:hunter2@sums.test/db"},
    "gosumdb of too many words": {"GOSUMDB": "sums.test https://me:hunter2@sums.test/db https://me:hunter2@sums.test"},
    "goproxy": {"GOPROXY": "http://me:hunter2@a.test,off"},
    "goproxy of no scheme": {"GOPROXY": "ftp://me:hunter2@a.test"},
    "goproxy that is no URL": {"GOPROXY": "https://me:hunter2@a.test:port"},
    "goauth": {"GOAUTH": "no-such-helper --token hunter2"},
    "goauth of several": {"GOAUTH": "off; no-such-helper --token hunter2"},
    "goauth of git": {"GOAUTH": "git relative; no-such-helper hunter2"},
}


@pytest.mark.parametrize("case", TROUBLED)
def test_doctor_shows_no_secret(larder, case):
    done, as_json = (larder(*words, "doctor", env={"GOPROXY": "off", **TROUBLED[case]}) for words in ([], ["--json"]))
    assert case.split()[0] in {finding["probe"] for finding in json.loads(as_json.out)["findings"]}, as_json
    for text in (done.out, done.err, as_json.out, as_json.err):
        assert "hunter2" not in text
