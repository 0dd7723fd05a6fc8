"""What is wrong and what is not: rules on facts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crawler.config import load
from crawler.daemon.alarms.rules import (
    ChannelFacts,
    Finding,
    MachineFacts,
    SiteFacts,
    machine_findings,
    site_findings,
)

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LIMITS = load().alarms
HOUR = timedelta(hours=1)


def of_site(**facts: object) -> list[Finding]:
    return site_findings(SiteFacts(site="a", gap_s=3600.0, **facts), LIMITS, NOW)


def of_machine(**facts: object) -> list[Finding]:
    return machine_findings(MachineFacts(**facts), LIMITS, NOW)


def kinds(found: list[Finding]) -> list[str]:
    return [finding.kind for finding in found]


def articles(count: int, *, latest_h: float = 1, gap_h: float = 1, words: object = None) -> tuple:
    moments = [NOW - (latest_h + n * gap_h) * HOUR for n in range(count)]
    return tuple((at, words[n] if isinstance(words, list) else words) for n, at in enumerate(moments))


def test_a_site_without_history_is_not_judged():
    assert of_site() == []
    assert of_site(articles=articles(3, latest_h=500)) == []
    assert of_site(channels=(ChannelFacts("http://a/feed", None),)) == []


def test_one_dead_channel_is_a_warning_and_all_are_critical():
    alive = ChannelFacts("http://a/alive", NOW - HOUR)
    dead = ChannelFacts("http://a/dead", NOW - 30 * HOUR, "http_404")
    (one,) = of_site(channels=(alive, dead))
    assert (one.kind, one.severity, one.site) == ("dead_feed", "warning", "a")
    assert one.message == "1 of 2 channels not read with success: http://a/dead for 30 hours (http_404)"
    (all_of_them,) = of_site(channels=(dead,))
    assert all_of_them.severity == "critical"


def test_a_channel_read_rarely_by_schedule_is_not_dead():
    weekly = SiteFacts(site="a", gap_s=7 * 86_400.0, channels=(ChannelFacts("http://a/f", NOW - 20 * 24 * HOUR),))
    assert site_findings(weekly, LIMITS, NOW) == []


def test_silence_is_measured_by_the_longest_usual_gap():
    assert kinds(of_site(articles=articles(40, latest_h=25))) == ["no_new_articles"]
    assert of_site(articles=articles(40, latest_h=23)) == []
    assert of_site(articles=articles(40, latest_h=25, gap_h=10)) == []


@pytest.mark.parametrize(
    ("volume", "earlier", "alarm"),
    [
        (2, (40, 44, 38, 41), True),
        (20, (40, 44, 38, 41), False),
        (0, (8, 9, 8, 7), False),  # usually too few to judge
        (2, (12, 12, 12, 12), False),  # chance explains it
        (0, (12, 12, 12, 12), True),
        (0, (40, 0, 0, 41), True),  # two bad weeks are not yet the usual
        (0, (), False),
    ],
)
def test_volume_is_compared_with_the_same_hours_of_earlier_weeks(volume, earlier, alarm):
    assert kinds(of_site(volume=volume, earlier=earlier)) == (["few_articles"] if alarm else [])


def test_a_silent_site_is_not_also_told_to_have_too_few_articles():
    assert kinds(of_site(articles=articles(40, latest_h=30), volume=0, earlier=(40,) * 4)) == ["no_new_articles"]


def test_failures_are_a_jump_only_against_what_is_usual():
    bad = {("parsed", ""): 10, ("failed", "no_article"): 9, ("walled", "consent"): 3, ("redirected", ""): 50}
    (found,) = of_site(outcomes=bad, usual={("parsed", ""): 95, ("failed", "http_404"): 5})
    assert found.kind == "failures"
    assert found.message == (
        "55% of the 22 pages of the last day gave no article (no_article 9, consent 3); usually 5%"
    )
    assert of_site(outcomes=bad, usual={("parsed", ""): 50, ("walled", "consent"): 50}) == []
    assert kinds(of_site(outcomes=bad)) == ["failures"]
    assert of_site(outcomes={("failed", "no_article"): 19}) == []


def test_a_shift_of_length_either_way_is_told():
    assert kinds(of_site(articles=articles(100, words=[90] * 20 + [400] * 80))) == ["text_length"]
    assert kinds(of_site(articles=articles(100, words=[900] * 20 + [400] * 80))) == ["text_length"]
    assert of_site(articles=articles(100, words=[300] * 20 + [400] * 80)) == []
    assert of_site(articles=articles(100, words=[90] * 20 + [None] * 80)) == []


def test_the_machine_is_well_when_nothing_is_amiss():
    assert of_machine(free_bytes=1 << 40, min_free_bytes=1 << 30, quota_bytes=100, used_bytes=80) == []


def test_store_spool_disk_and_clock_are_told():
    (store,) = of_machine(unshipped=2, oldest_unshipped_s=4 * 3600)
    assert store.message == "2 sealed files wait for the store, the oldest for 4 hours"
    (spool,) = of_machine(used_bytes=81, quota_bytes=100)
    assert (spool.kind, spool.severity) == ("spool", "critical")
    low, out = (of_machine(free_bytes=free << 20, min_free_bytes=1024 << 20) for free in (1500, 900))
    assert [found[0].severity for found in (low, out)] == ["warning", "critical"]
    (clock,) = of_machine(jump_s=-3600)
    assert clock.message == "the clock jumped back by 60 minutes; captures bear its time"


def test_files_that_are_not_ours_are_named():
    (found,) = of_machine(foreign=("spool/a", "spool/b", "spool/c", "spool/d"))
    assert (found.kind, found.severity) == ("foreign", "warning")
    assert found.message == "4 files in the spool not of our making, left alone: spool/a, spool/b, spool/c, ..."


def test_the_dead_mans_switch_waits_until_runs_were_due_for_long():
    assert of_machine(idle_since=NOW - HOUR) == []
    (found,) = of_machine(idle_since=NOW - 3 * HOUR)
    assert (found.kind, found.severity) == ("no_runs", "critical")


def test_a_new_site_whose_channels_are_all_dead_is_told_at_the_second_poll():
    once = ChannelFacts("http://a/feed", NOW, "http_404", 1)
    assert of_site(channels=(once,)) == []
    twice = (ChannelFacts("http://a/feed", NOW, "http_404", 2), ChannelFacts("http://a/map", NOW, "not_a_sitemap", 2))
    (finding,) = site_findings(SiteFacts(site="a", gap_s=900.0, channels=twice), LIMITS, NOW)
    assert (finding.kind, finding.severity) == ("dead_feed", "critical")
    assert finding.message == "2 of 2 channels not read with success: http://a/feed in 2 runs, never yet (http_404)"


def test_one_dead_channel_of_a_new_site_is_a_warning():
    channels = (ChannelFacts("http://a/feed", NOW, "http_404", 2), ChannelFacts("http://a/map", NOW))
    (finding,) = site_findings(SiteFacts(site="a", gap_s=900.0, channels=channels), LIMITS, NOW)
    assert finding.severity == "warning"
