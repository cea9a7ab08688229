# SPDX-License-Identifier: Apache-2.0
"""Bit rot in a store: it is found by whoever carries, serves or extracts it, and mended by bringing it in again."""
import json
import os
import pathlib
import shlex
import shutil
import subprocess

import pytest

from conftest import remove_tree, tree
from test_serve import get

UUID = "go/github.com/google/uuid/@v/v1.6.0"
FILES = [".zip", ".mod", ".info", ".ziphash"]


def flip(path, at=None):
    data = bytearray(path.read_bytes())
    data[len(data) // 2 if at is None else at] ^= 1
    path.chmod(0o644)
    path.write_bytes(data)


def damage(store, suffix):
    # Not every change of an .info can be seen: no hash covers its time.
    flip(store / (UUID + suffix), at=0 if suffix == ".info" else None)


def make_lone(store):
    """Leaves only what a requirement of a pruned graph has."""
    for suffix in (".info", ".zip", ".ziphash"):
        (store / (UUID + suffix)).unlink()


@pytest.fixture
def proxy(hello_web):
    return {"GOPROXY": hello_web.proxy}


@pytest.fixture
def store(larder, hello_web, env, proxy):
    larder("stock", hello_web, env=proxy, ok=True)
    return pathlib.Path(env["LARDER_STORE"])


@pytest.fixture
def key(larder, tmp_path):
    larder("key", "new", "-o", tmp_path / "site", ok=True)
    return ["--key", tmp_path / "site.key"]


# name of a file -> a size that none of its sort has
TOO_LARGE = {UUID + ".ziphash": 5000, UUID + ".info": 70 << 20, UUID + ".mod": 70 << 20}


@pytest.mark.parametrize("name", TOO_LARGE)
def test_what_is_too_large_is_damaged_and_mended(larder, store, hello_web, env, proxy, name):
    (store / name).chmod(0o644)
    os.truncate(store / name, TOO_LARGE[name])
    before = larder("check", "--verify", hello_web, env=proxy)
    assert before.status == 3 and "larger than" in before.err, before
    found = larder("cache", "verify", env=proxy)
    assert found.status == 3 and "1 damaged, 1 set aside" in found.out, found
    larder("stock", hello_web, env=proxy, ok=True)
    larder("cache", "verify", env=proxy, ok=True)
    larder("check", "--verify", hello_web, env=proxy, ok=True)


def test_a_list_that_is_too_large_is_written_anew(larder, store, hello_web, proxy):
    listed = store / "go/github.com/google/uuid/@v/list"
    text = listed.read_text()
    listed.chmod(0o644)
    os.truncate(listed, 70 << 20)
    (store / (UUID + ".zip")).unlink()  # something to bring in
    larder("stock", hello_web, env=proxy, ok=True)
    assert listed.read_text() == text


@pytest.mark.parametrize("words", [["check"], ["stock"], ["cache", "verify"]])
def test_a_pipe_in_place_of_the_format_holds_nobody_up(larder, store, hello_web, proxy, words):
    (store / "larder/format").unlink()
    os.mkfifo(store / "larder/format")
    done = larder(*words, *([] if words[0] == "cache" else [hello_web]), env=proxy)
    assert done.status == 1 and "larder/format: a pipe, not a regular file" in done.err, done


@pytest.fixture
def bundle(larder, store, key, tmp_path):
    out = tmp_path / "trip.larder"
    larder("pack", *key, "-o", out, ok=True)
    return ["--trust", tmp_path / "site.pub", out]


@pytest.mark.parametrize("suffix", FILES)
def test_damage_is_not_packed_restored_or_served(larder, store, key, hello_web, tmp_path, env, serve, suffix):
    damage(store, suffix)
    before = tree(store / "go")
    for words in (["pack", *key, "-o", tmp_path / "out.larder"], ["restore", "--all"], ["restore", hello_web],
                  ["cache", "verify", "--keep"], ["check", "--verify", hello_web]):
        done = larder(*words)
        assert done.status == 3, str(done)
        assert "github.com/google/uuid" in done.err, str(done)
    assert not (tmp_path / "out.larder").exists()
    assert not [n for n in tree(env["GOMODCACHE"]) if "uuid@v1.6.0" in n or n.endswith("uuid/@v/v1.6.0" + suffix)]
    assert tree(store / "go") == before
    url, _ = serve()
    asked = ".zip" if suffix == ".ziphash" else suffix
    status, body, _ = get(f"{url}/github.com/google/uuid/@v/v1.6.0{asked}")
    assert status == 500 and b"github.com/google/uuid@v1.6.0: damaged in the store" in body


def test_a_damaged_lone_go_mod_is_not_packed_or_restored(larder, store, key, tmp_path):
    make_lone(store)
    larder("pack", *key, "-o", tmp_path / "good.larder", ok=True)
    flip(store / (UUID + ".mod"))
    for words in (["pack", *key, "-o", tmp_path / "out.larder"], ["restore", "--all"]):
        done = larder(*words)
        assert done.status == 3 and ".mod has been modified" in done.err, str(done)
    assert not (tmp_path / "out.larder").exists()


@pytest.mark.parametrize("suffix", FILES)
def test_unpack_mends(larder, store, bundle, suffix):
    good = tree(store / "go")
    damage(store, suffix)
    done = larder("unpack", *bundle, ok=True)
    assert "repaired 1 that were damaged" in done.out
    mended = tree(store / "go")
    mended[str(pathlib.Path(UUID).relative_to("go")) + ".zip"] = None  # made anew: other bytes, the same h1
    good[str(pathlib.Path(UUID).relative_to("go")) + ".zip"] = None
    assert mended == good
    larder("cache", "verify", ok=True)
    assert "repaired" not in larder("unpack", *bundle, ok=True).out


@pytest.mark.parametrize("suffix", [".mod", ".info", ".ziphash"])
def test_stock_mends_small_files(larder, store, hello_web, proxy, suffix):
    good = tree(store / "go")
    damage(store, suffix)
    done = larder("stock", hello_web, env=proxy, ok=True)
    assert "repaired 1 that were damaged" in done.out, str(done)
    assert tree(store / "go") == good


def test_what_cache_verify_finds_the_next_stock_mends(larder, store, hello_web, proxy):
    good = tree(store / "go")
    damage(store, ".zip")
    done = larder("cache", "verify")
    assert done.status == 3 and "set aside" in done.err, str(done)
    assert (store / "larder" / "damaged" / (UUID + ".zip")).exists()
    missing = larder("check", hello_web)
    assert missing.status == 1 and "missing github.com/google/uuid@v1.6.0" in missing.out
    larder("cache", "verify", ok=True)
    larder("stock", hello_web, env=proxy, ok=True)
    larder("check", "--verify", hello_web, ok=True)
    assert tree(store / "go") == good


def test_stock_verify_mends_a_zip(larder, store, hello_web, proxy):
    good = tree(store / "go")
    damage(store, ".zip")
    assert "0 modules" in larder("stock", hello_web, env=proxy, ok=True).out, "not read without being told"
    assert "repaired 1" in larder("stock", "--verify", hello_web, env=proxy, ok=True).out
    assert tree(store / "go") == good


def test_a_go_sum_that_contradicts_sound_content_is_an_alarm(larder, store, hello_web, proxy):
    """Not damage: nothing may be replaced."""
    good = tree(store / "go")
    sums = (hello_web.path / "go.sum").read_text().splitlines()
    changed = [line[:-3] + "AA=" if line.startswith("github.com/google/uuid v1.6.0 ") else line for line in sums]
    assert changed != sums
    (hello_web.path / "go.sum").write_text("\n".join(changed) + "\n")
    for words in (["stock", hello_web], ["check", hello_web]):
        assert larder(*words, env=proxy).status == 3
    assert tree(store / "go") == good


def test_incomplete_versions_are_named_and_not_packed(larder, store, key, tmp_path):
    (store / (UUID + ".ziphash")).unlink()
    (store / (UUID + ".modhash")).unlink(missing_ok=True)
    done = larder("pack", *key, "-o", tmp_path / "out.larder", ok=True)
    assert "github.com/google/uuid@v1.6.0 is incomplete (lacks .ziphash): not packed" in done.err, str(done)
    assert "1 incomplete in the store" in done.out
    done = larder("--json", "pack", *key, "-o", tmp_path / "out.larder", ok=True)
    assert json.loads(done.out)["incomplete"] == 1
    assert "github.com/google/uuid@v1.6.0 is incomplete" in larder("cache", "verify", ok=True).err
    done = larder("restore", "--all", env={"GOMODCACHE": str(tmp_path / "modcache")}, ok=True)
    assert "github.com/google/uuid@v1.6.0 is incomplete (lacks .ziphash): not restored" in done.err, str(done)


def test_pack_of_what_is_no_store(larder, key, tmp_path):
    (tmp_path / "photos").mkdir()
    done = larder("--store", tmp_path / "photos", "pack", *key, "-o", tmp_path / "out.larder")
    assert done.status == 1 and "is no store" in done.err and "--store" in done.err, str(done)
    (tmp_path / "photos" / "go").mkdir()
    done = larder("--store", tmp_path / "photos", "pack", *key, "-o", tmp_path / "out.larder")
    assert done.status == 1 and "nothing to pack" in done.err, str(done)
    assert not (tmp_path / "out.larder").exists()


def test_a_store_that_is_gone_is_not_ready(store, serve):
    url, _ = serve()
    assert get(url + "/readyz")[0] == 200
    remove_tree(store)
    assert get(url + "/readyz")[0] == 503
    assert get(url + "/livez")[0] == 200


def test_stock_of_a_complete_store_that_cannot_be_written(larder, store, hello_web, proxy):
    if not shutil.which("unshare"):
        pytest.skip("no unshare")
    where = shlex.quote(str(store))
    script = (f"mount --bind {where} {where} && mount -o remount,bind,ro {where} && ! touch {where}/x && "
              f"{shlex.quote(larder.program)} stock hello-web")
    done = subprocess.run(["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script],
                          env={**larder.env, **proxy}, cwd=larder.cwd, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0 and "stocked 0 modules" in done.stdout and "0 failed" in done.stdout, \
        done.stdout + done.stderr
    assert os.access(store, os.W_OK)
