"""What waits on this machine for the store: sealed WARC files and finished articles.

Everything here may be done again: a file is shipped once whatever happens (`crawler.archive.write.ship`), a batch of
articles is written again to the same names with the same bytes.
"""

from __future__ import annotations

__all__ = ["Outbox"]

import asyncio
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import msgspec

from crawler.archive.articles import LineWriter, Published, publish
from crawler.archive.files import replace_durably
from crawler.archive.run_ends import RunEnd, put_end
from crawler.archive.store import Store
from crawler.archive.takedowns import taken_down
from crawler.archive.write.ship import Shipper
from crawler.archive.write.spool import Spool
from crawler.clock import Clock
from crawler.config import Spooling
from crawler.errors import ArchiveError, BadArchive, StoreError
from crawler.model.article import ArticleHead
from crawler.model.run import UNDER_WAY
from crawler.run.receipts import keep_receipt
from crawler.run.state_folder import SPOOL, STAGING
from crawler.state import State

_END = ".end.json"
"""What waits in staging, beside articles, of a run whose end the store does not know."""

_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError)
"""What the disk did to a file that waits; it stays, and holds up no other."""


class Outbox:
    """Ships and publishes for one process; `state` learns of every receipt and every written article."""

    def __init__(
        self, spool: Spool, store: Store, state: State, settings: Spooling, folder: Path, clock: Clock
    ) -> None:
        """`folder` is the state folder: spool and staging lie in it."""
        self._spool = spool
        self._store = store
        self._state = state
        self._clock = clock
        self._staging = folder / STAGING
        self._shipper = Shipper(
            folder / SPOOL,
            store,
            clock=clock,
            grace_s=settings.grace_s,
            on_receipt=partial(keep_receipt, state),
            vouched=spool.vouches_for,
        )

    async def ship(self) -> tuple[str, ...]:
        """Ship every sealed file and publish every waiting batch; return what could not be, and why."""
        report = await asyncio.to_thread(self._shipper.ship_ready)
        trouble = list(report.problems)
        for path in sorted(self._staging.glob("*.jsonl")):
            run = self._state.run(path.stem)
            if run is None or run.state not in UNDER_WAY:
                _, more = await self.publish(path.stem)
                trouble += more
        for path in sorted(self._staging.glob(f"*{_END}")):
            trouble += await asyncio.to_thread(self._put_end, path)
        return tuple(trouble)

    async def keep_end(self, end: RunEnd) -> tuple[str, ...]:
        """Let the store know how a run ended, now or when it answers; return what keeps it waiting. Raises
        ArchiveError.
        """
        path = self._staging / f"{end.run}{_END}"
        try:
            await asyncio.to_thread(replace_durably, path, msgspec.json.encode(end))
        except OSError as error:
            raise ArchiveError(f"{path}: {error.strerror}", next_step="make the state folder writable") from error
        return await asyncio.to_thread(self._put_end, path)

    def _put_end(self, path: Path) -> tuple[str, ...]:
        """Put the end of a run that waits in `path` into the store; blocking."""
        try:
            put_end(self._store, msgspec.json.decode(path.read_bytes(), type=RunEnd))
        except FileNotFoundError:
            return ()  # another process was faster
        except (StoreError, *_UNREADABLE) as error:
            return (f"the end of run {path.name.removesuffix(_END)}: {error}",)
        path.unlink(missing_ok=True)
        return ()

    async def publish(self, run: str) -> tuple[tuple[Published, ...], tuple[str, ...]]:
        """Write the articles staged by `run` to the store; return the batches, and what went wrong if they wait on."""
        path = self._staging / f"{run}.jsonl"
        try:
            withheld = await asyncio.to_thread(taken_down, self._store)
            gone: list[ArticleHead] = []
            published = await asyncio.to_thread(
                publish, [path], LineWriter(self._store), withheld=withheld, on_withheld=gone.append
            )
        except (BadArchive, StoreError, *_UNREADABLE) as error:
            return (), (f"articles of run {run}: {error}",)
        for head in gone:
            self._state.forget_article(head.url, head.captured_at)
        if self._state.run(run) is not None:  # else not of this state: `warraq rebuild` takes such in
            self._enter(published)
        path.unlink(missing_ok=True)
        return tuple(published), ()

    def _enter(self, published: Iterable[Published]) -> None:
        with self._state.transaction():
            for batch in published:
                for document in batch.documents:
                    self._state.enter_article(document.head, path=document.key, line_sha256=document.line_sha256)
