"""What looks at channels showed."""

from __future__ import annotations

__all__ = ["ALL_REPORTS", "KEEP_REPORT", "REPORTS_OF_SITE"]

KEEP_REPORT = """
    INSERT INTO channels (url, site, checked_at, report) VALUES (:url, :site, :now, :report)
    ON CONFLICT (url) DO UPDATE SET site = excluded.site, checked_at = excluded.checked_at, report = excluded.report
"""
ALL_REPORTS = "SELECT checked_at, report FROM channels ORDER BY site, url"
REPORTS_OF_SITE = "SELECT checked_at, report FROM channels WHERE site = :site ORDER BY url"
