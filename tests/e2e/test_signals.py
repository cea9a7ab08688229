# SPDX-License-Identifier: Apache-2.0
"""A command in place of one of go ends at once at a signal, as go does, and takes along what it started."""
import pathlib
import signal

import pytest
from conftest import wait_until


@pytest.fixture
def git_that_hangs(tmp_path, env):
    """A `git` whose child never ends; answers with the file that will hold the child's number."""
    program, number = tmp_path / "bin" / "git", tmp_path / "number"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nsleep 100000 &\necho $! > {number}.new && mv {number}.new {number}\nwait\n")
    program.chmod(0o755)
    env.update(PATH=f"{program.parent}:{env['PATH']}", GOPROXY="direct", GOPRIVATE="git.test")
    return number


def is_running(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_git_and_its_children_end_too(larder, project, running, git_that_hangs, number):
    project.write("go.mod", "module example.com/m\n\ngo 1.21\n")
    process = running(larder.start("mod", "download", "git.test/x.git@v1.0.0", cwd=project.path))
    wait_until(git_that_hangs.exists)
    child = int(git_that_hangs.read_text())
    assert is_running(child)
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode == -number
    wait_until(lambda: not is_running(child))
