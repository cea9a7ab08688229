# SPDX-License-Identifier: Apache-2.0
"""The commands that resolve (`mod tidy`, `why`, `vendor`, `graph`, `list -m`) beside the go command, on real projects.

The projects are fetched once through the user's GOPROXY; everything measured has a full module cache and asks no one else.
Cold: go's build cache and Larder's index are empty. Warm: both know the project.
"""
import json
import os
import shutil
import subprocess
import sys

from measure import pairs, ratio_row, remove, run, say

# name, module, modules that it must have at least
PROJECTS = (
    ("caddy", "github.com/caddyserver/caddy/v2@v2.8.4", 380),
    ("loki", "github.com/grafana/loki/v3@v3.3.0", 1000),
    ("echo", "github.com/labstack/echo/v4@v4.11.4", 20),
)
WHY = "golang.org/x/text"  # a module that all of them need

# words, least ratio on the large projects; on the small one every command has to take half of go's time at the most
COMMANDS = (
    (("mod", "tidy"), 2),
    (("mod", "why", "-m", WHY), 2),
    (("mod", "graph"), 2),
    (("list", "-m", "all"), 2),
    (("list", "-m", "-json", "all"), 2),
    (("mod", "vendor"), 3),
)
# On the small project these, too, before the last of the others: what vendor/ answers is another command.
SMALL_COMMANDS = (
    ("mod", "why", WHY + "/unicode/norm"),
    ("mod", "edit", "-fmt"),
    ("mod", "edit", "-json"),
    ("mod", "tidy", "-diff"),
    ("mod", "download"),
    ("mod", "download", "-json"),
    ("mod", "verify"),
    ("list", "-m"),
    ("list", "-m", "-versions", "all"),
    ("list", "-m", "-u", "all"),
    ("list", "-m", "-u", "-json", "all"),
    ("list", "-m", "-retracted", "all"),
)
COLD_TARGET = 4
SMALL_TARGET = 2


class Project:
    """One project in its own folder: src/ and mod/, its module cache, which is its proxy too."""

    def __init__(self, bench, name, module, least):
        self.bench, self.name, self.module, self.least = bench, name, module, least
        self.folder = bench.work / "projects" / name
        self.source, self.cache = self.folder / "src", self.folder / "mod"

    def prepare(self):
        count = self.folder / "modules"
        if not count.exists():
            say(f"bench: fetching {self.module} and what it needs (once, into {self.folder})")
            remove(self.folder)
            self.folder.mkdir(parents=True)
            self.fetch()
            count.write_text(str(len(self.listed())))
        self.modules = int(count.read_text())
        if self.modules < self.least:
            sys.exit(f"bench: {self.name} has {self.modules} modules, fewer than {self.least}")
        return self

    def go(self, *words, cwd=None):
        env = {**os.environ, "GOMODCACHE": str(self.cache), "GOFLAGS": "-modcacherw", "GOWORK": "off", "GOTOOLCHAIN": "local",
               "GOCACHE": str(self.folder / "fetching")}
        return subprocess.run(["go", *words], cwd=cwd or self.source, env=env, check=True, stdout=subprocess.PIPE, text=True).stdout

    def fetch(self):
        shutil.copytree(json.loads(self.go("mod", "download", "-json", self.module, cwd=self.folder))["Dir"], self.source)
        for old in json.loads(self.go("mod", "edit", "-json"))["Replace"] or []:
            new, old = old["New"], old["Old"]
            if "Version" not in new and not (self.source / new["Path"]).is_dir():
                self.go("mod", "edit", "-dropreplace=" + "@".join(filter(None, (old["Path"], old.get("Version")))))
        remove(self.source / "vendor")
        for words in (["mod", "tidy"], ["list", "-m", "-mod=mod", "all"], ["mod", "vendor"], ["mod", "tidy"]):
            self.go(*words)
        remove(self.source / "vendor")
        remove(self.folder / "fetching")

    def listed(self):
        return self.go("list", "-m", "all").split("\n")[:-1]

    def env(self, home):
        return self.bench.env(HOME=home, GOCACHE=home / "go-build", XDG_CACHE_HOME=home / "cache", GOMODCACHE=self.cache,
                              GOPROXY=f"file://{self.cache / 'cache' / 'download'}")

    def cold(self, program):
        home = self.bench.fresh("home")
        home.mkdir(parents=True)
        return run([program, "mod", "tidy"], self.env(home), self.source)

    def warm(self, program, words):
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        return run([program, *words], self.env(home), self.source)


def rows(bench, chosen):
    """The table's rows for one project."""
    name, module, least = next(p for p in PROJECTS if p[0] == chosen)
    project = Project(bench, name, module, least).prepare()
    small = least < 380
    text = f"{project.modules} modules: "
    out = []
    samples = pairs(f"{name}: tidy, cold", bench.count, lambda: project.cold("go"), lambda: project.cold(bench.larder))
    out.append(ratio_row(f"{text}`mod tidy`, both indexes cold", *samples, SMALL_TARGET if small else COLD_TARGET, lighter=True))
    more = [(words, SMALL_TARGET) for words in SMALL_COMMANDS] if small else []
    for words, target in [*COMMANDS[:-1], *more, COMMANDS[-1]]:
        for program in ("go", bench.larder):
            project.warm(program, words)
        samples = pairs(f"{name}: {' '.join(words)}", bench.count, lambda w=words: project.warm("go", w),
                        lambda w=words: project.warm(bench.larder, w))
        out.append(ratio_row(f"{text}`{' '.join(words)}`", *samples, SMALL_TARGET if small else target, lighter=True))
    remove(project.source / "vendor")
    return out
