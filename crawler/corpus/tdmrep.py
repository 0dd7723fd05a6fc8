"""What a host's ``/.well-known/tdmrep.json`` says of an address: the TDM Reservation Protocol (W3C Community Group
report, "TDM Reservation Protocol", the file on the origin server).

A list of rules, each with a location (a pattern of paths: ``*`` is anything, ``$`` the end, else what begins so) and
``tdm-reservation``. The report leaves room for which of several rules counts: the first that fits, or the longest.
Where these disagree the reservation holds.
"""

from __future__ import annotations

__all__ = ["PATH", "reservation"]

from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import msgspec

from crawler.model.article import RightsSignal

PATH = "/.well-known/tdmrep.json"

_MOST_RULES = 10_000
_RESERVED = ("1", "true")
_FREE = ("0", "false")


class _Rule(NamedTuple):
    length: int
    parts: tuple[str, ...]
    """Of its location, between the stars; it begins with the first."""
    is_whole: bool
    """The last is the end of what it fits."""
    value: str
    policy: str | None

    def fits(self, path: str) -> bool:
        if not path.startswith(self.parts[0]):
            return False
        at, last = len(self.parts[0]), len(self.parts) - 1
        for place, part in enumerate(self.parts[1:], 1):
            if place == last and self.is_whole:
                return len(path) - len(part) >= at and path.endswith(part)
            found = path.find(part, at)
            if found < 0:
                return False
            at = found + len(part)
        return not self.is_whole or at == len(path)


def reservation(body: bytes, url: str) -> tuple[RightsSignal, ...]:
    """Return what the file `body` states of `url`; nothing if it is none, or says nothing of it."""
    parts = urlsplit(url)
    path = _plain(parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    fitting = [rule for rule in _rules(body) if rule.fits(path)]
    if not fitting:
        return ()
    both = (fitting[0], max(fitting, key=lambda rule: rule.length))
    rule = next((one for one in both if one.value == "1"), both[0])
    found = [RightsSignal("tdmrep.json:tdm-reservation", rule.value)]
    if rule.policy is not None:
        found.append(RightsSignal("tdmrep.json:tdm-policy", rule.policy))
    return tuple(found)


@lru_cache(500)
def _rules(body: bytes) -> tuple[_Rule, ...]:
    try:
        told = msgspec.json.decode(body.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ()
    entries = told if isinstance(told, list) else [told]
    return tuple(rule for one in entries[:_MOST_RULES] if (rule := _rule(one)) is not None)


def _rule(entry: object) -> _Rule | None:
    """Return the rule that `entry` is; None: it is none."""
    if not isinstance(entry, dict):
        return None
    location, policy = entry.get("location"), entry.get("tdm-policy")
    value = str(entry.get("tdm-reservation")).strip().lower()
    if not isinstance(location, str) or value not in _RESERVED + _FREE:
        return None
    location = _plain(location.strip())
    if not location.startswith(("/", "*")):
        location = f"/{location}"
    parts = tuple(location.removesuffix("$").split("*"))
    told = policy if isinstance(policy, str) else None
    return _Rule(len(location), parts, location.endswith("$"), "1" if value in _RESERVED else "0", told)


def _plain(path: str) -> str:
    return unquote(path, errors="replace")
