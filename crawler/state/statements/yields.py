"""What each kind of address of a site gave."""

from __future__ import annotations

__all__ = ["CUT_OFF", "KEEP_YIELD", "LEFT_ALONE", "YIELDS"]

YIELDS = "SELECT pattern, pages, articles, barren, cut_at, looked_at, example FROM yields WHERE site = :site"
KEEP_YIELD = """
    INSERT INTO yields (site, pattern, pages, articles, barren, cut_at, looked_at, example)
    VALUES (:site, :pattern, :pages, :articles, :barren, :cut_at, :looked_at, :example)
    ON CONFLICT (site, pattern) DO UPDATE SET pages = excluded.pages, articles = excluded.articles,
        barren = excluded.barren, cut_at = excluded.cut_at, looked_at = excluded.looked_at, example = excluded.example
"""
CUT_OFF = """
    SELECT site, pattern, pages, articles, barren, cut_at, looked_at, example FROM yields
    WHERE cut_at IS NOT NULL AND (:site IS NULL OR site = :site) ORDER BY site, pattern
"""
LEFT_ALONE = """
    SELECT url FROM ledger
    WHERE site = :site AND outcome = 'out_of_scope' AND reason = 'barren_pattern' AND url > :after
    ORDER BY url LIMIT :limit
"""
