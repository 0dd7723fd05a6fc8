"""The documentation tells of every command, option, setting and field, and of nothing that is not there."""

from __future__ import annotations

import re
import tomllib
from importlib import import_module
from pathlib import Path

import click
import msgspec
import pytest

from crawler.cli import _COMMANDS
from crawler.model.article import ArticleRecord
from crawler.model.site import ParserRules, Site

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


def commands() -> dict[str, click.Command]:
    return {
        name: getattr(import_module(target.split(":")[0]), target.split(":")[1]) for name, target in _COMMANDS.items()
    }


def section(name: str) -> str:
    text = (DOCS / "commands.md").read_text()
    found = re.search(rf"^## warraq {name}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    assert found, f"docs/commands.md has no section for warraq {name}"
    return found[1]


@pytest.mark.parametrize("name", _COMMANDS)
def test_every_command_and_option_is_documented(name):
    command = commands()[name]
    told = section(name)
    parts = list(command.commands.values()) if isinstance(command, click.Group) else [command]
    assert not isinstance(command, click.Group) or all(f"warraq {name} {part.name}" in told for part in parts)
    for part in parts:
        for parameter in part.params:
            if isinstance(parameter, click.Option) and parameter.opts[0] not in (
                "--config",
                "--store",
                "--state",
                "--help",
            ):
                assert parameter.opts[0] in told, f"{name}: {parameter.opts[0]}"


def test_no_documented_command_is_missing():
    documented = re.findall(r"^## warraq (\w+)", (DOCS / "commands.md").read_text(), re.MULTILINE)
    assert documented == list(_COMMANDS)


def test_every_setting_is_documented_with_its_default():
    text = (DOCS / "configuration.md").read_text()
    for table, keys in tomllib.loads((ROOT / "config" / "default.toml").read_text()).items():
        for key, value in keys.items():
            row = re.search(rf"\| `{table}\.{key}` \| `(.*?)` \| (.+?) \|", text)
            assert row, f"{table}.{key}"
            assert tomllib.loads(f"x = {row[1]}")["x"] == value, f"{table}.{key}"


def test_every_key_of_a_site_is_documented():
    text = (DOCS / "configuration.md").read_text().split("## Sites")[1]
    for struct in (Site, ParserRules):
        for field in msgspec.structs.fields(struct):
            assert field.name == "name" or f"`{field.name}`" in text, field.name


def test_every_field_of_a_record_is_documented_in_order():
    text = (DOCS / "format.md").read_text()
    places = [text.index(f"`{name}`", text.index("## 2")) for name in ArticleRecord.__struct_fields__]
    assert len(places) == len(ArticleRecord.__struct_fields__)


@pytest.mark.parametrize("document", sorted([*DOCS.glob("*.md"), *ROOT.glob("*.md")]), ids=lambda path: path.name)
def test_links_lead_somewhere(document):
    for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text()):
        assert (document.parent / target).exists(), target
