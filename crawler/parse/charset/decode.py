"""Bytes of a page or a feed to text: byte order mark, valid UTF-8, then what header and page declare, then detection.

Text that may be wrong carries a flag: ``charset_guessed`` (nothing usable declared), ``charset_corrected`` (declared,
but the bytes say otherwise), ``charset_mixed`` (single bytes of another encoding), ``charset_errors`` (bytes that no
reading explains became U+FFFD). Labels are those of the WHATWG Encoding Standard, section 4.2.
"""

from __future__ import annotations

__all__ = ["Decoded", "Recoded", "decode", "recode"]

import re
from typing import NamedTuple

from crawler.parse.charset.detect import detect, plausible
from crawler.parse.charset.labels import codec_of, encoding_name
from crawler.parse.native import is_utf8

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_MARKED = tuple(bom for bom, _ in _BOMS)
_ESCAPING = {"iso2022_jp": b"\x1b$B", "iso2022_kr": b"\x1b$)C", "hz": b"~{"}
"""Encodings in seven bits, and what shows them; the last is not sought undeclared, since text may have it."""
_HEADER = re.compile(r"(?:charset|encoding)\s*=\s*[\"']?\s*([A-Za-z0-9_.:+-]+)", re.IGNORECASE)
_META = re.compile(rb"<meta\b[^>]{0,400}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:+-]+)", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_.:+-]+)", re.IGNORECASE)


class Decoded(NamedTuple):
    """A page's text, the encoding it was read in (WHATWG name), and flags."""

    text: str
    charset: str
    flags: tuple[str, ...]


class Recoded(NamedTuple):
    """A page in UTF-8, the encoding it was read in (WHATWG name), and flags."""

    utf8: bytes
    charset: str
    flags: tuple[str, ...]


def recode(body: bytes, content_type: str | None = None) -> Recoded:
    """Return `body` in UTF-8, read as `decode` reads it; most pages are in UTF-8, and no text is made of them."""
    if not body.startswith(_MARKED) and is_utf8(body):
        declared = _declared(body, content_type)
        if not _is_wide_or_escaping(body, declared):
            return Recoded(body, "utf-8", _flags(body, declared))
    text, charset, flags = decode(body, content_type)
    return Recoded(text.encode("utf-8", "replace"), charset, flags)


def decode(body: bytes, content_type: str | None = None) -> Decoded:
    """Return the text of `body`; `content_type` is the response header's value."""
    for bom, name in _BOMS:
        if body.startswith(bom):
            return Decoded(body[len(bom) :].decode(name, "replace"), "utf-8" if name == "utf-8" else name, ())
    declared = _declared(body, content_type)
    first = declared[0] if declared else None
    wide = _wide(body[:512])
    if wide is not None:
        return Decoded(body.decode(wide, "replace"), wide, () if first == wide else ("charset_guessed",))
    escaping = _escaping(body, first)
    if escaping is not None:
        return Decoded(body.decode(escaping, "replace"), encoding_name(escaping), () if first else ("charset_guessed",))
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return _legacy(body, declared)
    return Decoded(text, "utf-8", _flags(body, declared))


def _flags(body: bytes, declared: list[str]) -> tuple[str, ...]:
    """Return the flags of a page that is valid UTF-8."""
    return ("charset_corrected",) if declared and "utf-8" not in declared and not body.isascii() else ()


def _is_wide_or_escaping(body: bytes, declared: list[str]) -> bool:
    return _wide(body[:512]) is not None or _escaping(body, declared[0] if declared else None) is not None


def _declared(body: bytes, content_type: str | None) -> list[str]:
    """Return the codecs that the header, then the page, ask for; unknown labels are left out."""
    header = _HEADER.search(content_type or "")
    head = body[:8192]
    within = [codec_of(match[1].decode("ascii")) for match in (_META.search(head), _XML.match(head)) if match]
    # what can be read to ask for UTF-16 is not in it (HTML Standard, 13.2.3.2)
    names = [codec_of(header[1]) if header else None, *("utf-8" if _is_wide(name) else name for name in within)]
    return list(dict.fromkeys(name for name in names if name))


def _wide(head: bytes) -> str | None:
    """Return the encoding of two or four bytes a letter that `head` is in, without a mark; None if it is not."""
    zeros = head.count(b"\0") / (len(head) or 1)
    for width, least, openings in (("32", 0.6, (b"<\0\0\0", b"\0\0\0<")), ("16", 0.25, (b"<\0", b"\0<"))):
        if zeros > least or head.startswith(openings):
            return f"utf-{width}-be" if head[:1] == b"\0" else f"utf-{width}-le"
    return None


def _is_wide(name: str | None) -> bool:
    return name is not None and name.startswith(("utf-16", "utf-32"))


def _escaping(body: bytes, first: str | None) -> str | None:
    """Return the seven-bit encoding of `body`: the declared one, or one whose escapes it has."""
    if first in _ESCAPING:
        return first
    if first or b"\x1b" not in body:
        return None
    return next((codec for codec, escape in _ESCAPING.items() if codec != "hz" and escape in body), None)


def _legacy(body: bytes, declared: list[str]) -> Decoded:
    """Read bytes that are not UTF-8."""
    if not declared or "utf-8" in declared:
        mixed = _mostly_utf8(body)
        if mixed is not None:
            return Decoded(mixed, "utf-8", ("charset_mixed",))
    for name in declared:
        if name == "utf-8":
            continue
        text, errors = _try(body, name)
        if errors <= len(body) // 2000 and plausible(body, name):
            return Decoded(text, encoding_name(name), ("charset_errors",) if errors else ())
    name = detect(body)
    text, errors = _try(body, name)
    flags = ["charset_corrected" if declared else "charset_guessed"]
    if name in declared:
        flags = []
    if errors:
        flags.append("charset_errors")
    return Decoded(text, encoding_name(name), tuple(flags))


def _try(body: bytes, name: str) -> tuple[str, int]:
    """Return the text in codec `name` and the number of replacement characters it took."""
    try:
        return body.decode(name), 0
    except UnicodeDecodeError:
        text = body.decode(name, "replace")
    return text, text.count("\ufffd")


def _mostly_utf8(body: bytes) -> str | None:
    """Return the text if nearly all multi-byte sequences are valid; the stray bytes are read as windows-1252."""
    text = body.decode("utf-8", "surrogateescape")
    stray = len(re.findall("[\udc80-\udcff]", text))
    good = sum(1 for _ in re.finditer("[\x80-\ud7ff\ue000-\U0010ffff]", text))
    if stray * 10 > good and not (stray <= 3 and good):
        return None
    return re.sub("[\udc80-\udcff]+", _as_latin, text)


def _as_latin(match: re.Match[str]) -> str:
    return match[0].encode("utf-8", "surrogateescape").decode("cp1252", "replace")
