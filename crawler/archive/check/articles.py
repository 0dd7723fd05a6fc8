"""Fixity of articles: each text is what its name and its line of JSON say, and what the state knows is there.

An article's id is the SHA-256 of its text, so a text proves itself (docs/format.md).
"""

from __future__ import annotations

__all__ = ["BatchCheck", "Expected", "article_id", "check_batch", "verify_articles"]

import hashlib
import random
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

import msgspec

from crawler.archive.articles import Batch, line_digest
from crawler.archive.check.verify import Report
from crawler.archive.folders import ARTICLES
from crawler.archive.read.records import Fault
from crawler.archive.record_values import BAD_JSON
from crawler.archive.store import Store
from crawler.errors import StoreError
from crawler.model.article import ArticleHead, ArticleText

_TEXTS = msgspec.json.Decoder(ArticleText)
_HEADS = msgspec.json.Decoder(ArticleHead)


class BatchCheck(msgspec.Struct, frozen=True, kw_only=True):
    """What was found of one batch."""

    batch: Batch
    sound: dict[tuple[str, str], bytes]
    """Lines whose text has their id, by (captured_at, url), without the newline."""
    faults: tuple[Fault, ...]


class Expected(msgspec.Struct, frozen=True):
    """An article that the state knows."""

    key: str
    """Of its text in the store."""
    id: str
    url: str
    said: dict[str, str | int | None] = {}
    """What else the state has of it, by the fields of its line; what it has not (None) is not compared."""
    line_sha256: str | None = None
    """Hex, of its line; None: not known."""


def verify_articles(
    store: Store,
    *,
    known: Callable[[Batch], Iterable[Expected]] = lambda _: (),
    batches: Iterable[Batch] = (),
    is_over: Callable[[Batch], bool] = lambda _: False,
    sample: float = 1.0,
    seed: int = 0,
) -> Iterator[Report]:
    """Yield a report on each batch in `store` and on each of `batches`; of a share `sample`, chosen by `seed`.

    `known` gives what the state knows of a batch, `batches` those it has articles of, `is_over` tells that it must know
    all of one. Raises StoreError.
    """
    chosen = random.Random(seed)  # noqa: S311 - a sample, not a secret
    seen: set[Batch] = set()
    held = groupby((stored.key for stored in store.list(ARTICLES)), key=Batch.holding)
    for batch, keys in held:
        seen.add(batch)
        names = set(keys)
        if chosen.random() < sample:
            yield _report(check_batch(store, batch, known(batch), names, is_over=is_over(batch)))
    for batch in batches:
        if batch not in seen and chosen.random() < sample:
            yield _report(check_batch(store, batch, known(batch), set()))


def check_batch(
    store: Store, batch: Batch, known: Iterable[Expected], keys: set[str], *, is_over: bool = False
) -> BatchCheck:
    """Return what is sound of `batch`, of which the store holds `keys`, and what is wrong with the rest.

    `is_over`: an article that is not `known` is wrong, too.
    """
    check = _Check(store, batch, keys)
    if batch.lines in keys:
        check.read_lines()
    elif keys:
        check.fault(batch.lines, 0, "it is not there, though texts lie beside its place")
    expected = list(known)
    check.look_for(expected)
    if is_over:
        check.look_beyond({article.key for article in expected})
    return BatchCheck(batch=batch, sound=check.sound, faults=tuple(check.faults))


class _Check:
    def __init__(self, store: Store, batch: Batch, keys: set[str]) -> None:
        self._store = store
        self._batch = batch
        self._keys = keys
        self._told: set[str] = {batch.lines}
        """Keys that a line accounts for."""
        self._lines: dict[str, tuple[int, int, ArticleHead, str]] = {}
        """Number, offset and digest of each line that could be read, by the key of its text."""
        self._before = ("", "")
        self.sound: dict[tuple[str, str], bytes] = {}
        self.faults: list[Fault] = []

    def read_lines(self) -> None:
        offset = 0
        for number, line in enumerate(self._store.get(self._batch.lines).splitlines(keepends=True)):
            self._read_line(number, offset, line)
            offset += len(line)

    def _read_line(self, number: int, offset: int, line: bytes) -> None:
        try:
            article, head = _TEXTS.decode(line), _HEADS.decode(line)
        except BAD_JSON as error:
            self.fault(self._batch.lines, offset, f"line {number + 1} is damaged ({error})")
            return
        key = self._batch.text(number, article.id)
        self._told.add(key)
        self._lines[key] = (number, offset, head, line_digest(line))
        place = (article.captured_at, article.url)
        if article_id(article.text.encode()) != article.id:
            self.fault(self._batch.lines, offset, f"the text of line {number + 1} does not have the id {article.id}")
        elif place in self.sound:
            self.fault(self._batch.lines, offset, f"line {number + 1} is a second one of {article.url}")
        elif Batch.of(head) != self._batch:
            self.fault(self._batch.lines, offset, f"line {number + 1} belongs to {Batch.of(head).prefix}")
        else:
            if place < self._before:
                self.fault(self._batch.lines, offset, f"line {number + 1} is out of order")
            self._before = max(place, self._before)
            self.sound[place] = line.rstrip(b"\n")
        if not line.endswith(b"\n"):
            self.fault(self._batch.lines, offset, f"line {number + 1} has no end")
        self._read_text(key, article)

    def _read_text(self, key: str, article: ArticleText) -> None:
        if key not in self._keys:
            self.fault(key, 0, f"the text of {article.url} is not there")
            return
        try:
            text = self._store.get(key)
        except StoreError as error:
            self.fault(key, 0, str(error))
            return
        if article_id(text) != article.id:
            self.fault(key, 0, "the text does not have the SHA-256 that it is named for")

    def look_for(self, known: Iterable[Expected]) -> None:
        """Note what the state knows and the store lacks, and texts that neither a line nor the state accounts for."""
        for article in known:
            if article.key in self._told and article.key in self._keys:
                self._compare(article)
                continue
            if article.key not in self._keys:
                self.fault(article.key, 0, f"the state has an article of {article.url} here, and it is not there")
            else:
                self.fault(article.key, 0, f"no line of {self._batch.lines} has the article of {article.url}")
            self._told.add(article.key)
        for key in sorted(self._keys - self._told):
            self.fault(key, 0, "no article of this batch is kept here")

    def look_beyond(self, known: set[str]) -> None:
        """Note the lines whose articles the state does not know."""
        for key, (number, offset, head, _) in self._lines.items():
            if key not in known:
                self.fault(self._batch.lines, offset, f"the state has no article as line {number + 1}, of {head.url}")

    def _compare(self, article: Expected) -> None:
        """Hold what the state says of an article against its line."""
        if article.key not in self._lines:
            return
        number, offset, head, digest = self._lines[article.key]
        before = len(self.faults)
        if article.id != head.id:
            self.fault(article.key, 0, f"the state has another id of it, {article.id}")
        for name, said in {"url": article.url, **article.said}.items():
            if said is not None and said != (is_so := getattr(head, name)):
                what = f"line {number + 1} has the {name} {is_so!r}, the state {said!r}"
                self.fault(self._batch.lines, offset, what)
        if len(self.faults) == before and article.line_sha256 not in (None, digest):
            what = f"line {number + 1} is not the one that was written, which has SHA-256 {article.line_sha256}"
            self.fault(self._batch.lines, offset, what)

    def fault(self, key: str, offset: int, what: str) -> None:
        self.faults.append(Fault(file=key, offset=offset, what=what))


def article_id(text: bytes) -> str:
    """Return the id of the article with that text: the first 16 hex digits of its SHA-256."""
    return hashlib.sha256(text).hexdigest()[:16]


def _report(check: BatchCheck) -> Report:
    size = sum(len(line) + 1 for line in check.sound.values())
    return Report(
        name=check.batch.prefix,
        size=size,
        records=len(check.sound),
        digests=2 * len(check.sound),
        faults=check.faults,
    )
