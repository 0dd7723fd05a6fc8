"""What only a bucket can do wrong."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from crawler.archive.store import open_store
from crawler.archive.store.s3 import S3Store
from crawler.errors import ObjectExists, StoreError, StoreRefused, StoreUnavailable
from tests.archive.store.odd_s3 import OddS3, odd_s3

KEY = "warc/2026/11/23/one.warc.gz"


@pytest.fixture
def odd(monkeypatch: pytest.MonkeyPatch) -> Iterator[OddS3]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    with odd_s3() as server:
        yield server


@pytest.mark.parametrize("refusal", [(501, "NotImplemented"), (400, "InvalidArgument"), (400, "InvalidRequest")])
@pytest.mark.parametrize(
    "headers", [{"if-none-match"}, {"x-amz-checksum-sha256"}, {"if-none-match", "x-amz-checksum-sha256"}]
)
def test_a_server_that_refuses_condition_or_checksum_is_asked_without(
    odd: OddS3, headers: set[str], refusal: tuple[int, str]
) -> None:
    odd.refuses, odd.refusal = headers, refusal
    store = open_store(odd.storage)
    store.check()
    store.put(KEY, b"content")
    assert store.get(KEY) == b"content"
    with pytest.raises(ObjectExists):
        store.put(KEY, b"other")
    assert store.get(KEY) == b"content"
    odd.asked.clear()
    store.put(f"{KEY}-2", b"more")
    assert [method for method, _ in odd.asked].count("PUT") == 1  # what it refuses is known by now
    with pytest.raises(StoreError):
        store.put(f"{KEY}-3", b"content", sha256=hashlib.sha256(b"other").digest())


def test_a_refusal_that_no_header_is_to_blame_for_is_told_as_it_is(odd: OddS3) -> None:
    odd.answers = [(400, "InvalidRequest")] * 4
    with pytest.raises(StoreRefused, match="InvalidRequest: so it is"):
        open_store(odd.storage).put(KEY, b"content", overwrite=True)


@pytest.mark.parametrize("tells", [True, False])
def test_a_server_that_says_yes_and_keeps_nothing_is_found_out(odd: OddS3, tells: bool) -> None:
    odd.keeps_nothing, odd.tells_checksums = True, tells
    with pytest.raises(StoreError, match="7 bytes were taken, and nothing is there"):
        open_store(odd.storage).put(KEY, b"content")


def test_bytes_that_changed_on_the_way_are_found_out_though_our_own_metadata_come_back(odd: OddS3) -> None:
    odd.flips_a_byte = True
    with pytest.raises(StoreError, match="what is there is not what was sent"):
        open_store(odd.storage).put(KEY, b"content")


def test_a_checksum_of_the_servers_own_spares_reading_back(odd: OddS3) -> None:
    odd.tells_checksums = True
    stored = open_store(odd.storage).put(KEY, b"content")
    assert stored.sha256 == hashlib.sha256(b"content").digest()
    assert [method for method, _ in odd.asked] == ["PUT", "HEAD"]


@pytest.mark.parametrize(
    "answer",
    [(503, "SlowDown"), (409, "OperationAborted"), (429, "TooManyRequests"), (500, "InternalError"), (409, "Busy")],
)
def test_a_server_that_says_later_is_passing_trouble(odd: OddS3, answer: tuple[int, str]) -> None:
    odd.answers = [answer]
    with pytest.raises(StoreUnavailable, match=answer[1]):
        open_store(odd.storage).check()


def test_a_clock_that_is_off_is_named_as_such(odd: OddS3) -> None:
    odd.answers = [(403, "RequestTimeTooSkewed")]
    with pytest.raises(StoreUnavailable, match=r"this machine's clock is not the store's, which says .*GMT") as caught:
        open_store(odd.storage).check()
    assert "set the clock" in str(caught.value)


@pytest.mark.parametrize("code", ["ExpiredToken", "TokenRefreshRequired", "InvalidToken"])
def test_an_expired_token_is_named_as_such(odd: OddS3, code: str) -> None:
    odd.answers = [(400, code)]
    with pytest.raises(StoreRefused, match=f"session token is no longer good .{code}"):
        open_store(odd.storage).check()


@pytest.mark.swift
def test_a_missing_bucket_is_named(s3_storage) -> None:
    storage = msgspec.structs.replace(s3_storage(), url="s3://no-such-bucket-here/x")
    for call in (lambda s: s.check(), lambda s: s.put(KEY, b"x"), lambda s: list(s.list())):
        with pytest.raises(StoreRefused, match="no bucket no-such-bucket-here"):
            call(open_store(storage))


@pytest.mark.swift
def test_wrong_credentials_are_a_persons_business(s3_storage, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = s3_storage()
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    store = open_store(storage)
    with pytest.raises(StoreRefused, match="credentials"):
        store.put(KEY, b"x")
    with pytest.raises(StoreRefused, match="credentials"):
        store.check()
    with pytest.raises(StoreRefused, match="credentials"):
        store.head(KEY)


@pytest.mark.swift
def test_absent_credentials_are_named(s3_storage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    storage = s3_storage()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    with pytest.raises(StoreRefused, match="AWS_ACCESS_KEY_ID"):
        open_store(storage).check()


@pytest.mark.swift
def test_an_endpoint_nobody_listens_at_is_passing_trouble(s3_storage) -> None:
    storage = msgspec.structs.replace(s3_storage(), endpoint_url="http://127.0.0.1:1", attempts=1)
    with pytest.raises(StoreUnavailable, match=r"127\.0\.0\.1:1"):
        open_store(storage).check()


@pytest.mark.swift
def test_an_endpoint_that_is_no_url_is_refused(s3_storage) -> None:
    storage = msgspec.structs.replace(s3_storage(), endpoint_url="not a url")
    with pytest.raises(StoreRefused, match="endpoint_url"):
        open_store(storage).check()


@pytest.mark.swift
def test_large_objects_go_up_in_parts_and_only_once(s3_storage, tmp_path: Path) -> None:
    storage = s3_storage()
    bucket = storage.url.split("/")[2]
    store = S3Store(storage, bucket=bucket, prefix="p", put_limit=6_000_000, part_size=5 << 20)
    path = tmp_path / "big"
    path.write_bytes(os.urandom(11_000_000))
    store.put(KEY, path)
    assert store.get(KEY) == path.read_bytes()
    with pytest.raises(ObjectExists):
        store.put(KEY, path)


@pytest.mark.swift
def test_streams_from_s3_can_be_searched(s3_storage) -> None:
    store = open_store(s3_storage())
    store.put(KEY, bytes(range(256)) * 5000)
    with store.open(KEY, offset=256) as stream:
        assert stream.seek(-2, 2) == 5000 * 256 - 258
        assert stream.read() == b"\xfe\xff"
        assert stream.seek(10) == 10
        assert stream.read(2) == b"\x0a\x0b"
        assert stream.tell() == 12
