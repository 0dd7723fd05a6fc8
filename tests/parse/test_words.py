"""Word tables are data: each reads, each expression compiles, and what one refers to is there."""

import re
from importlib.resources import files

import pytest

from crawler.parse import words
from crawler.parse.words import pattern, table

TABLES = sorted(file.name.removesuffix(".json") for file in files(words).iterdir() if file.name.endswith(".json"))


@pytest.fixture
def of(monkeypatch):
    """Makes `content` the table of every name."""
    return lambda content: monkeypatch.setattr(words, "table", lambda name: content)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_reads_and_is_read_once(name):
    assert table(name)
    assert table(name) is table(name)


def test_the_pieces_of_an_expression_stand_one_after_the_other(of):
    of({"call": ["(?i)follow|", "join"]})
    assert pattern("any", "call").fullmatch("JOIN")


def test_what_an_expression_refers_to_stands_there_as_a_group(of):
    of({"signed": r"(?&who)\W+ends", "who": "(?&agency)|a desk", "agency": ["dpa|", "afp"]})
    assert [bool(pattern("any", "signed").fullmatch(text)) for text in ("afp ends", "a desk ends", "ends", "dpa")] == [
        True, True, False, False,
    ]  # fmt: skip


def test_what_a_table_does_not_have_is_an_error(of):
    of({"signed": "(?&agency)"})
    with pytest.raises(KeyError, match="agency"):
        pattern("any", "signed")
    with pytest.raises(KeyError, match="other"):
        pattern("any", "other")


@pytest.mark.parametrize("name", ["sayings", "lexicon", "barriers"])
def test_no_piece_of_an_expression_ends_within_an_escape(name):
    """An escape that is parted in two means something else, and nothing says so."""
    pieces = [piece for said in table(name).values() if isinstance(said, list) for piece in said[:-1]]
    assert pieces
    assert [piece for piece in pieces if re.search(r"(?<!\\)(?:\\\\)*\\$", piece)] == []
