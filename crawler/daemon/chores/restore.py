"""A daemon whose database is gone or damaged makes it anew from the store before it does anything else.

Starting with an empty one instead would fetch everything again and emit its articles twice. A damaged file is not
deleted but set aside, so that what is only there (pauses, the record of fires) can still be looked at.
"""

from __future__ import annotations

__all__ = ["restore_state"]

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from crawler.archive.folders import WARCS
from crawler.archive.store import open_store
from crawler.clock import Clock
from crawler.config import Config
from crawler.errors import StateDamaged
from crawler.log import EventLog
from crawler.model.site import Site
from crawler.run.parsing.pool import ParsePool
from crawler.run.parsing.recipe import Recipe
from crawler.run.state_folder import state_folder
from crawler.state import is_sound, set_aside

if TYPE_CHECKING:
    from crawler.run.offline.rebuild import Rebuilt

_log = EventLog(__name__)


async def restore_state(
    config: Config, sites: Mapping[str, Site], clock: Clock, *, on_progress: Callable[[int, int], None]
) -> Rebuilt | None:
    """Make the database from the store if it is missing or damaged; return what was found, None if it was sound.

    With nothing in the store there is nothing to make. Raises StoreError if the store must be asked and does not
    answer, and StateError for a database in other trouble.
    """
    state_folder(config)
    if _is_sound(config, clock):
        return None
    store = open_store(config.storage)
    store.check()
    if next(iter(store.list(WARCS)), None) is None:
        _set_aside(config, clock)
        return None
    from crawler.run.offline.rebuild import rebuild  # noqa: PLC0415 - Scrapy, 40 MB that a sound start has no use for

    _log.warning("the database is made anew from the store; runs wait for it", store=store.url)
    _set_aside(config, clock)
    async with ParsePool(config.parse) as pool:
        made = await rebuild(
            store,
            config.state,
            recipe=Recipe(furniture=config.parse.furniture, sites=sites),
            pool=pool,
            on_progress=on_progress,
        )
    _log.warning(
        "the database was made anew; pauses and the record of fires are not in the store",
        runs=made.runs, captures=made.captures, articles=made.articles, faults=len(made.faults),
    )  # fmt: skip
    return made


def _is_sound(config: Config, clock: Clock) -> bool:
    """Tell whether there is a database all of whose pages can be read. Raises StateError if that cannot be told."""
    try:
        return is_sound(config.state, clock=clock)
    except StateDamaged as error:
        _log.error("the database is damaged", error=error.what)
        return False


def _set_aside(config: Config, clock: Clock) -> None:
    name = set_aside(config.state, clock=clock)
    if name is not None:
        _log.warning("the damaged database was set aside", name=name)
