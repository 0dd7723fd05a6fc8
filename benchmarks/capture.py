"""Pages per CPU second of whole crawls, Warraq and others side by side, start-up included.

    python benchmarks/capture.py [--pages 5000] [--rounds 3] [--only kept,plain] [--json FILE]

Every contender is a process of its own on one core; counted is the user and system time of it and of all it starts,
from the first byte of its imports to its exit. They take turns, round by round, so that a busy machine spoils all of
them alike: compare the ratios, which are of medians. The server's time is not counted. What each does:

    kept        Warraq's crawl: robots, ledger, WARC/1.1 request + response + metadata, digests, CDXJ, deduplication,
                shipped to a store on disk; article bodies left as they came (decoding belongs to the parse processes)
    decoded     the same, each article's body decoded in the crawl process
    unkept      the same as kept without any archive
    plain       Scrapy 2.19 as it comes; archives nothing
    webarchive  Scrapy with scrapy-webarchive 0.5.3 (and the older Scrapy it needs)
    warcio      Scrapy 2.19 with warcio in the callback
    wget        wget --compression=gzip --warc-file

The others' packages are installed into temporary environments (uv if it is there, else pip); nginx and wget must be
installed (Debian: ``apt-get install nginx-light wget``).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from newsroom import newsroom  # noqa: E402 - a script beside this one

ENVIRONMENTS = {
    "scrapy": ("scrapy==2.19.0", "warcio==1.8.1", "trafilatura==2.3.1", "lxml[html-clean]"),
    "replay": ("trafilatura==2.3.1", "lxml[html-clean]", "fastwarc==2.0.1", "warcio==1.8.1"),
    "webarchive": ("scrapy-webarchive==0.5.3", "w3lib==2.2.1", "twisted==24.7.0"),
}
"""scrapy-webarchive brings the Scrapy it was made for, which does not run with the latest of what it needs."""


class Place(NamedTuple):
    """What a contender is given."""

    origin: str
    urls: Path
    """A file, one a line."""
    pages: int
    folder: Path
    """Its own, empty."""
    environments: Path


def warraq(mode: str) -> Callable[[Place], list[str]]:
    script = str(HERE / "contenders" / "warraq.py")
    return lambda place: [sys.executable, script, place.origin, str(place.pages), str(place.folder), mode]


def scrapy(environment: str, mode: str) -> Callable[[Place], list[str]]:
    script = str(HERE / "contenders" / "scrapy_peer.py")
    return lambda place: [
        str(place.environments / environment / "bin" / "python"), script,
        str(place.urls), str(place.pages), str(place.folder), mode,
    ]  # fmt: skip


def wget(place: Place) -> list[str]:
    return [
        "wget", "--quiet", "--compression=gzip", f"--warc-file={place.folder / 'wget'}", "--warc-cdx",
        f"--warc-tempdir={place.folder}", "--output-document=/dev/null", f"--input-file={place.urls}",
    ]  # fmt: skip


CONTENDERS: dict[str, Callable[[Place], list[str]]] = {
    "kept": warraq("kept"),
    "decoded": warraq("decoded"),
    "unkept": warraq("unkept"),
    "plain": scrapy("scrapy", "plain"),
    "webarchive": scrapy("webarchive", "webarchive"),
    "warcio": scrapy("scrapy", "warcio"),
    "wget": wget,
}

TARGETS = (
    ("kept", "plain", 3.0),
    ("decoded", "plain", 2.0),
    ("kept", "webarchive", 4.0),
    ("kept", "wget", 1.3),
)
MOST_MS = 0.15
MOST_MB = 120


class Measured(NamedTuple):
    cpu_s: float
    wall_s: float
    peak_mb: float
    told: dict[str, Any]
    """What the contender printed."""


def install(environments: Path, wanted: set[str]) -> None:
    """Make the others' environments; costs a minute the first time."""
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    for name, packages in ENVIRONMENTS.items():
        folder = environments / name
        if name not in wanted or (folder / "ready").exists():
            continue
        if uv:
            subprocess.run([uv, "venv", "-q", "--python", sys.executable, str(folder)], check=True)
            subprocess.run(
                [uv, "pip", "install", "-q", "--python", str(folder / "bin" / "python"), *packages], check=True
            )
        else:
            subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
            subprocess.run([str(folder / "bin" / "pip"), "install", "-q", *packages], check=True)
        (folder / "ready").touch()


def measure(command: list[str], folder: Path) -> Measured:
    """Run `command` on one core; return what it and its children cost."""
    core = max(os.sched_getaffinity(0))
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(folder.parent / "bytecode")  # nobody compiles while he is measured
    with (folder / "told").open("w+") as told, (folder / "errors").open("w+") as errors:
        started = time.monotonic()
        process = subprocess.Popen(
            ["taskset", "--cpu-list", str(core), *command], stdout=told, stderr=errors, cwd=folder, env=environment
        )
        _, status, used = os.wait4(process.pid, 0)
        wall_s = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        told.seek(0)
        errors.seek(0)
        if process.returncode:
            raise SystemExit(f"{command[:3]} ended with {process.returncode}:\n{errors.read()[-3000:]}")
        lines = [line for line in told.read().splitlines() if line.startswith("{")]
    return Measured(
        used.ru_utime + used.ru_stime, wall_s, used.ru_maxrss / 1024, json.loads(lines[-1]) if lines else {}
    )


def run(place: Place, names: list[str], rounds: int) -> dict[str, list[Measured]]:
    found: dict[str, list[Measured]] = {name: [] for name in names}
    _warm_up(place, names)
    for number in range(rounds):
        for name in names:
            folder = place.folder / f"{number}-{name}"
            folder.mkdir()
            result = measure(CONTENDERS[name](place._replace(folder=folder)), folder)
            if name == "wget":
                result.told["kept_bytes"] = (folder / "wget.warc.gz").stat().st_size
            shutil.rmtree(folder)
            found[name].append(result)
            rate = place.pages / result.cpu_s
            print(
                f"round {number + 1} {name:<11} {result.cpu_s:6.2f} CPU-s {rate:6,.0f} pages/CPU-s "
                f"{result.wall_s:6.1f} s {result.peak_mb:4.0f} MB {result.told or ''}",
                flush=True,
            )
    return found


def _warm_up(place: Place, names: list[str]) -> None:
    """Let every contender fetch a few pages, so that its bytecode is there and its files are in memory."""
    few = place.folder / "few"
    few.write_text("\n".join(place.urls.read_text().split()[:20]) + "\n")
    for name in names:
        folder = place.folder / f"warm-{name}"
        folder.mkdir()
        measure(CONTENDERS[name](place._replace(folder=folder, urls=few, pages=20)), folder)
        shutil.rmtree(folder)


def summarise(found: dict[str, list[Measured]], pages: int) -> dict[str, Any]:
    """Print the medians and what was aimed at; return them."""
    cpu_s = {name: statistics.median(one.cpu_s for one in results) for name, results in found.items()}
    print(f"\n{'contender':<11} {'pages/CPU-s':>11} {'ms a page':>9} {'spread':>13} {'peak MB':>7}")
    for name, seconds in cpu_s.items():
        each = sorted(one.cpu_s for one in found[name])
        spread = f"{pages / each[-1]:,.0f}-{pages / each[0]:,.0f}"
        peak = max(one.peak_mb for one in found[name])
        print(f"{name:<11} {pages / seconds:>11,.0f} {1000 * seconds / pages:>9.3f} {spread:>13} {peak:>7.0f}")
    print()
    ratios: dict[str, float] = {}
    for ours, theirs, aim in TARGETS:
        if ours in cpu_s and theirs in cpu_s:
            ratios[f"{ours}/{theirs}"] = ratio = cpu_s[theirs] / cpu_s[ours]
            print(f"{ours} is {ratio:.2f} times {theirs} (aim {aim:g}): {'reached' if ratio >= aim else 'not reached'}")
    if "kept" in cpu_s and "unkept" in cpu_s:
        ratios["archiving_ms"] = added = 1000 * (cpu_s["kept"] - cpu_s["unkept"]) / pages
        print(
            f"archiving adds {added:.3f} ms a page (aim {MOST_MS}): {'reached' if added <= MOST_MS else 'not reached'}"
        )
    if "kept" in found:
        peak = max(one.peak_mb for one in found["kept"])
        grown = statistics.median(one.told["late_mb"] - one.told["early_mb"] for one in found["kept"])
        print(f"peak {peak:.0f} MB (aim {MOST_MB}), {grown:+.1f} MB from a fifth of the way to the end")
    return {"pages": pages, "cpu_s": cpu_s, "ratios": ratios}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default=",".join(CONTENDERS), help="names, with commas between")
    parser.add_argument("--environments", type=Path, help="keep the others' environments here for the next time")
    parser.add_argument("--json", type=Path, help="write the medians there")
    options = parser.parse_args()
    names = [name for name in CONTENDERS if name in options.only.split(",")]
    wanted = {name for name in ("plain", "warcio") if name in names} and {"scrapy"}
    wanted |= {"webarchive"} & set(names)
    with tempfile.TemporaryDirectory(prefix="warraq-bench-") as temporary:
        root = Path(temporary)
        environments = (options.environments or root / "environments").absolute()
        environments.mkdir(parents=True, exist_ok=True)
        install(environments, wanted)
        (root / "runs").mkdir()
        with newsroom(root, options.pages) as (origin, urls):
            (root / "urls").write_text("\n".join(urls) + "\n")
            sizes = [path.stat().st_size for path in (root / "site" / "bodies").iterdir() if path.suffix == ".gz"]
            print(
                f"{options.pages} pages, {sum(sizes) // len(sizes):,} bytes gzip on average "
                f"({min(sizes):,}-{max(sizes):,})"
            )
            place = Place(origin, root / "urls", options.pages, root / "runs", environments)
            found = run(place, names, options.rounds)
    result = summarise(found, options.pages)
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
