"""Is this article one that is known already? By its text, wherever it came from, and by what its page says of its
address.
"""

from __future__ import annotations

__all__ = ["SAME_TEXT", "Documents", "Placing"]

from typing import NamedTuple

from crawler.errors import UsageError
from crawler.frontier.canonical import canonical_claim
from crawler.model.run import BARRED, MISSED, Outcome, Run
from crawler.parse.page.text import fold
from crawler.run.live.kinds import AddressKinds
from crawler.run.parsing.page_task import TaskResult
from crawler.state import Following, Known, State
from crawler.urls import normalise

SAME_TEXT = "same_text"
"""The reason of a page that was read again and says what it said before."""
_LIES = "canonical_lies"
_CLAIMED = "claimed"
"""The name under which the URL of an article is kept that gave itself an address which could not be had."""
_MOST_LIES = 2
"""Canonical addresses of a site that were another story's, before they are no longer believed."""


class Placing(NamedTuple):
    """What an article is to the archive."""

    is_new: bool
    reason: str | None = None
    """Of one that is known: the URL that gave it, or ``same_text`` if this one did so before."""
    page: str | None = None
    """The URL of the page that its address is another one of."""


class Documents:
    """The articles of one site, as far as a run must know them."""

    def __init__(self, state: State, run: Run, kinds: AddressKinds) -> None:
        self._state = state
        self._kinds = kinds
        self._run = run
        self._urls: dict[str, str] = {}
        """Of each article of this run, by its id: the first URL."""
        self._titles: dict[str, str | None] = {}
        """Of each article of this run, by its URL."""
        self._claimed: dict[str, str] = {}
        """By the identity of an address that is known and gave no article yet: the first article of this run that
        names it as canonical.
        """

    def place(self, url: str, article: TaskResult) -> Placing:
        """Tell whether the `article` of `url` is new, and take note of it."""
        assert article.article_id is not None  # one was found
        entry = self._state.entry(url, fresh=False)  # what earlier runs made of it is on disk
        if entry is not None and entry.article_id == article.article_id and self._is_kept(url, article.article_id):
            return Placing(False, SAME_TEXT)
        other = self._urls.get(article.article_id)
        if other is None and (known := self._state.by_article(self._run.site, article.article_id, url=url)):
            if known.page == url and self._is_kept(known.url, article.article_id):  # it moved here, and says the same
                return Placing(False, SAME_TEXT)
            other = known.page or known.url
        if other is not None and other != url:
            self._kinds.same_page(url, other)
            return Placing(False, other, other)
        is_first = entry is None or entry.article_id is None
        page = (self._claimant(url, article) or self._canonical_page(url, article)) if is_first else None
        if page is not None:
            return Placing(False, page, page)
        self._urls.setdefault(article.article_id, url)
        self._titles[url] = article.title
        return Placing(True)

    def note_end(self, url: str, outcome: Outcome) -> None:
        """Keep which article said that its address is `url`, if that could not be had: a later run may have it."""
        if outcome in (*MISSED, *BARRED) and self._claimed:
            identity = self._kinds.identity(url)
            if identity in self._claimed:
                self._state.memorise(self._run.site, f"{_CLAIMED} {identity}", self._claimed[identity])

    def _is_kept(self, url: str, article_id: str) -> bool:
        """Tell whether readers have the article, or will; a process may have been killed between parsing and
        publishing.
        """
        return article_id in self._urls or any(row.article_id == article_id for row in self._state.articles(url))

    def _canonical_page(self, url: str, article: TaskResult) -> str | None:
        """Return the URL of a known article that the page says it is; if nobody knows that address, it is this
        page's.
        """
        if canonical_claim(article.canonical_url, url) != "credible" or self._lies() >= _MOST_LIES:
            return None
        canonical = _normal(article.canonical_url)
        if canonical is None:
            return None
        known = self._state.known([canonical], [self._kinds.identity(canonical)])
        if not known:
            self._claim(canonical, url)
            return None
        page = self._article_of(known)
        if page is None:
            self._claimed.setdefault(self._kinds.identity(canonical), url)
            for one in known:
                self.note_end(one.url, one.outcome)
        if page is None or page.url == url:
            return None
        if self._is_titled(page.url, article.title):
            return page.url
        self._state.memorise(self._run.site, _LIES, str(self._lies() + 1))
        self._state.reopen(self._run.id, [one.url for one in known if one.page is not None and one.title is not None])
        return None

    def _claimant(self, url: str, article: TaskResult) -> str | None:
        """Return the URL of the article that said before that its address is `url`, and has the same title."""
        identity = self._kinds.identity(url)
        claimant = self._claimed.get(identity) or self._state.recall(self._run.site, f"{_CLAIMED} {identity}")
        if claimant is None or claimant == url or not self._is_titled(claimant, article.title):
            return None
        return claimant

    def _is_titled(self, url: str, title: str | None) -> bool:
        """Tell whether the article at `url` has, or had, that title."""
        titles = {self._titles.get(url), *(one.title for one in self._state.articles(url))}
        return title is not None and fold(title) in {fold(one) for one in titles if one}

    def _article_of(self, known: list[Known]) -> Known | None:
        for one in known:
            found = self._state.known([one.page], ()) if one.page is not None else [one]
            if found and found[0].article_id is not None:
                return found[0]
        return None

    def _claim(self, canonical: str, url: str) -> None:
        """Enter the address that a page gives itself, so that it is known when a channel announces it."""
        self._state.settle(
            canonical,
            "alias",
            reason=url,
            run=self._run.id,
            role="article",
            following=Following(identity=self._kinds.identity(canonical), page=url),
        )

    def _lies(self) -> int:
        return int(self._state.recall(self._run.site, _LIES) or 0)


def _normal(url: str | None) -> str | None:
    try:
        return normalise(url) if url else None
    except UsageError:
        return None
