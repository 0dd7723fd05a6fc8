"""What is remembered of sites beyond their declarations: pauses, and every fire with what was done about it."""

from __future__ import annotations

__all__ = ["Sites"]

from datetime import datetime

import msgspec

from crawler.clock import iso_utc
from crawler.state.protocol import Part
from crawler.state.records import Fire, FirePolicy
from crawler.state.statements import sites as sql


class Sites(Part):
    """Pauses and fires."""

    def paused(self, site: str) -> bool:
        """Tell whether the schedule of `site` is paused."""
        return self._db.one(sql.IS_PAUSED, {"site": site}) is not None

    def pauses(self) -> dict[str, datetime]:
        """Return the paused sites, and since when."""
        return {row["site"]: datetime.fromisoformat(row["paused_at"]) for row in self._db.all(sql.PAUSED)}

    def set_paused(self, site: str, paused: bool) -> bool:
        """Pause or resume the schedule of `site`; return False if it was so already."""
        return self._db.run(sql.PAUSE if paused else sql.RESUME, {"site": site, "now": self._now()}) == 1

    def add_fire(
        self, site: str, scheduled_at: datetime, policy: FirePolicy, *, earlier: int = 0, run: str | None = None
    ) -> None:
        """Record what was done about a fire; a fire recorded already keeps its record."""
        self._db.run(
            sql.ADD_FIRE,
            {
                "site": site,
                "scheduled_at": iso_utc(scheduled_at),
                "policy": policy,
                "earlier": earlier,
                "run": run,
                "now": self._now(),
            },
        )

    def fires(self, site: str | None = None, limit: int = 50) -> list[Fire]:
        """Return fires, the latest first."""
        if site is None:
            rows = self._db.all(sql.FIRES, {"limit": limit})
        else:
            rows = self._db.all(sql.FIRES_OF_SITE, {"site": site, "limit": limit})
        return [msgspec.convert(dict(row), Fire) for row in rows]

    def last_fires(self) -> dict[str, datetime]:
        """Return the latest recorded fire of every site."""
        return {row["site"]: datetime.fromisoformat(row["scheduled_at"]) for row in self._db.all(sql.LAST_FIRES)}

    def prune_fires(self, before: datetime) -> int:
        """Forget the fires before that moment, but never a site's latest; return how many."""
        return self._db.run(sql.PRUNE_FIRES, {"before": iso_utc(before)})
