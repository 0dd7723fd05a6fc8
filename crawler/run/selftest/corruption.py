"""What a corruption is, and the archive it is planted into: a folder of data, a folder of state, and tools to spoil
both.
"""

from __future__ import annotations

__all__ = ["Archive", "Corruption", "Place", "PlacedRecord", "not_here"]

import gzip
import hashlib
import sqlite3
from base64 import b32encode
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from crawler.archive.articles.layout import ARTICLES_JSONL
from crawler.archive.folders import ARTICLES
from crawler.archive.read.records import RawRecord, walk
from crawler.errors import UsageError
from crawler.state.opening import DATABASE


class Place(NamedTuple):
    """Where a corruption is to be named."""

    file: str
    """How the name of the file ends, as a fault tells it."""
    bytes: tuple[int, ...] = (0,)
    """Any of these offsets: of the record or line, of the one it belongs to, 0 where only the whole file can tell."""


class Corruption(NamedTuple):
    """One way to spoil an archive."""

    name: str
    """Two words or three, unique."""
    about: str
    """What is done, as a line of a table."""
    plant: Callable[[Archive], Place]
    """Does it. Raises UsageError if this archive has nothing to do it to."""


class PlacedRecord(NamedTuple):
    """One record of a WARC file of the archive."""

    path: Path
    number: int
    """Place among the file's members, from 0."""
    offset: int
    length: int
    type: str
    headers: dict[str, str]
    content: bytes
    """Head and block and what ends them, unpacked."""

    @property
    def head(self) -> bytes:
        """With the empty line that ends it."""
        return self.content[: self.content.index(b"\r\n\r\n") + 4]

    @property
    def block(self) -> bytes:
        """The record's content."""
        return self.content[len(self.head) : -4]


class Archive:
    """An archive in folders, to be spoiled."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.state = folder / "state"

    # what there is ---------------------------------------------------------------------------------------------

    def warcs(self) -> list[Path]:
        """Return the WARC files of the store, the oldest first."""
        return self._some(self.data.glob("warc/*/*/*/*.warc.gz"))

    def spooled(self) -> Path:
        """Return a sealed file that waits in the spool."""
        return self._some(self.state.glob("spool/*/*.warc.gz"))[0]

    def index(self, warc: Path) -> Path:
        """Return the index beside `warc`."""
        return warc.with_name(warc.name.replace(".warc.gz", ".cdxj"))

    def batches(self) -> list[Path]:
        """Return every articles.jsonl, those with several lines first."""
        found = self._some(self.data.glob(f"{ARTICLES}**/{ARTICLES_JSONL}"))
        return sorted(found, key=lambda path: (-len(path.read_bytes().splitlines()), path))

    def texts(self) -> list[Path]:
        """Return the texts of the first batch."""
        return self._some(self.batches()[0].parent.glob("*.txt"))

    def manifests(self) -> list[Path]:
        """Return the manifests, the newest last."""
        return self._some(self.data.glob("manifests/*/*/*.json"))

    def profiles(self) -> list[Path]:
        """Return the profiles."""
        return self._some(self.data.glob("profiles/*/*.json"))

    def key(self, path: Path) -> str:
        """Return the store's key of a file."""
        return path.relative_to(self.data).as_posix()

    def records(self, path: Path) -> list[PlacedRecord]:
        """Return the records of a WARC file."""
        content = path.read_bytes()
        found = []
        with path.open("rb") as stream:
            for number, item in enumerate(walk(stream, name=path.name)):
                assert isinstance(item, RawRecord)
                member = gzip.decompress(content[item.offset : item.offset + item.length])
                found.append(PlacedRecord(path, number, item.offset, item.length, item.type, item.headers, member))
        return found

    def record(self, kind: str, has: str = "", *, packed: bool | None = None) -> PlacedRecord:
        """Return the first record of a kind whose head has the field `has`; `packed`: whose member was not deflated."""
        for path in self.warcs():
            for record in self.records(path):
                stored = record.length >= len(record.content)
                if record.type == kind and has in (*record.headers, "") and packed in (None, stored):
                    return record
        raise not_here(f"no {kind} record{f' with {has}' if has else ''}")

    def partner(self, record: PlacedRecord, kind: str) -> PlacedRecord:
        """Return the record of `kind` that belongs to the response `record`."""
        for other in self.records(record.path):
            if other.type == kind and other.headers.get("warc-concurrent-to") == record.headers["warc-record-id"]:
                return other
        raise not_here(f"no {kind} record of it")

    # what can be done to it ------------------------------------------------------------------------------------

    def flip(self, path: Path, at: int) -> None:
        """Flip a bit of the byte `at` of a file."""
        content = bytearray(path.read_bytes())
        content[at] ^= 0x10
        self.write(path, bytes(content))

    def write(self, path: Path, content: bytes) -> None:
        """Give a file another content, whatever its mode and whoever else has a name for it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_bytes(content)

    def edit(self, path: Path, old: bytes, new: bytes) -> int:
        """Replace the first `old` in a file; return the offset of the line it is in."""
        content = path.read_bytes()
        at = content.find(old)
        if at < 0:
            raise not_here(f"{path.name} has no {old.decode(errors='replace')}")
        self.write(path, content.replace(old, new, 1))
        return content.rfind(b"\n", 0, at) + 1

    def members(self, path: Path) -> list[bytes]:
        """Return the members of a WARC file."""
        content = path.read_bytes()
        return [content[record.offset : record.offset + record.length] for record in self.records(path)]

    def put_members(self, path: Path, members: list[bytes]) -> None:
        """Write a WARC file of `members`."""
        self.write(path, b"".join(members))

    def change(self, record: PlacedRecord, old: bytes, new: bytes, *, sealed: bool = True) -> Place:
        """Replace `old` in a record and pack it again; `sealed`: with the length and the digest of its new block."""
        if old not in record.content:
            raise not_here(f"the {record.type} record has no {old.decode(errors='replace')}")
        head, block = record.head, record.block
        if old in head:
            head = head.replace(old, new, 1)
        else:
            block = block.replace(old, new, 1)
        return self.rewrite(record, head, block, sealed=sealed)

    def rewrite(self, record: PlacedRecord, head: bytes, block: bytes, *, sealed: bool = True) -> Place:
        """Put a record with this head and block in the place of `record`; return where that is to be named."""
        if sealed:
            sha1 = b32encode(hashlib.sha1(block, usedforsecurity=False).digest())
            head = _with_field(head, b"WARC-Block-Digest", b"sha1:" + sha1)
            head = _with_field(head, b"Content-Length", b"%d" % len(block))
        members = self.members(record.path)
        members[record.number] = gzip.compress(head + block + b"\r\n\r\n", 6, mtime=0)
        self.put_members(record.path, members)
        return self.place(record)

    def place(self, record: PlacedRecord, *more: PlacedRecord) -> Place:
        """Return the place of a record, or of any of `more`, as the file was before; 0 is not among them."""
        return Place(record.path.name, tuple(one.offset for one in (record, *more)))

    def execute(self, statement: str) -> None:
        """Change rows of the state, of which there must be some. Raises UsageError if none was."""
        with closing(sqlite3.connect(self.state / DATABASE)) as database:
            changed = database.execute(statement).rowcount
            database.commit()
        if not changed:
            raise not_here(f"no row for: {statement}")

    def ask(self, query: str) -> tuple[object, ...]:
        """Return the first row of a query. Raises UsageError if there is none."""
        with closing(sqlite3.connect(self.state / DATABASE)) as database:
            row = database.execute(query).fetchone()
        if row is None:
            raise not_here(f"no row of: {query}")
        return tuple(row)

    def _some(self, paths: Iterator[Path]) -> list[Path]:
        found = sorted(paths, key=lambda path: (path.name, path))
        if not found:
            raise not_here("no such file")
        return found


def not_here(what: str) -> UsageError:
    """Return the error that says why a corruption cannot be planted."""
    return UsageError(what)


def _with_field(head: bytes, name: bytes, value: bytes) -> bytes:
    lines = head.split(b"\r\n")
    return b"\r\n".join(name + b": " + value if line.startswith(name + b": ") else line for line in lines)
