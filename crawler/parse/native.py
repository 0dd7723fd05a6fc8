"""What the parser does most often over plain numbers and bytes: in C (_native.c) where that was compiled, else in Python (plain).

Both give the same answers, so that a page gives the same article with and without a compiler.
"""

from __future__ import annotations

__all__ = ["Trees", "is_utf8", "runs", "simhash", "tags_and_options"]

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crawler.parse.plain import Trees, is_utf8, runs, simhash, tags_and_options
else:
    try:
        from crawler.parse._native import Trees, is_utf8, runs, simhash, tags_and_options
    except ImportError:
        from crawler.parse.plain import Trees, is_utf8, runs, simhash, tags_and_options
