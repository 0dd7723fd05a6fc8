"""The frontier of one run: scope, budget and the one outcome of each URL, kept in the URL ledger."""

from __future__ import annotations

__all__ = ["LedgerFrontier"]

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from crawler.model.capture import Announcement, Capture, Role
from crawler.model.run import Outcome, Run, Validators
from crawler.model.site import Site
from crawler.parse.dates import moment_of
from crawler.run.live.tally import RunTally
from crawler.state import State
from crawler.urls import host_of, in_scope

_CHUNK = 400


class LedgerFrontier:
    """A `crawler.model.frontier.Frontier` over the ledger of `state`."""

    def __init__(self, state: State, run: Run, site: Site, *, max_pages: int, since: datetime | None = None) -> None:
        self._state = state
        self._run = run
        self._hosts = (host_of(site.home), *site.hosts)
        self._include = [re.compile(pattern) for pattern in site.include]
        self._exclude = [re.compile(pattern) for pattern in site.exclude]
        self._left = max_pages
        self._since = since
        self.tally = RunTally()
        self._first: set[str] = set()
        """URLs handed out that were never captured before: what they answer cannot be a repetition."""

    def pending(self) -> Iterable[Announcement]:
        """Return what earlier runs left over; a run of given targets takes only those up."""
        if self._run.targets:
            return []
        left = self._state.pending(self._run.site, run=self._run.id, limit=max(self._left, 0))
        self._left -= len(left)
        self.tally.note((announcement.url for announcement in left), "queued")
        return left

    def admit(self, announcements: Sequence[Announcement]) -> list[Announcement]:
        with self._state.transaction():
            due = self._state.announce(self._run.id, self._run.site, announcements)
            admitted = [a for a in due if self._admits(a)]
            urls = [a.url for a in admitted]
            self._state.queue(self._run.id, urls)
            for start in range(0, len(urls), _CHUNK):
                chunk = urls[start : start + _CHUNK]
                self._first.update(set(chunk) - self._state.captured(chunk))
        self.tally.note(urls, "queued")
        return admitted

    def is_first(self, url: str) -> bool:
        """Tell, once, whether `url` was handed out by `admit` and never captured before; False if that is not known."""
        if url in self._first:
            self._first.remove(url)
            return True
        return False

    def validators(self, url: str) -> Validators | None:
        return self._state.validators(url)

    def horizon(self, url: str) -> datetime | None:
        return self._since or self._state.remembered_at(url)

    def remember(self, url: str, validators: Validators) -> None:
        self._state.remember(url, validators)

    def has_article(self, url: str) -> bool:
        entry = self._state.entry(url)
        return entry is not None and entry.article_id is not None

    def settle(
        self,
        url: str,
        outcome: Outcome,
        reason: str | None = None,
        capture: Capture | None = None,
        role: Role | None = None,
        *,
        article_id: str | None = None,
    ) -> None:
        self.tally.note((url,), outcome)
        self._state.settle(
            url,
            outcome,
            reason=reason,
            run=self._run.id,
            capture=capture,
            article_id=article_id,
            role=role,
        )

    def _admits(self, announcement: Announcement) -> bool:
        """Tell whether to fetch now; what is out of scope is settled, what is over budget stays announced."""
        reason = self._out_of_scope(announcement)
        if reason is not None:
            self.settle(announcement.url, "out_of_scope", reason)
            return False
        if self._left <= 0:
            return False
        self._left -= 1
        return True

    def _out_of_scope(self, announcement: Announcement) -> str | None:
        url = announcement.url
        if not in_scope(url, self._hosts):
            return "other_host"
        if self._include and not any(pattern.search(url) for pattern in self._include):
            return "not_included"
        if any(pattern.search(url) for pattern in self._exclude):
            return "excluded"
        said = announcement.modified_at or announcement.published_at
        moment = moment_of(said, latest=True)  # a date without a time may be any moment of its day
        if self._since is not None and moment is not None and moment < self._since:
            return "before_since"
        return None
