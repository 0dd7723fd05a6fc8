"""Forgetting: the ledger keeps the current outcome of each URL, captures and articles what was kept."""

# ruff: noqa: S608 - what the statements are composed of are constants

from __future__ import annotations

__all__ = [
    "PRUNE_EVENTS",
    "PRUNE_MARK",
    "PRUNE_MOVE",
    "PRUNE_NEXT",
    "PRUNE_RUN",
    "PRUNE_RUNS_FROM",
    "PRUNE_RUN_TALLY",
]

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
