"""What the parser does most often over plain numbers, bytes, letters and nodes: in C (_native.c, _text.c, _dom.c) where that was compiled, else in Python (plain).

Both give the same answers, so that a page gives the same article with and without a compiler.
"""

from __future__ import annotations

__all__ = [
    "Cursor", "Finder", "Openings", "Phrases", "Stems", "Trees", "Vocabulary", "capitals", "clean", "count_letters", "has_crowded_tag", "is_utf8", "lower", "simhash", "squeezed", "straight", "tags_and_options", "unit_length",
    "word_count", "words",
]  # fmt: skip

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crawler.parse.plain import (
        Cursor,
        Finder,
        Openings,
        Phrases,
        Stems,
        Trees,
        Vocabulary,
        capitals,
        clean,
        count_letters,
        has_crowded_tag,
        is_utf8,
        lower,
        simhash,
        squeezed,
        straight,
        tags_and_options,
        unit_length,
        word_count,
        words,
    )
else:
    try:
        from crawler.parse._native import Trees, has_crowded_tag, is_utf8, tags_and_options
        from crawler.parse._text import (
            Openings,
            Phrases,
            Stems,
            Vocabulary,
            capitals,
            clean,
            count_letters,
            lower,
            simhash,
            squeezed,
            straight,
            unit_length,
            word_count,
            words,
        )
    except ImportError:
        from crawler.parse import plain  # which takes some time: not where it has no use

        globals().update((name, getattr(plain, name)) for name in __all__)
    else:
        try:
            from crawler.parse._dom import Cursor, Finder
        except ImportError:  # a selectolax that hides lexbor
            from crawler.parse.plain import Cursor, Finder
