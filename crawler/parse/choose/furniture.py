"""Furniture among the chosen blocks that shows by two things together: a name and a wording, a saying and a place."""

from __future__ import annotations

__all__ = ["drop_lines", "drop_named", "drop_said", "drop_sign_offs", "drop_teasers", "named_and_worded"]

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Final

from selectolax.lexbor import LexborNode

from crawler.parse.choose.features import Measures
from crawler.parse.choose.lexicon import LEXICON, announces_more
from crawler.parse.choose.sayings import (
    A_LABEL,
    is_biography,
    is_cookie_table,
    is_day_line,
    is_sign_off,
    lists_cookies,
    said_about_itself,
    says_about,
    says_caption,
    says_credit,
    says_machine_summary,
)
from crawler.parse.fields.metadata import urlsplit_host
from crawler.parse.fields.names import begins_credit, is_full, is_name, names_in
from crawler.parse.page.blocks import Element, Layout, PageBlock
from crawler.parse.page.hints import Hint
from crawler.parse.page.text import squeezed, unit_length

_FIRST: Final = 1 << len(LEXICON)
_AGREEING: Final = tuple(
    (hint, _FIRST << LEXICON.index(kind), name)
    for hint, kind, name in (
        (Hint.SIGNUP, "signup", "a sign-up box"),
        (Hint.RELATED, "related", "a link to more"),
        (Hint.SHARE, "share", "a share bar"),
        (Hint.AD, "ad", "an advertisement"),
        (Hint.CAPTION, "credit", "a picture credit"),
        (Hint.COMMENT, "comment", "a comment box"),
    )
)
"""A kind of element, what the text of such begins with, and how to call the two together."""
_NAMED: Final = sum(hint for hint, _, _ in _AGREEING)
_SHORT: Final = 400
_ON_OFFERS: Final = 1 << LEXICON.index("offer")
_ON_EMBEDS: Final = 1 << LEXICON.index("embed") | 1 << LEXICON.index("consent")
_ON_CONSENT: Final = 1 << LEXICON.index("consent")
_ON_CAPTIONS: Final = 1 << LEXICON.index("caption") | 1 << LEXICON.index("credit")
_PULLED: Final = re.compile(
    r"pull[-_]?(?:ed|out)?[-_]?quote|(?:^|[\s_-])pull(?:out)?(?:$|[\s_-])|tweetable|quote-?box", re.IGNORECASE
)
_LEAST_QUOTE, _MOST_QUOTE = 16, 320
_MOST_PULLED: Final = 40
"""A page with more is a conversation."""
_ADDRESS: Final = ("http://", "https://", "www.")
_LEAST_OFFERS: Final = 2
_LEAST_ABOVE, _LAST_ABOUT = 3, 6
_BOLD: Final = 90
_NAME_AND_TEXT: Final = 2
_LONGEST_NAME: Final = 40
_NAMED_CAPTION: Final = re.compile(
    r"(?:^|[\s_-])(?:wp-|image-?|img-?|photo-?|picture-?|media-?|figure__?-?|article-?(?:image|photo|media)?-?)?(?:caption|fig-?caption|bildunterschrift|bildtext|legende|pie-de-foto|didascalia)(?:[-_]+text)?(?=$|\s)",
    re.IGNORECASE,
)
_LONGEST_LINE: Final = 500
_LONGEST_BYLINE: Final = 120
_SHORT_BYLINE: Final = 40
_LAST_LINES: Final = 3
_NEAR_TITLE: Final = 8
_FAR: Final = 30
_MOST_SUMMARY: Final = 3
"""A box with more than this part of a page's paragraphs holds the article, too."""
_LINKED: Final = 5
"""A block stands out whose links are at least the fifth part of it."""
_LEAST_LINK: Final = 20
_LEVELS: Final = 4
_PAID: Final = re.compile(r"sponsored|nofollow")
"""Links to what is reviewed, not to another story."""
_MARKS: Final = 4
"""Of a label: a colon and blanks."""
_LONGEST_OFFER: Final = 90
_LEAST_TEASERS: Final = 2
_TEASED: Final = "another story's teaser"
_PICTURED: Final = "a img, a picture, a + img, img + a"
_MOST_IN_CARD, _MOST_CARDS, _CARDS_SHARE = 4, 4, 3
_LONGEST_TEASER: Final = 400
"""Letters; what is longer is a review of what the headline links to."""
_SLIDES: Final = re.compile(
    r"(?:^|[\s_-])(?:slides?|slide-?(?:show|text|caption)|gallery|galerie|galería|galleria|carousel|swiper|lightbox)(?:$|[\s_-])",
    re.IGNORECASE,
)
_LEAST_SLIDES: Final = 2
_POLL: Final = re.compile(
    r"(?:^|[\s_-])(?:poll|umfrage|encuesta|sondage|sondaggio|enquete|survey|quiz)(?:$|[\s_-])", re.IGNORECASE
)
_CHOICES: Final = "input[type=radio], input[type=checkbox]"
_ASKED: Final = ("?", "؟", "？")
_STOPS: Final = frozenset(".!?…。！？؟।۔")
_ON_MORE: Final = _FIRST << LEXICON.index("related")
_ON_TAGS: Final = _FIRST << LEXICON.index("tags")
_DISCLAIMER: Final = re.compile(r"disclaim|disclosure|haftungsausschluss", re.IGNORECASE)
_ON_AUTHOR: Final = re.compile(
    r"author[-_]*(?:box|bio|info|card|about|desc)|about[-_]*(?:the[-_]*)?author|byline[-_]*bio", re.IGNORECASE
)
_NEAR: Final = 3
"""Elements around a block whose names tell what it is."""
_DIGIT: Final = re.compile(r"\d")
_COLON: Final = re.compile(r"[:：|»>]")
_LAST: Final = 3


def named_and_worded(block: PageBlock, bits: int) -> str:
    """Return what kind of furniture a block is if its element's name and its own first words (`bits`) agree on one."""
    if block.ink > _SHORT:
        return ""
    element = block.element
    outer = element.parent
    hints = block.hints | element.hints | (outer.hints if outer is not None else 0)
    if not hints & _NAMED:
        return ""
    for hint, bit, name in _AGREEING:
        if hints & hint and bits & bit:
            return f"named and worded like {name}"
    return ""


def drop_said(layout: Layout, measures: Measures, reasons: list[str]) -> None:
    """Drop chosen blocks that speak of the page, captions set as paragraphs, and quotations pulled out of the text."""
    kept = [block for block in layout.blocks if not reasons[block.index]]
    apart = _standing_out(kept, measures)
    consenting = any(bits & _ON_CONSENT for bits in measures.bits)
    for block in kept:
        bits = measures.bits[block.index]
        if block.kind == "table" and (is_cookie_table(block.text) or (consenting and lists_cookies(block.text))):
            reasons[block.index] = "a table of cookies"
        if block.kind in ("table", "pre"):
            continue
        said = said_about_itself(block.text, bits, apart=block.index in apart)
        if block.text.startswith(_ADDRESS) and " " not in block.text:
            said = "an address alone"
        if block.kind == "heading":
            reasons[block.index] = (
                said if bits & _ON_EMBEDS or said == A_LABEL else "a poll" if _is_polled(block) else ""
            )
            continue
        reasons[block.index] = said or ("a poll" if block.text.endswith(_ASKED) and _is_polled(block) else "")
        if says_credit(block.text):
            reasons[block.index] = "ends as captions do"
        if (bits & _ON_CAPTIONS or block.pictures) and says_caption(block.text, below_picture=block.pictures > 0):
            reasons[block.index] = "worded like a caption"
    for block in layout.blocks:
        if block.ink <= _SHORT and says_machine_summary(block.text, measures.bits[block.index]):
            _drop_summary(block, layout, measures, reasons)
    _drop_offers(layout, measures, reasons)
    _drop_slides(kept, measures, reasons)
    _drop_pulled(layout, reasons)


def _drop_slides(kept: list[PageBlock], measures: Measures, reasons: list[str]) -> None:
    """Drop the short texts below the pictures of a gallery within an article; where they are much of it, the gallery is the article."""
    slides: dict[tuple[str, str, str], list[PageBlock]] = {}
    for block in kept:
        outer = block.element.parent
        if not block.pictures or block.ink > _SHORT or block.kind != "paragraph" or outer is None:
            continue
        if _SLIDES.search(outer.name) or _SLIDES.search(block.element.name):
            slides.setdefault(measures.signatures[block.index], []).append(block)
    total = sum(block.ink for block in kept)
    for group in slides.values():
        if len(group) >= _LEAST_SLIDES and sum(block.ink for block in group) * _CARDS_SHARE <= total:
            for block in group:
                reasons[block.index] = reasons[block.index] or "below a picture of a gallery"


def _standing_out(kept: list[PageBlock], measures: Measures) -> set[int]:
    """Return the numbers of the chosen blocks that markup sets apart from the bulk: by a link, bold type, a name, another element around."""
    names: dict[tuple[str, str, str], int] = {}
    holders: dict[int, int] = {}
    for block in kept:
        if block.kind in ("table", "pre"):
            continue
        name, holder = measures.signatures[block.index], _holder(block)
        names[name] = names.get(name, 0) + block.ink
        holders[holder] = holders.get(holder, 0) + block.ink
    usual = max(names, key=names.__getitem__, default=None)
    main = max(holders, key=holders.__getitem__, default=-1)
    if 2 * holders.get(main, 0) < sum(holders.values()):
        main = -1
    return {
        block.index
        for block in kept
        if block.link_ink * _LINKED >= block.ink
        or block.bold > _BOLD
        or measures.signatures[block.index] != usual
        or (main >= 0 and _holder(block) != main)
    }


def _holder(block: PageBlock) -> int:
    """Return the number of the element around a block's own."""
    outer = block.element.parent
    return outer.index if outer is not None else -1


def _is_polled(block: PageBlock) -> bool:
    """Tell whether a block is the question of a poll."""
    outer = block.element.parent
    if outer is None or not (_POLL.search(block.element.name) or _POLL.search(outer.name)):
        return False
    return bool((block.element.hints | outer.hints) & Hint.FORM or outer.node.css_first(_CHOICES))


def drop_teasers(layout: Layout, measures: Measures, reasons: list[str], title_block: int) -> None:
    """Drop what stands under a headline that is a link and was not chosen: above the page's own, or several alike."""
    kept = [block for block in layout.blocks if not reasons[block.index]]
    groups: dict[tuple[str, str, str], list[PageBlock]] = {}
    for block in kept:
        if block.kind not in ("heading", "table", "pre"):
            groups.setdefault(measures.signatures[block.index], []).append(block)
    total = sum(block.ink for block in kept)
    for group in groups.values():
        linked = [block for block in group if block.ink <= _LONGEST_TEASER and _is_led_by_link(block, layout)]
        led = [block for block in linked if reasons[block.index - 1]]
        above = [block for block in linked if block.index < title_block]
        alike = len(led) >= _LEAST_TEASERS and len(led) == len(group) and sum(block.ink for block in led) * 2 < total
        for block in led if alike else above:
            reasons[block.index] = reasons[block.index - 1] = _TEASED
    _drop_cards(layout, measures, reasons, total)


def _drop_cards(layout: Layout, measures: Measures, reasons: list[str], total: int) -> None:
    """Drop the few boxes that hold a headline that is a link and a short text: within a text with a picture, several at its end without.

    Where others stand under a link without such a box, or many do, the article is a list of what it links to.
    """
    found: dict[int, Element] = {}
    cards = 0
    for block in layout.blocks:
        if reasons[block.index] or block.kind != "paragraph" or not _is_led_by_link(block, layout):
            continue
        box = measures.boxes[block.element.index]
        if box is None or (box.index not in found and not _is_card(box, block, layout, measures.host)):
            return
        found[box.index] = box
        cards += 1
    inside = {index for box in found.values() for index in range(box.start, box.last)}
    ink = sum(layout.blocks[index].ink for index in inside if not reasons[index])
    if not found or cards > _MOST_CARDS or ink * _CARDS_SHARE > total:
        return
    after = range(min(inside), len(reasons))
    closing = cards >= _LEAST_TEASERS and all(reasons[index] or index in inside for index in after)
    if closing or all(box.node.css_first(_PICTURED) is not None for box in found.values()):
        for index in inside:
            reasons[index] = reasons[index] or _TEASED


def _is_card(box: Element, block: PageBlock, layout: Layout, host: str) -> bool:
    """Tell whether `box`, which holds `block`, is small and has a headline that leads to a page of this site."""
    if box.start >= block.index or box.last - box.start > _MOST_IN_CARD or block.ink > _LONGEST_TEASER:
        return False
    head = layout.blocks[block.index - 1]
    link = _link_of(head) if head.kind == "heading" else None
    target = (link.attributes.get("href") or "") if link is not None else ""
    if target.startswith("/") and not target.startswith("//"):
        return True
    return "://" in target and bool(host) and urlsplit_host(target) == host


def _is_led_by_link(block: PageBlock, layout: Layout) -> bool:
    """Tell whether the block before one is a link, and long enough for a headline."""
    before = layout.blocks[block.index - 1] if block.index else None
    if before is None or before.link_ink * 10 < before.ink * 9:
        return False
    if before.kind != "heading" and before.tag != "dt" and before.ink < _LEAST_LINK:
        return False
    link = _link_of(before)
    target = (link.attributes.get("href") or "") if link is not None else ""
    if link is not None and _PAID.search(link.attributes.get("rel") or ""):
        return False
    return target[:1] not in ("", "#") and not target.startswith("javascript:")


def _link_of(block: PageBlock) -> LexborNode | None:
    """Return the link that a block is, holds, or lies in."""
    node: LexborNode | None = block.element.node
    link = node.css_first("a[href]") if node is not None else None
    for _ in range(_LEVELS):
        if link is not None or node is None:
            return link
        link, node = (node if node.tag == "a" else None), node.parent
    return link


def drop_lines(layout: Layout, measures: Measures, reasons: list[str], title_block: int) -> None:
    """Drop the lines around a text that are fields or furniture: dates, bylines, captions, tags, links to more, who the author is."""
    kept = [block for block in layout.blocks if not reasons[block.index]]
    last = kept[-_LAST_LINES:]
    for block in kept:
        if block.kind in ("table", "pre") or block.ink > _LONGEST_LINE:
            continue
        distance = block.index - title_block if title_block >= 0 else _FAR
        reasons[block.index] = _line(block, measures.bits[block.index], distance)
        if not reasons[block.index] and block in last and block.kind != "heading" and is_biography(block.text):
            reasons[block.index] = "about the author"

    _drop_about(layout, reasons)


def _drop_about(layout: Layout, reasons: list[str]) -> None:
    """Drop what a text ends with about its author or its publisher, under a line that says so: ``About Acme``."""
    kept = [block for block in layout.blocks if not reasons[block.index]]
    total = sum(block.ink for block in kept)
    for at in range(max(_LEAST_ABOVE, len(kept) - _LAST_ABOUT), len(kept)):
        block, rest = kept[at], kept[at:]
        stands_out = block.kind == "heading" or block.bold > _BOLD or block.text.rstrip().endswith((":", "："))
        led = says_about(block.text, alone=stands_out) or (stands_out and _introduces(rest, kept))
        if led and sum(other.ink for other in rest) * 3 < total:
            for other in rest:
                reasons[other.index] = "about the author or the publisher"
            return


def _introduces(rest: list[PageBlock], kept: list[PageBlock]) -> bool:
    """Tell whether `rest`, the end of what is kept, is a person's name and a text that begins with it, in a box of their own.

    Where others are introduced alike, the article is about all of them.
    """
    name = rest[0].text.strip()
    if not _NAME_AND_TEXT <= len(rest) <= _LAST_LINES or rest[0].ink > _LONGEST_NAME or not is_full(name):
        return False
    if not rest[1].text.startswith(name) or any(block.kind == "heading" for block in rest[1:]):
        return False
    alike = sum(1 for one, other in pairwise(kept) if other.text.startswith(one.text))
    return alike == 1 and _holder(rest[0]) not in {_holder(block) for block in kept[: -len(rest)]} and is_name(name)


def _line(block: PageBlock, bits: int, distance: int) -> str:
    """Return what field or furniture a short block is; `distance` blocks below the headline."""
    text = block.text
    if is_day_line(text):
        return "a date line"
    if block.kind == "heading" or block.ink > _LONGEST_BYLINE:
        return "a link to more" if _leads_to_more(block) else ""
    if -_FAR < distance < 0 and block.kind == "paragraph" and text[-1] not in _STOPS:
        return "above the headline"
    if block.element.hints & Hint.CAPTION and _NAMED_CAPTION.search(block.element.name):
        return "a caption"
    linked = block.link_ink * 2 >= block.ink
    if (linked and bits & _ON_MORE) or _leads_to_more(block):
        return "a link to more"
    if linked and bits & _ON_TAGS:
        return "tags"
    named = (block.hints | block.element.hints) & Hint.AUTHOR != 0
    near = -_NEAR_TITLE <= distance <= _NEAR_TITLE
    if not named and not near:
        return ""
    if "blockquote" in block.element.region or text[-1] in _STOPS:
        return "a byline" if named and names_in([text], set()) else ""
    credited = named or begins_credit(text)
    return "a byline" if credited and ((near and block.ink <= _SHORT_BYLINE) or names_in([text], set())) else ""


def _leads_to_more(block: PageBlock) -> bool:
    """Tell whether a block is a label such as "Read also:" and, as all the rest of it, links."""
    if not block.links or block.kind == "heading":
        return False
    label = _COLON.split(block.text, maxsplit=1)[0]
    rest = block.ink - unit_length(label) - _MARKS
    return len(label) < len(block.text) and block.link_ink >= rest and announces_more(label)


def _drop_offers(layout: Layout, measures: Measures, reasons: list[str]) -> None:
    """Drop boxes whose list is of what subscribers get; a list with figures may be news about such an offer."""
    kept = [block for block in layout.blocks if not reasons[block.index]]
    boxes: dict[int, list[PageBlock]] = {}
    for block in kept:
        box = measures.boxes[block.element.index]
        if box is not None and block.kind == "item":
            boxes.setdefault(box.index, []).append(block)
    for number, items in boxes.items():
        plain = [block for block in items if not _DIGIT.search(block.text)]
        offering = sum(1 for block in plain if block.ink <= _LONGEST_OFFER and measures.bits[block.index] & _ON_OFFERS)
        box = layout.elements[number]
        if offering < _LEAST_OFFERS or offering * 2 < len(items) or 2 * len(items) < box.last - box.start:
            continue
        for index in range(box.start, box.last):
            reasons[index] = reasons[index] or "an offer to subscribers"


def _drop_summary(block: PageBlock, layout: Layout, measures: Measures, reasons: list[str]) -> None:
    """Drop what a machine made, as the note `block` says: its box, or the items before it."""
    box = measures.boxes[block.element.index]
    start, end = block.index, block.index + 1
    most = layout.elements[0].para_ink // _MOST_SUMMARY
    inner = (holder for holder in (box, block.element.parent) if holder is not None and holder.para_ink <= most)
    box = next(inner, None)
    if box is not None:
        start, end = box.start, box.last
    else:
        while start and layout.blocks[start - 1].kind == "item":
            start -= 1
    for index in range(start, end):
        reasons[index] = reasons[index] or "made by a machine, as the page says"


def _drop_pulled(layout: Layout, reasons: list[str]) -> None:
    """Drop quotations set apart whose words a longer block has, too."""
    kept = [block for block in layout.blocks if not reasons[block.index]]
    pulled = [block for block in kept if _may_be_pulled(block)]
    if not pulled or len(pulled) > _MOST_PULLED:
        return
    texts = {block.index: squeezed(block.text) for block in kept}
    for block in pulled:
        own = texts[block.index]
        if len(own) >= _LEAST_QUOTE and any(
            own in text for index, text in texts.items() if index != block.index and len(text) > len(own) + 8
        ):
            reasons[block.index] = "pulled out of the text"


def _may_be_pulled(block: PageBlock) -> bool:
    if block.kind in ("table", "pre", "item", "heading") or block.ink > _MOST_QUOTE:
        return False
    element = block.element
    outer = element.parent
    return _is_pulled(element.name) or (outer is not None and _is_pulled(outer.name))


@lru_cache(maxsize=8192)
def _is_pulled(name: str) -> bool:
    return _PULLED.search(name) is not None


def drop_named(layout: Layout, reasons: list[str]) -> None:
    """Drop what is named a disclaimer, and in the second half of the text what is named for its author, where that is but a part of it."""
    kept = [block for block in layout.blocks if not reasons[block.index]]
    read = list(accumulate((block.ink for block in kept), initial=0))
    late = [block for block, before in zip(kept, read, strict=False) if before * 2 > read[-1]]
    for name, is_wanted, blocks in (("a disclaimer", _is_disclaimer, kept), ("about the author", _is_on_author, late)):
        found = [block for block in blocks if any(is_wanted(element.name) for element in _near_elements(block))]
        if sum(block.ink for block in found) * _CARDS_SHARE < read[-1]:
            for block in found:
                reasons[block.index] = name


def _near_elements(block: PageBlock) -> Iterator[Element]:
    """Yield the named elements closely around a block, its own first."""
    at: Element | None = block.element
    for _ in range(_NEAR):
        if at is None or at.tag in ("body", "main", "article"):
            return
        if at.name:
            yield at
        at = at.parent


@lru_cache(maxsize=8192)
def _is_disclaimer(name: str) -> bool:
    return _DISCLAIMER.search(name) is not None


@lru_cache(maxsize=8192)
def _is_on_author(name: str) -> bool:
    return _ON_AUTHOR.search(name) is not None


def drop_sign_offs(layout: Layout, reasons: list[str]) -> None:
    """Drop what agencies and desks put under a report."""
    kept = [block for block in layout.blocks if not reasons[block.index]]
    for block in reversed(kept[1:][-_LAST:]):
        if block.kind == "heading" or not is_sign_off(block.text):
            break
        reasons[block.index] = "a sign-off"
