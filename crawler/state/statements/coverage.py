"""What became of the stories of a site by day, who announced them, and which of them changed."""

# ruff: noqa: S608 - what the statements are composed of are constants

from __future__ import annotations

__all__ = ["COVERAGE_DAYS", "COVERAGE_SOURCES", "EDITS", "EDITS_MET"]

from crawler.state.statements.columns import ARTICLE_ROLES

COVERAGE_DAYS = f"""
    SELECT site, SUBSTR(first_seen_at, 1, 10) AS day, outcome,
        CASE WHEN outcome IN ('failed', 'lost', 'walled') AND next_try_at IS NULL THEN 1 ELSE 0 END AS given_up,
        CASE WHEN outcome IN ('redirected', 'duplicate', 'alias') THEN '' ELSE COALESCE(reason, '') END AS why,
        COUNT(*) AS urls, SUM(CASE WHEN article_id <> first_article_id THEN 1 ELSE 0 END) AS revised
    FROM ledger
    WHERE first_seen_at >= :since AND first_seen_at < :until AND (:site IS NULL OR site = :site) AND {ARTICLE_ROLES}
    GROUP BY 1, 2, 3, 4, 5
"""
COVERAGE_SOURCES = f"""
    SELECT DISTINCT ledger.site AS site, COALESCE(ledger.page, ledger.url) AS page, events.source AS source
    FROM ledger JOIN events ON events.url = ledger.url
    WHERE ledger.first_seen_at >= :since AND ledger.first_seen_at < :until AND ledger.rank >= :since
        AND (:site IS NULL OR ledger.site = :site) AND ledger.{ARTICLE_ROLES}
        AND ledger.outcome NOT IN ('out_of_scope', 'disallowed')
        AND events.outcome = 'announced' AND events.source IS NOT NULL
"""
EDITS = """
    SELECT later.site AS site, later.url AS url, later.captured_at AS captured_at, MAX(earlier.captured_at) AS before_at
    FROM articles AS later JOIN articles AS earlier
        ON earlier.url = later.url AND earlier.captured_at < later.captured_at
    WHERE later.captured_at >= :since AND later.captured_at < :until AND (:site IS NULL OR later.site = :site)
    GROUP BY 1, 2, 3 ORDER BY 1, 3, 2
"""
# What a visit met in an article's place. Only an event with a record tells of an answer.
EDITS_MET = """
    SELECT ledger.site AS site, events.url AS url, events.at AS at, events.outcome AS outcome, events.reason AS reason
    FROM events JOIN ledger ON ledger.url = events.url
    WHERE events.at >= :since AND events.at < :until AND (:site IS NULL OR ledger.site = :site)
        AND ledger.first_article_at IS NOT NULL AND ledger.first_article_at < events.at
        AND ((events.outcome = 'failed' AND events.reason IN ('http_404', 'http_410')) OR events.outcome = 'redirected'
            OR (events.outcome = 'walled' AND events.reason = 'soft404'))
    ORDER BY 1, 3, 2
"""
