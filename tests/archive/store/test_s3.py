"""What only a bucket can do wrong."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import msgspec
import pytest

from crawler.archive.store import open_store
from crawler.archive.store.s3 import S3Store
from crawler.errors import ObjectExists, StoreRefused, StoreUnavailable

pytestmark = pytest.mark.swift

KEY = "warc/2026/11/23/one.warc.gz"


def test_head_of_a_bucket_knows_the_digest(s3_storage) -> None:
    store = open_store(s3_storage())
    store.put(KEY, b"content")
    stored = store.head(KEY)
    assert stored is not None
    assert stored.sha256 == hashlib.sha256(b"content").digest()


def test_a_missing_bucket_is_named(s3_storage) -> None:
    storage = msgspec.structs.replace(s3_storage(), url="s3://no-such-bucket-here/x")
    for call in (lambda s: s.check(), lambda s: s.put(KEY, b"x"), lambda s: list(s.list())):
        with pytest.raises(StoreRefused, match="no bucket no-such-bucket-here"):
            call(open_store(storage))


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


def test_absent_credentials_are_named(s3_storage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    storage = s3_storage()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    with pytest.raises(StoreRefused, match="AWS_ACCESS_KEY_ID"):
        open_store(storage).check()


def test_an_endpoint_nobody_listens_at_is_passing_trouble(s3_storage) -> None:
    storage = msgspec.structs.replace(s3_storage(), endpoint_url="http://127.0.0.1:1", attempts=1)
    with pytest.raises(StoreUnavailable, match=r"127\.0\.0\.1:1"):
        open_store(storage).check()


def test_an_endpoint_that_is_no_url_is_refused(s3_storage) -> None:
    storage = msgspec.structs.replace(s3_storage(), endpoint_url="not a url")
    with pytest.raises(StoreRefused, match="endpoint_url"):
        open_store(storage).check()


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


def test_streams_from_s3_can_be_searched(s3_storage) -> None:
    store = open_store(s3_storage())
    store.put(KEY, bytes(range(256)) * 5000)
    with store.open(KEY, offset=256) as stream:
        assert stream.seek(-2, 2) == 5000 * 256 - 258
        assert stream.read() == b"\xfe\xff"
        assert stream.seek(10) == 10
        assert stream.read(2) == b"\x0a\x0b"
        assert stream.tell() == 12
