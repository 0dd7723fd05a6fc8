"""A small real web server for tests: each path answers with bytes that the test spells out."""

from __future__ import annotations

__all__ = ["Web", "page", "rss"]

import asyncio
import threading
from collections.abc import Callable, Iterable
from types import TracebackType

Answer = bytes | Callable[[bytes], bytes]


def answer(
    body: bytes | str, *, status: str = "200 OK", kind: str = "text/html; charset=utf-8", more: str = ""
) -> bytes:
    """Return a whole HTTP/1.1 response."""
    content = body.encode() if isinstance(body, str) else body
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n{more}\r\n"
    return head.encode() + content


def page(title: str, *paragraphs: str) -> bytes:
    """Return an article page of some length."""
    text = "".join(f"<p>{p}</p>" for p in paragraphs or (f"{title}: the council met on Monday. " * 8,) * 4)
    return answer(
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta property="og:type" content="article"></head><body><nav><a href="/">Home</a></nav>'
        f"<article><h1>{title}</h1>{text}</article><footer>© The paper</footer></body></html>"
    )


def rss(base: str, paths: Iterable[str], *, more: str = "") -> bytes:
    """Return an RSS 2.0 feed whose items are `paths` under `base`."""
    items = "".join(f"<item><title>{p}</title><link>{base}{p}</link></item>" for p in paths)
    return answer(
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>{items}</channel></rss>',
        kind="application/rss+xml",
        more=more,
    )


class Web:
    """Serves `pages` on a free loopback port, in a thread of its own, until left.

    A page is a whole response, or a function from the request's bytes to one; None in its place closes the connection
    without a word. What is not there is a 404. `requests` holds the request lines.
    """

    def __init__(self) -> None:
        self.pages: dict[str, bytes | Callable[[bytes], bytes] | None] = {}
        self.closing: set[str] = set()
        """Paths after whose answer the connection is closed, whatever the answer says of its length."""
        self.requests: list[str] = []
        self._asked = threading.Condition()
        self.base = ""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Web:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._serve, "127.0.0.1", 0), self._loop
        ).result()
        self.base = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        async def stop() -> None:
            self._server.close()
            for task in asyncio.all_tasks():
                if task is not asyncio.current_task():
                    task.cancel()
            await asyncio.sleep(0)

        asyncio.run_coroutine_threadsafe(stop(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def wait_for(self, line: str, *, within_s: float = 60.0) -> None:
        """Return when `line` has been asked for."""
        with self._asked:
            assert self._asked.wait_for(lambda: line in self.requests, within_s), f"nobody asked for {line}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await reader.readuntil(b"\r\n\r\n"):
                method, path, _ = request.split(b" ", 2)
                with self._asked:
                    self.requests.append(f"{method.decode()} {path.decode()}")
                    self._asked.notify_all()
                found = self.pages.get(path.decode(), answer("not found", status="404 Not Found"))
                if found is None:
                    break
                writer.write(found(request) if callable(found) else found)
                await writer.drain()
                if path.decode() in self.closing:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
