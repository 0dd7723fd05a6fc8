"""Walk over the records of any WARC or ARC file, ours or not, by content and not by name.

Reads WARC/1.1, 1.0, 0.18, 0.17 and ARC 1 and 2; a gzip member per record, one for all, Zstandard frames, none.
After a damaged member it goes on at the next one and says what it met. Memory stays bounded: a block of more than
1 MiB is kept on disk, one of more than `max_block` bytes is cut.
"""

from __future__ import annotations

__all__ = ["MAX_BLOCK_BYTES", "Fault", "PartWalk", "RawRecord", "walk", "walk_whole"]

import io
import re
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

import msgspec

from crawler.archive.read.record_head import ARC_LINE, arc_head, parse_fields, warc_head
from crawler.archive.read.stream import AHEAD, Broken, MemberContent, PlainFeed, WholeFeed, Window, ZstdFeed, gzip_feed
from crawler.http.blocks import Block, MemoryBlock, SpooledBlock

MAX_BLOCK_BYTES = 1 << 30
"""Bytes of a block that are kept; the standard has no limit, a bomb has no end."""

_IN_MEMORY = 1 << 20
_FILL = 1 << 20
_GZIP = b"\x1f\x8b\x08"
_ZSTD = b"\x28\xb5\x2f\xfd"
_ZSTD_DICTIONARY = b"\x5d\x2a\x4d\x18"
_MOST_DICTIONARY = 1 << 24
"""Bytes; those in use have a few hundred thousand."""
_NEXT_RECORD = b"\r\n\r\nWARC/"
"""The two empty lines that a record ends with (WARC 1.1 section 4), and the beginning of another."""
_LENGTH = b"\r\nContent-Length: "
_MOST_TOLD = 1000
"""Characters of what is wrong."""
_MOST_DIGITS = 18
"""Of a length: what has more is no number to Python, and no file."""
_BLANK = re.compile(rb"[\r\n]+")
_NEXT_ARC = re.compile(
    rb"(?<=\n)(?:https?://|ftp://|dns:|filedesc:)[^\s]{0,8191} [0-9a-fA-F.:]{1,45} \d{8,17} [^\r\n]{0,500}?\d+\r?\n"
)
"""A record's line where one is looked for after damage."""
_MOST_LINE = 9000
"""Bytes of it."""
_ARC_START = re.compile(rb"(?:filedesc|https?|ftp|dns|[a-z][a-z0-9+.-]*)://?\S* ")


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """Something wrong with a file that did not stop the reading of the rest."""

    file: str
    offset: int = 0
    """Where the damaged member or record begins; 0 of what is told of the file as a whole."""
    what: str

    def __post_init__(self) -> None:
        if len(self.what) > _MOST_TOLD:  # of a field of megabytes
            msgspec.structs.force_setattr(self, "what", f"{self.what[:_MOST_TOLD]}...")

    def __str__(self) -> str:
        return f"{self.file}: at byte {self.offset}: {self.what}"


class RawRecord:
    """One record as found. Its fields are taken apart when they are first asked for."""

    __slots__ = ("_fields", "block", "complaint", "declared", "head", "length", "offset")

    def __init__(
        self,
        offset: int,
        length: int,
        head: bytes,
        block: Block,
        declared: int,
        complaint: str | None = None,
        *,
        fields: tuple[str, dict[str, str]] | None = None,
    ) -> None:
        """`fields`: version and named fields, where they are not just what `parse_fields` reads in `head`."""
        self.offset = offset
        """Of its member; in a file that is one member or none, of the record in the decoded content."""
        self.length = length
        self.head = head
        """From the version to the end of the last field, as stored; empty where records are separated in another
        way."""
        self.block = block
        self.declared = declared
        """Its Content-Length; more than ``block.size`` if the block was cut."""
        self.complaint = complaint
        """What is against the standard about the record without making it unreadable."""
        self._fields = fields

    @property
    def version(self) -> str:
        """``WARC/1.1``, ``ARC/1``, ..."""
        return (self._fields or self._parse())[0]

    @property
    def headers(self) -> dict[str, str]:
        """Named fields, names in lower case, the first of equal ones."""
        return (self._fields or self._parse())[1]

    @property
    def type(self) -> str:
        """WARC-Type in lower case."""
        return self.headers.get("warc-type", "").lower()

    def at(self, offset: int, length: int | None = None) -> RawRecord:
        """Return the record as one that lies at `offset`."""
        place = self.length if length is None else length
        return RawRecord(offset, place, self.head, self.block, self.declared, self.complaint, fields=self._fields)

    def holding(self, block: Block, declared: int) -> RawRecord:
        """Return the record with another block."""
        return RawRecord(self.offset, self.length, self.head, block, declared, self.complaint, fields=self._fields)

    def _parse(self) -> tuple[str, dict[str, str]]:
        self._fields = parse_fields(self.head, "\r\n")
        return self._fields


def walk(
    stream: BinaryIO, *, name: str, start: int = 0, once: bool = False, max_block: int = MAX_BLOCK_BYTES
) -> Iterator[RawRecord | Fault]:
    """Yield the records of `stream` in order, and a Fault for each stretch that could not be read.

    From byte `start` on; `once`: only one record. `stream` need not be seekable; if it is not, what lies up to 1 MiB
    before the point of damage is still searched for the next member. `max_block` 0: large blocks are only passed over.
    """
    found = _Walker(Window(stream), name, max_block).run(start)
    yield from islice(found, 1) if once else found


def walk_whole(stream: BinaryIO, *, name: str) -> Iterator[RawRecord | Fault]:
    """Yield what `walk` does; a file in which there is nothing at all is a Fault too."""
    found = walk(stream, name=name)
    yield next(found, None) or Fault(file=name, what="the file holds no record")
    yield from found


class PartWalk:
    """The records of a stretch of a file with a gzip member or Zstandard frame for each, or that is not compressed:
    those that begin in it, and what is beside the last of them.

    What was found is only certain if each stretch of the file begins where the one before ended: another file's
    records may lie in a body.
    """

    def __init__(self, stream: BinaryIO, *, name: str, start: int, end: int) -> None:
        """`stream` is seekable, and stands at the beginning of the file."""
        self._walker = _Walker(Window(stream), name, MAX_BLOCK_BYTES)
        self._enters_anywhere = self._walker.settle_by_beginning()
        self._end = end
        self.began = self._walker.next_member(start) if start else 0
        """Where the first member (record, if none is compressed) of the stretch or behind it begins; -1: there is
        none."""
        self.ended = -1
        """Where the first one behind the stretch begins, once all was read; -1: there is none."""

    @property
    def is_sound(self) -> bool:
        """Tell whether each record so far could have been entered: by a member of its own, or none is compressed."""
        return self._enters_anywhere and not self._walker.found_shared

    def __iter__(self) -> Iterator[RawRecord | Fault]:
        if self.began < 0:
            return
        if self.began >= self._end:
            self.ended = self.began
            return
        for item in self._walker.run(self.began):
            if not self.is_sound:
                return
            if item.offset >= self._end:
                self.ended = item.offset if self.ended < 0 else self.ended
                if isinstance(item, Fault):
                    continue  # it is told with the stretch it lies in
                if item.type not in ("request", "metadata"):
                    return
            yield item


class _Walker:
    """The state of one walk."""

    def __init__(self, window: Window, name: str, max_block: int) -> None:
        self._window = window
        self._name = name
        self._max_block = max_block
        self._dictionary: bytes | None = None
        self._magics: tuple[bytes, ...] = (_GZIP, _ZSTD, b"WARC/1.")
        """What members of this file begin with; one of them once the first has been read."""
        self._content = 0
        """Decoded bytes before the current member."""
        self._is_plain = False
        """It is known that nothing is compressed."""
        self._is_arc = False
        """A record of an ARC file was met."""
        self.found_shared = False
        """A member had more than one record in it, or not all is compressed, or not compressed, alike."""

    def settle_by_beginning(self) -> bool:
        """Take no other beginnings of members for such than the one that the file begins with; tell whether it is one
        that can be looked for.
        """
        buffer, index = self._window.at(0, 16)
        start = buffer[index : index + 16]
        try:
            if start.startswith(_ZSTD_DICTIONARY):
                self._read_dictionary(0)
        except Broken:
            return False
        self._is_plain = start.startswith(b"WARC/")
        self._magics = (_GZIP,) if start.startswith(_GZIP) else (_ZSTD,)
        return start.startswith((_GZIP, _ZSTD, _ZSTD_DICTIONARY, b"WARC/"))

    def run(self, offset: int) -> Iterator[RawRecord | Fault]:
        while True:
            buffer, index = self._window.at(offset, AHEAD)
            if index >= len(buffer):
                return
            try:
                if buffer.startswith(_GZIP, index):
                    feed = gzip_feed(self._window, offset, buffer, index)
                elif buffer.startswith(_ZSTD_DICTIONARY, index):
                    offset = self._read_dictionary(offset)
                    continue
                elif _is_skipped(buffer[index : index + 4]):
                    offset = self._frame(offset)[1]
                    continue
                else:
                    feed = self._feed(offset, buffer[index : index + 16])
                only = _only_record(feed, offset) if isinstance(feed, WholeFeed) else None
                if only is not None:
                    yield only
                else:
                    yield from self._member(feed, offset)
                self._content += feed.position
                offset = feed.end
                if len(self._magics) > 1:
                    self._settle(buffer[index : index + 16])
            except Broken as broken:
                yield Fault(file=self._name, offset=offset, what=str(broken))
                offset = self.next_member(offset + 1) if broken.resume is None else broken.resume
                if offset < 0:
                    return

    def _feed(self, offset: int, magic: bytes) -> MemberContent:
        if magic.startswith(_GZIP):
            return gzip_feed(self._window, offset, *self._window.at(offset, AHEAD))
        if magic.startswith(_ZSTD):
            return _zstd_feed(self._window, offset, self._dictionary)
        if magic.startswith(b"WARC/") or _ARC_START.match(self._peek(offset)) or not magic.strip(b"\r\n"):
            return PlainFeed(self._window, offset)
        cut = len(magic) < 4 and any(known.startswith(magic) for known in self._magics)
        raise Broken("the file ends inside a member" if cut else "neither a WARC nor an ARC record")

    def _peek(self, offset: int) -> bytes:
        buffer, index = self._window.at(offset, 4096)
        return buffer[index : index + 4096]

    def _member(self, feed: MemberContent, offset: int) -> Iterator[RawRecord | Fault]:
        """Yield the record(s) of one member."""
        plain = isinstance(feed, PlainFeed)
        alone = not plain
        while True:
            _skip_blank(feed)
            if feed.at_end():
                return
            begin = feed.position
            try:
                record = self._record(feed)
            except Broken as broken:
                if not plain:
                    raise
                yield Fault(file=self._name, offset=offset + begin, what=str(broken))
                if not _skip_to_record(feed, is_arc=self._is_arc):
                    return
                continue
            length = feed.position - begin
            _skip_blank(feed)
            alone = alone and feed.at_end()
            if not plain and not alone and begin == 0 and not _at_record(feed):
                raise Broken("the member goes on after its record")  # its checksum was not reached: trust nothing of it
            self.found_shared = self.found_shared or not (alone or (plain and self._is_plain))
            place = (offset, feed.end - offset) if alone else (self._content + begin, length)
            if plain:
                place = (offset + begin, length)
            yield record.at(*place)

    def _record(self, feed: MemberContent) -> RawRecord:
        if feed.ensure(5) and feed.buffer.startswith(b"WARC/", feed.index):
            version, headers = warc_head(feed)
        else:
            version, headers = arc_head(feed)
            self._is_arc = True
        text = headers.get("content-length", "")
        if not text.isascii() or not text.isdigit() or len(text) > _MOST_DIGITS:
            raise Broken(f"Content-Length is {text[:40]!r}")
        declared = int(text)
        block = self._block(feed, declared)
        complaint = None
        if version.startswith("WARC/"):
            tail = feed.take(4)
            if tail != b"\r\n\r\n":
                complaint = f"the record ends with {tail!r}, not with two empty lines"
                feed.index -= len(tail)
                feed.position -= len(tail)
        return RawRecord(0, 0, b"", block, declared, complaint, fields=(version, headers))

    def _block(self, feed: MemberContent, declared: int) -> Block:
        if declared <= _IN_MEMORY:
            content = feed.take(declared)
            if len(content) < declared:
                raise Broken(f"the record ends after {len(content)} of {declared} bytes")
            return MemoryBlock(content)
        block = SpooledBlock(0) if self._max_block else None
        left = declared
        while left:
            piece = feed.take(min(left, _IN_MEMORY))
            if not piece:
                raise Broken(f"the record ends after {declared - left} of {declared} bytes")
            left -= len(piece)
            if block is not None and block.size < self._max_block:
                block.write(piece[: self._max_block - block.size])
        return block or MemoryBlock(b"")

    def _settle(self, start: bytes) -> None:
        """Remember how members of this file begin: other programs' files may lie in a body."""
        self._magics = tuple(magic for magic in self._magics if start.startswith(magic)) or self._magics

    def next_member(self, offset: int) -> int:
        """Return where the next readable member begins, -1 if there is none."""
        if self._is_plain:
            found = self._window.find(_NEXT_RECORD, max(offset - 4, 0))
            return found + 4 if found >= 0 else -1
        for magic in self._magics:
            at = self._window.find(magic, offset)
            while at >= 0:
                if self._is_member(at):
                    return at
                at = self._window.find(magic, at + len(magic))
        return -1

    def _is_member(self, offset: int) -> bool:
        try:
            return _at_record(self._feed(offset, self._peek(offset)[:16]))
        except Broken:
            return False

    def _read_dictionary(self, offset: int) -> int:
        """Take the dictionary frame of a ``.warc.zst`` file; return where the next frame begins."""
        start, end = self._frame(offset)
        size = end - start
        if size > _MOST_DICTIONARY:
            raise Broken(f"a dictionary of {size} bytes", resume=end)
        buffer, index = self._window.at(start, size)
        dictionary = buffer[index : index + size]
        if dictionary.startswith(_ZSTD):
            feed = _zstd_feed(Window(io.BytesIO(dictionary)), 0, None)
            dictionary = feed.take(_MOST_DICTIONARY)
        self._dictionary = dictionary
        return end

    def _frame(self, offset: int) -> tuple[int, int]:
        """Return where the content of a skippable frame begins and ends (RFC 8878 section 3.1.2)."""
        buffer, index = self._window.at(offset, 8)
        start = offset + 8
        end = start + int.from_bytes(buffer[index + 4 : index + 8], "little")
        buffer, index = self._window.at(end - 1, 1)
        if index >= len(buffer):
            raise Broken("the file ends inside a frame")
        return start, end


def _is_skipped(magic: bytes) -> bool:
    return magic[1:] == b"\x2a\x4d\x18" and magic[0] & 0xF0 == 0x50


def _zstd_feed(window: Window, offset: int, dictionary: bytes | None) -> ZstdFeed:
    try:
        return ZstdFeed(window, offset, dictionary)
    except ModuleNotFoundError as error:
        raise Broken(
            "compressed with Zstandard; `pip install '.[zstd]'` in the source tree makes it readable"
        ) from error


def _only_record(feed: WholeFeed, offset: int) -> RawRecord | None:
    """Return the record of a member that holds one, exactly as the standard has it; None: look closer."""
    content = feed.buffer
    size = content.find(b"\r\n\r\n")
    if size < 0 or not content.startswith(b"WARC/"):
        return None
    head = content[:size]
    _, name, digits = head.rpartition(_LENGTH)
    if not name or not digits.isdigit() or len(digits) > _MOST_DIGITS or head.lower().count(b"content-length") != 1:
        return None
    declared = int(digits)
    end = size + 4 + declared
    if end + 4 != len(content) or not content.endswith(b"\r\n\r\n"):
        return None
    feed.index = feed.position = len(content)
    return RawRecord(offset, feed.end - offset, head, MemoryBlock(content[size + 4 : end]), declared)


def _at_record(feed: MemberContent) -> bool:
    if feed.ensure(10) and feed.buffer.startswith(b"WARC/", feed.index):
        return True
    return feed.find(b"\n", 4096) >= 0 and bool(ARC_LINE.match(feed.buffer, feed.index))


def _skip_blank(feed: MemberContent) -> None:
    while feed.ensure(1):
        blank = _BLANK.match(feed.buffer, feed.index)
        if blank is None:
            return
        feed.take(blank.end() - feed.index)


def _skip_to_record(feed: MemberContent, *, is_arc: bool) -> bool:
    """Move to the next ``WARC/`` at the start of a line, or line of an ARC record; tell whether there is one."""
    while True:
        is_more = feed.ensure(_FILL)
        found = feed.buffer.find(b"\nWARC/", feed.index)
        line = _NEXT_ARC.search(feed.buffer, feed.index + 1) if is_arc else None
        starts = [at for at in (found + 1, line.start() if line is not None else 0) if at]
        if starts:
            feed.take(min(starts) - feed.index)
            return True
        feed.take(len(feed.buffer) - feed.index - (_MOST_LINE if is_more else 0))
        if not is_more:
            return False
