"""The article's pictures: the lead image the page names, and those that stand in the article, with caption and alt text."""

from __future__ import annotations

__all__ = ["images_of", "lead_image"]

from crawler.model.article import Image
from crawler.parse.blocks import Element, Layout, Picture
from crawler.parse.metadata import Metadata, texts_of, urljoin_safe
from crawler.parse.text import clean
from crawler.parse.vocabulary import Hint

_SOURCES = ("src", "data-src", "data-original", "data-lazy-src", "data-srcset", "srcset")
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
        (url for url in (urljoin_safe(meta.url, v) for v in found) if url.startswith(("http://", "https://"))), None
    )


def images_of(layout: Layout, url: str, first: int, last: int) -> tuple[Image, ...]:
    """Return the pictures between block `first` and block `last`, in order, each address once."""
    found: dict[str, Image] = {}
    for picture in layout.pictures:
        if not first <= picture.position <= last + 1 or len(found) >= _MAX:
            continue
        address = _address(picture, url)
        if address and address not in found and not _decorative(picture):
            alt = clean(picture.attributes.get("alt") or "") or None
            found[address] = Image(address, _caption(picture, layout), alt)
    return tuple(found.values())


def _address(picture: Picture, base: str) -> str | None:
    for key in _SOURCES:
        value = (picture.attributes.get(key) or "").strip()
        if "srcset" in key:
            value = value.split(",")[-1].strip().split(" ")[0] if value else ""
        if value and not value.startswith(("data:", "blob:", "about:")):
            full = urljoin_safe(base, value)
            return full if full.startswith(("http://", "https://")) else None
    return None


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
