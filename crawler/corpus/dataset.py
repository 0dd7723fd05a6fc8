"""A frozen dataset: the articles of a selection with all that somebody must know who cites it, in one folder.

    NAME/README.md          dataset card, with what `datasets.load_dataset("NAME")` needs
    NAME/DATASHEET.md       where it comes from, what is missing, what was stated about its use
    NAME/datasheet.json     the same for programs
    NAME/data/              the articles
    NAME/gaps.csv           what became of all that was announced, by site and day, where the ledger is at hand
    NAME/SHA256SUMS         of every file but itself

Promises: the same selection of the same archive gives the same bytes, on any machine; the folder appears whole or not
at all; one that is there is never changed.
"""

from __future__ import annotations

__all__ = ["DATASET_FORMS", "Dataset", "DatasetForm", "DatasetOrder", "check_free", "export_dataset", "put_dataset"]

import hashlib
import os
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any, Literal

import msgspec

from crawler import __version__
from crawler.archive.articles import LineReader
from crawler.archive.export import export as write_package
from crawler.archive.files import fsync_folder
from crawler.archive.folders import PROFILES
from crawler.archive.read.selection import Lost
from crawler.archive.store import Store
from crawler.archive.takedowns import taken_down
from crawler.clock import iso_utc
from crawler.corpus import tdmrep
from crawler.corpus.alone import alone
from crawler.corpus.card import Dataset, card, datasheet_text
from crawler.corpus.reading import ArticlePlaces, PlacedArticle, selected_articles
from crawler.corpus.results import csv_writer
from crawler.corpus.rights import ROBOTS_PATH, HostFiles, Use, verdict
from crawler.corpus.writing import FORMS, Form, write_articles
from crawler.errors import ArchiveError, BadArchive, ObjectExists, UsageError
from crawler.model.article import ArticleRecord
from crawler.model.selection import Selection

DatasetForm = Literal["jsonl", "jsonl.gz", "jsonl.zst", "csv", "parquet", "text", "wacz"]
DATASET_FORMS: tuple[DatasetForm, ...] = (*FORMS, "wacz")

_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,99}", re.ASCII)
_SHARD = 50_000
"""Articles of a file."""
_SUMS = "SHA256SUMS"
_MOST_VALUES = 1_000
_DAMAGED_SHOWN = 1_000


class DatasetOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be frozen."""

    name: str
    selection: Selection
    form: DatasetForm = "jsonl.gz"
    search: str | None = None
    """What the articles were searched for; the places found are given beside it."""
    unique: bool = False
    allow: Use | None = None
    """Only what may be put to this use, by what was stated."""
    unknown: Literal["keep", "drop"] = "drop"
    """What nothing was stated of."""
    title: str = ""


def export_dataset(
    store: Store,
    order: DatasetOrder,
    out: Path,
    *,
    places: ArticlePlaces | None = None,
    gaps: Sequence[msgspec.Struct] | None = None,
    on_progress: Callable[[int], None] = lambda _: None,
) -> Dataset:
    """Freeze `order` as the folder ``out/NAME``; return its datasheet.

    `places`: what `order.search` found. `gaps`: rows of ``gaps.csv``, with numbers by what became of pages.
    `on_progress` is told how many articles were looked at. Raises UsageError if there is one of that name, or nothing
    to freeze; StoreError, ArchiveError if the disk is full, StateError if another process makes it.
    """
    _check(order, places)
    target, part = out / order.name, out / f".{order.name}.part"
    with alone(out, f".{order.name}"):
        try:
            if target.exists():
                raise _exists(target, order.name)
            shutil.rmtree(part, ignore_errors=True)  # of one that was killed
            (part / "data").mkdir(parents=True)
            made = _Freezing(store, order, part, places, on_progress).carry_out(gaps)
            _sync(part)
            part.rename(target)
            fsync_folder(out)
        except OSError as error:
            raise ArchiveError(f"{target}: {error.strerror}", next_step="make room and try again") from error
        finally:
            shutil.rmtree(part, ignore_errors=True)
            (out / f".{order.name}.lock").unlink(missing_ok=True)
    return made


def check_free(name: str, target: Store) -> None:
    """Raise UsageError if `target` has a whole dataset of that name, or it is no name. Raises StoreError."""
    _check_name(name)
    if target.head(f"{name}/{_SUMS}") is not None:
        raise _exists(f"{target.url}/{name}", name)


def put_dataset(folder: Path, target: Store) -> None:
    """Put the dataset in `folder`, which `export_dataset` made, into `target` under its name.

    Its checksums go last: a dataset that has them is whole, one without was interrupted and is written anew. Raises
    UsageError if there is one already, StoreError.
    """
    check_free(folder.name, target)
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != _SUMS]
    for path in files:
        target.put(f"{folder.name}/{path.relative_to(folder).as_posix()}", path, overwrite=True)
    try:
        target.put(f"{folder.name}/{_SUMS}", folder / _SUMS)
    except ObjectExists as error:
        raise _exists(f"{target.url}/{folder.name}", folder.name) from error


def _exists(where: object, name: str) -> UsageError:
    return UsageError(
        f"{where} exists, and a dataset is never changed",
        next_step=f"choose another name, as {name}-2, or remove it",
    )


def _check(order: DatasetOrder, places: ArticlePlaces | None) -> None:
    _check_name(order.name)
    if order.form == "wacz" and (order.allow or order.unique or places is not None or order.selection.languages):
        raise UsageError(
            "a WACZ holds captures, not articles: it has no --allow, --unique, --search or --language",
            next_step="choose another --format",
        )


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is no name of a dataset", next_step="use letters, digits, dots and dashes: bridges-2026"
        )


class _Freezing:
    def __init__(
        self,
        store: Store,
        order: DatasetOrder,
        part: Path,
        places: ArticlePlaces | None,
        on_progress: Callable[[int], None],
    ) -> None:
        self._store = store
        self._order = order
        self._part = part
        self._places = places
        self._on_progress = on_progress
        self._damaged: list[str] = []
        self._robots = HostFiles(store, ROBOTS_PATH, on_damage=self._damaged.append)
        self._reservations = HostFiles(store, tdmrep.PATH, on_damage=self._damaged.append)
        self._counts: dict[str, Counter[str]] = {
            name: Counter()
            for name in (
                "sites", "languages", "access", "parser_versions", "rules_versions", "flags", "rights", "use_answers",
                "use_signals",
            )
        }  # fmt: skip
        self._articles = self._words = self._captures = self._looked_at = 0
        self._captured: list[str] = []
        self._published: list[str] = []

    def carry_out(self, gaps: Sequence[msgspec.Struct] | None) -> Dataset:
        if self._order.form == "wacz":
            self._package()
        else:
            self._write(self._order.form)
        if gaps is not None:
            _write_gaps(self._part / "gaps.csv", gaps)
        made = self._sheet(gaps)
        (self._part / "datasheet.json").write_bytes(msgspec.json.format(msgspec.json.encode(made), indent=2) + b"\n")
        (self._part / "DATASHEET.md").write_text(datasheet_text(made), encoding="utf-8")
        (self._part / "README.md").write_text(card(made), encoding="utf-8")
        _write_sums(self._part)
        return made

    def _write(self, form: Form) -> None:
        """Write the articles, so many a file. Raises UsageError if there are none."""
        left = self._wanted()
        number = 0
        while (first := next(left, None)) is not None:
            shard = chain((first,), left if form == "text" else islice(left, _SHARD - 1))
            write_articles(shard, self._part / "data", f"articles-{number:05}", form)
            number += 1
        if not number:
            answers = ", ".join(f"{count} {answer}" for answer, count in sorted(self._counts["use_answers"].items()))
            told = f" that may be used for {self._order.allow} ({answers})" if answers else ""
            keep = ", or --unknown keep" if answers and self._order.unknown == "drop" else ""
            raise UsageError(
                f"{self._store.url}: no article is of the selection{told}", next_step=f"ask for more{keep}"
            )

    def _wanted(self) -> Iterator[PlacedArticle]:
        order = self._order
        articles = selected_articles(LineReader(self._store), order.selection, places=self._places, unique=order.unique)
        for found in articles:
            self._looked_at += 1
            self._on_progress(self._looked_at)
            if isinstance(found, BadArchive):
                self._damaged.append(str(found))
            elif self._may_be_used(found.article):
                self._count(found.article)
                yield found

    def _may_be_used(self, article: ArticleRecord) -> bool:
        use = self._order.allow
        if use is None:
            return True
        host = (files.at(article.url, article.captured_at) for files in (self._robots, self._reservations))
        found = verdict(article, use, *host)
        self._counts["use_answers"][found.answer] += 1
        self._counts["use_signals"].update(
            f"{found.answer}: {signal.source}: {signal.value[:100]}" for signal in set(found.signals)
        )
        return found.answer == "allowed" or (found.answer == "unknown" and self._order.unknown == "keep")

    def _count(self, article: ArticleRecord) -> None:
        self._articles += 1
        self._words += article.word_count
        self._captured = _ends(self._captured, article.captured_at)
        if article.published_at:
            self._published = _ends(self._published, article.published_at[:10])
        for name, values in {
            "sites": (article.site or "unknown",),
            "languages": (article.language or "unknown",),
            "access": (article.access,),
            "parser_versions": (article.parser_version,),
            "rules_versions": (article.rules_version,) if article.rules_version else (),
            "flags": article.flags,
            "rights": tuple({f"{signal.source}: {signal.value[:100]}" for signal in article.rights})
            or ("none stated",),
        }.items():
            self._counts[name].update(values)

    def _package(self) -> None:
        """Write the captures as a WACZ, and count what the articles made of them tell."""
        order = self._order

        def lost(one: Lost) -> None:
            self._damaged.append(str(one))

        path = self._part / "data" / f"{order.name}.wacz"
        self._captures = write_package(
            self._store, order.selection, path, title=order.title or order.name, with_text=True, on_lost=lost
        ).captures
        for _ in self._wanted():
            continue

    def _sheet(self, gaps: Sequence[msgspec.Struct] | None) -> Dataset:
        order = self._order
        sites = self._counts["sites"]
        profiles = (one.key for one in self._store.list(PROFILES))
        return Dataset(
            name=order.name,
            title=order.title or order.name,
            form=order.form,
            articles=self._articles,
            words=self._words,
            captures=self._captures,
            first_captured_at=min(self._captured, default=None),
            last_captured_at=max(self._captured, default=None),
            first_published_at=min(self._published, default=None),
            last_published_at=max(self._published, default=None),
            use=order.allow,
            unknown=order.unknown,
            selection=_told(order),
            profiles=tuple(key for key in profiles if key.split("/")[1] in sites),
            takedowns=tuple(sorted(_in_force(self._store))),
            gaps=_sum(gaps),
            damaged=tuple(self._damaged[:_DAMAGED_SHOWN]),
            software=f"Warraq/{__version__}",
            sites=self._most("sites"),
            languages=self._most("languages"),
            access=self._most("access"),
            parser_versions=self._most("parser_versions"),
            rules_versions=self._most("rules_versions"),
            flags=self._most("flags"),
            rights=self._most("rights"),
            use_answers=self._most("use_answers"),
            use_signals=self._most("use_signals"),
        )

    def _most(self, name: str) -> dict[str, int]:
        """Return the counts of `name`, those of rare values together: a datasheet is read."""
        ordered = sorted(self._counts[name].items(), key=lambda one: (-one[1], one[0]))
        rest = sum(number for _, number in ordered[_MOST_VALUES:])
        return dict(sorted(ordered[:_MOST_VALUES])) | ({"(others)": rest} if rest else {})


def _ends(known: list[str], value: str) -> list[str]:
    """Return the least and the greatest of `known` and `value`."""
    return [min([*known, value]), max([*known, value])]


def _told(order: DatasetOrder) -> dict[str, Any]:
    """Return the selection as plain values, conditions only."""
    told = msgspec.to_builtins(order.selection, builtin_types=())
    found = {
        name: value for name, value in told.items() if value not in ([], (), None) and name not in ("since", "until")
    }
    for name in ("since", "until"):
        moment = getattr(order.selection, name)
        if moment is not None:
            found[name] = iso_utc(moment)
    return found | ({"search": order.search} if order.search else {}) | ({"unique": True} if order.unique else {})


def _in_force(store: Store) -> list[str]:
    """Return what tells of each decision in force, but for what it is about: that it no longer be shown is what was
    asked.
    """
    return [
        f"{one.at[:10]}: {'a site' if one.site else 'a page' if one.url else 'hosts'}, {one.reason}"
        for one in taken_down(store).entries
    ]


def _sum(gaps: Sequence[msgspec.Struct] | None) -> dict[str, int] | None:
    if gaps is None:
        return None
    total: Counter[str] = Counter()
    for row in gaps:
        total.update({name: value for name, value in msgspec.structs.asdict(row).items() if isinstance(value, int)})
    return dict(total)


def _write_gaps(path: Path, gaps: Sequence[msgspec.Struct]) -> None:
    with path.open("w", encoding="utf-8", newline="") as target:
        writer = csv_writer(target)
        for place, row in enumerate(gaps):
            fields = msgspec.structs.asdict(row)
            if not place:
                writer.writerow(fields)
            writer.writerow(fields.values())


def _write_sums(folder: Path) -> None:
    lines = []
    for path in sorted(folder.rglob("*"), key=lambda one: one.relative_to(folder).as_posix()):
        if path.is_file():
            with path.open("rb") as stream:
                lines.append(
                    f"{hashlib.file_digest(stream, 'sha256').hexdigest()}  {path.relative_to(folder).as_posix()}\n"
                )
    (folder / _SUMS).write_text("".join(lines), encoding="utf-8")


def _sync(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as written:
                os.fsync(written.fileno())
        else:
            fsync_folder(path)
    fsync_folder(folder)
