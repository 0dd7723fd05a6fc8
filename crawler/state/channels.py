"""What the last look at each channel showed."""

from __future__ import annotations

__all__ = ["Channels", "Checked"]

from datetime import datetime
from typing import NamedTuple

import msgspec

from crawler.model.channel import ChannelReport
from crawler.state.protocol import Part
from crawler.state.statements import channels as sql


class Checked(NamedTuple):
    """A report, and when it was made."""

    at: datetime
    report: ChannelReport


class Channels(Part):
    """Reports on channels, the last one of each."""

    def keep_report(self, report: ChannelReport) -> None:
        """Keep `report` in place of the one before it on the same channel."""
        self._db.run(
            sql.KEEP_REPORT,
            {
                "url": report.url,
                "site": report.site,
                "now": self._now(),
                "report": msgspec.json.encode(report).decode(),
            },
        )

    def reports(self, site: str | None = None) -> dict[str, Checked]:
        """Return the reports on the channels of `site` (None: of all sites), by URL."""
        rows = self._db.all(sql.ALL_REPORTS) if site is None else self._db.all(sql.REPORTS_OF_SITE, {"site": site})
        found = [
            Checked(datetime.fromisoformat(row["checked_at"]), msgspec.json.decode(row["report"], type=ChannelReport))
            for row in rows
        ]
        return {checked.report.url: checked for checked in found}
