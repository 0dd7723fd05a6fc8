"""Cases of endings: what follows a message, connections that break, limits that are reached."""

from __future__ import annotations

__all__ = ["BREAKS", "LIMITED"]

from crawler.capture.selftest.case import BODY, CHUNKED, LIMITS, OCTETS, OK, Case, chunks, head, once, sized
from crawler.capture.selftest.script import Close, Drip, Hold, Reset, Send, Wait

BREAKS: tuple[Case, ...] = (
    Case(
        name="garbage-after",
        about="bytes after the end of the message",
        scripts=once(sized(b"ok") + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", Close()),
        surplus=b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
        entity=b"ok",
    ),
    Case(
        name="garbage-after-chunks",
        about="bytes after the last chunk",
        scripts=once(CHUNKED + b"\r\n" + chunks(b"hello") + b"\r\ngarbage", Close()),
        surplus=b"\r\ngarbage",
        entity=b"hello",
    ),
    Case(
        name="cut-head",
        about="closed in the middle of the head",
        scripts=once(OK + b"Content-Le", Close()),
        ends="disconnect",
        status=None,
    ),
    Case(
        name="cut-body",
        about="closed before the announced length",
        scripts=once(head(b"Content-Length: 500") + BODY, Close()),
        ends="disconnect",
        entity=BODY,
    ),
    Case(
        name="cut-chunk",
        about="closed in the middle of a chunk",
        scripts=once(CHUNKED + b"\r\n" + b"5\r\nhello\r\n50\r\nwor", Close()),
        ends="disconnect",
        entity=b"hellowor",
    ),
    Case(
        name="cut-chunks",
        about="closed where the last chunk should be",
        scripts=once(CHUNKED + b"\r\n" + b"5\r\nhello\r\n", Close()),
        ends="disconnect",
        entity=b"hello",
    ),
    Case(
        name="cut-trailers",
        about="closed after the last chunk: the entity is whole",
        scripts=once(CHUNKED + b"\r\n" + b"5\r\nhello\r\n0\r\nX-Sum: ", Close()),
        entity=b"hello",
    ),
    Case(
        name="reset-body",
        about="a reset in the middle of the body",
        scripts=once(head(b"Content-Length: 500") + BODY, Wait(0.05), Reset()),
        ends="disconnect",
        entity=BODY,
    ),
    Case(
        name="reset-until-close",
        about="a reset of a body that has no length",
        scripts=once(head() + BODY, Wait(0.05), Reset()),
        ends="disconnect",
        entity=BODY,
    ),
    Case(
        name="reset-head",
        about="a reset in the middle of the head",
        scripts=once(OK + b"X-", Wait(0.05), Reset()),
        ends="disconnect",
        status=None,
    ),
    Case(name="no-answer", about="closed without a word", scripts=once(Close()), ends="no_answer", status=None),
    Case(name="no-answer-reset", about="reset without a word", scripts=once(Reset()), ends="no_answer", status=None),
    Case(
        name="stale-keep-alive",
        about="a kept-alive connection that closes on the second request",
        scripts=((Send(sized(b"one")),), (Close(),), (Send(sized(b"two")),)),
        warm=True,
        entity=b"two",
    ),
    Case(
        name="stale-reset",
        about="a kept-alive connection that resets on the second request",
        scripts=((Send(sized(b"one")),), (Reset(),), (Send(sized(b"two")),)),
        warm=True,
        entity=b"two",
    ),
)

LIMITED: tuple[Case, ...] = (
    Case(
        name="cap-length",
        about="a body longer than the cap, announced",
        scripts=once(sized(OCTETS * 200)),
        ends="length",
        kept_body=LIMITS.max_body_bytes,
        prefix=True,
        entity=(OCTETS * 200)[: LIMITS.max_body_bytes],
    ),
    Case(
        name="cap-chunked",
        about="chunks beyond the cap, which counts framing",
        scripts=once(CHUNKED + b"\r\n" + chunks(*[OCTETS] * 200)),
        ends="length",
        kept_body=LIMITS.max_body_bytes,
        prefix=True,
    ),
    Case(
        name="cap-endless",
        about="a body without end",
        scripts=once(head(), *[OCTETS * 8] * 200, Close()),
        ends="length",
        kept_body=LIMITS.max_body_bytes,
        prefix=True,
    ),
    Case(
        name="cap-exact",
        about="a body exactly as long as the cap is whole",
        scripts=once(sized(b"x" * LIMITS.max_body_bytes)),
        entity=b"x" * LIMITS.max_body_bytes,
    ),
    Case(name="slow-nothing", about="no answer at all", scripts=once(Hold()), ends="time", status=None),
    Case(name="slow-head", about="a head that stops", scripts=once(OK + b"X-", Hold()), ends="time", status=None),
    Case(
        name="slow-head-drip",
        about="a head that never ends",
        scripts=once(OK + b"X-", Drip(b"x" * 100, every_s=0.05)),
        ends="time",
        status=None,
        prefix=True,
    ),
    Case(
        name="slow-body",
        about="a body that stops",
        scripts=once(head(b"Content-Length: 500") + BODY, Hold()),
        ends="time",
        entity=BODY,
    ),
    Case(
        name="slow-body-drip",
        about="a body that takes too long",
        scripts=once(head(b"Content-Length: 500"), Drip(b"x" * 100, every_s=0.05)),
        ends="time",
        prefix=True,
    ),
)
