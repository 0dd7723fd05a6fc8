"""Counting in memory what became of a run's URLs."""

from __future__ import annotations

from crawler.run.live.tally import RunTally


def test_each_url_counts_once_at_its_latest_outcome():
    tally = RunTally()
    tally.note(["a", "b", "c"], "queued")
    tally.note(["a"], "captured")
    tally.note(["a"], "parsed")
    tally.note(["b"], "failed")
    assert tally.counts == {"queued": 1, "parsed": 1, "failed": 1}


def test_it_says_whether_anything_changed():
    tally = RunTally()
    assert tally.changes == 0
    tally.note(["a"], "queued")
    before = tally.changes
    tally.note([], "queued")
    assert tally.changes == before
    tally.note(["a"], "failed")
    assert tally.changes > before
