"""When an article is asked for under a condition, as its host's validators deserve."""

from __future__ import annotations

import pytest

from crawler.frontier.conditions import Conduct, is_conditional, same_condition
from crawler.model.run import Validators

URLS = [f"https://news.example/2026/a-story-{n}" for n in range(400)]


def whole(conduct: Conduct) -> float:
    """Return the part of visits that ask without a condition."""
    return sum(not is_conditional(url, conduct, signalled=False) for url in URLS) / len(URLS)


def after(conduct: Conduct, *, silent: int = 0, looks: int = 0) -> Conduct:
    for _ in range(silent):
        conduct = conduct.unchanged(was_said=True)
    for _ in range(looks):
        conduct = conduct.unchanged(was_said=False)
    return conduct


def test_a_visit_that_a_channel_asked_for_has_no_condition() -> None:
    assert not is_conditional(URLS[0], Conduct(moved=9), signalled=True)


def test_a_host_of_which_nothing_is_known_is_asked_under_a_condition() -> None:
    assert whole(Conduct()) == 0
    assert whole(after(Conduct(), silent=8)) == 0


def test_many_answers_that_nothing_changed_are_looked_into() -> None:
    suspect = after(Conduct(), silent=9)
    assert 0.4 < whole(suspect) < 0.6
    assert 0 < whole(after(suspect, looks=6)) < 0.12


def test_a_host_whose_validators_moved_with_an_edit_is_suspected_much_later() -> None:
    proven = Conduct().edited(under_the_same=False)
    assert whole(after(proven, silent=63)) == 0
    assert 0 < whole(after(proven, silent=64)) < 0.12
    assert whole(after(proven, silent=64).edited(under_the_same=False)) == 0


def test_a_host_that_gave_an_edit_the_same_validators_is_asked_for_the_whole_page() -> None:
    stuck = Conduct(moved=40).edited(under_the_same=True)
    assert whole(stuck) == whole(after(stuck, looks=50)) == 1


def test_a_host_whose_validators_move_again_is_believed_again() -> None:
    conduct = Conduct().edited(under_the_same=True)
    shares = []
    for _ in range(3):
        conduct = conduct.edited(under_the_same=False)
        shares.append(whole(conduct))
    assert shares == [1, 1, 0]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Validators('"a"'), Validators('"a"'), True),
        (Validators('"a"', "Mon"), Validators('"a"', "Tue"), True),  # the tag decides
        (Validators('"a"', "Mon"), Validators('"b"', "Mon"), False),
        (Validators('"a"', "Mon"), Validators(None, "Mon"), False),
        (Validators(None, "Mon"), Validators(None, "Mon"), True),
        (Validators(None, "Mon"), Validators(None, "Tue"), False),
        (Validators(), Validators(), False),
    ],
)
def test_validators_are_the_same_to_a_server(one: Validators, other: Validators, same: bool) -> None:
    assert same_condition(one, other) == same
