"""The short road into a bucket: the same objects as by the client, and the client for whatever goes wrong."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from crawler.archive.store import open_store
from crawler.errors import StoreError, StoreUnavailable
from tests.archive.store.odd_s3 import OddS3, odd_s3

ODD_NAMES = ["articles/ä b/1+2=3~.txt", "articles/a%41b/x.txt", "articles/plain/000_0123456789abcdef.txt"]


@pytest.fixture
def odd(monkeypatch: pytest.MonkeyPatch) -> Iterator[OddS3]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    with odd_s3() as server:
        yield server


def _many(count: int) -> list[tuple[str, bytes]]:
    return [(f"articles/{number:03}.txt", b"text %d" % number) for number in range(count)]


@pytest.mark.parametrize("in_flight", [1, 16])
def test_each_object_is_put_in_one_request_of_its_own(odd: OddS3, in_flight: int) -> None:
    store = open_store(odd.storage)
    store.put_many(_many(40), in_flight=in_flight)
    assert [method for method, _ in odd.asked] == ["PUT"] * 40
    assert {stored.key for stored in store.list("articles/")} == {key for key, _ in _many(40)}
    assert all(odd.checksums.values())
    assert store.get("articles/039.txt") == b"text 39"


def test_any_name_leads_to_the_object_that_the_client_finds_under_it(odd: OddS3) -> None:
    store = open_store(odd.storage)
    store.put_many([(name, name.encode()) for name in ODD_NAMES])
    assert [store.get(name) for name in ODD_NAMES] == [name.encode() for name in ODD_NAMES]


def test_what_a_busy_server_turns_away_is_tried_again_by_the_client(odd: OddS3) -> None:
    store = open_store(msgspec.structs.replace(odd.storage, attempts=3))
    store.put_many(_many(1))
    odd.answers = [(503, "SlowDown")] * 2
    store.put_many(_many(4))
    assert {stored.key for stored in store.list("articles/")} == {key for key, _ in _many(4)}


def test_a_server_that_stays_busy_ends_it_with_the_name_of_what_was_not_taken(odd: OddS3) -> None:
    store = open_store(odd.storage)
    store.put_many(_many(1))
    odd.answers = [(503, "SlowDown")] * 2
    with pytest.raises(StoreUnavailable, match=r"articles/000.txt: SlowDown"):
        store.put_many(_many(4))


def test_a_server_that_refuses_checksums_gets_all_by_the_client(odd: OddS3) -> None:
    odd.refuses = {"x-amz-checksum-sha256"}
    store = open_store(odd.storage)
    store.put_many(_many(3))
    odd.asked.clear()
    store.put_many(_many(3))
    assert [method for method, _ in odd.asked] == ["PUT"] * 3
    assert store.get("articles/002.txt") == b"text 2"


def test_without_a_signature_the_client_puts_all(odd: OddS3) -> None:
    store = open_store(msgspec.structs.replace(odd.storage, anonymous=True))
    store.put_many(_many(3))
    assert len(odd.objects) == 3


def test_a_failed_first_object_leaves_the_road_to_be_learnt_from_the_next(odd: OddS3) -> None:
    store = open_store(odd.storage)
    odd.answers = [(500, "InternalError")]
    with pytest.raises(StoreError):
        store.put_many(_many(1))
    store.put_many(_many(3))
    assert len(odd.objects) == 3
