"""Learning from archives of any origin: which files are read, which captures count."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from crawler.archive.store.folder import FileStore
from crawler.clock import FixedClock
from crawler.config import load
from crawler.parse.profile.learn import Lesson
from crawler.run.offline.learn import keep, learn
from crawler.run.offline.sources import find_sources
from crawler.run.parsing.pool import ParsePool
from tests.run.gazette_archive import archive

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


def lessons(folder: Path, **options: object) -> dict[str, Lesson]:
    config = load()

    async def work() -> dict[str, Lesson]:
        async with ParsePool(msgspec.structs.replace(config.parse, processes=1)) as pool:
            return await learn(find_sources([str(folder)], config.storage), pool=pool, sites={}, **options)  # type: ignore[arg-type]

    return asyncio.run(work())


def test_each_site_learns_from_its_own_captures(tmp_path: Path):
    archive(tmp_path / "w" / "a.warc.gz", range(14), at=datetime(2026, 11, 20, 10, tzinfo=UTC))
    archive(
        tmp_path / "w" / "b.warc.gz", range(50, 54), at=datetime(2026, 11, 20, 10, tzinfo=UTC), host="other.example"
    )
    found = lessons(tmp_path / "w")
    assert {name: (one.articles, one.enough) for name, one in found.items()} == {
        "gazette-example": (14, True),
        "other-example": (4, False),
    }
    assert list(lessons(tmp_path / "w", wanted=["other-example"])) == ["other-example"]


def test_the_newest_files_are_read_first_and_no_more_pages_than_asked_for(tmp_path: Path):
    for day in (20, 21, 22):
        name = f"WARRAQ-202611{day}090000000-00000-here.warc.gz"
        archive(tmp_path / "w" / name, range(day * 20, day * 20 + 14), at=datetime(2026, 11, day, 10, tzinfo=UTC))
    found = lessons(tmp_path / "w", wanted=["gazette-example"], most=14)["gazette-example"]
    assert (found.pages, found.since.day) == (14, 22)
    assert lessons(tmp_path / "w", most_bytes=1)["gazette-example"].since.day == 22
    assert lessons(tmp_path / "w", since=datetime(2026, 11, 21, tzinfo=UTC))["gazette-example"].pages == 28
    assert lessons(tmp_path / "w", until=datetime(2026, 11, 21, tzinfo=UTC))["gazette-example"].until.day == 20


def test_error_pages_teach_nothing(tmp_path: Path):
    archive(tmp_path / "w" / "a.warc.gz", range(14), at=datetime(2026, 11, 20, 10, tzinfo=UTC), status="404 Not Found")
    assert lessons(tmp_path / "w") == {}


def test_a_profile_is_kept_once_and_holds_after_every_run_under_way(tmp_path: Path):
    archive(tmp_path / "w" / "a.warc.gz", range(14), at=datetime(2026, 11, 20, 10, tzinfo=UTC))
    lesson = lessons(tmp_path / "w")["gazette-example"]
    store, clock = FileStore(tmp_path / "data"), FixedClock(AT)
    first = keep(lesson, "gazette-example", store=store, clock=clock, deadline_s=86_400)
    assert first is not None
    assert first.profile.valid_from == datetime(2026, 11, 25, tzinfo=UTC)
    assert store.head(first.key or "") is not None
    again = keep(lesson, "gazette-example", store=store, clock=clock, deadline_s=86_400)
    assert again is not None
    assert (again.profile, again.key) == (first.profile, None)
    dry = keep(lesson, "elsewhere", store=store, clock=clock, deadline_s=0, dry=True)
    assert dry is not None
    assert dry.key is None
