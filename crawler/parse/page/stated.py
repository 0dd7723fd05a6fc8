"""The article that a page holds in its scripts only: JSON-LD's ``articleBody``, and the state from which a script would draw it.

Read where the page's own elements show nothing of it, or its beginning alone. What is returned is HTML of a few plain
elements, to be flattened like any other; nothing is taken from an object that has another headline than the page.
"""

from __future__ import annotations

__all__ = ["body_in_json_ld", "body_in_state"]

import html
import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec
from selectolax.lexbor import LexborHTMLParser

from crawler.parse.page.text import fold

_MARKUP = re.compile(r"<(?:p|br|div|h[1-6]|li|blockquote)\b", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_ASSIGNED = re.compile(r"(?:^|[;\s])(?:window\.|self\.|var |let |const )?[\w.$]+(?:\[[\"'\w]+\])?\s*=\s*(?=[{\[])")
_PUSHED = re.compile(r"self\.__next_f\.push\(\[1,(\"(?:[^\"\\]|\\.)*\")\]\)")
_PARSED = re.compile(r"JSON\.parse\(\s*(\"(?:[^\"\\]|\\.)*\")\s*\)", re.DOTALL)
_CALLED = re.compile(r"=\s*\(?function\s*\([\w$,\s]*\)\s*\{")
_TEXT = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_ANGULAR = (("&q;", '"'), ("&s;", "'"), ("&l;", "<"), ("&g;", ">"), ("&a;", "&"))
"""How Angular writes its state into a script."""
_BODIES = (
    "articleBody", "body", "content", "content_elements", "blocks", "paragraphs", "elements", "components", "children", "nodes", "text", "html",
    "bodyHtml", "bodyHTML", "body_html", "contentHtml", "story", "rendered", "value", "document", "root", "json", "main", "sections", "items",
    "data", "attributes", "fields", "props",
)  # fmt: skip
"""Keys under which a state keeps an article's text, or what leads to it."""
_TITLES = ("headline", "title", "headlines", "name", "heading", "headLine")
_ASIDE = re.compile(
    r"image|photo|picture|video|audio|gallery|embed|\bad\b|advert|promo|related|newsletter|iframe|script|social|tweet|author|byline|link_?list|button|poll",
    re.IGNORECASE,
)
_HEADING = re.compile(r"head|subtitle|\bh[2-6]\b", re.IGNORECASE)
_LEAST = 200
"""Letters of a body."""
_LEAST_TITLE = 8
_MAX_NODES = 100_000
_MAX_DEPTH = 60
_MAX_SCRIPTS = 60
_MAX_SCRIPT = 4 * 2**20


def body_in_json_ld(article: dict[str, Any], *, least: int = _LEAST) -> str:
    """Return the text of a JSON-LD article as HTML; empty if it has none of so many letters."""
    for key in ("articleBody", "text"):
        value = article.get(key)
        if isinstance(value, list):
            value = "\n".join(part for part in value if isinstance(part, str))
        if isinstance(value, str) and len(value) >= max(least, _LEAST):
            return _as_html(value)
    return ""


def body_in_state(parser: LexborHTMLParser, title: str | None) -> str:
    """Return the text of the article called `title` as HTML, from the state in the page's scripts; empty if none has it."""
    key = fold(title or "")
    if len(key) < _LEAST_TITLE:
        return ""
    best = ""
    for state in _states(parser):
        found = _Search(key).run(state)
        if len(found) > len(best):
            best = found
    return best if len(_TAG.sub("", best)) >= _LEAST else ""


def _as_html(text: str) -> str:
    """Return plain text, or text that is HTML already, as HTML."""
    if "&lt;" in text and not _MARKUP.search(text):
        text = html.unescape(text)
    if _MARKUP.search(text):
        return text
    return "".join(f"<p>{html.escape(html.unescape(line))}</p>" for line in text.splitlines() if line.strip())


def _states(parser: LexborHTMLParser) -> Iterator[object]:
    """Yield the values that the page's scripts hold as JSON."""
    pushed: list[str] = []
    for node in parser.css("script")[:_MAX_SCRIPTS]:
        text = node.text().strip()
        if len(text) < _LEAST or len(text) > _MAX_SCRIPT or "ld+json" in (node.attributes.get("type") or ""):
            continue
        if "&q;" in text:
            for short, char in _ANGULAR:
                text = text.replace(short, char)
        if text[0] in "{[":
            value = _decoded(text)
            yield _hydrated(value) if node.attributes.get("id") == "__NUXT_DATA__" else value
        elif "__next_f.push" in text:
            pushed += [
                part for part in (_decoded(match[1]) for match in _PUSHED.finditer(text)) if isinstance(part, str)
            ]
        else:
            for match in list(_ASSIGNED.finditer(text))[:20]:
                value = _decoded(text[match.end() :], whole=False)
                if value:
                    yield value
            for match in _PARSED.finditer(text):
                inner = _decoded(match[1])
                yield _decoded(inner) if isinstance(inner, str) else None
            if _CALLED.search(text):
                yield _arguments(text)
    for line in "".join(pushed).split("\n"):
        _, _, rest = line.partition(":")
        if rest[:1] in ("{", "["):
            yield _decoded(rest)


def _decoded(text: str, *, whole: bool = True) -> object:
    """Return a JSON value, None if it is none; not `whole`: the one that `text` begins with."""
    try:
        if whole:
            return msgspec.json.decode(text.encode("utf-8", "surrogatepass"))
        value: object = json.JSONDecoder(strict=False).raw_decode(text)[0]
    except (ValueError, RecursionError, msgspec.DecodeError):
        return None
    return value


def _arguments(script: str) -> object:
    """Return the headline and the text among the arguments of a function that makes the state, as Nuxt 2 writes it."""
    found = [text for text in map(_decoded, _TEXT.findall(script)) if isinstance(text, str)]
    body = max((text for text in found if _MARKUP.search(text)), key=len, default="")
    return [
        {"title": text, "body": body}
        for text in found
        if text != body and len(text) >= _LEAST_TITLE and not _MARKUP.search(text)
    ]


def _hydrated(flat: object) -> object:
    """Return the value of a list in which values stand for places in it, as Nuxt writes its state."""
    if not isinstance(flat, list) or not flat:
        return flat
    left = _MAX_NODES

    def at(place: object, depth: int) -> object:
        nonlocal left
        left -= 1
        if left < 0 or depth > _MAX_DEPTH or not isinstance(place, int) or not 0 <= place < len(flat):
            return None
        value = flat[place]
        if isinstance(value, dict):
            return {key: at(inner, depth + 1) for key, inner in value.items()}
        if isinstance(value, list):
            if len(value) == 2 and isinstance(value[0], str):
                return at(value[1], depth + 1)
            return [at(inner, depth + 1) for inner in value]
        return value

    return at(0, 0)


def _is_nested(text: str) -> bool:
    """Tell whether a text in a state is itself a state."""
    return len(text) > _LEAST and text[0] + text[-1] in ("{}", "[]")


class _Search:
    """Looks for the object with a headline, and in it for the longest text."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.left = _MAX_NODES
        self.caches: list[dict[str, Any]] = []
        """Objects that others refer to by their keys, as Apollo keeps its state."""

    def run(self, state: object) -> str:
        """Return the longest text of an object with the headline, as HTML."""
        best = ""
        stack: list[tuple[object, int]] = [(state, 0)]
        while stack and self.left > 0:
            value, depth = stack.pop()
            self.left -= 1
            if depth > _MAX_DEPTH:
                continue
            if isinstance(value, list):
                stack += [(inner, depth + 1) for inner in value if isinstance(inner, dict | list)]
            elif isinstance(value, dict):
                if any(":" in key and isinstance(inner, dict) for key, inner in value.items()):
                    self.caches.append(value)
                if self._is_named(value):
                    best = max(best, self._body(value), key=len)
                stack += [(inner, depth + 1) for inner in value.values() if isinstance(inner, dict | list)]
                stack += [
                    (_decoded(inner), depth + 1)
                    for inner in value.values()
                    if isinstance(inner, str) and _is_nested(inner)
                ]
        return best

    def _is_named(self, value: dict[str, Any]) -> bool:
        for key in _TITLES:
            name = value.get(key)
            if isinstance(name, dict):
                name = name.get("basic") or name.get("rendered") or name.get("default")
            if isinstance(name, str) and len(name) >= _LEAST_TITLE:
                folded = fold(html.unescape(name))
                if folded == self.title or (
                    len(folded) > _LEAST_TITLE and (folded in self.title or self.title in folded)
                ):
                    return True
        return False

    def _body(self, value: dict[str, Any]) -> str:
        return max((self._html(value[key], 0, key) for key in _BODIES if key in value), key=len, default="")

    def _html(self, value: object, depth: int, kind: str) -> str:
        """Return what of `value` is text of an article, as HTML."""
        self.left -= 1
        if self.left < 0 or depth > _MAX_DEPTH:
            return ""
        if isinstance(value, str) and _is_nested(value.strip()) and (inner := _decoded(value)) is not None:
            return self._html(inner, depth + 1, kind)
        if isinstance(value, str):
            return _as_html(value) if " " in value.strip() or not value.isascii() else ""
        if isinstance(value, list):
            return "".join(self._html(inner, depth + 1, kind) for inner in value)
        if not isinstance(value, dict):
            return ""
        if isinstance(name := value.get("__ref"), str):
            return self._html(next((cache[name] for cache in self.caches if name in cache), None), depth + 1, kind)
        own = next(
            (
                value[key]
                for key in ("type", "_type", "__typename", "kind", "component", "name", "tagName")
                if isinstance(value.get(key), str)
            ),
            "",
        )
        if _ASIDE.search(own):
            return ""
        inner = self._body_of_piece(value, depth)
        if _HEADING.search(own):
            return f"<h2>{_TAG.sub('', inner)}</h2>"
        return inner

    def _body_of_piece(self, value: dict[str, Any], depth: int) -> str:
        """Return the text of a piece: the first key that has any; runs of text in one are one paragraph."""
        for key in _BODIES:
            inner = value.get(key)
            if (
                isinstance(inner, list)
                and inner
                and all(isinstance(run, dict) and isinstance(run.get("text"), str) for run in inner)
            ):
                return f"<p>{''.join(html.escape(run['text']) for run in inner)}</p>"
            found = self._html(inner, depth + 1, key) if inner else ""
            if found:
                return found
        return ""
