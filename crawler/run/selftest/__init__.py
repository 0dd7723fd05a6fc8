"""Proof that what is done to an archive is found: corruptions planted into a copy, each to be named by plain
`verify`.
"""

from __future__ import annotations

__all__ = ["CORRUPTIONS", "Corruption", "TrialOutcome", "copy_sample", "make_sample", "run_trial"]

from crawler.run.selftest import articles, indexes, members, others, records, rows
from crawler.run.selftest.corruption import Corruption
from crawler.run.selftest.sample import copy_sample, make_sample
from crawler.run.selftest.trial import TrialOutcome, run_trial

CORRUPTIONS = (
    *records.CORRUPTIONS,
    *members.CORRUPTIONS,
    *indexes.CORRUPTIONS,
    *articles.CORRUPTIONS,
    *rows.CORRUPTIONS,
    *others.CORRUPTIONS,
)
"""All that is tried, in the order of docs/trust.md."""
