"""Rows that speak against each other: each statement gives what is named of one kind of them."""

# ruff: noqa: S608 - what the statements are composed of are constants

from __future__ import annotations

__all__ = [
    "ARTICLES_UNCAPTURED",
    "EVENTS_ELSEWHERE",
    "EVENTS_UNKNOWN",
    "HELD_BY_NOBODY",
    "LEDGER_OTHERWISE",
    "LEDGER_UNTOLD",
    "LEDGER_WITHOUT_ARTICLE",
    "OF_ANOTHER_SITE",
    "OF_NO_SITE",
    "OTHER_ARTICLE",
    "RECEIPTS_TWICE",
    "RUNS_HALF_ENDED",
    "STRANGE",
    "WITHOUT_RUN",
]

from typing import get_args

from crawler.model.capture import CaptureKind, Role
from crawler.model.run import UNDER_WAY, Outcome, RunState
from crawler.state.statements.columns import ARTICLE_ROLES, OPEN_LIST, one_of

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
_MOMENTS = (
    ("runs", "id", ("scheduled_at", "queued_at", "started_at", "finished_at")),
    (
        "ledger",
        "url",
        ("first_seen_at", "updated_at", "next_try_at", "next_visit_at", "read_at", "first_article_at"),
    ),
    ("events", "url", ("at",)),
    ("captures", "url", ("captured_at",)),
    ("receipts", "key", ("shipped_at",)),
    ("validators", "url", ("updated_at",)),
    ("robots", "origin", ("fetched_at", "expires_at")),
    ("fires", "site", ("scheduled_at", "noted_at")),
    ("alarms", "kind", ("raised_at", "seen_at", "cleared_at")),
)
_JSON = (("runs", "id", "targets"), ("channels", "url", "report"))
_MOST_ATTEMPTS = 1_000_000


def _no_moment(name: str) -> str:
    """Return the condition that `name` is none as `crawler.clock.iso_utc` writes them."""
    parts = ((6, "01", "12"), (9, "01", "31"), (12, "00", "23"), (15, "00", "59"), (18, "00", "59"))
    within = " AND ".join(f"SUBSTR({name}, {at}, 2) BETWEEN '{least}' AND '{most}'" for at, least, most in parts)
    return (
        f"{name} IS NOT NULL AND NOT ({name} LIKE '____-__-__T__:__:__.______Z'"
        f" AND TRIM({name}, '0123456789-:.TZ') = '' AND {within})"
    )


STRANGE = " UNION ALL ".join(
    (
        *(
            f"SELECT '{table}' AS kind, {name} AS which, '{word}' AS field, {word} AS said FROM {table}"
            f" WHERE {word} NOT IN {one_of(get_args(words))}"
            for table, name, word, words in _WORDS
        ),
        *(
            f"SELECT '{table}' AS kind, {name} AS which, '{moment}' AS field, {moment} AS said FROM {table}"
            f" WHERE {_no_moment(moment)}"
            for table, name, moments in _MOMENTS
            for moment in moments
        ),
        *(
            f"SELECT '{table}' AS kind, {name} AS which, '{said}' AS field, {said} AS said FROM {table}"
            f" WHERE NOT JSON_VALID({said})"
            for table, name, said in _JSON
        ),
        (
            "SELECT 'ledger' AS kind, url AS which, 'attempts' AS field, attempts AS said FROM ledger"
            f" WHERE attempts < 0 OR attempts > {_MOST_ATTEMPTS}"  # to SQLite a word is more than any number
        ),
    )
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
# The last line of a URL's history stays for good, and each that tells of a new article (`crawler.state.pruning`).
_LAST = "SELECT MAX(later.id) FROM events AS later WHERE later.url = ledger.url"
LEDGER_OTHERWISE = f"""
    SELECT ledger.url AS url, ledger.outcome AS outcome, events.outcome AS said FROM ledger
    JOIN events ON events.id = ({_LAST})
    WHERE ledger.outcome NOT IN {OPEN_LIST} AND events.outcome <> 'announced' AND ledger.outcome <> events.outcome
        AND (ledger.outcome <> 'parsed' OR NOT EXISTS (
            SELECT 1 FROM events AS earlier WHERE earlier.url = ledger.url AND earlier.outcome = 'parsed'
        ))
    UNION ALL
    SELECT url, outcome, role FROM ledger WHERE outcome = 'parsed' AND NOT ({ARTICLE_ROLES})
"""
LEDGER_UNTOLD = f"""
    SELECT url, outcome FROM ledger
    WHERE outcome NOT IN {OPEN_LIST} AND NOT EXISTS (SELECT 1 FROM events WHERE events.url = ledger.url)
"""
OTHER_ARTICLE = f"""
    SELECT ledger.url AS url, ledger.article_id AS article_id, events.article_id AS said FROM ledger
    JOIN events ON events.id = (
        SELECT MAX(told.id) FROM events AS told WHERE told.url = ledger.url AND told.article_id IS NOT NULL
    )
    WHERE ledger.article_id <> events.article_id
        AND (events.id = ({_LAST}) OR NOT EXISTS (SELECT 1 FROM tally_mark WHERE name = 'pruned_events'))
    UNION ALL
    SELECT ledger.url, 'none', articles.article_id FROM ledger JOIN articles ON articles.url = ledger.url
    WHERE ledger.outcome = 'parsed' AND ledger.article_id IS NULL
"""
EVENTS_UNKNOWN = """
    SELECT DISTINCT url FROM events WHERE NOT EXISTS (SELECT 1 FROM ledger WHERE ledger.url = events.url)
"""
OF_NO_SITE = """
    SELECT url, site FROM ledger WHERE NOT EXISTS (SELECT 1 FROM runs WHERE runs.site = ledger.site)
"""
HELD_BY_NOBODY = """
    SELECT url, held_by AS said FROM ledger WHERE held_by IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM runs WHERE runs.id = ledger.held_by AND runs.finished_at IS NULL
    )
"""
RUNS_HALF_ENDED = f"""
    SELECT id AS run, state, finished_at FROM runs WHERE (state IN {one_of(UNDER_WAY)}) <> (finished_at IS NULL)
"""
