# SPDX-License-Identifier: Apache-2.0
"""What every benchmark needs: one timed command, interleaved pairs, the shape of the machine, a table."""
import dataclasses
import datetime
import json
import os
import pathlib
import platform
import shutil
import stat
import statistics
import subprocess
import sys
import tempfile


@dataclasses.dataclass
class Sample:
    wall: float  # seconds
    cpu: float   # user and system, seconds
    rss: int     # bytes, at the most


@dataclasses.dataclass
class Row:
    """One line of the table. `target` compares with `value`; at_least says in which direction."""
    case: str
    base: str    # what it is compared with, measured
    larder: str
    value: float
    unit: str
    target: float
    at_least: bool = True
    spread: str = ""
    heavier: bool = False  # takes more memory than what it is compared with, and may not

    @property
    def met(self):
        if self.heavier:
            return False
        return self.value >= self.target if self.at_least else self.value <= self.target


class Failed(Exception):
    """A command that was measured did not do its work."""


def say(text):
    print(text, file=sys.stderr, flush=True)


class Starter:
    """The process that starts what is measured; begun at the first command."""
    process = None

    @classmethod
    def ask(cls, command):
        if cls.process is None:
            cls.process = subprocess.Popen([sys.executable, "-I", "-S", "-B", pathlib.Path(__file__).with_name("starter.py")],
                                           stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        print(json.dumps(command), file=cls.process.stdin, flush=True)
        return json.loads(cls.process.stdout.readline())


def run(words, env, cwd=None):
    """Runs a command to its end and returns its Sample; its output is shown only when it fails."""
    words = [str(w) for w in words]
    with tempfile.NamedTemporaryFile() as output:
        answer = Starter.ask({"words": words, "env": env, "cwd": str(cwd or os.getcwd()), "output": output.name})
        if answer["status"]:
            raise Failed(f"{' '.join(words)}: exit status {answer['status']}\n"
                         + output.read()[-4000:].decode(errors="replace"))
    return Sample(answer["wall"], answer["cpu"], answer["rss"])


def remove(path):
    """Removes a folder whatever its modes are (a module cache is read-only)."""
    if os.path.isdir(path):
        for folder, _, _ in os.walk(path):
            os.chmod(folder, os.stat(folder).st_mode | stat.S_IRWXU)
        shutil.rmtree(path)


def pairs(name, count, first, second):
    """Runs two measurements `count` times each, by turns, each leading every other time: ([Sample], [Sample])."""
    samples = ([], [])
    sides = (first, second)
    for number in range(count):
        for side in ((0, 1), (1, 0))[number % 2]:
            samples[side].append(sides[side]())
        say(f"{name}: pair {number + 1} of {count}: {seconds(samples[0][-1].wall)}, {seconds(samples[1][-1].wall)}")
    return samples


def median(samples, what="wall"):
    return statistics.median(getattr(s, what) for s in samples)


def seconds(value):
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.3g} ms"


def show(samples):
    return f"{seconds(median(samples))} ({seconds(median(samples, 'cpu'))} CPU, {median(samples, 'rss') / 1e6:.0f} MB)"


def ratio_row(case, base, larder, target, lighter=False):
    """How many times faster larder is: the median of the pairs' own ratios. lighter: it may not take more memory."""
    ratios = sorted(b.wall / m.wall for b, m in zip(base, larder))
    return Row(case, show(base), show(larder), statistics.median(ratios), "×", target,
               spread=f"{ratios[0]:.2f}–{ratios[-1]:.2f}",
               heavier=lighter and median(larder, "rss") > median(base, "rss"))


def table(rows):
    lines = ["| case | compared with | larder | result | spread of the pairs | target | met |", "|---|---|---|---|---|---|---|"]
    for r in rows:
        sign = "≥" if r.at_least else "≤"
        lines.append(f"| {r.case} | {r.base} | {r.larder} | **{r.value:.2f} {r.unit}** | {r.spread or '–'} "
                     f"| {sign} {r.target:g} {r.unit} | {'yes' if r.met else 'no'} |")
    return "\n".join(lines)


def machine():
    """One line: processor, cores, memory, kernel, file system, date."""
    cpuinfo = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":", 1)[1].strip() for line in cpuinfo if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    return (f"{today}; {model}, {len(os.sched_getaffinity(0))} cores, {memory:.0f} GiB; "
            f"Linux {platform.release().split('-')[0]}; load before the run {load:.1f}")
