"""What it costs to begin: python benchmarks/startup.py [TIMES]

CPU seconds (user and system) of a fresh process, the median of TIMES (9), for the bare interpreter, ``warraq --help``
and ``from crawler.parse import read_page``; the commands take turns, so that a busy machine spoils all alike. The last
column is the cost without that of the interpreter, as a multiple of it: that travels from machine to machine.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys

COMMANDS = {
    "the interpreter": ("-c", "pass"),
    "warraq --help": ("-m", "crawler", "--help"),
    "from crawler.parse import read_page": ("-c", "from crawler.parse import read_page"),
}


def cpu_s(arguments: tuple[str, ...]) -> float:
    """Return the CPU seconds of one process and its children."""
    process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{arguments} ended with {process.returncode}")
    return used.ru_utime + used.ru_stime


def main() -> None:
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(times + 1):  # the first one fills caches
        for name, arguments in COMMANDS.items():
            taken[name].append(cpu_s(arguments))
    medians = {name: statistics.median(all_of[1:]) for name, all_of in taken.items()}
    bare = medians["the interpreter"]
    for name, median in medians.items():
        print(f"{name:36} {median:6.3f} s   least {min(taken[name][1:]):6.3f} s   {(median - bare) / bare:5.1f}")


if __name__ == "__main__":
    main()
