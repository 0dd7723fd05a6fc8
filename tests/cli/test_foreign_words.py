"""What others wrote is never told raw: lines with a fault, an error, an address or a title go through `visible`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "crawler" / "cli"
FOREIGN = {"damaged", "error", "excerpt", "fault", "title", "url", "wanted"}
"""Names that such words go by."""


def told_raw(tree: ast.AST) -> Iterator[str]:
    """Yield the places at which a foreign word is handed to `click.echo` as it is."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "click.echo":
            yield from (f"line {found.lineno}: {found.id}" for argument in node.args for found in bare(argument))


def bare(node: ast.AST) -> Iterator[ast.Name]:
    if isinstance(node, ast.Call):  # it makes something else of it
        return
    if isinstance(node, ast.Name) and node.id in FOREIGN:
        yield node
    for child in ast.iter_child_nodes(node):
        yield from bare(child)


@pytest.mark.parametrize("path", sorted(ROOT.glob("*.py")), ids=lambda path: path.stem)
def test_a_command_tells_no_foreign_word_raw(path: Path) -> None:
    assert list(told_raw(ast.parse(path.read_text()))) == []


def test_such_a_line_is_found() -> None:
    assert list(told_raw(ast.parse('click.echo(f"damaged: {fault}")'))) == ["line 1: fault"]
    assert list(told_raw(ast.parse('click.echo(visible(f"damaged: {fault}"))'))) == []
