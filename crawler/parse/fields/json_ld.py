"""JSON-LD as publishers write it: JSON, or what a reader of the page would still take for it.

Strict JSON is read by the library. What is not is read by a scanner that knows the usual faults: comments, missing and
spare commas, bare words, wrong escapes, quotes inside of strings, several values in a row, an assignment around them, a
script that ends too early. It gives what can be read and never raises.
"""

from __future__ import annotations

__all__ = ["read_values"]

import html
import re

import msgspec

_LONGEST = 2_000_000
"""Letters of a page's scripts that are scanned if they are no JSON."""
_DEEPEST = 60
_MOST = 100
_NEAR = 300
"""Letters of white space and comments that may follow a comma."""
_ESCAPED = re.compile(r"\s*[{\[]\s*[{\[]?\s*&(?:quot|#34|#x22|#39|#x27|apos);", re.IGNORECASE)
_BLANK = re.compile(r"(?:[\s\x00-\x1f\ufeff\u200b-\u200f\u2060]+|//[^\n]*\n?|/\*.*?(?:\*/|$)|<!--|-->|<!\[CDATA\[|\]\]>)*", re.DOTALL)  # fmt: skip
_START = re.compile(r"[{\[]")
_STRING = re.compile(r'"([^"\\\x00-\x1f]*)"(?=\s*[,:}\]])')
"""A string without faults, whatever follows it in JSON."""
_PLAIN = re.compile(r"[^\"'\\\x00-\x1f]+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_WORD = re.compile(r"[^\s,\]}:\"{\[]+")
_KEY_NEXT = re.compile(r"\s*(?:\"[^\"\n]{0,80}\"\s*:|'[^'\n]{0,80}'\s*:|[\w$@]{1,40}\s*:\s*[\"'{\[\d])")
_VALUE_NEXT = re.compile(r"\s*(?:[\"'{\[\]\d-]|true\b|false\b|null\b)")
_ENDS_KEY = re.compile(r"\s*:")
_ENDS_OBJECT = re.compile(r"\s*(?:\}|$)")
_ENDS_LIST = re.compile(r"\s*(?:\]|$)")
_COMMA = re.compile(r"\s*,[\s,]*")
_MISSING_COMMA = re.compile(r"\s+\"[\w@:-]{1,60}\"\s*:")
_TEMPLATE = re.compile(r"\{\{[^{}]{0,200}\}\}|\{%[^{}]{0,200}%\}")
"""What a page's maker was to fill in."""
_LITERALS: dict[str, object] = {"true": True, "false": False}
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


def read_values(script: str, *, before: int = 0) -> list[object]:
    """Return the values of a JSON-LD script, usually one; none if nothing in it can be read.

    `before` are the letters of the page's scripts before it, which count towards what of a page is scanned.
    """
    text = script.strip()
    try:
        value = msgspec.json.decode(text.encode("utf-8", "surrogatepass"))
        return read_values(value, before=before) if isinstance(value, str) and value != script else [value]
    except (msgspec.DecodeError, RecursionError):
        pass
    if _ESCAPED.match(text):
        text = html.unescape(text)
    return _Scanner(text[: max(0, _LONGEST - before)]).values()


class _Scanner:
    """Reads values from `text`, and goes on after each fault."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def values(self) -> list[object]:
        """Return the values that stand beside each other; what stands between them is passed over."""
        found: list[object] = []
        while len(found) < _MOST:
            self._skip()
            start = _START.search(self.text, self.at)
            if start is None:
                break
            self.at = start.start()
            value = self._value(0)
            if value:
                found.append(value)
        return found

    def _skip(self) -> str:
        """Pass over white space and comments; return the next character, empty at the end."""
        match = _BLANK.match(self.text, self.at)
        self.at = match.end() if match is not None else self.at
        return self.text[self.at : self.at + 1]

    def _value(self, depth: int, *, inside: str = "") -> object:
        char = self._skip()
        if char == "{" and inside and (template := _TEMPLATE.match(self.text, self.at)) is not None:
            self.at = template.end()
            return None
        if char == "{":
            return self._object(depth + 1)
        if char == "[":
            return self._list(depth + 1)
        if char in ('"', "'"):
            return self._string(inside)
        number = _NUMBER.match(self.text, self.at)
        if number is not None:
            self.at = number.end()
            return float(number[0]) if any(mark in number[0] for mark in ".eE") else int(number[0][:4000])
        word = _WORD.match(self.text, self.at)
        self.at = word.end() if word is not None else self.at + 1
        return _LITERALS.get(word[0]) if word is not None else None

    def _object(self, depth: int) -> dict[str, object]:
        found: dict[str, object] = {}
        self.at += 1
        while (char := self._skip()) != "}":
            if not char or depth > _DEEPEST:
                self.at = len(self.text)
                return found
            if char == ",":
                self.at += 1
                continue
            if char not in "\"'" and not _WORD.match(self.text, self.at):
                self.at += 1
                continue
            key = self._string("key") if char in "\"'" else self._bare()
            if self._skip() == ":":
                self.at += 1
                found[key] = self._value(depth, inside="object")
        self.at += 1
        return found

    def _list(self, depth: int) -> list[object]:
        found: list[object] = []
        self.at += 1
        while (char := self._skip()) != "]":
            if not char or depth > _DEEPEST:
                self.at = len(self.text)
                return found
            if char in ",}:":
                self.at += 1
                continue
            found.append(self._value(depth, inside="list"))
        self.at += 1
        return found

    def _bare(self) -> str:
        word = _WORD.match(self.text, self.at)
        self.at = word.end() if word is not None else self.at + 1
        return word[0] if word is not None else ""

    def _string(self, inside: str) -> str:
        """Return the string that begins here; a quote in it ends it only where what follows fits."""
        quote = self.text[self.at]
        if (
            quote == '"'
            and (plain := _STRING.match(self.text, self.at)) is not None
            and self._ends(plain.end(), inside)
        ):
            self.at = plain.end()
            return plain[1]
        parts: list[str] = []
        self.at += 1
        while self.at < len(self.text):
            plain = _PLAIN.match(self.text, self.at)
            if plain is not None:
                parts.append(plain[0])
                self.at = plain.end()
                continue
            char = self.text[self.at]
            self.at += 1
            if char == "\\":
                parts.append(self._escape())
            elif char == quote and self._ends(self.at, inside):
                break
            else:
                parts.append(max(char, " "))
        text = "".join(parts)
        if _SURROGATE.search(text):
            text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return text

    def _ends(self, at: int, inside: str) -> bool:
        """Tell whether a quote that ends at `at` ends the string: whether what follows is JSON's, or all but a comma is."""
        if inside == "key":
            return _ENDS_KEY.match(self.text, at) is not None
        comma = _COMMA.match(self.text, at)
        if inside == "list":
            if comma is not None:
                return _VALUE_NEXT.match(self.text, comma.end()) is not None
            return _ENDS_LIST.match(self.text, at) is not None
        if comma is not None:
            after = self._past_blanks(comma.end())
            return _KEY_NEXT.match(self.text, after) is not None or _ENDS_OBJECT.match(self.text, after) is not None
        return _ENDS_OBJECT.match(self.text, at) is not None or _MISSING_COMMA.match(self.text, at) is not None

    def _past_blanks(self, at: int) -> int:
        match = _BLANK.match(self.text, at, at + _NEAR)
        return match.end() if match is not None else at

    def _escape(self) -> str:
        """Return what an escape stands for: JSON's own, and those that JavaScript has; of others the letter as it is."""
        char = self.text[self.at : self.at + 1]
        self.at += 1
        if char in _SIMPLE:
            return _SIMPLE[char]
        size = {"u": 4, "x": 2}.get(char, 0)
        digits = self.text[self.at : self.at + size]
        if size and len(digits) == size and all(digit in "0123456789abcdefABCDEF" for digit in digits):
            self.at += size
            return chr(int(digits, 16))
        return char if char in "\"'\\/" else "\\" + char
