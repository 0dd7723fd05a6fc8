"""Every reason the program gives is told in words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from crawler.model.article import Access
from crawler.model.reasons import explain_reason, meaning

ROOT = Path(__file__).parents[2]
CODE = "\n".join(
    path.read_text() for folder in ("crawler", "spiders") for path in sorted((ROOT / folder).rglob("*.py"))
)
GIVEN = set(re.findall(r'\breason="([a-z_]+)"', CODE)) | {*get_args(Access)} - {"full"}


@pytest.mark.parametrize("reason", sorted(GIVEN))
def test_a_reason_that_is_given_has_a_meaning(reason):
    assert meaning(reason), reason


def test_a_status_tells_whether_the_page_is_gone_or_refused():
    assert explain_reason("http_410") == "http_410: it is not there; the answer is in the archive"
    assert explain_reason("http_403") == "http_403: the server refuses or fails; the answer is in the archive"


def test_what_is_not_known_stays_as_it_is():
    assert explain_reason("some_new_thing") == "some_new_thing"
    assert explain_reason(None) == "no reason was kept"
