"""One page to one article: decode, flatten, choose, read the fields, render. A pure function of its arguments."""

from __future__ import annotations

__all__ = ["Opened", "Reading", "open_page", "parse_article", "read_page", "uncollected"]

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Final, Literal, NamedTuple

from selectolax.lexbor import LexborHTMLParser

from crawler.clock import iso_utc
from crawler.errors import ParseError
from crawler.http.status import TRANSFORMED
from crawler.model.article import Article, Image, TextBlock
from crawler.model.page import Page
from crawler.model.profile import SiteProfile
from crawler.model.site import ParserRules
from crawler.parse import render
from crawler.parse.charset import decode as charset
from crawler.parse.choose.select import Choice, choose
from crawler.parse.fields.access import Verdict, access_of
from crawler.parse.fields.authors import authors_of
from crawler.parse.fields.dates import Dates, dates_of
from crawler.parse.fields.images import images_of, lead_image
from crawler.parse.fields.labels import labels_of, tail_of
from crawler.parse.fields.language import direction_of, language_of, languages_around
from crawler.parse.fields.metadata import Metadata, gather
from crawler.parse.fields.rights import rights_of
from crawler.parse.fields.stated_titles import site_name_of
from crawler.parse.fields.title import title_of
from crawler.parse.page import tree as page_tree
from crawler.parse.page.blocks import Layout
from crawler.parse.page.flatten import MAX_BLOCK, flatten
from crawler.parse.page.stated import body_in_json_ld, body_in_state
from crawler.parse.page.text import fingerprint, fold, squeezed, word_count
from crawler.parse.page.xhtml import as_html, is_xhtml
from crawler.parse.profile.apply import without_furniture
from crawler.parse.rules import chosen_rules, elements_of, rules_version, selected
from crawler.parse.site_parser import rewritten
from crawler.parse.version import PARSER_VERSION

_STUB: Final = 250
"""Letters that are no article's body, but may be the beginning of one."""
_PART: Final = 60

_COMMAS: Final = re.compile("[,،、，;；]")
_CLOSE_COMMA: Final = re.compile(r"[,;]\S|[،、，；]")
_INK: Final = re.compile(rb"[^ \t\r\n\0]")
_MARKUP: Final = re.compile(
    rb"<\s*(?:!doctype|html|head|body|div|p|article|meta|title|table|section|main|span|h1|script|br)\b", re.IGNORECASE
)
_HTML_TYPES: Final = frozenset(
    ("", "text/html", "application/xhtml+xml", "text/plain", "application/xml", "text/xml", "unk", "unknown/unknown")
)
_BINARY: Final = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"PK\x03\x04",
    b"RIFF",
    b"\x00\x00\x00",
    b"\x7fELF",
    b"wOFF",
    b"wOF2",
    b"\x1aE\xdf\xa3",
    b"OggS",
    b"ID3",
)


def parse_article(
    page: Page,
    *,
    rules: tuple[ParserRules, ...] = (),
    furniture: Literal["keep", "drop"] = "drop",
    profile: SiteProfile | None = None,
) -> Article:
    """Return the article of `page`; the first of `rules` that covers the capture's day overrides what is found.

    What `profile`, the site's in force at the capture, knows as furniture is left out.
    Raises ParseError: ``empty_body``, ``not_html``, ``bad_rules``, ``site_parser``.
    """
    with uncollected():
        return read_page(page, rules=rules, furniture=furniture, profile=profile).article()


@contextmanager
def uncollected() -> Iterator[None]:
    """Let nobody look for cycles while a page is read: its values have none, and there are tens of thousands of them."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def read_page(
    page: Page,
    *,
    rules: tuple[ParserRules, ...] = (),
    furniture: Literal["keep", "drop"] = "drop",
    profile: SiteProfile | None = None,
    opened: Opened | None = None,
) -> Reading:
    """Return the reading that `parse_article` makes the article from; the same arguments, the same errors.

    `opened` is what `open_page` gave of `page`, if somebody asked already; it must not have been changed.
    """
    chosen = chosen_rules(rules, page.captured_at)
    given, page = page, rewritten(page, chosen)
    _refuse(page)
    return Reading(page, chosen, furniture, profile, opened if page is given else None)


class Opened(NamedTuple):
    """A page as UTF-8 and as a tree."""

    recoded: charset.Recoded
    tree: page_tree.Tree
    flags: tuple[str, ...]
    """What had to be put up with until then."""


def open_page(page: Page) -> Opened:
    """Return `page` decoded and parsed."""
    body, capped = page_tree.capped(page.body)
    recoded = charset.recode(body, page.get("content-type"))
    tree = page_tree.build(as_html(recoded.utf8) if is_xhtml(page.get("content-type")) else recoded.utf8)
    return Opened(recoded, tree, (*page.flags, *capped, *recoded.flags, *tree.flags))


def _refuse(page: Page) -> None:
    if not _INK.search(page.body):
        raise ParseError(f"{page.url}: the body is empty", reason="empty_body")
    media = (page.get("content-type") or "").split(";")[0].strip().lower()
    head = page.body[:4096]
    wrong = head.startswith(_BINARY) or (media not in _HTML_TYPES and not _MARKUP.search(head))
    if wrong or not (_MARKUP.search(head) or _MARKUP.search(page.body[:65536].replace(b"\0", b""))):
        raise ParseError(
            f"{page.url}: not an HTML page ({media or 'no media type'})",
            reason="not_html",
            next_step="only HTML gives articles",
        )


class Reading:
    """The steps from a page to its article, each result kept so that they can be explained."""

    def __init__(
        self,
        page: Page,
        rules: ParserRules | None,
        furniture: Literal["keep", "drop"],
        profile: SiteProfile | None = None,
        opened: Opened | None = None,
    ) -> None:
        self.page = page
        self.rules = rules or ParserRules()
        self.rules_version = rules_version(rules, profile)
        self.furniture = self.rules.furniture or furniture
        opened = opened or open_page(page)
        self.recoded = opened.recoded
        self.parser: LexborHTMLParser = opened.tree.parser
        self.flags = list(opened.flags)
        if page.status == TRANSFORMED:
            self.flags.append("transformed_by_proxy")
        self.meta: Metadata = gather(self.parser, page.url)
        self.layout: Layout = self._flatten()
        if self.layout.capped:
            self.flags.append("text_capped")
        self.title = title_of(self.meta, self.layout)
        self.choice: Choice = choose(
            self.layout, self.meta, title=self.title.text, title_block=self.title.block, within=self._within()
        )
        if profile is not None:
            self._apply(profile)
        if not self.rules.body:
            self._take_stated()

    def _flatten(self) -> Layout:
        root = self.parser.body or self.parser.root
        if root is None:
            return Layout()
        removed = elements_of(self.parser, self.rules.remove)
        return flatten(root, removed=removed)

    def _within(self) -> frozenset[int] | None:
        """Return the numbers of the blocks in what the rules call the body; None without such a rule or match."""
        if not self.rules.body:
            return None
        wanted = elements_of(self.parser, (self.rules.body,))
        inside: set[int] = set()
        for element in self.layout.elements:
            if element.node.mem_id in wanted:
                inside.update(range(element.start, element.last))
        if not inside:
            self.flags.append("rules_body_missing")
            return None
        return frozenset(inside)

    def _apply(self, profile: SiteProfile) -> None:
        """Take what the site's profile knows as furniture out of the choice; the page's own description stays."""
        spared = self.meta.every("description", "og:description", "twitter:description")
        found = without_furniture(self.choice, self.layout, profile, spared=[text for _, text in spared])
        self.choice = found.choice
        if found.refused:
            self.flags.append("profile_not_applied")
        elif found.removed:
            self.flags.append(f"profile_removed:{found.removed}")

    def _take_stated(self) -> None:
        """Take the body from the page's scripts if its elements show nothing of it, or the beginning alone."""
        blocks = self.layout.blocks
        ink = sum(blocks[i].ink for i in self.choice.kept)
        stated = body_in_json_ld(self.meta.article, least=2 * ink)
        if not stated and ink < _STUB:
            stated = body_in_state(self.parser, self.title.text)
        if not stated or len(stated) < 2 * ink:
            return
        root = LexborHTMLParser(stated).body
        found = [b for b in flatten(root).blocks if b.ink > 1] if root is not None else []
        shown = squeezed(" ".join([block.text for block in blocks]))
        missing = [block for block in found if squeezed(block.text[-_PART:]) not in shown]
        if sum(b.ink for b in missing) * 2 < sum(b.ink for b in found) or sum(b.ink for b in found) < 2 * ink:
            return
        begun = squeezed(" ".join([blocks[i].text for i in self.choice.kept])[:_PART])
        if ink >= _STUB and begun not in squeezed(" ".join([block.text for block in found])):
            return
        first = len(blocks)
        for index, block in enumerate(found, first):
            block.index = index
        self.layout.blocks.extend(found)
        reasons = ["shown, but the page's script has more"] * first + ["in the page's script"] * len(found)
        scores = (*self.choice.scores, *[1.0] * len(found))
        self.choice = Choice(tuple(range(first, first + len(found))), tuple(reasons), scores)
        self.flags.append("body_from_script")

    def article(self) -> Article:
        """Return the finished article."""
        meta, page = self.meta, self.page
        site, title, near = site_name_of(meta), self._title(), self._near()
        blocks, body = self._body()
        labels = labels_of(self.parser, self.layout, self.title.block, selector=self.rules.labels)
        language = language_of(meta, self._html_lang(), body or title or "")
        languages = languages_around(meta, self._html_lang(), language)
        dates = self._dates(near, languages)
        tail = render.join_blocks(tail_of(self.parser)) if self.furniture == "keep" else ""
        text = render.document(labels=labels.line, title=title or "", body=body, tail=tail)
        verdict = self._access(title, body)
        return Article(
            id=sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16],
            url=page.url,
            canonical_url=meta.canonical,
            title=title,
            labels=labels.names,
            authors=self._authors(near, site, languages),
            published_at=dates.published,
            modified_at=dates.modified,
            date_candidates=dates.candidates,
            language=language,
            direction=direction_of(language, body or title or ""),
            site_name=site,
            description=meta.first("description", "og:description", "twitter:description"),
            keywords=_keywords(meta),
            image=lead_image(meta),
            images=self._images(near),
            blocks=blocks,
            body=body,
            tail=tail or None,
            text=text,
            word_count=sum(word_count(block.text) for block in blocks),
            access=verdict.access,
            access_evidence=verdict.evidence,
            rights=rights_of(page, meta),
            flags=tuple(dict.fromkeys([*self.flags, *dates.flags])),
            charset=self.recoded.charset,
            captured_at=iso_utc(page.captured_at),
            status=page.status,
            parser_version=PARSER_VERSION,
            rules_version=self.rules_version,
            fingerprint=fingerprint(body[:MAX_BLOCK]),
        )

    def _near(self) -> int:
        """Return the number of the headline's block, or of the body's first: dates and authors are looked for around it."""
        if self.title.block >= 0:
            return self.title.block
        return self.choice.kept[0] if self.choice.kept else 0

    def _dates(self, near: int, languages: tuple[str, ...]) -> Dates:
        return dates_of(
            self.parser,
            self.meta,
            self.layout,
            self.page.captured_at,
            near=near,
            html=self.recoded.utf8,
            selector=self.rules.published,
            languages=languages,
            declared=self._html_lang(),
        )

    def _authors(self, near: int, site: str | None, languages: tuple[str, ...]) -> tuple[str, ...]:
        return authors_of(
            self.parser,
            self.meta,
            self.layout,
            near=near,
            last=self.choice.kept[-1] if self.choice.kept else -1,
            site=site,
            selector=self.rules.authors,
            languages=languages,
        )

    def _images(self, near: int) -> tuple[Image, ...]:
        kept = self.choice.kept
        return images_of(self.layout, self.meta.base, near, kept[-1]) if kept else ()

    def _access(self, title: str | None, body: str) -> Verdict:
        ink = sum(self.layout.blocks[i].ink for i in self.choice.kept)
        return access_of(self.page, self.meta, self.parser, title=title, body=body, ink=ink, around=self._around())

    def _title(self) -> str | None:
        if self.rules.title:
            nodes = selected(self.parser, self.rules.title)
            if nodes:
                return " ".join(nodes[0].text().split()) or None
        return self.title.text

    def _body(self) -> tuple[tuple[TextBlock, ...], str]:
        blocks = [self.layout.blocks[i] for i in self.choice.kept]
        texts = [render.block_text(b.kind, b.text, b.level, b.ordinal) for b in blocks]
        made = tuple(
            TextBlock(b.kind, b.level, text if b.kind == "item" else b.text)  # type: ignore[arg-type]
            for b, text in zip(blocks, texts, strict=True)
        )
        return made, render.join_blocks(texts)

    def _html_lang(self) -> str | None:
        root = self.parser.root
        attributes = root.attributes if root is not None else {}
        return attributes.get("lang") or attributes.get("xml:lang")

    def _around(self) -> str:
        """Return the text of the blocks that were not chosen."""
        kept = set(self.choice.kept)
        return "\n".join(b.text for b in self.layout.blocks if b.index not in kept)[:40_000]


def _keywords(meta: Metadata) -> tuple[str, ...]:
    """Return the page's keywords, each once; a tag may hold a comma, or several tags parted by commas without spaces."""
    found: dict[str, str] = {}
    for key, value in meta.every("news_keywords", "keywords", "article:tag"):
        parts = [part.strip() for part in _COMMAS.split(value) if part.strip()]
        if key == "article:tag" and not _CLOSE_COMMA.search(value) and not any(fold(part) in found for part in parts):
            parts = [value.strip()]
        for part in parts:
            if len(part) < 100:
                found.setdefault(fold(part), part)
    return tuple(found.values())[:100]
