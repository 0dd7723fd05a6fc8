"""The commands of docs/corpus.md, in their order, over an archive that has what they ask for."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

from crawler.archive.store.folder import FileStore
from tests.corpus.corpus_factory import STORIES, fill

PAGE = Path(__file__).parents[2] / "docs" / "corpus.md"
OPEN = '<link rel="license" href="https://creativecommons.org/licenses/by/4.0/">'


def examples() -> list[list[str]]:
    return [shlex.split(line) for line in re.findall(r"^    warraq (.+)$", PAGE.read_text(), re.MULTILINE)]


def test_the_examples_do_what_they_say(warraq: Callable[..., Any], tmp_path: Path):
    fill(
        FileStore(tmp_path / "data"), tmp_path / "spool", [*STORIES, STORIES[1]._replace(path="open", day=6, head=OPEN)]
    )
    ran = []
    for argv in examples():
        if "--follow" in argv:  # it does not end: test_articles has it
            continue
        ended = warraq(*argv, "--store", "file:data", "--state", "state")
        assert ended.code == 0, (argv, ended.err)
        assert ended.out or "--out" in argv, argv
        ran.append(argv[0])
    assert {"articles", "search", "catalogue", "query", "export"} <= set(ran)
    assert (tmp_path / "exports/bridges-2026/SHA256SUMS").exists()
    assert (tmp_path / "bridge.parquet").exists()
