"""Capture-recapture, held against numbers worked by hand and against known populations."""

from __future__ import annotations

import random

import pytest

from crawler.frontier.coverage import estimate


def listed(only_feed: int, only_sitemap: int, both: int) -> list[frozenset[str]]:
    feed, sitemap = frozenset(("feed",)), frozenset(("sitemap",))
    return [feed] * only_feed + [sitemap] * only_sitemap + [feed | sitemap] * both


def test_chapman_is_as_worked_by_hand() -> None:
    found = estimate(listed(40, 20, 60))  # n1 = 100, n2 = 80, m = 60
    assert found.method == "chapman"
    assert found.total == pytest.approx(101 * 81 / 61 - 1)
    assert found.low <= found.total <= found.high
    assert found.low >= found.seen == 120


def test_one_channel_or_no_overlap_gives_no_estimate() -> None:
    assert estimate(listed(40, 0, 0)).method == "none"
    assert estimate(listed(5, 5, 0)).method == "none"
    assert estimate([]).total == 0


def test_channels_that_agree_leave_nothing_unseen() -> None:
    found = estimate(listed(0, 0, 50))
    assert (found.total, found.low, found.high) == (50, 50, 50)


@pytest.mark.parametrize("channels", [2, 3])
def test_the_interval_holds_the_truth_about_as_often_as_it_says(channels: int) -> None:
    chance = random.Random(7)
    held = 0
    for _ in range(200):
        stories = [
            frozenset(name for name in ("feed", "sitemap", "listing")[:channels] if chance.random() < 0.6)
            for _ in range(300)
        ]
        found = estimate(stories)
        held += found.low <= 300 <= found.high
    assert held >= 180
