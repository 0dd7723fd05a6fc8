"""How long does it take to find out which articles say the same, and what does it keep? On made articles, on disk.

Forty sites; of each thousand articles a hundred are copies: whole, nearly whole, and in part. Every article has its
site's foot. What was found is held against what was made. CPU of one process, the state's file in a folder of its own.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crawler.archive.articles import Batch
from crawler.archive.articles.memory import MemoryArticles
from crawler.clock import SystemClock, iso_utc
from crawler.config import load
from crawler.run.syndication import stories, take_in
from crawler.state import new_run, open_state

SITES = 40
COPIED = 0.1
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
STEP = timedelta(seconds=5)
BATCH = 1000


class Maker:
    """Articles, most of them new, some taken from others of the last thousand."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._words = ["".join(self._chance.choices("abcdefghijklmnopqrstuvwxyz", k=3 + n % 7)) for n in range(20_000)]
        self._feet = [self._text(40) for _ in range(SITES)]
        self._recent: list[tuple[int, str]] = []
        self.pairs = 0
        """Copies of a text of another site."""

    def articles(self, count: int) -> Iterator[tuple[int, str]]:
        """Yield site and text of each."""
        for _ in range(count):
            site = self._chance.randrange(SITES)
            if self._recent and self._chance.random() < COPIED:
                origin, text = self._chance.choice(self._recent)
                self.pairs += origin != site
                text = self._copy(text)
            else:
                text = self._text(self._chance.randint(120, 700))
                self._recent = [*self._recent[-BATCH:], (site, text)]
            yield site, f"{text} {self._feet[site]}"

    def _text(self, words: int) -> str:
        return " ".join(self._chance.choices(self._words, k=words))

    def _copy(self, text: str) -> str:
        words = text.split()
        how = self._chance.random()
        if how < 0.4:
            return text
        if how < 0.7:
            return f"{text} {self._text(len(words) // 10)}"
        return f"{self._text(len(words) // 3)} {' '.join(words[: len(words) * 2 // 3])}"


def measure(articles: int, folder: Path) -> dict[str, float]:
    """Take in `articles` in thousands; return the figures."""
    maker, clock = Maker(1), SystemClock()
    settings = load(overrides={"state.dir": str(folder)}).state
    cost: list[float] = []
    with open_state(settings, clock=clock) as state:
        made = maker.articles(articles)
        for start in range(0, articles, BATCH):
            store = MemoryArticles()
            run = new_run("press", trigger="manual", clock=clock)
            state.add_run(run)
            lines = []
            for n in range(start, min(start + BATCH, articles)):
                site, body = next(made)
                name = f"site-{site}"
                lines.append({
                    "id": f"{n:016x}", "url": f"https://{name}.example/{n}", "captured_at": iso_utc(BEGIN + n * STEP),
                    "site": name, "run": run.id, "title": f"Title {n}", "published_at": None, "body": body,
                })  # fmt: skip
            batch = Batch.named("press", run.id, lines[0]["captured_at"] or "")
            with state.transaction():
                for document in store.write(batch, [json.dumps(line).encode() for line in lines]).documents:
                    state.enter_article(document.head, path=document.key, line_sha256=document.line_sha256)
            begun = time.process_time()
            take_in(state, store, BEGIN, BEGIN + articles * STEP)
            cost.append((time.process_time() - begun) * 1000 / len(lines))
        begun = time.process_time()
        day = BEGIN + (articles * STEP) - timedelta(days=1)
        of_a_day = stories(state, day, BEGIN + articles * STEP, min_share=0.3)
        report_s = time.process_time() - begun
        found = stories(state, BEGIN, BEGIN + articles * STEP, min_share=0.3)
    size = sum(path.stat().st_size for path in folder.iterdir())
    return {
        "articles": articles,
        "cpu_ms_per_article_first_tenth": round(sum(cost[: max(1, len(cost) // 10)]) / max(1, len(cost) // 10), 2),
        "cpu_ms_per_article_last_tenth": round(sum(cost[-max(1, len(cost) // 10) :]) / max(1, len(cost) // 10), 2),
        "state_bytes_per_article": size // articles,
        "report_of_last_day_cpu_s": round(report_s, 2),
        "stories_of_last_day": len(of_a_day),
        "copies_made": maker.pairs,
        "copies_found": sum(sum(one.site != told.copies[0].site for one in told.copies) for told in found),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--articles", type=int, default=100_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measure(given.articles, Path(folder)), indent=1))


if __name__ == "__main__":
    main()
