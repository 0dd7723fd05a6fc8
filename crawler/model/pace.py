"""The pace of a host, as all processes of a machine share it."""

from __future__ import annotations

__all__ = ["Pace"]

from datetime import datetime

import msgspec


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one host. Moments are of the wall clock: they outlive processes and restarts."""

    host: str
    """The politeness key: host, with the port unless it is the scheme's own."""
    sent_at: datetime | None = None
    """When the last request was written, by whomever."""
    held_by: str | None = None
    """Who has the host's next turn and has not written its request yet (see `crawler.state.owner`)."""
    held_until: datetime | None = None
    """Then the turn is over, whatever became of its holder."""
    closed_at: datetime | None = None
    """When the host asked to be left alone."""
    closed_until: datetime | None = None
    why: str = ""
    """Why it is left alone, or asked slowly."""
    penalty_s: float = 0.0
    """Least time between two requests because of refusals and failures."""
    crawl_delay_s: float = 0.0
    """What its robots.txt asks for."""
    narrowed_at: datetime | None = None
    """When it reset a second connection; None: it never did."""
    day: str = ""
    """The day (UTC) of which `requests` tells."""
    requests: int = 0
