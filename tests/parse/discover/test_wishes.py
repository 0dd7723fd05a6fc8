from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.model.reading import Wishes
from crawler.parse.discover.wishes import header_wishes, wishes_of

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def of(body: bytes = b"", **fields: str) -> Wishes:
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    return wishes_of(body, named.get, now=NOW)


@pytest.mark.parametrize(
    ("body", "wishes"),
    [
        (b"<rss><channel><ttl>60</ttl><item>", Wishes(ttl_s=3600.0)),
        (b"<rss><channel><ttl> 15 </ttl>", Wishes(ttl_s=900.0)),
        (b"<rss><channel><ttl>soon</ttl>", Wishes()),
        (b"<rss><channel><ttl>9999999</ttl>", Wishes(ttl_s=31 * 86_400.0)),
        (b"<rss><channel><item><ttl>60</ttl></item>", Wishes()),
        (b"<sy:updatePeriod>\n hourly </sy:updatePeriod><sy:updateFrequency> 1 </sy:updateFrequency>", Wishes(period_s=3600.0)),
        (b"<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>", Wishes(period_s=21_600.0)),
        (b"<syn:updatePeriod><![CDATA[weekly]]></syn:updatePeriod>", Wishes(period_s=604_800.0)),
        (b"<sy:updatePeriod>always</sy:updatePeriod>", Wishes()),
        (b"<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", Wishes(period_s=86_400.0)),
        (b"<skipHours><hour>0</hour><hour>24</hour><hour>5</hour><hour>77</hour></skipHours>", Wishes(skip_hours=(0, 5))),
        (b"<skipDays><day>Saturday</day><day>sunday</day><day>Someday</day></skipDays>", Wishes(skip_days=(5, 6))),
        (b"\xff\xfe<\x00r\x00", Wishes()),
        (b'{"items": []}', Wishes()),
    ],
)  # fmt: skip
def test_a_feed_says_at_its_beginning_when_it_wants_to_be_read(body, wishes):
    assert of(body) == wishes


@pytest.mark.parametrize(
    ("fields", "ttl_s"),
    [
        ({"Cache-Control": "public, max-age=300"}, 300.0),
        ({"Cache-Control": "s-maxage=9, max-age=300", "Age": "100"}, 200.0),
        ({"Cache-Control": "max-age=300", "Age": "900"}, 0.0),
        ({"Cache-Control": "no-cache, max-age=300"}, 0.0),
        ({"Cache-Control": 'max-age="60"'}, 60.0),
        ({"Cache-Control": "max-age=soon"}, 0.0),
        ({"Expires": "Mon, 02 Mar 2026 12:10:00 GMT"}, 600.0),
        ({"Expires": "Mon, 02 Mar 2026 12:10:00 GMT", "Date": "Mon, 02 Mar 2026 12:09:00 GMT"}, 60.0),
        ({"Expires": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0.0),
        ({"Expires": "0"}, 0.0),
        ({"Expires": "-1"}, 0.0),
        ({}, 0.0),
    ],
)
def test_caches_are_told_how_long_it_stays_the_same(fields, ttl_s):
    assert header_wishes(fields.get, now=NOW).ttl_s == ttl_s


def test_the_longer_of_both_counts():
    assert of(b"<ttl>1</ttl>", Cache_Control="max-age=300").ttl_s == 300.0
    assert of(b"<ttl>10</ttl>", Cache_Control="max-age=300").ttl_s == 600.0
