"""Dates as pages, feeds and sitemaps write them: `read_date` for pages, `iso_date` for feeds."""

from __future__ import annotations

from crawler.parse.dates.moment import Moment, moment_of, to_iso
from crawler.parse.dates.read import iso_date, read_date

__all__ = ["Moment", "iso_date", "moment_of", "read_date", "to_iso"]
