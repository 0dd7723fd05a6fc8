"""The kinds of alarms: what each means, and where to look."""

from __future__ import annotations

__all__ = ["ALARM_KINDS", "AlarmKind"]

from typing import NamedTuple


class AlarmKind(NamedTuple):
    """One kind of alarm."""

    means: str
    look_at: str


ALARM_KINDS = {
    "no_runs": AlarmKind("no run of any site has ended for long although some were due", "warraq status, the log"),
    "store": AlarmKind("a sealed file has waited too long for the store", "credentials, network, /readyz"),
    "spool": AlarmKind("most of the spool's quota is used", "the store; spool.quota_bytes"),
    "disk": AlarmKind("little is free on the spool's disk", "the disk"),
    "state": AlarmKind("the database cannot be read or written", "the disk, then back-up and restore"),
    "manifest": AlarmKind("the manifest of the day before could not be written", "the message; warraq verify"),
    "foreign": AlarmKind("the spool holds files that Warraq did not make", "who put them there; move them away"),
    "clock": AlarmKind("the wall clock was set, or the machine slept", "NTP"),
    "dead_feed": AlarmKind("a declared channel has not been read with success for long", "warraq why FEED; seeds/"),
    "overrun": AlarmKind(
        "a channel moved on by more than it holds between two readings", "warraq report coverage; the site's schedule"
    ),
    "no_new_articles": AlarmKind("nothing new for far longer than usual", "the feed in a browser"),
    "few_articles": AlarmKind("far fewer articles than in the same hours of earlier weeks", "the feed in a browser"),
    "failures": AlarmKind("far more pages than usual gave no article", "the site's coverage, with reasons"),
    "text_length": AlarmKind("articles are suddenly longer or shorter: a new layout?", "warraq parse --explain"),
}
"""In the order of docs/operations.md, which says more."""
