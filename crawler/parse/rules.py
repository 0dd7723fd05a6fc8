"""A site's own selectors, dated: which of them hold on the day of a capture, and what they select."""

from __future__ import annotations

__all__ = ["chosen_rules", "elements_of", "rules_version", "selected"]

from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256

import msgspec
from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from crawler.errors import ParseError
from crawler.model.profile import SiteProfile
from crawler.model.site import ParserRules
from crawler.parse.site_parser import code_digest


def chosen_rules(rules: tuple[ParserRules, ...], captured_at: datetime) -> ParserRules | None:
    """Return the first of `rules` whose period holds the (UTC) day of the capture."""
    day = captured_at.astimezone(UTC).date()
    for rule in rules:
        if (rule.valid_from is None or rule.valid_from <= day) and (
            rule.valid_until is None or day <= rule.valid_until
        ):
            return rule
    return None


def rules_version(rules: ParserRules | None, profile: SiteProfile | None = None) -> str | None:
    """Return a digest of what `rules` say, and ``+`` with the version of `profile`: an article tells which were in force.

    None if there were neither.
    """
    own = "" if rules is None else sha256(msgspec.json.encode(rules) + _code(rules)).hexdigest()[:12]
    return f"{own}+{profile.version}" if profile is not None else own or None


def _code(rules: ParserRules) -> bytes:
    return code_digest(rules.parser).encode() if rules.parser else b""


def elements_of(parser: LexborHTMLParser, selectors: Iterable[str]) -> frozenset[int]:
    """Return the identities of the elements that any of `selectors` matches. Raises ParseError for one that is no CSS."""
    return frozenset(node.mem_id for selector in selectors for node in selected(parser, selector))


def selected(parser: LexborHTMLParser, selector: str) -> list[LexborNode]:
    """Return the elements that a rule's `selector` matches, in page order. Raises ParseError if it is no CSS."""
    try:
        return parser.css(selector)
    except SelectolaxError as error:
        raise ParseError(
            f"not a CSS selector: {selector!r}", reason="bad_rules", next_step="correct the site's rules"
        ) from error
