"""What writers that were killed left in a store, out of the way before somebody writes there again."""

from __future__ import annotations

__all__ = ["sweep_leftovers"]


from crawler.archive.store.base import Store
from crawler.errors import StoreError
from crawler.log import EventLog

_log = EventLog(__name__)


def sweep_leftovers(store: Store) -> None:
    """Remove what killed writers left in `store`; that it cannot be done is logged, and no reason not to go on."""
    try:
        gone = store.sweep()
    except StoreError as error:
        _log.warning("what killed writers left in the store cannot be removed", error=str(error))
    else:
        for name in gone:
            _log.info("what a killed writer left is removed", name=name)
