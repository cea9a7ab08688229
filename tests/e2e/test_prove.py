# SPDX-License-Identifier: Apache-2.0
"""`prove` changes nothing: the store is read-only for the command, and nothing stays in the temp folder."""
import os
import pathlib
import signal

import pytest
from conftest import tree, wait_until


@pytest.fixture
def store(larder, hello_web, tmp_path):
    folder = tmp_path / "outside"
    larder("--store", folder, "stock", hello_web, env={"GOPROXY": hello_web.proxy}, ok=True)
    return folder


@pytest.fixture
def temp(tmp_path, env):
    folder = tmp_path / "temp"
    folder.mkdir()
    env["TMPDIR"] = str(folder)
    return folder


def test_the_command_cannot_change_the_store(larder, store, hello_web):
    before = tree(store)
    script = f'touch "{store}/go/new"; rm -rf "{store}/go"; echo x > "{store}/larder/x"; touch written; true'
    done = larder("--store", store, "prove", hello_web, "--", "sh", "-c", script)
    assert done.status == 0, str(done)
    assert tree(store) == before and "Read-only file system" in done.err
    assert (hello_web.path / "written").is_file()


def test_the_store_is_read_only_by_every_path(larder, store, hello_web, tmp_path):
    before = tree(store)
    (tmp_path / "way").symlink_to(store)
    done = larder("--store", tmp_path / "way", "prove", hello_web, "--", "touch", f"{store}/new", f"{tmp_path}/way/new")
    assert done.status == 1 and tree(store) == before, str(done)


FOLDERS = ("HOME", "GOMODCACHE", "GOCACHE")


@pytest.fixture
def mine(env, tmp_path):
    """Folders of the user's, with a file in each."""
    for name in FOLDERS:
        env[name] = str(tmp_path / f"my-{name}")
        pathlib.Path(env[name]).mkdir()
        pathlib.Path(env[name], f"of-{name}").touch()
    return {name: (env[name], [f"of-{name}"]) for name in FOLDERS}


def seen_inside(larder, store, project, *flags):
    """{name: (folder, what lies in it)} as the command sees them."""
    script = f'for name in {" ".join(FOLDERS)}; do eval "at=\\$$name"; echo "$name $at" $(ls -A "$at"); done'
    out = larder("--store", store, "prove", *flags, project, "--", "sh", "-c", script, ok=True).out
    lines = [line.split() for line in out.splitlines() if line.startswith(FOLDERS)]
    return {name: (folder, content) for name, folder, *content in lines}


def test_home_and_caches_are_empty_folders_of_its_own(larder, store, hello_web, mine):
    seen = seen_inside(larder, store, hello_web)
    assert {name: content for name, (_, content) in seen.items()} == {name: [] for name in FOLDERS}
    folders = {folder for folder, _ in seen.values()}
    assert len(folders) == 3 and folders.isdisjoint(folder for folder, _ in mine.values())


def test_home_and_caches_are_the_users_where_they_are_kept(larder, store, hello_web, mine):
    assert seen_inside(larder, store, hello_web, "--keep-caches") == mine


def test_a_killed_run_is_swept_by_the_next(larder, store, hello_web, temp, running, tmp_path):
    def start(name):
        pipe, sign = tmp_path / f"{name}.pipe", tmp_path / f"{name}.sign"
        os.mkfifo(pipe)
        script = f'mkdir "$GOMODCACHE/x"; chmod 555 "$GOMODCACHE/x"; echo $HOME > "{sign}.new"; mv "{sign}.new" "{sign}"; read x < "{pipe}"'
        process = running(larder.start("--store", store, "prove", hello_web, "--", "sh", "-c", script))
        wait_until(sign.is_file)
        return process, pathlib.Path(sign.read_text().strip()).parent

    killed, left = start("killed")
    busy, used = start("busy")
    assert left.is_dir() and used.is_dir()
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    larder("--store", store, "prove", hello_web, "--", "true", ok=True)
    assert not left.exists() and used.is_dir()
    busy.send_signal(signal.SIGTERM)
    busy.communicate()
    assert list(temp.glob("larder-prove-*")) == []
