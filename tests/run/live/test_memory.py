"""What a crawling process tells Python of its memory."""

from __future__ import annotations

import gc

from crawler.run.live import memory


def test_what_is_imported_is_no_longer_searched_for_cycles() -> None:
    thresholds = gc.get_threshold()
    gc.unfreeze()
    gc.set_threshold(700, 10, 10)
    try:
        memory.settle()
        assert gc.get_freeze_count() > 1000
        assert gc.get_threshold() > (700, 10, 10)
    finally:
        gc.unfreeze()
        gc.set_threshold(*thresholds)
