from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crawler.capture.manners.lane import Lane
from crawler.model.pace import Pace

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("pace", "wait_s"),
    [
        (Pace(host="h"), 0.0),
        (Pace(host="h", sent_at=ago(4)), 6.0),
        (Pace(host="h", sent_at=ago(40)), 0.0),
        (Pace(host="h", sent_at=ago(4), crawl_delay_s=30.0), 26.0),
        (Pace(host="h", sent_at=ago(4), penalty_s=20.0), 16.0),
        (Pace(host="h", closed_at=ago(100), closed_until=ago(-50)), 50.0),
        (Pace(host="h", closed_at=ago(100), closed_until=ago(50)), 0.0),
        (Pace(host="h", sent_at=ago(-5000)), 10.0),  # the clock was set back since
        (Pace(host="h", closed_at=ago(-5000), closed_until=ago(-5060)), 60.0),
        (Pace(host="h", closed_at=ago(0), closed_until=ago(-864_000)), 86_400.0),
    ],
)
def test_what_others_know_makes_a_process_wait_as_if_it_knew_it_itself(pace: Pace, wait_s: float) -> None:
    lane = Lane(2, 1000.0)
    lane.adopt(pace, 1000.0, NOW)
    assert max(0.0, lane.wait_s(1000.0, 10.0, 120.0)) == pytest.approx(wait_s)


def test_who_does_not_heed_robots_txt_does_not_inherit_its_delay() -> None:
    lane = Lane(2, 0.0)
    lane.adopt(Pace(host="h", crawl_delay_s=30.0), 0.0, NOW, heeds_robots=False)
    assert lane.crawl_delay_s == 0.0


@pytest.mark.parametrize(("days", "is_narrow"), [(1, True), (8, False)])
def test_a_host_that_took_one_connection_is_tried_with_two_again_after_a_week(days: int, is_narrow: bool) -> None:
    lane = Lane(2, 0.0)
    lane.adopt(Pace(host="h", narrowed_at=NOW - timedelta(days=days)), 0.0, NOW)
    assert lane.is_narrow is is_narrow
