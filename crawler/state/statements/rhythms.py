"""When channels are due, and what they moved on by unseen."""

from __future__ import annotations

__all__ = ["ADD_GAP", "FILL_GAPS", "GAPS", "KEEP_RHYTHM", "NEXT_PAGE", "RHYTHM", "RHYTHMS", "RHYTHMS_DUE"]

RHYTHM = "SELECT site, url, memory, read_at, due_at, why FROM rhythms WHERE site = :site AND url = :url"
RHYTHMS = "SELECT site, url, memory, read_at, due_at, why FROM rhythms WHERE site = :site ORDER BY due_at, url"
KEEP_RHYTHM = """
    INSERT INTO rhythms (site, url, memory, read_at, due_at, why) VALUES (:site, :url, :memory, :read_at, :due_at, :why)
    ON CONFLICT (site, url) DO UPDATE SET memory = excluded.memory, read_at = excluded.read_at,
        due_at = excluded.due_at, why = excluded.why
"""
RHYTHMS_DUE = "SELECT url, read_at, due_at FROM rhythms WHERE site = :site"
NEXT_PAGE = """
    SELECT MIN(due_at) AS due_at FROM (
        SELECT MIN(next_try_at) AS due_at FROM ledger WHERE site = :site AND next_try_at IS NOT NULL
        UNION ALL
        SELECT MIN(next_visit_at) AS due_at FROM ledger WHERE site = :site AND next_visit_at >= :oldest
        UNION ALL
        SELECT MIN(rank) AS due_at FROM ledger WHERE site = :site AND outcome IN ('announced', 'queued')
    ) AS pages
"""
ADD_GAP = """
    INSERT INTO gaps (site, url, begin_at, end_at, run, found) VALUES (:site, :url, :begin_at, :end_at, :run, 0)
    ON CONFLICT DO NOTHING
"""
FILL_GAPS = "UPDATE gaps SET found = found + :found WHERE site = :site AND run = :run"
GAPS = """
    SELECT site, url, begin_at, end_at, run, found FROM gaps
    WHERE end_at >= :since AND end_at < :until AND (:site = '' OR site = :site) ORDER BY site, end_at, url
"""
