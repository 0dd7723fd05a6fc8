"""Every key of the settings reference, and of a site's declaration, is used by the program: none is only read."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import get_type_hints

import msgspec
import pytest

from crawler.config import Config
from crawler.model.site import ParserRules, Schedule, Site

ROOT = Path(__file__).parents[2]
CHECKS = ("crawler/config/", "crawler/cli/config.py", "crawler/daemon/declarations.py")
"""What checks a value does not use it."""
SECTIONS = get_type_hints(Config)
DECLARED = {"site": Site, "schedule": Schedule, "rules": ParserRules}
STRUCTS = {struct.__name__: name for name, struct in (SECTIONS | DECLARED).items()}
ALIASES = {"limits": "alarms", "rule": "rules", "chosen": "rules", "s": "site", "declared": "site"}


def keys() -> Iterator[str]:
    for name, struct in (SECTIONS | DECLARED).items():
        yield from (f"{name}.{field.name}" for field in msgspec.structs.fields(struct))


@cache
def used() -> frozenset[str]:
    """Every ``section.key`` that is got from a value of that section, known by its annotation or by where it came
    from."""
    found: set[str] = set()
    for path in [*(ROOT / "crawler").rglob("*.py"), *(ROOT / "spiders").rglob("*.py")]:
        name = str(path.relative_to(ROOT))
        if not name.startswith(CHECKS):
            found |= _used_in(ast.parse(path.read_text(encoding="utf-8")))
    return frozenset(found)


def _used_in(tree: ast.Module) -> set[str]:
    sections = _annotated(tree)
    for node in ast.walk(tree):  # what is put aside keeps its section: self._settings = settings.fetch
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and (section := _section(node.value, sections)):
            sections[_last_name(node.targets[0])] = section
    return {
        f"{section}.{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and (section := _section(node.value, sections))
    }


def _annotated(tree: ast.Module) -> dict[str, str]:
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, (ast.arg, ast.AnnAssign)) and node.annotation is not None:
            struct = _last_name(node.annotation)
            if struct in STRUCTS:
                found[node.arg if isinstance(node, ast.arg) else _last_name(node.target)] = STRUCTS[struct]
    return found


def _section(node: ast.expr, sections: dict[str, str]) -> str | None:
    name = _last_name(node).removeprefix("_")
    if name in sections or f"_{name}" in sections:
        return sections.get(name) or sections[f"_{name}"]
    return ALIASES.get(name) or (name if name in SECTIONS or name in DECLARED else None)


def _last_name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


@pytest.mark.parametrize("key", sorted(keys()))
def test_a_key_is_used_and_not_only_read(key):
    assert key in used(), f"{key} can be set and does nothing"


def test_a_key_that_nobody_asks_for_would_be_found():
    tree = ast.parse("def f(settings: Fetching) -> None:\n    wanted = settings\n    return wanted.retries")
    assert _used_in(tree) == {"fetch.retries"}
    assert "fetch.nonsense" not in used()
