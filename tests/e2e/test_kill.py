# SPDX-License-Identifier: Apache-2.0
"""kill -9 at random moments, then a clean second run: nothing that lies is left behind, and the work gets done.

LARDER_KILL_ROUNDS sets the number of rounds for each command; LARDER_SEED, printed by each test, repeats its moments.
"""
import os
import pathlib
import random
import select
import signal
import time

import pytest

from conftest import ROOT, remove_tree

ROUNDS = int(os.environ.get("LARDER_KILL_ROUNDS", "50"))


def kill_at_a_random_moment(process, rng, longest):
    """Waits on the process itself, at most `longest` seconds, so that a finished one is seen at once. Was it killed?"""
    fd = os.pidfd_open(process.pid)
    select.select([fd], [], [], rng.uniform(0, longest))
    os.close(fd)
    alive = process.poll() is None
    if alive:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    return alive


def duration(larder, *words, env=None):
    start = time.monotonic()
    larder(*words, env=env, ok=True)
    return time.monotonic() - start


@pytest.fixture
def rng():
    seed = int(os.environ.get("LARDER_SEED", random.randrange(1 << 30)))
    print(f"LARDER_SEED={seed}")
    return random.Random(seed)


@pytest.fixture
def killed(larder, running, rng):
    """killed(folder, words, envs) yields ROUNDS times the environment of a command that was killed, once or twice: the
    second one finds what the first left. It fills `folder`, which is not there before the first."""
    def rounds(folder, words, envs=(None,)):
        longest = []
        for env in envs:
            remove_tree(folder)
            longest.append(duration(larder, *words, env=env))
        kills = 0
        for number in range(ROUNDS):
            remove_tree(folder)
            env, most = envs[number % len(envs)], longest[number % len(envs)]
            for _ in range(rng.randint(1, 2)):
                kills += kill_at_a_random_moment(running(larder.start(*words, env=env)), rng, most)
            yield env
        assert kills > ROUNDS // 5, "commands that end before they are killed prove nothing"
    return rounds


@pytest.fixture
def proxy_url(upstream):
    """The modules of examples/upstream over http."""
    up, folder = upstream(), ROOT / "examples" / "upstream"
    for file in folder.rglob("@v/*"):
        up.extra[f"/{file.relative_to(folder)}"] = (file.read_bytes(), "application/octet-stream")
    return up.url


def test_killed_stock(larder, killed, hello_web, proxy_url, env):
    store = pathlib.Path(env["LARDER_STORE"])
    for proxy in killed(store, ["stock", hello_web], [{"GOPROXY": hello_web.proxy}, {"GOPROXY": proxy_url}]):
        if (store / "go").exists():
            assert larder("cache", "verify").status == 0
        larder("stock", hello_web, env=proxy, ok=True)
        larder("check", hello_web, ok=True)
        larder("cache", "verify", ok=True)
        assert not list((store / "go").rglob("*.tmp"))


def test_killed_unpack(larder, killed, hello_web, tmp_path):
    larder("stock", hello_web, env={"GOPROXY": hello_web.proxy}, ok=True)
    larder("key", "new", "-o", tmp_path / "site", ok=True)
    larder("pack", "--key", tmp_path / "site.key", "-o", tmp_path / "trip.larder", ok=True)
    store = tmp_path / "inside"
    words = ["--store", store, "unpack", "--trust", tmp_path / "site.pub", tmp_path / "trip.larder"]
    for _ in killed(store, words):
        if (store / "go").exists():
            assert larder("--store", store, "cache", "verify").status == 0
        larder(*words, ok=True)
        larder("--store", store, "check", hello_web, ok=True)
        larder("--store", store, "cache", "verify", ok=True)
        assert [p.name for p in (store / "larder" / "tmp").iterdir()] == ["unpack.lock"]


def test_killed_restore(larder, go, killed, hello_web, env):
    larder("stock", hello_web, env={"GOPROXY": hello_web.proxy}, ok=True)
    cache = pathlib.Path(env["GOMODCACHE"])
    for _ in killed(cache, ["restore", hello_web]):
        larder("restore", hello_web, ok=True)
        go("mod", "verify", cwd=hello_web.path, ok=True)
        assert not list(cache.rglob("*.partial"))
