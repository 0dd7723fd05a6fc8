"""A server that takes one connection at a time, and how requests are spaced on the wire."""

from __future__ import annotations

import socket
import struct
import threading
import time

from tests.web import page, rss

_RESET = struct.pack("ii", 1, 0)


class OneAtATime:
    """Serves `pages` on one connection; a second one beside it is reset."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes] = {}
        self.resets = 0
        self._busy = threading.Lock()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.base = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            if self._busy.acquire(blocking=False):
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()
            else:
                self.resets += 1
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                connection.close()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as stream:
            while line := stream.readline():
                while stream.readline() not in (b"\r\n", b""):
                    pass
                time.sleep(0.02)  # long enough for a second one to come beside it
                missing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
                connection.sendall(self.pages.get(line.split()[1].decode(), missing))
        self._busy.release()

    def close(self) -> None:
        self._listening.close()


def test_a_server_of_one_connection_is_learned_by_one_reset(warraq, tmp_path) -> None:
    server = OneAtATime()
    paths = [f"/a/story-number-{number}-of-ten" for number in range(10)]
    server.pages = {path: page(path) for path in paths} | {"/feed": rss(server.base, paths)}
    settings = tmp_path / "config" / "warraq.toml"
    settings.write_text(settings.read_text().replace("retries = 0", "retries = 2\nconcurrency_per_host = 4"))
    ran = warraq("crawl", f"{server.base}/feed", "--allow-private")
    server.close()
    assert ran.code == 0, ran.err
    assert len(list((tmp_path / "data" / "articles").rglob("*.txt"))) == 10
    assert 1 <= server.resets <= 4  # those that were under way when the first one was
