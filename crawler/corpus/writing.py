"""Articles as files for others: JSON Lines (plain, gzip, Zstandard), CSV, Parquet or a tree of texts; whole, or in
parts.

The same articles in the same order give the same bytes. Memory is flat: a file is written as articles come.
"""

from __future__ import annotations

__all__ = ["BY", "COLUMNS", "FORMS", "Form", "WrittenPart", "form_of", "part_of", "write_articles"]

import gzip
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, Literal, NamedTuple, Protocol, TextIO

import msgspec

from crawler.archive.articles.layout import ARTICLES_JSONL
from crawler.archive.folders import ARTICLES
from crawler.corpus.extra import duckdb_module
from crawler.corpus.reading import PlacedArticle
from crawler.corpus.results import cell, csv_writer
from crawler.corpus.tables import SETTINGS, quoted
from crawler.errors import ArchiveError, UsageError
from crawler.model.article import ArticleRecord

Form = Literal["jsonl", "jsonl.gz", "jsonl.zst", "csv", "parquet", "text"]
FORMS: tuple[Form, ...] = ("jsonl", "jsonl.gz", "jsonl.zst", "csv", "parquet", "text")
By = Literal["site", "month", "language"]
BY: tuple[By, ...] = ("site", "month", "language")

_ENCODER = msgspec.json.Encoder()
_LEVEL = 6
_ZSTD_LEVEL = 9
_MOST_OPEN = 200
COLUMNS = {
    "id": "VARCHAR",
    "url": "VARCHAR",
    "canonical_url": "VARCHAR",
    "site": "VARCHAR",
    "title": "VARCHAR",
    "labels": "VARCHAR[]",
    "authors": "VARCHAR[]",
    "published_at": "VARCHAR",
    "modified_at": "VARCHAR",
    "date_candidates": "STRUCT(value VARCHAR, source VARCHAR)[]",
    "language": "VARCHAR",
    "direction": "VARCHAR",
    "site_name": "VARCHAR",
    "description": "VARCHAR",
    "keywords": "VARCHAR[]",
    "image": "VARCHAR",
    "images": "STRUCT(url VARCHAR, caption VARCHAR, alt VARCHAR)[]",
    "blocks": 'STRUCT(kind VARCHAR, "level" INTEGER, "text" VARCHAR)[]',
    "body": "VARCHAR",
    "tail": "VARCHAR",
    "text": "VARCHAR",
    "word_count": "INTEGER",
    "access": "VARCHAR",
    "access_evidence": "VARCHAR[]",
    "rights": "STRUCT(source VARCHAR, value VARCHAR)[]",
    "flags": "VARCHAR[]",
    "charset": "VARCHAR",
    "captured_at": "VARCHAR",
    "status": "INTEGER",
    "capture": 'STRUCT(warc VARCHAR, "offset" BIGINT, length BIGINT, record_id VARCHAR, payload_sha256 VARCHAR)',
    "run": "VARCHAR",
    "parser_version": "VARCHAR",
    "rules_version": "VARCHAR",
    "fingerprint": "VARCHAR",
    "revision_of": "STRUCT(id VARCHAR, captured_at VARCHAR)",
}
"""Of a Parquet file: the fields of a record, in its order."""
assert tuple(COLUMNS) == ArticleRecord.__struct_fields__


class WrittenPart(NamedTuple):
    """One file, or one tree, that was written."""

    path: Path
    """Below the folder that was given."""
    articles: int


class _Sink(Protocol):
    def add(self, found: PlacedArticle) -> None: ...


def form_of(path: Path, *, default: Form | None = None) -> Form:
    """Return the form that the name of `path` tells. Raises UsageError if it tells none."""
    name = path.name.lower()
    found: Form | None = next((form for form in FORMS if name.endswith(f".{form}")), default)
    if found is None:
        raise UsageError(f"{path}: the suffix names no form", next_step=f"add --format {'|'.join(FORMS)}")
    return found


def part_of(article: ArticleRecord, by: By | None) -> str:
    """Return the name of the part to which `article` belongs; empty: there is but one."""
    if by is None:
        return ""
    value = {"site": article.site, "month": article.captured_at[:7], "language": article.language}[by]
    safe = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in value or "unknown").lstrip(".")
    return f"{by}={safe or 'unknown'}"


def write_articles(
    articles: Iterable[PlacedArticle], folder: Path, stem: str, form: Form, *, by: By | None = None
) -> list[WrittenPart]:
    """Write `articles` below `folder` (which is there): ``STEM.FORM``, or one such file in a folder for each part.

    Returns the parts, sorted. Raises UsageError if the form needs what is not installed, ArchiveError if a disk is
    full.
    """
    counts: dict[str, int] = {}
    try:
        with _Parts(folder, stem, form) as parts:
            for found in articles:
                part = part_of(found.article, by)
                parts.of(part).add(found)
                counts[part] = counts.get(part, 0) + 1
            if not counts and by is None:
                parts.of("")
                counts[""] = 0
    except OSError as error:
        raise ArchiveError(f"{folder}: {error.strerror}", next_step="make room and try again") from error
    name = stem if form == "text" else f"{stem}.{form}"
    return [WrittenPart(Path(part) / name, count) for part, count in sorted(counts.items())]


class _Parts:
    """The files being written; only so many are open, and of sites, which come one after the other, any number may
    be.
    """

    def __init__(self, folder: Path, stem: str, form: Form) -> None:
        self._place = (folder, stem, form)
        self._open: dict[str, tuple[_Sink, ExitStack]] = {}
        self._closed: set[str] = set()

    def __enter__(self) -> _Parts:
        return self

    def __exit__(self, *_raised: object) -> None:
        with ExitStack() as stack:
            for _, own in self._open.values():
                stack.push(own)

    def of(self, part: str) -> _Sink:
        """Return the file of `part`. Raises UsageError if too many are written at once."""
        if part not in self._open:
            if part in self._closed:
                raise UsageError(f"more than {_MOST_OPEN} parts are written at once", next_step="choose another --by")
            if len(self._open) >= _MOST_OPEN:
                oldest = next(iter(self._open))
                self._open.pop(oldest)[1].close()
                self._closed.add(oldest)
            own = ExitStack()
            folder, stem, form = self._place
            self._open[part] = (own.enter_context(_opened(folder / part, stem, form)), own)
        return self._open[part][0]


def _opened(folder: Path, stem: str, form: Form) -> AbstractContextManager[_Sink]:
    folder.mkdir(parents=True, exist_ok=True)
    makers: dict[Form, Callable[[Path], AbstractContextManager[_Sink]]] = {
        "jsonl": _lines, "jsonl.gz": _gzip_lines, "jsonl.zst": _zstd_lines, "csv": _table, "parquet": _parquet,
        "text": _texts,
    }  # fmt: skip
    return makers[form](folder / (stem if form == "text" else f"{stem}.{form}"))


class _Lines:
    def __init__(self, target: Any) -> None:
        self._target = target

    def add(self, found: PlacedArticle) -> None:
        self._target.write(_ENCODER.encode(found.article) + b"\n")


@contextmanager
def _lines(path: Path) -> Iterator[_Lines]:
    with path.open("wb") as target:
        yield _Lines(target)


@contextmanager
def _gzip_lines(path: Path) -> Iterator[_Lines]:
    with path.open("wb") as target, _deterministic(target) as packed:
        yield _Lines(packed)


def _deterministic(target: BinaryIO) -> gzip.GzipFile:
    """Return a gzip file without name or moment in it."""
    return gzip.GzipFile(filename="", mode="wb", compresslevel=_LEVEL, fileobj=target, mtime=0)


@contextmanager
def _zstd_lines(path: Path) -> Iterator[_Lines]:
    try:
        zstandard: Any = import_module("zstandard")
    except ModuleNotFoundError as error:
        raise UsageError(
            "this needs zstandard, which is not installed",
            next_step="pip install '.[zstd]' in the source tree, or choose jsonl.gz",
        ) from error
    with path.open("wb") as target, zstandard.ZstdCompressor(level=_ZSTD_LEVEL).stream_writer(target) as packed:
        yield _Lines(packed)


class _Table:
    def __init__(self, target: TextIO) -> None:
        self._writer = csv_writer(target)
        self._writer.writerow(ArticleRecord.__struct_fields__)

    def add(self, found: PlacedArticle) -> None:
        fields = msgspec.to_builtins(found.article)
        self._writer.writerow(["" if value is None else cell(value) for value in fields.values()])


@contextmanager
def _table(path: Path) -> Iterator[_Table]:
    with path.open("w", encoding="utf-8", newline="") as target:
        yield _Table(target)


@contextmanager
def _parquet(path: Path) -> Iterator[_Lines]:
    duckdb = duckdb_module()
    with TemporaryDirectory(prefix="warraq-") as folder:
        lines = Path(folder) / ARTICLES_JSONL
        with lines.open("wb") as target:
            yield _Lines(target)
        typed = ", ".join(f"{quoted(name)}: {quoted(form)}" for name, form in COLUMNS.items())
        with duckdb.connect(":memory:") as database:
            for setting in (*SETTINGS, "SET threads = 1"):
                database.execute(setting)
            database.execute(
                f"COPY (SELECT * FROM read_json({quoted(str(lines))}, format = 'newline_delimited', "
                f"columns = {{{typed}}}, maximum_object_size = 268435456)) TO {quoted(str(path))} "
                "(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 10000)"
            )


class _Texts:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, found: PlacedArticle) -> None:
        key = found.batch.text(found.number, found.article.id).removeprefix(ARTICLES)
        path = self._folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(found.article.text.encode())


@contextmanager
def _texts(path: Path) -> Iterator[_Texts]:
    path.mkdir(parents=True, exist_ok=True)
    yield _Texts(path)
