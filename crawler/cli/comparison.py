"""``warraq replay --compare A B``: what two outputs of the same archive differ in."""

from __future__ import annotations

__all__ = ["limits_of", "run_comparison"]

import re
from collections.abc import Mapping, Sequence

import click
import msgspec

from crawler.archive.articles import LineReader
from crawler.archive.store import Store, open_store
from crawler.cli.common import json_text, store_url
from crawler.cli.exit_codes import EXIT_FAILED
from crawler.config import Storage
from crawler.errors import UsageError
from crawler.model.selection import Selection
from crawler.run.offline.compare import COMPARED_FIELDS, Comparison, compare_outputs
from crawler.visible import visible

_LIMIT = re.compile(r"(?:(?P<field>[a-z_]+)=)?(?P<number>\d+(?:\.\d+)?)(?P<percent>%?)")


def limits_of(texts: Sequence[str]) -> dict[str, float]:
    """Return the limits that `texts` mean (``1%``, ``0.01``, ``body=0.5%``), by field, ``""`` for all. Raises
    UsageError.
    """
    limits = {}
    for text in texts:
        found = _LIMIT.fullmatch(text.strip())
        share = float(found["number"]) / (100 if found["percent"] else 1) if found is not None else 2.0
        if found is None or share > 1:
            raise UsageError(f"{text!r} is no limit", next_step="write 1%, 0.01 or body=0.5%")
        name = found["field"] or ""
        if name and name not in COMPARED_FIELDS:
            raise UsageError(
                f"{name!r} is no field that is compared", next_step=f"name one of {', '.join(COMPARED_FIELDS)}"
            )
        limits[name] = share
    return limits


def run_comparison(
    places: Sequence[str],
    storage: Storage,
    selection: Selection,
    *,
    limits: Mapping[str, float],
    samples: int,
    as_json: bool,
) -> int:
    """Compare the outputs at two `places` and tell; return the exit code: 1 if anything changed more than its limit.

    Raises UsageError unless there are two that hold articles, StoreError, BadArchive.
    """
    if len(places) != 2:
        raise UsageError("two outputs are compared", next_step="warraq replay --compare OLD NEW")
    old, new = (_output(place, storage) for place in places)
    found = compare_outputs(old, new, selection, samples=samples)
    over = found.over(limits)
    if as_json:
        click.echo(json_text({**msgspec.structs.asdict(found), "over": over}))
    else:
        _tell(found)
    for line in over:
        click.echo(line, err=True)
    if not found.both:
        click.echo("the two have no capture in common", err=True)
        return EXIT_FAILED
    return EXIT_FAILED if over else 0


def _output(place: str, storage: Storage) -> Store:
    store = open_store(msgspec.structs.replace(storage, url=store_url(place)))
    if next(LineReader(store).batches(), None) is None:
        raise UsageError(f"{place} holds no articles", next_step="name the --out of a replay, or a store")
    return store


def _tell(found: Comparison) -> None:
    old, new = (", ".join(versions) or "-" for versions in found.parsers)
    click.echo(f"parser {old} -> {new}: {found.both} articles in both, {found.changed} changed", nl=False)
    click.echo(f", {found.only_old} gone, {found.only_new} new")
    for name, change in found.fields.items():
        click.echo(f"{name}: {change.changed} ({change.share:.2%}), {change.gained} gained, {change.lost} lost")
        for sample in change.samples:
            click.echo(f"  {visible(sample.url)}\n    - {visible(sample.old)}\n    + {visible(sample.new)}")
    for of, urls in (("gone", found.gone), ("new", found.come)):
        for url in urls:
            click.echo(f"{of}: {visible(url)}")
    for site, counts in found.sites.items():
        if counts.changed or counts.only_old or counts.only_new:
            click.echo(
                f"{visible(site)}: {counts.both} in both, {counts.changed} changed, {counts.only_old} gone, "
                f"{counts.only_new} new"
            )
