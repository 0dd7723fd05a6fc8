"""Killed at every step: python benchmarks/kills.py

A process keeps pages, seals, ships, stages and publishes articles, with the state beside it, and is killed (SIGKILL's
way: at once, nothing is cleaned up) at a seeded draw of a step: before or after one of its renames, links, unlinks,
fsyncs, PUTs and commits. Another takes up what it left, as the next start does, and finishes. Then it is judged:

* lost: a capture that was acknowledged and is not in the store;
* doubled: one that is there twice, or a page that is fetched again though it was kept;
* unknown: a capture in the store that the state does not know, or the other way round;
* litter: what `verify` finds in store and spool that nobody will ever read; and whatever else it finds;
* rebuilt: the state made anew from the store does not have the same captures, receipts, outcomes and articles.

Half of the kills with a folder as the store, half with a real S3 server (OpenStack Swift).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import msgspec  # noqa: E402 - found by the line above

from crawler.archive.articles import Staging  # noqa: E402
from crawler.archive.profiles import ProfileShelf  # noqa: E402
from crawler.archive.read.captures import ArchivedCapture, read_captures  # noqa: E402
from crawler.archive.store import Store, open_store  # noqa: E402
from crawler.clock import SystemClock  # noqa: E402
from crawler.config import Config, load  # noqa: E402
from crawler.errors import StoreError  # noqa: E402
from crawler.http.blocks import Block, MemoryBlock  # noqa: E402
from crawler.http.head import stored_head  # noqa: E402
from crawler.model.capture import Announcement, Provenance  # noqa: E402
from crawler.model.exchange import Exchange, Timings  # noqa: E402
from crawler.model.run import Run  # noqa: E402
from crawler.run.live.outbox import Outbox  # noqa: E402
from crawler.run.live.recovery import Recovery  # noqa: E402
from crawler.run.live.services import open_spool  # noqa: E402
from crawler.run.offline.evidence import verify_archive  # noqa: E402
from crawler.run.offline.rebuild import rebuild  # noqa: E402
from crawler.run.parsing.page_task import PageTask, TaskResult, in_memory  # noqa: E402
from crawler.run.parsing.perform import perform  # noqa: E402
from crawler.run.parsing.recipe import Recipe  # noqa: E402
from crawler.run.parsing.road import Road  # noqa: E402
from crawler.run.state_folder import STAGING  # noqa: E402
from crawler.state import State, Told, open_state, owner  # noqa: E402
from crawler.state.sqlite import SqliteDatabase  # noqa: E402
from tests.swift import ACCESS_KEY, REGION, SECRET_KEY, running  # noqa: E402

PAGES = 6
STEPS = ("rename", "replace", "link", "unlink", "fsync", "fdatasync", "put", "commit")
CLOCK = SystemClock()
RUNS = ("20261123T184104Z-gazette-0a1b", "20261123T194104Z-gazette-0a1c")
"""The one that is killed, and that of the next start."""


class Pool:
    """Parses in this process."""

    size = 1

    async def parse(self, task: PageTask, response: Block | None = None) -> TaskResult:
        return perform(msgspec.structs.replace(task, place=in_memory(response)) if response is not None else task)


class Steps:
    """Counts the steps of this process, and ends it at one of them."""

    def __init__(self, fatal: tuple[str, int, str] | None) -> None:
        self.counts: Counter[str] = Counter()
        self.fatal = fatal

    def watch(self, store: Store) -> None:
        for name in ("rename", "replace", "link", "unlink", "fsync", "fdatasync"):
            setattr(os, name, self._stepping(name, getattr(os, name)))
        kind = type(store)
        kind.put = self._stepping("put", kind.put)  # type: ignore[method-assign]
        execute = SqliteDatabase._execute
        commit = self._stepping("commit", execute)
        SqliteDatabase._execute = lambda own, sql, values: (commit if sql == "COMMIT" else execute)(own, sql, values)  # type: ignore[method-assign]

    def _stepping(self, name: str, call: Callable) -> Callable:
        def step(*args, **kwargs):
            self.counts[name] += 1
            here = (name, self.counts[name])
            if self.fatal is not None and self.fatal[:2] == here and self.fatal[2] == "before":
                os._exit(9)
            result = call(*args, **kwargs)
            if self.fatal is not None and self.fatal[:2] == here:
                os._exit(9)
            return result

        return step


def url(number: int) -> str:
    return f"http://news.example/story-{number}.html"


def exchange(number: int) -> Exchange:
    text = "".join(
        f"<p>{f'The council of the harbour met again about bridge number {number}. ' * 3}</p>" for _ in range(5)
    )
    body = f"<html lang=en><body><article><h1>Story {number}</h1>{text}</article></body></html>".encode()
    block = MemoryBlock(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    )
    return Exchange(
        url=url(number), method="GET", captured_at=datetime.now(UTC), response=block, head=stored_head(block),
        request=f"GET /story-{number}.html HTTP/1.1\r\nHost: news.example\r\n\r\n".encode(), ip_address="192.0.2.1",
        payload_sha1=hashlib.sha1(body).digest(), payload_sha256=hashlib.sha256(body).digest(), payload_size=len(body),
        timings=Timings(total_s=0.1),
    )  # fmt: skip


def provenance(run: str, number: int) -> Provenance:
    announced = Announcement(url=url(number), role="article", source="seed")
    return Provenance(run=run, site="gazette", role="article", announcement=announced)


async def live(config: Config, store: Store, run: str, tell: Callable[[str], None]) -> None:
    """What a crawl does with pages that come, taken up where another left it."""
    folder = Path(config.state.dir)
    with open_state(config.state, clock=CLOCK) as state:
        spool = open_spool(config, CLOCK)
        with contextlib.suppress(StoreError):  # as a crawl does: the store may be away at the start
            store.sweep()
        outbox = Outbox(spool, store, state, config.spool, folder, CLOCK)
        road = Road(Recipe(), Pool())  # type: ignore[arg-type]
        await Recovery(spool, store, state, folder, CLOCK).recover(road, ProfileShelf(store, CLOCK))
        state.add_run(Run(id=run, site="gazette", trigger="command", queued_at=CLOCK.now()))
        state.start_run(run, worker=owner("kills"))
        told = [Told(provenance(run, n).announcement, url(n), CLOCK.now()) for n in range(PAGES)]
        state.announce(run, "gazette", told)
        with Staging(folder / STAGING / f"{run}.jsonl") as staging:
            for number in range(PAGES):
                entry = state.entry(url(number))
                if entry is not None and entry.outcome in ("captured", "parsed"):
                    continue
                tell(f"fetched {number}")
                known = provenance(run, number)
                capture = await spool.record(exchange(number), known)
                tell(f"kept {capture.record_id}")
                state.add_capture(capture, run=run, site="gazette", role="article")
                state.settle(url(number), "captured", run=run, capture=capture, role="article")
                result = await road.parse(capture, known, exchange(number).response, head=None)
                staging.add(result.line)
                state.settle(url(number), "parsed", run=run, capture=capture, article_id=result.article_id)
                if number == PAGES // 2:
                    await spool.seal()
                    await outbox.ship()
        await outbox.publish(run)
        state.finish_run(run, "done", None)
        await spool.seal()
        await outbox.ship()
        await spool.close()
        await outbox.ship()


def forked(config: Config, folder: Path, run: str, fatal: tuple[str, int, str] | None) -> tuple[int, Counter[str]]:
    """Do it in a process of its own; return its exit code, and the steps if it came to its end."""
    log, counts = folder / "log", folder / "counts"
    child = os.fork()
    if not child:
        code = 1
        try:
            store = open_store(config.storage)
            steps = Steps(fatal)
            steps.watch(store)
            handle = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
            asyncio.run(live(config, store, run, lambda line: os.write(handle, line.encode() + b"\n") and None))
            counts.write_text(json.dumps(steps.counts))
            code = 0
        except BaseException as error:  # noqa: BLE001 - told by the code
            (folder / "error").write_text(repr(error))
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return code, Counter(json.loads(counts.read_text())) if code == 0 else Counter()


def known(state: State) -> dict[str, object]:
    return {
        "captures": sorted(
            (c.url, c.warc, c.offset, c.record_id) for n in range(PAGES) for c in state.captures(url(n))
        ),
        "receipts": sorted((r.warc, r.sha256, r.cdxj_sha256) for r in state.receipts()),
        "outcomes": [(e.outcome, e.article_id) for n in range(PAGES) if (e := state.entry(url(n))) is not None],
        "articles": sorted((a.url, a.path, a.article_id) for n in range(PAGES) for a in state.articles(url(n))),
    }


def judged(config: Config, folder: Path) -> Counter[str]:
    """Return what is wrong, by kind."""
    wrong: Counter[str] = Counter()
    store = open_store(config.storage)
    log = (folder / "log").read_text().splitlines()
    kept = {line.split()[1] for line in log if line.startswith("kept ")}
    held: Counter[str] = Counter()
    pages: Counter[str] = Counter()
    for stored in store.list("warc/"):
        if stored.key.endswith(".warc.gz"):
            with store.open(stored.key) as stream:
                for item in read_captures(stream, name=stored.key.rpartition("/")[2]):
                    if isinstance(item, ArchivedCapture):
                        held[item.capture.record_id] += 1
                        pages[item.capture.url] += item.notes is not None
    wrong["lost"] = len(kept - held.keys()) + sum(not pages[url(n)] for n in range(PAGES))
    wrong["doubled"] = sum(n - 1 for n in held.values()) + sum(max(0, n - 1) for n in pages.values())
    faults = [fault for report in verify_archive(config, store, clock=CLOCK) for fault in report.faults]
    for fault in faults:
        wrong["litter" if "left it" in fault.what else "unknown" if "state" in fault.what else "verify"] += 1
        print("   ", fault)
    again = msgspec.structs.replace(config.state, dir=str(folder / "again"))
    asyncio.run(rebuild(store, again, recipe=Recipe(), pool=Pool()))  # type: ignore[arg-type]
    with open_state(config.state, clock=CLOCK) as one, open_state(again, clock=CLOCK) as other:
        if known(one) != known(other):
            wrong["rebuilt"] += 1
            print("    state  ", known(one), "\n    rebuilt", known(other))
    return +wrong


def trial(
    name: str, url_of: Callable[[int], dict[str, object]], kills: int, chance: random.Random, until: float
) -> Counter[str]:
    total: Counter[str] = Counter()
    done: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for number in range(kills + 1):
        if time.monotonic() > until:
            break
        folder = Path(tempfile.mkdtemp(prefix="warraq-kills-"))
        settings = {
            "state.dir": str(folder / "state"),
            "spool.min_free_bytes": 0,
            "spool.grace_s": 0.0,
            **url_of(number),
        }
        config = load(
            overrides={
                key: str(value).format(folder=folder) if key == "storage.url" else value
                for key, value in settings.items()
            }
        )
        fatal = None
        if number:
            step = chance.choice([one for one in STEPS if counts[one]])
            fatal = (step, chance.randint(1, counts[step]), chance.choice(["before", "after"]))
        code, seen = forked(config, folder, RUNS[0], fatal)
        if not number:
            counts = seen
            print(f"{name}: steps of one episode: {dict(counts)}")
        if code == 9:
            assert fatal is not None
            done[f"{fatal[0]} {fatal[2]}"] += 1
        elif code:
            print("    failed before its kill:", fatal, code, *(path.read_text() for path in folder.glob("error")))
            total["failed"] += 1
        again, _ = forked(config, folder, RUNS[1], None)
        if again:
            print("    the next start failed:", fatal, again, *(path.read_text() for path in folder.glob("error")))
            total["failed"] += 1
        wrong = judged(config, folder)
        if wrong:
            print(f"    {fatal}: {dict(wrong)}")
        total += wrong
        shutil.rmtree(folder)
    total["kills"] = sum(done.values())
    print(f"{name}: {total['kills']} kills: {dict(sorted(done.items()))}", flush=True)
    return total


def main(kills: int = 300, seed: int = 1, minutes: int = 60) -> int:
    chance = random.Random(seed)
    started = time.monotonic()
    total = trial("folder", lambda _: {"storage.url": "file:{folder}/data"}, kills // 2, chance, started + minutes * 30)
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as swift:
        os.environ |= {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}
        bucket = swift.make_bucket()
        total += trial(
            "Swift",
            lambda number: {
                "storage.url": f"s3://{bucket}/{number}", "storage.endpoint_url": swift.endpoint_url,
                "storage.region": REGION,
            },
            kills - kills // 2,
            chance,
            started + minutes * 60,
        )  # fmt: skip
    kinds = ("lost", "doubled", "unknown", "litter", "verify", "rebuilt", "failed")
    print(
        ", ".join(f"{kind} {total[kind]}" for kind in kinds),
        f"({total['kills']} kills, seed {seed}, {time.monotonic() - started:.0f} s)",
    )
    return 1 if any(total[kind] for kind in kinds) else 0


if __name__ == "__main__":
    reading = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reading.add_argument("kills", type=int, nargs="?", default=300, help="how many (300)")
    reading.add_argument("seed", type=int, nargs="?", default=1)
    reading.add_argument("minutes", type=int, nargs="?", default=60, help="after which no more are begun (60)")
    sys.exit(main(**vars(reading.parse_args())))
