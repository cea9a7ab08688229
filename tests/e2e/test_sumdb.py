# SPDX-License-Identifier: Apache-2.0
"""The checksum database: go and larder ask it alike, share what they remember, and stop at the same lies."""
import shutil

import pytest

from conftest import tree
from upstream import SumDb

M = """module example.com/m v1.0.0
-- go.mod --
module example.com/m

go 1.20

require example.com/Dep v1.2.0
-- m.go --
package m
"""
DEP = """module example.com/Dep v1.2.0
-- go.mod --
module example.com/Dep
-- dep.go --
package dep
"""
EVIL = M.replace("package m", "package m // evil")


class Side:
    """One of the two programs, with folders of its own."""

    def __init__(self, name, runner, tmp_path):
        self.name, self.runner, self.home = name, runner, tmp_path / name
        self.work = self.home / "work"
        self.work.mkdir(parents=True)
        self.env = {"GOPATH": self.home / "gopath", "GOMODCACHE": self.home / "modcache"}

    def download(self, *words, **env):
        return self.runner("mod", "download", *words, env={**self.env, **env}, cwd=self.work)

    def state(self):
        """What is remembered of databases."""
        return tree(self.home / "gopath/pkg/sumdb"), tree(self.home / "modcache/cache/download/sumdb")

    def modules(self):
        """Names of the zips that are stored."""
        return [p.name for p in (self.home / "modcache").rglob("*.zip")]

    def write(self, name, text):
        (self.work / name).write_text(text)


@pytest.fixture
def sides(go, larder, tmp_path):
    return [Side("go", go, tmp_path), Side("larder", larder, tmp_path)]


@pytest.fixture
def db(upstream):
    """An upstream with a database of 300 records before the modules'."""
    up = upstream([M, DEP], sumdb=SumDb(filler=300))
    # Records are made at the first lookup: here, so that both programs see the same tree.
    for path, version in up.content.modules:
        up.sumdb.lookup(path, version, up.content)
    return up


def words(text):
    """stderr without the program's name and Larder's hints."""
    lines = [line.removeprefix("go: ").removeprefix("larder: ") for line in text.splitlines()]
    return "\n".join(line for line in lines if not line.startswith("  hint: ")).strip()


def test_both_remember_the_same(db, sides):
    done = [side.download("example.com/m@v1.0.0", GOPROXY=db.url, GOSUMDB=db.sumdb.key) for side in sides]
    assert [d.status for d in done] == [0, 0], done
    assert sides[0].state() == sides[1].state()
    heads, cache = sides[1].state()
    assert heads["sumdb.test/db/latest"] == db.sumdb.note()
    assert "sumdb.test/db/lookup/example.com/m@v1.0.0" in cache
    assert "sumdb.test/db/tile/8/0/001.p/46" in cache


def test_both_write_the_same_go_sum(db, sides):
    for side in sides:
        side.write("go.mod", "module work.test\n\ngo 1.20\n\nrequire example.com/m v1.0.0\n")
        done = side.download("all", GOPROXY=db.url, GOSUMDB=db.sumdb.key)
        assert done.status == 0, done
    ours, theirs = ((side.work / "go.sum").read_text() for side in sides)
    assert ours == theirs
    assert "example.com/Dep v1.2.0/go.mod h1:" in ours
    assert sides[0].state() == sides[1].state()


@pytest.mark.parametrize("first", [0, 1])
def test_one_goes_on_from_the_other(db, sides, first):
    """Without a network: everything that the second needs, the first has remembered."""
    one, other = sides[first], sides[1 - first]
    done = one.download("example.com/m@v1.0.0", GOPROXY=db.url, GOSUMDB=db.sumdb.key)
    assert done.status == 0, done
    shutil.copytree(one.home / "gopath/pkg", other.home / "gopath/pkg")
    shutil.copytree(one.home / "modcache/cache/download/sumdb", other.home / "modcache/cache/download/sumdb")
    db.fault("/sumdb/*", status=500, body=b"no\n")
    done = other.download("example.com/m@v1.0.0", GOPROXY=db.url, GOSUMDB=db.sumdb.key)
    assert done.status == 0, done
    assert sides[0].state() == sides[1].state()
    before = len(db.log)
    assert other.download("example.com/m@v1.0.0", GOPROXY="off", GOSUMDB=db.sumdb.key).status == 0
    assert len(db.log) == before


def test_go_sum_is_asked_first(db, sides):
    for side in sides:
        side.write("go.mod", "module work.test\n\ngo 1.20\n\nrequire example.com/m v1.0.0\n")
        side.write("go.sum", db.go_sum())
        done = side.download(GOPROXY=db.url, GOSUMDB=db.sumdb.key)
        assert done.status == 0, done
    assert not [entry.path for entry in db.log if "sumdb" in entry.path]


@pytest.mark.parametrize("name, value", [("GONOSUMDB", "example.com"), ("GOSUMDB", "off"), ("GOPRIVATE", "example.com/*")])
def test_exemptions(db, sides, name, value):
    for side in sides:
        env = {"GOPROXY": db.url, "GOSUMDB": db.sumdb.key, "GONOPROXY": "none", name: value}
        done = side.download("example.com/m@v1.0.0", **env)
        assert done.status == 0, done
    assert not [entry.path for entry in db.log if "sumdb" in entry.path]


def test_an_explicit_url_goes_past_the_proxy(db, sides):
    for side in sides:
        done = side.download("example.com/m@v1.0.0", GOPROXY=db.url, GOSUMDB=f"{db.sumdb.key} {db.url}/direct-db")
        assert done.status == 0, done
    asked = [entry.path for entry in db.log if "db/" in entry.path]
    assert asked and all(path.startswith("/direct-db/") for path in asked)


# --- lies ---


def forge_hash(up):
    up.content.add(EVIL)  # the database knows the honest one


def forge_no_line(up):
    up.sumdb = SumDb()
    up.sumdb.add("example.com/m", "v1.0.0", "", "")
    up.sumdb.records[-1] = b"example.com/other v1.0.0 h1:zip\n"


def forge_line_in_the_note(up):
    forge_no_line(up)
    up.sumdb.extra = up.content.modules["example.com/m", "v1.0.0"].go_sum()


LIES = {
    "another hash": (forge_hash, "checksum mismatch"),
    "no line": (forge_no_line, "checksum missing from sumdb response"),
    "the line beside the record": (forge_line_in_the_note, "checksum missing from sumdb response"),
    "forged note": (lambda up: up.fault("*/lookup/*", flip=-4), "invalid signature for key sumdb.test/db+"),
    "forged record": (lambda up: up.fault("*/lookup/*", flip=24), "cannot authenticate record data in server response"),
    "wrong tile": (lambda up: up.fault("*/tile/*", flip=100), "downloaded inconsistent tile"),
    "half a tile": (lambda up: up.fault("*/tile/*", body=b"x" * 64), None),
    "half an answer": (lambda up: up.fault("*/lookup/*", cut=20, no_validator=True), None),
    "a login page": (lambda up: up.fault("*/lookup/*", html=True), "malformed record data"),
    "unknown module": (lambda up: up.fault("*/lookup/*", status=404, body=b"not found: never heard of it\n"),
                       "404 Not Found\n\tserver response: not found: never heard of it"),
    "database down": (lambda up: up.fault("*/lookup/*", status=503, body=b"tired\n"), "503 Service Unavailable"),
    "mirror forbidden": (lambda up: up.fault("*/supported", status=403, body=b"go away\n"), "403 Forbidden"),
    "another key": (lambda up: setattr(up, "sumdb", SumDb(seed=b"x" * 32)), "note has no verifiable signatures"),
}


@pytest.mark.parametrize("lie", LIES)
def test_lies_stop_both(db, sides, lie):
    key = db.sumdb.key
    change, text = LIES[lie]
    change(db)
    go, larder = [side.download("example.com/m@v1.0.0", GOPROXY=db.url, GOSUMDB=key) for side in sides]
    assert go.status == larder.status == 1, f"{go}\n{larder}"
    if text:
        assert text in larder.err
        assert words(go.err) == words(larder.err)
    assert sides[1].modules() == []
    remembered = (sides[1].home / "modcache/cache/download/sumdb/sumdb.test/db/lookup").exists()
    assert remembered == (lie == "another hash")  # there the lie is the proxy's


@pytest.mark.parametrize("what", ["lookup", "tile", "supported"])
def test_an_answer_without_end_ends(db, sides, what):
    """go would read on."""
    db.fault(f"*/{what}*", endless=True)
    larder = sides[1]
    done = larder.download("example.com/m@v1.0.0", GOPROXY=db.url, GOSUMDB=db.sumdb.key)
    assert done.status == 1
    assert "too large" in done.err
    assert larder.modules() == []


def test_a_fork_stops_both_with_the_proof(db, sides):
    key = db.sumdb.key
    for side in sides:
        assert side.download("example.com/Dep@v1.2.0", GOPROXY=db.url, GOSUMDB=key).status == 0
    before = sides[1].state()
    db.sumdb = SumDb(filler=700, salt="fork")
    go, larder = [side.download("example.com/m@v1.0.0", GOPROXY=db.url, GOSUMDB=key) for side in sides]
    assert go.status == larder.status == 1
    assert larder.err.startswith("larder: SECURITY ERROR\ngo.sum database server misbehavior detected!\n\nold database:\n")
    assert words(go.err) == words(larder.err)
    assert sides[1].state() == before
    assert sides[1].modules() == ["v1.2.0.zip"]


def test_both_at_once_on_the_same_files(upstream, sides, tmp_path):
    """The database grows with every lookup, so that each answer brings a newer tree for `latest`."""
    modules = [f"module example.com/m{i} v1.0.0\n-- go.mod --\nmodule example.com/m{i}\n" for i in range(40)]
    up = upstream(modules, sumdb=SumDb(filler=250))
    wanted = [f"example.com/m{i}@v1.0.0" for i in range(40)]
    env = {"GOPATH": tmp_path / "gopath", "GOMODCACHE": tmp_path / "modcache", "GOPROXY": up.url,
           "GOSUMDB": up.sumdb.key}
    running = [side.runner.start("mod", "download", *order, env=env, cwd=side.work)
               for side, order in zip(sides, (wanted, wanted[::-1]))]
    for process in running:
        _, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
    assert (tmp_path / "gopath/pkg/sumdb/sumdb.test/db/latest").read_bytes() == up.sumdb.note()
    up.fault("/sumdb/*", status=500, body=b"no\n")
    shutil.rmtree(tmp_path / "modcache/cache/download/example.com")
    for side in sides:
        done = side.runner("mod", "download", *wanted, env=env, cwd=side.work)
        assert done.status == 0, done


def test_damaged_files_are_mended(db, sides):
    larder = sides[1]
    assert larder.download("example.com/m@v1.0.0", GOPROXY=db.url, GOSUMDB=db.sumdb.key).status == 0
    before = larder.state()
    cache = larder.home / "modcache/cache/download/sumdb/sumdb.test/db"
    for file in cache.rglob("*"):
        if file.is_file():
            file.write_bytes(b"\0" * file.stat().st_size)
    done = larder.download("example.com/m@v1.0.0", GOPROXY=db.url, GOSUMDB=db.sumdb.key)
    assert done.status == 0, done
    assert larder.state() == before


def test_a_damaged_latest_stops_both(db, sides):
    for side in sides:
        file = side.home / "gopath/pkg/sumdb/sumdb.test/db/latest"
        file.parent.mkdir(parents=True)
        file.write_text("nonsense\n")
    go, larder = [side.download("example.com/m@v1.0.0", GOPROXY=db.url, GOSUMDB=db.sumdb.key) for side in sides]
    assert go.status == larder.status == 1
    assert "initializing sumdb.Client: reading tree note: malformed note\nnote:\nnonsense" in larder.err
    assert words(go.err) == words(larder.err)


@pytest.mark.parametrize("gosumdb", ["nobody.test", "a b c", "sumdb.test+00000000+AAAA"])
def test_wrong_settings(db, sides, gosumdb):
    go, larder = [side.download("example.com/m@v1.0.0", GOPROXY=db.url, GOSUMDB=gosumdb) for side in sides]
    assert go.status == larder.status == 1
    assert words(go.err) == words(larder.err)


def test_the_name_that_go_knows(db, go, sides):
    """Larder has the key, without the name: whose it is, the key's own hash says."""
    name = go("env", "GOSUMDB", env={"GOSUMDB": None}, ok=True).out.strip()
    assert "+" not in name
    db.sumdb.name = name
    for side in sides:
        done = side.download("example.com/m@v1.0.0", GOPROXY=db.url, GOSUMDB=name)
        assert done.status == 1
        assert "reading tree note: note has no verifiable signatures" in done.err, done


# --- stock ---


def test_stock_with_the_database_on(db, larder, tmp_path):
    done = larder("stock", "example.com/m@v1.0.0", env={"GOPROXY": db.url, "GOSUMDB": db.sumdb.key})
    assert done.status == 0, done
    assert "stocked 2 modules" in done.out
    assert "nothing to compare" not in done.err
    assert sorted(p.name for p in (tmp_path / "store/go").rglob("*.zip")) == ["v1.0.0.zip", "v1.2.0.zip"]


def test_stock_stops_at_another_hash(db, larder, tmp_path):
    db.content.add(EVIL)
    done = larder("stock", "example.com/m@v1.0.0", env={"GOPROXY": db.url, "GOSUMDB": db.sumdb.key})
    assert done.status == 3, done
    assert "example.com/m@v1.0.0: verifying module: checksum mismatch" in done.err
    assert "SECURITY ERROR\nThis download does NOT match the one reported by the checksum server." in done.err
    assert [p.name for p in (tmp_path / "store/go").rglob("*.zip")] == ["v1.2.0.zip"]


def test_stock_offline_opens_no_socket(db, larder):
    done = larder("--offline", "stock", "example.com/m@v1.0.0", env={"GOPROXY": db.url, "GOSUMDB": db.sumdb.key})
    assert done.status == 1, done
    assert not db.log


def test_stock_asks_for_all_and_checks_what_go_sum_lacks(db, larder, project):
    project.write("go.mod", "module work.test\n\ngo 1.16\n\nrequire example.com/m v1.0.0\n")
    project.write("go.sum", db.content.modules["example.com/m", "v1.0.0"].go_sum())
    env = {"GOPROXY": db.url, "GOSUMDB": db.sumdb.key}
    done = larder("stock", project.path, env=env)
    assert done.status == 0, done
    asked = sorted(e.path for e in db.log if "/lookup/" in e.path)
    lookups = "/sumdb/sumdb.test/db/lookup/example.com/"
    assert asked == [lookups + "!dep@v1.2.0", lookups + "m@v1.0.0"], "what go.sum has is asked for as well, to be carried"
    db.content.add(DEP + "// evil")
    db.content.modules["example.com/Dep", "v1.2.0"].mod += b"// evil\n"
    done = larder("--store", project.path / "store", "stock", project.path, env=env)
    assert done.status == 3
    assert "example.com/Dep@v1.2.0: verifying go.mod: checksum mismatch" in done.err
