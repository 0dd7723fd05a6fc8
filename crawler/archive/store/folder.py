"""The store in a folder of this machine, or of one whose disk is mounted."""

from __future__ import annotations

__all__ = ["FileStore"]

import fcntl
import hashlib
import os
import re
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from errno import EACCES, EDQUOT, EEXIST, EISDIR, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR, EPERM, EROFS
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO

import msgspec

from crawler.archive.files import fsync_folder, make_folder
from crawler.archive.store.at_once import in_order
from crawler.archive.store.base import PROBE, StoredObject, checked_key
from crawler.config import Storage
from crawler.errors import BadStoreUrl, ObjectExists, StoreError, StoreRefused, StoreUnavailable

_CHUNK = 1 << 20
_PARTS = ".part"
"""Folder in which objects wait for their names; a lock on it is held by who writes one."""
_FEW = 16
"""Objects for which beginning threads takes longer than what they save."""
_TEMPORARY = re.compile(r"\.[0-9a-f]{32}\.tmp")
_NEEDS_A_PERSON = {EACCES, EPERM, EROFS, ENOTDIR, ENOENT, EDQUOT, EEXIST, EISDIR, ELOOP, ENAMETOOLONG}


class FileStore:
    """A folder as a store. An object is a file that was complete and on disk before it got its name."""

    FORM = "file:FOLDER"

    def __init__(self, root: Path) -> None:
        self._root = root

    @classmethod
    def of(cls, storage: Storage) -> FileStore:
        """Return the store that ``file:FOLDER`` names. Raises BadStoreUrl if it names none."""
        folder = storage.url.partition(":")[2].removeprefix("//")
        if not folder:
            raise BadStoreUrl(f"storage.url {storage.url!r} names no folder", next_step=f"give {cls.FORM}")
        if Path(folder).is_file():
            raise BadStoreUrl(f"expected a folder; {folder} is a file", next_step="set storage.url to a folder")
        return cls(Path(folder))

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
            with self._temporary(path.parent) as temporary:
                digest = _write(temporary, source)
                if sha256 is not None and digest != sha256:
                    raise StoreError(f"{self.url}: {key}: the bytes do not have the digest {sha256.hex()}")
                try:
                    if overwrite:
                        temporary.replace(path)
                    else:
                        os.link(temporary, path)
                except FileExistsError as error:
                    raise self._exists(key) from error
            fsync_folder(path.parent)
            return msgspec.structs.replace(_stat(path, key), sha256=digest)

    def put_many(self, objects: Iterable[tuple[str, bytes]], *, in_flight: int = 1) -> None:
        """Store `objects`, each on disk before it has its name, and the names of each folder at once; see
        `Store.put_many`.
        """
        waiting: dict[Path, Path] = {}

        def put(one: tuple[str, bytes]) -> None:
            key, content = one
            path = self._path(key)
            with self._translated(key):
                if path.parent not in waiting:
                    make_folder(path.parent)
                    waiting[path.parent] = self._waiting(path.parent)
                with _named(waiting[path.parent]) as temporary:
                    _write_bytes(temporary, content)
                    temporary.replace(path)

        left = iter(objects)
        with self._writing():
            for one in islice(left, _FEW):
                put(one)
            in_order(put, left, in_flight, name="put")
        for folder in sorted(waiting):
            with self._translated(str(folder)):
                fsync_folder(folder)

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

    def delete(self, key: str) -> None:
        """Remove the object under `key`; see `Store.delete`."""
        path = self._path(key)
        with self._translated(key), suppress(FileNotFoundError):
            path.unlink()
            fsync_folder(path.parent)

    def head(self, key: str) -> StoredObject | None:
        """Return what is under `key`, without its digest; see `Store.head`."""
        with self._translated(key):
            try:
                return _stat(self._path(key), key)
            except (FileNotFoundError, NotADirectoryError):
                return None

    def list(self, prefix: str = "", *, ends: str = "") -> Iterator[StoredObject]:
        """Yield the objects under `prefix`, read folder by folder as they are asked for; see `Store.list`."""
        first = f"{folder}/" if (folder := prefix.rpartition("/")[0]) else ""
        with self._translated(prefix):
            open_folders = [self._entries(first)]
            while open_folders:
                key, entry = next(open_folders[-1], (None, None))
                if key is None or entry is None:
                    open_folders.pop()
                elif key.endswith("/"):
                    if key.startswith(prefix) or prefix.startswith(key):
                        open_folders.append(self._entries(key))
                elif key.startswith(prefix) and key.endswith(ends) and not entry.name.startswith("."):
                    with suppress(FileNotFoundError):  # removed meanwhile
                        if entry.is_file():
                            yield _object(entry.stat(), key)

    def check(self) -> None:
        """Make the folder if need be and prove that it can be written to; see `Store.check`."""
        with self._translated(PROBE):
            self._root.mkdir(parents=True, exist_ok=True)
            probe = self._root / f"{PROBE}-{uuid.uuid4().hex}"
            try:
                probe.write_bytes(b"")
            finally:
                probe.unlink(missing_ok=True)

    def leftovers(self) -> Iterator[str]:
        """Yield the temporary files below the root, but not while somebody writes one; see `Store.leftovers`."""
        with self._translated(_PARTS), self._alone() as alone:
            if alone:
                for path in sorted(self._root.rglob(".*.tmp")):
                    if _TEMPORARY.fullmatch(path.name):
                        yield path.relative_to(self._root).as_posix()

    def strays(self) -> Iterator[str]:
        """Yield hidden files, what is no file, and links that lead nowhere or to folders; see `Store.strays`."""
        found = []
        with self._translated("."):
            for folder, folders, names in os.walk(self._root):
                place = Path(folder)
                linked = [name for name in folders if (place / name).is_symlink()]
                found += [place / name for name in (*names, *linked) if not _is_known(place / name)]
        yield from (path.relative_to(self._root).as_posix() for path in sorted(found))

    def sweep(self) -> tuple[str, ...]:
        """Remove the temporary files of writers that died; see `Store.sweep`."""
        with self._translated(_PARTS), self._alone() as alone:
            gone = sorted((self._root / _PARTS).glob(".*.tmp")) if alone else []
            for path in gone:
                path.unlink()  # nobody else removes any meanwhile
        return tuple(path.relative_to(self._root).as_posix() for path in gone)

    @contextmanager
    def _temporary(self, beside: Path) -> Iterator[Path]:
        """Name a file to be written, then renamed or linked into the folder `beside`; gone when the block ends."""
        with self._writing(), _named(self._waiting(beside)) as temporary:
            yield temporary

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Hold a shared lock: whoever gets it alone knows that what lies among the parts belongs to nobody."""
        parts = self._root / _PARTS
        with self._translated(_PARTS):
            make_folder(parts)
            lock = os.open(parts, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(lock, fcntl.LOCK_SH)
            yield
        finally:
            os.close(lock)

    def _waiting(self, beside: Path) -> Path:
        """Return where objects of the folder `beside` wait for their names: among the parts, if on the same disk."""
        parts = self._root / _PARTS
        return parts if parts.stat().st_dev == beside.stat().st_dev else beside

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        """Tell whether nobody writes, and keep it so until the block ends."""
        try:
            lock = os.open(self._root / _PARTS, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:
            yield True
            return
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield True
        except BlockingIOError:
            yield False
        finally:
            os.close(lock)

    def _entries(self, folder: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
        """Yield what is in `folder` in the order of keys; the key of a folder ends with a slash."""
        try:
            with os.scandir(self._root / folder) as entries:
                found = [(folder + one.name + "/" * one.is_dir(follow_symlinks=False), one) for one in entries]
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            return iter(())
        return iter(sorted(found, key=itemgetter(0)))

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


def _is_known(path: Path) -> bool:
    """Tell whether `list` or `leftovers` tells of `path`, or `check` has just made it."""
    if path.name.startswith("."):
        return bool(_TEMPORARY.fullmatch(path.name)) or path.name.startswith(f"{PROBE}-")
    return path.is_file()


def _linked(source: Path | bytes, path: Path) -> bool:
    """Give the file `source` the name `path` too; tell whether that was possible: not to another disk, not anywhere."""
    if isinstance(source, bytes):
        return False
    with suppress(OSError):  # what is wrong, copying finds out; a name that is taken as well
        os.link(source, path)
        return True
    return False


@contextmanager
def _named(folder: Path) -> Iterator[Path]:
    """Name a file in `folder` to be written, then renamed or linked elsewhere; gone when the block ends."""
    temporary = folder / f".{uuid.uuid4().hex}.tmp"
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _write_bytes(path: Path, content: bytes) -> None:
    """Make the file `path` of `content`, on disk when done, in as few calls as that takes: there are many texts."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        left = memoryview(content)
        while left:
            left = left[os.write(handle, left) :]
        os.fsync(handle)
    finally:
        os.close(handle)


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
    return _object(path.stat(), key)


def _object(status: os.stat_result, key: str) -> StoredObject:
    return StoredObject(key=key, size=status.st_size, modified_at=datetime.fromtimestamp(status.st_mtime, UTC))
