"""Who holds a run: a name that no other process ever has, and what this machine can tell of its life.

A process id alone says nothing: on another machine, in another container or after a restart of the machine it is
somebody else's. So a name says where its process runs, too, and who is elsewhere is believed to live as long as its
lease does (`crawler.state.owners`).
"""

from __future__ import annotations

__all__ = ["lives_here", "owner"]

import os
import socket
from functools import cache
from pathlib import Path


def owner(label: str, pid: int | None = None) -> str:
    """Return the name ``label@host:pid:start`` of a process of this machine (default: this one).

    `host` tells apart machines, their restarts and the containers on one; `start` later processes with the same pid.
    It is empty where /proc does not say.
    """
    pid = os.getpid() if pid is None else pid
    return f"{label}@{_host()}:{pid}:{_start(pid) or ''}"


def lives_here(name: str) -> bool | None:
    """Tell whether the process that `owner` named still runs; None if it runs elsewhere, so that this cannot be told.

    A name without a host is of a version before leases, whose database was never shared: it is judged as one of here.
    """
    place, _, rest = name.partition(":")
    host = place.partition("@")[2]
    if host not in ("", _host()):
        return None
    pid, _, start = rest.partition(":")
    return pid.isdecimal() and _runs(int(pid), start)


def _runs(pid: int, start: str) -> bool:
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
def _host() -> str:
    """Return host name, boot and process-id namespace: within all three, a process id means one process."""
    try:
        namespace = os.readlink("/proc/self/ns/pid").strip("pid:[]")  # noqa: PTH115 - it is no path
    except OSError:
        namespace = ""
    return f"{socket.gethostname().replace(':', '_')}~{_boot()}{namespace}"


@cache
def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")[:8] + "-"
    except OSError:
        return ""
