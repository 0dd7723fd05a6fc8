"""One reader of responses: the wire, our archive and others' agree, and where the three before differed is decided.

The share of the suite is small; ``WARRAQ_ODD_RESPONSES=200000 pytest tests/http/test_one_reader.py`` reads as many.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.http.decided import (
    BEFORE,
    DECISIONS,
    Decision,
    Reading,
    explained,
    is_cut,
    mended,
    read_block,
    read_stored,
    read_wire,
)
from tests.http.odd_responses import odd_response

NUMBER = int(os.environ.get("WARRAQ_ODD_RESPONSES", "4000"))
SEED = int(os.environ.get("WARRAQ_SEED", "9112"))
DOCS = Path(__file__).resolve().parents[2] / "docs" / "responses.md"


def odd_responses() -> Iterator[bytes]:
    random = Random(SEED)
    return (odd_response(random) for _ in range(NUMBER))


def check_agreement(raw: bytes) -> None:
    """A response is read alike on the wire and in our archive; a head that is cut off is one only in a block."""
    live, kept = read_wire(raw), read_block(raw)
    assert live == kept or (live is None and is_cut(raw)), raw


def check_decided(raw: bytes) -> None:
    """What a reader before made of a response is what is made of it now, or it is decided."""
    plain = mended(raw)
    for before, now in BEFORE.values():
        was, is_ = before(plain), now(plain)
        assert was == is_ or explained(plain, was, is_), (plain, was, is_)


def without_its_kind(decision: Decision, reading: Reading | None) -> Reading | None:
    assert decision.mend is not None
    if reading is None:
        return None
    body = reading.body if decision.name == "interim" else decision.mend(reading.body)
    return reading._replace(
        reason=decision.mend(reading.reason).strip(),
        fields=tuple((decision.mend(name), decision.mend(value)) for name, value in reading.fields),
        body=body,
    )


@pytest.mark.timeout(3600)
def test_odd_responses_are_read_alike_live_and_from_the_archive() -> None:
    for raw in odd_responses():
        check_agreement(raw)


@pytest.mark.timeout(3600)
def test_every_difference_from_the_readers_before_is_decided() -> None:
    for raw in odd_responses():
        check_decided(raw)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("decision", [one for one in DECISIONS if one.mend], ids=lambda one: one.name)
def test_what_is_mended_before_comparing_is_read_as_decided(decision: Decision) -> None:
    assert decision.mend is not None
    for raw in odd_responses():
        for read in (read_stored, read_block):
            found, expected = read(raw), read(decision.mend(raw))
            assert without_its_kind(decision, found) == without_its_kind(decision, expected), raw


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
@given(st.randoms(use_true_random=False))
def test_whatever_hypothesis_makes_of_a_response_is_read_alike_and_as_decided(random: Random) -> None:
    raw = odd_response(random)
    check_agreement(raw)
    check_decided(raw)


@pytest.mark.parametrize("decision", [one for one in DECISIONS if one.applies], ids=lambda one: one.name)
def test_each_decision_is_met_by_some_response(decision: Decision) -> None:
    met = (
        decision.name in explained(plain, before(plain), now(plain)) and before(plain) != now(plain)
        for plain in map(mended, odd_responses())
        for before, now in BEFORE.values()
    )
    assert any(met)


def test_the_table_in_the_docs_has_each_decision() -> None:
    rows = [f"| {one.name} | {one.clause} | {one.right} |" for one in DECISIONS]
    table = DOCS.read_text(encoding="utf-8")
    assert [row for row in rows if row not in table] == []
