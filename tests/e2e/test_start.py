# SPDX-License-Identifier: Apache-2.0
"""What starting the program costs: libraries for the network are opened by the commands that use it."""
import os
import subprocess

LATE = ("libcurl", "libmicrohttpd", "libgnutls", "libssl", "libldap")


def libraries(larder, *words, env=None):
    """The shared libraries that a command opens, by the dynamic linker's own account."""
    env = {**os.environ, **(env or {}), "LD_DEBUG": "files"}
    done = subprocess.run([larder, *words], env=env, capture_output=True, text=True, timeout=60)
    return {line.split("file=")[1].split(" ")[0] for line in done.stderr.splitlines() if "file=" in line}


def test_commands_without_a_network_open_no_library_for_it(larder_bin, tmp_path):
    (tmp_path / "go.mod").write_text("module example.com/m\n\ngo 1.22\n")
    env = {"HOME": str(tmp_path), "GOMODCACHE": str(tmp_path / "mod"), "GOPROXY": "off", "GOFLAGS": "", "GOENV": "off"}
    for words in (["version"], ["-C", str(tmp_path), "mod", "graph"], ["-C", str(tmp_path), "mod", "tidy"],
                  ["-C", str(tmp_path), "list", "-m", "all"]):
        opened = libraries(larder_bin, *words, env=env)
        assert any("libc.so" in name for name in opened), "the linker said nothing"
        assert not [name for name in opened if any(late in name for late in LATE)], words


def test_a_command_that_asks_a_proxy_opens_curl(larder_bin, tmp_path):
    env = {"HOME": str(tmp_path), "GOMODCACHE": str(tmp_path / "mod"), "GOPROXY": "http://127.0.0.1:9", "GOFLAGS": "",
           "GOENV": "off", "GOSUMDB": "off"}
    (tmp_path / "go.mod").write_text("module example.com/m\n\ngo 1.22\n\nrequire example.com/a v1.0.0\n")
    opened = libraries(larder_bin, "-C", str(tmp_path), "mod", "graph", env=env)
    assert [name for name in opened if "libcurl" in name]
