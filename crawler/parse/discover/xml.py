"""XML as feeds and sitemaps really are, read element by element in bounded memory.

Promises: any bytes give a (possibly empty) stream of elements; nothing is fetched, no entity is expanded, no
document type is obeyed; at most `limit` bytes are looked at. Repairs what the field breaks: junk before the document,
a wrong or missing encoding declaration, HTML's entities, bare ampersands and less-than signs, mark-up left open in a
title or a description, halves of surrogate pairs, names in capitals, undeclared prefixes, an end cut off. At most
`_MOST_EVENTS` elements are told of, and none below `_DEEPEST`: a bomb is no channel.
"""

from __future__ import annotations

__all__ = [
    "ElementEvent",
    "absolute",
    "bare_json",
    "clean_text",
    "inflate",
    "qualified_name",
    "to_utf8",
    "without_feed_scheme",
    "xml_events",
]

import re
import zlib
from collections.abc import Iterator
from functools import lru_cache
from html.entities import html5
from io import BytesIO
from itertools import islice
from typing import Literal, NamedTuple

from lxml import etree

from crawler.errors import UsageError
from crawler.parse.charset.decode import recode
from crawler.urls import join

_HEAD = 65_536
_LONGEST_URL = 4_000
_MOST_EVENTS = 600_000
_DEEPEST = 200
_GZIP_STEP = 16_384
_GZIP_MEMBERS = 10_000
_ROOT = re.compile(
    rb"<(?:\?xml\b|rss\b|rdf:RDF\b|feed\b|channel\b|urlset\b|sitemapindex\b|[a-z]\w*:(?:feed|urlset|sitemapindex)\b)",
    re.IGNORECASE,
)
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_XML_DECLARATION = re.compile(rb"\s*<\?xml\b[^>]{0,1000}>", re.IGNORECASE)
_DOCTYPE = re.compile(rb"<!DOCTYPE\b[^\[>]{0,4000}", re.IGNORECASE)
_SUBSET_END = re.compile(rb"\]\s*>")
_ELEMENT = re.compile(rb"<[A-Za-z_]")
_BARE = re.compile(rb"<(?![A-Za-z_:/!?])")
"""A less-than sign that no tag, comment or section begins with (XML 1.0 production 40)."""
_UNCLOSED = re.compile(rb"<[A-Za-z_][^<>]*(?=<)")
"""A tag that another begins in, which the XML reader mends in time that grows with the square of their number."""
_LEAF = re.compile(
    rb"<((?:[A-Za-z][\w.-]*:)?(?:title|description|summary|subtitle|tagline|encoded|content|copyright|rights|creator|keywords))"
    rb"(?:\s[^<>]*)?(?<!/)>",
    re.IGNORECASE,
)
"""Elements that hold text: what looks like mark-up in them is the text's, and often is not closed."""
_OPENED = re.compile(rb"<(?:([A-Za-z][\w.-]*):)?([A-Za-z][\w.-]*)([^<>]*)>")
_ROOTS = frozenset((b"rss", b"RDF", b"feed", b"channel", b"urlset", b"sitemapindex"))
_OTHER_ROOTS = frozenset(name.lower() for name in _ROOTS)
_TAG = re.compile(rb"(</?)([A-Za-z][\w:.-]*)((?:\s[^<>]*)?>)")
_LOUD_ATTRIBUTE = re.compile(rb"(?<=\s)[A-Z][A-Z:]*(?=\s*=)")
_MOST_BARE = 20_000
_MOST_UNCLOSED = 2_000
_MOST_REFERENCES = 1_000_000
_ENDLESS_TAG = re.compile(rb"<[A-Za-z_][^<>]{65536}")
_SURROGATES = re.compile(
    rb"&#(\d{5}|[xX]0{0,3}[dD][89abAB][0-9a-fA-F]{2});&#(\d{5}|[xX]0{0,3}[dD][c-fC-F][0-9a-fA-F]{2});"
)
_USUAL = {
    name.lower(): name
    for name in (
        "rss", "channel", "item", "title", "link", "guid", "pubDate", "description", "language", "ttl", "feed", "entry", "id",
        "updated", "published", "urlset", "url", "loc", "lastmod", "sitemapindex", "sitemap",
    )
}  # fmt: skip
_AMPERSAND = re.compile(rb"&(#\d{1,8};|#[xX][0-9a-fA-F]{1,7};|[A-Za-z][A-Za-z0-9]{1,31};)?")
_PREDEFINED = frozenset((b"amp;", b"lt;", b"gt;", b"quot;", b"apos;"))
_NAMESPACES = (
    ("sitemap-news", "news"),
    ("sitemap-image", "image"),
    ("sitemap-video", "video"),
    ("sitemap", ""),
    ("www.w3.org/2005/atom", "atom"),
    ("purl.org/atom", "atom"),
    ("purl.org/rss/1.0/modules/content", "content"),
    ("purl.org/rss/1.0/modules/syndication", "sy"),
    ("purl.org/rss/1.0", ""),
    ("my.netscape.com/rdf", ""),
    ("channel.netscape.com", ""),
    ("backend.userland.com", ""),
    ("www.w3.org/1999/02/22-rdf-syntax", "rdf"),
    ("purl.org/dc/elements", "dc"),
    ("purl.org/dc/terms", "dcterms"),
    ("feedburner", "feedburner"),
    ("search.yahoo.com/mrss", "media"),
    ("www.w3.org/1999/xhtml", "xhtml"),
)
_INLINE_TAG = re.compile(
    r"</?(?:a|abbr|b|bdi|bdo|big|br|cite|code|div|em|font|h[1-6]|i|img|mark|p|q|s|small|span|strong|sub|sup|u|wbr)\b[^<>]{0,2000}>",
    re.IGNORECASE,
)
_UNSEEN = re.compile(r"<(script|style)\b.{0,8000}?(?:</\1\s{0,20}>|$)", re.IGNORECASE | re.DOTALL)
_KEPT = frozenset("\u061c\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Joiners and direction marks: not printable, but part of the text."""
_AROUND_LINKS = (
    "\t\n\r \xa0\u00ad\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)
"""Unseen, and part of no address: what editors paste with a link, in right-to-left text above all."""
_FEED_SCHEME = re.compile(r"\s*feed:(?://)?(?=[^/])", re.IGNORECASE)
_JSON = re.compile(rb"\s*(?:\)\]\}',?\s*|(?:/\*\*/\s*)?([A-Za-z_$][\w$.]{0,100}\s*\()\s*)?([{\[])")
_CHARACTER = re.compile(r"&(#\d{1,8}|#[xX][0-9a-fA-F]{1,7}|[A-Za-z][A-Za-z0-9]{1,31});")


class ElementEvent(NamedTuple):
    """An element opened or closed. `name` has the field's usual prefix, whatever the document calls it."""

    kind: Literal["start", "end"]
    name: str
    element: etree._Element


def xml_events(
    body: bytes,
    *,
    content_type: str | None = None,
    limit: int,
    tags: tuple[str, ...] | None = None,
    starts: bool = True,
) -> Iterator[ElementEvent]:
    """Yield the elements of `body` as they open and close; none if it is not XML.

    The caller should ``clear()`` what it is done with. Names come as ``atom:entry``, ``dc:date``, ``item``:
    the namespaces known here by their customary prefix, others by the document's own. With `tags` (as lxml takes
    them: ``{*}url``) only these are told of; without `starts` only that they close.
    """
    document = _repair(to_utf8(body[:limit], content_type))
    depth = told = 0
    try:
        for kind, element in etree.iterparse(
            BytesIO(document),
            events=("start", "end") if starts else ("end",),
            tag=tags,
            recover=True,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
            encoding="utf-8",
        ):
            depth += 1 if kind == "start" else -1
            told += 1
            if told > _MOST_EVENTS or depth > _DEEPEST:
                return
            yield ElementEvent(kind, qualified_name(element), element)
    except etree.XMLSyntaxError:  # nothing in it was an element
        return


def inflate(body: bytes, *, limit: int) -> tuple[bytes, bool]:
    """Return `body` with gzip undone if it is gzip (by its magic, twice if need be), and whether it is whole.

    At most `limit` bytes come back, however large the rest may be; a cut or broken file gives what can be had.
    """
    whole = True
    for _ in range(2):
        if body[:2] != b"\x1f\x8b":
            break
        body, intact = _gunzip(body, limit)
        whole = whole and intact
    return body[:limit], whole and len(body) <= limit


def to_utf8(body: bytes, content_type: str | None = None) -> bytes:
    """Return `body` in UTF-8 without byte order mark, believing the bytes first and declarations second."""
    return recode(body, content_type).utf8


def bare_json(text: bytes) -> bytes | None:
    """Return the object or list that `text` (UTF-8) is; None if it begins no JSON.

    Without what keeps scripts of others from reading it (``)]}'``), or the call that it is the argument of (JSONP).
    """
    found = _JSON.match(text)
    return (
        None
        if found is None
        else (text[found.start(2) :] if found[1] is None else text[found.start(2) : text.rfind(b")")])
    )


def qualified_name(element: etree._Element) -> str:
    """Return the element's name with the prefix the field is used to: ``item``, ``atom:entry``, ``dc:date``."""
    tag = str(element.tag)
    return _customary(tag, element.prefix or "") if tag.startswith("{") else _USUAL.get(tag.lower(), tag)


def absolute(link: str | None, base: str, *, encoding: str = "utf-8") -> str | None:
    """Return `link` as a normal absolute URL, resolved against `base`; None if it is not one a crawler can ask for.

    `encoding` is that of the page the link stands on: letters in its query are sent in it.
    """
    if not link or len(link) > _LONGEST_URL:
        return None
    try:
        return join(base, link.strip(_AROUND_LINKS), encoding=encoding)
    except UsageError:
        return None


def without_feed_scheme(link: str, *, base: str) -> str:
    """Return `link` without the scheme that once opened readers of feeds: of ``feed:https://host/`` what follows, of
    ``feed://host/`` the same in the scheme of `base`.
    """
    rest = _FEED_SCHEME.sub("", link, count=1)
    return link if rest == link else rest if "://" in rest else f"{base.partition(':')[0]}://{rest}"


def clean_text(text: str, *, html: bool, limit: int = 1000) -> str | None:
    """Return `text` on one line, with inline mark-up and references undone if `html`; None if nothing is left."""
    if not text:
        return None
    text = text[: limit * 8]
    if html:
        text = _UNSEEN.sub("", text)
        text = _INLINE_TAG.sub("", text)
        text = _CHARACTER.sub(_character, text)
    text = " ".join("".join(c for c in text if c.isprintable() or c.isspace() or c in _KEPT).split())
    return text[:limit].rstrip() or None


@lru_cache(maxsize=512)
def _customary(tag: str, own: str) -> str:
    namespace, _, local = tag.rpartition("}")
    lowered = namespace.lower()
    prefix = next((prefix for part, prefix in _NAMESPACES if part in lowered), own)
    return f"{prefix}:{local}" if prefix else local


def _repair(document: bytes) -> bytes:
    """Return `document` from its first element on, every reference one that XML knows."""
    head = document[:_HEAD]
    page = _HTML.search(head)
    root = _ROOT.search(head, 0, page.start() if page else len(head))
    document = document[root.start() :] if root else document
    declaration = _XML_DECLARATION.match(document)
    document = document[declaration.end() :] if declaration else document
    document = _without_doctype(document)
    first = _ELEMENT.search(document)
    if first is None:
        return b""
    endless = _ENDLESS_TAG.search(document)
    if endless is not None:  # hundreds of bytes of memory for each attribute
        document = document[: endless.start()]
    document = _in_usual_names(_bounded(document))
    if not document.rstrip().endswith(b">"):  # cut in the middle: half an address is none
        document = document[: max(document.rfind(b">") + 1, document.rfind(b"<"))]
    return b"".join(_referenced(document[first.start() :]))


def _bounded(document: bytes) -> bytes:
    """Return `document` up to where it has more to mend than any feed: each bare sign costs, and 16 MiB of them come in 16 KB."""
    if document.count(b"&") > _MOST_REFERENCES:
        document = b"&".join(document.split(b"&", _MOST_REFERENCES)[:_MOST_REFERENCES])
    for broken, most in ((_BARE, _MOST_BARE), (_UNCLOSED, _MOST_UNCLOSED)):
        beyond = next(islice(broken.finditer(document), most, None), None)
        document = document if beyond is None else document[: beyond.start()]
    return document


def _in_usual_names(document: bytes) -> bytes:
    """Return `document` without a prefix that its root declares nowhere or for a namespace nobody knows, and in small
    letters if its root is in others.
    """
    root = _OPENED.search(document, 0, _HEAD)
    if root is None or root[2].lower() not in _OTHER_ROOTS:
        return document
    prefix = root[1]
    if prefix is not None and prefix.lower() != b"rdf" and not _is_known_namespace(prefix, root[3]):
        document = document.replace(b"<" + prefix + b":", b"<").replace(b"</" + prefix + b":", b"</")
    return document if root[2] in _ROOTS else _TAG.sub(_in_small_letters, document)


def _is_known_namespace(prefix: bytes, attributes: bytes) -> bool:
    said = re.search(rb"xmlns:" + prefix + rb"\s*=\s*[\"']([^\"']*)", attributes)
    return said is not None and any(part.encode() in said[1].lower() for part, _ in _NAMESPACES)


def _in_small_letters(tag: re.Match[bytes]) -> bytes:
    return tag[1] + tag[2].lower() + _LOUD_ATTRIBUTE.sub(lambda name: name[0].lower(), tag[3])


def _without_doctype(document: bytes) -> bytes:
    doctype = _DOCTYPE.search(document, 0, _HEAD)
    element = _ELEMENT.search(document)
    if doctype is None or (element and element.start() < doctype.start()):
        return document
    if document[doctype.end() : doctype.end() + 1] == b"[":
        end = _SUBSET_END.search(document, doctype.end())
        return document[end.end() :] if end else b""
    return document[doctype.end() + 1 :]


def _referenced(document: bytes) -> Iterator[bytes]:
    """Yield `document` with bare and unknown references made harmless; CDATA sections are left alone."""
    at = 0
    while at < len(document):
        opens = document.find(b"<![CDATA[", at)
        if opens < 0:
            opens = len(document)
        text = _BARE.sub(b"&lt;", b"".join(_with_plain_leaves(document[at:opens])))
        yield _AMPERSAND.sub(_reference, _SURROGATES.sub(_joined, text))
        closes = document.find(b"]]>", opens)
        at = closes + 3 if closes >= 0 else len(document)
        yield document[opens:at]


def _with_plain_leaves(text: bytes) -> Iterator[bytes]:
    """Yield `text` with the mark-up in elements that hold text made text; one whose end is not here stays as it is."""
    at, unclosed = 0, set()
    for opened in _LEAF.finditer(text):
        closing = b"</" + opened[1]
        if opened.start() < at or closing in unclosed:
            continue
        closes = text.find(closing, opened.end())
        if closes < 0:
            unclosed.add(closing)
            continue
        yield text[at : opened.end()]
        yield text[opened.end() : closes].replace(b"<", b"&lt;")
        at = closes
    yield text[at:]


def _joined(match: re.Match[bytes]) -> bytes:
    """Return the character that two surrogate references stand for, as JavaScript and old Java write emoji."""
    high, low = (_code(part) for part in match.groups())
    if not (0xD800 <= high < 0xDC00 <= low < 0xE000):
        return match[0]
    return chr(0x10000 + ((high - 0xD800) << 10) + low - 0xDC00).encode()


def _code(digits: bytes) -> int:
    return int(digits[1:], 16) if digits[:1] in b"xX" else int(digits)


def _is_xml_character(code: int) -> bool:
    """Tell whether XML has a character of that number (XML 1.0 production 2)."""
    return code in (9, 10, 13) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000


def _reference(match: re.Match[bytes]) -> bytes:
    name = match[1]
    if name is None:
        return b"&amp;"
    if name in _PREDEFINED:
        return match[0]
    if name.startswith(b"#"):
        return match[0] if _is_xml_character(_code(name[1:-1])) else b""
    character = html5.get(name.decode("ascii"))
    if character is None:
        return b"&amp;" + name
    return character.replace("&", "&amp;").replace("<", "&lt;").encode()


def _character(match: re.Match[str]) -> str:
    name = match[1]
    if not name.startswith("#"):
        return html5.get(name + ";", match[0])
    code = int("0" + name[1:], 0 if name[1] in "xX" else 10)
    return chr(code) if 31 < code < 0x110000 and not 0xD800 <= code < 0xE000 else ""


def _gunzip(body: bytes, limit: int) -> tuple[bytes, bool]:
    """Return up to `limit` + 1 bytes of all members of `body`, and whether all of it was read without fault."""
    parts: list[bytes] = []
    room = limit + 1
    at = members = 0
    member = zlib.decompressobj(wbits=31)
    while at < len(body) and room > 0:
        step = body[at : at + _GZIP_STEP]
        try:
            part = member.decompress(step, room)
        except zlib.error:
            return b"".join(parts), False
        parts.append(part)
        room -= len(part)
        at += len(step) - len(member.unused_data) - len(member.unconsumed_tail)
        if member.eof:
            members += 1
            if body[at : at + 2] != b"\x1f\x8b" or members == _GZIP_MEMBERS:
                break  # padding or junk after the last member is nobody's loss
            member = zlib.decompressobj(wbits=31)
    return b"".join(parts), member.eof
