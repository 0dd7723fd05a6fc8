"""What one reading of a channel found, and what the channel says of when it wants to be read again."""

from __future__ import annotations

__all__ = ["ChannelReading", "Wishes"]

from datetime import datetime

import msgspec


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel says of itself, in its headers and in what it lists."""

    ttl_s: float = 0.0
    """RSS's ``ttl``, Cache-Control or Expires: until then it will be the same. 0: it does not say."""
    period_s: float = 0.0
    """``sy:updatePeriod`` and its frequency: how often it means to change; much software says "hourly" whatever it
    does."""
    skip_hours: tuple[int, ...] = ()
    """Hours of the day (GMT) in which it is not to be read."""
    skip_days: tuple[int, ...] = ()
    """Days of the week, Monday is 0."""


class ChannelReading(msgspec.Struct, frozen=True, kw_only=True):
    """What one reading of a channel found."""

    at: datetime
    listed: int | None = None
    """Items; None: it said that nothing changed."""
    new: int = 0
    """Items that nobody had seen."""
    published: tuple[datetime, ...] = ()
    """When they were published (of a first reading, when all that is listed was), as far as that is said."""
    overrun: bool = False
    """Nothing of the last reading was in this one."""
    wishes: Wishes | None = None
    """None: as before."""
