"""Every command of README and docs/ is one that the program takes as it is written (tests/test_documented_runs.py runs
it)."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys

import click
import pytest

from crawler.cli import _cli
from tests.documented import ROOT, blocks, sentences


def commands() -> list[tuple[str, str]]:
    found = {}
    for documented in (*blocks(), *sentences()):
        for part in (part.strip() for line in documented.lines for part in line.split("&&")):
            if part.startswith("warraq "):
                found.setdefault(part, documented.document)
    return [(document, command) for command, document in found.items()]


def parse(words: list[str], group: click.Group, parent: click.Context) -> None:
    name, command, rest = group.resolve_command(parent, words)
    assert command is not None
    if isinstance(command, click.Group):
        if rest:
            with click.Context(command, info_name=name, parent=parent) as inner:
                parse(rest, command, inner)
        return
    if any(isinstance(p, click.Argument) and p.required for p in command.params) and not rest:
        return  # named in a sentence, without what it needs
    if rest and not set(rest) <= set(command_options(command)):
        command.make_context(name, list(rest), parent=parent)


def command_options(command: click.Command) -> list[str]:
    """A sentence may name a command with one of its options and nothing else."""
    return [option for parameter in command.params for option in parameter.opts]


@pytest.mark.parametrize(("document", "command"), commands())
def test_a_documented_command_is_taken_as_it_is_written(document, command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("page.html", "urls.txt"):
        (tmp_path / name).write_text("https://news.example/\n")
    words = shlex.split(re.sub(r"\$\([^)]*\)", "X", command))[1:]
    if not words or words[0].startswith("-"):
        return
    with click.Context(_cli, info_name="warraq") as context:
        parse(words, _cli, context)


def test_the_first_hour_of_a_daemon_as_the_readme_has_it(tmp_path):
    (block,) = re.findall(r"^    (warraq init .*)$", (ROOT / "README.md").read_text(), re.MULTILINE)
    warraq = f"{shlex.quote(sys.executable)} -W ignore -m crawler"
    script = block.partition(" #")[0].replace("warraq ", f"{warraq} ") + f" && {warraq} config check"
    ran = subprocess.run(
        script, shell=True, cwd=tmp_path, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert "sites are right" in ran.stdout
    assert ran.stderr == ""
    assert 'contact = "crawl@library.example"' in (tmp_path / "news" / "config" / "warraq.toml").read_text()
