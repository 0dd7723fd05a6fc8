"""What is typed into a search, as SQLite's full-text search has it.

Words that must all be there, "a phrase", AND, OR, NOT (or -word), brackets, title:word, and word* for all that begins
so; an Arabic word that is not in quotes with its article, too. What cannot be meant is told, with what would be right.
"""

from __future__ import annotations

__all__ = ["SearchQuery", "read_query"]

import re
from typing import NamedTuple

from crawler.corpus.words import phrase, with_article
from crawler.errors import UsageError

_TOKEN = re.compile(r'\s*(?:(\()|(\))|(-|title:)?(?:"([^"]*)("?)(\*)?|([^\s()"]+)))', re.IGNORECASE)
_OPERATORS = ("AND", "OR", "NOT")
_MOST = 1000
"""Characters; a query is typed."""
_DEEPEST = 50
_ABBREVIATED = re.compile('(?<=[\u05d0-\u05ea])"(?=[\u05d0-\u05ea])')
"""The mark of a Hebrew abbreviation, as it is typed: no quotation begins within a word."""
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"'})


class SearchQuery(NamedTuple):
    """A query that makes sense."""

    match: str
    """For ``MATCH``."""
    terms: tuple[str, ...]
    """What a hit has, as it was typed, for snippets."""


class _Token(NamedTuple):
    kind: str
    text: str
    prefix: bool = False
    is_quoted: bool = False


def read_query(text: str) -> SearchQuery:
    """Return what `text` asks for. Raises UsageError that says what is wrong with it."""
    if text.count("(") > _DEEPEST:
        raise UsageError(f"the query has more than {_DEEPEST} brackets", next_step="ask for less")
    if len(text) > _MOST:
        raise UsageError(f"the query has more than {_MOST} characters", next_step="ask for less")
    reader = _Reader(_tokens(_ABBREVIATED.sub("\u05f4", text.translate(_QUOTES))), text)
    if not reader.tokens:
        raise UsageError("there is nothing to search for", next_step='warraq search "old bridge"')
    match = reader.alternatives()
    if reader.tokens:
        raise UsageError(f"{text!r}: a bracket is closed that was not opened", next_step="take it away, or open it")
    return SearchQuery(match, tuple(reader.terms))


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    at = 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        if found is None:
            raise UsageError(f"{text!r} is not understood from {text[at:].strip()!r} on", next_step="put it in quotes")
        at = found.end()
        opened, closed, mark, quoted, end_quote, star, word = found.groups()
        if opened or closed:
            tokens.append(_Token(opened or closed, ""))
            continue
        if mark:
            tokens.append(_Token("NOT" if mark == "-" else "title", mark))
        if word is not None:
            if word in _OPERATORS and not mark:
                tokens.append(_Token(word, word))
            else:
                tokens.append(_Token("term", word.rstrip("*"), word.endswith("*")))
        elif not end_quote:
            raise UsageError(f"{text!r}: a quotation mark is not closed", next_step='write "the whole phrase"')
        else:
            tokens.append(_Token("term", quoted, bool(star), is_quoted=True))
    return tokens


class _Reader:
    """Reads alternatives of what must be there together, less what must not."""

    def __init__(self, tokens: list[_Token], whole: str) -> None:
        self.tokens = tokens
        self.terms: list[str] = []
        self._whole = whole
        self._denied = False

    def alternatives(self) -> str:
        found = [self._together()]
        while self._next("OR"):
            found.append(self._together("OR"))
        return found[0] if len(found) == 1 else "(" + " OR ".join(found) + ")"

    def _together(self, after: str = "") -> str:
        wanted: list[str] = []
        unwanted: list[str] = []
        while True:
            if self._next("AND") and not wanted and not unwanted:
                raise self._missing("AND")
            if self._next("NOT"):
                denied, self._denied = self._denied, True
                unwanted.append(self._one("NOT"))
                self._denied = denied
            else:
                wanted.append(self._one("AND" if wanted or unwanted else after))
            if not self.tokens or self.tokens[0].kind in ("OR", ")"):
                break
        if not wanted:
            raise UsageError(
                f"{self._whole!r} says what is not wanted only", next_step="add a word that is, before NOT"
            )
        match = " AND ".join(wanted)
        if unwanted:
            return f"(({match}) NOT ({' OR '.join(unwanted)}))"
        return f"({match})" if len(wanted) > 1 else match

    def _one(self, after: str) -> str:
        if self._next("("):
            inner = self.alternatives()
            if not self._next(")"):
                raise UsageError(f"{self._whole!r}: a bracket is not closed", next_step="close it")
            return inner
        if self._next("title"):
            return f"title : {self._one('title:')}"
        if not self.tokens or self.tokens[0].kind != "term":
            raise self._missing(after or (self.tokens[0].text if self.tokens else "") or "the bracket")
        return self._term(self.tokens.pop(0))

    def _term(self, token: _Token) -> str:
        words, more = phrase(token.text)
        if not words:
            raise UsageError(f"{self._whole!r}: {token.text!r} has no letter to search for", next_step="leave it out")
        if not self._denied:
            self.terms.append(token.text + ("*" if token.prefix else ""))
        found = (words,) if token.is_quoted else with_article(words)
        forms = [f'"{one}"' + (" *" if token.prefix or more else "") for one in found]
        return forms[0] if len(forms) == 1 else f"({' OR '.join(forms)})"

    def _next(self, kind: str) -> bool:
        if self.tokens and self.tokens[0].kind == kind:
            self.tokens.pop(0)
            return True
        return False

    def _missing(self, after: str) -> UsageError:
        return UsageError(
            f"{self._whole!r}: a word is missing beside {after}", next_step=f'put "{after}" in quotes to search for it'
        )
