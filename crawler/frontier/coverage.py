"""How much was never announced to us? Capture-recapture between channels that list the same stories independently.

With two channels Chapman's estimator of the number of stories (Chapman 1951; variance by Seber 1970), with more Chao's
lower bound from those that one and those that two channels list (Chao 1987). Intervals are log-normal (Chao 1987,
Burnham 1991): never below what was seen. Channels that copy one another see the same, and the estimate is too low; it
is a lower bound, and said to be one.
"""

from __future__ import annotations

__all__ = ["Estimate", "estimate"]

import math
from collections import Counter
from collections.abc import Iterable

import msgspec

_Z = 1.96
"""Of a 95 % interval."""


class Estimate(msgspec.Struct, frozen=True):
    """How many stories there were, those nobody announced included."""

    seen: int
    total: float
    low: float
    high: float
    method: str
    """``chapman`` or ``chao``; ``none``: there was one channel only, or nothing that two of them list."""

    @property
    def unseen(self) -> float:
        """How many were never announced, as far as can be estimated."""
        return self.total - self.seen


def estimate(listed: Iterable[frozenset[str]]) -> Estimate:
    """Return the estimate from the set of kinds of channel that announced each story."""
    stories = [kinds for kinds in listed if kinds]
    kinds = frozenset().union(*stories) if stories else frozenset[str]()
    seen = len(stories)
    by_count = Counter(len(story) for story in stories)
    if len(kinds) < 2 or seen == by_count[1]:
        return Estimate(seen, seen, seen, seen, "none")
    if len(kinds) == 2:
        one, other = sorted(kinds)
        return _chapman(seen, sum(one in s for s in stories), sum(other in s for s in stories), by_count[2])
    return _chao(seen, len(kinds), by_count[1], by_count[2])


def _chapman(seen: int, first: int, second: int, both: int) -> Estimate:
    total = (first + 1) * (second + 1) / (both + 1) - 1
    variance = (first + 1) * (second + 1) * (first - both) * (second - both) / ((both + 1) ** 2 * (both + 2))
    return _with_interval(seen, total, variance, "chapman")


def _chao(seen: int, channels: int, once: int, twice: int) -> Estimate:
    """Return Chao's estimate, corrected for bias; variance after Chao (1987)."""
    factor = (channels - 1) / channels
    unseen = factor * once * (once - 1) / (2 * (twice + 1))
    ratio = once / max(twice, 1)
    variance = max(twice, 1) * (factor / 2 * ratio**2 + factor**2 * ratio**3 + factor**2 / 4 * ratio**4)
    return _with_interval(seen, seen + unseen, variance, "chao")


def _with_interval(seen: int, total: float, variance: float, method: str) -> Estimate:
    unseen = total - seen
    if unseen <= 0 or variance <= 0:
        return Estimate(seen, float(seen), seen, seen, method)
    spread = math.exp(_Z * math.sqrt(math.log1p(variance / unseen**2)))
    return Estimate(seen, total, seen + unseen / spread, seen + unseen * spread, method)
