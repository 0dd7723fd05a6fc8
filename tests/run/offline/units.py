"""Units of work that misbehave, importable by the processes of an engine."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path


def double(number: int) -> int:
    return 2 * number


def fail(number: int) -> int:
    raise ValueError(f"{number} cannot be done")


def die_at_seven(number: int) -> int:
    if number == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def careful(number: int) -> int:
    return -number


def die_once(folder: Path, number: int) -> int:
    """End the process the first time that each odd number is done."""
    seen = folder / str(number)
    if number % 2 and not seen.exists():
        seen.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def wait_long(folder: Path, number: int) -> int:
    (folder / f"{number}-{os.getpid()}").touch()
    time.sleep(60)
    return number
