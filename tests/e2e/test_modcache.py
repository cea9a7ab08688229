# SPDX-License-Identifier: Apache-2.0
"""`larder` and `go` on one module cache: the same bytes and modes, in parallel, after crashes, beside leftovers."""
import concurrent.futures
import fcntl
import hashlib
import os
import pathlib
import random
import re
import shutil
import stat
import subprocess
import time

import pytest
from conftest import Runner, make_writable, remove_tree, wait_until
from upstream import escape

SEED = 20240506  # of everything random here


def module_text(path, version, files, size=200):
    """A module with a go.mod and that many files in folders; the content depends on the name only."""
    rng = random.Random(f"{SEED} {path} {version}")
    lines = [f"module {path} {version}"]
    if "+incompatible" not in version:
        lines += ["-- go.mod --", f"module {path}"]
    for i in range(files):
        folder = f"p{i % 7}/q{i % 3}" if i % 4 else "."
        words = " ".join(hashlib.sha256(rng.randbytes(8)).hexdigest() for _ in range(size // 64 + 1))
        lines += [f"-- {folder}/f{i}.go --".replace("./", ""), f"package p // {words}"]
    return "\n".join(lines) + "\n"


MODULES = [
    module_text("example.com/a", "v1.0.0", 40),
    module_text("example.com/a", "v1.1.0", 40),
    module_text("example.com/a", "v1.10.0-rc.1", 5),
    module_text("example.com/a", "v1.10.0-RC2", 5),  # never in list
    module_text("example.com/Upper/Case", "v0.1.0", 3),
    module_text("example.com/deep/er/still", "v0.0.0-20240506070809-abcdef012345", 30),
    module_text("example.com/old", "v2.3.4+incompatible", 10),
    module_text("example.com/v/v3", "v3.0.1", 25),
    module_text("example.com/empty", "v1.0.0", 0),
    module_text("example.com/big", "v1.0.0", 300, size=20_000),
    module_text("example.com/wide", "v1.0.0", 900),
]
NAMES = [re.match(r"module (\S+) (\S+)", text).groups() for text in MODULES]
ARGS = [f"{path}@{version}" for path, version in NAMES]


def snapshot(root):
    """{relative name: (kind, mode, content)}. Without what a killed process may leave and nobody sweeps."""
    found = {}
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            path = pathlib.Path(folder, name)
            info = path.lstat()
            relative = str(path.relative_to(root))
            if re.search(r"\.(info|mod)\d+\.tmp$", relative):
                continue
            content = path.read_bytes() if stat.S_ISREG(info.st_mode) else b""
            found[relative] = (stat.S_IFMT(info.st_mode), stat.S_IMODE(info.st_mode), hashlib.sha256(content).digest())
    return found


def differences(have, want):
    names = sorted(have.keys() | want.keys())
    return [name for name in names if have.get(name) != want.get(name)]


def contents(found):
    """A snapshot without modes."""
    return {name: (kind, digest) for name, (kind, _, digest) in found.items()}


def without_lists(found):
    return {name: what for name, what in found.items() if not name.endswith("/@v/list")}


def without_locks(found):
    return {name: what for name, what in found.items() if not name.endswith(".lock")}


def version_files(root, path, version):
    return pathlib.Path(root) / "cache/download" / escape(path) / "@v" / escape(version)


def with_suffix(stem, suffix):
    return stem.with_name(stem.name + suffix)


def tree_dir(root, path, version):
    return pathlib.Path(root) / f"{escape(path)}@{escape(version)}"


@pytest.fixture
def proxy(upstream, tmp_path, env):
    """All MODULES as a file:// GOPROXY."""
    up = upstream(MODULES)
    up.write_to(tmp_path / "proxy")
    env["GOPROXY"] = (tmp_path / "proxy").as_uri()
    return up


@pytest.fixture
def reference(go, proxy, tmp_path):
    """What go makes of MODULES."""
    go("mod", "download", *ARGS, env={"GOMODCACHE": tmp_path / "reference"}, ok=True)
    return snapshot(tmp_path / "reference")


@pytest.fixture
def cache(env):
    return pathlib.Path(env["GOMODCACHE"])


@pytest.mark.parametrize("goflags", ["", "-modcacherw"])
def test_same_bytes_and_modes_as_go(larder, go, proxy, tmp_path, goflags):
    for name, run in (("go-made", go), ("larder-made", larder)):
        run("mod", "download", *ARGS, env={"GOMODCACHE": tmp_path / name, "GOFLAGS": goflags}, ok=True)
    want = snapshot(tmp_path / "go-made")
    assert len(want) > 1000
    assert differences(snapshot(tmp_path / "larder-made"), want) == []


def test_modcacherw_flag(larder, proxy, cache):
    larder("mod", "download", "-modcacherw", ARGS[0], ok=True)
    assert os.stat(tree_dir(cache, *NAMES[0])).st_mode & 0o200


def test_other_umask(larder, go, proxy, tmp_path):
    def made_by(run, name):
        old = os.umask(0o027)
        try:
            run("mod", "download", *ARGS[:3], env={"GOMODCACHE": tmp_path / name}, ok=True)
        finally:
            os.umask(old)
        return snapshot(tmp_path / name)
    assert differences(made_by(larder, "larder-made"), made_by(go, "go-made")) == []


def test_go_takes_what_larder_made(larder, go, proxy, cache):
    larder("mod", "download", *ARGS, ok=True)
    before = snapshot(cache)
    go("mod", "download", *ARGS, env={"GOPROXY": "off"}, ok=True)
    assert differences(snapshot(cache), before) == []


def test_larder_takes_what_go_made(larder, go, proxy, cache):
    go("mod", "download", *ARGS, ok=True)
    before = snapshot(cache)
    larder("mod", "download", *ARGS, env={"GOPROXY": "off"}, ok=True)
    assert differences(snapshot(cache), before) == []


def test_side_by_side(larder, go, reference, cache):
    rng = random.Random(SEED)
    for _ in range(8):
        remove_tree(cache)
        processes = []
        for run in (go, larder, go, larder):
            args = ARGS[:]
            rng.shuffle(args)
            processes.append(run.start("mod", "download", *args))
        for process in processes:
            out, err = process.communicate(timeout=120)
            assert process.returncode == 0, err
        assert differences(snapshot(cache), reference) == []


def test_waits_for_the_holder_of_a_version_lock(larder, proxy, cache, running):
    """Only that version waits: others come and go meanwhile."""
    stem = version_files(cache, *NAMES[0])
    stem.parent.mkdir(parents=True)
    with open(with_suffix(stem, ".lock"), "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        process = running(larder.start("mod", "download", ARGS[0]))
        wait_until(lambda: process.poll() is not None or with_suffix(stem, ".mod").exists())
        larder("mod", "download", *ARGS[1:], ok=True)
        assert process.poll() is None
        assert not with_suffix(stem, ".ziphash").exists()
        assert not tree_dir(cache, *NAMES[0]).exists()
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert tree_dir(cache, *NAMES[0]).is_dir()


def leave_unfinished(cache):
    """What crashed processes of all times may have left. Every version gets one of them."""
    def partial(stem, folder):
        make_writable(folder)
        (folder / "f0.go").unlink(missing_ok=True)
        (folder / "extra.go").write_text("package extra\n")
        with_suffix(stem, ".partial").touch()

    def marker_alone(stem, folder):
        remove_tree(folder)
        with_suffix(stem, ".partial").touch()

    def old_temps(stem, folder):
        remove_tree(folder)
        with_suffix(stem, ".zip").unlink()
        with_suffix(stem, ".zip123456.tmp").write_bytes(b"PK")
        temp = folder.with_name(folder.name + ".tmp-987")
        (temp / "sub").mkdir(parents=True)
        (temp / "sub/f.go").write_text("package f\n")
        (temp / "sub").chmod(0o555)
        temp.chmod(0o555)

    def ziphash_alone(stem, folder):
        remove_tree(folder)
        with_suffix(stem, ".zip").unlink()

    def no_ziphash(stem, folder):
        with_suffix(stem, ".ziphash").unlink()
        remove_tree(folder)

    def torn_ziphash(stem, folder):
        with_suffix(stem, ".ziphash").write_bytes(bytes(47))
        remove_tree(folder)

    def torn_info(stem, folder):
        with_suffix(stem, ".info").write_bytes(bytes(60))

    def file_for_folder(stem, folder):
        remove_tree(folder)
        folder.write_text("")

    def no_lock_file(stem, folder):
        with_suffix(stem, ".lock").unlink()
        remove_tree(folder)

    kinds = [partial, marker_alone, old_temps, ziphash_alone, no_ziphash, torn_ziphash, torn_info, file_for_folder,
             no_lock_file]
    for i, (path, version) in enumerate(NAMES):
        kinds[i % len(kinds)](version_files(cache, path, version), tree_dir(cache, path, version))


def test_mends_what_others_left(larder, go, reference, cache):
    for first in (go, larder):
        remove_tree(cache)
        first("mod", "download", *ARGS, ok=True)
        leave_unfinished(cache)
        larder("mod", "download", *ARGS, ok=True)
        assert differences(snapshot(cache), reference) == []


def test_killed_at_any_moment(larder, go, reference, cache):
    """go and larder both go on from whatever a killed larder left."""
    rng = random.Random(SEED)
    begun = time.monotonic()
    larder("mod", "download", *ARGS, ok=True)
    whole = time.monotonic() - begun
    killed = 0
    for round_ in range(24):
        if round_ % 3 == 0:  # the other rounds add to the mess
            remove_tree(cache)
        process = larder.start("mod", "download", *ARGS)
        try:
            process.communicate(timeout=rng.uniform(0, whole))
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            killed += 1
        if round_ % 6 == 2:
            larder("mod", "download", *ARGS, ok=True)
            assert differences(snapshot(cache), reference) == [], f"round {round_}"
        if round_ % 6 == 5:  # go never mends a list that misses its last line
            go("mod", "download", *ARGS, ok=True)
            assert differences(without_lists(snapshot(cache)), without_lists(reference)) == [], f"round {round_}"
    assert killed > 0


def test_beside_go_clean(larder, go, reference, cache):
    """`go clean -modcache` takes no lock: the download may fail, in words, and then works again."""
    for _ in range(6):
        process = larder.start("mod", "download", *ARGS)
        wait_until(lambda: process.poll() is not None or list(cache.glob("cache/download/*/*/@v/*.ziphash")))
        go("clean", "-modcache")
        out, err = process.communicate(timeout=60)
        assert process.returncode in (0, 1), f"{process.returncode}: {err}"
        assert process.returncode == 0 or err.strip()
    larder("mod", "download", *ARGS, ok=True)
    # go makes folders writable for all before it removes them; those that were in use stay so. The lock file of a
    # version may be removed under the one who holds it; who finds the version whole makes no other.
    assert differences(without_locks(contents(snapshot(cache))), without_locks(contents(reference))) == []


def as_nobody(run):
    """The same program without root's powers."""
    if os.geteuid() != 0:
        return run
    setpriv = shutil.which("setpriv")
    assert setpriv, "setpriv of util-linux is needed to test as another user"
    words = ("--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", run.program)

    class Dropped(Runner):
        def __call__(self, *args, **options):
            return super().__call__(*words, *args, **options)
    return Dropped(setpriv, run.env, run.cwd)


def test_read_only_cache(larder, go, proxy, cache, tmp_path):
    go("mod", "download", *ARGS, ok=True)
    remove_tree(tree_dir(cache, *NAMES[0]))
    before = snapshot(cache)
    open_folders = [folder for folder in (tmp_path, *tmp_path.parents) if os.stat(folder).st_mode & 0o005 != 0o005]
    modes = {folder: os.stat(folder).st_mode for folder in open_folders}
    for folder in open_folders:
        folder.chmod(modes[folder] | 0o055)
    writable = [folder for folder, _, _ in os.walk(cache) if os.stat(folder).st_mode & 0o222]
    for folder in writable:
        os.chmod(folder, 0o555)
    try:
        run = as_nobody(larder)
        run("mod", "download", *ARGS[1:], ok=True)
        refused = run("mod", "download", *ARGS[:2])
    finally:
        for folder in writable:
            os.chmod(folder, 0o755)
        for folder, mode in modes.items():
            folder.chmod(mode)
    assert refused.status == 1
    assert "permission denied" in refused.err
    assert differences(snapshot(cache), before) == []


def test_wrong_bytes_get_no_name(larder, upstream, project, env, cache):
    up = upstream([module_text("example.com/good", "v1.0.0", 3), module_text("example.com/bad", "v1.0.0", 3)])
    project.write("go.mod", "module example.com/main\n\ngo 1.24\n\nrequire (\n"
                            "\texample.com/bad v1.0.0\n\texample.com/good v1.0.0\n)\n")
    project.write("go.sum", up.go_sum())
    up.add(module_text("example.com/bad", "v1.0.0", 4))  # other bytes under the same name
    env["GOPROXY"] = up.url
    done = larder("mod", "download", cwd=project.path)
    assert done.status != 0
    assert "SECURITY ERROR" in done.err
    bad = version_files(cache, "example.com/bad", "v1.0.0")
    assert not with_suffix(bad, ".zip").exists()
    assert not with_suffix(bad, ".ziphash").exists()
    assert [p.name for p in cache.joinpath("example.com").iterdir()] == ["good@v1.0.0"]
    assert list(bad.parent.glob("*.tmp")) == []


VERIFY_GO_MOD = "module example.com/main\n\ngo 1.24\n\nrequire (\n\texample.com/a v1.1.0\n\texample.com/empty v1.0.0\n)\n"


@pytest.fixture
def verified_project(go, proxy, project):
    project.write("go.mod", VERIFY_GO_MOD)
    project.write("go.sum", proxy.go_sum())
    go("mod", "download", cwd=project.path, ok=True)
    return project


def damage_nothing(stem, folder):
    pass


def damage_tree(stem, folder):
    make_writable(folder)
    (folder / "extra.go").write_text("package extra\n")


def damage_zip(stem, folder):
    other = version_files(folder.parent.parent, "example.com/empty", "v1.0.0")
    shutil.copy(with_suffix(other, ".zip"), with_suffix(stem, ".zip"))


def damage_both(stem, folder):
    damage_tree(stem, folder)
    damage_zip(stem, folder)


def damage_ziphash(stem, folder):
    with_suffix(stem, ".ziphash").write_bytes(bytes(47))


def lose_ziphash(stem, folder):
    with_suffix(stem, ".ziphash").unlink()


def lose_all(stem, folder):
    remove_tree(folder)
    with_suffix(stem, ".zip").unlink()
    lose_ziphash(stem, folder)


@pytest.mark.parametrize("damage", [damage_nothing, damage_tree, damage_zip, damage_both, damage_ziphash, lose_ziphash,
                                    lose_all], ids=lambda f: f.__name__)
def test_verify_says_what_go_says(larder, go, verified_project, cache, damage):
    damage(version_files(cache, "example.com/a", "v1.1.0"), tree_dir(cache, "example.com/a", "v1.1.0"))
    mine = larder("mod", "verify", cwd=verified_project.path, env={"GOPROXY": "off"})
    gos = go("mod", "verify", cwd=verified_project.path, env={"GOPROXY": "off"})
    assert (mine.status, mine.out, mine.err) == (gos.status, gos.out, gos.err)
