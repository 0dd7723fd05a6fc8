"""What a process that ended in the middle left half done, taken up by the next one: its runs, captures and unparsed
pages.

The archive is the truth, and everything here may be done again.
"""

from __future__ import annotations

__all__ = ["Recovery"]

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from crawler.archive.articles import Staging
from crawler.archive.profiles import ProfileShelf
from crawler.archive.read.captures import ArchivedCapture, read_captures, read_one
from crawler.archive.read.cdxj import parse_line
from crawler.archive.store import Store
from crawler.archive.write.seal import SealedWarc
from crawler.archive.write.spool import Spool
from crawler.clock import Clock
from crawler.errors import BadArchive
from crawler.frontier.admission import Scope
from crawler.http.status import is_answer
from crawler.log import EventLog
from crawler.model.capture import Capture, Provenance, why_no_page
from crawler.model.run import OPEN
from crawler.run.live.emit import emit
from crawler.run.live.frontier import LedgerFrontier
from crawler.run.parsing.profiles_in_force import in_force
from crawler.run.parsing.road import Road
from crawler.run.state_folder import STAGING
from crawler.state import Following, State

_log = EventLog(__name__)

_LOOKS = 3


class Recovery:
    """Recovers for one process; `folder` is the state folder."""

    def __init__(self, spool: Spool, store: Store, state: State, folder: Path, clock: Clock) -> None:
        self._spool = spool
        self._store = store
        self._state = state
        self._clock = clock
        self._staging = folder / STAGING

    async def recover(self, road: Road, profiles: ProfileShelf) -> None:
        """Take up what a process that ended in the middle left: its runs, its captures, its unparsed pages.

        The archive is the truth: a capture that is on disk and not in the state is entered, whether its file was
        sealed by then or not, and a page that was captured and not yet parsed is parsed now, so that nothing
        acknowledged is lost and nothing is fetched twice.
        """
        self._state.interrupt_runs()
        for sealed in self._spool.sealed():
            if await asyncio.to_thread(self._is_entered, sealed):
                continue
            for item in read_captures(sealed.path):
                if isinstance(item, ArchivedCapture):
                    self._enter_capture(item)
        for url, run in self._state.unparsed():
            await self._parse_again(url, run, road, profiles)

    def _is_entered(self, sealed: SealedWarc) -> bool:
        """Tell whether the state has every capture that the index of `sealed` names, and what became of its page."""
        try:
            lines = [parse_line(line)[2] for line in sealed.cdxj.read_bytes().splitlines()]
        except (OSError, BadArchive) as error:
            _log.warning("an index in the spool cannot be read; its file is read instead", error=str(error))
            return False
        return all(self._is_settled(line.url, sealed.path.name, line.offset) for line in lines)

    def _is_settled(self, url: str, warc: str, offset: str) -> bool:
        """Tell whether the state has that capture, and heard of its URL since.

        The process may have ended in between.
        """
        known = [one for one in self._state.captures(url) if (one.warc, str(one.offset)) == (warc, offset)]
        entry = self._state.entry(url)
        waits = entry is not None and entry.outcome in OPEN
        return bool(known) and not (waits and entry is not None and entry.updated_at <= known[0].captured_at)

    def _enter_capture(self, item: ArchivedCapture) -> None:
        """Enter a salvaged capture; its page is then one that was captured and not parsed."""
        known = item.provenance
        if known is None or self._state.run(known.run) is None:
            return  # not of this state: `warraq rebuild` takes such in
        url = item.capture.url
        self._state.add_capture(item.capture, run=known.run, site=known.site, role=known.role)
        entry = self._state.entry(url)
        is_open = entry is None or entry.outcome in OPEN
        if is_open and why_no_page(item.capture, known, error=item.error) is None:
            self._state.settle(url, "captured", run=known.run, capture=item.capture, role=known.role)

    async def _parse_again(self, url: str, run: str, road: Road, profiles: ProfileShelf) -> None:
        """Parse the last capture of `url`, from the spool or the store; without one, `url` is to be fetched again."""
        capture, item = await asyncio.to_thread(self._find, self._state.captures(url))
        if capture is None or item is None or item.provenance is None:
            _log.warning("the capture of a page that was not parsed cannot be read", url=url)
            self._state.settle(
                url, "lost", run=run, reason="capture_unreadable", following=Following(next_try_at=self._clock.now())
            )
            return
        known = item.provenance
        own = await asyncio.to_thread(in_force, profiles, known.site, capture.captured_at)
        result = await road.with_profiles(own).parse(capture, known, item.response, head=item.head)
        with Staging(self._staging / f"{known.run}.jsonl") as staging:
            emit(result, capture, frontier=self._frontier(url, run, known, road), stage=staging.add)

    def _frontier(self, url: str, run: str, known: Provenance, road: Road) -> LedgerFrontier:
        """Return the frontier of the run that captured `url`, as far as settling one page needs it."""
        site = road.recipe.site_of(url, known)
        begun = self._state.run(run)
        assert begun is not None  # the ledger refers to it
        frontier = LedgerFrontier(self._state, begun, site, clock=self._clock, scope=Scope.of(site), max_pages=0)
        if known.earlier is not None:
            frontier.visit_again(url)
        return frontier

    def _find(self, captures: Sequence[Capture]) -> tuple[Capture | None, ArchivedCapture | None]:
        """Return the latest of `captures` that is a page, with what the archive has of it."""
        for capture in reversed([one for one in captures if one.kind != "revisit" and is_answer(one.status)]):
            try:
                item = self._read(capture)
            except BadArchive as error:
                _log.warning("a capture cannot be read", url=capture.url, error=str(error))
                continue
            if item is not None:
                return capture, item
        return None, None

    def _read(self, capture: Capture) -> ArchivedCapture | None:
        for _ in range(_LOOKS):
            path = self._spool.find(capture.warc)
            if path is None:
                break
            with suppress(FileNotFoundError):  # sealed, or shipped and removed, by the process that wrote it
                return read_one(path, capture.offset, name=capture.warc)
        receipt = self._state.receipt(capture.warc)
        if receipt is None:
            return None
        with self._store.open(receipt.key) as stream:
            return read_one(stream, capture.offset, name=capture.warc)
