"""Pauses, and what was done about each fire."""

from __future__ import annotations

__all__ = [
    "ADD_FIRE",
    "FIRES",
    "FIRES_OF_SITE",
    "IS_PAUSED",
    "LAST_FIRES",
    "PAUSE",
    "PAUSED",
    "PRUNE_FIRES",
    "RESUME",
]

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
