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
        for row in self._db.all(sql.EVENTS_ELSEWHERE):
            yield f"events: {row['url']} was captured in {row['warc']} at byte {row['warc_offset']}, where nothing is"
        for row in self._db.all(sql.OF_ANOTHER_SITE):
            yield f"runs: {row['run']} is of the site {row['site']}, and captured pages of {row['said']}"
        for row in self._db.all(sql.RECEIPTS_TWICE):
            yield f"receipts: {row['key']} was shipped {row['times']} times"
        for row in self._db.all(sql.RUNS_HALF_ENDED):
            yield f"runs: {row['run']} is {row['state']}, and its end is {row['finished_at'] or 'not told'}"
        yield from self._ledger()

    def _ledger(self) -> Iterator[str]:
        """Yield what speaks against the history of the URLs, and against the runs."""
        for row in self._db.all(sql.LEDGER_OTHERWISE):
            yield f"ledger: {row['url']} is {row['outcome']}, the last that was told of it is {row['said']}"
        for row in self._db.all(sql.LEDGER_UNTOLD):
            yield f"ledger: {row['url']} is {row['outcome']}, and nothing tells how it became so"
        for row in self._db.all(sql.OTHER_ARTICLE):
            yield f"ledger: {row['url']} has the article {row['article_id']}, and gave {row['said']}"
        for row in self._db.all(sql.EVENTS_UNKNOWN):
            yield f"events: what happened to {row['url']} is told, and the ledger does not have it"
        for row in self._db.all(sql.OF_NO_SITE):
            yield f"ledger: {row['url']} is of the site {row['site']}, which has no run"
        for row in self._db.all(sql.HELD_BY_NOBODY):
            yield f"ledger: {row['url']} is held by {row['said']}, which is no run under way"

    def strange_words(self) -> Iterator[str]:
        """Yield values that are none of those there are, one line each: rows with such cannot be read."""
        for row in self._db.all(sql.STRANGE):
            yield f"{row['kind']}: {row['which']} has the {row['field']} {row['said']}, which there is not"

    def without_article(self) -> Iterator[str]:
        """Yield the pages whose article is not known although their run is over, one line each.

        The articles of a run are known once they are in the store: those that wait for it are meant, too.
        """
        for row in self._db.all(sql.LEDGER_WITHOUT_ARTICLE):
            yield f"ledger: {row['url']} gave the article {row['said']}, which is not there"
