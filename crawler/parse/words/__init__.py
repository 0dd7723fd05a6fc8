"""Word tables of the parser as data: one JSON file a table, so that a language is added without touching code."""

from __future__ import annotations

__all__ = ["pattern", "table"]

import re
from functools import cache
from importlib.resources import files
from typing import Any, Final

import msgspec

_REFERENCE: Final = re.compile(r"\(\?&(\w+)\)")


@cache
def table(name: str) -> dict[str, Any]:
    """Return the table `name`.json of this folder, read once a process; it is shared, so nobody changes it."""
    content: dict[str, Any] = msgspec.json.decode(files(__name__).joinpath(f"{name}.json").read_bytes())
    return content


def pattern(name: str, kind: str) -> re.Pattern[str]:
    """Return the regular expression `kind` of the table `name`: a text, or pieces that stand one after the other.

    ``(?&x)`` in it, as in PCRE, stands for what `x` of the same table says, as a group. Raises KeyError for what is not in the table.
    """
    return re.compile(_expanded(table(name), kind))


def _expanded(words: dict[str, Any], kind: str) -> str:
    said = words[kind]
    text = said if isinstance(said, str) else "".join(said)
    return _REFERENCE.sub(lambda found: f"(?:{_expanded(words, found[1])})", text)
