# SPDX-License-Identifier: Apache-2.0
"""As test_disk_faults.py, for the commands that change go.mod, go.work and vendor: each file is the old or the new one.

They write in place, as go does, the end first: where the disk then refuses even the bytes that were there before, go and
Larder leave a mixture. So no fault here stays."""
import pytest
from conftest import tree
from test_disk_faults import A, B, GO_MOD, MAIN, Scene, go_over_all, library, plain  # noqa: F401

GO_WORK = "go 1.20\n\nuse ./one\n\nreplace example.com/gone => ./gone\n"
ONE = GO_MOD.replace("work.test", "work.test/one").replace("go 1.20", "go 1.21")
OTHER = "module work.test/other\n\ngo 1.20\n\nrequire example.com/b v0.9.0\n"
every_kind = pytest.mark.parametrize("kind", ["EIO", "ENOSPC", "EDQUOT", "EROFS", "short"])
OLDER = B.replace("v1.0.0", "v0.9.0")


@pytest.fixture
def disk(larder, upstream, env, make_project, tmp_path):
    """disk(files, *words): goes over all calls of that command in a folder with these files; all else is elsewhere."""
    up = upstream([A, B, OLDER])
    env["GOPROXY"] = up.url

    def play(files, words, kind, env=None):
        project = make_project("disk/project")
        for name, text in {"go.sum": up.go_sum(), **files}.items():
            project.write(name, text)
        old = plain(tree(project.path))

        def run_whole():
            """What no fault at all leaves; into the module cache comes what is needed."""
            scene.reset()
            assert scene.run().status == 0
            return plain(tree(project.path))

        def check():
            for name, data in plain(tree(project.path)).items():
                if not name.endswith(".tmp") and not name.startswith("vendor/"):
                    assert data in (old.get(name, b""), new.get(name)), name
            assert set(old) - set(plain(tree(project.path))) <= {n for n in old if n.startswith("vendor/")}

        scene = Scene(larder, tmp_path, words.split(), project.path, env=env, cwd=project.path, check=check)
        new = run_whole()
        assert new != old
        go_over_all(scene, kind, stays=False)
    return play


@every_kind
@pytest.mark.parametrize("words", ["-require=example.com/b@v1.0.0 -go=1.21", "-fmt", "-droprequire=example.com/b"])
def test_mod_edit(disk, words, kind):
    disk({"go.mod": GO_MOD.replace("\n\n", "\n")}, f"mod edit {words}", kind)


@every_kind
def test_mod_vendor(disk, kind):
    disk({"go.mod": GO_MOD, "main.go": MAIN, "vendor/modules.txt": "# old\n", "vendor/example.com/gone/g.go": "package gone\n"},
         "mod vendor", kind)


WORKSPACE = {"go.work": GO_WORK, "one/go.mod": ONE, "one/main.go": MAIN, "other/go.mod": OTHER,
             "other/o.go": 'package other\n\nimport _ "example.com/b"\n'}


@every_kind
@pytest.mark.parametrize("words", ["work use other", "work use -r .", "work edit -dropreplace=example.com/gone", "work edit -fmt -go=1.22", "work sync", "work vendor"])
def test_workspaces(disk, words, kind):
    files = dict(WORKSPACE)
    if words in ("work sync", "work vendor"):
        files["go.work"] = "go 1.21\n\nuse (\n\t./one\n\t./other\n)\n"
    disk(files, words, kind, env={"GOWORK": ""})
