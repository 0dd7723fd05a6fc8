"""The owners of runs: each keeps a lease while it lives, so that its runs are taken back when it does not.

A process of this machine is asked for itself: it may be late with its lease and still at work, or gone a second ago.
Of one that runs elsewhere only its lease tells.
"""

from __future__ import annotations

__all__ = ["LEASE_S", "RENEW_S", "Owners", "keep_lease"]

import asyncio
from datetime import timedelta
from typing import NoReturn

from crawler.clock import iso_utc
from crawler.errors import StateError
from crawler.log import EventLog
from crawler.state.owner import lives_here
from crawler.state.protocol import Part
from crawler.state.statements import owners as sql

LEASE_S = 90.0
"""What was not renewed for so long is over."""
RENEW_S = 15.0
"""Owners renew their leases so often."""

_log = EventLog(__name__)


class Owners(Part):
    """Leases."""

    def renew_lease(self, name: str) -> None:
        """Note that the owner `name` (see `owner`) lives, for the next `LEASE_S`."""
        until = iso_utc(self._clock.now() + timedelta(seconds=LEASE_S))
        self._db.run(sql.RENEW_LEASE, {"name": name, "now": self._now(), "until": until})

    def lives(self, name: str) -> bool:
        """Tell whether the owner `name` is at work: by its process if it is one of here, else by its lease."""
        here = lives_here(name)
        return self._db.one(sql.LEASE, {"name": name, "now": self._now()}) is not None if here is None else here

    def drop_leases(self) -> None:
        """Forget the leases that are over, of owners that hold no run."""
        self._db.run(sql.DROP_LEASES, {"now": self._now()})


async def keep_lease(owners: Owners, name: str) -> NoReturn:
    """Renew the lease of `name` until cancelled; a state that refuses is tried again."""
    while True:
        try:
            owners.renew_lease(name)
        except StateError as error:
            _log.error("lease not renewed, will try again", error=str(error))
        await asyncio.sleep(RENEW_S)
