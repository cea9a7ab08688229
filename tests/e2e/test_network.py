# SPDX-License-Identifier: Apache-2.0
"""TLS with the user's own authority, HTTP/2, and the proxies that HTTP_PROXY, HTTPS_PROXY and NO_PROXY name."""
import base64
import http.client
import http.server
import os
import pathlib
import select
import shutil
import socket
import subprocess
import threading
import urllib.parse

import pytest
from certificates import Authority
from conftest import tree, wait_until

A = """module example.test/a v1.0.0
-- go.mod --
module example.test/a
-- a.go --
package a
"""
BIG = "module example.test/big v1.0.0\n-- go.mod --\nmodule example.test/big\n" + "".join(
    f"-- f{i}.txt --\n{i * 7919}\n{os.urandom(600).hex()}\n" for i in range(200))
ASKED = "example.test/a@v1.0.0"
HERE = "IP:127.0.0.1"


@pytest.fixture(scope="module")
def ca(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("certificates") / "ca")


@pytest.fixture(scope="module")
def other_ca(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("certificates") / "other")


def held(env):
    store = pathlib.Path(env["LARDER_STORE"]) / "go"
    return sorted(path.name for path in store.rglob("*.zip"))


# --- TLS ----------------------------------------------------------------------------------------------------------


def test_an_authority_of_ones_own(larder, go, upstream, ca, env, tmp_path):
    up = upstream([A], tls=ca.issue(HERE))
    trust = {"GOPROXY": up.url, "SSL_CERT_FILE": ca.file}
    larder("stock", ASKED, env=trust, ok=True)
    assert held(env) == ["v1.0.0.zip"]
    for program, name in ((go, "go"), (larder, "larder")):
        program("mod", "download", ASKED, env={**trust, "GOMODCACHE": str(tmp_path / name)}, ok=True)
    assert tree(tmp_path / "larder/example.test") == tree(tmp_path / "go/example.test")


def test_a_folder_of_authorities(larder, upstream, ca, env, tmp_path):
    up = upstream([A], tls=ca.issue(HERE))
    folder = tmp_path / "trusted"
    folder.mkdir()
    shutil.copy(ca.file, folder / "ours.pem")
    subprocess.run(["openssl", "rehash", folder], check=True)
    larder("stock", ASKED, env={"GOPROXY": up.url, "SSL_CERT_DIR": folder}, ok=True)
    assert held(env) == ["v1.0.0.zip"]


REFUSED = {  # names and dates of the certificate; who is trusted; what is said
    "unknown authority": ((HERE,), {}, None, "unable to get local issuer certificate"),
    "another authority": ((HERE,), {}, "other", "unable to get local issuer certificate"),
    "expired": ((HERE,), {"begin": "20200101000000Z", "end": "20200102000000Z"}, "ours", "certificate has expired"),
    "not yet valid": ((HERE,), {"begin": "20900101000000Z", "end": "20900102000000Z"}, "ours",
                      "certificate is not yet valid"),
    "another host": (("DNS:elsewhere.test",), {}, "ours", "127.0.0.1"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_certificates_that_are_refused(larder, go, upstream, ca, other_ca, env, case):
    names, dates, trusted, said = REFUSED[case]
    up = upstream([A], tls=ca.issue(*names, **dates))
    files = {None: None, "ours": ca.file, "other": other_ca.file}
    trust = {"GOPROXY": up.url, "SSL_CERT_FILE": files[trusted]}
    for words in (["stock", ASKED], ["mod", "download", ASKED]):
        done = larder(*words, env=trust)
        assert done.status == 1, str(done)
        assert "tls: failed to verify certificate" in done.err and said in done.err, str(done)
    assert go("mod", "download", ASKED, env=trust).status == 1
    assert held(env) == [] and up.log == []


def test_plain_http_where_tls_is_spoken_and_the_reverse(larder, upstream, ca, env):
    secure, plain = upstream([A], tls=ca.issue(HERE)), upstream([A])
    for url in (secure.url.replace("https", "http"), plain.url.replace("http", "https")):
        done = larder("stock", ASKED, env={"GOPROXY": url, "SSL_CERT_FILE": ca.file})
        assert done.status == 1 and url in done.err, str(done)
    assert held(env) == []


# --- HTTP/2 -------------------------------------------------------------------------------------------------------

NGINX = """{user}
worker_processes 1; daemon off; pid {run}/pid; error_log {run}/error.log;
events {{ worker_connections 256; }}
http {{
  log_format protocol '$server_protocol $status $connection $request_uri';
  access_log {run}/access.log protocol;
  client_body_temp_path {run}/body; proxy_temp_path {run}/proxy; fastcgi_temp_path {run}/fastcgi;
  uwsgi_temp_path {run}/uwsgi; scgi_temp_path {run}/scgi;
  types {{ }} default_type application/octet-stream;
  server {{ listen 127.0.0.1:{port} ssl http2; ssl_certificate {cert}; ssl_certificate_key {key}; root {root}; }}
}}
"""


@pytest.fixture
def nginx(ca, tmp_path, running):
    """nginx(folder) serves a folder over TLS and HTTP/2: (URL, log of requests)."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if not program:
        pytest.skip("there is no nginx; scripts/setup installs it")

    def start(root):
        run = tmp_path / "nginx"
        run.mkdir()
        cert, key = ca.issue(HERE)
        with socket.socket() as listener:  # nginx takes it over: the port is ours from the beginning
            listener.bind(("127.0.0.1", 0))
            listener.listen(64)
            port = listener.getsockname()[1]
            config = run / "nginx.conf"
            config.write_text(NGINX.format(run=run, port=port, cert=cert, key=key, root=root,
                                           user="user root;" if os.geteuid() == 0 else ""))
            fd = listener.fileno()
            running(subprocess.Popen([program, "-e", run / "error.log", "-c", config], pass_fds=[fd],
                                     env={**os.environ, "NGINX": f"{fd};"}, start_new_session=True,
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
            wait_until((run / "pid").is_file)
        return f"https://127.0.0.1:{port}", run / "access.log"
    return start


def test_http_2(larder, upstream, nginx, ca, env, project, tmp_path):
    up = upstream([A, BIG])
    up.write_to(tmp_path / "served")
    project.write("go.mod", "module example.test/m\n\ngo 1.21\n\nrequire example.test/a v1.0.0\n"
                            "require example.test/big v1.0.0\n")
    project.write("go.sum", up.go_sum())
    url, log = nginx(tmp_path / "served")
    trust = {"GOPROXY": url, "SSL_CERT_FILE": ca.file}
    larder("stock", project, env=trust, ok=True)
    larder("mod", "download", cwd=project, env=trust, ok=True)
    missing = larder("stock", "example.test/nowhere@v1.0.0", env=trust)
    assert missing.status == 1 and "404 Not Found" in missing.err, str(missing)
    lines = [line.split() for line in log.read_text().splitlines()]
    assert len(lines) >= 12 and {line[0] for line in lines} == {"HTTP/2.0"}, lines
    assert len({line[2] for line in lines}) == 3  # one connection a program


# --- proxies ------------------------------------------------------------------------------------------------------


class Handler(http.server.BaseHTTPRequestHandler):
    """Whatever host is asked for, the upstream answers."""
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def note(self):
        server = self.server
        server.log.append((self.command, self.path))
        if server.auth and self.headers.get("Proxy-Authorization") != server.auth:
            self.refuse(407, "who are you?")
            return False
        if server.status:
            self.refuse(server.status, "not through here")
            return False
        return True

    def refuse(self, status, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if not self.note():
            return
        with_host = urllib.parse.urlsplit(self.path)
        onward = http.client.HTTPConnection(*self.server.target)
        onward.request("GET", with_host.path, headers={"Host": with_host.netloc})
        answer = onward.getresponse()
        body = answer.read()
        self.send_response(answer.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        onward.close()

    def do_CONNECT(self):
        self.close_connection = True
        if not self.note():
            return
        with socket.create_connection(self.server.target) as onward:
            self.send_response(200, "Connection established")
            self.end_headers()
            ends = {self.connection: onward, onward: self.connection}
            while True:
                for one in select.select(list(ends), [], [])[0]:
                    data = one.recv(65536)
                    if not data:
                        return
                    ends[one].sendall(data)


class Proxy(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, up, *, auth=None, status=None):
        super().__init__(("127.0.0.1", 0), Handler)
        host, port = up.host.split(":")
        self.target, self.status, self.log = (host, int(port)), status, []
        self.auth = auth and "Basic " + base64.b64encode(auth.encode()).decode()
        user = f"{auth}@" if auth else ""
        self.url = f"http://{user}127.0.0.1:{self.server_address[1]}"
        self.thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()


@pytest.fixture
def proxy():
    started = []

    def start(*args, **options):
        started.append(Proxy(*args, **options))
        return started[-1]
    yield start
    for one in started:
        one.shutdown()
        one.server_close()
        one.thread.join()


@pytest.fixture(params=["go", "larder", "stock"])
def download(request, larder, go):
    """Fetches one module, with either program."""
    words = ["stock"] if request.param == "stock" else ["mod", "download"]
    program = go if request.param == "go" else larder
    return lambda env, **options: program(*words, ASKED, env=env, **options)


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy"])
def test_http_through_a_proxy(download, upstream, proxy, name):
    through = proxy(upstream([A]))
    download({"GOPROXY": "http://up.test/base", name: through.url}).status  # the base is not there: only asked for
    assert {method for method, _ in through.log} == {"GET"}
    # What is no module may be a package of one: stock asks for the paths above it too.
    assert all(target.startswith("http://up.test/base/example.test/") for _, target in through.log)
    through.log.clear()
    download({"GOPROXY": "http://up.test", name: through.url}, ok=True)
    assert ("GET", "http://up.test/example.test/a/@v/v1.0.0.zip") in through.log


def test_https_through_a_proxy(download, upstream, proxy, ca):
    through = proxy(upstream([A], tls=ca.issue("DNS:up.test")))
    trust = {"GOPROXY": "https://up.test:8443", "HTTPS_PROXY": through.url, "SSL_CERT_FILE": ca.file}
    download(trust, ok=True)
    assert set(through.log) == {("CONNECT", "up.test:8443")}
    # HTTP_PROXY is for http alone.
    through.log.clear()
    refused = download({**trust, "HTTPS_PROXY": None, "HTTP_PROXY": through.url, "GOMODCACHE": None,
                        "GOPATH": trust["SSL_CERT_FILE"].parent / "fresh", "LARDER_STORE": ca.folder / "fresh-store"})
    assert refused.status == 1 and through.log == [], str(refused)


def test_proxies_that_want_a_password(download, upstream, proxy, ca):
    up = upstream([A], tls=ca.issue("DNS:up.test"))
    through = proxy(up, auth="me:secret")
    trust = {"GOPROXY": "https://up.test", "SSL_CERT_FILE": ca.file}
    refused = download({**trust, "HTTPS_PROXY": through.url.replace("secret", "wrong")})
    assert refused.status == 1 and "wrong" not in refused.err and up.log == [], str(refused)
    download({**trust, "HTTPS_PROXY": through.url}, ok=True)


@pytest.mark.parametrize("no_proxy", ["up.test", ".test", "*", "other.test, up.test", "up.test:80"])
def test_no_proxy(download, upstream, proxy, no_proxy):
    through = proxy(upstream([A]))
    done = download({"GOPROXY": "http://up.test", "HTTP_PROXY": through.url, "NO_PROXY": no_proxy})
    assert done.status == 1 and through.log == [], str(done)  # nobody knows a host of that name


@pytest.mark.parametrize("no_proxy", ["down.test", "p.test", "up.test:81", ".up.test", "10.0.0.0/8"])
def test_no_proxy_for_others(download, upstream, proxy, no_proxy):
    through = proxy(upstream([A]))
    download({"GOPROXY": "http://up.test", "HTTP_PROXY": through.url, "NO_PROXY": no_proxy}, ok=True)
    assert through.log != []


def test_this_machine_is_asked_directly(download, upstream, proxy):
    up = upstream([A])
    through = proxy(up, status=500)
    download({"GOPROXY": up.url, "HTTP_PROXY": through.url}, ok=True)
    assert through.log == []


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_refuses_is_told(larder, upstream, proxy, ca, env, scheme):
    up = upstream([A], tls=ca.issue("DNS:up.test"))
    through = proxy(up, status=403)
    done = larder("stock", ASKED, env={"GOPROXY": f"{scheme}://up.test", f"{scheme.upper()}_PROXY": through.url,
                                       "SSL_CERT_FILE": ca.file})
    assert done.status == 1 and "403" in done.err and held(env) == [], str(done)
    assert len(through.log) == 1  # a refusal is no passing trouble
