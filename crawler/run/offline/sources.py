"""What is replayed: archive files on disk or in a store, named one by one, by folders, prefixes, patterns and lists."""

from __future__ import annotations

__all__ = ["ListedSources", "Search", "Source", "find_sources", "listed_sources", "place_of", "source_of_stream"]

import fnmatch
import glob
import gzip
import os
import re
import shutil
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from hashlib import file_digest, sha256
from io import BufferedReader
from itertools import takewhile
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

import msgspec

from crawler.archive.read.catalogue import StoredWarc
from crawler.archive.store import Store, open_store
from crawler.config import Storage
from crawler.errors import StateError, StoreError, UsageError

_SUFFIXES = (".warc", ".warc.gz", ".warc.zst", ".arc", ".arc.gz", ".wacz")
_WILD = re.compile(r"[*?\[]")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+:")
_LONGEST_LINE = 1 << 16


class Source(msgspec.Struct, frozen=True):
    """One archive file: on disk (`storage` is None) or an object of a store. A plain value: any process may open it."""

    name: str
    place: str
    """Path or key."""
    size: int
    """0: not known, because nobody asked the store."""
    storage: Storage | None = None
    index: str | None = None
    """Path or key of the CDXJ beside it; None: there is none."""
    named_index: str | None = None
    """Path of one that was named for it (`crawler.run.offline.named_indexes`)."""
    part: tuple[int, int] | None = None
    """Where the stretch of it begins and ends that is meant (`crawler.run.offline.parts`); None: all of it."""

    @property
    def store(self) -> Store | None:
        """The store it lies in, opened once in a process; None: on disk. Raises StoreRefused."""
        return _opened(self.storage) if self.storage is not None else None

    @property
    def identity(self) -> str:
        """What tells this file from others: 16 hex digits."""
        where = self.storage.url if self.storage is not None else ""
        told = f"\0{self.named_index}" if self.named_index is not None else ""
        stretch = "\0{}-{}".format(*self.part) if self.part is not None else ""
        return sha256(f"{where}\0{self.place}\0{self.size}{told}{stretch}".encode()).hexdigest()[:16]

    @property
    def whole(self) -> Source:
        """The whole file."""
        return msgspec.structs.replace(self, part=None) if self.part is not None else self

    def held(self) -> tuple[Store, StoredWarc] | None:
        """Return where it lies as the catalogue reads it; None: there is no index of it. Raises StoreRefused."""
        index = self.named_index or self.index
        if index is None:
            return None
        if self.storage is not None:
            store, warc = _opened(self.storage), StoredWarc(self.place, self.size, index)
        else:
            path = Path(self.place).absolute()
            store = open_store(_folder(str(path.parent)))
            warc = StoredWarc(path.name, self.size, self.named_index or Path(index).name)
        return (cast("Store", _WithIndex(store, index)) if self.named_index is not None else store), warc

    def __str__(self) -> str:
        return f"{self.storage.url}/{self.place}" if self.storage is not None else self.place


class _WithIndex:
    """A store, and a file of this machine that is found in it under its path."""

    def __init__(self, store: Store, path: str) -> None:
        self._store = store
        self._path = path

    def get(self, key: str) -> bytes:
        return Path(key).read_bytes() if key == self._path else self._store.get(key)

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)


class ListedSources(NamedTuple):
    """The archive files that lists name, and what is wrong with their lines, each with its place."""

    sources: tuple[Source, ...]
    faults: tuple[str, ...]


@dataclass
class Search:
    """How far looking for archives in folders of this machine has come."""

    tell: Callable[[Search], None] = lambda _: None
    """Called once a folder."""
    folder: str = ""
    """Looked through last."""
    files: int = 0
    archives: int = 0
    faults: list[str] = field(default_factory=list)
    """Folders that could not be looked into, with the reason."""


def find_sources(words: Sequence[str], storage: Storage, search: Search | None = None) -> list[Source]:
    """Return the archive files that `words` name: files, folders, ``file:``/``s3://`` objects and prefixes, patterns of
    them.

    None: our own store. Files are sorted by name, the same one named twice counts once. In folders, files are known by
    the ends of their names; links to folders are not followed, and what is no file is passed over. Raises UsageError
    for what does not exist or holds no archive, StoreError for a store that does not answer.
    """
    found: dict[str, Source] = {}
    search = search or Search()
    for word in words or [storage.url]:
        sources = list(_named(word, storage, search))
        if not sources:
            raise UsageError(f"{word} holds no WARC, ARC or WACZ file", next_step="name files, folders or prefixes")
        for source in sources:
            found.setdefault(str(source), source)
    return sorted(found.values(), key=lambda source: (source.name, source.place))


def listed_sources(name: str, stream: BinaryIO, base: str, storage: Storage) -> ListedSources:
    """Return the archive files that the lines of `stream` name, a list as Common Crawl publishes them, gzip or not.

    `base` is put before what is no address of its own; empty: nothing is. Objects of a store are not looked for before
    they are read. Raises UsageError if the list cannot be read, StoreRefused for a base that is none.
    """
    found: dict[str, Source] = {}
    faults: list[str] = []
    for number, line in enumerate(_lines(name, stream), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        place = text if not base or _SCHEME.match(text) else f"{base.rstrip('/')}/{text.lstrip('/')}"
        try:
            for source in _listed(place, base, storage):
                found.setdefault(str(source), source)
        except UsageError as error:
            faults.append(f"{name} line {number}: {error.what}")
    return ListedSources(tuple(sorted(found.values(), key=lambda source: (source.name, source.place))), tuple(faults))


def source_of_stream(stream: BinaryIO, folder: Path) -> Source:
    """Return the archive file that `stream` is, kept in `folder` until the replay is over: any process may read it
    there.

    Raises UsageError if there is nothing in it, StateError if the folder cannot be written to.
    """
    part = folder / f"stdin-{os.getpid()}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as target:
            shutil.copyfileobj(stream, target, 1 << 20)
        size = part.stat().st_size
        if not size:
            part.unlink()
            raise UsageError("standard input is empty", next_step="pipe a WARC file into it, or name one")
        with part.open("rb") as written:
            path = folder / f"stdin-{file_digest(written, 'sha256').hexdigest()[:16]}"
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise StateError(f"{folder}: {error.strerror}", next_step="make room, then start again") from error
    return Source("stdin", str(path), size)


def _named(word: str, storage: Storage, search: Search) -> Iterator[Source]:
    if word.startswith("file:") and not Path(_path_in(word)).is_dir():
        word = _path_in(word)
    if _SCHEME.match(word):
        return _from_store(word, storage)
    if _WILD.search(word) and not Path(word).exists():
        return _from_pattern(word, search)
    return _from_disk(Path(word), search)


def _listed(place: str, base: str, storage: Storage) -> Iterator[Source]:
    """Return what a line of a list names: an object as it is, else what the same word on the command line would."""
    if not _SCHEME.match(place) or place.startswith("file:"):
        return _named(place, storage, Search())
    root = base.rstrip("/") if base and place.startswith(f"{base.rstrip('/')}/") else _bucket(place)
    of_root = msgspec.structs.replace(storage, url=root)
    key = place.removeprefix(root).strip("/")
    if not key or _WILD.search(key):
        return _from_store(place, storage)
    _opened(of_root)
    return iter([Source(key.rpartition("/")[2], key, 0, of_root)])


def _lines(name: str, stream: BinaryIO) -> Iterator[str]:
    """Yield the lines of a list, unpacked. Raises UsageError."""
    reader = cast("BufferedReader", stream)
    packed = reader.peek(2)[:2] == b"\x1f\x8b"
    lines: Iterable[bytes] = gzip.GzipFile(fileobj=reader) if packed else reader
    try:
        for line in lines:
            if b"\0" in line or len(line) > _LONGEST_LINE:
                raise UsageError(
                    f"{name} is no list", next_step="put one path or address on each line; a WARC is named without -i"
                )
            yield line.decode("utf-8", "surrogateescape")
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(f"{name} cannot be read: {error}", next_step="fetch the list again") from error


def _from_disk(path: Path, search: Search) -> Iterator[Source]:
    if path.is_file():
        yield _of_file(path)
        return
    if path.exists() and not path.is_dir():
        raise UsageError(f"{path} is neither a file nor a folder", next_step="pipe it: warraq replay - <")
    if not path.is_dir():
        raise UsageError(f"{path} does not exist", next_step="name files, folders or prefixes of a store")
    yield from _below(path, search)


def _below(folder: Path, search: Search) -> Iterator[Source]:
    """Yield the archive files in `folder` and those below, each folder once, however links go round."""

    def locked(error: OSError) -> None:
        search.faults.append(f"{error.filename}: not looked into: {error.strerror}")

    for place, _, names in os.walk(folder, onerror=locked):
        archives = [name for name in names if name.endswith(_SUFFIXES)]
        search.folder = place
        search.files += len(names)
        for path in (Path(place, name) for name in archives):
            with suppress(FileNotFoundError):  # removed meanwhile
                if path.is_file():  # no pipe, socket or device
                    search.archives += 1
                    yield _of_file(path)
        search.tell(search)


def _from_pattern(pattern: str, search: Search) -> Iterator[Source]:
    if "**" in pattern:
        yield from _from_deep_pattern(pattern, search)
        return
    found = [Path(one) for one in sorted(glob.glob(pattern))]  # noqa: PTH207 - an absolute pattern is one, too
    if not found:
        raise UsageError(f"nothing is of the pattern {pattern}", next_step="name files, folders or prefixes of a store")
    for path in found:
        if path.is_dir():
            yield from _below(path, search)
        elif path.name.endswith(_SUFFIXES) and path.is_file():
            yield _of_file(path)


def _from_deep_pattern(pattern: str, search: Search) -> Iterator[Source]:
    """Yield what is of a pattern of any depth. `glob` would follow links to folders, and go round with them."""
    parts = Path(pattern).parts
    fixed = tuple(takewhile(lambda part: not _WILD.search(part), parts))
    folder, below = Path(*fixed), "/".join(parts[len(fixed) :])
    for source in _below(folder, search):
        if _matches(Path(source.place).relative_to(folder).as_posix(), below):
            yield source


def _of_file(path: Path) -> Source:
    index = path.with_name(_index_name(path.name))
    return Source(path.name, str(path), path.stat().st_size, None, str(index) if index.is_file() else None)


def _from_store(url: str, storage: Storage) -> Iterator[Source]:
    root, _, key = _split(url)
    if url.endswith(_SUFFIXES) and not _WILD.search(url):
        yield _of_object(msgspec.structs.replace(storage, url=root), key)
        return
    wild = _WILD.search(key)
    prefix = key[: wild.start()].rpartition("/")[0] if wild else key
    of_url = msgspec.structs.replace(storage, url="/".join(part for part in (root, prefix.strip("/")) if part))
    pattern = key.removeprefix(prefix).lstrip("/") if wild else ""
    sizes = {stored.key: stored.size for stored in _opened(of_url).list()}
    for name, size in sizes.items():
        if name.endswith(_SUFFIXES) and (not pattern or _matches(name, pattern)):
            folder, _, last = name.rpartition("/")
            index = f"{folder}/{_index_name(last)}" if folder else _index_name(last)
            yield Source(last, name, size, of_url, index if index in sizes else None)


def _matches(key: str, pattern: str) -> bool:
    """Tell whether `key`, or a folder it lies in, is of `pattern`, part by part as in a shell; ``**`` is any number of
    parts.
    """
    expression = "".join(_translated(part) for part in re.split(r"(\*\*/?|\*|\?|\[[^\]]+\])", pattern))
    return re.fullmatch(f"{expression.rstrip('/')}(?:/.*)?", key) is not None


def _translated(part: str) -> str:
    fixed = {"**": ".*", "**/": "(?:.*/)?", "*": "[^/]*", "?": "[^/]"}
    if part in fixed:
        return fixed[part]
    return fnmatch.translate(part)[4:-3] if part.startswith("[") and part.endswith("]") else re.escape(part)


def _of_object(storage: Storage, key: str) -> Source:
    """Return the one object `key`. Raises UsageError if there is none, StoreError."""
    store = _opened(storage)
    stored = store.head(key)
    if stored is None:
        raise UsageError(f"{storage.url} holds no {key}", next_step="name files, folders or prefixes of a store")
    folder, _, name = key.rpartition("/")
    index = f"{folder}/{_index_name(name)}" if folder else _index_name(name)
    there = None
    with suppress(StoreError):  # who may read an object need not be told what else there is
        there = store.head(index)
    return Source(name, key, stored.size, storage, index if there is not None else None)


def _index_name(name: str) -> str:
    """Return the name that the index of the archive file `name` has beside it."""
    return f"{name.removesuffix('.gz').removesuffix('.zst').removesuffix('.warc')}.cdxj"


def place_of(word: str, storage: Storage) -> Path | tuple[Storage, str]:
    """Return the path that `word` is, or the store and the key in it."""
    if not _SCHEME.match(word) or word.startswith("file:"):
        return Path(_path_in(word) if word.startswith("file:") else word)
    root, _, key = _split(word)
    return msgspec.structs.replace(storage, url=root), key


def _split(url: str) -> tuple[str, str, str]:
    """Return bucket (or what else the whole store is), and the key in it."""
    root = _bucket(url)
    return root, "/", url.removeprefix(root).strip("/")


def _bucket(url: str) -> str:
    scheme, slashes, rest = url.partition("://")
    if not slashes:
        return url
    return f"{scheme}://{rest.partition('/')[0]}"


def _path_in(url: str) -> str:
    return url.partition(":")[2].removeprefix("//") or "."


@cache
def _opened(storage: Storage) -> Store:
    return open_store(storage)


@cache
def _folder(path: str) -> Storage:
    return msgspec.convert(
        {"url": f"file:{path}", "connect_timeout_s": 1.0, "read_timeout_s": 1.0, "attempts": 1}, Storage
    )
