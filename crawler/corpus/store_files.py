"""A store as DuckDB reads it: its files in a folder as they are, those of any other store through fsspec.

Nothing is downloaded when it runs, unlike DuckDB's own way to S3. Refuses to write.
"""

from __future__ import annotations

__all__ = ["ObjectPlaces", "places_of"]

import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from crawler.archive.store import Store, StoredObject
from crawler.corpus.extra import fsspec_module
from crawler.errors import StoreError

_PROTOCOL = "warraq"
_AHEAD = 1 << 20
"""Bytes asked for at once: DuckDB reads columns, and a request costs more than a few of them."""


class ObjectPlaces(NamedTuple):
    """Where DuckDB finds the objects of a store."""

    root: str
    """What a key is put behind."""
    files: Any | None
    """The file system to register; None: they are files of this machine."""

    def of(self, key: str) -> str:
        """Return what DuckDB calls the object `key`."""
        return self.root + key

    def trouble(self) -> StoreError | None:
        """Return what the store answered last instead of bytes: DuckDB tells of it in a text of its own."""
        found: StoreError | None = self.files.trouble if self.files is not None else None
        return found

    def forget(self) -> None:
        """Look at every object anew: one has been replaced."""
        if self.files is not None:
            self.files.heads.clear()


def places_of(store: Store) -> ObjectPlaces:
    """Return where the objects of `store` are. Raises UsageError if what it takes is not installed."""
    scheme, _, folder = store.url.partition(":")
    if scheme == "file":
        return ObjectPlaces(f"{Path(folder).resolve()}/", None)
    return ObjectPlaces(f"{_PROTOCOL}://", _file_system(store))


class _Object(io.RawIOBase):
    """One object as a file that is read in ranges."""

    def __init__(self, store: Store, stored: StoredObject, on_trouble: Callable[[StoreError], None]) -> None:
        self._on_trouble = on_trouble
        self._store = store
        self._key = stored.key
        self._size = stored.size
        self._at = 0
        self._start = 0
        self._piece = b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(base + offset, 0)
        return self._at

    def read(self, size: int = -1) -> bytes:
        left = max(self._size - self._at, 0)
        length = left if size is None or size < 0 else min(size, left)
        if not length:
            return b""
        skip = self._at - self._start
        if not 0 <= skip <= len(self._piece) - length:
            wanted = min(max(length, _AHEAD), left)
            try:
                with self._store.open(self._key, offset=self._at, length=wanted) as stream:
                    self._piece = stream.read(wanted)
            except StoreError as error:
                self._on_trouble(error)
                raise
            self._start, skip = self._at, 0
        found = self._piece[skip : skip + length]
        self._at += len(found)
        return found


def _file_system(store: Store) -> Any:
    """Return `store` as an fsspec file system; its class can only be made where fsspec is."""
    base: Any = fsspec_module().AbstractFileSystem

    class StoreFiles(base):  # type: ignore[misc]  # a class of an extra
        protocol = _PROTOCOL
        cachable = False

        def __init__(self) -> None:
            super().__init__()
            self.heads: dict[str, StoredObject] = {}
            self.trouble: StoreError | None = None

        def info(self, path: str, **_: object) -> dict[str, object]:
            stored = self._head(path)
            return {"name": stored.key, "size": stored.size, "type": "file"}

        def ls(self, path: str, detail: bool = True, **_: object) -> list[Any]:
            stored = self._head(path)
            return [self.info(path)] if detail else [stored.key]

        def modified(self, path: str) -> datetime:
            return self._head(path).modified_at or datetime.fromtimestamp(0, UTC)

        def _open(self, path: str, mode: str = "rb", **_: object) -> _Object:
            if mode != "rb":
                raise PermissionError("the store is only read")
            return _Object(store, self._head(path), self._note)

        def _note(self, trouble: StoreError) -> None:
            self.trouble = trouble

        def _head(self, path: str) -> StoredObject:
            key = self._strip_protocol(path)
            try:
                stored = self.heads.get(key) or store.head(key)
            except StoreError as error:
                self._note(error)
                raise
            if stored is None:
                raise FileNotFoundError(f"{store.url}: no object {key}")
            self.heads[key] = stored
            return stored

    return StoreFiles()
