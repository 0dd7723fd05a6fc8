"""What was asked of one host, and what was not: for those who answer its publisher."""

from __future__ import annotations

__all__ = ["Answered", "Asked", "Unanswered"]

from collections.abc import Iterator
from datetime import datetime

import msgspec

from crawler.clock import iso_utc
from crawler.model.capture import Role
from crawler.model.run import Outcome
from crawler.state.protocol import Part
from crawler.state.statements import asked as sql

_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """A request that was answered."""

    at: datetime
    """When it was written."""
    status: int
    size_bytes: int
    """Of the answer's record, as it is kept: compressed where it came uncompressed."""
    role: Role
    site: str


class Unanswered(msgspec.Struct, frozen=True, kw_only=True):
    """A URL that was wanted and not obtained: no answer came, or it was not asked for."""

    at: datetime
    outcome: Outcome
    reason: str
    site: str


class Asked(Part):
    """Requests by politeness key: host, with the port unless it is the scheme's own."""

    def answered(self, host: str, since: datetime, until: datetime) -> list[Answered]:
        """Return what `host` answered between those moments, in order."""
        rows = (row for values in _ranges(host, since, until) for row in self._db.all(sql.ANSWERS, values))
        return sorted((msgspec.convert(dict(row), Answered) for row in rows), key=lambda one: one.at)

    def unanswered(self, host: str, since: datetime, until: datetime) -> list[Unanswered]:
        """Return what was wanted of `host` between those moments and not obtained, in order."""
        rows = (row for values in _ranges(host, since, until) for row in self._db.all(sql.REFUSALS, values))
        return sorted((msgspec.convert(dict(row), Unanswered) for row in rows), key=lambda one: one.at)

    def hosts_asked(self) -> list[str]:
        """Return the hosts that are known to have been asked, as politeness keys."""
        return sorted({_key(row["name"]) for row in self._db.all(sql.HOSTS)})


def _ranges(host: str, since: datetime, until: datetime) -> Iterator[dict[str, str]]:
    """Yield the ranges in which the URLs of `host` lie: ``0`` comes right after the slash that ends its name."""
    for scheme in ("http", "https"):
        name = f"{scheme}://{host}"
        yield {"first": f"{name}/", "last": f"{name}0", "since": iso_utc(since), "until": iso_utc(until)}


def _key(name: str) -> str:
    scheme, found, host = name.partition("://")
    return host.removesuffix(_DEFAULT_PORTS.get(scheme, "")) if found else name
