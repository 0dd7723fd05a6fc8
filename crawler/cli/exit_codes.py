"""How a command ends, for whoever called it; docs/commands.md has the table."""

from __future__ import annotations

__all__ = [
    "EXIT_FAILED",
    "EXIT_INTERRUPTED",
    "EXIT_NOTHING_NEW",
    "EXIT_PARTIAL",
    "EXIT_USAGE",
]

EXIT_FAILED = 1
"""Something failed, and nothing was obtained."""
EXIT_USAGE = 2
"""The command line, the settings or a declaration are wrong; nothing was begun."""
EXIT_PARTIAL = 3
"""Something was obtained, and something failed or is not yet where it should be."""
EXIT_NOTHING_NEW = 4
"""Nothing failed, and there was nothing to obtain."""
EXIT_INTERRUPTED = 130
"""128 and the number of SIGINT, as shells have it."""
