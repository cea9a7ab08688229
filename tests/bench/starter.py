# SPDX-License-Identifier: Apache-2.0
"""Starts measured commands from a small process: what a parent holds in memory counts as its child's until the exec.

Each line of standard input is {"words", "env", "cwd", "output"}; each line of the answer {"wall", "cpu", "rss", "status"}.
"""
import json
import os
import sys
import time

for line in sys.stdin:
    command = json.loads(line)
    os.chdir(command["cwd"])
    os.sync()  # what the run before this one left to be written is not this one's time
    files = [(os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
             (os.POSIX_SPAWN_OPEN, 1, command["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
             (os.POSIX_SPAWN_DUP2, 1, 2)]
    start = time.monotonic()
    child = os.posix_spawnp(command["words"][0], command["words"], command["env"], file_actions=files)
    _, status, usage = os.wait4(child, 0)
    wall = time.monotonic() - start
    print(json.dumps({"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "rss": usage.ru_maxrss * 1024,
                      "status": os.waitstatus_to_exitcode(status)}), flush=True)
