"""The store in memory, for tests and trials: as strict as the others, and gone with its process."""

from __future__ import annotations

__all__ = ["MemoryStore"]

import hashlib
import io
import threading
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import BinaryIO, NamedTuple

from crawler.archive.store.base import StoredObject, checked_key
from crawler.config import Storage
from crawler.errors import ObjectExists, StoreError


class _Kept(NamedTuple):
    content: bytes
    stored: StoredObject


class MemoryStore:
    """Objects in a dictionary; see `Store`."""

    FORM = "memory:NAME"

    def __init__(self, name: str = "") -> None:
        self._name = name
        self._kept: dict[str, _Kept] = {}
        self._lock = threading.Lock()

    @classmethod
    def of(cls, storage: Storage) -> MemoryStore:
        """Return the one store of this process that ``memory:NAME`` names."""
        return _shared(storage.url.partition(":")[2])

    @property
    def url(self) -> str:
        """Return ``memory:NAME``."""
        return f"memory:{self._name}"

    def put(
        self,
        key: str,
        source: Path | bytes,
        *,
        sha256: bytes | None = None,
        overwrite: bool = False,
        settled: bool = False,  # noqa: ARG002 - there is nothing to link
    ) -> StoredObject:
        """Keep a copy of `source` under `key`; see `Store.put`."""
        checked_key(key)
        content = source if isinstance(source, bytes) else source.read_bytes()
        digest = hashlib.sha256(content).digest()
        if sha256 is not None and digest != sha256:
            raise StoreError(f"{self.url}: {key}: the bytes do not have the digest {sha256.hex()}")
        stored = StoredObject(
            key=key, size=len(content), sha256=digest, etag=f'"{digest.hex()[:32]}"', modified_at=datetime.now(UTC)
        )
        with self._lock:
            if key in self._kept and not overwrite:
                raise ObjectExists(f"{self.url}: {key} exists already")
            self._kept[key] = _Kept(content, stored)
        return stored

    def put_many(self, objects: Iterable[tuple[str, bytes]], *, in_flight: int = 1) -> None:  # noqa: ARG002 - there is no wait
        """Keep each of `objects`; see `Store.put_many`."""
        for key, content in objects:
            self.put(key, content, overwrite=True)

    def get(self, key: str) -> bytes:
        """Return the whole object; see `Store.get`."""
        return self._found(key).content

    def open(self, key: str, *, offset: int = 0, length: int | None = None) -> BinaryIO:
        """Return a stream over the object or a range of it; see `Store.open`."""
        content = self._found(key).content
        return io.BytesIO(content[offset:] if length is None else content[offset : offset + length])

    def delete(self, key: str) -> None:
        """Forget the object under `key`; see `Store.delete`."""
        with self._lock:
            self._kept.pop(checked_key(key), None)

    def head(self, key: str) -> StoredObject | None:
        """Return what is under `key`, with its digest; see `Store.head`."""
        kept = self._kept.get(checked_key(key))
        return kept.stored if kept else None

    def list(self, prefix: str = "", *, ends: str = "") -> Iterator[StoredObject]:
        """Yield the objects under `prefix`; see `Store.list`."""
        with self._lock:
            found = sorted(self._kept.items())
        yield from (kept.stored for key, kept in found if key.startswith(prefix) and key.endswith(ends))

    def leftovers(self) -> Iterator[str]:
        """Yield nothing: what is put is there at once."""
        return iter(())

    def strays(self) -> Iterator[str]:
        """Yield nothing: only objects can be there."""
        return iter(())

    def sweep(self) -> tuple[str, ...]:
        """Return nothing."""
        return ()

    def check(self) -> None:
        """Return: memory can always be written to."""

    def _found(self, key: str) -> _Kept:
        kept = self._kept.get(checked_key(key))
        if kept is None:
            raise StoreError(f"{self.url}: no object {key}")
        return kept


@cache
def _shared(name: str) -> MemoryStore:
    return MemoryStore(name)
