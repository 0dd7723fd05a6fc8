"""Many pages, one record a line: worker processes that may hang or crash without stopping the rest.

Each input line is ``{"id", "url", "html_path"}`` with optional ``http_headers`` (object or list of pairs), ``status``
and ``captured_at``; each gives one output line, in input order. One page is with one worker at a time, so a worker that
dies or exceeds the limit takes exactly that page with it.
"""

from __future__ import annotations

__all__ = ["Limits", "parse_lines"]

import gc
import multiprocessing
import resource
import time
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Literal

import msgspec

from crawler.errors import ParseError
from crawler.http.coding import MAX_BODY, decode_body
from crawler.model.article import ArticleRecord, to_record
from crawler.model.page import Page
from crawler.model.profile import SiteProfile
from crawler.model.site import ParserRules

_AHEAD = 8


class Limits(msgspec.Struct, frozen=True):
    """What one page may take."""

    timeout_s: float = 20.0
    memory_bytes: int = 2**30
    """Address space of a worker above what it has at start."""


class _Line(msgspec.Struct, frozen=True):
    """One input line. Unknown keys are allowed."""

    id: str | int
    url: str
    html_path: str
    http_headers: dict[str, str] | list[tuple[str, str]] | None = None
    status: int = 200
    captured_at: datetime | None = None


class _Output(ArticleRecord, frozen=True, kw_only=True):
    """The record, and the id the input gave it."""

    ref: str | int


def parse_lines(
    lines: Iterable[bytes],
    *,
    base: Path,
    jobs: int = 1,
    furniture: Literal["keep", "drop"] = "drop",
    rules: dict[str, tuple[ParserRules, ...]] | None = None,
    profile: SiteProfile | None = None,
    limits: Limits | None = None,
) -> Iterator[bytes]:
    """Yield one JSON line (without newline) for each of `lines`, in their order, as soon as its turn comes.

    `html_path` is relative to `base`; `rules` maps hosts to a site's rules; all pages are of the site of `profile`. Empty lines are passed over.
    """
    limits = limits or Limits()
    context = multiprocessing.get_context("spawn")
    settings = (str(base), furniture, rules or {}, profile, limits.memory_bytes)
    workers = [_Worker(context, settings) for _ in range(max(1, jobs))]
    source = enumerate(line for line in lines if line.strip())
    done: dict[int, bytes] = {}
    turn = 0
    exhausted = False
    try:
        while True:
            for worker in workers:
                if worker.number is None and not exhausted and len(done) < _AHEAD * len(workers):
                    number, line = next(source, (-1, b""))
                    exhausted = number < 0
                    if not exhausted:
                        worker.give(number, line)
            busy = [worker for worker in workers if worker.number is not None]
            if not busy and exhausted:
                break
            _collect(busy, done, limits.timeout_s)
            while turn in done:
                yield done.pop(turn)
                turn += 1
    finally:
        for worker in workers:
            worker.stop()


def _collect(busy: list[_Worker], done: dict[int, bytes], timeout_s: float) -> None:
    """Wait for one answer at least, or for the first worker to run out of time."""
    now = time.monotonic()
    left = min(worker.since + timeout_s - now for worker in busy)
    ready = wait([worker.pipe for worker in busy], timeout=max(0.0, left))
    for worker in busy:
        number = worker.number
        assert number is not None
        if worker.pipe in ready:
            done[number] = worker.take()
        elif time.monotonic() - worker.since >= timeout_s:
            done[number] = _failure(worker.line, f"timeout: the page took longer than {timeout_s:g} s")
            worker.restart()


class _Worker:
    """A process that parses one page at a time."""

    def __init__(self, context: Any, settings: tuple[Any, ...]) -> None:
        self._context = context
        self._settings = settings
        self.number: int | None = None
        self.line = b""
        self.since = 0.0
        self._start()

    def _start(self) -> None:
        self.pipe, theirs = self._context.Pipe()
        self._process = self._context.Process(target=_work, args=(theirs, *self._settings), daemon=True)
        self._process.start()
        theirs.close()
        self._fresh = True

    def give(self, number: int, line: bytes) -> None:
        """Hand over a line; its clock starts now (a fresh process is given time to import)."""
        self.number, self.line = number, line
        self.since = time.monotonic() + (30.0 if self._fresh else 0.0)
        self._fresh = False
        try:
            self.pipe.send_bytes(line)
        except OSError:
            self._start()
            self.pipe.send_bytes(line)

    def take(self) -> bytes:
        """Return the answer, or the error of a process that died over the page."""
        self.number = None
        try:
            answer: bytes = self.pipe.recv_bytes()
        except (EOFError, OSError):
            self._process.join(5)
            code = self._process.exitcode
            self.pipe.close()
            self._start()
            return _failure(self.line, f"crash: the parser process ended with {code}")
        return answer

    def restart(self) -> None:
        """Kill the process and begin another."""
        self.stop()
        self.number = None
        self._start()

    def stop(self) -> None:
        """End the process."""
        self.pipe.close()
        self._process.kill()
        self._process.join(10)


def _failure(line: bytes, error: str) -> bytes:
    try:
        ref = msgspec.json.decode(line).get("id")
    except (msgspec.DecodeError, AttributeError):
        ref = None
    return msgspec.json.encode({"ref": ref, "error": error})


def _work(
    pipe: Connection,
    base: str,
    furniture: Literal["keep", "drop"],
    rules: dict[str, tuple[ParserRules, ...]],
    profile: SiteProfile | None,
    memory: int,
) -> None:
    """Answer lines until the other end closes."""
    _limit_memory(memory)
    gc.set_threshold(50_000, 20, 20)
    while True:
        try:
            line = pipe.recv_bytes()
        except EOFError:
            return
        pipe.send_bytes(_answer(line, Path(base), furniture, rules, profile))


def _limit_memory(extra: int) -> None:
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except OSError:
        return
    limit = pages * resource.getpagesize() + extra
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _answer(
    line: bytes,
    base: Path,
    furniture: Literal["keep", "drop"],
    rules: dict[str, tuple[ParserRules, ...]],
    profile: SiteProfile | None,
) -> bytes:
    from crawler.parse.article import parse_article  # noqa: PLC0415 - only the workers need the parser

    try:
        item = msgspec.json.decode(line, type=_Line)
        page = _page(item, base)
        host = page.url.split("/")[2].lower() if page.url.count("/") >= 2 else ""
        article = parse_article(page, rules=rules.get(host, ()), furniture=furniture, profile=profile)
    except ParseError as error:
        return _failure(line, f"{error.reason}: {error}")
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        return _failure(line, f"bad_input: {error}")
    except (OSError, EOFError, zlib.error) as error:
        return _failure(line, f"unreadable: {error}")
    except MemoryError:
        return _failure(line, "memory: the page needs more than its limit")
    record = to_record(article)
    fields = {name: getattr(record, name) for name in record.__struct_fields__}
    return msgspec.json.encode(_Output(**fields, ref=item.id))


def _page(item: _Line, base: Path) -> Page:
    path = base / item.html_path
    body = path.read_bytes()
    if path.suffix == ".gz" or body[:3] == b"\x1f\x8b\x08":
        body, flags = decode_body(((b"content-encoding", b"gzip"),), body, max_body=MAX_BODY)
    else:
        body, flags = body[:MAX_BODY], (("body_capped",) if len(body) > MAX_BODY else ())
    pairs = item.http_headers.items() if isinstance(item.http_headers, dict) else item.http_headers or ()
    headers = tuple((name.lower(), value) for name, value in pairs)
    return Page(
        url=item.url,
        captured_at=item.captured_at or _captured_at(headers, path),
        status=item.status,
        headers=headers,
        body=body,
        flags=flags,
    )


def _captured_at(headers: tuple[tuple[str, str], ...], path: Path) -> datetime:
    """Return the moment of the Date header, or the file's: the same file gives the same article tomorrow."""
    for name, value in headers:
        if name == "date":
            try:
                return parsedate_to_datetime(value).astimezone(UTC)
            except ValueError:
                break
    return datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
