"""``warraq diff``: how an article's text changed between its revisions, on a terminal or as a page."""

from __future__ import annotations

__all__ = ["diff"]

import html
from collections.abc import Iterable, Sequence
from itertools import pairwise

import click
import msgspec

from crawler.archive.articles import LineReader
from crawler.archive.store import open_store
from crawler.archive.takedowns import taken_down
from crawler.cli.changes import changed, changes_json, marked
from crawler.cli.common import Settings, json_text, settings_options
from crawler.cli.exit_codes import EXIT_FAILED
from crawler.clock import SystemClock
from crawler.frontier.differences import Change, TextStretch
from crawler.frontier.revisions import kinds_of
from crawler.model.article import ArticleRecord
from crawler.run.addresses import page_of
from crawler.run.revisions import record_of
from crawler.state import read_state
from crawler.urls import normalise
from crawler.visible import visible


class _Pair(msgspec.Struct, frozen=True):
    """Two revisions, one after the other."""

    old: ArticleRecord
    new: ArticleRecord

    @property
    def kinds(self) -> tuple[str, ...]:
        return kinds_of(self.old.title, self.old.body, self.new.title, self.new.body)


@click.command()
@click.argument("url")
@settings_options
@click.option("--all", "whole", is_flag=True, help="Every revision against the one before it.  [default: the last two]")
@click.option("--first", is_flag=True, help="The last revision against the first.")
@click.option("--html", "as_html", is_flag=True, help="A page for a browser.")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: one pair of revisions a line.")
def diff(
    url: str,
    settings: Settings,
    whole: bool,
    first: bool,
    as_html: bool,
    as_json: bool,
) -> int:
    """Tell how the text of the article at URL changed between its captures."""
    loaded = settings.load()
    wanted = normalise(url)
    with read_state(loaded.state, clock=SystemClock()) as opened:
        rows = opened.articles(page_of(opened, wanted) or wanted)
    store_ = open_store(loaded.storage)
    decision = taken_down(store_).covers(wanted, rows[0].site if rows else None)
    if decision is not None:
        click.echo(visible(f"{wanted}: {decision}"), err=True)
        return EXIT_FAILED
    reader = LineReader(store_)
    records = [record for row in rows if (record := record_of(reader, row)) is not None]
    if len(records) < len(rows):
        click.echo(f"{len(rows) - len(records)} of its revisions are not in the store", err=True)
    if len(records) < 2:
        known = "one revision is known, so nothing changed" if records else "no article is known"
        click.echo(visible(f"{wanted}: {known}; `warraq why {wanted}` tells more"), err=True)
        return 0 if records else EXIT_FAILED
    pairs = _pairs(records, whole=whole, first=first)
    if as_json:
        for pair in pairs:
            click.echo(json_text(_as_json(pair)))
    elif as_html:
        click.echo(_page(wanted, pairs))
    else:
        for pair in pairs:
            _show(pair)
    return 0


def _pairs(records: Sequence[ArticleRecord], *, whole: bool, first: bool) -> list[_Pair]:
    if first:
        return [_Pair(records[0], records[-1])]
    found = [_Pair(old, new) for old, new in pairwise(records)]
    return found if whole else found[-1:]


def _changes(pair: _Pair) -> list[Change]:
    return changed(pair.old.text, pair.new.text)


def _as_json(pair: _Pair) -> dict[str, object]:
    return {
        "url": pair.new.url,
        "old": {"id": pair.old.id, "captured_at": pair.old.captured_at},
        "new": {"id": pair.new.id, "captured_at": pair.new.captured_at},
        "kinds": pair.kinds,
        "changes": changes_json(_changes(pair)),
    }


def _show(pair: _Pair) -> None:
    click.echo(
        f"{pair.new.url}\n{pair.old.captured_at} -> {pair.new.captured_at}: {', '.join(pair.kinds) or 'no change'}"
    )
    for change in _changes(pair):
        click.echo(marked(change))
    click.echo()


_STYLE = (
    "body{font:1rem/1.6 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}"
    "p{margin:.6rem 0;text-align:start}ins{background:#2a72;text-decoration:none;border-bottom:2px solid #2a7}"
    "del{background:#c332;color:inherit}h2{font-size:1rem;margin-top:2rem}"
)


def _page(url: str, pairs: Iterable[_Pair]) -> str:
    parts = [
        (
            "<!DOCTYPE html>\n<html><head><meta "
            f'charset="utf-8"><title>{html.escape(url)}</title><style>{_STYLE}</style></head>'
        ),
        f'<body><h1><bdi dir="ltr">{html.escape(url)}</bdi></h1>',
    ]
    for pair in pairs:
        direction = pair.new.direction
        language = f' lang="{html.escape(pair.new.language)}"' if pair.new.language else ""
        kinds = html.escape(", ".join(pair.kinds) or "no change")
        parts.append(f"<h2>{pair.old.captured_at} → {pair.new.captured_at}: {kinds}</h2>")
        parts.append(f'<article dir="{direction}"{language}>')
        parts += [f'<p dir="auto">{"".join(_element(run) for run in change.runs)}</p>' for change in _changes(pair)]
        parts.append("</article>")
    return "\n".join([*parts, "</body></html>"])


def _element(run: TextStretch) -> str:
    text = html.escape(run.text)
    return {"same": text, "added": f"<ins>{text}</ins>", "removed": f"<del>{text}</del>"}[run.kind]
