"""The local state, as one object over one database file."""

from __future__ import annotations

__all__ = ["DATABASE", "State"]

from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType

from crawler.clock import Clock
from crawler.state.alarms import Alarms
from crawler.state.browse import Browse
from crawler.state.captures import Captures
from crawler.state.database import Database
from crawler.state.ledger import Ledger
from crawler.state.pruning import Pruning
from crawler.state.runs import Runs
from crawler.state.signs import Signs
from crawler.state.sites import Sites
from crawler.state.tallies import Tallies

DATABASE = "warraq.db"
"""Its name within the state folder."""


class State(Runs, Ledger, Captures, Sites, Browse, Tallies, Alarms, Signs, Pruning):
    """Runs, URL ledger, archive addresses and schedules; may be open in several processes and threads at once.

    Every write is committed when its method returns, unless it happens within `transaction`; `settle` and
    `add_capture` are committed within a tenth of a second, or before anything else is read or written here.
    """

    @classmethod
    def open(cls, path: Path, *, clock: Clock) -> State:
        """Return the state kept in the file `path`, which is made if missing and migrated if older.

        Raises StateError if it is damaged, not ours, of a newer version, or cannot be written.
        """
        database = Database(path)
        database.open(clock)
        return cls(database, clock)

    @classmethod
    def open_to_read(cls, path: Path, *, clock: Clock) -> State:
        """Return the same for reading only: also where nothing can be written. Raises StateError."""
        database = Database(path)
        database.open_to_read(clock)
        return cls(database, clock)

    def __enter__(self) -> State:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def path(self) -> Path:
        """The database file."""
        return self._db.path

    def transaction(self) -> AbstractContextManager[None]:
        """Group many writes into one commit: all or none of them happen. Never await inside."""
        return self._db.transaction()

    def check(self) -> None:
        """Read the whole file; raises StateError if any part is damaged. Takes about a second per gigabyte."""
        self._db.check()

    def back_up(self, target: Path) -> None:
        """Copy everything committed so far to the new file `target`, while others go on writing. Raises StateError."""
        self._db.back_up(target)

    def close(self) -> None:
        """Close the file; what was committed stays."""
        self._db.close()
