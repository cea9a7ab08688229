# SPDX-License-Identifier: Apache-2.0
"""[policy] of larder.toml: what `stock` may bring in, who is told, and that nothing refused gets into the store."""
import datetime
import json
import pathlib

import pytest


def module(path, version, require="", info=None, mod=""):
    time = f'-- .info --\n{{"Version":"{version}"{info}}}\n' if info is not None else ""
    requires = "".join(f"require {one}\n" for one in require.split(",") if one)
    return f"module {path} {version}\n{time}-- go.mod --\n{mod}module {path}\n\ngo 1.20\n{requires}-- m.go --\npackage m\n"


def ago(**delta):
    then = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(**delta)
    return f',"Time":"{then.strftime("%Y-%m-%dT%H:%M:%SZ")}"'


A = module("example.test/a", "v1.0.0", "example.test/deep/b v1.0.0,other.test/c v1.0.0")
B = module("example.test/deep/b", "v1.0.0")
C = module("other.test/c", "v1.0.0")


@pytest.fixture
def stock(larder, env):
    """stock(up, policy, *words) with the [policy] as the user's own; returns (Done, decisions by module)."""
    own = pathlib.Path(env["HOME"]) / ".config/larder/larder.toml"
    own.parent.mkdir(parents=True)

    def run(up, policy, *words):
        own.write_text("[policy]\n" + policy)
        done = larder("--json", "stock", *words, env={"GOPROXY": up.url})
        found = json.loads(done.out)
        return done, {d["module"]: d for d in found["policy"]["decisions"]}, found
    return run


def held(env):
    store = pathlib.Path(env["LARDER_STORE"]) / "go"
    return sorted(str(path.relative_to(store)) for path in store.rglob("*") if path.suffix in (".mod", ".zip", ".info"))


def stored(env):
    """All of the store, but what makes it one."""
    store = pathlib.Path(env["LARDER_STORE"])
    return sorted(str(path.relative_to(store)) for path in store.rglob("*") if path.is_file() and path != store / "larder/format")


def versions(env):
    return sorted({name.rsplit(".", 1)[0].replace("/@v/", "@") for name in held(env)})


NAMES = {
    "deny": ('deny = ["other.test"]', {"other.test/c@v1.0.0": 'policy.deny "other.test"'}),
    "deny a version": ('deny = ["x.test", "other.test/c@v1.0.*"]', {"other.test/c@v1.0.0": 'policy.deny "other.test/c@v1.0.*"'}),
    "deny another version": ('deny = ["other.test/c@v1.1.*"]', {}),
    "allow": ('allow = ["example.test"]', {"other.test/c@v1.0.0": "policy.allow"}),
    "allow, but not that": ('allow = ["*.test"]\ndeny = ["example.test/deep"]',
                            {"example.test/deep/b@v1.0.0": 'policy.deny "example.test/deep"'}),
    "allow all": ('allow = ["*.test"]', {}),
}


@pytest.mark.parametrize("case", NAMES)
@pytest.mark.parametrize("dry", [False, True])
def test_names(stock, upstream, env, case, dry):
    policy, want = NAMES[case]
    up = upstream([A, B, C])
    done, decisions, found = stock(up, policy, "example.test/a@v1.0.0", *(["--dry-run"] if dry else []))
    assert {name: d["rule"] for name, d in decisions.items()} == want
    assert done.status == (1 if want else 0), str(done)
    for name, decision in decisions.items():
        assert decision["verdict"] == "refused" and decision["neededBy"] == "example.test/a@v1.0.0"
        assert f"{name}: refused by {decision['rule']}" in done.err and "(needed by example.test/a@v1.0.0)" in done.err
        assert not up.count(f"/{name.split('@')[0]}/*")  # nobody was asked about it
    everything = {"example.test/a@v1.0.0", "example.test/deep/b@v1.0.0", "other.test/c@v1.0.0"}
    assert set(versions(env)) == (set() if dry else everything - set(want))
    if dry:
        assert {w["module"] for w in found["planned"]} == everything - set(want)


@pytest.mark.parametrize("go_line", ["1.16", "1.20"])
def test_a_project_that_requires_it_itself(stock, upstream, env, project, go_line):
    """Whether the graph is pruned or not: everything else comes in."""
    project.write("go.mod", f"module work.test\n\ngo {go_line}\n\nrequire example.test/a v1.0.0\nrequire other.test/c v1.0.0\n")
    up = upstream([A, B, C])
    done, decisions, found = stock(up, 'deny = ["other.test"]', project)
    assert done.status == 1 and len(found["failures"]) == 1, str(done)
    assert decisions["other.test/c@v1.0.0"]["verdict"] == "refused"
    assert versions(env) == ["example.test/a@v1.0.0", "example.test/deep/b@v1.0.0"], str(done)
    assert not up.count("/other.test/*")


def test_the_one_that_was_asked_for(stock, upstream, env):
    up = upstream([C])
    done, decisions, _ = stock(up, 'deny = ["other.test"]', "other.test/c@latest")
    assert done.status == 1 and list(decisions) == ["other.test/c@latest"]
    assert decisions["other.test/c@latest"]["neededBy"] == "the command line"
    assert up.log == [] and held(env) == []


@pytest.mark.parametrize("there", ["nothing", "a folder"])
def test_a_dry_run_makes_no_store(larder, upstream, env, there):
    store = pathlib.Path(env["LARDER_STORE"])
    if there == "a folder":
        store.mkdir()
    up = upstream([A, B, C])
    done = larder("stock", "--dry-run", "example.test/a@v1.0.0", env={"GOPROXY": up.url}, ok=True)
    assert "3 to fetch; nothing was changed" in done.err
    assert list(store.rglob("*")) == [] and store.exists() == (there == "a folder")
    store.exists() or store.write_text("")
    if there == "nothing":
        done = larder("stock", "--dry-run", "example.test/a@v1.0.0", env={"GOPROXY": up.url})
        assert done.status == 1 and str(store) in done.err, str(done)


@pytest.mark.parametrize("what", ["example.test/a@v1.0.0", "example.test/a@latest", "project"])
def test_an_empty_list_lets_nothing_in(stock, upstream, env, project, what):
    project.write("go.mod", "module work.test\n\ngo 1.20\n\nrequire example.test/a v1.0.0\n")
    up = upstream([A, B, C])
    done, decisions, found = stock(up, "allow = []", project if what == "project" else what)
    assert done.status == 1 and {d["rule"] for d in decisions.values()} == {"policy.allow"}, str(done)
    assert up.log == [] and stored(env) == []


def test_what_is_refused_late_leaves_its_requirements_in(stock, upstream, env, project):
    """Its own go.mod made the graph, and is not kept; nobody's is fetched twice."""
    project.write("go.mod", "module work.test\n\ngo 1.16\n\nrequire example.test/a v1.0.0\n")
    up = upstream([module("example.test/a", "v1.0.0", "example.test/deep/b v1.0.0", info=ago(hours=1)),
                   module("example.test/deep/b", "v1.0.0", info=ago(days=30))])
    project.write("go.sum", up.go_sum())
    done, decisions, found = stock(up, 'minimum_age = "7d"', project)
    assert done.status == 1 and list(decisions) == ["example.test/a@v1.0.0"], str(done)
    assert versions(env) == ["example.test/deep/b@v1.0.0"], str(done)
    assert not [name for name in stored(env) if "example.test/a" in name]
    assert up.count("*/a/@v/*.mod") == 1 and up.count("*/b/@v/*.mod") == 1
    assert (found["fetched"], found["requirements"]) == (1, 0)


AGES = {
    "old enough": (ago(days=8), None),
    "young": (ago(hours=30), "30h old"),
    "from the future": (ago(hours=-3), "published in the future"),
    "no time": ("", "upstream says no time"),
    "no year": (',"Time":"0001-01-01T00:00:00Z"', "upstream says no time"),
}


@pytest.mark.parametrize("case", AGES)
@pytest.mark.parametrize("dry", [False, True])
def test_ages(stock, upstream, env, case, dry):
    info, reason = AGES[case]
    up = upstream([module("example.test/a", "v1.0.0", info=info)])
    done, decisions, _ = stock(up, 'minimum_age = "7d"', "example.test/a@v1.0.0", *(["--dry-run"] if dry else []))
    assert done.status == (1 if reason else 0), str(done)
    assert [d["reason"].startswith(reason) for d in decisions.values()] == ([True] if reason else [])
    if reason:
        assert "refused by policy.minimum_age 1w" in done.err
    assert held(env) == ([] if reason or dry else [f"example.test/a/@v/v1.0.0.{part}" for part in ("info", "mod", "zip")])
    if reason:
        assert stored(env) == []


def test_an_age_that_is_reached_later(stock, upstream, env):
    """What was refused comes in when it is old enough; nothing has to be taken back."""
    up = upstream([module("example.test/a", "v1.0.0", info=ago(hours=30))])
    assert stock(up, 'minimum_age = "2d"', "example.test/a@v1.0.0")[0].status == 1
    assert stock(up, 'minimum_age = "1d"', "example.test/a@v1.0.0")[0].status == 0
    assert "example.test/a/@v/v1.0.0.zip" in held(env)


OLD = module("example.test/a", "v1.0.0")
NEW = """module example.test/a v1.1.0
-- go.mod --
// Deprecated: use example.test/b
// and nothing else
module example.test/a

go 1.20

// loses files
retract v1.0.0
-- m.go --
package m
"""
AUTHOR = {
    "ignore": ('retracted = "ignore"\ndeny = ["x.test"]', {}, 0),
    "report retracted": ('retracted = "report"', {"policy.retracted": ("reported", "retracted by its author: loses files")}, 0),
    "refuse retracted": ('retracted = "refuse"', {"policy.retracted": ("refused", "retracted by its author: loses files")}, 1),
    "report deprecated": ('deprecated = "report"',
                          {"policy.deprecated": ("reported", "deprecated by its author: use example.test/b")}, 0),
    "refuse deprecated": ('deprecated = "refuse"',
                          {"policy.deprecated": ("refused", "deprecated by its author: use example.test/b")}, 1),
}


@pytest.mark.parametrize("case", AUTHOR)
def test_what_the_author_says(stock, upstream, env, case):
    policy, want, status = AUTHOR[case]
    up = upstream([OLD, NEW])
    done, decisions, _ = stock(up, policy, "example.test/a@v1.0.0")
    assert {d["rule"]: (d["verdict"], d["reason"]) for d in decisions.values()} == want
    assert done.status == status, str(done)
    assert ("example.test/a/@v/v1.0.0.zip" in held(env)) == (status == 0)
    assert "example.test/a@v1.1.0" not in versions(env)  # its go.mod was looked at, no more


def test_a_version_that_nobody_retracted(stock, upstream):
    up = upstream([OLD, NEW])
    done, decisions, _ = stock(up, 'retracted = "refuse"', "example.test/a@v1.1.0")
    assert done.status == 0 and decisions == {}


@pytest.mark.parametrize("treatment, status", [("report", 0), ("refuse", 1)])
def test_an_author_who_cannot_be_asked(stock, upstream, env, treatment, status):
    up = upstream([OLD, NEW])
    up.fault("*/@v/list", status=403, body=b"no lists here\n")
    done, decisions, _ = stock(up, f'retracted = "{treatment}"', "example.test/a@v1.0.0")
    assert done.status == status and "403 Forbidden" in done.err + str(decisions), str(done)
    assert ("example.test/a/@v/v1.0.0.zip" in held(env)) == (status == 0)


def test_the_summary_for_people(larder, upstream, env):
    own = pathlib.Path(env["HOME"]) / ".config/larder/larder.toml"
    own.parent.mkdir(parents=True)
    own.write_text('[policy]\nretracted = "report"\ndeny = ["other.test"]\n')
    up = upstream([module("example.test/top", "v1.0.0", "example.test/a v1.0.0,other.test/c v1.0.0"), OLD, NEW, C])
    done = larder("stock", "example.test/top@v1.0.0", env={"GOPROXY": up.url})
    assert done.status == 1
    assert "example.test/a@v1.0.0: retracted by its author: loses files (needed by example.test/top@v1.0.0)" in done.err
    assert f"policy of {own}: 3 judged, 1 refused, 1 reported" in done.err


@pytest.mark.parametrize("text, said", [
    ('deny = ["[a"]', "policy.deny must be a list of patterns as in GOPRIVATE"),
    ('allow = "x"', "policy.allow must be a list of patterns as in GOPRIVATE"),
    ('minimum_age = "soon"', 'policy.minimum_age must be an age such as "36h", "7d" or "2w"'),
    ("minimum_age = 7", "policy.minimum_age must be an age"),
    ('retracted = "yes"', 'policy.retracted must be "ignore", "report" or "refuse"'),
    ("denied = []", 'unknown key "policy.denied" (did you mean "policy.deny"?)'),
])
def test_what_makes_no_sense(larder, tmp_path, text, said):
    file = tmp_path / "own.toml"
    file.write_text("[policy]\n" + text + "\n")
    done = larder("--config", file, "env")
    assert done.status == 1 and said in done.err, str(done)
