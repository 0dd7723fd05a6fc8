"""Where archives are kept for good: one small interface, a folder or an S3 bucket behind it.

Promises: an object appears whole or not at all; `put` does not replace one unless told to; what cannot be done
is told apart into *try later* (StoreUnavailable) and *a person must act* (StoreRefused). Blocking and thread-safe:
call it in a thread. Refuses keys that could leave the store.
"""

from __future__ import annotations

__all__ = ["FileStore", "Store", "StoredObject", "open_store"]

import hashlib
import os
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from errno import EACCES, EDQUOT, ENOENT, ENOTDIR, EPERM, EROFS
from pathlib import Path
from typing import BinaryIO, Protocol

import msgspec

from crawler.archive.files import fsync_folder, make_folder
from crawler.config import Storage
from crawler.errors import ObjectExists, StoreError, StoreRefused, StoreUnavailable

PROBE = ".warraq-check"
"""Key that `Store.check` writes; never listed."""

_CHUNK = 1 << 20
_URL = re.compile(r"(?P<scheme>[a-z0-9+.-]+):(?P<rest>.*)", re.DOTALL)
_NEEDS_A_PERSON = {EACCES, EPERM, EROFS, ENOTDIR, ENOENT, EDQUOT}


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
        """Store `source` under `key`, durable on return.

        `sha256` (32 bytes) is checked on the way; without it, it is computed first. `settled`: the file `source` is
        on disk, was found to have `sha256`, and nobody will write to it again; a folder on the same disk may then
        give it a second name instead of copying it. Raises ObjectExists if there is an object under `key` and
        `overwrite` is off, StoreError if the bytes do not have the digest, StoreUnavailable, StoreRefused. Not every S3 server decides between two writers at the very same moment
        (Swift does not): let keys be unique, or compare digests with `head` afterwards.
        """

    def get(self, key: str) -> bytes:
        """Return the whole object. Raises StoreError if there is none."""

    def open(self, key: str, *, offset: int = 0, length: int | None = None) -> BinaryIO:
        """Return a stream over the object or a range of it; close it (it is a context manager).

        Raises StoreError if there is none.
        """

    def head(self, key: str) -> StoredObject | None:
        """Return what is under `key`, None if nothing is."""

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """Yield the objects whose key starts with `prefix`, sorted by key."""

    def check(self) -> None:
        """Prove that the store exists and can be written to, by writing a small object.

        Raises StoreRefused or StoreUnavailable with what is wrong and what to do.
        """


def open_store(storage: Storage) -> Store:
    """Return the store that the settings name; nothing is contacted yet.

    Raises StoreRefused for a URL that is neither ``file:FOLDER`` nor ``s3://bucket/prefix``.
    """
    match = _URL.fullmatch(storage.url)
    if match and match["scheme"] == "file" and match["rest"]:
        rest = match["rest"]
        return FileStore(Path(rest.removeprefix("//")))
    if match and match["scheme"] == "s3" and match["rest"].startswith("//") and match["rest"].strip("/"):
        from crawler.archive.store.s3 import S3Store  # noqa: PLC0415 - boto3 costs 0.3 s, a folder does without

        bucket, _, prefix = match["rest"][2:].partition("/")
        return S3Store(storage, bucket=bucket, prefix=prefix.strip("/"))
    raise StoreRefused(
        f"storage.url {storage.url!r} is not a store", next_step="give file:FOLDER or s3://bucket/prefix"
    )


def checked_key(key: str) -> str:
    """Return `key` if it is a plain relative path. Raises StoreError otherwise."""
    parts = key.split("/")
    if not key or any(part in ("", ".", "..") for part in parts) or "\\" in key or "\0" in key:
        raise StoreError(f"not a key: {key!r}", next_step="keys are relative paths without empty or dotted parts")
    return key


class FileStore:
    """A folder as a store. An object is a file that was complete and on disk before it got its name."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @property
    def url(self) -> str:
        """Return ``file:FOLDER``."""
        return f"file:{self._root}"

    def put(
        self,
        key: str,
        source: Path | bytes,
        *,
        sha256: bytes | None = None,
        overwrite: bool = False,
        settled: bool = False,
    ) -> StoredObject:
        """Store `source` under `key`; see `Store.put`."""
        path = self._path(key)
        with self._translated(key):
            if not overwrite and path.exists():
                raise self._exists(key)
            make_folder(path.parent)
            if settled and sha256 is not None and not overwrite and _linked(source, path):
                fsync_folder(path.parent)
                return msgspec.structs.replace(_stat(path, key), sha256=sha256)
            temporary = path.parent / f".{uuid.uuid4().hex}.tmp"
            try:
                digest = _write(temporary, source)
                if sha256 is not None and digest != sha256:
                    raise StoreError(f"{self.url}: {key}: the bytes do not have the digest {sha256.hex()}")
                if overwrite:
                    temporary.replace(path)
                else:
                    os.link(temporary, path)
            except FileExistsError as error:
                raise self._exists(key) from error
            finally:
                temporary.unlink(missing_ok=True)
            fsync_folder(path.parent)
            return msgspec.structs.replace(_stat(path, key), sha256=digest)

    def get(self, key: str) -> bytes:
        """Return the whole object; see `Store.get`."""
        with self.open(key) as stream:
            return stream.read()

    def open(self, key: str, *, offset: int = 0, length: int | None = None) -> BinaryIO:
        """Return a stream over the object or a range of it; see `Store.open`."""
        path = self._path(key)
        with self._translated(key):
            stream = path.open("rb")
            stream.seek(offset)
        return stream if length is None else _Range(stream, length)  # type: ignore[return-value]  # a BinaryIO that only reads

    def head(self, key: str) -> StoredObject | None:
        """Return what is under `key`, without its digest; see `Store.head`."""
        with self._translated(key):
            try:
                return _stat(self._path(key), key)
            except (FileNotFoundError, NotADirectoryError):
                return None

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """Yield the objects under `prefix`; see `Store.list`."""
        folder = self._root / prefix.rpartition("/")[0]
        with self._translated(prefix):
            found = sorted(self._keys(folder, prefix))
        for key in found:
            stored = self.head(key)
            if stored is not None:
                yield stored

    def check(self) -> None:
        """Make the folder if need be and prove that it can be written to; see `Store.check`."""
        with self._translated(PROBE):
            self._root.mkdir(parents=True, exist_ok=True)
            probe = self._root / f"{PROBE}-{uuid.uuid4().hex}"
            try:
                probe.write_bytes(b"")
            finally:
                probe.unlink(missing_ok=True)

    def _keys(self, folder: Path, prefix: str) -> Iterator[str]:
        for path in folder.rglob("*") if folder.is_dir() else ():
            key = path.relative_to(self._root).as_posix()
            if key.startswith(prefix) and not path.name.startswith(".") and path.is_file():
                yield key

    def _path(self, key: str) -> Path:
        return self._root / checked_key(key)

    def _exists(self, key: str) -> ObjectExists:
        return ObjectExists(f"{self.url}: {key} exists already")

    @contextmanager
    def _translated(self, key: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            where = f"{self.url}: {key}: {error.strerror}"
            if error.errno == ENOENT and not self._root.is_dir():
                raise StoreRefused(f"{self.url}: no such folder", next_step="check storage.url") from error
            if error.errno == ENOENT:
                raise StoreError(f"{self.url}: no object {key}") from error
            if error.errno in _NEEDS_A_PERSON:
                raise StoreRefused(where, next_step="make the folder writable or set storage.url") from error
            raise StoreUnavailable(where, next_step="free space or repair the disk; it is tried again") from error


class _Range:
    """The next `length` bytes of `stream`, as a stream that only reads."""

    def __init__(self, stream: BinaryIO, length: int) -> None:
        self._stream = stream
        self._left = length

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes (all: -1)."""
        piece = self._stream.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(piece)
        return piece

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return False."""
        return False

    def close(self) -> None:
        """Close the file."""
        self._stream.close()

    def __enter__(self) -> _Range:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _linked(source: Path | bytes, path: Path) -> bool:
    """Give the file `source` the name `path` too; tell whether that was possible: not to another disk, not anywhere."""
    if isinstance(source, bytes):
        return False
    with suppress(OSError):  # what is wrong, copying finds out; a name that is taken as well
        os.link(source, path)
        return True
    return False


def _write(path: Path, source: Path | bytes) -> bytes:
    """Copy `source` to `path`, on disk when done; return the sha256 of what was written."""
    digest = hashlib.sha256()
    with path.open("xb") as target:
        if isinstance(source, bytes):
            digest.update(source)
            target.write(source)
        else:
            with source.open("rb") as stream:
                while chunk := stream.read(_CHUNK):
                    digest.update(chunk)
                    target.write(chunk)
        target.flush()
        os.fsync(target.fileno())
    return digest.digest()


def _stat(path: Path, key: str) -> StoredObject:
    status = path.stat()
    return StoredObject(key=key, size=status.st_size, modified_at=datetime.fromtimestamp(status.st_mtime, UTC))
