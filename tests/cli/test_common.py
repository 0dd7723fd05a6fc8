"""What commands have in common: what they print of others' texts."""

from __future__ import annotations

import json

import pytest

from crawler.cli.common import json_text
from crawler.visible import UNSEEN_CHARACTER


@pytest.mark.parametrize("indent", [-1, 2])
def test_json_hides_nothing_and_moves_nothing_and_says_the_same(indent):
    said = {"title": 'a\u202etxt\u200b\x1b[2J\x9b2J\U000e0041 é \u0648\u200d\u0631\n"\\', "n": [1, None]}
    text = json_text(said, indent=indent)
    assert json.loads(text) == said
    assert not UNSEEN_CHARACTER.search(text)
    assert "é" in text
    assert "\u200d" in text
