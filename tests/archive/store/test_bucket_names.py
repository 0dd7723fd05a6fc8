import pytest

from crawler.archive.store.bucket_names import bucket_fault, is_on_aws
from crawler.config import Storage

TIMES = {"connect_timeout_s": 1.0, "read_timeout_s": 1.0, "attempts": 1}


def storage(bucket: str, **more: str) -> Storage:
    return Storage(url=f"s3://{bucket}/news", **TIMES, **more)


@pytest.fixture(autouse=True)
def _no_endpoint(monkeypatch):
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    "name",
    [
        "abc",
        "a-b",
        "news.archive.example",
        "1news",
        "n" * 63,
        "a1.b-2",
        "192.168.5",
        "arn:aws:s3:eu-west-1:1:accesspoint:x",
    ],
)
def test_a_name_that_s3_takes_is_right(name):
    assert bucket_fault(storage(name)) is None


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ab", "a name has 3 to 63 characters, this one 2"),
        ("n" * 64, "this one 64"),
        ("News", "small letters, as in 'news'"),
        ("my_archive", "without '_'"),
        ("news archive", "without ' '"),
        ("nachrichtenübersicht", "without 'ü'"),
        (".news", "begin and end with a letter or a digit"),
        ("news.", "begin and end with a letter or a digit"),
        ("-news", "begin and end with a letter or a digit"),
        ("news-", "begin and end with a letter or a digit"),
        ("news..archive", "two dots do not stand together"),
        ("192.168.5.4", "no IP address"),
        ("xn--news", "begin with xn-- are kept by AWS"),
        ("sthree-news", "begin with sthree- are kept by AWS"),
    ],
)
def test_a_name_that_s3_refuses_is_told_with_what_is_wrong(name, said):
    assert said in (bucket_fault(storage(name)) or "")
    assert said in (bucket_fault(storage(name, endpoint_url="https://s3.eu-west-1.amazonaws.com")) or "")


def test_other_servers_take_what_they_take(monkeypatch):
    assert bucket_fault(storage("My_Archive", endpoint_url="https://minio.example:9000")) is None
    assert bucket_fault(storage("My_Archive", endpoint_url="https://amazonaws.com.example")) is None
    assert bucket_fault(Storage(url="file:My_Archive", **TIMES)) is None
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9000")
    assert bucket_fault(storage("My_Archive")) is None


def test_a_bucket_of_the_time_when_more_was_right_is_reached_by_path():
    assert bucket_fault(storage("My_Old_Archive", addressing="path")) is None
    assert "no IP address" in (bucket_fault(storage("10.0.0.1", addressing="path")) or "")


@pytest.mark.parametrize(
    ("endpoint", "on_aws"),
    [
        ("", True), ("https://s3.amazonaws.com/", True), ("https://s3.cn-north-1.amazonaws.com.cn", True),
        ("https://s3.eu-west-1.amazonaws.com:443", True), ("https://storage.googleapis.com", False), ("none", False),
    ],
)  # fmt: skip
def test_the_endpoint_tells_whose_rules_hold(endpoint, on_aws):
    assert is_on_aws(storage("abc", endpoint_url=endpoint)) is on_aws
