"""Metrics and health: true, documented, few labels; dashboards and alerts name only what exists."""

from __future__ import annotations

import asyncio
import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from crawler.archive.store.folder import FileStore
from crawler.clock import FixedClock, SystemClock
from crawler.daemon.housekeeping import Housekeeping
from crawler.daemon.page.health import HealthWatch
from crawler.daemon.page.metrics import NAMES
from crawler.state import open_state
from tests.daemon.page.page_server import STARTED, serving

DOCS = Path(__file__).parents[3] / "docs"
PROCESS = {
    "process_resident_memory_bytes",
    "process_cpu_seconds_total",
    "process_open_fds",
    "process_start_time_seconds",
    "process_max_fds",
    "process_virtual_memory_bytes",
}
WORD = re.compile(r"\b(?:warraq|process)_[a-z0-9_]+")


def families(text: str):
    return {family.name: family for family in text_string_to_metric_families(text)}


def value(page, name: str, **labels: str) -> float:
    for family in families(page.get("/metrics").text).values():
        for sample in family.samples:
            if sample.name == name and labels.items() <= sample.labels.items():
                return sample.value
    raise AssertionError(name)


def test_every_metric_is_one_that_is_documented_with_its_labels(served):
    served.get("/")
    told = (DOCS / "metrics.md").read_text()
    for family in families(served.get("/metrics").text).values():
        name = family.name + ("_total" if family.type == "counter" else "")
        assert name in NAMES or name in PROCESS, name
        for sample in family.samples:
            assert set(sample.labels) - {"le"} == set(NAMES[name][2] if name in NAMES else ()), sample
    for name, (kind, _, labels) in NAMES.items():
        row = re.search(rf"^\| `{name}` \| {kind} \| (.*?) \| (.+?) \|$", told, re.MULTILINE)
        assert row, name
        assert re.findall(r"`(\w+)`", row[1]) == list(labels), name
    assert set(WORD.findall(told)) <= set(NAMES) | PROCESS


@pytest.mark.parametrize("document", ["grafana-dashboard.json", "alert-rules.yml", "operations.md"])
def test_a_document_names_only_metrics_that_exist(document):
    text = (DOCS / document).read_text()
    histogram = {f"warraq_page_request_seconds_{part}" for part in ("bucket", "count", "sum")}
    assert set(WORD.findall(text)) <= set(NAMES) | PROCESS | histogram
    if document.endswith(".json"):
        assert json.loads(text)["panels"]


def test_counters_are_what_the_ledger_says(served):
    settled = {outcome: count for (name, outcome), count in served.state.counters().items() if name == "settled"}
    assert settled["parsed"] == 30
    for outcome, count in settled.items():
        assert value(served, "warraq_urls_settled_total", outcome=outcome) == count
    assert value(served, "warraq_failures_total", reason="http_404") == 3  # none is tried again within ten minutes
    assert value(served, "warraq_runs_ended_total", state="partial") >= 1
    assert value(served, "warraq_archived_bytes_total") > 10_000
    assert value(served, "warraq_tallies_behind") == 0


def test_with_many_sites_there_are_only_totals(archive, config, served):
    assert value(served, "warraq_site_last_run_ok", site="harm") == 1
    with serving(config, archive.sites, site_metrics=3) as page:
        text = page.get("/metrics").text
        assert "site=" not in text
        assert value(page, "warraq_sites", state="active") == len(archive.sites)


def test_ready_is_what_keeps_captures(served):
    assert served.get("/readyz").status == 200
    assert value(served, "warraq_check_ok", check="store") == 1


def test_not_ready_without_live_workers(served):
    served.daemon.workers = [msgspec.structs.replace(served.daemon.workers[0], silent_s=120.0)]
    answer = served.get("/readyz")
    assert answer.status == 503
    assert "workers: NOT OK (0 of 1 alive)" in answer.text
    assert "not ok" in served.get("/").text


def test_not_ready_while_stopping(served):
    served.daemon.stopping = True
    assert served.get("/readyz").status == 503
    assert served.get("/healthz").status == 200


def test_not_ready_with_a_full_spool(archive, config):
    full = msgspec.structs.replace(config, spool=msgspec.structs.replace(config.spool, quota_bytes=10))
    with serving(full, archive.sites) as page:
        assert "spool: NOT OK (its quota is used up; fetching has stopped)" in page.get("/readyz").text
        assert value(page, "warraq_spool_bytes") > value(page, "warraq_spool_quota_bytes")


def test_not_ready_with_a_full_disk(archive, config):
    full = msgspec.structs.replace(config, spool=msgspec.structs.replace(config.spool, min_free_bytes=1 << 60))
    with serving(full, archive.sites) as page:
        assert "spool: NOT OK (the disk is nearly full" in page.get("/readyz").text


def test_not_ready_when_the_store_is_gone(archive, config, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    gone = msgspec.structs.replace(
        config, storage=msgspec.structs.replace(config.storage, url=f"file:{tmp_path / 'file' / 'store'}")
    )
    with serving(gone, archive.sites) as page:
        answer = page.get("/readyz")
        assert answer.status == 503
        assert "store: NOT OK" in answer.text
        assert value(page, "warraq_check_ok", check="store") == 0


def test_before_anything_was_looked_at_nothing_is_called_well(served, config):
    keeping = Housekeeping(lambda: config, served.state, SystemClock())
    watch = HealthWatch(
        config, served.state, FileStore(Path(config.state.dir)), keeping, SystemClock(), ThreadPoolExecutor(1)
    )
    assert not any(check.ok for check in watch.checks([], stopping=False))


def test_what_was_looked_at_long_ago_is_not_called_well(archive, config):
    clock = FixedClock(STARTED)
    with open_state(config.state, clock=clock) as state, ThreadPoolExecutor(1) as threads:
        keeping = Housekeeping(lambda: config, state, clock)
        watch = HealthWatch(config, state, FileStore(Path(config.state.dir)), keeping, clock, threads)
        asyncio.run(watch.look())
        assert {c.name: c.ok for c in watch.checks([], stopping=False)}["spool"]
        clock.advance(61)
        assert not {c.name: c.ok for c in watch.checks([], stopping=False)}["spool"]


def test_a_state_that_cannot_be_read_is_neither_healthy_nor_ready(served):
    for state in served.page._states:
        state.close()
    for path in ("/healthz", "/runs", "/metrics"):
        assert served.get(path).status == 503, path
