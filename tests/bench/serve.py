#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Warm hits of `larder serve` (one thread) beside nginx (one worker, sendfile) on the same files, over loopback.

Interleaved pairs, so that a change of the machine's load meets both; the result is the median of the pairs'
ratios. Prints one JSON object a line, a row of the table of bench.py. Needs nginx and wrk. The time is bounded:
sizes x pairs x 2 x seconds.
"""
import argparse
import base64
import contextlib
import dataclasses
import hashlib
import io
import json
import os
import pathlib
import re
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import zipfile

from measure import Row
from nginx import Nginx, program as nginx_program

CASES = [("200 B", "v1.0.0.info", 200), ("30 KB", "v1.0.0.zip", 30_000), ("5 MB", "v2.0.0+incompatible.zip", 5_000_000)]
MODULE = "go/bench.test/m/@v"
COMMAND = "{larder} --store {store} serve --listen 127.0.0.1:0 --threads 1 --no-access-log"
TARGET = 0.8        # of nginx
RSS_TARGET = 40     # MB


@dataclasses.dataclass
class Sample:
    rate: float  # requests a second
    p99: float   # milliseconds
    cpu: float   # of the server, microseconds a request


def module_zip(version, data):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo(f"bench.test/m@{version}/data"), data)
    return out.getvalue()


def h1(version, data):
    line = f"{hashlib.sha256(data).hexdigest()}  bench.test/m@{version}/data\n"
    return "h1:" + base64.b64encode(hashlib.sha256(line.encode()).digest()).decode()


def fill(store):
    """Two versions that pass for modules: what does not match its hash is not served. Their sizes are those of CASES."""
    sizes = {name: size for _, name, size in CASES}
    folder = store / MODULE
    folder.mkdir(parents=True)
    for version in ("v1.0.0", "v2.0.0+incompatible"):
        size = sizes[f"{version}.zip"] - len(module_zip(version, b""))
        data = os.urandom(size)
        (folder / f"{version}.zip").write_bytes(module_zip(version, data))
        (folder / f"{version}.ziphash").write_text(h1(version, data))
        (folder / f"{version}.mod").write_text("module bench.test/m\n")
        info = json.dumps({"Version": version, "Time": "2024-01-02T03:04:05Z"})
        (folder / f"{version}.info").write_text(info.ljust(sizes.get(f"{version}.info", 0)))


@contextlib.contextmanager
def serving(command):
    """Process and URL; the URL is the first one that it prints, on whichever stream."""
    process = subprocess.Popen(shlex.split(command), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        for line in process.stdout:
            if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                break
        else:
            sys.exit(f"bench: {command}: ended without naming its URL")
        yield process.pid, found.group(0)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def proc(pid, name):
    return pathlib.Path(f"/proc/{pid}/{name}").read_text()


def cpu_seconds(pid):
    """Of the process and its children."""
    pids = [pid, *map(int, proc(pid, f"task/{pid}/children").split())]
    ticks = sum(sum(map(int, proc(p, "stat").rpartition(")")[2].split()[11:13])) for p in pids)
    return ticks / os.sysconf("SC_CLK_TCK")


def peak_rss_mb(pid):
    return int(re.search(r"VmHWM:\s+(\d+) kB", proc(pid, "status")).group(1)) / 1000


def wrk(pid, url, seconds, connections):
    """Any answer but 2xx ends the run."""
    before = cpu_seconds(pid)
    out = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "--latency", url],
                         check=True, capture_output=True, text=True).stdout
    cpu = cpu_seconds(pid) - before
    if "Non-2xx" in out or "Socket errors" in out:
        sys.exit(f"bench: {url}: {out}")
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", out)
    scale = {"us": 0.001, "ms": 1.0, "s": 1000.0}[p99.group(2)]
    count = int(re.search(r"(\d+) requests in", out).group(1))
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))
    return Sample(rate, float(p99.group(1)) * scale, cpu / max(count, 1) * 1e6)


def show(samples):
    def middle(name):
        return statistics.median(getattr(s, name) for s in samples)
    return f"{middle('rate'):.0f}/s ({middle('cpu'):.1f} µs CPU a request, p99 {middle('p99'):.2f} ms)"


def emit(row):
    print(json.dumps(dataclasses.asdict(row)), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--larder", default=os.environ.get("LARDER_BIN", "larder"), help="the program (or LARDER_BIN)")
    parser.add_argument("--command", default=COMMAND, help="how it is started; {larder} and {store} are filled in")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=1, help="of each measurement")
    parser.add_argument("--connections", type=int, default=64)
    args = parser.parse_args()
    if nginx_program() is None or shutil.which("wrk") is None:
        sys.exit("bench: nginx or wrk is missing; the Debian packages are nginx-light and wrk")
    with tempfile.TemporaryDirectory(prefix="larder-bench-") as folder:
        work = pathlib.Path(folder)
        os.chmod(work, 0o755)
        store = work / "store"
        fill(store)
        command = args.command.format(larder=shlex.quote(str(args.larder)), store=shlex.quote(str(store)))
        reference = Nginx(store / "go", work / "nginx")
        with serving(command) as (pid, ours), reference as theirs:
            for name, file, _ in CASES:
                path = f"/bench.test/m/@v/{file}"
                base, mine = [], []
                for _ in range(args.pairs):
                    base.append(wrk(reference.process.pid, theirs + path, args.seconds, args.connections))
                    mine.append(wrk(pid, ours + path, args.seconds, args.connections))
                ratios = sorted(m.rate / b.rate for b, m in zip(base, mine))
                emit(Row(f"`serve`, warm hit of {name}", f"nginx: {show(base)}", show(mine), statistics.median(ratios),
                         "×", TARGET, spread=f"{ratios[0]:.2f}–{ratios[-1]:.2f}"))
            rss = peak_rss_mb(pid)
            emit(Row(f"memory of `serve`, {args.connections} connections", "–", f"{rss:.1f} MB at the most", rss, "MB",
                     RSS_TARGET, at_least=False))


if __name__ == "__main__":
    main()
