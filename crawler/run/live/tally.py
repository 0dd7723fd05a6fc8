"""What became of the URLs of one run so far, counted in memory: for telling, while the ledger has the last word."""

from __future__ import annotations

__all__ = ["RunTally"]

from collections import Counter
from collections.abc import Iterable

from crawler.model.run import Outcome


class RunTally:
    """The current outcome of each URL that this run was handed or settled."""

    def __init__(self) -> None:
        self.changes = 0
        """How often anything changed."""
        self._outcomes: dict[str, Outcome] = {}
        self._counts: Counter[Outcome] = Counter()

    def note(self, urls: Iterable[str], outcome: Outcome) -> None:
        """Take note that `urls` are at `outcome` now."""
        for url in urls:
            before = self._outcomes.get(url)
            if before is not None:
                self._counts[before] -= 1
            self._outcomes[url] = outcome
            self._counts[outcome] += 1
            self.changes += 1

    @property
    def counts(self) -> dict[Outcome, int]:
        """How many URLs there are at each outcome."""
        return {outcome: count for outcome, count in self._counts.items() if count}
