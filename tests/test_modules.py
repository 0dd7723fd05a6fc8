"""The plan of the house, held against the tree: each module has its test, each room its line on the map."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from pkgutil import resolve_name

import pytest

ROOT = Path(__file__).parents[1]

ELSEWHERE = {
    "crawler/archive/articles/memory.py": "archive/articles/test_base.py",
    "crawler/archive/capture_metadata.py": "archive/write/test_records.py",
    "crawler/archive/erase.py": "cli/test_takedown.py",
    "crawler/archive/store/at_once.py": "archive/store/test_base.py",
    "crawler/archive/store/s3_stream.py": "archive/store/test_s3.py",
    "crawler/archive/takedowns.py": "cli/test_takedown.py",
    "crawler/archive/read/records.py": "archive/read/test_captures.py",
    "crawler/archive/read/selection.py": "archive/test_export.py",
    "crawler/archive/read/stream.py": "archive/read/test_captures.py",
    "crawler/archive/revisit_report.py": "archive/test_export.py",
    "crawler/archive/write/open_warc.py": "archive/write/test_spool.py",
    "crawler/archive/write/spool_folder.py": "archive/write/test_spool.py",
    "crawler/capture/scrapy/services.py": "capture/scrapy/test_handler.py",
    "crawler/capture/scrapy/settings.py": "capture/test_capture_settings.py",
    "crawler/capture/selftest/*.py": "capture/test_selftest.py",
    "crawler/cli/archive.py": "archive/check/test_verify.py",
    "crawler/cli/comparison.py": "cli/test_replay_command.py",
    "crawler/cli/config.py": "cli/test_config_command.py",
    "crawler/cli/diff.py": "cli/test_following.py",
    "crawler/cli/retry.py": "cli/test_following.py",
    "crawler/cli/endings.py": "cli/test_exit_codes.py",
    "crawler/cli/export.py": "corpus/test_dataset.py",
    "crawler/cli/imported.py": "cli/test_commands.py",
    "crawler/cli/init.py": "cli/test_config_command.py",
    "crawler/cli/learn.py": "cli/test_learn_command.py",
    "crawler/cli/manifest.py": "cli/test_manifest_command.py",
    "crawler/cli/parse.py": "cli/test_parse_command.py",
    "crawler/cli/playback.py": "archive/test_pywb.py",
    "crawler/cli/replay.py": "cli/test_replay_command.py",
    "crawler/cli/report.py": "archive/test_export.py",
    "crawler/cli/sites.py": "cli/test_sites_check.py",
    "crawler/cli/selecting.py": "cli/test_replay_command.py",
    "crawler/cli/wacz.py": "archive/test_export.py",
    "crawler/cli/articles.py": "corpus/test_articles.py",
    "crawler/cli/catalogue.py": "corpus/test_catalogue.py",
    "crawler/cli/search.py": "corpus/test_search.py",
    "crawler/cli/query.py": "corpus/test_sql.py",
    "crawler/config/structure.py": "config/test_load.py",
    "crawler/corpus/extra.py": "corpus/test_catalogue.py",
    "crawler/corpus/following.py": "corpus/test_articles.py",
    "crawler/corpus/reading.py": "corpus/test_articles.py",
    "crawler/corpus/writing.py": "corpus/test_articles.py",
    "crawler/corpus/card.py": "corpus/test_dataset.py",
    "crawler/corpus/alone.py": "corpus/test_search.py",
    "crawler/corpus/withheld.py": "corpus/test_sql.py",
    "crawler/corpus/results.py": "corpus/test_sql.py",
    "crawler/corpus/rows.py": "corpus/test_catalogue.py",
    "crawler/corpus/store_files.py": "corpus/test_sql.py",
    "crawler/corpus/tables.py": "corpus/test_catalogue.py",
    "crawler/state/syndication.py": "run/test_syndication.py",
    "crawler/daemon/alarms/facts.py": "daemon/test_alarm_watch.py",
    "crawler/daemon/alarms/kinds.py": "daemon/test_alarm_rules.py",
    "crawler/daemon/alarms/notify.py": "daemon/test_alarm_notify.py",
    "crawler/daemon/alarms/rules.py": "daemon/test_alarm_rules.py",
    "crawler/daemon/alarms/watch.py": "daemon/test_alarm_watch.py",
    "crawler/daemon/api/client.py": "daemon/api/test_control.py",
    "crawler/daemon/chores/apart.py": "daemon/test_learning_watch.py",
    "crawler/daemon/chores/learning.py": "daemon/test_learning_watch.py",
    "crawler/daemon/chores/restore.py": "cli/test_rebuild.py",
    "crawler/daemon/declarations.py": "cli/test_config_command.py",
    "crawler/daemon/fleet.py": "daemon/test_resident.py",
    "crawler/daemon/live_runner.py": "cli/test_daemon.py",
    "crawler/daemon/messages.py": "daemon/test_resident.py",
    "crawler/daemon/page/access.py": "daemon/page/test_guard.py",
    "crawler/daemon/page/gate.py": "daemon/page/test_metrics.py",
    "crawler/daemon/page/health.py": "daemon/page/test_metrics.py",
    "crawler/daemon/page/*.py": "daemon/page/test_pages.py",
    "crawler/daemon/runner.py": "daemon/test_resident.py",
    "crawler/daemon/worker.py": "daemon/test_resident.py",
    "crawler/demo/show.py": "cli/test_demo.py",
    "crawler/demo/web.py": "demo/test_demo_web.py",
    "crawler/demo/*.py": "demo/test_newsroom.py",
    "crawler/frontier/differences.py": "cli/test_following.py",
    "crawler/capture/browser.py": "run/live/test_rendering.py",
    "crawler/frontier/refresh.py": "capture/scrapy/test_redirects.py",
    "crawler/model/*.py": "no code: values alone, made and read in the tests of whoever uses them",
    "crawler/archive/check/declared_digests.py": "archive/check/test_verify.py",
    "crawler/archive/check/index_lines.py": "archive/check/test_verify.py",
    "crawler/archive/folders.py": "no code: names alone",
    "crawler/errors.py": "no code: names alone",
    "crawler/parse/charset/detect.py": "parse/charset/test_decode.py",
    "crawler/parse/choose/*.py": "parse/choose/test_select.py",
    "crawler/parse/dates/*.py": "parse/dates/test_read.py",
    "crawler/parse/fields/barriers.py": "parse/fields/test_access.py",
    "crawler/parse/fields/dense_names.py": "parse/fields/test_authors.py",
    "crawler/parse/fields/date_places.py": "parse/fields/test_dates.py",
    "crawler/parse/fields/persons.py": "parse/fields/test_authors.py",
    "crawler/parse/fields/names.py": "parse/fields/test_authors.py",
    "crawler/parse/fields/stated_titles.py": "parse/fields/test_title.py",
    "crawler/parse/page/*.py": "parse/page/test_flatten.py",
    "crawler/parse/plain.py": "parse/test_native.py",
    "crawler/parse/rules.py": "parse/test_site_parser.py",
    "crawler/parse/schema.py": "cli/test_show.py",
    "crawler/frontier/places.py": "cli/test_sites_add.py",
    "crawler/run/subscriptions.py": "cli/test_sites_opml.py",
    "crawler/run/declaring.py": "cli/test_sites_add.py",
    "crawler/run/live/exploring.py": "cli/test_sites_add.py",
    "crawler/run/live/looking.py": "cli/test_sites_check.py",
    "crawler/run/live/*.py": "cli/test_crawl.py",
    "crawler/run/offline/*.py": "cli/test_replay_command.py",
    "crawler/run/parsing/*.py": "run/parsing/test_pool.py",
    "crawler/run/selftest/*.py": "run/selftest/test_trial.py",
    "crawler/run/coverage.py": "cli/test_following.py",
    "crawler/run/revisions.py": "cli/test_following.py",
    "crawler/run/progress.py": "cli/test_crawl.py",
    "crawler/run/receipts.py": "cli/test_manifest_command.py",
    "crawler/state/coverage.py": "cli/test_following.py",
    "crawler/state/protocol.py": "state/test_opening.py",
    "crawler/state/records.py": "no code: values alone, made and read in the tests of whoever uses them",
    "crawler/state/rows.py": "state/test_browse.py",
    "crawler/state/signs.py": "daemon/test_alarm_rules.py",
    "crawler/state/state.py": "state/test_opening.py",
    "crawler/state/statements/*.py": "state/test_statements.py",
    "crawler/state/tallies.py": "state/test_browse.py",
    "spiders/*.py": "spiders/test_news.py",
}
"""Modules without a test file of their own: where they are tested, or why not at all. The first pattern that fits
counts."""


def modules() -> list[str]:
    found = [path for root in ("crawler", "spiders") for path in (ROOT / root).rglob("*.py")]
    return sorted(
        path.relative_to(ROOT).as_posix() for path in found if path.name not in ("__init__.py", "__main__.py")
    )


def test_of(module: str) -> Path:
    path = Path(module.removeprefix("crawler/"))
    return ROOT / "tests" / path.parent / f"test_{path.name}"


test_of.__test__ = False  # type: ignore[attr-defined]
ALONE = [module for module in modules() if not test_of(module).exists()]


@pytest.mark.parametrize("module", ALONE)
def test_a_module_without_a_test_file_has_a_reason(module: str) -> None:
    assert any(fnmatch(module, pattern) for pattern in ELSEWHERE), f"write {test_of(module).relative_to(ROOT)}"


@pytest.mark.parametrize(("pattern", "reason"), ELSEWHERE.items())
def test_a_reason_is_still_needed_and_true(pattern: str, reason: str) -> None:
    assert any(fnmatch(module, pattern) for module in ALONE), f"{pattern}: every module it means has a test file now"
    assert reason.startswith("no code: ") or (ROOT / "tests" / reason).is_file(), reason


def rooms() -> Iterator[str]:
    """Yield every package of the tree that holds modules of its own, and the leaves."""
    for path in sorted((ROOT / "crawler").rglob("__init__.py")):
        folder = path.parent
        if folder != ROOT / "crawler" and any(one.name != "__init__.py" for one in folder.glob("*.py")):
            yield ".".join(folder.relative_to(ROOT).parts)
    yield "spiders"
    yield "spiders.examples"


def on_the_map() -> dict[str, str]:
    text = (ROOT / "docs" / "architecture.md").read_text()
    table = text[text.index("| room |") :].split("\n\n")[0]
    rows = re.findall(r"^\| `?([a-z_.]+)`? \| (.+?) \|$", table, re.MULTILINE)
    return dict(rows)


def test_the_map_shows_every_room_and_none_that_is_not_there() -> None:
    shown = set(on_the_map()) - {"leaves", "room"}
    assert shown == set(rooms())


def test_the_map_names_every_leaf() -> None:
    leaves = {path.stem for path in (ROOT / "crawler").glob("*.py")} - {"__init__", "__main__"}
    assert set(re.findall(r"`(\w+)`", on_the_map()["leaves"])) == leaves


def test_modules_that_the_architecture_names_are_there() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()
    for name in set(re.findall(r"`((?:crawler|spiders)(?:\.\w+)+)`", text)):
        assert resolve_name(name) is not None, name
