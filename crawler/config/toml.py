"""Reading a file of TOML that people wrote: whatever is in it, the answer is a table or one mistake."""

from __future__ import annotations

__all__ = ["read_toml", "toml_fault"]

import re
import tomllib
from pathlib import Path
from typing import Any

from crawler.errors import Problem

_MOST_BYTES = 1 << 20
_MOST_PARTS = 32
_PART = r"""(?:[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')\s*+\.\s*+"""
_DEEP_KEY = re.compile(rf"(?<![A-Za-z0-9_-])(?:{_PART}){{{_MOST_PARTS}}}")
"""tomllib takes time and memory by the square of a dotted key's parts."""

_FORMS = (
    ("Invalid value", 'texts stand in "quotes", true and false in lower case'),
    ("Invalid statement", "a line is KEY = VALUE, or [TABLE]"),
    ("Expected '='", "a line is KEY = VALUE"),
    ("Unescaped '\\'", "write a text that has a backslash in 'single quotes'"),
    ("Invalid hex", "write a text that has a backslash in 'single quotes'"),
    ("Cannot ", "a table, and a key in it, may stand once"),
    ("Expected newline", "one key stands in a line; decimals have a point"),
    ("Illegal character", "a text ends on its line, with the quote it began with"),
)
"""What tomllib's messages begin with, and how it is written that way."""


def read_toml(path: Path, problems: list[Problem]) -> dict[str, Any]:
    """Return the table in the file `path`; what is wrong with it as a whole goes to `problems`, and the table is
    empty.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            return _refused(path, problems, f"larger than {_MOST_BYTES >> 20} MiB: no configuration")
        text = path.read_bytes().decode("utf-8-sig")
        if _DEEP_KEY.search(text):
            return _refused(path, problems, "nested too deeply")
        return tomllib.loads(text)
    except RecursionError:
        return _refused(path, problems, "nested too deeply")
    except UnicodeDecodeError as error:
        return _refused(path, problems, f"not valid TOML: not UTF-8, from byte {error.start} on; save it as UTF-8")
    except tomllib.TOMLDecodeError as error:
        return _refused(path, problems, toml_fault(error))
    except OSError as error:
        return _refused(path, problems, f"cannot be read: {error.strerror}")


def toml_fault(error: tomllib.TOMLDecodeError) -> str:
    """Return what is wrong with a file, and how it is to be written."""
    said = str(error)
    return f"not valid TOML: {said}{next((f'; {how}' for begin, how in _FORMS if said.startswith(begin)), '')}"


def _refused(path: Path, problems: list[Problem], why: str) -> dict[str, Any]:
    problems.append(Problem(str(path), "", why))
    return {}
