"""The full-text index of many articles: what it costs to make, how large it is, and how long searches take.

    python benchmarks/search.py --articles 100000 --folder scratch

Texts are made up: 250 words each, drawn as words of a language are (a few very often, most rarely), in a Latin, an
Arabic and a Chinese vocabulary.
"""

from __future__ import annotations

import argparse
import itertools
import random
import statistics
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


def vocabulary(chance: random.Random, letters: str, language: str) -> list[str]:
    size = (1, 3) if language == "zh" else (2, 9)
    return ["".join(chance.choices(letters, k=chance.randint(*size))) for _ in range(30_000)]


def make(store: FileStore, articles: int) -> int:
    chance = random.Random(7)
    words = {language: vocabulary(chance, letters, language) for language, letters in _LETTERS.items()}
    weights = list(itertools.accumulate(1 / rank for rank in range(1, 30_001)))
    size = 0
    for batch in range(0, articles, _BATCH):
        language = ("en", "ar", "zh")[batch // _BATCH % 3]
        lines = []
        for number in range(batch, min(batch + _BATCH, articles)):
            drawn = chance.choices(words[language], cum_weights=weights, k=_WORDS)
            text = ("" if language == "zh" else " ").join(drawn)
            day = f"2026-{1 + number // 30 % 12:02}-{1 + number % 28:02}"
            lines.append(
                msgspec.json.encode(
                    {"id": f"{number:016x}", "url": f"https://news.example/{number}", "site": f"paper{batch % 40}",
                    "run": f"run-{batch}",
                     "captured_at": f"{day}T08:00:00.000000Z", "language": language, "title": " ".join(drawn[:8]),
                     "body": text}
                )
            )  # fmt: skip
            size += len(text.encode())
        store.put(
            Batch.named(f"paper{batch % 40}", f"run-{batch}", day).lines, b"\n".join(lines) + b"\n", overwrite=True
        )
    (Path(store.url.removeprefix("file:")) / "words").write_text(
        "\n".join(words[one][rank] for one in words for rank in (0, 50, 5_000))
    )
    return size


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--articles", type=int, default=20_000)
    options.add_argument("--folder", type=Path, required=True)
    given = options.parse_args()
    (given.folder / "data").mkdir(parents=True, exist_ok=True)
    store = FileStore(given.folder / "data")
    size = make(store, given.articles)
    path = index_path(given.folder / "state", store)
    began = time.process_time()
    SearchIndex.update(path, store, rebuild=True)
    took = time.process_time() - began
    print(f"{given.articles} articles, {size / 1e6:.0f} MB of text: {took:.1f} CPU s, {given.articles / took:.0f} "
    "articles a CPU second, "
          f"index {path.stat().st_size / 1e6:.0f} MB")  # fmt: skip
    began = time.process_time()
    SearchIndex.update(path, store)
    print(f"nothing new: {time.process_time() - began:.2f} CPU s")
    common, middle, rare, *others = (given.folder / "data/words").read_text().split("\n")
    questions = {
        "a rare word": rare,
        "a word of the middle": middle,
        "the most common word": common,
        "two words": f"{common} {middle}",
        "a phrase": f'"{common} {middle}"',
        "Arabic": others[1],
        "Chinese": others[4],
    }
    for name, query in questions.items():
        for newest in (False, True):
            times = []
            for _ in range(3):
                index = SearchIndex.open(path)
                assert index is not None
                with index:
                    began = time.perf_counter()
                    index.search(query, Selection(), newest=newest)
                    times.append(time.perf_counter() - began)
            print(f"{statistics.median(times) * 1000:8.1f} ms  {'newest' if newest else 'best':6}  {name}")


if __name__ == "__main__":
    main()
