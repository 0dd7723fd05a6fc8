"""The registry of stores: by scheme, open to others, clear about what it cannot open."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest

from crawler.archive.store import opening
from crawler.archive.store.memory import MemoryStore
from crawler.config import Storage, load
from crawler.errors import ConfigError, StoreRefused


def named(url: str) -> Storage:
    return Storage(url=url, connect_timeout_s=1.0, read_timeout_s=1.0, attempts=1)


@pytest.mark.parametrize("url", ["", "data", "http://x/y", "S3://bucket", ":x"])
def test_a_url_that_is_no_store_is_refused_with_what_to_give(url: str) -> None:
    with pytest.raises(StoreRefused, match="give file:FOLDER or s3://bucket/prefix"):
        opening.open_store(named(url))


@pytest.mark.parametrize(
    ("url", "form"),
    [("file:", "file:FOLDER"), ("file://", "file:FOLDER"), ("s3:bucket", "s3://bucket/prefix"), ("s3://", "s3://b")],
)
def test_a_url_that_names_no_place_is_refused_with_its_form(url: str, form: str) -> None:
    with pytest.raises(StoreRefused, match=f"names no (folder|bucket); give {form}"):
        opening.open_store(named(url))


def test_a_package_adds_a_kind_of_store_by_an_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    added = EntryPoint("cloud", "crawler.archive.store.memory:MemoryStore.of", "warraq.stores")
    monkeypatch.setattr(opening, "entry_points", lambda *, group, name: [added] if name == "cloud" else [])
    store = opening.open_store(named("cloud:news"))
    assert isinstance(store, MemoryStore)
    with pytest.raises(StoreRefused, match="is not a store"):
        opening.open_store(named("clowd:news"))


def test_an_added_store_whose_package_is_broken_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = EntryPoint("cloud", "no_such_package:store", "warraq.stores")
    monkeypatch.setattr(opening, "entry_points", lambda **_: [broken])
    with pytest.raises(StoreRefused, match="the store of cloud: cannot be loaded from no_such_package:store"):
        opening.open_store(named("cloud:news"))


def test_a_folder_is_opened_without_the_client_of_buckets() -> None:
    code = (
        "import sys; from crawler.archive.store import open_store; from crawler.config import load;"
        "open_store(load().storage); print('boto3' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


def test_settings_may_not_name_memory_where_captures_would_be_lost() -> None:
    with pytest.raises(ConfigError, match=r"storage\.url.*forgotten when the process ends"):
        load(overrides={"storage.url": "memory:news"})
