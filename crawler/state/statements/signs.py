"""What alarms are raised on: each reads along an index."""

# ruff: noqa: S608 - what the statements are composed of are constants

from __future__ import annotations

__all__ = [
    "SIGNS_ARTICLES",
    "SIGNS_CHANNEL_KNOWN",
    "SIGNS_CHANNEL_READ",
    "SIGNS_CHANNEL_TRIED",
    "SIGNS_CHANNEL_YIELD",
    "SIGNS_FIRST_ARTICLE",
    "SIGNS_LAST_END",
    "SIGNS_OUTCOMES",
    "SIGNS_QUEUED",
    "SIGNS_VOLUME",
]

from crawler.state.statements.columns import ARTICLE_ROLES

SIGNS_ARTICLES = """
    SELECT captured_at, word_count FROM articles WHERE site = :site ORDER BY captured_at DESC LIMIT :limit
"""
SIGNS_FIRST_ARTICLE = "SELECT MIN(captured_at) AS captured_at FROM articles WHERE site = :site"
SIGNS_VOLUME = """
    SELECT COUNT(*) AS articles FROM articles WHERE site = :site AND captured_at >= :since AND captured_at < :until
"""
SIGNS_QUEUED = "SELECT 1 FROM runs WHERE queued_at >= :since AND queued_at < :until LIMIT 1"
SIGNS_OUTCOMES = f"""
    SELECT outcome, CASE WHEN outcome = 'redirected' THEN '' ELSE COALESCE(reason, '') END AS why, COUNT(*) AS urls
    FROM ledger WHERE site = :site AND first_seen_at >= :since AND first_seen_at < :until AND {ARTICLE_ROLES}
    GROUP BY 1, 2
"""
SIGNS_CHANNEL_READ = """
    SELECT at FROM events
    WHERE url = :url AND outcome IN ('captured', 'not_modified', 'duplicate', 'redirected') ORDER BY id DESC LIMIT 1
"""
SIGNS_CHANNEL_TRIED = """
    SELECT COUNT(DISTINCT run) AS runs FROM events
    WHERE url = :url AND outcome IN ('failed', 'lost', 'disallowed', 'walled')
"""
SIGNS_CHANNEL_YIELD = """
    SELECT via, COUNT(*) AS announced, SUM(CASE WHEN outcome = 'parsed' THEN 1 ELSE 0 END) AS parsed
    FROM ledger WHERE site = :site AND via IS NOT NULL GROUP BY via
"""
SIGNS_CHANNEL_KNOWN = "SELECT first_seen_at, outcome, reason FROM ledger WHERE url = :url"
# Of the latest queued ones: the whole table would be too much to ask every minute.
SIGNS_LAST_END = """
    SELECT MAX(finished_at) AS finished_at FROM (
        SELECT finished_at FROM runs ORDER BY queued_at DESC LIMIT 5000
    ) AS latest
"""
