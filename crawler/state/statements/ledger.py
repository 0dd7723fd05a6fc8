"""The URL ledger and its history."""

# ruff: noqa: S608 - what the statements are composed of are constants

from __future__ import annotations

__all__ = [
    "ALIASES",
    "ANNOUNCE",
    "BY_ARTICLE",
    "COUNTS",
    "COUNT_VISIT",
    "DUE",
    "EDIT_RATE",
    "ENDS",
    "ENTRY",
    "FAILURES",
    "FORGET",
    "HELD_UP",
    "HISTORY",
    "HOLD",
    "KEY",
    "KNOWN",
    "KNOWN_BY_IDENTITY",
    "LAST_READ",
    "LET_GO",
    "LET_GO_OF_ENDED",
    "MEMORISE",
    "MISSED_URLS",
    "OPEN_CHANNELS",
    "OUTCOMES",
    "OUT_OF_SCOPE",
    "POSTPONE",
    "QUEUE",
    "RECALL",
    "RECALL_ALL",
    "RECORD",
    "REMEMBER",
    "REMEMBERED_AT",
    "REOPEN",
    "RETITLE",
    "RETRY",
    "SETTLE",
    "SIGNAL",
    "TELL",
    "TOLD",
    "TRIES",
    "UNKEY",
    "UNKEYED",
    "UNPARSED",
    "VALIDATORS",
    "VISITS",
    "WAITING",
]

from crawler.state.statements.columns import MISSED_LIST, OPEN_LIST

_ENTRY = (
    "url, site, role, outcome, reason, via, source, title, published_at, first_seen_at, updated_at, run, attempts, "
    "article_id, page, next_try_at, next_visit_at, first_article_at, first_article_id"
)
_KNOWN = (
    "url, identity, page, role, outcome, reason, via, title, published_at, modified_at, first_seen_at, read_at, "
    "held_by, attempts, next_try_at, article_id"
)
_DUE = (
    "url, role, source, via, title, published_at, modified_at, rank, outcome, attempts, first_seen_at, read_at, "
    "article_id, "
    "first_article_at, first_article_id, signalled"
)

KNOWN = f"SELECT {_KNOWN} FROM ledger WHERE url IN ({{urls}})"
KNOWN_BY_IDENTITY = f"SELECT {_KNOWN} FROM ledger WHERE identity IN ({{urls}})"
TOLD = "SELECT DISTINCT url, via FROM events WHERE outcome = 'announced' AND url IN ({urls})"
ANNOUNCE = """
    INSERT INTO ledger (url, site, role, outcome, via, source, title, published_at, modified_at,
        first_seen_at, updated_at, run, identity, rank)
    VALUES (:url, :site, :role, 'announced', :via, :source, :title, :published_at, :modified_at, :now, :now, :run,
        :identity, :rank)
    ON CONFLICT (url) DO NOTHING
"""
REOPEN = """
    UPDATE ledger SET outcome = 'announced', reason = NULL, page = NULL, updated_at = :now, run = :run
    WHERE url = :url AND held_by IS NULL
"""
SIGNAL = "UPDATE ledger SET next_visit_at = :now, signalled = 1, modified_at = :modified_at WHERE url = :url"
POSTPONE = "UPDATE ledger SET next_visit_at = :at WHERE url = :url"
RETITLE = "UPDATE ledger SET title = :title WHERE url = :url"
TELL = "UPDATE ledger SET modified_at = :modified_at WHERE url = :url"
KEY = "UPDATE ledger SET identity = :identity WHERE url = :url"
UNKEYED = """
    SELECT url FROM ledger WHERE site = :site AND identity IS NULL AND role IN ('article', 'probe') LIMIT :limit
"""
UNKEY = """
    UPDATE ledger SET identity = NULL
    WHERE site = :site AND role IN ('article', 'probe') AND LOWER(url) LIKE :like ESCAPE '\\'
"""
HOLD = "UPDATE ledger SET held_by = :run, run = :run WHERE url = :url"
QUEUE = """
    INSERT INTO ledger (url, site, role, outcome, first_seen_at, updated_at, run, held_by)
    SELECT :url, runs.site, :role, 'queued', :now, :now, :run, :run FROM runs WHERE runs.id = :run
    ON CONFLICT (url) DO UPDATE SET outcome = 'queued', reason = NULL, updated_at = excluded.updated_at,
        run = excluded.run, held_by = excluded.held_by
"""
# A run that is over, or waits for its next start, holds nothing: its pages may be settled by whoever takes up its rest.
# stays: the outcome that the URL keeps whatever this event was: an article that was read again is still one.
SETTLE = """
    INSERT INTO ledger (url, site, role, outcome, reason, first_seen_at, updated_at, run, attempts, article_id, held_by,
        identity, page, rank, next_try_at, next_visit_at, read_at, first_article_at, first_article_id)
    SELECT :url, runs.site, COALESCE(:role, 'probe'), :outcome, :reason, :now, :now, :run, COALESCE(:attempts, 0),
    :article_id, CASE WHEN runs.state = 'running' THEN runs.id END,
        :identity, :page, :now, :next_try_at, :next_visit_at, :read_at, :article_at, :article_id
        FROM runs WHERE runs.id = :run
    ON CONFLICT (url) DO UPDATE SET
        outcome = COALESCE(:stays, excluded.outcome),
        reason = CASE WHEN :stays IS NULL THEN excluded.reason END,
        updated_at = excluded.updated_at, run = excluded.run, held_by = excluded.held_by,
        role = COALESCE(:role, ledger.role), attempts = COALESCE(:attempts, ledger.attempts),
        article_id = COALESCE(excluded.article_id, ledger.article_id),
        identity = COALESCE(ledger.identity, excluded.identity), page = excluded.page,
        rank = COALESCE(ledger.rank, excluded.rank), next_try_at = excluded.next_try_at,
        next_visit_at = excluded.next_visit_at, signalled = 0, read_at = COALESCE(excluded.read_at, ledger.read_at),
        first_article_at = COALESCE(ledger.first_article_at, excluded.first_article_at),
        first_article_id = COALESCE(ledger.first_article_id, excluded.first_article_id)
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
LET_GO_OF_ENDED = """
    UPDATE ledger SET held_by = NULL
    WHERE held_by IS NOT NULL AND held_by NOT IN (SELECT id FROM runs WHERE finished_at IS NULL)
"""
ENTRY = f"SELECT {_ENTRY} FROM ledger WHERE url = :url"
_FREE = "site = :site AND held_by IS NULL AND role IN ('article', 'probe')"
WAITING = f"""
    SELECT {_DUE} FROM ledger WHERE {_FREE} AND outcome IN {OPEN_LIST} AND rank < :before
    ORDER BY rank DESC, url LIMIT :limit
"""
HELD_UP = f"""
    SELECT {_DUE} FROM ledger
    WHERE {_FREE} AND outcome IN {OPEN_LIST} AND reason IS NOT NULL ORDER BY rank DESC, url LIMIT :limit
"""
TRIES = f"""
    SELECT {_DUE} FROM ledger WHERE {_FREE} AND next_try_at IS NOT NULL AND next_try_at <= :now
    ORDER BY rank DESC, url LIMIT :limit
"""
VISITS = f"""
    SELECT {_DUE} FROM ledger
    WHERE {_FREE} AND next_visit_at IS NOT NULL AND next_visit_at <= :now AND next_visit_at >= :oldest
    ORDER BY signalled DESC, rank DESC, url LIMIT :limit
"""
DUE = f"SELECT {_DUE}, next_try_at FROM ledger WHERE held_by IS NULL AND url IN ({{urls}})"
OPEN_CHANNELS = f"""
    SELECT url, role, source, via, title, published_at, modified_at FROM ledger
    WHERE site = :site AND outcome IN {OPEN_LIST} AND held_by IS NULL AND role NOT IN ('article', 'probe')
    ORDER BY first_seen_at, url
"""
BY_ARTICLE = f"""
    SELECT {_KNOWN} FROM ledger WHERE article_id = :article_id AND site = :site AND url <> :url
    ORDER BY first_seen_at, url LIMIT 1
"""
ALIASES = """
    SELECT url FROM ledger WHERE page = :url AND url <> :url ORDER BY first_seen_at, url
"""
OUT_OF_SCOPE = """
    SELECT url, reason, published_at, modified_at FROM ledger
    WHERE site = :site AND outcome = 'out_of_scope' AND url > :after ORDER BY url LIMIT :limit
"""
RETRY = """
    UPDATE ledger SET next_try_at = :now, attempts = CASE WHEN :from_start THEN 0 ELSE attempts END
    WHERE held_by IS NULL AND role IN ('article', 'probe') AND outcome IN ('failed', 'lost', 'walled', 'disallowed')
        AND (:site IS NULL OR site = :site) AND (:url IS NULL OR url = :url)
        AND (:outcome IS NULL OR outcome = :outcome) AND (:reason IS NULL OR reason = :reason)
    RETURNING url
"""
RECALL = "SELECT value FROM site_memory WHERE site = :site AND name = :name"
RECALL_ALL = "SELECT site, value FROM site_memory WHERE name = :name ORDER BY site"
MEMORISE = """
    INSERT INTO site_memory (site, name, value) VALUES (:site, :name, :value)
    ON CONFLICT (site, name) DO UPDATE SET value = excluded.value
"""
EDIT_RATE = "SELECT visits, stories, changed, told, silent FROM edit_rates WHERE site = :site"
COUNT_VISIT = """
    INSERT INTO edit_rates (site, visits, edits, stories, changed, told, silent)
    VALUES (:site, :visits, 0, :stories, :changed, :told, :silent)
    ON CONFLICT (site) DO UPDATE SET visits = edit_rates.visits + excluded.visits,
        stories = edit_rates.stories + excluded.stories, changed = edit_rates.changed + excluded.changed,
        told = edit_rates.told + excluded.told, silent = edit_rates.silent + excluded.silent
"""
LAST_READ = """
    SELECT MAX(at) AS at FROM events
    WHERE url = :url AND outcome IN ('captured', 'not_modified', 'duplicate', 'redirected')
"""
# The last event of each URL within a run; an announcement counts only while nothing else has happened.
_LAST = (
    "SELECT COALESCE(MAX(CASE WHEN outcome <> 'announced' THEN id END), MAX(id)) FROM events WHERE run = :run "
    "GROUP BY url"
)

COUNTS = f"""
    SELECT outcome, COUNT(*) AS urls FROM (
        SELECT outcome FROM ledger WHERE held_by = :run AND outcome IN {OPEN_LIST}
        UNION ALL
        SELECT outcome FROM events
        WHERE id IN ({_LAST}) AND (outcome <> 'announced' OR COALESCE(reason, '') <> 'known') AND NOT EXISTS (
            SELECT 1 FROM ledger
            WHERE ledger.url = events.url AND ledger.held_by = :run AND ledger.outcome IN {OPEN_LIST}
        )
    ) AS current
    GROUP BY outcome
"""
FAILURES = f"""
    SELECT url, at, run, outcome, reason, source, via, article_id, warc, warc_offset, warc_length FROM events
    WHERE id IN ({_LAST}) AND outcome IN {MISSED_LIST}
    ORDER BY id
"""
ENDS = f"""
    SELECT ledger.role AS role, events.outcome AS outcome, events.reason AS reason, COUNT(*) AS urls
    FROM events JOIN ledger ON ledger.url = events.url
    WHERE events.id IN ({_LAST}) AND events.outcome NOT IN ('announced', 'redirected') AND ledger.role <> 'robots'
    GROUP BY ledger.role, events.outcome, events.reason
    ORDER BY COUNT(*) DESC, events.outcome, events.reason
"""
MISSED_URLS = f"""
    SELECT url, at, run, outcome, reason, source, via, article_id, warc, warc_offset, warc_length FROM events
    WHERE id IN ({_LAST}) AND (outcome IN ('failed', 'lost', 'walled', 'disallowed')
        OR (outcome = 'out_of_scope' AND reason LIKE 'redirected%'))
    ORDER BY id
"""
HISTORY = """
    SELECT url, at, run, outcome, reason, source, via, article_id, warc, warc_offset, warc_length FROM events
    WHERE url = :url ORDER BY id
"""
OUTCOMES = f"SELECT outcome FROM events WHERE url = :url AND outcome NOT IN {OPEN_LIST} ORDER BY id DESC LIMIT :most"
VALIDATORS = "SELECT etag, last_modified FROM validators WHERE url = :url"
REMEMBER = """
    INSERT INTO validators (url, etag, last_modified, updated_at) VALUES (:url, :etag, :last_modified, :now)
    ON CONFLICT (url) DO UPDATE SET etag = excluded.etag, last_modified = excluded.last_modified,
        updated_at = excluded.updated_at
"""
FORGET = "DELETE FROM validators WHERE url = :url"
REMEMBERED_AT = "SELECT updated_at FROM validators WHERE url = :url"
