"""``warraq doctor capture`` as a user runs it: over plain HTTP here, over every route in the capture tests."""

from __future__ import annotations

import json


def test_every_exchange_is_byte_exact_through_the_archive(warraq):
    ran = warraq("doctor", "capture", "--json")
    assert ran.code == 0, ran.out
    results = [json.loads(line) for line in ran.out.splitlines()]
    assert {result["route"] for result in results} >= {"http", "https", "proxy", "connect"}
    assert len(results) > 200
    assert all(result["problem"] is None for result in results)
