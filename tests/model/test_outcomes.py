"""No outcome is misspelt: mypy tells of ``==`` and of keys, and this of ``in (...)``, which mypy lets pass."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from crawler.model.run import Outcome, RunState

ROOT = Path(__file__).parents[2]
WORDS = {"outcome": {*get_args(Outcome)}, "state": {*get_args(RunState)}}


def compared(tree: ast.AST) -> Iterator[tuple[str, str, int]]:
    """Yield what is compared, each word it is looked for among, and the line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn):
            name = getattr(node.left, "attr", getattr(node.left, "id", ""))
            among = node.comparators[0]
            if name in WORDS and isinstance(among, ast.Tuple | ast.Set | ast.List):
                yield from ((name, one.value, node.lineno) for one in among.elts if isinstance(one, ast.Constant))


def test_a_word_that_an_outcome_or_a_state_is_looked_for_among_is_one():
    found = [
        (str(path.relative_to(ROOT)), line, name, word)
        for room in ("crawler", "spiders")
        for path in sorted((ROOT / room).rglob("*.py"))
        for name, word, line in compared(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert len(found) > 10
    assert [one for one in found if one[3] not in WORDS[one[2]]] == []
