"""The rules of one robots.txt, as RFC 9309 reads them.

Paths are matched by Protego; lines and groups are settled here first (sections 2.2 and 2.2.1), for Protego ends lines
at Unicode's breaks too, takes a token that ours merely begins with, and misses ours with a version behind it.
"""

from __future__ import annotations

__all__ = ["Rules", "head_of"]

import codecs
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice
from urllib.parse import unquote

from protego import Protego

from crawler.errors import FetchError, Refused

_MOST_BYTES = 500 * 1024
"""Section 2.5: at least this much is parsed."""
_AGENT = re.compile(r"(?im)^([ \t]*user[- ]?agent[ \t]*:)[ \t]*([^\n#]*)")
_RULES = ("allow", "disallow")
_MOST_TRIED = 20
_WILD = re.compile(r"[*$]")
_EVERYBODY = re.compile(r"\*(?:[\s,;]|$)")
"""With words behind it, too, as the parser that section 2.2.1 was drawn from has it."""
_TOKEN = re.compile(r"[A-Za-z_-]+")
_UNICODE_BREAKS = str.maketrans(dict.fromkeys("\v\f\x1c\x1d\x1e\x85\u2028\u2029", " "))


class Rules:
    """What an origin lets us do."""

    def __init__(self, origin: str, *, token: str, body: bytes = b"", closed: FetchError | None = None) -> None:
        self._url = f"{origin}/robots.txt"
        self._token = token
        self._closed = closed
        self._text = _normal(_text(body), token)
        self._parsed = Protego.parse(self._text)
        self.crawl_delay_s: float = self._parsed.crawl_delay(token) or 0.0
        """What Crawl-delay asks for; 0 if it does not. (Not in RFC 9309; widely used.)"""
        self.sitemaps: tuple[str, ...] = tuple(self._parsed.sitemaps)

    def refusal(self, url: str) -> FetchError | None:
        """Return why `url` must not be asked for, a new error each time; None if it may."""
        if self._closed is not None:
            return type(self._closed)(self._closed.what, reason=self._closed.reason, next_step=self._closed.next_step)
        if self._parsed.can_fetch(url, self._token):
            return None
        rule = self._rule_for(url)
        return Refused(
            f"{self._url} does not allow {url}" + (f" (Disallow: {rule})" if rule else ""),
            reason="robots",
            next_step="with the publisher's consent, set fetch.robots to ignore",
        )

    def _rule_for(self, url: str) -> str | None:
        """Return the longest rule of our group that matches `url`, for the message only: of thousands, a few are
        tried.
        """
        path = _plain(url.partition("://")[2].partition("/")[2])
        likely = (rule for rule, begin, *parts in self._longest_first if path.startswith(begin) and _has(path, parts))
        return next((rule for rule in islice(likely, _MOST_TRIED) if not _allows(rule, url)), None)

    @cached_property
    def _longest_first(self) -> list[tuple[str, ...]]:
        """The disallowed paths of our group, each with the parts that every path it matches begins with and has."""
        rules = sorted(self._disallowed(), key=len, reverse=True)
        return [(rule, *map(_plain, _WILD.split(rule.removeprefix("/")))) for rule in rules]

    def _disallowed(self) -> Iterator[str]:
        groups: dict[str, list[str]] = {}
        agents: list[str] = []
        in_rules = False
        for line in self._text.splitlines():
            field, _, value = line.partition("#")[0].partition(":")
            name, value = field.strip().lower(), value.strip()
            if _AGENT.match(line):
                agents = [value.lower()] if in_rules else [*agents, value.lower()]
                in_rules = False
            elif name in _RULES:
                in_rules = True
                for agent in agents if name == "disallow" and value else ():
                    groups.setdefault(agent, []).append(value)
        yield from groups.get(self._token.lower(), groups.get("*", []))


def head_of(body: bytes) -> bytes:
    """Return the part of `body` that is parsed, cut at the end of a line: half a path would forbid too much."""
    if len(body) <= _MOST_BYTES:
        return body
    head = body[:_MOST_BYTES]
    return head[: max(head.rfind(b"\n"), head.rfind(b"\r")) + 1]


def _has(path: str, parts: Iterable[str]) -> bool:
    return all(part in path for part in parts)


def _plain(path: str) -> str:
    return unquote(path, errors="replace")


def _allows(path: str, url: str) -> bool:
    return Protego.parse(f"User-agent: *\nDisallow: {path}").can_fetch(url, "any")


def _text(body: bytes) -> str:
    """Return `body` as text (section 2.3: UTF-8, BOMs are tolerated); what is not UTF-8 cannot match anything.

    But UTF-16 that says so, as Windows' editor writes it: what it forbids was meant.
    """
    encoding = "utf-16" if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8"
    text = body.decode(encoding, errors="replace").lstrip("\ufeff").translate(_UNICODE_BREAKS)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _normal(text: str, token: str) -> str:
    """Return `text` with the agents' names as section 2.2.1 compares them: our token, ``*``, or somebody else's."""

    def name(match: re.Match[str]) -> str:
        value = match[2].strip()
        if _EVERYBODY.match(value):
            return f"{match[1]} *"
        product = _TOKEN.match(value)
        ours = product is not None and product[0].lower() == token.lower()
        return f"{match[1]} {token if ours else 'other.' + value}"

    return "\n".join(_with_whole_groups(_AGENT.sub(name, text)))


def _with_whole_groups(text: str) -> Iterator[str]:
    """Yield the lines of `text`, a group's agents said again before its rules if another record stands between them.

    Only a rule ends the agents of a group (section 2.2.4); Protego ends them at whatever it knows or does not know. A
    Crawl-delay, which is no rule, stays with the agents right above it.
    """
    agents: list[str] = []
    in_rules = is_parted = False
    for line in text.split("\n"):
        field = line.partition(":")[0].strip().lower()
        if _AGENT.match(line):
            agents = [line] if in_rules else [*agents, line]
            in_rules = False
        elif field in _RULES:
            yield from agents if is_parted and not in_rules else ()
            in_rules, is_parted = True, False
        elif field and not field.startswith("#"):
            is_parted = True
        yield line
