"""``warraq verify`` and ``warraq index``: is the archive still what it was, and an index for any of it."""

from __future__ import annotations

__all__ = ["index", "verify"]

from collections.abc import Iterator
from pathlib import Path

import click

from crawler.archive.check.packages import verify_wacz
from crawler.archive.check.verify import Report, checked_index, verify_warc
from crawler.archive.files import replace_durably
from crawler.archive.read.captures import is_package
from crawler.archive.read.records import Fault
from crawler.archive.read.selection import line_admitted
from crawler.archive.store import open_store
from crawler.cli.common import Settings, json_text, settings_options
from crawler.cli.exit_codes import EXIT_FAILED
from crawler.cli.manifest import tell_manifests
from crawler.cli.selecting import selection_options
from crawler.clock import SystemClock
from crawler.config import Storage
from crawler.errors import UsageError
from crawler.model.selection import Selection
from crawler.run.offline.evidence import verify_archive
from crawler.run.offline.sources import find_sources
from crawler.run.receipts import known_manifests


@click.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@settings_options
@click.option(
    "--sample", type=click.FloatRange(0, 1, min_open=True), default=1.0, help="Check this share of the files."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Which files a sample takes.")
@click.option("--crosscheck", is_flag=True, help="Also read every file with warcio, which shares no code with us.")
@click.option("--manifest", "by_manifest", is_flag=True, help="Check the store against its manifests instead.")
@click.option("--json", "as_json", is_flag=True, help="One report a line.")
def verify(
    sources: tuple[str, ...],
    settings: Settings,
    sample: float,
    seed: int,
    crosscheck: bool,
    by_manifest: bool,
    as_json: bool,
) -> int:
    """Check structure, digests and index of archives; without SOURCE, of our own store, its articles, manifests and
    profiles and of what waits in the spool, all held against the state and against each other.

    Every fault is named with file and offset; the exit code is 1 if there is any.
    """
    loaded = settings.load()
    if by_manifest:
        if sources or crosscheck:
            raise UsageError("--manifest is for the whole store", next_step="leave out the sources and --crosscheck")
        known = known_manifests(loaded.state, clock=SystemClock())
        return tell_manifests(open_store(loaded.storage), known=known, sample=sample, seed=seed, as_json=as_json)
    if sources and sample != 1.0:
        raise UsageError("--sample is for the store", next_step="leave out the sources, or the sample")
    if sources:
        reports = _verify_files(sources, loaded.storage)
    else:
        own = open_store(loaded.storage)
        reports = verify_archive(loaded, own, clock=SystemClock(), sample=sample, seed=seed)
    files = records = faults = 0
    for report in reports:
        files, records, faults = files + bool(report.size), records + report.records, faults + len(report.faults)
        if as_json:
            click.echo(json_text(report))
        for fault in () if as_json else report.faults:
            click.echo(str(fault))
    for fault in _crosscheck(sources, loaded.storage) if crosscheck else ():
        faults += 1
        click.echo(str(fault), err=as_json)
    if not files and not faults:
        raise UsageError(f"{loaded.storage.url} holds no WARC file", next_step="name files or folders, or --store URL")
    click.echo(f"{files} files, {records} records, {faults} faults", err=as_json)
    return EXIT_FAILED if faults else 0


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@settings_options
@selection_options("url", "from", "to", "mime", "status")
@click.option("--beside", is_flag=True, help="Write NAME.cdxj beside each local file instead of printing one index.")
def index(
    sources: tuple[str, ...],
    settings: Settings,
    selection: Selection,
    beside: bool,
) -> int:
    """Make the CDXJ of archives, ours or anyone's, from their content: one sorted index to stdout."""
    if beside and selection.by_index:
        raise UsageError("an index beside its file has all of it", next_step="leave out --beside, or the conditions")
    loaded = settings.load()
    lines: list[bytes] = []
    faults: list[Fault] = []
    for source in find_sources(sources, loaded.storage):
        if source.store is None:
            made, found = checked_index(Path(source.place), name=source.name)
        else:
            with source.store.open(source.place) as stream:
                made, found = checked_index(stream, name=source.name)
        faults += found
        if beside and source.store is None:
            path = Path(source.place)
            stem = path.name.removesuffix(".gz").removesuffix(".zst").removesuffix(".warc")
            replace_durably(path.with_name(f"{stem}.cdxj"), made)
        else:
            lines += (line for line in made.splitlines(keepends=True) if line_admitted(selection, line))
    if lines:
        click.echo(b"".join(sorted(lines)), nl=False)
    for fault in faults:
        click.echo(str(fault), err=True)
    return EXIT_FAILED if faults else 0


def _verify_files(sources: tuple[str, ...], storage: Storage) -> Iterator[Report]:
    for source in find_sources(sources, storage):
        if source.store is not None:
            with source.store.open(source.place) as stream:
                yield from (
                    verify_wacz(stream, name=source.name)
                    if is_package(stream)
                    else (verify_warc(stream, name=source.name),)
                )
            continue
        path = Path(source.place)
        with path.open("rb") as stream:
            if is_package(stream):
                yield from verify_wacz(stream, name=path.name)
                continue
        cdxj = path.with_name(f"{path.name.removesuffix('.warc.gz')}.cdxj")
        yield verify_warc(path, cdxj=cdxj.read_bytes() if cdxj.is_file() else None)


def _crosscheck(sources: tuple[str, ...], storage: Storage) -> Iterator[Fault]:
    from crawler.archive.check.crosscheck import crosscheck as second_opinion  # noqa: PLC0415 - only this option needs warcio

    for source in find_sources(sources, storage):
        with Path(source.place).open("rb") if source.store is None else source.store.open(source.place) as stream:
            yield from second_opinion(stream, name=source.name)
