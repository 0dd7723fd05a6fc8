"""What is wrong: pure functions of facts, limits and the time. Each says what was expected and what was found."""

from __future__ import annotations

__all__ = ["ChannelFacts", "Finding", "MachineFacts", "SiteFacts", "machine_findings", "site_findings"]

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

import msgspec

from crawler.config import Alarming
from crawler.model.run import MISSED, Outcome
from crawler.state import Gap, Severity

_FEW_ARTICLES = 20
"""With fewer there is no telling what is usual."""
_LATEST = 20
_BEFORE = 60
_FEW_PAGES = 20
_JUMP = 3.0
_MISSED = (*MISSED, "walled")
_JUDGED = ("parsed", *_MISSED)
_LOW_DISK = 2
_NAMED = 3
_NEW_TRIES = 2
"""Polls after which a channel that was never read is told of: a declaration is wrong now, not after a day."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is wrong now."""

    kind: str
    severity: Severity
    site: str | None = None
    message: str


class ChannelFacts(msgspec.Struct, frozen=True):
    """A declared feed, sitemap or section page."""

    url: str
    silent_since: datetime | None
    """When it was last read, or first asked for if never; None: not yet asked for."""
    reason: str | None = None
    """Why the last try failed."""
    tried: int = 0
    """Runs that asked for it in vain, if it was never read with success."""


class SiteFacts(msgspec.Struct, frozen=True, kw_only=True):
    """How a site has been doing."""

    site: str
    gap_s: float
    """The longest wait between two of its next runs."""
    channels: tuple[ChannelFacts, ...] = ()
    articles: tuple[tuple[datetime, int | None], ...] = ()
    """Moment and length in words of the latest ones, the latest first."""
    volume: int = 0
    """Articles in the window."""
    earlier: tuple[int, ...] = ()
    """Articles in the same hours of earlier weeks; empty: too little history, or the daemon was away."""
    outcomes: Mapping[tuple[Outcome, str], int] = {}
    """Of the last day's pages, with reasons."""
    usual: Mapping[tuple[Outcome, str], int] = {}
    """Of the four weeks before."""
    gaps: tuple[Gap, ...] = ()
    """Of the last day."""


class MachineFacts(msgspec.Struct, frozen=True, kw_only=True):
    """How the daemon and its machine are doing."""

    used_bytes: int = 0
    quota_bytes: int = 1
    free_bytes: int = 1
    min_free_bytes: int = 0
    oldest_unshipped_s: float = 0.0
    unshipped: int = 0
    """Files that wait longer than they should."""
    jump_s: float = 0.0
    """How far the wall clock ran from the monotonic one, lately."""
    idle_since: datetime | None = None
    """When a run was due first after the last one that ended."""
    foreign: tuple[str, ...] = ()
    """Files in the spool that somebody else put there."""


def site_findings(facts: SiteFacts, limits: Alarming, now: datetime) -> list[Finding]:
    """Return what is wrong with one site. A silent site is not also told to have too few articles."""
    found = [*_dead_channels(facts, limits, now), *_silence(facts, limits, now)]
    if not found:
        found += _volume(facts, limits)
    return [*found, *_overruns(facts), *_failures(facts, limits), *_length(facts, limits)]


def machine_findings(facts: MachineFacts, limits: Alarming, now: datetime) -> list[Finding]:
    """Return what is wrong with the daemon and its machine."""
    return [
        *_store(facts),
        *_disk(facts, limits),
        *_foreign(facts),
        *_clock(facts, limits),
        *_dead_man(facts, limits, now),
    ]


def _dead_channels(facts: SiteFacts, limits: Alarming, now: datetime) -> Iterator[Finding]:
    limit_s = max(limits.silent_gaps * facts.gap_s, limits.silent_s)
    dead = [
        c
        for c in facts.channels
        if c.tried >= _NEW_TRIES or (c.silent_since is not None and _age_s(now, c.silent_since) > limit_s)
    ]
    if not dead:
        return
    first = dead[0]
    since = f"for {_span(_age_s(now, first.silent_since or now))}"
    if first.tried:
        since = f"in {first.tried} runs, never yet"
    why = f" ({first.reason})" if first.reason else ""
    yield Finding(
        kind="dead_feed",
        severity="critical" if len(dead) == len(facts.channels) else "warning",
        site=facts.site,
        message=f"{len(dead)} of {len(facts.channels)} channels not read with success: {first.url} {since}{why}",
    )


def _overruns(facts: SiteFacts) -> Iterator[Finding]:
    """Yield that a channel moved on by more than it holds: stories may have come and gone between two readings."""
    if not facts.gaps:
        return
    longest = max(facts.gaps, key=lambda gap: gap.end_at - gap.begin_at)
    found = sum(gap.found for gap in facts.gaps)
    elsewhere = f"; {found} stories of it were found in sitemaps" if found else "; no sitemap listed any of it"
    yield Finding(
        kind="overrun",
        severity="warning",
        site=facts.site,
        message=f"{longest.url} held nothing of its last reading "
        f"{_span(_age_s(longest.end_at, longest.begin_at))} before ({len(facts.gaps)} such gaps in a day){elsewhere}",
    )


def _silence(facts: SiteFacts, limits: Alarming, now: datetime) -> Iterator[Finding]:
    """Nothing new for far longer than the longest gap between two articles so far."""
    moments = [at for at, _ in facts.articles]
    if len(moments) < _FEW_ARTICLES:
        return
    longest_s = max((a - b).total_seconds() for a, b in pairwise(moments))
    silent_s = _age_s(now, moments[0])
    if silent_s > max(limits.silent_gaps * max(longest_s, facts.gap_s), limits.silent_s):
        yield Finding(
            kind="no_new_articles",
            severity="warning",
            site=facts.site,
            message=f"no new article for {_span(silent_s)}; the longest gap was {_span(longest_s)}",
        )


def _volume(facts: SiteFacts, limits: Alarming) -> Iterator[Finding]:
    """Too few by their share, and by more than chance explains (three standard deviations of a Poisson count)."""
    if len(facts.earlier) < limits.weeks:
        return
    usual = median(facts.earlier)
    if usual < limits.volume_least:
        return
    if facts.volume < limits.volume_share * usual and facts.volume < usual - 3 * usual**0.5:
        yield Finding(
            kind="few_articles",
            severity="warning",
            site=facts.site,
            message=(
                f"{facts.volume} articles in the last {limits.window_h} hours; usually {usual:.0f} in these "
                "hours of the week"
            ),
        )


def _failures(facts: SiteFacts, limits: Alarming) -> Iterator[Finding]:
    pages, share = _missed_share(facts.outcomes)
    if pages < _FEW_PAGES or share < limits.failure_share:
        return
    known, usual = _missed_share(facts.usual)
    if known >= _FEW_PAGES and share < _JUMP * usual:
        return
    reasons = Counter({why or what: n for (what, why), n in facts.outcomes.items() if what in _MISSED})
    told = ", ".join(f"{why} {n}" for why, n in reasons.most_common(3))
    before = f"; usually {usual:.0%}" if known >= _FEW_PAGES else ""
    yield Finding(
        kind="failures",
        severity="warning",
        site=facts.site,
        message=f"{share:.0%} of the {pages} pages of the last day gave no article ({told}){before}",
    )


def _length(facts: SiteFacts, limits: Alarming) -> Iterator[Finding]:
    """Compare lengths: a new layout that the parser half understands shows in nothing else."""
    lengths = [words for _, words in facts.articles if words is not None]
    latest, before = lengths[:_LATEST], lengths[_LATEST:]
    if len(latest) < _LATEST or len(before) < _BEFORE:
        return
    now, usual = max(median(latest), 1.0), max(median(before), 1.0)
    if max(now / usual, usual / now) > limits.length_change:
        yield Finding(
            kind="text_length",
            severity="warning",
            site=facts.site,
            message=(
                f"the latest {_LATEST} articles have {now:.0f} words in the median, those before {usual:.0f}: a "
                "new layout?"
            ),
        )


def _store(facts: MachineFacts) -> Iterator[Finding]:
    if facts.unshipped:
        files = "1 sealed file waits" if facts.unshipped == 1 else f"{facts.unshipped} sealed files wait"
        yield Finding(
            kind="store",
            severity="critical",
            message=f"{files} for the store, the oldest for {_span(facts.oldest_unshipped_s)}",
        )


def _disk(facts: MachineFacts, limits: Alarming) -> Iterator[Finding]:
    share = facts.used_bytes / max(facts.quota_bytes, 1)
    if share > limits.spool_share:
        full = "fetching has stopped" if share >= 1.0 else "fetching stops when it is full"
        yield Finding(kind="spool", severity="critical", message=f"{share:.0%} of the spool's quota is used; {full}")
    if facts.free_bytes < _LOW_DISK * facts.min_free_bytes:
        stopped = facts.free_bytes < facts.min_free_bytes
        yield Finding(
            kind="disk",
            severity="critical" if stopped else "warning",
            message=f"{facts.free_bytes >> 20} MiB free on the spool's disk; "
            f"fetching {'has stopped' if stopped else 'stops'} below {facts.min_free_bytes >> 20} MiB",
        )


def _foreign(facts: MachineFacts) -> Iterator[Finding]:
    if facts.foreign:
        names = ", ".join(facts.foreign[:_NAMED]) + (", ..." if len(facts.foreign) > _NAMED else "")
        files = "1 file" if len(facts.foreign) == 1 else f"{len(facts.foreign)} files"
        yield Finding(
            kind="foreign", severity="warning", message=f"{files} in the spool not of our making, left alone: {names}"
        )


def _clock(facts: MachineFacts, limits: Alarming) -> Iterator[Finding]:
    if abs(facts.jump_s) > limits.clock_jump_s:
        yield Finding(
            kind="clock",
            severity="warning",
            message=f"the clock jumped {'forward' if facts.jump_s > 0 else 'back'} by {_span(abs(facts.jump_s))};"
            " captures bear its time",
        )


def _dead_man(facts: MachineFacts, limits: Alarming, now: datetime) -> Iterator[Finding]:
    if facts.idle_since is not None and _age_s(now, facts.idle_since) > limits.idle_s:
        yield Finding(
            kind="no_runs",
            severity="critical",
            message=f"no run has ended for {_span(_age_s(now, facts.idle_since))} although some were due",
        )


def _missed_share(outcomes: Mapping[tuple[Outcome, str], int]) -> tuple[int, float]:
    """Return how many pages were tried, and which share gave no article."""
    tried = sum(n for (what, _), n in outcomes.items() if what in _JUDGED)
    missed = sum(n for (what, _), n in outcomes.items() if what in _MISSED)
    return tried, missed / tried if tried else 0.0


def _age_s(now: datetime, moment: datetime) -> float:
    return (now - moment).total_seconds()


def _span(seconds: float) -> str:
    """Return seconds as a person says them."""
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    if seconds < 7200:
        return f"{seconds / 60:.0f} minutes"
    span = timedelta(seconds=seconds)
    return f"{seconds / 3600:.0f} hours" if span < timedelta(days=3) else f"{span.days} days"
