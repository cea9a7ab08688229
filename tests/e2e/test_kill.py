# SPDX-License-Identifier: Apache-2.0
"""kill -9 at random moments, then a clean second run: nothing that lies is left behind, and the work gets done.

LARDER_KILL_ROUNDS sets the number of rounds for each command (50 in the full run, fewer by default, for time).
"""
import os
import pathlib
import random
import select
import signal
import time

import pytest

from conftest import remove_tree

ROUNDS = int(os.environ.get("LARDER_KILL_ROUNDS", "12"))


def kill_at_a_random_moment(process, rng, longest):
    """Waits on the process itself, at most `longest` seconds, so that a finished one is seen at once."""
    fd = os.pidfd_open(process.pid)
    select.select([fd], [], [], rng.uniform(0, longest))
    os.close(fd)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def duration(larder, *words, env=None):
    start = time.monotonic()
    larder(*words, env=env, ok=True)
    return time.monotonic() - start


@pytest.fixture
def rng():
    seed = int(os.environ.get("LARDER_SEED", random.randrange(1 << 30)))
    print(f"LARDER_SEED={seed}")
    return random.Random(seed)


def rounds(larder, running, rng, longest, words, env, after):
    for _ in range(ROUNDS):
        kill_at_a_random_moment(running(larder.start(*words, env=env)), rng, longest)
        after()


def test_killed_stock(larder, running, rng, hello_web, env):
    proxy = {"GOPROXY": hello_web.proxy}
    longest = duration(larder, "stock", hello_web, env=proxy)
    store = pathlib.Path(env["LARDER_STORE"])

    def after():
        if (store / "go").exists():
            assert larder("cache", "verify").status == 0
        larder("stock", hello_web, env=proxy, ok=True)
        larder("check", hello_web, ok=True)
        larder("cache", "verify", ok=True)
        assert not list((store / "go").rglob("*.tmp"))
        remove_tree(store)

    remove_tree(store)
    rounds(larder, running, rng, longest, ["stock", hello_web], proxy, after)


def test_killed_unpack(larder, running, rng, hello_web, tmp_path):
    larder("stock", hello_web, env={"GOPROXY": hello_web.proxy}, ok=True)
    larder("key", "new", "-o", tmp_path / "site", ok=True)
    larder("pack", "--key", tmp_path / "site.key", "-o", tmp_path / "trip.larder", ok=True)
    store = tmp_path / "inside"
    words = ["--store", store, "unpack", "--trust", tmp_path / "site.pub", tmp_path / "trip.larder"]
    longest = duration(larder, *words)

    def after():
        if (store / "go").exists():
            assert larder("--store", store, "cache", "verify").status == 0
        larder(*words, ok=True)
        larder("--store", store, "check", hello_web, ok=True)
        larder("--store", store, "cache", "verify", ok=True)
        assert [p.name for p in (store / "larder" / "tmp").iterdir()] == ["unpack.lock"]
        remove_tree(store)

    remove_tree(store)
    rounds(larder, running, rng, longest, words, None, after)


def test_killed_restore(larder, go, running, rng, hello_web, env):
    larder("stock", hello_web, env={"GOPROXY": hello_web.proxy}, ok=True)
    longest = duration(larder, "restore", hello_web)
    cache = pathlib.Path(env["GOMODCACHE"])

    def after():
        larder("restore", hello_web, ok=True)
        go("mod", "verify", cwd=hello_web.path, ok=True)
        assert not list(cache.rglob("*.partial"))
        remove_tree(cache)

    remove_tree(cache)
    rounds(larder, running, rng, longest, ["restore", hello_web], None, after)
