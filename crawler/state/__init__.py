"""What this machine remembers: runs, the URL ledger, archive addresses, schedules. Can be rebuilt from the store."""

from __future__ import annotations

__all__ = [
    "MAX_ATTEMPTS",
    "AlarmRow",
    "Answered",
    "ArticleFilter",
    "ArticleRow",
    "CaptureRow",
    "Checked",
    "CoverageCount",
    "DayCount",
    "Due",
    "Edit",
    "EditCounts",
    "Event",
    "Fire",
    "FirePolicy",
    "Following",
    "Gap",
    "Hour",
    "KeptRhythm",
    "Known",
    "ListPiece",
    "ManifestRow",
    "Notice",
    "PatternRow",
    "ReceiptRow",
    "Recovered",
    "RobotsRow",
    "Severity",
    "SketchRow",
    "State",
    "Told",
    "Unanswered",
    "is_sound",
    "keep_lease",
    "memory_state",
    "new_run",
    "open_state",
    "owner",
    "read_state",
    "replaced_state",
    "set_aside",
]

from crawler.state.asked import Answered, Unanswered
from crawler.state.browse import ArticleFilter, DayCount, Hour, ListPiece
from crawler.state.channels import Checked
from crawler.state.coverage import CoverageCount, Edit
from crawler.state.opening import (
    is_sound,
    memory_state,
    open_state,
    read_state,
    replaced_state,
    set_aside,
)
from crawler.state.owner import owner
from crawler.state.owners import keep_lease
from crawler.state.records import (
    AlarmRow,
    ArticleRow,
    CaptureRow,
    Due,
    EditCounts,
    Event,
    Fire,
    FirePolicy,
    Following,
    Known,
    ManifestRow,
    Notice,
    ReceiptRow,
    Recovered,
    RobotsRow,
    Severity,
    Told,
)
from crawler.state.rhythms import Gap, KeptRhythm
from crawler.state.runs import MAX_ATTEMPTS, new_run
from crawler.state.state import State
from crawler.state.syndication import SketchRow
from crawler.state.yields import PatternRow
