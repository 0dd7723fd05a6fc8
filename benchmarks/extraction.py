"""Extraction quality, speed and memory of Warraq beside its peers, all in one run.

    python benchmarks/extraction.py [--eval DIR] [--sets NAME ...] [--peers NAME ...] [--speed N] [--check]
    [--write-floor]

DIR holds annotated sets and score.py, which does the scoring. Peers that are not installed are left out. Speed is in
pages per CPU second (bytes in, all fields out, one process); with ``--speed`` the median of N runs of each tool, in
turn, over the first set, and nothing is scored. ``--check`` compares with extraction-floor.json and
exits 1 when a figure has fallen; without ``--eval`` it checks the pages of tests/parse/pages, which are in the project.
"""

from __future__ import annotations

import argparse
import gzip
import importlib
import json
import multiprocessing
import re
import resource
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

HERE = Path(__file__).parent
FLOOR = HERE / "extraction-floor.json"
FIXTURES = HERE.parent / "tests" / "parse" / "pages"
AT = datetime(2026, 11, 1, tzinfo=UTC)
COLUMNS = ("F1", "acc", "title", "auF1", "people", "date")
PAGE_SECONDS = 60  # a peer that waits for the network, or for ever, loses its page, not the run
SLACK = {"F1": 0.001, "acc": 0.005, "title": 0.005, "auF1": 0.005, "people": 0.005, "date": 0.005}


NO_PERSON = re.compile(
    r"redaktion|redacción|rédaction|staff|news|agentur|agenc|associated|reports?\b|team\b|newsroom|desk\b|editor(?:s|"
    r"ial)\b|verband|bund\b|gmbh|ag\b|新聞|通信|[\d/@&]|\.[a-z]{2,3}$|web$",
    re.IGNORECASE,
)
"""What the annotated names of desks, agencies and sites have in them, and persons' names have not."""
CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")


def is_person(name: str, site: str) -> bool:
    """Tell whether an annotated author is a person with a full name, and not the desk, the agency or the `site` itself.

    This looks at the annotations alone and knows nothing of how Warraq tells names.
    """
    letters = "".join(filter(str.isalnum, name.lower()))
    if NO_PERSON.search(name) or letters in site.lower().replace(".", "").replace("-", ""):
        return False
    return len(name.split()) > 1 or CJK.search(name) is not None


def people_f1(score, rows: list[dict], found: dict[str, dict]) -> float | None:
    """Return F1 over the authors who are persons: annotated agencies and desks are not asked for, and not forgiven."""
    right = wrong = missed = 0
    for row in rows:
        if row.get("authors") is None:
            continue
        wanted = score.names([name for name in row["authors"] if is_person(name, row["site"])])
        given = score.names(found.get(row["id"], {}).get("authors") or [])
        right, wrong, missed = right + len(wanted & given), wrong + len(given - wanted), missed + len(wanted - given)
    return 2 * right / (2 * right + wrong + missed) if right + wrong + missed else None


def warraq() -> Callable[[bytes, str], dict]:
    from crawler.errors import ParseError  # noqa: PLC0415 - each tool is imported in its own process
    from crawler.model.page import Page  # noqa: PLC0415 - each tool is imported in its own process
    from crawler.parse.article import parse_article  # noqa: PLC0415 - each tool is imported in its own process

    def run(html, url):
        try:
            article = parse_article(Page(url=url, captured_at=AT, body=html))
        except ParseError:
            return {}
        return {"title": article.title, "authors": article.authors, "date": article.published_at, "body": article.body}

    return run


def trafilatura() -> Callable[[bytes, str], dict]:
    library = importlib.import_module("trafilatura")

    def run(html, url):
        found = library.bare_extraction(html, url=url, with_metadata=True, include_comments=False)
        if found is None:
            return {}
        return {
            "title": found.title,
            "authors": (found.author or "").split("; "),
            "date": found.date,
            "body": found.text,
        }

    return run


def trafilatura_precision() -> Callable[[bytes, str], dict]:
    library = importlib.import_module("trafilatura")

    def run(html, url):
        return {"body": library.extract(html, url=url, favor_precision=True, include_comments=False) or ""}

    return run


def newspaper4k() -> Callable[[bytes, str], dict]:
    library = importlib.import_module("newspaper")

    def run(html, url):
        article = library.Article(url)
        article.download(input_html=html.decode("utf-8", "replace"))
        article.parse()
        date = article.publish_date.isoformat() if article.publish_date else None
        return {"title": article.title, "authors": article.authors, "date": date, "body": article.text}

    return run


def readability() -> Callable[[bytes, str], dict]:
    library = importlib.import_module("readability")
    lxml = importlib.import_module("lxml.html")

    def run(html, url):
        document = library.Document(html.decode("utf-8", "replace"), url=url)
        return {"title": document.short_title(), "body": lxml.fromstring(document.summary()).text_content()}

    return run


def resiliparse() -> Callable[[bytes, str], dict]:
    extract = importlib.import_module("resiliparse.extract.html2text")

    def run(html, _url):
        text = extract.extract_plain_text(
            html.decode("utf-8", "replace"), main_content=True, alt_texts=False, comments=False, list_bullets=False
        )
        return {"body": text}

    return run


TOOLS = {f.__name__: f for f in (warraq, trafilatura, trafilatura_precision, newspaper4k, readability, resiliparse)}


def out_of_time(_signal, _frame):
    raise TimeoutError(f"gave up after {PAGE_SECONDS} s")


def measure(name: str, pages: list[tuple[str, str, Path]], pipe) -> None:
    """Run one tool over all pages in this process; send rows, CPU seconds a page and peak memory."""
    try:
        tool = TOOLS[name]()
    except ImportError as error:
        pipe.send(str(error))
        return
    signal.signal(signal.SIGALRM, out_of_time)
    base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    rows, seconds = [], []
    for ref, url, path in pages:
        html = gzip.decompress(path.read_bytes())
        start = time.process_time()
        signal.alarm(PAGE_SECONDS)
        try:
            row = tool(html, url)
        except Exception as error:  # noqa: BLE001 - a peer may raise anything; its page counts as empty
            row = {"error": repr(error)}
        finally:
            signal.alarm(0)
        seconds.append(time.process_time() - start)
        rows.append({"id": ref, **row})
    pipe.send((rows, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - base, base))


def run_tool(name: str, pages: list[tuple[str, str, Path]]):
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=measure, args=(name, pages, theirs))
    process.start()
    theirs.close()
    answer = ours.recv()
    process.join()
    return answer


def pages_of(folder: Path) -> list[tuple[str, str, Path]]:
    with gzip.open(folder / "truth.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [(row["id"], row["url"], folder / "pages" / f"{row['id']}.html.gz") for row in rows]


def compare(root: Path, sets: list[str], peers: list[str]) -> dict:
    sys.path.insert(0, str(root))
    score = importlib.import_module("score")
    options = SimpleNamespace(tokens=None, all_bodies=False, clean=False, summary="required")
    figures: dict = {}
    for name in sets:
        for peer in peers:
            answer = run_tool(peer, pages_of(root / name))
            if isinstance(answer, str):
                print(f"{peer}: left out ({answer})", file=sys.stderr)
                continue
            rows, seconds, memory, base = answer
            with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
                file.writelines(json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in rows)
                file.flush()
                found = {row["id"]: row for row in score.read_jsonl(Path(file.name))}
            _, scored = score.load(root / name, found, options)
            row = score.scores_of(scored) | {"people": people_f1(score, [page.row for page in scored], found)}
            row |= {"rate": len(rows) / sum(seconds), "median_ms": 1000 * statistics.median(seconds)}
            row |= {"slowest_ms": 1000 * max(seconds), "memory_mb": (memory + base) / 1024}
            figures.setdefault(name, {})[peer] = row
            print_row(name, peer, row)
    return figures


def compare_speed(root: Path, name: str, peers: list[str], rounds: int) -> None:
    """Print each tool's pages per CPU second: the median of `rounds` runs in turn, and the least and the most."""
    rates: dict[str, list[float]] = {peer: [] for peer in peers}
    pages = pages_of(root / name)
    for _ in range(rounds):
        for peer in peers:
            answer = run_tool(peer, pages)
            if isinstance(answer, str):
                print(f"{peer}: left out ({answer})", file=sys.stderr)
            else:
                rates[peer].append(len(pages) / sum(answer[1]))
    for peer, found in rates.items():
        if found:
            print(f"{name:<12} {peer:<22} {statistics.median(found):8.1f}/s  ({min(found):.1f} to {max(found):.1f})")


def print_row(name: str, peer: str, row: dict) -> None:
    cells = " ".join(f"{'-' if row[c] is None else format(row[c], '.3f'):>6}" for c in COLUMNS)
    print(
        f"{name:<12} {peer:<22} {cells} {row['rate']:8.1f}/s {row['median_ms']:7.1f} {row['slowest_ms']:7.0f} ms "
        f"{row['memory_mb']:6.0f} MB",
        flush=True,
    )


def check_sets(figures: dict) -> list[str]:
    floor = json.loads(FLOOR.read_text(encoding="utf-8"))["sets"]
    return [
        f"{name}: {column} fell from {least:.4f} to {figures[name]['warraq'][column]:.4f}"
        for name, columns in floor.items()
        if name in figures
        for column, least in columns.items()
        if figures[name]["warraq"][column] < least - SLACK[column]
    ]


def check_fixtures() -> list[str]:
    """Compare the project's own pages with their expected bodies and titles."""
    run = warraq()
    faults = []
    for path in sorted(FIXTURES.glob("*.html")):
        expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        found = run(path.read_bytes(), f"https://news.example/{path.stem}")
        faults += [f"{path.name}: {key} differs" for key in ("title", "body") if found.get(key) != expected[key]]
    return faults


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--eval", type=Path)
    parser.add_argument(
        "--sets", nargs="+", default=["fundus", "nonlatin", "arabic", "readability", "trafilatura", "wcxb"]
    )
    parser.add_argument("--peers", nargs="+", choices=TOOLS, default=list(TOOLS))
    parser.add_argument("--speed", type=int, metavar="N", help="runs of each tool")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--write-floor", action="store_true")
    args = parser.parse_args()
    if args.eval and args.speed:
        compare_speed(args.eval, args.sets[0], args.peers, args.speed)
        return 0
    faults = check_fixtures()
    if args.eval:
        print(
            f"{'set':<12} {'tool':<22} {'F1':>6} {'exact':>6} {'title':>6} {'auF1':>6} {'people':>6} {'date':>6}     "
            "rate   median slowest  memory"
        )
        figures = compare(args.eval, args.sets, args.peers)
        if args.write_floor:
            floor = {
                name: {c: round(rows["warraq"][c], 4) for c in COLUMNS if rows["warraq"].get(c) is not None}
                for name, rows in figures.items()
            }
            FLOOR.write_text(json.dumps({"sets": floor}, indent=1) + "\n", encoding="utf-8")
        elif args.check:
            faults += check_sets(figures)
    print("\n".join(faults) or "no figure has fallen", file=sys.stderr)
    return 1 if faults and args.check else 0


if __name__ == "__main__":
    sys.exit(main())
