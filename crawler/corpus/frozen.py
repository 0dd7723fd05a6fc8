"""Which datasets were frozen, noted in the state folder: a dataset is never changed, so when something is taken down,
those that hold it have to be named.
"""

from __future__ import annotations

__all__ = ["FrozenDataset", "note_frozen", "still_holding"]

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from crawler.corpus.extra import duckdb_module
from crawler.corpus.tables import quoted
from crawler.errors import UsageError
from crawler.model.takedown import TakenDown

_NAME = "datasets.jsonl"


class FrozenDataset(msgspec.Struct, frozen=True, kw_only=True):
    """One that was made."""

    store: str
    """Of which store."""
    place: str
    """Its folder, absolute, or its address in a store."""
    form: str


class _Told(msgspec.Struct):
    url: str
    site: str | None = None
    canonical_url: str | None = None


_DECODER = msgspec.json.Decoder(_Told)


def note_frozen(state: Path, dataset: FrozenDataset) -> None:
    """Remember `dataset` in the folder `state`. Raises OSError."""
    state.mkdir(parents=True, exist_ok=True)
    with (state / _NAME).open("ab") as notes:
        notes.write(msgspec.json.encode(dataset) + b"\n")


def still_holding(state: Path, store: str, withheld: TakenDown) -> Iterator[tuple[str, bool]]:
    """Yield where datasets of `store` lie that hold what is `withheld`, with whether that is certain: JSON Lines and
    Parquet in folders are looked through, others may hold it. Those that were removed are not named.
    """
    try:
        lines = (state / _NAME).read_bytes().splitlines()
    except FileNotFoundError:
        return
    for one in dict.fromkeys(msgspec.json.decode(line, type=FrozenDataset) for line in lines):
        folder = Path(one.place) / "data"
        if one.store != store or ("://" not in one.place and not folder.is_dir()):
            continue
        held = None if "://" in one.place else _holds(folder, withheld)
        if held is not False:
            yield one.place, held is True


def _holds(folder: Path, withheld: TakenDown) -> bool | None:
    """Tell whether the data in `folder` hold something of `withheld`; None: that cannot be told."""
    try:
        return any(
            withheld.covers(told.url, told.site, others=(told.canonical_url,)) is not None for told in _told_in(folder)
        )
    except (OSError, EOFError, msgspec.DecodeError, UsageError, LookupError):
        return None


def _told_in(folder: Path) -> Iterator[_Told]:
    """Yield what the articles in `folder` are. Raises LookupError if they are of a form that does not tell, OSError,
    DecodeError, UsageError.
    """
    for path in sorted(folder.iterdir()):
        if path.name.endswith(".parquet"):
            duckdb: Any = duckdb_module()
            with duckdb.connect(":memory:") as database:
                rows = database.execute(f"SELECT url, site, canonical_url FROM read_parquet({quoted(str(path))})")  # noqa: S608
                while row := rows.fetchone():
                    yield _Told(*row)
        elif path.name.endswith((".jsonl", ".jsonl.gz")):
            with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as lines:
                yield from map(_DECODER.decode, lines)
        else:
            raise LookupError(path.name)
