"""What this machine remembers: runs, the URL ledger, archive addresses, schedules. Can be rebuilt from the store."""

from __future__ import annotations

__all__ = [
    "DATABASE",
    "MAX_ATTEMPTS",
    "MAX_FAILURES",
    "AlarmRow",
    "ArticleFilter",
    "ArticleRow",
    "CaptureRow",
    "DayCount",
    "Event",
    "Fire",
    "FirePolicy",
    "Hour",
    "Listing",
    "Notice",
    "ReceiptRow",
    "Recovered",
    "RobotsRow",
    "Severity",
    "State",
    "alive",
    "new_run",
    "owner",
]

from crawler.state.browse import ArticleFilter, DayCount, Hour, Listing
from crawler.state.ledger import MAX_FAILURES
from crawler.state.owner import alive, owner
from crawler.state.records import (
    AlarmRow,
    ArticleRow,
    CaptureRow,
    Event,
    Fire,
    FirePolicy,
    Notice,
    ReceiptRow,
    Recovered,
    RobotsRow,
    Severity,
)
from crawler.state.runs import MAX_ATTEMPTS, new_run
from crawler.state.state import DATABASE, State
