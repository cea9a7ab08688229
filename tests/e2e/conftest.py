# SPDX-License-Identifier: Apache-2.0
"""What the end-to-end tests share: the program, an environment of their own, folders that can be removed.

    def test_it(larder, go, project, tmp_path):
        project.write("go.mod", "module example.com/m\n")
        done = larder("check", project.path)
        assert done.status == 1 and "missing" in done.out

`larder(...)` and `go(...)` run the program with the words given, in an environment that holds nothing of the user's:
empty HOME, GOMODCACHE, LARDER_STORE below tmp_path, GOPROXY=off, GOSUMDB=off. Only the build cache is shared, by all
tests of a run. Keyword arguments: `env` (name=value; None removes), `cwd`, `stdin`, `timeout`, `ok=True` (asserts status 0).
LARDER_BIN names the program under test.
"""
import dataclasses
import os
import pathlib
import shutil
import signal
import stat
import subprocess
import sys
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from upstream import Upstream, parse_txtar  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TIMEOUT = 400  # seconds for one command; a hang is a failure, compiling on a busy machine is not


@dataclasses.dataclass
class Done:
    """A command that ended."""
    words: list
    status: int
    out: str
    err: str

    def __str__(self):
        return f"$ {' '.join(self.words)}\nexit status {self.status}\n-- stdout --\n{self.out}\n-- stderr --\n{self.err}"


def make_writable(path):
    """A module cache is read-only, folders included."""
    for folder, _, _ in os.walk(path):
        os.chmod(folder, os.stat(folder).st_mode | stat.S_IRWXU)


def remove_tree(path):
    if os.path.isdir(path) and not os.path.islink(path):
        make_writable(path)
        shutil.rmtree(path)


@pytest.fixture
def tmp_path(tmp_path):
    """As pytest's own, but removed at the end whatever its modes are."""
    yield tmp_path
    remove_tree(tmp_path)


@pytest.fixture(scope="session")
def larder_bin():
    path = os.environ.get("LARDER_BIN")
    if not path:
        pytest.fail("LARDER_BIN does not name the program under test; run this through ctest or set it")
    return pathlib.Path(path).resolve()


@pytest.fixture(scope="session")
def go_cache(tmp_path_factory):
    """One build cache for all tests of a run: compiling the standard library takes most of a minute."""
    return tmp_path_factory.mktemp("gocache")


@pytest.fixture
def env(tmp_path, go_cache):
    """The environment of every command; change it at will."""
    home = tmp_path / "home"
    telemetry = home / ".config/go/telemetry/mode"  # else go leaves a process behind that writes there
    telemetry.parent.mkdir(parents=True)
    telemetry.write_text("off")
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TMPDIR": str(tmp_path),
        "LC_ALL": "C",
        "GOMODCACHE": str(tmp_path / "modcache"),
        "GOCACHE": str(go_cache),
        "GOPATH": str(tmp_path / "gopath"),
        "GOENV": "off",
        "GOPROXY": "off",
        "GOSUMDB": "off",
        "GOTOOLCHAIN": "local",
        "GOTELEMETRY": "off",
        "GOWORK": "off",
        "GOFLAGS": "",
        "LARDER_STORE": str(tmp_path / "store"),
    }


class Runner:
    def __init__(self, program, env, cwd):
        self.program, self.env, self.cwd = str(program), env, cwd

    def _environment(self, changes):
        merged = {**self.env, **{k: v if v is None else str(v) for k, v in (changes or {}).items()}}
        return {k: v for k, v in merged.items() if v is not None}

    def __call__(self, *words, env=None, cwd=None, stdin="", timeout=TIMEOUT, ok=False):
        words = [self.program, *map(str, words)]
        done = subprocess.run(words, env=self._environment(env), cwd=cwd or self.cwd, input=stdin, text=True,
                              capture_output=True, timeout=timeout, errors="replace")
        done = Done(words, done.returncode, done.stdout, done.stderr)
        assert not ok or done.status == 0, str(done)
        return done

    def start(self, *words, env=None, cwd=None, **options):
        """A running process of its own session; the caller ends it (see `running`)."""
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **options}
        return subprocess.Popen([self.program, *map(str, words)], env=self._environment(env), cwd=cwd or self.cwd,
                                start_new_session=True, **options)


@pytest.fixture
def larder(larder_bin, env, tmp_path):
    return Runner(larder_bin, env, tmp_path)


@pytest.fixture
def go(env, tmp_path):
    program = shutil.which("go")
    if not program:
        pytest.fail("there is no go command on PATH; scripts/setup gets one")
    return Runner(program, env, tmp_path)


@pytest.fixture
def running():
    """running(process) ends the process, and its children, when the test ends."""
    processes = []

    def add(process):
        processes.append(process)
        return process

    yield add
    for process in processes:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.fixture
def serve(larder, running, tmp_path):
    """serve(*words, store=DIR) starts `larder serve` on a free port and returns (url, process)."""
    def start(*words, store=None, env=None):
        chosen = ["--store", store] if store else []
        process = running(larder.start(*chosen, "serve", "--listen", "127.0.0.1:0", *words, env=env))
        seen = []
        for line in process.stderr:  # ends with the process
            seen.append(line)
            if " at http://" in line:
                return line.rsplit(" at ", 1)[1].strip(), process
        pytest.fail(f"larder serve said no URL:\n{''.join(seen)}")
    return start


class Project:
    """A folder of files under test."""

    def __init__(self, path):
        self.path = path
        path.mkdir(parents=True, exist_ok=True)

    def write(self, name, text):
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def write_txtar(self, text):
        """Files given as `-- name --` sections."""
        for name, data in parse_txtar(text)[1].items():
            self.write(name, data.decode())
        return self

    def read(self, name):
        return (self.path / name).read_text()

    def __fspath__(self):
        return str(self.path)

    __str__ = __fspath__


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path / "project")


@pytest.fixture
def make_project(tmp_path):
    return lambda name: Project(tmp_path / name)


@pytest.fixture
def upstream():
    """upstream(modules, **options) starts a Go proxy with faults to switch (upstream.py); all end with the test."""
    started = []

    def start(*args, **options):
        one = Upstream(*args, **options)
        started.append(one)
        return one.__enter__()

    yield start
    for one in reversed(started):
        one.__exit__(None, None, None)


@pytest.fixture
def hello_web(tmp_path):
    """A copy of examples/hello-web, and the file:// GOPROXY that has what it needs."""
    shutil.copytree(ROOT / "examples" / "hello-web", tmp_path / "hello-web")
    found = Project(tmp_path / "hello-web")
    found.proxy = (ROOT / "examples" / "upstream").as_uri()
    return found


def tree(path):
    """{relative name: bytes, link target or None for a folder}: all below a folder, to compare two of them."""
    path = pathlib.Path(path)
    return {str(p.relative_to(path)): os.readlink(p) if p.is_symlink() else p.read_bytes() if p.is_file() else None
            for p in sorted(path.rglob("*"))}


def wait_until(condition, seconds=30):
    """For a condition that nothing announces (a file that appears). Yields the processor between two looks."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        os.sched_yield()
