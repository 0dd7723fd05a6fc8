"""The misbehaving server, under the name tests know it by; it ships with the program as its self-test."""

from __future__ import annotations

__all__ = [
    "Certificate",
    "Close",
    "Drip",
    "Hold",
    "Origin",
    "Reset",
    "Send",
    "Served",
    "Wait",
    "html",
    "make_certificate",
]

from crawler.capture.selftest.certificate import Certificate, make_certificate
from crawler.capture.selftest.script import Close, Drip, Hold, Reset, Script, Send, Wait
from crawler.capture.selftest.server import Origin, Served


def html(body: bytes, *fields: bytes, status: bytes = b"200 OK") -> Script:
    """Return the script of an ordinary page."""
    head = (b"HTTP/1.1 " + status, b"Content-Type: text/html; charset=utf-8", *fields)
    return (Send(b"\r\n".join((*head, b"Content-Length: %d" % len(body))) + b"\r\n\r\n" + body),)
