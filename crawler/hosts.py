"""The host of a URL as browsers read it (WHATWG URL section 3.5): one spelling for each, and nothing that is none.

Names are mapped and checked by IDNA 2008 and UTS #46, non-transitional: ``straße``, a final sigma and the joiners of
Persian names keep the host they name. Whatever spells an IPv4 address (``127.1``, ``0x7f000001``, ``2130706433``) is
that address, so that nobody after this has to know the spellings.
"""

from __future__ import annotations

__all__ = ["ascii_host"]

import functools
import ipaddress
import re
from urllib.parse import unquote_to_bytes

import idna

_PLAIN = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
_FORBIDDEN = re.compile(r"[\x00-\x20\"#%/:<>?@\[\\\]^`{|}\x7f]")
"""WHATWG's, and the four of RFC 3986 that no browser sends unescaped either."""
_NUMBER = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+")
_MOST_NAME = 253
_MOST_LABEL = 63
_MOST_TEXT = 2000
"""Escapes and letters of other scripts take more room than what they mean."""


@functools.lru_cache(4096)
def ascii_host(text: str) -> str:
    """Return the host that `text` names: in lower-case ASCII, IPv4 in four parts, IPv6 in brackets, no dot at the end.

    Raises ValueError, with what is wrong, if it names none.
    """
    if len(text) <= _MOST_NAME and _PLAIN.fullmatch(text) and "xn--" not in text:
        return text
    if len(text) > _MOST_TEXT:
        raise ValueError("the host's name is too long")
    if text.startswith("["):
        return _ipv6(text)
    name = unquote_to_bytes(text).decode("utf-8", "replace") if "%" in text else text
    name = name.lower() if name.isascii() and "xn--" not in name.lower() else _mapped(name)
    found = _FORBIDDEN.search(name)
    if found is not None:
        raise ValueError(f"{found[0]!r} cannot stand in a host's name")
    name = name.removesuffix(".")
    labels = name.split(".")
    if not all(labels):
        raise ValueError("a part of the host's name is empty" if name else "there is no host")
    if _NUMBER.fullmatch(labels[-1]):
        return _ipv4(labels)
    if len(name) > _MOST_NAME or any(len(label) > _MOST_LABEL for label in labels):
        raise ValueError("the host's name is too long")
    return name


def _mapped(name: str) -> str:
    """Return `name` as UTS #46 maps it, its labels as IDNA 2008 encodes them."""
    try:
        mapped = idna.uts46_remap(name, std3_rules=False, transitional=False)
        return ".".join(_label(label) for label in mapped.split("."))
    except idna.IDNAError as error:
        raise ValueError(f"not a name by IDNA 2008: {error}") from error


def _label(label: str) -> str:
    if not label.isascii():
        return idna.alabel(label).decode("ascii")
    if label.startswith("xn--"):
        meant = idna.ulabel(label)
        if meant.isascii() or idna.alabel(meant).decode("ascii") != label:
            raise idna.IDNAError(f"{label} encodes nothing")
    return label


def _ipv6(text: str) -> str:
    if not text.endswith("]") or "%" in text:
        raise ValueError("not an IPv6 address")
    address = ipaddress.IPv6Address(text[1:-1])
    mapped = address.ipv4_mapped
    if mapped is not None:  # ipaddress writes it in two ways, by version
        return f"[::ffff:{int(mapped) >> 16:x}:{int(mapped) & 0xFFFF:x}]"
    return f"[{address.compressed}]"


def _ipv4(labels: list[str]) -> str:
    """Return the address that numbers spell: decimal, octal or hexadecimal, the last one filling what is left."""
    if len(labels) > 4 or not all(map(_NUMBER.fullmatch, labels)):
        raise ValueError("a name that ends in a number is an IPv4 address, and this is none")
    *first, last = (_number(label) for label in labels)
    if any(number > 255 for number in first) or last >= 256 ** (4 - len(first)):
        raise ValueError("not an IPv4 address: a number is too large")
    value = last + sum(number << 8 * (3 - place) for place, number in enumerate(first))
    return str(ipaddress.IPv4Address(value))


def _number(label: str) -> int:
    if label[:2].lower() == "0x":
        return int(label[2:] or "0", 16)
    try:
        return int(label, 8 if label.startswith("0") else 10)
    except ValueError as error:
        raise ValueError(f"{label} is not an octal number") from error
