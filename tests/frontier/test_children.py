"""Which sitemaps of an index are read: what changed, and by turns what does not say so."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from crawler.frontier.children import Child, ChosenChildren, Memory, choose_children, is_at_rest

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def chosen(
    children: Iterable[Child], *, read: dict[str, datetime] | None = None, gone: Iterable[str] = (), budget: int = 20,
    now: datetime = NOW,
) -> ChosenChildren:  # fmt: skip
    memory = Memory((read or {}).get, frozenset(gone).__contains__)
    return choose_children(list(children), memory, now=now, budget=budget)


def undated(*names: str) -> list[Child]:
    return [Child(name, None, None) for name in names]


def test_what_changed_since_it_was_read_comes_newest_first() -> None:
    children = [
        Child("old", NOW - 9 * DAY, NOW - DAY),
        Child("a", NOW - 3 * HOUR, NOW - DAY),
        Child("b", NOW - HOUR, None),
    ]
    assert chosen(children) == ChosenChildren(("b", "a"), True)


def test_what_does_not_fit_is_told() -> None:
    children = [Child(str(n), NOW - n * HOUR, None) for n in range(5)]
    assert chosen(children, budget=3) == ChosenChildren(("0", "1", "2"), False)
    assert chosen(children, budget=5) == ChosenChildren(("0", "1", "2", "3", "4"), True)


def test_undated_ones_all_have_their_turn_whatever_their_number() -> None:
    names = [f"part-{n}" for n in range(100)]
    read: dict[str, datetime] = {}
    now = NOW
    for _ in range(12):
        found = chosen(undated(*names), read=read, budget=10, now=now)
        assert len(found.urls) <= 10
        assert not found.is_all  # an index that says nothing of its parts cannot say that nothing changed
        assert {"part-0", "part-99"} <= set(found.urls)
        read |= dict.fromkeys(found.urls, now)
        now += HOUR
    now += HOUR
    assert set(names) - set(read) <= {f"part-{n}" for n in range(97, 99)} or set(names) == set(read)
    quiet = chosen(undated(*names), read=dict.fromkeys(names, now - HOUR), budget=10, now=now)
    assert quiet.urls == ("part-0", "part-99")


def test_the_newest_by_its_name_is_read_in_every_run_and_old_months_once_a_month() -> None:
    names = ["2019-03.xml", "2026-11.xml", "2026-10.xml"]
    read = dict.fromkeys(names, NOW - 2 * DAY)
    assert chosen(undated(*names), read=read).urls == ("2026-11.xml", "2026-10.xml")
    read["2019-03.xml"] = NOW - 31 * DAY
    assert chosen(undated(*names), read=read).urls == ("2026-11.xml", "2019-03.xml", "2026-10.xml")


def test_dated_and_undated_ones_share_the_budget() -> None:
    dated = [Child(f"d{n}", NOW - n * HOUR, None) for n in range(9)]
    found = chosen([*dated, *undated("u1", "u2", "u3", "u4")], budget=6)
    assert found.urls == ("d0", "d1", "d2", "u1", "u4", "u2")
    assert chosen([*dated, *undated("u1")], budget=6).urls == ("d0", "d1", "d2", "d3", "d4", "u1")
    assert chosen([*dated[:1], *undated("u1", "u2", "u3", "u4")], budget=4).urls == ("d0", "u1", "u4", "u2")


def test_what_vanished_costs_no_place_and_no_more() -> None:
    children = [Child(str(n), NOW - n * HOUR, None) for n in range(4)]
    assert chosen(children, gone=["0", "1"], budget=2) == ChosenChildren(("2", "3"), True)


def test_an_empty_budget_reads_nothing() -> None:
    assert chosen([Child("a", NOW, None), *undated("b")], budget=0) == ChosenChildren((), False)


def test_what_vanished_is_asked_for_ever_more_rarely() -> None:
    for times, rest in ((1, DAY), (2, 7 * DAY), (3, 30 * DAY), (9, 30 * DAY)):
        assert is_at_rest("http_404", NOW - rest + HOUR, times, now=NOW)
        assert not is_at_rest("http_404", NOW - rest - HOUR, times, now=NOW)
    assert not is_at_rest("http_503", NOW - HOUR, 1, now=NOW)
    assert not is_at_rest(None, NOW - HOUR, 1, now=NOW)
