"""Who holds a run: a process's name that no later process can have, and whether that process still lives."""

from __future__ import annotations

__all__ = ["alive", "owner"]

import os
from functools import cache
from pathlib import Path


def owner(label: str, pid: int | None = None) -> str:
    """Return the name ``label:pid:start`` of a process (default: this one).

    `start` tells a process from later ones with the same pid; it is empty where /proc does not say.
    """
    pid = os.getpid() if pid is None else pid
    return f"{label}:{pid}:{_start(pid) or ''}"


def alive(name: str) -> bool:
    """Tell whether the process that `owner` named still runs on this machine."""
    _, _, rest = name.partition(":")
    pid_text, _, start = rest.partition(":")
    if not pid_text.isdecimal():
        return False
    pid = int(pid_text)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it exists and is someone else's
    now = _start(pid)
    return now == start if start and now is not None else now is not None or not Path("/proc/self/stat").exists()


def _start(pid: int) -> str | None:
    """Return boot and start time of `pid` in one word, None if it is gone, a zombie, or /proc is not there."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()  # proc(5): after the name come state (3) ... starttime (22)
    return None if fields[0] in ("Z", "X") else f"{_boot()}{fields[19]}"


@cache
def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")[:8] + "-"
    except OSError:
        return ""
