"""What was asked of one host: its URLs are a range of an index."""

from __future__ import annotations

__all__ = ["ANSWERS", "HOSTS", "REFUSALS"]

# What a browser made of an answer was asked of nobody.
ANSWERS = """
    SELECT captured_at AS at, status, warc_length AS size_bytes, role, site FROM captures
    WHERE url >= :first AND url < :last AND captured_at >= :since AND captured_at < :until
        AND kind <> 'conversion'
"""
REFUSALS = """
    SELECT events.at AS at, events.outcome AS outcome, COALESCE(events.reason, '') AS reason, runs.site AS site
    FROM events JOIN runs ON runs.id = events.run
    WHERE events.url >= :first AND events.url < :last AND events.at >= :since AND events.at < :until
        AND events.warc IS NULL AND events.outcome IN ('failed', 'disallowed', 'lost')
"""
HOSTS = "SELECT host AS name FROM paces UNION SELECT origin AS name FROM robots"
