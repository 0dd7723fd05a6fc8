"""``warraq articles``: the articles of a store, listed, shown, written in other forms, followed."""

from __future__ import annotations

__all__ = ["articles"]

import os
import re
import shutil
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
import msgspec

from crawler.archive.articles import LineReader
from crawler.archive.files import fsync_folder
from crawler.archive.store import Store, open_store
from crawler.cli.common import Settings, settings_options
from crawler.cli.exit_codes import EXIT_FAILED, EXIT_INTERRUPTED, EXIT_NOTHING_NEW, EXIT_PARTIAL
from crawler.cli.search import open_index
from crawler.cli.selecting import selection_options
from crawler.clock import SystemClock
from crawler.corpus.asked import read_query
from crawler.corpus.following import Follower
from crawler.corpus.lookup import places_of_id, places_of_url
from crawler.corpus.reading import PlacedArticle, holds_none, selected_articles
from crawler.corpus.writing import BY, FORMS, By, Form, form_of, write_articles
from crawler.errors import ArchiveError, BadArchive, UsageError
from crawler.model.article import ArticleRecord
from crawler.model.selection import Selection
from crawler.run.target import as_url
from crawler.visible import visible

_ID = re.compile(r"[0-9a-f]{16}")
_ISOLATE, _END = "\u2068", "\u2069"
"""First-strong isolates: a title keeps its own direction, whatever stands beside it."""
_ENCODER = msgspec.json.Encoder()


class _Action(click.Choice[str]):
    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value not in self.choices:
            self.fail(f"{value!r} is neither list nor show; `warraq articles show {value}` shows one", param, ctx)
        return super().convert(value, param, ctx)


@click.command()
@click.argument("action", type=_Action(["list", "show"]), default="list", metavar="[list|show]")
@click.argument("what", required=False, metavar="[ID|URL]")
@settings_options
@selection_options("site", "run", "url", "from", "to", "language", "which")
@click.option("--search", "query", metavar="WORDS", help="Only what `warraq search WORDS` finds.")
@click.option("--unique", is_flag=True, help="Of articles with the same text the first only.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many.")
@click.option("--out", type=click.Path(path_type=Path), help="Write them to this file, or folder with --by.")
@click.option("--format", "form", type=click.Choice(FORMS), help="Form of --out.  [default: by its suffix]")
@click.option("--by", type=click.Choice(BY), help="A file for each site, month or language, in a folder of its own.")
@click.option("--follow", is_flag=True, help="Go on with what is published from now on, until interrupted.")
@click.option(
    "--poll",
    "poll_s",
    type=click.FloatRange(min=0.1),
    default=5.0,
    show_default=True,
    help="Seconds between two looks of --follow.",
)
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: whole records.")
def articles(
    action: str,
    what: str | None,
    settings: Settings,
    selection: Selection,
    query: str | None,
    unique: bool,
    limit: int | None,
    out: Path | None,
    form: Form | None,
    by: By | None,
    follow: bool,
    poll_s: float,
    as_json: bool,
) -> int:
    """List the articles of the store, show one (ID or URL), or write those selected to a file in another form.

    In order of site, day and run. A damaged line is named and passed over.
    """
    loaded = settings.load()
    opened = open_store(loaded.storage)
    _check(action, what, out, by, follow=follow, form=form)
    told = _Told()
    if action == "show":
        return _show(told, opened, selection, what or "", as_json=as_json)
    places = None
    if query is not None:
        if follow:
            raise UsageError("--follow has no --search", next_step="leave one of them away")
        read_query(query)
        with open_index(opened, loaded, "auto") as index:
            places = index.places(query, selection)
    if follow:
        return _follow(told, opened, selection, poll_s, as_json=as_json)
    found = told.sound(selected_articles(LineReader(opened), selection, places=places, unique=unique), limit)
    if out is not None:
        count = _write(found, out, form or form_of(out, default="jsonl" if by else None), by)
    else:
        count = _list(found, as_json=as_json)
    return told.ending(count, opened)


class _Told:
    """What could not be read, said and counted."""

    def __init__(self) -> None:
        self._damaged = 0

    def sound(self, found: Iterable[PlacedArticle | BadArchive], limit: int | None = None) -> Iterator[PlacedArticle]:
        """Yield what could be read; say what could not."""
        count = 0
        for one in found:
            if isinstance(one, BadArchive):
                self._damaged += 1
                click.echo(f"damaged: {visible(one)}", err=True)
            else:
                yield one
                count += 1
                if count == limit:
                    return

    def ending(self, count: int, store: Store) -> int:
        """Say the sum, and return the exit code."""
        if self._damaged:
            click.echo(f"{count} articles, {self._damaged} damaged lines passed over", err=True)
            return EXIT_PARTIAL
        if not count:
            none = holds_none(LineReader(store), store.url)
            click.echo(none or f"{store.url}: no article is of the selection", err=True)
            return EXIT_NOTHING_NEW
        return 0


def _check(action: str, what: str | None, out: Path | None, by: str | None, *, follow: bool, form: str | None) -> None:
    if action == "show" and not what:
        raise UsageError("no article is named", next_step="warraq articles show ID, or its URL")
    if action == "list" and what:
        raise UsageError(f"{what!r} is not understood", next_step=f"warraq articles show {what}")
    if follow and (out or action == "show"):
        raise UsageError("--follow writes to standard output", next_step="leave --out away, and use > FILE")
    if (by or form) and out is None:
        raise UsageError(f"{'--by' if by else '--format'} needs --out", next_step="name a file, or a folder with --by")
    if out is not None and (by or form == "text") and out.exists():
        raise UsageError(f"{out} exists already", next_step="name a folder that does not")
    if out is not None and not by and form != "text" and out.is_dir():
        raise UsageError(f"{out} is a folder", next_step="name a file, or add --by")


def _list(found: Iterable[PlacedArticle], *, as_json: bool) -> int:
    count = 0
    for one in found:
        count += 1
        click.echo(_ENCODER.encode(one.article) if as_json else _line(one.article))
    return count


def _line(article: ArticleRecord) -> str:
    title = visible(" ".join((article.title or "").split()))
    at = article.captured_at[:19].replace("T", " ")
    return (
        f"{at}  {article.id}  {article.site or '-'}  {article.language or '-'}  {article.word_count}  "
        f"{_ISOLATE}{title}{_END}  {visible(article.url)}"
    )


def _show(told: _Told, store: Store, selection: Selection, what: str, *, as_json: bool) -> int:
    """Print the articles with that id or URL: of several the last captured one."""
    latest: PlacedArticle | None = None
    others = 0
    for one in _called(told, store, selection, what):
        others += latest is not None
        if latest is None or one.article.captured_at >= latest.article.captured_at:
            latest = one
    if latest is None:
        click.echo(f"{store.url}: no article is {what}; `warraq why URL` tells what became of an address", err=True)
        return EXIT_FAILED
    click.echo(_ENCODER.encode(latest.article) if as_json else visible(latest.article.text, lines=True))
    if others:
        click.echo(visible(f"{others} other revisions: warraq articles --url {latest.article.url}"), err=True)
    return told.ending(1, store)


def _called(told: _Told, store: Store, selection: Selection, what: str) -> Iterator[PlacedArticle]:
    """Yield the articles with the id or URL `what`: those that are known to be, only else by reading all."""
    reader = LineReader(store)
    if not _ID.fullmatch(what):
        if "." not in what and "://" not in what:
            told_of = "`warraq articles` lists ids, which have 16 letters and digits, and URLs"
            raise UsageError(f"{what!r} is neither an article's id nor a URL", next_step=told_of)
        url = as_url(what)
        wanted = msgspec.structs.replace(selection, urls=(*selection.urls, url))
        known = places_of_url(store, url) if selection.which == "all" else None
        yield from told.sound(selected_articles(reader, wanted, places=known))
        return
    places = places_of_id(store, what) if selection.which == "all" else {}
    for known in [places, None] if places else [None]:
        found = False
        for one in told.sound(selected_articles(reader, selection, places=known)):
            if one.article.id == what:
                found = True
                yield one
        if found:
            return


def _follow(told: _Told, store: Store, selection: Selection, poll_s: float, *, as_json: bool) -> int:
    clock = SystemClock()
    follower = Follower(store, selection, started_at=clock.now())
    click.echo("following; Ctrl-C ends it", err=True)
    try:
        while True:
            for one in told.sound(follower.new()):
                click.echo(_ENCODER.encode(one.article) if as_json else _line(one.article))
            time.sleep(poll_s)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED


def _write(found: Iterable[PlacedArticle], out: Path, form: Form, by: By | None) -> int:
    """Write to `out`, whole or not at all; return how many."""
    part = out.absolute().with_name(f".{out.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)  # of one that was killed
        part.mkdir()
        parts = write_articles(found, part, "articles", form, by=by)
        count = sum(one.articles for one in parts)
        if count:
            _sync(part)
            made = part if by else part / parts[0].path
            made.replace(out)
            fsync_folder(out.absolute().parent)
    except OSError as error:
        raise ArchiveError(f"{out}: {error.strerror}", next_step="name a place that can be written to") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    if count:
        click.echo(f"{out}: {count} articles" + (f" in {len(parts)} files" if by else ""), err=True)
    return count


def _sync(folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as written:
                os.fsync(written.fileno())
