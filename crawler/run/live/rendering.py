"""Pages that are empty without their scripts: rendered where their site's declaration asks for it, beside the capture.

The browser is given the capture; what its scripts ask for goes the way of every request of the run: scope of addresses,
robots.txt, pace, record. What it made is a record of its own, and the parser reads that.
"""

from __future__ import annotations

__all__ = ["PageRendering"]

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping

import msgspec
from scrapy import Request
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from crawler.capture.browser import Asset, Browser
from crawler.clock import Clock
from crawler.errors import ArchiveError, BackedOff, CrawlStopped, FetchError, RenderingFailed, StateError
from crawler.http.body import entity
from crawler.http.coding import decode_body
from crawler.http.status import is_answer
from crawler.log import EventLog
from crawler.model.capture import Capture, Provenance
from crawler.model.captured import CapturedPage
from crawler.model.rendered import RenderedPage, Rendering

_log = EventLog(__name__)

_KEPT_BYTES = 8 << 20
"""Of scripts that several pages of a run ask for: they are asked for once."""


class PageRendering:
    """Renders pages of one run."""

    def __init__(
        self,
        browser: Browser,
        clock: Clock,
        *,
        fetch: Callable[[Request], Awaitable[Response]],
        keep: Callable[[RenderedPage, Provenance], Awaitable[Capture]],
    ) -> None:
        """`fetch` carries a request out as the run's others, `keep` returns when a rendered page is on disk."""
        self._browser = browser
        self._clock = clock
        self._fetch = fetch
        self._keep = keep
        self._scripts: OrderedDict[str, Asset] = OrderedDict()

    async def rendered(self, page: CapturedPage) -> Capture | None:
        """Return the capture of what a browser made of `page`; None if that failed, which is logged.

        Raises what ends the whole run.
        """
        head, url = page.head, page.capture.url
        if head is None:
            return None
        fields = list(head.headers)
        body, _ = decode_body(fields, b"".join(entity(page.block, head)))
        content_type = next((v.decode("latin-1") for n, v in fields if n.lower() == b"content-type"), "text/html")
        asset = msgspec.structs.replace(page.provenance, role="asset", redirects=())

        async def ask(wanted: str, more: Mapping[str, str]) -> Asset | None:
            return await self._asset(wanted, more, asset)

        try:
            drawn = await self._browser.render(url, body, content_type, ask)
        except (RenderingFailed, FetchError, CrawlStopped) as error:
            _log.warning("a page could not be rendered", url=url, error=str(error))
            return None
        made = Rendering(of=page.capture.record_id, by=drawn.by, asked=drawn.asked, refused=drawn.refused)
        rendered = RenderedPage(capture=page.capture, rendered_at=self._clock.now(), html=drawn.html, rendering=made)
        return await self._keep(rendered, page.provenance)

    async def _asset(self, url: str, more: Mapping[str, str], provenance: Provenance) -> Asset | None:
        """Return what a script asks for; None if it is refused or cannot be had.

        Raises BackedOff and CrawlStopped: without what is to be waited for the page would be another one.
        """
        known = self._scripts.get(url)
        if known is not None:
            self._scripts.move_to_end(url)
            return known
        request = Request(
            url, callback=NO_CALLBACK, headers=dict(more), dont_filter=True, meta={"provenance": provenance}
        )
        try:
            response = await self._fetch(request)
        except (BackedOff, CrawlStopped, ArchiveError, StateError):
            raise
        except FetchError:
            return None
        except Exception as error:  # noqa: BLE001 - Scrapy's, of redirects without end and the like: one script less
            _log.debug("a script's request failed", url=url, error=str(error))
            return None
        fields = [(name, value) for name, values in response.headers.items() for value in values]
        body, _ = decode_body(fields, response.body)
        said = response.headers.get("Content-Type")
        found = Asset(response.status, "" if said is None else said.decode("latin-1"), body)
        self._remember(url, found)
        return found

    def _remember(self, url: str, asset: Asset) -> None:
        if not is_answer(asset.status) or "script" not in asset.content_type:
            return
        self._scripts[url] = asset
        while sum(len(one.body) for one in self._scripts.values()) > _KEPT_BYTES:
            self._scripts.popitem(last=False)
