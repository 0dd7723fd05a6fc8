"""What a process that was killed left is taken up at each place it may have come to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import msgspec
import pytest

from crawler.archive.profiles import ProfileShelf
from crawler.archive.store import Store, open_store
from crawler.archive.write.seal import companion
from crawler.archive.write.spool import Spool
from crawler.clock import SystemClock
from crawler.config import load
from crawler.http.blocks import Block
from crawler.model.capture import Announcement, Capture, Provenance
from crawler.model.run import Run
from crawler.run.live.outbox import Outbox
from crawler.run.live.recovery import Recovery
from crawler.run.live.services import open_spool
from crawler.run.parsing.page_task import PageTask, TaskResult, in_memory
from crawler.run.parsing.perform import perform
from crawler.run.parsing.pool import ParsePool
from crawler.run.parsing.recipe import Recipe
from crawler.run.parsing.road import Road
from crawler.run.state_folder import STAGING
from crawler.state import State, Told, open_state
from tests.archive.archive_factory import exchange as exchange_of

RUN = "20261123T184104Z-gazette-0a1b"
URL = "https://news.example/story"
CLOCK = SystemClock()
TEXT = "".join(f"<p>{'The council of the harbour met again about the bridge. ' * 4}</p>" for _ in range(4))
BODY = f"<html lang=en><body><article><h1>A bridge</h1>{TEXT}</article></body></html>".encode()
PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)
KNOWN = Provenance(
    run=RUN, site="gazette", role="article", announcement=Announcement(url=URL, role="article", source="seed")
)


class Pool:
    """Parses in this process."""

    size = 1

    async def parse(self, task: PageTask, response: Block | None = None) -> TaskResult:
        return perform(msgspec.structs.replace(task, place=in_memory(response)) if response is not None else task)


class Machine:
    """A machine on which a crawl was killed: its state, its spool, its store."""

    def __init__(self, folder: Path) -> None:
        self.config = load(
            overrides={
                "state.dir": str(folder / "state"),
                "storage.url": f"file:{folder / 'data'}",
                "spool.min_free_bytes": 0,
                "spool.grace_s": 0.0,
            }
        )
        self.folder = Path(self.config.state.dir)
        self.folder.mkdir()
        self.store: Store = open_store(self.config.storage)

    async def crawl(self, state: State, *, until: str, answer: bytes = PAGE, run: str = RUN) -> Capture:
        """Keep a page, seal and ship it; be killed when `until` is reached: kept, entered, settled, sealed, shipped."""
        spool = open_spool(self.config, CLOCK)
        state.add_run(Run(id=RUN, site="gazette", trigger="command", queued_at=CLOCK.now()))
        state.start_run(RUN, worker="nobody 999999 0 gone")
        state.announce(RUN, "gazette", [Told(cast("Announcement", KNOWN.announcement), URL, CLOCK.now())])
        capture = await spool.record(
            exchange_of(answer, url=URL, captured_at=CLOCK.now()), msgspec.structs.replace(KNOWN, run=run)
        )
        if not until.startswith("kept"):
            state.add_capture(capture, run=RUN, site="gazette", role="article")
        if until in ("settled", "sealed", "shipped"):
            state.settle(URL, "captured", run=RUN, capture=capture, role="article")
        if until in ("sealed", "shipped", "kept sealed"):
            await spool.seal()
        if until == "shipped":
            assert await self._outbox(spool, state).ship() == ()
        spool._lane.release()  # as if the process had died
        return capture

    async def start_again(self, state: State) -> Spool:
        spool = open_spool(self.config, CLOCK)
        road = Road(Recipe(), cast("ParsePool", Pool()))
        await Recovery(spool, self.store, state, self.folder, CLOCK).recover(road, ProfileShelf(self.store, CLOCK))
        return spool

    def staged(self) -> list[str]:
        return [path.name for path in (self.folder / STAGING).glob("*.jsonl") if path.stat().st_size]

    def _outbox(self, spool: Spool, state: State) -> Outbox:
        return Outbox(spool, self.store, state, self.config.spool, self.folder, CLOCK)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def state(machine: Machine) -> Iterator[State]:
    with open_state(machine.config.state, clock=CLOCK) as opened:
        yield opened


@pytest.mark.parametrize("until", ["kept", "kept sealed", "entered", "settled", "sealed", "shipped"])
def test_wherever_it_was_killed_the_page_is_known_and_parsed_once(machine: Machine, state: State, until: str) -> None:
    async def work() -> None:
        capture = await machine.crawl(state, until=until)
        for _ in range(2):  # the second time there is nothing left to do
            spool = await machine.start_again(state)
            entry = state.entry(URL)
            assert entry is not None
            assert (entry.outcome, len(state.captures(URL))) == ("parsed", 1)
            assert state.captures(URL)[0].record_id == capture.record_id
            assert machine.staged() == [f"{RUN}.jsonl"]
            assert len((machine.folder / STAGING / f"{RUN}.jsonl").read_bytes().splitlines()) == 1
            await spool.close()

    asyncio.run(work())


def test_a_later_capture_of_a_page_that_is_known_is_entered_too(machine: Machine, state: State) -> None:
    async def work() -> None:
        await machine.crawl(state, until="sealed")
        spool = await machine.start_again(state)
        await spool.record(exchange_of(PAGE, url=URL, captured_at=CLOCK.now()), KNOWN)
        await spool.close()
        await (await machine.start_again(state)).close()

    asyncio.run(work())
    assert len(state.captures(URL)) == 2


def test_the_run_of_a_process_that_is_gone_is_no_longer_under_way(machine: Machine, state: State) -> None:
    async def work() -> None:
        await machine.crawl(state, until="settled")
        await (await machine.start_again(state)).close()

    asyncio.run(work())
    run = state.run(RUN)
    assert run is not None
    assert run.state == "interrupted"


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [(PAGE, "parsed"), (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "announced")],
    ids=["a page", "no page"],
)
def test_what_is_no_page_is_entered_and_not_parsed(machine: Machine, state: State, answer: bytes, outcome: str) -> None:
    async def work() -> None:
        await machine.crawl(state, until="kept", answer=answer)
        await (await machine.start_again(state)).close()

    asyncio.run(work())
    entry = state.entry(URL)
    assert entry is not None
    assert (entry.outcome, len(state.captures(URL))) == (outcome, 1)


def test_a_page_that_was_settled_otherwise_stays_so(machine: Machine, state: State) -> None:
    async def work() -> None:
        await machine.crawl(state, until="kept")
        state.settle(URL, "failed", run=RUN, reason="status")
        await (await machine.start_again(state)).close()

    asyncio.run(work())
    entry = state.entry(URL)
    assert entry is not None
    assert (entry.outcome, len(state.captures(URL)), machine.staged()) == ("failed", 1, [])


def test_captures_of_a_run_that_this_state_does_not_know_are_left_to_rebuild(machine: Machine, state: State) -> None:
    async def work() -> None:
        await machine.crawl(state, until="kept", run="20261123T184104Z-other-0a1b")
        await (await machine.start_again(state)).close()

    asyncio.run(work())
    assert state.captures(URL) == []


@pytest.mark.parametrize("damage", [b"", b"\xff not a line\n"], ids=["empty", "odd"])
def test_a_damaged_index_in_the_spool_hides_no_capture(machine: Machine, state: State, damage: bytes) -> None:
    async def work() -> None:
        await machine.crawl(state, until="kept sealed")
        (warc,) = machine.folder.rglob("*.warc.gz")
        if damage:
            companion(warc, ".cdxj").write_bytes(damage)
        await (await machine.start_again(state)).close()

    asyncio.run(work())
    assert len(state.captures(URL)) == 1


@pytest.mark.parametrize(
    "spoil",
    [lambda path: path.write_bytes(b"\0" * path.stat().st_size), lambda path: path.unlink()],
    ids=["unreadable", "gone"],
)
def test_a_page_whose_capture_cannot_be_read_is_lost_and_fetched_again(
    machine: Machine, state: State, spoil: Callable[[Path], object]
) -> None:
    async def work() -> None:
        await machine.crawl(state, until="sealed")
        (warc,) = machine.folder.rglob("*.warc.gz")
        spoil(warc)
        await (await machine.start_again(state)).close()

    asyncio.run(work())
    entry = state.entry(URL)
    assert entry is not None
    assert (entry.outcome, entry.reason, machine.staged()) == ("lost", "capture_unreadable", [])
    assert entry.next_try_at is not None
    assert entry.next_try_at <= CLOCK.now()
