"""From rows of the database to the model's values, where more than one part of the state needs it."""

from __future__ import annotations

__all__ = ["capture_of", "run_of", "search_form"]

import unicodedata
from typing import Any, TypeVar

import msgspec

from crawler.model.capture import Capture
from crawler.model.run import Run
from crawler.state.sqlite import damaged

_T = TypeVar("_T")


def capture_of(row: Any) -> Capture:
    """Return the capture that a row of `captures` holds."""
    fields = dict(row)
    fields["offset"] = fields.pop("warc_offset")
    fields["length"] = fields.pop("warc_length")
    return _converted(fields, Capture)


def run_of(row: Any) -> Run:
    """Return the run that a row of `runs` holds."""
    fields = dict(row)
    fields["trigger"] = fields.pop("cause")
    try:
        fields["targets"] = msgspec.json.decode(fields["targets"])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise damaged("the state", f"a row cannot be read ({error})") from error
    return _converted(fields, Run)


def _converted(fields: dict[str, Any], kind: type[_T]) -> _T:
    try:
        return msgspec.convert(fields, kind)
    except msgspec.ValidationError as error:
        raise damaged("the state", f"a row cannot be read ({error})") from error


def search_form(text: str) -> str:
    """Return `text` as a search compares it: without case, accents, vowel signs, hamza seats and doubled spaces."""
    if not text.isascii():
        apart = unicodedata.normalize("NFKD", text).replace("\u0640", "")  # tatweel only stretches a word
        text = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return " ".join(text.casefold().split())
