# SPDX-License-Identifier: Apache-2.0
"""A full disk: a clear error, nothing that lies is left, and the next run with room finishes the work.

The small disk is a tmpfs in a mount namespace of its own; the command under test runs inside it.
"""
import shlex
import subprocess

import pytest


def in_small_disk(larder, folder, size, script, env):
    """Runs a shell script with `folder` on a tmpfs of `size`."""
    folder.mkdir(exist_ok=True)
    text = f"mount -t tmpfs -o size={size} none {shlex.quote(str(folder))} && {script}"
    return subprocess.run(["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", text], env={**larder.env, **env},
                          cwd=larder.cwd, capture_output=True, text=True, timeout=120)


@pytest.fixture
def small(tmp_path):
    return tmp_path / "small"


def test_stock_on_a_full_disk(larder, hello_web, small):
    program = shlex.quote(larder.program)
    store = shlex.quote(str(small / "store"))
    script = (f"{program} --store {store} stock hello-web; echo status $?; {program} --store {store} cache verify; "
              f"echo verify $?; mount -o remount,size=64m {shlex.quote(str(small))}; "
              f"{program} --store {store} stock hello-web; echo again $?; {program} --store {store} check hello-web")
    done = in_small_disk(larder, small, "300k", script, {"GOPROXY": hello_web.proxy})
    assert "status 1" in done.stdout and "no space left on device" in done.stderr.lower(), done.stdout + done.stderr
    assert "verify 0" in done.stdout, done.stdout + done.stderr
    assert "again 0" in done.stdout and "complete" in done.stdout, done.stdout + done.stderr


def test_unpack_on_a_full_disk_imports_nothing(larder, hello_web, tmp_path, small):
    larder("stock", hello_web, env={"GOPROXY": hello_web.proxy}, ok=True)
    larder("key", "new", "-o", tmp_path / "site", ok=True)
    larder("pack", "--key", tmp_path / "site.key", "-o", tmp_path / "trip.larder", ok=True)
    program = shlex.quote(larder.program)
    unpack = f"{program} --store {shlex.quote(str(small / 'store'))} unpack --trust site.pub trip.larder"
    script = (f"{unpack}; echo status $?; find {shlex.quote(str(small))} -name '*.zip' -path '*/go/*' | wc -l; "
              f"mount -o remount,size=64m {shlex.quote(str(small))}; {unpack}; echo again $?")
    done = in_small_disk(larder, small, "400k", script, {})
    assert "status 1" in done.stdout and "no space left on device" in done.stderr.lower(), done.stdout + done.stderr
    assert "\n0\n" in done.stdout, done.stdout
    assert "again 0" in done.stdout, done.stdout + done.stderr


def test_restore_on_a_full_disk(larder, hello_web, small):
    larder("stock", hello_web, env={"GOPROXY": hello_web.proxy}, ok=True)
    program = shlex.quote(larder.program)
    restore = f"{program} restore hello-web"
    script = (f"{restore}; echo status $?; mount -o remount,size=64m {shlex.quote(str(small))}; {restore}; echo again $?; "
              f"cd hello-web && go mod verify")
    done = in_small_disk(larder, small, "500k", script, {"GOMODCACHE": str(small / "modcache")})
    assert "status 1" in done.stdout and "no space left on device" in done.stderr.lower(), done.stdout + done.stderr
    assert "again 0" in done.stdout and "all modules verified" in done.stdout, done.stdout + done.stderr


def test_unpack_into_what_cannot_be_written(larder, hello_web, tmp_path):
    """A store that has all of a bundle already needs no writing; one that lacks something says why it has to stay so."""
    env = {"GOPROXY": hello_web.proxy}
    larder("stock", hello_web, env=env, ok=True)
    larder("key", "new", "-o", tmp_path / "site", ok=True)
    larder("pack", "--key", tmp_path / "site.key", "-o", tmp_path / "trip.larder", ok=True)
    program = shlex.quote(larder.program)
    unpack = f"{program} --store inside unpack --trust site.pub trip.larder"
    larder("--store", "inside", "unpack", "--trust", "site.pub", "trip.larder", ok=True)
    read_only = "mount --bind inside inside && mount -o remount,bind,ro inside"
    script = f"rm -r inside/larder/tmp; {read_only}; {unpack}; echo status $?"
    done = in_small_disk(larder, tmp_path / "small", "1m", script, {})
    assert "status 0" in done.stdout and "unpacked 0 modules" in done.stdout, done.stdout + done.stderr
    zip_file = next((tmp_path / "inside/go").rglob("*.zip"))
    script = f"rm {shlex.quote(str(zip_file))}; {read_only}; {unpack}; echo status $?"
    done = in_small_disk(larder, tmp_path / "small", "1m", script, {})
    assert "status 1" in done.stdout and "read-only file system" in done.stderr.lower(), done.stdout + done.stderr
