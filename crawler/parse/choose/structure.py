"""What a page's structure alone says is not its article: readers' comments, consent dialogues, other articles.

Judged before any block is: what lies in such an element gets no chance, and misleads no neighbour. Whatever would leave
a page without prose is not applied.
"""

from __future__ import annotations

__all__ = ["outside"]

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Final

from selectolax.lexbor import LexborNode

from crawler.parse.choose.lexicon import announces_comments, announces_more
from crawler.parse.native import Phrases
from crawler.parse.page.blocks import Element, Layout, PageBlock
from crawler.parse.page.hints import Hint
from crawler.parse.page.query import Query
from crawler.parse.page.text import fold, folds_to

_COMMENTS: Final = re.compile(
    r"(?:^|\s)(?:(?:(?:user|reader|facebook|fb|post|article|wp|block|js|hn|top|nested|single|thread)s?[_-]*)*comment|"
    r"(?:[a-z0-9]+[_-]+)*(?:comments|commentaires?|comentarios?|comentários?|kommentare?|kommentarer|reacties|yorumlar))"
    r"(?:[_-]*(?:list|body|content|text|thread|threads|section|area|item|items|wrap|wrapper|box|container|reply|replies|form|main|tree|holder|block|"
    r"template|post|entry|message|row|feed|stream|app|root|inner|outer|header|meta|author|\d+))*(?=$|\s)"
    r"|(?:^|[\s_-])(?:disqus[_-]?\w*|talkbacks?|respond|commentlist|coral-?talk|viafoura|spot-?im|hyvor[-_]talk|"
    r"readers?-(?:letters|opinions|reactions))(?=$|[\s_-])"
)
"""Names of elements that hold what readers wrote."""
_SYSTEMS: Final = re.compile(
    r"(?:^|[\s_-])(?:coral-(?:comments?|stream|container)|spcv_\w+|gsc-(?:comments?|timeline)|giscus|utterances|isso-(?:thread|comment)|idc-c(?:-\w+)?|kmt-(?:list|item|wrap)|fyre(?:-\w+)?|"
    r"remark42\w*|cusdis\w*|commento\w*|twikoo|waline|valine|artalk|graphcomment|muut|vuukle\w*|openweb-\w+|ufi(?:comment\w*|list)|discourse-comments|(?:leser|nutzer|user|gäste|gast)kommentare?)(?=$|[\s_-])"
)
"""What comment systems call their elements, and words joined without a hyphen."""
_ON_SYSTEMS: Final = Phrases([(
    "coral-", "spcv_", "gsc-", "giscus", "utterances", "isso-", "idc-c", "kmt-", "fyre", "remark42", "cusdis", "commento", "twikoo", "waline", "valine", "artalk",
    "graphcomment", "muut", "vuukle", "openweb-", "ufi", "discourse-comments", "kommentar",
)])  # fmt: skip
"""One of these is in every such name: it is asked of all names of a page."""
_CONSENT: Final = re.compile(
    r"cookie-?(?:law|bar|banner|notice|consent|policy|info|settings|popup|modal|overlay|table|list|box|dialog|message)|cookies?(?=$|\s)|cookielawinfo|cookiebot|"
    r"(?:^|[\s_-])(?:gdpr|cmplz|onetrust|didomi|usercentrics|truste|sp_message|borlabs|cky|cli-modal|cli-tab)(?=$|[\s_-])|consent-?(?:banner|manager|dialog|modal|layer|wall|box|popup)"
)
_POSTS: Final = re.compile(
    r"(?:^|\s)(?:(?:twitter|x)-tweet|tweet-?embed(?:ded)?|embed(?:ded)?-?tweet|twitter-(?:embed|post|video|status)|instagram-(?:media|embed|post)|tiktok-embed|fb-post|facebook-(?:post|embed)|bluesky-embed|"
    r"mastodon-embed|threads-embed|text-post-media|telegram-post|reddit-(?:embed|card)|embed-(?:twitter|instagram|tiktok|facebook))(?=$|\s)"
)
_LONGEST_POST: Final = 700
"""Letters; what is longer is an element that nobody closed."""
_NEXT: Final = re.compile(
    r"(?:^|[\s_-])(?:next|up-?next|read-?next|(?:next|more|other|related)[_-]?(?:up|articles?|story|stories|posts?|news|reads?))(?:$|[\s_-])"
)
"""Names of what holds the articles that follow."""
_BESIDE: Final = "in another article of the page"
_LEAST_PROSE: Final = 100
"""Letters of prose that must be left."""
_HEAD_BLOCKS: Final = 4
"""A headline is among the first of an article."""
_LABEL: Final = 60
_ANSWERED: Final = Query("button,[itemtype*='Comment'],[role='feed']")
_MOST_MARKS: Final = 400
_FEW_REPLIES: Final = 2
_REPLIES: Final = frozenset((
    "reply", "replies", "antworten", "répondre", "responder", "rispondi", "beantwoorden", "reageren", "svar", "svara", "besvara", "vastaa", "odpowiedz", "odpovědět", "válasz", "răspunde",
    "ответить", "відповісти", "отговори", "одговори", "απάντηση", "yanıtla", "cevapla", "رد", "ردّ", "پاسخ", "השב", "הגב", "返信", "返信する", "回复", "回覆", "답글", "답글 달기", "जवाब दें", "ตอบกลับ", "trả lời", "balas",
))  # fmt: skip
"""What the buttons say by which readers answer each other."""
_LINES: Final = ("p", "li", "h2", "h3", "h4")
_LEAST_INSET: Final = 3
"""Blocks of a box within what a label opens; fewer are the label's own line."""
_HEADLINE: Final = 2
"""The level to which headings are headlines."""
_TEASER: Final = 2
"""Paragraphs under a headline that is a link; more of them are a part of an article about what it links to."""
_PROSE: Final = 60


def outside(layout: Layout, *, title: str | None, title_block: int) -> list[str]:
    """Return for every block why it lies outside the article; an empty string for those that may be in it."""
    reasons = [""] * len(layout.blocks)
    if not layout.blocks:
        return reasons
    page = _Page(layout, title, title_block)
    for name, found in (
        (
            "readers' comments",
            [
                (start, last)
                for start, last in (
                    *_spans(page.named(Hint.COMMENT, _is_comments)),
                    *_spans(page.named(0, _is_system)),
                    *_spans(page.threads()),
                    *page.flat_threads(),
                    *_spans(page.answered()),
                )
                if page.is_below(start) or page.is_quoted_above(start, last)
            ],
        ),
        (
            "a post of a social network",
            _spans(element for element in page.named(Hint.SHARE | Hint.BOX, _is_post) if element.ink <= _LONGEST_POST),
        ),
        ("a consent dialogue", _spans(page.named(Hint.CONSENT, _is_consent))),
        (_BESIDE, _spans(page.others())),
    ):
        _mark(layout, reasons, found, name, page.least_left if name == _BESIDE else 0)
    return reasons


def _spans(elements: Iterable[Element]) -> list[tuple[int, int]]:
    """Return for each element the numbers of its first block and of the one after its last."""
    return [(element.start, element.last) for element in elements]


def _mark(layout: Layout, reasons: list[str], found: list[tuple[int, int]], name: str, share: int) -> None:
    """Give the blocks in `found` a reason, if prose is left without them, and not less than a part of them."""
    chosen = {index for start, last in found for index in range(start, last) if not reasons[index]}
    if not chosen:
        return
    left = sum(
        block.ink
        for block in layout.blocks
        if block.index not in chosen and not reasons[block.index] and _is_prose(block)
    )
    gone = sum(layout.blocks[index].ink for index in chosen if _is_prose(layout.blocks[index]))
    if left >= _LEAST_PROSE and (not share or left * share >= gone):
        for index in chosen:
            reasons[index] = name


class _Page:
    """A page's elements, seen from its headline."""

    def __init__(self, layout: Layout, title: str | None, title_block: int) -> None:
        self.layout = layout
        self.title_block = title_block
        self.key = fold(title) if title else ""
        self.announcing: dict[int, bool] = {}
        """Whether a block is a label such as "Up next", by its number, as far as that was asked."""
        self.around: list[Element] = []
        """The elements around the headline, the innermost first."""
        at: Element | None = layout.blocks[title_block].element if title_block >= 0 else None
        while at is not None:
            self.around.append(at)
            at = at.parent
        self.prose = [0]
        """Letters of prose before each block."""
        for block in layout.blocks:
            self.prose.append(self.prose[-1] + (block.ink if _is_prose(block) else 0))
        self.own = next((element for element in self.around if element.posting), None)
        self.least_left = 100 if self.own is not None and self.own.paras > 1 else 3
        """Other articles may have so many times the prose of the headline's."""
        self.beside = {
            (element.parent.index, element.tag)
            for element in self.around
            if element.parent is not None and not element.name
        }
        """Where an element of the same kind stands beside one that holds the headline, neither of them named."""
        self.twins = {element.name for element in self.around if element.name and element.tag != "body"}

    def named(self, hint: int, is_wanted: Callable[[str], bool]) -> Iterator[Element]:
        """Yield the outermost elements with the `hint` (if any) whose name `is_wanted`; those around the headline are not."""
        last = 0
        for element in self.layout.elements:
            if element.start < last or element.last <= element.start or self._holds_title(element):
                continue
            if (element.hints & hint or not hint) and element.name and is_wanted(element.name):
                last = element.last
                yield element

    def threads(self) -> Iterator[Element]:
        """Yield the elements below the headline that open with a label such as "Comments (2)"."""
        last = self.title_block + 1
        opening: dict[int, bool] = {}
        for element in self.layout.elements:
            if element.start < last or element.last - element.start < 2 or element.tag in _LINES:
                continue
            first = self.layout.blocks[element.start]
            known = opening.get(element.start)
            if known is None:
                known = opening[element.start] = first.ink <= _LABEL and announces_comments(first.text)
            if known:
                last = element.last
                yield element

    def flat_threads(self) -> Iterator[tuple[int, int]]:
        """Yield what follows a heading such as "Comments (2)" to the end of the element that holds both, if no other heading of its rank does."""
        blocks = self.layout.blocks
        for block in blocks[self.title_block + 1 :]:
            if block.kind != "heading" or block.ink > _LABEL or not announces_comments(block.text):
                continue
            outer = block.element.parent
            while outer is not None and outer.last == block.index + 1:
                outer = outer.parent
            if outer is None:
                continue
            after = range(block.index + 1, outer.last)
            if not any(blocks[at].kind == "heading" and blocks[at].level <= block.level for at in after):
                yield block.index, outer.last

    def answered(self) -> Iterator[Element]:
        """Yield the elements that are marked as what readers wrote: by schema.org, as a feed of comments, by buttons to reply."""
        root = self.layout.elements[0].node
        marks = _ANSWERED.within(root)[:_MOST_MARKS] if root is not None else []
        told = [(node, is_thread) for node in marks if (is_thread := _is_thread(node)) or _is_reply(node)]
        if not told:
            return
        known = {element.node.mem_id: element for element in self.layout.elements}
        replying: list[Element] = []
        last = 0
        for node, is_thread in told:
            holder: LexborNode | None = node
            while holder is not None and holder.mem_id not in known:
                holder = holder.parent
            if holder is None:
                continue
            element = known[holder.mem_id]
            if not is_thread:
                replying.append(element)
            elif not self._holds_title(element) and element.last > element.start >= last:
                last = element.last
                yield element
        thread = self._around_all(replying)
        if thread is not None and not self._holds_title(thread):
            yield thread

    def _around_all(self, found: list[Element]) -> Element | None:
        """Return the smallest element around several, none around fewer."""
        if len(found) < _FEW_REPLIES:
            return None
        first, last = found[0], found[-1]
        holder: Element | None = first
        while holder is not None and not holder.start <= last.start < holder.last:
            holder = holder.parent
        return holder

    def is_quoted_above(self, start: int, last: int) -> bool:
        """Tell whether blocks are a quarter of the prose or less, above the rest of it: a reader's word that opens an article."""
        own = self.prose[last] - self.prose[start]
        return own > 0 and start > self.title_block >= 0 and own * 4 <= self.prose[-1] - self.prose[last]

    def is_below(self, start: int) -> bool:
        """Tell whether the block with this number stands below prose that follows the headline."""
        return self.prose[start] - self.prose[max(0, self.title_block)] >= _LEAST_PROSE

    def others(self) -> Iterator[Element]:
        """Yield the elements that are articles of their own, with a headline that is not the page's."""
        last = 0
        for element in self.layout.elements:
            if (
                element.start < last
                or element.last - element.start < 2
                or self._holds_title(element)
                or element.tag == "body"
            ):
                continue
            if self._is_other(element):
                last = element.last
                yield element

    def _holds_title(self, element: Element) -> bool:
        return element.start <= self.title_block < element.last

    def _is_other(self, element: Element) -> bool:
        if self.title_block < 0 or not element.paras:
            return False
        if self._is_announced(element):
            return True
        posting = element.posting
        beside = not element.name and element.parent is not None and (element.parent.index, element.tag) in self.beside
        if not posting and not beside and element.name not in self.twins:
            return False
        head = self._headline(element)
        if head is None:
            return False
        if beside and not posting:
            return element.start > self.title_block and _is_link(head) and head.level <= _HEADLINE and head.links == 1
        inside = self.own is None or (self.own.start <= element.start and element.last <= self.own.last)
        if _is_link(head) and posting and (element.paras <= _TEASER or not inside):
            return True
        if posting and inside and element.parent is not None and _is_next(element.parent.name):
            return True
        if inside or element.last <= self.title_block or self.own is None or not self.own.paras:
            return False
        return posting or head.level == 1

    def _headline(self, element: Element) -> PageBlock | None:
        """Return the heading that opens an element and is not the page's own."""
        blocks = self.layout.blocks
        for block in blocks[element.start : min(element.last, element.start + _HEAD_BLOCKS)]:
            if block.kind == "heading" and block.level <= 4:
                return None if self.key and folds_to(block.text, self.key) else block
        return None

    def _is_announced(self, element: Element) -> bool:
        """Tell whether an element opens with words such as "Up next", and is but a part of the page."""
        first = self.layout.blocks[element.start]
        if first.ink > _LABEL or element.start <= self.title_block or element.tag in _LINES:
            return False
        if element.para_ink * 2 >= self.layout.elements[0].para_ink:
            return False
        known = self.announcing.get(element.start)
        if known is None:
            known = self.announcing[element.start] = announces_more(first.text)
        return known and not self._opens_with_inset(element)

    def _opens_with_inset(self, element: Element) -> bool:
        """Tell whether the label that an element opens with belongs to a box of its own at its start: several blocks, no prose."""
        elements = self.layout.elements
        for number in range(element.index + 1, len(elements)):
            inner = elements[number]
            if inner.start != element.start:
                return False
            if inner.last - inner.start >= _LEAST_INSET and inner.last < element.last and not inner.paras:
                return True
        return False


def _is_thread(node: LexborNode) -> bool:
    """Tell whether an element is marked as a comment, or as a feed of them."""
    attributes = node.attributes
    return "comment" in (attributes.get("itemtype") or "").lower() or (
        attributes.get("role") == "feed" and announces_comments(attributes.get("aria-label") or "")
    )


def _is_reply(node: LexborNode) -> bool:
    """Tell whether an element is a button by which readers answer each other."""
    return node.tag == "button" and node.text().strip().lower() in _REPLIES


def _is_link(block: PageBlock) -> bool:
    return block.link_ink * 10 >= block.ink * 9


def _is_prose(block: PageBlock) -> bool:
    return block.ink >= _PROSE and block.kind != "heading" and block.link_ink * 2 < block.ink


@lru_cache(maxsize=8192)
def _is_comments(name: str) -> bool:
    return _COMMENTS.search(name.lower()) is not None


def _is_system(name: str) -> bool:
    lowered = name.lower()
    return _ON_SYSTEMS.found(lowered) > 0 and _SYSTEMS.search(lowered) is not None


@lru_cache(maxsize=8192)
def _is_post(name: str) -> bool:
    return _POSTS.search(name.lower()) is not None


@lru_cache(maxsize=8192)
def _is_next(name: str) -> bool:
    return _NEXT.search(name.lower()) is not None


@lru_cache(maxsize=8192)
def _is_consent(name: str) -> bool:
    return _CONSENT.search(name.lower()) is not None
