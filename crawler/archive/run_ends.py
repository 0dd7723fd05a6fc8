"""How runs ended, as the store keeps it: one small object a run, ``runs/<yyyy>/<mm>/<dd>/<run>.<state>.json``.

The WARC files tell what a run met, not whether it came to its end. A run that has none here was interrupted, if ends
were kept then: since when they are is an object's name, too. The names tell the states, so that a year of them is a few
lists.
"""

from __future__ import annotations

__all__ = ["RunEnd", "RunEnds", "put_end", "put_since", "run_ended", "wrong_end"]

import re
from datetime import datetime, timedelta
from typing import get_args

import msgspec

from crawler.archive.folders import RUN_ENDS
from crawler.archive.record_values import BAD_JSON
from crawler.archive.store import Store
from crawler.errors import BadArchive
from crawler.model.run import UNDER_WAY, RunState

_SINCE = f"{RUN_ENDS}since-"
_MOMENT = "%Y%m%dT%H%M%SZ"
_SINCE_KEY = re.compile(r"runs/since-(\d{8}T\d{6}Z)\.json")
_EARLIER = timedelta(minutes=1)
"""A run gets its id before the store is opened."""
_KEY = re.compile(r"runs/\d{4}/\d\d/\d\d/(?P<run>[^/]+)\.(?P<state>[a-z]+)\.json")
_RUN = re.compile(r"\d{8}T\d{6}Z-(?P<site>.+)-[0-9a-f]+")
_STATES: dict[str, RunState] = {state: state for state in get_args(RunState)}


class RunEnd(msgspec.Struct, frozen=True, kw_only=True):
    """The end of a run."""

    run: str
    site: str
    state: RunState
    reason: str | None
    ended_at: datetime

    @property
    def key(self) -> str:
        """Where it lies in the store."""
        return f"{RUN_ENDS}{self.ended_at:%Y/%m/%d}/{self.run}.{self.state}.json"


class RunEnds:
    """The ends that a store tells of."""

    def __init__(self, store: Store) -> None:
        """Learn which there are. Raises StoreError."""
        self._store = store
        self._keys: dict[str, tuple[RunState, str]] = {}
        self._since = "~"
        for stored in store.list(RUN_ENDS):
            match = _KEY.fullmatch(stored.key)
            if match is not None and match["state"] in _STATES:
                self._keys[match["run"]] = (_STATES[match["state"]], stored.key)
            elif mark := _SINCE_KEY.fullmatch(stored.key):
                self._since = min(self._since, mark[1])

    def state_of(self, run: str) -> RunState | None:
        """Return how `run` ended: ``interrupted`` if nothing tells, though ends were kept then; else None.

        The ids of runs begin with their moment, so they sort by it.
        """
        known = self._keys.get(run)
        return known[0] if known is not None else "interrupted" if run >= self._since else None

    def reason_of(self, run: str) -> str | None:
        """Return why it ended so; one that nothing tells of has no reason. Raises StoreError, BadArchive."""
        known = self._keys.get(run)
        return _read(known[1], self._store.get(known[1])).reason if known is not None else None


def put_end(store: Store, end: RunEnd) -> None:
    """Write `end`; writing it again is harmless. Raises StoreError."""
    store.put(end.key, msgspec.json.encode(end), overwrite=True)


def put_since(store: Store, now: datetime) -> None:
    """Note that the ends of runs are kept from `now` on, unless that was noted before. Raises StoreError."""
    if next(iter(store.list(_SINCE)), None) is None:
        store.put(f"{_SINCE}{now - _EARLIER:{_MOMENT}}.json", b"{}", overwrite=True)


def run_ended(key: str) -> str | None:
    """Return the run of whose end the object `key` tells; None: of none."""
    match = _KEY.fullmatch(key)
    return match["run"] if match is not None else None


def wrong_end(key: str, content: bytes) -> str | None:
    """Return what is wrong with the object `key`, None if it is the end that its name says."""
    if _SINCE_KEY.fullmatch(key):
        return None if content == b"{}" else "it says nothing but by its name, and holds something"
    try:
        end = _read(key, content)
    except BadArchive as error:
        return error.what
    named = _RUN.fullmatch(end.run)
    if end.key != key or (named is not None and named["site"] != end.site):
        return "it does not hold what its name says"
    if end.state in UNDER_WAY:
        return f"a run that is {end.state} has not ended"
    return None if content == msgspec.json.encode(end) else "it is not written as the ends of runs are"


def _read(key: str, content: bytes) -> RunEnd:
    try:
        return msgspec.json.decode(content, type=RunEnd)
    except BAD_JSON as error:
        raise BadArchive(f"{key} is not the end of a run ({error})") from error
