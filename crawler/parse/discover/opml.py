"""OPML: the channels that a list of subscriptions names, with the folders they lie in and what our own export adds.

A pure function of bytes (OPML 1.0 to 2.0, opml.org/spec2). Lists of others are as feeds are: entities, bare ampersands and odd
charsets cost nothing. What is no OPML is refused with DiscoveryError.
"""

from __future__ import annotations

__all__ = ["NAMESPACE", "Outline", "read_opml"]

from collections.abc import Mapping
from typing import NamedTuple

import msgspec
from lxml import etree

from crawler.errors import DiscoveryError
from crawler.parse.discover.xml import clean_text, to_utf8, xml_events

NAMESPACE = "urn:x-warraq:opml"
"""Of the attributes that our own export adds: ``site`` and ``declaration`` of a folder, ``channel`` of a link."""
_LIMIT = 32 * 1024 * 1024
_TAIL = 4096
_OWN = f"{{{NAMESPACE}}}"


class Outline(msgspec.Struct, frozen=True, kw_only=True):
    """One channel of a list."""

    url: str
    """As written."""
    key: str = "feeds"
    """Of the declaration: ``feeds``, or what our own export says."""
    title: str | None = None
    home: str | None = None
    """``htmlUrl``, as written; that of the folder if the outline has none."""
    language: str | None = None
    folders: tuple[str, ...] = ()
    """The names of those it lies in, the outermost first."""
    site: str | None = None
    """The name of the site in our own export."""
    declaration: str | None = None
    """What else that site's declaration says, as JSON."""


class _Folder(NamedTuple):
    name: str
    home: str | None
    site: str | None
    declaration: str | None


def read_opml(body: bytes, *, name: str) -> tuple[tuple[Outline, ...], bool]:
    """Return the channels that the OPML `body`, the file `name`, lists, in its order, and whether all of it was read.

    Raises DiscoveryError if it is no OPML.
    """
    found: list[Outline] = []
    folders: list[_Folder] = []
    root: str | None = None
    is_closed = False
    for kind, element_name, element in xml_events(body, limit=_LIMIT):
        root = root or element_name
        if root.lower() != "opml":
            break
        is_closed = kind == "end" and element_name.lower() == "opml"
        if element_name.lower() != "outline":
            continue
        if kind == "start":
            attributes = _attributes(element)
            outline = _outline(attributes, folders)
            if outline is not None:
                found.append(outline)
            folders.append(_folder(attributes))
        elif folders:
            folders.pop()
            element.clear(keep_tail=False)
    if root is None or root.lower() != "opml":
        why = "it is empty" if not body.strip() else f"its root element is {root}" if root else "it is no XML"
        raise DiscoveryError(f"{name} is no OPML: {why}", next_step="export one from your feed reader")
    is_ended = b"</opml" in to_utf8(body[:_LIMIT])[-_TAIL:].lower()  # what was cut is closed by the reader
    return tuple(found), is_closed and is_ended


def _attributes(element: etree._Element) -> Mapping[str, str]:
    """Return the attributes that are not empty by name in lower case, ours as ``warraq:site``."""
    names = ((str(key), str(value).strip()) for key, value in element.attrib.items())
    return {key.replace(_OWN, "warraq:").lower(): value for key, value in names if value}


def _outline(attributes: Mapping[str, str], folders: list[_Folder]) -> Outline | None:
    key = attributes.get("warraq:channel", "feeds")
    url = attributes.get("xmlurl") or (attributes.get("url") if key != "feeds" or _is_feed(attributes) else None)
    if url is None:
        return None
    own = next((folder for folder in reversed(folders) if folder.site is not None), None)
    homes = (folder.home for folder in reversed(folders))
    return Outline(
        url=url,
        key=key,
        title=clean_text(attributes.get("title") or attributes.get("text") or "", html=True, limit=200),
        home=attributes.get("htmlurl") or next((home for home in homes if home), None),
        language=attributes.get("language"),
        folders=tuple(folder.name for folder in folders if folder.name),
        site=own.site if own else None,
        declaration=own.declaration if own else None,
    )


def _is_feed(attributes: Mapping[str, str]) -> bool:
    """Tell whether an outline says that it is a feed; some readers write its address as ``url`` then."""
    return attributes.get("type", "").lower() in ("rss", "atom", "feed")


def _folder(attributes: Mapping[str, str]) -> _Folder:
    return _Folder(
        clean_text(attributes.get("text") or attributes.get("title") or "", html=True, limit=200) or "",
        attributes.get("htmlurl"),
        attributes.get("warraq:site"),
        attributes.get("warraq:declaration"),
    )
