"""Alarms, and the notices of them that are still to be given."""

# ruff: noqa: S608 - what the statements are composed of are constants

from __future__ import annotations

__all__ = [
    "ADD_NOTICE",
    "CLEAR_ALARM",
    "DROP_NOTICE",
    "NOTICES",
    "OPEN_ALARMS",
    "PRUNE_ALARMS",
    "PRUNE_NOTICES",
    "RAISE_ALARM",
    "RECENT_ALARMS",
    "SEE_ALARM",
]

_ALARM = "id, kind, severity, site, message, raised_at, seen_at, cleared_at"

SEE_ALARM = """
    UPDATE alarms SET seen_at = :now, message = :message, severity = :severity
    WHERE kind = :kind AND site = :site AND cleared_at IS NULL
"""
RAISE_ALARM = """
    INSERT INTO alarms (kind, severity, site, message, raised_at, seen_at)
    VALUES (:kind, :severity, :site, :message, :now, :now)
    RETURNING id
"""
CLEAR_ALARM = "UPDATE alarms SET cleared_at = :now WHERE id = :id AND cleared_at IS NULL"
OPEN_ALARMS = f"SELECT {_ALARM} FROM alarms WHERE cleared_at IS NULL ORDER BY raised_at, id"
RECENT_ALARMS = f"""
    SELECT {_ALARM} FROM alarms WHERE cleared_at IS NOT NULL ORDER BY raised_at DESC, id DESC LIMIT :limit
"""
ADD_NOTICE = """
    INSERT INTO notices (alarm, event, channel, at) VALUES (:alarm, :event, :channel, :now) ON CONFLICT DO NOTHING
"""
NOTICES = """
    SELECT notices.event, notices.at, alarms.id, alarms.kind, alarms.severity, alarms.site, alarms.message,
    alarms.raised_at,
        alarms.seen_at, alarms.cleared_at
    FROM notices JOIN alarms ON alarms.id = notices.alarm
    WHERE notices.channel = :channel ORDER BY notices.at, notices.alarm, notices.event DESC
"""
DROP_NOTICE = "DELETE FROM notices WHERE channel = :channel AND alarm = :alarm AND event = :event"
PRUNE_NOTICES = "DELETE FROM notices WHERE at < :before"
PRUNE_ALARMS = """
    DELETE FROM alarms WHERE cleared_at < :before AND NOT EXISTS (SELECT 1 FROM notices WHERE notices.alarm = alarms.id)
"""
