"""``warraq runs``, ``why``, ``schema``: what ran, what is known of one URL."""

from __future__ import annotations

__all__ = ["runs", "schema", "why"]

from datetime import datetime
from typing import NamedTuple

import click
import msgspec
from rich.table import Table

from crawler.archive.store import open_store
from crawler.archive.takedowns import taken_down
from crawler.cli.common import Settings, json_text, settings_options
from crawler.cli.consoles import print_table
from crawler.cli.exit_codes import EXIT_FAILED
from crawler.clock import SystemClock
from crawler.errors import BadArchive, StoreError
from crawler.frontier.attempts import is_waiting
from crawler.model.capture import Capture
from crawler.model.reasons import meaning
from crawler.model.run import BARRED, MISSED, LedgerEntry, Run
from crawler.model.takedown import Takedown
from crawler.run.addresses import page_of
from crawler.run.target import as_url, no_such_site
from crawler.state import ArticleRow, Event, State, read_state
from crawler.visible import visible

_ALIASES = 5
"""Other addresses of a page that are listed; where each reader has one there are thousands."""
_json = click.option("--json", "as_json", is_flag=True, help="JSON Lines instead of a table.")


@click.command()
@settings_options
@_json
@click.option("--site", metavar="SITE", help="Only runs of this site.")
@click.option(
    "--limit", default=20, show_default=True, type=click.IntRange(1), help="At most so many, the latest first."
)
def runs(settings: Settings, as_json: bool, site: str | None, limit: int) -> int:
    """List runs, the latest first, with what became of their URLs."""
    with _open(settings) as opened:
        found = [(run, opened.counts(run.id)) for run in opened.runs(site, limit)]
    if not found:
        return _no_runs(site, settings)
    if as_json:
        for run, counts in found:
            click.echo(json_text({**msgspec.structs.asdict(run), "counts": counts}))
        return 0
    table = Table("site", "started", "took", "state", "articles", "not modified", "failed", "other", "run", box=None)
    for run, counted in found:
        counts = dict(counted)
        parsed, same = counts.pop("parsed", 0), counts.pop("not_modified", 0)
        failed = counts.pop("failed", 0) + counts.pop("lost", 0)
        state_text = f"{run.state} ({run.reason})" if run.reason else run.state
        row = (parsed, same, failed, sum(counts.values()))
        began = _when(run.started_at) if run.started_at else f"queued {_when(run.queued_at)}"
        table.add_row(run.site, began, _took(run), state_text, *(str(n) for n in row), run.id)
    print_table(table)
    return 0


def _no_runs(site: str | None, settings: Settings) -> int:
    """Say why there is nothing to list: nothing ran yet, or there is no such site."""
    sites = settings.sites()
    if site is None or site in sites:
        click.echo(f"no run{f' of {site}' if site else ''} yet; `warraq crawl {site or 'SITE'}` begins one", err=True)
        return 0
    click.echo(visible(f"warraq: {no_such_site(site, sites)}"), err=True)
    return EXIT_FAILED


@click.command()
@settings_options
@_json
@click.argument("url")
def why(settings: Settings, as_json: bool, url: str) -> int:
    """Tell everything known of URL: where it was announced, each capture, each article, its outcome."""
    wanted = as_url(url)
    with _open(settings) as opened:
        story = _story(opened, wanted)
        page = _page_of(opened, story)
    decision = _taken_down(settings, story, page)
    if as_json:
        told = {**story._asdict(), "page": page._asdict() if page else None, "taken_down": decision}
        click.echo(json_text(told))
        return 0 if story.entry or page else EXIT_FAILED
    if decision is not None:
        click.echo(f"{visible(wanted)}: {decision}")
    if story.entry is None and page is None:
        click.echo(
            visible(f"{wanted}: nothing is known; no feed, sitemap or page that was read announced it"), err=True
        )
        return EXIT_FAILED
    _tell(story)
    if page is not None:
        click.echo(f"it is another address of {visible(page.url)}")
        _tell(page)
    return 0


def _taken_down(settings: Settings, story: _Story, page: _Story | None) -> Takedown | None:
    """Return the decision by which the page is not shown; None also if the store does not answer."""
    shown = page or story
    site = shown.articles[0].site if shown.articles else None
    try:
        withheld = taken_down(open_store(settings.load().storage))
    except (BadArchive, StoreError) as error:
        click.echo(visible(f"whether it was taken down is not known: {error}"), err=True)
        return None
    return withheld.covers(story.url, site, others=(shown.url,))


class _Story(NamedTuple):
    """What is known of one URL."""

    url: str
    entry: LedgerEntry | None
    history: list[Event]
    captures: list[Capture]
    articles: list[ArticleRow]
    aliases: list[str]


def _story(state: State, url: str) -> _Story:
    return _Story(
        url, state.entry(url), state.history(url), state.captures(url), state.articles(url), state.aliases(url)
    )


def _page_of(state: State, story: _Story) -> _Story | None:
    """Return the story of the page that a URL is only another address of, be it one that nobody announced."""
    page = page_of(state, story.url)
    return None if page is None else _story(state, page)


def _tell(story: _Story) -> None:
    click.echo(visible(story.url))
    entry = story.entry
    if entry is not None:
        reason = f" ({entry.reason})" if entry.reason else ""
        click.echo(f"  outcome    {entry.outcome}{reason}, {_when(entry.updated_at)}, run {entry.run}")
        if said := meaning(entry.reason or ""):
            click.echo(f"  that is    {said}")
        click.echo(f"  site       {entry.site}, fetched as {entry.role}")
        if entry.title or entry.published_at:
            click.echo(
                f"  announced  {visible(entry.title or 'no title')}, published "
                f"{visible(entry.published_at or 'not said')}"
            )
        if entry.next_try_at is not None:
            click.echo(f"  next try   {_when(entry.next_try_at)}, after {entry.attempts} in vain")
        elif entry.outcome in (*MISSED, *BARRED) and entry.role in ("article", "probe"):
            click.echo("  next try   none of itself; when a channel announces it anew, or `warraq retry URL` asks")
        if entry.next_visit_at is not None:
            click.echo(f"  next visit {_when(entry.next_visit_at)}")
    for alias in story.aliases[:_ALIASES]:
        click.echo(f"  also       {visible(alias)}")
    if len(story.aliases) > _ALIASES:
        click.echo(f"  also       {len(story.aliases) - _ALIASES} other addresses; --json lists them")
    for event in story.history:
        click.echo(f"  {_when(event.at)}  {visible(_told(event))}")
    for capture in story.captures:
        click.echo(
            f"  capture    {_when(capture.captured_at)}  {capture.status} {capture.mime} {capture.kind}  "
            f"{capture.warc} at {capture.offset}, {capture.length} bytes, sha256 {capture.payload_sha256}"
        )
    for article in story.articles:
        click.echo(f"  article    {_when(article.captured_at)}  {article.path}")


@click.command()
def schema() -> int:
    """Print the JSON Schema of a line of articles.jsonl."""
    from crawler.parse.schema import record_schema  # noqa: PLC0415  (the parser is not needed by the others)

    click.echo(json_text(record_schema(), indent=2))
    return 0


def _open(settings: Settings) -> State:
    return read_state(settings.load().state, clock=SystemClock())


def _told(event: Event) -> str:
    if event.outcome == "announced" and is_waiting(event.reason):
        return f"put off ({event.reason}) in run {event.run}"
    if event.outcome == "announced":
        return f"announced by {event.source}{' ' + event.via if event.via else ''}"
    reason = f" ({event.reason})" if event.reason else ""
    place = f", {event.warc} at {event.warc_offset}" if event.warc else ""
    return f"{event.outcome}{reason} in run {event.run}{place}"


def _took(run: Run) -> str:
    if run.started_at is None or run.finished_at is None:
        return ""
    return f"{(run.finished_at - run.started_at).total_seconds():.1f} s"


def _when(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%SZ}"
