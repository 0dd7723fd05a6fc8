"""``/metrics`` for Prometheus: gauges made anew at each scrape, counters out of the tallies.

Names are documented in docs/metrics.md. Labels are of few values; per-site ones are given up to ``page.site_metrics``
sites only.
"""

from __future__ import annotations

__all__ = ["NAMES", "Metrics", "Scrape", "gather_scrape"]

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import get_args

import msgspec
from prometheus_client import CollectorRegistry, Histogram, ProcessCollector, disable_created_metrics, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from crawler import __version__
from crawler.daemon.api.control import DaemonView
from crawler.daemon.page.desk import Desk
from crawler.daemon.page.health import Check, SpoolHealth
from crawler.model.run import OPEN, UNDER_WAY, Outcome, RunState
from crawler.state import AlarmRow

_Values = Iterable[tuple[Sequence[str], float]]

NAMES = {
    "warraq_build_info": ("gauge", "1; the label tells the version", ("version",)),
    "warraq_start_time_seconds": ("gauge", "when the daemon was started (Unix time)", ()),
    "warraq_check_ok": ("gauge", "1 if the check of /readyz is passed", ("check",)),
    "warraq_alarms": ("gauge", "alarms that are on", ("kind", "severity")),
    "warraq_seeds_error": ("gauge", "1 if the last change of seeds/ could not be taken over", ()),
    "warraq_workers": ("gauge", "worker processes", ("state",)),
    "warraq_worker_resident_bytes": ("gauge", "memory of the workers together", ()),
    "warraq_worker_silent_seconds": ("gauge", "the longest time since a worker was heard", ()),
    "warraq_runs_open": ("gauge", "runs queued and running", ("state",)),
    "warraq_runs_ended_total": ("counter", "runs that ended", ("state",)),
    "warraq_fires_not_on_time": ("gauge", "fires of the last 24 hours that did not simply run", ("policy",)),
    "warraq_urls_settled_total": ("counter", "fetches and refusals by what became of them", ("outcome",)),
    "warraq_failures_total": ("counter", "failed and lost URLs by class", ("reason",)),
    "warraq_archived_bytes_total": ("counter", "compressed bytes of response records of pages", ()),
    "warraq_tallies_behind": ("gauge", "1 while counters and charts lack events", ()),
    "warraq_spool_bytes": ("gauge", "what the spool holds", ()),
    "warraq_spool_quota_bytes": ("gauge", "what it may hold", ()),
    "warraq_spool_disk_free_bytes": ("gauge", "left on its disk", ()),
    "warraq_spool_disk_min_free_bytes": ("gauge", "below that fetching stops", ()),
    "warraq_spool_files": ("gauge", "WARC files in the spool", ("state",)),
    "warraq_spool_oldest_waiting_seconds": ("gauge", "age of the oldest sealed file the store has not confirmed", ()),
    "warraq_store_checked_time_seconds": ("gauge", "when the store was last tried (Unix time)", ()),
    "warraq_sites": ("gauge", "declared sites", ("state",)),
    "warraq_site_last_article_time_seconds": ("gauge", "capture of the site's latest article (Unix time)", ("site",)),
    "warraq_site_last_run_time_seconds": ("gauge", "end of the site's latest run (Unix time)", ("site",)),
    "warraq_site_last_run_ok": ("gauge", "1 if it was done, wholly or in part", ("site",)),
    "warraq_page_request_seconds": ("histogram", "time to answer a request of the status page", ("route",)),
}  # fmt: skip
"""Type, meaning and labels of every metric of ours; ``process_*`` come from the Prometheus client."""


class Scrape(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a scrape tells, gathered before it is written down."""

    view: DaemonView
    checks: tuple[Check, ...]
    alarms: tuple[AlarmRow, ...]
    spool: SpoolHealth | None
    store_checked_at: datetime | None
    behind: bool
    counters: Mapping[tuple[str, str], int]
    not_on_time: Mapping[str, int]
    last_articles: Mapping[str, datetime | None]
    """Empty if there are too many sites."""


class Metrics:
    """The registry of one server."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series each, which nobody asks for
        self._process = CollectorRegistry()
        ProcessCollector(registry=self._process)
        _, text, labels = NAMES["warraq_page_request_seconds"]
        self.requests = Histogram(
            "warraq_page_request_seconds", text, labels, registry=self._process,
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0),
        )  # fmt: skip

    def text(self, reading: Scrape) -> bytes:
        """Return the answer to a scrape, in Prometheus' text format 0.0.4."""
        registry = CollectorRegistry()
        registry.register(_Fixed(reading))
        return bytes(generate_latest(registry) + generate_latest(self._process))


class _Fixed:
    """A collector of what was read."""

    def __init__(self, reading: Scrape) -> None:
        self._reading = reading

    def collect(self) -> Iterator[Metric]:
        read = self._reading
        yield from _daemon(read)
        yield from _counts(read)
        if read.spool is not None:
            yield from _spool(read.spool)
        yield from _sites(read)


async def gather_scrape(desk: Desk) -> Scrape:
    """Read what a scrape tells."""
    view = desk.view()
    names = [site.name for site in view.sites]
    few = names if len(names) <= desk.config.page.site_metrics else []
    since = desk.clock.now() - timedelta(days=1)
    return Scrape(
        view=view,
        checks=desk.watch.checks(view.workers, stopping=view.stopping),
        alarms=tuple(desk.alarms()),
        spool=desk.watch.spool,
        store_checked_at=desk.watch.store_checked_at,
        behind=desk.watch.behind,
        counters=await desk.read(desk.state.counters),
        not_on_time=await desk.read(desk.state.not_on_time, since),
        last_articles=await desk.read(lambda: {name: desk.state.last_article_at(name) for name in few}),
    )


def _daemon(read: Scrape) -> Iterator[Metric]:
    view = read.view
    yield _family("warraq_build_info", [((__version__,), 1)])
    yield _family("warraq_start_time_seconds", [((), view.started_at.timestamp())])
    yield _family("warraq_check_ok", [((check.name,), check.ok) for check in read.checks])
    alarms = Counter((alarm.kind, alarm.severity) for alarm in read.alarms)
    yield _family("warraq_alarms", list(alarms.items()))
    yield _family("warraq_seeds_error", [((), view.seeds_error is not None)])
    retiring = sum(worker.retiring for worker in view.workers)
    yield _family("warraq_workers", [(("working",), len(view.workers) - retiring), (("retiring",), retiring)])
    yield _family("warraq_worker_resident_bytes", [((), sum(worker.rss_bytes for worker in view.workers))])
    yield _family("warraq_worker_silent_seconds", [((), max((w.silent_s for w in view.workers), default=0.0))])
    states = Counter(run.state for run in view.open_runs)
    yield _family("warraq_runs_open", [((state,), states[state]) for state in UNDER_WAY])
    if read.store_checked_at is not None:
        yield _family("warraq_store_checked_time_seconds", [((), read.store_checked_at.timestamp())])


def _counts(read: Scrape) -> Iterator[Metric]:
    def of(name: str) -> dict[str, int]:
        return {label: count for (of_name, label), count in read.counters.items() if of_name == name}

    settled, runs = of("settled"), of("runs")
    outcomes = [outcome for outcome in get_args(Outcome) if outcome not in OPEN]
    ended = [state for state in get_args(RunState) if state not in UNDER_WAY]
    yield _family("warraq_urls_settled_total", [((outcome,), settled.get(outcome, 0)) for outcome in outcomes])
    yield _family("warraq_failures_total", [((reason,), count) for reason, count in of("failures").items()])
    yield _family("warraq_archived_bytes_total", [((), of("archived_bytes").get("", 0))])
    yield _family("warraq_runs_ended_total", [((state,), runs.get(state, 0)) for state in ended])
    yield _family("warraq_tallies_behind", [((), read.behind)])
    policies = dict.fromkeys(("coalesced", "skipped_overlap", "missed"), 0) | dict(read.not_on_time)
    yield _family("warraq_fires_not_on_time", [((policy,), count) for policy, count in policies.items()])


def _spool(spool: SpoolHealth) -> Iterator[Metric]:
    yield _family("warraq_spool_bytes", [((), spool.used_bytes)])
    yield _family("warraq_spool_quota_bytes", [((), spool.quota_bytes)])
    yield _family("warraq_spool_disk_free_bytes", [((), spool.free_bytes)])
    yield _family("warraq_spool_disk_min_free_bytes", [((), spool.min_free_bytes)])
    yield _family("warraq_spool_files", [(("open",), spool.open_files), (("waiting",), spool.waiting_files)])
    yield _family("warraq_spool_oldest_waiting_seconds", [((), spool.oldest_waiting_s)])


def _sites(read: Scrape) -> Iterator[Metric]:
    sites = read.view.sites
    paused = sum(site.paused_at is not None for site in sites)
    disabled = sum(not site.enabled for site in sites)
    active = sum(site.enabled and site.paused_at is None for site in sites)
    yield _family("warraq_sites", [(("active",), active), (("paused",), paused), (("disabled",), disabled)])
    if not read.last_articles:
        return
    articles = [((name,), at.timestamp()) for name, at in read.last_articles.items() if at is not None]
    ended = [(site.name, site.last_run) for site in sites if site.last_run is not None]
    ends = [((name,), run.finished_at.timestamp()) for name, run in ended if run.finished_at is not None]
    good = [((name,), run.state in ("done", "partial")) for name, run in ended if run.finished_at is not None]
    yield _family("warraq_site_last_article_time_seconds", articles)
    yield _family("warraq_site_last_run_time_seconds", ends)
    yield _family("warraq_site_last_run_ok", good)


def _family(name: str, values: _Values) -> Metric:
    kind, text, labels = NAMES[name]
    make = CounterMetricFamily if kind == "counter" else GaugeMetricFamily
    family = make(name, text, labels=labels)
    for label_values, value in values:
        family.add_metric(list(label_values), float(value))
    return family
