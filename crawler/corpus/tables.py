"""The Parquet files of a catalogue, written by DuckDB month by month: what was there, what is new, in one order.

The same rows give the same bytes, whatever the number of threads.
"""

from __future__ import annotations

__all__ = ["SETTINGS", "TABLE_NAMES", "Gathered", "TableName", "Tables", "catalogue_files", "duckdb_says", "quoted"]

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory, gettempdir
from typing import BinaryIO, ClassVar, Literal

import msgspec

from crawler.archive.catalogued import put_catalogued
from crawler.archive.folders import CATALOGUE
from crawler.archive.store import Store, StoredObject
from crawler.corpus.extra import duckdb_module
from crawler.corpus.rows import ARTICLE_FIELDS, CAPTURE_FIELDS, month_of
from crawler.corpus.store_files import ObjectPlaces, places_of
from crawler.errors import StoreError

TableName = Literal["captures", "articles"]
TABLE_NAMES: tuple[TableName, ...] = ("articles", "captures")
"""In the order in which a month's are written: captures tell of their articles."""

SETTINGS = (
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET TimeZone = 'UTC'",
    f"SET temp_directory = '{gettempdir()}/warraq-duckdb'",
)
"""Of every connection: nothing is fetched from anywhere, and what does not fit into memory goes where such things
go."""

_ROW_GROUP = 122_880
_ENCODER = msgspec.json.Encoder()


def catalogue_files(store: Store, kind: TableName) -> list[StoredObject]:
    """Return the catalogue's files of `kind`, month by month. Raises StoreError."""
    return [stored for stored in store.list(f"{CATALOGUE}{kind}/") if stored.key.endswith(".parquet")]


class Gathered:
    """Rows on their way into months, on disk as lines of JSON."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._streams: dict[tuple[str, str], BinaryIO] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Gathered:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def add(self, kind: TableName, row: msgspec.Struct) -> None:
        """Set `row` down."""
        place = (kind, month_of(row.fetch_time) or "")  # type: ignore[attr-defined]  # both kinds have it
        if place not in self._streams:
            self._streams[place] = self._stack.enter_context(self._path(*place).open("wb"))
        self._streams[place].write(_ENCODER.encode(row) + b"\n")

    def flush(self) -> None:
        """Let others read what was set down."""
        for stream in self._streams.values():
            stream.flush()

    def months(self, kind: TableName) -> set[str]:
        """Return the months that rows of `kind` lie in."""
        return {month for of, month in self._streams if of == kind}

    def file(self, kind: TableName, month: str) -> Path | None:
        """Return the lines of a month; None if there are none."""
        return self._path(kind, month) if (kind, month) in self._streams else None

    def _path(self, kind: str, month: str) -> Path:
        return self._folder / f"{kind}-{month}.jsonl"


class Tables:
    """The Parquet files of one store, written by DuckDB."""

    _ORDER: ClassVar = {
        "captures": "url_surtkey, fetch_time, warc_filename, warc_record_offset",
        "articles": "url_surtkey, fetch_time, articles_filename, articles_line",
    }
    _SOURCE: ClassVar = {"captures": "warc_filename", "articles": "articles_filename"}
    _COLUMNS: ClassVar = {"captures": CAPTURE_FIELDS, "articles": ARTICLE_FIELDS}

    def __init__(self, store: Store, *, forgiving: bool) -> None:
        """`forgiving`: nothing is taken over from a file that cannot be read; else it is an error."""
        self.forgiving = forgiving
        self._store = store
        self._places: ObjectPlaces = places_of(store)
        self._duckdb = duckdb_module()
        self._database = self._duckdb.connect(":memory:")
        for setting in (
            "autoinstall_known_extensions = false",
            "autoload_known_extensions = false",
            "TimeZone = 'UTC'",
        ):
            self._database.execute(f"SET {setting}")
        if self._places.files is not None:
            self._database.register_filesystem(self._places.files)
        self._months = {kind: self._listed(kind) for kind in TABLE_NAMES}

    def begin(self, present: Iterable[str]) -> None:
        """Take over nothing that is of a source not among `present`."""
        self._keep("present", present)
        self._keep("replaced", ())

    def replace(self, sources: Iterable[str]) -> None:
        """From now on, take over nothing that is of one of `sources`: their rows come anew."""
        self._keep("replaced", sources)

    def months(self, kind: TableName) -> set[str]:
        """Return the months that have a file of `kind`."""
        return set(self._months[kind])

    def write(self, kind: TableName, month: str, rows: Path | None, on_written: Callable[[str], object]) -> None:
        """Write the file of `month`: what is in it and taken over, and `rows`. Raises StoreError."""
        parts = []
        if rows is not None:
            typed = ", ".join(f"{name}: '{form}'" for name, form in self._COLUMNS[kind].items())
            parts.append(
                f"SELECT * FROM read_json({quoted(str(rows))}, format = 'newline_delimited', columns = {{{typed}}}, "
                "maximum_object_size = 268435456)"
            )
        if month in self._months[kind] and (kept := self._kept(kind, month)):
            parts.append(kept)
        if not parts:
            parts.append(
                f"SELECT {', '.join(f'NULL::{form} AS {name}' for name, form in self._COLUMNS[kind].items())} WHERE "
                "false"
            )
        query = " UNION ALL ".join(parts)
        if kind == "captures":
            query = self._with_articles(query, month)
        with TemporaryDirectory(prefix="warraq-") as folder:
            ordered, made = Path(folder) / "ordered.parquet", Path(folder) / f"{month}.parquet"
            self._run(
                f"COPY (SELECT * FROM ({query}) ORDER BY {self._ORDER[kind]}) TO {quoted(str(ordered))} (FORMAT "
                "parquet)"
            )
            # once more: how pages are encoded tells where their rows came from, unless they come from one file
            self._run(
                f"COPY (SELECT * FROM read_parquet({quoted(str(ordered))})) TO {quoted(str(made))} "
                f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROW_GROUP})"
            )
            put_catalogued(self._store, f"{CATALOGUE}{kind}/{month}.parquet", made)
        self._places.forget()
        self._months[kind].add(month)
        on_written(month)

    def _kept(self, kind: TableName, month: str) -> str:
        """Return the query of what is taken over; of a file that cannot be read, nothing."""
        source = self._SOURCE[kind]
        query = (
            f"SELECT {', '.join(self._COLUMNS[kind])} FROM read_parquet({quoted(self._path(kind, month))}) WHERE "
            f"{source} IN (SELECT key FROM present) AND {source} NOT IN (SELECT key FROM replaced)"
        )
        try:
            self._database.execute(f"SELECT count(*) FROM ({query})")
        except self._duckdb.Error as error:
            if self.forgiving:
                return ""
            raise StoreError(
                f"{self._store.url}: {CATALOGUE}{kind}/{month}.parquet cannot be read: {duckdb_says(error)}",
                next_step="`warraq catalogue --rebuild` makes it anew",
            ) from error
        return query

    def _with_articles(self, captures: str, month: str) -> str:
        """Return the query `captures` with what their articles tell of them; those of a month have theirs in it,
        too.
        """
        if month not in self._months["articles"]:
            return (
                "SELECT *, NULL::VARCHAR AS content_languages, NULL::VARCHAR AS article_id, false AS has_article "
                f"FROM ({captures})"
            )
        first = "(articles_filename, articles_line)"
        return f"""
            SELECT c.*, a.language AS content_languages, a.id AS article_id, a.id IS NOT NULL AS has_article
            FROM ({captures}) c
            LEFT JOIN (
                SELECT warc_name, warc_record_offset, arg_min(language, {first}) AS language, arg_min(id, {first}) AS id
                FROM read_parquet({quoted(self._path("articles", month))}) WHERE warc_name IS NOT NULL GROUP BY ALL
            ) a ON a.warc_name = parse_filename(c.warc_filename) AND a.warc_record_offset = c.warc_record_offset
        """

    def _keep(self, table: str, keys: Iterable[str]) -> None:
        with NamedTemporaryFile(prefix="warraq-", suffix=".jsonl") as listed:
            listed.writelines(_ENCODER.encode({"key": key}) + b"\n" for key in keys)
            listed.flush()
            self._run(
                f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT key FROM "
                f"read_json({quoted(listed.name)}, format = 'newline_delimited', columns = {{key: 'VARCHAR'}})"
            )

    def _run(self, statement: str) -> None:
        try:
            self._database.execute(statement)
        except self._duckdb.Error as error:
            raise StoreError(f"{self._store.url}: the catalogue cannot be written: {duckdb_says(error)}") from error

    def _listed(self, kind: TableName) -> set[str]:
        return {one.key.rpartition("/")[2].removesuffix(".parquet") for one in catalogue_files(self._store, kind)}

    def _path(self, kind: TableName, month: str) -> str:
        return self._places.of(f"{CATALOGUE}{kind}/{month}.parquet")


def duckdb_says(error: Exception) -> str:
    """Return what DuckDB says is wrong, without where in the statement."""
    return str(error).partition("\n")[0]


def quoted(text: str) -> str:
    """Return `text` as SQL has it."""
    return "'" + text.replace("'", "''") + "'"
