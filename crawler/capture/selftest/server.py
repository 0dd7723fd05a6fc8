"""A raw-socket HTTP server that follows scripts and logs every byte it sends and receives.

It shares nothing with the client under test: blocking sockets, a thread per connection, no HTTP library. It serves
plain or TLS, IPv4 or IPv6, answers absolute-form requests as a proxy would, and tunnels CONNECT.
"""

from __future__ import annotations

__all__ = ["Origin", "Served"]

import contextlib
import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterable
from types import TracebackType
from urllib.parse import urlsplit

from crawler.capture.selftest.script import Close, Drip, Hold, Reset, Script, Send, Wait

_HOLD_S = 30.0
_RST = struct.pack("ii", 1, 0)
_NOT_FOUND: Script = (Send(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),)


class Served:
    """One request with what was answered, as the server saw them."""

    def __init__(self, connection: int, path: str, received: bytes) -> None:
        self.connection = connection
        """Number of the connection, from 1."""
        self.path = path
        self.received = received
        """The request, head and body."""
        self.done = threading.Event()
        """Set when the script is over."""
        self._sent = bytearray()

    @property
    def sent(self) -> bytes:
        """All that was written in answer."""
        return bytes(self._sent)

    def note(self, written: bytes | memoryview) -> None:
        """Add what was `written`."""
        self._sent += written


class Origin:
    """The server. A context manager: it listens inside the block, on a free port.

    `pages` maps paths (with query) to scripts; a tuple of scripts is used up in order, its last one stays. Other
    paths answer 404. It may be added to at any time.
    """

    def __init__(self, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None, credentials: bytes = b"") -> None:
        self.host = host
        self.pages: dict[str, list[Script]] = {}
        self.log: list[Served] = []
        self.tunnels: list[str] = []
        """Targets of the CONNECT requests it has granted."""
        self.proxy_authorizations: list[bytes] = []
        self._tls = tls
        self._credentials = credentials
        self._lock = threading.Lock()
        self._logged = threading.Condition(self._lock)
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._connections = 0
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.socket(family, socket.SOCK_STREAM)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind((host, 0))
        self.port: int = self._listener.getsockname()[1]

    @property
    def url(self) -> str:
        """The server's origin, without a final slash."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}"

    def page(self, path: str, *scripts: Script) -> str:
        """Serve `path` by `scripts` from now on; return its URL."""
        self.pages[path] = list(scripts)
        return self.url + path

    def served(self, path: str) -> list[Served]:
        """Return what was asked of `path`, in order."""
        with self._lock:
            return self._asked(path)

    def settled(self, path: str, count: int, timeout_s: float) -> list[Served] | None:
        """Return what was asked of `path` when that is `count` requests or more and all their scripts are over.

        None when it is not so far within `timeout_s`: a client can know how an exchange ended before the server does.
        """
        until = time.monotonic() + timeout_s
        with self._logged:
            self._logged.wait_for(lambda: len(self._asked(path)) >= count, timeout_s)
            asked = self._asked(path)
        if len(asked) < count or not all(entry.done.wait(max(0.0, until - time.monotonic())) for entry in asked):
            return None
        return asked

    def _asked(self, path: str) -> list[Served]:
        return [entry for entry in self.log if entry.path == path]

    def __enter__(self) -> Origin:
        self._listener.listen(128)
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening, end every connection, wait for the threads."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            connections = list(self._open)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in list(self._threads):
            thread.join(5)

    def _start(self, run: object, *arguments: object) -> None:
        thread = threading.Thread(target=run, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads = [old for old in self._threads if old.is_alive()]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.settimeout(_HOLD_S)
            self._connections += 1
            self._start(self._serve, connection, self._connections)

    def _serve(self, connection: socket.socket, number: int) -> None:
        with self._lock:
            self._open.add(connection)
        try:
            if self._tls is not None:
                connection = self._secure(connection, self._tls)
            self._converse(connection, number)
        except (OSError, ValueError):
            pass  # the client went away, or spoke no HTTP: nothing to answer
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()

    def _secure(self, connection: socket.socket, tls: ssl.SSLContext) -> socket.socket:
        secured = tls.wrap_socket(connection, server_side=True)
        with self._lock:
            self._open.discard(connection)
            self._open.add(secured)
        return secured

    def _converse(self, connection: socket.socket, number: int) -> None:
        buffer = b""
        while True:
            request, buffer = _read_request(connection, buffer)
            if not request:
                return
            method, target, _ = request.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
            if method == "CONNECT":
                self._tunnel(connection, target, request)
                return
            self._note_credentials(request)
            parts = urlsplit(target)
            path = f"{parts.path}?{parts.query}" if parts.query else parts.path
            entry = Served(number, path, request)
            with self._lock:
                self.log.append(entry)
                self._logged.notify_all()
                scripts = self.pages.get(path) or [_NOT_FOUND]
                script = scripts.pop(0) if len(scripts) > 1 else scripts[0]
            try:
                ended = _follow(script, connection, entry)
            finally:
                entry.done.set()
            if ended:
                return

    def _note_credentials(self, request: bytes) -> None:
        for line in request.split(b"\r\n\r\n", 1)[0].split(b"\r\n"):
            if line.lower().startswith(b"proxy-authorization: "):
                self.proxy_authorizations.append(line[21:])

    def _tunnel(self, connection: socket.socket, target: str, request: bytes) -> None:
        """Grant CONNECT to anything on this machine and relay until both sides are done."""
        self._note_credentials(request)
        if self._credentials and b"Proxy-Authorization: " + self._credentials not in request:
            connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return
        host, _, port = target.rpartition(":")
        try:
            inner = socket.create_connection((host.strip("[]"), int(port)), timeout=_HOLD_S)
        except OSError:
            connection.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            return
        with inner:
            self.tunnels.append(target)
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            _relay(connection, inner)


def _read_request(connection: socket.socket, buffer: bytes) -> tuple[bytes, bytes]:
    """Return one request and what was read after it; the request is empty if the client closed."""
    while b"\r\n\r\n" not in buffer:
        piece = connection.recv(65536)
        if not piece:
            return b"", b""
        buffer += piece
    head, _, _ = buffer.partition(b"\r\n\r\n")
    size = len(head) + 4
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            size += int(value)
    while len(buffer) < size:
        buffer += connection.recv(65536)
    return buffer[:size], buffer[size:]


def _follow(script: Script, connection: socket.socket, entry: Served) -> bool:
    """Carry out `script`; return whether the connection is over."""
    for step in script:
        match step:
            case Send(content):
                _send(connection, entry, (content,))
            case Drip(content, size, every_s):
                pieces = (content[start : start + size] for start in range(0, len(content), size))
                _send(connection, entry, pieces, every_s)
            case Wait(seconds):
                time.sleep(seconds)
            case Reset():
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RST)
                return True
            case Hold():
                _wait_for_close(connection)
                return True
            case Close(notify):
                if notify and isinstance(connection, ssl.SSLSocket):
                    connection.unwrap()
                connection.shutdown(socket.SHUT_WR)
                _wait_for_close(connection)
                return True
    return False


def _send(connection: socket.socket, entry: Served, pieces: Iterable[bytes], every_s: float = 0.0) -> None:
    """Write `pieces`, each noted as far as the kernel took it."""
    for piece in pieces:
        view = memoryview(piece)
        while view:
            taken = connection.send(view)
            entry.note(view[:taken])
            view = view[taken:]
        if every_s:
            time.sleep(every_s)


def _wait_for_close(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while connection.recv(65536):
            pass


def _relay(one: socket.socket, other: socket.socket) -> None:
    """Pass bytes, ends and resets both ways until both sides have ended."""
    peers = {one: other, other: one}
    reading = [one, other]
    while reading:
        ready, _, _ = select.select(reading, [], [], _HOLD_S)
        for side in ready:
            try:
                piece = side.recv(65536)
                if piece:
                    peers[side].sendall(piece)
                    continue
                reading.remove(side)
                peers[side].shutdown(socket.SHUT_WR)
            except OSError:
                for end in (one, other):
                    with contextlib.suppress(OSError):
                        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RST)
                return
        if not ready:
            return
