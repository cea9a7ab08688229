# SPDX-License-Identifier: Apache-2.0
"""The test upstream: a Go proxy on 127.0.0.1, port 0, in a thread of the test, with faults on demand.

    with Upstream([TXTAR, ...]) as up:
        run(["go", "mod", "download"], GOPROXY=up.url, GOSUMDB="off")
        up.fault("*/@v/v1.0.0.zip", cut=1000, times=1)
        assert up.count("*.zip") == 2

A module is a txtar text. Its comment names it; the files are the module's, ".info" (optional) is what the proxy
answers, ".mod" (optional) the go.mod it serves where the zip has none:

    module example.com/m v1.0.0
    -- go.mod --
    module example.com/m
    -- m.go --
    package m

Only the standard library is used. By hand: python3 upstream.py DIR serves every DIR/**/*.txtar.
"""

import argparse
import base64
import fnmatch
import hashlib
import http.server
import io
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import urllib.parse
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

TIME = "2024-01-02T03:04:05Z"
ENDLESS_LIMIT = 2 << 30  # bytes; an endless body ends there, so that a broken client does not fill a disk
PSEUDO = re.compile(r"-(?:0\.)?\d{14}-[0-9a-f]{12}(?:\+incompatible)?$|\.0\.\d{14}-[0-9a-f]{12}(?:\+incompatible)?$")
RELEASE = re.compile(r"^v(\d+)\.(\d+)\.(\d+)(-[0-9A-Za-z.-]+)?(\+incompatible)?$")


# --- modules ------------------------------------------------------------------------------------------------


def parse_txtar(text):
    """(comment, {name: bytes}) in the order of the text."""
    comment, files, name = [], {}, None
    for line in text.splitlines(keepends=True):
        marker = re.match(r"^-- (.+) --\s*$", line)
        if marker:
            name = marker.group(1).strip()
            files[name] = []
        elif name is None:
            comment.append(line)
        else:
            files[name].append(line)
    return "".join(comment), {n: "".join(lines).encode() for n, lines in files.items()}


def escape(text):
    """The form of a path or version in URLs and file names: "!a" for "A"."""
    return re.sub("[A-Z]", lambda m: "!" + m.group(0).lower(), text)


def h1(files):
    """The h1 of {name: bytes}, names as in the zip."""
    lines = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items()))
    return "h1:" + base64.b64encode(hashlib.sha256(lines.encode()).digest()).decode()


def make_zip(files, compression=zipfile.ZIP_DEFLATED):
    """A zip of {name: bytes} that depends on nothing else."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = compression
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
    return out.getvalue()


@dataclass
class Module:
    path: str
    version: str
    files: dict  # name below the module: bytes
    mod: bytes
    info: bytes
    zip: bytes = b""

    @classmethod
    def parse(cls, text):
        comment, files = parse_txtar(text)
        head = re.search(r"^module (\S+) (\S+)\s*$", comment, re.MULTILINE)
        if not head:
            raise ValueError("a module's text begins with: module PATH VERSION")
        path, version = head.groups()
        default_info = json.dumps({"Version": version, "Time": TIME}, separators=(",", ":")).encode()
        info = files.pop(".info", default_info).rstrip(b"\n")
        served = files.pop(".mod", None)
        mod = files.get("go.mod", f"module {path}\n".encode()) if served is None else served
        module = cls(path, version, files, mod, info)
        module.zip = make_zip(module.zip_files())
        return module

    def zip_files(self):
        return {f"{self.path}@{self.version}/{name}": data for name, data in self.files.items()}

    def zip_sum(self):
        return h1(self.zip_files())

    def mod_sum(self):
        return h1({"go.mod": self.mod})

    def go_sum(self):
        return (
            f"{self.path} {self.version} {self.zip_sum()}\n"
            f"{self.path} {self.version}/go.mod {self.mod_sum()}\n"
        )


def version_key(version):
    """Sorts as semantic versions do; what is none comes first."""
    match = RELEASE.match(version)
    if not match:
        return (0, version)
    pre = match.group(4)
    parts = [(0, int(p), "") if p.isdigit() else (1, 0, p) for p in pre[1:].split(".")] if pre else []
    return (1, *(int(n) for n in match.groups()[:3]), pre is None, parts, version)


class Content:
    """What the proxy has: {URL path without base: (bytes, content type)}."""

    TYPES = {
        ".info": "application/json",
        ".mod": "text/plain; charset=UTF-8",
        ".zip": "application/zip",
    }

    def __init__(self, modules=()):
        self.modules = {}
        self.aliases = {}  # (path, query): version
        for module in modules:
            self.add(module)

    def add(self, module):
        module = Module.parse(module) if isinstance(module, str) else module
        self.modules[module.path, module.version] = module
        return module

    def versions(self, path):
        known = [v for p, v in self.modules if p == path]
        return sorted(known, key=version_key)

    def listed(self, path):
        return [v for v in self.versions(path) if RELEASE.match(v) and not PSEUDO.search(v)]

    def latest(self, path):
        listed = self.listed(path)
        releases = [v for v in listed if "-" not in v]
        for group in (releases, listed, self.versions(path)):
            if group:
                return group[-1]
        return None

    def lookup(self, target):
        """(bytes, content type), or None for 404."""
        for (path, version), module in self.modules.items():
            base = f"/{escape(path)}/"
            if not target.startswith(base):
                continue
            rest = target[len(base) :]
            if rest == "@v/list":
                return "".join(v + "\n" for v in self.listed(path)).encode(), self.TYPES[".mod"]
            if rest == "@latest":
                return self.modules[path, self.latest(path)].info, self.TYPES[".info"]
            found = self.file(path, rest)
            if found:
                return found
        return None

    def file(self, path, rest):
        match = re.fullmatch(r"@v/(.+)(\.info|\.mod|\.zip)", rest)
        if not match:
            return None
        query = re.sub("!([a-z])", lambda m: m.group(1).upper(), match.group(1))
        suffix = match.group(2)
        version = self.aliases.get((path, query), query) if suffix == ".info" else query
        module = self.modules.get((path, version))
        return (getattr(module, suffix[1:]), self.TYPES[suffix]) if module else None


# --- checksum database --------------------------------------------------------------------------------------

P = 2**255 - 19  # Ed25519 (RFC 8032), as short as it gets: slow, not for secrets
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
BASE_Y = 4 * pow(5, P - 2, P) % P


def _base_x():
    square = (BASE_Y * BASE_Y - 1) * pow(D * BASE_Y * BASE_Y + 1, P - 2, P)
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    return x if x % 2 == 0 else P - x


def _add(a, b):
    """Of points (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z."""
    s = (a[1] - a[0]) * (b[1] - b[0])
    t = (a[1] + a[0]) * (b[1] + b[0])
    u, v = 2 * a[3] * b[3] * D, 2 * a[2] * b[2]
    e, f, g, h = t - s, v - u, v + u, t + s
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(n):
    """n times the base point, encoded."""
    x = _base_x()
    power, out = (x, BASE_Y, 1, x * BASE_Y % P), (0, 1, 1, 0)
    while n:
        if n & 1:
            out = _add(out, power)
        power, n = _add(power, power), n >> 1
    inverse = pow(out[2], P - 2, P)
    return (out[1] * inverse % P | (out[0] * inverse % P & 1) << 255).to_bytes(32, "little")


def ed25519_sign(seed, message):
    """(public key, signature)."""
    digest = hashlib.sha512(seed).digest()
    secret = int.from_bytes(digest[:32], "little") & (1 << 254) - 8 | 1 << 254
    public = _times(secret)
    nonce = int.from_bytes(hashlib.sha512(digest[32:] + message).digest(), "little") % ORDER
    commitment = _times(nonce)
    challenge = int.from_bytes(hashlib.sha512(commitment + public + message).digest(), "little")
    return public, commitment + ((nonce + challenge * secret) % ORDER).to_bytes(32, "little")


class SumDb:
    """A checksum database, straight from RFC 6962. Modules get their record at the first lookup, from `content`.

    filler    so many records of modules that nobody has come first, so that trees have an interesting size
    salt      makes other fillers: two databases of one key and different salt are a fork
    extra     lines after the tree's three in every signed note
    """

    def __init__(self, name="sumdb.test/db", *, seed=b"s" * 32, filler=5, salt=""):
        self.name, self.seed, self.extra = name, seed, ""
        self.records, self.ids, self._nodes = [], {}, {}
        for i in range(filler):
            self.add(f"filler.test/m{i}{salt}", "v1.0.0", f"h1:{salt}zip{i}", f"h1:{salt}mod{i}")

    def add(self, path, version, zip_sum, mod_sum):
        """The two hashes of a version; an empty one has no line."""
        lines = [f"{path} {version} {zip_sum}\n"] if zip_sum else []
        lines += [f"{path} {version}/go.mod {mod_sum}\n"] if mod_sum else []
        self.ids[path, version] = len(self.records)
        self.records.append("".join(lines).encode())

    def _key(self):
        return b"\x01" + ed25519_sign(self.seed, b"")[0]

    def _hash(self):
        return hashlib.sha256(self.name.encode() + b"\n" + self._key()).digest()[:4]

    @property
    def key(self):
        """What GOSUMDB says."""
        return f"{self.name}+{self._hash().hex()}+{base64.b64encode(self._key()).decode()}"

    def root(self, low, high):
        if high - low == 1:
            return hashlib.sha256(b"\0" + self.records[low]).digest()
        if (low, high) not in self._nodes:
            middle = low + (1 << (high - low - 1).bit_length() - 1)
            both = self.root(low, middle) + self.root(middle, high)
            self._nodes[low, high] = hashlib.sha256(b"\1" + both).digest()
        return self._nodes[low, high]

    def note(self):
        size = len(self.records)
        root = self.root(0, size) if size else hashlib.sha256(b"").digest()
        text = f"go.sum database tree\n{size}\n{base64.b64encode(root).decode()}\n{self.extra}"
        signature = self._hash() + ed25519_sign(self.seed, text.encode())[1]
        return f"{text}\n\u2014 {self.name} {base64.b64encode(signature).decode()}\n".encode()

    def tile(self, path):
        """The bytes of "8/L/NNN[.p/W]"."""
        match = re.fullmatch(r"8/(\d+)/((?:x\d{3}/)*\d{3})(?:\.p/(\d+))?", path)
        if not match:
            return None
        level, number = int(match[1]) * 8, int(match[2].replace("x", "").replace("/", ""))
        first, width = number * 256, int(match[3] or 256)
        if first + width > len(self.records) >> level:
            return None
        return b"".join(self.root(i << level, i + 1 << level) for i in range(first, first + width))

    def lookup(self, path, version, content):
        if (path, version) not in self.ids and (path, version) in content.modules:
            module = content.modules[path, version]
            self.add(path, version, module.zip_sum(), module.mod_sum())
        if (path, version) not in self.ids:
            return None
        number = self.ids[path, version]
        return f"{number}\n".encode() + self.records[number] + b"\n" + self.note()

    def find(self, rest, content):
        """What stands at /lookup/…, /tile/…, /latest."""
        if rest == "/latest":
            return self.note(), "text/plain; charset=UTF-8"
        if rest.startswith("/tile/"):
            found = self.tile(rest.removeprefix("/tile/"))
            return found and (found, "application/octet-stream")
        match = re.fullmatch(r"/lookup/([^@]+)@([^@]+)", re.sub("!([a-z])", lambda m: m[1].upper(), rest))
        found = match and self.lookup(match[1], match[2], content)
        return found and (found, "text/plain; charset=UTF-8")


# --- faults -------------------------------------------------------------------------------------------------


@dataclass
class Fault:
    """What goes wrong for requests whose path matches `pattern` (as in fnmatch), `times` times (None: always).

    status       that status, with `body` and `headers` (such as {"Retry-After": "1"})
    cut          the connection closes after that many bytes of the body
    flip         one bit of that byte of the body is wrong
    body         other bytes with status 200
    endless      the body never ends (in `announce` bytes, where given, as Content-Length)
    redirect     302 to that URL; "loop" for the request's own
    black_hole   accepted, never answered, until the client goes or the upstream ends
    stall        as black_hole, after that many bytes of the body
    gate         a threading.Event: answered when it is set (a delay without a clock)
    html         200 with a login page
    info_version .info names that version
    no_validator neither ETag nor Last-Modified nor Range
    """

    pattern: str
    times: int | None = None
    status: int | None = None
    headers: dict = field(default_factory=dict)
    body: bytes | None = None
    content_type: str = "text/plain; charset=UTF-8"
    cut: int | None = None
    flip: int | None = None
    endless: bool = False
    announce: int | None = None
    redirect: str | None = None
    black_hole: bool = False
    stall: int | None = None
    gate: threading.Event | None = None
    html: bool = False
    info_version: str | None = None
    no_validator: bool = False
    hits: int = 0


LOGIN_PAGE = b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Sign in to the network.</body></html>\n"


@dataclass
class Logged:
    method: str
    path: str  # percent-decoded, without base and query
    raw: str  # the request target as it came
    headers: dict  # lower-case names
    status: int | None = None


# --- server -------------------------------------------------------------------------------------------------


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave together

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.answer(with_body=True)

    def do_HEAD(self):
        self.answer(with_body=False)

    @property
    def up(self):
        return self.server.upstream

    def answer(self, with_body):
        path = urllib.parse.unquote(self.path.split("?", 1)[0])
        if self.up.base and path.startswith(self.up.base):
            path = path[len(self.up.base) :]
        headers = {k.lower(): v for k, v in self.headers.items()}
        entry = Logged(self.command, path, self.path, headers)
        fault = self.up.note(entry)
        if self.up.auth and headers.get("authorization") != self.up.auth:
            entry.status = 401
            return self.send(401, b"who are you?\n", "text/plain", with_body, {"WWW-Authenticate": "Basic"})
        if fault and self.go_wrong(fault, entry):
            return None
        found = (fault.body, fault.content_type) if fault and fault.body is not None else self.up.find(path)
        if found is None:
            entry.status = 404
            text = f"not found: {path.lstrip('/')}\n".encode()
            return self.send(404, text, "text/plain; charset=UTF-8", with_body)
        return self.content(entry, *found, fault, with_body)

    def go_wrong(self, fault, entry):
        """True where the fault is the whole answer."""
        if fault.gate:
            fault.gate.wait(60)
        if fault.black_hole:
            self.wait_for_the_end()
            return True
        if fault.redirect:
            entry.status = 302
            to = self.path if fault.redirect == "loop" else fault.redirect
            self.send(302, b"moved\n", "text/plain", True, {"Location": to})
            return True
        if fault.status:
            entry.status = fault.status
            text = fault.body if fault.body is not None else f"fault {fault.status}\n".encode()
            self.send(fault.status, text, fault.content_type, True, fault.headers)
            return True
        if fault.html:
            entry.status = 200
            self.send(200, LOGIN_PAGE, "text/html", True)
            return True
        if fault.endless:
            entry.status = 200
            self.send_endless(fault)
            return True
        return False

    def content(self, entry, data, content_type, fault, with_body):
        if fault and fault.info_version and entry.path.endswith((".info", "@latest")):
            data = json.dumps({"Version": fault.info_version, "Time": TIME}).encode()
        if fault and fault.flip is not None:
            at = fault.flip % len(data)
            data = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        headers = {}
        status, part = 200, data
        if not (fault and fault.no_validator):
            etag = '"' + hashlib.sha256(data).hexdigest()[:16] + '"'
            headers = {"ETag": etag, "Accept-Ranges": "bytes"}
            if entry.headers.get("if-none-match") == etag:
                entry.status = 304
                return self.send(304, b"", content_type, False, headers)
            status, part, extra = self.range_of(entry, data, etag)
            headers |= extra
        entry.status = status
        limit = fault.cut if fault and fault.cut is not None else fault.stall if fault else None
        self.send(status, part, content_type, with_body, headers, limit)
        if limit is not None and limit < len(part):
            if fault.stall is not None:
                self.wait_for_the_end()
            self.close_connection = True
        return None

    @staticmethod
    def range_of(entry, data, etag):
        match = re.fullmatch(r"bytes=(\d+)-(\d*)", entry.headers.get("range", ""))
        if not match or entry.headers.get("if-range", etag) != etag:
            return 200, data, {}
        first = int(match.group(1))
        last = min(int(match.group(2) or len(data) - 1), len(data) - 1)
        if first > last:
            return 416, b"", {"Content-Range": f"bytes */{len(data)}"}
        return 206, data[first : last + 1], {"Content-Range": f"bytes {first}-{last}/{len(data)}"}

    def send(self, status, data, content_type, with_body, headers=None, limit=None):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if with_body:
            self.wfile.write(data if limit is None else data[:limit])
        self.wfile.flush()

    def send_endless(self, fault):
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        if fault.announce is not None:
            self.send_header("Content-Length", str(fault.announce))
        self.send_header("Connection", "close")
        self.end_headers()
        piece, sent = b"x" * 65536, 0
        while sent < ENDLESS_LIMIT and not self.up.closing.is_set():
            self.wfile.write(piece)
            sent += len(piece)
        self.close_connection = True

    def wait_for_the_end(self):
        """Until the client goes or the upstream is closed."""
        self.wfile.flush()
        self.close_connection = True
        while self.connection.recv(4096):
            pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, upstream, port, context):
        self.upstream = upstream
        self.context = context
        self.open = set()
        self.lock = threading.Lock()
        super().__init__(("127.0.0.1", port), Handler)

    def finish_request(self, request, client_address):
        if self.context:  # in the connection's own thread: a slow handshake delays nobody
            request = self.context.wrap_socket(request, server_side=True)
        with self.lock:
            self.open.add(request)
        try:
            super().finish_request(request, client_address)
        finally:
            with self.lock:
                self.open.discard(request)

    def handle_error(self, request, client_address):
        error = sys.exc_info()[1]
        if not isinstance(error, (OSError, ssl.SSLError)):  # clients that go away are no news
            super().handle_error(request, client_address)

    def close_all(self):
        with self.lock:
            for connection in self.open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass


class Upstream:
    """base: a path before everything, such as "/proxy". auth: (user, password) that every request must bring.
    tls: https with a certificate of its own; `ca_file` is what clients must trust (SSL_CERT_FILE). Or a pair of files,
    (certificate, key), that somebody else signed.
    sumdb: a SumDb, mirrored below /sumdb/NAME/ and served directly below /direct-db/."""

    def __init__(self, modules=(), *, base="", auth=None, tls=False, port=0, sumdb=None):
        self.content = Content(modules)
        self.sumdb = sumdb
        self.extra = {}  # URL path: (bytes, content type)
        self.base = base
        self.auth = None
        if auth:
            self.auth = "Basic " + base64.b64encode(":".join(auth).encode()).decode()
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._faults = []
        self._log = []
        self._folder = tempfile.mkdtemp(prefix="upstream-") if tls else None
        self.ca_file = None
        context = self._load_context(*(tls if isinstance(tls, tuple) else self._make_certificate())) if tls else None
        self._server = Server(self, port, context)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def _make_certificate(self):
        key, cert = Path(self._folder, "key.pem"), Path(self._folder, "cert.pem")
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        command += ["-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=127.0.0.1"]
        command += ["-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"]
        subprocess.run(command, check=True, capture_output=True)
        return str(cert), str(key)

    def _load_context(self, cert, key):
        self.ca_file = cert
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        return context

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.closing.set()
        with self._lock:
            gates = [f.gate for f in self._faults if f.gate]
        for gate in gates:
            gate.set()
        self._server.shutdown()
        self._server.close_all()
        self._server.server_close()
        self._thread.join()
        if self._folder:
            shutil.rmtree(self._folder)

    @property
    def host(self):
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self):
        return f"{'https' if self.ca_file else 'http'}://{self.host}{self.base}"

    def add(self, module):
        return self.content.add(module)

    def go_sum(self):
        """go.sum lines of everything it has."""
        modules = self.content.modules
        return "".join(modules[key].go_sum() for key in sorted(modules))

    def fault(self, pattern, **what):
        fault = Fault(pattern, **what)
        with self._lock:
            self._faults.append(fault)
        return fault

    def heal(self):
        with self._lock:
            self._faults.clear()

    def find(self, path):
        with self._lock:
            return self.extra.get(path) or self._find_sumdb(path) or self.content.lookup(path)

    def _find_sumdb(self, path):
        if not self.sumdb:
            return None
        mirror = f"/sumdb/{self.sumdb.name}"
        if path == mirror + "/supported":
            return b"yes\n", "text/plain; charset=UTF-8"
        for base in (mirror, "/direct-db"):
            if path.startswith(base + "/"):
                return self.sumdb.find(path.removeprefix(base), self.content)
        return None

    def note(self, entry):
        """Logs a request; the fault that it meets, or None."""
        with self._lock:
            self._log.append(entry)
            for fault in self._faults:
                live = fault.times is None or fault.hits < fault.times
                if live and fnmatch.fnmatchcase(entry.path, fault.pattern):
                    fault.hits += 1
                    return fault
        return None

    @property
    def log(self):
        with self._lock:
            return list(self._log)

    def forget(self):
        with self._lock:
            self._log.clear()

    def count(self, pattern="*"):
        return sum(fnmatch.fnmatchcase(entry.path, pattern) for entry in self.log)

    def write_to(self, folder):
        """The same content as files, for GOPROXY=file://."""
        for (path, version), module in self.content.modules.items():
            at = Path(folder, escape(path), "@v")
            at.mkdir(parents=True, exist_ok=True)
            at.joinpath("list").write_text("".join(v + "\n" for v in self.content.listed(path)))
            for suffix in ("info", "mod", "zip"):
                at.joinpath(f"{escape(version)}.{suffix}").write_bytes(getattr(module, suffix))


def main():
    parser = argparse.ArgumentParser(description="Serve the modules of DIR/**/*.txtar as a Go proxy.")
    parser.add_argument("directory", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--tls", action="store_true")
    options = parser.parse_args()
    modules = [path.read_text() for path in sorted(options.directory.rglob("*.txtar"))]
    with Upstream(modules, port=options.port, tls=options.tls) as up:
        trust = f" SSL_CERT_FILE={up.ca_file}" if up.ca_file else ""
        print(f"{len(modules)} modules: GOPROXY={up.url} GOSUMDB=off{trust}", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            pass
    return os.EX_OK


if __name__ == "__main__":
    sys.exit(main())
