"""What the status page reads: each along an index, and stopping at a limit."""

# ruff: noqa: S608 - what the statements are composed of are constants

from __future__ import annotations

__all__ = [
    "BROWSE_ARTICLES",
    "BROWSE_ARTICLES_IN_LANGUAGE",
    "BROWSE_ARTICLES_OF_ID",
    "BROWSE_ARTICLES_OF_RUN",
    "BROWSE_ARTICLES_OF_SITE",
    "BROWSE_ARTICLES_OF_SITE_IN_LANGUAGE",
    "BROWSE_CAPTURE",
    "BROWSE_CAPTURES",
    "BROWSE_COUNTERS",
    "BROWSE_DAYS",
    "BROWSE_FAILURES",
    "BROWSE_HISTORY",
    "BROWSE_HOURS",
    "BROWSE_LANGUAGES",
    "BROWSE_LAST_ARTICLE",
    "BROWSE_NOT_ON_TIME",
    "BROWSE_PARSED_DAYS",
    "BROWSE_REASONS",
    "BROWSE_REVISIONS",
    "BROWSE_RUNS",
    "BROWSE_RUNS_OF_SITE",
    "BROWSE_RUNS_WITH_ARTICLES",
    "BROWSE_RUN_TALLY",
    "BROWSE_TALLIED_SITES",
    "BROWSE_TOTALS",
    "SEARCH_ARTICLES",
    "SEARCH_ARTICLES_IN_LANGUAGE",
    "SEARCH_ARTICLES_OF_SITE",
    "SEARCH_ARTICLES_OF_SITE_IN_LANGUAGE",
    "SEARCH_END",
    "SEARCH_END_IN_LANGUAGE",
    "SEARCH_END_OF_SITE",
    "SEARCH_END_OF_SITE_IN_LANGUAGE",
]

from crawler.state.statements.columns import ARTICLE_COLUMNS, CAPTURE_COLUMNS, MISSED_LIST, RUN_COLUMNS

_PAGE = "ORDER BY captured_at DESC, url DESC LIMIT :limit"
# :upper says again, more loosely, where to begin: SQLite does not see it in the comparison of pairs.
_BEFORE = "captured_at >= :since AND captured_at <= :upper AND (captured_at, url) < (:before_at, :before_url)"

_OF_SITE = "site = :site AND "
_IN_LANGUAGE = "language = :language AND "

BROWSE_ARTICLES = f"SELECT {ARTICLE_COLUMNS} FROM articles WHERE {_BEFORE} {_PAGE}"
BROWSE_ARTICLES_OF_SITE = f"SELECT {ARTICLE_COLUMNS} FROM articles WHERE {_OF_SITE}{_BEFORE} {_PAGE}"
BROWSE_ARTICLES_IN_LANGUAGE = f"SELECT {ARTICLE_COLUMNS} FROM articles WHERE {_IN_LANGUAGE}{_BEFORE} {_PAGE}"
BROWSE_ARTICLES_OF_SITE_IN_LANGUAGE = (
    f"SELECT {ARTICLE_COLUMNS} FROM articles WHERE {_OF_SITE}{_IN_LANGUAGE}{_BEFORE} {_PAGE}"
)
# A search looks through a stretch of articles; the stretch is bounded, so is the time.
_LIKE = " AND ".join(f"COALESCE(folded, LOWER(title), '') LIKE :word{place} ESCAPE '\\'" for place in range(4))
_STRETCH = "ORDER BY captured_at DESC, url DESC LIMIT :stretch"
SEARCH_ARTICLES = f"""
    SELECT {ARTICLE_COLUMNS} FROM (SELECT {ARTICLE_COLUMNS}, folded FROM articles WHERE {_BEFORE} {_STRETCH}) AS looked
    WHERE {_LIKE} {_PAGE}
"""
SEARCH_ARTICLES_OF_SITE = f"""
    SELECT {ARTICLE_COLUMNS} FROM (SELECT {ARTICLE_COLUMNS}, folded FROM articles WHERE {_OF_SITE}{_BEFORE} {_STRETCH})
    AS looked
    WHERE {_LIKE} {_PAGE}
"""
SEARCH_ARTICLES_IN_LANGUAGE = f"""
    SELECT {ARTICLE_COLUMNS} FROM (SELECT {ARTICLE_COLUMNS}, folded FROM articles
    WHERE {_IN_LANGUAGE}{_BEFORE} {_STRETCH}) AS looked
    WHERE {_LIKE} {_PAGE}
"""
SEARCH_ARTICLES_OF_SITE_IN_LANGUAGE = f"""
    SELECT {ARTICLE_COLUMNS} FROM (
        SELECT {ARTICLE_COLUMNS}, folded FROM articles WHERE {_OF_SITE}{_IN_LANGUAGE}{_BEFORE} {_STRETCH}
    ) AS looked
    WHERE {_LIKE} {_PAGE}
"""
_END = f"{_BEFORE} {_PAGE} OFFSET :skip"
SEARCH_END = f"SELECT captured_at, url FROM articles WHERE {_END}"
SEARCH_END_OF_SITE = f"SELECT captured_at, url FROM articles WHERE {_OF_SITE}{_END}"
SEARCH_END_IN_LANGUAGE = f"SELECT captured_at, url FROM articles WHERE {_IN_LANGUAGE}{_END}"
SEARCH_END_OF_SITE_IN_LANGUAGE = f"SELECT captured_at, url FROM articles WHERE {_OF_SITE}{_IN_LANGUAGE}{_END}"
BROWSE_ARTICLES_OF_RUN = f"SELECT {ARTICLE_COLUMNS} FROM articles WHERE run = :run {_PAGE}"
BROWSE_RUNS_WITH_ARTICLES = "SELECT DISTINCT run FROM articles ORDER BY run"
BROWSE_ARTICLES_OF_ID = f"SELECT {ARTICLE_COLUMNS} FROM articles WHERE article_id = :id LIMIT :limit"
BROWSE_REVISIONS = f"SELECT {ARTICLE_COLUMNS} FROM articles WHERE url = :url ORDER BY captured_at DESC LIMIT :limit"
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
    SELECT {RUN_COLUMNS} FROM runs WHERE (queued_at, id) < (:before_at, :before_id) ORDER BY queued_at DESC, id DESC
    LIMIT :limit
"""
BROWSE_RUNS_OF_SITE = f"""
    SELECT {RUN_COLUMNS} FROM runs WHERE site = :site AND (queued_at, id) < (:before_at, :before_id)
    ORDER BY queued_at DESC, id DESC LIMIT :limit
"""
BROWSE_RUN_TALLY = "SELECT outcome, urls FROM tally_runs WHERE run = :run"
BROWSE_FAILURES = f"""
    SELECT url, at, run, outcome, reason, source, via, article_id, warc, warc_offset, warc_length FROM events
    WHERE run = :run AND outcome IN {MISSED_LIST} AND NOT EXISTS (
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
    SELECT {CAPTURE_COLUMNS} FROM captures WHERE url = :url ORDER BY captured_at DESC, warc_offset DESC LIMIT :limit
"""
BROWSE_CAPTURE = f"""
    SELECT {CAPTURE_COLUMNS}, captures.run, captures.site, captures.role FROM captures
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
        SELECT (SELECT MIN(site) FROM tally_days WHERE tally_days.site > found.site) FROM found
        WHERE found.site IS NOT NULL
    )
    SELECT site FROM found WHERE site IS NOT NULL
"""
BROWSE_HOURS = "SELECT hour, outcome, urls, size_bytes FROM tally_hours WHERE hour >= :since ORDER BY hour, outcome"
BROWSE_COUNTERS = "SELECT name, label, count FROM tally_counters ORDER BY name, label"
BROWSE_NOT_ON_TIME = """
    SELECT policy, COUNT(*) AS fires FROM fires WHERE scheduled_at >= :since AND policy <> 'ran' GROUP BY policy
"""
