"""``warraq doctor`` as a user runs it: captures over every route, and an archive with some of what may befall one."""

from __future__ import annotations

import json

from crawler.cli import doctor


def test_every_exchange_is_byte_exact_through_the_archive(warraq):
    ran = warraq("doctor", "capture", "--json")
    assert ran.code == 0, ran.out
    results = [json.loads(line) for line in ran.out.splitlines()]
    assert {result["route"] for result in results} >= {"http", "https", "proxy", "connect"}
    assert len(results) > 200
    assert all(result["problem"] is None for result in results)


def test_corruptions_are_named_in_an_archive_made_for_it(warraq, monkeypatch):
    monkeypatch.setattr(doctor, "CORRUPTIONS", doctor.CORRUPTIONS[::40])
    ran = warraq("doctor", "archive", "--json")
    assert ran.code == 0, ran.out
    assert all(json.loads(line)["named"] for line in ran.out.splitlines())
    assert "corruptions named with file and byte" in ran.err
    ran = warraq("doctor", "archive")
    planted = len(doctor.CORRUPTIONS)
    said = f"{planted} of {planted} corruptions named with file and byte by plain verify"
    assert (ran.code, ran.out.splitlines()[-1]) == (0, said)


def test_without_a_store_there_is_nothing_to_copy(warraq):
    assert warraq("doctor", "archive", "--copy").code == 2
    ran = warraq("doctor", "archive", "--store", "file:data")
    assert (ran.code, "add --copy" in ran.err) == (2, True)
