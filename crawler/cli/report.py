"""``warraq report``: figures over the archive."""

from __future__ import annotations

__all__ = ["report"]

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

import click
import msgspec
from rich.table import Table

from crawler.archive.articles import LineReader
from crawler.archive.revisit_report import Saving, savings
from crawler.archive.store import open_store
from crawler.cli.changes import changed, changes_json, marked
from crawler.cli.common import Settings, json_text, settings_options
from crawler.cli.consoles import print_table
from crawler.cli.exit_codes import EXIT_PARTIAL
from crawler.cli.moments import period_options
from crawler.cli.politeness import politeness
from crawler.cli.progress import human_bytes
from crawler.cli.selecting import selection_options
from crawler.clock import SystemClock
from crawler.frontier.coverage import Estimate, estimate
from crawler.frontier.differences import Change
from crawler.frontier.syndication import LEAST_SHARE
from crawler.model.selection import Selection
from crawler.run.coverage import CoverageDay, coverage_days, left_alone
from crawler.run.revisions import RevisionKinds
from crawler.run.syndication import SharedStory, by_site, stories, take_in, words_of
from crawler.state import Edit, Gap, PatternRow, State, open_state, read_state
from crawler.visible import visible

_WORTH_TELLING = 1000
_LATEST = 10
"""Edits that are shown one by one."""
_Edits = dict[str, list[Change]]
"""Of a story's copies, by URL: the paragraphs that differ from the first."""
_MOST_GAPS = 3
"""Of a channel, that get a line each."""


@click.group()
def report() -> None:
    """Figures over the archive."""


report.add_command(politeness)


@report.command()
@settings_options
@selection_options("site", "url", "from", "to")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: one a site and day.")
def dedup(
    settings: Settings,
    selection: Selection,
    as_json: bool,
) -> int:
    """Tell what revisits saved: payloads not stored a second time, by day and site."""
    found = savings(open_store(settings.load().storage), selection)
    if not found and (error := settings.stranger(selection.sites)):
        raise error
    if as_json:
        for saving in found:
            click.echo(json_text(saving))
        return 0
    _show(found)
    return 0


@report.command()
@settings_options
@click.option("--site", help="Only this site.")
@period_options("pages first seen")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: one a site and day, then one a site.")
def coverage(
    settings: Settings,
    site: str | None,
    period: tuple[datetime, datetime],
    as_json: bool,
) -> int:
    """Tell by site and day what became of all that was announced, and by site how much was probably never announced.

    Each address is counted on the day it was first seen and in one column: together they are `announced`. `revised`
    are among the parsed, `duplicate` are other addresses of a page that is known.

    The estimate compares the kinds of channel with each other (capture-recapture): stories that no channel lists are
    as many as the stories that one lists and another does not let expect. It is a lower bound, with its 95 % interval.
    """
    with read_state(settings.load().state, clock=SystemClock()) as opened:
        settings.check_site(site, opened)
        days = coverage_days(opened.coverage(*period, site))
        estimates = {name: estimate(listed) for name, listed in opened.announced_by(*period, site).items()}
        cut_off = [(row, left_alone(opened, row)) for row in opened.cut_off(site)]
        gaps = opened.gaps(*period, site)
    if as_json:
        for day in days:
            click.echo(json_text(day))
        for name, found in sorted(estimates.items()):
            click.echo(json_text({"site": name, "estimate": found}))
        for row, count in cut_off:
            click.echo(json_text({"site": row.site, "left_alone": count, "pattern": row}))
        for gap in gaps:
            click.echo(json_text({"site": gap.site, "gap": gap}))
        return 0
    table = Table(*CoverageDay.__struct_fields__, box=None)
    for day in days:
        table.add_row(*(str(value) for value in msgspec.structs.astuple(day)))
    print_table(table)
    for name, found in sorted(estimates.items()):
        click.echo(_estimated(name, found))
    for row, count in cut_off:
        click.echo(_cut_off(row, count))
    for (name, url), of_channel in itertools.groupby(gaps, key=lambda gap: (gap.site, gap.url)):
        for line in _gaps(name, url, list(of_channel)):
            click.echo(line)
    return 0


@report.command()
@settings_options
@click.option("--site", help="Only this site.")
@period_options("edits found")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: one edit a line.")
def edits(
    settings: Settings,
    site: str | None,
    period: tuple[datetime, datetime],
    as_json: bool,
) -> int:
    """Tell which articles changed after they were first read, and how: by site and kind of edit."""
    loaded = settings.load()
    counts: Counter[tuple[str, str]] = Counter()
    told: list[tuple[Edit, tuple[str, ...]]] = []
    with read_state(loaded.state, clock=SystemClock()) as opened:
        settings.check_site(site, opened)
        kinds = RevisionKinds(opened, LineReader(open_store(loaded.storage)))
        for edit, found in kinds.of(opened.edits(*period, site)):
            told.append((edit, found or ("not in the store",)))
            counts.update((edit.site, kind) for kind in told[-1][1])
            if as_json:
                click.echo(json_text({**edit._asdict(), "kinds": found}))
    if not as_json:
        table = Table("site", "kind", "edits", box=None)
        for (name, kind), number in sorted(counts.items()):
            table.add_row(name, kind, str(number))
        print_table(table)
        _tell_edits(told)
    return 0


def _tell_edits(told: list[tuple[Edit, tuple[str, ...]]]) -> None:
    """Print the latest edits, and how many there are: one may be of several kinds."""
    for edit, kinds in sorted(told, key=lambda one: one[0].at, reverse=True)[:_LATEST]:
        click.echo(visible(f"{edit.at:%Y-%m-%d %H:%MZ}  {', '.join(kinds)}  {edit.url}"))
    articles = len({edit.url for edit, _ in told})
    rest = "; --json lists all" if len(told) > _LATEST else ""
    click.echo(f"{len(told)} edits of {articles} articles{rest}; warraq diff URL shows one")


@report.command()
@settings_options
@click.option("--site", help="Only stories that this site has.")
@period_options("stories captured")
@click.option(
    "--min-share", default=LEAST_SHARE, show_default=True, type=click.FloatRange(LEAST_SHARE, 1),
    help="A copy shares so much of its text with the first, or the first with it.",
)  # fmt: skip
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help="At most so many stories.")
@click.option("--changes", is_flag=True, help="Show the words in which each copy differs from the first.")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: one a story, then one a site.")
def syndication(
    settings: Settings,
    site: str | None,
    period: tuple[datetime, datetime],
    min_share: float,
    limit: int,
    changes: bool,
    as_json: bool,
) -> int:
    """Tell which stories several sites have: who was first, and what the others took, left out, added and renamed.

    Articles that are new since the last time are compared first, which is kept.
    """
    loaded = settings.load()
    with read_state(loaded.state, clock=SystemClock()) as there:  # there is one: a report makes none
        settings.check_site(site, there)
    with open_state(loaded.state, clock=SystemClock()) as opened:
        reader = LineReader(open_store(loaded.storage))
        taken = take_in(opened, reader, *period, on_progress=_taking_in)
        found = stories(opened, *period, site=site, min_share=min_share)
        counts = opened.sketch_counts(*period)
        edited = [_edited(opened, reader, story) if changes else {} for story in found[:limit]]
    if taken.unread:
        click.echo(f"{taken.unread} articles are not in the store; `warraq verify` tells more", err=True)
    if as_json:
        _tell_stories(found[:limit], edited, found, counts)
    else:
        _show_stories(found[:limit], edited, found, counts)
    return EXIT_PARTIAL if taken.unread else 0


def _taking_in(articles: int) -> None:
    if articles >= _WORTH_TELLING:
        click.echo(f"{articles} new articles compared", err=True)


def _edited(state: State, reader: LineReader, story: SharedStory) -> _Edits:
    """Return in what each copy of `story` differs from the first; without those that the store does not have."""
    first, *others = story.copies
    words = words_of(state, reader, first)
    if words is None:
        return {}
    theirs = {copy.url: words_of(state, reader, copy) for copy in others}
    return {url: changed(words, text) for url, text in theirs.items() if text is not None}


def _tell_stories(
    shown: Sequence[SharedStory], edited: Sequence[_Edits], found: Sequence[SharedStory], counts: Mapping[str, int]
) -> None:
    for story, edits in zip(shown, edited, strict=True):
        told = msgspec.to_builtins(story)
        for copy in told["copies"]:
            if copy["url"] in edits:
                copy["changes"] = changes_json(edits[copy["url"]])
        click.echo(json_text(told))
    for site, first, after in by_site(found):
        line = {"site": site, "articles": counts.get(site, 0), "first": first, "after_others": after}
        click.echo(json_text(line))


def _show_stories(
    shown: Sequence[SharedStory], edited: Sequence[_Edits], found: Sequence[SharedStory], counts: Mapping[str, int]
) -> None:
    for story, edits in zip(shown, edited, strict=True):
        click.echo(f"{visible(story.copies[0].title or 'no title')}: {story.sites} sites")
        table = Table(
            "site", "copy", "of the first", "own", "title", "first seen", "url", box=None, padding=(0, 1, 0, 1)
        )
        for copy in story.copies:
            table.add_row(
                copy.site,
                copy.kind,
                f"{copy.of_first:.0%}",
                f"{copy.own:.0%}",
                "" if copy.kind == "first" else "same" if copy.same_title else visible(copy.title or "none"),
                f"{copy.first_seen_at:%Y-%m-%d %H:%MZ}",
                visible(copy.url),
            )
        print_table(table)
        for copy in story.copies:
            if edits.get(copy.url):
                click.echo(f" {copy.site}, {visible(copy.url)}:")
                for change in edits[copy.url]:
                    click.echo(f"   {marked(change)}")
    if found:
        table = Table("site", "articles", "first with", "after others with", box=None)
        for site, first, after in by_site(found):
            table.add_row(site, str(counts.get(site, 0)), str(first), str(after))
        print_table(table)
    told = f"; the {len(shown)} of the most sites are shown" if len(shown) < len(found) else ""
    click.echo(f"{len(found)} stories that several sites have, in {sum(counts.values())} articles{told}")


def _gaps(site: str, url: str, gaps: list[Gap]) -> list[str]:
    """Return what is told of the gaps of one channel, in order of time."""
    if len(gaps) <= _MOST_GAPS:
        return [
            f"{site}: {url} listed nothing at {gap.end_at:%Y-%m-%d %H:%MZ} of what it had at "
            f"{gap.begin_at:%Y-%m-%d %H:%MZ}: stories may have come and gone; {gap.found} were found in sitemaps"
            for gap in gaps
        ]
    line = (
        f"{site}: {url} listed nothing of what it had at the reading before, {len(gaps)} times from "
        f"{gaps[0].begin_at:%Y-%m-%d %H:%MZ} to {gaps[-1].end_at:%Y-%m-%d %H:%MZ}: stories may have come and gone; "
        f"{sum(gap.found for gap in gaps)} were found in sitemaps"
    )
    return [line]


def _estimated(name: str, found: Estimate) -> str:
    if found.method == "none":
        return (
            f"{name}: {found.seen} stories, none of them in two kinds of channel: "
            "how many were never announced cannot be told"
        )
    return (
        f"{name}: {found.seen} stories announced of about {found.total:.0f} ({found.low:.0f} to {found.high:.0f}), "
        f"so {found.unseen:.0f} were never announced to us"
    )


def _cut_off(row: PatternRow, count: int) -> str:
    return (
        f"{row.site}: {visible(row.pattern)} leads nowhere ({row.articles} articles of {row.pages} pages), so {count} "
        f"addresses are left alone since {row.cut_at:%Y-%m-%d}, as {visible(row.example)}"
    )


def _show(found: list[Saving]) -> None:
    table = Table("day", "site", "identical", "not modified", "saved", "no original", box=None)
    for one in found:
        row = (str(one.identical), str(one.not_modified), human_bytes(one.saved_bytes), str(one.unknown or ""))
        table.add_row(one.day, one.site, *row)
    if found:
        print_table(table)
    count = sum(one.identical + one.not_modified for one in found)
    click.echo(f"{count} revisits saved {human_bytes(sum(one.saved_bytes for one in found))}")
