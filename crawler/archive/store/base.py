"""Where archives are kept for good: one small interface; a folder, an S3 bucket or memory behind it.

Promises: an object appears whole or not at all; `put` does not replace one unless told to; what cannot be done
is told apart into *try later* (StoreUnavailable) and *a person must act* (StoreRefused). Blocking and thread-safe:
call it in a thread. Refuses keys that could leave the store.
"""

from __future__ import annotations

__all__ = ["PROBE", "Store", "StoredObject", "checked_key"]

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

import msgspec

from crawler.errors import StoreError

PROBE = ".warraq-check"
"""Key that `Store.check` writes; never listed."""


class StoredObject(msgspec.Struct, frozen=True, kw_only=True):
    """One object as the store has it."""

    key: str
    size: int
    """Bytes."""
    sha256: bytes | None = None
    """As the store computed it, or checked it when it took the object; None if it does not say (a folder does not)."""
    etag: str | None = None
    """The store's own mark of this version; says nothing about content (multipart)."""
    modified_at: datetime | None = None


class Store(Protocol):
    """Objects under keys like ``warc/2026/11/23/name.warc.gz``."""

    @property
    def url(self) -> str:
        """What the user configured, without credentials."""

    def put(
        self,
        key: str,
        source: Path | bytes,
        *,
        sha256: bytes | None = None,
        overwrite: bool = False,
        settled: bool = False,
    ) -> StoredObject:
        """Store `source` under `key`, durable on return and proven to be there: the store was asked, not believed.

        `sha256` (32 bytes) is checked on the way; without it, it is computed first. `settled`: the file `source` is
        on disk, was found to have `sha256`, and nobody will write to it again; a folder on the same disk may then
        give it a second name instead of copying it. Raises ObjectExists if there is an object under `key` and
        `overwrite` is off, StoreError if the bytes do not have the digest, StoreUnavailable, StoreRefused.
        Not every S3 server decides between two writers at the very same moment (Swift does not): let keys be unique.
        """

    def put_many(self, objects: Iterable[tuple[str, bytes]], *, in_flight: int = 1) -> None:
        """Store small objects, key and content, in the place of what is there; all durable on return.

        `in_flight`: how many at once, and how many of `objects` are in memory. The store has answered for each and was
        not asked for it again: one listing tells as much as a look at each. Raises as `put`; then some may be there.
        """

    def get(self, key: str) -> bytes:
        """Return the whole object. Raises StoreError if there is none."""

    def open(self, key: str, *, offset: int = 0, length: int | None = None) -> BinaryIO:
        """Return a stream over the object or a range of it; close it (it is a context manager).

        Raises StoreError if there is none.
        """

    def delete(self, key: str) -> None:
        """Remove the object under `key` for good; nothing if there is none. Raises StoreUnavailable, StoreRefused."""

    def head(self, key: str) -> StoredObject | None:
        """Return what is under `key`, None if nothing is."""

    def list(self, prefix: str = "", *, ends: str = "") -> Iterator[StoredObject]:
        """Yield the objects whose key starts with `prefix` and ends with `ends`, sorted by key.

        Those of an archive of a million articles are seconds' work where each has to be looked at.
        """

    def check(self) -> None:
        """Prove that the store exists and can be written to, by writing a small object.

        Raises StoreRefused or StoreUnavailable with what is wrong and what to do.
        """

    def leftovers(self) -> Iterator[str]:
        """Yield what writers that died left behind and nobody will ever read, by names that say where it is."""

    def strays(self) -> Iterator[str]:
        """Yield what else lies there that `list` never tells of, by names that say where it is: no object, no leftover.

        A folder may hold hidden files, pipes, links that lead nowhere or to folders.
        """

    def sweep(self) -> tuple[str, ...]:
        """Remove what writers that died left; return its names. Does nothing while anybody else writes.

        Raises StoreRefused, StoreUnavailable.
        """


def checked_key(key: str) -> str:
    """Return `key` if it is a plain relative path. Raises StoreError otherwise."""
    parts = key.split("/")
    if not key or any(part in ("", ".", "..") for part in parts) or "\\" in key or "\0" in key:
        raise StoreError(f"not a key: {key!r}", next_step="keys are relative paths without empty or dotted parts")
    return key
