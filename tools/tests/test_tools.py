# SPDX-License-Identifier: Apache-2.0
"""The checks find what they are for: each rule has a text that breaks it and one that does not."""
import pathlib
import subprocess
import sys

import pytest

TOOLS = pathlib.Path(__file__).resolve().parent.parent
SPDX = "// SPDX-License-Identifier: Apache-2.0\n"


def run(tool, root):
    done = subprocess.run([sys.executable, "-B", TOOLS / tool, root], capture_output=True, text=True)
    return done.returncode, done.stdout


@pytest.fixture
def tree(tmp_path):
    def write(files):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path
    return write


# Broken words are put together here, so that this file keeps the rules itself.
WORDS = [
    ("registry host", "a.md", "see https://" + "proxy." + "golang.org/x", "host of a public package registry"),
    ("registry host alone", "a.json", '{"r": "' + "registry." + 'npmjs.org"}', "host of a public package registry"),
    ("our own name", "a.md", "see https://" + "proxy.example.test/x and my-proxy.acme.dev", None),
    ("machine path", "a.md", "in /" + "work/main/x", "path of one machine"),
    ("relative", "a.md", "in ../shared/x and build/work/x", None),
    ("unfinished", "src/a/b.cpp", SPDX + "// TO" + "DO: later\n", "unfinished"),
    ("word inside a word", "src/a/b.cpp", SPDX + "int TO" + "DOS;\n", None),
    ("skipped test", "src/a/b_test.cpp", SPDX + "GTEST_" + "SKIP();\n", "does not run"),
    ("skipped with a reason", "src/a/b_test.cpp", SPDX + "GTEST_" + "SKIP() << \"no namespaces here\";\n", None),
    ("sleeping test", "tests/e2e/a.py", "# SPDX-License-Identifier: Apache-2.0\ntime.sle" + "ep(1)\n", "wait for the event"),
    ("sleep in a script", "scripts/a", "# SPDX-License-Identifier: Apache-2.0\nsleep 1\n", None),
    ("exception", "src/a/b.cpp", SPDX + "void f() { thr" + "ow 1; }\n", "failures are values"),
    ("exception in words", "src/a/b.cpp", SPDX + "int x;  // libraries thr" + "ow\n", None),
    ("licence", "src/a/b.hpp", "#pragma once\n", "no line with SPDX"),
    ("header namespace", "src/a/b.hpp", SPDX + "using name" + "space std;\n", "opens a namespace"),
    ("trailing space", "src/a/b.hpp", SPDX + "int x; \n", "space at the end"),
]


@pytest.mark.parametrize("name, text, why", [w[1:] for w in WORDS], ids=[w[0] for w in WORDS])
def test_words(tree, name, text, why):
    status, out = run("check-words", tree({name: text}))
    assert status == (1 if why else 0), out
    assert (why or "words hold") in out


LINKS = [
    ("file", "[a](b.md)", None),
    ("folder", "[a](sub/)", None),
    ("missing file", "[a](c.md)", "a.md:1: c.md does not exist"),
    ("second line", "x\n[a](c.md)", "a.md:2: c.md does not exist"),
    ("outside", "[a](../../c.md)", "leaves the repository"),
    ("web", "[a](https://example.com/c.md)", None),
    ("heading here", "# One `two`\n[a](#one-two)", None),
    ("no heading here", "# One\n[a](#two)", "has no such heading"),
    ("heading there", "[a](b.md#there)", None),
    ("no heading there", "[a](b.md#nowhere)", "has no such heading"),
    ("in code", "`[a](c.md)`\n```\n[b](c.md)\n```\n", None),
    ("reference", "[a]: c.md\n", "c.md does not exist"),
    ("image", "![a](c.png)", "c.png does not exist"),
]


@pytest.mark.parametrize("text, why", [x[1:] for x in LINKS], ids=[x[0] for x in LINKS])
def test_docs(tree, text, why):
    status, out = run("check-docs", tree({"a.md": text, "b.md": "# There\n", "sub/x": ""}))
    assert status == (1 if why else 0), out
    assert (why or "links hold") in out


LAYERS = [
    ("allowed", {"src/b/x.hpp": '#include "a/y.hpp"\n'}, None),
    ("upwards", {"src/a/x.hpp": '#include "b/y.hpp"\n'}, "a may not include b/y.hpp"),
    ("third party elsewhere", {"src/a/x.cpp": "#include <curl/curl.h>\n"}, "<curl/curl.h> belongs to http"),
    ("no folder", {"src/a/x.cpp": '#include "y.hpp"\n'}, "does not start with a folder"),
    ("CLI11 as it is", {"src/layers.txt": "cli:\n", "src/cli/x.cpp": "#include <CLI/CLI.hpp>\n"},
     "<CLI/CLI.hpp> belongs to cli/cli11.hpp"),
    ("folder without a line", {"src/c/x.cpp": ""}, "folder c is not in layers.txt"),
    ("cycle", {"src/layers.txt": "a: b\nb: a\n"}, "cycle"),
]


@pytest.mark.parametrize("files, why", [x[1:] for x in LAYERS], ids=[x[0] for x in LAYERS])
def test_layers(tree, files, why):
    root = tree({"src/layers.txt": "a:\nb: a\n", "src/a/y.hpp": "", "src/b/y.hpp": "", **files})
    status, out = run("check-layers", root / "src")
    assert status == (1 if why else 0), out
    assert (why or "layers hold") in out
