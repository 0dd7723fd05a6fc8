"""Reading a file of TOML that people wrote: whatever is in it, the answer is a table or one mistake."""

from __future__ import annotations

__all__ = ["read_toml"]

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
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return _refused(path, problems, f"not valid TOML: {error}")
    except OSError as error:
        return _refused(path, problems, f"cannot be read: {error.strerror}")


def _refused(path: Path, problems: list[Problem], why: str) -> dict[str, Any]:
    problems.append(Problem(str(path), "", why))
    return {}
