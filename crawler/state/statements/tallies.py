"""Counts kept from the events."""

# ruff: noqa: S608 - what the statements are composed of are constants

from __future__ import annotations

__all__ = [
    "TALLY_ADD_COUNT",
    "TALLY_ADD_HOUR",
    "TALLY_BEGIN",
    "TALLY_DAY",
    "TALLY_ENDED_RUNS",
    "TALLY_EVENTS",
    "TALLY_FORGET_DAY",
    "TALLY_MARK",
    "TALLY_MOVE",
    "TALLY_RUN_DONE",
    "TALLY_SET_DAY",
    "TALLY_SET_RUN",
    "TALLY_TOUCHED",
]

from crawler.state.statements.columns import ARTICLE_ROLES

TALLY_MARK = "SELECT event FROM tally_mark WHERE name = 'events'"
TALLY_BEGIN = "INSERT INTO tally_mark (name, event) VALUES ('events', 0) ON CONFLICT DO NOTHING"
TALLY_MOVE = "UPDATE tally_mark SET event = :last WHERE name = 'events' AND event = :after"
TALLY_EVENTS = """
    SELECT id, at, outcome, reason, warc_length FROM events WHERE id > :after ORDER BY id LIMIT :limit
"""
TALLY_TOUCHED = f"""
    SELECT DISTINCT ledger.site AS site, SUBSTR(ledger.first_seen_at, 1, 10) AS day
    FROM events JOIN ledger ON ledger.url = events.url
    WHERE events.id > :after AND events.id <= :last AND ledger.{ARTICLE_ROLES}
"""
# A redirect's reason is a URL: too many to count apart.
TALLY_DAY = f"""
    SELECT outcome, CASE WHEN outcome = 'redirected' THEN '' ELSE COALESCE(reason, '') END AS why, COUNT(*) AS urls
    FROM ledger WHERE site = :site AND first_seen_at >= :day AND first_seen_at < :next_day AND {ARTICLE_ROLES}
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
