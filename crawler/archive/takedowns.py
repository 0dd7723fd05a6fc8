"""Takedowns as they lie in a store: ``takedowns/<moment>-<digest>.json``, one object a decision, never changed.

They lie beside the archive and not in the state, so they hold for everybody who reads it, and outlive a lost database.
Undoing one is another decision. Beside one that erases lies what was done to each file:
``takedowns/<moment>-<digest>/<name>.json``.
"""

from __future__ import annotations

__all__ = [
    "AUDIT_TYPE",
    "Decision",
    "ErasedRecord",
    "Erasure",
    "decisions",
    "digests_after",
    "enter",
    "erasures",
    "is_or_became",
    "taken_down",
]

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

import msgspec

from crawler.archive.folders import TAKEDOWNS
from crawler.archive.record_values import BAD_JSON
from crawler.archive.store import Store
from crawler.clock import timestamp14
from crawler.errors import BadArchive, ObjectExists
from crawler.model.takedown import Takedown, TakenDown

AUDIT_TYPE = "application/vnd.warraq.erased+json"
"""Content type of the metadata record in the place of what was erased."""

_DECISION = re.compile(r"takedowns/\d{14}-[0-9a-f]{12}\.json")
_ERASURE = re.compile(r"takedowns/\d{14}-[0-9a-f]{12}/.+\.warc\.gz\.json")


class Decision(NamedTuple):
    """A decision and its key."""

    key: str
    takedown: Takedown


class ErasedRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of a record that is no longer there."""

    type: str
    id: str
    date: str
    offset: int
    length: int
    digest: str = ""
    """Of its block, as the record had it."""


class Erasure(msgspec.Struct, frozen=True, kw_only=True):
    """What was done to one WARC file. The file keeps its name and its length, and every other record its place."""

    format: str = "warraq-erasure/1"
    takedown: str
    """Key of the decision."""
    key: str
    """Of the WARC."""
    size: int
    """Bytes, before and after."""
    before_sha256: str
    after_sha256: str
    index_key: str | None = None
    """Of its index; None: none lies beside it."""
    before_index_sha256: str = ""
    after_index_sha256: str = ""
    records: tuple[ErasedRecord, ...]


def enter(store: Store, takedown: Takedown, at: datetime) -> Decision:
    """Write `takedown` to `store`; return it with its key. Writing it again is harmless. Raises StoreError."""
    content = msgspec.json.encode(takedown)
    key = f"{TAKEDOWNS}{timestamp14(at)}-{sha256(content).hexdigest()[:12]}.json"
    with suppress(ObjectExists):  # the name holds the digest of the content
        store.put(key, content)
    return Decision(key, takedown)


def decisions(store: Store) -> list[Decision]:
    """Return all decisions of `store`, those that no longer hold included, the oldest first.

    Raises BadArchive for one that cannot be read: what it forbids must not be shown for want of it. Raises StoreError.
    """
    found = []
    for stored in store.list(TAKEDOWNS):
        if _DECISION.fullmatch(stored.key):
            try:
                found.append(Decision(stored.key, msgspec.json.decode(store.get(stored.key), type=Takedown)))
            except BAD_JSON as error:
                raise BadArchive(
                    f"{store.url}: {stored.key} is damaged ({error})", next_step="put a good copy of it there"
                ) from error
    return found


def taken_down(store: Store) -> TakenDown:
    """Return what holds in `store`. Raises BadArchive, StoreError."""
    found = decisions(store)
    undone = {one.takedown.undoes for one in found}
    return TakenDown(tuple(one.takedown for one in found if one.takedown.undoes is None and one.key not in undone))


def erasures(store: Store) -> Iterator[Erasure]:
    """Yield what was done to WARC files of `store`, the oldest first. Raises BadArchive, StoreError."""
    for stored in store.list(TAKEDOWNS):
        if _ERASURE.fullmatch(stored.key):
            yield _erasure(store, stored.key)


def _readable(store: Store) -> Iterator[Erasure]:
    for stored in store.list(TAKEDOWNS):
        if _ERASURE.fullmatch(stored.key):
            with suppress(BadArchive):
                yield _erasure(store, stored.key)


def _erasure(store: Store, key: str) -> Erasure:
    try:
        return msgspec.json.decode(store.get(key), type=Erasure)
    except BAD_JSON as error:
        raise BadArchive(f"{store.url}: {key} is damaged ({error})") from error


def is_or_became(rewritten: Mapping[tuple[str, str], str], key: str, before: str, now: str) -> bool:
    """Tell whether the file `key`, which once had the SHA-256 `before`, has by what is told in `rewritten` the digest
    `now`.
    """
    seen = set[str]()
    while before != now and before not in seen:
        seen.add(before)
        before = rewritten.get((key, before), before)
    return before == now


def digests_after(store: Store) -> dict[tuple[str, str], str]:
    """Return what became of a file, or an index, by erasing: key and SHA-256 (hex) before, to that after.

    What is damaged vouches for nothing. Raises StoreError.
    """
    became = {}
    for one in _readable(store):
        became[one.key, one.before_sha256] = one.after_sha256
        if one.index_key is not None:
            became[one.index_key, one.before_index_sha256] = one.after_index_sha256
    return became
