"""The state, as one object over one database."""

from __future__ import annotations

__all__ = ["State"]

from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType

from crawler.state.alarms import Alarms
from crawler.state.asked import Asked
from crawler.state.browse import Browse
from crawler.state.captures import Captures
from crawler.state.channels import Channels
from crawler.state.contradictions import Contradictions
from crawler.state.coverage import Coverage
from crawler.state.ledger import Ledger
from crawler.state.paces import Paces
from crawler.state.pruning import Pruning
from crawler.state.rhythms import Rhythms
from crawler.state.runs import Runs
from crawler.state.signs import Signs
from crawler.state.sites import Sites
from crawler.state.syndication import Syndication
from crawler.state.yields import Yields


class State(
    Runs,
    Ledger,
    Captures,
    Sites,
    Browse,
    Alarms,
    Signs,
    Coverage,
    Yields,
    Syndication,
    Paces,
    Asked,
    Rhythms,
    Channels,
    Contradictions,
    Pruning,
):
    """Runs, URL ledger, archive addresses and schedules; may be open in several processes and threads at once.

    `crawler.state.open_state` opens it. Every write is committed when its method returns, unless it happens within
    `transaction`; `settle` and `add_capture` are committed within a tenth of a second, or before anything else is read
    or written here.
    """

    def __enter__(self) -> State:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def name(self) -> str:
        """What messages call it: the database's file."""
        return self._db.name

    def transaction(self) -> AbstractContextManager[None]:
        """Group many writes into one commit: all or none of them happen. Never await inside."""
        return self._db.transaction()

    def check(self) -> None:
        """Read all of it; raises StateDamaged if any part is damaged. Takes about a second per gigabyte."""
        self._db.check()

    def foreign(self) -> list[str]:
        """Return what lies in it that this program did not make: tables, indexes, views, triggers."""
        return self._db.foreign()

    def back_up(self, target: Path) -> None:
        """Copy everything committed so far to the new file `target`, while others go on writing. Raises StateError."""
        self._db.back_up(target)

    def close(self) -> None:
        """Close it; what was committed stays."""
        self._db.close()
