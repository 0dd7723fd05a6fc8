"""The queue of runs. What is open is found by an index of the open ones, however many there were before."""

# ruff: noqa: S608 - what the statements are composed of are constants

from __future__ import annotations

__all__ = [
    "ADD_RUN",
    "CLAIM_RUN",
    "END_RUNS",
    "FINISH_RUN",
    "LANE_HOLDER",
    "OPEN_RUNS",
    "OPEN_RUN_OF_SITE",
    "RELEASE_RUN",
    "REQUEUE_RUNS",
    "RUN",
    "RUNNING_WORKERS",
    "RUNS",
    "RUNS_OF_SITE",
    "START_RUN",
]

from crawler.state.statements.columns import RUN_COLUMNS

ADD_RUN = """
    INSERT INTO runs (id, site, lane, lane_hash, cause, targets, scheduled_at, queued_at, state)
    VALUES (:id, :site, :lane, :lane_hash, :cause, :targets, :scheduled_at, :queued_at, 'queued')
    ON CONFLICT DO NOTHING
"""
CLAIM_RUN = f"""
    UPDATE runs SET state = 'running', worker = :worker, started_at = :now, attempts = attempts + 1, reason = NULL
    WHERE state = 'queued' AND id = (
        SELECT due.id FROM runs AS due
        WHERE due.state = 'queued' AND due.state IN ('queued', 'running') AND due.cause IN ('schedule', 'manual')
        AND due.lane_hash % :shares = :share AND NOT EXISTS (
            SELECT 1 FROM runs AS other WHERE other.lane = due.lane AND other.state = 'running'
        )
        ORDER BY CASE WHEN due.cause = 'schedule' THEN 1 ELSE 0 END, due.queued_at, due.id
        LIMIT 1
    )
    RETURNING {RUN_COLUMNS}
"""
START_RUN = f"""
    UPDATE runs SET state = 'running', worker = :worker, started_at = :now, attempts = attempts + 1, reason = NULL
    WHERE id = :id AND state = 'queued' AND NOT EXISTS (
        SELECT 1 FROM runs AS other WHERE other.lane = runs.lane AND other.state = 'running'
    )
    RETURNING {RUN_COLUMNS}
"""
FINISH_RUN = """
    UPDATE runs SET state = :state, reason = :reason, finished_at = :now, worker = NULL
    WHERE id = :id AND state IN ('queued', 'running')
"""
RELEASE_RUN = """
    UPDATE runs SET state = 'queued', worker = NULL, started_at = NULL, attempts = attempts - 1, reason = :reason
    WHERE id = :id AND state = 'running'
"""
REQUEUE_RUNS = """
    UPDATE runs SET state = 'queued', worker = NULL, started_at = NULL, reason = :reason
    WHERE worker = :worker AND state = 'running' AND cause IN ('schedule', 'manual') AND attempts < :limit
    RETURNING id
"""
END_RUNS = """
    UPDATE runs SET state = CASE WHEN cause IN ('schedule', 'manual') THEN 'failed' ELSE 'interrupted' END,
        worker = NULL, finished_at = :now, reason = :reason
    WHERE worker = :worker AND state = 'running'
    RETURNING id
"""
RUNNING_WORKERS = "SELECT DISTINCT worker FROM runs WHERE state = 'running' AND worker IS NOT NULL"
LANE_HOLDER = """
    SELECT other.id, other.worker FROM runs AS other JOIN runs AS mine ON mine.lane = other.lane
    WHERE mine.id = :id AND other.state = 'running' AND other.id <> mine.id
"""
RUN = f"SELECT {RUN_COLUMNS} FROM runs WHERE id = :id"
RUNS = f"SELECT {RUN_COLUMNS} FROM runs ORDER BY queued_at DESC, id DESC LIMIT :limit"
RUNS_OF_SITE = f"SELECT {RUN_COLUMNS} FROM runs WHERE site = :site ORDER BY queued_at DESC, id DESC LIMIT :limit"
OPEN_RUNS = f"SELECT {RUN_COLUMNS} FROM runs WHERE state IN ('queued', 'running') ORDER BY queued_at, id"
OPEN_RUN_OF_SITE = (
    f"SELECT {RUN_COLUMNS} FROM runs WHERE state IN ('queued', 'running') AND site = :site AND targets = '[]'"
)
