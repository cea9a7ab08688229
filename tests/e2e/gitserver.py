# SPDX-License-Identifier: Apache-2.0
"""Git over https for tests: every host there is, behind one CONNECT proxy on 127.0.0.1, port 0.

    with GitServer(folder) as server:
        repo = server.repo("r")                     # served as https://git.test/r
        repo.commit({"go.mod": "module code.test/m\\n"}, tags=["v1.0.0"])
        server.page("code.test/m", "code.test/m git https://git.test/r")
        run(["go", "mod", "download", "code.test/m@v1.0.0"], env={**server.env, "GOPROXY": "direct"})

`server.env` makes go, git and larder go through it and trust its certificates. Plain http works as well. A page may
be text (the content of a go-import tag), bytes (the page), an int (a status), or a function of the handler.
`server.files` holds other content by "HOST/PATH". Every host in GIT_HOSTS has every repository: repo("me/lib") is
https://github.com/me/lib as well. A gate finds what was posted in `handler.posted`.
`server.requests` holds "METHOD URL" of what was asked. Commit times are fixed: the same files give the same hashes.
"""
import gzip
import http.server
import os
import shutil
import ssl
import subprocess
import threading
import urllib.parse
from pathlib import Path

GIT_HOSTS = ("git.test", "github.com", "gopkg.in")
HOSTS = (*GIT_HOSTS, "code.test", "other.test", "bad.test", "*.code.test")
TIME = 1704164645  # 2024-01-02T03:04:05Z


def git_environment(home):
    return {"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C", "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@code.test", "GIT_COMMITTER_NAME": "A",
            "GIT_COMMITTER_EMAIL": "a@code.test"}


class Repo:
    """A repository with a work tree, made commit by commit."""

    def __init__(self, work, bare, home, object_format="sha1"):
        self.work, self.bare, self.home, self.time = work, bare, home, TIME
        work.mkdir(parents=True)
        self.git("init", "-q", "-b", "main", f"--object-format={object_format}")
        self.git("init", "-q", "--bare", "-b", "main", f"--object-format={object_format}", str(bare))
        self.git("config", "uploadpack.allowAnySHA1InWant", "true")
        subprocess.run(["git", "-C", bare, "config", "uploadpack.allowReachableSHA1InWant", "true"], check=True)
        self.git("remote", "add", "origin", str(bare))

    def git(self, *words):
        env = {**git_environment(self.home), "GIT_AUTHOR_DATE": f"{self.time} +0000",
               "GIT_COMMITTER_DATE": f"{self.time} +0000"}
        done = subprocess.run(["git", "-C", self.work, *words], env=env, capture_output=True, text=True)
        assert done.returncode == 0, f"git {' '.join(words)}: {done.stderr}"
        return done.stdout.strip()

    def commit(self, files=None, remove=(), tags=(), branch=None, push=True):
        """{name: text, bytes, ("link", target) or None to remove}. Returns the hash; each commit is a minute later."""
        self.time += 60
        if branch:
            self.git("checkout", "-q", *([] if branch in self.git("branch").split() else ["-b"]), branch)
        for name, content in (files or {}).items():
            path = self.work / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_symlink() or content is None:
                path.unlink()
            if isinstance(content, tuple):
                path.symlink_to(content[1])
            elif content is not None:
                path.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "c")
        for tag in tags:
            self.git("tag", tag)
        if push:
            self.push()
        return self.git("rev-parse", "HEAD")

    def push(self):
        self.git("push", "-q", "-f", "--all", "origin")
        self.git("push", "-q", "-f", "--tags", "origin")


def make_certificates(folder):
    """(CA file, certificate with its key) for HOSTS."""
    ca, key, request, cert = (folder / name for name in ("ca.pem", "key.pem", "request.pem", "cert.pem"))
    run = lambda *words, **kw: subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, **kw)
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    run("req", "-x509", *curve, "-keyout", folder / "ca-key.pem", "-out", ca, "-days", "2", "-subj", "/CN=ca")
    run("req", *curve, "-keyout", key, "-out", request, "-subj", "/CN=test")
    names = folder / "names"
    names.write_text("subjectAltName=" + ",".join(f"DNS:{host}" for host in HOSTS))
    run("x509", "-req", "-in", request, "-CA", ca, "-CAkey", folder / "ca-key.pem", "-CAcreateserial", "-out", cert,
        "-days", "2", "-extfile", names)
    both = folder / "both.pem"
    both.write_text(cert.read_text() + key.read_text())
    return ca, both


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two writes: the second would wait 40 ms for an ACK
    secure_host = None

    def log_message(self, *args):
        pass

    def do_CONNECT(self):
        self.send_response(200)
        self.end_headers()
        try:
            tls = self.server.owner.context.wrap_socket(self.connection, server_side=True)
        except (ssl.SSLError, OSError):
            self.close_connection = True
            return
        with tls:
            inner = type("Inner", (Handler,), {"secure_host": self.path.split(":")[0]})
            try:
                inner(tls, self.client_address, self.server)
            except (ssl.SSLError, OSError):
                pass
        self.close_connection = True

    def do_GET(self):
        self.answer(b"")

    def do_POST(self):
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            body = b""
            while size := int(self.rfile.readline().strip(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.answer(body)

    def reply(self, status, body, headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def answer(self, body):
        owner = self.server.owner
        self.posted = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
        parsed = urllib.parse.urlsplit(self.path)
        host = self.secure_host or parsed.hostname
        scheme = "https" if self.secure_host else "http"
        with owner.lock:
            owner.requests.append(f"{self.command} {scheme}://{host}{parsed.path}" +
                                  (f"?{parsed.query}" if parsed.query else ""))
        if owner.gate and not owner.gate(self, host, parsed.path):
            return
        if "go-get=1" in parsed.query:
            self.page(owner.page_at((host + parsed.path).rstrip("/")))
        elif host + parsed.path in owner.files:
            self.reply(200, owner.files[host + parsed.path])
        elif host in GIT_HOSTS and scheme in owner.git_schemes:
            self.git(parsed, body)
        else:
            self.reply(404, b"not here\n", [("Content-Type", "text/plain")])

    def page(self, page):
        if callable(page):
            return page(self)
        if isinstance(page, int):
            return self.reply(page, b"no such page\n", [("Content-Type", "text/plain")])
        if isinstance(page, str):
            page = f'<html><head><meta name="go-import" content="{page}"></head><body></body></html>'.encode()
        return self.reply(200, page, [("Content-Type", "text/html")])

    def git(self, parsed, body):
        owner = self.server.owner
        env = {**git_environment(owner.folder), "GIT_PROJECT_ROOT": str(owner.bare), "GIT_HTTP_EXPORT_ALL": "1",
               "REQUEST_METHOD": self.command, "PATH_INFO": parsed.path, "QUERY_STRING": parsed.query,
               "CONTENT_TYPE": self.headers.get("Content-Type", ""), "REMOTE_ADDR": "127.0.0.1",
               "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
               "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""), "CONTENT_LENGTH": str(len(body))}
        done = subprocess.run(["git", "http-backend"], env=env, input=body, capture_output=True)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        status, headers = 200, []
        for line in head.decode().split("\r\n"):
            name, _, value = line.partition(": ")
            if name == "Status":
                status = int(value.split()[0])
            elif name:
                headers.append((name, value))
        self.reply(status, content, headers)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request, client_address):
        pass  # clients that go away in the middle are part of the tests


class GitServer:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.bare = self.folder / "bare"
        self.bare.mkdir(parents=True)
        self.pages, self.files, self.requests, self.lock = {}, {}, [], threading.Lock()
        self.gate = None            # gate(handler, host, path) -> False where it answered itself
        self.git_schemes = {"https"}
        self.ca, both = make_certificates(self.folder)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(both)
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.owner = self

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    @property
    def env(self):
        proxy = f"http://127.0.0.1:{self.server.server_address[1]}"
        return {"HTTPS_PROXY": proxy, "HTTP_PROXY": proxy, "https_proxy": proxy, "http_proxy": proxy,
                "SSL_CERT_FILE": str(self.ca), "GIT_SSL_CAINFO": str(self.ca), "GIT_CONFIG_NOSYSTEM": "1"}

    def repo(self, name, **options):
        return Repo(self.folder / "work" / name, self.bare / name, self.folder, **options)

    def page(self, path, content):
        self.pages[path] = content

    def page_at(self, path):
        """The page of the path, else the one of the nearest path above it, as code hosts have it."""
        while path and path not in self.pages:
            path = path.rpartition("/")[0]
        return self.pages.get(path, 404)

    def module(self, path, name=None, subdir="", **options):
        """A repository and its page: repo(name) as the module path."""
        name = name or path.replace("/", "-")
        repo = self.repo(name, **options)
        self.page(path, f"{path} git https://git.test/{name} {subdir}".strip())
        return repo
