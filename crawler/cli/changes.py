"""How changes between two texts are shown: marked for a terminal, or as values; right-to-left text stays readable."""

from __future__ import annotations

__all__ = ["changed", "changes_json", "marked"]

from collections.abc import Sequence

import click

from crawler.frontier.differences import Change, TextStretch, differences
from crawler.visible import visible

_ISOLATE, _END = "\u2068", "\u2069"
"""First-strong isolates (Unicode UAX 9): what is marked keeps its own direction, whatever stands around it."""
_MARKS = {"added": ("{+", "+}", "green"), "removed": ("[-", "-]", "red")}


def changed(old: str, new: str) -> list[Change]:
    """Return the paragraphs that are not the same in both texts."""
    return [change for change in differences(old, new) if change.kind != "same"]


def marked(change: Change) -> str:
    """Return a changed paragraph as a line for a terminal: ``{+added+}``, ``[-removed-]``."""
    return f"{_ISOLATE}{''.join(_run(run) for run in change.runs)}{_END}"


def changes_json(changes: Sequence[Change]) -> list[dict[str, object]]:
    """Return `changes` as JSON has them."""
    return [{"kind": change.kind, "runs": [run._asdict() for run in change.runs]} for change in changes]


def _run(run: TextStretch) -> str:
    text = visible(run.text, lines=True)
    if run.kind == "same":
        return text
    begin, end, colour = _MARKS[run.kind]
    return click.style(f"{begin}{_ISOLATE}{text}{_END}{end}", fg=colour)
