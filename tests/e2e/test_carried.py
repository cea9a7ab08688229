# SPDX-License-Identifier: Apache-2.0
"""The checksum database carried: stock keeps the proofs, and the unmodified go checks with them where there is
neither a network nor a go.sum."""
import json
import shutil

import pytest

from conftest import tree
from test_serve import get
from upstream import SumDb

DEP = """module example.com/Dep v1.2.0
-- go.mod --
module example.com/Dep

go 1.20

require example.com/old v1.0.0
-- dep.go --
package dep

import _ "example.com/old"
"""
OLD = """module example.com/old v1.0.0
-- go.mod --
module example.com/old

go 1.20
-- old.go --
package old
"""
LATER = OLD.replace("example.com/old", "example.com/later")
PROJECT = """-- go.mod --
module work.test

go 1.20

require example.com/Dep v1.2.0

require example.com/old v1.0.0 // indirect
-- main.go --
package main

import _ "example.com/Dep"

func main() {}
"""
DATABASE = "go/sumdb/sumdb.test/db"


@pytest.fixture
def up(upstream):
    found = upstream([DEP, OLD, LATER], sumdb=SumDb(filler=300))
    for path, version in [("example.com/old", "v1.0.0"), ("example.com/Dep", "v1.2.0")]:
        found.sumdb.lookup(path, version, found.content)
    return found


def grow(up, by):
    for i in range(by):
        up.sumdb.add(f"more.test/m{i}", "v1.0.0", "h1:a", "h1:b")


@pytest.fixture
def online(up, env):
    env["GOSUMDB"] = up.sumdb.key
    env["GOPROXY"] = up.url


@pytest.fixture
def work(project, up):
    project.write_txtar(PROJECT)
    project.write("go.sum", "".join(up.content.modules[m].go_sum() for m in up.content.modules if "later" not in m[0]))
    return project


class Inside:
    """Where there is no network: fresh folders, no go.sum, an upstream that answers nothing."""

    def __init__(self, go, work, up, tmp_path):
        self.go, self.work, self.up, self.tmp_path, self.runs = go, work, up, tmp_path, 0

    def download(self, proxy, *words, **env):
        """A run with an empty module cache and no memory of databases."""
        self.runs += 1
        home = self.tmp_path / f"inside{self.runs}"
        (self.work.path / "go.sum").unlink(missing_ok=True)
        self.up.fault("*", status=500, body=b"there is no network\n")
        before = len(self.up.log)
        env = {"GOPROXY": proxy, "GOMODCACHE": home / "modcache", "GOPATH": home / "gopath", "GOFLAGS": "-modcacherw",
               "GONOSUMDB": "", "GOPRIVATE": "", **env}
        done = self.go("mod", "download", *(words or ["all"]), cwd=self.work.path, env=env)
        assert len(self.up.log) == before
        return done


@pytest.fixture
def inside(go, work, up, tmp_path):
    return Inside(go, work, up, tmp_path)


@pytest.fixture(params=["file", "serve"])
def proxy(request, tmp_path, serve):
    """proxy() is a GOPROXY of the store."""
    if request.param == "file":
        return lambda: (tmp_path / "store/go").as_uri()
    return lambda: serve()[0]


def test_go_without_network_and_go_sum(larder, online, work, inside, proxy, up):
    done = larder("stock", cwd=work.path, ok=True)
    assert "2 of the modules are in the carried sumdb.test/db" in done.err
    done = inside.download(proxy())
    assert done.status == 0, done
    assert work.read("go.sum") == "".join(sorted(up.content.modules[m].go_sum() for m in up.content.modules
                                                 if "later" not in m[0]))


def test_a_second_stock_asks_nothing(larder, online, work, up):
    larder("stock", cwd=work.path, ok=True)
    before = len(up.log)
    larder("stock", cwd=work.path, ok=True)
    assert [entry.path for entry in up.log[before:]] == []


def test_the_head_moves_on(larder, online, work, inside, proxy, up, tmp_path):
    larder("stock", cwd=work.path, ok=True)
    first = (tmp_path / "store" / DATABASE / "latest").read_bytes()
    grow(up, 400)
    larder("stock", "example.com/later@v1.0.0", ok=True)
    assert (tmp_path / "store" / DATABASE / "latest").read_bytes() == up.sumdb.note() != first
    for words in (["all"], ["example.com/later@v1.0.0"]):
        done = inside.download(proxy(), *words)
        assert done.status == 0, done


def test_a_client_that_saw_the_old_head_goes_on(larder, online, work, inside, proxy, up, tmp_path):
    larder("stock", cwd=work.path, ok=True)
    home = {"GOPATH": tmp_path / "kept/gopath", "GOMODCACHE": tmp_path / "kept/modcache"}
    done = inside.download(proxy(), **home)
    assert done.status == 0, done
    up.heal()
    grow(up, 400)
    larder("stock", "example.com/later@v1.0.0", ok=True)
    done = inside.download(proxy(), "example.com/later@v1.0.0", **home)
    assert done.status == 0, done
    assert (tmp_path / "kept/gopath/pkg/sumdb/sumdb.test/db/latest").read_bytes() == up.sumdb.note()


def flip(path, at):
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.chmod(0o644)
    path.write_bytes(data)


def test_what_was_changed_fails(larder, online, work, inside, proxy, tmp_path):
    """Each on its own: go inside says no."""
    larder("stock", cwd=work.path, ok=True)
    store = tmp_path / "store"
    lookup = store / DATABASE / "lookup/example.com/!dep@v1.2.0"
    damages = [
        (store / DATABASE / "tile/8/0/001.p/46", 45 * 32 + 3),
        (lookup, lookup.read_bytes().index(b"h1:") + 4),
        (lookup, lookup.read_bytes().index(b"database tree\n") + 15),  # the size that is signed
        (store / "go/example.com/!dep/@v/v1.2.0.mod", 7),
    ]
    for file, at in damages:
        good = file.read_bytes()
        flip(file, at)
        done = inside.download(proxy())
        assert done.status == 1, f"{file}: {done}"
        file.write_bytes(good)
    done = inside.download(proxy())
    assert done.status == 0, done


def test_private_modules_are_not_asked_for(larder, online, work, up, tmp_path):
    done = larder("stock", cwd=work.path, ok=True, env={"GONOSUMDB": "example.com/Dep"})
    assert not [e.path for e in up.log if "lookup/example.com/!dep" in e.path]
    assert not (tmp_path / "store" / DATABASE / "lookup/example.com/!dep@v1.2.0").exists()
    assert (tmp_path / "store" / DATABASE / "lookup/example.com/old@v1.0.0").exists()
    assert "not in the carried" not in done.err


def test_a_database_that_is_away_is_named(larder, online, work, up):
    up.fault("/sumdb/*", status=503, body=b"closed\n")
    done = larder("stock", cwd=work.path, ok=True)
    assert "2 not in the carried sumdb.test/db, such as example.com/Dep@v1.2.0: " in done.err, done
    up.heal()
    done = larder("stock", cwd=work.path, ok=True)
    assert "2 of the modules are in the carried sumdb.test/db" in done.err, done


def test_another_hash_than_go_sum_says_is_told(larder, online, work, up):
    """go.sum agrees with what came; the database does not."""
    id = up.sumdb.ids["example.com/Dep", "v1.2.0"]
    up.sumdb.records[id] = up.sumdb.records[id].replace(b"v1.2.0 h1:", b"v1.2.0 h1:A")
    up.sumdb._nodes.clear()
    done = larder("stock", cwd=work.path)
    assert done.status == 3, done
    assert "example.com/Dep@v1.2.0: verifying module: checksum mismatch" in done.err


def test_a_fork_stops_with_both_heads(larder, online, work, up, tmp_path):
    larder("stock", cwd=work.path, ok=True)
    head = (tmp_path / "store" / DATABASE / "latest").read_bytes()
    up.sumdb = SumDb(filler=350, salt="other")
    fresh = {"GOPATH": tmp_path / "gopath2", "GOMODCACHE": tmp_path / "modcache2"}
    done = larder("stock", "example.com/later@v1.0.0", env=fresh)
    assert done.status == 3, done
    assert "go.sum database server misbehavior detected!" in done.err
    assert "\ngo.sum database tree\n\t302\n" in done.err.replace("\n\tgo.sum", "\ngo.sum"), done.err
    assert (tmp_path / "store" / DATABASE / "latest").read_bytes() == head


def test_check_proves_without_a_socket(larder, online, work, up, tmp_path):
    larder("stock", cwd=work.path, ok=True)
    before = len(up.log)
    done = larder("check", cwd=work.path, ok=True)
    assert "2 proven with the carried sumdb.test/db, 0 not in it" in done.err
    found = json.loads(larder("--json", "check", cwd=work.path, ok=True).out)[0]
    assert found["database"] == {"name": "sumdb.test/db", "carried": True, "proven": 2, "unproven": [], "unvouched": 0}
    (tmp_path / "store" / DATABASE / "lookup/example.com/old@v1.0.0").unlink()
    done = larder("check", cwd=work.path, ok=True)
    assert "unproven example.com/old@v1.0.0  (needed by " in done.out
    assert len(up.log) == before


@pytest.mark.parametrize("file", ["tile/8/0/001.p/46", "lookup/example.com/!dep@v1.2.0", "latest"])
@pytest.mark.parametrize("how", ["flip", "cut", "remove", "empty"])
def test_check_names_what_cannot_be_proven(larder, online, work, tmp_path, file, how):
    larder("stock", cwd=work.path, ok=True)
    path = tmp_path / "store" / DATABASE / file
    data = path.read_bytes()
    path.unlink()
    if how == "flip":
        path.write_bytes(data[:45] + bytes([data[45] ^ 1]) + data[46:])
    elif how != "remove":
        path.write_bytes(data[: len(data) // 2] if how == "cut" else b"")
    done = larder("check", cwd=work.path)
    if (file, how) == ("lookup/example.com/!dep@v1.2.0", "remove"):
        assert done.status == 0 and "unproven example.com/Dep@v1.2.0" in done.out, done
    elif file == "latest" and how in ("remove", "empty"):
        # The lookups bring their own head, and nothing contradicts them.
        assert done.status == 0, done
    else:
        assert done.status == (1 if how == "remove" else 3) and "`larder " in done.err, done
        assert "example.com/Dep@v1.2.0: no proof in the carried sumdb.test/db: " in done.err
    # What is damaged is set aside, and brought in again.
    verified = larder("cache", "verify")
    if how == "remove" and file.startswith("tile/"):
        assert verified.status == 1 and "a tile that proves it is not there" in verified.err, verified
        assert "`larder stock` or `larder unpack` brings it in again" in verified.err
    else:
        assert verified.status == (0 if how == "remove" or (file, how) == ("latest", "empty") else 3), verified
    done = larder("stock", cwd=work.path, ok=True)
    assert path.read_bytes() == data
    assert larder("cache", "verify", ok=True)


def test_a_damaged_head_is_named_with_what_heals_it(larder, online, work, trip, tmp_path):
    larder("stock", cwd=work.path, ok=True)
    bundle = trip.pack()
    assert trip.unpack(bundle).status == 0
    store = tmp_path / "store"
    for place in (store, trip.store):
        flip(place / DATABASE / "latest", 45)
    for words in (["stock", "example.com/later@v1.0.0"], ["restore"], ["check"],
                  ["pack", "--key", tmp_path / "site.key", "-o", tmp_path / "no.larder"],
                  ["--store", trip.store, "unpack", "--trust", tmp_path / "site.pub", bundle]):
        done = larder(*words, cwd=work.path)
        assert done.status == 3 and "larder cache verify" in done.err, done
    for place in (store, trip.store):
        done = larder("--store", place, "cache", "verify", "--keep")
        assert done.status == 3 and f"{DATABASE}/latest is damaged" in done.err, done
        done = larder("--store", place, "--json", "cache", "verify")
        assert done.status == 3 and "it was put in its place" in done.err, done
        assert json.loads(done.out)["databases"] == [{"name": "sumdb.test/db", "lookups": 2, "tiles": 2, "signed": True}]
        assert (place / "larder/damaged" / DATABASE / "latest").exists()
        assert larder("--store", place, "cache", "verify").status == 0
    larder("stock", "example.com/later@v1.0.0", ok=True)
    assert trip.unpack(trip.pack()).status == 0


@pytest.mark.parametrize("left", ["lookups", "tiles", "another head", "another head, tiles"])
def test_a_lost_head_lets_no_fork_in(larder, online, work, trip, up, tmp_path, left):
    """Whatever is left of what was seen tells: signed heads in lookups, or the tiles alone."""
    larder("stock", cwd=work.path, ok=True)
    assert trip.unpack(trip.pack()).status == 0
    (trip.store / DATABASE / "latest").unlink()
    if "tiles" in left:
        shutil.rmtree(trip.store / DATABASE / "lookup")
    up.sumdb = SumDb(filler=350, salt="other")
    fresh = {name: tmp_path / f"other-{name}" for name in ("GOPATH", "GOMODCACHE", "LARDER_STORE")}
    larder("stock", "example.com/later@v1.0.0", env=fresh, ok=True)
    if "another head" in left:
        shutil.copy(fresh["LARDER_STORE"] / DATABASE / "latest", trip.store / DATABASE / "latest")
    before = tree(trip.store / "go")
    done = trip.unpack(trip.pack(**fresh))
    assert done.status == 3 and "nothing was imported: sumdb.test/db: " in done.err, done
    for size in (302, 351):
        assert f"go.sum database tree\n\t{size}\n" in done.err, done
    after = {k: v for k, v in tree(trip.store / "go").items() if not k.endswith(".lock")}
    assert after == {k: v for k, v in before.items() if not k.endswith(".lock")}


def test_what_was_set_aside_comes_in_with_a_bundle(larder, online, work, inside, trip):
    larder("stock", cwd=work.path, ok=True)
    bundle = trip.pack()
    assert trip.unpack(bundle).status == 0
    before = tree(trip.store / "go")
    for file in ("tile/8/0/001.p/46", "lookup/example.com/!dep@v1.2.0"):
        flip(trip.store / DATABASE / file, 44)
    done = larder("--store", trip.store, "cache", "verify")
    assert done.status == 3 and f"{DATABASE}/tile/8/0/001.p/46: " in done.err, done
    assert trip.unpack(bundle).status == 0
    assert tree(trip.store / "go") == before
    assert inside.download((trip.store / "go").as_uri()).status == 0


@pytest.mark.parametrize("file", ["tile/8/0/001.p/46", "lookup/example.com/!dep@v1.2.0", "latest"])
def test_what_was_changed_is_not_served(larder, online, work, serve, tmp_path, file):
    larder("stock", cwd=work.path, ok=True)
    url, _ = serve()
    path = tmp_path / "store" / DATABASE / file
    good = path.read_bytes()
    for _ in range(2):
        status, body, _ = get(f"{url}/sumdb/sumdb.test/db/{file}")
        assert (status, body) == (200, good)
    flip(path, 45)
    status, body, _ = get(f"{url}/sumdb/sumdb.test/db/{file}")
    assert status == 500 and f"{DATABASE}/{file}: damaged in the store: ".encode() in body, body
    path.write_bytes(good)
    assert get(f"{url}/sumdb/sumdb.test/db/supported")[0] == 200


class Trip:
    """An outside store, bundles, an inside store."""

    def __init__(self, larder, work, tmp_path):
        self.larder, self.work, self.tmp_path, self.count = larder, work, tmp_path, 0
        self.store = tmp_path / "inside-store"
        larder("key", "new", "-o", tmp_path / "site", ok=True)

    def pack(self, words=(), **env):
        self.count += 1
        bundle = self.tmp_path / f"trip{self.count}.larder"
        self.packed = self.larder("pack", "-o", bundle, "--key", self.tmp_path / "site.key", *words, env=env, ok=True)
        return bundle

    def unpack(self, bundle, *words, **env):
        return self.larder("--store", self.store, "unpack", "--trust", self.tmp_path / "site.pub", *words, bundle,
                           env={"GOPROXY": "off", **env})


@pytest.fixture
def trip(larder, work, tmp_path):
    return Trip(larder, work, tmp_path)


def test_a_bundle_carries_the_database(larder, online, work, inside, trip, serve, up):
    larder("stock", cwd=work.path, ok=True)
    bundle = trip.pack()
    assert "sumdb.test/db: 2 records packed under the head of 302" in trip.packed.err
    done = larder("bundle", "verify", bundle, ok=True)
    assert "sumdb.test/db: 2 records proven under the head of 302" in done.err
    done = trip.unpack(bundle)
    assert done.status == 0 and "sumdb.test/db: 2 records unpacked under the head of 302" in done.err, done
    for proxy in ((trip.store / "go").as_uri(), serve(store=trip.store)[0]):
        done = inside.download(proxy)
        assert done.status == 0, done
    done = larder("--store", trip.store, "check", cwd=work.path, ok=True)
    assert "2 proven with the carried sumdb.test/db, 0 not in it" in done.err
    before = tree(trip.store)
    assert trip.unpack(bundle).status == 0
    assert tree(trip.store) == before


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 2, 0]])
def test_bundles_in_any_order(larder, online, work, inside, trip, up, order):
    """The head inside is the newest of those that came in; everything stays provable."""
    larder("stock", cwd=work.path, ok=True)
    bundles = [trip.pack()]
    grow(up, 400)
    larder("stock", "example.com/later@v1.0.0", ok=True)
    bundles.append(trip.pack())
    for i in range(500):
        up.sumdb.add(f"evenmore.test/m{i}", "v1.0.0", "h1:a", "h1:b")
    up.add(OLD.replace("example.com/old", "example.com/latest"))
    larder("stock", "example.com/latest@v1.0.0", ok=True)
    bundles.append(trip.pack())
    for i in order:
        done = trip.unpack(bundles[i])
        assert done.status == 0 and "left out" not in done.err, done
    assert (trip.store / DATABASE / "latest").read_bytes() == up.sumdb.note()
    for words in (["all"], ["example.com/later@v1.0.0"], ["example.com/latest@v1.0.0"]):
        done = inside.download((trip.store / "go").as_uri(), *words)
        assert done.status == 0, done


def test_an_older_bundle_behind_a_newer_one_of_other_modules(larder, online, work, inside, trip, up, make_project):
    """What joins the two heads is in the newer one, though none of its records needs it."""
    larder("stock", cwd=work.path, ok=True)
    older = trip.pack()
    for i in range(700):
        up.sumdb.add(f"more.test/m{i}", "v1.0.0", "h1:a", "h1:b")
    up.add(OLD.replace("example.com/old", "example.com/latest"))
    other = make_project("other")
    other.write("go.mod", "module example.test/other\n\ngo 1.21\n\nrequire example.com/latest v1.0.0\n")
    larder("stock", cwd=other.path, ok=True)
    newer = trip.pack(words=[other.path])
    for bundle in (newer, older):
        done = trip.unpack(bundle)
        assert done.status == 0 and "left out" not in done.err, done
    assert inside.download((trip.store / "go").as_uri(), "all").status == 0


def test_a_bundle_with_a_fork_imports_nothing(larder, online, work, trip, up, tmp_path):
    larder("stock", cwd=work.path, ok=True)
    assert trip.unpack(trip.pack()).status == 0
    before = tree(trip.store)
    up.sumdb = SumDb(filler=350, salt="other")
    fresh = {name: tmp_path / f"other-{name}" for name in ("GOPATH", "GOMODCACHE", "LARDER_STORE")}
    larder("stock", "example.com/later@v1.0.0", env=fresh, ok=True)
    bundle = trip.pack(**fresh)
    for words in ([], ["--dry-run"]):
        done = trip.unpack(bundle, *words)
        assert done.status == 3, done
        assert "go.sum database server misbehavior detected!" in done.err
        for size in (302, 351):
            assert f"go.sum database tree\n\t{size}\n" in done.err
    assert {k: v for k, v in tree(trip.store).items() if "latest.lock" not in k and "tmp" not in k} == \
        {k: v for k, v in before.items() if "latest.lock" not in k and "tmp" not in k}


def test_what_cannot_be_compared_is_left_out(larder, online, work, trip, up, tmp_path):
    """Two that stocked apart from each other: neither saw the other's head."""
    larder("stock", cwd=work.path, ok=True)
    assert trip.unpack(trip.pack()).status == 0
    head = (trip.store / DATABASE / "latest").read_bytes()
    grow(up, 70000)
    fresh = {name: tmp_path / f"other-{name}" for name in ("GOPATH", "GOMODCACHE", "LARDER_STORE")}
    larder("stock", "example.com/later@v1.0.0", env=fresh, ok=True)
    done = trip.unpack(trip.pack(**fresh))
    assert done.status == 0, done
    assert "warning: sumdb.test/db was left out: " in done.err
    assert (trip.store / DATABASE / "latest").read_bytes() == head
    assert (trip.store / "go/example.com/later/@v/v1.0.0.zip").exists()


def test_without_its_key_a_database_is_left_out(larder, online, work, trip):
    larder("stock", cwd=work.path, ok=True)
    done = trip.unpack(trip.pack(), GOSUMDB="off")
    assert done.status == 0 and "sumdb.test/db was left out: its key is not known here" in done.err, done
    assert not (trip.store / "go/sumdb").exists()
    trip.pack(GOSUMDB="off")
    assert "sumdb.test/db was left out: its key is not known here" in trip.packed.err


def test_pack_refuses_what_it_cannot_prove(larder, online, work, trip, tmp_path):
    larder("stock", cwd=work.path, ok=True)
    flip(tmp_path / "store" / DATABASE / "tile/8/0/001.p/46", 3)
    done = larder("pack", "-o", tmp_path / "x.larder", "--key", tmp_path / "site.key")
    assert done.status == 3 and "no proof in the carried sumdb.test/db" in done.err, done
    assert not (tmp_path / "x.larder").exists()


@pytest.mark.parametrize("command", ["mod tidy", "mod download example.com/later@v1.0.0"])
def test_from_store_takes_nothing_that_nobody_vouches_for(larder, online, work, up, command, tmp_path):
    """The store holds it, and carries the database, which has no record of it: as with a database that is asked."""
    larder("stock", cwd=work.path, ok=True)
    larder("stock", "example.com/later@v1.0.0", env={"GOSUMDB": "off"}, ok=True)
    work.write("more.go", 'package main\n\nimport _ "example.com/later"\n')
    words = [*command.split()[:2], "--from-store", "--wants", tmp_path / "wants.txt", *command.split()[2:]]
    before = work.read("go.sum")
    done = larder(*words, cwd=work.path, env={"GOPROXY": "off"})
    assert done.status in (1, 3) and "neither go.sum nor the carried sumdb.test/db has it" in done.err, done
    assert "example.com/later v1.0.0" not in work.read("go.sum").removeprefix(before)
    wanted = (tmp_path / "wants.txt").rename(tmp_path / "wanted.txt")
    assert "example.com/later@v1.0.0" in wanted.read_text()
    larder(*words, cwd=work.path, env={"GOPROXY": "off", "GONOSUMDB": "example.com/later"}, ok=True)
    larder("stock", wanted, ok=True)
    (work.path / "go.sum").write_text(before)
    larder(*words, cwd=work.path, env={"GOPROXY": "off"}, ok=True)


def test_restore_brings_what_go_needs(larder, online, work, inside, tmp_path):
    """GOPROXY=off, no go.sum, the database on: nothing is left to ask for."""
    larder("stock", cwd=work.path, ok=True)
    home = {"GOPATH": tmp_path / "restored/gopath", "GOMODCACHE": tmp_path / "restored/modcache"}
    done = larder("restore", cwd=work.path, env=home, ok=True)
    assert "sumdb.test/db: 2 records restored" in done.err
    done = inside.download("off", **home)
    assert done.status == 0, done
    assert "go remembers" not in larder("restore", cwd=work.path, env=home, ok=True).err  # the head that it was given
    assert "example.com/Dep v1.2.0 h1:" in work.read("go.sum")
    flip(tmp_path / "restored/modcache/cache/download/sumdb/sumdb.test/db/tile/8/0/001.p/46", 45 * 32 + 3)
    (work.path / "go.sum").unlink()
    assert inside.download("off", **home).status == 1


def go_outside(go, work, tmp_path):
    """The home of a go that was outside: it has seen the head of the database as it is now."""
    home = {"GOPATH": tmp_path / "traveller/gopath", "GOMODCACHE": tmp_path / "traveller/modcache"}
    go("mod", "download", "example.com/later@v1.0.0", cwd=work.path, ok=True,
       env={**home, "GOFLAGS": "-modcacherw", "GONOSUMDB": "", "GOPRIVATE": ""})
    return home


def test_restore_tells_of_a_memory_that_leads_nowhere(larder, go, online, work, inside, up, tmp_path):
    carried = (tmp_path / "store/go").as_uri()
    grow(up, 600)
    traveller = go_outside(go, work, tmp_path)
    grow(up, 70000)
    larder("stock", cwd=work.path, ok=True)
    done = larder("restore", cwd=work.path, env=traveller, ok=True)
    latest = traveller["GOPATH"] / "pkg/sumdb/sumdb.test/db/latest"
    assert "go remembers its tree of 903 records" in done.err and f"rm {latest}\n" in done.err, done
    assert "against tree#" in inside.download(carried, **traveller).err
    latest.unlink()
    assert inside.download(carried, **traveller).status == 0
    assert "go remembers" not in larder("restore", cwd=work.path, env=traveller, ok=True).err


def test_restore_stops_at_a_memory_of_another_history(larder, go, online, work, up, tmp_path):
    traveller = go_outside(go, work, tmp_path)
    up.sumdb = SumDb(filler=500, salt="x")
    larder("stock", cwd=work.path, ok=True)
    done = larder("restore", cwd=work.path, env=traveller)
    assert done.status == 3 and "SECURITY ERROR" in done.err, done


def test_a_database_of_our_own(larder, work, inside, proxy, up, tmp_path):
    """Private modules, which no public database knows, are checked inside as well."""
    larder("stock", cwd=work.path, env={"GOPROXY": up.url}, ok=True)
    done = larder("sumdb", "init", "sums.corp.test", "-o", tmp_path / "sums.key", ok=True)
    key = done.out.strip().removeprefix("GOSUMDB=")
    assert key.startswith("sums.corp.test+")
    assert (tmp_path / "sums.key").stat().st_mode & 0o777 == 0o600
    assert larder("sumdb", "init", "sums.corp.test", "-o", tmp_path / "sums.key").status == 1
    done = larder("sumdb", "add", "--key", tmp_path / "sums.key", "--all", ok=True)
    assert done.out == "sums.corp.test: 2 records added, 0 there already, 2 in all\n"
    done = larder("sumdb", "add", "--key", tmp_path / "sums.key", "example.com/old", ok=True)
    assert done.out == "sums.corp.test: 0 records added, 1 there already, 2 in all\n"
    done = inside.download(proxy(), GOSUMDB=key)
    assert done.status == 0, done
    lookup = tmp_path / "store/go/sumdb/sums.corp.test/lookup/example.com/old@v1.0.0"
    lookup.write_bytes(lookup.read_bytes().replace(b"v1.0.0 h1:", b"v1.0.0 h1:A"))
    done = inside.download(proxy(), GOSUMDB=key)
    assert done.status == 1, done


def test_only_what_is_sound_is_vouched_for(larder, work, up, tmp_path):
    larder("stock", cwd=work.path, env={"GOPROXY": up.url}, ok=True)
    larder("sumdb", "init", "sums.corp.test", "-o", tmp_path / "sums.key", ok=True)
    flip(tmp_path / "store/go/example.com/old/@v/v1.0.0.zip", 40)
    done = larder("sumdb", "add", "--key", tmp_path / "sums.key", "--all")
    assert done.status == 3 and "example.com/old@v1.0.0" in done.err, done
    assert not (tmp_path / "store/go/sumdb").exists()
    assert larder("sumdb", "add", "--key", tmp_path / "sums.key", "example.com/none").status == 1
    assert larder("sumdb", "add", "--key", tmp_path / "sums.key").status != 0


class Forged:
    """A store whose Dep has another archive, with the .ziphash of that one."""

    def __init__(self, larder, go, work, tmp_path, up):
        store = tmp_path / "store/go/example.com/!dep/@v"
        up.add(DEP.replace("package dep\n", "package dep // forged\n"))
        home = {name: tmp_path / f"forge-{name}" for name in ("GOPATH", "GOMODCACHE", "LARDER_STORE")}
        larder("stock", "example.com/Dep@v1.2.0", env={**home, "GOSUMDB": "off"}, ok=True)
        for part in ("zip", "ziphash"):
            file = store / f"v1.2.0.{part}"
            file.chmod(0o644)
            file.write_bytes((home["LARDER_STORE"] / f"go/example.com/!dep/@v/v1.2.0.{part}").read_bytes())


@pytest.fixture
def forged(larder, go, online, work, tmp_path, up):
    larder("stock", cwd=work.path, ok=True)
    return Forged(larder, go, work, tmp_path, up)


SECURITY = "example.com/Dep@v1.2.0: verifying module: checksum mismatch"


def refused(done):
    assert done.status == 3 and SECURITY in done.err and "SECURITY ERROR" in done.err, done
    assert "example.com/Dep@v1.2.0: example.com/Dep@v1.2.0" not in done.err
    return True


def test_a_record_decides_over_a_forged_archive(larder, work, forged, tmp_path):
    larder("key", "new", "-o", tmp_path / "site", ok=True)
    assert refused(larder("pack", "-o", tmp_path / "x.larder", "--key", tmp_path / "site.key"))
    assert not (tmp_path / "x.larder").exists()
    home = {"GOPATH": tmp_path / "restored/gopath", "GOMODCACHE": tmp_path / "restored/modcache"}
    assert refused(larder("restore", "--all", env=home))
    assert not (tmp_path / "restored/modcache/example.com/!dep@v1.2.0").exists()
    assert not (tmp_path / "restored/modcache/cache/download/example.com/!dep/@v/v1.2.0.zip").exists()
    assert (tmp_path / "restored/modcache/example.com/old@v1.0.0").exists()
    assert refused(larder("cache", "verify", "--keep"))
    assert refused(larder("cache", "verify"))
    assert (tmp_path / "store/larder/damaged/go/example.com/!dep/@v/v1.2.0.zip").exists()
    larder("cache", "verify", ok=True)


def test_a_forged_archive_is_not_served(forged, serve):
    url, _ = serve()
    status, body, _ = get(f"{url}/example.com/!dep/@v/v1.2.0.zip")
    assert status == 500 and b"checksum mismatch" in body, (status, body[:300])
    assert get(f"{url}/example.com/old/@v/v1.0.0.zip")[0] == 200


def test_the_record_of_another_module(larder, online, work, trip, tmp_path):
    """It is proven, but of what was not asked for."""
    larder("stock", cwd=work.path, ok=True)
    lookups = tmp_path / "store" / DATABASE / "lookup/example.com"
    good = (lookups / "old@v1.0.0").read_bytes()
    (lookups / "old@v1.0.0").write_bytes((lookups / "!dep@v1.2.0").read_bytes())
    home = {"GOPATH": tmp_path / "restored/gopath", "GOMODCACHE": tmp_path / "restored/modcache"}
    for words in (["pack", "-o", tmp_path / "x.larder", "--key", tmp_path / "site.key"], ["restore"], ["check"]):
        done = larder(*words, cwd=work.path, env=home)
        assert done.status == 3 and "larder cache verify" in done.err, done
        assert f"{DATABASE}/lookup/example.com/old@v1.0.0: is the record of another module" in done.err, done
    assert not (tmp_path / "x.larder").exists()
    assert not list((tmp_path / "restored").rglob("lookup"))
    done = larder("cache", "verify")
    assert done.status == 3 and "old@v1.0.0: is the record of another module" in done.err, done
    larder("stock", cwd=work.path, ok=True)
    assert (lookups / "old@v1.0.0").read_bytes() == good


@pytest.mark.parametrize("how", ["large", "folder"])
def test_a_head_that_is_none_is_mended(larder, online, work, tmp_path, how):
    larder("stock", cwd=work.path, ok=True)
    path = tmp_path / "store" / DATABASE / "latest"
    good = path.read_bytes()
    path.unlink()
    if how == "large":
        with open(path, "wb") as file:
            file.truncate(3 << 30)
    else:
        path.mkdir()
        (path / "some").write_bytes(good)
    done = larder("check", cwd=work.path)
    assert done.status == 3 and f"{DATABASE}/latest is damaged" in done.err, done
    done = larder("cache", "verify")
    assert done.status == 3 and "it was put in its place" in done.err, done
    assert path.read_bytes() == good
    larder("cache", "verify", ok=True)
    larder("check", cwd=work.path, ok=True)


def test_check_without_database_and_go_sum(larder, work, up, env):
    """Nothing vouches for what is held: go inside fails."""
    env["GOPROXY"] = up.url
    larder("stock", cwd=work.path, ok=True)
    larder("check", cwd=work.path, ok=True, env={"GOSUMDB": up.sumdb.key})
    (work.path / "go.sum").unlink()
    done = larder("check", cwd=work.path, env={"GOSUMDB": up.sumdb.key})
    assert done.status == 1 and "outside: `larder stock` them with GOSUMDB on" in done.err, done
    assert "complete" not in done.out
    larder("check", cwd=work.path, ok=True)
