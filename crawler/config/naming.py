"""What a declaration can be called, and what a host or a tag tells of country and language, where nobody says it."""

from __future__ import annotations

__all__ = ["country_of", "known_language", "site_name"]

import re
from collections.abc import Container, Iterable

from crawler.config.codes import country_fault, language_fault
from crawler.urls import is_loopback

_SECOND_LEVEL = frozenset(("co", "com", "org", "net", "gov", "ac", "edu", "or", "ne", "go", "gob", "nom"))
"""Below a country's domain these are no part of a name."""
_GENERIC = frozenset(
    ("io", "ai", "co", "me", "tv", "cc", "fm", "ly", "to", "ws", "la", "gg", "sh", "ac", "eu", "pro", "ag", "in")
)
"""Domains of two letters that anybody takes; India's and Antigua's papers say so in their language or not at all."""
_NOT_NAME = re.compile(r"[^a-z0-9]+")
_NUMBERS = re.compile(r"[\d.]+|\[.*")
_UNKNOWN = "zz"
_LONGEST = 63
_REGION = re.compile(r"[-_]([A-Za-z]{2})(?:[-_]|$)")


def site_name(host: str, *, taken: Container[str] = ()) -> str:
    """Return a name for the site at `host` (a port may follow), other than those `taken`: ``lemonde`` of
    ``www.lemonde.fr``.
    """
    plain, _, port = host.removeprefix("www.").partition(":")
    labels = plain.split(".")
    if not _NUMBERS.fullmatch(plain) and len(labels) > 1:
        labels = (
            labels[:-2] if len(labels) > 2 and labels[-2] in _SECOND_LEVEL and len(labels[-1]) == 2 else labels[:-1]
        )
    whole = _slug(f"{plain} {port}")
    for name in (_slug(" ".join([*labels, port])), whole):
        if name and name not in taken:
            return name
    number = 2
    while f"{whole[: _LONGEST - 6]}-{number}" in taken:
        number += 1
    return f"{whole[: _LONGEST - 6] or 'site'}-{number}"


def country_of(host: str, languages: Iterable[str] = ()) -> str:
    """Return the country that the domain of `host` or the region of a language tells; ``zz`` if neither does."""
    last = host.rpartition(".")[2]
    code = {"uk": "gb"}.get(last, last)
    if len(last) == 2 and last not in _GENERIC and not is_loopback(host) and country_fault(code) is None:
        return code
    for tag in languages:
        region = _REGION.search(tag)
        if region is not None and country_fault(region[1].lower()) is None:
            return region[1].lower()
    return code if code == "in" else _UNKNOWN


def known_language(tag: str | None) -> str | None:
    """Return `tag` as a declaration may have it (``en_us`` is ``en-US``), without what is not known of it; None if none
    of it is.
    """
    parts = [part for part in re.split(r"[-_]", (tag or "").strip()) if part]
    spelt = [parts[0].lower() if parts else ""]
    spelt += [part.upper() if len(part) == 2 else part.title() if len(part) == 4 else part for part in parts[1:]]
    for tried in ("-".join(spelt), "-".join(spelt[:2]), spelt[0]):
        if language_fault(tried) is None:
            return tried
    return None


def _slug(text: str) -> str:
    return _NOT_NAME.sub("-", text.lower()).strip("-")[:_LONGEST].strip("-")
