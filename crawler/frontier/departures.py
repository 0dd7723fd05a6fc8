"""Where a page's scripts leave for at once and under no condition, as far as that is written in them.

No script is run: what browsers carry out in any case (the statements of a script, functions that are called, that are
given to a short timer or wait for the page to be loaded) is laid out in a row, and the first of these statements that
leaves for a written address tells it; of a page that has scripts from elsewhere, too, only what its own do at once.
What hangs on a condition, a click or a computed value leads nowhere.
"""

from __future__ import annotations

__all__ = ["departure"]

import re
from urllib.parse import unquote

_COMMENT = re.compile(
    r"<!--(?![^>\n]{0,200}\n).*?(?:-->|\Z)|<noscript\b.*?(?:</noscript\s*>|\Z)", re.IGNORECASE | re.DOTALL
)
"""Not the comment that hides a script from old browsers, which ends with its first line."""
_SCRIPT = re.compile(r"<script\b[^<>]*>(.{0,2000}?)</script\s*>", re.IGNORECASE | re.DOTALL)
_FROM_ELSEWHERE = re.compile(r"<script\b[^<>]*\bsrc\s*=", re.IGNORECASE)
"""Such a script may draw the page before a timer ends."""
_ON_LOAD = re.compile(r"<body\b[^<>]*?\bonload\s*=\s*(?:\"([^\"]{1,500})\"|'([^']{1,500})')", re.IGNORECASE)
_REMARK = re.compile(r"/\*.*?\*/|^\s*(?://|<!--).*?$", re.DOTALL | re.MULTILINE)
_IN_BRACKETS = re.compile(r"\[\s*(['\"])(location|href|replace|assign)\1\s*\]")
_DECODED = re.compile(r"decodeURI(?:Component)?\s*\(\s*(['\"`])([^'\"`\s$]+)\1\s*\)")
_OPENED_HERE = re.compile(
    r"(?:\bwindow\s*\.\s*)?\bopen\s*\(\s*((['\"`])[^'\"`\s$]+\2)\s*,\s*(['\"`])_(?:self|top|parent)\3\s*\)"
)
_LITERAL = re.compile(
    r"(?:\b(?:var|let|const)\s+|[;{},]\s*|^\s*)([A-Za-z_$][\w$]*)\s*=\s*(['\"`])([^'\"`\s$]+)\2\s*(?=[;,\n]|$)"
)
_LEAVES = re.compile(
    r"(?:\b(?:window|document|self|top|parent|globalThis)\s*\.\s*)*\blocation(?:\s*\.\s*href)?\s*"
    r"(?:=|\.\s*(?:replace|assign)\s*\()\s*(?:(['\"`])([^'\"`\s$]+)\1|([A-Za-z_$][\w$]*))\s*\)?\s*(?=;|\n|\}|$)"
)
_FUNCTION = r"(?:async\s+)?(?:function\s*[\w$]*\s*\([^()]*\)\s*(?=\{)|(?:\([^()]*\)|[\w$]+)\s*=>\s*)"
_RUN = re.compile(
    r"(?:(?:window\s*\.\s*)?(setTimeout)\s*\("
    r"|(?:\b(?:window|document|self|document\s*\.\s*body)\s*\.\s*)?\bonload\s*="
    r"|(?:\b(?:window|document|self)\s*\.\s*)?\baddEventListener\s*\(\s*['\"](?:load|DOMContentLoaded|pageshow)['\"]\s*,"
    r"|(?:\$|\bjQuery)\s*\(\s*(?:document\s*\)\s*\.\s*ready\s*\()?"
    r"|[(!])\s*" + _FUNCTION + r"|\btry\s*(?=\{)"
)
_TIMED_TEXT = re.compile(
    r"(?:window\s*\.\s*)?setTimeout\s*\(\s*([\"'])(.{1,500}?)(?<!\\)\1\s*(?:,\s*(\d+)\s*)?\)", re.DOTALL
)
_DEFINED = re.compile(r"\bfunction\s+([\w$]+)\s*\([^()]*\)\s*(?=\{)")
_DELAY = re.compile(r"\s*,\s*(\d+)")
_WHOLE = re.compile(r"(?:['\"`\]]|(?<![\w$])(?!else$|do$|return$|in$|of$|new$|typeof$)[\w$]+)$")
"""What a line ends with that needs no semicolon."""
_SOON_MS = 10_000
_MOST = 20
"""Functions of one script that are laid out."""


def departure(text: str) -> str | None:
    """Return the address, as written, that the scripts of the page `text` leave for; None if they do not."""
    seen = _COMMENT.sub(" ", text)
    codes = [found[1] for found in _SCRIPT.finditer(seen)]
    codes += [found[1] or found[2] for found in _ON_LOAD.finditer(seen)]
    later = _FROM_ELSEWHERE.search(seen) is None
    return next((target for code in codes if (target := _left_for(code, later=later)) is not None), None)


def _left_for(code: str, *, later: bool) -> str | None:
    """`later`: what is carried out later counts, too."""
    code = _IN_BRACKETS.sub(r".\2", _REMARK.sub(" ", code))
    code = _OPENED_HERE.sub(r"location=\1", code)
    code = _DECODED.sub(lambda found: f"{found[1]}{unquote(found[2])}{found[1]}", code)
    code = _laid_out(code) if later else code
    literals = {found[1]: found[3] for found in _LITERAL.finditer(code)}
    for found in _LEAVES.finditer(code):
        target = found[2] or literals.get(found[3] or "")
        if target and _is_carried_out(code[: found.start()]):
            return target.replace("\\/", "/")
    return None


def _laid_out(code: str) -> str:
    """Return `code` with what is carried out in any case in the place of what carries it out."""
    for _ in range(_MOST):
        further = _with_one_more(code)
        if further is None:
            break
        code = further
    return code


def _with_one_more(code: str) -> str | None:
    for found in _TIMED_TEXT.finditer(code):
        if _is_carried_out(code[: found.start()]) and int(found[3] or 0) <= _SOON_MS:
            inner = re.sub(r"\\(['\"])", r"\1", found[2])
            return f"{code[: found.start()]};{inner};{code[found.end() :]}"
    for found in _RUN.finditer(code):
        if _is_carried_out(code[: found.start()]):
            body, end = _body(code, found.end())
            delay = _DELAY.match(code, end)
            if found[1] is None or delay is None or int(delay[1]) <= _SOON_MS:
                return f"{code[: found.start()]};{body};{code[end:].lstrip(')')}"
    return _with_a_call(code)


def _with_a_call(code: str) -> str | None:
    """Return `code` with the body of a function in the place of its first call."""
    for defined in _DEFINED.finditer(code):
        body, end = _body(code, defined.end())
        if not _is_carried_out(code[: defined.start()]):
            continue
        rest = code[: defined.start()] + ";" + code[end:]
        for called in re.finditer(rf"(?<![\w$.]){re.escape(defined[1])}\s*\(\s*\)", rest):
            if _is_carried_out(rest[: called.start()]):
                return f"{rest[: called.start()]};{body};{rest[called.end() :]}"
    return None


def _body(code: str, at: int) -> tuple[str, int]:
    """Return the body of the function that begins at `at`, without its braces, and where it ends."""
    in_braces = code[at : at + 1] == "{"
    depth = 0
    for place in range(at, len(code)):
        letter = code[place]
        if letter in "{(":
            depth += 1
        elif letter in "})":
            depth -= 1
        if in_braces and depth == 0:
            return code[at + 1 : place], place + 1
        if not in_braces and (depth < 0 or (letter in ",;" and depth == 0)):
            return code[at:place], place
    return code[at + int(in_braces) :], len(code)


def _is_carried_out(before: str) -> bool:
    """Tell whether what follows `before` is a statement of its own, in no block."""
    plain = before.rstrip()
    is_next_line = "\n" in before[len(plain) :] and _WHOLE.search(plain) is not None
    return (plain[-1:] in ("", ";", "}") or is_next_line) and before.count("{") == before.count("}")
