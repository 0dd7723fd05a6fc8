"""``warraq search``: words in the articles of a store."""

from __future__ import annotations

__all__ = ["open_index", "search"]

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import click
import msgspec

from crawler.archive.articles import LineReader
from crawler.archive.store import Store, open_store
from crawler.archive.takedowns import taken_down
from crawler.cli.common import Settings, json_text, settings_options
from crawler.cli.consoles import console
from crawler.cli.exit_codes import EXIT_NOTHING_NEW
from crawler.cli.selecting import selection_options
from crawler.config import Config
from crawler.corpus.asked import read_query
from crawler.corpus.reading import holds_none
from crawler.corpus.search import Hit, SearchIndex, index_path
from crawler.corpus.words import Snippet, snippet
from crawler.errors import BadArchive, StateError, UsageError
from crawler.model.article import ArticleRecord
from crawler.model.selection import Selection
from crawler.visible import visible

_ISOLATE, _END = "\u2068", "\u2069"
_SAY_EVERY = 1000

IndexUpdate = Literal["auto", "always", "never"]


@click.command()
@click.argument("words", nargs=-1, metavar="WORDS...")
@settings_options
@selection_options("site", "run", "url", "from", "to", "language")
@click.option("--latest", is_flag=True, help="Of the revisions of a page the last only.")
@click.option("--newest", is_flag=True, help="The newest first.  [default: the best]")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="At most so many.")
@click.option("--snippets/--no-snippets", default=True, help="Show where in the text the words are.")
@click.option(
    "--update/--no-update",
    default=None,
    help="Bring the index up to the store first.  [default: of a folder always, of a bucket if there is none]",
)
@click.option("--rebuild", is_flag=True, help="Make the index anew.")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines.")
def search(
    words: tuple[str, ...],
    settings: Settings,
    selection: Selection,
    latest: bool,
    newest: bool,
    limit: int,
    snippets: bool,
    update: bool | None,
    rebuild: bool,
    as_json: bool,
) -> int:
    """Find articles by the words of their titles and texts, in any script: all of WORDS, "a phrase", OR, NOT, word*.

    Accents, Arabic vowel marks and forms of letters do not matter. The index lies in the state folder; the daemon keeps
    it up.
    """
    loaded = settings.load()
    opened = open_store(loaded.storage)
    query = " ".join(f'"{word}"' if " " in word and '"' not in word and len(words) > 1 else word for word in words)
    if not query and not rebuild:
        raise UsageError("there is nothing to search for", next_step='warraq search "old bridge"')
    asked = read_query(query) if query else None
    how: IndexUpdate = "always" if update or rebuild else "auto" if update is None else "never"
    if latest:
        selection = msgspec.structs.replace(selection, which="latest")
    with open_index(opened, loaded, how, rebuild=rebuild) as index:
        if asked is None:
            click.echo(f"{index.known()} articles in the index", err=True)
            return 0
        hits = index.search(query, selection, limit=limit, newest=newest)
    reader = LineReader(opened)
    for hit in hits:
        body = _body(reader, hit) if snippets else None
        found = snippet(body, asked.terms) if body is not None else None
        click.echo(_as_json(hit, found) if as_json else _shown(hit, found))
    if not hits:
        click.echo(holds_none(reader, opened.url) or "no article is found", err=True)
        return EXIT_NOTHING_NEW
    if len(hits) == limit:
        click.echo(f"these are the first {limit}; --limit shows more", err=True)
    return 0


@contextmanager
def open_index(store: Store, config: Config, update: IndexUpdate, *, rebuild: bool = False) -> Iterator[SearchIndex]:
    """Yield the search index of `store`, brought up to it as `update` says.

    Raises UsageError if there is none and none is to be made, StateError, StoreError.
    """
    path = index_path(Path(config.state.dir), store)
    err = console()

    def tell(done: int, total: int) -> None:
        if done % _SAY_EVERY == 0:
            err.print(f"search index: {done}/{total} batches read")

    there = path.exists()
    if update == "always" or (update == "auto" and (not there or store.url.startswith("file:"))):
        try:
            report = SearchIndex.update(path, store, rebuild=rebuild, on_progress=tell)
        except StateError as busy:
            if not there or rebuild:
                raise
            err.print(f"the index is searched as it is: {busy}", markup=False)
        else:
            for damaged in report.damaged:
                err.print(f"damaged: {damaged}", markup=False)
    index = SearchIndex.open(path, taken_down(store))
    if index is None:
        raise UsageError("there is no search index", next_step="leave --no-update away, and it is made")
    with index:
        yield index


def _body(reader: LineReader, hit: Hit) -> str | None:
    """Return the text in which to show what was found; None if the store has it no more."""
    for number, article in reader.numbered(hit.batch, ArticleRecord):
        if number == hit.number:
            return None if isinstance(article, BadArchive) else article.body
    return None


def _shown(hit: Hit, found: Snippet | None) -> str:
    title = visible(" ".join((hit.title or "").split()))
    head = f"{hit.captured_at[:10]}  {hit.id}  {hit.site or '-'}  {_ISOLATE}{click.style(title, bold=True)}{_END}"
    lines = [head, f"    {visible(hit.url)}"]
    if found is not None:
        lines.append(f"    {_ISOLATE}{_marked(found)}{_END}")
    return "\n".join(lines)


def _marked(found: Snippet) -> str:
    parts, at = [], 0
    for begin, end in found.marks:
        parts += [visible(found.text[at:begin]), click.style(visible(found.text[begin:end]), fg="yellow", bold=True)]
        at = end
    return "".join([*parts, visible(found.text[at:])])


def _as_json(hit: Hit, found: Snippet | None) -> str:
    told = {name: value for name, value in hit._asdict().items() if name not in ("batch", "number", "canonical_url")}
    more = {"articles_filename": hit.batch.lines, "articles_line": hit.number}
    return json_text({**told, **more, "snippet": found._asdict() if found else None})
