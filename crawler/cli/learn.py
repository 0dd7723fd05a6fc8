"""``warraq learn``: what recurs over a site's archived pages becomes its profile."""

from __future__ import annotations

__all__ = ["learn"]

import asyncio
from collections.abc import Callable
from datetime import datetime

import click

from crawler import log
from crawler.archive.store import Store, open_store
from crawler.cli.common import Settings, json_text, settings_options
from crawler.cli.consoles import console
from crawler.cli.exit_codes import EXIT_FAILED
from crawler.cli.moments import MOMENT, check_span
from crawler.clock import SystemClock, iso_utc
from crawler.config import Config
from crawler.model.site import Site
from crawler.parse.profile.learn import DEFAULT, Lesson
from crawler.run.offline.learn import Kept, keep
from crawler.run.offline.learn import learn as run_learn
from crawler.run.offline.sources import find_sources
from crawler.run.parsing.pool import ParsePool
from crawler.visible import visible


@click.command()
@click.argument("sites", nargs=-1, metavar="[SITE]...")
@settings_options
@click.option("--from", "since", type=MOMENT, help="Only captures since (2d, yesterday, 2026-11).")
@click.option("--to", "until", type=MOMENT, help="Only captures before.")
@click.option(
    "--pages", type=click.IntRange(min=1), default=1000, show_default=True, help="Of each site, the newest first."
)
@click.option("--jobs", type=click.IntRange(min=1), help="Parse processes.  [default: one per core]")
@click.option("--dry-run", "dry", is_flag=True, help="Only tell; nothing is stored.")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: a site with what was found.")
def learn(
    sites: tuple[str, ...],
    settings: Settings,
    since: datetime | None,
    until: datetime | None,
    pages: int,
    jobs: int | None,
    dry: bool,
    as_json: bool,
) -> int:
    """Learn which blocks recur over the archived pages of each SITE (default: all) and store that as its profile.

    Captures from the profile's first day on are parsed without them. Exit code 1: a named SITE has too few articles.
    """
    log.set_up("error")
    check_span(since, until)
    loaded = settings.load(parse__processes=jobs)
    found = asyncio.run(
        _learn(
            loaded,
            settings.sites(),
            sites,
            since=since,
            until=until,
            most=pages,
            tell=_tell_progress,
        )
    )
    target = open_store(loaded.storage)
    taught = [_end(name, lesson, target, loaded, dry=dry, as_json=as_json) for name, lesson in found.items()]
    for name in set(sites) - set(found):
        click.echo(f"{name}: the archive has no article page of it", err=True)
    return EXIT_FAILED if sites and (not all(taught) or len(found) < len(set(sites))) else 0


async def _learn(
    config: Config,
    sites: dict[str, Site],
    wanted: tuple[str, ...],
    *,
    since: datetime | None,
    until: datetime | None,
    most: int,
    tell: Callable[[int, int, int], None],
) -> dict[str, Lesson]:
    sources = find_sources([], config.storage)
    async with ParsePool(config.parse) as pool:
        return await run_learn(
            sources,
            pool=pool,
            sites=sites,
            wanted=wanted,
            since=since,
            until=until,
            most=most,
            on_progress=lambda done, pages: tell(done, len(sources), pages),
        )


def _tell_progress(done: int, files: int, pages: int) -> None:
    console().print(f"learn: {done}/{files} files, {pages} pages")


def _end(name: str, lesson: Lesson, store: Store, config: Config, *, dry: bool, as_json: bool) -> bool:
    """Store the site's profile and tell what was found; return False if there were too few articles."""
    kept = keep(lesson, name, store=store, clock=SystemClock(), deadline_s=config.crawl.deadline_s, dry=dry)
    (_tell_json if as_json else _tell)(name, lesson, kept)
    return kept is not None or lesson.enough


def _tell(name: str, lesson: Lesson, kept: Kept | None) -> None:
    click.echo(
        f"{name}: {lesson.articles} articles on {lesson.pages} pages, "
        f"{lesson.since:%Y-%m-%d} to {lesson.until:%Y-%m-%d}: {len(lesson.findings)} furniture"
    )
    for found in lesson.findings:
        click.echo(visible(f"  {found.kind:<5} {found.articles:>5} articles, kept on {found.kept:>5}  {found.excerpt}"))
    if lesson.findings:
        cost = lesson.cost
        click.echo(
            f"  of these articles {cost.articles} would lose {cost.blocks} blocks, {100 * cost.share:.1f} % of all text"
            + (
                ", among them some that no other article has:"
                if cost.alone
                else "; each of them other articles have, too"
            )
        )
        for excerpt in cost.alone:
            click.echo(visible(f"    {excerpt}"))
    if not lesson.enough:
        click.echo(f"  too few articles to learn from: {DEFAULT.articles} are needed")
    elif kept is None:
        click.echo("  nothing recurs; no profile")
    elif kept.key is None:
        click.echo(
            f"  profile {kept.profile.version}, for captures from {iso_utc(kept.profile.valid_from)} on; not stored now"
        )
    else:
        click.echo(f"  {kept.key}, for captures from {iso_utc(kept.profile.valid_from)} on")


def _tell_json(name: str, lesson: Lesson, kept: Kept | None) -> None:
    told = {
        "site": name,
        "articles": lesson.articles,
        "pages": lesson.pages,
        "since": lesson.since,
        "until": lesson.until,
        "findings": [found._asdict() for found in lesson.findings],
        "cost": lesson.cost._asdict(),
        "version": kept.profile.version if kept else None,
        "valid_from": kept.profile.valid_from if kept else None,
        "key": kept.key if kept else None,
    }
    click.echo(json_text(told))
