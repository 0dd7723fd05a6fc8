"""From a parsed page to the run's staging and the ledger: live, recovered and rebuilt pages all end here."""

from __future__ import annotations

__all__ = ["emit"]

from collections.abc import Callable

from crawler.model.capture import Capture
from crawler.run.live.frontier import LedgerFrontier
from crawler.run.parsing.page_task import TaskResult


def emit(result: TaskResult, capture: Capture, *, frontier: LedgerFrontier, stage: Callable[[bytes], None]) -> None:
    """Stage the article of `result` unless it is known already, from this address or another, and settle its URL.

    It is staged before the ledger says so: a process that is killed in between does it again.
    """
    url = capture.url
    if result.article_id is None:
        frontier.settle(url, result.outcome, result.reason, capture)
        return
    placing = frontier.place(url, result)
    if placing.is_new:
        stage(result.line)
        frontier.settle(url, "parsed", None, capture, article_id=result.article_id)
    else:
        frontier.settle(url, "duplicate", placing.reason, capture, article_id=result.article_id, page=placing.page)
