"""May an article be used so? By what was stated when it was captured: robots.txt, robots directives, reservations,
licences.

Signals, not law: what a site states is read as it is meant by those who publish such statements, a refusal weighs more
than a permission, and where nothing is stated the answer is ``unknown``, which is never taken for either.
"""

from __future__ import annotations

__all__ = [
    "AI_AGENTS",
    "ROBOTS_PATH",
    "USES",
    "HostFile",
    "HostFiles",
    "RightsAnswer",
    "RightsVerdict",
    "Use",
    "verdict",
]

import io
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Literal, NamedTuple

from crawler.archive.read.captures import read_one
from crawler.archive.read.catalogue import StoredWarc, read_index, stored_warcs
from crawler.archive.read.cdxj import parse_line
from crawler.archive.store import Store
from crawler.capture.manners.robot_rules import Rules
from crawler.corpus.tdmrep import reservation
from crawler.errors import BadArchive, BadHost
from crawler.http.body import read_entity
from crawler.http.coding import decode_body
from crawler.http.status import is_answer
from crawler.model.article import ArticleRecord, RightsSignal
from crawler.urls import origin_of

Use = Literal["ai-train", "tdm", "research"]
USES: tuple[Use, ...] = ("ai-train", "tdm", "research")
RightsAnswer = Literal["allowed", "denied", "unknown"]

AI_AGENTS = (
    "GPTBot", "Google-Extended", "CCBot", "ClaudeBot", "anthropic-ai", "Applebot-Extended", "Bytespider",
    "Meta-ExternalAgent", "FacebookBot", "Amazonbot", "cohere-ai", "cohere-training-data-crawler", "AI2Bot", "Diffbot",
    "omgili", "PanguBot", "img2dataset", "Timpibot",
)  # fmt: skip
"""Crawlers that gather texts to train models, by the names their operators publish: whoever refuses one of them by name
refuses that."""

_NO_AI = frozenset(("noai", "noml"))
_NO_COPY = frozenset(("noarchive", "nocache", "none"))
_DIRECTIVES = ("x-robots-tag", "meta:robots")
_OPEN = re.compile(
    r"creativecommons\.org/(?:licenses/by(?:-sa)?/|publicdomain/)|\bcc0\b|\bcc[ -]by(?:[ -]sa)?(?![ -]n)", re.IGNORECASE
)
_NOT_COMMERCIAL = re.compile(r"creativecommons\.org/licenses/by-nc|\bcc[ -]by[ -]nc", re.IGNORECASE)
_USAGE = re.compile(r"(ai-train|train-ai|train-genai|ai|bots|tdm)\s*=\s*\??(yes|no|y|n|1|0)\b", re.IGNORECASE)
_USAGE_LINE = re.compile(r"^\s*content-(?:signals?|usage)\s*:(.*)$", re.IGNORECASE | re.MULTILINE)
_OF_USAGE: dict[str, tuple[Use, ...]] = {
    "ai-train": ("ai-train",), "train-ai": ("ai-train",), "train-genai": ("ai-train",), "ai": ("ai-train",),
    "bots": USES, "tdm": ("tdm",),
}  # fmt: skip
_MOST_BYTES = 500 * 1024
ROBOTS_PATH = "/robots.txt"


class RightsVerdict(NamedTuple):
    """The answer, and the statements that it follows from."""

    answer: RightsAnswer
    signals: tuple[RightsSignal, ...] = ()


class HostFile(NamedTuple):
    """A file that speaks for its host, as it was captured."""

    origin: str
    body: bytes


def verdict(
    article: ArticleRecord, use: Use, robots: HostFile | None = None, reservations: HostFile | None = None
) -> RightsVerdict:
    """Return whether `article` may be put to `use`.

    `robots` and `reservations` (tdmrep.json): those of its host in force at capture, None if none is known.
    """
    signals = list(article.rights)
    if robots is not None:
        signals += _of_robots(robots, article.url)
    if reservations is not None:
        signals += reservation(reservations.body, article.url)
    said = [(signal, _said(signal, use)) for signal in signals]
    for answer in ("denied", "allowed"):
        found = tuple(signal for signal, one in said if one == answer)
        if found:
            return RightsVerdict(answer, found)
    return RightsVerdict("unknown")


class HostFiles:
    """The files at one path of all hosts of an archive: which one was in force when."""

    def __init__(self, store: Store, path: str, *, on_damage: Callable[[str], None] = lambda _: None) -> None:
        """`path`: where hosts have it, ``/robots.txt``. `on_damage` is told of what cannot be read.

        The indexes are read when the first one is asked for.
        """
        self._store = store
        self._path = path
        self._on_damage = on_damage
        self._known: dict[str, list[tuple[str, StoredWarc, int, int]]] | None = None
        self._read = lru_cache(2_000)(self._read_one)

    def at(self, url: str, captured_at: str) -> HostFile | None:
        """Return the file of the host of `url` that was captured last before `captured_at` (ISO 8601); None if
        there is none.
        """
        if self._known is None:
            self._known = self._look()
        try:
            origin = origin_of(url)
        except BadHost:
            return None
        captures = self._known.get(origin, [])
        stamp = re.sub(r"\D", "", captured_at)[:14]
        place = bisect_right(captures, stamp, key=lambda one: one[0])
        return self._read(origin, *captures[place - 1][1:]) if place else None

    def _look(self) -> dict[str, list[tuple[str, StoredWarc, int, int]]]:
        found: dict[str, list[tuple[str, StoredWarc, int, int]]] = {}
        for warc in stored_warcs(self._store):
            for line in read_index(self._store, warc).splitlines():
                if self._path.encode() not in line:
                    continue
                try:
                    _, stamp, fields = parse_line(line)
                    origin = origin_of(fields.url)
                except (BadArchive, BadHost):
                    continue  # `warraq verify` tells of it
                if fields.url == f"{origin}{self._path}" and is_answer(fields.status) and fields.mime != "warc/revisit":
                    found.setdefault(origin, []).append((stamp, warc, int(fields.offset), int(fields.length)))
        for captures in found.values():
            captures.sort(key=lambda one: (one[0], one[1].key, one[2]))
        return found

    def _read_one(self, origin: str, warc: StoredWarc, offset: int, length: int) -> HostFile | None:
        try:
            with self._store.open(warc.key, offset=offset, length=length) as stream:
                item = read_one(io.BytesIO(stream.read(length)), 0, name=warc.name)
        except BadArchive as damage:
            self._on_damage(f"{origin}{self._path}: {damage}")
            return None
        if item.head is None:
            return None
        body, _, _ = read_entity(item.response, item.head, limit=_MOST_BYTES)
        return HostFile(origin, decode_body(item.head.headers, body, max_body=_MOST_BYTES)[0])


def _said(signal: RightsSignal, use: Use) -> RightsAnswer:
    """Return what one statement says of `use`."""
    source, value = signal.source.lower(), signal.value.strip().lower()
    if source.startswith("robots.txt"):
        return _of_usage(value, use) if "=" in value else _refusal(use, ("ai-train", "tdm"))
    if source.startswith(_DIRECTIVES) or (source.startswith("meta:") and "bot" in source):
        refused: tuple[Use, ...] = ("ai-train", "tdm") if value in _NO_AI else USES if value in _NO_COPY else ()
        return _refusal(use, refused)
    if source.endswith("tdm-reservation"):
        if value.startswith("1"):
            return _refusal(use, ("ai-train", "tdm"))
        return "allowed" if value.startswith("0") and use == "tdm" else "unknown"
    if source.endswith("x-ai-training"):
        return _refusal(use, ("ai-train",)) if value in ("no", "false", "0", "disallow", "none") else "unknown"
    if source.endswith("content-usage"):
        return _of_usage(value, use)
    if _NOT_COMMERCIAL.search(value):
        return "allowed" if use == "research" else "unknown"
    return "allowed" if _OPEN.search(value) else "unknown"


def _refusal(use: Use, refused: Iterable[Use]) -> RightsAnswer:
    return "denied" if use in refused else "unknown"


def _of_usage(value: str, use: Use) -> RightsAnswer:
    """Return what ``Content-Usage`` or ``Content-Signal`` says of `use`."""
    answers = {
        "allowed" if said.lower() in ("yes", "y", "1") else "denied"
        for name, said in _USAGE.findall(value)
        if use in _OF_USAGE[name.lower()]
    }
    return "denied" if "denied" in answers else "allowed" if answers else "unknown"


@lru_cache(2_000)
def _parsed(robots: HostFile) -> tuple[tuple[tuple[str, Rules], ...], tuple[str, ...]]:
    """Return the rules for each crawler that `robots` names, and what it says of usage."""
    text = robots.body.decode("utf-8", "replace")
    lowered = text.lower()
    rules = tuple(
        (agent, Rules(robots.origin, token=agent, body=robots.body)) for agent in AI_AGENTS if agent.lower() in lowered
    )
    return rules, tuple(line.strip() for line in _USAGE_LINE.findall(text))


def _of_robots(robots: HostFile, url: str) -> list[RightsSignal]:
    rules, usages = _parsed(robots)
    found = [RightsSignal("robots.txt", agent) for agent, own in rules if own.refusal(url) is not None]
    return [*found, *(RightsSignal("robots.txt:content-usage", usage) for usage in usages)]
