"""Bytes of a page to text: byte order mark, valid UTF-8, then what header and page declare, then detection.

Text that may be wrong carries a flag: ``charset_guessed`` (nothing usable declared), ``charset_corrected`` (declared,
but the bytes say otherwise), ``charset_mixed`` (single bytes of another encoding), ``charset_errors`` (bytes that no
reading explains became U+FFFD). Labels are those of the WHATWG Encoding Standard, section 4.2.
"""

from __future__ import annotations

__all__ = ["Decoded", "decode"]

import codecs
import re
from typing import NamedTuple

from crawler.parse.charset.detect import detect, plausible

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_HEADER = re.compile(r"(?:charset|encoding)\s*=\s*[\"']?\s*([A-Za-z0-9_.:+-]+)", re.IGNORECASE)
_META = re.compile(rb"<meta\b[^>]{0,400}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:+-]+)", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_.:+-]+)", re.IGNORECASE)
_LABELS = {
    "iso-8859-1": "cp1252", "iso8859-1": "cp1252", "iso_8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "l1": "cp1252",
    "ascii": "cp1252", "us-ascii": "cp1252", "windows-1252": "cp1252", "x-cp1252": "cp1252",
    "iso-8859-9": "cp1254", "latin5": "cp1254", "iso8859-9": "cp1254", "iso-8859-11": "cp874", "tis-620": "cp874", "windows-874": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030", "csgb2312": "gb18030", "gb-2312": "gb18030",
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "windows-31j": "cp932", "ms_kanji": "cp932",
    "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "ksc5601": "cp949", "ks_c_5601": "cp949", "korean": "cp949", "windows-949": "cp949",
    "big5": "big5hkscs", "big5-hkscs": "big5hkscs", "x-x-big5": "big5hkscs", "cn-big5": "big5hkscs",
    "euc-jp": "euc_jp", "x-euc-jp": "euc_jp", "x-euc": "euc_jp", "iso-2022-jp": "iso2022_jp",
    "iso-8859-8-i": "iso8859_8", "logical": "iso8859_8", "x-mac-roman": "mac_roman", "macintosh": "mac_roman",
    "utf8": "utf-8", "unicode-1-1-utf-8": "utf-8", "utf-16": "utf-16-le", "unicode": "utf-16-le",
    "x-mac-cyrillic": "mac_cyrillic", "cyrillic": "iso8859_5", "arabic": "iso8859_6", "greek": "iso8859_7", "hebrew": "iso8859_8",
}  # fmt: skip
_NAMES = {
    "cp1252": "windows-1252", "cp1254": "windows-1254", "cp874": "windows-874", "cp932": "shift_jis", "cp949": "euc-kr",
    "big5hkscs": "big5", "euc_jp": "euc-jp", "iso2022_jp": "iso-2022-jp", "koi8-r": "koi8-r", "gb18030": "gb18030",
}  # fmt: skip


class Decoded(NamedTuple):
    """A page's text, the encoding it was read in (WHATWG name), and flags."""

    text: str
    charset: str
    flags: tuple[str, ...]
    utf8: bytes | None = None
    """The text in UTF-8 where the page came so."""


def decode(body: bytes, content_type: str | None = None) -> Decoded:
    """Return the text of `body`; `content_type` is the response header's value."""
    for bom, name in _BOMS:
        if body.startswith(bom):
            return Decoded(body[len(bom) :].decode(name, "replace"), "utf-8" if name == "utf-8" else name, ())
    declared = _declared(body, content_type)
    first = declared[0] if declared else None
    if body[:512].count(b"\0") > len(body[:512]) // 4:
        name = "utf-16-be" if body[:1] == b"\0" else "utf-16-le"
        return Decoded(body.decode(name, "replace"), name, () if first == name else ("charset_guessed",))
    if first == "iso2022_jp" or (not first and b"\x1b$B" in body):
        return Decoded(body.decode("iso2022_jp", "replace"), "iso-2022-jp", () if first else ("charset_guessed",))
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return _legacy(body, declared)
    if body.isascii():
        return Decoded(text, "utf-8", (), body)
    return Decoded(text, "utf-8", ("charset_corrected",) if declared and "utf-8" not in declared else (), body)


def _declared(body: bytes, content_type: str | None) -> list[str]:
    """Return the codecs that the header, then the page, ask for; unknown labels are left out."""
    labels = [match[1] for match in [_HEADER.search(content_type or "")] if match]
    head = body[:8192]
    labels += [match[1].decode("ascii") for match in (_META.search(head), _XML.match(head)) if match]
    found: list[str] = []
    for label in labels:
        name = _codec(label)
        if name and name not in found:
            found.append(name)
    return found


def _codec(label: str) -> str | None:
    label = label.strip().lower().rstrip(".:")
    name = _LABELS.get(label, label)
    try:
        info = codecs.lookup(name)
    except LookupError:
        return None
    if not getattr(info, "_is_text_encoding", True) or info.name in (
        "utf-7",
        "idna",
        "punycode",
        "raw_unicode_escape",
        "unicode_escape",
    ):
        return None
    return _LABELS.get(info.name, name if name in _NAMES else info.name)


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
            return Decoded(text, _label(name), ("charset_errors",) if errors else ())
    name = detect(body)
    text, errors = _try(body, name)
    flags = ["charset_corrected" if declared else "charset_guessed"]
    if name in declared:
        flags = []
    if errors:
        flags.append("charset_errors")
    return Decoded(text, _label(name), tuple(flags))


def _label(codec: str) -> str:
    """Return the WHATWG name of a Python codec."""
    return _NAMES.get(codec, codec.replace("cp125", "windows-125").replace("iso8859_", "iso-8859-"))


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
