"""Article to text document, JSON Lines and Markdown (docs/format.md section 1).

Layout only: which blocks there are was decided before.
"""

from __future__ import annotations

__all__ = ["block_text", "document", "join_blocks", "to_json", "to_markdown"]

import re
from typing import Final

import msgspec

from crawler.model.article import Article, TextBlock, to_record

_SEP: Final = "\n\n"
_GAP: Final = "\n\n\n\n"
_SPECIAL: Final = re.compile(r"([\\`*_\[\]<>])")
_LEADING: Final = re.compile(r"^(\s*)([#>+-]|\d+[.)])(?=\s)")


def block_text(kind: str, text: str, level: int = 0, ordinal: int | None = None) -> str:
    """Return a block as the document has it: list items get their mark, two spaces a level before it."""
    if kind != "item":
        return text
    mark = "*" if ordinal is None else f"{ordinal}."
    return f"{'  ' * level}{mark} {text}"


def join_blocks(texts: list[str]) -> str:
    """Return blocks one blank line apart."""
    return _SEP.join(texts)


def document(*, labels: str, title: str, body: str, tail: str) -> str:
    """Return the text document; parts that are empty are left out with their separator."""
    head = _SEP.join(part for part in (labels, title) if part)
    content = _SEP.join(part for part in (body, tail) if part)
    return _GAP.join(part for part in (head, content) if part)


def to_json(article: Article) -> bytes:
    """Return the record of `article` as one line of JSON, without the newline."""
    return msgspec.json.encode(to_record(article))


def to_markdown(article: Article) -> str:
    """Return the article as CommonMark: the title a level-one heading, sub-headings at least level two."""
    parts = [f"# {_escape(article.title)}"] if article.title else []
    parts += [_markdown_block(block) for block in article.blocks]
    return _SEP.join(parts) + "\n"


def _markdown_block(block: TextBlock) -> str:
    if block.kind == "heading":
        return f"{'#' * max(2, block.level)} {_escape(block.text)}"
    if block.kind == "quote":
        return "\n".join(f"> {_escape(line)}" for line in block.text.split("\n"))
    if block.kind == "pre":
        return f"```\n{block.text}\n```"
    if block.kind == "table":
        return _markdown_table(block.text)
    if block.kind == "item":
        mark, _, text = block.text.lstrip().partition(" ")
        return f"{'  ' * block.level}{mark.replace('*', '-')} {_escape(text)}"
    return "\n".join(_escape(line) + "  " for line in block.text.split("\n")).rstrip(" ")


def _markdown_table(text: str) -> str:
    rows = [line.split("\t") for line in text.split("\n")]
    width = max(map(len, rows))
    cells = [[_escape(c).replace("|", "\\|") for c in (*row, *[""] * (width - len(row)))] for row in rows]
    lines = ["| " + " | ".join(row) + " |" for row in cells]
    return "\n".join([lines[0], "|" + " --- |" * width, *lines[1:]])


def _escape(text: str) -> str:
    return _LEADING.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", text))
