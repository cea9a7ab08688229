# SPDX-License-Identifier: Apache-2.0
"""A token that larder.toml names for a host is what git shows there: to that host only, on no command line, in no
output and in no file."""
import os
import shutil

import pytest
from gitserver import GitServer
from test_upstreams import FORMS, SECRET, TOKEN, assert_nowhere, config, files_below, secret_file, spellings

ASKED = "code.test/m@v1.0.0"
WANTED = "Bearer " + SECRET


class Guarded:
    """A git server that asks for `wanted` in `header`, and remembers what it was shown."""

    def __init__(self, server):
        self.server, self.header, self.wanted, self.shown, self.redirect = server, "Authorization", WANTED, [], None
        repo = server.module("code.test/m")
        repo.commit({"go.mod": "module code.test/m\n"}, tags=["v1.0.0"])
        repo.commit({"m.go": "package m\n"}, tags=["v1.1.0"])
        server.gate = self.gate
        self.env = {**server.env, "GOPROXY": "direct", "GOSUMDB": "off"}

    def gate(self, handler, host, path):
        self.shown.append((host, str(handler.headers)))
        if host == "code.test":
            return True
        if self.redirect and host == "git.test":
            handler.reply(301, b"", [("Location", f"https://{self.redirect}{handler.path}")])
            return False
        if handler.headers.get(self.header) == self.wanted:
            return True
        handler.reply(401, b"who are you\n", [("WWW-Authenticate", 'Basic realm="git"')])
        return False


@pytest.fixture
def guarded(tmp_path):
    with GitServer(tmp_path / "git") as server:
        yield Guarded(server)


@pytest.mark.parametrize("form", FORMS)
def test_git_shows_it_and_it_gets_nowhere_else(larder, guarded, config, secret_file, form, tmp_path):
    text, guarded.wanted = FORMS[form]
    flags = config(text, url="https://git.test")
    loud = {**guarded.env, "GIT_TRACE": "1", "GIT_TRACE_CURL": "1", "GIT_CURL_VERBOSE": "1", "GIT_TRACE_REDACT": "0"}
    done = larder("mod", "download", ASKED, env=guarded.env)
    assert done.status == 1 and "could not read Username" in done.err
    runs = [larder(*flags, "-v", "mod", "download", "-x", "-json", ASKED, "code.test/m@main", env=loud, ok=True),
            larder(*flags, "list", "-m", "-x", "-versions", "code.test/m", env=loud, ok=True),
            larder(*flags, "stock", ASKED, env=loud, ok=True)]
    secret_file.write_text("wrong-" + SECRET)
    runs.append(larder(*flags, "mod", "download", "-x", "code.test/m@v1.1.0", env={**loud, "GOMODCACHE": tmp_path / "other"}))
    assert runs[-1].status == 1 and "git ls-remote" in runs[-1].err
    secret_file.unlink()
    runs.append(larder(*flags, "mod", "download", "-x", "code.test/m@v1.1.0", env={**loud, "GOMODCACHE": tmp_path / "third"}))
    assert runs[-1].status == 1 and str(secret_file) in runs[-1].err
    outputs = [(" ".join(done.words), (done.out + done.err).encode()) for done in runs]
    elsewhere = [(host, shown.encode()) for host, shown in guarded.shown if host != "git.test"]
    assert elsewhere and any(guarded.wanted in shown for host, shown in guarded.shown if host == "git.test")
    assert_nowhere(spellings(SECRET, f"me:{SECRET}"), [*outputs, *elsewhere, *files_below(tmp_path)])


def test_no_command_line_shows_it_and_only_those_who_go_out_have_it(larder, guarded, config, secret_file, tmp_path):
    (tmp_path / "bin").mkdir()
    wrapper = tmp_path / "bin/git"
    wrapper.write_text(f'#!/bin/sh\n[ -n "$GIT_CONFIG_COUNT" ] && has=yes || has=no\nprintf "%s %s\\n" "$has" "$*" >> {tmp_path}/log\n'
                       f'exec {shutil.which("git")} "$@"\n')
    wrapper.chmod(0o755)
    env = {**guarded.env, "PATH": f"{tmp_path}/bin:{os.environ['PATH']}"}
    larder(*config(TOKEN, url="https://git.test"), "mod", "download", "-json", ASKED, "code.test/m@main", env=env, ok=True)
    lines = (tmp_path / "log").read_text().splitlines()
    assert_nowhere(spellings(SECRET), [("command lines", "\n".join(lines).encode())])
    for line in lines:
        goes_out = "ls-remote" in line or " fetch " in line
        assert line.startswith("yes" if goes_out else "no"), line
    assert sum(line.startswith("yes") for line in lines) >= 2


def test_a_header_of_ones_choice_beside_settings_of_ones_own(larder, guarded, config, secret_file):
    guarded.header, guarded.wanted = "Private-Token", SECRET
    own = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "http.extraHeader", "GIT_CONFIG_VALUE_0": "X-Mine: 1"}
    larder(*config(TOKEN + 'header = "Private-Token"\n', url="https://git.test/code.test-m"), "mod", "download", ASKED,
           env={**guarded.env, **own}, ok=True)
    assert all("X-Mine: 1" in shown for host, shown in guarded.shown if host == "git.test")
    done = larder(*config(TOKEN, url="https://git.test"), "mod", "download", "code.test/m@v1.1.0",
                  env={**guarded.env, "GIT_CONFIG_COUNT": "many"})
    assert done.status == 1 and SECRET not in done.err


@pytest.mark.parametrize("url", ["https://git.test/other", "https://git.test/code.test", "https://code.test", "https://git.test:444"])
def test_it_is_for_one_place(larder, guarded, config, secret_file, url):
    done = larder(*config(TOKEN, url=url), "mod", "download", ASKED, env=guarded.env)
    assert done.status == 1 and "could not read Username" in done.err
    assert_nowhere(spellings(SECRET), [(host, shown.encode()) for host, shown in guarded.shown if host == "git.test"])


def test_a_redirect_leads_it_nowhere(larder, guarded, config, secret_file):
    guarded.redirect = "other.test"
    done = larder(*config(TOKEN, url="https://git.test"), "mod", "download", ASKED, env=guarded.env)
    assert done.status == 1 and "301" in done.err
    assert any(WANTED in shown for host, shown in guarded.shown if host == "git.test")
    # Larder itself may look whether there is anything; without the secret.
    other = [(host, shown.encode()) for host, shown in guarded.shown if host == "other.test"]
    assert_nowhere([*spellings(SECRET), b"User-Agent: git/"], other)
