"""Alarms are kept once each, with what channels are still to be told."""

from __future__ import annotations


def test_an_alarm_seen_again_is_the_same_with_its_latest_message(state, clock):
    assert state.see_alarm("store", "warning", None, "one file waits")
    clock.advance(60)
    assert not state.see_alarm("store", "critical", None, "two files wait")
    (alarm,) = state.open_alarms()
    assert (alarm.kind, alarm.severity, alarm.site, alarm.message) == ("store", "critical", None, "two files wait")
    assert (alarm.seen_at - alarm.raised_at).total_seconds() == 60


def test_alarms_of_one_kind_are_told_apart_by_site(state):
    assert state.see_alarm("dead_feed", "warning", "a", "m")
    assert state.see_alarm("dead_feed", "warning", "b", "m")
    assert [alarm.site for alarm in state.open_alarms()] == ["a", "b"]


def test_a_cleared_alarm_may_be_raised_again_as_another(state):
    state.see_alarm("store", "warning", None, "m")
    (first,) = state.open_alarms()
    assert state.clear_alarm(first.id)
    assert not state.clear_alarm(first.id)
    assert state.open_alarms() == []
    assert state.see_alarm("store", "warning", None, "again")
    assert [alarm.message for alarm in state.alarms()] == ["again", "m"]


def test_each_channel_is_told_of_both_ends_once(state):
    state.see_alarm("store", "warning", None, "m", channels=["mail", "hook"])
    state.see_alarm("store", "warning", None, "m", channels=["mail", "hook"])
    state.clear_alarm(state.open_alarms()[0].id, channels=["mail"])
    assert [notice.event for notice in state.notices("mail")] == ["raised", "cleared"]
    assert [notice.event for notice in state.notices("hook")] == ["raised"]
    state.drop_notices("mail", state.notices("mail"))
    assert state.notices("mail") == []
    assert len(state.notices("hook")) == 1


def test_only_what_is_over_and_told_is_forgotten(state, clock):
    state.see_alarm("store", "warning", None, "m", channels=["mail"])
    state.see_alarm("disk", "warning", None, "m")
    state.clear_alarm(state.open_alarms()[0].id)
    start = clock.now()
    clock.advance(100)
    assert state.prune_alarms(clock.now(), notices_before=start) == 0
    assert state.prune_alarms(clock.now(), notices_before=clock.now()) == 1
    assert [alarm.kind for alarm in state.alarms()] == ["disk"]
