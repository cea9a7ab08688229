# SPDX-License-Identifier: Apache-2.0
"""`larder doctor`: each wrong setting alone is found, with the command that mends it; a good machine has nothing wrong."""
import email.utils
import json
import os
import shlex
import subprocess
import time

import pytest
from certificates import Authority
from test_disk import in_small_disk

UMASK = "umask 022; "


@pytest.fixture
def good(env, tmp_path):
    """An environment without anything wrong, but for the build machine's own disk."""
    for name in ("store", "modcache"):
        (tmp_path / name).mkdir()
        (tmp_path / name).chmod(0o755)
    env.update(GOSUMDB="", GOPROXY="file://" + str(tmp_path / "upstream"), GOENV=str(tmp_path / "goenv"))
    env.pop("GOFLAGS")
    (tmp_path / "upstream").mkdir()
    return env


@pytest.fixture
def doctor(larder, good, tmp_path):
    """doctor(NAME=value…, flags=(…), before="shell words"): (status, {probe: [finding]}, Done)."""
    def run(*flags, before=UMASK, **env):
        words = shlex.join([larder.program, *map(str, flags), "--json", "doctor"])
        shell = type(larder)("/bin/sh", larder.env, larder.cwd)
        done = shell("-c", before + words, env=env)
        found = {}
        for finding in json.loads(done.out)["findings"]:
            assert all(finding[key] for key in ("probe", "what", "why", "mend")), finding
            found.setdefault(finding["probe"], []).append(finding)
        found.pop("room", None)  # of the machine the tests run on
        return done.status, found, done
    return run


def key_file(larder, tmp_path):
    """A configuration that trusts a key, so that nothing at all is wrong."""
    if not (tmp_path / "trusted.pub").exists():
        larder("key", "new", "-o", tmp_path / "trusted", ok=True)
    file = tmp_path / "own.toml"
    file.write_text('[unpack]\ntrust = ["trusted.pub"]\n')
    return "--config", file


def test_nothing_wrong(larder, doctor, tmp_path):
    status, found, done = doctor(*key_file(larder, tmp_path))
    assert found == {}, str(done)
    looked = json.loads(done.out)["looked"]
    assert {"goflags", "gosumdb", "writing", "owners", "room", "trust", "upstream"} <= set(looked)


SETTINGS = {
    "mod=mod": ({"GOFLAGS": "-mod=mod"}, "goflags", "unset GOFLAGS"),
    "mod=mod among others": ({"GOFLAGS": "-x -mod=mod"}, "goflags", "export GOFLAGS='-x'"),
    "strange toolchain": ({"GOTOOLCHAIN": "newest"}, "toolchain", "unset GOTOOLCHAIN"),
    "strange choice of toolchain": ({"GOTOOLCHAIN": "go1.21.0+x"}, "toolchain", "unset GOTOOLCHAIN"),
    "no home": ({"HOME": None, "GOPATH": None, "GOMODCACHE": None}, "home", "export HOME="),
    "modules off": ({"GO111MODULE": "off"}, "modules", "unset GO111MODULE"),
    "no database": ({"GOSUMDB": "off"}, "gosumdb", "unset GOSUMDB"),
    "strange database": ({"GOSUMDB": "a b c"}, "gosumdb", "unset GOSUMDB"),
    "all exempt": ({"GONOSUMDB": "*"}, "exemptions", "unset GONOSUMDB"),
    "all exempt, in other words": ({"GONOSUMDB": "example.com,[a-z]*.*"}, "exemptions", "unset GONOSUMDB"),
    "all private": ({"GOPRIVATE": "*"}, "exemptions", "unset GOPRIVATE"),
    "all insecure": ({"GOINSECURE": "*"}, "exemptions", "unset GOINSECURE"),
    "some insecure": ({"GOINSECURE": "a.test"}, "goinsecure", "unset GOINSECURE"),
    "no proxy": ({"GOPROXY": None, "GOROOT": "/nonexistent"}, "goproxy", "go env -w GOPROXY="),
    "strange proxy": ({"GOPROXY": "ftp://a.test"}, "goproxy", "unset GOPROXY"),
    "http proxy": ({"GOPROXY": "file:///,http://a.test", "LARDER_OFFLINE": "1"}, "goproxy", "https://"),
    "folder that is not there": ({"GOPROXY": "file:///nonexistent/go"}, "folders", "larder stock"),
    "empty method": ({"GOAUTH": "netrc;;x"}, "goauth", "unset GOAUTH"),
    "git in no folder": ({"GOAUTH": "git /nonexistent"}, "goauth", "unset GOAUTH"),
    "no such helper": ({"GOAUTH": "no-such-helper --x"}, "goauth", "unset GOAUTH"),
    "relative module cache": ({"GOMODCACHE": "mod/cache"}, "refused", "unset GOMODCACHE"),
    "relative go path": ({"GOPATH": "go"}, "refused", "unset GOPATH"),
    "go path of a shell": ({"GOPATH": "~/go"}, "refused", "unset GOPATH"),
    "flags that are none": ({"GOFLAGS": "-x mod"}, "refused", "unset GOFLAGS"),
    "flags that nobody has": ({"GOFLAGS": "-nosuchflag"}, "refused", "unset GOFLAGS"),
    "umask for all": ({}, "umask", "umask 022"),
    "umask for nobody": ({}, "umask", "umask 022"),
}


@pytest.mark.parametrize("case", SETTINGS)
def test_settings(larder, doctor, tmp_path, case):
    env, probe, mend = SETTINGS[case]
    before = {"umask for all": "umask 000; ", "umask for nobody": "umask 777; "}.get(case, UMASK)
    status, found, done = doctor(*key_file(larder, tmp_path), before=before, **env)
    assert status == 1 and list(found) == [probe], str(done)
    assert mend in found[probe][0]["mend"], found
    assert not mend.startswith("unset") or found[probe][0]["mend"] == mend  # go env -w does not reach the environment


def test_a_setting_of_the_go_env_file_is_mended_there(larder, doctor, go, tmp_path):
    go("env", "-w", "GOFLAGS=-mod=mod", "GONOSUMDB=*", ok=True)
    _, found, _ = doctor(*key_file(larder, tmp_path))
    mends = [finding["mend"] for findings in found.values() for finding in findings]
    assert len(mends) == 2
    for mend in mends:
        words = mend.split(", or ")[-1].split()
        assert words[:3] == ["go", "env", "-u"]
        go(*words[1:], ok=True)
    _, found, done = doctor(*key_file(larder, tmp_path))
    assert found == {}, str(done)


def test_patterns_for_some_are_fine(larder, doctor, tmp_path):
    _, found, done = doctor(*key_file(larder, tmp_path), GOPRIVATE="corp.test/*,*.corp.test", GONOSUMDB="corp.test")
    assert found == {}, str(done)


def test_folders_that_everybody_can_write(larder, doctor, tmp_path):
    (tmp_path / "store").chmod(0o777)
    _, found, done = doctor(*key_file(larder, tmp_path))
    assert list(found) == ["modes"] and found["modes"][0]["mend"] == f"chmod o-w {tmp_path / 'store'}", str(done)


def test_links_are_followed(larder, doctor, tmp_path):
    (tmp_path / "link").symlink_to("store")
    flags = key_file(larder, tmp_path)
    _, found, done = doctor(*flags, LARDER_STORE=tmp_path / "link")
    assert found == {}, str(done)
    (tmp_path / "lost").symlink_to("there's none")
    _, found, done = doctor(*flags, LARDER_STORE=tmp_path / "lost")
    assert list(found) == ["writing"] and "link to what is not there" in found["writing"][0]["what"], str(done)
    assert mended(found["writing"]) and doctor(*flags, LARDER_STORE=tmp_path / "lost")[1] == {}


def mended(findings):
    return all(subprocess.run(["/bin/sh", "-c", "umask 022; " + f["mend"]], check=False).returncode == 0 for f in findings)


def test_a_store_that_is_a_file(larder, doctor, tmp_path):
    file = tmp_path / "it's a file"
    file.write_text("")
    flags = key_file(larder, tmp_path)
    _, found, done = doctor(*flags, LARDER_STORE=file)
    assert list(found) == ["writing"] and "is no folder" in found["writing"][0]["what"], str(done)
    assert mended(found["writing"]) and doctor(*flags, LARDER_STORE=file)[1] == {}


def test_mends_are_for_sh(larder, doctor, tmp_path):
    store = tmp_path / "it's $HOME; x"
    store.mkdir()
    store.chmod(0o777)
    flags = key_file(larder, tmp_path)
    _, found, done = doctor(*flags, LARDER_STORE=store)
    assert list(found) == ["modes"], str(done)
    assert shlex.split(found["modes"][0]["mend"]) == ["chmod", "o-w", str(store)]
    assert mended(found["modes"]) and doctor(*flags, LARDER_STORE=store)[1] == {}


def test_files_from_the_future(larder, doctor, tmp_path):
    file = tmp_path / "modcache/cache/download/x.mod"
    file.parent.mkdir(parents=True)
    file.write_text("")
    os.utime(file, (time.time() + 86400,) * 2)
    _, found, done = doctor(*key_file(larder, tmp_path))
    assert list(found) == ["times"] and str(file) in found["times"][0]["what"], str(done)


@pytest.mark.parametrize("where", ["store/go/x", "store"])
def test_files_of_somebody_else(larder, doctor, tmp_path, where):
    """Root gives something away; who cannot do that looks at what is root's."""
    (tmp_path / "store/go").mkdir()
    (tmp_path / "store/go/x").write_text("")
    mine = os.geteuid() == 0
    if mine:
        os.chown(tmp_path / where, 12345, 12345)
    _, found, done = doctor(*key_file(larder, tmp_path), LARDER_STORE=tmp_path / "store" if mine else "/usr/share")
    inside = f"sudo chown -R root {tmp_path / 'store'}" if mine else "sudo chown -R "
    mend = "sudo -u 12345 larder …, instead of as root" if mine and where == "store" else inside
    assert len(found["owners"]) == 1 and found["owners"][0]["mend"].startswith(mend), str(done)


def test_folders_that_cannot_be_written(larder, good, tmp_path):
    small = tmp_path / "small"
    store = small / "store"
    script = (f"mkdir {shlex.quote(str(store))} && mount -o remount,ro {shlex.quote(str(small))} && "
              f"{shlex.quote(larder.program)} --json --store {shlex.quote(str(store))} doctor")
    done = in_small_disk(larder, small, "2g", script, {})
    found = [finding for finding in json.loads(done.stdout)["findings"] if finding["probe"] == "writing"]
    assert len(found) == 1 and f"{store} cannot be written by" in found[0]["what"], done.stdout + done.stderr
    assert "remount,rw" in found[0]["mend"] and "chown" not in found[0]["mend"]


def test_a_full_disk(larder, good, tmp_path):
    small = tmp_path / "small"
    script = f"{shlex.quote(larder.program)} --json --store {shlex.quote(str(small / 'store'))} doctor"
    done = in_small_disk(larder, small, "4m", script, {})
    found = [finding["what"] for finding in json.loads(done.stdout)["findings"] if finding["probe"] == "room"]
    assert any(str(small / "store") in what and "left on its disk" in what for what in found), done.stdout + done.stderr


SECRETS = {
    "a token that others can read": ('token_file = "secret"', 0o644, "chmod 600"),
    "a token that is not there": ('token_file = "none"', 0o600, "ls -l"),
    "a variable that is not set": ('token_env = "NOT_SET_AT_ALL"', 0o600, "export NOT_SET_AT_ALL="),
    "a key that others can read": ('client_cert = "open"\nclient_key = "secret"', 0o640, "chmod 600"),
}


@pytest.mark.parametrize("case", SECRETS)
def test_secrets(larder, doctor, tmp_path, case):
    line, mode, mend = SECRETS[case]
    flags = key_file(larder, tmp_path)
    for name, bits in (("secret", mode), ("open", 0o644)):
        (tmp_path / name).write_text("very-secret")
        (tmp_path / name).chmod(bits)
    with open(flags[1], "a", encoding="ascii") as file:
        file.write(f'[[upstream]]\nurl = "https://a.test"\n{line}\n')
    _, found, done = doctor(*flags)
    assert list(found) == ["secrets"] and len(found["secrets"]) == 1, str(done)
    assert mend in found["secrets"][0]["mend"] and "very-secret" not in done.out + done.err


def test_keys_of_bundles(larder, doctor, tmp_path):
    _, found, done = doctor()
    assert list(found) == ["trust"] and "no key is trusted" in found["trust"][0]["what"], str(done)
    file = tmp_path / "own.toml"
    file.write_text('[unpack]\ntrust = ["gone.pub"]\n')
    _, found, done = doctor("--config", file)
    assert list(found) == ["trust"] and "gone.pub" in found["trust"][0]["what"], str(done)
    # Outside nobody unpacks.
    _, found, done = doctor(GOPROXY="https://a.test", LARDER_OFFLINE="0", HTTPS_PROXY="http://127.0.0.1:9")
    assert "trust" not in found, str(done)


# --- upstreams ------------------------------------------------------------------------------------------------------


def test_an_upstream_that_answers(doctor, upstream):
    up = upstream([])
    status, found, done = doctor(GOPROXY=up.url + ",direct")
    assert found == {}, str(done)
    assert [entry.path for entry in up.log] == ["/"]


ANSWERS = {
    "who are you": ({"status": 401}, "[[upstream]]"),
    "go away": ({"status": 403}, "[[upstream]]"),
    "in trouble": ({"status": 500}, "curl -v"),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_an_upstream_that_answers_badly(doctor, upstream, case):
    fault, mend = ANSWERS[case]
    up = upstream([])
    up.fault("*", **fault)
    status, found, done = doctor(GOPROXY=up.url)
    assert status == 1 and list(found) == ["upstream"], str(done)
    assert mend in found["upstream"][0]["mend"] and up.url in found["upstream"][0]["what"]


def test_an_upstream_that_is_not_there(doctor, upstream):
    up = upstream([])
    url = up.url.replace("http://", "http://me:very-secret@")
    status, found, done = doctor(GOPROXY=up.url.rsplit(":", 1)[0] + ":1," + url.replace("http:", "https:"))
    assert status == 1 and len(found["upstream"]) == 2, str(done)
    assert "cannot be reached" in found["upstream"][0]["what"]
    assert "very-secret" not in done.out + done.err


def in_days(days):
    return time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + days * 86400 + 3600))


@pytest.mark.parametrize("days, said", [(-3, "expired 2 days ago"), (0, "expires in 0 days"), (13, "expires in 13 days"), (15, None)])
def test_a_certificate_that_ends(doctor, upstream, tmp_path, days, said):
    ca = Authority(tmp_path / "ca")
    up = upstream([], tls=ca.issue("IP:127.0.0.1", begin=in_days(-9), end=in_days(days)))
    status, found, done = doctor(GOPROXY=up.url, SSL_CERT_FILE=str(ca.file))
    assert [finding["what"] for finding in found.get("certificate", [])] == \
        ([f"the certificate of {up.url} {said}"] if said else []), str(done)
    assert ("upstream" in found) == (days < 0), str(done)  # it does not let itself be asked
    assert all("renew" in finding["mend"] for finding in found.get("certificate", []))


@pytest.mark.parametrize("ahead", [3600, -3600])
def test_a_clock_that_is_wrong(doctor, upstream, ahead):
    up = upstream([])
    date = email.utils.formatdate(time.time() - ahead, usegmt=True)
    up.fault("*", status=404, headers={"Date": date})
    up._server.RequestHandlerClass = type("Dated", (up._server.RequestHandlerClass,), {
        "date_time_string": lambda self, timestamp=None: date})
    status, found, done = doctor(GOPROXY=up.url)
    assert status == 1 and list(found) == ["clock"], str(done)
    assert ("ahead of" if ahead > 0 else "behind") in found["clock"][0]["what"]
    assert "timedatectl" in found["clock"][0]["mend"]


def test_offline_asks_nobody(doctor, upstream):
    up = upstream([])
    _, _, done = doctor("--offline", GOPROXY=up.url)
    assert up.log == [] and json.loads(done.out)["notAsked"] == ["upstream"], str(done)


def test_words_for_people(larder, good, tmp_path):
    done = larder(*key_file(larder, tmp_path), "doctor", env={"GOSUMDB": "off"})
    assert done.status == 1
    assert "gosumdb: GOSUMDB=off (environment)\n  why:  nothing vouches" in done.out and "\n  mend: unset GOSUMDB\n" in done.out
    assert "wrong" in done.err


def test_nothing_is_changed(larder, doctor, tmp_path):
    flags = key_file(larder, tmp_path)
    before = sorted(str(path) for path in tmp_path.rglob("*"))
    doctor(*flags, LARDER_STORE=str(tmp_path / "not/there"), GOMODCACHE=str(tmp_path / "nor/this"))
    assert sorted(str(path) for path in tmp_path.rglob("*")) == before
