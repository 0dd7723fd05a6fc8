"""docs/deploy/Dockerfile read: its stages and steps, and the files that its ignore file leaves of a tree."""

from __future__ import annotations

__all__ = ["Step", "context", "stages"]

import re
from pathlib import Path
from typing import NamedTuple


class Step(NamedTuple):
    """An instruction and what follows it, as one line."""

    word: str
    rest: str


def stages(dockerfile: str) -> dict[str, list[Step]]:
    """Return the steps of each stage by its name; the last stage has none, so its name is empty."""
    told = re.sub(r"^#.*\n", "", dockerfile, flags=re.MULTILINE)
    steps = [Step(*line.split(None, 1)) for line in re.sub(r"\\\n\s*", "", told).splitlines() if line.strip()]
    found: dict[str, list[Step]] = {}
    for step in steps:
        if step.word == "FROM":
            name = step.rest.partition(" AS ")[2]
            found[name] = []
        found[name].append(step)
    return found


def context(tree: Path, ignore: str) -> list[Path]:
    """Return the files below `tree` that go to the build, by Docker's rule: the last pattern that matches decides."""
    rules = [line for line in ignore.splitlines() if line and not line.startswith("#")]
    files = (path.relative_to(tree) for path in tree.rglob("*") if path.is_file())
    return [path for path in files if not _ignored(path, rules)]


def _ignored(path: Path, rules: list[str]) -> bool:
    ignored = False
    names = ["/".join(path.parts[:count]) for count in range(1, len(path.parts) + 1)]
    for rule in rules:
        if any(_pattern(rule.removeprefix("!")).fullmatch(name) for name in names):
            ignored = not rule.startswith("!")
    return ignored


def _pattern(rule: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*/|\*|\?)", rule)
    return re.compile(
        "".join({"**/": "(?:.*/)?", "*": "[^/]*", "?": "[^/]"}.get(part) or re.escape(part) for part in parts)
    )
