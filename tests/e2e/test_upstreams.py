# SPDX-License-Identifier: Apache-2.0
"""[[upstream]] of larder.toml: tokens, passwords, client certificates and authorities; and that no secret gets out."""
import base64
import http.client
import json
import os
import pathlib
import ssl
import threading
import urllib.parse

import pytest
from certificates import Authority, openssl
from conftest import wait_until

A = """module example.test/a v1.0.0
-- go.mod --
module example.test/a
-- a.go --
package a
"""
ASKED = "example.test/a@v1.0.0"
SECRET = "s3cr3t/of+mine=&more?yes"
HERE = "IP:127.0.0.1"


@pytest.fixture(scope="module")
def ca(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("certificates") / "ca")


@pytest.fixture
def config(tmp_path):
    """config(text, NAME=value…) writes a larder.toml outside of any project; returns --config and its name."""
    def write(text, **values):
        file = tmp_path / "etc/larder.toml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text.format(**values))
        return "--config", str(file)
    return write


@pytest.fixture
def secret_file(tmp_path):
    file = tmp_path / "etc/secret"
    file.parent.mkdir(exist_ok=True)
    file.write_text(SECRET + "\n")
    file.chmod(0o600)
    return file


def secured(upstream, auth):
    up = upstream([A], tls=True)
    up.auth = auth
    return up


def spellings(*secrets):
    """Every way in which one of the secrets might stand somewhere."""
    out = set()
    for secret in secrets:
        raw = secret.encode()
        out |= {raw, urllib.parse.quote(secret).encode(), urllib.parse.quote(secret, safe="").encode(), raw.hex().encode()}
        for shift in range(3):  # within a longer text that is base64
            whole = base64.b64encode(b"x" * shift + raw + b"x" * ((-len(raw) - shift) % 3))
            out.add(whole[4 if shift else 0:-4])
    return out


def assert_nowhere(found, places):
    for name, data in places:
        for spelling in found:
            assert spelling not in data, f"{name} holds {spelling}"


def files_below(folder, *but):
    for path in pathlib.Path(folder).rglob("*"):
        if path.is_file() and not path.is_symlink() and path not in but:
            yield str(path), path.read_bytes()


def fetch_all(url):
    """Some answers of `larder serve`, heads included."""
    out = []
    for path in ("/", "/example.test/a/@v/list", "/example.test/a/@v/v1.0.0.info", "/example.test/b/@v/v9.0.0.info", "/metrics"):
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=60)
        connection.request("GET", path)
        answer = connection.getresponse()
        out.append((path, str(answer.getheaders()).encode() + answer.read()))
        connection.close()
    return out


TOKEN = """[[upstream]]
url = "{url}"
token_file = "secret"
"""
BASIC = """[[upstream]]
url = "{url}"
user = "me"
password_file = "secret"
"""
FORMS = {"token": (TOKEN, "Bearer " + SECRET),
         "password": (BASIC, "Basic " + base64.b64encode(f"me:{SECRET}".encode()).decode())}


@pytest.mark.parametrize("form", FORMS)
def test_a_secret_opens_the_upstream_and_gets_nowhere_else(larder, upstream, config, secret_file, serve, project, form, tmp_path):
    text, auth = FORMS[form]
    up = secured(upstream, auth)
    flags = config(text, url=up.url)
    env = {"GOPROXY": up.url, "SSL_CERT_FILE": up.ca_file}
    project.write("go.mod", "module work.test\n\ngo 1.20\n\nrequire example.test/a v1.0.0\n")
    project.write("go.sum", up.go_sum())
    runs = [
        larder(*flags, "-v", "stock", project, env=env, ok=True),
        larder(*flags, "--json", "stock", "--verify", project, env=env, ok=True),
        larder(*flags, "stock", "example.test/none@v1.0.0", env=env),
        larder(*flags, "stock", ASKED, env={**env, "GOPROXY": up.url.replace("127.0.0.1", "localhost")}),
        larder(*flags, "mod", "download", "-x", "-json", env=env, cwd=project.path, ok=True),
        larder(*flags, "mod", "download", "-x", "example.test/none@v1.0.0", env=env),
        larder(*flags, "env", env=env, ok=True),
        larder(*flags, "--json", "env", env=env, ok=True),
        larder(*flags, "check", project, env=env, ok=True),
        larder("key", "new", "-o", "k", ok=True),
        larder(*flags, "pack", "--key", "k.key", "-o", "out.larder", ok=True),
        larder(*flags, "bundle", "ls", "out.larder", ok=True),
        larder("--store", "other", "unpack", "--trust", "k.pub", "out.larder", ok=True),
        larder(*flags, "restore", project, env=env, ok=True),
    ]
    secret_file.write_text("wrong-" + SECRET)
    runs.append(larder(*flags, "stock", "example.test/b@v1.0.0", env=env))
    assert runs[-1].status == 1 and "401 Unauthorized" in runs[-1].err
    secret_file.write_text(SECRET + "\nand a second line of it")
    runs.append(larder(*flags, "stock", "example.test/b@v1.0.0", env=env))
    assert runs[-1].status == 1 and "holds more than one line" in runs[-1].err
    config(text.replace("_file", ""), url=up.url)  # the name of the file where the secret would be: any text
    runs.append(larder(*flags, "stock", ASKED, env=env))
    assert runs[-1].status == 1 and "no secret belongs in this file" in runs[-1].err
    config(text, url=up.url)
    url, process = serve(env={"GOPROXY": up.url})
    answers = fetch_all(url)
    process.terminate()
    answers.append(("serve", "".join(process.communicate()).encode()))
    assert any(entry.headers.get("authorization") == auth for entry in up.log)
    outputs = [(" ".join(done.words), (done.out + done.err).encode()) for done in runs]
    assert_nowhere(spellings(SECRET, f"me:{SECRET}"), [*outputs, *answers, *files_below(tmp_path, secret_file)])


def test_no_command_line_shows_it(larder, upstream, config, secret_file, running):
    up = secured(upstream, "Bearer " + SECRET)
    gate = threading.Event()
    up.fault("*.info", gate=gate)
    process = running(larder.start(*config(TOKEN, url=up.url), "stock", ASKED,
                                   env={"GOPROXY": up.url, "SSL_CERT_FILE": up.ca_file}))
    wait_until(lambda: up.count("*.info"))
    for name in ("cmdline", "environ"):
        data = pathlib.Path(f"/proc/{process.pid}/{name}").read_bytes()
        assert data
        assert_nowhere(spellings(SECRET), [(name, data)])
    gate.set()
    assert process.wait(60) == 0, process.stderr.read()


def test_a_token_of_the_environment_in_a_header_of_ones_choice(larder, upstream, config):
    up = upstream([A], tls=True)
    flags = config('[[upstream]]\nurl = "{url}/example.test"\ntoken_env = "MINE"\nheader = "Private-Token"\n', url=up.url)
    env = {"GOPROXY": up.url, "SSL_CERT_FILE": up.ca_file}
    done = larder(*flags, "stock", ASKED, env=env)
    assert done.status == 1 and "environment variable MINE is not set" in done.err and not up.log
    done = larder(*flags, "stock", ASKED, env={**env, "MINE": SECRET}, ok=True)
    assert {entry.headers.get("private-token") for entry in up.log} == {SECRET}
    assert SECRET not in done.out + done.err


def test_a_redirect_leaves_the_secret_behind(larder, upstream, config, secret_file, tmp_path):
    first, other = secured(upstream, "Bearer " + SECRET), upstream([A], tls=True)
    both = tmp_path / "both.pem"
    both.write_text(pathlib.Path(first.ca_file).read_text() + pathlib.Path(other.ca_file).read_text())
    first.fault("*.zip", redirect=f"{other.url}/example.test/a/@v/v1.0.0.zip")
    larder(*config(TOKEN, url=first.url), "stock", ASKED, env={"GOPROXY": first.url, "SSL_CERT_FILE": both}, ok=True)
    assert other.count("*.zip") == 1
    assert_nowhere(spellings(SECRET), [(entry.raw, str(entry.headers).encode()) for entry in other.log])


@pytest.mark.parametrize("where, goes_along", [("/in/deeper", True), ("/inner", False), ("/out", False)])
def test_a_redirect_out_of_its_section_leaves_the_secret_behind(larder, upstream, config, secret_file, where, goes_along):
    up = upstream([A], tls=True, base="/in")
    zip_path = "/example.test/a/@v/v1.0.0.zip"
    up.fault(zip_path, redirect=where + zip_path)
    whole, kind = up.content.lookup(zip_path)
    for path in (where, where.removeprefix("/in")):
        up.extra[path + zip_path] = whole, kind
    larder(*config(TOKEN, url=up.url), "stock", ASKED, env={"GOPROXY": up.url, "SSL_CERT_FILE": up.ca_file}, ok=True)
    first, second = [entry for entry in up.log if entry.path.endswith(".zip")]
    assert first.headers["authorization"] == "Bearer " + SECRET
    assert second.headers.get("authorization") == ("Bearer " + SECRET if goes_along else None)


@pytest.mark.parametrize("form", [*FORMS, "url"])
def test_what_a_server_quotes_is_hidden(larder, upstream, config, secret_file, project, form):
    text, auth = FORMS.get(form, ("", FORMS["password"][1]))
    up = secured(upstream, auth)
    url = up.url if form != "url" else up.url.replace("//", f"//me:{urllib.parse.quote(SECRET, safe='')}@")
    up.fault("*", status=403, body=f"denied for {auth} and {SECRET}\n".encode())
    env, flags = {"GOPROXY": url, "SSL_CERT_FILE": up.ca_file}, config(text, url=up.url)
    project.write("go.mod", "module work.test\n\ngo 1.20\n\nrequire example.test/a v1.0.0\n")
    project.write("go.sum", up.go_sum())
    for words in (["-v", "stock", ASKED], ["--json", "stock", ASKED], ["mod", "download", "-x", "-json", ASKED],
                  ["stock", project.path], ["list", "-m", "-versions", "example.test/a"], ["doctor"]):
        done = larder(*flags, *words, env=env, cwd=project.path)
        assert done.status != 0 and (words == ["doctor"] or "denied for " in done.out + done.err), done
        assert_nowhere(spellings(SECRET, f"me:{SECRET}"), [(" ".join(map(str, words)), (done.out + done.err).encode())])


def test_others_may_not_read_the_file(larder, upstream, config, secret_file):
    up = secured(upstream, "Bearer " + SECRET)
    secret_file.chmod(0o644)
    done = larder(*config(TOKEN, url=up.url), "stock", ASKED, env={"GOPROXY": up.url, "SSL_CERT_FILE": up.ca_file}, ok=True)
    assert done.err.count("others can read this secret (mode 0644)") == 1
    assert f"hint: chmod 600 {secret_file}" in done.err


WRONG = {
    "a literal token": ('token = "{secret}"', "larder.toml:3:9: upstream.token: no secret belongs in this file"),
    "a literal password": ('password = "{secret}"', "upstream.password: no secret belongs in this file"),
    "a user in the URL": ('url = "https://me:{secret}@a.test"', None),
    "an unknown key": ('tokenfile = "x"', 'unknown key "upstream.tokenfile" (did you mean "upstream.token_file"?)'),
    "a number": ("token_file = 1", "upstream.token_file must be a string"),
    "http": ('token_env = "X"', "a secret goes over https only: http://a.test"),
    "two secrets": ('token_env = "X"\ntoken_file = "y"', "token_file and token_env exclude each other"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_larder_toml_may_not_say(larder, config, case):
    line, said = WRONG[case]
    scheme = "http" if case == "http" else "https"
    head = "" if line.startswith("url") else f'url = "{scheme}://a.test"\n'
    done = larder(*config("[[upstream]]\n" + head + line + "\n", secret=SECRET), "env")
    assert done.status != 0 and (said or 'parse "https://me:xxxxx@a.test": invalid port') in done.err, str(done)
    assert SECRET not in done.out + done.err


@pytest.mark.parametrize("section", ['[[upstream]]\nurl = "https://a.test"\ntoken_env = "HOME"\n',
                                     '[policy]\ndeny = ["a.test"]\n', '[unpack]\ntrust = ["a.pub"]\n',
                                     '[stock]\nfrom = "https://a.test"\n'])
def test_a_folder_brings_neither_secrets_nor_policy_nor_trust(larder, project, section, env):
    project.write("larder.toml", section)
    done = larder("env", cwd=project.path)
    assert done.status == 1 and "merely lies in the working folder" in done.err
    larder("--config", "larder.toml", "env", cwd=project.path, ok=True)
    larder("env", cwd=project.path, env={"LARDER_CONFIG": "larder.toml"}, ok=True)
    # What else it says does not hide the user's own policy.
    own = pathlib.Path(env["HOME"]) / ".config/larder/larder.toml"
    own.parent.mkdir(parents=True)
    own.write_text('[policy]\ndeny = ["example.test"]\n[stock]\nfrom = "file:///nowhere"\n')
    project.write("larder.toml", "offline = false\n")
    assert larder("env", "stock.from", cwd=project.path, ok=True).out == f"stock.from=file:///nowhere  # {own}\n"
    done = larder("stock", ASKED, cwd=project.path, env={"GOPROXY": "file:///nonexistent"})
    assert done.status == 1 and 'refused by policy.deny "example.test"' in done.err


# --- certificates ---------------------------------------------------------------------------------------------------


@pytest.fixture
def strict(upstream, ca):
    """An upstream that lets in who shows a certificate of our authority."""
    up = upstream([A], tls=ca.issue(HERE))
    up._server.context.verify_mode = ssl.CERT_REQUIRED
    up._server.context.load_verify_locations(ca.file)
    return up


CERT = """[[upstream]]
url = "{url}"
client_cert = "{cert}"
client_key = "{key}"
ca_file = "{ca}"
"""


def test_a_client_certificate_and_an_authority_for_one_host(larder, strict, ca, config):
    cert, key = ca.issue("DNS:client.test")
    env = {"GOPROXY": strict.url}
    done = larder("stock", ASKED, env={**env, "SSL_CERT_FILE": ca.file})
    assert done.status == 1 and not strict.log
    larder(*config(CERT, url=strict.url, cert=cert, key=key, ca=ca.file), "stock", ASKED, env=env, ok=True)
    assert strict.count("*.zip") == 1


def test_a_client_certificate_of_the_environment(larder, strict, ca, tmp_path):
    cert, key = ca.issue("DNS:client.test")
    env = {"GOPROXY": strict.url, "SSL_CERT_FILE": ca.file}
    larder("stock", ASKED, env={**env, "LARDER_CLIENT_CERT": cert, "LARDER_CLIENT_KEY": key}, ok=True)
    both = tmp_path / "both.pem"
    both.write_text(pathlib.Path(cert).read_text() + pathlib.Path(key).read_text())
    larder("mod", "download", ASKED, env={**env, "LARDER_CLIENT_CERT": both}, ok=True)


def test_nobody_else_sees_the_certificate(larder, upstream, strict, ca, config):
    """The host that a redirect leads to asks for one too, and gets none."""
    cert, key = ca.issue("DNS:client.test")
    other = upstream([A], tls=ca.issue(HERE))
    other._server.context.verify_mode = ssl.CERT_REQUIRED
    other._server.context.load_verify_locations(ca.file)
    strict.fault("*.zip", redirect=f"{other.url}/example.test/a/@v/v1.0.0.zip")
    done = larder(*config(CERT, url=strict.url, cert=cert, key=key, ca=ca.file), "stock", ASKED,
                  env={"GOPROXY": strict.url, "SSL_CERT_FILE": ca.file})
    assert done.status == 1 and other.log == [], str(done)


BROKEN = {
    "no such file": (lambda cert, key, dir: ("/nonexistent/cert.pem", key), "/nonexistent/cert.pem"),
    "no such key": (lambda cert, key, dir: (cert, "/nonexistent/key.pem"), "/nonexistent/key.pem"),
    "no certificate": (lambda cert, key, dir: (key, key), None),
    "a key with a passphrase": (lambda cert, key, dir: (cert, encrypted(key, dir)), None),
}


def encrypted(key, folder):
    openssl("ec", "-in", key, "-aes256", "-passout", "pass:secret", "-out", folder / "locked.pem")
    return folder / "locked.pem"


@pytest.mark.parametrize("case", BROKEN)
def test_certificates_that_cannot_be_used(larder, strict, ca, config, tmp_path, case):
    change, said = BROKEN[case]
    cert, key = change(*ca.issue("DNS:client.test"), tmp_path)
    done = larder(*config(CERT, url=strict.url, cert=cert, key=key, ca=ca.file), "stock", ASKED,
                  env={"GOPROXY": strict.url}, timeout=60)
    assert done.status == 1 and strict.log == [], str(done)
    assert (said or str(key if "key" in case else cert)) in done.err, str(done)


PLACES = ["token_file", "password_file", "ca_file", "client_cert", "client_key"]


@pytest.mark.parametrize("key", PLACES)
@pytest.mark.parametrize("what", ["pipe", "device", "folder"])
def test_what_is_no_regular_file_is_not_waited_for(larder, upstream, config, tmp_path, key, what):
    place = tmp_path / "etc/place"
    place.parent.mkdir()
    if what == "pipe":
        os.mkfifo(place, 0o644)
    elif what == "device":
        place.symlink_to("/dev/zero")
    else:
        place.mkdir()
    more = {"password_file": 'user = "me"', "client_key": f'client_cert = "{__file__}"'}.get(key, "")
    up = upstream([A], tls=True)
    flags = config('[[upstream]]\nurl = "{url}"\n{key} = "{place}"\n{more}\n', url=up.url, key=key, place=place, more=more)
    env = {"GOPROXY": up.url + ",off", "SSL_CERT_FILE": up.ca_file}
    done = larder(*flags, "stock", ASKED, env=env, timeout=60)
    assert done.status == 1 and up.log == [], str(done)
    assert f"{place}: a {what}, not a regular file" in done.err and "chmod" not in done.err, str(done)
    done = larder(*flags, "--json", "doctor", env=env, timeout=60)
    found = [f for f in json.loads(done.out)["findings"] if f["probe"] == "secrets"]
    assert len([f for f in found if f"{place} is no regular file" in f["what"]]) == 1, str(done)
    assert not any(f"chmod 600 {place}" in f["mend"] for f in found), str(done)


def test_the_authority_of_one_host_is_not_the_others(larder, upstream, ca, config, tmp_path):
    """ca_file replaces the authorities of its host, and of no other."""
    up = upstream([A], tls=ca.issue(HERE))
    alien = Authority(tmp_path / "alien")
    text = '[[upstream]]\nurl = "{url}"\nca_file = "{ca}"\n'
    env = {"GOPROXY": up.url, "SSL_CERT_FILE": ca.file}
    larder(*config(text, url="https://elsewhere.test", ca=alien.file), "stock", ASKED, env=env, ok=True)
    done = larder(*config(text, url=up.url, ca=alien.file), "--store", "other", "stock", ASKED, env=env)
    assert done.status == 1 and "tls: failed to verify certificate" in done.err
