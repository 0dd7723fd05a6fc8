"""What a channel answered, as a spider of one's own reads it; and whether what the spider makes of it can be used."""

from __future__ import annotations

__all__ = ["Answer", "Apart", "checked_answer", "decoded_entity", "header_field"]

from collections.abc import Iterable
from typing import Literal, Protocol, get_args, get_type_hints
from urllib.parse import urljoin

import msgspec
from scrapy.http import Response

from crawler.http.coding import decode_body
from crawler.model.capture import Announcement, Role
from crawler.parse.discover.feed import Feed
from crawler.parse.discover.sitemap import Sitemap
from crawler.parse.discover.sniff import PageKind
from spiders.found import Found

_ROLES = frozenset(get_args(Role))
_SOURCES = frozenset(get_args(get_type_hints(Announcement)["source"]))


class Answer(msgspec.Struct, frozen=True):
    """What a channel answered."""

    url: str
    role: Role | PageKind
    """What it was asked for as; of a target given by hand (a probe), what it looks like."""
    body: bytes
    """Content-coding undone."""
    content_type: str | None
    sitemaps: tuple[str, ...] = ()
    """Those that the host's robots.txt names."""
    parsed: Feed | Sitemap | str | None = None
    """What it holds, where it was read apart from the run because it is long; if that was in vain, why."""

    def story(
        self, link: str, *, title: str | None = None, published_at: str | None = None, modified_at: str | None = None
    ) -> Announcement:
        """Return the announcement of the article at `link`, which may be relative; moments as ISO 8601."""
        return Announcement(
            url=urljoin(self.url, link), role="article", source="listing", via=self.url, title=title,
            published_at=published_at, modified_at=modified_at,
        )  # fmt: skip

    def further(self, link: str) -> Announcement:
        """Return the announcement of a further channel at `link`, which may be relative: `read` gets it, too."""
        return Announcement(url=urljoin(self.url, link), role="listing", source="listing", via=self.url)


class Apart(Protocol):
    """Reads a long channel in a process of its own, so that the run goes on meanwhile and a bomb harms nobody."""

    async def __call__(
        self, kind: Literal["feed", "sitemap"], body: bytes, *, url: str, content_type: str | None, language: str | None
    ) -> Feed | Sitemap | str | None:
        """Return what is in `body`; why it could not be told, in the ledger's words; None: it is none of that kind."""


def decoded_entity(response: Response) -> tuple[bytes, tuple[str, ...]]:
    """Return the body with its content-coding undone, and what was wrong with that."""
    fields = [(name, value) for name, values in response.headers.items() for value in values]
    return decode_body(fields, response.body)


def header_field(response: Response, name: str) -> str | None:
    """Return the first value of the header field `name`; None if it was not sent."""
    value = response.headers.get(name)
    return None if value is None else value.decode("latin-1")


def checked_answer(found: object, by: str) -> Found:
    """Return `found`, which `by` made. Raises TypeError or ValueError with what is no announcement among it: what is
    unlike the others would go into the archive.
    """
    if not isinstance(found, Found):
        raise TypeError(f"{by} returned {type(found).__name__}: expected a Found")
    for name in ("announcements", "unlikely", "channels"):
        _require_announcements(getattr(found, name), f"{by}: {name}")
    return found


def _require_announcements(given: Iterable[object], where: str) -> None:
    for number, one in enumerate(given):
        if not isinstance(one, Announcement):
            raise TypeError(f"{where}[{number}] is {one!r:.80}: expected answer.story(LINK) or answer.further(LINK)")
        if not one.url.startswith(("http://", "https://")):
            raise ValueError(
                f"{where}[{number}]: {one.url!r:.80} is no absolute address: answer.story(LINK) makes it one"
            )
        if one.role not in _ROLES or one.source not in _SOURCES:
            raise ValueError(f"{where}[{number}]: there is no role {one.role!r} from {one.source!r}")
