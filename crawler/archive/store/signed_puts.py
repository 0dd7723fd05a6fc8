"""Many small objects to one bucket, each in a request that is signed and sent by botocore's own means.

What its client works out anew for every call is left out: that is half the CPU. How the client addressed and signed a
PUT is learnt from one that it sent, and holds for the ones after it. What a server answers with anything but 200 is
not judged here: the caller has the client do it again, which knows when to retry and what an answer means.
"""

from __future__ import annotations

__all__ = ["SignedPuts"]

import base64
import os
import re
import socket
import threading
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import quote

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

_SCOPE = re.compile(r"AWS4-HMAC-SHA256 Credential=[^,]*/\d{8}/([^/,]+)/s3/aws4_request,")
"""Signature Version 4 in a header, for plain S3; its region."""
_SENT_AS_WELL = ("User-Agent",)
_NO_DELAY = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]


class _Shown(NamedTuple):
    """What a request of the client showed."""

    base: str
    """The URL of the bucket, to which a key is added."""
    region: str
    headers: dict[str, str]


class SignedPuts:
    """PUTs as `client` sends them; the first it leaves to it."""

    def __init__(self, session: Any, client: Any, *, timeouts_s: tuple[float, float], connections: int) -> None:
        """`session`: botocore's, which has the credentials; `timeouts_s`: to connect, to read."""
        self._session = session
        self._timeouts_s = timeouts_s
        self._connections = connections
        self._http: Any = None
        self._lock = threading.Lock()
        self._may_learn = True
        self._watched = ""
        self._shown: _Shown | None = None
        client.meta.events.register_last("before-send.s3.PutObject", self._look)

    def put(self, name: str, content: bytes, sha256: bytes, *, by_client: Callable[[], None]) -> None:
        """Put `content` under `name` with its digest, which the server checks.

        `by_client` has the client put the same: it is called for the first object, to learn from, and for whatever does
        not get the answer 200.
        """
        if self._may_learn:
            with self._lock:
                if self._may_learn:
                    self._watched = f"/{quote(name, safe='/~')}"
                    by_client()
                    self._may_learn = False
                    return
        if self._shown is None or not self._sent(self._shown, name, content, sha256):
            by_client()

    def _sent(self, shown: _Shown, name: str, content: bytes, sha256: bytes) -> bool:
        headers = {
            **shown.headers,
            "x-amz-checksum-sha256": base64.b64encode(sha256).decode(),
            "x-amz-meta-sha256": sha256.hex(),
        }
        request = AWSRequest("PUT", shown.base + quote(name, safe="/~"), headers=headers, data=content)
        credentials = self._session.get_credentials()
        try:
            S3SigV4Auth(credentials.get_frozen_credentials(), "s3", shown.region).add_auth(request)
            return bool(self._http.send(request.prepare()).status_code == 200)
        except BotoCoreError:
            return False

    def _look(self, request: Any, **_: object) -> None:
        """See how the client did it: botocore calls this before it sends."""
        url, watched = request.url, self._watched
        found = _SCOPE.match(_text(request.headers.get("Authorization", "")))
        if self._shown is not None or not watched or found is None or not url.endswith(watched):
            return
        base = url.removesuffix(watched[1:])
        verify = self._session.get_config_variable("ca_bundle") or os.environ.get("REQUESTS_CA_BUNDLE") or True
        self._http = URLLib3Session(
            verify=verify,
            proxies=get_environ_proxies(base),
            timeout=self._timeouts_s,
            max_pool_connections=self._connections,
            socket_options=_NO_DELAY,
        )
        headers = {name: _text(request.headers[name]) for name in _SENT_AS_WELL if name in request.headers}
        self._shown = _Shown(base, found[1], headers)


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
