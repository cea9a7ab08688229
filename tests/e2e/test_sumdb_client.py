# SPDX-License-Identifier: Apache-2.0
"""What a store carries of a checksum database, seen by the public client of golang.org/x/mod and by the real go: all
of it is proven, and what was changed is refused by both, and by larder."""
import os
import pathlib
import shutil
import subprocess
import zipfile

import pytest

from conftest import ROOT
from test_carried import DATABASE, flip, grow, online, trip, up, work  # noqa: F401
from test_serve import get
from upstream import h1

NAME = "sums.corp.test"


@pytest.fixture(scope="session")
def client_program(tmp_path_factory):
    """tests/e2e/sumdbclient, built with the client that the go command itself is built with: nothing is fetched."""
    goroot = subprocess.run(["go", "env", "GOROOT"], capture_output=True, text=True, check=True).stdout.strip()
    source = pathlib.Path(goroot, "src/cmd/vendor/golang.org/x/mod")
    if not (source / "sumdb/client.go").exists():
        pytest.fail(f"{source} has no sumdb client")
    folder = tmp_path_factory.mktemp("sumdbclient") / "src"
    shutil.copytree(ROOT / "tests/e2e/sumdbclient", folder)
    shutil.copytree(source, folder / "xmod")
    (folder / "xmod/go.mod").write_text("module golang.org/x/mod\n\ngo 1.24\n")
    subprocess.run(["go", "build", "-o", "../client", "."], cwd=folder, check=True,
                   env={"PATH": os.environ["PATH"], "HOME": str(folder), "GOCACHE": str(folder / "cache"), "GOPROXY": "off",
                        "GOFLAGS": "-mod=mod", "GOTOOLCHAIN": "local", "GOTELEMETRY": "off", "GOENV": "off", "GOWORK": "off"})
    return folder.parent / "client"


@pytest.fixture
def ask(client_program):
    def run(key, base, modules):
        return subprocess.run([client_program, key, str(base)], input="\n".join(modules), capture_output=True, text=True)
    return run


def held(store):
    """Lines "PATH VERSION" of all versions that are held whole."""
    out = []
    for zip_file in sorted((store / "go").rglob("@v/*.zip")):
        escaped = f"{zip_file.parent.parent.relative_to(store / 'go')} {zip_file.stem}"
        out.append("".join(c.upper() if before == "!" else c for before, c in zip(" " + escaped, escaped) if c != "!"))
    return out


@pytest.fixture
def own(larder, hello_web, env, tmp_path):
    """A project's modules under a database of our own."""
    larder("stock", hello_web, env={"GOPROXY": hello_web.proxy}, ok=True)
    env["GOSUMDB"] = larder("sumdb", "init", NAME, "-o", tmp_path / "sums.key", ok=True).out.strip().removeprefix("GOSUMDB=")
    larder("sumdb", "add", "--key", tmp_path / "sums.key", "--all", ok=True)
    return env["GOSUMDB"]


@pytest.fixture
def serve_database(larder, running):
    def start(*words):
        process = running(larder.start("sumdb", "serve", "--listen", "127.0.0.1:0", *words))
        line = next(line for line in process.stderr if " at http://" in line)
        return line.rsplit(" at ", 1)[1].strip()
    return start


@pytest.fixture(params=["file", "serve", "sumdb serve"])
def base(request, tmp_path, serve, serve_database):
    """base() is where the database of our own is."""
    if request.param == "file":
        return lambda: tmp_path / "store/go/sumdb" / NAME
    return (lambda: serve()[0] + "/sumdb/" + NAME) if request.param == "serve" else serve_database


def test_the_public_client_proves_a_whole_project(own, ask, base, tmp_path, hello_web):
    modules = held(tmp_path / "store")
    assert len(modules) > 3
    done = ask(own, base(), modules)
    assert done.returncode == 0, done.stderr
    lines = set(done.stdout.splitlines())
    assert len(lines) == 2 * len(modules)
    assert set(hello_web.read("go.sum").splitlines()) <= lines


def test_the_public_client_proves_what_stock_carried(larder, online, up, work, ask, serve, tmp_path):  # noqa: F811
    larder("stock", cwd=work.path, ok=True)
    wanted = sorted(line for line in work.read("go.sum").splitlines())
    modules = ["example.com/Dep v1.2.0", "example.com/old v1.0.0"]
    for place in (tmp_path / "store" / DATABASE, serve()[0] + "/sumdb/sumdb.test/db"):
        done = ask(up.sumdb.key, place, modules)
        assert done.returncode == 0, done.stderr
        assert sorted(done.stdout.splitlines()) == wanted


@pytest.mark.parametrize("whose", ["public", "own"])
def test_the_public_client_proves_what_came_in_bundles(larder, online, up, work, ask, serve, trip, tmp_path, whose):  # noqa: F811
    """In two of them: the second brings a newer head, and a module more."""
    key, name = up.sumdb.key, up.sumdb.name
    if whose == "own":
        name, said = NAME, larder("sumdb", "init", NAME, "-o", tmp_path / "sums.key", ok=True).out
        key = said.strip().removeprefix("GOSUMDB=")
    modules, wanted = ["example.com/Dep v1.2.0", "example.com/old v1.0.0"], work.read("go.sum").splitlines()
    heads, url = set(), None
    larder("stock", cwd=work.path, ok=True)
    for more in (True, False):
        if whose == "own":
            larder("sumdb", "add", "--key", tmp_path / "sums.key", "--all", ok=True)
        done = trip.unpack(trip.pack(GOSUMDB=key), GOSUMDB=key)
        assert done.status == 0 and f"{name}: {len(modules)} records unpacked" in done.err, done
        url = url or serve(store=trip.store)[0]
        for place in (trip.store / "go/sumdb" / name, f"{url}/sumdb/{name}"):
            done = ask(key, place, modules)
            assert done.returncode == 0, f"{place}: {done.stderr}"
            assert sorted(done.stdout.splitlines()) == sorted(wanted)
        heads.add((trip.store / "go/sumdb" / name / "latest").read_bytes())
        if more:
            grow(up, 400)
            larder("stock", "example.com/later@v1.0.0", ok=True)
            modules.append("example.com/later v1.0.0")
            wanted += up.content.modules["example.com/later", "v1.0.0"].go_sum().splitlines()
    assert len(heads) == 2


def database_files(store):
    root = store / "go/sumdb" / NAME
    lookup = next(root.rglob("lookup/**/uuid@v1.6.0"))
    text = lookup.read_bytes()
    hashes = next(root.glob("tile/8/0/000.p/*"))
    return {"tile": (hashes, 33), "record": (lookup, text.index(b"h1:") + 5), "head": (lookup, text.index(b"database tree\n") + 20),
            "signature": (lookup, len(text) - 9)}


@pytest.mark.parametrize("what", ["tile", "record", "head", "signature"])
def test_what_was_changed_is_refused_by_all(own, ask, base, larder, go, hello_web, serve, tmp_path, what):
    store = tmp_path / "store"
    place = base()
    modules = ["github.com/google/uuid v1.6.0"]
    assert ask(own, place, modules).returncode == 0
    file, at = database_files(store)[what]
    flip(file, at)
    done = ask(own, place, modules)
    assert done.returncode == 1 and "github.com/google/uuid@v1.6.0" in done.stderr, done
    done = larder("check", hello_web)
    assert done.status == 3 and "github.com/google/uuid@v1.6.0: no proof in the carried " + NAME in done.err, done
    hello_web.write("go.sum", "")
    for proxy in ((store / "go").as_uri(), serve()[0]):
        done = go("mod", "download", "github.com/google/uuid", cwd=hello_web.path, env={"GOPROXY": proxy})
        assert done.status == 1 and "github.com/google/uuid@v1.6.0: verifying " in done.err, done
    done = larder("cache", "verify")
    assert done.status == 3 and str(file.relative_to(store)) in done.err, done


def test_a_changed_zip_is_refused_by_all(own, larder, go, hello_web, serve, tmp_path):
    """With its .ziphash changed alike: only the database knows."""
    store = tmp_path / "store"
    folder = store / "go/github.com/google/uuid/@v"
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    hello_web.write("go.sum", "")
    work_env = {"GOPROXY": (store / "go").as_uri(), "GOMODCACHE": tmp_path / "modcache2", "GOFLAGS": "-modcacherw"}
    assert go("mod", "download", "github.com/google/uuid", cwd=hello_web.path, env=work_env).status == 0
    forge(folder, "github.com/google/uuid@v1.6.0")
    hello_web.write("go.sum", "")
    # A plain folder gives it out and go refuses it; `serve` does not even give it out.
    for number, (proxy, words) in enumerate([((store / "go").as_uri(), "checksum mismatch"),
                                             (serve()[0], "500 Internal Server Error")]):
        env = {**work_env, "GOPROXY": proxy, "GOMODCACHE": tmp_path / f"modcache{3 + number}"}
        done = go("mod", "download", "github.com/google/uuid", cwd=hello_web.path, env=env)
        assert done.status == 1 and words in done.err and "checksum mismatch" in done.err, done.err
        assert f"{NAME}: h1" in done.err, done.err
    done = larder("check", hello_web)
    assert done.status == 3 and "checksum mismatch" in done.err, done


def forge(folder, module):
    with zipfile.ZipFile(folder / "v1.6.0.zip") as old:
        files = {info.filename: old.read(info) for info in old.infolist()}
    files[module + "/LICENSE"] = b"another\n"
    for part in ("zip", "ziphash"):
        (folder / f"v1.6.0.{part}").chmod(0o644)
    with zipfile.ZipFile(folder / "v1.6.0.zip", "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in files.items():
            new.writestr(name, data)
    (folder / "v1.6.0.ziphash").write_text(h1(files))


def test_go_asks_the_database_at_its_own_url(own, serve_database, go, hello_web, tmp_path):
    hello_web.write("go.sum", "")
    url = serve_database(NAME)
    done = go("mod", "download", "all", cwd=hello_web.path,
              env={"GOPROXY": (tmp_path / "store/go").as_uri(), "GOSUMDB": f"{own} {url}"})
    assert done.status == 0, done
    assert "github.com/google/uuid v1.6.0 h1:" in hello_web.read("go.sum")


def test_a_database_server_answers_nothing_else(own, serve_database):
    url = serve_database()
    assert get(url + "/latest")[1].startswith(b"go.sum database tree\n")
    assert get(url + "/supported")[0] == 200
    status, body, headers = get(url + "/tile/8/data/000.p/" + get(url + "/latest")[1].split(b"\n")[1].decode())
    assert status == 200 and b"github.com/google/uuid v1.6.0 h1:" in body and headers["Content-Type"].startswith("text/plain")
    for path in ("/github.com/google/uuid/@v/list", f"/sumdb/{NAME}/latest", "/lookup/github.com/google/none@v1.0.0", "/lookup/x",
                 "/tile/8/0/001", "/latest/", "/../latest"):
        assert get(url + path)[0] in (400, 404), path
    assert get(url + "/livez")[0] == 200
    assert NAME.encode() in get(url + "/")[1]


def test_wrong_usage(larder, own, tmp_path, hello_web):
    key = tmp_path / "sums.key"
    for words in (["init"], ["init", "a b", "-o", "x"], ["init", "../x", "-o", "x"], ["add", "--key", key], ["add", "--all"],
                  ["add", "--key", key, "--all", "example.com/m"], ["serve", "--listen", "nowhere"]):
        done = larder("sumdb", *words)
        assert done.status == 2 and done.out == "", done
    assert not (tmp_path / "x").exists()
    none = tmp_path / "none"
    for words in (["add", "--key", key, "--all"], ["serve"]):
        done = larder("--store", none, "sumdb", *words)
        assert done.status == 1 and "no such directory" in done.err, done
        assert not none.exists()
    assert larder("sumdb", "serve", "other.test").status == 1


def test_a_version_without_its_archive_is_not_vouched_for_by_name(larder, own, tmp_path):
    store = tmp_path / "store"
    for suffix in ("zip", "info"):
        (store / f"go/github.com/google/uuid/@v/v1.6.0.{suffix}").unlink()
    (store / "go/github.com/google/uuid/@v/v1.6.0.ziphash").unlink()
    done = larder("sumdb", "add", "--key", tmp_path / "sums.key", "github.com/google/uuid@v1.6.0")
    assert done.status == 1 and "only its go.mod is held" in done.err, done
