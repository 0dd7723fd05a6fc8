"""Frozen datasets: complete, citable, the same bytes from the same archive, never changed, never half there."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from crawler.archive.store import Store, open_store
from crawler.archive.store.folder import FileStore
from crawler.archive.store.memory import MemoryStore
from crawler.archive.takedowns import enter
from crawler.config import Storage
from crawler.corpus.dataset import DatasetOrder, export_dataset
from crawler.errors import UsageError
from crawler.model.selection import Selection
from crawler.model.takedown import Takedown
from tests.corpus.corpus_factory import STORIES, Story, fill

STORE = ("--store", "file:data", "--state", "state")
ROOT = Path(__file__).parents[2]


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def export(store: Store, out: Path, **options: Any) -> dict[str, Any]:
    selection = Selection(**options.pop("selection", {}))
    made = export_dataset(store, DatasetOrder(name=options.pop("name", "papers"), selection=selection, **options), out)
    return dict(msgspec.json.decode(msgspec.json.encode(made)))


@pytest.mark.parametrize("form", ["jsonl", "jsonl.gz", "jsonl.zst", "csv", "parquet", "text", "wacz"])
def test_the_same_selection_gives_the_same_bytes(here: FileStore, tmp_path: Path, form: Any):
    shuffled = MemoryStore(f"shuffled-{form}")
    objects = list(here.list())
    random.Random(3).shuffle(objects)
    for one in objects:
        shuffled.put(one.key, here.get(one.key))
    for name, store in (("one", here), ("two", here), ("three", shuffled)):
        export(store, tmp_path / name, form=form, selection={"since": datetime(2026, 10, 31, tzinfo=UTC)})
    one, two, three = (tree(tmp_path / name) for name in ("one", "two", "three"))
    assert one == two == three
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == ["papers"]


def test_checksums_name_every_file(here: FileStore, tmp_path: Path):
    export(here, tmp_path)
    done = subprocess.run(
        ["sha256sum", "-c", "SHA256SUMS"], cwd=tmp_path / "papers", capture_output=True, text=True, check=True
    )
    assert done.stdout.count(": OK") == len(tree(tmp_path / "papers")) - 1


@pytest.mark.slow
@pytest.mark.parametrize("form", ["jsonl", "jsonl.gz", "jsonl.zst", "parquet", "csv"])
def test_datasets_loads_it_in_one_line(here: FileStore, tmp_path: Path, form: Any):
    export(here, tmp_path, form=form)
    program = (
        'from datasets import load_dataset; articles = load_dataset("papers", split="train"); '
        'print(len(articles), articles[0]["title"], sorted(set(articles["language"])))'
    )
    environment = {
        **os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "home"),
        "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "7 The bridge is to be repaired ['ar', 'en', 'fa', 'fr', 'zh']\n"


def test_the_datasheet_tells_what_it_is_made_of(here: FileStore, tmp_path: Path):
    enter(
        here,
        Takedown(url=STORIES[1].url, reason="a court", at="2026-11-05T00:00:00Z"),
        datetime(2026, 11, 5, tzinfo=UTC),
    )
    made = export(here, tmp_path, selection={"sites": ("ferrow", "kitab"), "which": "latest"}, title="Two papers")
    assert (made["articles"], made["sites"], made["languages"]) == (2, {"ferrow": 1, "kitab": 1}, {"ar": 1, "en": 1})
    assert made["takedowns"] == ["2026-11-05: a page, a court"]
    assert made["gaps"] is None
    told = (tmp_path / "papers/DATASHEET.md").read_text()
    for part in (
        "# Datasheet: Two papers",
        "| ferrow | 1 |",
        "The ledger of the crawler was not at hand",
        '"which": "latest"',
        "a court",
    ):
        assert part in told
    assert STORIES[1].url not in told
    assert json.loads((tmp_path / "papers/datasheet.json").read_text()) == made


def test_one_that_is_there_is_never_changed(here: FileStore, tmp_path: Path):
    export(here, tmp_path)
    before = tree(tmp_path / "papers")
    with pytest.raises(UsageError, match="papers-2"):
        export(here, tmp_path, selection={"sites": ("kitab",)})
    assert tree(tmp_path / "papers") == before


@pytest.mark.slow
@pytest.mark.parametrize("step", range(8))
def test_killed_in_the_middle_and_run_again_it_is_whole(here: FileStore, tmp_path: Path, step: int):
    """Die at the `step`-th file that is put on disk or named."""
    export(here, tmp_path / "reference")
    program = f"""
import os, signal, sys
from pathlib import Path
left = [{step}]
def dying(call):
    def own(*args, **kwargs):
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1
        return call(*args, **kwargs)
    return own
os.fsync, Path.rename, Path.write_text = dying(os.fsync), dying(Path.rename), dying(Path.write_text)
from crawler.cli import main
sys.exit(main(["export", "papers", "--store", "file:data", "--state", "state", "--out", "out"]))
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    died = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, check=False
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert not (tmp_path / "out/papers").exists()
    export(here, tmp_path / "out")
    assert tree(tmp_path / "out") == tree(tmp_path / "reference")


def test_many_articles_are_several_files(here: FileStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("crawler.corpus.dataset._SHARD", 3)
    made = export(here, tmp_path)
    assert made["articles"] == 7
    assert sorted(path.name for path in (tmp_path / "papers/data").iterdir()) == [
        f"articles-0000{number}.jsonl.gz" for number in range(3)
    ]


def test_a_wacz_has_the_captures(here: FileStore, tmp_path: Path):
    made = export(here, tmp_path, form="wacz", selection={"sites": ("ferrow",)})
    assert (made["captures"], made["articles"]) == (3, 3)
    with zipfile.ZipFile(tmp_path / "papers/data/papers.wacz") as package:
        assert "pages/pages.jsonl" in package.namelist()


SIGNED = (
    Story("ferrow", "closed", "Closed to all machines", STORIES[0].text, "en", 0, head=('<meta name="robots" '
        'content="noai">')),
    Story("ferrow", "open", "Open to everybody", STORIES[1].text, "en", 0, head=('<link rel="license" '
        'href="https://creativecommons.org/licenses/by/4.0/">')),
    Story("ferrow", "reserved", "Reserved by a header", STORIES[2].text, "en", 0, headers=(("tdm-reservation", "1"),)),
    Story("ferrow", "silent", "Nothing is stated here", STORIES[0].text * 2, "en", 0),
    Story("pont", "robots.txt", "", "User-agent: GPTBot\nDisallow: /\n", "fr", 0, role="robots"),
    STORIES[3],
)  # fmt: skip


@pytest.mark.parametrize(
    ("use", "unknown", "titles", "answers"),
    [
        ("ai-train", "drop", ["Open to everybody"], {"allowed": 1, "denied": 3, "unknown": 1}),
        (
            "ai-train",
            "keep",
            ["Nothing is stated here", "Open to everybody"],
            {"allowed": 1, "denied": 3, "unknown": 1},
        ),
        ("tdm", "drop", ["Open to everybody"], {"allowed": 1, "denied": 3, "unknown": 1}),
        ("research", "drop", ["Open to everybody"], {"allowed": 1, "unknown": 4}),
    ],
)
def test_what_may_be_used_follows_from_what_was_stated_at_capture(
    tmp_path: Path, use: Any, unknown: Any, titles: list[str], answers: dict[str, int]
):
    store = FileStore(tmp_path / "data")
    fill(store, tmp_path / "spool", SIGNED)
    made = export(store, tmp_path, form="jsonl", allow=use, unknown=unknown)
    lines = (tmp_path / "papers/data/articles-00000.jsonl").read_bytes().splitlines()
    assert sorted(json.loads(line)["title"] for line in lines) == titles
    assert made["use_answers"] == answers
    if use == "ai-train":
        assert made["use_signals"]["denied: robots.txt: GPTBot"] == 1


def test_the_command_makes_tells_and_refuses(here: FileStore, warraq: Callable[..., Any], tmp_path: Path):
    ran = warraq("export", "bridges", *STORE, "--search", "bridge OR 桥", "--unique")
    assert (ran.code, ran.out.startswith("exports/bridges: 3 articles of 2 sites")) == (0, True), ran.out + ran.err
    again = warraq("export", "bridges", *STORE)
    assert (again.code, "never changed" in again.err) == (2, True)
    told = json.loads(warraq("export", "all", *STORE, "--json").out)
    assert told["articles"] == 7
    unknown = warraq("export", "t", *STORE, "--allow", "tdm")
    assert (unknown.code, "7 unknown" in unknown.err, (tmp_path / "exports/t").exists()) == (2, True, False)
    assert sorted(path.name for path in (tmp_path / "exports").iterdir()) == ["all", "bridges"]


def test_into_a_store_the_checksums_go_last_and_a_whole_one_is_never_changed(
    here: FileStore, warraq: Callable[..., Any], tmp_path: Path
):
    target = open_store(Storage(url="memory:datasets-in-a-store", connect_timeout_s=1, read_timeout_s=1, attempts=1))
    ran = warraq("export", "bridges", *STORE, "--out", "memory:datasets-in-a-store")
    assert (ran.code, ran.out.startswith("memory:datasets-in-a-store/bridges: 7 articles")) == (0, True), (
        ran.out + ran.err
    )
    warraq("export", "bridges", *STORE, "--out", "local")
    kept = tree(tmp_path / "local")
    assert {one.key: target.get(one.key) for one in target.list()} == kept
    again = warraq("export", "bridges", *STORE, "--out", "memory:datasets-in-a-store")
    assert (again.code, "never changed" in again.err) == (2, True)
    target.delete("bridges/SHA256SUMS")  # interrupted, it goes on
    target.put("bridges/README.md", b"half", overwrite=True)
    assert warraq("export", "bridges", *STORE, "--out", "memory:datasets-in-a-store").code == 0
    assert {one.key: target.get(one.key) for one in target.list()} == kept
    assert warraq("export", "../x", *STORE, "--out", "memory:datasets-in-a-store").code == 2


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (("../x",), "no name of a dataset"),
        ((".x",), "no name of a dataset"),
        (("x", "--site", "nobody"), "no article is of the selection; ask for more\n"),
        (("x", "--site", "pont", "--allow", "research"), "(1 unknown); ask for more, or --unknown keep"),
        (("x", "--format", "wacz", "--allow", "tdm"), "a WACZ holds captures"),
        (("x", "--format", "xml"), "xml"),
        (("x", "--allow", "ai"), "ai"),
        (("x", "--search", "a OR"), "missing beside OR"),
    ],
)
def test_a_mistake_is_told_and_leaves_nothing(
    here: FileStore, warraq: Callable[..., Any], tmp_path: Path, argv: tuple[str, ...], told: str
):
    ran = warraq("export", *argv, *STORE)
    assert (ran.code, told in ran.err) == (2, True), ran.err
    assert not list((tmp_path / "exports").rglob("*"))


def test_damage_is_named_in_the_datasheet_and_makes_the_exit_code_3(here: FileStore, warraq, tmp_path: Path):
    lines = tmp_path / "data/articles/qiao/2026/11/02/run-qiao-3/articles.jsonl"
    lines.write_bytes(b"{}\n" + lines.read_bytes())
    assert warraq("export", "x", *STORE).code == 3
    assert "line 1 is damaged" in (tmp_path / "exports/x/DATASHEET.md").read_text()
