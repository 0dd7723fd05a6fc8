"""A connection over which one request after the other is sent, and only the status of each answer is of interest."""

from __future__ import annotations

__all__ = ["PutConnection"]

import re
import select
import socket
import ssl
from functools import cache
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})")
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,9})[ \t]*\r\n", re.IGNORECASE)
_ODD = re.compile(rb"\r\n(?:transfer-encoding:|connection:[ \t]*close)|\AHTTP/1\.0", re.IGNORECASE)
"""What makes the end of an answer something else than its length, or the connection's end."""
_LONGEST = 1 << 16
_PIECE = 1 << 14
_LOWEST_FINAL = 200


class PutConnection:
    """What goes wrong closes it, and the answer is then 0."""

    def __init__(self, opened: socket.socket) -> None:
        self._socket = opened
        self.is_open = True

    @classmethod
    def to(cls, scheme: str, host: str, timeouts_s: tuple[float, float], certificates: str | None) -> Self | None:
        """Return a new one to `host`, with its port unless it is the scheme's own; None if it does not answer.

        `timeouts_s`: to connect, to read. `certificates`: whom to believe, a file or folder; None: as OpenSSL does.
        """
        place = urlsplit(f"//{host}")
        name = place.hostname or ""
        try:
            opened = socket.create_connection((name, place.port or (443 if scheme == "https" else 80)), timeouts_s[0])
            opened.settimeout(timeouts_s[1])
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if scheme == "https":
                opened = _context(certificates).wrap_socket(opened, server_hostname=name)
        except (OSError, ValueError):
            return None
        return cls(opened)

    def is_idle(self) -> bool:
        """Tell whether the other side has neither closed it nor said what nobody asked for."""
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return self.is_open and not poll.poll(0)

    def send(self, request: bytes) -> None:
        """Send a whole request."""
        try:
            self._socket.sendall(request)
        except OSError:
            self.close()

    def answer(self) -> int:
        """Return the status of the answer to what was sent."""
        try:
            return self._answer() if self.is_open else 0
        except OSError:
            self.close()
            return 0

    def close(self) -> None:
        """Let go of it."""
        self.is_open = False
        self._socket.close()

    def _answer(self) -> int:
        content = b""
        while True:
            end = content.find(b"\r\n\r\n") + 4
            if end < 4:
                piece = self._socket.recv(_PIECE) if len(content) < _LONGEST else b""
                if not piece:
                    self.close()
                    return 0
                content += piece
                continue
            head, content = content[:end], content[end:]
            found = _STATUS.match(head)
            status = int(found[1]) if found else 0
            if found is None or status >= _LOWEST_FINAL:
                self._pass_over_body(head, len(content))
                return status

    def _pass_over_body(self, head: bytes, read: int) -> None:
        length = _LENGTH.search(head)
        left = int(length[1]) - read if length is not None and not _ODD.search(head) else -1
        while left > 0 and (piece := self._socket.recv(min(left, _PIECE))):
            left -= len(piece)
        if left:
            self.close()


@cache
def _context(certificates: str | None) -> ssl.SSLContext:
    if certificates is not None and Path(certificates).is_dir():
        return ssl.create_default_context(capath=certificates)
    return ssl.create_default_context(cafile=certificates)
