"""The full-text index of many articles: what it costs to make, how large it is, and how long searches take.

    python benchmarks/search.py --articles 100000 --folder scratch

Texts are made up: 250 words each, drawn as words of a language are (a few very often, most rarely), in a Latin, an
Arabic and a Chinese vocabulary. What lies in the folder already is gone on with: many articles can be done in several
stretches, each of at most `--seconds` (exit code 3: there is more to do).
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import statistics
import sys
import time
from pathlib import Path

import msgspec

from crawler.archive.articles import Batch
from crawler.archive.store.folder import FileStore
from crawler.corpus.search import SearchIndex, index_path
from crawler.model.selection import Selection

_BATCH = 500
_WORDS = 250
_LETTERS = {
    "en": "abcdefghijklmnoprstuvw",
    "ar": "ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "zh": "".join(map(chr, range(0x4E00, 0x5600))),
}


class Over(Exception):  # noqa: N818 - no fault: the time that was given is over
    """There is more to do."""


class Stretch:
    """The time that is left, and what earlier stretches took."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self._path = folder / "stretches.json"
        self._end = time.monotonic() + seconds
        self.took: dict[str, float] = json.loads(self._path.read_text()) if self._path.exists() else {}

    def check(self) -> None:
        if time.monotonic() > self._end:
            raise Over

    def add(self, name: str, amount: float) -> None:
        self.took[name] = self.took.get(name, 0) + amount
        self._path.write_text(json.dumps(self.took))


def vocabulary(chance: random.Random, letters: str, language: str) -> list[str]:
    size = (1, 3) if language == "zh" else (2, 9)
    return ["".join(chance.choices(letters, k=chance.randint(*size))) for _ in range(30_000)]


def vocabularies() -> dict[str, list[str]]:
    chance = random.Random(7)
    return {language: vocabulary(chance, letters, language) for language, letters in _LETTERS.items()}


def make(store: FileStore, words: dict[str, list[str]], articles: int, stretch: Stretch) -> None:
    weights = list(itertools.accumulate(1 / rank for rank in range(1, 30_001)))
    for batch in range(0, articles, _BATCH):
        day = f"2026-{1 + batch // _BATCH % 12:02}-{1 + batch // _BATCH // 12 % 28:02}"
        key = Batch.named(f"paper{batch // _BATCH % 40}", f"run-{batch}", day).lines
        if store.head(key) is not None:
            continue
        stretch.check()
        chance = random.Random(batch)
        language = ("en", "ar", "zh")[batch // _BATCH % 3]
        lines = []
        size = 0
        for number in range(batch, min(batch + _BATCH, articles)):
            drawn = chance.choices(words[language], cum_weights=weights, k=_WORDS)
            text = ("" if language == "zh" else " ").join(drawn)
            lines.append(
                msgspec.json.encode(
                    {"id": f"{number:016x}", "url": f"https://news.example/{number}",
                     "site": f"paper{batch // _BATCH % 40}", "run": f"run-{batch}",
                     "captured_at": f"{day}T08:00:{number % 60:02}.000000Z", "language": language,
                     "title": " ".join(drawn[:8]), "body": text}
                )
            )  # fmt: skip
            size += len(text.encode())
        store.put(key, b"\n".join(lines) + b"\n", overwrite=True)
        stretch.add("bytes of text", size)


def index(path: Path, store: FileStore, stretch: Stretch) -> None:
    began = time.process_time()
    known = -1

    def progress(_done: int, _total: int) -> None:
        stretch.check()

    try:
        known = SearchIndex.update(path, store, on_progress=progress).known
    finally:
        stretch.add("CPU seconds of the index", time.process_time() - began)
    took, size = stretch.took["CPU seconds of the index"], stretch.took["bytes of text"]
    print(f"{known} articles, {size / 1e6:.0f} MB of text: {took:.1f} CPU s, {known / took:.0f} articles a CPU second, "
          f"index {path.stat().st_size / 1e6:.0f} MB")  # fmt: skip


def ask(path: Path, words: dict[str, list[str]]) -> None:
    common, middle, rare = (words["en"][rank] for rank in (0, 50, 5_000))
    questions = {
        "a rare word": rare,
        "a word of the middle": middle,
        "the most common word": common,
        "two words": f"{common} {middle}",
        "either of two": f"{common} OR {middle}",
        "a phrase": f'"{common} {middle}"',
        "the beginning of a word": f"{middle[:2]}*",
        "Arabic": words["ar"][50],
        "Chinese": words["zh"][50],
    }
    for name, query in questions.items():
        for newest in (False, True):
            times = []
            found = 0
            for _ in range(3):
                opened = SearchIndex.open(path)
                assert opened is not None
                with opened:
                    began = time.perf_counter()
                    found = len(opened.search(query, Selection(), newest=newest))
                    times.append(time.perf_counter() - began)
            first, median = times[0] * 1000, statistics.median(times) * 1000
            print(f"{median:8.1f} ms (first {first:8.1f})  {'newest' if newest else 'best':6}  {found:3}  {name}")


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--articles", type=int, default=20_000)
    options.add_argument("--folder", type=Path, required=True)
    options.add_argument("--seconds", type=float, default=float("inf"))
    given = options.parse_args()
    (given.folder / "data").mkdir(parents=True, exist_ok=True)
    store = FileStore(given.folder / "data")
    path = index_path(given.folder / "state", store)
    path.parent.mkdir(exist_ok=True)
    words = vocabularies()
    stretch = Stretch(given.folder, given.seconds)
    try:
        make(store, words, given.articles, stretch)
        index(path, store, stretch)
    except Over:
        print("the time is over: the same command goes on", file=sys.stderr)
        return 3
    began = time.process_time()
    SearchIndex.update(path, store)
    print(f"nothing new: {time.process_time() - began:.2f} CPU s")
    ask(path, words)
    return 0


if __name__ == "__main__":
    sys.exit(main())
