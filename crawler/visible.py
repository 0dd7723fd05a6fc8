"""Foreign text as people are told it: nothing in it moves a cursor, hides, or shows other words in another order.

The one place where that is decided, for terminal, log, mail and webhook alike; the status page takes the same
characters out. What lies in archives and articles is never changed.
"""

from __future__ import annotations

__all__ = ["UNSEEN_CHARACTER", "host_alone", "masked", "visible"]

import re

_UNSEEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls; escape sequences begin with one
    "\u200b\u2060-\u2064\ufeff\u00ad\u180e"  # no width (joiners and direction marks are letters' own: they stay)
    "\u2028\u2029"  # line breaks to some programs
    "\u202a-\u202e\u2066-\u2069"  # embeddings, overrides and isolates: another order than the text has
    "\ufff9-\ufffb\U000e0000-\U000e007f"  # annotations and tags
    "\ud800-\udfff"  # no characters: writing them is an error
)
UNSEEN_CHARACTER = re.compile(f"[{_UNSEEN}]")
"""One character that is not shown, or changes how others are."""
_UNSEEN_OR_LINES = re.compile(f"[\t\n{_UNSEEN}]")
_CREDENTIALS = re.compile(r"(?<=://)[^\s/?#\"<>]+@")
"""To the last ``@`` before a path, as readers of URLs have it: a password may hold others."""
_AFTER_HOST = re.compile(r"[/?#\\]")


def visible(text: object, *, lines: bool = False) -> str:
    r"""Return `text` with each such character as its escape (``\x1b``, ``\u202e``), credentials in URLs masked.

    Line ends and tabs are escaped too unless `lines`.
    """
    plain = masked(str(text))
    return (UNSEEN_CHARACTER if lines else _UNSEEN_OR_LINES).sub(_escape, plain)


def masked(text: str) -> str:
    """Return `text` with ``***`` for the credentials of URLs in it."""
    return _CREDENTIALS.sub("***@", text) if "@" in text else text


def host_alone(url: str) -> str:
    """Return ``https://host/***`` for an address whose path is a secret, as those of chat services' webhooks are."""
    scheme, mark, rest = url.partition("://")
    host = _AFTER_HOST.split(rest, maxsplit=1)[0].rpartition("@")[2]
    return f"{scheme}{mark}{host}/***" if mark else url and "***"


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    known = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}.get(found[0])
    return known or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")
