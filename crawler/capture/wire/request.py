"""What is asked, and the exact bytes that ask it."""

from __future__ import annotations

__all__ = ["ACCEPT_ENCODING", "Proxy", "Target", "WireRequest", "parse_proxy", "serialise", "target_of"]

import base64
import functools
import re
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import msgspec

from crawler.errors import BadHost, Refused, UsageError
from crawler.urls import is_port_of_others, normalise

ACCEPT_ENCODING = b"gzip, deflate"
"""All that is ever asked for: common WARC readers cannot decode br and zstd."""

_PLAIN = re.compile(r"(https?)://([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?(/[!\"$-~]*)")
_UNSAFE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]+")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_OWN_FIELDS = frozenset((b"host", b"content-length", b"transfer-encoding", b"proxy-authorization"))
"""Fields this module answers for; those of a request are not sent."""


class WireRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request before it is serialised."""

    url: str
    method: str = "GET"
    headers: tuple[tuple[bytes, bytes], ...] = ()
    """In the order they are to be sent, after Host."""
    body: bytes = b""


class Target(NamedTuple):
    """A URL taken apart; `url` is percent-encoded, without fragment, default port and credentials."""

    url: str
    scheme: str
    host: str
    """Without the brackets of an IPv6 address."""
    port: int
    authority: str
    """Value of the Host field."""
    path: str
    """Path and query, as the request line has them."""


class Proxy(NamedTuple):
    """An HTTP proxy for all requests."""

    host: str
    port: int
    credentials: bytes
    """Value of Proxy-Authorization; empty: none."""


def target_of(url: str) -> Target:
    """Take `url` apart.

    Raises Refused: ``scheme`` if it is no http(s) URL, ``host`` if its host cannot be one, ``port`` if its port is
    another service's: what a page says must not be told to a mail server.
    """
    try:
        url = normalise(url)
    except UsageError as error:
        reason = "host" if isinstance(error, BadHost) else "scheme"
        raise Refused(error.what, reason=reason, next_step=error.next_step) from error
    found = _PLAIN.fullmatch(url)
    if found is None or not 0 < int(found[3] or 1) < 65536:
        raise Refused(f"not a URL that can be asked for: {url!r}", reason="scheme")
    scheme, host, port, path = found.groups()
    if port and is_port_of_others(int(port)):
        raise Refused(f"port {port} is another service's: no browser asks there, nor do we", reason="port")
    return Target(
        url=url,
        scheme=scheme,
        host=host.strip("[]"),
        port=int(port) if port else _DEFAULT_PORTS[scheme],
        authority=f"{host}:{port}" if port else host,
        path=path,
    )


def parse_proxy(url: str) -> Proxy | None:
    """Return the proxy that ``http://[user:password@]host:port`` names, None for the empty text. Raises UsageError."""
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        raise UsageError("the proxy is not an HTTP proxy", next_step="set fetch.proxy to http://host:port")
    credentials = b""
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        credentials = b"Basic " + base64.b64encode(pair.encode())
    return Proxy(parts.hostname, parts.port or 80, credentials)


def serialise(request: WireRequest, target: Target, *, absolute: bool = False) -> bytes:
    """Return the bytes of `request`: request line, Host, its fields in order with their case, body.

    Accept-Encoding never asks for more than gzip and deflate. Control characters in a field's value, which could end
    the field, become a space. `absolute`: the request line carries the whole URL, as a proxy wants it (RFC 9112
    section 3.2.2).
    """
    line = f"{request.method} {target.url if absolute else target.path} HTTP/1.1\r\nHost: {target.authority}\r\n"
    length = b""
    if request.body or request.method in ("POST", "PUT", "PATCH"):
        length = b"Content-Length: %d\r\n" % len(request.body)
    return b"".join((line.encode("ascii"), _field_lines(request.headers), length, b"\r\n", request.body))


@functools.lru_cache(64)
def _field_lines(fields: tuple[tuple[bytes, bytes], ...]) -> bytes:
    """Return the lines of `fields` that are sent; nearly all requests have the same."""
    parts = []
    coding_sent = False
    for name, value in fields:
        key = name.lower()
        if key in _OWN_FIELDS:
            continue
        if key == b"accept-encoding":
            if coding_sent:
                continue
            coding_sent = True
            value = _codings(value)  # noqa: PLW2901 - the field is sent under the name it was given
        parts.append(b"%b: %b\r\n" % (name, _UNSAFE.sub(b" ", value)))
    if not coding_sent:
        parts.append(b"Accept-Encoding: " + ACCEPT_ENCODING + b"\r\n")
    return b"".join(parts)


def _codings(value: bytes) -> bytes:
    """Return `value` if it asks for codings that can be read back, else what Warraq asks for."""
    names = {coding.partition(b";")[0].strip().lower() for coding in value.split(b",")}
    return value if names <= {b"gzip", b"deflate", b"identity"} else ACCEPT_ENCODING
