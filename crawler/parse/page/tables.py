"""Tables of data, told from tables that only lay a page out."""

from __future__ import annotations

__all__ = ["data_table"]

from typing import Final

from selectolax.lexbor import LexborNode

from crawler.parse.page.text import clean

_LAYOUT: Final = "table table, td h1, td h2, td h3, td article, td form"
_BOXES: Final = "td p + p, td div, td ul"
"""What both kinds of table hold in their cells: only an even grid of short cells is data then."""
_MAX_ROWS: Final = 2000


def data_table(node: LexborNode) -> str:
    """Return the text of a table of data, a row a line and a tab between cells; empty for a table used as layout."""
    rows = node.css("tr")
    if not 1 < len(rows) <= _MAX_ROWS or node.css_first(_LAYOUT) is not None:
        return ""
    boxes = node.css_first(_BOXES) is not None
    lines = []
    widths: list[int] = []
    longest = 0
    for row in rows:
        cells = [
            clean(cell.text(separator=" ") if boxes or cell.css_first("br") else cell.text())
            for cell in row.css("td, th")
        ]
        if any(cells):
            widths.append(len(cells))
            longest = max(longest, *map(len, cells))
            lines.append("\t".join(cells).rstrip("\t"))
    has_head = node.css_first("th") is not None
    if boxes and (len(lines) < 3 or longest > 160 or widths.count(max(widths)) * 10 < len(widths) * 9):
        return ""
    if len(lines) < 2 or max(widths) < 2 or longest > (600 if has_head else 250):
        return ""
    return "\n".join(lines)
