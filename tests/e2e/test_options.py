# SPDX-License-Identifier: Apache-2.0
"""Options of pack, unpack, restore and serve: each does what its help says."""
import http.client
import json
import os
import pathlib
import select
import signal
import socket
import urllib.request
import zipfile

import pytest
from conftest import wait_until

BIG = "module example.test/big v1.0.0\n-- go.mod --\nmodule example.test/big\n-- big.txt --\n"  # and more than sockets hold
BIG_ZIP = "/example.test/big/@v/v1.0.0.zip"


@pytest.fixture
def stocked(larder, hello_web, env):
    larder("stock", hello_web, env={"GOPROXY": hello_web.proxy}, ok=True)
    return pathlib.Path(env["LARDER_STORE"])


@pytest.fixture
def carry(larder, stocked, tmp_path):
    """carry(pack=FLAGS, unpack=FLAGS): (bundle, store that it was unpacked into)."""
    larder("key", "new", "-o", "site", ok=True)

    def trip(pack=(), unpack=()):
        bundle, inside = tmp_path / f"{'-'.join(pack)}.larder", tmp_path / f"inside{'-'.join([*pack, *unpack])}"
        larder("pack", *pack, "--key", "site.key", "-o", bundle, ok=True)
        larder("--store", inside, "unpack", *unpack, "--trust", "site.pub", bundle, ok=True)
        return bundle, inside
    return trip


def zips(store):
    return {str(p.relative_to(store)): p.read_bytes() for p in store.rglob("go/**/*.zip")}


def methods(store):
    found = set()
    for path in store.rglob("go/**/*.zip"):
        with zipfile.ZipFile(path) as archive:
            found.update(entry.compress_type for entry in archive.infolist() if entry.file_size)
    return found


# --- pack and unpack ----------------------------------------------------------------------------------------------


def test_verbatim_keeps_the_bytes_of_archives(stocked, carry):
    assert zips(carry(pack=["--verbatim"])[1]) == zips(stocked)
    made_anew = zips(carry()[1])
    assert made_anew.keys() == zips(stocked).keys() and made_anew != zips(stocked)


def test_a_higher_level_makes_a_smaller_bundle(carry):
    low, high = (carry(pack=["--level", level])[0] for level in ("1", "19"))
    assert high.stat().st_size < low.stat().st_size


def test_a_bundle_names_its_source(larder, carry):
    bundle, _ = carry(pack=["--source", "north-gate"])
    assert json.loads(larder("--json", "bundle", "ls", bundle, ok=True).out)["source"] == "north-gate"


@pytest.mark.parametrize("flags, method", [([], zipfile.ZIP_STORED), (["--zips", "stored"], zipfile.ZIP_STORED),
                                           (["--zips", "deflated"], zipfile.ZIP_DEFLATED)])
def test_how_archives_made_anew_are_compressed(carry, flags, method):
    assert methods(carry(unpack=flags)[1]) == {method}


# --- restore ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("flags, goflags, writable", [([], "", False), (["--modcacherw"], "", True), ([], "-modcacherw", True)])
def test_extracted_folders_are_writable_where_asked(larder, stocked, hello_web, env, flags, goflags, writable):
    larder("restore", *flags, hello_web, env={"GOFLAGS": goflags}, ok=True)
    folder = pathlib.Path(env["GOMODCACHE"]) / "github.com/google/uuid@v1.6.0"
    assert bool(folder.stat().st_mode & 0o200) == writable


# --- serve --------------------------------------------------------------------------------------------------------


def connect(url):
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=30)
    connection.sock = socket.socket()
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
    connection.sock.settimeout(30)
    connection.sock.connect((connection.host, connection.port))
    return connection


def test_the_url_is_in_a_file(serve, stocked, tmp_path):
    url, _ = serve("--url-file", tmp_path / "url")
    wait_until((tmp_path / "url").is_file)
    assert (tmp_path / "url").read_text() == url + "\n"
    with urllib.request.urlopen(url + "/livez", timeout=30) as answer:
        assert answer.status == 200


def test_so_many_threads_serve(serve, stocked):
    def count(threads):
        url, process = serve("--threads", threads)
        urllib.request.urlopen(url + "/livez", timeout=30).close()
        return len(os.listdir(f"/proc/{process.pid}/task"))
    assert count("5") - count("2") == 3


def test_who_is_one_too_many_waits(serve, stocked):
    url, _ = serve("--connections", "1", "--threads", "1")
    first, second = connect(url), connect(url)
    first.request("GET", "/livez")
    assert first.getresponse().read()
    second.request("GET", "/livez")
    assert not select.select([second.sock], [], [], 0.3)[0]
    first.close()
    assert second.getresponse().status == 200


@pytest.fixture
def half_way(larder, serve, upstream):
    """half_way(*flags): (process, URL, answer) of a server that was told to end in the middle of an answer."""
    up = upstream([BIG + os.urandom(1 << 23).hex() + "\n"])
    larder("stock", "example.test/big@v1.0.0", env={"GOPROXY": up.url}, ok=True)

    def start(*flags):
        url, process = serve(*flags)
        connection = connect(url)
        connection.request("GET", BIG_ZIP)
        answer = connection.getresponse()
        process.send_signal(signal.SIGTERM)
        return process, url, answer
    return start


def refuses(url):
    try:
        connect(url).close()
    except ConnectionError:  # reset, where the listener closes at that moment
        return True
    return False


def test_answers_in_flight_end_while_the_server_drains(half_way):
    process, url, answer = half_way("--drain", "60")
    wait_until(lambda: refuses(url))
    assert process.poll() is None
    assert len(answer.read()) == int(answer.headers["Content-Length"]) > 1 << 23
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0 and err.splitlines()[-1].endswith("stopped"), err


def test_who_does_not_drain_cuts(half_way):
    process, _, answer = half_way("--drain", "0")
    _, err = process.communicate(timeout=20)  # less than by default
    assert process.returncode == 0 and "requests still in flight were cut" in err, err
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        answer.read()


@pytest.mark.parametrize("words", [["check", "nope\udcff"], ["pack", "--key", "site.key", "-o", "o\udcff.larder"], ["restore"], ["env", "GOMODCACHE"],
                                   ["env", "store"], ["stock", "project\udcff"]], ids=lambda words: words[0] + words[-1][-3:])
def test_json_is_json_whatever_bytes_names_have(larder, stocked, hello_web, tmp_path, words):
    odd = tmp_path / "store\udcff"
    os.symlink(stocked, odd)
    project = tmp_path / "project\udcff"
    project.mkdir()
    (project / "go.mod").write_bytes(b"module x.test/m\n\ngo 1.16\n\nrequire x.test/\xfc v1.0.0\n")
    larder("key", "new", "-o", "site", ok=True)
    names = {"restore": [hello_web]}
    env = {"GOPROXY": "off", "GOMODCACHE": str(tmp_path / "mod\udcff")}
    done = larder("--json", "--store", odd, *words, *names.get(words[0], []), env=env)
    assert "internal error" not in done.err and "\N{REPLACEMENT CHARACTER}" in str(json.loads(done.out)), done
