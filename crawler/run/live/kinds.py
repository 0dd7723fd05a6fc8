"""What the kinds of address of one site give, as a run learns it: which lead nowhere, and which parameters say
nothing.
"""

from __future__ import annotations

__all__ = ["AddressKinds"]

import asyncio
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from crawler.clock import Clock
from crawler.frontier.identity import identity_of
from crawler.frontier.traps import (
    LOOK_AGAIN,
    NEEDLESS_PROOF,
    Yield,
    is_barren_end,
    needless_at,
    needless_parameter,
    pathological,
    pattern_of,
)
from crawler.model.run import Outcome, Run
from crawler.run.addresses import NEEDLESS, needless_kept
from crawler.state import PatternRow, State

_BARREN = "barren_pattern"
_LONGEST_WAIT_S = 60.0
"""For a parser that hangs nobody waits for ever."""
_STORY = re.compile(r"(?:[^/]*-){2}[^/]*$|[^/]*\d{4}[^/]*$")
"""The end of a path that names one story, not a script that shows any."""


class AddressKinds:
    """The patterns of one site's addresses, for one run. `is_asked_for` tells what the declaration names, come what
    may.
    """

    def __init__(self, state: State, run: Run, clock: Clock, is_asked_for: Callable[[str], bool]) -> None:
        self._state = state
        self._run = run
        self._clock = clock
        self._is_asked_for = is_asked_for
        self._kept: dict[str, PatternRow] | None = None
        self._looks: set[str] = set()
        """URLs let through although their pattern is cut off."""
        self._shown: dict[str, list[str]] | None = None
        self._under_way: defaultdict[str, set[str]] = defaultdict(set)
        """By pattern: the URLs that were asked for and are not judged yet."""
        self._judged = asyncio.Event()

    def identity(self, url: str) -> str:
        """Return the key of the page at `url`, leaving out the parameters that this site was seen not to mean."""
        return identity_of(url, needless=self._needless(url)) if "?" in url else identity_of(url)

    def refusal(self, url: str) -> str | None:
        """Return why `url` is not to be asked for: by what it looks like, or by what others of its kind gave."""
        why = pathological(url)
        if why is None and self._is_barren(url) and not self._may_look(url):
            why = _BARREN
        return None if why is not None and self._is_asked_for(url) else why

    def admits(self, url: str) -> bool:
        """Tell whether `url`, whose turn has come, may still be asked for: its kind may have been cut off meanwhile."""
        return not self._is_barren(url) or url in self._looks or self._is_asked_for(url)

    async def begin(self, url: str) -> None:
        """Return when `url` may be asked for: of a kind that gave few articles few are under way at once.

        Pages come faster than they are parsed, and a kind could not be cut off before all of it was fetched.
        """
        pattern = pattern_of(url)
        while not self._may_begin(pattern):
            judged = self._judged
            try:
                await asyncio.wait_for(judged.wait(), _LONGEST_WAIT_S)
            except TimeoutError:
                break
        self._under_way[pattern].add(url)

    def end(self, url: str) -> None:
        """Take note that `url` is no more under way."""
        self._under_way[pattern_of(url)].discard(url)
        self._judged.set()
        self._judged = asyncio.Event()

    def note(self, url: str, outcome: Outcome, reason: str | None, page: str | None) -> None:
        """Take note of how a page ended; `page`: the other page that it is."""
        is_alias = page is not None and pattern_of(page) == pattern_of(url)
        barren = is_barren_end(outcome, reason, is_alias=is_alias)
        if barren is None:
            return
        pattern = pattern_of(url)
        before = self._patterns().get(pattern)
        known = Yield() if before is None else Yield(before.pages, before.articles, before.barren)
        found = known.after(article=not barren)
        cut_at = self._cut_at(before) if found.is_cut else None
        self._keep(
            PatternRow(
                site=self._run.site,
                pattern=pattern,
                pages=found.pages,
                articles=found.articles,
                barren=found.barren,
                cut_at=cut_at,
                looked_at=None if cut_at is None else self._clock.now(),
                example=url,
            )
        )
        if before is not None and before.cut_at is not None and cut_at is None:
            self._reopen(pattern)

    def same_page(self, url: str, other: str) -> None:
        """Take note that `url` and `other` gave the same article: the parameter by which they differ may be
        needless.
        """
        name = needless_parameter(url, other)
        if name is None:
            return
        shown = self._parameters()
        path = other.partition("?")[0]
        if not _STORY.search(path):
            return
        if path in shown.setdefault(name, []) or len(shown[name]) >= NEEDLESS_PROOF:
            return
        shown[name].append(path)
        self._state.memorise(self._run.site, NEEDLESS, msgspec.json.encode(shown).decode())
        if (
            len(shown[name]) >= NEEDLESS_PROOF
        ):  # true of all its pages, which are keyed anew before the next announcements
            self._state.unkey(self._run.site, name)
        else:
            self._state.key((one, self.identity(one)) for one in (url, other))

    def _is_barren(self, url: str) -> bool:
        kept = self._patterns()
        found = kept.get(pattern_of(url)) if kept else None
        return found is not None and found.cut_at is not None

    def _may_begin(self, pattern: str) -> bool:
        row = self._patterns().get(pattern)
        found = Yield() if row is None else Yield(row.pages, row.articles, row.barren)
        return found.is_cut or found.may_begin(len(self._under_way[pattern]))

    def _may_look(self, url: str) -> bool:
        """Let one URL of a pattern through each day."""
        if url in self._looks:
            return True
        row = self._patterns()[pattern_of(url)]
        now = self._clock.now()
        if row.looked_at is not None and now - row.looked_at < LOOK_AGAIN:
            return False
        self._looks.add(url)
        self._keep(msgspec.structs.replace(row, looked_at=now))
        return True

    def _cut_at(self, before: PatternRow | None) -> datetime:
        return self._clock.now() if before is None or before.cut_at is None else before.cut_at

    def _keep(self, row: PatternRow) -> None:
        self._patterns()[row.pattern] = row
        self._state.keep_yield(row)

    def _reopen(self, pattern: str) -> None:
        """Let wait what was left alone of a pattern that gives articles after all."""
        urls: Sequence[str] = [url for url in self._state.left_alone(self._run.site) if pattern_of(url) == pattern]
        self._state.reopen(self._run.id, urls)

    def _patterns(self) -> dict[str, PatternRow]:
        if self._kept is None:
            self._kept = {row.pattern: row for row in self._state.yields(self._run.site)}
        return self._kept

    def _needless(self, url: str) -> frozenset[str]:
        return needless_at(url, self._parameters())

    def _parameters(self) -> dict[str, list[str]]:
        if self._shown is None:
            told = self._state.recall(self._run.site, NEEDLESS)
            self._shown = needless_kept(told) if told else {}
        return self._shown
