"""Word tables of the parser as data: one JSON file a table, so that a language is added without touching code."""

from __future__ import annotations

__all__ = ["table"]

from functools import cache
from importlib.resources import files
from typing import Any

import msgspec


@cache
def table(name: str) -> dict[str, Any]:
    """Return the table `name`.json of this folder, read once a process; it is shared, so nobody changes it."""
    content: dict[str, Any] = msgspec.json.decode(files(__name__).joinpath(f"{name}.json").read_bytes())
    return content
