"""A site's profile: what recurs over its pages, as small fingerprints; and what of a page is needed to learn one."""

from __future__ import annotations

__all__ = [
    "BlockMark",
    "PageSketch",
    "SiteProfile",
    "decoded_profile",
    "encoded_profile",
    "profile_at",
    "sealed_profile",
]

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Literal

import msgspec

PROFILE_FORMAT: Literal["warraq-profile/1"] = "warraq-profile/1"

_ENCODER = msgspec.json.Encoder(order="deterministic")


class SiteProfile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is furniture on one site, learned from its captures; never changed once it is in the store."""

    format: Literal["warraq-profile/1"] = PROFILE_FORMAT
    site: str
    version: str = ""
    """The first 12 hex digits of the SHA-256 of everything else in here."""
    valid_from: datetime
    """Captures from this moment on are parsed with it, until a later profile is valid."""
    learned_at: datetime
    since: datetime
    until: datetime
    """The first and the last capture it was learned from."""
    articles: int
    """How many different articles that were."""
    parser_version: str
    """Of the parser that found their blocks."""
    texts: frozenset[str] = frozenset()
    """Fingerprints of texts in their place: a sign-up line, an author's biography."""
    places: frozenset[str] = frozenset()
    """Fingerprints of places whose text is always said elsewhere, too: rotating teasers, counters."""


class BlockMark(msgspec.Struct, frozen=True, array_like=True):
    """One block of a page, as far as learning looks at it."""

    place: str
    text: str
    """Fingerprints, of the place, and of the text in that place."""
    ink: int
    """Length, comparable across scripts."""
    kept: bool
    """The parser took it for a part of the article."""
    announces: bool
    """A heading or label: what it is follows from what it stands before."""
    excerpt: str = ""
    """How it begins; only of kept ones."""


class PageSketch(msgspec.Struct, frozen=True):
    """The marked blocks of one article page, in reading order."""

    url: str
    captured_at: datetime
    blocks: tuple[BlockMark, ...]


def sealed_profile(profile: SiteProfile) -> SiteProfile:
    """Return `profile` with its version, which follows from all else."""
    bare = msgspec.structs.replace(profile, version="")
    return msgspec.structs.replace(profile, version=sha256(_ENCODER.encode(bare)).hexdigest()[:12])


def profile_at(profiles: Sequence[SiteProfile], captured_at: datetime) -> SiteProfile | None:
    """Return the one of `profiles` (of one site, by moment) in force at a capture: the latest that is valid by then."""
    return next((profile for profile in reversed(profiles) if profile.valid_from <= captured_at), None)


def encoded_profile(profile: SiteProfile) -> bytes:
    """Return `profile` as JSON; equal profiles give equal bytes."""
    return _ENCODER.encode(profile)


def decoded_profile(content: bytes) -> SiteProfile:
    """Return the profile that `content` is. Raises ValueError if it is none, or was altered."""
    try:
        profile = msgspec.json.decode(content, type=SiteProfile)
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from error
    if sealed_profile(profile).version != profile.version:
        raise ValueError(f"its content is not what version {profile.version or '(none)'} was")
    return profile
