"""What waits for the store goes there as soon as it can, once, and whatever is in its way holds up nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from crawler.archive.run_ends import RunEnd
from crawler.archive.store.folder import FileStore
from crawler.archive.takedowns import enter
from crawler.clock import SystemClock
from crawler.config import Config, load
from crawler.errors import ArchiveError, StoreUnavailable
from crawler.model.capture import Provenance
from crawler.model.run import Run
from crawler.model.takedown import Takedown
from crawler.run.live.outbox import Outbox
from crawler.run.live.services import open_spool
from crawler.run.state_folder import STAGING
from crawler.state import State, open_state
from tests.archive.archive_factory import exchange

RUN, OTHER = "20261123T184104Z-gazette-0a1b", "20261123T184104Z-gazette-0a1c"
CLOCK = SystemClock()
ENDED = RunEnd(run=RUN, site="gazette", state="done", reason=None, ended_at=datetime(2026, 11, 23, 19, tzinfo=UTC))
AT = datetime(2026, 11, 23, 18, 41, 5, tzinfo=UTC)
LINES = f"articles/gazette/2026/11/23/{RUN}/articles.jsonl"


class Store(FileStore):
    """A folder that may be out of reach."""

    is_down = False

    def put(self, *arguments, **more):
        if self.is_down:
            raise StoreUnavailable("no answer")
        return super().put(*arguments, **more)

    def put_many(self, *arguments, **more):
        if self.is_down:
            raise StoreUnavailable("no answer")
        super().put_many(*arguments, **more)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    places = {"state.dir": str(tmp_path / "state"), "storage.url": f"file:{tmp_path}/data"}
    return load(overrides={**places, "spool.min_free_bytes": 0, "spool.grace_s": 0.0})


@pytest.fixture
def state(config: Config) -> Iterator[State]:
    with open_state(config.state, clock=CLOCK) as opened:
        for run in (RUN, OTHER):
            opened.add_run(Run(id=run, site="gazette", trigger="command", queued_at=CLOCK.now()))
            opened.finish_run(run, "done", None)
        yield opened


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "data")


@pytest.fixture
def outbox(config: Config, state: State, store: Store) -> Iterator[Outbox]:
    spool = open_spool(config, CLOCK)
    known = Provenance(run=RUN, site="gazette", role="article")
    asyncio.run(spool.record(exchange(url="https://news.example/1", captured_at=CLOCK.now()), known))
    asyncio.run(spool.seal())
    yield Outbox(spool, store, state, config.spool, Path(config.state.dir), CLOCK)
    asyncio.run(spool.close())


@pytest.fixture
def staging(config: Config, outbox: Outbox) -> Path:
    made = Path(config.state.dir) / STAGING
    made.mkdir(exist_ok=True)
    return made


def line(url: str, run: str = RUN) -> bytes:
    told = {
        "id": "a" * 16, "url": url, "site": "gazette", "run": run, "captured_at": "2026-11-23T18:41:05.000000Z",
        "title": "A bridge", "text": "It stands.", "word_count": 2, "parser_version": "1",
    }  # fmt: skip
    return msgspec.json.encode(told) + b"\n"


def test_files_articles_and_ends_go_to_the_store_and_the_state_learns_of_them(
    outbox: Outbox, staging: Path, store: Store, state: State
) -> None:
    (staging / f"{RUN}.jsonl").write_bytes(line("https://news.example/1"))
    (staging / f"{RUN}.end.json").write_bytes(msgspec.json.encode(ENDED))
    assert asyncio.run(outbox.ship()) == ()
    assert list(staging.iterdir()) == []
    assert {stored.key for stored in store.list()} >= {LINES, ENDED.key}
    assert [row.path.rpartition("/")[0] for row in state.articles("https://news.example/1")] == [LINES[:-15]]
    assert [receipt.key for receipt in state.receipts()] == [one.key for one in store.list("warc/")][1:]
    assert asyncio.run(outbox.ship()) == ()


def test_what_the_store_does_not_take_waits_and_is_told_each_time(
    outbox: Outbox, staging: Path, store: Store, state: State
) -> None:
    staged = line("https://news.example/1")
    (staging / f"{RUN}.jsonl").write_bytes(staged)
    store.is_down = True
    assert asyncio.run(outbox.keep_end(ENDED)) == (f"the end of run {RUN}: no answer",)
    for _ in range(2):
        warc, articles, end = asyncio.run(outbox.ship())
        assert "no answer" in warc
        assert (articles, end) == (f"articles of run {RUN}: no answer", f"the end of run {RUN}: no answer")
    assert (staging / f"{RUN}.jsonl").read_bytes() == staged
    assert state.articles("https://news.example/1") == []
    store.is_down = False
    assert asyncio.run(outbox.ship()) == ()
    assert list(staging.iterdir()) == []
    assert store.get(ENDED.key) == msgspec.json.encode(ENDED)


def test_the_articles_of_a_run_that_goes_on_wait_for_its_end(
    outbox: Outbox, staging: Path, store: Store, state: State
) -> None:
    going = "20261123T184104Z-gazette-0a1d"
    state.add_run(Run(id=going, site="gazette", trigger="command", queued_at=CLOCK.now()))
    state.start_run(going, worker="w")
    (staging / f"{going}.jsonl").write_bytes(line("https://news.example/1", going))
    (staging / "unknown.jsonl").write_bytes(line("https://news.example/2", "unknown"))
    assert asyncio.run(outbox.ship()) == ()
    assert [path.name for path in staging.iterdir()] == [f"{going}.jsonl"]
    (published,), trouble = asyncio.run(outbox.publish(going))
    assert (len(published.documents), trouble) == (1, ())
    assert list(staging.iterdir()) == []


def test_what_a_disk_did_to_one_run_holds_up_no_other(outbox: Outbox, staging: Path, store: Store) -> None:
    for run, damage in ((RUN, b'{"id":\n'), (OTHER, b'{"id":"\xff"}\n')):
        (staging / f"{run}.jsonl").write_bytes(damage)
        (staging / f"{run}.end.json").write_bytes(damage)
    (staging / "unknown.jsonl").write_bytes(line("https://news.example/2", "unknown"))
    trouble = asyncio.run(outbox.ship())
    assert [what.partition(":")[0] for what in trouble] == [
        f"articles of run {RUN}", f"articles of run {OTHER}", f"the end of run {RUN}", f"the end of run {OTHER}",
    ]  # fmt: skip
    assert len(list(staging.iterdir())) == 4
    assert store.head(LINES.replace(RUN, "unknown")) is not None


def test_what_was_taken_down_meanwhile_is_not_published_and_forgotten(
    outbox: Outbox, staging: Path, store: Store, state: State
) -> None:
    urls = ["https://news.example/1", "https://news.example/2"]
    (staging / f"{RUN}.jsonl").write_bytes(b"".join(map(line, urls)))
    for url in urls:
        state.add_article(
            article_id="a" * 16, url=url, site="gazette", run=RUN, captured_at=AT,
            title="A bridge", published_at=None, path="articles/x",
        )  # fmt: skip
    enter(store, Takedown(url=urls[0], reason="court order", at="2026-11-24T00:00:00Z"), CLOCK.now())
    assert asyncio.run(outbox.publish(RUN))[1] == ()
    assert [len(state.articles(url)) for url in urls] == [0, 1]
    assert [msgspec.json.decode(one)["url"] for one in store.get(LINES).splitlines()] == urls[1:]


def test_a_decision_that_cannot_be_read_keeps_the_articles_back(outbox: Outbox, staging: Path, store: Store) -> None:
    (staging / f"{RUN}.jsonl").write_bytes(line("https://news.example/1"))
    store.put("takedowns/20261124000000-000000000000.json", b"{")
    (trouble,) = asyncio.run(outbox.ship())
    assert trouble.startswith(f"articles of run {RUN}: ")
    assert (staging / f"{RUN}.jsonl").exists()
    assert store.head(LINES) is None


def test_an_end_is_on_this_disk_before_the_store_is_asked(outbox: Outbox, staging: Path, store: Store) -> None:
    assert asyncio.run(outbox.keep_end(ENDED)) == ()
    assert (store.get(ENDED.key), list(staging.iterdir())) == (msgspec.json.encode(ENDED), [])
    (staging / f"{RUN}.end.json").mkdir()
    with pytest.raises(ArchiveError, match="make the state folder writable"):
        asyncio.run(outbox.keep_end(ENDED))
    assert outbox._put_end(staging / "gone.end.json") == ()


def test_what_another_process_brought_to_the_store_meanwhile_is_no_trouble(
    outbox: Outbox, staging: Path, store: Store, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    (staging / f"{RUN}.jsonl").write_bytes(line("https://news.example/1"))
    put, put_many = Store.put, Store.put_many

    def faster(own: Store, *arguments, **more):
        done = put(own, *arguments, **more)
        (staging / f"{RUN}.end.json").unlink(missing_ok=True)
        return done

    def faster_with_many(own: Store, *arguments, **more):
        put_many(own, *arguments, **more)
        (staging / f"{RUN}.jsonl").unlink(missing_ok=True)

    monkeypatch.setattr(Store, "put", faster)
    monkeypatch.setattr(Store, "put_many", faster_with_many)
    assert asyncio.run(outbox.keep_end(ENDED)) == ()
    assert asyncio.run(outbox.ship()) == ()
    assert (store.head(LINES) is not None, list(staging.iterdir())) == (True, [])
