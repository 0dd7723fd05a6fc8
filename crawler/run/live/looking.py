"""A look at channels of a site: one request each, with a crawl's manners, kept in the archive like all that is fetched.

It is a run of its own kind: nothing is announced, no page is fetched, no conditional request is prepared.
"""

from __future__ import annotations

__all__ = ["Seen", "look_at"]

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from crawler.clock import Clock
from crawler.model.capture import Announcement, Role
from crawler.model.channel import ChannelReport
from crawler.model.site import Site
from crawler.parse.discover.look import Look
from crawler.run.live.crawls import Crawls
from crawler.state import new_run

_SPIDER = "spiders.check.ChannelCheck"


class Seen(NamedTuple):
    """What one look showed."""

    report: ChannelReport
    look: Look
    sitemaps: tuple[str, ...] = ()
    """Those that the robots.txt of its host names."""


async def look_at(
    crawls: Crawls,
    site: Site,
    channels: Sequence[tuple[str, Role]],
    *,
    clock: Clock,
    keep: bool = True,
    on_wait: Callable[[], None] = lambda: None,
) -> list[Seen]:
    """Return what each of `channels` of `site` is and yields, in their order; `keep`: the state has the reports, too.

    A site that another process crawls is looked at when that has ended; `on_wait` is told then. Raises CrawlStopped
    after ``crawls.stop()``, and what ends a whole run.
    """
    found: dict[str, Seen] = {}

    def tell(report: ChannelReport, seen: Look | None, sitemaps: tuple[str, ...]) -> None:
        found[report.url] = Seen(report, seen or Look(), sitemaps)

    asked = [Announcement(url=url, role=role, source="seed") for url, role in channels]
    targets = tuple(one.url for one in asked)
    made = partial(new_run, site.name, trigger="command", clock=clock, targets=targets)
    run = await crawls.begin_after_others(site.name, made, on_wait=on_wait)
    await crawls.run(run, site, max_pages=1, spider=_SPIDER, arguments={"asked": asked, "tell": tell})
    for one in asked:
        if one.url not in found:  # the log has why
            found[one.url] = Seen(
                ChannelReport(url=one.url, site=site.name, declared=one.role, reason="spider_crash"), Look()
            )
    if keep:
        for one in asked:
            crawls.keep_report(found[one.url].report)
    return [found[one.url] for one in asked]
