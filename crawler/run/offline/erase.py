"""Erasing what was taken down: in the store, on this machine's disk, and in what the state remembers of it."""

from __future__ import annotations

__all__ = ["Erased", "erase", "is_held"]

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import msgspec

from crawler.archive.articles import Batch, LineReader
from crawler.archive.erase import erase_articles, erase_from
from crawler.archive.read.catalogue import read_index, stored_warcs
from crawler.archive.read.cdxj import parse_line
from crawler.archive.store import Store
from crawler.archive.takedowns import Decision, Erasure, erasures
from crawler.archive.write.ship import Shipper
from crawler.archive.write.spool_folder import OPEN_SUFFIX, lanes
from crawler.clock import Clock
from crawler.errors import ArchiveError, BadArchive
from crawler.model.article import ArticleHead
from crawler.model.takedown import NOTHING_TAKEN_DOWN, Takedown, TakenDown
from crawler.run.receipts import keep_receipt
from crawler.run.state_folder import SPOOL, STAGING
from crawler.state import State

_ANSWERS = ("response", "revisit")


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """What was done."""

    files: int
    """WARC files that were written anew, by this call or one before it that was interrupted."""
    records: int
    captures: int
    articles: int


def erase(
    store: Store,
    state: State,
    decision: Decision,
    *,
    folder: Path,
    clock: Clock,
    on_file: Callable[[str], None] | None = None,
) -> Erased:
    """Erase what `decision` covers from `store`, from `folder` (of the state) and from `state`. Blocking.

    Nobody else may use the state meanwhile. Interrupted anywhere, it goes on when called again. Raises ArchiveError if
    something waits in the spool that cannot be shipped, BadArchive, StoreError, StateError.
    """
    _empty_spool(store, state, folder, clock)
    for _ in erase_from(store, decision, on_file):
        pass  # what was done is read from where it is kept: an interrupted call did some of it
    done = [one for one in erasures(store) if one.takedown == decision.key]
    for erasure in done:
        _forget(state, erasure, clock)
    gone, left = erase_articles(store, decision)
    batches = {one.batch for one in gone}
    with state.transaction():
        for one in gone:
            state.forget_article(one.url, one.captured_at)
        for document in left:
            if any(Batch.holding(row.path).prefix in batches for row in state.articles(document.head.url)):
                state.enter_article(document.head, path=document.key, line_sha256=document.line_sha256)
    return Erased(
        files=len(done),
        records=sum(len(one.records) for one in done),
        captures=sum(record.type in _ANSWERS for one in done for record in one.records),
        articles=len(gone),
    )


def _forget(state: State, erasure: Erasure, clock: Clock) -> None:
    """Take the captures that `erasure` removed out of `state`, and note what the file is now."""
    warc = erasure.key.rpartition("/")[2]
    receipt = state.receipt(warc)
    with state.transaction():
        for record in erasure.records:
            if record.type in _ANSWERS:
                state.forget_capture(warc, record.offset)
        if receipt is not None and receipt.sha256 == erasure.before_sha256:
            state.add_receipt(
                warc=warc,
                key=erasure.key,
                size_bytes=erasure.size,
                sha256=erasure.after_sha256,
                etag=None,
                cdxj_sha256=erasure.after_index_sha256 or None,
                shipped_at=clock.now(),
            )


def is_held(store: Store, one: Takedown) -> bool:
    """Tell whether `store` has anything that `one` is about: by names and indexes, only else by reading the articles.

    Raises StoreError.
    """
    if one.site is not None and next(iter(store.list(Batch.of_site(one.site))), None) is not None:
        return True
    about = TakenDown((one,))
    for warc in stored_warcs(store):
        for line in read_index(store, warc).splitlines():
            with suppress(BadArchive):  # `warraq verify` tells of it
                if about.covers(parse_line(line)[2].url):
                    return True
    reader = LineReader(store, withheld=NOTHING_TAKEN_DOWN)
    heads = (head for batch in reader.batches() for _, head in reader.numbered(batch, ArticleHead))
    return any(
        about.covers(head.url, head.site, others=(head.canonical_url,))
        for head in heads
        if not isinstance(head, BadArchive)
    )


def _empty_spool(store: Store, state: State, folder: Path, clock: Clock) -> None:
    """Ship what waits and remove what was shipped: what is to be erased may lie there. Raises ArchiveError."""
    spool = folder / SPOOL
    report = Shipper(spool, store, clock=clock, grace_s=0.0, on_receipt=partial(keep_receipt, state)).ship_ready()
    if report.waiting:
        raise ArchiveError(
            f"{report.waiting} files wait in {spool} and cannot be shipped: {'; '.join(report.problems)}",
            next_step="nothing was erased; see to the store and try again",
        )
    left = [path for lane in (spool, *lanes(spool)) for path in lane.glob(f"*{OPEN_SUFFIX}")]
    staged = list((folder / STAGING).glob("*.jsonl"))
    if left or staged:
        raise ArchiveError(
            f"{(left or staged)[0]} was left by a run that was interrupted",
            next_step="nothing was erased; any `warraq crawl` takes it up, then try again",
        )
