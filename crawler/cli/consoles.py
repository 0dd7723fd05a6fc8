"""Messages and tables for people. Apart from `common`: who prints neither does not wait for `rich`."""

from __future__ import annotations

__all__ = ["ShownConsole", "console", "print_table"]

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from crawler.visible import visible


class ShownConsole(Console):
    """A console that shows what is in texts of others and never does what they say: colours, cursors, another order."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Return `text` as it is shown; cells of tables come this way, too."""
        return super().render_str(visible(text, lines=True), **options)


def console() -> Console:
    """Return the console for progress and messages: stderr, so that stdout holds data only.

    Where there is no terminal, nothing is cut to a terminal's width.
    """
    found = ShownConsole(stderr=True, highlight=False, soft_wrap=True)
    return found if found.is_terminal else ShownConsole(stderr=True, highlight=False, soft_wrap=True, width=240)


def print_table(table: Table) -> None:
    """Print `table` to stdout; where there is no terminal, nothing is cut to a terminal's width."""
    found = ShownConsole(highlight=False)
    (found if found.is_terminal else ShownConsole(highlight=False, width=240)).print(table)
