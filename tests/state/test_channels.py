"""The last report on each channel."""

from __future__ import annotations

import msgspec

from crawler.model.channel import ChannelReport

REPORT = ChannelReport(url="https://x.example/feed", site="x", declared="feed", kind="RSS", status=200, items=3)


def test_the_last_report_on_a_channel_counts(state, clock):
    state.keep_report(REPORT)
    first = clock.now()
    later = msgspec.structs.replace(REPORT, items=4)
    state.keep_report(later)
    other = msgspec.structs.replace(REPORT, url="https://y.example/feed", site="y")
    state.keep_report(other)
    assert state.reports("x") == {REPORT.url: (first, later)}
    assert set(state.reports()) == {REPORT.url, other.url}
