"""The visits of one run: which articles it reads again, under which conditions, and what is learnt from what they meet.

The policy is `crawler.frontier.visits`' and `crawler.frontier.conditions`'; here it meets the state.
"""

from __future__ import annotations

__all__ = ["Visits", "credit_of"]

from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta

import msgspec

from crawler.clock import Clock
from crawler.frontier.conditions import Conduct, is_conditional, same_condition
from crawler.frontier.visits import (
    LATE,
    PLAN,
    Credit,
    EditRate,
    Signals,
    budget,
    is_audited,
    is_judged,
    is_planned,
    next_visit,
    plan_of,
)
from crawler.model.capture import Earlier
from crawler.model.frontier import Wanted
from crawler.model.run import Outcome, Run, Validators
from crawler.model.site import Site
from crawler.state import Due, EditCounts, Following, State
from crawler.urls import host_of

_CONDUCT = "validators of"
"""The name under which the conduct of a host's validators is kept."""
_CREDIT = "credit of channels"


def credit_of(state: State, site: str) -> Credit:
    """Return how often the channels of `site` were right when they told of a change."""
    kept = state.recall(site, _CREDIT)
    return Credit() if kept is None else msgspec.json.decode(kept, type=Credit)


class Visits:
    """The articles of `site` that one run reads again. `vouched`: what its channels list as unchanged."""

    def __init__(
        self, state: State, run: Run, site: Site, clock: Clock, vouched: AbstractSet[str], max_pages: int
    ) -> None:
        self._state = state
        self._run = run
        self._site = site
        self._clock = clock
        self._vouched = vouched
        self._max_pages = max_pages
        self._visited: dict[str, Due] = {}
        self._left: int | None = None
        self._found: EditCounts | None = None
        self._same: dict[str, bool] = {}
        """Of those that came whole under some validators: whether these were the ones that were known."""
        self._conducts: dict[str, Conduct] = {}

    def __contains__(self, url: object) -> bool:
        return url in self._visited

    def take_up(self) -> list[Wanted]:
        """Return the articles to be read again, within a budget of their own."""
        now = self._clock.now()
        if self._left is None:
            self._left = budget(self._max_pages, self._rate())
        due = [
            one
            for one in self._state.visits(self._run.site, oldest=now - LATE, limit=self._left)
            if one.signalled or not self._is_needless(one, now)
        ]
        self._left -= len(due)
        self._visited |= {one.announcement.url: one for one in due}
        self._state.hold(self._run.id, self._visited)
        return [self._visit(one) for one in due]

    def resume(self, url: str) -> None:
        """Take up the visit to `url` that another process, or an earlier time, had begun."""
        self._visited |= {one.announcement.url: one for one in self._state.due([url])}

    def next_of(self, url: str, first_at: datetime) -> datetime | None:
        """Return when an article that was captured first at `first_at` is read next."""
        return next_visit(first_at, now=self._clock.now(), plan=self._plan(url))

    def note_validators(self, url: str, validators: Validators) -> None:
        """Hold what came with the whole answer of a visit against what is known of its address, and keep the
        difference.
        """
        known = self._state.validators(url)
        if known is not None and (known.etag or known.last_modified):
            self._same[url] = same_condition(known, validators)

    def following(self, url: str, outcome: Outcome, reason: str | None) -> Following:
        """Leave the article what it is, whatever the visit met; while it waits for its parser it is a capture."""
        visited, now = self._visited[url], self._clock.now()
        following = Following(next_visit_at=self.next_of(url, visited.first_article_at or now), stays="parsed")
        if outcome == "captured" and reason is None:
            return msgspec.structs.replace(following, stays=None)
        if outcome == "announced":
            return msgspec.structs.replace(following, next_visit_at=now)
        if outcome in ("parsed", "duplicate", "not_modified"):
            self._learn(url, outcome)
            if visited.signalled:
                self._credit(edited=outcome == "parsed")
            self._state.count_visit(self._run.site, self._found_by(visited, now, edited=outcome == "parsed"))
        return following

    # --- which, and how

    def _is_needless(self, due: Due, now: datetime) -> bool:
        """Tell whether an article is not visited now: the plan has no such visit any more, or a channel vouches for
        it.
        """
        url, first_at = due.announcement.url, due.first_article_at or now
        is_left_out = is_planned(first_at, due.read_at, now=now, plan=PLAN) and not is_planned(
            first_at, due.read_at, now=now, plan=self._plan(url)
        )
        if not is_left_out and not self._is_unchanged(url, now):
            return False
        self._state.postpone(url, self.next_of(url, first_at))
        return True

    def _is_unchanged(self, url: str, now: datetime) -> bool:
        """Tell whether a channel that may be trusted says that an article did not change."""
        found = self._edits_found()
        is_trusted = Signals(found.told, found.silent).are_trusted
        return is_trusted and url in self._vouched and not is_audited(url, now)

    def _visit(self, due: Due) -> Wanted:
        url, earlier = due.announcement.url, None
        conditions = None
        if due.first_article_at is not None and due.first_article_id is not None:
            earlier = Earlier(due.first_article_id, due.first_article_at)
            if is_conditional(url, self._conduct(host_of(url)), signalled=due.signalled):
                conditions = self._state.validators(url)
        return Wanted(announcement=due.announcement, earlier=earlier, conditions=conditions)

    def _rate(self) -> EditRate:
        found = self._edits_found()
        return EditRate(found.stories, found.changed)

    def _edits_found(self) -> EditCounts:
        """Return what visits to the site had found when this run began to ask."""
        if self._found is None:
            self._found = self._state.edit_rate(self._run.site)
        return self._found

    def _plan(self, url: str) -> tuple[timedelta, ...]:
        return plan_of(url, self._rate(), a_story=self._site.visits)

    # --- what they show

    def _conduct(self, host: str) -> Conduct:
        if host not in self._conducts:
            kept = self._state.recall(self._site.name, f"{_CONDUCT} {host}")
            self._conducts[host] = Conduct() if kept is None else msgspec.json.decode(kept, type=Conduct)
        return self._conducts[host]

    def _learn(self, url: str, outcome: Outcome) -> None:
        """Keep what a visit tells of the validators of its host."""
        host = host_of(url)
        before = self._conduct(host)
        if outcome != "parsed":
            after = before.unchanged(was_said=outcome == "not_modified")
        elif url in self._same:
            after = before.edited(under_the_same=self._same[url])
        else:
            return
        self._conducts[host] = after
        self._state.memorise(self._site.name, f"{_CONDUCT} {host}", msgspec.json.encode(after).decode())
        if after.stuck and not before.stuck:
            self._take_back()

    def _credit(self, *, edited: bool) -> None:
        """Keep whether a channel was right that told of a change."""
        credit = credit_of(self._state, self._site.name).after(edited=edited)
        self._state.memorise(self._site.name, _CREDIT, msgspec.json.encode(credit).decode())

    def _take_back(self) -> None:
        """Leave out of the site's rate of edits what is known so far: that stories did not change was said by a host
        that does not know.
        """
        found = self._state.edit_rate(self._run.site)
        self._state.count_visit(
            self._run.site, EditCounts(visits=-found.visits, stories=-found.stories, changed=-found.changed)
        )

    def _found_by(self, visited: Due, now: datetime, *, edited: bool) -> EditCounts:
        if visited.signalled:
            return EditCounts(told=int(edited))
        is_judged_now = is_judged(visited.first_article_at or now, now=now)
        changed = edited or visited.article_id != visited.first_article_id
        return EditCounts(
            visits=1,
            stories=int(is_judged_now),
            changed=int(is_judged_now and changed),
            silent=int(edited and visited.announcement.url in self._vouched),
        )
