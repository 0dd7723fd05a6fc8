"""Learning a site's profile: which blocks recur over so many different articles that they belong to none of them.

Counted are articles, not captures: a URL counts once, and pages that share much of their text (one article under two
addresses, revisions, instalments) count as one. What recurs now and then may be content (a paragraph of background
that an agency repeats in every report of a war), so where articles have their own text a block must be on a good part
of them, and these must have nothing else in common; a place that never holds anything of the article's own (a teaser
list, an author box) is furniture as a whole. Digits count: what says other figures every day recurs nowhere.
"""

from __future__ import annotations

__all__ = ["DEFAULT", "Cost", "FurnitureFinding", "Learner", "Least", "Lesson"]

import zlib
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from itertools import combinations
from typing import Literal, NamedTuple

from crawler.model.profile import PageSketch, SiteProfile, sealed_profile
from crawler.parse.choose.manner import addresses, is_reported
from crawler.parse.page.text import words
from crawler.parse.version import PARSER_VERSION

_SHARE = 0.15
"""Of the articles that have the block's place."""
_SHORT = 40
_SHORT_SHARE = 0.25
"""Of a short line, which may be a standing sub-heading or a speaker's name."""
_LEAD_SHARE = 0.4
"""Of what opens the body: the standfirst of a series is said of each of its parts."""
_PLACE_SHARE = 0.8
"""Of the articles with a place, so many must have nothing of their own in it."""
_PLACE_TEXTS = 3
"""So many different texts must take turns in it."""
_RELATED_SHARE = 0.5
_RELATED_TIMES = 3
"""Articles are of one subject if a word of the recurring text is in so many of them elsewhere, too, and in the others so much rarer."""
_EVERY_SHARE = 0.95
_MOST_SHARE = 0.6
_FIXED_SHARE = 0.8
"""What stands among articles' own text without speaking to anybody must be on so many of them; on fewer if it always has the same spot."""
_WORD = 4
"""Letters of a word that says what an article is about."""
_ANNOUNCING_SHARE = 0.9
"""A heading is furniture if so often furniture follows."""
_ALIKE_MOST = 8
_ALIKE_LONG = 80
_ALIKE_SHARE = 0.4
_MOST_TEXTS = 2000
_MOST_PLACES = 500
_MOST_ALONE = 50
_KEPT, _ANNOUNCES = 1, 2


class Least(NamedTuple):
    """Below these numbers nothing is learned."""

    articles: int = 12
    """Of the site."""
    recurrences: int = 5
    """Articles that a block must be on, however few there are."""


DEFAULT = Least()


class FurnitureFinding(NamedTuple):
    """One thing a profile takes for furniture."""

    kind: Literal["text", "place"]
    mark: str
    articles: int
    """It is on so many of them."""
    kept: int
    """On so many of them the parser alone takes it into the body."""
    excerpt: str


class Cost(NamedTuple):
    """What a profile would take out of the articles it was learned from."""

    articles: int
    """That would lose something."""
    blocks: int
    share: float
    """Of all that the parser took into their bodies, by length."""
    alone: tuple[str, ...]
    """How texts begin that only one article has and that would go all the same, because their place is furniture."""


class Lesson(NamedTuple):
    """What a site's pages taught."""

    articles: int
    pages: int
    since: datetime
    until: datetime
    enough: bool
    """There were articles enough to learn from."""
    findings: tuple[FurnitureFinding, ...]
    cost: Cost = Cost(0, 0, 0.0, ())

    def profile(self, site: str, *, learned_at: datetime, valid_after_s: float) -> SiteProfile:
        """Return the profile of `site`; it holds from the first midnight (UTC) that is at least so far away."""
        earliest = learned_at + timedelta(seconds=valid_after_s)
        midnight = earliest.replace(hour=0, minute=0, second=0, microsecond=0)
        return sealed_profile(
            SiteProfile(
                site=site,
                valid_from=midnight + timedelta(days=1) if midnight < earliest else midnight,
                learned_at=learned_at,
                since=self.since,
                until=self.until,
                articles=self.articles,
                parser_version=PARSER_VERSION,
                texts=frozenset(found.mark for found in self.findings if found.kind == "text"),
                places=frozenset(found.mark for found in self.findings if found.kind == "place"),
            )
        )


def _calls(text: str) -> bool:
    """Tell whether `text` speaks to its reader or of the paper itself, and nobody is quoted saying it."""
    return addresses(text) and not is_reported(text)


class _Page(NamedTuple):
    """A sketch, packed: some twenty bytes a block."""

    captured_at: datetime
    places: array[int]
    texts: array[int]
    inks: array[int]
    states: array[int]
    excerpts: bytes


class Learner:
    """Takes the sketches of one site's pages; the latest capture of each URL counts, of at most `most` of them."""

    def __init__(self, *, most: int = 1000, least: Least = DEFAULT) -> None:
        self._most = most
        self._least = least
        self._pages: dict[str, _Page] = {}

    @property
    def full(self) -> bool:
        """As many pages as were asked for."""
        return len(self._pages) >= self._most

    def knows(self, url: str, captured_at: datetime) -> bool:
        """Tell whether a capture of `url` would teach nothing: a later one counts already, or there is no more room."""
        known = self._pages.get(url)
        return self.full if known is None else known.captured_at >= captured_at

    def add(self, sketch: PageSketch) -> None:
        """Take in one page."""
        if not self.knows(sketch.url, sketch.captured_at):
            self._pages[sketch.url] = _packed(sketch)

    def lesson(self) -> Lesson | None:
        """Return what recurs; None without pages. From few articles the lesson is that nothing is known."""
        if not self._pages:
            return None
        pages = [self._pages[url] for url in sorted(self._pages)]
        moments = [page.captured_at for page in pages]
        article = _articles(pages, self._least.recurrences)
        count = len(set(article))
        enough = count >= self._least.articles
        counting = _Counting(pages, article, self._least.recurrences)
        findings = tuple(counting.findings()) if enough else ()
        return Lesson(count, len(pages), min(moments), max(moments), enough, findings, counting.cost(findings))


class _Counting:
    """One site's pages, and on how many articles each text and place is."""

    def __init__(self, pages: list[_Page], article: list[int], least: int) -> None:
        """`article`: the number of each page's article."""
        self._pages = pages
        self._article = article
        self._least = least
        self._texts = self._spread("texts")
        self._places = self._spread("places")
        self._leads = self._leading()
        self._where = {
            text: (place, ink)
            for page in pages
            for text, place, ink in zip(page.texts, page.places, page.inks, strict=True)
            if self._texts[text] >= self._least
        }

    def findings(self) -> Iterator[FurnitureFinding]:
        """Yield texts, then places, the most frequent first; never more than a profile may hold."""
        places = self.furniture_places()
        texts = {text for text in self._kept("texts") if self._is_furniture(text)} - self._announcing()
        texts -= self._of_one_subject(texts)
        texts -= self._standing(texts)
        texts |= self._announcements(texts, places)
        yield from self._told("text", "texts", texts, _MOST_TEXTS)
        yield from self._told("place", "places", places, _MOST_PLACES)

    def cost(self, findings: Sequence[FurnitureFinding]) -> Cost:
        """Return what `findings` would take out of these pages."""
        texts = {int(found.mark, 16) for found in findings if found.kind == "text"}
        places = {int(found.mark, 16) for found in findings if found.kind == "place"}
        losing: set[int] = set()
        alone: dict[str, None] = {}
        blocks = gone = ink = 0
        for page, article in self._numbered():
            lines: list[str] = []
            for at, (text, place, size, state) in enumerate(
                zip(page.texts, page.places, page.inks, page.states, strict=True)
            ):
                if not state & _KEPT:
                    continue
                ink += size
                if text not in texts and (place not in places or state & _ANNOUNCES):
                    continue
                blocks += 1
                gone += size
                losing.add(article)
                if text not in texts and self._texts[text] < 2 and len(alone) < _MOST_ALONE:
                    lines = lines or zlib.decompress(page.excerpts).decode("utf-8", "surrogatepass").split("\n")
                    alone.setdefault(lines[at])
        return Cost(len(losing), blocks, gone / ink if ink else 0.0, tuple(alone))

    def _spread(self, what: Literal["texts", "places"]) -> Counter[int]:
        """Return on how many articles each one is."""
        seen = {(one, article) for page, article in self._numbered() for one in getattr(page, what)}
        return Counter(one for one, _ in seen)

    def _numbered(self) -> Iterator[tuple[_Page, int]]:
        yield from zip(self._pages, self._article, strict=True)

    def _kept(self, what: Literal["texts", "places"]) -> Counter[int]:
        """Return on how many pages the parser takes each one into the body."""
        found: Counter[int] = Counter()
        for page in self._pages:
            found.update({one for one, state in zip(getattr(page, what), page.states, strict=True) if state & _KEPT})
        return found

    def _leading(self) -> Counter[int]:
        """Return on how many pages each text opens the body."""
        firsts = (next((i for i, state in enumerate(page.states) if state & _KEPT), -1) for page in self._pages)
        return Counter(page.texts[first] for page, first in zip(self._pages, firsts, strict=True) if first >= 0)

    def _is_furniture(self, text: int) -> bool:
        count = self._texts[text]
        if count < self._least:
            return False
        place, ink = self._where[text]
        share = _SHARE if ink >= _SHORT else _SHORT_SHARE
        if self._leads[text] * 2 > count:
            share = _LEAD_SHARE
        return count >= share * self._places[place]

    def _of_one_subject(self, texts: set[int]) -> set[int]:
        """Return those of `texts` whose articles share a subject with them: background, not furniture."""
        if not texts:
            return set()
        spread: list[Counter[str]] = []
        holders: dict[int, list[int]] = {}
        said: dict[int, str] = {}
        for number, page in enumerate(self._pages):
            lines = zlib.decompress(page.excerpts).decode("utf-8", "surrogatepass").split("\n")
            spread.append(Counter())
            for text, line in zip(page.texts, lines, strict=True):
                spread[number].update(set(_subjects(line)))
                if text in texts and line:
                    said.setdefault(text, line)
                    holders.setdefault(text, []).append(number)
        total: Counter[str] = Counter()
        for words_ in spread:
            total.update(set(words_))
        return {
            text for text, line in said.items() if self._shares_subject(_subjects(line), holders[text], spread, total)
        }

    def _standing(self, texts: set[int]) -> set[int]:
        """Return those of `texts` that newsrooms write again and again: ``Nobody was hurt.``

        They stand where articles have text of their own, now here and now there, and speak to nobody.
        """
        shared = {text for text in texts if self._where[text][0] not in self._dedicated}
        if not shared:
            return set()
        spots: dict[int, Counter[int]] = {text: Counter() for text in shared}
        said: dict[int, str] = {}
        for page in self._pages:
            kept = [at for at, state in enumerate(page.states) if state & _KEPT]
            found = [at for at in kept if page.texts[at] in shared]
            lines = zlib.decompress(page.excerpts).decode("utf-8", "surrogatepass").split("\n") if found else []
            for at in found:
                said[page.texts[at]] = lines[at]
                place = kept.index(at)
                spots[page.texts[at]].update({place, place - len(kept)})
        return {
            text
            for text in shared
            if not _calls(said.get(text, "")) and not self._is_fixed(text, max(spots[text].values(), default=0))
        }

    def _is_fixed(self, text: int, often: int) -> bool:
        """Tell whether a text is on nearly all articles, or on most of them and `often` so far from the start or the end."""
        share = self._texts[text] / self._places[self._where[text][0]]
        return share >= _EVERY_SHARE or (share >= _MOST_SHARE and often >= _FIXED_SHARE * self._texts[text])

    @cached_property
    def _dedicated(self) -> set[int]:
        """The places that hold no text of an article's own on nearly all articles that have them."""
        own = {
            (place, article)
            for page, article in self._numbered()
            for place, text, state in zip(page.places, page.texts, page.states, strict=True)
            if not state & _ANNOUNCES and self._texts[text] < 2
        }
        count = Counter(place for place, _ in own)
        return {place for place, articles in self._places.items() if count[place] <= (1 - _PLACE_SHARE) * articles}

    def _shares_subject(
        self, own: list[str], holders: list[int], spread: list[Counter[str]], total: Counter[str]
    ) -> bool:
        others = len(self._pages) - len(holders)
        for word in set(own):
            elsewhere = sum(1 for number in holders if spread[number][word] > 1)
            outside = total[word] - sum(1 for number in holders if spread[number][word])
            share = elsewhere / len(holders)
            if others and share >= _RELATED_SHARE and share >= _RELATED_TIMES * outside / others:
                return True
        return False

    def _announcing(self) -> set[int]:
        return {
            text
            for page in self._pages
            for text, state in zip(page.texts, page.states, strict=True)
            if state & _ANNOUNCES
        }

    def furniture_places(self) -> set[int]:
        """Return the places that hold nothing of an article's own on nearly all articles that have them."""
        lines = {
            (place, article, self._texts[text] < 2)
            for page, article in self._numbered()
            for place, text, state in zip(page.places, page.texts, page.states, strict=True)
            if not state & _ANNOUNCES
        }
        count = Counter(place for place, _ in {line[:2] for line in lines})
        own = Counter(place for place, _, unique in lines if unique)
        various = Counter(
            place for place, _ in {pair for page in self._pages for pair in zip(page.places, page.texts, strict=True)}
        )
        kept = self._kept("places")
        return {
            place
            for place, articles in count.items()
            if articles >= self._least
            and kept[place]
            and various[place] >= _PLACE_TEXTS
            and own[place] <= (1 - _PLACE_SHARE) * articles
        }

    def _announcements(self, texts: set[int], places: set[int]) -> set[int]:
        """Return the recurring headings and labels that stand before furniture wherever they are kept."""
        before: Counter[int] = Counter()
        wasted: Counter[int] = Counter()
        for page in self._pages:
            kept = [i for i, state in enumerate(page.states) if state & _KEPT]
            for at, index in enumerate(kept):
                text = page.texts[index]
                if not page.states[index] & _ANNOUNCES or self._texts[text] < self._least:
                    continue
                before[text] += 1
                after = kept[at + 1] if at + 1 < len(kept) else -1
                if after < 0 or (
                    not page.states[after] & _ANNOUNCES and (page.texts[after] in texts or page.places[after] in places)
                ):
                    wasted[text] += 1
        return {text for text, count in before.items() if wasted[text] >= _ANNOUNCING_SHARE * count}

    def _told(
        self, kind: Literal["text", "place"], what: Literal["texts", "places"], marks: set[int], most: int
    ) -> Iterator[FurnitureFinding]:
        spread, kept = (self._texts if what == "texts" else self._places), self._kept(what)
        chosen = sorted(marks, key=lambda mark: (-spread[mark], mark))[:most]
        excerpts = self._excerpts(what, set(chosen))
        for mark in chosen:
            yield FurnitureFinding(kind, f"{mark:012x}", spread[mark], kept[mark], excerpts[mark])

    def _excerpts(self, what: Literal["texts", "places"], marks: set[int]) -> dict[int, str]:
        found: dict[int, str] = {}
        for page in self._pages:
            if marks.isdisjoint(getattr(page, what)):
                continue
            lines = zlib.decompress(page.excerpts).decode("utf-8", "surrogatepass").split("\n")
            for mark, line in zip(getattr(page, what), lines, strict=True):
                if mark in marks and line:
                    found.setdefault(mark, line)
        return found


def _subjects(line: str) -> list[str]:
    """Return the words of a text that may say what it is about."""
    return [word for word in words(line) if len(word) >= _WORD and not word.isdigit()]


def _packed(sketch: PageSketch) -> _Page:
    blocks = sketch.blocks
    excerpts = "\n".join(block.excerpt.replace("\n", " ") for block in blocks)
    return _Page(
        sketch.captured_at,
        array("Q", (int(block.place, 16) for block in blocks)),
        array("Q", (int(block.text, 16) for block in blocks)),
        array("H", (min(block.ink, 65535) for block in blocks)),
        array("B", (_KEPT * block.kept + _ANNOUNCES * block.announces for block in blocks)),
        zlib.compress(excerpts.encode("utf-8", "surrogatepass")),
    )


def _articles(pages: list[_Page], least: int) -> list[int]:
    """Return for each page the number of its article: pages that share much of their own text have the same.

    Their own is what neither is on many pages nor stands where only recurring text does.
    """
    common = _Counting(pages, list(range(len(pages))), least).furniture_places()
    holders: dict[int, dict[int, int]] = {}
    for number, page in enumerate(pages):
        for text, place, ink, state in zip(page.texts, page.places, page.inks, page.states, strict=True):
            if state & _KEPT and ink >= _ALIKE_LONG and place not in common:
                holders.setdefault(text, {})[number] = ink
    own: Counter[int] = Counter()
    shared: Counter[tuple[int, int]] = Counter()
    for numbers in holders.values():
        if len(numbers) <= _ALIKE_MOST:
            own.update(numbers)
            shared.update({pair: numbers[pair[0]] for pair in combinations(numbers, 2)})
    root = list(range(len(pages)))
    for (one, other), ink in sorted(shared.items()):
        if ink > _ALIKE_SHARE * min(own[one], own[other]):
            _join(root, one, other)
    return [_root(root, number) for number in range(len(pages))]


def _root(root: list[int], number: int) -> int:
    while root[number] != number:
        root[number] = number = root[root[number]]
    return number


def _join(root: list[int], one: int, other: int) -> None:
    first, second = _root(root, one), _root(root, other)
    root[max(first, second)] = min(first, second)
