# SPDX-License-Identifier: Apache-2.0
"""A go.mod larger than anybody writes one is read, printed and listed as go does it."""
import pytest
from conftest import tree

MANY = "".join(f"\texample.test/m{i:06}/v2 v2.{i % 7}.0{' // indirect' if i % 3 else ''}\n" for i in range(100_000))
BLOCK = f"module example.test/m\n\ngo 1.21\n\nrequire (\n{MANY})\n"
LINES = BLOCK.replace("\t", "require ").replace("require (\n", "").replace(")\n", "")
SHORT = 15_900_000  # bytes


@pytest.fixture
def alike(larder, go, make_project):
    def compare(text, words):
        seen = []
        for name, program in (("as-go", go), ("as-larder", larder)):
            project = make_project(f"{name}/project")
            project.write("go.mod", text)
            done = program(*words.split(), cwd=project)
            here = str(project.path.parent)
            seen.append((done.status, done.out.replace(here, ""), done.err.replace(here, "").replace("larder: ", "go: "), tree(project.path)))
        theirs, ours = seen
        assert ours[0] == theirs[0] and ours[2][:1000] == theirs[2][:1000]
        assert ours == theirs, "they differ"  # and pytest shall not show how, megabyte by megabyte
        return theirs
    return compare


@pytest.mark.parametrize("words", ["mod edit -fmt", "mod edit -json", "mod edit -require=example.test/m050000/v2@v2.9.0",
                                   "mod edit -droprequire=example.test/m000000/v2", "list -m", "list -m -json"])
@pytest.mark.parametrize("text", [BLOCK, LINES], ids=["block", "lines"])
def test_a_hundred_thousand_requirements(alike, text, words):
    assert alike(text, words)[0] == 0


def test_a_go_mod_of_nearly_sixteen_megabytes(alike):
    line = "require a.b v1.0.0\n"
    status, *_, files = alike("module m\n" + line * (SHORT // len(line)), "mod edit -fmt")
    assert status == 0 and len(files["go.mod"]) > SHORT
