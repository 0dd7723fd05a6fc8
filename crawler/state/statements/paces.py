"""The pace of each host. What is done for every request is one statement, committed by itself."""

from __future__ import annotations

__all__ = [
    "CLOSE_LANE",
    "CRAWL_DELAY",
    "DROP_PACES",
    "LET_LANE_GO",
    "NARROW_LANE",
    "PACE",
    "RESERVE_LANE",
    "SENT",
    "SLOW_LANE",
]

_COLUMNS = (
    "host, sent_at, held_by, held_until, closed_at, closed_until, why, penalty_s, crawl_delay_s, narrowed_at, "
    "day, requests"
)
PACE = f"SELECT {_COLUMNS} FROM paces WHERE host = :host"  # noqa: S608 - constants
# Moments later than `ahead` were written before the clock was set back: the lanes of each process still keep to them.
RESERVE_LANE = f"""
    INSERT INTO paces (host, held_by, held_until) VALUES (:host, :holder, :until)
    ON CONFLICT (host) DO UPDATE SET held_by = excluded.held_by, held_until = excluded.held_until
    WHERE (paces.held_by IS NULL OR paces.held_until <= :now OR paces.held_until > :far)
        AND (paces.sent_at IS NULL OR paces.sent_at <= :paced OR paces.sent_at > :ahead)
        AND (paces.closed_until IS NULL OR paces.closed_until <= :now OR paces.closed_at > :ahead)
        AND (paces.day <> :day OR paces.requests < :budget)
    RETURNING {_COLUMNS}
"""  # noqa: S608 - constants
SENT = """
    INSERT INTO paces (host, sent_at, held_by, held_until, day, requests)
    VALUES (:host, :now, :keeper, :until, :day, 1)
    ON CONFLICT (host) DO UPDATE SET sent_at = excluded.sent_at, day = excluded.day,
        held_by = CASE WHEN paces.held_by = :holder THEN excluded.held_by ELSE paces.held_by END,
        held_until = CASE WHEN paces.held_by = :holder THEN excluded.held_until ELSE paces.held_until END,
        requests = CASE WHEN paces.day = excluded.day THEN paces.requests + 1 ELSE 1 END
    RETURNING host
"""
LET_LANE_GO = """
    UPDATE paces SET held_by = NULL, held_until = NULL WHERE host = :host AND held_by = :holder RETURNING host
"""
SLOW_LANE = """
    INSERT INTO paces (host, penalty_s, why) VALUES (:host, :penalty_s, :why)
    ON CONFLICT (host) DO UPDATE SET penalty_s = excluded.penalty_s, why = excluded.why
"""
CLOSE_LANE = """
    INSERT INTO paces (host, penalty_s, why, closed_at, closed_until)
    VALUES (:host, :penalty_s, :why, :now, :closed_until)
    ON CONFLICT (host) DO UPDATE SET penalty_s = excluded.penalty_s, why = excluded.why, closed_at = excluded.closed_at,
        closed_until = CASE WHEN paces.closed_until > excluded.closed_until AND paces.closed_at <= :ahead
            THEN paces.closed_until ELSE excluded.closed_until END
"""
CRAWL_DELAY = """
    INSERT INTO paces (host, crawl_delay_s) VALUES (:host, :crawl_delay_s)
    ON CONFLICT (host) DO UPDATE SET crawl_delay_s = excluded.crawl_delay_s
"""
NARROW_LANE = """
    INSERT INTO paces (host, narrowed_at) VALUES (:host, :now)
    ON CONFLICT (host) DO UPDATE SET narrowed_at = excluded.narrowed_at
"""
DROP_PACES = """
    DELETE FROM paces WHERE sent_at < :before AND (closed_until IS NULL OR closed_until < :before)
"""
