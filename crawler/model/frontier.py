"""The frontier as a spider sees it: what to fetch, and one current outcome for every URL.

The run implements it over the URL ledger; `MemoryFrontier` is its twin in memory.
"""

from __future__ import annotations

__all__ = ["Frontier", "MemoryFrontier", "Settlement", "Wanted"]

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Protocol

import msgspec

from crawler.model.capture import Announcement, Capture, Earlier, Role
from crawler.model.reading import Wishes
from crawler.model.run import Outcome, Validators
from crawler.urls import in_scope


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A page to be fetched now."""

    announcement: Announcement
    earlier: Earlier | None = None
    """None: no article is known of it."""
    conditions: Validators | None = None
    """What makes the request conditional; None: the page is wanted whatever it is."""


class Frontier(Protocol):
    """What one run of one site still has to fetch, and what became of the rest."""

    def open_channels(self) -> Sequence[Announcement]:
        """Return the channels that an interrupted run left over, to be read now."""

    def held_up(self) -> Sequence[Wanted]:
        """Return pages to be asked for before any channel, because their host takes too few requests for both."""

    def announce(self, announcements: Sequence[Announcement], *, refusal: str | None = None) -> None:
        """Record `announcements`: what is new waits, or is out of scope, or is another address of a page that is known.

        `refusal`: why none of them is to be asked for, unless it is announced elsewhere.
        """

    def vouch(self, hosts: tuple[str, ...]) -> None:
        """Take `hosts` into the scope of this run: a feed asked for by its address named them as its paper's."""

    def is_due(self, url: str) -> bool:
        """Tell whether this run is to read the declared channel `url`."""

    def note_reading(
        self,
        url: str,
        listed: Sequence[Announcement] | None,
        *,
        wishes: Wishes | None = None,
        overrun: bool = False,
    ) -> None:
        """Take note, before it is announced, of what the channel `url` listed (None: nothing changed) and asks for.

        `overrun`: it moved on by more than it holds.
        """

    def note_gap(self, url: str) -> Sequence[str]:
        """Record that what the channel `url` moved on by cannot be read from it; return sitemaps that may still list
        it.
        """

    def of_gap(self, announcements: Sequence[Announcement]) -> Sequence[Announcement]:
        """Return those of what a sitemap nobody declared lists that may be of a gap of this run."""

    def is_overrun(self, url: str, listed: Sequence[str], *, continued: bool = False) -> bool:
        """Tell whether the channel `url`, read before, lists nothing of what is known: it moved on by more than it
        holds.

        `continued`: `url` is a further page of such a one.
        """

    def take_up(self, *, whole: bool) -> Sequence[Wanted]:
        """Return the pages to be fetched now, in order, within the run's page budget; each is returned once.

        `whole` tells that every channel has been read; before that only the news is returned, not what is old.
        """

    def earlier(self, url: str) -> Earlier | None:
        """Return the first article of `url`, for a URL that was given by hand."""

    def validators(self, url: str) -> Validators | None:
        """Return what makes a request for the channel `url` conditional; None if it was never read whole."""

    def horizon(self, url: str) -> datetime | None:
        """Return the moment before which nothing that `url` lists matters; None: everything matters.

        ``--since`` if the run has one, else the moment `remember` was last called for `url`. Only child sitemaps
        ask for it: one not modified since then is not fetched.
        """

    def read_at(self, url: str) -> datetime | None:
        """Return the moment `remember` was last called for the channel `url`; None if never, or it was forgotten
        since.
        """

    def is_at_rest(self, url: str) -> bool:
        """Tell whether the sitemap `url` of an index has vanished and is not to be asked for yet."""

    def now(self) -> datetime:
        """Return this moment."""

    def forget(self, url: str) -> None:
        """Forget that the channel `url` was ever read: the next request for it is not conditional, all it lists
        counts.
        """

    def remember(self, url: str, validators: Validators) -> None:
        """Keep that the channel `url` was read whole just now, and what makes the next request conditional."""

    def has_article(self, url: str) -> bool:
        """Tell whether an article was made of an earlier capture of `url`; without one, the same bytes are worth
        parsing.
        """

    def settle(
        self,
        url: str,
        outcome: Outcome,
        reason: str | None = None,
        capture: Capture | None = None,
        role: Role | None = None,
    ) -> None:
        """Set the one current outcome of `url`.

        `reason` is the class of failure in snake case, or for ``redirected`` the URL that holds the answer. `role` is
        what it was fetched as: nobody may have announced it. URLs that led to it each get a call of their own.
        """


class Settlement(msgspec.Struct, frozen=True):
    """One call of `Frontier.settle`, as `MemoryFrontier` keeps it."""

    url: str
    outcome: Outcome
    reason: str | None = None
    capture: Capture | None = None
    role: Role | None = None


class MemoryFrontier:
    """A `Frontier` that lives as long as the object: no scope unless given `hosts`, no date bound but `since`."""

    def __init__(
        self,
        *,
        hosts: tuple[str, ...] = (),
        max_pages: int = 500,
        since: datetime | None = None,
        pending: Iterable[Announcement] = (),
        validators: dict[str, Validators] | None = None,
        horizons: dict[str, datetime] | None = None,
        articles: Iterable[str] = (),
        now: datetime = datetime(2026, 1, 1, tzinfo=UTC),
    ) -> None:
        self._now = now
        self.settlements: list[Settlement] = []
        self.remembered: dict[str, Validators] = dict(validators or {})
        self.known: dict[str, Announcement] = {}
        self.wishes: dict[str, Wishes] = {}
        self.gaps: list[str] = []
        self._hosts = hosts
        self._left = max_pages
        self._since = since
        self._waiting = list(pending)
        self._horizons = dict(horizons or {})
        self._articles = frozenset(articles)

    def open_channels(self) -> Sequence[Announcement]:
        """Return none."""
        return ()

    def held_up(self) -> Sequence[Wanted]:
        """Return none."""
        return ()

    def announce(self, announcements: Sequence[Announcement], *, refusal: str | None = None) -> None:
        """Let the new ones within scope wait."""
        for announcement in announcements:
            if announcement.url in self.known:
                continue
            self.known[announcement.url] = announcement
            if refusal is not None or (self._hosts and not in_scope(announcement.url, self._hosts)):
                self.settle(announcement.url, "out_of_scope", refusal)
            else:
                self._waiting.append(announcement)

    def is_due(self, url: str) -> bool:  # noqa: ARG002 - as the protocol has it
        """Tell that it is."""
        return True

    def note_reading(
        self,
        url: str,
        listed: Sequence[Announcement] | None,  # noqa: ARG002 - it remembers no times
        *,
        wishes: Wishes | None = None,
        overrun: bool = False,  # noqa: ARG002
    ) -> None:
        """Keep what was asked for in ``wishes``."""
        if wishes is not None:
            self.wishes[url] = wishes

    def note_gap(self, url: str) -> Sequence[str]:
        """Keep it in ``gaps``; return none."""
        self.gaps.append(url)
        return ()

    def of_gap(self, announcements: Sequence[Announcement]) -> Sequence[Announcement]:
        """Return all."""
        return announcements

    def vouch(self, hosts: tuple[str, ...]) -> None:
        """Take `hosts` into its scope, if it has one."""
        self._hosts = (*self._hosts, *hosts) if self._hosts else ()

    def is_overrun(self, url: str, listed: Sequence[str], *, continued: bool = False) -> bool:
        """Tell so if it has read `url` and knows none of what is `listed`."""
        was_read = continued or url in self.remembered
        return was_read and bool(listed) and self.known.keys().isdisjoint(listed)

    def take_up(self, *, whole: bool) -> Sequence[Wanted]:  # noqa: ARG002 - to it all is news
        """Return what it was made with and what was announced, in that order, within the budget."""
        taken, self._waiting = self._waiting[: self._left], self._waiting[self._left :]
        self._left -= len(taken)
        return [Wanted(announcement=announcement) for announcement in taken]

    def earlier(self, url: str) -> Earlier | None:  # noqa: ARG002 - as the protocol has it
        """Return None: it knows of no captures."""
        return None

    def validators(self, url: str) -> Validators | None:
        """Return what was remembered."""
        return self.remembered.get(url)

    def horizon(self, url: str) -> datetime | None:
        """Return ``since``, else the horizon it was given for `url`."""
        return self._since or self._horizons.get(url)

    def read_at(self, url: str) -> datetime | None:
        """Return the horizon it was given for `url`."""
        return self._horizons.get(url)

    def is_at_rest(self, url: str) -> bool:
        """Tell whether `url` was settled as not there."""
        return any(one.url == url and one.reason in ("http_404", "http_410") for one in self.settlements)

    def now(self) -> datetime:
        """Return the moment it was made with."""
        return self._now

    def forget(self, url: str) -> None:
        """Remove `url` from ``remembered``."""
        self.remembered.pop(url, None)
        self._horizons.pop(url, None)

    def remember(self, url: str, validators: Validators) -> None:
        """Keep `validators` in ``remembered``."""
        self.remembered[url] = validators

    def has_article(self, url: str) -> bool:
        """Tell whether `url` was among the articles it was made with."""
        return url in self._articles

    def settle(
        self,
        url: str,
        outcome: Outcome,
        reason: str | None = None,
        capture: Capture | None = None,
        role: Role | None = None,
    ) -> None:
        """Append to ``settlements``."""
        self.settlements.append(Settlement(url, outcome, reason, capture, role))

    def outcomes(self) -> dict[str, Outcome]:
        """Return the current outcome of each settled URL."""
        return {settlement.url: settlement.outcome for settlement in self.settlements}
