"""The parser's version, which is true: it moves whenever the same page may give another article.

A release number for people, and a digest of all that an article depends on: sources and data of the parser, of the
reading of HTTP and of the values, the release of the HTML library, and the Unicode tables of this Python. A digest is
never forgotten, as a number raised by hand was, and moves for changes that no sample page shows, which golden records
would miss. The price: it also moves when only a comment did, and a replay that was under way then starts over. It is
made when this module is imported, in milliseconds, so it is as true for an edited tree as for an installed package.
"""

from __future__ import annotations

__all__ = ["PARSER_VERSION"]

import unicodedata
from collections.abc import Iterator
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable

import selectolax

_RELEASE = "1.1"
_PARTS = ("frontier", "hosts.py", "http", "model", "parse", "urls.py")
"""Of the package: what the article of a page depends on."""
_KINDS = (".py", ".json", ".txt", ".tsv", ".csv", ".toml", ".bin", ".gz")
"""Sources and data, not what was compiled from them."""


def _digest(package: Traversable) -> str:
    """Return the digest of what `_PARTS` of `package` hold, names and contents."""
    digest = sha256(f"{selectolax.__version__} {unicodedata.unidata_version}".encode())
    for part in _PARTS:
        for piece in _contents(package / part, part):
            digest.update(piece)
    return digest.hexdigest()[:12]


def _contents(place: Traversable, name: str) -> Iterator[bytes]:
    """Yield name and content of every source and data file at `place`, in the order of names."""
    if place.is_dir():
        for inner in sorted(place.iterdir(), key=lambda one: one.name):
            yield from _contents(inner, f"{name}/{inner.name}")
    elif name.endswith(_KINDS):
        content = place.read_bytes()
        yield f"\0{name}\0{len(content)}\0".encode()
        yield content


PARSER_VERSION = f"{_RELEASE}+{_digest(files('crawler'))}"
