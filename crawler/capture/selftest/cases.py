"""What servers do: the cases every capture must survive with its bytes intact.

Each has a name, what is special about it, the server's scripts for the requests it takes, and how it must end. What
was sent and received is not repeated here: the server's log knows.
"""

from __future__ import annotations

__all__ = ["CASES", "LIMITS", "Case", "Ends"]

import gzip
import zlib
from typing import Literal

import msgspec

from crawler.capture.selftest.script import Close, Drip, Hold, Pause, Reset, Script, Send, Step

Ends = Literal["whole", "length", "time", "disconnect", "broken", "no_answer"]
"""How the last exchange ends: whole, or truncated by length, time, disconnect; not HTTP; nothing received."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The settings the cases are written for."""

    head_timeout_s: float = 1.4
    body_timeout_s: float = 1.7
    idle_timeout_s: float = 0.9
    max_head_bytes: int = 65_536
    max_body_bytes: int = 200_000


LIMITS = Limits()


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a server may do."""

    name: str
    about: str
    scripts: tuple[Script, ...]
    """One for each request that is to reach the server, in order."""
    method: str = "GET"
    body: bytes = b""
    ends: Ends = "whole"
    status: int | None = 200
    """Of the last exchange; None: no head."""
    entity: bytes | None = None
    """The body de-chunked; None: not looked at."""
    interim: bytes = b""
    """What is sent before the response proper."""
    surplus: bytes = b""
    """What is sent after its end, and is no part of it."""
    kept_body: int | None = None
    """Bytes of the body that are kept; None: all."""
    prefix: bool = False
    """The server may have sent more than was waited for; what is kept must begin what it sent."""
    warm: bool = False
    """A whole exchange comes first, so that its connection is used again."""


_BODY = b"<!doctype html><title>News</title><p>Caf\xc3\xa9, \xd8\xb5\xd8\xad\xd9\x8a\xd9\x81\xd8\xa9.</p>\n"
_ZIPPED = gzip.compress(_BODY * 50, mtime=0)
_OCTETS = bytes(range(256)) * 8
_OK = b"HTTP/1.1 200 OK\r\n"
_CHUNKED = _OK + b"Content-Type: text/html\r\nTransfer-Encoding: chunked\r\n"


def _head(*fields: bytes, start: bytes = b"HTTP/1.1 200 OK") -> bytes:
    return b"\r\n".join((start, *fields)) + b"\r\n\r\n"


def _sized(body: bytes, *fields: bytes, start: bytes = b"HTTP/1.1 200 OK") -> bytes:
    return _head(*fields, b"Content-Length: %d" % len(body), start=start) + body


def _chunks(*pieces: bytes, last: bytes = b"0\r\n\r\n") -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + last


def _once(*steps: bytes | Step) -> tuple[Script, ...]:
    return (tuple(Send(step) if isinstance(step, bytes) else step for step in steps),)


_FIELDS = (
    Case(
        name="plain",
        about="an ordinary page",
        scripts=_once(_sized(_BODY, b"Content-Type: text/html")),
        entity=_BODY,
    ),
    Case(
        name="header-case",
        about="odd case in field names",
        scripts=_once(_head(b"cOnTeNt-LeNgTh: 2", b"X-ODD: 1", b"x-odd: 2") + b"ok"),
        entity=b"ok",
    ),
    Case(
        name="header-duplicates",
        about="the same field three times",
        scripts=_once(_sized(b"ok", b"Set-Cookie: a=1", b"Set-Cookie: a=1", b"Set-Cookie: b=2")),
        entity=b"ok",
    ),
    Case(
        name="obs-fold",
        about="a field folded over lines, with blanks and tabs",
        scripts=_once(_sized(b"ok", b"X-Long: one\r\n  two\r\n\tthree", b"Content-Type: text/html;\r\n charset=utf-8")),
        entity=b"ok",
    ),
    Case(
        name="reason-not-ascii",
        about="a reason phrase in Latin-1",
        scripts=_once(_sized(b"ok", start=b"HTTP/1.1 200 Tr\xe8s bien")),
        entity=b"ok",
    ),
    Case(name="reason-empty", about="a space but no reason", scripts=_once(_sized(b"ok", start=b"HTTP/1.1 200 "))),
    Case(name="reason-none", about="no reason at all", scripts=_once(_sized(b"ok", start=b"HTTP/1.1 200"))),
    Case(
        name="header-latin1",
        about="Latin-1 and UTF-8 bytes in fields",
        scripts=_once(_sized(b"ok", b"X-Title: Caf\xe9", b"X-Title: Caf\xc3\xa9", b"X-\xe9: 1")),
        entity=b"ok",
    ),
    Case(
        name="header-control-bytes",
        about="NUL, bell, escape, delete and a bare CR in fields",
        scripts=_once(_sized(b"ok", b"X-Odd: a\x00b\x07\x1b\x7f", b"X-CR: a\rb")),
        entity=b"ok",
    ),
    Case(
        name="header-no-colon",
        about="a line that is no field, an empty name, an empty value",
        scripts=_once(_sized(b"ok", b"this is not a field", b": no name", b"X-Empty:")),
        entity=b"ok",
    ),
    Case(
        name="header-space-colon",
        about="white space around names and values",
        scripts=_once(_head(b"Content-Length : 2", b"X-Wide:   \t wide \t ") + b"ok"),
        entity=b"ok",
    ),
    Case(
        name="lf-only",
        about="lines that end in LF alone",
        scripts=_once(b"HTTP/1.1 200 OK\nContent-Length: 2\nX-Last: 1\n\nok"),
        entity=b"ok",
    ),
    Case(
        name="lf-mixed",
        about="CRLF and LF in one head",
        scripts=_once(b"HTTP/1.1 200 OK\r\nContent-Length: 2\nX-Last: 1\r\n\nok"),
        entity=b"ok",
    ),
    Case(
        name="empty-lines-first",
        about="empty lines before the status line",
        scripts=_once(b"\r\n\r\n" + _sized(b"ok")),
        entity=b"ok",
    ),
    Case(
        name="header-12kb",
        about="a field of 12 KB",
        scripts=_once(_sized(b"ok", b"Set-Cookie: " + b"x" * 12_288)),
        entity=b"ok",
    ),
    Case(
        name="header-many",
        about="a thousand fields",
        scripts=_once(_sized(b"ok", *(b"X-%d: %d" % (n, n) for n in range(1000)))),
        entity=b"ok",
    ),
    Case(
        name="head-split",
        about="a head that arrives a byte at a time",
        scripts=_once(Drip(_sized(b"ok", b"X-Slow: 1"))),
        entity=b"ok",
    ),
    Case(
        name="head-too-long",
        about="a head beyond every limit",
        scripts=_once(_OK + b"X-Endless: " + b"x" * 70_000, Close()),
        ends="broken",
        status=None,
    ),
)

_FRAMING = (
    Case(
        name="octets",
        about="a body of all byte values",
        scripts=_once(_sized(_OCTETS)),
        entity=_OCTETS,
    ),
    Case(name="body-empty", about="Content-Length: 0", scripts=_once(_sized(b"")), entity=b""),
    Case(
        name="chunked",
        about="a chunked body",
        scripts=_once(_CHUNKED + b"\r\n" + _chunks(_BODY, _BODY)),
        entity=_BODY * 2,
    ),
    Case(
        name="chunked-extensions",
        about="chunk extensions, padded and zero-led sizes, capitals",
        scripts=_once(_CHUNKED + b"\r\n" + b"5;name=value\r\nhello\r\n0000A \r\n, world!!!\r\n000;last\r\n\r\n"),
        entity=b"hello, world!!!",
    ),
    Case(
        name="chunked-trailers",
        about="fields after the last chunk",
        scripts=_once(
            _CHUNKED + b"Trailer: X-Sum\r\n\r\n" + _chunks(b"hello", last=b"0\r\nX-Sum: 1\r\nX-\xe9: 2\r\n\r\n")
        ),
        entity=b"hello",
    ),
    Case(
        name="chunked-split",
        about="a chunked body that arrives a byte at a time",
        scripts=_once(_CHUNKED + b"\r\n", Drip(_chunks(b"hello", b"\r\n0\r\n\r\n", last=b"0;x\r\nA: b\r\n\r\n"))),
        entity=b"hello\r\n0\r\n\r\n",
    ),
    Case(
        name="chunked-lf",
        about="chunk lines that end in LF alone",
        scripts=_once(_CHUNKED + b"\r\n" + b"5\nhello\n0\n\n"),
        entity=b"hello",
    ),
    Case(
        name="chunked-gzip",
        about="gzip within chunks",
        scripts=_once(_CHUNKED + b"Content-Encoding: gzip\r\n\r\n" + _chunks(_ZIPPED[:100], _ZIPPED[100:])),
        entity=_ZIPPED,
    ),
    Case(
        name="chunked-http10",
        about="chunks although the version is 1.0",
        scripts=_once(_CHUNKED.replace(b"1.1", b"1.0") + b"\r\n" + _chunks(b"hello"), Close()),
        entity=b"hello",
    ),
    Case(
        name="chunked-bad-size",
        about="a chunk size that is no number",
        scripts=_once(_CHUNKED + b"\r\n" + b"5\r\nhello\r\n-1\r\nmore", Close()),
        ends="broken",
        entity=b"hello",
    ),
    Case(
        name="chunked-overrun",
        about="a chunk longer than its size",
        scripts=_once(_CHUNKED + b"\r\n" + b"3\r\nhello\r\n0\r\n\r\n", Close()),
        ends="broken",
    ),
    Case(
        name="chunked-not-really",
        about="said to be chunked, is not",
        scripts=_once(_CHUNKED + b"\r\n" + _BODY, Close()),
        ends="broken",
    ),
    Case(
        name="length-and-chunked",
        about="Content-Length and chunked together: chunked counts",
        scripts=_once(_CHUNKED + b"Content-Length: 3\r\n\r\n" + _chunks(b"hello")),
        entity=b"hello",
    ),
    Case(
        name="coding-identity",
        about="Transfer-Encoding: identity means nothing",
        scripts=_once(_sized(b"ok", b"Transfer-Encoding: identity")),
        entity=b"ok",
    ),
    Case(
        name="coding-unknown",
        about="a transfer coding that is not chunked: until close",
        scripts=_once(_head(b"Transfer-Encoding: gzip") + _ZIPPED, Close()),
        entity=_ZIPPED,
    ),
    Case(
        name="length-twice",
        about="Content-Length twice, alike",
        scripts=_once(_head(b"Content-Length: 2", b"Content-Length: 2, 2") + b"ok"),
        entity=b"ok",
    ),
    Case(
        name="length-conflict",
        about="two Content-Lengths that differ: until close",
        scripts=_once(_head(b"Content-Length: 2", b"Content-Length: 30") + _BODY, Close()),
        entity=_BODY,
    ),
    Case(
        name="length-invalid",
        about="a Content-Length that is no number: until close",
        scripts=_once(_head(b"Content-Length: -5") + _BODY, Close()),
        entity=_BODY,
    ),
    Case(
        name="http10-until-close",
        about="HTTP/1.0, the body ends with the connection",
        scripts=_once(_head(b"Content-Type: text/html", start=b"HTTP/1.0 200 OK") + _BODY, Close()),
        entity=_BODY,
    ),
    Case(
        name="until-close",
        about="HTTP/1.1 without any length",
        scripts=_once(_head(b"Connection: close") + _BODY, Pause(0.02), _BODY, Close()),
        entity=_BODY * 2,
    ),
    Case(
        name="until-close-rough",
        about="the same, TLS closed without notice",
        scripts=_once(_head(b"Connection: close") + _BODY, Close(notify=False)),
        entity=_BODY,
    ),
)

_STATUS = (
    Case(
        name="interim",
        about="100 and 103 before the answer",
        scripts=_once(
            b"HTTP/1.1 100 Continue\r\n\r\n",
            Pause(0.01),
            b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" + _sized(b"ok"),
        ),
        interim=b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n",
        entity=b"ok",
    ),
    Case(
        name="interim-endless",
        about="interim answers without end",
        scripts=_once(b"HTTP/1.1 102 Processing\r\n\r\n" * 20, Close()),
        interim=b"HTTP/1.1 102 Processing\r\n\r\n" * 17,
        ends="broken",
        status=None,
    ),
    Case(
        name="switching-unasked",
        about="101 that nobody asked for",
        scripts=_once(_head(b"Upgrade: h2c", start=b"HTTP/1.1 101 Switching Protocols"), Close()),
        status=101,
        entity=b"",
    ),
    Case(
        name="no-content",
        about="204, with a length it must not have",
        scripts=_once(_head(b"Content-Length: 5", start=b"HTTP/1.1 204 No Content")),
        status=204,
        entity=b"",
    ),
    Case(
        name="not-modified",
        about="304 with the length of what it does not send",
        scripts=_once(_head(b'ETag: "a"', b"Content-Length: 500", start=b"HTTP/1.1 304 Not Modified")),
        status=304,
        entity=b"",
    ),
    Case(
        name="head-method",
        about="HEAD: a length and no body",
        method="HEAD",
        scripts=_once(_head(b"Content-Length: 500")),
        entity=b"",
    ),
    Case(
        name="head-chunked",
        about="HEAD: said to be chunked, and no body",
        method="HEAD",
        scripts=_once(_CHUNKED + b"\r\n"),
        entity=b"",
    ),
    Case(
        name="post",
        about="a request with a body",
        method="POST",
        body=b"q=caf%C3%A9&binary=\x00\xff",
        scripts=_once(_sized(b"ok")),
        entity=b"ok",
    ),
    Case(
        name="redirect",
        about="301 with raw UTF-8 in Location",
        scripts=_once(_sized(b"moved", b"Location: /caf\xc3\xa9?a b", start=b"HTTP/1.1 301 Moved Permanently")),
        status=301,
        entity=b"moved",
    ),
    Case(
        name="status-odd",
        about="a status nobody knows",
        scripts=_once(_sized(b"no", start=b"HTTP/1.1 999 Request denied")),
        status=999,
        entity=b"no",
    ),
    Case(
        name="not-http",
        about="a greeting of another protocol",
        scripts=_once(b"220 mail.example ESMTP\r\n", Close()),
        ends="broken",
        status=None,
    ),
    Case(name="http09", about="a body without any head", scripts=_once(_BODY, Close()), ends="broken", status=None),
    Case(
        name="status-bad",
        about="a status line without a status",
        scripts=_once(b"HTTP/1.1 OK\r\nContent-Length: 2\r\n\r\nok", Close()),
        ends="broken",
        status=None,
    ),
)

_CODING = (
    Case(
        name="gzip",
        about="a gzip body",
        scripts=_once(_sized(_ZIPPED, b"Content-Encoding: gzip")),
        entity=_ZIPPED,
    ),
    Case(
        name="gzip-truncated",
        about="a gzip stream without its end",
        scripts=_once(_sized(_ZIPPED[:-20], b"Content-Encoding: gzip")),
        entity=_ZIPPED[:-20],
    ),
    Case(
        name="gzip-doubled",
        about="gzip twice, declared once",
        scripts=_once(_sized(gzip.compress(_ZIPPED, mtime=0), b"Content-Encoding: gzip")),
        entity=gzip.compress(_ZIPPED, mtime=0),
    ),
    Case(name="gzip-undeclared", about="gzip that nobody mentions", scripts=_once(_sized(_ZIPPED)), entity=_ZIPPED),
    Case(
        name="gzip-false",
        about="declared gzip, is not",
        scripts=_once(_sized(_BODY, b"Content-Encoding: gzip")),
        entity=_BODY,
    ),
    Case(
        name="deflate-raw",
        about="deflate without zlib's wrapper",
        scripts=_once(_sized(zlib.compress(_BODY)[2:-4], b"Content-Encoding: deflate")),
        entity=zlib.compress(_BODY)[2:-4],
    ),
)

_BREAKS = (
    Case(
        name="garbage-after",
        about="bytes after the end of the message",
        scripts=_once(_sized(b"ok") + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", Close()),
        surplus=b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
        entity=b"ok",
    ),
    Case(
        name="garbage-after-chunks",
        about="bytes after the last chunk",
        scripts=_once(_CHUNKED + b"\r\n" + _chunks(b"hello") + b"\r\ngarbage", Close()),
        surplus=b"\r\ngarbage",
        entity=b"hello",
    ),
    Case(
        name="cut-head",
        about="closed in the middle of the head",
        scripts=_once(_OK + b"Content-Le", Close()),
        ends="disconnect",
        status=None,
    ),
    Case(
        name="cut-body",
        about="closed before the announced length",
        scripts=_once(_head(b"Content-Length: 500") + _BODY, Close()),
        ends="disconnect",
        entity=_BODY,
    ),
    Case(
        name="cut-chunk",
        about="closed in the middle of a chunk",
        scripts=_once(_CHUNKED + b"\r\n" + b"5\r\nhello\r\n50\r\nwor", Close()),
        ends="disconnect",
        entity=b"hellowor",
    ),
    Case(
        name="cut-chunks",
        about="closed where the last chunk should be",
        scripts=_once(_CHUNKED + b"\r\n" + b"5\r\nhello\r\n", Close()),
        ends="disconnect",
        entity=b"hello",
    ),
    Case(
        name="cut-trailers",
        about="closed after the last chunk: the entity is whole",
        scripts=_once(_CHUNKED + b"\r\n" + b"5\r\nhello\r\n0\r\nX-Sum: ", Close()),
        entity=b"hello",
    ),
    Case(
        name="reset-body",
        about="a reset in the middle of the body",
        scripts=_once(_head(b"Content-Length: 500") + _BODY, Pause(0.05), Reset()),
        ends="disconnect",
        entity=_BODY,
    ),
    Case(
        name="reset-until-close",
        about="a reset of a body that has no length",
        scripts=_once(_head() + _BODY, Pause(0.05), Reset()),
        ends="disconnect",
        entity=_BODY,
    ),
    Case(
        name="reset-head",
        about="a reset in the middle of the head",
        scripts=_once(_OK + b"X-", Pause(0.05), Reset()),
        ends="disconnect",
        status=None,
    ),
    Case(name="no-answer", about="closed without a word", scripts=_once(Close()), ends="no_answer", status=None),
    Case(name="no-answer-reset", about="reset without a word", scripts=_once(Reset()), ends="no_answer", status=None),
    Case(
        name="stale-keep-alive",
        about="a kept-alive connection that closes on the second request",
        scripts=((Send(_sized(b"one")),), (Close(),), (Send(_sized(b"two")),)),
        warm=True,
        entity=b"two",
    ),
    Case(
        name="stale-reset",
        about="a kept-alive connection that resets on the second request",
        scripts=((Send(_sized(b"one")),), (Reset(),), (Send(_sized(b"two")),)),
        warm=True,
        entity=b"two",
    ),
)

_LIMITED = (
    Case(
        name="cap-length",
        about="a body longer than the cap, announced",
        scripts=_once(_sized(_OCTETS * 200)),
        ends="length",
        kept_body=LIMITS.max_body_bytes,
        prefix=True,
        entity=(_OCTETS * 200)[: LIMITS.max_body_bytes],
    ),
    Case(
        name="cap-chunked",
        about="chunks beyond the cap, which counts framing",
        scripts=_once(_CHUNKED + b"\r\n" + _chunks(*[_OCTETS] * 200)),
        ends="length",
        kept_body=LIMITS.max_body_bytes,
        prefix=True,
    ),
    Case(
        name="cap-endless",
        about="a body without end",
        scripts=_once(_head(), *[_OCTETS * 8] * 200, Close()),
        ends="length",
        kept_body=LIMITS.max_body_bytes,
        prefix=True,
    ),
    Case(
        name="cap-exact",
        about="a body exactly as long as the cap is whole",
        scripts=_once(_sized(b"x" * LIMITS.max_body_bytes)),
        entity=b"x" * LIMITS.max_body_bytes,
    ),
    Case(name="slow-nothing", about="no answer at all", scripts=_once(Hold()), ends="time", status=None),
    Case(name="slow-head", about="a head that stops", scripts=_once(_OK + b"X-", Hold()), ends="time", status=None),
    Case(
        name="slow-head-drip",
        about="a head that never ends",
        scripts=_once(_OK + b"X-", Drip(b"x" * 100, every_s=0.05)),
        ends="time",
        status=None,
        prefix=True,
    ),
    Case(
        name="slow-body",
        about="a body that stops",
        scripts=_once(_head(b"Content-Length: 500") + _BODY, Hold()),
        ends="time",
        entity=_BODY,
    ),
    Case(
        name="slow-body-drip",
        about="a body that takes too long",
        scripts=_once(_head(b"Content-Length: 500"), Drip(b"x" * 100, every_s=0.05)),
        ends="time",
        prefix=True,
    ),
)

CASES: tuple[Case, ...] = (*_FIELDS, *_FRAMING, *_STATUS, *_CODING, *_BREAKS, *_LIMITED)
"""All cases, grouped: fields, framing, status, content coding, breaks, limits."""
