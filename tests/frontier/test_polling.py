"""When a channel is read whole, and when it has moved on by more than it holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crawler.frontier.admission import vouched_hosts
from crawler.frontier.polling import is_overrun, trusts_validators

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("read_at", "outcomes", "trusted"),
    [
        (NOW - timedelta(hours=1), [], True),
        (NOW - timedelta(hours=23), ["not_modified"] * 23, True),
        (NOW - timedelta(hours=23), ["not_modified"] * 24, False),
        (NOW - timedelta(hours=23), ["not_modified"] * 9 + ["captured"] + ["not_modified"] * 20, True),
        (NOW - timedelta(hours=24), [], False),
        (None, [], False),
    ],
)
def test_validators_are_believed_for_a_day_and_so_many_answers(read_at, outcomes, trusted) -> None:
    assert trusts_validators(read_at, outcomes, now=NOW) is trusted


@pytest.mark.parametrize(
    ("was_read", "listed", "known", "overrun"),
    [
        (True, ["a", "b"], ["c"], True),
        (True, ["a", "b"], ["b"], False),
        (True, [], [], False),
        (False, ["a"], [], False),
    ],
)
def test_an_overrun_is_a_reading_with_nothing_of_the_last_one(was_read, listed, known, overrun) -> None:
    assert is_overrun(was_read=was_read, listed=listed, known=known) is overrun


def test_a_feed_vouches_for_its_papers_host_and_for_that_of_most_items() -> None:
    urls = ["https://stories.example/1", "https://stories.example/2", "https://ads.example/3"]
    assert vouched_hosts("https://paper.example/", urls) == ("paper.example", "stories.example")
    assert vouched_hosts(None, urls) == ("stories.example",)
    assert vouched_hosts(None, ["https://a.example/", "https://b.example/"]) == ()
    assert vouched_hosts("https://paper.example/", []) == ("paper.example",)
