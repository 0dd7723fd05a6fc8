"""Fixity of takedowns: each decision is what its name says, and what is told of erasing is what lies in the files."""

from __future__ import annotations

__all__ = ["verify_takedowns"]

import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from hashlib import sha256
from typing import Any

import msgspec

from crawler.archive.check.manifest import SeenWarc
from crawler.archive.check.verify import Report
from crawler.archive.erase import ErasedArticle
from crawler.archive.folders import TAKEDOWNS
from crawler.archive.read.records import Fault, RawRecord, walk
from crawler.archive.record_values import BAD_JSON
from crawler.archive.store import Store
from crawler.archive.takedowns import AUDIT_TYPE, ErasedRecord, Erasure, digests_after, is_or_became
from crawler.errors import StoreError
from crawler.model.takedown import Takedown

_KEY = re.compile(r"(?P<decision>takedowns/\d{14}-(?P<digest>[0-9a-f]{12}))(?:\.json|/(?P<of>[^/]+)\.json)")
_ARTICLES = "articles"
_MOST_TOLD = 1 << 26
"""Bytes of an audit record: a file's records are told of in it."""


def verify_takedowns(store: Store, seen: Mapping[str, SeenWarc]) -> Iterator[Report]:
    """Yield a report on each object among the takedowns of `store`; `seen` has the WARC files as they were just read.

    A decision that is gone shows by what it left beside it, or by one that undoes it. Raises StoreError.
    """
    check = _Check(store, seen)
    for stored in store.list(TAKEDOWNS):
        what = check.wrong(stored.key, store.get(stored.key))
        faults = (Fault(file=stored.key, what=what),) if what else ()
        yield Report(name=stored.key, size=stored.size, digests=not what, faults=faults)


class _Check:
    def __init__(self, store: Store, seen: Mapping[str, SeenWarc]) -> None:
        self._store = store
        self._seen = seen
        self._keys = {stored.key for stored in store.list(TAKEDOWNS)}
        self._rewritten = digests_after(store)

    def wrong(self, key: str, content: bytes) -> str | None:
        """Return what is wrong with the object `key`, None: nothing."""
        named = _KEY.fullmatch(key)
        if named is None:
            return "nothing of this program lies there"
        decision = f"{named['decision']}.json"
        try:
            if named["of"] is None:
                return self._wrong_decision(key, named["digest"], content)
            if decision not in self._keys:
                return f"the decision {decision}, to which it belongs, is not there"
            if named["of"] == _ARTICLES:
                told = msgspec.json.decode(content, type=list[ErasedArticle])
                return _otherwise(content, told)
            return self._wrong_erasure(decision, named["of"], content)
        except BAD_JSON as error:
            return f"it cannot be read ({error})"

    def _wrong_decision(self, key: str, digest: str, content: bytes) -> str | None:
        decision = msgspec.json.decode(content, type=Takedown)
        undone = decision.undoes
        if sha256(content).hexdigest()[:12] != digest:
            return "it does not have the SHA-256 that it is named for"
        if re.sub(r"\D", "", decision.at)[:14] != key[len(TAKEDOWNS) :][:14]:
            return f"it was decided at {decision.at}, not at the moment that it is named for"
        return f"it undoes {undone}, which is not there" if undone is not None and undone not in self._keys else None

    def _wrong_erasure(self, decision: str, name: str, content: bytes) -> str | None:
        one = msgspec.json.decode(content, type=Erasure)
        if one.takedown != decision or one.key.rpartition("/")[2] != name:
            return "it does not hold what its name says"
        now = self._seen.get(one.key)
        if now is None:
            return _otherwise(content, one)
        if now.size != one.size:
            return f"{one.key} has {now.size} bytes, not {one.size}"
        if not any(is_or_became(self._rewritten, one.key, due, now.sha256) for due in _digests(one)):
            return f"{one.key} has neither the SHA-256 noted here, nor became by erasing what it is"
        if now.sha256 == one.before_sha256:
            return _otherwise(content, one)  # what it tells of is still to be done
        return self._untold(one) or _otherwise(content, one)

    def _untold(self, one: Erasure) -> str | None:
        """Return which of the audit records in the file tells something else than `one`."""
        for records in _ranges(one.records):
            place = records[0].offset
            length = sum(record.length for record in records)
            said = self._said(one.key, place, length)
            if said is None:
                return f"{one.key} has no record at byte {place} that stands for what was erased"
            due: dict[str, Any] = {"erased": msgspec.to_builtins(records), "takedown": one.takedown}
            if any(said.get(name, value) != value for name, value in due.items()):
                return f"the record at byte {place} of {one.key} tells something else of what was erased"
        return None

    def _said(self, key: str, place: int, length: int) -> dict[str, Any] | None:
        """Return what the audit record of that `length` at byte `place` tells; None: there is none."""
        try:
            with closing(self._store.open(key, offset=place, length=length)) as stream:
                found = next(walk(stream, name=key, once=True), None)
        except StoreError:
            return None
        if not isinstance(found, RawRecord) or found.length != length:
            return None
        if found.headers.get("content-type") != AUDIT_TYPE:
            return None
        try:
            return msgspec.json.decode(found.block.read(_MOST_TOLD), type=dict[str, Any])
        except BAD_JSON:
            return None


def _digests(one: Erasure) -> tuple[str, str]:
    return one.after_sha256, one.before_sha256


def _ranges(records: tuple[ErasedRecord, ...]) -> list[list[ErasedRecord]]:
    """Return `records` by the stretches in whose place an audit record lies: those that lay side by side."""
    joined: list[list[ErasedRecord]] = []
    for record in records:
        if joined and joined[-1][-1].offset + joined[-1][-1].length == record.offset:
            joined[-1].append(record)
        else:
            joined.append([record])
    return joined


def _otherwise(content: bytes, value: object) -> str | None:
    return None if content == msgspec.json.encode(value) else "it is not written as this program does"
