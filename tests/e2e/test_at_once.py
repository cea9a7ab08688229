# SPDX-License-Identifier: Apache-2.0
"""Who edits go.mod while another does: nobody's work is lost, and nothing is mixed."""
import threading

import pytest
from conftest import remove_tree, tree, wait_until
from test_as_go import said

A, B, C = (f"""module example.test/{name} v1.0.0
-- go.mod --
module example.test/{name}

go 1.21
{required}-- {name}.go --
package {name}
{imported}""" for name, required, imported in (
    ("a", "\nrequire example.test/b v1.0.0\n", 'import _ "example.test/b"\n'), ("b", "", ""), ("c", "", "")))
UNTIDY = """-- go.mod --
module example.test/m

go 1.21

require example.test/c v1.0.0
-- go.sum --
example.test/gone v1.0.0/go.mod h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY=
-- m.go --
package m

import _ "example.test/a"
"""
CHANGED = "existing contents have changed since last read"


@pytest.mark.parametrize("cache", ["shared", "own"])
def test_tidies_of_one_project(larder, go, running, upstream, make_project, tmp_path, cache):
    up = upstream([A, B, C])
    env = {"GOPROXY": up.url}
    alone = make_project("alone").write_txtar(UNTIDY)
    go("mod", "tidy", cwd=alone, env=env, ok=True)
    for turn in range(8):
        project = make_project("together").write_txtar(UNTIDY)
        programs = [larder, go, larder][:: -1 if turn % 2 else 1]
        caches = [tmp_path / f"cache{i if cache == 'own' else ''}" for i in range(3)]
        processes = [running(p.start("mod", "tidy", cwd=project, env={**env, "GOMODCACHE": c})) for p, c in zip(programs, caches)]
        told = [(process.communicate(timeout=60)[1], process.returncode) for process in processes]
        assert all(status == 0 or status == 1 and CHANGED in text for text, status in told), told
        assert any(status == 0 for _, status in told), told
        assert tree(project.path) == tree(alone.path), told
        remove_tree(project.path)
        if turn % 4 == 3:
            for path in caches:
                remove_tree(path)


EDITS = {
    "a line more": lambda text: text + "\nexclude example.test/b v1.9.0\n",
    "a comment more": lambda text: text + "// mine\n",
    "the same bytes": lambda text: text,
    "what tidy makes": lambda text: text.replace("require example.test/c v1.0.0", "require example.test/a v1.0.0\n\nrequire example.test/b v1.0.0 // indirect"),
    "nothing": lambda text: "",
    "no file": lambda text: None,
}


@pytest.mark.parametrize("name", ["go.mod", "go.sum"])
@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("words", ["mod tidy", "mod tidy -e", "mod tidy -diff"])
def test_a_file_edited_while_a_proxy_thinks(larder, go, running, upstream, make_project, name, edit, words):
    seen = []
    for who, program in (("as-go", go), ("as-larder", larder)):
        up, gate = upstream([A, B, C]), threading.Event()
        up.fault("*/example.test/a/@v/v1.0.0.zip", gate=gate)
        project = make_project(f"{who}/project").write_txtar(UNTIDY)
        process = running(program.start(*words.split(), cwd=project, env={"GOPROXY": up.url, "GOMODCACHE": project.path.parent / "modcache"}))
        wait_until(lambda: up.count("*/a/@v/v1.0.0.zip"))
        text = EDITS[edit](project.read(name))
        if text is None:
            (project.path / name).unlink()
        else:
            project.write(name, text)
        gate.set()
        out, err = process.communicate(timeout=60)
        done = type("Done", (), {"err": err.replace(str(project.path.parent), "$HERE")})
        seen.append((process.returncode, out, said(done), tree(project.path)))
    assert seen[1] == seen[0]
