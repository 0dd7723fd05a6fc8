"""Cases of heads: status lines and fields as servers write them."""

from __future__ import annotations

__all__ = ["FIELDS", "STATUS"]

from crawler.capture.selftest.case import BODY, CHUNKED, OK, Case, head, once, sized
from crawler.capture.selftest.script import Close, Drip, Wait

FIELDS: tuple[Case, ...] = (
    Case(
        name="plain",
        about="an ordinary page",
        scripts=once(sized(BODY, b"Content-Type: text/html")),
        entity=BODY,
    ),
    Case(
        name="header-case",
        about="odd case in field names",
        scripts=once(head(b"cOnTeNt-LeNgTh: 2", b"X-ODD: 1", b"x-odd: 2") + b"ok"),
        entity=b"ok",
    ),
    Case(
        name="header-duplicates",
        about="the same field three times",
        scripts=once(sized(b"ok", b"Set-Cookie: a=1", b"Set-Cookie: a=1", b"Set-Cookie: b=2")),
        entity=b"ok",
    ),
    Case(
        name="obs-fold",
        about="a field folded over lines, with blanks and tabs",
        scripts=once(sized(b"ok", b"X-Long: one\r\n  two\r\n\tthree", b"Content-Type: text/html;\r\n charset=utf-8")),
        entity=b"ok",
    ),
    Case(
        name="reason-not-ascii",
        about="a reason phrase in Latin-1",
        scripts=once(sized(b"ok", start=b"HTTP/1.1 200 Tr\xe8s bien")),
        entity=b"ok",
    ),
    Case(name="reason-empty", about="a space but no reason", scripts=once(sized(b"ok", start=b"HTTP/1.1 200 "))),
    Case(name="reason-none", about="no reason at all", scripts=once(sized(b"ok", start=b"HTTP/1.1 200"))),
    Case(
        name="header-latin1",
        about="Latin-1 and UTF-8 bytes in fields",
        scripts=once(sized(b"ok", b"X-Title: Caf\xe9", b"X-Title: Caf\xc3\xa9", b"X-\xe9: 1")),
        entity=b"ok",
    ),
    Case(
        name="header-control-bytes",
        about="NUL, bell, escape, delete and a bare CR in fields",
        scripts=once(sized(b"ok", b"X-Odd: a\x00b\x07\x1b\x7f", b"X-CR: a\rb")),
        entity=b"ok",
    ),
    Case(
        name="header-no-colon",
        about="a line that is no field, an empty name, an empty value",
        scripts=once(sized(b"ok", b"this is not a field", b": no name", b"X-Empty:")),
        entity=b"ok",
    ),
    Case(
        name="header-space-colon",
        about="white space around names and values",
        scripts=once(head(b"Content-Length : 2", b"X-Wide:   \t wide \t ") + b"ok"),
        entity=b"ok",
    ),
    Case(
        name="lf-only",
        about="lines that end in LF alone",
        scripts=once(b"HTTP/1.1 200 OK\nContent-Length: 2\nX-Last: 1\n\nok"),
        entity=b"ok",
    ),
    Case(
        name="lf-mixed",
        about="CRLF and LF in one head",
        scripts=once(b"HTTP/1.1 200 OK\r\nContent-Length: 2\nX-Last: 1\r\n\nok"),
        entity=b"ok",
    ),
    Case(
        name="empty-lines-first",
        about="empty lines before the status line",
        scripts=once(b"\r\n\r\n" + sized(b"ok")),
        entity=b"ok",
    ),
    Case(
        name="header-12kb",
        about="a field of 12 KB",
        scripts=once(sized(b"ok", b"Set-Cookie: " + b"x" * 12_288)),
        entity=b"ok",
    ),
    Case(
        name="header-many",
        about="a thousand fields",
        scripts=once(sized(b"ok", *(b"X-%d: %d" % (n, n) for n in range(1000)))),
        entity=b"ok",
    ),
    Case(
        name="head-split",
        about="a head that arrives a byte at a time",
        scripts=once(Drip(sized(b"ok", b"X-Slow: 1"))),
        entity=b"ok",
    ),
    Case(
        name="head-too-long",
        about="a head beyond every limit",
        scripts=once(OK + b"X-Endless: " + b"x" * 70_000, Close()),
        ends="broken",
        status=None,
    ),
)

STATUS: tuple[Case, ...] = (
    Case(
        name="interim",
        about="100 and 103 before the answer",
        scripts=once(
            b"HTTP/1.1 100 Continue\r\n\r\n",
            Wait(0.01),
            b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" + sized(b"ok"),
        ),
        interim=b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n",
        entity=b"ok",
    ),
    Case(
        name="interim-endless",
        about="interim answers without end",
        scripts=once(b"HTTP/1.1 102 Processing\r\n\r\n" * 20, Close()),
        interim=b"HTTP/1.1 102 Processing\r\n\r\n" * 17,
        ends="broken",
        status=None,
    ),
    Case(
        name="switching-unasked",
        about="101 that nobody asked for",
        scripts=once(head(b"Upgrade: h2c", start=b"HTTP/1.1 101 Switching Protocols"), Close()),
        status=101,
        entity=b"",
    ),
    Case(
        name="no-content",
        about="204, with a length it must not have",
        scripts=once(head(b"Content-Length: 5", start=b"HTTP/1.1 204 No Content")),
        status=204,
        entity=b"",
    ),
    Case(
        name="not-modified",
        about="304 with the length of what it does not send",
        scripts=once(head(b'ETag: "a"', b"Content-Length: 500", start=b"HTTP/1.1 304 Not Modified")),
        status=304,
        entity=b"",
    ),
    Case(
        name="head-method",
        about="HEAD: a length and no body",
        method="HEAD",
        scripts=once(head(b"Content-Length: 500")),
        entity=b"",
    ),
    Case(
        name="head-chunked",
        about="HEAD: said to be chunked, and no body",
        method="HEAD",
        scripts=once(CHUNKED + b"\r\n"),
        entity=b"",
    ),
    Case(
        name="post",
        about="a request with a body",
        method="POST",
        body=b"q=caf%C3%A9&binary=\x00\xff",
        scripts=once(sized(b"ok")),
        entity=b"ok",
    ),
    Case(
        name="redirect",
        about="301 with raw UTF-8 in Location",
        scripts=once(sized(b"moved", b"Location: /caf\xc3\xa9?a b", start=b"HTTP/1.1 301 Moved Permanently")),
        status=301,
        entity=b"moved",
    ),
    Case(
        name="status-odd",
        about="a status nobody knows",
        scripts=once(sized(b"no", start=b"HTTP/1.1 999 Request denied")),
        status=999,
        entity=b"no",
    ),
    Case(
        name="not-http",
        about="a greeting of another protocol",
        scripts=once(b"220 mail.example ESMTP\r\n", Close()),
        ends="broken",
        status=None,
    ),
    Case(name="http09", about="a body without any head", scripts=once(BODY, Close()), ends="broken", status=None),
    Case(
        name="status-bad",
        about="a status line without a status",
        scripts=once(b"HTTP/1.1 OK\r\nContent-Length: 2\r\n\r\nok", Close()),
        ends="broken",
        status=None,
    ),
)
