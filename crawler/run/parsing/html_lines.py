"""Many pages that a person keeps as files, a line each: JSON in, the article's record or an error out, in order.

Each input line is ``{"id", "url", "html_path"}`` with optional ``http_headers`` (object or list of pairs), ``status``
and ``captured_at``; each gives one output line.
"""

from __future__ import annotations

__all__ = ["parse_lines"]

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable
from concurrent.futures import CancelledError
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from threading import Thread

import msgspec

from crawler.run.parsing.page_task import HtmlFile, PageTask
from crawler.run.parsing.pool import ParsePool
from crawler.run.parsing.recipe import Recipe

_AHEAD = 8
"""Lines read for each process before the first one's answer is out."""

_ENCODER = msgspec.json.Encoder()


class _Line(msgspec.Struct, frozen=True):
    """One input line. Unknown keys are allowed."""

    id: str | int
    url: str
    html_path: str
    http_headers: dict[str, str] | list[tuple[str, str]] | None = None
    status: int = 200
    captured_at: datetime | None = None


async def parse_lines(
    lines: Iterable[bytes], *, base: Path, pool: ParsePool, recipe: Recipe, site: str | None = None
) -> AsyncIterator[bytes]:
    """Yield one JSON line (without newline) for each of `lines`, in their order, as soon as its turn comes.

    `html_path` is relative to `base`. A page's site, whose rules hold, follows from its URL; all pages are of `site` if
    it is given, whose profile then holds. Empty lines are passed over.
    """
    source = _read(lines, _AHEAD * pool.size)
    reading: asyncio.Task[bytes | BaseException | None] | None = asyncio.create_task(source.get())
    waiting: deque[asyncio.Task[bytes]] = deque()
    try:
        while reading is not None or waiting:
            room = reading if len(waiting) < _AHEAD * pool.size else None
            first = waiting[0] if waiting else None
            await asyncio.wait([t for t in (room, first) if t is not None], return_when=asyncio.FIRST_COMPLETED)
            if room is not None and room.done():
                line = room.result()
                if isinstance(line, BaseException):
                    raise line
                reading = None if line is None else asyncio.create_task(source.get())
                if line is not None and line.strip():
                    waiting.append(asyncio.create_task(_answer(line, base, pool, recipe, site)))
            while waiting and waiting[0].done():
                yield waiting.popleft().result()
    finally:
        left = [task for task in (reading, *waiting) if task is not None]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


def _read(lines: Iterable[bytes], ahead: int) -> asyncio.Queue[bytes | BaseException | None]:
    """Return a queue that a thread fills with `lines`, then None; whoever writes them may take his time.

    The thread ends with the process: nobody can wake one that waits for standard input.
    """
    queue: asyncio.Queue[bytes | BaseException | None] = asyncio.Queue(ahead)
    loop = asyncio.get_running_loop()

    def put(line: bytes | BaseException | None) -> None:
        asyncio.run_coroutine_threadsafe(queue.put(line), loop).result()

    def fill() -> None:
        with suppress(RuntimeError, CancelledError):  # the loop is gone: nobody wants more
            try:
                for line in lines:
                    put(line)
                put(None)
            except OSError as error:
                put(error)

    Thread(target=fill, name="lines", daemon=True).start()
    return queue


async def _answer(line: bytes, base: Path, pool: ParsePool, recipe: Recipe, site: str | None) -> bytes:
    try:
        item = msgspec.json.decode(line, type=_Line)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        return _failure(_ref_of(line), f"bad_input: {error}")
    try:
        task = _task(item, base, recipe, site)
    except OSError as error:
        return _failure(item.id, f"unreadable: {error}")
    except ValueError as error:  # of the URL
        return _failure(item.id, f"bad_input: {error}")
    result = await pool.parse(task)
    if not result.line:
        reason = (result.reason or result.outcome).removeprefix("parse_")
        return _failure(item.id, f"{reason}: {result.detail}" if result.detail else reason)
    return result.line[:-1] + b',"ref":' + _ENCODER.encode(item.id) + b"}"


def _task(item: _Line, base: Path, recipe: Recipe, site: str | None) -> PageTask:
    """Return the task of one line. Raises OSError if its file is not there."""
    path = base / item.html_path
    pairs = item.http_headers.items() if isinstance(item.http_headers, dict) else item.http_headers or ()
    headers = tuple((name.lower(), value) for name, value in pairs)
    path.stat()
    captured_at = item.captured_at or _captured_at(headers, path)
    return PageTask(
        place=HtmlFile(str(path), headers),
        url=item.url,
        captured_at=captured_at,
        role=None,
        status=item.status,
        rules=recipe.site_of(item.url).rules if item.url.count("/") >= 2 else (),
        furniture=recipe.furniture,
        profile=recipe.profiles.at(site, captured_at) if site is not None else None,
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


def _ref_of(line: bytes) -> object:
    try:
        return msgspec.json.decode(line).get("id")
    except (msgspec.DecodeError, AttributeError):
        return None


def _failure(ref: object, error: str) -> bytes:
    return msgspec.json.encode({"ref": ref, "error": error})
