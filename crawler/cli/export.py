"""``warraq export``: a part of the corpus frozen, to be cited."""

from __future__ import annotations

__all__ = ["export"]

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import click
import msgspec

from crawler.archive.store import Store, open_store
from crawler.cli.common import Settings, json_text, settings_options
from crawler.cli.consoles import console
from crawler.cli.exit_codes import EXIT_PARTIAL
from crawler.cli.search import open_index
from crawler.cli.selecting import selection_options
from crawler.clock import SystemClock
from crawler.config import Config
from crawler.corpus.asked import read_query
from crawler.corpus.dataset import (
    DATASET_FORMS,
    Dataset,
    DatasetForm,
    DatasetOrder,
    check_free,
    export_dataset,
    put_dataset,
)
from crawler.corpus.frozen import FrozenDataset, note_frozen
from crawler.corpus.reading import ArticlePlaces
from crawler.corpus.rights import USES, Use
from crawler.errors import StateMissing
from crawler.model.selection import Selection
from crawler.run.coverage import CoverageDay, coverage_days
from crawler.state import read_state
from crawler.visible import visible

_SAY_EVERY = 10_000
_SHOWN = 20
_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)


@click.command()
@click.argument("name")
@settings_options
@selection_options("site", "run", "url", "from", "to", "language", "which")
@click.option("--search", "query", metavar="WORDS", help="Only what `warraq search WORDS` finds.")
@click.option("--unique", is_flag=True, help="Of articles with the same text the first only.")
@click.option(
    "--format",
    "form",
    type=click.Choice(DATASET_FORMS),
    default="jsonl.gz",
    show_default=True,
    help="Form of the data.",
)
@click.option(
    "--out", default="exports", show_default=True, metavar="FOLDER|URL", help="Folder or store in which NAME is made."
)
@click.option("--allow", type=click.Choice(USES), help="Only what may be used so, by what was stated at capture.")
@click.option(
    "--unknown",
    type=click.Choice(["drop", "keep"]),
    default="drop",
    show_default=True,
    help="With --allow: what nothing was stated of.",
)
@click.option("--title", default="", help="Title of the dataset.  [default: NAME]")
@click.option("--json", "as_json", is_flag=True, help="The datasheet as JSON.")
def export(
    name: str,
    settings: Settings,
    selection: Selection,
    query: str | None,
    unique: bool,
    form: DatasetForm,
    out: str,
    allow: Use | None,
    unknown: Literal["drop", "keep"],
    title: str,
    as_json: bool,
) -> int:
    """Freeze the articles of a selection as the dataset NAME: data, card, datasheet, gaps and checksums in one folder.

    It is made here or in a store. The same selection of the same archive gives the same bytes. A dataset that is there
    is never changed.
    """
    loaded = settings.load()
    opened = open_store(loaded.storage)
    order = DatasetOrder(
        name=name,
        selection=selection,
        form=form,
        search=query,
        unique=unique,
        allow=allow,
        unknown=unknown,
        title=title,
    )
    places = _found(query, opened, loaded, selection) if query is not None else None
    gaps = _gaps(loaded, selection)
    with _place(name, out, loaded) as (folder, target):
        made = export_dataset(opened, order, folder, places=places, gaps=gaps, on_progress=_say)
        if target is not None:
            put_dataset(folder / name, target)
    place = f"{target.url}/{name}" if target is not None else str((folder / name).absolute())
    with suppress(OSError):  # what cannot be noted is made all the same
        note_frozen(Path(loaded.state.dir), FrozenDataset(store=opened.url, place=place, form=form))
    if as_json:
        click.echo(json_text(made))
    else:
        _tell(made, f"{out}/{name}")
    return EXIT_PARTIAL if made.damaged else 0


def _found(query: str, store: Store, config: Config, selection: Selection) -> ArticlePlaces:
    """Return where the articles are that `query` finds. Raises UsageError for one that says nothing."""
    read_query(query)
    with open_index(store, config, "auto") as index:
        return index.places(query, selection)


def _say(done: int) -> None:
    if done % _SAY_EVERY == 0:
        console().print(f"export: {done} articles")


@contextmanager
def _place(name: str, out: str, config: Config) -> Iterator[tuple[Path, Store | None]]:
    """Yield the folder in which the dataset is made, and the store it then goes to; None: it stays there.

    Raises UsageError.
    """
    scheme, colon, rest = out.partition(":")
    if not colon or "/" in scheme:
        yield Path(out), None
    elif scheme == "file":
        yield Path(rest.removeprefix("//") or "."), None
    else:
        target = open_store(msgspec.structs.replace(config.storage, url=out))
        check_free(name, target)
        with TemporaryDirectory(prefix="warraq-") as folder:
            yield Path(folder), target


def _gaps(config: Config, selection: Selection) -> Sequence[CoverageDay] | None:
    """Return what became of all that was announced on the days and sites asked for; None if there is no ledger."""
    try:
        with read_state(config.state, clock=SystemClock()) as state:
            counts = state.coverage(selection.since or _EVER, selection.until or _NEVER)
    except StateMissing:
        return None
    return [day for day in coverage_days(counts) if not selection.sites or day.site in selection.sites]


def _tell(made: Dataset, where: str) -> None:
    for damaged in made.damaged[:_SHOWN]:
        click.echo(visible(f"damaged: {damaged}"), err=True)
    if made.use:
        answers = ", ".join(f"{count} {answer}" for answer, count in made.use_answers.items())
        click.echo(f"{made.use}: {answers}; unknown: {made.unknown}", err=True)
    captures = f"{made.captures} captures, " if made.captures else ""
    click.echo(f"{where}: {captures}{made.articles} articles of {len(made.sites)} sites, {made.words} words")
