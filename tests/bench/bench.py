# SPDX-License-Identifier: Apache-2.0
"""Larder beside the go command, on the modules of tests/bench/set, in interleaved pairs. Run by scripts/bench.

The modules are fetched once through the user's GOPROXY into the work folder (LARDER_BENCH, build/bench by default);
everything measured runs on this machine alone. Prints a Markdown table; --write puts it into docs/benchmarks.md.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import zipfile

import resolve
from measure import Failed, Row, machine, median, pairs, ratio_row, remove, run, say, show, table
from nginx import Nginx, program as nginx_program

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent


class Bench:
    def __init__(self, options):
        self.larder = pathlib.Path(options.larder).resolve()
        self.project = pathlib.Path(options.set).resolve()
        self.count = options.pairs
        self.work = pathlib.Path(os.environ.get("LARDER_BENCH", ROOT / "build" / "bench")).resolve()
        self.work.mkdir(parents=True, exist_ok=True)
        self.upstream = self.work / "modcache" / "cache" / "download"
        self.store = self.work / "store"
        self.bundle = self.work / "set.larder"
        kind = subprocess.run(["stat", "-f", "-c", "%T", self.work], check=True, capture_output=True, text=True).stdout
        self.in_memory = kind.strip() == "tmpfs"
        self.count_fresh = 0
        self.clean()

    def env(self, **more):
        keep = {k: os.environ[k] for k in ("PATH", "TMPDIR") if k in os.environ}
        return {**keep, "HOME": str(self.work / "home"), "GOCACHE": str(self.work / "gocache"), "GOENV": "off",
                "GOTOOLCHAIN": "local", "GOSUMDB": "off", "GOFLAGS": "-modcacherw", "GOWORK": "off", "LC_ALL": "C",
                "GOPROXY": "off", **{k: str(v) for k, v in more.items()}}

    def fresh(self, name):
        """A folder that does not exist yet, gone after the case. On a disk each has a name of its own and none goes
        before the case is over: ext4 does not give out an inode again in the minutes after its deletion, and looking for
        others multiplies the time of every new file. In memory both of a pair have the same folder, so that each writes to
        what the other one freed: a virtual machine takes memory back from those who do not use it, and the first to touch
        it again would pay."""
        self.count_fresh += 1
        path = self.work / ("fresh" if self.in_memory else f"fresh-{self.count_fresh}") / name
        remove(path)
        return path

    def clean(self):
        for path in self.work.glob("fresh*"):
            remove(path)

    # --- what is prepared once

    def prepare(self):
        say(f"bench: the modules of {self.project.name} (fetched once, into {self.work})")
        subprocess.run(["go", "mod", "download"], cwd=self.project, check=True, stdout=sys.stderr,
                       env={**os.environ, "GOMODCACHE": str(self.work / "modcache"), "GOFLAGS": "-modcacherw", "GOWORK": "off"})
        zips = [self.upstream / name for name in self.names()]
        self.zip_bytes = sum(z.stat().st_size for z in zips)
        self.raw_bytes = 0
        for path in zips:
            with zipfile.ZipFile(path) as archive:
                self.raw_bytes += sum(i.file_size for i in archive.infolist())
        self.modules = len(zips)
        return f"{self.modules} modules, {self.zip_bytes / 1e6:.0f} MB of zips, {self.raw_bytes / 1e6:.0f} MB of files"

    def names(self):
        """The archives that `go mod download` fetches for the set."""
        listed = subprocess.run(["go", "mod", "download", "-json"], cwd=self.project, check=True, capture_output=True,
                                text=True, env=self.env(GOMODCACHE=self.work / "modcache")).stdout
        decoder, at, found = json.JSONDecoder(), 0, []
        while at < len(listed.rstrip()):
            entry, at = decoder.raw_decode(listed, at)
            at += len(listed[at:]) - len(listed[at:].lstrip())
            found.append(str(pathlib.Path(entry["Zip"]).relative_to(self.upstream)))
        return found

    def stocked(self):
        """The store with the set; made when a case needs it first."""
        if not (self.work / "stocked").exists():
            remove(self.store)
            self.stock(self.store)
            (self.work / "stocked").touch()
        return self.store

    def stock(self, store, **more):
        return run([self.larder, "--store", store, "--progress", "never", "stock", self.project],
                   self.env(**{"GOPROXY": f"file://{self.upstream}", "GOMODCACHE": self.fresh("stock-cache"), **more}))

    # --- cases: each returns rows of the table

    def download_cold(self):
        with Nginx(self.upstream, self.work / "nginx") as url:
            def one(program):
                return lambda: run([program, "mod", "download"], self.env(GOPROXY=url, GOMODCACHE=self.fresh("cold")), self.project)
            samples = pairs("download-cold", self.count, one("go"), one(self.larder))
        return [ratio_row("`mod download`, empty cache, loopback proxy", *samples, 2.5)]

    def beside(self, name, words, target, text):
        """The same go command on the same full module cache."""
        def one(program):
            return lambda: run([program, *words], self.env(GOMODCACHE=self.work / "modcache"), self.project)
        return [ratio_row(text, *pairs(name, self.count, one("go"), one(self.larder)), target)]

    def download_warm(self):
        return self.beside("download-warm", ["mod", "download"], 1.5, "`mod download`, nothing to do")

    def verify(self):
        return self.beside("verify", ["mod", "verify"], 2.5, "`mod verify`")

    def restore(self):
        store = self.stocked()

        def with_go():
            return run(["go", "mod", "download"], self.env(GOPROXY=f"file://{store}/go", GOMODCACHE=self.fresh("cold")), self.project)

        def with_larder():
            return run([self.larder, "--store", store, "--progress", "never", "restore", self.project],
                       self.env(GOMODCACHE=self.fresh("cold")))
        samples = pairs("restore", self.count, with_go, with_larder)
        return [ratio_row("`restore`; go: `mod download` from file://", *samples, 3)]

    def pack(self):
        return run([self.larder, "--store", self.stocked(), "--progress", "never", "pack", "--key", self.key(), "-o", self.bundle,
                    self.project], self.env())

    def key(self):
        key = self.work / "bench.key"
        if not key.exists():
            run([self.larder, "key", "new", "-o", self.work / "bench"], self.env())
        return key

    def bundling(self):
        self.key()
        packed, unpacked = [], []
        for number in range(self.count):
            self.bundle.unlink(missing_ok=True)
            packed.append(self.pack())
            inside = self.fresh("inside")
            unpacked.append(run([self.larder, "--store", inside, "--progress", "never", "unpack", "--trust", self.work / "bench.pub",
                                 self.bundle], self.env()))
            say(f"bundle: {number + 1} of {self.count}: {packed[-1].wall:.2f} s, {unpacked[-1].wall:.2f} s")
        size = self.bundle.stat().st_size
        raw = self.raw_bytes / 1e6
        return [
            Row("bundle size, zstd level 10", f"{self.zip_bytes / 1e6:.0f} MB of zips", f"{size / 1e6:.0f} MB", size / self.zip_bytes, "×", 0.6, False),
            Row("`pack`", f"{raw:.0f} MB of files", show(packed), raw / median(packed), "MB/s", 80),
            Row("`unpack`, everything verified", f"{raw:.0f} MB of files", show(unpacked), raw / median(unpacked), "MB/s", 80)]

    def stocking(self):
        samples = [self.stock(self.fresh("stock")) for _ in range(min(self.count, 3))]
        return [Row("memory of `stock`", "–", show(samples), max(s.rss for s in samples) / 1e6, "MB", 200, False)]

    def proven(self):
        """The store with the set and what the user's checksum database says of it; fetched once."""
        store = self.work / "proven"
        if not (self.work / "proven.done").exists():
            remove(store)
            subprocess.run([self.larder, "--store", store, "--progress", "never", "stock", self.project], check=True,
                           stdout=sys.stderr, env={**os.environ, "GOMODCACHE": str(self.work / "modcache"), "GOWORK": "off"})
            (self.work / "proven.done").touch()
        return store

    def database(self):
        """What the checksum database costs: proving all that a store holds, and stocking with it from a loopback proxy."""
        store, name = self.proven(), user_database()
        count = sum(1 for path in (store / "go" / "sumdb").glob("*/lookup/**/*") if path.is_file())
        checked = [run([self.larder, "--store", store, "--json", "check", self.project], self.env(GOSUMDB=name))
                   for _ in range(self.count)]
        with Nginx(store / "go", self.work / "nginx") as url:
            def one(database):
                return lambda: self.stock(self.fresh("stock"), GOPROXY=url, GOSUMDB=database)
            without, with_it = pairs("database", self.count, one("off"), one(name))
        ratios = sorted(b.wall / a.wall for a, b in zip(without, with_it))
        return [
            Row(f"`check` with the proofs of {count} lookups", "–", show(checked), median(checked), "s", 0.3, False),
            Row("`stock` with the checksum database; without it", show(without), show(with_it), statistics.median(ratios), "×",
                1.1, False, f"{ratios[0]:.2f}–{ratios[-1]:.2f}")]

    def serve(self):
        """serve.py measures it beside nginx and prints JSON lines, one a row."""
        out = subprocess.run([sys.executable, "-B", HERE / "serve.py", "--larder", self.larder, "--pairs", str(self.count)],
                             check=True, stdout=subprocess.PIPE, text=True).stdout
        return [Row(**json.loads(line)) for line in out.splitlines() if line.startswith("{")]

    def resolving(self):
        return [row for name, _, _ in resolve.PROJECTS for row in resolve.rows(self, name)]


CASES = {
    "download-cold": Bench.download_cold,
    "download-warm": Bench.download_warm,
    "verify": Bench.verify,
    "restore": Bench.restore,
    "bundle": Bench.bundling,
    "stock": Bench.stocking,
    "database": Bench.database,
    "serve": Bench.serve,
    "resolve": Bench.resolving,
    **{f"resolve-{name}": (lambda bench, name=name: resolve.rows(bench, name)) for name, _, _ in resolve.PROJECTS},
}
ALL = [name for name in CASES if not name.startswith("resolve-")]


def version(words):
    return subprocess.run([str(w) for w in words], capture_output=True, text=True).stdout.strip().splitlines()[0]


def user_database():
    return subprocess.run(["go", "env", "GOSUMDB"], check=True, capture_output=True, text=True).stdout.strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--larder", default=os.environ.get("LARDER_BIN"), help="the program (or LARDER_BIN)")
    parser.add_argument("--set", default=HERE / "set", help="another project than tests/bench/set")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"{', '.join(CASES)}; all by default")
    options = parser.parse_args()
    unknown = set(options.cases) - set(CASES)
    if unknown or not options.larder:
        parser.error(f"unknown case: {', '.join(sorted(unknown))}" if unknown else "--larder or LARDER_BIN is needed")
    chosen = options.cases or ALL
    needs_set = not all(name.startswith("resolve") for name in chosen)
    if needs_set and not nginx_program():
        sys.exit("bench: there is no nginx; scripts/setup --bench gets it")

    about = machine()
    bench = Bench(options)
    (bench.work / "home").mkdir(exist_ok=True)
    head = bench.prepare() if needs_set else "not used"
    rows, failures = [], []
    for name in chosen:
        try:
            rows += CASES[name](bench)
        except (Failed, subprocess.CalledProcessError) as error:
            failures.append(f"{name}: {error}")
            say(f"bench: {failures[-1]}")
        bench.clean()
    text = (f"# Benchmarks\n\nMade by `scripts/bench --write`; medians of {options.pairs} interleaved pairs in one run.\n\n"
            f"- Machine: {about}\n- Set: {head} (`tests/bench/set`); all files {'in memory (tmpfs)' if bench.in_memory else 'on a disk'}\n"
            f"- {version(['go', 'version'])}; {version([bench.larder, 'version'])}\n\n{table(rows)}\n")
    print(text)
    if options.write and not failures:
        page = ROOT / "docs" / "benchmarks.md"
        page.write_text(text + "\n## " + page.read_text().split("\n## ", 1)[1])  # what explains the table stays
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
