"""Declarations as text: a new file for a site, and the one line of an existing file that says its channels were seen to
work.

What is written is read back before it is believed: a file that cannot be changed without touching anything else is left
alone.
"""

from __future__ import annotations

__all__ = ["declaration_text", "replace_file", "with_verified", "write_new"]

import json
import os
import re
import time
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from crawler.errors import UsageError
from crawler.model.site import Site, Verified

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_VERIFIED = re.compile(
    r"""^(?P<key>[ \t]*verified[ \t]*=[ \t]*)(?:true|false|\{(?:"(?:\\.|[^"\\\n])*"|'[^'\n]*'|[^}"'\n])*\})""",
    re.MULTILINE,
)
_HEADER = re.compile(r"^[ \t]*\[", re.MULTILINE)
_TAIL = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\r?\n)+\Z")
"""Blank lines and comments before a table's header: they are the table's."""
_WIDTH = 110
_PART = ".part"
_LEFT_S = 3600.0
"""A file that is still being written after so long is one whose writer was killed."""
_ALWAYS = ("title", "country", "languages", "home")
_BOM = "\ufeff"


def declaration_text(site: Site) -> str:
    """Return the file of `site`: what is as it is by default is left out, but for what every file has."""
    lines: list[str] = []
    tables: list[str] = []
    for field in msgspec.structs.fields(site):
        value = getattr(site, field.name)
        default = field.default_factory() if field.default_factory is not msgspec.NODEFAULT else field.default
        if field.name == "name" or (value == default and field.name not in _ALWAYS):
            continue
        if field.name == "rules":
            tables += [_table("rules", _plain(rule)) for rule in value]
        else:
            lines.append(f"{field.name} = {_value(_plain(value), width=_WIDTH - len(field.name))}\n")
    return "".join(lines) + "".join(tables)


def with_verified(text: str, verified: Verified) -> str | None:
    """Return the declaration `text` with `verified` in it and all else, comments and layout too, as it was.

    None: it cannot be done so; a person must do it.
    """
    bom, text = (_BOM, text[1:]) if text.startswith(_BOM) else ("", text)
    wanted = {**tomllib.loads(text), "verified": _plain(verified)}
    for candidate in _candidates(text, f"verified = {_value(_plain(verified))}"):
        with suppress(tomllib.TOMLDecodeError):
            if tomllib.loads(candidate) == wanted:
                return bom + candidate
    return None


def write_new(path: Path, text: str) -> None:
    """Write the new file `path`, whole or not at all. Raises UsageError if it is there already or cannot be made."""
    part = path.with_name(f".{path.name}.{os.getpid()}{_PART}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_durably(part, text)
        try:
            path.hardlink_to(part)
        finally:
            part.unlink()
    except FileExistsError as error:
        raise UsageError(f"{path} is there already", next_step="choose another name with --name") from error
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", next_step="check permissions") from error


def replace_file(path: Path, text: str) -> None:
    """Put `text` in place of what the file `path` holds, whole or not at all. Raises UsageError if that cannot be
    done.
    """
    path = path.resolve()
    part = path.with_name(f".{path.name}.{os.getpid()}{_PART}")
    try:
        _write_durably(part, text)
        part.chmod(path.stat().st_mode & 0o777)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise UsageError(f"{path} cannot be written: {error.strerror}", next_step="check permissions") from error


def _write_durably(part: Path, text: str) -> None:
    """Write `part` to the disk, and remove what writers left that were killed: their names are no sites'."""
    for left in part.parent.glob(f".*{_PART}"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > _LEFT_S:  # against the file system's own stamps
                left.unlink()
    with part.open("wb") as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())


def _candidates(text: str, line: str) -> Iterator[str]:
    """Yield texts that may be what is wanted, the likeliest first: which one is, reading it tells."""
    end = "\r\n" if "\r\n" in text else "\n"
    for match in _VERIFIED.finditer(text):
        yield text[: match.start()] + match["key"] + line.partition(" = ")[2] + text[match.end() :]
    for match in _HEADER.finditer(text):
        kept = _TAIL.sub("", text[: match.start()])
        yield f"{kept}{end}{line}{text[len(kept) :]}" if kept else f"{line}{end}{text}"
    yield text + ("" if text.endswith("\n") or not text else end) + line + end


def _plain(value: Any) -> Any:
    """Return `value` as TOML has it, structs as tables without what is None or as it is by default."""
    if isinstance(value, msgspec.Struct):
        fields = [f for f in msgspec.structs.fields(value) if f.required or getattr(value, f.name) != f.default]
        return {f.name: _plain(getattr(value, f.name)) for f in fields}
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, (list, tuple)) else value


def _table(name: str, table: Mapping[str, Any]) -> str:
    return f"\n[[{name}]]\n" + "".join(f"{_key(key)} = {_value(one)}\n" for key, one in table.items())


def _value(value: Any, *, width: int = 0) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(key)} = {_value(one)}" for key, one in value.items()) + " }" if value else "{}"
    if isinstance(value, list):
        parts = [_value(one) for one in value]
        if width and sum(map(len, parts)) + 2 * len(parts) > width:
            return "[\n" + "".join(f"    {part},\n" for part in parts) + "]"
        return f"[{', '.join(parts)}]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")  # TOML's basic strings are JSON's
    return value.isoformat() if isinstance(value, date) else str(value)


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else _value(key)
