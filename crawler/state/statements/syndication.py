"""Sketches of articles, what they have in common, and their clusters."""

from __future__ import annotations

__all__ = [
    "ADD_POSTING", "ADD_SKETCH", "CLUSTERS", "HOLDERS", "MEMBERS", "SET_CLUSTER", "SKETCHES", "SKETCH_COUNTS",
    "UNSKETCHED",
]  # fmt: skip

_SKETCH = "id, url, captured_at, site, title, published_at, scale, digest, hashes, cluster"

UNSKETCHED = """
    SELECT articles.url, articles.captured_at, articles.article_id, articles.site, articles.run, articles.title,
        articles.published_at, articles.language, articles.word_count, articles.path
    FROM articles LEFT JOIN sketches ON sketches.url = articles.url AND sketches.captured_at = articles.captured_at
    WHERE articles.captured_at >= :since AND articles.captured_at < :until AND sketches.id IS NULL
        AND (articles.captured_at, articles.url) > (:after_at, :after_url)
    ORDER BY articles.captured_at, articles.url LIMIT :limit
"""
ADD_SKETCH = """
    INSERT INTO sketches (url, captured_at, site, title, published_at, scale, digest, hashes)
    VALUES (:url, :captured_at, :site, :title, :published_at, :scale, :digest, :hashes)
    ON CONFLICT (url, captured_at) DO NOTHING RETURNING id
"""
SET_CLUSTER = "UPDATE sketches SET cluster = :cluster WHERE id = :id"
ADD_POSTING = "INSERT INTO postings (hash, sketch) VALUES (:hash, :sketch) ON CONFLICT (hash, sketch) DO NOTHING"
HOLDERS = """
    SELECT postings.hash AS hash, postings.sketch AS sketch, sketches.cluster AS cluster, sketches.site AS site
    FROM postings JOIN sketches ON sketches.id = postings.sketch WHERE postings.hash IN ({urls})
"""
SKETCHES = f"SELECT {_SKETCH} FROM sketches WHERE id IN ({{urls}})"  # noqa: S608 - constants
CLUSTERS = """
    SELECT DISTINCT cluster FROM sketches
    WHERE captured_at >= :since AND captured_at < :until AND cluster IS NOT NULL AND (:site IS NULL OR site = :site)
        AND EXISTS (SELECT 1 FROM sketches AS other WHERE other.cluster = sketches.cluster
        AND other.site <> sketches.site)
    ORDER BY cluster
"""
MEMBERS = f"SELECT {_SKETCH} FROM sketches WHERE cluster = :cluster ORDER BY captured_at, url"  # noqa: S608 - constants
SKETCH_COUNTS = """
    SELECT site, COUNT(DISTINCT url) AS articles FROM sketches
    WHERE captured_at >= :since AND captured_at < :until AND (:site IS NULL OR site = :site) GROUP BY site
"""
