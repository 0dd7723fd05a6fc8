"""The words of a dataset: its card, whose head `datasets` and the Hugging Face Hub read, and its datasheet.

After "Datasheets for Datasets" (Gebru et al.): where it comes from, what it is made of, how it was gathered and
cleaned, what it may be used for, and what is missing.
"""

from __future__ import annotations

__all__ = ["Dataset", "card", "datasheet_text"]

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from crawler.corpus.writing import COLUMNS

_LOADED = ("jsonl", "jsonl.gz", "jsonl.zst", "csv", "parquet")
_TYPES = {"VARCHAR": "string", "INTEGER": "int32", "BIGINT": "int64"}
_FIELD = re.compile(r'"?(\w+)"? (\w+)')
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
)
_SHOWN = 30


class Dataset(msgspec.Struct, frozen=True, kw_only=True):
    """What an export made: the datasheet as a value."""

    format: str = "warraq-dataset/1"
    name: str
    title: str
    form: str
    articles: int
    words: int
    captures: int = 0
    """Of a package of captures."""
    first_captured_at: str | None
    last_captured_at: str | None
    first_published_at: str | None
    last_published_at: str | None
    sites: dict[str, int]
    languages: dict[str, int]
    access: dict[str, int]
    parser_versions: dict[str, int]
    rules_versions: dict[str, int]
    flags: dict[str, int]
    rights: dict[str, int]
    """Statements in force at capture, ``source: value``, and of how many articles."""
    use: str | None
    use_answers: dict[str, int]
    """Of all articles of the selection: how many may, must not, and are not known to be allowed to be put to `use`."""
    use_signals: dict[str, int]
    """Statements that the refusals and permissions follow from."""
    unknown: str
    selection: dict[str, Any]
    profiles: tuple[str, ...]
    """Keys of the profiles of its sites in the store."""
    takedowns: tuple[str, ...]
    """Keys of the decisions that were in force when it was frozen."""
    gaps: dict[str, int] | None
    """Pages announced, and what became of them; None: the ledger was not at hand."""
    damaged: tuple[str, ...]
    software: str


def card(told: Dataset) -> str:
    """Return ``README.md``."""
    return "\n".join([*_head(told), "", *_summary(told), ""])


def datasheet_text(told: Dataset) -> str:
    """Return ``DATASHEET.md``."""
    parts = {
        "Composition": _composition(told),
        "Collection": _collection(told),
        "Gaps": _gaps(told),
        "Processing": _processing(told),
        "Rights": _rights(told),
        "Takedowns": [f"- {one}" for one in told.takedowns] or ["None was in force."],
    }
    lines = [f"# Datasheet: {told.title}", ""]
    for title, part in parts.items():
        lines += [f"## {title}", "", *part, ""]
    return "\n".join(lines)


def _composition(told: Dataset) -> Iterator[str]:
    captures = f", {told.captures} captures" if told.captures else ""
    captured = f"{told.first_captured_at or '-'} to {told.last_captured_at or '-'}"
    published = f"{told.first_published_at or '-'} to {told.last_published_at or '-'}"
    yield f"{told.articles} articles, {told.words} words{captures}; captured {captured}; published {published}."
    yield ""
    yield from _table(told.sites, "site", "articles")
    yield ""
    yield from _table(told.languages, "language", "articles")
    yield ""
    yield from _table(told.access, "what was shown of the article", "articles")


def _collection(told: Dataset) -> Iterator[str]:
    yield (
        "Each article was made from a capture that a WARC file holds byte for byte; "
        "`capture` of its record leads there."
    )
    yield "The selection:"
    yield ""
    yield "```json"
    yield msgspec.json.format(msgspec.json.encode(told.selection), indent=2).decode()
    yield "```"


def _gaps(told: Dataset) -> Iterator[str]:
    if told.gaps is None:
        yield "The ledger of the crawler was not at hand: what was announced and is missing cannot be told."
    else:
        yield from (f"- {name}: {count}" for name, count in told.gaps.items())
    yield ""
    if not told.damaged:
        yield "Nothing of the selection was unreadable."
        return
    yield f"{len(told.damaged)} parts of the archive could not be read:"
    yield ""
    yield from (f"- {one}" for one in told.damaged[:_SHOWN])


def _processing(told: Dataset) -> Iterator[str]:
    yield f"Texts were extracted by {told.software}."
    yield ""
    yield from _table(told.parser_versions, "version of the parser", "articles")
    if told.rules_versions:
        yield from ("", "Sites' rules:", "", *_table(told.rules_versions, "version of the rules", "articles"))
    if told.profiles:
        yield from ("", "Profiles of its sites:", "", *(f"- {one}" for one in told.profiles))
    if told.flags:
        yield from ("", "Flags:", "", *_table(told.flags, "flag", "articles"))


def _rights(told: Dataset) -> Iterator[str]:
    yield "What was stated about use when the pages were captured. It is recorded, not judged; it is no legal advice."
    yield ""
    yield from _table(told.rights, "statement", "articles")
    yield ""
    if not told.use:
        yield "No use was asked for: articles are here whatever was stated."
        return
    kept = "kept" if told.unknown == "keep" else "left out"
    yield (
        f"Articles were kept by the statements recorded at capture that concern `{told.use}`; those of which nothing "
        f"was stated were {kept}."
    )
    yield ""
    yield from _table(told.use_answers, "answer", "articles of the selection")
    yield ""
    yield from _table(told.use_signals, "statement", "articles")


def _head(told: Dataset) -> Iterator[str]:
    """Yield the YAML between dashes."""
    yield "---"
    yield f"pretty_name: {_quoted(told.title)}"
    languages = sorted({match[0] for name in told.languages if (match := _LANGUAGE.match(name)) and name != "unknown"})
    if languages:
        yield "language:"
        yield from (f"- {_quoted(name)}" for name in languages)
    yield "size_categories:"
    yield f"- {next((name for most, name in _SIZES if told.articles < most), '10M<n<100M')}"
    yield "tags:"
    yield "- news"
    if told.form in _LOADED:
        yield "configs:"
        yield "- config_name: default"
        yield "  data_files:"
        yield "  - split: train"
        yield f"    path: data/*.{told.form}"
    if told.form.startswith("jsonl"):
        yield "dataset_info:"
        yield "  features:"
        for name, kind in COLUMNS.items():
            yield from _feature(name, kind)
    yield "---"


def _feature(name: str, kind: str) -> Iterator[str]:
    """Yield how `datasets` is told the type of a column."""
    yield f"  - name: {name}"
    plain = kind.removesuffix("[]")
    if not plain.startswith("STRUCT"):
        yield f"    {'list' if kind != plain else 'dtype'}: {_TYPES[plain]}"
        return
    yield f"    {'list' if kind != plain else 'struct'}:"
    for field, of in _FIELD.findall(plain.removeprefix("STRUCT(").removesuffix(")")):
        yield f"    - name: {field}"
        yield f"      dtype: {_TYPES[of]}"


def _summary(told: Dataset) -> Iterator[str]:
    yield f"# {told.title}"
    yield ""
    yield f"{told.articles} news articles of {len(told.sites)} sites in {len(told.languages)} languages, captured "
    yield (
        f"{(told.first_captured_at or '-')[:10]} to {(told.last_captured_at or '-')[:10]} and frozen by "
        f"{told.software}."
    )
    yield ""
    if told.form in _LOADED:
        yield "```python"
        yield "from datasets import load_dataset"
        yield ""
        yield f'articles = load_dataset("{told.name}", split="train")'
        yield "```"
        yield ""
    if told.use:
        answers = ", ".join(f"{count} {answer}" for answer, count in told.use_answers.items())
        yield f"Kept for `{told.use}` by what was stated at capture: {answers}; unknown: {told.unknown}."
        yield ""
    yield (
        "[DATASHEET.md](DATASHEET.md) tells where it comes from, what is missing, and what was stated about its "
        "use. `sha256sum -c SHA256SUMS` proves"
    )
    yield "that it is what was frozen."


def _table(counts: Mapping[str, int], name: str, number: str) -> Iterator[str]:
    yield f"| {name} | {number} |"
    yield "|---|---|"
    shown = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    for value, count in shown[:_SHOWN]:
        yield f"| {_cell(value)} | {count} |"
    if len(shown) > _SHOWN:
        yield f"| {len(shown) - _SHOWN} more, in datasheet.json | {sum(count for _, count in shown[_SHOWN:])} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def _quoted(text: str) -> str:
    """Return `text` as YAML has it: JSON is YAML."""
    return msgspec.json.encode(text).decode()
