"""Python's memory, told what a crawl is like: much that stays, and much that is gone after one page."""

from __future__ import annotations

__all__ = ["settle"]

import gc

_YOUNG = 5_000
"""New containers between two looks for cycles; a page takes about 500, nearly all freed by counting alone."""


def settle() -> None:
    """Say that what has been imported will stay, and that cycles are rare. For the start of a process that crawls.

    Without it the collector walks over a hundred thousand objects of Scrapy's, over and over.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, 20, 20)
