"""Undo HTTP content-codings, however wrong they are declared, and never past a bound.

What cannot be decoded is left as it is and flagged; what decodes in part is given in part and flagged:
``content_coding_false`` (declared, but the bytes are not), ``content_coding_undeclared``, ``content_coding_doubled``,
``content_coding_truncated``, ``content_coding_broken``, ``content_coding_unsupported``, ``body_capped``.
"""

from __future__ import annotations

__all__ = ["MAX_BODY", "decode_body"]

import importlib
import zlib
from collections.abc import Iterable
from typing import Any

from isal import isal_zlib

MAX_BODY = 50 * 2**20
"""Default bound of a decoded body, in bytes."""
_PIECE = 1 << 16
_MAX_CODINGS = 4


def _optional(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


_brotli = _optional("brotli")
_zstd = _optional("zstandard")
_INFLATE_ERRORS: Any = (zlib.error, isal_zlib.error)  # isal types its error as an instance


def decode_body(
    headers: Iterable[tuple[bytes, bytes]], body: bytes, *, max_body: int = MAX_BODY
) -> tuple[bytes, tuple[str, ...]]:
    """Return the representation that `body` (de-chunked, still content-coded) encodes, and flags.

    `headers` are the response's fields, names in any case. Codings are undone in the reverse of the order they were
    applied in (RFC 9110 section 8.4). The result has at most `max_body` bytes.
    """
    flags: list[str] = []
    codings = _codings(headers)
    for coding in reversed(codings[:_MAX_CODINGS]):
        body = _undo(coding, body, max_body, flags)
    if body[:3] == b"\x1f\x8b\x08":
        flags.append("content_coding_doubled" if codings else "content_coding_undeclared")
        body = _inflate(body, 31, max_body, flags)
    if len(body) > max_body:
        body = body[:max_body]
        flags.append("body_capped")
    return body, tuple(dict.fromkeys(flags))


def _codings(headers: Iterable[tuple[bytes, bytes]]) -> list[str]:
    found = []
    for name, value in headers:
        if name.lower() == b"content-encoding":
            found += [part.strip().lower() for part in value.decode("latin-1").split(",")]
    return [coding for coding in found if coding and coding != "identity"]


def _undo(coding: str, body: bytes, limit: int, flags: list[str]) -> bytes:
    if not body:
        return body
    if coding in ("gzip", "x-gzip"):
        if body[:2] != b"\x1f\x8b":
            flags.append("content_coding_false")
            return body
        return _inflate(body, 31, limit, flags)
    if coding == "deflate":
        return _deflate(body, limit, flags)
    if coding == "br" and _brotli is not None:
        return _unbrotli(body, limit, flags)
    if coding == "zstd" and _zstd is not None:
        return _unzstd(body, limit, flags)
    known = coding in ("br", "zstd", "compress", "x-compress", "dcb", "dcz")
    flags.append("content_coding_unsupported" if known else "content_coding_false")
    return body


def _deflate(body: bytes, limit: int, flags: list[str]) -> bytes:
    """RFC 9110 section 8.4.1.2 means the zlib format; many servers send raw DEFLATE."""
    if body[0] & 0x0F == 8 and len(body) > 1 and (body[0] << 8 | body[1]) % 31 == 0:
        return _inflate(body, 15, limit, flags)
    trial: list[str] = []
    plain = _inflate(body, -15, limit, trial)
    if "content_coding_broken" in trial and len(plain) < len(body):
        flags.append("content_coding_false")
        return body
    flags += trial
    return plain


def _inflate(body: bytes, wbits: int, limit: int, flags: list[str]) -> bytes:
    """Decompress all members; keep what came out before an error."""
    pieces: list[bytes] = []
    size = position = 0
    inflater = isal_zlib.decompressobj(wbits)
    view = memoryview(body)
    while position < len(body) and size <= limit:
        chunk = bytes(view[position : position + _PIECE])
        position += len(chunk)
        try:
            while chunk and size <= limit:
                out = inflater.decompress(chunk, limit + 1 - size)
                pieces.append(out)
                size += len(out)
                if inflater.eof:
                    chunk = _next_member(inflater.unused_data, wbits)
                    if chunk:
                        inflater = isal_zlib.decompressobj(wbits)
                    else:
                        position = len(body)
                else:
                    chunk = inflater.unconsumed_tail
        except _INFLATE_ERRORS:
            flags.append("content_coding_broken")
            return b"".join(pieces)
    if size > limit:
        flags.append("body_capped")
    elif not inflater.eof:
        flags.append("content_coding_truncated")
    return b"".join(pieces)[:limit]


def _next_member(rest: bytes, wbits: int) -> bytes:
    """Return what follows a finished stream if it is another gzip member; padding and garbage are not."""
    return rest if wbits == 31 and rest[:2] == b"\x1f\x8b" else b""


def _unbrotli(body: bytes, limit: int, flags: list[str]) -> bytes:
    decoder = _brotli.Decompressor()
    pieces: list[bytes] = []
    size = 0
    try:
        piece = decoder.process(body, output_buffer_limit=_PIECE)
        while piece or not (decoder.is_finished() or decoder.can_accept_more_data()):
            pieces.append(piece)
            size += len(piece)
            if size > limit:
                flags.append("body_capped")
                break
            piece = decoder.process(b"", output_buffer_limit=_PIECE)
        else:
            if not decoder.is_finished():
                flags.append("content_coding_truncated")
    except _brotli.error:
        if not pieces:
            flags.append("content_coding_false")
            return body
        flags.append("content_coding_broken")
    return b"".join(pieces)[:limit]


def _unzstd(body: bytes, limit: int, flags: list[str]) -> bytes:
    if body[:4] != b"\x28\xb5\x2f\xfd":
        flags.append("content_coding_false")
        return body
    pieces: list[bytes] = []
    size = 0
    try:
        with _zstd.ZstdDecompressor(max_window_size=2**27).stream_reader(body, read_across_frames=True) as reader:
            while piece := reader.read(_PIECE):
                pieces.append(piece)
                size += len(piece)
                if size > limit:
                    flags.append("body_capped")
                    break
    except _zstd.ZstdError:
        flags.append("content_coding_broken")
    return b"".join(pieces)[:limit]
