# SPDX-License-Identifier: Apache-2.0
"""Progress on stderr: a line redrawn on a terminal, plain lines every five seconds elsewhere, nothing where not wanted."""
import fcntl
import os
import pty
import re
import struct
import termios
import threading

import pytest
from conftest import wait_until

MODULES = ["""module example.test/a v1.0.0
-- go.mod --
module example.test/a
require example.test/b v1.0.0
""", """module example.test/b v1.0.0
-- go.mod --
module example.test/b
"""]
ASKED = "example.test/a@v1.0.0"
DRAWN = re.compile(r"\r(?!\x1b\[K)([^\r\x1b]*)\x1b\[K")  # a line, not the one that wipes it away
UNKNOWN_TOTAL = re.compile(r"/0\b|of 0\b|\(0%\)")
WITHOUT = [["-q"], ["--progress", "never"], ["-q", "--progress", "always"]]


@pytest.fixture
def up(upstream, env):
    up = upstream(MODULES)
    env["GOPROXY"] = up.url
    return up


@pytest.fixture
def on_terminal(larder, running):
    """on_terminal(*words): what a command that succeeds writes to stderr, a terminal."""
    def run(*words, columns=100):
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 25, columns, 0, 0))
        process = running(larder.start(*words, stderr=theirs))
        os.close(theirs)
        seen = b""
        try:
            while piece := os.read(ours, 65536):
                seen += piece
        except OSError:  # the other end is closed
            pass
        os.close(ours)
        assert process.wait(60) == 0, seen
        return seen.decode()
    return run


def test_a_bar_on_a_terminal(on_terminal, up):
    text = on_terminal("stock", ASKED)
    drawn = DRAWN.findall(text)
    assert any(re.match(r"resolving .*example\.test/a", line) for line in drawn), repr(text)
    assert any(re.match(r"stocking \[[= ]{20}\] [12]/2 example\.test/", line) for line in drawn), repr(text)
    assert not UNKNOWN_TOTAL.search("".join(drawn)), drawn
    assert text.rsplit(drawn[-1], 1)[1].startswith("\x1b[K\r\x1b[K"), "nothing of it stays"


def test_every_long_command_has_a_bar(larder, on_terminal, up):
    larder("stock", ASKED, ok=True)
    larder("key", "new", "-o", "site", ok=True)
    for doing, words in (("packing", "pack --key site.key -o trip.larder"), ("checking", "bundle verify --trust site.pub trip.larder"),
                         ("unpacking", "--store inside unpack --trust site.pub trip.larder"), ("restoring", "restore --all"),
                         ("verifying", "cache verify")):
        drawn = DRAWN.findall(on_terminal(*words.split()))
        assert any(line.startswith(f"{doing} [") for line in drawn), (doing, drawn)


def test_a_bar_is_no_wider_than_the_terminal(on_terminal, up):
    assert max(map(len, DRAWN.findall(on_terminal("stock", ASKED, columns=40)))) == 39


def test_a_bar_where_it_is_always_wanted(larder, running, up):
    process = running(larder.start("--progress", "always", "stock", ASKED, text=False))
    text = process.communicate(timeout=60)[1].decode()
    drawn = DRAWN.findall(text)
    assert process.returncode == 0 and any(line.startswith("stocking [") for line in drawn), repr(text)
    assert not UNKNOWN_TOTAL.search("".join(drawn)), drawn


@pytest.mark.parametrize("flags", WITHOUT)
def test_no_bar_where_it_is_not_wanted(on_terminal, up, flags):
    text = on_terminal(*flags, "stock", ASKED)
    assert "\r\x1b" not in text and "stocking" not in text, repr(text)


def test_a_log_has_plain_lines(larder, running, up, upstream):
    """What takes longer than five seconds: go.mod files of one upstream, archives of another; not with -q."""
    gate = threading.Event()
    slow_zip = upstream(MODULES)
    up.fault("*/a/@v/v1.0.0.mod", gate=gate)
    slow_zip.fault("*.zip", gate=gate)

    def start(name, url, *flags):
        return running(larder.start("--store", name, *flags, "stock", ASKED, env={"GOPROXY": url}))
    processes = [start("one", up.url), start("two", slow_zip.url), *(start(f"{i}", up.url, *flags) for i, flags in enumerate(WITHOUT))]
    wait_until(lambda: slow_zip.count("*.zip") and up.count("*/a/*.mod") == 1 + len(WITHOUT))
    threading.Timer(5.1, gate.set).start()
    resolving, stocking, *silent = (process.communicate(timeout=60)[1] for process in processes)
    assert [process.returncode for process in processes] == [0] * len(processes)
    assert re.search(r"^larder: resolving \d+$", resolving, re.MULTILINE) and not UNKNOWN_TOTAL.search(resolving), resolving
    assert re.search(r"^larder: stocking [12] of 2 \((50|100)%\)$", stocking, re.MULTILINE), stocking
    assert not any(re.search("resolving|stocking", text) for text in silent), silent


def test_what_is_quick_leaves_no_lines_in_a_log(larder, up):
    assert not re.search("resolving|stocking", larder("stock", ASKED, ok=True).err)
