"""From compressed WARC files of others to articles on disk: `warraq replay` beside trafilatura over FastWARC and
warcio.

    python benchmarks/replay.py PAGES [--copies 4] [--files 4] [--rounds 3] [--only warraq-1,warraq-2,fastwarc,warcio]

PAGES is a folder of saved pages (``*.html``, ``*.html.gz``, searched through). They are written as WARC files by
warcio, a gzip member a record as other crawlers do it, under addresses like those of articles, `--copies` times.
Contenders take turns, round by round; compare ratios of one run. Counted are the user and system time of a command and
of all it starts, start-up included; bytecode is compiled before. ``warraq-N`` is `warraq replay --jobs N`, texts and
JSON Lines, pages that are no article left out; the peers write JSON Lines of every page.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import os
import shutil
import statistics
import sys
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from capture import install  # noqa: E402 - scripts beside this one
from crawl import Measured, measure  # noqa: E402


def pages_in(folder: Path) -> list[bytes]:
    found = sorted(path for path in folder.rglob("*") if path.name.endswith((".html", ".html.gz")))
    return [gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes() for path in found]


def write_archive(folder: Path, pages: Sequence[bytes], *, files: int, copies: int) -> list[str]:
    folder.mkdir()
    paths = [folder / f"{number}.warc.gz" for number in range(files)]
    for number, path in enumerate(paths):
        with path.open("wb") as stream, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            writer = WARCWriter(stream, gzip=True)
            for at in range(number, len(pages) * copies, files):
                head = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
                url = f"https://paper-{at % 17}.example/2026/11/{at % 28 + 1:02}/a-story-with-a-name-of-its-own-{at}"
                record = writer.create_warc_record(
                    url, "response", payload=io.BytesIO(pages[at % len(pages)]), http_headers=head,
                    warc_headers_dict={"WARC-Date": f"2026-11-{at % 28 + 1:02}T10:00:00Z"},
                )  # fmt: skip
                writer.write_record(record)
    return [str(path) for path in paths]


def run(name: str, warcs: list[str], folder: Path, python: Path, command: str) -> Measured:
    if name.startswith("warraq"):
        words = [command, "replay", *warcs, "--jobs", name.partition("-")[2], "--out", "out", "--json"]
    else:
        words = [str(python), str(HERE / "contenders" / "replay_peer.py"), name, "articles.jsonl", *warcs]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(folder.parent / "bytecode")
    process, measured = measure(words, folder, environment)
    if process.returncode:
        raise SystemExit(f"{name}: code {process.returncode}\n{(folder / 'err').read_text()[-2000:]}")
    return measured._replace(articles=json.loads((folder / "out.json").read_text())["articles"])


def show(runs: dict[str, list[Measured]], pages: int) -> None:
    print(f"{pages} pages, load {os.getloadavg()[0]:.1f}")
    print("            pages per   CPU ms a page      wall   resident MB at most")
    print("            CPU second   all    main         s     main     all   articles")
    for name, measured in runs.items():
        cpu, main, wall, main_mb, all_mb, articles = (
            statistics.median(column) for column in zip(*measured, strict=True)
        )
        print(
            f"{name:<12}{pages / cpu:>8.1f}{1000 * cpu / pages:>9.2f}{1000 * main / pages:>8.2f}"
            f"{wall:>10.1f}{main_mb:>9.0f}{all_mb:>8.0f}{articles:>11.0f}",
            flush=True,
        )


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path)
    parser.add_argument("--copies", type=int, default=4)
    parser.add_argument("--files", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    contenders = ["warraq-1", "warraq-2", "fastwarc", "warcio"]
    parser.add_argument("--only", type=lambda text: text.split(","), default=contenders)
    parser.add_argument("--command", default=str(Path(sys.executable).with_name("warraq")))
    return parser.parse_args()


def main() -> None:
    options = arguments()
    environments = Path(tempfile.gettempdir()) / "warraq-benchmark-environments"
    if set(options.only) & {"fastwarc", "warcio"}:
        install(environments, {"replay"})
    pages = pages_in(options.pages)
    with tempfile.TemporaryDirectory(prefix="warraq-replay-") as folder:
        warcs = write_archive(Path(folder) / "archive", pages, files=options.files, copies=options.copies)
        python = environments / "replay" / "bin" / "python"
        few = write_archive(Path(folder) / "few", pages[:8], files=1, copies=1)
        for name in options.only:  # so that nobody compiles his bytecode while he is measured
            run(name, few, _made(Path(folder) / f"{name}-few"), python, options.command)
        runs: dict[str, list[Measured]] = {}
        for number in range(options.rounds):
            for name in options.only:
                place = _made(Path(folder) / f"{name}-{number}")
                runs.setdefault(name, []).append(run(name, warcs, place, python, options.command))
                shutil.rmtree(place)
        show(runs, len(pages) * options.copies)


if __name__ == "__main__":
    main()
