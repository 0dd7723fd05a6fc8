"""Cases of bodies: how their end is found, and how they are coded."""

from __future__ import annotations

__all__ = ["CODING", "FRAMING"]

import gzip
import zlib

from crawler.capture.selftest.case import BODY, CHUNKED, OCTETS, ZIPPED, Case, chunks, head, once, sized
from crawler.capture.selftest.script import Close, Drip, Wait

FRAMING: tuple[Case, ...] = (
    Case(
        name="octets",
        about="a body of all byte values",
        scripts=once(sized(OCTETS)),
        entity=OCTETS,
    ),
    Case(name="body-empty", about="Content-Length: 0", scripts=once(sized(b"")), entity=b""),
    Case(
        name="chunked",
        about="a chunked body",
        scripts=once(CHUNKED + b"\r\n" + chunks(BODY, BODY)),
        entity=BODY * 2,
    ),
    Case(
        name="chunked-extensions",
        about="chunk extensions, padded and zero-led sizes, capitals",
        scripts=once(CHUNKED + b"\r\n" + b"5;name=value\r\nhello\r\n0000A \r\n, world!!!\r\n000;last\r\n\r\n"),
        entity=b"hello, world!!!",
    ),
    Case(
        name="chunked-trailers",
        about="fields after the last chunk",
        scripts=once(
            CHUNKED + b"Trailer: X-Sum\r\n\r\n" + chunks(b"hello", last=b"0\r\nX-Sum: 1\r\nX-\xe9: 2\r\n\r\n")
        ),
        entity=b"hello",
    ),
    Case(
        name="chunked-split",
        about="a chunked body that arrives a byte at a time",
        scripts=once(CHUNKED + b"\r\n", Drip(chunks(b"hello", b"\r\n0\r\n\r\n", last=b"0;x\r\nA: b\r\n\r\n"))),
        entity=b"hello\r\n0\r\n\r\n",
    ),
    Case(
        name="chunked-lf",
        about="chunk lines that end in LF alone",
        scripts=once(CHUNKED + b"\r\n" + b"5\nhello\n0\n\n"),
        entity=b"hello",
    ),
    Case(
        name="chunked-gzip",
        about="gzip within chunks",
        scripts=once(CHUNKED + b"Content-Encoding: gzip\r\n\r\n" + chunks(ZIPPED[:100], ZIPPED[100:])),
        entity=ZIPPED,
    ),
    Case(
        name="chunked-http10",
        about="chunks although the version is 1.0",
        scripts=once(CHUNKED.replace(b"1.1", b"1.0") + b"\r\n" + chunks(b"hello"), Close()),
        entity=b"hello",
    ),
    Case(
        name="chunked-bad-size",
        about="a chunk size that is no number",
        scripts=once(CHUNKED + b"\r\n" + b"5\r\nhello\r\n-1\r\nmore", Close()),
        ends="broken",
        entity=b"hello",
    ),
    Case(
        name="chunked-overrun",
        about="a chunk longer than its size",
        scripts=once(CHUNKED + b"\r\n" + b"3\r\nhello\r\n0\r\n\r\n", Close()),
        ends="broken",
    ),
    Case(
        name="chunked-not-really",
        about="said to be chunked, is not",
        scripts=once(CHUNKED + b"\r\n" + BODY, Close()),
        ends="broken",
    ),
    Case(
        name="length-and-chunked",
        about="Content-Length and chunked together: chunked counts",
        scripts=once(CHUNKED + b"Content-Length: 3\r\n\r\n" + chunks(b"hello")),
        entity=b"hello",
    ),
    Case(
        name="coding-identity",
        about="Transfer-Encoding: identity means nothing",
        scripts=once(sized(b"ok", b"Transfer-Encoding: identity")),
        entity=b"ok",
    ),
    Case(
        name="coding-unknown",
        about="a transfer coding that is not chunked: until close",
        scripts=once(head(b"Transfer-Encoding: gzip") + ZIPPED, Close()),
        entity=ZIPPED,
    ),
    Case(
        name="length-twice",
        about="Content-Length twice, alike",
        scripts=once(head(b"Content-Length: 2", b"Content-Length: 2, 2") + b"ok"),
        entity=b"ok",
    ),
    Case(
        name="length-conflict",
        about="two Content-Lengths that differ: until close",
        scripts=once(head(b"Content-Length: 2", b"Content-Length: 30") + BODY, Close()),
        entity=BODY,
    ),
    Case(
        name="length-invalid",
        about="a Content-Length that is no number: until close",
        scripts=once(head(b"Content-Length: -5") + BODY, Close()),
        entity=BODY,
    ),
    Case(
        name="http10-until-close",
        about="HTTP/1.0, the body ends with the connection",
        scripts=once(head(b"Content-Type: text/html", start=b"HTTP/1.0 200 OK") + BODY, Close()),
        entity=BODY,
    ),
    Case(
        name="until-close",
        about="HTTP/1.1 without any length",
        scripts=once(head(b"Connection: close") + BODY, Wait(0.02), BODY, Close()),
        entity=BODY * 2,
    ),
    Case(
        name="until-close-rough",
        about="the same, TLS closed without notice",
        scripts=once(head(b"Connection: close") + BODY, Close(notify=False)),
        entity=BODY,
    ),
)

CODING: tuple[Case, ...] = (
    Case(
        name="gzip",
        about="a gzip body",
        scripts=once(sized(ZIPPED, b"Content-Encoding: gzip")),
        entity=ZIPPED,
    ),
    Case(
        name="gzip-truncated",
        about="a gzip stream without its end",
        scripts=once(sized(ZIPPED[:-20], b"Content-Encoding: gzip")),
        entity=ZIPPED[:-20],
    ),
    Case(
        name="gzip-doubled",
        about="gzip twice, declared once",
        scripts=once(sized(gzip.compress(ZIPPED, mtime=0), b"Content-Encoding: gzip")),
        entity=gzip.compress(ZIPPED, mtime=0),
    ),
    Case(name="gzip-undeclared", about="gzip that nobody mentions", scripts=once(sized(ZIPPED)), entity=ZIPPED),
    Case(
        name="gzip-false",
        about="declared gzip, is not",
        scripts=once(sized(BODY, b"Content-Encoding: gzip")),
        entity=BODY,
    ),
    Case(
        name="deflate-raw",
        about="deflate without zlib's wrapper",
        scripts=once(sized(zlib.compress(BODY)[2:-4], b"Content-Encoding: deflate")),
        entity=zlib.compress(BODY)[2:-4],
    ),
)
