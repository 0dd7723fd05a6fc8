"""What becomes of an announcement: it waits, is out of scope, is another address of a known page, or tells of a
change.
"""

from __future__ import annotations

__all__ = ["Announcing"]

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from crawler.clock import Clock
from crawler.frontier.admission import Scope
from crawler.frontier.attempts import is_asked_anew
from crawler.frontier.identity import identity_rules
from crawler.frontier.visits import Credit, has_moved, is_heeded
from crawler.model.capture import Announcement, Capture, Role
from crawler.model.run import MISSED, OPEN, Outcome, Run
from crawler.parse.dates import moment_of
from crawler.parse.page.text import fold
from crawler.run.live.kinds import AddressKinds
from crawler.run.live.visits import credit_of
from crawler.state import Due, Known, State, Told

_CHUNK = 400
_GIVEN_UP = (*MISSED, "out_of_scope", "disallowed")
_SCOPE = "scope"
"""Name under which a site's memory keeps the digest of its scope."""
_RULES = "identity"
"""The same of the rules by which its pages have their identity."""
_CLOCKS_DIFFER = timedelta(minutes=2)
"""Two channels of one site rarely give one page the same second."""


class Settle(Protocol):
    """`crawler.run.live.frontier.LedgerFrontier.settle`."""

    def __call__(
        self,
        url: str,
        outcome: Outcome,
        reason: str | None = None,
        capture: Capture | None = None,
        role: Role | None = None,
        *,
        article_id: str | None = None,
        page: str | None = None,
    ) -> None: ...


class Announcing:
    """Takes in what channels announce, for one run."""

    def __init__(self, state: State, run: Run, scope: Scope, settle: Settle, kinds: AddressKinds, clock: Clock) -> None:
        self._state = state
        self._run = run
        self._scope = scope
        self._settle = settle
        self._kinds = kinds
        self._clock = clock
        self._credit: Credit | None = None
        self._told: dict[str, None] = {}
        self.vouched: set[str] = set()
        """Pages of which a channel of this run says when they were last changed."""
        self._new: dict[str, str] = {}
        """The first URL of each identity that this run met."""
        self._keyed = False

    def widen(self, scope: Scope) -> None:
        """Judge what is announced from now on by `scope`."""
        self._scope = scope

    def rejudge(self) -> None:
        """Let wait what an earlier declaration of the site kept out, if it has been changed since."""
        site, digest = self._run.site, self._scope.digest
        if self._state.recall(site, _SCOPE) == digest:
            return
        after = ""
        while found := self._state.out_of_scope(site, after=after):
            self._state.reopen(self._run.id, [one.url for one in found if self._refusal(one.url) is None])
            after = found[-1].url
        self._state.memorise(site, _SCOPE, digest)

    def announce(self, told: Sequence[Told], refusal: str | None = None) -> None:
        """Record a few hundred announcements and what is thought of each; with a `refusal`, of what is new, that."""
        self._key_old_pages()
        found = self._state.known([t.announcement.url for t in told], [t.identity for t in told if t.identity])
        by_url = {one.url: one for one in found}
        by_identity = defaultdict(list)
        for known in found:
            by_identity[known.identity].append(known)
        self._state.announce(self._run.id, self._run.site, told)
        for one in told:
            url = one.announcement.url
            entry = by_url.get(url)
            if refusal is not None:
                if entry is None and url not in self._told:
                    self._told[url] = None
                    self._settle(url, "out_of_scope", refusal)
                continue
            if url in self._told:
                self._told_by_another(one.announcement, entry)
                continue
            self._told[url] = None
            if entry is None or entry.outcome in (*OPEN, "out_of_scope"):
                self._admit(one, entry, by_identity[one.identity])
            elif entry.title is None and entry.page is not None and self._is_another_story(one.announcement, entry):
                self._state.reopen(self._run.id, [url])
            else:
                self._told_again(one.announcement, entry)

    def told_and_due(self, now: datetime) -> list[Due]:
        """Return what this run was told of and may fetch now."""
        urls = list(self._told)
        found = [d for start in range(0, len(urls), _CHUNK) for d in self._state.due(urls[start : start + _CHUNK])]
        return [d for d in found if d.outcome in OPEN or (d.next_try_at is not None and d.next_try_at <= now)]

    def _key_old_pages(self) -> None:
        """Give the pages their identity that have none, or one by the rules of a version before this one, once."""
        if self._keyed:
            return
        self._keyed = True
        if self._state.recall(self._run.site, _RULES) != identity_rules():
            self._state.unkey(self._run.site)
            self._state.memorise(self._run.site, _RULES, identity_rules())
        while urls := self._state.unkeyed(self._run.site):
            self._state.key((url, self._kinds.identity(url)) for url in urls)

    def _admit(self, told: Told, entry: Known | None, same: Sequence[Known]) -> None:
        one = told.announcement
        moment = moment_of(one.modified_at or one.published_at, latest=True)  # a day may be any moment of it
        refusal = self._refusal(one.url, moment)
        if refusal is not None:
            if entry is None or (entry.outcome, entry.reason) != ("out_of_scope", refusal):
                self._settle(one.url, "out_of_scope", refusal)
            return
        if entry is not None:
            if entry.outcome == "out_of_scope":
                self._state.reopen(self._run.id, [one.url])
            return
        page = self._page_of(told, same)
        if page is None:
            self._new.setdefault(told.identity or one.url, one.url)
        else:
            self._settle(one.url, "alias", page, None, one.role, page=page)
            self._told_by_alias(one, page)

    def _refusal(self, url: str, moment: datetime | None = None) -> str | None:
        return self._scope.refusal(url, moment) or (None if self._run.targets else self._kinds.refusal(url))

    def _page_of(self, told: Told, same: Sequence[Known]) -> str | None:
        """Return the URL of the page that a new URL is only another address of; one that could not be had is none."""
        new = self._new.get(told.identity or "")
        if new is not None:
            return new
        for known in same:
            if known.outcome in _GIVEN_UP or known.url == told.announcement.url:
                continue
            return known.page or known.url
        return None

    def _is_another_story(self, one: Announcement, known: Known) -> bool:
        """Tell whether an address that a page merely claimed for itself is announced under another title than the
        page's.
        """
        if one.title is None:
            return False
        pages = self._state.known([known.page or ""], ())
        title = pages[0].title if pages else None
        return title is not None and fold(title) not in fold(one.title) and fold(one.title) not in fold(title)

    def _told_by_another(self, one: Announcement, entry: Known | None) -> None:
        """Take note of what a second channel of this run says of a page: it may be the one that tells of changes."""
        if entry is None:
            return
        if entry.outcome not in (*OPEN, "out_of_scope"):
            self._told_again(one, entry)
        elif entry.modified_at is None and one.modified_at is not None:
            self._state.tell(one.url, one.modified_at)

    def _told_by_alias(self, one: Announcement, page: str) -> None:
        """Take note of what is said of a page under an address that is new: some channels count readers in each."""
        known = self._state.known([page], ()) if one.modified_at is not None else ()
        for entry in known:
            if entry.read_at is not None:
                self._told_again(one, entry)

    def _told_again(self, one: Announcement, entry: Known) -> None:
        """Take note of a change that a channel tells of; another address speaks for its page."""
        if one.modified_at is not None:
            self.vouched.add(entry.page or entry.url)
        retitled = _is_retitled(one, entry)
        moment = _moment_told(one, entry)
        if moment is None and not retitled:
            return
        page = entry
        if entry.page is not None:
            found = self._state.known([entry.page], ())
            page = found[0] if found else entry
        before = moment_of(entry.modified_at or (None if one.modified_at else entry.published_at))
        is_changed = (
            page.read_at is not None
            and page.article_id is not None
            and (retitled or has_moved(moment_of(moment), before, page.read_at))
            and is_heeded(page.url, self._credit_now(), read_at=page.read_at, now=self._clock.now())
        )
        if retitled:
            self._state.retitle(entry.url, one.title)
        if is_changed:
            self._state.signal(page.url, moment or page.modified_at)
        if moment is not None and (page is not entry or not is_changed):
            self._state.tell(entry.url, moment)
        if page.article_id is None and (retitled or before is not None):
            is_due, now = page.next_try_at is not None, self._clock.now()
            if is_asked_anew(page.attempts, read_at=page.read_at, is_due=is_due, now=now):
                self._state.retry(url=page.url, from_start=False)

    def _credit_now(self) -> Credit:
        """Return what a change that is told of is worth, as it was when this run asked first."""
        if self._credit is None:
            self._credit = credit_of(self._state, self._run.site)
        return self._credit


def _is_retitled(one: Announcement, entry: Known) -> bool:
    """Tell whether the channel that announced a page now has another title for it: its headline was changed.

    Other channels shorten titles in other ways, and on a section page each teaser has its own.
    """
    if one.source == "listing" or (one.url, one.via) != (entry.url, entry.via) or not one.title or not entry.title:
        return False
    return one.title != entry.title and fold(one.title) != fold(entry.title)


def _moment_told(one: Announcement, entry: Known) -> str | None:
    """Return the later moment of which `one` says that the page is as it is since then; None if it tells of no change.

    Of its publication only the channel counts that told of it first: others have other clocks and zones.
    """
    told = one.modified_at or (one.published_at if one.via == entry.via else None)
    known = entry.modified_at or (None if one.modified_at else entry.published_at)
    if told is None or told == known:
        return None
    said, before = moment_of(told), moment_of(known)
    assert said is not None  # it was given
    is_old = entry.read_at is not None and said <= entry.read_at
    if before is not None and said <= before + (_CLOCKS_DIFFER if is_old else timedelta()):
        return None
    return told
