"""What a site's profile gains, and whether it ever harms.

    python benchmarks/profiles.py [--eval DIR] [--least N ...] [--pages N]

DIR holds annotated sets and score.py, as for extraction.py. Each page of a site that has several there is parsed with
a profile learned from the site's other pages, and scored beside the article without one. Sites have two to five pages
there and a profile is made from twelve articles on, so ``--least`` lowers the bar: what is learned from one or two
other pages is the hardest test of whether profiles harm. ``--as-one`` takes a whole set for one site.

Without DIR: the paper of tests/parse/gazette.py, whose articles carry recurring lines inside their own container; the
profile is learned from N of its pages, and judged on as many others.
"""

from __future__ import annotations

import argparse
import gzip
import importlib
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from crawler.errors import ParseError  # noqa: E402 - the checkout's own
from crawler.model.page import Page  # noqa: E402
from crawler.model.profile import PageSketch, SiteProfile  # noqa: E402
from crawler.parse.article import read_page  # noqa: E402
from crawler.parse.profile.apply import marks_of  # noqa: E402
from crawler.parse.profile.learn import Learner, Least  # noqa: E402
from tests.parse.gazette import body_of, gazette_page  # noqa: E402

AT = datetime(2026, 11, 1, tzinfo=UTC)
SETS = ("fundus", "trafilatura", "readability", "arabic")
NOT_SITES = ("", "archive.org", "fakehost")
"""Addresses under which a set keeps pages of many sites."""


def site_of(url: str) -> str:
    """Return the registrable domain, roughly; blogs of one host are sites of their own."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    if host.endswith(("wordpress.com", "blogspot.com")):
        return host
    parts = host.split(".")
    return ".".join(parts[-3:] if len(parts) > 2 and len(parts[-2]) <= 3 else parts[-2:])


def groups_of(root: Path, sets: list[str], as_one: bool) -> dict[str, list[tuple[str, dict, bytes]]]:
    groups: dict[str, list[tuple[str, dict, bytes]]] = {}
    for name in sets:
        with gzip.open(root / name / "truth.jsonl.gz", "rt", encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
        for row in rows:
            site = name if as_one else site_of(row["url"])
            if site not in NOT_SITES:
                html = gzip.decompress((root / name / "pages" / f"{row['id']}.html.gz").read_bytes())
                groups.setdefault(site, []).append((name, row, html))
    return {site: pages for site, pages in groups.items() if len(pages) > 1}


def read(url: str, html: bytes, profile: SiteProfile | None = None):
    try:
        return read_page(Page(url=url, captured_at=AT, body=html), profile=profile)
    except ParseError:
        return None


def sketch(number: int, url: str, reading) -> PageSketch:
    return PageSketch(f"{number} {url}", AT, marks_of(reading.choice, reading.layout))


def learned(site: str, sketches: list[PageSketch], least: Least) -> SiteProfile | None:
    learner = Learner(most=10_000, least=least)
    for one in sketches:
        learner.add(one)
    lesson = learner.lesson()
    return lesson.profile(site, learned_at=AT, valid_after_s=0) if lesson and lesson.findings else None


def judge(root: Path, sets: list[str], least: Least, *, as_one: bool) -> None:
    score = importlib.import_module("score")
    rows = []
    for site, pages in groups_of(root, sets, as_one).items():
        readings = [read(row["url"], html) for _, row, html in pages]
        sketches = [sketch(n, pages[n][1]["url"], one) if one else None for n, one in enumerate(readings)]
        whole = learned(site, [one for one in sketches if one], least) if as_one else None
        for number, (name, row, html) in enumerate(pages):
            before = readings[number]
            if before is None:
                continue
            others = [one for n, one in enumerate(sketches) if one and n != number]
            profile = whole if as_one else learned(site, others, least)
            after = read(row["url"], html, profile) if profile else before
            bodies = before.article().body, after.article().body
            rows.append((name, row, site, bodies, after.choice != before.choice, "profile_not_applied" in after.flags))
    told(rows, score, least)


def told(rows: list, score, least: Least) -> None:
    for name in sorted({row[0] for row in rows}):
        mine = [row for row in rows if row[0] == name]
        changed = [row for row in mine if row[4]]
        lines = []
        better = worse = 0
        sums = [[], []]
        for _, truth, site, bodies, _, _ in mine:
            found = [value_of(score, name, truth, body) for body in bodies]
            for kept, value in zip(sums, found, strict=True):
                kept.append(value)
            better += found[1] > found[0]
            worse += found[1] < found[0]
            if bodies[0] != bodies[1]:
                lines.append(f"    {found[1] - found[0]:+.3f} {site} {truth['id']}: {found[0]:.3f} -> {found[1]:.3f}")
        means = [sum(values) / len(values) for values in sums]
        exact = [sum(value == 1 for value in values) for values in sums]
        refused = sum(row[5] for row in mine)
        print(
            f"{name:<12} least {least.articles}/{least.recurrences}: {len(mine)} pages of "
            f"{len({row[2] for row in mine})} sites, "
            f"{len(changed)} changed, {refused} refused, {better} better, {worse} worse, "
            f"page F1 {means[0]:.4f} -> {means[1]:.4f}, exact {exact[0]} -> {exact[1]}"
        )
        for line in lines:
            print(line)


def value_of(score, name: str, truth: dict, body: str) -> float:
    """Return F1 of the page's four-word shingles, or the share of snippets that are rightly in or out."""
    if name == "trafilatura":
        text = score.squeeze(body)
        right = sum(score.squeeze(s) in text for s in truth["must"]) + sum(
            score.squeeze(s) not in text for s in truth["must_not"]
        )
        return right / (len(truth["must"]) + len(truth["must_not"]) or 1)
    return score.score_body(truth, body, "intl", "required").f1


def synthetic(count: int) -> None:
    sketches, cost = [], [0.0, 0.0]
    for number in range(count):
        url = f"https://gazette.example/{number}"
        sketches.append(sketch(number, url, read(url, gazette_page(number).encode())))
    start = time.process_time()
    profile = learned("gazette", sketches, Least())
    learning = time.process_time() - start
    exact = [0, 0]
    for number in range(count, 2 * count):
        html = gazette_page(number).encode()
        for with_one, used in enumerate((None, profile)):
            start = time.process_time()
            body = read("https://gazette.example/x", html, used).article().body
            cost[with_one] += time.process_time() - start
            exact[with_one] += body == "\n\n".join(body_of(number))
    entries = len(profile.texts) + len(profile.places) if profile else 0
    print(
        f"gazette: profile of {entries} entries from {count} pages in {1000 * learning:.1f} ms CPU; "
        f"exact bodies of {count} other pages: {exact[0]} without, {exact[1]} with; "
        f"{1000 * cost[0] / count:.2f} and {1000 * cost[1] / count:.2f} ms CPU a page"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--eval", type=Path)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--least", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--as-one", action="store_true")
    parser.add_argument("--pages", type=int, default=40)
    args = parser.parse_args()
    synthetic(args.pages)
    if args.eval:
        sys.path.insert(0, str(args.eval))
        if args.as_one:
            for name in args.sets:
                judge(args.eval, [name], Least(), as_one=True)
        else:
            for least in args.least:
                judge(args.eval, args.sets, Least(least, least), as_one=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
