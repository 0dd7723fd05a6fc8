"""A sliding view of a stream, and the members (gzip, zstd, none) it is made of, decoded within bounded memory."""

from __future__ import annotations

__all__ = ["AHEAD", "Broken", "GzipFeed", "MemberContent", "PlainFeed", "WholeFeed", "Window", "ZstdFeed", "gzip_feed"]

import struct
from importlib import import_module
from typing import Any, BinaryIO, cast

from isal import isal_zlib

_FILL = 1 << 18
"""What is read at once: it stays in the processor's cache while it is hashed, copied and looked at."""
_SLICE = 1 << 16
_FIRST = 1 << 11
"""Most members but the bodies are smaller."""
AHEAD = 1 << 17
"""What is looked at in one go: most bodies fit, as sent."""
_PIECE = 1 << 20
_KEEP = 1 << 20
_GZIP_PLAIN = b"\x1f\x8b\x08\x00"
_STORED = (b"\x00", b"\x01")
"""First byte of a stored block: not the last one, the last one."""
_GZIP_TAIL = struct.Struct("<II")
_STORED_HEAD = struct.Struct("<BHH")
_INFLATE_ERROR = cast("type[Exception]", isal_zlib.error)


class Broken(Exception):  # noqa: N818 - control flow between these modules, never seen outside
    """The bytes at hand are not what they should be; the text says how, `resume` where the next member lies if
    known.
    """

    def __init__(self, what: str, *, resume: int | None = None) -> None:
        super().__init__(what)
        self.resume = resume


class Window:
    """Part of a stream, by absolute offset. Reads ahead; can go back as far as it keeps, or anywhere if seekable."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._seekable = stream.seekable()
        self._base = stream.tell() if self._seekable else 0
        self._bytes = b""
        self.ended = False

    def at(self, offset: int, size: int) -> tuple[bytes, int]:
        """Return a buffer and the index in it of `offset`, with `size` bytes behind it unless the stream ends."""
        index = offset - self._base
        if index < 0 or (index > len(self._bytes) and self._seekable):
            offset = self._move(offset)
            index = offset - self._base
        while len(self._bytes) - index < size and not self.ended:
            self._more(max(index - _KEEP, 0) if not self._seekable else index)
            index = offset - self._base
        return self._bytes, index

    def find(self, needle: bytes, offset: int) -> int:
        """Return the absolute offset of the next `needle` at or after `offset`, -1 if there is none."""
        offset = max(offset, self._base) if not self._seekable else offset
        while True:
            buffer, index = self.at(offset, _FILL)
            found = buffer.find(needle, index)
            if found >= 0:
                return offset + found - index
            if self.ended:
                return -1
            offset += max(len(buffer) - index - len(needle) + 1, 1)

    def _move(self, offset: int) -> int:
        if not self._seekable:
            return self._base
        self._stream.seek(offset)
        self._base, self._bytes, self.ended = offset, b"", False
        return offset

    def _more(self, keep_from: int) -> None:
        piece = self._stream.read(_FILL)
        if not piece:
            self.ended = True
            return
        self._bytes = b"".join((memoryview(self._bytes)[keep_from:], piece))
        self._base += keep_from


class MemberContent:
    """The decoded content of one member, taken in order. `position` counts the content bytes taken."""

    def __init__(self) -> None:
        self.buffer = b""
        self.index = 0
        self.position = 0

    def pull(self) -> bytes:
        """Return the next piece of content, empty at the member's end. Raises Broken."""
        raise NotImplementedError

    @property
    def end(self) -> int:
        """Absolute offset in the stream of the first byte after the member; valid at its end."""
        raise NotImplementedError

    def ensure(self, size: int) -> bool:
        """Have `size` bytes in the buffer; tell whether there are as many."""
        have = len(self.buffer) - self.index
        if have >= size:
            return True
        pieces = [self.buffer[self.index :]]
        try:
            while have < size and (piece := self.pull()):
                pieces.append(piece)
                have += len(piece)
        finally:
            self.buffer = b"".join(pieces)  # once: a body comes in many pieces
            self.index = 0
        return have >= size

    def take(self, size: int) -> bytes:
        """Return up to `size` bytes; fewer only at the end."""
        self.ensure(size)
        piece = self.buffer[self.index : self.index + size]
        self.index += len(piece)
        self.position += len(piece)
        return piece

    def find(self, needle: bytes, limit: int) -> int:
        """Return how many bytes lie before the next `needle`; -1 if it does not come within `limit` bytes."""
        found = self.buffer.find(needle, self.index)
        while found < 0:
            have = len(self.buffer) - self.index
            if have >= limit or not self.ensure(have + 1):
                return -1
            found = self.buffer.find(needle, max(self.index + have - len(needle), 0))
        return found - self.index

    def at_end(self) -> bool:
        """Tell whether no content is left."""
        return not self.ensure(1)

    def drain(self) -> int:
        """Discard what is left of the member; return how many bytes that was."""
        left = len(self.buffer) - self.index
        while piece := self.pull():
            left += len(piece)
        self.buffer, self.index = b"", 0
        return left


class WholeFeed(MemberContent):
    """A member decoded in one go."""

    def __init__(self, content: bytes, end: int) -> None:
        self.buffer = content
        self.index = self.position = 0
        self._end = end

    def pull(self) -> bytes:
        """Return the next piece; see `Feed.pull`."""
        return b""

    @property
    def end(self) -> int:
        """Return the offset after the member; see `Feed.end`."""
        return self._end


def gzip_feed(window: Window, offset: int, buffer: bytes, index: int) -> MemberContent:
    """Return the gzip member at `offset`, decoded already if it is small. Raises Broken.

    `buffer` and `index` are what `window` gives for `offset` and `AHEAD` bytes.
    """
    stored = _stored_member(buffer, index, offset)
    if stored is not None:
        return stored
    piece = buffer[index : index + _FIRST]
    inflater = isal_zlib.decompressobj(31)
    try:
        content = inflater.decompress(piece, _PIECE)
        if not inflater.eof and not inflater.unconsumed_tail:
            more = buffer[index + _FIRST : index + AHEAD]
            content += inflater.decompress(more, _PIECE)
            piece += more
    except _INFLATE_ERROR as error:
        raise Broken(f"the member does not inflate ({error})") from error
    if inflater.eof:
        return WholeFeed(content, offset + len(piece) - len(inflater.unused_data))
    if inflater.unconsumed_tail:
        return GzipFeed(window, offset)
    return GzipFeed(window, offset + len(piece), inflater, content)


def _stored_member(buffer: bytes, index: int, offset: int) -> MemberContent | None:
    """Return the member at `index` if it is a small one of stored blocks (as Warraq writes bodies), else None.

    Ten times faster than inflating. Raises Broken if its checksum is wrong.
    """
    at = index + 10
    if not buffer.startswith(_GZIP_PLAIN, index) or buffer[at : at + 1] not in _STORED:
        return None
    view, size = memoryview(buffer), len(buffer)
    pieces = []
    final = 0
    while not final:
        if at + 13 > size:
            return None
        final, length, complement = _STORED_HEAD.unpack_from(buffer, at)
        at += 5 + length
        if final > 1 or length ^ complement != 0xFFFF or at + 8 > size:
            return None
        pieces.append(view[at - length : at])
    content = b"".join(pieces)
    crc, length = _GZIP_TAIL.unpack_from(buffer, at)
    end = offset + at + 8 - index
    if crc != isal_zlib.crc32(content) or length != len(content) & 0xFFFFFFFF:
        raise Broken("the member's checksum is wrong", resume=end if _begins_member(buffer, at + 8) else None)
    return WholeFeed(content, end)


def _begins_member(buffer: bytes, index: int) -> bool:
    return index == len(buffer) or buffer.startswith(b"\x1f\x8b\x08", index)


class GzipFeed(MemberContent):
    """One gzip member (RFC 1952)."""

    def __init__(self, window: Window, offset: int, inflater: Any = None, start: bytes = b"") -> None:
        """`inflater` has taken all before `offset` and given `start`."""
        super().__init__()
        self._window = window
        self._next = offset
        self._inflater = inflater or isal_zlib.decompressobj(31)
        self._pending: bytes = b""
        self.buffer = start

    def pull(self) -> bytes:
        """Return the next piece; see `Feed.pull`."""
        while not self._inflater.eof:
            if not self._pending:
                buffer, index = self._window.at(self._next, _SLICE)
                self._pending = buffer[index : index + _SLICE]
                self._next += len(self._pending)
                if not self._pending:
                    raise Broken("the file ends inside a member")
            try:
                piece: bytes = self._inflater.decompress(self._pending, _PIECE)
            except _INFLATE_ERROR as error:
                raise Broken(f"the member does not inflate ({error})") from error
            self._pending = self._inflater.unconsumed_tail
            if piece:
                return piece
        return b""

    @property
    def end(self) -> int:
        """Return the offset after the member; see `Feed.end`."""
        return self._next - len(self._inflater.unused_data)


class ZstdFeed(MemberContent):
    """One Zstandard frame (RFC 8878), with the dictionary of a ``.warc.zst`` if it has one. Needs zstandard."""

    def __init__(self, window: Window, offset: int, dictionary: bytes | None) -> None:
        super().__init__()
        self._zstd: Any = import_module("zstandard")
        try:
            data = self._zstd.ZstdCompressionDict(dictionary) if dictionary else None
            self._inflater = self._zstd.ZstdDecompressor(dict_data=data, max_window_size=1 << 27).decompressobj()
        except self._zstd.ZstdError as error:
            raise Broken(f"the file's dictionary is none ({error})") from error
        self._window = window
        self._next = offset

    def pull(self) -> bytes:
        """Return the next piece; see `Feed.pull`."""
        while not self._inflater.eof:
            buffer, index = self._window.at(self._next, _SLICE)
            slice_ = buffer[index : index + _SLICE]
            self._next += len(slice_)
            if not slice_:
                raise Broken("the file ends inside a frame")
            try:
                piece: bytes = self._inflater.decompress(slice_)
            except _zstd_error() as error:
                raise Broken(f"the frame does not decompress ({error})") from error
            if piece:
                return piece
        return b""

    @property
    def end(self) -> int:
        """Return the offset after the member; see `Feed.end`."""
        return self._next - len(self._inflater.unused_data)


def _zstd_error() -> type[Exception]:
    error: type[Exception] = import_module("zstandard").ZstdError
    return error


class PlainFeed(MemberContent):
    """A file that is not compressed: one member to its end."""

    def __init__(self, window: Window, offset: int) -> None:
        super().__init__()
        self._window = window
        self._next = offset

    def pull(self) -> bytes:
        """Return the next piece; see `Feed.pull`."""
        buffer, index = self._window.at(self._next, _FILL)
        piece = buffer[index : index + _FILL]
        self._next += len(piece)
        return piece

    @property
    def end(self) -> int:
        """Return the offset after the member; see `Feed.end`."""
        return self._next
