"""The short road into a bucket: the same objects as by the client, and the client for whatever goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec
import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from crawler.archive.store import open_store
from crawler.archive.store.put_connection import PutConnection
from crawler.capture.selftest.certificate import make_certificate
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


@pytest.mark.parametrize("token", [None, "a/token=="])
def test_the_signature_is_the_one_that_botocore_makes(odd: OddS3, monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    if token:
        monkeypatch.setenv("AWS_SESSION_TOKEN", token)
    store = open_store(odd.storage)
    store.put_many([("articles/first.txt", b"text")])
    odd.heads.clear()
    store.put_many([(name, b"text") for name in ODD_NAMES])
    for path, told in odd.heads:
        request = AWSRequest("PUT", odd.storage.endpoint_url + path, data=b"text")
        for field in ("x-amz-checksum-sha256", "x-amz-meta-sha256"):
            request.headers[field] = told[field]
        moment = datetime.fromisoformat(told["x-amz-date"])
        monkeypatch.setattr("botocore.auth.get_current_datetime", lambda moment=moment: moment)
        S3SigV4Auth(Credentials("a", "b", token), "s3", "us-east-1").add_auth(request)
        assert told["authorization"] == request.headers["Authorization"]
    assert len(odd.heads) == len(ODD_NAMES)


def test_a_connection_that_was_closed_meanwhile_is_replaced_by_another(odd: OddS3) -> None:
    store = open_store(odd.storage)
    store.put_many(_many(4), in_flight=3)
    odd.closes_after_answer = True
    store.put_many(_many(8), in_flight=3)
    odd.closes_after_answer = False
    store.put_many(_many(8), in_flight=3)
    assert {stored.key for stored in store.list("articles/")} == {key for key, _ in _many(8)}


def test_over_tls_only_whom_the_configured_certificates_vouch_for_is_believed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    certificate = make_certificate()
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(certificate.certificate)
    with odd_s3(tls=certificate.server_context()) as server:
        port = server.server_address[1]
        assert PutConnection.to("https", f"localhost:{port}", (2.0, 2.0), None) is None
        monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))
        store = open_store(msgspec.structs.replace(server.storage, endpoint_url=f"https://localhost:{port}"))
        store.put_many(_many(5), in_flight=2)
        assert len(server.objects) == 5
