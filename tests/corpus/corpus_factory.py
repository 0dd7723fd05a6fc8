"""A small archive with its articles: five papers in as many languages, two months, a revision, feeds and robots.txt."""

from __future__ import annotations

__all__ = ["AT", "STORIES", "Story", "archived", "fill", "page_of"]

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec

from crawler.archive.articles import Batch, LineWriter
from crawler.archive.store import Store
from crawler.archive.write.ship import Shipper
from crawler.clock import FixedClock
from crawler.model.article import ArticleRecord, to_record
from crawler.model.capture import Capture, Provenance
from crawler.model.page import Page
from crawler.parse.article import parse_article
from tests.archive.archive_factory import exchange, open_spool

AT = datetime(2026, 10, 30, 8, 0, tzinfo=UTC)

_ENGLISH = "The council of Ferrow met on Monday evening about the old bridge over the river, and the vote was close. "
_FRENCH = (
    "Le conseil municipal a décidé lundi soir de réparer le vieux pont, après une longue soirée à l'hôtel de ville. "
)
_ARABIC = "قالت المدرسةُ إنّ الأطفال قرأوا الكتاب إلى آخره، وأُعلن يوم الاثنين عن مكتبة جديدة في المدينة القديمة. "
_PERSIAN = "شورای شهر روز دوشنبه درباره پل قدیمی تصمیم گرفت و گفت که کتاب‌خانه جدید در میدان اصلی ساخته می‌شود. "
_CHINESE = "市议会星期一晚上讨论了河上的旧桥,居民们希望新图书馆能够尽快开放。工程师说明了维修的费用和时间。"


class Story(NamedTuple):
    """A page as it was captured once."""

    site: str
    path: str
    title: str
    text: str
    language: str
    day: int
    """Days after AT."""
    head: str = ""
    """Put into the page's head."""
    headers: tuple[tuple[str, str], ...] = ()
    role: str = "article"

    @property
    def url(self) -> str:
        return f"https://www.{self.site}.example/{self.path}"


STORIES = (
    Story("ferrow", "bridge", "The bridge is to be repaired", _ENGLISH * 4, "en", 0),
    Story("ferrow", "mill", "A miller retires", _ENGLISH.replace("bridge", "mill") * 4, "en", 1),
    Story("ferrow", "bridge", "The bridge is to be pulled down", _ENGLISH.replace("close", "clear") * 4, "en", 4),
    Story("pont", "pont", "Le pont sera réparé", _FRENCH * 4, "fr", 1),
    Story("kitab", "school", "المدرسة والكتاب", _ARABIC * 4, "ar", 2),
    Story("ketab", "pol", "پل قدیمی شهر", _PERSIAN * 4, "fa", 3),
    Story("qiao", "bridge", "旧桥的故事", _CHINESE * 6, "zh", 3),
)


def page_of(story: Story) -> bytes:
    paragraphs = "".join(f"<p>{story.text}</p>" for _ in range(3))
    return (
        f'<html lang="{story.language}"><head><meta charset="utf-8"><title>{story.title}</title>{story.head}</head>'
        f"<body><article><h1>{story.title}</h1>{paragraphs}</article></body></html>"
    ).encode()


def fill(store: Store, root: Path, stories: Sequence[Story] = STORIES) -> list[ArticleRecord]:
    """Archive `stories` in `store`, a WARC a day, and publish their articles, a batch a site and day."""
    records: list[ArticleRecord] = []
    for day in sorted({story.day for story in stories}):
        of_day = [story for story in stories if story.day == day]
        for story, capture in archived(store, root / str(day), of_day):
            if story.role == "article":
                page = Page(
                    url=story.url,
                    captured_at=capture.captured_at,
                    body=page_of(story),
                    headers=(("content-type", "text/html"), *story.headers),
                )
                records.append(to_record(parse_article(page), site=story.site, run=run_of(story), capture=capture))
    publish(store, records)
    return records


def run_of(story: Story) -> str:
    return f"run-{story.site}-{story.day}"


def publish(store: Store, records: Iterable[ArticleRecord]) -> None:
    batches: dict[Batch, list[ArticleRecord]] = {}
    for record in records:
        batches.setdefault(Batch.named(record.site, record.run, record.captured_at), []).append(record)
    for batch, some in batches.items():
        LineWriter(store).write(batch, [msgspec.json.encode(one) for one in some])


def archived(
    store: Store, spool_root: Path, stories: Sequence[Story], *, fetched_for: Mapping[str, str] | None = None
) -> list[tuple[Story, Capture]]:
    """Write one WARC with the pages of `stories`, a minute apart, and ship it; `fetched_for`: sites by URL, where it is
    another's.
    """
    at = AT + timedelta(days=stories[0].day)

    async def work() -> list[tuple[Story, Capture]]:
        spool = open_spool(spool_root, clock=FixedClock(at))
        kept = []
        for number, story in enumerate(stories):
            body = page_of(story) if story.role == "article" else story.text.encode()
            kind = "text/html; charset=utf-8" if story.role == "article" else "text/plain"
            more = "".join(f"{name}: {value}\r\n" for name, value in story.headers)
            head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n{more}Content-Length: {len(body)}\r\n\r\n"
            capture = await spool.record(
                exchange(head.encode() + body, url=story.url, captured_at=at + timedelta(minutes=number)),
                Provenance(
                    run=run_of(story),
                    site=(fetched_for or {}).get(story.url, story.site),
                    role=story.role,  # type: ignore[arg-type]
                ),
            )
            kept.append((story, capture))
        await spool.close()
        return kept

    kept = asyncio.run(work())
    shipper = Shipper(spool_root, store, clock=FixedClock(at), grace_s=0.0, on_receipt=lambda _: None)
    assert shipper.ship_ready().problems == ()
    return kept
