# SPDX-License-Identifier: Apache-2.0
"""The main job on the example: stock, check, prove, pack, unpack, restore, serve; the unmodified go builds offline."""
import json
import pathlib
import tarfile

from conftest import tree


def stock(larder, hello_web, **kwargs):
    return larder("stock", hello_web, env={"GOPROXY": hello_web.proxy, "GOSUMDB": "sum.example.test"}, **kwargs)


def modules_of(store):
    return sorted(p for p in pathlib.Path(store, "go").rglob("*.zip"))


def test_stock_is_idempotent_and_complete(larder, hello_web, env):
    first = stock(larder, hello_web, ok=True)
    before = tree(env["LARDER_STORE"])
    assert "0 failed" in first.out
    second = stock(larder, hello_web, ok=True)
    assert "stocked 0 modules and 0 requirements" in second.out
    assert tree(env["LARDER_STORE"]) == before
    done = larder("check", hello_web, ok=True)
    assert "complete" in done.out


def test_dry_run_changes_nothing_and_names_all(larder, hello_web, env):
    done = larder("stock", "--dry-run", hello_web, env={"GOPROXY": hello_web.proxy}, ok=True)
    assert not modules_of(env["LARDER_STORE"])
    planned = [line.split()[0] for line in done.out.splitlines() if " go.mod " not in line]
    stock(larder, hello_web, ok=True)
    assert len(planned) == len(modules_of(env["LARDER_STORE"]))


def test_check_names_exactly_what_is_missing(larder, hello_web, env):
    stock(larder, hello_web, ok=True)
    victim = modules_of(env["LARDER_STORE"])[0]
    victim.unlink()
    done = larder("--json", "check", hello_web)
    assert done.status == 1
    missing = json.loads(done.out)[0]["missing"]
    assert len(missing) == 1 and missing[0]["module"].endswith("@" + victim.stem)


def test_prove_says_compatible_then_names_the_deleted_module(larder, hello_web, env):
    stock(larder, hello_web, ok=True)
    done = larder("prove", hello_web, "--", "go", "build", "./...", timeout=300)
    assert done.status == 0 and "offline compatible" in done.out, str(done)
    victim = modules_of(env["LARDER_STORE"])[0]
    victim.unlink()
    done = larder("prove", hello_web, "--", "go", "build", "./...", timeout=300)
    named = [line for line in done.out.splitlines() if line.startswith("missing ")]
    assert done.status == 1, str(done)
    assert len(named) == 1 and named[0].endswith("@" + victim.stem), str(done)


def carry(larder, hello_web, tmp_path, *pack_flags):
    stock(larder, hello_web, ok=True)
    larder("key", "new", "-o", tmp_path / "site", ok=True)
    larder("pack", "--key", tmp_path / "site.key", "-o", tmp_path / "trip.larder", *pack_flags, hello_web, ok=True)
    return larder("--store", tmp_path / "inside", "unpack", "--trust", tmp_path / "site.pub", tmp_path / "trip.larder")


def test_bundle_carries_the_project_and_go_builds_offline(larder, go, hello_web, tmp_path):
    done = carry(larder, hello_web, tmp_path)
    assert done.status == 0, str(done)
    larder("--store", tmp_path / "inside", "check", hello_web, ok=True)
    larder("--store", tmp_path / "inside", "restore", hello_web, ok=True)
    go("build", "./...", cwd=hello_web.path, env={"GOPROXY": "off"}, timeout=300, ok=True)
    go("test", "./...", cwd=hello_web.path, env={"GOPROXY": "off"}, timeout=300, ok=True)
    go("mod", "verify", cwd=hello_web.path, env={"GOPROXY": "off"}, ok=True)


def test_unpack_twice_changes_nothing(larder, hello_web, tmp_path):
    assert carry(larder, hello_web, tmp_path).status == 0
    before = tree(tmp_path / "inside" / "go")
    again = larder("--store", tmp_path / "inside", "unpack", "--trust", tmp_path / "site.pub", tmp_path / "trip.larder",
                   ok=True)
    assert "unpacked 0 modules and 0 requirements" in again.out
    assert tree(tmp_path / "inside" / "go") == before


def test_verbatim_bundles_keep_the_zip_bytes(larder, hello_web, tmp_path, env):
    assert carry(larder, hello_web, tmp_path, "--verbatim").status == 0
    outside = {p.name: p.read_bytes() for p in modules_of(env["LARDER_STORE"])}
    inside = {p.name: p.read_bytes() for p in modules_of(tmp_path / "inside")}
    assert outside == inside


def test_bundle_is_a_plain_tar(larder, hello_web, tmp_path):
    carry(larder, hello_web, tmp_path)
    with tarfile.open(tmp_path / "trip.larder") as bundle:
        names = bundle.getnames()
    assert {"README.txt", "manifest.json", "manifest.json.minisig"} <= set(names)


def test_unpack_without_or_with_a_wrong_key_imports_nothing(larder, hello_web, tmp_path):
    carry(larder, hello_web, tmp_path)
    larder("key", "new", "-o", tmp_path / "other", ok=True)
    for words in ([], ["--trust", tmp_path / "other.pub"]):
        done = larder("--store", tmp_path / "empty", "unpack", *words, tmp_path / "trip.larder")
        assert done.status == 3, str(done)
        assert not (tmp_path / "empty" / "go").exists()


def test_a_damaged_bundle_imports_nothing(larder, hello_web, tmp_path):
    carry(larder, hello_web, tmp_path)
    good = (tmp_path / "trip.larder").read_bytes()
    for at in (len(good) // 4, len(good) // 2, len(good) * 3 // 4):
        bad = bytearray(good)
        bad[at] ^= 1
        (tmp_path / "bad.larder").write_bytes(bad)
        done = larder("--store", tmp_path / "empty", "unpack", "--trust", tmp_path / "site.pub", tmp_path / "bad.larder")
        assert done.status == 3, str(done)
        assert not (tmp_path / "empty" / "go").exists()


def test_go_builds_through_serve(larder, go, serve, hello_web):
    stock(larder, hello_web, ok=True)
    url, _ = serve()
    go("build", "./...", cwd=hello_web.path, env={"GOPROXY": url}, timeout=300, ok=True)


def test_go_builds_from_the_store_by_file_url(larder, go, hello_web, env):
    stock(larder, hello_web, ok=True)
    proxy = pathlib.Path(env["LARDER_STORE"], "go").as_uri()
    go("mod", "download", cwd=hello_web.path, env={"GOPROXY": proxy}, ok=True)


def test_a_flipped_bit_in_the_store_is_found_and_never_used(larder, hello_web, tmp_path, env):
    stock(larder, hello_web, ok=True)
    victim = modules_of(env["LARDER_STORE"])[0]
    data = bytearray(victim.read_bytes())
    data[len(data) // 2] ^= 0x10
    victim.write_bytes(data)
    done = larder("cache", "verify")
    assert done.status == 3 and victim.stem in done.err, str(done)
    done = larder("restore", hello_web)
    assert done.status == 3 and victim.stem in done.err, str(done)
    larder("key", "new", "-o", tmp_path / "site", ok=True)
    done = larder("pack", "--key", tmp_path / "site.key", "-o", tmp_path / "trip.larder", hello_web)
    assert done.status == 3 and not (tmp_path / "trip.larder").exists(), str(done)
