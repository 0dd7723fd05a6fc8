"""The URL ledger and its history."""

# ruff: noqa: S608 - what the statements are composed of are constants

from __future__ import annotations

__all__ = [
    "ANNOUNCE",
    "COUNTS",
    "ENTRY",
    "FAILURES",
    "HISTORY",
    "HOLD",
    "KNOWN",
    "LET_GO",
    "PENDING",
    "QUEUE",
    "RECORD",
    "REMEMBER",
    "REMEMBERED_AT",
    "SETTLE",
    "TOLD",
    "UNPARSED",
    "VALIDATORS",
]

_ENTRY = "url, site, role, outcome, reason, via, source, title, published_at, first_seen_at, updated_at, run, attempts, article_id"

KNOWN = "SELECT url, outcome, attempts, held_by FROM ledger WHERE url IN ({urls})"
TOLD = "SELECT DISTINCT url, via FROM events WHERE outcome = 'announced' AND url IN ({urls})"
ANNOUNCE = """
    INSERT INTO ledger (url, site, role, outcome, via, source, title, published_at, modified_at,
        first_seen_at, updated_at, run, held_by)
    VALUES (:url, :site, :role, 'announced', :via, :source, :title, :published_at, :modified_at, :now, :now, :run, :run)
"""
HOLD = "UPDATE ledger SET held_by = :run, run = :run WHERE url = :url"
QUEUE = """
    INSERT INTO ledger (url, site, role, outcome, first_seen_at, updated_at, run, held_by)
    SELECT :url, runs.site, :role, 'queued', :now, :now, :run, :run FROM runs WHERE runs.id = :run
    ON CONFLICT (url) DO UPDATE SET outcome = 'queued', reason = NULL, updated_at = excluded.updated_at,
        run = excluded.run, held_by = excluded.held_by
"""
SETTLE = """
    INSERT INTO ledger (url, site, role, outcome, reason, first_seen_at, updated_at, run, attempts, article_id, held_by)
    SELECT :url, runs.site, COALESCE(:role, 'probe'), :outcome, :reason, :now, :now, :run, :failures, :article_id, :run
        FROM runs WHERE runs.id = :run
    ON CONFLICT (url) DO UPDATE SET outcome = excluded.outcome, reason = excluded.reason,
        updated_at = excluded.updated_at, run = excluded.run, held_by = excluded.held_by,
        role = COALESCE(:role, ledger.role),
        attempts = CASE WHEN :failures = 0 THEN 0 ELSE ledger.attempts + :failures END,
        article_id = COALESCE(excluded.article_id, ledger.article_id)
"""
RECORD = """
    INSERT INTO events (url, at, run, outcome, reason, source, via, article_id, warc, warc_offset, warc_length)
    VALUES (:url, :now, :run, :outcome, :reason, :source, :via, :article_id, :warc, :warc_offset, :warc_length)
"""
UNPARSED = """
    SELECT ledger.url, ledger.run FROM ledger JOIN runs ON runs.id = ledger.run
    WHERE ledger.outcome = 'captured' AND ledger.reason IS NULL AND ledger.role IN ('article', 'probe')
        AND runs.state <> 'running'
    ORDER BY ledger.run, ledger.url
"""
LET_GO = "UPDATE ledger SET held_by = NULL WHERE held_by = :run"
ENTRY = f"SELECT {_ENTRY} FROM ledger WHERE url = :url"
PENDING = """
    SELECT url, role, source, via, title, published_at, modified_at FROM ledger
    WHERE site = :site AND outcome IN ('announced', 'queued') AND held_by IS NULL
    ORDER BY first_seen_at, url
"""
# The last event of each URL within a run; an announcement counts only while nothing else has happened.
_LAST = "SELECT COALESCE(MAX(CASE WHEN outcome <> 'announced' THEN id END), MAX(id)) FROM events WHERE run = :run GROUP BY url"

COUNTS = f"""
    SELECT outcome, COUNT(*) AS urls FROM (
        SELECT outcome FROM ledger WHERE held_by = :run AND outcome IN ('announced', 'queued')
        UNION ALL
        SELECT outcome FROM events
        WHERE id IN ({_LAST}) AND (outcome <> 'announced' OR reason IS NULL) AND NOT EXISTS (
            SELECT 1 FROM ledger
            WHERE ledger.url = events.url AND ledger.held_by = :run AND ledger.outcome IN ('announced', 'queued')
        )
    ) AS current
    GROUP BY outcome
"""
FAILURES = f"""
    SELECT url, at, run, outcome, reason, source, via, article_id, warc, warc_offset, warc_length FROM events
    WHERE id IN ({_LAST}) AND outcome IN ('failed', 'lost')
    ORDER BY id
"""
HISTORY = """
    SELECT url, at, run, outcome, reason, source, via, article_id, warc, warc_offset, warc_length FROM events
    WHERE url = :url ORDER BY id
"""
VALIDATORS = "SELECT etag, last_modified FROM validators WHERE url = :url"
REMEMBER = """
    INSERT INTO validators (url, etag, last_modified, updated_at) VALUES (:url, :etag, :last_modified, :now)
    ON CONFLICT (url) DO UPDATE SET etag = excluded.etag, last_modified = excluded.last_modified,
        updated_at = excluded.updated_at
"""
REMEMBERED_AT = "SELECT updated_at FROM validators WHERE url = :url"
