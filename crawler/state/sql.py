"""Every query and write of the state, in the SQL that SQLite (3.35) and PostgreSQL share; parameters are ``:named``."""

# ruff: noqa: S608 - what the statements are composed of are constants of this file

from __future__ import annotations

__all__ = ["urls_of"]

from collections.abc import Sequence


def urls_of(sql: str, urls: Sequence[str]) -> tuple[str, dict[str, str]]:
    """Return `sql` with its ``{urls}`` replaced by one placeholder per URL, and their values."""
    names = {f"u{number}": url for number, url in enumerate(urls)}
    return sql.format(urls=", ".join(f":{name}" for name in names)), names


# runs: what is open is found by an index of the open ones, however many there were before ------------------------

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
        WHERE due.state = 'queued' AND due.state IN ('queued', 'running') AND due.cause IN ('schedule', 'manual') AND due.lane_hash % :shares = :share AND NOT EXISTS (
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
CAPTURED = "SELECT DISTINCT url FROM captures WHERE url IN ({urls})"
SAME_PAYLOAD = f"""
    SELECT {_CAPTURE} FROM captures JOIN receipts ON receipts.warc = captures.warc
    WHERE captures.url = :url AND captures.payload_sha256 = :sha256
        AND captures.kind = 'response' AND captures.truncated IS NULL
    ORDER BY captures.captured_at DESC LIMIT 1
"""
LATEST_PAYLOAD = f"""
    SELECT {_CAPTURE} FROM captures
    WHERE captures.url = :url AND captures.kind = 'response' AND captures.truncated IS NULL
        AND captures.payload_sha256 = (
            SELECT latest.payload_sha256 FROM captures AS latest
            WHERE latest.url = :url AND latest.status = 200 AND latest.truncated IS NULL
            ORDER BY latest.captured_at DESC LIMIT 1
        )
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
    INSERT INTO articles (url, captured_at, article_id, site, run, title, published_at, language, word_count, path,
        folded)
    VALUES (:url, :captured_at, :article_id, :site, :run, :title, :published_at, :language, :word_count, :path,
        :folded)
    ON CONFLICT (url, captured_at) DO UPDATE SET article_id = excluded.article_id, site = excluded.site,
        run = excluded.run, title = excluded.title, published_at = excluded.published_at,
        language = excluded.language, word_count = excluded.word_count, path = excluded.path,
        folded = excluded.folded
"""
_ARTICLE = "url, captured_at, article_id, site, run, title, published_at, language, word_count, path"
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

# browsing: every one of these reads along an index and stops at a limit -----------------------------------------

_PAGE = "ORDER BY captured_at DESC, url DESC LIMIT :limit"
# :upper says again, more loosely, where to begin: SQLite does not see it in the comparison of pairs.
_BEFORE = "captured_at >= :since AND captured_at <= :upper AND (captured_at, url) < (:before_at, :before_url)"

_OF_SITE = "site = :site AND "
_IN_LANGUAGE = "language = :language AND "

BROWSE_ARTICLES = f"SELECT {_ARTICLE} FROM articles WHERE {_BEFORE} {_PAGE}"
BROWSE_ARTICLES_OF_SITE = f"SELECT {_ARTICLE} FROM articles WHERE {_OF_SITE}{_BEFORE} {_PAGE}"
BROWSE_ARTICLES_IN_LANGUAGE = f"SELECT {_ARTICLE} FROM articles WHERE {_IN_LANGUAGE}{_BEFORE} {_PAGE}"
BROWSE_ARTICLES_OF_SITE_IN_LANGUAGE = f"SELECT {_ARTICLE} FROM articles WHERE {_OF_SITE}{_IN_LANGUAGE}{_BEFORE} {_PAGE}"
# A search looks through a stretch of articles; the stretch is bounded, so is the time.
_LIKE = " AND ".join(f"COALESCE(folded, LOWER(title), '') LIKE :word{place} ESCAPE '\\'" for place in range(4))
_STRETCH = "ORDER BY captured_at DESC, url DESC LIMIT :stretch"
SEARCH_ARTICLES = f"""
    SELECT {_ARTICLE} FROM (SELECT {_ARTICLE}, folded FROM articles WHERE {_BEFORE} {_STRETCH}) AS looked
    WHERE {_LIKE} {_PAGE}
"""
SEARCH_ARTICLES_OF_SITE = f"""
    SELECT {_ARTICLE} FROM (SELECT {_ARTICLE}, folded FROM articles WHERE {_OF_SITE}{_BEFORE} {_STRETCH}) AS looked
    WHERE {_LIKE} {_PAGE}
"""
SEARCH_ARTICLES_IN_LANGUAGE = f"""
    SELECT {_ARTICLE} FROM (SELECT {_ARTICLE}, folded FROM articles WHERE {_IN_LANGUAGE}{_BEFORE} {_STRETCH}) AS looked
    WHERE {_LIKE} {_PAGE}
"""
SEARCH_ARTICLES_OF_SITE_IN_LANGUAGE = f"""
    SELECT {_ARTICLE} FROM (
        SELECT {_ARTICLE}, folded FROM articles WHERE {_OF_SITE}{_IN_LANGUAGE}{_BEFORE} {_STRETCH}
    ) AS looked
    WHERE {_LIKE} {_PAGE}
"""
_END = f"{_BEFORE} {_PAGE} OFFSET :skip"
SEARCH_END = f"SELECT captured_at, url FROM articles WHERE {_END}"
SEARCH_END_OF_SITE = f"SELECT captured_at, url FROM articles WHERE {_OF_SITE}{_END}"
SEARCH_END_IN_LANGUAGE = f"SELECT captured_at, url FROM articles WHERE {_IN_LANGUAGE}{_END}"
SEARCH_END_OF_SITE_IN_LANGUAGE = f"SELECT captured_at, url FROM articles WHERE {_OF_SITE}{_IN_LANGUAGE}{_END}"
BROWSE_ARTICLES_OF_RUN = f"SELECT {_ARTICLE} FROM articles WHERE run = :run {_PAGE}"
BROWSE_ARTICLES_OF_ID = f"SELECT {_ARTICLE} FROM articles WHERE article_id = :id LIMIT :limit"
BROWSE_REVISIONS = f"SELECT {_ARTICLE} FROM articles WHERE url = :url ORDER BY captured_at DESC LIMIT :limit"
BROWSE_LANGUAGES = """
    WITH RECURSIVE found (language) AS (
        SELECT MIN(language) FROM articles
        UNION ALL
        SELECT (SELECT MIN(language) FROM articles WHERE articles.language > found.language)
            FROM found WHERE found.language IS NOT NULL
    )
    SELECT language FROM found WHERE language IS NOT NULL
"""
BROWSE_LAST_ARTICLE = "SELECT MAX(captured_at) AS captured_at FROM articles WHERE site = :site"
BROWSE_RUNS = f"""
    SELECT {_RUN} FROM runs WHERE (queued_at, id) < (:before_at, :before_id) ORDER BY queued_at DESC, id DESC LIMIT :limit
"""
BROWSE_RUNS_OF_SITE = f"""
    SELECT {_RUN} FROM runs WHERE site = :site AND (queued_at, id) < (:before_at, :before_id)
    ORDER BY queued_at DESC, id DESC LIMIT :limit
"""
BROWSE_RUN_TALLY = "SELECT outcome, urls FROM tally_runs WHERE run = :run"
BROWSE_FAILURES = """
    SELECT url, at, run, outcome, reason, source, via, article_id, warc, warc_offset, warc_length FROM events
    WHERE run = :run AND outcome IN ('failed', 'lost') AND NOT EXISTS (
        SELECT 1 FROM events AS later WHERE later.run = events.run AND later.url = events.url AND later.id > events.id
            AND later.outcome <> 'announced'
    )
    ORDER BY id LIMIT :limit
"""
BROWSE_HISTORY = """
    SELECT url, at, run, outcome, reason, source, via, article_id, warc, warc_offset, warc_length FROM events
    WHERE url = :url ORDER BY id DESC LIMIT :limit
"""
BROWSE_CAPTURES = f"""
    SELECT {_CAPTURE} FROM captures WHERE url = :url ORDER BY captured_at DESC, warc_offset DESC LIMIT :limit
"""
BROWSE_CAPTURE = f"""
    SELECT {_CAPTURE}, captures.run, captures.site, captures.role FROM captures
    WHERE warc = :warc AND warc_offset = :offset
"""
BROWSE_DAYS = """
    SELECT day, outcome, SUM(urls) AS urls FROM tally_days WHERE site = :site AND day >= :since AND day <= :until
    GROUP BY day, outcome ORDER BY day, outcome
"""
BROWSE_PARSED_DAYS = """
    SELECT day, SUM(urls) AS urls FROM tally_days
    WHERE site = :site AND day BETWEEN :since AND :until AND outcome = 'parsed' GROUP BY day
"""
BROWSE_REASONS = """
    SELECT day, outcome, reason, urls FROM tally_days WHERE site = :site AND day >= :since AND day <= :until
    ORDER BY day DESC, outcome, urls DESC
"""
BROWSE_TOTALS = "SELECT outcome, SUM(urls) AS urls FROM tally_days WHERE site = :site GROUP BY outcome"
BROWSE_TALLIED_SITES = """
    WITH RECURSIVE found (site) AS (
        SELECT MIN(site) FROM tally_days
        UNION ALL
        SELECT (SELECT MIN(site) FROM tally_days WHERE tally_days.site > found.site) FROM found WHERE found.site IS NOT NULL
    )
    SELECT site FROM found WHERE site IS NOT NULL
"""
BROWSE_HOURS = "SELECT hour, outcome, urls, size_bytes FROM tally_hours WHERE hour >= :since ORDER BY hour, outcome"
BROWSE_COUNTERS = "SELECT name, label, count FROM tally_counters ORDER BY name, label"
BROWSE_NOT_ON_TIME = """
    SELECT policy, COUNT(*) AS fires FROM fires WHERE scheduled_at >= :since AND policy <> 'ran' GROUP BY policy
"""

# tallies ------------------------------------------------------------------------------------------------------

_ARTICLE_ROLES = "role IN ('article', 'probe')"

TALLY_MARK = "SELECT event FROM tally_mark WHERE name = 'events'"
TALLY_BEGIN = "INSERT INTO tally_mark (name, event) VALUES ('events', 0) ON CONFLICT DO NOTHING"
TALLY_MOVE = "UPDATE tally_mark SET event = :last WHERE name = 'events' AND event = :after"
TALLY_EVENTS = """
    SELECT id, at, outcome, reason, warc_length FROM events WHERE id > :after ORDER BY id LIMIT :limit
"""
TALLY_TOUCHED = f"""
    SELECT DISTINCT ledger.site AS site, SUBSTR(ledger.first_seen_at, 1, 10) AS day
    FROM events JOIN ledger ON ledger.url = events.url
    WHERE events.id > :after AND events.id <= :last AND ledger.{_ARTICLE_ROLES}
"""
# A redirect's reason is a URL: too many to count apart.
TALLY_DAY = f"""
    SELECT outcome, CASE WHEN outcome = 'redirected' THEN '' ELSE COALESCE(reason, '') END AS why, COUNT(*) AS urls
    FROM ledger WHERE site = :site AND first_seen_at >= :day AND first_seen_at < :next_day AND {_ARTICLE_ROLES}
    GROUP BY 1, 2
"""
TALLY_FORGET_DAY = "DELETE FROM tally_days WHERE site = :site AND day = :day"
TALLY_SET_DAY = """
    INSERT INTO tally_days (site, day, outcome, reason, urls) VALUES (:site, :day, :outcome, :reason, :urls)
"""
TALLY_ADD_HOUR = """
    INSERT INTO tally_hours (hour, outcome, urls, size_bytes) VALUES (:hour, :outcome, :urls, :size_bytes)
    ON CONFLICT (hour, outcome) DO UPDATE SET urls = tally_hours.urls + excluded.urls,
        size_bytes = tally_hours.size_bytes + excluded.size_bytes
"""
TALLY_ADD_COUNT = """
    INSERT INTO tally_counters (name, label, count) VALUES (:name, :label, :count)
    ON CONFLICT (name, label) DO UPDATE SET count = tally_counters.count + excluded.count
"""
TALLY_ENDED_RUNS = """
    SELECT id, state FROM runs WHERE finished_at IS NOT NULL AND tallied = 0 ORDER BY finished_at LIMIT :limit
"""
TALLY_RUN_DONE = "UPDATE runs SET tallied = 1 WHERE id = :run AND tallied = 0"
TALLY_SET_RUN = """
    INSERT INTO tally_runs (run, outcome, urls) VALUES (:run, :outcome, :urls)
    ON CONFLICT (run, outcome) DO UPDATE SET urls = excluded.urls
"""

# alarms -------------------------------------------------------------------------------------------------------

_ALARM = "id, kind, severity, site, message, raised_at, seen_at, cleared_at"

SEE_ALARM = """
    UPDATE alarms SET seen_at = :now, message = :message, severity = :severity
    WHERE kind = :kind AND site = :site AND cleared_at IS NULL
"""
RAISE_ALARM = """
    INSERT INTO alarms (kind, severity, site, message, raised_at, seen_at)
    VALUES (:kind, :severity, :site, :message, :now, :now)
    RETURNING id
"""
CLEAR_ALARM = "UPDATE alarms SET cleared_at = :now WHERE id = :id AND cleared_at IS NULL"
OPEN_ALARMS = f"SELECT {_ALARM} FROM alarms WHERE cleared_at IS NULL ORDER BY raised_at, id"
RECENT_ALARMS = f"""
    SELECT {_ALARM} FROM alarms WHERE cleared_at IS NOT NULL ORDER BY raised_at DESC, id DESC LIMIT :limit
"""
ADD_NOTICE = """
    INSERT INTO notices (alarm, event, channel, at) VALUES (:alarm, :event, :channel, :now) ON CONFLICT DO NOTHING
"""
NOTICES = """
    SELECT notices.event, notices.at, alarms.id, alarms.kind, alarms.severity, alarms.site, alarms.message, alarms.raised_at,
        alarms.seen_at, alarms.cleared_at
    FROM notices JOIN alarms ON alarms.id = notices.alarm
    WHERE notices.channel = :channel ORDER BY notices.at, notices.alarm, notices.event DESC
"""
DROP_NOTICE = "DELETE FROM notices WHERE channel = :channel AND alarm = :alarm AND event = :event"
PRUNE_NOTICES = "DELETE FROM notices WHERE at < :before"
PRUNE_ALARMS = """
    DELETE FROM alarms WHERE cleared_at < :before AND NOT EXISTS (SELECT 1 FROM notices WHERE notices.alarm = alarms.id)
"""

# what alarms are raised on: each reads along an index ---------------------------------------------------------------

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
    FROM ledger WHERE site = :site AND first_seen_at >= :since AND first_seen_at < :until AND {_ARTICLE_ROLES}
    GROUP BY 1, 2
"""
SIGNS_CHANNEL_READ = """
    SELECT at FROM events
    WHERE url = :url AND outcome IN ('captured', 'not_modified', 'duplicate', 'redirected') ORDER BY id DESC LIMIT 1
"""
SIGNS_CHANNEL_KNOWN = "SELECT first_seen_at, outcome, reason FROM ledger WHERE url = :url"
# Of the latest queued ones: the whole table would be too much to ask every minute.
SIGNS_LAST_END = """
    SELECT MAX(finished_at) AS finished_at FROM (
        SELECT finished_at FROM runs ORDER BY queued_at DESC LIMIT 5000
    ) AS latest
"""

# pruning: the ledger keeps the current outcome of each URL, captures and articles what was kept -----------------------

PRUNE_MARK = "SELECT event FROM tally_mark WHERE name = :name"
PRUNE_MOVE = """
    INSERT INTO tally_mark (name, event) VALUES (:name, :last) ON CONFLICT (name) DO UPDATE SET event = excluded.event
"""
PRUNE_NEXT = "SELECT id, at FROM events WHERE id > :after ORDER BY id LIMIT :limit"
PRUNE_EVENTS = """
    DELETE FROM events WHERE id > :after AND id <= :last AND outcome <> 'parsed' AND EXISTS (
        SELECT 1 FROM events AS later WHERE later.url = events.url AND later.id > events.id
    )
"""
_UNREFERENCED = " AND ".join(
    f"NOT EXISTS (SELECT 1 FROM {table} WHERE {table}.run = runs.id)"
    for table in ("events", "ledger", "captures", "articles", "fires")
)
PRUNE_RUNS_FROM = f"""
    SELECT id, queued_at, CASE WHEN finished_at IS NOT NULL AND {_UNREFERENCED} THEN 1 ELSE 0 END AS free FROM runs
    WHERE queued_at > :after AND queued_at < :before ORDER BY queued_at LIMIT :limit
"""
PRUNE_RUN_TALLY = "DELETE FROM tally_runs WHERE run = :run"
PRUNE_RUN = "DELETE FROM runs WHERE id = :run"
