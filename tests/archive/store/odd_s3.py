"""An S3 server with the oddities of real ones, on loopback: what Swift does not do, other stores do."""

from __future__ import annotations

import hashlib
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, unquote

from crawler.config import Storage


class OddS3(ThreadingHTTPServer):
    """Keeps objects in memory. `odd` maps names of oddities to what they need (``True``, a body to answer)."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.objects: dict[str, bytes] = {}
        self.checksums: dict[str, str] = {}
        self.asked: list[tuple[str, str]] = []
        self.heads: list[tuple[str, dict[str, str]]] = []
        """Of the puts: the path and the header fields, names in lower case."""
        self.refuses: set[str] = set()
        """Headers (lower case) that are answered by `refusal`."""
        self.refusal = (501, "NotImplemented")
        self.keeps_nothing = self.flips_a_byte = self.tells_checksums = False
        self.closes_after_answer = False
        """Without saying so."""
        self.answers: list[tuple[int, str]] = []
        """Status and error code of the next answers, whatever is asked."""

    @property
    def storage(self) -> Storage:
        endpoint = f"http://127.0.0.1:{self.server_address[1]}"
        return Storage(
            url="s3://bucket/p", endpoint_url=endpoint, connect_timeout_s=5.0, read_timeout_s=5.0, attempts=1
        )


class _Handler(BaseHTTPRequestHandler):
    server: OddS3
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self._refused():
            return
        self.server.heads.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        key = self.path.partition("?")[0]
        if self.headers["If-None-Match"] == "*" and key in self.server.objects:
            self._error(412, "PreconditionFailed")
            return
        if self.server.flips_a_byte:
            body = bytes((body[0] ^ 1,)) + body[1:]
        if not self.server.keeps_nothing:
            self.server.objects[key] = body
            self.server.checksums[key] = self.headers["x-amz-checksum-sha256"] or ""
        self._answer(200, b"", {"ETag": f'"{hashlib.md5(body).hexdigest()}"'})

    def do_GET(self) -> None:
        if self._refused():
            return
        path, _, query = self.path.partition("?")
        if "list-type=2" in query:
            self._list(path, parse_qs(query).get("prefix", [""])[0])
            return
        body = self.server.objects.get(self.path.partition("?")[0])
        if body is None:
            self._error(404, "NoSuchKey")
            return
        headers = {"ETag": f'"{hashlib.md5(body).hexdigest()}"'}
        if self.server.tells_checksums:
            headers["x-amz-checksum-sha256"] = self.server.checksums[self.path.partition("?")[0]]
        if self.headers["Range"]:
            first, _, last = self.headers["Range"].removeprefix("bytes=").partition("-")
            part = body[int(first) : int(last) + 1]
            self._answer(206, part, {**headers, "Content-Range": f"bytes {first}-{last}/{len(body)}"})
        else:
            self._answer(200, body, headers)

    do_HEAD = do_GET

    def _list(self, bucket: str, prefix: str) -> None:
        """Tell the keys that begin with `prefix`, as ListObjectsV2 does when there are few."""
        start = f"{bucket.rstrip('/')}/"
        keys = sorted(unquote(path.removeprefix(start)) for path in self.server.objects if path.startswith(start))
        found = [
            f"<Contents><Key>{escape(key)}</Key><Size>{len(self.server.objects[start + quote(key)])}</Size></Contents>"
            for key in keys
            if key.startswith(prefix)
        ]
        body = (
            "<?xml "
            f"version='1.0'?><ListBucketResult><IsTruncated>false</IsTruncated>{''.join(found)}</ListBucketResult>"
        )
        self._answer(200, body.encode(), {"Content-Type": "application/xml"})

    def _refused(self) -> bool:
        self.server.asked.append((self.command, self.path.partition("?")[0]))
        if self.server.answers:
            self._error(*self.server.answers.pop(0))
            return True
        if any(name.lower() in self.server.refuses for name in self.headers):
            self._error(*self.server.refusal)
            return True
        return False

    def _error(self, status: int, code: str) -> None:
        body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>so it is</Message></Error>".encode()
        self._answer(status, body, {"Content-Type": "application/xml"})

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.close_connection = self.close_connection or self.server.closes_after_answer


@contextmanager
def odd_s3(tls: ssl.SSLContext | None = None) -> Iterator[OddS3]:
    """Serve until the block ends, by `tls` if it is given."""
    server = OddS3()
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
