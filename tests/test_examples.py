"""The Python examples of the documentation run, and print what the block after them says."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"
EXAMPLE = re.compile(r"^```python\n(.*?)^```\n(?:```\n(.*?)^```\n)?", re.DOTALL | re.MULTILINE)
EXAMPLES = [
    (path.name, number, found[1], found[2])
    for path in sorted(DOCS.glob("*.md"))
    for number, found in enumerate(EXAMPLE.finditer(path.read_text()), 1)
]


@pytest.mark.parametrize(("code", "said"), [one[2:] for one in EXAMPLES], ids=[f"{e[0]}-{e[1]}" for e in EXAMPLES])
def test_an_example_of_the_documentation_does_what_it_says(code: str, said: str | None):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "example", "exec"), {"__name__": "example"})
    assert out.getvalue() == (said or "")
