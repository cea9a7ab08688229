#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random projects on random modules: what the real go does with them, and whether larder does the same.

usage: random_project.py [--seed N] [--count N] [--whole] [--out DIR] [CASE…]
LARDER_BIN names larder; go is the one on PATH. CASE: a file in the form that is printed, as in projects/.

A seed makes a universe (modules on a file:// proxy, a project or workspace on them, a few commands); the commands
run one after another in two equal copies, and after each all that can be seen is compared: status, stdout, stderr,
the project's files, the module cache. A failing universe is played again without what it does not need.
"""
import argparse
import copy
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

from upstream import Content, Module, escape, make_zip

HOST = "ex.com"
GO_LINES = ["1.13", "1.15", "1.16", "1.17", "1.18", "1.20", "1.21", "1.21", "1.21", "1.22.1", "1.24", "1.25.0"]
VERSIONS = ["v1.0.0", "v1.1.0", "v1.2.0", "v1.3.0-pre", "v0.9.0", "v0.0.0-20240102030405-abcdefabcdef"]
NEWER_GO_SHARE = 0.12  # of all universes
ENVIRONMENT_SHARE = 0.15
ENVIRONMENTS = [  # $HERE: the project
    {"GOWORK": "off"}, {"GOWORK": "$HERE/go.work"}, {"GOWORK": "$HERE/other.work"},
    {"GO111MODULE": "off"}, {"GO111MODULE": "auto"},
    {"GOTOOLCHAIN": "auto"}, {"GOTOOLCHAIN": "path"},
    {"GOPRIVATE": "corp.example/x"}, {"GOPRIVATE": "*", "GONOPROXY": "none"},
    {"GOPROXY": "off"}, {"GOPROXY": "$PROXY,off"}, {"GOPROXY": "$PROXY|off"}, {"GOPROXY": "off,$PROXY"},
    {"GOPROXY": "file:///none,$PROXY"}, {"GOPROXY": "file:///none|$PROXY"},
    {"GOOS": "windows", "GOARCH": "386"}, {"GOOS": "darwin", "CGO_ENABLED": "0"},
]
TEMPLATES = ["{{.Path}}", "{{.}}", "{{if~.Main}}main{{else}}{{.Version}}{{end}}", "{{with~.Replace}}{{.Path}}{{end}}",
             "{{.Path}}{{if~.Indirect}}:indirect{{end}}", "{{.GoVersion}}"]  # "~": a space


class Case:
    """A universe that was written down, in the form of show()."""

    def __init__(self, text):
        self.modules, self.project, self.commands = {}, {}, []
        self.go_flags, self.folder, self.environment = "", ".", {}
        lines, into = None, None
        for line in text.splitlines(keepends=True):
            module = re.match(r"== (\S+)@(\S+) ?(\S*)$", line)
            file = re.match(r"-- (\S+) --$", line)
            setting = re.match(r"GOFLAGS=(\S*) in (\S+)(.*)$", line)
            if module:
                into = self.modules.setdefault(module.groups()[:2], {})
                lines = into.setdefault(module[3], []) if module[3] else None
            elif file:
                lines = self.project.setdefault(file[1], [])
            elif setting:
                (self.go_flags, self.folder, more), lines = setting.groups(), None
                self.environment = dict(word.split("=", 1) for word in more.split())
            elif line.startswith("commands: "):
                self.commands = [words.split() for words in line.removeprefix("commands: ").split(" ; ")]
                break
            elif lines is not None:
                lines.append(line)
        for where in (self.project, *self.modules.values()):
            for name in where:
                where[name] = "".join(where[name])


def as_word(text):
    return text.replace(" ", "~").replace("\n", "\\n")


def as_text(word):
    return word.replace("~", " ").replace("\\n", "\n")


class Universe:
    """modules: {(path, version): {file: text}}; project: {file: text}; commands: [words]."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.modules, self.project, self.commands = {}, {}, []
        self.paths = [f"{HOST}/{name}" for name in "abcdef"[: self.rng.randint(1, 6)]]
        if self.often(0.2):
            self.paths.append(f"{HOST}/a/v2")
        if self.often(0.15):
            self.paths.append(f"{HOST}/a/x")  # beside package x of a
        for path in self.paths:
            for version in self.versions_of(path):
                self.add_module(path, version)
        self.make_project()
        self.commands = [["mod", "tidy"]] if not self.workspace and self.often(0.4) else []
        for _ in range(self.rng.randint(1, 3)):
            if self.commands and self.often(0.3):
                self.commands.append(self.mischief())
            self.commands.append(self.command())
        self.go_flags = self.pick(*[""] * 12, "-mod=mod", "-mod=readonly", "-mod=vendor")
        self.folder = self.pick(*["."] * 6, "x", "n", "rep")
        self.ask_newer_go(random.Random(f"newer go {seed}"))
        rng = random.Random(f"environment {seed}")
        self.environment = rng.choice(ENVIRONMENTS) if rng.random() < ENVIRONMENT_SHARE else {}

    # --- chance -----------------------------------------------------------------------------------------------

    def often(self, share):
        return self.rng.random() < share

    def pick(self, *choices):
        return self.rng.choice(choices)

    def some(self, choices, most):
        choices = list(choices)
        return self.rng.sample(choices, min(len(choices), self.rng.randint(0, most)))

    # --- modules ----------------------------------------------------------------------------------------------

    def versions_of(self, path):
        if path.endswith("/v2"):
            return ["v2.0.0"]
        found = self.rng.sample(VERSIONS, self.rng.randint(1, 3))
        if self.often(0.1):
            found.append("v2.0.0+incompatible")
        return found

    def version(self, path):
        """A version that is there, mostly."""
        known = [v for p, v in self.modules if p == path] or self.versions_of(path)
        return self.pick(*known) if self.often(0.97) else "v1.9.9"

    def requirements(self, most, me=""):
        lines = []
        for path in self.some(self.paths, most):
            if path != me:
                lines.append(f"require {path} {self.version(path)}{self.pick('', '', ' // indirect')}\n")
        return "".join(lines)

    def rare_directives(self, me=""):
        out = ""
        if self.often(0.08):
            out += f"retract {self.pick('v1.0.0', '[v1.0.0, v1.1.0]', 'v1.2.0')}{self.pick('', ' // oops')}\n"
        if self.often(0.05):
            out += f"godebug {self.pick('panicnil=1', 'default=go1.21', 'http2client=0')}\n"
        if self.often(0.05):
            out += f"toolchain {self.pick('go1.22.0', 'default', 'go1.26.8')}\n"
        return out

    def go_line(self):
        return f"go {self.pick(*GO_LINES)}\n" if self.often(0.9) else ""

    def imports(self, most, tests=True):
        found = []
        for path in self.some(self.paths, most):
            found.append(path + self.pick("", "", "", "", "/x", "/y", "/none"))
        if self.often(0.04):
            found.append(self.pick(f"{HOST}/zz", "nodot/p", "fmtt", "./rel", f"{HOST}/a/", f"{HOST}/a@v1.0.0/x", "ex.com", "C", "unsafe"))
        return found

    def package(self, name, most=2):
        lines = "".join(f'import _ "{path}"\n' for path in self.imports(most))
        head = ""
        if self.often(0.06):
            head = f"//go:build {self.pick('linux', '!linux', 'ignore', 'tools', 'foo && !bar', 'go1.18')}\n\n"
        text = f"{head}package {name}\n\n{lines}"
        if self.often(0.04):
            text = text.replace("package", 'import _ "embed"\npackage', 0) + 'import _ "embed"\n\n//go:embed ' + self.pick("d.txt", "none.txt", "*.txt") + "\nvar S string\n"
        if self.often(0.015):
            text += self.pick('import "late', "import (\n", "}}}", 'import "a" b')
        return text

    def add_packages(self, files, most):
        files["p.go"] = self.package("p", most)
        for folder in ("x", "y"):
            if self.often(0.4):
                files[f"{folder}/{folder}.go"] = self.package(folder, 1)
        if self.often(0.3):
            files["p_test.go"] = self.package(self.pick("p", "p_test"), 2)
        if self.often(0.1):
            files["d.txt"] = "data\n"
        if self.often(0.05):
            files["LICENSE"] = "none\n"
        if self.often(0.05):
            files["testdata/t/t.go"] = self.package("t", 1)

    def add_module(self, path, version):
        files = {}
        if not version.endswith("+incompatible") and self.often(0.95):
            name = path if self.often(0.98) else f"{HOST}/other"
            head = "// Deprecated: no more\n" if self.often(0.05) else ""
            text = (f"{head}module {name}\n\n{self.go_line()}\n{self.requirements(3, path)}" + self.rare_directives()
                    + (self.replacement() if self.often(0.03) else "") + (self.exclusion() if self.often(0.03) else ""))
            files["go.mod"] = self.laid_out(text) if self.often(0.2) else text
        self.add_packages(files, 2)
        self.modules[path, version] = files

    def laid_out(self, text):
        """The same lines as somebody else would have written them: in blocks, with comments, out of order."""
        if self.often(0.6):
            return text
        lines, blocks = [], {}
        for line in text.splitlines():
            verb = line.split(" ")[0]
            if verb in ("require", "replace", "exclude", "retract") and self.often(0.8):
                if blocks and self.often(0.2):
                    blocks.clear()
                if verb not in blocks:
                    blocks[verb] = []
                    lines.append((verb, blocks[verb]))
                blocks[verb].append(line[len(verb) + 1:])
            else:
                lines.append(line)
        out = ""
        for line in lines:
            if self.often(0.1):
                out += self.pick("// a remark\n", "\n", "// a remark\n\n", "\n// one\n// two\n")
            if isinstance(line, str):
                out += line + self.remark(line) + "\n"
                continue
            verb, rows = line
            out += f"{verb} ({self.pick('', '', ' // opened')}\n"
            for row in rows:
                out += self.pick("", "", "", "", "\t// above\n", "\n") + self.pick("\t", "\t", "", "  ") + row + self.remark(row) + "\n"
            out += self.pick("", "", "", "\t// last\n") + ")\n"
        return out

    def remark(self, line):
        return self.pick(*[""] * 9, " // because") if line and "//" not in line else ""

    def ask_newer_go(self, rng):
        """Here and there a module, or the folder that replaces one, needs a go that is not there."""
        if rng.random() > NEWER_GO_SHARE:
            return
        go_mods = [(files, "go.mod") for files in self.modules.values()]
        go_mods += [(self.project, name) for name in self.project if name.endswith("rep/go.mod")]
        for files, name in go_mods:
            if name in files and rng.random() < 0.3:
                files[name] = re.sub(r"(?m)^go .*$", f"go {rng.choice(['1.99', '1.27', '1.98.1'])}", files[name])

    # --- the project --------------------------------------------------------------------------------------------

    def replacement(self):
        path = self.pick(*self.paths)
        old = path + self.pick("", f" {self.version(path)}")
        other = self.pick(*self.paths)
        new = self.pick("./rep", "./rep", f"{path} {self.version(path)}", f"{other} {self.version(other)}")
        return f"replace {old} => {new}\n"

    def exclusion(self):
        path = self.pick(*self.paths)
        return f"exclude {path} {self.version(path)}\n"

    def main_module(self, path, folder, go_line=None):
        directives = [self.requirements(4)]
        directives += [self.replacement() for _ in range(2) if self.often(0.2)]
        directives += [self.exclusion() for _ in range(2) if self.often(0.15)]
        directives.append(self.rare_directives())
        if self.often(0.06):
            directives.append(f"tool {self.pick(*self.paths)}\n")
        if self.often(0.05):
            directives.append(f"ignore {self.pick('./x', 'y', 'testdata')}\n")
        if self.often(0.1):
            directives.append(directives[0])  # doubled, or contradicted
        if self.often(0.1):
            directives.append(self.requirements(2))
        files = {"go.mod": self.laid_out(f"module {path}\n\n{go_line or self.go_line()}\n" + "".join(directives))}
        self.add_packages(files, 3)
        for name, text in files.items():
            self.project[str(pathlib.PurePath(folder, name))] = text

    def make_project(self):
        self.workspace = self.often(0.35)
        if not self.workspace:
            self.main_module(f"{HOST}/m", ".")
        else:
            folders = self.rng.sample(["n", "o", "q", "."], self.rng.randint(1, 3))
            for folder in folders:
                self.main_module(f"{HOST}/{'m' if folder == '.' else folder}", folder)
            extra = "".join(self.replacement() for _ in range(2) if self.often(0.15))
            if self.often(0.05):
                extra += self.pick("godebug panicnil=1\n", "toolchain go1.26.8\n", "toolchain default\n")
            uses = "".join(f"use ./{folder}\n" if folder != "." else "use .\n" for folder in folders)
            self.project["go.work"] = f"go {self.pick('1.26', '1.26', '1.25.0', '1.21', '1.18')}\n\n{uses}{extra}"
        if self.often(0.8):
            files = {"go.mod": f"module {HOST}/rep\n\n{self.go_line()}{self.requirements(2)}"} if self.often(0.85) else {}
            self.add_packages(files, 1)
            for folder in ("rep", "n/rep", "o/rep", "q/rep"):
                if folder == "rep" or any(name.startswith(folder[:2]) for name in self.project):
                    for name, text in files.items():
                        self.project[f"{folder}/{name}"] = text

    # --- commands -----------------------------------------------------------------------------------------------

    def query(self):
        path = self.pick(*self.paths, *self.paths, f"{HOST}/m", f"{HOST}/n", f"{HOST}/zz")
        return path + self.pick("", "", "@latest", "@upgrade", "@patch", "@v1", "@v1.0.0", "@>v1.0.0", "@<v1.2.0", "@none", "@v1.0.0x",
                                "@>v9", "@abcdefabcdef", "@v2", "@master")

    def flags(self, *names, share=0.3):
        return [name for name in names if self.often(share)]

    def package_pattern(self):
        return self.pick("all", "./...", ".", "./x", f"{HOST}/...", "std", *self.paths, *(p + "/x" for p in self.paths), f"{HOST}/m", f"{HOST}/n/...", "fmt")

    def mischief(self):
        """Something that happens to both copies between two commands."""
        return self.pick(["!lose-sum", str(self.rng.randint(0, 9))], ["!lose-cache"], ["!lose-vendor"],
                         ["!lose-line", self.pick("go.mod", "go.sum", "vendor/modules.txt"), str(self.rng.randint(0, 9))],
                         ["!lose-cached", self.pick(".mod", ".info", ".zip", ".ziphash", "list"), str(self.rng.randint(0, 9))],
                         ["!cut-cached", self.pick(".mod", ".info", ".zip", ".ziphash", "list"), str(self.rng.randint(0, 9))],
                         ["!lose-tree", str(self.rng.randint(0, 9))], ["!damage-sum", str(self.rng.randint(0, 9))], ["!offline"],
                         ["!write", self.pick("x/x.go", "p.go", "new/new.go"), as_word(self.package("p"))])

    def command(self):
        rng = self.rng
        kinds = ["tidy"] * 4 + ["why"] * 3 + ["list"] * 4 + ["graph", "vendor", "vendor", "download", "verify", "edit", "init"]
        if self.workspace:
            kinds += ["sync"] * 4 + ["work vendor"] * 4 + ["work use", "work edit"]
        kind = rng.choice(kinds)
        common = self.flags("-mod=mod", share=0.1) + self.flags("-mod=readonly", share=0.03) + self.flags("-mod=vendor", share=0.03)
        if kind == "tidy":
            return ["mod", "tidy", *self.flags("-e", "-v"), *self.flags("-diff", share=0.1),
                    *self.flags(f"-go={self.pick(*GO_LINES)}", share=0.15), *self.flags(f"-compat={self.pick('1.16', '1.17', '1.20', '1.22')}", share=0.1)]
        if kind == "why":
            if self.often(0.5):
                return ["mod", "why", "-m", *self.flags("-vendor"), *common, *(self.query() if self.often(0.1) else self.pick("all", *self.paths) for _ in range(rng.randint(1, 2)))]
            return ["mod", "why", *self.flags("-vendor"), *common, *(self.package_pattern() for _ in range(rng.randint(1, 3)))]
        if kind == "list":
            return ["list", "-m", *self.flags("-e", "-u", "-versions", "-retracted"), *self.flags("-json"), *common,
                    *self.flags("-f=" + self.pick(*TEMPLATES), share=0.1),
                    *(self.pick("all", self.query(), self.query(), f"{HOST}/...") for _ in range(rng.randint(0, 2)))]
        if kind == "graph":
            return ["mod", "graph", *self.flags(f"-go={self.pick(*GO_LINES)}", "-x", share=0.2)]
        if kind == "vendor":
            return ["mod", "vendor", *self.flags("-e", "-v"), *self.flags("-o", "out", share=0) ]
        if kind == "work vendor":
            return ["work", "vendor", *self.flags("-e", "-v")]
        if kind == "download":
            return ["mod", "download", *self.flags("-json"), *(self.query() for _ in range(rng.randint(0, 2)))]
        if kind == "verify":
            return ["mod", "verify"]
        if kind == "init":
            return self.pick(["mod", "init"], ["mod", "init", f"{HOST}/m"], ["work", "init"], ["work", "init", ".", "./rep"])
        if kind == "work edit":
            return ["work", "edit", self.pick("-json", "-print", "-fmt", "-use=./rep", "-dropuse=./n", "-go=1.21", "-toolchain=go1.26.8",
                                              f"-replace={self.pick(*self.paths)}=./rep", f"-dropreplace={self.pick(*self.paths)}")]
        if kind == "sync":
            return ["work", "sync"]
        if kind == "work use":
            return ["work", "use", *self.flags("-r", share=0.5), *(self.pick(".", "./n", "./o", "./rep", "./none") for _ in range(rng.randint(0, 2)))]
        path = self.pick(*self.paths)
        return ["mod", "edit", self.pick(f"-require={path}@{self.version(path)}", f"-droprequire={path}", f"-exclude={path}@v1.0.0",
                                         f"-replace={path}={self.pick('./rep', path + '@v1.0.0')}", f"-go={self.pick(*GO_LINES)}",
                                         "-toolchain=go1.26.8", "-toolchain=default", "-toolchain=none", f"-retract=v1.0.0", f"-tool={path}", "-fmt", "-json", f"-dropreplace={path}", f"-dropexclude={path}@v1.0.0", f"-droptool={path}", "-module=ex.com/mm")]


# --- playing ------------------------------------------------------------------------------------------------------

def write(folder, files):
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def write_proxy(folder, modules):
    content = Content()
    for (path, version), files in modules.items():
        data = {name: text.encode() for name, text in files.items()}
        mod = data.get("go.mod", f"module {path}\n".encode())
        info = f'{{"Version":"{version}","Time":"2024-01-0{1 + len(content.modules) % 9}T00:00:00Z"}}'.encode()
        module = Module(path, version, data, mod, info)
        module.zip = make_zip(module.zip_files())
        content.add(module)
    for module in content.modules.values():
        base = folder / escape(module.path) / "@v"
        base.mkdir(parents=True, exist_ok=True)
        for suffix in ("info", "mod", "zip"):
            (base / f"{escape(module.version)}.{suffix}").write_bytes(getattr(module, suffix))
        (base / "list").write_text("".join(v + "\n" for v in content.listed(module.path)))


def remove(folder):
    for at, _, _ in os.walk(folder):
        os.chmod(at, 0o755)
    shutil.rmtree(folder, ignore_errors=True)


def tree(folder, skip=()):
    found = {}
    for file in sorted(folder.rglob("*")):
        name = str(file.relative_to(folder))
        if file.is_file() and not name.endswith(".lock") and not name.startswith(tuple(skip)):
            found[name] = file.read_text(errors="replace")
    return found


def said(text):
    """stderr without prefixes, hints, and the order of downloads, which go varies."""
    lines = [line.removeprefix("go: ").removeprefix("larder: ") for line in text.splitlines()]
    lines = [line for line in lines if not line.startswith(("  hint: ", "-> "))]
    moved = [line for line in lines if line.startswith(("downloading ", "finding "))]
    return sorted(moved) + [line for line in lines if line not in moved]


class Side:
    """One of two equal copies."""

    def __init__(self, folder, program, env, universe):
        self.folder, self.program = folder, program
        self.project, self.cache = folder / "project", folder / "modcache"
        self.project.mkdir(parents=True)
        write(self.project, universe.project)
        self.start = universe.folder
        more = {name: value.replace("$HERE", str(self.project)).replace("$PROXY", env["GOPROXY"])
                for name, value in universe.environment.items()}
        self.env = {**env, "GOMODCACHE": str(self.cache), "GOFLAGS": universe.go_flags, **more}

    def suffer(self, kind, *words):
        if kind == "!lose-cache":
            remove(self.cache)
        elif kind == "!lose-vendor":
            remove(self.project / "vendor")
        elif kind == "!offline":
            self.env["GOPROXY"] = "off"
        elif kind in ("!lose-cached", "!cut-cached"):
            self.harm_cached(kind, *words)
        elif kind == "!lose-tree":
            trees = sorted(self.cache.glob("ex.com/**/*@v*"))
            if trees:
                remove(trees[int(words[0]) % len(trees)])
        elif kind == "!damage-sum":
            self.damage_sum(int(words[0]))
        elif kind == "!write":
            write(self.project, {words[0]: as_text(words[1])})
        else:
            file = self.project / ("go.sum" if kind == "!lose-sum" else words[0])
            lines = file.read_text().splitlines(keepends=True) if file.is_file() else []
            if lines:
                del lines[int(words[-1]) % len(lines)]
                file.write_text("".join(lines))

    def harm_cached(self, kind, suffix, at):
        files = [file for file in sorted(self.cache.glob("cache/download/ex.com/**/@v/*")) if file.name.endswith(suffix)]
        if not files:
            return
        file = files[int(at) % len(files)]
        if kind == "!lose-cached":
            file.unlink()
        else:
            os.truncate(file, file.stat().st_size // 2)

    def damage_sum(self, at):
        file = self.project / "go.sum"
        lines = file.read_text().splitlines(keepends=True) if file.is_file() else []
        if lines:
            lines[at % len(lines)] = lines[at % len(lines)].replace("h1:", "h1:A", 1)[:-3] + "=\n"
            file.write_text("".join(lines))

    def run(self, words):
        try:
            folder = self.project / self.start if (self.project / self.start).is_dir() else self.project
            done = subprocess.run([self.program, *(word.replace("~", " ") for word in words)], cwd=folder, env=self.env, capture_output=True, text=True, timeout=60, errors="replace", stdin=subprocess.DEVNULL)
            status, out, err = done.returncode, done.stdout, done.stderr
        except subprocess.TimeoutExpired:
            status, out, err = "timeout", "", ""
        hide = str(self.folder)
        cached = sorted(tree(self.cache / "cache" / "download", ("sumdb/",)))
        return {"status": status, "stdout": out.replace(hide, "$HERE"), "stderr": said(err.replace(hide, "$HERE")),
                "files": tree(self.project), "cache": cached}


def play(universe, top, go, larder):
    """None, or (words, {what: (go's, larder's)}) of the first command that differs. Each time in a new folder: go's
    index of modules goes by their names."""
    top.mkdir(exist_ok=True)
    folder = top / str(len(list(top.iterdir())))
    write_proxy(folder / "proxy", universe.modules)
    env = {"PATH": os.environ["PATH"], "HOME": str(folder / "home"), "GOCACHE": str(top.parent / "gocache"), "GOENV": "off",
           "GOPROXY": f"file://{folder / 'proxy'}", "GOSUMDB": "off", "GOTOOLCHAIN": "local", "GOFLAGS": "", "LC_ALL": "C",
           "GOTELEMETRY": "off", "GOPATH": str(folder / "gopath"), "LARDER_STORE": str(folder / "store")}
    (folder / "home/.config/go/telemetry").mkdir(parents=True)
    (folder / "home/.config/go/telemetry/mode").write_text("off")
    sides = [Side(folder / "go", go, env, universe), Side(folder / "la", larder, env, universe)]
    for words in universe.commands:
        if words[0].startswith("!"):
            for side in sides:
                side.suffer(*words)
            continue
        theirs, ours = (side.run(words) for side in sides)
        if theirs["status"] == 2 and "panic: " in "\n".join(theirs["stderr"]):
            return None  # a fault of go's own
        different = {what: (theirs[what], ours[what]) for what in theirs if theirs[what] != ours[what]}
        if theirs["status"] != 0 or "-e" in words:
            different.pop("cache", None)  # failures end at points that vary
        if different:
            remove(folder / "go"), remove(folder / "la")
            return words, different
        if theirs["status"] != 0 and theirs["cache"] != ours["cache"]:
            break  # what was fetched by then may vary
    return None


def smaller(universe):
    """Universes with one thing less."""
    for name in universe.environment:
        less = copy.deepcopy(universe)
        del less.environment[name]
        yield less
    for at in range(len(universe.commands) - 1):
        less = copy.deepcopy(universe)
        del less.commands[at]
        yield less
    for words, command in enumerate(universe.commands):
        for at in range(len(command) if command[0].startswith("!") else 2, len(command)):
            less = copy.deepcopy(universe)
            del less.commands[words][at]
            yield less
    for key in list(universe.modules):
        less = copy.deepcopy(universe)
        del less.modules[key]
        yield less
    for where in (universe.project, *universe.modules.values()):
        for name in list(where):
            less = copy.deepcopy(universe)
            at = less.project if where is universe.project else less.modules[next(k for k, v in universe.modules.items() if v is where)]
            del at[name]
            yield less
            lines = where[name].splitlines(keepends=True)
            for number in range(len(lines)):
                less = copy.deepcopy(universe)
                at = less.project if where is universe.project else less.modules[next(k for k, v in universe.modules.items() if v is where)]
                at[name] = "".join(lines[:number] + lines[number + 1:])
                yield less


def kind_of(different):
    return tuple(sorted(different)) + tuple(different.get("status", ()))


def shrink(universe, folder, go, larder, wanted, budget=400):
    found = True
    while found and budget > 0:
        found = False
        for less in smaller(universe):
            budget -= 1
            if budget <= 0:
                break
            result = play(less, folder, go, larder)
            if result and kind_of(result[1]) == wanted:
                universe, found = less, True
                break
    return universe


def show(universe, result):
    out = []
    for (path, version), files in sorted(universe.modules.items()):
        for name, text in files.items() or [("", "")]:
            out.append(f"== {path}@{version} {name}".rstrip() + "\n" + text.rstrip("\n"))
    for name, text in sorted(universe.project.items()):
        out.append(f"-- {name} --\n" + text.rstrip("\n"))
    out.append(" ".join([f"GOFLAGS={universe.go_flags} in {universe.folder}",
                         *(f"{name}={value}" for name, value in universe.environment.items())]))
    out.append("commands: " + " ; ".join(" ".join(words) for words in universe.commands))
    if result:
        words, different = result
        out.append("DIFFERS: " + " ".join(words))
        for what, (theirs, ours) in different.items():
            if isinstance(theirs, dict):
                for name in sorted(set(theirs) | set(ours)):
                    if theirs.get(name) != ours.get(name):
                        out.append(f"file {name}:\n go:\n{theirs.get(name)}\n larder:\n{ours.get(name)}")
            elif what == "cache":
                out.append(f"cache: go only {sorted(set(theirs) - set(ours))}, larder only {sorted(set(ours) - set(theirs))}")
            elif isinstance(theirs, list):
                out.append(f"{what}:\n go:\n  " + "\n  ".join(theirs) + "\n larder:\n  " + "\n  ".join(ours))
            else:
                out.append(f"{what}:\n go:\n{theirs}\n larder:\n{ours}")
    return "\n".join(line for line in out if line) + "\n"


def check(seed, folder, go, larder, small=True):
    """(kind, text) if larder does otherwise than go in the universe of this seed, else None."""
    universe = Universe(seed)
    result = play(universe, folder, go, larder)
    if not result:
        remove(folder)
        return None
    wanted = kind_of(result[1])
    if not play(universe, folder, go, larder):
        return None  # go itself varies
    if small:
        universe = shrink(universe, folder, go, larder, wanted)
    again = play(universe, folder, go, larder)
    remove(folder)
    return wanted, show(universe, again)


def play_cases(cases, go, larder):
    failed = 0
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR"), ignore_cleanup_errors=True) as top:
        for case in cases:
            universe = Case(case.read_text())
            result = play(universe, pathlib.Path(top) / case.stem, go, larder)
            failed += result is not None
            print(f"{case.name}: " + (f"differs\n{show(universe, result)}" if result else "as go"), flush=True)
    return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--whole", action="store_true", help="do not look for a smaller case")
    parser.add_argument("--out", type=pathlib.Path, help="a folder for the failing cases")
    parser.add_argument("cases", nargs="*", type=pathlib.Path)
    options = parser.parse_args()
    go, larder = shutil.which("go"), str(pathlib.Path(os.environ["LARDER_BIN"]).resolve())
    if options.cases:
        return play_cases(options.cases, go, larder)
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR"), ignore_cleanup_errors=True) as top:
        def one(seed):
            return seed, check(seed, pathlib.Path(top) / str(seed), go, larder, not options.whole)
        failed = 0
        with ThreadPoolExecutor(2) as pool:
            for seed, result in pool.map(one, range(options.seed, options.seed + options.count)):
                if result is None:
                    continue
                failed += 1
                kind, text = result
                print(f"#### seed {seed}: {', '.join(map(str, kind))}", flush=True)
                if options.out:
                    options.out.mkdir(parents=True, exist_ok=True)
                    (options.out / f"{seed}.txt").write_text(text)
                else:
                    print(text, flush=True)
    print(f"{options.count} projects, {failed} differ")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
