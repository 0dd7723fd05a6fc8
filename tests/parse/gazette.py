"""A paper whose articles carry what recurs on its pages inside their own container, worded like prose."""

from __future__ import annotations

__all__ = ["AUTHORS", "LETTER", "SUPPORT", "body_of", "gazette_page"]

import random

LETTER = (
    "Every morning at six the editors pick the five stories that matter for the valley and send them to your inbox."
)
SUPPORT = (
    "The Gazette belongs to its readers. Those who can pay a little make it possible that all others read for free."
)
AUTHORS = (
    "Edda Brook has reported on schools and roads in the valley since 2009. Before that she taught mathematics in Ferrow.",
    "Tomas Hale writes about rivers, weather and farming. He grew up on a barge and lives above the lock at Wendon.",
    "Ines Calder covers the courts. She studied law in two countries and has never practised it in either of them.",
)
_PEOPLE = ("the mayor", "a farmer", "the head of the school", "the engineer", "a neighbour", "the council", "the owner")
_DEEDS = ("opened", "closed", "measured", "paid for", "painted", "sold", "moved", "described", "counted", "repaired")
_THINGS = ("the bridge", "the old mill", "a new well", "the north road", "two barges", "the library", "the market hall")
_TIMES = ("on Monday", "last winter", "in the rain", "before noon", "after a long debate", "without a word", "in June")


def _sentence(chance: random.Random) -> str:
    who, what, where, when = (chance.choice(words) for words in (_PEOPLE, _DEEDS, _THINGS, _TIMES))
    return f"{who} {what} {where} {when}, {chance.choice(_PEOPLE)} said, and {chance.randint(20, 90)} others agreed".capitalize()


def body_of(number: int) -> list[str]:
    """Return the paragraphs that are the article's own."""
    chance = random.Random(number)
    return [
        ". ".join(_sentence(chance) for _ in range(chance.randint(2, 5))) + "." for _ in range(chance.randint(4, 7))
    ]


def gazette_page(number: int, *, boilerplate: bool = True) -> str:
    """Return the page of article `number`; without `boilerplate` only what the article itself says."""
    own = body_of(number)
    title = f"Story {number}: {_sentence(random.Random(-number))}"
    paragraphs = [f"<p>{text}</p>" for text in own]
    after = ""
    if boilerplate:
        paragraphs.insert(2, f"<p>{LETTER}</p>")
        teasers = "".join(f'<p class="more__line">{body_of((number - back) % 1000)[0]}</p>' for back in (1, 2, 3))
        after = (
            f'<p>{SUPPORT}</p><div class="writer"><p class="writer__life">{AUTHORS[number % 3]}</p></div>'
            f'<div class="more"><h3>What else moved the valley</h3>{teasers}</div>'
        )
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta property="og:type" content="article"></head><body><nav><a href="/">Home</a></nav>'
        f'<article class="story"><h1>{title}</h1><div class="story__body">{"".join(paragraphs)}{after}</div></article>'
        "<footer>© The Gazette</footer></body></html>"
    )
