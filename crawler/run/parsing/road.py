"""The one road from a capture to its article: live, recovered, replayed, rebuilt and learned from, all take it."""

from __future__ import annotations

__all__ = ["Road"]

from crawler.http.blocks import Block
from crawler.http.head import ResponseHead
from crawler.model.capture import Capture, Provenance
from crawler.run.parsing.page_task import NOWHERE, PagePlace, TaskResult
from crawler.run.parsing.pool import ParsePool
from crawler.run.parsing.profiles_in_force import Profiles
from crawler.run.parsing.recipe import Recipe


class Road:
    """Pages by one recipe through one pool."""

    def __init__(self, recipe: Recipe, pool: ParsePool) -> None:
        self.recipe = recipe
        self._pool = pool

    def with_profiles(self, profiles: Profiles) -> Road:
        """Return this road with other profiles."""
        return Road(self.recipe.with_profiles(profiles), self._pool)

    @property
    def width(self) -> int:
        """How many pages are parsed at once."""
        return self._pool.size

    async def parse(
        self,
        capture: Capture,
        known: Provenance | None,
        page: PagePlace | Block,
        *,
        head: ResponseHead | None,
        sketch: bool = False,
    ) -> TaskResult:
        """Return what became of `capture`: the record of its article, its sketch, or why there is none.

        Ask `crawler.model.capture.why_no_page` before. `page` is where the response lies, or its block, which is read
        only when a parse process is free for it. `head` is the response's as it has been read already; None: the parse
        process reads it.
        """
        if isinstance(page, PagePlace):
            return await self._pool.parse(self.recipe.task(capture, known, page, head=head, sketch=sketch))
        return await self._pool.parse(self.recipe.task(capture, known, NOWHERE, head=head, sketch=sketch), page)
