"""Two outputs of the same archive held against each other: what another parser, other profiles or other rules made of
it.

Articles are one and the same if their capture is (URL and moment). Memory holds a batch at a time, and what has no
partner in it.
"""

from __future__ import annotations

__all__ = ["COMPARED_FIELDS", "Comparison", "FieldChange", "Sample", "SiteChange", "compare_outputs"]

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from crawler.archive.articles import Batch, LineReader
from crawler.archive.store import Store
from crawler.model.article import ArticleRecord
from crawler.model.selection import Selection

COMPARED_FIELDS = (
    "title", "labels", "authors", "published_at", "modified_at", "language", "direction", "description", "keywords",
    "image",
    "images", "body", "blocks", "tail", "access", "rights", "canonical_url", "flags", "charset", "site",
)  # fmt: skip
"""What is compared; the rest follows from these, or says where the capture lies and who made it."""

_SHOWN = 160
"""Characters of a value in a sample."""

ArticleLine = Mapping[str, object]


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One article's change of one field."""

    url: str
    captured_at: str
    old: str
    """From where it begins to differ."""
    new: str


class FieldChange(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one field over all articles that both outputs have."""

    changed: int
    gained: int
    """Of them, empty before."""
    lost: int
    """Of them, empty now."""
    share: float
    """Of the articles both have, from 0 to 1."""
    samples: tuple[Sample, ...]


class SiteChange(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one site's articles."""

    both: int
    changed: int
    """With any field changed."""
    only_old: int
    only_new: int


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that differs."""

    both: int
    changed: int
    only_old: int
    """Articles that are gone."""
    only_new: int
    fields: dict[str, FieldChange]
    """Those that changed anywhere, the most frequent first."""
    sites: dict[str, SiteChange]
    gone: tuple[str, ...] = ()
    """URLs of some of the articles that are gone."""
    come: tuple[str, ...] = ()
    parsers: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    """Versions of the parser that made the articles of each."""

    def over(self, limits: Mapping[str, float]) -> list[str]:
        """Return what changed more than its limit allows: by name of a field, ``""`` for all that have none, and for
        articles that are gone or new.
        """
        general = limits.get("")
        told = []
        for name, change in self.fields.items():
            limit = limits.get(name, general)
            if limit is not None and change.share > limit:
                told.append(f"{name} changed in {change.share:.2%} of the articles, over {limit:.2%}")
        apart = (self.only_old + self.only_new) / max(self.both + self.only_old + self.only_new, 1)
        if general is not None and apart > general:
            told.append(f"{apart:.2%} of the articles are gone or new, over {general:.2%}")
        return told


def compare_outputs(old: Store, new: Store, selection: Selection | None = None, *, samples: int = 3) -> Comparison:
    """Return how the articles of `new` that meet the conditions differ from those of `old`; up to `samples` of each
    change.

    Raises StoreError, BadArchive for a line that is none.
    """
    tally = _Tally(samples)
    readers = [LineReader(store) for store in (old, new)]
    left: tuple[dict[_Key, ArticleLine], dict[_Key, ArticleLine]] = ({}, {})
    batches = [{batch.prefix for batch in reader.batches()} for reader in readers]
    for prefix in sorted(batches[0] | batches[1]):
        for own, reader in zip(left, readers, strict=True):
            own.update(_articles(reader, Batch(prefix), selection or Selection()))
        for key in [key for key in left[0] if key in left[1]]:
            tally.compare(left[0].pop(key), left[1].pop(key))
    for record in left[0].values():
        tally.only(record, new=False)
    for record in left[1].values():
        tally.only(record, new=True)
    return tally.result()


_Key = tuple[str, str]


def _articles(reader: LineReader, batch: Batch, selection: Selection) -> Iterator[tuple[_Key, ArticleLine]]:
    for article in reader.read(batch, ArticleRecord):
        if (
            selection.admits_url(article.url)
            and selection.admits_site(article.site, article.run)
            and selection.admits_language(article.language)
            and _is_in_span(article, selection)
        ):
            yield (article.url, article.captured_at), msgspec.structs.asdict(article)


def _is_in_span(article: ArticleRecord, selection: Selection) -> bool:
    return selection.admits_moment(datetime.fromisoformat(article.captured_at))


@dataclass
class _Tally:
    """The counts of one comparison."""

    most: int
    both: int = 0
    changed: int = 0
    fields: dict[str, Counter[str]] = field(default_factory=dict)
    samples: dict[str, list[Sample]] = field(default_factory=dict)
    sites: dict[str, Counter[str]] = field(default_factory=dict)
    apart: tuple[list[str], list[str]] = field(default_factory=lambda: ([], []))
    parsers: tuple[set[str], set[str]] = field(default_factory=lambda: (set(), set()))

    def compare(self, old: ArticleLine, new: ArticleLine) -> None:
        """Count what differs between two records of one capture."""
        self.both += 1
        site = self._site(new)
        site["both"] += 1
        for own, record in zip(self.parsers, (old, new), strict=True):
            own.add(str(record["parser_version"]))
        differing = [name for name in COMPARED_FIELDS if old[name] != new[name]]
        if differing:
            self.changed += 1
            site["changed"] += 1
        for name in differing:
            counts = self.fields.setdefault(name, Counter())
            counts["changed"] += 1
            counts["gained"] += not old[name] and bool(new[name])
            counts["lost"] += bool(old[name]) and not new[name]
            kept = self.samples.setdefault(name, [])
            if len(kept) < self.most:
                before, after = _from_difference(_text(old[name]), _text(new[name]))
                kept.append(Sample(url=str(new["url"]), captured_at=str(new["captured_at"]), old=before, new=after))

    def only(self, record: ArticleLine, *, new: bool) -> None:
        """Count an article that one output alone has."""
        self._site(record)["only_new" if new else "only_old"] += 1
        self.parsers[new].add(str(record["parser_version"]))
        if len(self.apart[new]) < self.most:
            self.apart[new].append(str(record["url"]))

    def result(self) -> Comparison:
        fields = {
            name: FieldChange(
                changed=counts["changed"],
                gained=counts["gained"],
                lost=counts["lost"],
                share=counts["changed"] / self.both,
                samples=tuple(self.samples[name]),
            )
            for name, counts in sorted(self.fields.items(), key=lambda one: (-one[1]["changed"], one[0]))
        }
        sites = {
            name: SiteChange(**{key: counts[key] for key in SiteChange.__struct_fields__})
            for name, counts in sorted(self.sites.items())
        }
        return Comparison(
            both=self.both,
            changed=self.changed,
            only_old=sum(site.only_old for site in sites.values()),
            only_new=sum(site.only_new for site in sites.values()),
            fields=fields,
            sites=sites,
            gone=tuple(self.apart[0]),
            come=tuple(self.apart[1]),
            parsers=(tuple(sorted(self.parsers[0])), tuple(sorted(self.parsers[1]))),
        )

    def _site(self, record: ArticleLine) -> Counter[str]:
        return self.sites.setdefault(str(record["site"] or "unknown"), Counter())


def _text(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode() if value is not None else ""


def _from_difference(old: str, new: str) -> tuple[str, str]:
    """Return both from a little before where they begin to differ."""
    at = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    start = max(at - 20, 0)
    return old[start : start + _SHOWN], new[start : start + _SHOWN]
