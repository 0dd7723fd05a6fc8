"""The commands of README and docs/, as they are written: the blocks of a document, and what stands in its sentences."""

from __future__ import annotations

__all__ = ["DOCUMENTS", "ROOT", "Documented", "blocks", "program", "sentences"]

import re
import textwrap
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
DOCUMENTS = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")))
_INDENTED = re.compile(r"(?:^    .*\n)+", re.MULTILINE)
_INLINE = re.compile(r"`(warraq\s+[a-z-][^`]*)`")
_SPOKEN = re.compile(r"\[([A-Za-z]+)(?:\.\.\.|\|[^]]*)?\]|\.\.\.")


class Documented(NamedTuple):
    """Command lines of one document, of one block or one sentence."""

    document: str
    lines: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.document}: {' / '.join(self.lines)}"


def blocks() -> list[Documented]:
    """Return each block that has a command of the program: those lines of it, and changes of folder between them."""
    found = []
    for document in DOCUMENTS:
        for block in _INDENTED.findall(document.read_text(encoding="utf-8")):
            lines = [line.strip().removeprefix("$ ").partition(" #")[0].strip() for line in block.splitlines()]
            kept = tuple(line for line in lines if line.startswith(("warraq ", "cd ")))
            if any(line.startswith("warraq ") for line in kept):
                found.append(Documented(document.name, kept))
    return found


def sentences() -> list[Documented]:
    """Return each command that is named within a sentence, once; ``[DIR]`` and ``SITE...`` without their signs."""
    found: dict[str, Documented] = {}
    for document in DOCUMENTS:
        for written in _INLINE.findall(document.read_text(encoding="utf-8")):
            line = " ".join(_SPOKEN.sub(r"\1", written).split())
            found.setdefault(line, Documented(document.name, (line,)))
    return list(found.values())


def program() -> str:
    """Return the page on using it from Python as one program, its blocks in their order."""
    text = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    return "\n".join(textwrap.dedent(block) for block in _INDENTED.findall(text))
