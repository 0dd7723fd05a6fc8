"""What the parser does most often over plain numbers, bytes and letters: in C (_native.c, _text.c) where that was compiled, else in Python (plain).

Both give the same answers, so that a page gives the same article with and without a compiler.
"""

from __future__ import annotations

__all__ = [
    "Openings", "Phrases", "Stems", "Trees", "Vocabulary", "capitals", "clean", "is_utf8", "simhash", "squeezed", "straight", "tags_and_options", "unit_length", "word_count", "words",
]  # fmt: skip

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crawler.parse.plain import (
        Openings,
        Phrases,
        Stems,
        Trees,
        Vocabulary,
        capitals,
        clean,
        is_utf8,
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
        from crawler.parse._native import Trees, is_utf8, tags_and_options
        from crawler.parse._text import (
            Openings,
            Phrases,
            Stems,
            Vocabulary,
            capitals,
            clean,
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
