"""``warraq sites check``: every channel asked once, now, as politely as a crawl would ask it."""

from __future__ import annotations

__all__ = ["check"]

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import click
import msgspec
import uvloop
from rich.table import Table

from crawler import log
from crawler.cli.common import Settings, json_text, settings_options
from crawler.cli.consoles import console, print_table
from crawler.cli.exit_codes import EXIT_FAILED, EXIT_INTERRUPTED, EXIT_PARTIAL
from crawler.cli.interrupts import on_interrupt
from crawler.clock import SystemClock
from crawler.config import Config, replace_file, site_files, with_verified
from crawler.errors import CrawlStopped, UsageError
from crawler.model.channel import ChannelReport
from crawler.model.reasons import explain_reason
from crawler.model.site import Site, Verified
from crawler.parse.dates import moment_of
from crawler.run.contact import is_unsigned
from crawler.run.live.crawls import Crawls
from crawler.run.live.looking import look_at
from crawler.run.lock import StateLock
from crawler.run.target import no_such_site
from crawler.visible import visible

_OLD = timedelta(days=30)
_AT_ONCE = 64
"""Sites asked at once; each host at its own pace."""


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@settings_options
@click.option("--country", metavar="CC", help="Only sites of this country.")
@click.option("--write", is_flag=True, help="Enter `verified` into the files of sites all of whose channels work.")
@click.option("--contact", metavar="TEXT", help="A page or e-mail address of yours, for publishers.")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines, one channel a line.")
def check(
    names: tuple[str, ...],
    settings: Settings,
    country: str | None,
    write: bool,
    contact: str | None,
    as_json: bool,
) -> int:
    """Ask every channel once: what it is, what it lists, its newest date, and what is wrong (default: of all sites)."""
    log.set_up("error")
    loaded = settings.load(fetch__contact=contact)
    wanted = _wanted(settings.sites(), names, country)
    if write and settings.seeds_dir is None:
        raise UsageError(
            "the shipped sites are not to be written to", next_step="`warraq init` makes seeds/ of your own"
        )
    out = console()
    if is_unsigned(loaded.fetch, wanted):
        out.print("publishers are told the project's page as your contact: give your own with --contact", markup=False)
    with StateLock.beside_daemon(Path(loaded.state.dir), "sites", clock=SystemClock()):
        found, stopped = uvloop.run(_check(loaded, wanted))
    reports = [report for of_site in found.values() for report in of_site]
    if as_json:
        for report in reports:
            click.echo(json_text({"works": report.works, **msgspec.to_builtins(report)}))
    else:
        _tell(reports)
    for line in _troubles(reports):
        out.print(line, markup=False)
    if write:
        for line in _write(found, settings):
            out.print(line, markup=False)
    out.print(f"{sum(r.works for r in reports)} of {len(reports)} channels work", markup=False)
    if stopped:
        return EXIT_INTERRUPTED
    if all(report.works for report in reports):
        return 0
    return EXIT_PARTIAL if any(report.works for report in reports) else EXIT_FAILED


def _wanted(sites: Mapping[str, Site], names: Sequence[str], country: str | None) -> list[Site]:
    """Return the sites to check. Raises UsageError if there are none."""
    for name in names:
        if name not in sites:
            raise no_such_site(name, sites)
    chosen = [sites[name] for name in dict.fromkeys(names)] or [site for site in sites.values() if site.enabled]
    found = [site for site in chosen if country in (None, site.country)]
    if not found:
        what = f"no site of country {country!r}" if country else "no site is declared"
        raise UsageError(what, next_step="`warraq sites` lists them")
    return found


async def _check(config: Config, sites: Sequence[Site]) -> tuple[dict[str, list[ChannelReport]], bool]:
    """Return the reports on the channels of each site, and whether it was stopped before all had been asked."""
    clock = SystemClock()
    found: dict[str, list[ChannelReport]] = {}
    async with await Crawls.open(config, clock=clock, sites={site.name: site for site in sites}) as crawls:
        on_interrupt(crawls.stop)
        turns = asyncio.Semaphore(_AT_ONCE)

        async def one(site: Site) -> None:
            def waits() -> None:
                click.echo(f"{site.name}: it is being crawled; it is asked when that has ended", err=True)

            async with turns:
                seen = await look_at(crawls, site, list(site.channel_roles.items()), clock=clock, on_wait=waits)
            found[site.name] = [one.report for one in seen]
            works = sum(one.report.works for one in seen)
            click.echo(f"{site.name}: {works} of {len(seen)} work ({len(found)} of {len(sites)} sites)", err=True)

        ended = await asyncio.gather(*map(one, sites), return_exceptions=True)
    stopped = False
    for result in ended:
        stopped = stopped or isinstance(result, CrawlStopped)
        if isinstance(result, BaseException) and not isinstance(result, CrawlStopped):
            raise result
    return {site.name: found[site.name] for site in sites if site.name in found}, stopped


def _tell(reports: Sequence[ChannelReport]) -> None:
    table = Table("site", "channel", "status", "kind", "items", "newest", "language", "says", box=None)
    for one in reports:
        table.add_row(
            one.site,
            visible(one.url),
            "none" if one.status is None else str(one.status),
            one.kind or "none",
            str(one.items) if one.kind else "",
            (one.newest_at or "")[:16],
            visible((one.language or "")[:12]),
            one.reason or ("works" if _old_since(one) is None else "nothing new"),
        )
    print_table(table)


def _troubles(reports: Sequence[ChannelReport]) -> Iterator[str]:
    for one in reports:
        if one.reason is not None:
            detail = f" ({one.detail})" if one.detail else ""
            yield visible(f"{one.site}: {one.url}: {explain_reason(one.reason)}{detail}")
        if one.reason is None and (newest := _old_since(one)) is not None:
            yield visible(f"{one.site}: {one.url}: nothing new since {newest:%Y-%m-%d}; its site may have moved it")
        if one.redirected_to is not None:
            yield visible(f"{one.site}: {one.url}: it leads to {one.redirected_to}")


def _old_since(report: ChannelReport) -> datetime | None:
    """Return the newest date of a channel that has listed nothing new for long."""
    newest = moment_of(report.newest_at)
    return newest if newest is not None and SystemClock().now() - newest > _OLD else None


def _write(found: Mapping[str, Sequence[ChannelReport]], settings: Settings) -> Iterator[str]:
    """Enter into the files of the sites all of whose channels work that they were seen to; yield what was done."""
    files = site_files(settings.seeds_dir)
    today = SystemClock().now().date()
    for name, reports in found.items():
        if not all(report.reason is None for report in reports):
            yield f"{name}: not all of its channels work; {files[name]} is left as it is"
            continue
        if all(_old_since(report) is not None for report in reports):
            yield f"{name}: none of its channels lists anything new; {files[name]} is left as it is"
            continue
        count = len(reports)
        how = (
            f"warraq sites check: {'its channel' if count == 1 else f'all {count} channels'} answered and listed "
            "stories"
        )
        changed = with_verified(files[name].read_bytes().decode(), Verified(at=today, how=how))
        if changed is None:
            yield (
                f"{files[name]}: its layout is not understood; write verified = {{ at = {today}, how = {how!r} }} "
                "yourself"
            )
            continue
        replace_file(files[name], changed)
        yield f"{files[name]}: verified"
