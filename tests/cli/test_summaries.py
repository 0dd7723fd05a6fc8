"""``--json`` of crawl and replay: the fields that docs/commands.md promises, no others."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.web import page, rss

DOCS = (Path(__file__).parents[2] / "docs" / "commands.md").read_text()


def test_a_crawl_and_its_replay_are_summed_up_in_documented_fields(warraq, web):
    web.pages["/feed"] = rss(web.base, ["/news/one", "/news/gone"])
    web.pages["/news/one"] = page("One")
    ran = warraq("crawl", f"{web.base}/feed", "--allow-private", "--json")
    summary = json.loads(ran.out)
    table = DOCS.split("## warraq crawl")[1].split("## warraq daemon")[0].split("| field | what |")[1]
    documented = [
        name for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)
    ]
    assert list(summary) == documented
    assert (summary["articles"], summary["failed"], summary["state"], summary["waiting"]) == (1, 1, "partial", 0)
    assert set(summary["progress"]) == {"run", "counts", "size_bytes", "elapsed_s"}
    assert summary["failures"] == [{"url": f"{web.base}/news/gone", "outcome": "failed", "reason": "http_404"}]
    (batch,) = summary["published"]
    assert batch["articles"] == 1
    assert len(list(Path(batch["folder"].removeprefix("file:")).glob("*.txt"))) == 1

    replayed = json.loads(warraq("replay", "--json").out)
    promised = DOCS.split("## warraq replay")[1].split("`--json` prints one object:")[1].split("\n\n")[0]
    assert all(f"`{name}`" in promised for name in replayed)
    assert (replayed["articles"], replayed["batches"], replayed["faults"], replayed["files"]) == (1, 1, [], 1)
