"""The article's pictures: the lead image the page names, and those that stand in the article, with caption and alt text."""

from __future__ import annotations

__all__ = ["images_of", "lead_image"]

import html
import re
from collections.abc import Iterator
from typing import Final

from selectolax.lexbor import LexborNode

from crawler.model.article import Image
from crawler.parse.fields.metadata import Metadata, texts_of, urljoin_safe
from crawler.parse.page.blocks import Element, Layout, Picture
from crawler.parse.page.hints import Hint
from crawler.parse.page.text import clean

_LATE: Final = ("data-src", "data-original", "data-lazy-src", "data-lazy", "data-lazy-srcset", "data-srcset")
"""Where pages keep the address of a picture that a script loads; ``src`` then holds a stand-in."""
_SHOWN: Final = ("srcset", "src")
_ELSE: Final = re.compile(r"(?:^|-)(?:avatar|author|logo|href|link|permalink|share|page|video|caption|title|alt|credit|icon|sizes|low|thumb|thumbnail|placeholder|preview)(?:-|$)")  # fmt: skip
"""Words of data attributes whose address is not the picture's."""
_PICTURE_FILE: Final = re.compile(r"\.(?:jpe?g|png|webp|gif|avif)(?:[?#\s]|$)", re.IGNORECASE)
_CANDIDATE: Final = re.compile(r"\s*([^\s,]\S*[^\s,]|[^\s,])(?:\s+(\d{1,6}(?:\.\d+)?)[wx])?\s*(?:,|$)")
"""One candidate of a srcset (HTML Standard 4.8.4.2.1): an address may hold commas, but not end in one."""
_GALLERY: Final = re.compile(
    r"galler|galerie|galería|slide-?show|carousel|lightbox|fotostrecke|diaporama|photo-?(?:set|story)", re.IGNORECASE
)
_MODERN: Final = re.compile(r"webp|avif|jxl", re.IGNORECASE)
_STAND_IN: Final = re.compile(
    r"(?:^|[/_.-])(?:blank|empty|placeholder|fallback|spacer|pixel|1x1|loading|transparent|lazy)(?=[_.\d-])[^/]*$",
    re.IGNORECASE,
)
_ICON: Final = re.compile(
    r"(?:^|[/_.-])(?:icons?|btn|buttons?|sprite|avatar|gravatar|qr|arrows?|badge|emoji)(?:[_.-][^/]*)?\.(?:png|gif|svg|jpe?g|webp)$"
    r"|/(?:themes|assets|static|dist|css[^/]*)/.*logo[^/]*$|logo[^/]*\.svg$",
    re.IGNORECASE,
)
_TAG: Final = re.compile(r"<[^>]{1,200}>")
_MAX: Final = 60
_ABOVE: Final = 3
"""Blocks above the headline in which the lead picture stands: its caption, a kicker."""
_SMALL: Final = 100
_DECOR: Final = Hint.AUTHOR | Hint.SHARE | Hint.NAV | Hint.FOOT | Hint.AD | Hint.RELATED | Hint.COMMENT


def lead_image(meta: Metadata) -> str | None:
    """Return the absolute address of the picture that the page gives for itself."""
    found = [
        value
        for _, value in meta.every(
            "og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src"
        )
    ]
    found += texts_of(meta.article.get("image"), "url", "contentUrl", "@id")
    return next(
        (url for url in (urljoin_safe(meta.base, v) for v in found) if url.startswith(("http://", "https://"))), None
    )


def images_of(layout: Layout, url: str, first: int, last: int) -> tuple[Image, ...]:
    """Return the article's pictures in order, each address once: those between block `first`, the headline, and block `last`.

    And the lead picture right above the headline, and a gallery behind the text in what holds it.
    """
    found: dict[str, Image] = {}
    if not layout.blocks:
        return ()
    end = layout.blocks[min(last, len(layout.blocks) - 1)].element
    container = end.parent or end
    shown: Picture | None = None
    for picture in layout.pictures:
        if len(found) >= _MAX or _decorative(picture):
            continue
        if not (first <= picture.position <= last + 1 or _leads(picture, first) or _follows(picture, container, last)):
            continue
        if (
            picture.twin
            and shown is not None
            and shown.position == picture.position
            and shown.element is picture.element
        ):
            continue
        address = _address(picture, url)
        if address is None:
            continue
        shown = picture
        if address not in found:
            alt = clean(_TAG.sub(" ", html.unescape(picture.attributes.get("alt") or ""))) or None
            found[address] = Image(address, _caption(picture, layout), alt)
    return tuple(found.values())


def _leads(picture: Picture, first: int) -> bool:
    """Tell whether a picture stands right above the headline, inside of the article."""
    region = picture.element.region
    inside = "article" in region or "main" in region
    return inside and first - _ABOVE <= picture.position <= first and "nav" not in region and _framed(picture)


def _follows(picture: Picture, container: Element, last: int) -> bool:
    """Tell whether a picture stands in a gallery behind the text, in the element that holds its last block."""
    if not last < picture.position <= container.last:
        return False
    gallery = False
    at: Element | None = picture.element
    while at is not None and at.depth >= container.depth:
        if at is container:
            return gallery
        gallery = gallery or _GALLERY.search(at.name) is not None
        at = at.parent
    return False


def _framed(picture: Picture) -> bool:
    """Tell whether a picture is set as one: in a figure, or in an element that is named for pictures."""
    at: Element | None = picture.element
    for _ in range(3):
        if at is None or at.tag in ("body", "article", "main"):
            return False
        if at.tag == "figure" or at.hints & Hint.MEDIA:
            return True
        at = at.parent
    return False


def _address(picture: Picture, base: str) -> str | None:
    """Return the absolute address of the picture itself: not of a stand-in, not of an icon."""
    for key, value in _addresses(picture):
        if value.startswith(("data:", "blob:", "about:", "{", "[")):
            continue
        path = value.split("?", 1)[0]
        if _STAND_IN.search(path) and key == "src":
            continue
        full = urljoin_safe(base, value)
        return full if full.startswith(("http://", "https://")) and not _ICON.search(path) else None
    return None


def _addresses(picture: Picture) -> Iterator[tuple[str, str]]:
    """Yield the addresses that an image has, the likeliest first, each with the attribute it stands in."""
    attributes = picture.attributes
    for key in (*_LATE, *_SHOWN):
        value = (attributes.get(key) or "").strip()
        if value:
            yield key, _widest(value) if "srcset" in key else value
    outer = picture.node.parent
    if outer is not None and outer.tag == "picture":
        yield from (("source", address) for address in _sources(outer))
    for key, written in attributes.items():
        value = (written or "").strip()
        if key.startswith("data-") and key not in _LATE and _PICTURE_FILE.search(value) and not _ELSE.search(key[5:]):
            yield key, _widest(value)


def _sources(outer: LexborNode) -> list[str]:
    """Return the widest pictures of the sources of a ``picture``, formats that every program reads first."""
    found: list[tuple[bool, str]] = []
    for source in outer.css("source")[:12]:
        attributes = source.attributes
        value = attributes.get("data-srcset") or attributes.get("srcset") or attributes.get("data-src") or ""
        if address := _widest(value):
            found.append((_MODERN.search(f"{attributes.get('type') or ''} {address}") is not None, address))
    return [address for _, address in sorted(found, key=lambda item: item[0])]


def _widest(srcset: str) -> str:
    """Return the address of a srcset's widest picture."""
    best, width = "", -1.0
    for match in _CANDIDATE.finditer(srcset):
        size = float(match[2] or 0)
        if size > width:
            best, width = match[1], size
    return best


def _decorative(picture: Picture) -> bool:
    for side in ("width", "height"):
        value = (picture.attributes.get(side) or "").strip().removesuffix("px")
        if value.isdigit() and int(value) < _SMALL:
            return True
    near = picture.element.hints | (picture.element.parent.hints if picture.element.parent else 0)
    return bool(near & _DECOR) or picture.element.hidden or "footer" in picture.element.region


def _caption(picture: Picture, layout: Layout) -> str | None:
    """Return the text of the figure around the picture, if it is one."""
    at: Element | None = picture.element
    for _ in range(5):
        if at is None or at.tag in ("body", "article", "main"):
            return None
        if at.tag == "figure" or at.hints & Hint.CAPTION:
            texts = [block.text for block in layout.blocks[at.start : at.last]]
            return " ".join(texts)[:1000] or None
        at = at.parent
    return None
