"""What reading a channel gives: the same for feeds, sitemaps and listings."""

from __future__ import annotations

__all__ = ["Found", "Places"]

import msgspec

from crawler.model.capture import Announcement


class Places(msgspec.Struct, frozen=True):
    """Where further channels may be, for a page that names none."""

    guesses: tuple[Announcement, ...] = ()
    """Asked one after the other until one is a channel; what is none was never announced, and has no outcome."""
    instead: tuple[Announcement, ...] = ()
    """Read where none of them is one."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """The yield of one feed, sitemap or listing."""

    announcements: tuple[Announcement, ...] = ()
    """In the order in which they should be fetched."""
    unlikely: tuple[Announcement, ...] = ()
    """What is listed and by its address is no article (a tag, an author, a file): known, and not asked for."""
    channels: tuple[Announcement, ...] = ()
    """Further channels to read: the sitemaps of an index that are due."""
    places: Places = Places()
    next_url: str | None = None
    """Where the channel goes on with what is older; followed when nothing of the last reading is in this one."""
    next_guess: str | None = None
    """Where that may be if the channel does not say it."""
    hosts: tuple[str, ...] = ()
    """Hosts that the channel itself names as its paper's."""
    whole: bool = True
    """False if there was more than could be read: the next request must not be conditional."""

    @property
    def is_empty(self) -> bool:
        """Tell whether it gave nothing at all."""
        return not (self.announcements or self.channels)
