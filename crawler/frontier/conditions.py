"""May an article be asked for under the condition that it changed? While its host's validators move when the text does.

Some servers give every version of a page the same ETag, or answer 304 whatever happened: whoever asks them under a
condition never sees an edit. What visits find is held against the validators that came with it: an edit under other
validators speaks for the host, one under the same against it, and many answers of 304 without any edit are looked into.
"""

from __future__ import annotations

__all__ = ["Conduct", "is_conditional", "same_condition"]

import zlib

import msgspec

from crawler.model.run import Validators

_SUSPICIOUS = 9
"""Answers of 304 in a row without an edit, where none was ever seen: one host in thirteen whose stories are edited as
is usual gives so many by chance."""
_LONG_SUSPICIOUS = 64
"""The same of a host whose validators have moved with an edit before."""
_LOOKS = 6
"""Whole readings in vain, after which a host is taken for one with few edits."""
_SHARE, _LATE_SHARE = 2, 16
"""One visit in so many is whole while there is a suspicion, and after the looks."""
_REDEEMED = 3
"""Edits in a row under other validators, after which a host is believed again."""


class Conduct(msgspec.Struct, frozen=True):
    """What the validators of a host's articles did, as far as visits saw it."""

    moved: int = 0
    """Edits that came with other validators, since the last one that did not."""
    stuck: bool = False
    """An edit came under the same validators, and too few under others since."""
    silent: int = 0
    """Answers of 304 in a row, since an edit was seen last."""
    looked: int = 0
    """Whole answers that held the same text, since an edit was seen last."""

    def edited(self, *, under_the_same: bool) -> Conduct:
        """Return what is known after an edit was seen."""
        if under_the_same:
            return Conduct(stuck=True)
        return Conduct(moved=self.moved + 1, stuck=self.stuck and self.moved + 1 < _REDEEMED)

    def unchanged(self, *, was_said: bool) -> Conduct:
        """Return what is known after a visit that met the same text: in a whole answer, or because a 304 said so."""
        if was_said:
            return msgspec.structs.replace(self, silent=self.silent + 1)
        return msgspec.structs.replace(self, looked=self.looked + 1)

    @property
    def is_suspicious(self) -> bool:
        """Tell whether it answered 304 oftener than a host does whose stories are edited now and then."""
        return self.silent >= (_LONG_SUSPICIOUS if self.moved else _SUSPICIOUS)


def is_conditional(url: str, conduct: Conduct, *, signalled: bool) -> bool:
    """Tell whether a visit asks only for what changed since.

    Not where a channel tells of a change, nor of a host whose validators did not move with an edit; of one that is
    suspicious some visits, drawn by URL and by what is known.
    """
    if signalled or conduct.stuck:
        return False
    if not conduct.is_suspicious:
        return True
    share = _SHARE if conduct.looked < _LOOKS and not conduct.moved else _LATE_SHARE
    return zlib.crc32(f"{url} {conduct.silent}".encode()) % share != 0


def same_condition(one: Validators, other: Validators) -> bool:
    """Tell whether two answers would be taken for one by a server that is asked under a condition.

    The moment counts only where there is no entity tag (RFC 9110, 13.1.3).
    """
    if one.etag or other.etag:
        return one.etag == other.etag
    return one.last_modified is not None and one.last_modified == other.last_modified
