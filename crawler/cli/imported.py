"""A command by where it is: its module is imported when it is asked for, so that none pays for another."""

from __future__ import annotations

__all__ = ["imported"]

from importlib import import_module

import click


def imported(target: str) -> click.Command:
    """Return the command that ``MODULE:NAME`` names."""
    module, _, name = target.partition(":")
    command: click.Command = getattr(import_module(module), name)
    return command
