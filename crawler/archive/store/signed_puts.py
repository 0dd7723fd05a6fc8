"""Many small objects to one bucket, each in one request, several under way, all on connections that are kept open.

What boto3's client works out anew for every call is left out, which is most of its CPU. How the client addressed a PUT
is learnt from one that it sent, and holds for the ones after it; each is signed by Signature Version 4
(https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html). What a server answers with anything but
200 is not judged here: the caller has the client do it again, which knows when to retry and what an answer means.
"""

from __future__ import annotations

__all__ = ["SignedPuts"]

import base64
import hmac
import os
import re
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from botocore.httpsession import get_cert_path
from botocore.utils import get_environ_proxies

from crawler.archive.store.put_connection import PutConnection

_SCOPE = re.compile(r"AWS4-HMAC-SHA256 Credential=[^,]*/\d{8}/([^/,]+)/s3/aws4_request,")
"""Signature Version 4 in a header, for plain S3; its region."""
_DEFAULT_PORTS = {"http": 80, "https": 443}


class _Shown(NamedTuple):
    """What a request of the client showed."""

    scheme: str
    host: str
    """With its port unless that is the scheme's own."""
    path: str
    """Of the bucket, to which a key is added; as it is sent."""
    region: str
    agent: str


class _Put(NamedTuple):
    """An object under way."""

    connection: PutConnection
    by_client: Callable[[], None]


class SignedPuts:
    """PUTs as `client` sends them; the first it leaves to it."""

    def __init__(self, session: Any, client: Any, *, timeouts_s: tuple[float, float], connections: int) -> None:
        """`session`: botocore's, which has the credentials; `timeouts_s`: to connect, to read; `connections`: kept
        open.
        """
        self._session = session
        self._timeouts_s = timeouts_s
        self._most_kept = connections
        self._kept: deque[PutConnection] = deque()
        weakref.finalize(self, _close_all, self._kept)
        self._lock = threading.Lock()
        self._may_learn = True
        self._watched = ""
        self._shown: _Shown | None = None
        self._certificates: str | None = None
        self._key: tuple[tuple[str, str, str], bytes] | None = None
        client.meta.events.register_last("before-send.s3.PutObject", self._look)

    def put_all(
        self,
        objects: Iterable[tuple[str, bytes]],
        *,
        in_flight: int,
        by_client: Callable[[str, bytes, bytes], None],
    ) -> None:
        """Put `objects`, name and content, so many at once; the server checks the digest of each.

        `by_client` has the client put the same (name, content, SHA-256): it is called for the first object, to learn
        from, and for whatever does not get the answer 200. No more of `objects` are taken than are under way.
        """
        under_way: deque[_Put] = deque()
        try:
            for name, content in objects:
                digest = sha256(content).digest()

                def again(name: str = name, content: bytes = content, digest: bytes = digest) -> None:
                    by_client(name, content, digest)

                while len(under_way) >= in_flight:
                    self._finish(under_way.popleft())
                if not self._learn_from(name, again):
                    self._begin(name, content, digest, again, under_way)
            while under_way:
                self._finish(under_way.popleft())
        finally:
            for one in under_way:
                one.connection.close()

    def _learn_from(self, name: str, by_client: Callable[[], None]) -> bool:
        """Have the client put the first object; tell whether it was that."""
        with self._lock:
            if not self._may_learn:
                return False
            self._watched = f"/{quote(name, safe='/~')}"
            by_client()
            self._may_learn = False
            return True

    def _begin(
        self, name: str, content: bytes, digest: bytes, by_client: Callable[[], None], under_way: deque[_Put]
    ) -> None:
        """Send an object, and put it with those under way."""
        shown = self._shown
        connection = self._connection(shown) if shown is not None else None
        if shown is None or connection is None:
            by_client()
            return
        path = shown.path + quote(name, safe="/~")
        head = f"PUT {path} HTTP/1.1\r\n{self._headers(shown, path, digest)}Content-Length: {len(content)}\r\n\r\n"
        connection.send(head.encode("latin-1") + content)
        under_way.append(_Put(connection, by_client))

    def _finish(self, put: _Put) -> None:
        """Wait for the answer to what was sent longest ago."""
        status = put.connection.answer()
        with self._lock:
            keep = put.connection.is_open and len(self._kept) < self._most_kept
            if keep:
                self._kept.append(put.connection)
        if not keep:
            put.connection.close()
        if status != 200:
            put.by_client()

    def _connection(self, shown: _Shown) -> PutConnection | None:
        """Return a connection that is open, as far as can be seen; None: there is none to be had."""
        while True:
            with self._lock:
                kept = self._kept.pop() if self._kept else None
            if kept is None:
                return PutConnection.to(shown.scheme, shown.host, self._timeouts_s, self._certificates)
            if kept.is_idle():
                return kept
            kept.close()

    def _headers(self, shown: _Shown, path: str, digest: bytes) -> str:
        """Return the lines of a signed request, each with its end."""
        credentials = self._session.get_credentials().get_frozen_credentials()
        moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        told = digest.hex()
        headers = {
            "host": shown.host,
            "x-amz-checksum-sha256": base64.b64encode(digest).decode(),
            "x-amz-content-sha256": told,
            "x-amz-date": moment,
            "x-amz-meta-sha256": told,
        }
        if credentials.token:
            headers["x-amz-security-token"] = credentials.token
        signed = ";".join(headers)
        lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
        request = f"PUT\n{path}\n\n{lines}\n{signed}\n{told}"
        scope = f"{moment[:8]}/{shown.region}/s3/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{sha256(request.encode()).hexdigest()}"
        signature = hmac.digest(self._signing_key(credentials.secret_key, scope), text.encode(), "sha256").hex()
        headers["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={credentials.access_key}/{scope}, SignedHeaders={signed}, "
            f"Signature={signature}"
        )
        headers["user-agent"] = shown.agent
        return "".join(f"{name}: {value}\r\n" for name, value in headers.items() if value)

    def _signing_key(self, secret: str, scope: str) -> bytes:
        """Return the key of a day, a region and a secret."""
        day, region, service, end = scope.split("/")
        of = (secret, day, region)
        if self._key is None or self._key[0] != of:
            key = f"AWS4{secret}".encode()
            for part in (day, region, service, end):
                key = hmac.digest(key, part.encode(), "sha256")
            self._key = (of, key)
        return self._key[1]

    def _look(self, request: Any, **_: object) -> None:
        """See how the client did it: botocore calls this before it sends."""
        url, watched = request.url, self._watched
        found = _SCOPE.match(_text(request.headers.get("Authorization", "")))
        if self._shown is not None or not watched or found is None or not url.endswith(watched):
            return
        parts = urlsplit(url.removesuffix(watched[1:]))
        if parts.query or parts.scheme not in _DEFAULT_PORTS or get_environ_proxies(url):
            return
        told = self._session.get_config_variable("ca_bundle") or os.environ.get("REQUESTS_CA_BUNDLE") or True
        self._certificates = get_cert_path(told)
        host = parts.netloc.removesuffix(f":{_DEFAULT_PORTS[parts.scheme]}")
        agent = _text(request.headers.get("User-Agent", ""))
        self._shown = _Shown(parts.scheme, host, parts.path, found[1], agent)


def _close_all(connections: Iterable[PutConnection]) -> None:
    for one in connections:
        one.close()


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
