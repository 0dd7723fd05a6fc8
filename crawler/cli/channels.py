"""``warraq sites NAME``: how each channel of a site has been doing."""

from __future__ import annotations

__all__ = ["tell_site"]

from collections.abc import Iterator
from datetime import datetime

import click
import msgspec
from rich.table import Table

from crawler.cli.common import Settings, json_text
from crawler.cli.consoles import print_table
from crawler.cli.exit_codes import EXIT_FAILED
from crawler.clock import SystemClock
from crawler.errors import StateMissing
from crawler.model.reasons import explain_reason
from crawler.model.run import Outcome
from crawler.model.site import Site
from crawler.run.target import no_such_site
from crawler.state import State, read_state
from crawler.urls import normalise
from crawler.visible import visible


class ChannelStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A channel of a site, and what is known of it."""

    url: str
    kind: str
    read_at: datetime | None
    """When it was last read with success."""
    outcome: Outcome | None
    reason: str | None
    announced: int
    """Pages it was the first to announce."""
    articles: int
    """Of those, how many gave an article."""
    checked_at: datetime | None = None
    """When ``warraq sites check`` looked at it."""
    found: str | None = None
    """What it was then: ``RSS``, ``news sitemap`` ..."""
    items: int = 0
    """Stories it listed then."""
    newest_at: str | None = None
    fault: str | None = None
    """What was wrong with it then."""
    due_at: datetime | None = None
    """When it is read next, where the site is read by its news; None: at each of its runs, or as soon as may be."""
    why: str | None = None
    """Why then."""


def tell_site(name: str, settings: Settings, *, as_json: bool) -> int:
    """Print the channels of the site `name`, and return the exit code."""
    sites = settings.sites()
    if name not in sites:
        click.echo(visible(f"warraq: {no_such_site(name, sites)}"), err=True)
        return EXIT_FAILED
    try:
        with read_state(settings.load().state, clock=SystemClock()) as opened:
            found = list(_statuses(sites[name], opened))
    except StateMissing:
        found = list(_statuses(sites[name], None))
    if as_json:
        for status in found:
            click.echo(json_text(status))
        return 0
    adaptive = sites[name].schedule.adaptive
    table = Table(
        "channel",
        "kind",
        "last read",
        *(["next read"] if adaptive else []),
        "status",
        "announced",
        "articles",
        "last check",
        box=None,
    )
    for status in found:
        read = f"{status.read_at:%Y-%m-%d %H:%MZ}" if status.read_at else "never"
        told = (
            explain_reason(status.reason) if status.outcome and status.reason else status.outcome or "not yet asked for"
        )
        table.add_row(
            status.url,
            status.kind,
            read,
            *([_next(status)] if adaptive else []),
            told,
            str(status.announced),
            str(status.articles),
            _checked(status),
        )
    print_table(table)
    click.echo(f"schedule: {sites[name].schedule.told}")
    return 0


def _next(status: ChannelStatus) -> str:
    return f"{status.due_at:%Y-%m-%d %H:%MZ}, {status.why}" if status.due_at else "as soon as it may be"


def _checked(status: ChannelStatus) -> str:
    if status.checked_at is None:
        return "not yet"
    found = f"{status.found}, {status.items} items" if status.found else "nothing"
    newest = f", newest {status.newest_at[:10]}" if status.newest_at else ""
    fault = f", {status.fault}" if status.fault else ""
    return f"{status.checked_at:%Y-%m-%d}: {found}{newest}{fault}"


def _statuses(site: Site, state: State | None) -> Iterator[ChannelStatus]:
    yields = state.channel_yields(site.name) if state is not None else {}
    checks = state.reports(site.name) if state is not None else {}
    rhythms = {one.url: one for one in state.rhythms(site.name)} if state is not None and site.schedule.adaptive else {}
    for kind, urls in (
        ("feed", site.feeds), ("news sitemap", site.news_sitemaps), ("sitemap", site.sitemaps), ("section",
        site.sections),
    ):  # fmt: skip
        for url in map(normalise, urls):
            known = state.channel_read(url) if state is not None else None
            announced, articles = yields.get(url, (0, 0))
            check = checks.get(url)
            rhythm = rhythms.get(url)
            yield ChannelStatus(
                url=url,
                kind=kind,
                read_at=known.read_at if known else None,
                outcome=known.outcome if known else None,
                reason=known.reason if known else None,
                announced=announced,
                articles=articles,
                checked_at=check.at if check else None,
                found=check.report.kind if check else None,
                items=check.report.items if check else 0,
                newest_at=check.report.newest_at if check else None,
                fault=check.report.reason if check else None,
                due_at=rhythm.due_at if rhythm else None,
                why=rhythm.why if rhythm else None,
            )
