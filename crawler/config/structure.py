"""A table against the struct it is to become: every key that is unknown, missing, of another type or out of bounds."""

from __future__ import annotations

__all__ = ["drop", "sound_values", "struct_problems"]

import difflib
import math
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, get_args, get_type_hints

import msgspec

from crawler.config.formats import text_fault
from crawler.errors import Problem


def struct_problems(
    struct: type[msgspec.Struct], table: Mapping[str, Any], file: str, *, partial: bool = False, at: str = ""
) -> list[Problem]:
    """Return what keeps `table` from being a `struct`; `partial`: keys may be missing. `at` is put before each key."""
    hints, required = _shape(struct)
    problems: list[Problem] = []
    for key, value in table.items():
        if key in hints:
            problems += _value_problems(hints[key], value, file, f"{at}{key}", partial=partial)
        else:
            near = difflib.get_close_matches(key, hints, n=1)
            problems.append(Problem(file, f"{at}{key}", f"unknown key{f'; did you mean {near[0]}?' if near else ''}"))
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


def _value_problems(kind: Any, value: object, file: str, key: str, *, partial: bool) -> list[Problem]:
    if _is_struct(kind):
        if not isinstance(value, dict):
            return [Problem(file, key, f"expected a table, [{key}]; found {value!r}")]
        return struct_problems(kind, value, file, partial=partial, at=f"{key}.")
    inner: Any = next(iter(get_args(kind)), None)
    if _is_struct(inner) and isinstance(value, list) and all(isinstance(one, dict) for one in value):
        tables = (struct_problems(inner, one, file, at=f"{key}[{number}].") for number, one in enumerate(value))
        return [problem for problems in tables for problem in problems]
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        found = "" if isinstance(value, (dict, list)) or "value '" in str(error) else f"; found {value!r}"
        return [Problem(file, key, f"{error}{found}")]
    return [Problem(file, key, fault) for fault in _leaf_faults(value)]


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
