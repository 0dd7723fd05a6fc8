"""Every query and write of the state, in the SQL that SQLite (3.35) and PostgreSQL share; parameters are ``:named``."""

# ruff: noqa: S608 - what the statements are composed of are constants of this file

from __future__ import annotations

__all__ = ["urls_of"]

from collections.abc import Sequence


def urls_of(sql: str, urls: Sequence[str]) -> tuple[str, dict[str, str]]:
    """Return `sql` with its ``{urls}`` replaced by one placeholder per URL, and their values."""
    names = {f"u{number}": url for number, url in enumerate(urls)}
    return sql.format(urls=", ".join(f":{name}" for name in names)), names


# runs ---------------------------------------------------------------------------------------------------------

_RUN = "id, site, cause, targets, scheduled_at, queued_at, started_at, finished_at, state, reason"

ADD_RUN = """
    INSERT INTO runs (id, site, lane, lane_hash, cause, targets, scheduled_at, queued_at, state)
    VALUES (:id, :site, :lane, :lane_hash, :cause, :targets, :scheduled_at, :queued_at, 'queued')
    ON CONFLICT DO NOTHING
"""
CLAIM_RUN = f"""
    UPDATE runs SET state = 'running', worker = :worker, started_at = :now, attempts = attempts + 1, reason = NULL
    WHERE state = 'queued' AND id = (
        SELECT due.id FROM runs AS due
        WHERE due.state = 'queued' AND due.cause IN ('schedule', 'manual') AND due.lane_hash % :shares = :share AND NOT EXISTS (
            SELECT 1 FROM runs AS other WHERE other.lane = due.lane AND other.state = 'running'
        )
        ORDER BY CASE WHEN due.cause = 'schedule' THEN 1 ELSE 0 END, due.queued_at, due.id
        LIMIT 1
    )
    RETURNING {_RUN}
"""
START_RUN = f"""
    UPDATE runs SET state = 'running', worker = :worker, started_at = :now, attempts = attempts + 1, reason = NULL
    WHERE id = :id AND state = 'queued' AND NOT EXISTS (
        SELECT 1 FROM runs AS other WHERE other.lane = runs.lane AND other.state = 'running'
    )
    RETURNING {_RUN}
"""
FINISH_RUN = """
    UPDATE runs SET state = :state, reason = :reason, finished_at = :now, worker = NULL
    WHERE id = :id AND state IN ('queued', 'running')
"""
RELEASE_RUN = """
    UPDATE runs SET state = 'queued', worker = NULL, started_at = NULL, attempts = attempts - 1, reason = :reason
    WHERE id = :id AND state = 'running'
"""
REQUEUE_RUNS = """
    UPDATE runs SET state = 'queued', worker = NULL, started_at = NULL, reason = :reason
    WHERE worker = :worker AND state = 'running' AND cause IN ('schedule', 'manual') AND attempts < :limit
    RETURNING id
"""
END_RUNS = """
    UPDATE runs SET state = CASE WHEN cause IN ('schedule', 'manual') THEN 'failed' ELSE 'interrupted' END,
        worker = NULL, finished_at = :now, reason = :reason
    WHERE worker = :worker AND state = 'running'
    RETURNING id
"""
RUNNING_WORKERS = "SELECT DISTINCT worker FROM runs WHERE state = 'running' AND worker IS NOT NULL"
LANE_HOLDER = """
    SELECT other.id, other.worker FROM runs AS other JOIN runs AS mine ON mine.lane = other.lane
    WHERE mine.id = :id AND other.state = 'running' AND other.id <> mine.id
"""
RUN = f"SELECT {_RUN} FROM runs WHERE id = :id"
RUNS = f"SELECT {_RUN} FROM runs ORDER BY queued_at DESC, id DESC LIMIT :limit"
RUNS_OF_SITE = f"SELECT {_RUN} FROM runs WHERE site = :site ORDER BY queued_at DESC, id DESC LIMIT :limit"
OPEN_RUNS = f"SELECT {_RUN} FROM runs WHERE state IN ('queued', 'running') ORDER BY queued_at, id"
OPEN_RUN_OF_SITE = f"SELECT {_RUN} FROM runs WHERE state IN ('queued', 'running') AND site = :site AND targets = '[]'"

# ledger -------------------------------------------------------------------------------------------------------

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

# archive ------------------------------------------------------------------------------------------------------

_CAPTURE = (
    "captures.url, captures.captured_at, captures.kind, captures.warc, captures.warc_offset, captures.warc_length, "
    "captures.record_id, captures.status, captures.mime, captures.payload_sha1, captures.payload_sha256, captures.truncated"
)

ADD_CAPTURE = """
    INSERT INTO captures (url, captured_at, kind, warc, warc_offset, warc_length, record_id, status, mime,
        payload_sha1, payload_sha256, truncated, run, site, role)
    VALUES (:url, :captured_at, :kind, :warc, :warc_offset, :warc_length, :record_id, :status, :mime,
        :payload_sha1, :payload_sha256, :truncated, :run, :site, :role)
    ON CONFLICT (warc, warc_offset) DO NOTHING
"""
CAPTURES = f"SELECT {_CAPTURE} FROM captures WHERE url = :url ORDER BY captured_at, warc_offset"
SAME_PAYLOAD = f"""
    SELECT {_CAPTURE} FROM captures JOIN receipts ON receipts.warc = captures.warc
    WHERE captures.url = :url AND captures.payload_sha256 = :sha256
        AND captures.kind = 'response' AND captures.truncated IS NULL
    ORDER BY captures.captured_at DESC LIMIT 1
"""
ADD_RECEIPT = """
    INSERT INTO receipts (warc, key, size_bytes, sha256, etag, shipped_at)
    VALUES (:warc, :key, :size_bytes, :sha256, :etag, :shipped_at)
    ON CONFLICT (warc) DO UPDATE SET key = excluded.key, size_bytes = excluded.size_bytes,
        sha256 = excluded.sha256, etag = excluded.etag, shipped_at = excluded.shipped_at
"""
RECEIPTS = "SELECT warc, key, size_bytes, sha256, etag, shipped_at FROM receipts ORDER BY shipped_at, warc"
RECEIPT = "SELECT warc, key, size_bytes, sha256, etag, shipped_at FROM receipts WHERE warc = :warc"
ADD_ARTICLE = """
    INSERT INTO articles (url, captured_at, article_id, site, run, title, published_at, path)
    VALUES (:url, :captured_at, :article_id, :site, :run, :title, :published_at, :path)
    ON CONFLICT (url, captured_at) DO UPDATE SET article_id = excluded.article_id, site = excluded.site,
        run = excluded.run, title = excluded.title, published_at = excluded.published_at, path = excluded.path
"""
_ARTICLE = "url, captured_at, article_id, site, run, title, published_at, path"
ARTICLES_OF_URL = f"SELECT {_ARTICLE} FROM articles WHERE url = :url ORDER BY captured_at"
ARTICLES_OF_SITE = f"SELECT {_ARTICLE} FROM articles WHERE site = :site ORDER BY captured_at DESC LIMIT :limit"
LOAD_ROBOTS = "SELECT origin, status, body, fetched_at, expires_at FROM robots WHERE origin = :origin"
SAVE_ROBOTS = """
    INSERT INTO robots (origin, status, body, fetched_at, expires_at)
    VALUES (:origin, :status, :body, :fetched_at, :expires_at)
    ON CONFLICT (origin) DO UPDATE SET status = excluded.status, body = excluded.body,
        fetched_at = excluded.fetched_at, expires_at = excluded.expires_at
"""

# sites --------------------------------------------------------------------------------------------------------

PAUSED = "SELECT site, paused_at FROM pauses ORDER BY site"
IS_PAUSED = "SELECT 1 FROM pauses WHERE site = :site"
PAUSE = "INSERT INTO pauses (site, paused_at) VALUES (:site, :now) ON CONFLICT DO NOTHING"
RESUME = "DELETE FROM pauses WHERE site = :site"
ADD_FIRE = """
    INSERT INTO fires (site, scheduled_at, policy, earlier, run, noted_at)
    VALUES (:site, :scheduled_at, :policy, :earlier, :run, :now)
    ON CONFLICT DO NOTHING
"""
LAST_FIRES = "SELECT site, MAX(scheduled_at) AS scheduled_at FROM fires GROUP BY site"
FIRES = (
    "SELECT site, scheduled_at, policy, earlier, run, noted_at FROM fires ORDER BY scheduled_at DESC, site LIMIT :limit"
)
FIRES_OF_SITE = """
    SELECT site, scheduled_at, policy, earlier, run, noted_at FROM fires WHERE site = :site
    ORDER BY scheduled_at DESC LIMIT :limit
"""
PRUNE_FIRES = """
    DELETE FROM fires WHERE scheduled_at < :before AND EXISTS (
        SELECT 1 FROM fires AS later WHERE later.site = fires.site AND later.scheduled_at > fires.scheduled_at
    )
"""
