"""SQL over the catalogue of a store: read only, and shut off from everything else.

A query sees the catalogue's rows, but for what was taken down, and nothing besides: no other file, no network, no
extension. The views are made here, and told in docs/corpus.md.
"""

from __future__ import annotations

__all__ = ["VIEWS", "Result", "open_query"]

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from crawler.archive.folders import CATALOGUE
from crawler.archive.store import Store
from crawler.archive.takedowns import taken_down
from crawler.corpus.extra import duckdb_module
from crawler.corpus.rows import ARTICLE_FIELDS, CAPTURE_FIELDS
from crawler.corpus.store_files import ObjectPlaces, places_of
from crawler.corpus.tables import SETTINGS, TABLE_NAMES, TableName, catalogue_files, duckdb_says, quoted
from crawler.corpus.withheld import shown_condition
from crawler.errors import StoreError, UsageError
from crawler.model.takedown import TakenDown

_MORE_OF_CAPTURES = {"content_languages": "VARCHAR", "article_id": "VARCHAR", "has_article": "BOOLEAN"}
_FETCH = 2_000

VIEWS = {
    "latest": """
        SELECT * EXCLUDE (nth) FROM (
            SELECT *, row_number()
            OVER (PARTITION BY url ORDER BY fetch_time DESC, articles_filename, articles_line) AS nth
            FROM articles
        ) WHERE nth = 1
    """,
    "revisions": """
        SELECT url, id, site, fetch_time, title, word_count, revision_of, articles_filename, articles_line,
            row_number() OVER page AS revision, count(*) OVER (PARTITION BY url) AS revisions,
            lag(id) OVER page AS before_id
        FROM articles WINDOW page AS (PARTITION BY url ORDER BY fetch_time, articles_filename, articles_line)
        QUALIFY revisions > 1
    """,
    "coverage": """
        SELECT site, CAST(fetch_time AS DATE) AS day, count(*) AS captures,
            count(*) FILTER (fetch_status IN (200, 203) AND kind = 'response') AS ok,
            count(*) FILTER (kind = 'revisit') AS revisits,
            count(*) FILTER (fetch_status >= 400) AS errors,
            count(*) FILTER (role = 'article' AND fetch_status IN (200, 203)) AS pages,
            count(*) FILTER (has_article) AS articles, sum(warc_record_length) AS bytes,
            min(fetch_time) AS first_at, max(fetch_time) AS last_at
        FROM captures GROUP BY ALL
        UNION ALL BY NAME
        SELECT site, CAST(fetch_time AS DATE) AS day, count(*) AS articles, min(fetch_time) AS first_at,
            max(fetch_time) AS last_at
        FROM articles WHERE site NOT IN (SELECT site FROM captures WHERE site IS NOT NULL) GROUP BY ALL
    """,
    "rights": """
        SELECT site, url, id, fetch_time, signal.source AS source, signal.value AS value
        FROM (SELECT *, unnest(rights) AS signal FROM articles)
    """,
}
"""Besides ``captures`` and ``articles``."""

_DAMAGE = re.compile(r"\.parquet'.*(?:Parquet|magic bytes)|corrupt|(?:decompress|ZSTD).*(?:fail|error)", re.IGNORECASE)
_REBUILD = "`warraq catalogue --rebuild` makes it anew"
_READS = ("SELECT", "EXPLAIN")


class Result(NamedTuple):
    """What a query gives, as it comes."""

    columns: tuple[str, ...]
    rows: Iterator[tuple[Any, ...]]


class SqlQuery:
    """A connection that answers queries over one catalogue."""

    def __init__(self, connection: Any, errors: Any, places: ObjectPlaces, out: Path | None, *, months: int) -> None:
        self._places = places
        self.months = months
        """Files of the catalogue; 0: it holds nothing."""
        self._connection = connection
        self._duckdb = errors
        self._out = out

    def run(self, sql: str) -> Result:
        """Return what `sql`, one query, gives. Raises UsageError if it is none, or is wrong, in one line;
        StoreError.
        """
        self._check(sql)
        with self._translated():
            cursor = self._connection.execute(sql)
            names = tuple(column[0] for column in cursor.description or ())
        return Result(names, self._rows(cursor))

    def write_parquet(self, sql: str) -> int:
        """Write what `sql` gives to the file named at `open_query`; return how many rows. Raises UsageError."""
        self._check(sql)
        inner = sql.strip().rstrip(";")
        with self._translated():
            done = self._connection.execute(
                f"COPY (SELECT * FROM ({inner}\n)) TO {quoted(str(self._out))} (FORMAT parquet, COMPRESSION zstd, "
                "USE_TMP_FILE false)"
            ).fetchone()
        return int(done[0]) if done else 0

    def _rows(self, cursor: Any) -> Iterator[tuple[Any, ...]]:
        while True:
            with self._translated():
                rows: Sequence[tuple[Any, ...]] = cursor.fetchmany(_FETCH)
            if not rows:
                return
            yield from rows

    def _check(self, sql: str) -> None:
        with self._translated():
            statements = self._duckdb.extract_statements(sql)
        if len(statements) != 1:
            told = "there is no query" if not statements else f"there are {len(statements)} statements"
            raise UsageError(told, next_step="give one SELECT")
        kind = statements[0].type.name
        if kind not in _READS:
            raise UsageError(f"the catalogue is only read, and this is {kind}", next_step="give a SELECT")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except self._duckdb.InterruptException as error:
            raise KeyboardInterrupt from error
        except self._duckdb.Error as error:
            if (trouble := self._places.trouble()) is not None:
                raise trouble from error
            if _DAMAGE.search(str(error)):
                raise StoreError(_told(error), next_step=_REBUILD) from error
            step = "`warraq query --views` lists tables and columns"
            if isinstance(error, self._duckdb.PermissionException):
                step = "a query reaches nothing but the catalogue"
            raise UsageError(_told(error), next_step=step) from error
        except RuntimeError as error:
            if "interrupt" in str(error).lower():
                raise KeyboardInterrupt from error
            raise


@contextmanager
def open_query(store: Store, *, out: Path | None = None) -> Iterator[SqlQuery]:
    """Yield what answers queries over the catalogue of `store`; `out` is the one file that it may write.

    Raises UsageError if there is no catalogue, or DuckDB is not installed; StoreError.
    """
    duckdb = duckdb_module()
    files = {kind: [one.key for one in catalogue_files(store, kind)] for kind in TABLE_NAMES}
    if not any(files.values()):
        raise UsageError(f"{store.url} has no catalogue", next_step="`warraq catalogue` makes it")
    places, withheld = places_of(store), taken_down(store)
    connection = duckdb.connect(":memory:")
    try:
        for setting in SETTINGS:
            connection.execute(setting)
        if places.files is not None:
            connection.register_filesystem(places.files)
        _make_views(connection, files, places, withheld, store, duckdb.Error)
        spill = f"{tempfile.gettempdir()}/warraq-duckdb"
        connection.execute(f"SET allowed_directories = [{quoted(places.of(CATALOGUE))}, {quoted(spill)}]")
        if out is not None:
            connection.execute(f"SET allowed_paths = [{quoted(str(out))}]")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield SqlQuery(connection, duckdb, places, out, months=sum(map(len, files.values())))
    finally:
        connection.close()


def _make_views(
    connection: Any,
    files: dict[TableName, list[str]],
    places: ObjectPlaces,
    withheld: TakenDown,
    store: Store,
    error: Any,
) -> None:
    """Make the tables. Raises StoreError if a file of the catalogue cannot be read."""
    try:
        for kind, keys in files.items():
            rows = _source([places.of(key) for key in keys], kind)
            connection.execute(
                f"CREATE VIEW {kind} AS {rows} AND {shown_condition(withheld, canonical=kind == 'articles')}"
            )
        for name, query in VIEWS.items():
            connection.execute(f"CREATE VIEW {name} AS {query}")
    except error as damage:
        if (trouble := places.trouble()) is not None:
            raise trouble from damage
        raise StoreError(
            f"{store.url}: the catalogue cannot be read: {duckdb_says(damage)}", next_step=_REBUILD
        ) from damage


def _source(paths: Sequence[str], kind: TableName) -> str:
    if paths:
        return f"SELECT * FROM read_parquet([{', '.join(map(quoted, paths))}]) WHERE true"
    columns = {**CAPTURE_FIELDS, **_MORE_OF_CAPTURES} if kind == "captures" else ARTICLE_FIELDS
    return f"SELECT {', '.join(f'NULL::{form} AS {name}' for name, form in columns.items())} WHERE false"


def _told(error: Exception) -> str:
    """Return what is wrong in one line, with what DuckDB would have meant."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    meant = next((line for line in lines[1:] if line.startswith(("Did you mean", "Candidate"))), "")
    return f"{duckdb_says(error)} {meant}".strip()
