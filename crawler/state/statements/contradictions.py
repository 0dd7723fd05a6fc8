"""Rows that speak against each other: each statement gives what is named of one kind of them."""

# ruff: noqa: S608 - what the statements are composed of are constants

from __future__ import annotations

__all__ = [
    "ARTICLES_UNCAPTURED",
    "EVENTS_ELSEWHERE",
    "LEDGER_WITHOUT_ARTICLE",
    "OF_ANOTHER_SITE",
    "RECEIPTS_TWICE",
    "STRANGE",
    "WITHOUT_RUN",
]

from typing import get_args

from crawler.model.capture import CaptureKind, Role
from crawler.model.run import Outcome, RunState
from crawler.state.statements.columns import ARTICLE_ROLES, one_of

_OF_A_RUN = (("captures", "url"), ("articles", "url"), ("ledger", "url"), ("events", "url"))
WITHOUT_RUN = " UNION ALL ".join(
    f"SELECT '{table}' AS kind, {name} AS url, run AS said FROM {table}"
    f" WHERE NOT EXISTS (SELECT 1 FROM runs WHERE runs.id = {table}.run)"
    for table, name in _OF_A_RUN
)
_WORDS = (
    ("runs", "id", "state", RunState),
    ("ledger", "url", "outcome", Outcome),
    ("ledger", "url", "role", Role),
    ("events", "url", "outcome", Outcome),
    ("captures", "url", "kind", CaptureKind),
    ("captures", "url", "role", Role),
)
STRANGE = " UNION ALL ".join(
    f"SELECT '{table}' AS kind, {name} AS which, '{word}' AS field, {word} AS said FROM {table}"
    f" WHERE {word} NOT IN {one_of(get_args(words))}"
    for table, name, word, words in _WORDS
)
OF_ANOTHER_SITE = """
    SELECT DISTINCT runs.id AS run, runs.site AS site, captures.site AS said FROM captures
    JOIN runs ON runs.id = captures.run WHERE runs.site <> captures.site
"""
EVENTS_ELSEWHERE = """
    SELECT url, warc, warc_offset FROM events WHERE warc IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM captures WHERE captures.warc = events.warc AND captures.warc_offset = events.warc_offset
    )
"""
RECEIPTS_TWICE = "SELECT key, COUNT(*) AS times FROM receipts GROUP BY key HAVING COUNT(*) > 1"
ARTICLES_UNCAPTURED = """
    SELECT url, captured_at AS said FROM articles WHERE NOT EXISTS (
        SELECT 1 FROM captures WHERE captures.url = articles.url AND captures.captured_at = articles.captured_at
    )
"""
LEDGER_WITHOUT_ARTICLE = f"""
    SELECT url, article_id AS said FROM ledger
    WHERE article_id IS NOT NULL AND outcome = 'parsed' AND {ARTICLE_ROLES}
        AND NOT EXISTS (SELECT 1 FROM articles WHERE articles.article_id = ledger.article_id)
        AND NOT EXISTS (SELECT 1 FROM runs WHERE runs.id = ledger.run AND runs.finished_at IS NULL)
"""
