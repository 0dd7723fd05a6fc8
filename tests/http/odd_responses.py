"""Responses as no standard has them: each piece seen somewhere, put together at random, from a seed."""

from __future__ import annotations

__all__ = ["odd_response"]

from random import Random

_BEFORE = (b"", b"", b"", b"", b"\r\n", b"\n", b"\r\n" * 20, b"\n" * 70, b" ")
_INTERIM = (
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
    b"HTTP/1.1 102 Processing\n\n",
    b"HTTP/1.1 101 Switching\r\n\r\n",
    b"HTTP/1.1 199",
)
_VERSIONS = (
    b"HTTP/1.1",
    b"HTTP/1.1",
    b"HTTP/1.0",
    b"http/1.1",
    b"HTTP/1",
    b"HTTP/2",
    b"HTTP/1.10",
    b"HTTP/12.1",
    b"ICY",
    b"HTP/1.1",
    b"HTTP/1.",
)
_BETWEEN = (b" ", b" ", b" ", b"  ", b"\t", b"", b"\r")
_STATUSES = (b"200", b"200", b"200", b"204", b"304", b"404", b"999", b"099", b"20", b"2000", b"OK", b"-20", b"100")
_REASONS = (b" OK", b" OK", b"", b" ", b"OK", b" Tr\xe8s bien ", b" O\rK", b" \x00", b"\tGone\t", b"\x0b", b" a:b")
_ENDS = (b"\r\n", b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r", b"\r\r\n", b"\n\r", b" \r\n")
_NAMES = (
    b"Content-Length", b"content-length", b"Transfer-Encoding", b"TRANSFER-ENCODING", b"Content-Encoding",
    b"Connection",
    b"Content-Type", b"X", b"Content-Length ", b"Transfer-Encoding\t", b" X", b"\tContent-Length", b"", b"no colon",
    b"X\r", b"X\x00", b"Content\x0b",
)  # fmt: skip
_VALUES = (
    b"5", b"5", b"0", b"12", b"5, 5", b"5,6", b"+5", b"0x5", b"99", b"5\r", b"5,", b"9" * 20, b"chunked", b"chunked",
    b"Chunked", b"gzip, chunked", b"chunked, gzip",
    b"xchunked", b"chunked;q=1", b"chunked, identity", b"identity", b"chun\rked", b"gzip", b"br", b"close",
    b"keep-alive", b"a\x00b", b"\x0cv\x0b", b"text/html", b"", b"a\rb: c", b"\xe9",
)  # fmt: skip
_COLONS = (b": ", b": ", b": ", b":", b" : ", b":\t", b"", b"::")
_FOLDS = (b" folded", b"\tfolded", b" ", b" chunked", b"\t: x", b" 5")
_BLANKS = (b"\r\n", b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r\r\n", b"\r", b"", b"\n\r\n")
_SIZES = (
    b"5",
    b"5",
    b"5",
    b"05",
    b"5 ",
    b" 5",
    b"5;a=b",
    b"5;a\rb",
    b"5 ; x",
    b"5\r",
    b"g",
    b"",
    b"0x5",
    b"-5",
    b"f" * 16,
    b"4",
    b"6",
    b"F",
)
_CHUNK_ENDS = (b"\r\n", b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r", b"\r\r\n", b"", b"XX\r\n", b" \r\n")
_LASTS = (
    b"0\r\n\r\n",
    b"0\r\n\r\n",
    b"0\r\n\r\n",
    b"0\r\nX: y\r\n\r\n",
    b"0\n\n",
    b"0",
    b"",
    b"00\r\n\r\n",
    b"0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
    b"<p>rest</p>",
)
_BODIES = (
    b"hello",
    b"hello",
    b"hello, world!",
    b"hel",
    b"",
    b"<html><p>word</p></html>",
    b"\x1f\x8b\x08rest",
    b"abc\n",
    b"\r\n\r\n",
    b"5\n",
)


def odd_response(random: Random) -> bytes:
    """Return one of some billions."""
    pick = random.choice
    parts = [pick(_BEFORE)]
    while random.random() < 0.1:
        parts.append(pick(_INTERIM))
    parts += [
        pick(_VERSIONS) if random.random() < 0.3 else b"HTTP/1.1",
        pick(_BETWEEN) if random.random() < 0.2 else b" ",
    ]
    parts += [pick(_STATUSES) if random.random() < 0.4 else b"200", pick(_REASONS) if random.random() < 0.4 else b" OK"]
    parts.append(_end(random))
    for _ in range(random.randrange(6)):
        parts += [pick(_NAMES), pick(_COLONS), pick(_VALUES), _end(random)]
        if random.random() < 0.15:
            parts += [pick(_FOLDS), _end(random)]
    parts.append(pick(_BLANKS) if random.random() < 0.3 else b"\r\n")
    parts.append(_chunked(random) if random.random() < 0.5 else pick(_BODIES))
    return b"".join(parts)


def _end(random: Random) -> bytes:
    return random.choice(_ENDS) if random.random() < 0.2 else b"\r\n"


def _chunked(random: Random) -> bytes:
    parts = []
    for _ in range(random.randrange(4)):
        parts += [random.choice(_SIZES) if random.random() < 0.4 else b"5", _end(random), b"hello"]
        parts.append(random.choice(_CHUNK_ENDS) if random.random() < 0.3 else b"\r\n")
    parts.append(random.choice(_LASTS))
    return b"".join(parts)
