"""What `warraq crawl` costs, as a user types it: the whole process tree, parse processes included, beside Scrapy.

    python benchmarks/crawl.py [--shapes 10x100,200x40] [--only warraq,plain,inline] [--rounds 1] [--command PATH]

A shape is SITESxPAGES: so many sites on loopback, each at an address of its own, with so many pages (46 KB gzip, 240 KB
decoded on average, made from a seed). Contenders take turns, round by round; compare ratios of one run, never figures
of two. Counted are the user and system time of the command and of all it starts, and of the command's main process
alone; memory is resident, sampled. What each does:

    warraq   robots, sitemap, ledger, WARC/1.1 with digests and index, store on disk, articles in text and JSON Lines
    plain    Scrapy 2.19 as it comes; archives and parses nothing
    inline   Scrapy 2.19 with warcio and trafilatura in the callback: WARC and text, in one process

Each has run once before, for its bytecode: where Python is told to write none, every process would compile its modules.

``--command`` is another `warraq` to measure instead of this one: the version before. The others' packages are installed
into temporary environments; nginx must be installed (Debian: ``apt-get install nginx-light``).
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
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from capture import install  # noqa: E402 - scripts beside this one
from newsroom import newsrooms  # noqa: E402

TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
ARTICLES = 0.98
"""Share of the pages that must have become articles, for a run to count."""


class Measured(NamedTuple):
    cpu_s: float
    main_cpu_s: float
    wall_s: float
    main_peak_mb: float
    tree_peak_mb: float
    articles: int


def measure(
    command: list[str], folder: Path, environment: dict[str, str] | None = None
) -> tuple[subprocess.Popen[bytes], Measured]:
    """Run `command` in `folder`, in `environment` or this one; its output goes to files there."""
    began = time.monotonic()
    with (folder / "out.json").open("wb") as out, (folder / "err").open("wb") as err:
        process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=err, env=surroundings(environment))
    main_peak = tree_peak = 0.0
    while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        main_peak = max(main_peak, resident_mb(process.pid))
        tree_peak = max(tree_peak, sum(map(resident_mb, family(process.pid))))
        time.sleep(0.2)
    wall_s = time.monotonic() - began
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    main_cpu = (int(fields[11]) + int(fields[12])) / TICK
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process, Measured(used.ru_utime + used.ru_stime, main_cpu, wall_s, main_peak, tree_peak, 0)


def surroundings(environment: dict[str, str] | None) -> dict[str, str]:
    """Return an environment (None: this one) as users have it: modules are compiled once, not in each process."""
    kept = dict(os.environ if environment is None else environment)
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return {**kept, "PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / "warraq-benchmark-bytecode")}


def family(pid: int) -> list[int]:
    """Return `pid` and its descendants."""
    found = [pid]
    for one in found:
        try:
            for task in Path(f"/proc/{one}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
        except OSError:
            continue
    return found


def resident_mb(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE / (1 << 20)
    except (OSError, IndexError):
        return 0.0


def warraq(command: str, origins: list[str], pages: int, folder: Path) -> Measured:
    (folder / "config").mkdir()
    (folder / "seeds").mkdir()
    (folder / "config" / "warraq.toml").write_text("[spool]\nmin_free_bytes = 0\n[fetch]\ndelay_s = 0.0\n")
    names = [f"site-{n:03}" for n in range(len(origins))]
    for name, origin in zip(names, origins, strict=True):
        (folder / "seeds" / f"{name}.toml").write_text(
            f'title = "{name}"\ncountry = "de"\nlanguages = ["de"]\nhome = "{origin}/"\ndelay_s = 0.0\n'
            f'allow_private = true\nmax_pages = {pages}\nsitemaps = ["{origin}/sitemap.xml"]\n[schedule]\nevery = '
            '"1h"\n'
        )
    process, measured = measure([command, "crawl", *names, "--json"], folder)
    reports = [json.loads(line) for line in (folder / "out.json").read_text().splitlines()]
    articles = sum(report["progress"]["counts"].get("parsed", 0) for report in reports)
    if process.returncode or articles < ARTICLES * pages * len(origins):
        raise SystemExit(
            f"warraq: code {process.returncode}, {articles} articles\n{(folder / 'err').read_text()[-2000:]}"
        )
    return measured._replace(articles=articles)


def scrapy(mode: str, python: Path, origins: list[str], paths: list[str], folder: Path) -> Measured:
    urls = [origin + path for path in paths for origin in origins]  # site by site would be one host after the other
    (folder / "urls").write_text("\n".join(urls))
    script = HERE / "contenders" / "scrapy_peer.py"
    command = [str(python), str(script), str(folder / "urls"), str(len(urls)), str(folder), mode]
    process, measured = measure(command, folder)
    if process.returncode:
        raise SystemExit(f"{mode}: code {process.returncode}\n{(folder / 'err').read_text()[-2000:]}")
    return measured._replace(articles=json.loads((folder / "out.json").read_text())["articles"])


def main() -> None:
    options = arguments()
    environments = Path(tempfile.gettempdir()) / "warraq-benchmark-environments"
    python = environments / "scrapy" / "bin" / "python"
    if set(options.only) - {"warraq"}:
        install(environments, {"scrapy"})
    for shape in options.shapes:
        sites, pages = map(int, shape.split("x"))
        with (
            tempfile.TemporaryDirectory(prefix="warraq-crawl-") as folder,
            newsrooms(Path(folder) / "web", sites, pages) as (origins, paths),
        ):
            runs: dict[str, list[Measured]] = {}
            for number in range(-1, options.rounds):
                for name in options.only:
                    place = Path(folder) / f"{name}-{number}"
                    place.mkdir()
                    some, few = (origins[:1], paths[:1]) if number < 0 else (origins, paths)
                    if name == "warraq":
                        measured = warraq(options.command, some, len(few), place)
                    else:
                        measured = scrapy(name, python, some, few, place)
                    if number >= 0:
                        runs.setdefault(name, []).append(measured)
                    shutil.rmtree(place)
            show(shape, sites * pages, runs)


def show(shape: str, pages: int, runs: dict[str, list[Measured]]) -> None:
    print(f"{shape}: {pages} pages, load {os.getloadavg()[0]:.1f}")
    print("            pages per   CPU ms a page      wall   resident MB at most")
    print("            CPU second   all    main         s     main     all   articles")
    for name, measured in runs.items():
        cpu, main_cpu, wall, main_mb, all_mb, articles = (
            statistics.median(column) for column in zip(*measured, strict=True)
        )
        print(
            f"{name:<12}{pages / cpu:>8.1f}{1000 * cpu / pages:>9.2f}{1000 * main_cpu / pages:>8.2f}"
            f"{wall:>10.1f}{main_mb:>9.0f}{all_mb:>8.0f}{articles:>11.0f}",
            flush=True,
        )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shapes", type=lambda text: text.split(","), default=["10x100", "200x40"])
    parser.add_argument("--only", type=lambda text: text.split(","), default=["warraq", "plain", "inline"])
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--command", default=str(Path(sys.executable).with_name("warraq")))
    return parser.parse_args()


if __name__ == "__main__":
    main()
