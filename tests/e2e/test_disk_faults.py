# SPDX-License-Identifier: Apache-2.0
"""A disk that fails at one chosen system call, or from it on: what was there is intact, the error says what happened,
and the next run finishes the work.

faults/faults.cpp, loaded before libc, makes the N-th call fail. A first run without a fault counts the calls and gives
the result that every other has to come to; then N goes over all of them, or over a sample of LARDER_FAULT_ROUNDS for
each kind of fault (the first and the last of every call, and some between).
"""
import json
import os
import pathlib
import random
import shutil

import pytest
from conftest import remove_tree, tree
from upstream import Module, SumDb

LIBRARY = os.environ.get("LARDER_FAULTS")
ROUNDS = int(os.environ.get("LARDER_FAULT_ROUNDS", "10"))
SAID = {"EIO": "input/output error", "ENOSPC": "no space left on device", "EDQUOT": "disk quota exceeded",
        "EROFS": "read-only file system"}
KINDS = [("EIO", False), ("ENOSPC", True), ("EDQUOT", False), ("EROFS", True), ("short", False)]

A = """module example.com/a v1.0.0
-- go.mod --
module example.com/a

go 1.20

require example.com/b v1.0.0
-- a.go --
package a

import _ "example.com/b"
-- x/x.go --
package x
"""
B = """module example.com/b v1.0.0
-- go.mod --
module example.com/b

go 1.20
-- b.go --
package b
"""
OLD = B.replace("example.com/b", "example.com/old").replace("package b", "package old")
GO_MOD = "module work.test\n\ngo 1.20\n\nrequire example.com/a v1.0.0\n\nrequire example.com/b v1.0.0 // indirect\n"
MAIN = 'package main\n\nimport _ "example.com/a"\n\nfunc main() {}\n'


@pytest.fixture(scope="module", autouse=True)
def library():
    if not LIBRARY or not pathlib.Path(LIBRARY).is_file():
        pytest.fail("LARDER_FAULTS does not name the library that makes faults; run this through ctest or set it")


class Scene:
    """One command and the folder that it changes. `check` says whether what a failed run left is sound, `done`
    whether the work is done; `result` is what has to be equal after every way to the end."""

    def __init__(self, larder, tmp_path, words, below, env=None, check=None, done=None, result=None, cwd=None,
                 once=False):
        self.larder, self.words, self.below, self.cwd = larder, words, pathlib.Path(below), cwd
        self.env = {k: str(v) for k, v in (env or {}).items()}
        self.once = once  # a second run refuses to make what is there
        self.check, self.done = check or (lambda: None), done or (lambda: None)
        self.result = result or (lambda: plain(tree(self.below)))
        self.before, self.log = tmp_path / "before", tmp_path / "fault.log"
        self.below.mkdir(parents=True, exist_ok=True)
        shutil.copytree(self.below, self.before, symlinks=True)

    def reset(self):
        remove_tree(self.below)
        shutil.copytree(self.before, self.below, symlinks=True)

    def run(self, kind=None, at=0, stays=False):
        self.log.unlink(missing_ok=True)
        fault = {} if kind is None else {
            "LD_PRELOAD": LIBRARY, "LARDER_FAULT_BELOW": self.below, "LARDER_FAULT_KIND": kind,
            "LARDER_FAULT_AT": at, "LARDER_FAULT_STAYS": int(stays), "LARDER_FAULT_LOG": self.log}
        return self.larder(*self.words, env={**self.env, **fault}, cwd=self.cwd, timeout=60)

    def calls(self):
        return [line.split(" ", 2) for line in self.log.read_text().splitlines()] if self.log.exists() else []


def plain(files):
    """Without folders, what is empty for ever, and the .modhash of what came in first as a requirement, then whole.
    In the module cache `list` is an effort, as in go."""
    return {name: None if name.startswith("modcache/") and name.endswith("/@v/list") else data
            for name, data in files.items() if data is not None and not name.endswith((".lock", ".modhash"))}


def without_efforts(files):
    """Nor what the go commands keep where they can: answers of the database, indexes."""
    return {name: data for name, data in plain(files).items()
            if not name.startswith(("modcache/cache/download/sumdb/", "index/"))}


def sample(calls, rng):
    """Numbers of calls, from 1: the first and the last of every kind of call, and some between."""
    ends = {}
    for number, (_, call, _) in enumerate(calls, 1):
        ends.setdefault(call, [number, number])[1] = number
    chosen = {n for pair in ends.values() for n in pair}
    others = [n for n in range(1, len(calls) + 1) if n not in chosen]
    chosen |= set(rng.sample(others, max(0, min(len(others), ROUNDS - len(chosen)))))
    return sorted(chosen)


def go_over_all(scene, kind, stays):
    seed = int(os.environ.get("LARDER_SEED", random.randrange(1 << 30)))
    print(f"LARDER_SEED={seed}")
    scene.reset()
    first = scene.run(kind)
    assert first.status == 0, str(first)
    calls = scene.calls()
    assert calls, "no call was seen: the library does not work"
    wanted = scene.result()
    scene.done()
    failed = 0
    for at in sample(calls, random.Random(seed)):
        scene.reset()
        done = scene.run(kind, at, stays)
        struck = next((" ".join(c) for c in scene.calls() if int(c[0]) == at), "no call")
        place = f"{kind} at {struck}\n{done}"
        if kind == "short":
            assert done.status == 0, place
        elif done.status != 0:
            failed += 1
            assert done.status == 1 and SAID[kind] in done.err, place
        try:
            scene.check()
            if done.status == 0:
                compare(scene.result(), wanted, kind)
            if done.status != 0 or not scene.once:
                again = scene.run()
                assert again.status == 0, f"again: {again}"
            compare(scene.result(), wanted, kind)
            scene.done()
        except AssertionError as error:
            raise AssertionError(f"{place}\n{error}") from error
    assert failed or kind == "short", "nothing failed"


def compare(got, wanted, kind):
    if kind == "EROFS":  # then nothing can be removed either
        got = {name: data for name, data in got.items() if not name.endswith(".tmp")}
    assert [n for n in got if n not in wanted] == [] and [n for n in wanted if n not in got] == []
    assert [n for n in got if got[n] != wanted[n]] == []


every_kind = pytest.mark.parametrize("kind, stays", KINDS, ids=[k for k, _ in KINDS])


@pytest.fixture
def up(upstream):
    found = upstream([A, B, OLD], sumdb=SumDb(filler=40))
    for path in ("old", "a", "b"):  # in this order, whoever asks first
        found.sumdb.lookup(f"example.com/{path}", "v1.0.0", found.content)
    return found


@pytest.fixture
def online(up, env):
    env["GOSUMDB"], env["GOPROXY"] = up.sumdb.key, up.url
    return env


@pytest.fixture
def work(project):
    project.write("go.mod", GO_MOD)
    project.write("main.go", MAIN)
    return project


@pytest.fixture
def site(larder, tmp_path):
    larder("key", "new", "-o", tmp_path / "site", ok=True)
    return tmp_path / "site"


@pytest.fixture
def stocked(larder, online, work, tmp_path):
    larder("stock", work, ok=True)
    return tmp_path / "store"


def sound_store(larder, store, old=()):
    """Nothing of it is damaged or half there, and what was held before is."""
    def check():
        if (store / "go").exists():
            done = larder("--store", store, "cache", "verify")
            assert done.status == 0, str(done)
        for name in old:
            assert (store / "go" / name).is_file(), name
    return check


@every_kind
def test_stock(larder, online, work, tmp_path, kind, stays):
    store = tmp_path / "store"
    larder("stock", "example.com/old@v1.0.0", ok=True)
    scene = Scene(larder, tmp_path, ["stock", work], store,
                  check=sound_store(larder, store, ["example.com/old/@v/v1.0.0.zip", "example.com/old/@v/v1.0.0.info"]),
                  done=lambda: larder("check", work, ok=True))
    go_over_all(scene, kind, stays)


@every_kind
def test_pack(larder, stocked, site, tmp_path, kind, stays):
    out = tmp_path / "out"
    out.mkdir()
    bundle = out / "trip.larder"

    def check():
        """A bundle that has the name is whole."""
        if bundle.exists():
            larder("bundle", "verify", "--trust", f"{site}.pub", bundle, ok=True)

    scene = Scene(larder, tmp_path, ["pack", "--key", f"{site}.key", "-o", bundle], out, check=check,
                  done=lambda: [check(), bundle.stat()], once=True, result=lambda: dict.fromkeys(os.listdir(out)))
    go_over_all(scene, kind, stays)


@every_kind
def test_unpack(larder, online, stocked, work, site, tmp_path, kind, stays):
    larder("pack", "--key", f"{site}.key", "-o", tmp_path / "trip.larder", ok=True)
    inside = tmp_path / "inside"
    larder("--store", inside, "stock", "example.com/old@v1.0.0", ok=True)
    scene = Scene(larder, tmp_path, ["--store", inside, "unpack", "--trust", f"{site}.pub", tmp_path / "trip.larder"], inside,
                  check=sound_store(larder, inside, ["example.com/old/@v/v1.0.0.zip"]),
                  done=lambda: larder("--store", inside, "check", work, ok=True),
                  result=lambda: plain(tree(inside / "go")))
    go_over_all(scene, kind, stays)


def modcache_of(env):
    return {"GOMODCACHE": env / "modcache", "GOPATH": env / "gopath", "GOPROXY": "off"}


def whole_cache(go, make_project, up, env):
    """go finds all it needs, and all of it right."""
    work = make_project("witness")
    work.write("go.mod", GO_MOD)
    work.write("main.go", MAIN)
    work.write("go.sum", "".join(up.content.modules[f"example.com/{p}", "v1.0.0"].go_sum() for p in "ab"))

    def done():
        go("mod", "verify", cwd=work.path, env={**env, "GOPROXY": "off"}, ok=True)
        go("list", "-deps", ".", cwd=work.path, env={**env, "GOPROXY": "off"}, ok=True)
        assert not list(pathlib.Path(env["GOMODCACHE"]).rglob("*.partial"))
    return done


@every_kind
def test_restore(larder, go, stocked, up, make_project, work, tmp_path, kind, stays):
    home = tmp_path / "home2"
    env = modcache_of(home)
    scene = Scene(larder, tmp_path, ["restore", work], home, env=env, done=whole_cache(go, make_project, up, env))
    go_over_all(scene, kind, stays)


@every_kind
def test_mod_download(larder, go, online, up, make_project, tmp_path, kind, stays):
    home = tmp_path / "home2"
    work = make_project("home2/project")
    work.write("go.mod", GO_MOD)
    env = {**modcache_of(home), "GOPROXY": online["GOPROXY"]}
    scene = Scene(larder, tmp_path, ["mod", "download"], home, env=env, cwd=work.path,
                  done=whole_cache(go, make_project, up, env), result=lambda: without_efforts(tree(home)))
    go_over_all(scene, kind, stays)


@every_kind
def test_mod_tidy(larder, online, tmp_path, make_project, kind, stays):
    """The project and the module cache are on the failing disk."""
    folder = tmp_path / "disk"
    work = make_project("disk/project")
    work.write("go.mod", "module work.test\n\ngo 1.20\n")
    work.write("go.sum", "example.com/gone v1.0.0/go.mod h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY=\n")
    work.write("main.go", MAIN)
    old = work.read("go.mod"), work.read("go.sum")
    env = {**modcache_of(folder), "GOPROXY": online["GOPROXY"], "LARDER_INDEX": folder / "index"}

    def done():
        assert work.read("go.mod") == GO_MOD and work.read("go.sum").count("\n") == 4

    def check():
        """Each file is the old or the new one."""
        assert work.read("go.mod") in (old[0], GO_MOD)
        assert work.read("go.sum") == old[1] or work.read("go.sum").count("\n") == 4

    scene = Scene(larder, tmp_path, ["mod", "tidy"], folder, env=env, cwd=work.path, check=check, done=done,
                  result=lambda: without_efforts(tree(folder)))
    go_over_all(scene, kind, stays)


@every_kind
def test_sumdb_add(larder, stocked, work, env, tmp_path, kind, stays):
    env["GOSUMDB"] = "off"
    key = tmp_path / "sums"
    verifier = larder("sumdb", "init", "sums.test", "-o", f"{key}.key", ok=True).out.strip().removeprefix("GOSUMDB=")
    larder("sumdb", "add", "--key", f"{key}.key", "example.com/b@v1.0.0", ok=True)
    database = stocked / "go/sumdb/sums.test"
    old = (database / "latest").read_bytes()
    def done():
        """It proves both."""
        assert (database / "latest").read_bytes() != old
        assert json.loads(larder("--json", "check", work, env={"GOSUMDB": verifier}, ok=True).out)[0]["database"]["proven"] == 2

    def result():
        """A record that was logged and not looked up is logged again: the tree may differ, by as much."""
        files = plain(tree(stocked))
        return {n: None if "sums.test/" in n else d for n, d in files.items() if "sums.test/tile/" not in n}

    scene = Scene(larder, tmp_path, ["sumdb", "add", "--key", f"{key}.key", "example.com/a@v1.0.0"], stocked,
                  check=sound_store(larder, stocked), done=done, result=result)
    go_over_all(scene, kind, stays)


@pytest.mark.parametrize("kind, stays", [k for k in KINDS if k[0] != "EROFS"], ids=lambda k: str(k))
def test_key_new(larder, tmp_path, kind, stays):
    folder = tmp_path / "keys"
    scene = Scene(larder, tmp_path, ["key", "new", "-o", folder / "site"], folder,
                  done=lambda: larder("key", "show", folder / "site.key", ok=True),
                  once=True, result=lambda: dict.fromkeys(os.listdir(folder)))
    go_over_all(scene, kind, stays)
