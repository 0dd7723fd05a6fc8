"""Articles of several sites that say the same: taken in from the store, clustered, told."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from crawler.archive.articles import Batch
from crawler.archive.articles.memory import MemoryArticles
from crawler.clock import FixedClock, iso_utc
from crawler.run.syndication import SharedStory, Taken, by_site, stories, take_in
from crawler.state import State, memory_state, new_run

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


class Press:
    """Sites that publish; each article is a run of its own."""

    def __init__(self, state: State, clock: FixedClock) -> None:
        self.state, self.clock = state, clock
        self.store = MemoryArticles()
        self.now = NOON
        self.count = 0

    def publish(
        self, site: str, body: str, *, title: str = "A title", url: str = "", published: str | None = None
    ) -> str:
        self.count += 1
        self.now += timedelta(minutes=1)
        run = new_run(site, trigger="manual", clock=self.clock)
        self.state.add_run(run)
        self.state.start_run(run.id, worker="w")
        self.state.finish_run(run.id, "done")
        url = url or f"https://{site}.example/{self.count}"
        line = {
            "id": f"{self.count:016x}", "url": url, "captured_at": iso_utc(self.now), "site": site, "run": run.id,
            "title": title, "published_at": published, "body": body,
        }  # fmt: skip
        batch = Batch.named(site, run.id, iso_utc(self.now))
        for document in self.store.write(batch, [json.dumps(line).encode()]).documents:
            self.state.enter_article(document.head, path=document.key, line_sha256=document.line_sha256)
        return url

    def told(self, min_share: float = 0.3, site: str | None = None) -> list[SharedStory]:
        take_in(self.state, self.store, NOON, NOON + DAY)
        return stories(self.state, NOON, NOON + DAY, min_share=min_share, site=site)


@pytest.fixture
def press() -> Iterator[Press]:
    clock = FixedClock(NOON)
    with memory_state(clock=clock) as state:
        yield Press(state, clock)


def text(seed: int, words: int = 300) -> str:
    chance = random.Random(seed)
    return " ".join("".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randint(2, 8))) for _ in range(words))


def test_who_was_first_and_what_the_others_made_of_it_is_told(press: Press) -> None:
    agency = text(1)
    press.publish("agency", agency, title="Storm")
    press.publish("daily", agency, title="Storm")
    press.publish("weekly", f"{text(2, 40)}\n{agency}", title="Our storm")
    press.publish("tabloid", " ".join(agency.split()[:120]) + " " + text(3, 120), title="Horror!")
    press.publish("other", text(4))
    (story,) = press.told()
    assert story.sites == 4
    assert [(one.site, one.kind, one.same_title) for one in story.copies] == [
        ("agency", "first", True), ("daily", "exact", True), ("weekly", "near", False), ("tabloid", "part", False),
    ]  # fmt: skip
    tabloid = story.copies[3]
    assert tabloid.of_first == pytest.approx(0.4, abs=0.15)
    assert tabloid.own == pytest.approx(0.5, abs=0.15)
    assert list(by_site([story])) == [("agency", 1, 0), ("daily", 0, 1), ("tabloid", 0, 1), ("weekly", 0, 1)]


def test_the_first_is_who_published_first_not_who_was_polled_first(press: Press) -> None:
    press.publish("daily", text(1), published="2026-03-01T11:50:00Z")
    press.publish("agency", text(1), published="2026-03-01T11:20:00Z")
    press.publish("liar", text(1), published="2025-01-01T00:00:00Z")
    (story,) = press.told()
    assert [one.site for one in story.copies] == ["agency", "daily", "liar"]


def test_only_what_is_new_is_taken_in_and_joins_what_is_known(press: Press) -> None:
    press.publish("agency", text(1))
    assert take_in(press.state, press.store, NOON, NOON + DAY) == Taken(1, 0)
    press.publish("daily", text(1))
    assert take_in(press.state, press.store, NOON, NOON + DAY) == Taken(1, 0)
    assert take_in(press.state, press.store, NOON, NOON + DAY) == Taken(0, 0)
    assert [story.sites for story in press.told()] == [2]


def test_a_site_that_repeats_itself_is_no_syndication(press: Press) -> None:
    press.publish("daily", text(1))
    press.publish("daily", text(1))
    assert press.told() == []


def test_a_revision_is_no_further_copy(press: Press) -> None:
    press.publish("agency", text(1))
    url = press.publish("daily", text(1))
    press.publish("daily", text(1) + " one word more", url=url)
    (story,) = press.told()
    assert len(story.copies) == 2


def test_a_long_foot_does_not_glue_articles_together(press: Press) -> None:
    foot = text(99, 80)
    for n in range(40):
        press.publish(f"paper-{n % 4}", f"{text(n, 90)} {foot}")
    assert press.told() == []


def test_two_agency_stories_with_the_same_foot_stay_two(press: Press) -> None:
    foot = text(99, 60)
    for n in range(12):
        press.publish("agency", f"{text(n, 200)} {foot}")
        press.publish("daily", f"{text(n, 200)} {foot}")
    told = press.told()
    assert [story.sites for story in told] == [2] * 12
    assert all(len(story.copies) == 2 for story in told)


def test_a_round_up_of_two_stories_joins_one_and_leaves_them_apart(press: Press) -> None:
    press.publish("agency", text(1))
    press.publish("daily", text(2))
    press.publish("weekly", f"{text(1)} {text(2)}")
    assert [story.sites for story in press.told()] == [2]


def test_a_site_and_a_larger_share_narrow_what_is_told(press: Press) -> None:
    press.publish("agency", text(1))
    press.publish("daily", " ".join(text(1).split()[:150]) + " " + text(2, 150))
    assert len(press.told()) == 1
    assert press.told(min_share=0.8) == []
    assert len(press.told(site="daily")) == 1
    assert press.told(site="weekly") == []


def test_what_the_store_lacks_is_counted(press: Press) -> None:
    press.publish("agency", text(1))
    assert take_in(press.state, MemoryArticles(), NOON, NOON + DAY) == Taken(0, 1)


def test_titles_alone_are_not_compared(press: Press) -> None:
    press.publish("agency", "Storm over the harbour")
    press.publish("daily", "Storm over the harbour")
    assert press.told() == []
