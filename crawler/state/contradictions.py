"""Where rows of the state speak against each other, as no run of ours leaves them."""

from __future__ import annotations

__all__ = ["Contradictions"]

from collections.abc import Iterator

from crawler.state.protocol import Part
from crawler.state.statements import contradictions as sql


class Contradictions(Part):
    """What only a fault of the disk, or somebody else, can have done."""

    def contradictions(self) -> Iterator[str]:
        """Yield what is wrong, one line each. Reads every row."""
        for row in self._db.all(sql.WITHOUT_RUN):
            yield f"{row['kind']}: {row['url']} is of the run {row['said']}, which is not there"
        for row in self._db.all(sql.ARTICLES_UNCAPTURED):
            yield f"articles: {row['url']} has an article of {row['said']}, and no capture"

    def without_article(self) -> Iterator[str]:
        """Yield the pages whose article is not known although their run is over, one line each.

        The articles of a run are known once they are in the store: those that wait for it are meant, too.
        """
        for row in self._db.all(sql.LEDGER_WITHOUT_ARTICLE):
            yield f"ledger: {row['url']} gave the article {row['said']}, which is not there"
