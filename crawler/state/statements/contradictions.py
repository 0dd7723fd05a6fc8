"""Rows that speak against each other: each statement gives what is named of one kind of them."""

# ruff: noqa: S608 - what the statements are composed of are constants

from __future__ import annotations

__all__ = ["ARTICLES_UNCAPTURED", "LEDGER_WITHOUT_ARTICLE", "WITHOUT_RUN"]

from crawler.state.statements.columns import ARTICLE_ROLES

_OF_A_RUN = (("captures", "url"), ("articles", "url"), ("ledger", "url"), ("events", "url"))
WITHOUT_RUN = " UNION ALL ".join(
    f"SELECT '{table}' AS kind, {name} AS url, run AS said FROM {table}"
    f" WHERE NOT EXISTS (SELECT 1 FROM runs WHERE runs.id = {table}.run)"
    for table, name in _OF_A_RUN
)
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
