"""``warraq manifest`` and ``warraq verify --manifest`` as a user types them."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.web import page


@pytest.fixture
def crawled(crawl_once, web):
    web.pages["/2026/11/a-long-story-about-water"] = page("A long story")
    assert crawl_once(f"{web.base}/2026/11/a-long-story-about-water", "--allow-private").code == 0


def today() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d}"


def test_a_manifest_is_written_for_a_day_and_checked(warraq, crawled, tmp_path: Path):
    ran = warraq("manifest")
    assert (ran.code, ran.out, "nothing is waiting" in ran.err) == (0, "", True)  # today waits for tomorrow
    ran = warraq("manifest", "--day", "2001-01-01")
    assert (ran.code, "nothing is waiting for a manifest of 2001-01-01" in ran.err) == (4, True)
    days = {path.name[7:15] for path in (tmp_path / "data").rglob("*.warc.gz")}  # one, or two about midnight
    made = warraq("manifest", *(part for day in days for part in ("--day", f"{day[:4]}-{day[4:6]}-{day[6:]}")))
    assert made.code == 0, made.err
    digest, key = made.out.split("\n")[0].split("  ")
    assert hashlib.sha256((tmp_path / "data" / key).read_bytes()).hexdigest() == digest
    checked = warraq("verify", "--manifest")
    assert (checked.code, "0 breaks" in checked.out) == (0, True)


def test_a_changed_file_is_named_and_fails(warraq, crawled, tmp_path: Path):
    (warc,) = (tmp_path / "data").rglob("*.warc.gz")
    day = "/".join(warc.parts[-4:-1])
    assert warraq("manifest", "--day", day.replace("/", "-")).code == 0
    content = bytearray(warc.read_bytes())
    content[-12] ^= 1
    warc.write_bytes(content)
    ran = warraq("verify", "--manifest", "--json")
    report = json.loads(ran.out)
    assert (ran.code, len(report["breaks"])) == (1, 1)
    assert f"{warc.name} does not have its digest" in report["breaks"][0]


def test_what_is_not_what_this_machine_shipped_is_refused(warraq, crawled, tmp_path: Path):
    (warc,) = (tmp_path / "data").rglob("*.warc.gz")
    warc.write_bytes(warc.read_bytes() + warc.read_bytes())
    ran = warraq("manifest", "--day", "-".join(warc.parts[-4:-1]))
    assert (ran.code, "is not what was shipped" in ran.err) == (1, True)


def test_a_store_without_manifests_says_how_to_make_one(warraq, crawled):
    ran = warraq("verify", "--manifest")
    assert (ran.code, "`warraq manifest`" in ran.err) == (2, True)


def test_sources_and_manifest_exclude_each_other(warraq, crawled):
    assert warraq("verify", "--manifest", "data").code == 2
