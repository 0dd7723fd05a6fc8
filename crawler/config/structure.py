"""A table against the struct it is to become: every key that is unknown, missing, of another type or out of bounds."""

from __future__ import annotations

__all__ = ["drop", "sound_values", "struct_problems"]

import difflib
import math
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from crawler.config.formats import text_fault
from crawler.errors import Problem

_FORMS = {
    "array": 'write a list, as in ["one", "two"]',
    "object": 'write a table, as in { name = "value" }',
    "bool": "write true or false, without quotes",
    "str": "write it in quotes",
    "int": "write a whole number, without quotes",
    "float": "write a number, without quotes",
    "date": "write a day, as in 2026-02-01",
}
"""By msgspec's word for a type."""


def struct_problems(
    struct: type[msgspec.Struct], table: Mapping[str, Any], file: str, *, partial: bool = False
) -> list[Problem]:
    """Return what keeps `table` from being a `struct`; `partial`: keys may be missing."""
    return _table_problems(struct, table, file, struct, partial=partial, at="")


def _table_problems(
    struct: type[msgspec.Struct], table: Mapping[str, Any], file: str, whole: type[msgspec.Struct], *, partial: bool,
    at: str,
) -> list[Problem]:  # fmt: skip
    """Return what keeps `table`, which stands at the key `at` of a `whole`, from being a `struct`."""
    hints, required = _shape(struct)
    problems: list[Problem] = []
    for key, value in table.items():
        if key in hints:
            problems += _value_problems(hints[key], value, file, f"{at}{key}", whole, partial=partial)
        else:
            problems.append(Problem(file, f"{at}{key}", f"unknown key{_meant(key, hints, whole, at)}"))
    if not partial:
        problems += [Problem(file, f"{at}{name}", "missing") for name in required if name not in table]
    return problems


def sound_values(table: Mapping[str, Any], problems: list[Problem], *, at: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each dotted key of `table` of which `problems` say nothing, and its value; tables are taken apart."""
    faulty = {problem.key for problem in problems}
    for key, value in table.items():
        if isinstance(value, dict):
            yield from sound_values(value, problems, at=f"{at}{key}.")
        elif f"{at}{key}" not in faulty:
            yield f"{at}{key}", value


def drop(table: dict[str, Any], dotted: str) -> None:
    """Remove the key `dotted` (``fetch.delay_s``, ``rules[0].body``) from `table`, if it is there."""
    first, _, rest = dotted.partition(".")
    name, _, number = first.partition("[")
    inner = table.get(name)
    if number and isinstance(inner, list):
        inner = inner[int(number.removesuffix("]"))]
    if rest and isinstance(inner, dict):
        drop(inner, rest)
    else:
        table.pop(name, None)


@cache
def _shape(struct: type[msgspec.Struct]) -> tuple[dict[str, Any], list[str]]:
    """Return the types of its fields, and which must be there: worked out once, not for each file of hundreds."""
    required = [field.name for field in msgspec.structs.fields(struct) if field.required]
    return get_type_hints(struct, include_extras=True), required


def _meant(key: str, hints: Mapping[str, Any], whole: type[msgspec.Struct], at: str) -> str:
    """Return what whoever wrote the unknown `key` at `at` may have meant: the same key elsewhere, or one like it."""
    shape, _ = _shape(whole)
    if at and key in shape:
        return f"; {key} stands above the first [table]: below [{at.rstrip('.')}] it is one of that table's"
    tables = [f"{name}.{key}" for name, kind in shape.items() if _is_struct(kind) and key in _shape(kind)[0]]
    near = tables if len(tables) == 1 else difflib.get_close_matches(key, hints, n=1) or tables
    return f"; did you mean {' or '.join(near)}?" if near else ""


def _value_problems(
    kind: Any, value: object, file: str, key: str, whole: type[msgspec.Struct], *, partial: bool
) -> list[Problem]:
    if _is_struct(kind):
        if not isinstance(value, dict):
            return [Problem(file, key, f"expected a table, [{key}]; found {value!r}")]
        return _table_problems(kind, value, file, whole, partial=partial, at=f"{key}.")
    inner: Any = next(iter(get_args(kind)), None)
    if _is_struct(inner) and isinstance(value, list) and all(isinstance(one, dict) for one in value):
        tables = (
            _table_problems(inner, one, file, whole, partial=False, at=f"{key}[{number}].")
            for number, one in enumerate(value)
        )
        return [problem for problems in tables for problem in problems]
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        found = "" if isinstance(value, (dict, list)) or "value '" in str(error) else f"; found {value!r}"
        how = f"write [[{key}]]" if _is_struct(inner) else _how_to_write(kind, str(error))
        return [Problem(file, key, f"{error}{found}{how and '; '}{how}")]
    return [Problem(file, key, fault) for fault in _leaf_faults(value)]


def _how_to_write(kind: Any, error: str) -> str:
    """Return in which form TOML has what msgspec expected of `kind`."""
    if choices := _choices(kind):
        return f"expected {' or '.join(choices)}"
    expected = re.match(r"Expected `(\w+)[^`]*`, got|Invalid RFC3339 encoded (\w+)", error)
    return _FORMS.get(expected[1] or expected[2], "") if expected else ""


def _choices(kind: Any) -> list[str]:
    if get_origin(kind) is Literal:
        return [str(choice) for choice in get_args(kind)]
    return [choice for inner in get_args(kind) for choice in _choices(inner)]


def _leaf_faults(value: object) -> Iterator[str]:
    if isinstance(value, (list, tuple)):
        for one in value:
            yield from _leaf_faults(one)
    elif isinstance(value, str) and (fault := text_fault(value)):
        yield fault
    elif isinstance(value, float) and not math.isfinite(value):
        yield f"expected a number; found {value!r}"


def _is_struct(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)
