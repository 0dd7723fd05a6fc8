"""How a text speaks: notices address their reader or speak of themselves, news tells what happened and what was said.

A wording alone does not tell "Follow us on YouTube" from "Follow the money, said the judge on YouTube"; these questions do.
The words are data (words/manner.json).
"""

from __future__ import annotations

__all__ = ["addresses", "is_reported"]

import re
from functools import cache
from typing import Final

from crawler.parse.words import table

_QUOTED: Final = re.compile(r"\W*[\"“„«»‘‚「『](?=[^\W\d_]).{2,}?[\"”“»«’‘」』]\W*(?:[^\W\d_]+\W+){2,}", re.DOTALL)
"""What begins with a quotation and goes on after it."""


@cache
def _pattern(kind: str) -> re.Pattern[str]:
    words = table("manner")
    return re.compile(rf"(?<!\w)(?:{'|'.join(words[kind].values())})(?!\w)|{words[f'{kind}_dense']}", re.IGNORECASE)


def is_reported(text: str) -> bool:
    """Tell whether `text` tells what somebody said: it begins with a quotation and goes on, or has a verb of saying."""
    return _QUOTED.match(text) is not None or _pattern("saying").search(text) is not None


def addresses(text: str) -> bool:
    """Tell whether `text` speaks to its reader, of those who publish it, or of the page it stands on."""
    return _pattern("speaking").search(text) is not None
