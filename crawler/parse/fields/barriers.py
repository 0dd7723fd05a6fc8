"""What walls, challenges, consent forms and missing pages say, in the languages of the news.

A phrase is evidence only where `access` looks for it: in a title, or beside next to no text of an article.
The phrases are data (words/barriers.json).
"""

from __future__ import annotations

__all__ = [
    "ABOUT_DATA", "ASKED", "BOT", "BOT_MARKS", "CHALLENGE", "CONSENT", "CONSENT_TITLE", "LOCKED", "MISSING", "OFFER", "REST", "ROOTS",
    "SCRIPTED",
]  # fmt: skip

import re
from typing import Final

from crawler.parse.fields.any_case import AnyCase
from crawler.parse.words import pattern, table


def _any(kind: str) -> re.Pattern[str]:
    return re.compile("|".join(table("barriers")[kind]), re.IGNORECASE)


BOT: Final = _any("bot")

CHALLENGE: Final = _any("challenge")
"""What a challenge says besides; news says it of other things, so only beside a phrase of BOT."""

BOT_MARKS: Final = tuple(table("barriers")["bot_marks"])

CONSENT: Final = AnyCase(*table("barriers")["consent"])

ABOUT_DATA: Final = _any("about_data")

CONSENT_TITLE: Final = _any("consent_title")

LOCKED: Final = AnyCase(*table("barriers")["locked"])
"""The article itself is said to be closed."""

REST: Final = AnyCase(*table("barriers")["rest"])
"""How much of the article is missing."""

ASKED: Final = AnyCase(*table("barriers")["asked"])
"""A subscriber is asked to log in: in the header of many pages, and in every wall."""

OFFER: Final = _any("offer")
"""A subscription is offered: nearly every page of some sites does."""

MISSING: Final = pattern("barriers", "missing")
"""What a missing page's title says, all of it: a headline that merely has such words is longer."""

SCRIPTED: Final = _any("scripted")

ROOTS = (
    "#root,#app,#__next,#__nuxt,#___gatsby,#react-root,#main-app,#app-root,#svelte,#ember-app,app-root,[ng-app],[data-reactroot],"
    "[ng-version],#q-app,#application,#react-app,#vue-app,#mount"
)
"""Where the common frameworks put a page that a script makes."""
