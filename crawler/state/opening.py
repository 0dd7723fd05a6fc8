"""Opening the state that the settings name, and what befalls it as a whole: replaced, set aside.

Everybody comes this way; nobody else knows where it is kept, or in what.
"""

from __future__ import annotations

__all__ = ["DATABASE", "is_sound", "memory_state", "open_state", "read_state", "replaced_state", "set_aside"]

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from crawler.clock import Clock
from crawler.config import StateSettings
from crawler.errors import StateError, StateMissing, UsageError
from crawler.state.sqlite import SqliteDatabase, damaged
from crawler.state.state import State

DATABASE = "warraq.db"
"""Its name within the state folder."""
_LOGS = ("-wal", "-shm")
_COMPANIONS = ("", *_LOGS)


def open_state(settings: StateSettings, *, clock: Clock) -> State:
    """Return the state that the settings name, which is made if missing and migrated if older.

    Raises StateError if it is damaged, not ours, of a newer version, or cannot be written.
    """
    return _opened(_file(settings), clock)


def read_state(settings: StateSettings, *, clock: Clock) -> State:
    """Return the same for reading only: also where nothing can be written. Raises StateMissing if there is none,
    StateError.
    """
    path = _file(settings)
    if not path.is_file():
        raise StateMissing(
            f"{path.parent} holds no state: nothing was run here",
            next_step="crawl something first, or name its folder with --state",
        )
    if not path.stat().st_size:
        raise damaged(str(path), "it is empty")
    database = SqliteDatabase(path)
    database.open_to_read(clock)
    return State(database, clock)


def memory_state(*, clock: Clock) -> State:
    """Return a new state that lives in memory until it is closed, for tests and trials."""
    return _opened(None, clock)


@contextmanager
def replaced_state(settings: StateSettings, *, clock: Clock, force: bool = False) -> Iterator[State]:
    """Fill a new state: it takes the place of the old one when the block ends well, else the old one stays.

    Raises UsageError if there is one and `force` is off, StateError.
    """
    path = _file(settings)
    if path.exists() and not force:
        raise UsageError(
            f"{path} is there already", next_step="name a new folder with --state, or replace it with --force"
        )
    part = path.with_name(f"{path.name}.rebuilding")
    try:
        _remove(part)
        with _opened(part, clock) as state:
            yield state
        _remove(path, _LOGS)  # they are not the new file's; without them the old one is whole, if not the latest
        part.replace(path)
    except OSError as error:
        raise StateError(f"{path.parent}: {error.strerror}", next_step="make room, then start again") from error
    finally:
        _remove(part)


def is_sound(settings: StateSettings, *, clock: Clock) -> bool:
    """Tell whether there is a state all of which can be read. Raises StateDamaged if it is there and cannot be,
    StateError.
    """
    path = _file(settings)
    if not path.exists() or path.stat().st_size == 0:
        return False
    with open_state(settings, clock=clock) as state:
        state.check()
    return True


def set_aside(settings: StateSettings, *, clock: Clock) -> str | None:
    """Give a damaged database another name and return it; None if nothing was there. Raises StateError.

    What is left of a missing one (``-wal``, ``-shm``) would spoil the new one.
    """
    path = _file(settings)
    if not path.exists() and not path.with_name(f"{path.name}-wal").exists():
        return None
    aside = path.with_name(f"{path.name}.damaged-{clock.now():%Y%m%dT%H%M%SZ}")
    try:
        for suffix in _COMPANIONS:
            part = path.with_name(path.name + suffix)
            if part.exists():
                part.rename(aside.with_name(aside.name + suffix))
    except OSError as error:
        raise StateError(f"{path} cannot be set aside: {error.strerror}", next_step="check permissions") from error
    return aside.name


def _file(settings: StateSettings) -> Path:
    return Path(settings.dir) / DATABASE


def _opened(path: Path | None, clock: Clock) -> State:
    database = SqliteDatabase(path)
    database.open(clock)
    return State(database, clock)


def _remove(database: Path, suffixes: Iterable[str] = _COMPANIONS) -> None:
    for suffix in suffixes:
        database.with_name(database.name + suffix).unlink(missing_ok=True)
