"""The frontier of one run over the URL ledger: what is announced waits there, what is due is taken up from there.

The policy is `crawler.frontier`'s; here it meets the state. Nothing is fetched because it was just announced: the run
takes up what waits, the newest first, whoever announced it and when.
"""

from __future__ import annotations

__all__ = ["LedgerFrontier"]

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from crawler.clock import Clock
from crawler.frontier.admission import Scope
from crawler.frontier.attempts import is_waiting, next_try
from crawler.frontier.children import is_at_rest
from crawler.frontier.order import FRESH, rank, split
from crawler.frontier.polling import MOST_UNCHANGED, is_overrun, trusts_validators
from crawler.model.capture import Announcement, Capture, Earlier, Role
from crawler.model.frontier import Wanted
from crawler.model.reading import Wishes
from crawler.model.run import KNOWN_PAGE, Outcome, Run, Validators
from crawler.model.site import Site
from crawler.parse.dates import moment_of
from crawler.run.live.announcing import Announcing
from crawler.run.live.documents import SAME_TEXT, Documents, Placing
from crawler.run.live.kinds import AddressKinds
from crawler.run.live.rhythms import ChannelRhythms
from crawler.run.live.tally import RunTally
from crawler.run.live.visits import Visits
from crawler.run.parsing.page_task import TaskResult
from crawler.state import Due, Following, State, Told

_MOST_FAILURES = 30
"""In a row; a channel that failed so often is asked as seldom as one that did oftener."""
_CHUNK = 400
_PAGES: tuple[Role, ...] = ("article", "probe")
_READ: tuple[Outcome, ...] = ("captured", "duplicate", "not_modified", "redirected")
"""What becomes of a channel that was read."""
_HELD_UP = 3
"""Pages asked for before the channels of a host that takes few requests."""
_CHANNELS_EVERY = timedelta(hours=6)
"""However few requests a host takes, its channels are read so often."""
_STUCK = "stuck validators"
"""The name under which those of a channel are kept that stayed the same while it had news."""


class LedgerFrontier:
    """A `crawler.model.frontier.Frontier` over the ledger of `state`."""

    def __init__(
        self,
        state: State,
        run: Run,
        site: Site,
        *,
        clock: Clock,
        scope: Scope,
        max_pages: int,
    ) -> None:
        self._state = state
        self._run = run
        self._site = site
        self._clock = clock
        self._scope = scope
        self._max_pages = self._left = max_pages
        self._kinds = AddressKinds(state, run, clock, scope.names)
        self._announcing = Announcing(state, run, scope, self.settle, self._kinds, clock)
        self._documents = Documents(state, run, self._kinds)
        self.tally = RunTally()
        self._rhythms = ChannelRhythms(state, run, site, clock, self._channels())
        self._known: dict[str, frozenset[str]] = {}
        """Of the channels that are being read: which of what they list was known before."""
        self._has_news: dict[str, bool] = {}
        """Of each channel that was read whole in this run."""
        self._read_before: dict[str, datetime] = {}
        self._gaps: dict[str, datetime] = {}
        """Channels that had moved on by more than they hold, and since when."""
        self.tally.note(
            run.targets or filter(self.is_due, self._channels()), "queued"
        )  # what is shown begins with 0 of so many
        self._first: set[str] = set()
        """URLs handed out that were never captured before: what they answer cannot be a repetition."""
        self._handed_out: set[str] = set()
        self._led_on: set[str] = set()
        """URLs that are only other addresses of pages with a turn of their own, as their redirects showed."""
        self._visits = Visits(state, run, site, clock, self._announcing.vouched, max_pages)
        self.waiting = 0
        """Pages that this run wanted and did not ask for, because their host is to be left alone."""

    def open_channels(self) -> Sequence[Announcement]:
        """Return what an interrupted run left over, and judge anew what an earlier declaration kept out."""
        if self._run.targets:
            return ()
        self._announcing.rejudge()
        return self._state.open_channels(self._run.site, run=self._run.id)

    def held_up(self) -> Sequence[Wanted]:
        if self._run.targets:
            return ()
        found = self._state.held_up(self._run.site, limit=_HELD_UP)
        read = [self._state.last_read(url) for url in self._channels()] if found else []
        known = [moment for moment in read if moment is not None]
        if not known or self._clock.now() - max(known) > _CHANNELS_EVERY:
            return ()
        return self._take(found)

    def announce(self, announcements: Sequence[Announcement], *, refusal: str | None = None) -> None:
        now = self._clock.now()
        told = [
            Told(
                one,
                self._kinds.identity(one.url),
                rank(moment_of(one.published_at or one.modified_at), one.url, now=now, place=place),
            )
            for place, one in enumerate(announcements)
        ]
        with self._state.transaction():
            for start in range(0, len(told), _CHUNK):
                self._announcing.announce(told[start : start + _CHUNK], refusal)

    def take_up(self, *, whole: bool) -> Sequence[Wanted]:
        if self._run.targets:
            return self._take(self._newest(self._announcing.told_and_due(self._clock.now())))
        taken = self._take(self._chosen(whole=whole))
        if not whole:
            return taken
        visits = self._visits.take_up()
        self.tally.note((one.announcement.url for one in visits), "queued")
        return [*taken, *visits]

    def earlier(self, url: str) -> Earlier | None:
        entry = self._state.entry(url)
        if entry is None or entry.first_article_at is None or entry.first_article_id is None:
            return None
        return Earlier(entry.first_article_id, entry.first_article_at)

    def is_first(self, url: str) -> bool:
        """Tell, once, whether `url` was handed out and never captured before; False if that is not known."""
        if url in self._first:
            self._first.remove(url)
            return True
        return False

    def validators(self, url: str) -> Validators | None:
        known = self._state.validators(url)
        if known is None or not (known.etag or known.last_modified):
            return known
        latest = self._state.outcomes(url, most=MOST_UNCHANGED)
        trusted = trusts_validators(self._state.remembered_at(url), latest, now=self._clock.now())
        return known if trusted else Validators()

    def vouch(self, hosts: tuple[str, ...]) -> None:
        self._scope = msgspec.structs.replace(self._scope, hosts=(*self._scope.hosts, *hosts))
        self._announcing.widen(self._scope)

    def is_due(self, url: str) -> bool:
        return self._rhythms.is_due(url)

    def is_overrun(self, url: str, listed: Sequence[str], *, continued: bool = False) -> bool:
        was_read = continued or (self._state.validators(url) is not None and not self._rhythms.was_empty(url))
        looked_at = _ends(listed)
        known = self._known_of(looked_at) if was_read else frozenset[str]()
        # of a first reading nothing is news, and what was not looked at is not either
        self._known[url] = known.union(set(listed).difference(looked_at)) if was_read else frozenset(listed)
        return is_overrun(was_read=was_read, listed=listed, known=known)

    def note_reading(
        self,
        url: str,
        listed: Sequence[Announcement] | None,
        *,
        wishes: Wishes | None = None,
        overrun: bool = False,
    ) -> None:
        known = self._known.pop(url, frozenset())
        if listed is not None:
            self._has_news[url] = any(one.url not in known for one in listed)
        before = self._rhythms.read(url, listed, known=known, wishes=wishes, overrun=overrun)
        if before is not None:
            self._read_before[url] = before
        if self._gaps and url not in self._gaps:
            found = {one.url for one in self.of_gap(listed or ())}
            self._state.fill_gaps(self._site.name, self._run.id, len(found - self._known_of(_ends(list(found)))))

    def _known_of(self, urls: Sequence[str]) -> frozenset[str]:
        """Return which of `urls` are addresses of pages that the ledger has: some channels write new ones each time."""
        known = {one.url for one in self._state.known(urls, ())}
        identities = {url: self._kinds.identity(url) for url in urls if url not in known}
        met = {one.identity for one in self._state.known((), list(identities.values()))}
        return frozenset(known).union(url for url, identity in identities.items() if identity in met)

    def note_gap(self, url: str) -> Sequence[str]:
        now = self._clock.now()
        since = self._gaps[url] = self._read_before.get(url) or self._state.remembered_at(url) or now
        self._state.add_gap(self._site.name, url, begin_at=since, end_at=now, run=self._run.id)
        return (*self._site.news_sitemaps, *self._site.sitemaps)

    def of_gap(self, announcements: Sequence[Announcement]) -> Sequence[Announcement]:
        since = min(self._gaps.values(), default=None)
        if since is None:
            return announcements
        moments = [(one, moment_of(one.published_at or one.modified_at, latest=True)) for one in announcements]
        return [one for one, moment in moments if moment is not None and moment >= since]

    def horizon(self, url: str) -> datetime | None:
        return self._scope.since or self._state.remembered_at(url) or min(self._gaps.values(), default=None)

    def read_at(self, url: str) -> datetime | None:
        return self._state.remembered_at(url)

    def is_at_rest(self, url: str) -> bool:
        entry = self._state.entry(url)
        if entry is None or entry.outcome != "failed":
            return False
        ends = self._state.outcomes(url, most=_MOST_FAILURES)
        times = next((at for at, outcome in enumerate(ends) if outcome != "failed"), len(ends))
        return is_at_rest(entry.reason, entry.updated_at, max(times, 1), now=self._clock.now())

    def now(self) -> datetime:
        return self._clock.now()

    def forget(self, url: str) -> None:
        self._state.forget(url)

    def remember(self, url: str, validators: Validators) -> None:
        is_believed = url not in self._has_news or self._is_believed(url, validators)
        if url in self._visits:
            self._visits.note_validators(url, validators)
        self._state.remember(url, validators if is_believed else Validators())

    def _is_believed(self, url: str, validators: Validators) -> bool:
        """Tell whether a channel's validators may make requests conditional: not once it had news under the same
        ones.
        """
        name, said = f"{_STUCK} {url}", f"{validators.etag} {validators.last_modified}"
        if self._has_news[url] and validators != Validators() and validators == self._state.validators(url):
            self._state.memorise(self._site.name, name, said)
            return False
        return self._state.recall(self._site.name, name) != said

    def has_article(self, url: str) -> bool:
        entry = self._state.entry(url)
        return entry is not None and entry.article_id is not None

    def place(self, url: str, article: TaskResult) -> Placing:
        """Tell whether `article` is one that nobody has yet, or one that is known, from this address or another."""
        return self._documents.place(url, article)

    def settle(
        self,
        url: str,
        outcome: Outcome,
        reason: str | None = None,
        capture: Capture | None = None,
        role: Role | None = None,
        *,
        article_id: str | None = None,
        page: str | None = None,
    ) -> None:
        """Set the one current outcome of `url`, and when it is due again. `page`: whose other address it is."""
        following = Following()
        if role is None or role in _PAGES:
            if is_waiting(reason):
                outcome = "announced"
                self.waiting += 1
            following = self._following(url, outcome, reason, capture)
            following = msgspec.structs.replace(
                following,
                page=reason if outcome == "redirected" else page,
                identity=self._kinds.identity(url) if role is not None else None,
            )
            if capture is not None and not self._run.targets and url not in self._visits:
                self._kinds.note(url, outcome, reason, page)
            if outcome != "captured" or reason is not None:  # it does not wait for its parser
                self._kinds.end(url)
                self._documents.note_end(url, outcome)
        elif role != "robots" and outcome not in _READ:
            self._rhythms.not_read(url, waits=is_waiting(reason))
        self.tally.note((url,), outcome)
        self._state.settle(
            url,
            outcome,
            reason=reason,
            run=self._run.id,
            capture=capture,
            article_id=article_id,
            role=role,
            following=following,
        )

    async def ready(self, url: str) -> None:
        """Return when the page at `url`, which was handed out, may be asked for."""
        if not self._run.targets and url not in self._visits:
            await self._kinds.begin(url)

    def refusal(self, url: str, redirects: Sequence[str] = ()) -> str | None:
        """Return why the page at `url` is not asked for now that its turn has come; `redirects` of one handed out led
        there.
        """
        if self._run.targets or url in self._visits:
            return None
        if redirects and self._has_own_turn(url, redirects):
            self._led_on.update(redirects)
            self._kinds.end(url)
            return KNOWN_PAGE
        return None if self._kinds.admits(url) else self._kinds.refusal(url)

    def _has_own_turn(self, url: str, redirects: Sequence[str]) -> bool:
        """Tell whether `url` is asked for under its own name, in this run or by its visits, so that no redirect need
        lead to it.

        Not where it led back itself, or nobody would ask for either.
        """
        if url in redirects or url in self._led_on or any(one in self._visits for one in redirects):
            return False
        if url in self._handed_out:
            return True
        entry = self._state.entry(url)
        return entry is not None and entry.article_id is not None and entry.page is None

    def visit_again(self, url: str) -> None:
        """Take up the visit to `url` that another process, or an earlier time, had begun."""
        self._visits.resume(url)

    # --- what is due

    def _channels(self) -> tuple[str, ...]:
        site = self._site
        return (*site.feeds, *site.news_sitemaps, *site.sitemaps, *site.sections)

    def _newest(self, due: Iterable[Due]) -> list[Due]:
        return sorted(due, key=_order, reverse=True)[: self._left]

    def _chosen(self, *, whole: bool) -> list[Due]:
        """Return what is fetched of what waits and of what is to be tried again; the news alone if not `whole`."""
        site, left = self._run.site, self._left
        if left <= 0:
            return []
        since = self._clock.now() - FRESH
        waiting = [*self._state.waiting(site, limit=left), *self._state.tries(site, limit=left)]
        due = self._newest(one for one in waiting if self._leads_somewhere(one))
        fresh = [one for one in due if one.rank is not None and one.rank >= since]
        own = int(self._max_pages * self._site.backlog_share)
        old = due[len(fresh) :] if len(fresh) < left else self._state.waiting(site, limit=own, before=since)
        parts = split(left, fresh=len(fresh), backlog=len(old), share=own / left)
        return fresh[: parts.fresh] + (old[: parts.backlog] if whole else [])

    def _leads_somewhere(self, due: Due) -> bool:
        """Tell whether what waits may still be asked for; a kind of address that was cut off since is left alone."""
        url = due.announcement.url
        refusal = None if self._kinds.admits(url) else self._kinds.refusal(url)
        if refusal is None:
            return True
        self.settle(url, "out_of_scope", refusal)
        return False

    def _take(self, due: Sequence[Due]) -> list[Wanted]:
        """Hand `due` to this run, each in place of one page of its budget."""
        self._left -= len(due)
        urls = [one.announcement.url for one in due]
        self._state.queue(self._run.id, urls)
        self.tally.note(urls, "queued")
        self._handed_out.update(urls)
        self._first.update(one.announcement.url for one in due if one.outcome == "announced" and one.read_at is None)
        return [Wanted(announcement=one.announcement) for one in due]

    # --- what follows from an outcome

    def _following(self, url: str, outcome: Outcome, reason: str | None, capture: Capture | None) -> Following:
        now = self._clock.now()
        if url in self._visits:
            return self._visits.following(url, outcome, reason)
        if outcome == "parsed" and capture is not None:
            return Following(next_visit_at=self._visits.next_of(url, capture.captured_at))
        if outcome == "duplicate" and reason in (None, SAME_TEXT) and self.has_article(url):
            return Following(stays="parsed")  # it is the article that it was
        if outcome in ("redirected", "out_of_scope", "not_modified", "duplicate", "alias"):
            return Following()
        if outcome == "captured" and reason is None:
            return Following(attempts=None)  # it waits for its parser
        entry = self._state.entry(url)
        attempts, first_seen_at = (entry.attempts, entry.first_seen_at) if entry is not None else (0, now)
        if outcome == "announced":
            return Following(attempts=attempts)
        tried = next_try(outcome, reason, attempts=attempts, now=now, first_seen_at=first_seen_at)
        return Following(attempts=tried.attempts, next_try_at=tried.at)


def _ends(listed: Sequence[str]) -> Sequence[str]:
    """Return the beginning and the end of a long list: what is new is at one of them."""
    return listed if len(listed) <= _CHUNK else (*listed[: _CHUNK // 2], *listed[-_CHUNK // 2 :])


def _order(due: Due) -> tuple[str, str]:
    return ("" if due.rank is None else due.rank.isoformat(), due.announcement.url)
