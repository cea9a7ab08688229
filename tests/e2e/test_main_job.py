# SPDX-License-Identifier: Apache-2.0
"""The main job on examples/hello-web: stock outside, carry, unpack inside, build with no network; and what is missing."""
import json
import os

import pytest
from conftest import Runner, tree

UUID_ZIP = "go/github.com/google/uuid/@v/v1.6.0.zip"


def contents(modcache):
    """Without the lock files, which the go command makes when it reads."""
    return {name: data for name, data in tree(modcache).items() if not name.endswith("lock")}


@pytest.fixture
def stocked(larder, hello_web, tmp_path):
    """A store with all that hello-web needs."""
    store = tmp_path / "outside"
    larder("--store", store, "stock", hello_web, env={"GOPROXY": hello_web.proxy}, ok=True)
    return store


@pytest.fixture
def carried(larder, stocked, hello_web, tmp_path):
    """A second store, filled from a signed bundle of the first."""
    key, bundle, inside = tmp_path / "site", tmp_path / "out.larder", tmp_path / "inside"
    larder("key", "new", "-o", key, ok=True)
    larder("--store", stocked, "pack", "--key", f"{key}.key", "-o", bundle, hello_web, ok=True)
    larder("--store", inside, "unpack", "--trust", f"{key}.pub", bundle, ok=True)
    return inside


def test_check_is_content_with_what_stock_brought(larder, stocked, hello_web):
    larder("--store", stocked, "check", hello_web, ok=True)


def test_stocking_again_changes_nothing(larder, stocked, hello_web):
    before = tree(stocked / "go")
    larder("--store", stocked, "stock", hello_web, env={"GOPROXY": "off"}, ok=True)
    assert tree(stocked / "go") == before


def test_go_builds_from_the_store_as_a_file_proxy(go, stocked, hello_web):
    go("test", "./...", cwd=hello_web, env={"GOPROXY": f"file://{stocked}/go", "GOFLAGS": "-modcacherw"}, ok=True)


@pytest.fixture
def lonely_go(go):
    """go in a network of its own, where nobody is."""
    class Lonely(Runner):
        def __call__(self, *words, **options):
            return super().__call__("--user", "--map-root-user", "--net", go.program, *words, **options)
    return Lonely("unshare", {**go.env, "GOFLAGS": "-modcacherw"}, go.cwd)


def test_go_tidies_and_vendors_from_the_store(lonely_go, stocked, hello_web):
    lonely_go.env["GOPROXY"] = f"file://{stocked}/go"
    before = tree(hello_web)
    lonely_go("mod", "tidy", cwd=hello_web, ok=True)
    assert tree(hello_web) == before
    lonely_go("mod", "vendor", cwd=hello_web, ok=True)
    assert "github.com/google/uuid/uuid.go" in tree(hello_web.path / "vendor")
    lonely_go("vet", "-mod=vendor", "./...", cwd=hello_web, ok=True)


TOOL = """module example.test/tool v1.0.0
-- go.mod --
module example.test/tool

go 1.24

require example.test/lib v1.0.0
-- cmd/greet/main.go --
package main

import "example.test/lib"

func main() { println(lib.Word) }
"""
LIB = """module example.test/lib v1.0.0
-- go.mod --
module example.test/lib

go 1.24
-- lib.go --
package lib

const Word = "hello"
"""
OLD, FORK = (f"""module example.test/{path} {version}
-- go.mod --
module example.test/old

go 1.24
-- old.go --
package old

const Name = "{path}"
""" for path, version in (("old", "v1.0.0"), ("fork", "v1.2.0")))
WITH_TOOL_AND_REPLACE = """-- go.mod --
module example.test/main

go 1.24

tool example.test/tool/cmd/greet

require example.test/old v1.0.0

require example.test/tool v1.0.0

replace example.test/old => example.test/fork v1.2.0
-- main.go --
package main

import "example.test/old"

func main() { println(old.Name) }
"""


def test_a_tool_and_a_replacement_come_along(larder, go, lonely_go, upstream, project, tmp_path):
    up = upstream([TOOL, LIB, OLD, FORK])
    project.write_txtar(WITH_TOOL_AND_REPLACE)
    go("mod", "tidy", cwd=project, env={"GOPROXY": up.url, "GOMODCACHE": tmp_path / "online"}, ok=True)
    before = tree(project)
    store = tmp_path / "outside"
    larder("--store", store, "stock", project, env={"GOPROXY": up.url}, ok=True)
    assert {p.parent.parent.name for p in store.rglob("go/**/*.zip")} == {"tool", "lib", "fork"}
    lonely_go.env["GOPROXY"] = f"file://{store}/go"
    assert lonely_go("run", ".", cwd=project, ok=True).err.endswith("fork\n")
    assert lonely_go("tool", "greet", cwd=project, ok=True).err.endswith("hello\n")
    lonely_go("mod", "tidy", cwd=project, ok=True)
    assert tree(project) == before
    lonely_go("mod", "vendor", cwd=project, ok=True)
    assert "fork" in project.read("vendor/example.test/old/old.go")
    assert (project.path / "vendor/example.test/tool/cmd/greet/main.go").is_file()


def test_go_builds_from_the_server_of_the_carried_store(go, serve, carried, hello_web):
    url, _ = serve(store=carried)
    go("test", "./...", cwd=hello_web, env={"GOPROXY": url, "GOFLAGS": "-modcacherw"}, ok=True)


def test_go_needs_nothing_after_restore(larder, go, carried, hello_web, env):
    larder("--store", carried, "restore", hello_web, ok=True)
    before = contents(env["GOMODCACHE"])
    go("mod", "verify", cwd=hello_web, ok=True)
    done = go("test", "-x", "./...", cwd=hello_web, ok=True)
    assert "# get " not in done.err
    assert contents(env["GOMODCACHE"]) == before


def test_prove_says_offline_compatible(larder, carried, hello_web):
    done = larder("--store", carried, "prove", hello_web, "--", "go", "build", "./...", ok=True)
    assert "offline compatible" in done.out


def test_one_archive_less_is_named_by_check_and_prove(larder, carried, hello_web):
    os.remove(carried / UUID_ZIP)
    checked = larder("--store", carried, "check", hello_web)
    assert checked.status == 1
    assert "github.com/google/uuid" in checked.out + checked.err
    proved = larder("--store", carried, "prove", hello_web, "--", "go", "build", "./...")
    assert proved.status == 1
    assert [line for line in proved.out.splitlines() if line.startswith("missing")] == \
        ["missing github.com/google/uuid@v1.6.0"]


def test_check_says_who_needs_what_is_missing(larder, stocked, hello_web):
    """An archive that go.mod asks for, and the go.mod of one that only a dependency asks for."""
    os.remove(stocked / UUID_ZIP)
    os.remove(next((stocked / "go/gopkg.in/check.v1").rglob("*.mod")))
    done = larder("--store", stocked, "check", hello_web)
    assert done.status == 1
    assert [line for line in done.out.splitlines() if line.startswith("missing ")] == [
        "missing github.com/google/uuid@v1.6.0  (needed by example.com/hello-web)",
        "missing gopkg.in/check.v1@v0.0.0-20161208181325-20d25e280405  (needed by gopkg.in/yaml.v3@v3.0.1)",
    ]
    missing = json.loads(larder("--store", stocked, "--json", "check", hello_web).out)[0]["missing"]
    assert [one["neededBy"] for one in missing] == ["example.com/hello-web", "gopkg.in/yaml.v3@v3.0.1"]


def test_check_writes_what_stock_brings(larder, stocked, hello_web, tmp_path):
    os.remove(stocked / UUID_ZIP)
    wants = tmp_path / "wants.txt"
    done = larder("--store", stocked, "check", "--wants", wants, hello_web)
    assert done.status == 1 and "larder stock" in done.err
    assert wants.read_text() == "github.com/google/uuid@v1.6.0\n"
    larder("--store", stocked, "stock", wants, env={"GOPROXY": hello_web.proxy, "GOSUMDB": "off"}, ok=True)
    assert larder("--store", stocked, "check", "--wants", wants, hello_web, ok=True).out.count("offline compatible") == 1
    assert wants.read_text() == ""


def test_one_flipped_bit_is_not_restored(larder, carried, hello_web, env):
    damaged = carried / UUID_ZIP
    data = bytearray(damaged.read_bytes())
    data[len(data) // 2] ^= 1
    damaged.chmod(0o644)
    damaged.write_bytes(data)
    done = larder("--store", carried, "restore", hello_web)
    assert done.status == 3, str(done)
    assert "github.com/google/uuid@v1.6.0" in done.err
    assert not any("uuid@v1.6.0" in name or name.endswith("uuid/@v/v1.6.0.zip") for name in tree(env["GOMODCACHE"]))


def test_a_changed_go_mod_is_found(larder, carried):
    mod = next(carried.rglob("uuid/@v/*.mod"))
    whole = mod.read_bytes()
    mod.chmod(0o644)
    mod.write_bytes(whole.replace(b"github.com", b"github.cnm"))
    done = larder("--store", carried, "cache", "verify", "--keep")
    assert done.status == 3
    assert ".mod is not the go.mod of the zip" in done.err
    mod.write_bytes(whole)
    larder("--store", carried, "cache", "verify", ok=True)


def test_two_keys_need_two_flags(larder, carried, tmp_path):
    """A word after a key is not a key."""
    done = larder("--store", carried, "unpack", "--trust", "a.pub", "b.pub", "c.larder")
    assert done.status == 2


def test_a_bundle_signed_by_another_key_is_refused(larder, stocked, hello_web, tmp_path):
    for name in ("mine", "theirs"):
        larder("key", "new", "-o", tmp_path / name, ok=True)
    bundle, inside = tmp_path / "out.larder", tmp_path / "inside"
    larder("--store", stocked, "pack", "--key", tmp_path / "theirs.key", "-o", bundle, hello_web, ok=True)
    done = larder("--store", inside, "unpack", "--trust", tmp_path / "mine.pub", bundle)
    assert done.status == 3, str(done)
    assert not (inside / "go").exists() or not list((inside / "go").rglob("*.zip"))


def test_unpack_takes_several_bundles(larder, stocked, hello_web, tmp_path):
    """Each for itself: one that is damaged keeps the others out of nothing."""
    key, inside = tmp_path / "site", tmp_path / "inside"
    larder("key", "new", "-o", key, ok=True)
    first, damaged, last = (tmp_path / f"{name}.larder" for name in ("first", "damaged", "last"))
    for bundle in (first, damaged, last):
        larder("--store", stocked, "pack", "--key", f"{key}.key", "-o", bundle, hello_web, ok=True)
    data = bytearray(damaged.read_bytes())
    data[len(data) // 2] ^= 1
    damaged.write_bytes(data)
    done = larder("--store", inside, "--json", "unpack", "--trust", f"{key}.pub", damaged, first, last)
    assert done.status == 3
    assert "damaged.larder" in done.err
    reports = [json.loads(line) for line in done.out.splitlines()]
    assert [report["imported"] > 0 for report in reports] == [True, False]
    larder("--store", inside, "check", hello_web, ok=True)


@pytest.mark.parametrize("lost", ["github.com/google/uuid v1.6.0", "github.com/google/uuid v1.6.0 "])
def test_a_go_sum_that_lacks_lines_is_named(larder, go, stocked, hello_web, lost):
    """The store can be complete for a project that go will not build. lost: both lines, or that of the content."""
    lines = hello_web.read("go.sum").splitlines(keepends=True)
    hello_web.write("go.sum", "".join(line for line in lines if not line.startswith(lost)))
    env = {"GOPROXY": f"file://{stocked}/go", "GOFLAGS": ""}
    assert "missing go.sum entry" in go("build", "./...", cwd=hello_web, env=env).err
    done = larder("--store", stocked, "check", hello_web, ok=True)
    assert "go.sum lacks lines for 1 module, such as github.com/google/uuid@v1.6.0" in done.err
    assert "offline compatible" not in done.out
    report = json.loads(larder("--store", stocked, "--json", "check", hello_web).out)
    assert report[0]["unsummed"] == ["github.com/google/uuid@v1.6.0"]
    hello_web.write("go.sum", "".join(lines))
    assert "go.sum lacks" not in larder("--store", stocked, "check", hello_web, ok=True).err
