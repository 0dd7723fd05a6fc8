"""A browser without a network: it makes a page of a capture, and whatever its scripts ask for, we ask for.

Promises: the browser itself reaches nobody. The document is the capture's own, given to it; a request of its scripts is
handed to whoever runs this, who asks with a crawl's manners or not at all. It keeps no cookies, takes no downloads,
opens no windows, follows its page nowhere. A page may take so long and so much memory; one that takes more, or crashes
the browser, costs that page alone: the next one gets a new browser.

Needs Playwright (the extra ``render``) and a Chromium: the system's, else the one Playwright has fetched. Not by way of
scrapy-playwright: there the browser itself asks, over connections of its own, past the record, the pace and the rules
on addresses.
"""

from __future__ import annotations

__all__ = ["Asset", "Browser", "Drawn"]

import asyncio
import importlib.util
import os
import shutil
import signal
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from crawler.errors import RenderingFailed, WarraqError

if TYPE_CHECKING:
    from playwright.async_api import Browser as Chromium
    from playwright.async_api import Page, Playwright, Route

_AT_ONCE = 2
_QUIET_S = 0.5
"""Nothing was asked for so long: the page has come to rest."""
_BUSY_S = 20.0
"""A page that works on for so long, with nothing to wait for, is taken as it is then."""
_ANSWER_S = 10.0
"""A browser that does not say what is in its page within so long is not going to."""
_WHOLE_S = 300.0
"""All of it: its scripts' requests wait for their hosts' pace."""
_MOST_REQUESTS = 60
_MOST_BYTES = 16 << 20
"""Of a document, and of all that its scripts were given."""
_MOST_RESIDENT = 768 << 20
"""Of one of the browser's processes."""
_LOOK_S = 0.5
_HEAP_MB = 384
_ASKED = frozenset(("script", "xhr", "fetch"))
"""What a text may depend on; styles, pictures, sounds, frames and sockets are no part of it."""
_PASSED = ("accept", "x-requested-with")
"""Fields of its scripts' requests that some servers answer by; all else is as a crawl sends it."""
_NOWHERE = "http://127.0.0.1:9"
_ARGUMENTS = (
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--dns-prefetch-disable",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    f"--js-flags=--max-old-space-size={_HEAP_MB}",
)


class Asset(NamedTuple):
    """What a script's request was answered."""

    status: int
    content_type: str
    body: bytes
    """Content-coding undone."""


AskAsset = Callable[[str, Mapping[str, str]], Awaitable[Asset | None]]
"""Asks for a URL with these further fields; None: it is not asked for, or there was no answer. What it raises ends the
page."""


class Drawn(NamedTuple):
    """The document when its scripts had come to rest."""

    html: bytes
    by: str
    asked: int
    refused: int


class Browser:
    """One Chromium for all pages of a process, started when the first page comes. Belongs to one event loop."""

    def __init__(self, *, user_agent: str) -> None:
        self._user_agent = user_agent
        self._playwright: Playwright | None = None
        self._chromium: Chromium | None = None
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._starting = asyncio.Lock()
        self._watch: asyncio.Task[None] | None = None

    @staticmethod
    def is_installed() -> bool:
        """Tell whether Playwright is there."""
        return importlib.util.find_spec("playwright") is not None

    async def render(self, url: str, html: bytes, content_type: str, ask: AskAsset) -> Drawn:
        """Return what a browser makes of `html`, the document of `url`; two pages at once, the others wait.

        Raises RenderingFailed, and what `ask` raises.
        """
        async with self._turns:
            try:
                async with asyncio.timeout(_WHOLE_S):
                    return await self._drawn(url, html, content_type, ask)
            except TimeoutError as error:
                raise RenderingFailed(f"{url} did not come to rest within {_WHOLE_S:g} s") from error

    async def close(self) -> None:
        """End the browser."""
        if self._watch is not None:
            self._watch.cancel()
        with suppress(Exception):  # it may have crashed
            if self._chromium is not None:
                await self._chromium.close()
        with suppress(Exception):
            if self._playwright is not None:
                await self._playwright.stop()
        self._chromium = self._playwright = None

    async def _drawn(self, url: str, html: bytes, content_type: str, ask: AskAsset) -> Drawn:
        from playwright.async_api import Error  # noqa: PLC0415 - it is an extra

        try:
            chromium = await self._started()
            context = await chromium.new_context(
                user_agent=self._user_agent, accept_downloads=False, service_workers="block", locale="en"
            )
        except Error as error:
            self._chromium = None
            raise RenderingFailed(
                f"the browser does not start: {_first_line(error)}",
                next_step="install Chromium, or `playwright install chromium`",
            ) from error
        try:
            page = await context.new_page()
            drawing = _Drawing(page, html, content_type, ask)
            await context.route("**/*", drawing.answer)
            content = await drawing.content(url)
        except Error as error:
            raise RenderingFailed(f"the browser failed on {url}: {_first_line(error)}") from error
        finally:
            with suppress(Exception):  # it crashed, which was told
                await asyncio.wait_for(context.close(), _ANSWER_S)
        return Drawn(content, f"Chromium {chromium.version}", drawing.asked, drawing.refused)

    async def _started(self) -> Chromium:
        """Return the browser, a new one if the last has crashed."""
        async with self._starting:
            if self._chromium is not None and self._chromium.is_connected():
                return self._chromium
            if self._playwright is None:
                from playwright.async_api import async_playwright  # noqa: PLC0415 - it is an extra

                self._playwright = await async_playwright().start()
            self._chromium = await self._playwright.chromium.launch(
                executable_path=shutil.which("chromium") or shutil.which("chromium-browser"),
                args=list(_ARGUMENTS),
                chromium_sandbox=os.geteuid() != 0,  # which a superuser cannot have
                proxy={"server": _NOWHERE, "bypass": "<-loopback>"},
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
            )
            if self._watch is None:
                self._watch = asyncio.create_task(_keep_small())
            return self._chromium


class _Drawing:
    """One page in the making."""

    def __init__(self, page: Page, html: bytes, content_type: str, ask: AskAsset) -> None:
        self.asked = self.refused = 0
        self._page = page
        self._html = html
        self._content_type = content_type
        self._ask = ask
        self._is_given = False
        self._pending = 0
        self._left = _MOST_BYTES
        self._loop = asyncio.get_running_loop()
        self._last_at = self._loop.time()
        self._ended: asyncio.Future[None] = self._loop.create_future()
        page.on("crash", lambda _: self._end(RenderingFailed(f"the browser's page crashed on {page.url}")))
        page.on("close", lambda _: self._end(RenderingFailed("the browser ended")))
        page.on("popup", lambda popup: self._loop.create_task(_closed(popup)))

    async def content(self, url: str) -> bytes:
        """Return the document at `url` when it has come to rest."""
        opening = self._loop.create_task(self._page.goto(url, wait_until="domcontentloaded", timeout=0))
        resting = self._loop.create_task(self._at_rest(opening))
        try:
            await asyncio.wait({resting, self._ended}, return_when=asyncio.FIRST_COMPLETED)
            if self._ended.done():
                self._ended.result()
            await resting
            try:
                content = await asyncio.wait_for(self._page.content(), _ANSWER_S)
            except TimeoutError as error:
                raise RenderingFailed(f"{url} keeps the browser busy without end") from error
        finally:
            for task in (opening, resting):
                task.cancel()
            await asyncio.gather(opening, resting, return_exceptions=True)
            self._ended.cancel()
        drawn = content.encode("utf-8", "replace")
        if len(drawn) > _MOST_BYTES:
            raise RenderingFailed(f"{url} became {len(drawn)} bytes, more than {_MOST_BYTES}")
        return drawn

    async def answer(self, route: Route) -> None:
        """Give the browser what it asks for, or nothing."""
        request = route.request
        headers = request.headers
        with suppress(Exception):  # the page was closed meanwhile
            if request.is_navigation_request():
                if self._is_given or request.frame != self._page.main_frame:
                    await route.abort()
                else:
                    self._is_given = True
                    await route.fulfill(status=200, headers={"content-type": self._content_type}, body=self._html)
            elif request.resource_type == "stylesheet":
                await route.fulfill(status=200, headers={"content-type": "text/css"}, body="")
            else:
                asset = await self._asked_for(request.url, request.resource_type, request.method, headers)
                if asset is None:
                    self.refused += 1
                    await route.abort()
                    return
                self.asked += 1
                open_to = {
                    "access-control-allow-origin": headers.get("origin", "*"),
                    "access-control-allow-credentials": "true",
                }
                await route.fulfill(
                    status=asset.status, headers={"content-type": asset.content_type, **open_to}, body=asset.body
                )

    async def _asked_for(self, url: str, kind: str, method: str, headers: Mapping[str, str]) -> Asset | None:
        if method != "GET" or kind not in _ASKED or not url.startswith(("http://", "https://")):
            return None
        if self.asked + self.refused + self._pending >= _MOST_REQUESTS or self._left <= 0:
            return None
        self._pending += 1
        try:
            asset = await self._ask(url, {name: headers[name] for name in _PASSED if name in headers})
        except WarraqError as error:
            self._end(error)
            return None
        finally:
            self._pending -= 1
            self._last_at = self._loop.time()
        self._left -= len(asset.body) if asset is not None else 0
        return asset

    async def _at_rest(self, opening: asyncio.Task[object]) -> None:
        """Return when the document is read and nothing was asked for of late, or it was busy with itself for long."""
        busy_s = 0.0
        while busy_s < _BUSY_S:
            await asyncio.sleep(_QUIET_S / 5)
            if opening.done():
                opening.result()
            if self._pending:
                continue
            busy_s += _QUIET_S / 5
            if opening.done() and self._loop.time() - self._last_at >= _QUIET_S:
                return

    def _end(self, error: WarraqError) -> None:
        if not self._ended.done():
            self._ended.set_exception(error)


async def _closed(page: Page) -> None:
    with suppress(Exception):  # it closed itself
        await page.close()


async def _keep_small() -> None:
    """End, now and again, the processes of the browser that have grown too large: the page of such a one crashes."""
    while True:
        await asyncio.sleep(_LOOK_S)
        for pid in _grown(os.getpid()):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _grown(parent: int) -> Iterator[int]:
    """Yield the page processes below `parent` that hold too much; nothing where the system does not tell (no /proc)."""
    for pid in _children(parent):
        yield from _grown(pid)
        with suppress(OSError, ValueError, IndexError):
            folder = Path(f"/proc/{pid}")
            if b"--type=renderer" in (folder / "cmdline").read_bytes():
                resident = int((folder / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
                if resident > _MOST_RESIDENT:
                    yield pid


def _children(parent: int) -> list[int]:
    with suppress(OSError, ValueError):
        found = [path.read_text() for path in Path(f"/proc/{parent}/task").glob("*/children")]
        return [int(pid) for text in found for pid in text.split()]
    return []


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0][:200]
