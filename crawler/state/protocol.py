"""What the state needs of where it is kept, so that its parts know nothing of a particular database.

`crawler.state.sqlite` is one, in a file or in memory. Whoever writes another makes `Database` over its connections, and
passes the tests of tests/state with it: the statements are ones that PostgreSQL reads, too.
"""

from __future__ import annotations

__all__ = ["Database", "Parameters", "Part", "Row"]

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from crawler.clock import Clock, iso_utc

Parameters = Mapping[str, object]
"""The values of a statement's ``:named`` parameters."""

Row = Any
"""A row of an answer: its values by column name (``row["url"]``, ``dict(row)``)."""


class Database(Protocol):
    """A connection, safe to use from several threads. What fails there comes out as StateError."""

    @property
    def name(self) -> str:
        """What messages call it; without credentials."""

    def transaction(self) -> AbstractContextManager[None]:
        """Group writes into one commit, nobody else's between them; nested ones join the outermost. Never await
        inside.
        """

    def run(self, sql: str, parameters: Parameters | None = None) -> int:
        """Execute one writing statement; return how many rows it touched."""

    def run_many(self, sql: str, parameters: Iterable[Parameters]) -> None:
        """Execute one writing statement for each of `parameters`."""

    def returning(self, sql: str, parameters: Parameters | None = None) -> list[Row]:
        """Execute one writing statement with RETURNING; return the rows it touched."""

    def at_once(self, sql: str, parameters: Parameters) -> list[Row]:
        """Execute one writing statement with RETURNING, committed by itself and before what is to be written soon."""

    def soon(self, *statements: tuple[str, Parameters]) -> bool:
        """Execute writing statements shortly, together with others, if an event loop runs here; tell whether.

        False: nothing was done, execute them now. Those with the same text keep their order. Only for what can be made
        again from the archive if the process is killed meanwhile; only what needs it reads with `fresh` unset.
        """

    def all(self, sql: str, parameters: Parameters | None = None, *, fresh: bool = True) -> list[Row]:
        """Return the rows of a query. Not `fresh`: what is still to be written soon is left out."""

    def one(self, sql: str, parameters: Parameters | None = None, *, fresh: bool = True) -> Row | None:
        """Return the first row of a query, None if there is none; see `all`."""

    def flush(self) -> None:
        """Commit what was to be written soon. Raises StateError; then it is kept and tried again."""

    def check(self) -> None:
        """Read everything; raises StateDamaged if any of it is damaged or missing."""

    def foreign(self) -> list[str]:
        """Return what lies in it that this program did not make: tables, indexes, views, triggers."""

    def back_up(self, target: Path) -> None:
        """Copy everything committed so far to the new file `target`, while others go on writing. Raises StateError."""

    def close(self) -> None:
        """Close the connection; what was written stays."""


class Part:
    """What the parts of the state share: the connection and the time."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._db = database
        self._clock = clock

    def _now(self) -> str:
        return iso_utc(self._clock.now())
