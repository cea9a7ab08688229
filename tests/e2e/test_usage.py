# SPDX-License-Identifier: Apache-2.0
"""Wrong usage: exit status 2, the place first, a suggestion; nothing happens."""
import json
import re

import pytest


@pytest.mark.parametrize("words, said", [
    (["stokc"], 'unknown command "stokc" (did you mean "stock"?)'),
    (["frobnicate"], 'unknown command "frobnicate"'),
    (["stock", "--dry-rum"], "unknown flag --dry-rum (did you mean --dry-run?)"),
    (["stock", "--jobs", "0"], "--jobs"),
    (["pack"], "--out is required"),
    (["check", "--store"], "--store"),
    (["mod", "download", "-nonsense"], "flag provided but not defined: -nonsense"),
    (["mod"], "mod tidy"),
    (["work"], "work use"),
    (["key"], "key new"),
    (["bundle"], "bundle verify"),
    (["cache"], "cache verify"),
    (["mod", "tidi"], 'unknown command "mod tidi" (did you mean "mod tidy"?)'),
    (["key", "burn"], 'unknown command "key burn"'),
    (["serve", "--listen", "nowhere"], 'listen address "nowhere": not ADDRESS:PORT'),
    (["serve", "--listen", "127.0.0.1:65536"], "not ADDRESS:PORT"),
    (["prove", "."], "no command to prove"),
    (["completion", "foo"], 'no completion for shell "foo"'),
    (["stock", "@v1"], 'argument: "@v1" is not a project folder'),
    (["stock", "no/such/folder"], '"no/such/folder" is not a project folder'),
    (["pack", "-o", "x.larder"], "no key to sign the bundle with"),
    (["env", "storee"], 'unknown setting "storee" (did you mean "store"?)'),
    (["check", "--store"], "--store needs a value"),
    (["stock", "--jobs", "0"], '--jobs: "0" is no number from 1 to 256'),
    (["stock", "--progress", "foo"], '--progress: "foo" is none of always, auto, never'),
    (["unpack"], "BUNDLE is required, and not given"),
    (["pack", "-o", "a", "-o", "b"], "--out is given more than once"),
    (["stock", "--dry-run=maybe"], '--dry-run: "maybe" makes no sense there'),
    (["stock", ""], "an argument is empty"),
    (["unpack", "--trust", "", "x"], "an argument is empty behind --trust"),
    (["--store", "", "check"], "an argument is empty behind --store"),
    (["prove", "go", "build", "./..."], "put -- before the command: larder prove -- go build ./..."),
    (["prove", ".", "go", "build"], "put -- before the command: larder prove . -- go build"),
    (["restore", "--all", "."], "--all restores the whole store, so no project can be named"),
])
def test_wrong_words_exit_2(larder, words, said):
    done = larder(*words)
    assert done.status == 2, str(done)
    assert said in done.err, str(done)
    assert done.out == ""


@pytest.mark.parametrize("words", [["mod", "--help"], ["help", "bundle"], ["cache", "-h"]])
def test_help_of_a_group(larder, words):
    done = larder(*words, ok=True)
    group = [word for word in words if word.isalpha() and word != "help"][0]
    assert f"Usage: larder {group} COMMAND" in done.out and f"  {group} " in done.out and done.err == ""


@pytest.mark.parametrize("group, flags", [("mod", ["--from-store", "--wants", "--no-extract", "--explain"]),
                                          ("work", ["--from-store", "--wants", "--no-extract"])])
def test_help_of_go_commands_names_the_flags_that_go_has_not(larder, group, flags):
    done = larder(group, "--help", ok=True)
    assert f"go help {group} COMMAND" in done.out
    assert all(flag in done.out for flag in flags), str(done)


def go_commands(larder):
    overview = larder("--help", ok=True).out.split("In place of the go command")[1].split("\n\n")[0]
    return [line[2:16].split() for line in overview.splitlines()[1:]]


def test_go_commands_have_a_page_each(larder, tmp_path):
    """Examples first, in the form that the others have; and no flag in it that the command does not know."""
    names = go_commands(larder)
    assert len(names) == 14
    for name in names:
        page = larder(*name, "--help", ok=True)
        assert larder("help", *name, ok=True).out == larder(*name, "-h", ok=True).out == page.out
        assert page.err == "" and "\nExamples:\n" in page.out, name
        assert f"\nUsage: larder {' '.join(name)}" in page.out and "Output, files and exit status are those of `go " in page.out
        flags = re.findall(r"(?<![\w-])--?([a-z][a-z-]*)", page.out.split("\nFlags:\n")[1].split("\n\n")[0]) if "\nFlags:\n" in page.out else []
        for flag in flags:
            assert "not defined" not in larder(*name, f"-{flag}=1", "-undefined", cwd=tmp_path).err.replace("not defined: -undefined", ""), (name, flag)


def test_wrong_flags_of_go_commands_have_the_words_of_go(larder):
    done = larder("mod", "tidy", "-undefined")
    assert done.status == 2 and done.out == ""
    assert done.err == "flag provided but not defined: -undefined\nusage: go mod tidy [-e] [-v] [-x] [-diff] [-go=version] [-compat=version]\nRun 'go help mod tidy' for details.\n"


@pytest.mark.parametrize("what", ["npm:left-pad@1"])
def test_what_is_not_in_this_release_says_so(larder, what):
    done = larder("stock", what, env={"GOPROXY": "https://proxy.example.test"})
    assert done.status == 1 and "is not in this release" in done.err, str(done)


@pytest.mark.parametrize("words", [["--help"], ["help"], ["stock", "--help"], ["help", "stock"], ["help", "bundle", "ls"]])
def test_help_goes_to_stdout(larder, words):
    done = larder(*words, ok=True)
    assert "Examples:" in done.out and done.err == ""


def test_unknown_keys_of_larder_toml_are_errors_with_a_suggestion(larder, tmp_path):
    (tmp_path / "larder.toml").write_text('[serve]\nlistem = "127.0.0.1:1"\n')
    done = larder("env")
    assert done.status == 1
    assert 'larder.toml:2:10: unknown key "serve.listem" (did you mean "serve.listen"?)' in done.err


def test_env_says_where_values_come_from(larder, tmp_path, env):
    (tmp_path / "larder.toml").write_text("offline = true\n")
    settings = json.loads(larder("--json", "env", ok=True).out)
    assert settings["store"] == {"value": env["LARDER_STORE"], "source": "LARDER_STORE"}
    assert settings["offline"] == {"value": "true", "source": "larder.toml"}
    assert settings["GOPROXY"]["source"] == "environment"


def test_passwords_in_goproxy_are_not_shown(larder):
    done = larder("env", env={"GOPROXY": "https://me:secret@proxy.example.test,direct"}, ok=True)
    assert "secret" not in done.out and "xxxxx@proxy.example.test" in done.out


def test_every_command_of_the_overview_has_help(larder):
    overview = larder("--help", ok=True).out
    own = overview.split("Commands:\n")[1].split("\n\n")[0]
    for line in own.splitlines():
        name = line[2:16].strip().split(" ")
        assert "Usage: larder" in larder(*name, "--help", ok=True).out, name


def test_completion_knows_commands_and_flags(larder):
    script = larder("completion", "bash", ok=True).out
    assert "stock" in script and "--dry-run" in script


@pytest.mark.parametrize("words", ["version", "env", "--json check .", "bundle ls b.larder", "key show mine.key"])
def test_a_result_that_cannot_be_written_is_none(larder, bundle, words):
    with open("/dev/full", "w") as full:
        process = larder.start(*words.split(), stdout=full)
        said = process.communicate(timeout=30)[1]
    assert process.returncode == 1 and "write stdout: no space left on device" in said


@pytest.mark.parametrize("words", ["-C=sub list -m", "-C sub list -m", "-Csub list -m", "mod edit -C=sub -json", "mod -C=sub edit -json"])
def test_another_folder(larder, project, words):
    project.write("sub/go.mod", "module example.test/sub\n")
    assert "example.test/sub" in larder(*words.split(), cwd=project.path, ok=True).out


@pytest.mark.parametrize("words", ["check", "pack -o x.larder --key mine.key", "restore"])
def test_what_is_no_project(larder, bundle, project, words):
    project.write("wants.txt", "example.test/a@v1.0.0\n")
    done = larder(*words.split(), project.path / "wants.txt")
    assert done.status == 1 and "wants.txt: neither a project folder nor a go.mod or go.work" in done.err, done


def test_wants_are_those_of_the_store(larder, project):
    done = larder("mod", "tidy", "--wants", "x.txt", cwd=project.path)
    assert done.status == 1 and "it needs --from-store" in done.err and not (project.path / "x.txt").exists()


def test_offline_opens_no_socket(larder, upstream, project):
    up = upstream(["module example.test/a v1.0.0\n-- go.mod --\nmodule example.test/a\n"])
    project.write("go.mod", "module example.test/m\n\ngo 1.21\n\nrequire example.test/a v1.0.0\n")
    done = larder("--offline", "stock", project, env={"GOPROXY": up.url})
    assert done.status != 0 and up.log == [], str(done)


@pytest.fixture
def bundle(larder, upstream, tmp_path, env):
    """A store with one module, two keys, a bundle signed with the first."""
    upstream(["module example.test/a v1.0.0\n-- go.mod --\nmodule example.test/a\n"]).write_to(tmp_path / "proxy")
    env["GOPROXY"] = (tmp_path / "proxy").as_uri()
    larder("stock", "example.test/a@v1.0.0", ok=True)
    for name in ("mine", "other"):
        larder("key", "new", "-o", name, ok=True)
    larder("pack", "-o", "b.larder", "--key", "mine.key", ok=True)


@pytest.mark.parametrize("status, words, said", [
    (1, ["pack", "-o", "c.larder", "--key", "mine.pub"], "mine.pub: a public key, which signs nothing\n  hint: name the .key file"),
    (1, ["unpack", "--trust", "mine.key", "b.larder"], "mine.key: a secret key, which stays with who signs\n  hint: name the .pub file"),
    (3, ["unpack", "--trust", "other.pub", "b.larder"], "`--trust FILE.pub` or unpack.trust in larder.toml (trusted: "),
    (1, ["unpack", "none.larder"], "open none.larder: no such file or directory"),
    (2, ["env", "NOSUCH"], "unknown setting \"NOSUCH\"\n  hint: `larder env` lists all"),
    (1, ["--store", "b.larder", "check"], "b.larder: is a file, not a folder"),
    (1, ["--store", "b.larder", "stock"], "b.larder: is a file, not a folder"),
    (1, ["--config", "nowhere", "env"], "--config: open nowhere: no such file"),
])
def test_the_wrong_file(status, words, said, larder, bundle):
    done = larder(*words)
    assert done.status == status and said in done.err, str(done)


@pytest.mark.parametrize("words", [["prove", "--", "true"], ["stock", "."], ["check", "."]])
def test_a_folder_without_go_mod_is_named(words, larder, bundle, tmp_path):
    (tmp_path / "empty").mkdir()
    done = larder(*[word.replace(".", str(tmp_path / "empty")) for word in words], env={"TMPDIR": str(tmp_path / "no")})
    assert done.status == 1 and ("TMPDIR=DIR" if words[0] == "prove" else f"no go.mod in {tmp_path / 'empty'}") in done.err, str(done)


def test_stock_says_what_to_do_once(larder, project, bundle, env):
    project.write("go.mod", "module example.test/m\n\ngo 1.21\n\nrequire (\n\texample.test/x v1.0.0\n\texample.test/y v1.0.0\n)\n")
    done = larder("--offline", "stock", project)
    assert done.status == 1 and done.err.count("hint: ") == 1 and "hint: offline (--offline), so nothing is fetched" in done.err, str(done)
    done = larder("stock", project, env={"GOPROXY": "http://127.0.0.1:1"})
    assert done.err.count("connection refused") == 2 and done.err.count("hint: ") == 1 and "`larder doctor` looks" in done.err, str(done)
    assert f" into {env['LARDER_STORE']} in " in done.out


def test_settings_that_make_no_sense(larder):
    done = larder("env", env={"LARDER_GOVERSION": "new"})
    assert done.status == 1 and 'LARDER_GOVERSION: "new" is no Go version' in done.err
