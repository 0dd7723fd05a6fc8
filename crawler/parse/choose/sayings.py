"""What a block says that no article says: reading times, "follow us", sign-offs of agencies, notes about machine summaries.

Each pattern matches a block as a whole, so that an article which speaks of such things keeps its sentences. The patterns
are data (words/sayings.json).
"""

from __future__ import annotations

__all__ = [
    "A_LABEL", "is_biography", "is_cookie_table", "is_day_line", "is_sign_off", "lists_cookies", "said_about_itself", "says_about", "says_caption", "says_credit", "says_machine_summary",
]  # fmt: skip

import re
from typing import Final

from crawler.parse.choose.lexicon import LEXICON
from crawler.parse.choose.manner import addresses, is_reported
from crawler.parse.dates import read_date
from crawler.parse.dates.fold import fold_date
from crawler.parse.dates.vocabulary import words_of_dates
from crawler.parse.fields.any_case import words_first
from crawler.parse.fields.names import is_named
from crawler.parse.native import Phrases, lower
from crawler.parse.words import pattern, table

_READING_TIME: Final = pattern("sayings", "reading_time")
_CALL: Final = pattern("sayings", "call")
_ON_CALLS: Final = words_first(_CALL)
_CHANNEL: Final = pattern("sayings", "channel")
_WRITE: Final = pattern("sayings", "write")
_SIGN_OFF: Final = pattern("sayings", "sign_off")
_SIGNED: Final = pattern("sayings", "signed")
_CONTRIBUTING: Final = pattern("sayings", "contributing")
_CONTRIBUTED: Final = pattern("sayings", "contributed")
"""Costly where it does not match, so it is asked only of texts with a word of `_CONTRIBUTING`."""
_MACHINE: Final = pattern("sayings", "machine")
_MACHINE_MADE: Final = tuple(pattern("sayings", kind) for kind in ("machines_name", "summarys_name", "making"))
"""What a note on a machine's summary speaks of in other languages: the machine, the summary, its making."""
_ON_MACHINES: Final = words_first(_MACHINE_MADE[0])
"""What is in each of the machine's names: most texts have none of it, and need not be searched."""
_EMBED: Final = pattern("sayings", "embed")
_CONSENTING: Final = pattern("sayings", "consenting")
_COOKIES: Final = pattern("sayings", "cookies")
_COOKIE_NAME: Final = pattern("sayings", "cookie_name")
_FEW_COOKIES: Final = 2
_SURFING: Final = pattern("sayings", "surfing")
"""What notices about cookies speak of, and recipes do not."""
_GIVING: Final = pattern("sayings", "giving")
_GIVEN: Final = pattern("sayings", "given")
_BEGS: Final = pattern("sayings", "begs")
_ENDS_CREDITED: Final = pattern("sayings", "ends_credited")
_ENDS_IN_PICTURED: Final = pattern("sayings", "ends_in_pictured")
"""Who took a picture, behind the caption, in the languages whose words for it are not in the pattern above."""
_TAG_LINE: Final = pattern("sayings", "tag_line")
_CAPTION: Final = pattern("sayings", "caption")
_STATED_CAPTION: Final = pattern("sayings", "stated_caption")
A_LABEL: Final = "a button or a label"
_LABEL: Final = pattern("sayings", "label")
"""Buttons and labels that stand as a line of their own."""
_MAIL: Final = pattern("sayings", "mail")
_OLD: Final = pattern("sayings", "old")
_RIGHTS: Final = pattern("sayings", "rights")
_ELSEWHERE: Final = pattern("sayings", "elsewhere")
_PUBLISHED: Final = pattern("sayings", "published")
_EDITION: Final = pattern("sayings", "edition")
_ENDS_SMALL: Final = pattern("sayings", "ends_small")
_BY_MACHINE: Final = pattern("sayings", "by_machine")
_FROM_DESKS: Final = pattern("sayings", "from_desks")
_DISCLAIMER: Final = pattern("sayings", "disclaimer")
_MADE: Final = pattern("sayings", "made")
_CREDIT_LINE: Final = pattern("sayings", "credit_line")
_DATELINE: Final = pattern("sayings", "dateline")
_ABOUT: Final = pattern("sayings", "about")
_ABOUT_HEADING: Final = pattern("sayings", "about_heading")
_SOURCE_LINE: Final = pattern("sayings", "source_line")
_MEDIUM: Final = pattern("sayings", "medium")
_BIOGRAPHY: Final = pattern("sayings", "biography")
_WORD: Final = re.compile(r"[^\W\d_]+")
_DAY_WORDS: Final = frozenset(table("sayings")["day_words"].split())
"""What stands around the day and the hour in a line that says nothing else."""
_EXPLAINED: Final = pattern("sayings", "explained")
"""What is explained behind a colon: ``Get our boys home: that is what they demand``."""
_TOLD_STOPS: Final = frozenset(".。！!?？؟।")

_LONGEST_CALL: Final = 220
_LONGEST_SIGN_OFF: Final = 280
_LONGEST_MADE: Final = 120
_LONGEST_NOTE: Final = 240
_LONGEST_EMBED: Final = 500
_LONGEST_CREDITED: Final = 260
_LONGEST_LABEL: Final = 140
_LONGEST_LINE: Final = 80
_LONGEST_NOTICE: Final = 400
_LONGEST_BIOGRAPHY: Final = 480
_LONGEST_DAY: Final = 90
_LONGEST_CAPTION: Final = 420
_LONGEST_TIME: Final = 60

_ON_EMBEDS: Final = 1 << LEXICON.index("embed") | 1 << LEXICON.index("consent")
_ON_COOKIES: Final = 1 << LEXICON.index("consent")
_ON_SUMMARIES: Final = 1 << LEXICON.index("summary")
_COSTLY: Final = ("old", "rights", "disclaimer", "elsewhere", "made", "giving")
_ON: Final = Phrases([tuple(table("sayings")["before"][kind].split("|")) for kind in _COSTLY])
_AGE, _OF_RIGHTS, _VIEWS, _PLACES, _MAKING, _ASKING = (1 << order for order in range(6))

_TOLD: Final = frozenset(("about rights", "a disclaimer", "about where it was published", "about how it was made"))
"""Kinds of notices that need not address anybody."""
_SPOKEN: Final = _TOLD | {
    "a call to follow", "a call to write in", "a call to give", "about cookies", "in place of an embedded post",
}  # fmt: skip
"""Kinds whose words stand in news, too."""


def said_about_itself(text: str, bits: int, *, apart: bool = False) -> str:
    """Return what `text` is if it speaks of the page and not of the news; an empty string for all else.

    `bits` are its `lexical_bits`. Where the block stands out by its markup (`apart`: a link, bold type, a name of its own), the wording
    says enough; a plain paragraph must also speak to its reader or of itself. What tells that somebody said so is news in any case.
    """
    said = _wording(text, bits, apart=apart)
    if not said or said not in _SPOKEN:
        return said
    if is_reported(text):
        return ""
    spoken = addresses(text) and _EXPLAINED.search(text) is None
    return said if apart or said in _TOLD or spoken or (said == "a call to give" and _BEGS.match(text)) else ""


def _wording(text: str, bits: int, *, apart: bool) -> str:
    """Return what kind of notice `text` is by its words alone."""
    size = len(text)
    if size <= _LONGEST_TIME and _READING_TIME.fullmatch(text):
        return "a reading time"
    if size <= _LONGEST_CALL and _may_call(text) and _CALL.match(text) and _CHANNEL.search(text):
        return "a call to follow"
    if size <= _LONGEST_CALL and _WRITE.match(text):
        return "a call to write in"
    if size <= _LONGEST_LINE and "@" in text and _MAIL.fullmatch(text):
        return "an address alone"
    if size <= _LONGEST_LABEL and (_LABEL.fullmatch(text) or _MEDIUM.fullmatch(text)):
        return A_LABEL
    if size <= _LONGEST_NOTICE and (notice := _notice(text, apart=apart)):
        return notice
    if size <= _LONGEST_EMBED:
        if bits & _ON_EMBEDS and _EMBED.search(text) and _CONSENTING.search(text):
            return "in place of an embedded post"
        if bits & _ON_COOKIES and _COOKIES.search(text) and (apart or _SURFING.search(text)):
            return "about cookies"
    return ""


def _may_call(text: str) -> bool:
    small = lower(text)
    return len(small) != len(text) or _ON_CALLS.found(small) > 0


def _notice(text: str, *, apart: bool) -> str:
    """Return what a block says of its article: its age, its rights, where else it stands, whose picture is above it.

    The costly patterns are asked only where a word of theirs is in the text.
    """
    on = _ON.found(lower(text))
    if on & _AGE and _OLD.fullmatch(text):
        return "about the article's age"
    if on & _OF_RIGHTS and _RIGHTS.fullmatch(text):
        return "about rights"
    if on & _VIEWS and _DISCLAIMER.fullmatch(text):
        return "a disclaimer"
    if on & _PLACES and _ELSEWHERE.fullmatch(text) and (apart or _says_where(text)):
        return "about where it was published"
    if on & _MAKING and _MADE.fullmatch(text) and (apart or _says_how(text)):
        return "about how it was made"
    if on & _ASKING and _GIVING.search(text) and _GIVEN.search(text):
        return "a call to give"
    has_colon = ":" in text or "：" in text
    if has_colon and _TAG_LINE.fullmatch(text) and text[-1] not in ".!?":
        return "tags"
    if (
        (has_colon or "/" in text or "©" in text)
        and (credit := _CREDIT_LINE.fullmatch(text))
        and is_named(credit["named"])
    ):
        return "a picture credit"
    if has_colon and (source := _SOURCE_LINE.fullmatch(text)) and text[-1] not in ".!?" and is_named(source["named"]):
        return "a source"
    return "a dateline alone" if _DATELINE.fullmatch(text) else ""


def _says_where(text: str) -> bool:
    """Tell whether what stands behind the last verb of publishing is a name, a day or the house itself: ``in The Other Paper``."""
    rest = ""
    for verb in _PUBLISHED.finditer(text):
        rest = text[verb.end() :]
    named = is_named(rest) and _ENDS_SMALL.search(rest) is None
    return not rest.strip(" .!") or named or addresses(rest) or _EDITION.search(rest) is not None


def _says_how(text: str) -> bool:
    """Tell whether a text about a translation or a source names a machine, an agency or a language."""
    return _BY_MACHINE.search(text) is not None or (_FROM_DESKS.match(text) is None and is_named(text))


def is_day_line(text: str) -> bool:
    """Tell whether `text` says when something was published, and nothing else."""
    if len(text) > _LONGEST_DAY or not any(map(str.isdigit, text)) or read_date(text) is None:
        return False
    words = words_of_dates()
    for word in _WORD.findall(text):
        folded = fold_date(word)
        known = (
            word.lower() in _DAY_WORDS or folded in words.months or words.is_beside(folded) or folded in words.halves
        )
        if not known and not words.is_weekday(folded):
            return False
    return True


def is_biography(text: str) -> bool:
    """Tell whether `text` says of a person what he or she writes or is, as newspapers say of an author below the text."""
    return len(text) <= _LONGEST_BIOGRAPHY and _BIOGRAPHY.match(text) is not None and not is_reported(text)


def says_about(text: str, *, alone: bool) -> bool:
    """Tell whether `text` begins to say who the author or the publisher is: as a heading (`alone`), or before a colon."""
    return (_ABOUT_HEADING.fullmatch(text) if alone else _ABOUT.match(text)) is not None


def is_sign_off(text: str) -> bool:
    """Tell whether `text` is what an agency or a desk puts under a report."""
    if len(text) > _LONGEST_SIGN_OFF:
        return False
    if _SIGN_OFF.fullmatch(text) is not None:
        return True
    if (signed := _SIGNED.fullmatch(text)) is not None:
        return is_named(signed["whom"] or signed["named"])
    return _CONTRIBUTING.search(text) is not None and _CONTRIBUTED.fullmatch(text) is not None


def lists_cookies(text: str) -> bool:
    """Tell whether half of the rows of a table's text begin with what cookies are called: ``_ga``, ``PHPSESSID``."""
    rows = text[:20_000].split("\n")[1:]
    named = sum(1 for row in rows if _COOKIE_NAME.match(row))
    return named >= _FEW_COOKIES and named * 2 >= len(rows)


def is_cookie_table(text: str) -> bool:
    """Tell whether the text of a table lists cookies: its head names them, and so do many of its rows."""
    head, _, rows = text[:20_000].lower().partition("\n")
    return "cookie" in head and rows.count("cookie") * 3 > rows.count("\n")


def says_machine_summary(text: str, bits: int) -> bool:
    """Tell whether `text`, whose `lexical_bits` are given, says of a summary that a machine made it."""
    if len(text) > _LONGEST_NOTE:
        return False
    if bits & _ON_SUMMARIES and _MACHINE.fullmatch(text) is not None:
        return not is_reported(text)
    if len(text) > _LONGEST_MADE or not _ON_MACHINES.found(text):
        return False
    return all(words.search(text) is not None for words in _MACHINE_MADE)


def says_credit(text: str) -> bool:
    """Tell whether a short `text` ends in who took a picture, as captions do: ``The wall on Monday. Photo: Ann Berg``."""
    if len(text) > _LONGEST_CREDITED:
        return False
    end = text[-80:]
    credit = _ENDS_CREDITED.search(end) if ":" in end or "/" in end or "©" in end else None
    if credit is not None and (credit["named"] is None or is_named(credit["named"])):
        return True
    return text[-1] not in _TOLD_STOPS and _ENDS_IN_PICTURED.search(end) is not None


def says_caption(text: str, *, below_picture: bool) -> bool:
    """Tell whether `text` is a picture's caption or credit; less says so where a picture stands above."""
    if len(text) > _LONGEST_CAPTION:
        return False
    return (_CAPTION if below_picture else _STATED_CAPTION).match(text) is not None
