"""The article's pictures: the lead image the page names, and those that stand in the article, with caption and alt text."""

from __future__ import annotations

__all__ = ["images_of", "lead_image"]

import html
import re

from crawler.model.article import Image
from crawler.parse.fields.metadata import Metadata, texts_of, urljoin_safe
from crawler.parse.page.blocks import Element, Layout, Picture
from crawler.parse.page.hints import Hint
from crawler.parse.page.text import clean

_SOURCES = ("data-src", "data-original", "data-lazy-src", "data-lazy", "data-srcset", "src", "srcset")
"""Where the address stands; ``src`` of a picture that is loaded late holds a stand-in."""
_STAND_IN = re.compile(
    r"(?:^|[/_.-])(?:blank|empty|placeholder|fallback|spacer|pixel|1x1|loading|transparent|lazy)(?=[_.\d-])[^/]*$",
    re.IGNORECASE,
)
_ICON = re.compile(
    r"(?:^|[/_.-])(?:icons?|btn|buttons?|sprite|avatar|gravatar|qr|arrows?|badge|emoji)(?:[_.-][^/]*)?\.(?:png|gif|svg|jpe?g|webp)$"
    r"|/(?:themes|assets|static|dist|css[^/]*)/.*logo[^/]*$|logo[^/]*\.svg$",
    re.IGNORECASE,
)
_TAG = re.compile(r"<[^>]{1,200}>")
_WIDTH = re.compile(r"\s(\d+)[wx]$")
_MAX = 60
_SMALL = 100
_DECOR = Hint.AUTHOR | Hint.SHARE | Hint.NAV | Hint.FOOT | Hint.AD | Hint.RELATED | Hint.COMMENT


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
    """Return the pictures between block `first` and block `last`, in order, each address once."""
    found: dict[str, Image] = {}
    for picture in layout.pictures:
        if not first <= picture.position <= last + 1 or len(found) >= _MAX:
            continue
        address = _address(picture, url)
        if address and address not in found and not _decorative(picture):
            alt = clean(_TAG.sub(" ", html.unescape(picture.attributes.get("alt") or ""))) or None
            found[address] = Image(address, _caption(picture, layout), alt)
    return tuple(found.values())


def _address(picture: Picture, base: str) -> str | None:
    """Return the absolute address of the picture itself: not of a stand-in, not of an icon."""
    for key in _SOURCES:
        value = (picture.attributes.get(key) or "").strip()
        if value and "srcset" in key:
            value = _widest(value)
        if value and not value.startswith(("data:", "blob:", "about:", "{", "[")):
            path = value.split("?", 1)[0]
            if _STAND_IN.search(path) and key == "src":
                continue
            full = urljoin_safe(base, value)
            return full if full.startswith(("http://", "https://")) and not _ICON.search(path) else None
    return None


def _widest(srcset: str) -> str:
    """Return the address of a srcset's widest picture; addresses may hold commas, so only a comma and a space part them."""
    best, width = "", -1
    for part in re.split(r",\s+", srcset):
        match = _WIDTH.search(part.strip())
        size = int(match[1]) if match and len(match[1]) < 7 else 0
        if size > width:
            best, width = part.strip().split(" ", 1)[0], size
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
