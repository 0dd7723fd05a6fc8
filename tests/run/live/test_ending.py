"""How a run ended, from what became of its URLs."""

from __future__ import annotations

import pytest

from crawler.model.run import UrlEnd, found_nothing_new
from crawler.run.live.ending import ending_of


def end(told: str) -> UrlEnd:
    """``2 article failed timeout``: so many URLs, their role, outcome and reason."""
    urls, role, outcome, *reason = told.split()
    return UrlEnd(role=role, outcome=outcome, reason=reason[0] if reason else None, urls=int(urls))


@pytest.mark.parametrize(
    ("ends", "state", "reason"),
    [
        # something was obtained and nothing missed
        (["1 feed captured", "5 article parsed"], "done", None),
        (["1 probe parsed"], "done", None),
        (["1 feed captured", "1 article captured not_html"], "done", None),
        # what a publisher keeps back is told, and is no fault of the run
        (["1 feed captured", "5 article parsed", "2 article walled wall"], "done", "2 walled (wall)"),
        (["1 feed captured", "5 article parsed", "1 article disallowed robots"], "done", "1 disallowed (robots)"),
        # something missed
        (
            ["1 feed captured", "5 article parsed", "2 article failed timeout", "1 article failed http_404"],
            "partial",
            "3 failed (timeout 2, http_404 1)",
        ),
        (["1 feed captured", "1 feed failed http_404", "5 article parsed"], "partial", "1 failed (http_404)"),
        (["1 feed captured", "1 feed disallowed robots", "5 article parsed"], "partial", "1 disallowed (robots)"),
        (["1 feed captured", "3 article walled bot_wall"], "partial", "3 walled (bot_wall)"),
        (["1 feed captured truncated_length", "5 article parsed"], "partial", "1 cut (truncated_length)"),
        (["1 feed captured", "1 article lost parse_crash"], "partial", "1 lost (parse_crash)"),
        # nothing obtained
        (["1 probe disallowed robots"], "failed", "1 disallowed (robots)"),
        (["1 probe walled bot_wall"], "failed", "1 walled (bot_wall)"),
        (["1 probe out_of_scope redirected"], "failed", "1 out_of_scope (redirected)"),
        (["1 feed failed not_a_feed", "1 feed failed dns"], "failed", "2 failed (not_a_feed 1, dns 1)"),
        # nothing to obtain
        (["1 feed captured"], "done", "nothing new: all that is announced is known"),
        (["1 feed duplicate"], "done", "nothing new: all that is announced is known"),
        (["2 feed not_modified"], "done", "nothing new: not modified"),
        (["1 feed captured empty"], "done", "nothing new: what was read announces nothing"),
        (["1 feed captured", "7 article out_of_scope before_since"], "done", "nothing new: 7 before_since"),
        ([], "done", "nothing new: nothing was due"),
    ],
)
def test_endings(ends, state, reason):
    assert ending_of([end(told) for told in ends]) == (state, reason)


def test_what_waits_is_told_and_is_no_fault():
    assert ending_of([end("1 feed captured"), end("2 article parsed")], waiting=9) == ("done", "9 wait")


def test_what_ends_a_run_before_its_time_comes_first():
    assert ending_of([end("2 article parsed")], waiting=9, stopped_by="deadline") == ("partial", "deadline; 9 wait")
    assert ending_of([], stopped_by="spider_crash") == ("failed", "spider_crash")


def test_only_a_run_that_is_done_found_nothing_new():
    assert found_nothing_new("done", "nothing new: not modified")
    assert not found_nothing_new("done", None)
    assert not found_nothing_new("partial", "nothing new: not modified")
