"""What ``warraq crawl`` is asked for: words of the command line, and lists of them in files or on standard input."""

from __future__ import annotations

__all__ = ["WantedTargets", "wanted_targets"]

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TextIO

from crawler.errors import UsageError
from crawler.model.site import Site
from crawler.run.target import resolve

_STDIN = "-"
_NO_FILE = "<stdin>"
"""What Python calls it."""


class WantedTargets(NamedTuple):
    """What to crawl, and which lines of the lists are neither names nor addresses."""

    targets: tuple[str, ...]
    faults: tuple[str, ...]
    """Each with its file and line."""


def wanted_targets(words: Sequence[str], lists: Sequence[TextIO], sites: Mapping[str, Site]) -> WantedTargets:
    """Return the targets that `words` and the lines of `lists` name; a word ``-`` stands for standard input.

    A line that means nothing costs itself only; a word that means nothing is told by who plans. Raises UsageError if
    there is nothing to crawl, or a word is a file's name.
    """
    named = [word for word in words if word != _STDIN]
    if file := next((word for word in named if word not in sites and Path(word).is_file()), None):
        raise UsageError(f"{file} is a file, and no target", next_step=f"`-i {file}` reads targets from it")
    named_lists = [("standard input" if source.name in (_STDIN, _NO_FILE) else source.name, source) for source in lists]
    if _STDIN in words:
        named_lists.append(("standard input", sys.stdin))
    faults: list[str] = []
    for name, source in named_lists:
        for place, line in _lines(name, source):
            try:
                resolve(line, sites)
            except UsageError as error:
                faults.append(f"{place}: {error}")
            else:
                named.append(line)
    if not named:
        told = f": {faults[0]}" if faults else ""
        raise UsageError(
            f"there is nothing to crawl{told}",
            next_step="give a TARGET: a site's name (`warraq sites` lists them) or a URL",
        )
    return WantedTargets(tuple(dict.fromkeys(named)), tuple(faults))


def _lines(name: str, source: TextIO) -> Iterator[tuple[str, str]]:
    """Yield each line that is neither empty nor a comment, with its place."""
    for number, line in enumerate(source, 1):
        text = line.strip()
        if text and not text.startswith("#"):
            yield f"{name} line {number}", text
