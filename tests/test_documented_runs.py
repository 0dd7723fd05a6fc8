"""Every command of README and docs/ is run as it is written, in a fresh folder of a small world that is like a user's.

Those of README start an interpreter each; the others are forked (`tests.forking`), which is the same but for the start.
What a document leaves open (``SITE``, ``URL``, ``FILE`` ...) is filled in by `_FILLED`; hosts under ``.example`` are
answered on loopback (`tests.newspaper`), buckets by a real S3 server. A command that ends otherwise than "done" has its
line in `_ENDS`, with the reason.
"""

from __future__ import annotations

import gzip
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest

from crawler.cli import _cli
from tests.documented import Documented, blocks, program, sentences
from tests.forking import fork_commands
from tests.newspaper import STORIES, Newspaper
from tests.swift import ACCESS_KEY, REGION, SECRET_KEY, SwiftServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

_PAPER = "https://lemonde.example"
_STORY = f"{_PAPER}{STORIES[0]}"
_BEGUN = datetime.now(UTC) - timedelta(days=1)
"""When the archive of the world was captured: the day before, so that it is complete and a manifest may note it."""
_NEXT = _BEGUN.replace(day=1) + timedelta(days=31)
_FILLED = (
    (r"--(profiles?) FILE", r"--\1 profile.json"),
    (r"\bbackup FILE\b", "backup copy.db"),
    (r"\bimport FILE\b", "import sites.opml"),
    (r"\bFILE\b", "page.html"),
    (r"\bID\|URL\b", "URL"),
    (r"\bOLD NEW\b", "data data"),
    (r"\bSQL\b", "SELECT count(*) FROM articles"),
    (r"\bTEXT\b", "asked"),
    (r"\bWORDS\b|words in any script", "harbour"),
    (r"\bpoliteness HOST\b", "politeness lemonde.example"),
    (r"--store URL\b", "--store file:data"),
    (r"\bURL\b", _STORY),
    (r"\bFEED\b", f"{_PAPER}/rss.xml"),
    (r"\bHOST\b", "daily.example"),
    (r"\b(SITE|NAME|TARGET)\b", "le-monde"),
    (r"\bSOURCE\b", "old/*.warc.gz"),
    (r"\bDIR\b", "folder"),
    (r"(?<= )/srv/", "srv/"),
    (r"\b2026-11(?=-\d\d\b)", f"{_BEGUN:%Y-%m}"),
    (r"\b2026-12(?=-\d\d\b)", f"{_NEXT:%Y-%m}"),
)
_ENDS = {
    "warraq crawl": (2, "named in a sentence without a target"),
    "warraq retry": (2, "likewise"),
    "warraq query": (2, "likewise, without a query"),
    "warraq parse": (1, "standard input is empty"),
    "warraq parse --explain": (1, "likewise"),
    "warraq parse --jsonl": (1, "likewise"),
    "warraq parse --profile FILE --explain": (1, "likewise"),
    "warraq retry URL": (1, "the story was obtained"),
    "warraq trigger le-monde --wait": (0, 4, "the schedule, which is due at once, may have been first"),
    "warraq trigger SITE --wait --json": (4, "all that is announced is known to the daemon"),
}
_ELSEWHERE = {
    "corpus.md": "tests/corpus/test_documented_corpus.py runs its blocks, over an archive that has what they ask for",
}
_CLUSTER = "--engine ray"
"""tests/run/offline/test_on_ray.py has the cluster."""
_BEGINS = {"crawl", "daemon"}
"""What is shown to somebody who has no archive yet."""
_OF_DAEMON = {"trigger", "pause", "resume", "status", "alarms"}
_SETTINGS = """
[fetch]
contact = "crawl@library.example"
proxy = "{proxy}"
delay_s = 0.0
[parse]
processes = 1
[spool]
min_free_bytes = 0
[page]
listen = ""
[storage]
endpoint_url = "{s3}"
region = "{region}"
"""
_SITE = """
title = "Le Monde"
country = "fr"
languages = ["en"]
home = "{paper}/"
feeds = ["{paper}/rss.xml"]
schedule = {{ every = "24h" }}
delay_s = 0.0
"""
_OPML = """<opml version="2.0"><body>
<outline type="rss" text="Daily" xmlUrl="https://daily.example/rss.xml" htmlUrl="https://daily.example/"/>
</body></opml>"""
_FUNCTIONS = """
set -e
furnish() { rm -rf config seeds; cp -R "$WORLD/config" "$WORLD/seeds" .; }
started() { while ! [ -S state/warraq.sock ]; do kill -0 "$1"; sleep 0.1; done; }
"""


_YESTERDAY = """
import sys
from datetime import timedelta
from crawler.clock import SystemClock
now = SystemClock.now
SystemClock.now = lambda self: now(self) - timedelta(days=1)
from crawler.cli import main
sys.exit(main())
"""


class World:
    """A user's folder, what it needs around it, and a daemon at work in a copy of it."""

    def __init__(self, root: Path, paper: Newspaper, s3: SwiftServer) -> None:
        self.folder = root / "world"
        self._fresh = root / "fresh"
        self._daemon = root / "daemon"
        self._lock = threading.Lock()
        self._count = 0
        certificate = root / "certificate.pem"
        certificate.write_bytes(paper.certificate)
        programs = root / "programs"
        programs.mkdir()
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")},
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "SSL_CERT_FILE": str(certificate),
            "AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY, "AWS_EC2_METADATA_DISABLED": "true",
            "WORLD": str(self.folder), **fork_commands(programs),
        }  # fmt: skip
        self._forking = {**self._environment, "PATH": f"{programs}{os.pathsep}{self._environment['PATH']}"}
        self._furnish(paper, s3)

    def sh(self, script: str, folder: Path, *, forking: bool = True) -> subprocess.CompletedProcess[str]:
        folder.mkdir(parents=True, exist_ok=True)
        environment = self._forking if forking else self._environment
        return subprocess.run(
            ["sh", "-c", _FUNCTIONS + script], cwd=folder, env=environment, text=True, check=False, timeout=300,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def carry_out(self, documented: Documented) -> subprocess.CompletedProcess[str]:
        """Run the lines of `documented` as one script, where they belong."""
        lines = [filled(line) for line in documented.lines]
        named = {line.split()[1] for line in lines if line.startswith("warraq ")}
        if named <= _OF_DAEMON:
            with self._lock:
                return self.sh("\n".join(lines), self._daemon)
        return self.sh("\n".join(scripted(lines)), self.fresh(named), forking=documented.document != "README.md")

    def fresh(self, named: set[str]) -> Path:
        """Return a folder of its own for the commands `named`, like the world or, where they make one, none yet."""
        with self._lock:
            self._count += 1
            folder = self._fresh / str(self._count)
        left_out = ("data", "state") if named & _BEGINS else ("state",) if "rebuild" in named else ()
        if "init" not in named:
            shutil.copytree(self.folder, folder, ignore=shutil.ignore_patterns(*left_out))
        return folder

    def _furnish(self, paper: Newspaper, s3: SwiftServer) -> None:
        """Make the folder: settings, a site, its archive of one crawl, and the files that documents name."""
        (self.folder / "config").mkdir(parents=True)
        (self.folder / "config" / "warraq.toml").write_text(
            _SETTINGS.format(proxy=paper.url, s3=s3.endpoint_url, region=REGION)
        )
        (self.folder / "seeds" / "fr").mkdir(parents=True)
        (self.folder / "seeds" / "fr" / "le-monde.toml").write_text(_SITE.format(paper=_PAPER))
        (self.folder.parent / "yesterday.py").write_text(_YESTERDAY)
        made = self.sh(
            f"{shlex.quote(sys.executable)} ../yesterday.py crawl le-monde; "
            "warraq learn; warraq manifest; warraq catalogue; warraq wacz november.wacz",
            self.folder,
        )
        assert made.returncode == 0, made.stdout
        (self.folder / "page.html").write_bytes(paper.body_of(STORIES[0]))
        shutil.copy(next(self.folder.rglob("profiles/**/*.json")), self.folder / "profile.json")
        (self.folder / "old").mkdir()
        warc = next((self.folder / "data").rglob("*.warc.gz"))
        for name in (f"old/{warc.name}", "old.warc.gz"):
            shutil.copy(warc, self.folder / name)
        (self.folder / "warc.paths.gz").write_bytes(gzip.compress(b"crawl-data/first.warc.gz\n"))
        (self.folder / "sites.opml").write_text(_OPML)
        self._fill_buckets(s3, warc)
        shutil.copytree(self.folder, self._daemon)

    def _fill_buckets(self, s3: SwiftServer, warc: Path) -> None:
        client = s3.client()
        for bucket in ("bucket", "commoncrawl"):
            client.create_bucket(Bucket=bucket)
        client.upload_file(str(warc), "bucket", "crawls/first.warc.gz")
        client.upload_file(str(warc), "commoncrawl", "crawl-data/first.warc.gz")
        store = self.folder / "data"
        for path in [path for path in store.rglob("*") if path.is_file()]:
            client.upload_file(str(path), "bucket", f"prefix/{path.relative_to(store).as_posix()}")

    def __enter__(self) -> World:
        with (self._daemon / "log").open("wb") as log:
            self._running = subprocess.Popen(
                ["warraq", "daemon"],
                cwd=self._daemon,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        ready = self.sh(f"started {self._running.pid}", self._daemon)
        assert ready.returncode == 0, (self._daemon / "log").read_text()
        return self

    def __exit__(self, *_: object) -> None:
        self._running.terminate()
        self._running.wait(60)


def filled(line: str) -> str:
    for pattern, what in _FILLED:
        line = re.sub(pattern, what, line)
    return line


def scripted(lines: list[str]) -> Iterator[str]:
    """Give `lines` as a script: a daemon in the background until the end, and the world's settings after an
    ``init``."""
    furnished = not any(line.startswith("warraq init") for line in lines)
    daemons = "warraq daemon" in lines
    for line in lines:
        if not furnished and not line.startswith(("warraq init", "warraq config", "cd ")):
            yield "furnish"
            furnished = True
        yield (
            "warraq daemon & daemon=$!\ntrap 'kill -TERM $daemon' EXIT\nstarted $daemon"
            if line == "warraq daemon"
            else line
        )
    if daemons:
        yield "trap - EXIT\nkill -TERM $daemon\nwait $daemon"


def lacks(line: str) -> bool:
    """Whether `line` names a command without what it must be given."""
    words = filled(line).split()[1:]
    command: click.Command | None = _cli
    with click.Context(_cli) as context:
        while isinstance(command, click.Group) and words and not words[0].startswith("-"):
            _, command, words = command.resolve_command(context, words)
        wanting = any(isinstance(p, click.Argument) and p.required for p in command.params)
        return wanting and all(word.startswith("-") for word in words)


ALL = [
    *(block for block in blocks() if block.document not in _ELSEWHERE),
    *(sentence for sentence in sentences() if _CLUSTER not in sentence.lines[0]),
]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, swift: SwiftServer) -> Iterator[World]:
    with (
        Newspaper("daily.example", "lemonde.example") as paper,
        World(tmp_path_factory.mktemp("w"), paper, swift) as furnished,
    ):
        yield furnished


@pytest.fixture(scope="module")
def outcomes(request: pytest.FixtureRequest, world: World) -> Iterator[dict[Documented, Future]]:
    """All that are asked for at work, as many at once as there are cores."""
    here = [item for item in request.session.items if item.path == request.path and hasattr(item, "callspec")]
    wanted = [item.callspec.params["documented"] for item in here]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield {documented: pool.submit(world.carry_out, documented) for documented in wanted}


@pytest.mark.parametrize("documented", ALL, ids=str)
def test_a_documented_command_does_what_it_is_documented_for(documented: Documented, outcomes):
    done = outcomes[documented].result()
    assert "Traceback" not in done.stdout
    *codes, _ = _ENDS.get(documented.lines[-1], (2 if lacks(documented.lines[-1]) else 0, ""))
    assert done.returncode in codes, f"exit code {done.returncode}, not {codes}\n{done.stdout}"


def test_no_exception_is_left_of_a_command_that_is_documented_no_more():
    assert set(_ENDS) <= {documented.lines[-1] for documented in ALL}


def test_the_page_on_using_it_from_python_is_a_program(world: World):
    folder = world.fresh({"crawl"})
    (folder / "program.py").write_text(program())
    done = world.sh(f"{shlex.quote(sys.executable)} program.py", folder)
    assert done.returncode == 0, done.stdout
    assert "le-monde 14 " in done.stdout
    assert all(f"{_PAPER}{path} Survey of the harbour" in done.stdout for path in STORIES)
