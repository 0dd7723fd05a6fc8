"""By which recipe the articles of an output were made: one object beside them, so that no two recipes are mixed in one
place.
"""

from __future__ import annotations

__all__ = ["check_output", "claim", "clear"]

from hashlib import sha256

import msgspec

from crawler.archive.articles import LineReader
from crawler.archive.folders import ARTICLES, REPLAY
from crawler.archive.store import Store
from crawler.errors import BadArchive, UsageError
from crawler.model.takedown import NOTHING_TAKEN_DOWN
from crawler.run.parsing.recipe import Recipe

_KEY = f"{REPLAY}recipe.json"


class _Made(msgspec.Struct, frozen=True, kw_only=True):
    """What articles depend on besides the captures; each part by name, to tell which one differs."""

    parser: str
    furniture: str
    sites: str
    """Digest of the declared sites."""
    profiles: str
    """Digest of the profiles there are."""


class _ParserVersion(msgspec.Struct):
    parser_version: str = ""


def check_output(store: Store, recipe: Recipe) -> None:
    """Raise UsageError, naming what differs, if `store` holds articles that were made by another recipe. Raises
    StoreError.
    """
    own = _made(recipe)
    there = store.head(_KEY)
    if there is None:
        parser = _parser_of_articles(store)
        differs = [f"parser {parser}, not {own.parser}"] if parser not in (None, own.parser) else []
    else:
        try:
            before = msgspec.json.decode(store.get(_KEY), type=_Made)
        except msgspec.DecodeError as error:
            raise BadArchive(f"{store.url}: {_KEY} is damaged ({error})", next_step="name another --out") from error
        differs = [
            f"{name} {getattr(before, name)}, not {getattr(own, name)}"
            for name in own.__struct_fields__
            if getattr(before, name) != getattr(own, name)
        ]
    if differs:
        raise UsageError(
            f"{store.url} holds articles made by another recipe: {'; '.join(differs)}",
            next_step="name another --out, or --replace to remove them first",
        )


def claim(store: Store, recipe: Recipe) -> None:
    """Note in `store` by which recipe its articles are made. Raises StoreError."""
    store.put(_KEY, msgspec.json.encode(_made(recipe)), overwrite=True)


def clear(store: Store) -> None:
    """Remove the articles of `store`, and by which recipe they were made. Raises StoreError."""
    for stored in list(store.list(ARTICLES)):
        store.delete(stored.key)
    store.delete(_KEY)


def _made(recipe: Recipe) -> _Made:
    return _Made(
        parser=recipe.parser_version,
        furniture=recipe.furniture,
        sites=_digest(dict(recipe.sites)),
        profiles=_digest(recipe.profiles.keys),
    )


def _digest(value: object) -> str:
    return sha256(msgspec.json.encode(value, order="deterministic")).hexdigest()[:12]


def _parser_of_articles(store: Store) -> str | None:
    reader = LineReader(store, withheld=NOTHING_TAKEN_DOWN)
    for batch in reader.batches():
        for article in reader.read(batch, _ParserVersion):
            return article.parser_version
    return None
