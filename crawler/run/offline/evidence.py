"""Everything that an archive is held against at once: its store, what the state knows of it, and what waits in the
spool.
"""

from __future__ import annotations

__all__ = ["verify_archive"]

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from crawler.archive.articles import Batch
from crawler.archive.check.articles import verify_articles
from crawler.archive.check.catalogue import verify_catalogue
from crawler.archive.check.manifest import SeenWarc, check_manifests
from crawler.archive.check.profiles import verify_profiles
from crawler.archive.check.spool import verify_spool
from crawler.archive.check.takedowns import verify_takedowns
from crawler.archive.check.verify import Report, Watch, verify_store
from crawler.archive.folders import ARTICLES, CATALOGUE, MANIFESTS, PROFILES, REPLAY, RUN_ENDS, TAKEDOWNS, WARCS
from crawler.archive.read.records import Fault
from crawler.archive.run_ends import run_ended, wrong_end
from crawler.archive.store import Store
from crawler.archive.store.folder import FileStore
from crawler.archive.write.seal import companion
from crawler.clock import Clock
from crawler.config import Config
from crawler.errors import StateDamaged, StateMissing
from crawler.model.run import UNDER_WAY
from crawler.run.lock import OWNER
from crawler.run.offline.republish import known_articles, known_batches
from crawler.run.offline.state_rows import RowsOfFile, contradictions
from crawler.run.receipts import receipts_of
from crawler.run.state_folder import SHELF, SPOOL, STAGING
from crawler.state import State, read_state
from crawler.state.opening import DATABASE

_OURS = (WARCS, ARTICLES, MANIFESTS, PROFILES, TAKEDOWNS, REPLAY, RUN_ENDS, CATALOGUE)


def verify_archive(
    config: Config, store: Store, *, clock: Clock, sample: float = 1.0, seed: int = 0
) -> Iterator[Report]:
    """Yield a report on each thing in `store` and in the spool, held against the state that `config` names.

    Of a share `sample` of the WARC files and batches of articles, chosen by `seed`; the rest always. A state that is of
    another store says nothing of this one. Raises StoreError, StateError, ArchiveError.
    """
    folder = Path(config.state.dir)
    with ExitStack() as stack:
        state: State | None = None
        try:
            state = stack.enter_context(read_state(config.state, clock=clock))
            state.check()
            foreign = [f"{what} is not of this program" for what in state.foreign()]
            strange = list(state.strange_words())
            if foreign or strange:
                yield _report(
                    state.name, [Fault(file=state.name, offset=0, what=what) for what in (*foreign, *strange)]
                )
            if strange:
                state = None
        except StateMissing:
            if (folder / OWNER).exists() or (folder / SPOOL).exists():
                yield _wrong(str(folder / DATABASE), "it is gone: `warraq rebuild`")
        except StateDamaged as error:
            state = None
            yield _wrong(str(folder / DATABASE), error.what)
        yield from _Evidence(store, state, folder, sample, seed).reports()
    if folder.is_dir():
        yield from verify_spool(folder / SPOOL)


class _Evidence:
    def __init__(self, store: Store, state: State | None, folder: Path, sample: float, seed: int) -> None:
        self._store = store
        self._state = state
        self._folder = folder
        self._sample = sample
        self._seed = seed
        self._receipts = receipts_of(state) if state is not None else {}
        self._seen: dict[str, SeenWarc] = {}

    def reports(self) -> Iterator[Report]:
        for report in verify_store(
            self._store, sample=self._sample, seed=self._seed, receipts=self._receipts, watch=self._watch
        ):
            if report.key:
                self._seen[report.key] = SeenWarc(report.size, report.sha256, report.types)
            yield report
        yield from self._articles()
        state = self._state if not self._receipts or not self._receipts.keys().isdisjoint(self._seen) else None
        known = {row.key: row.sha256 for row in state.manifests()} if state is not None else {}
        count, faults = check_manifests(self._store, self._seen, known=known)
        if count or faults:
            yield _report(MANIFESTS, faults)
        yield from verify_profiles(self._store, mirror=FileStore(self._folder / SHELF) if state is not None else None)
        yield from verify_takedowns(self._store, self._seen)
        yield from self._run_ends()
        yield from (_wrong(key, what) for key, what in verify_catalogue(self._store))
        if self._sample >= 1.0:
            foreign = [stored.key for stored in self._store.list() if not stored.key.startswith(_OURS)]
            yield from (_wrong(key, "nothing of this program lies there") for key in foreign)
            strays = [name for name in self._store.strays() if f"{name}/" not in _OURS]  # a folder may lie elsewhere
            yield from (_wrong(name, "it is no object: no file, or hidden; nothing here reads it") for name in strays)
        if self._state is not None:
            yield _report(self._state.name, list(self._rows(self._state)))

    def _run_ends(self) -> Iterator[Report]:
        """Yield a report on each end of a run that is not what its name says, not the only one, or not what the state
        has.
        """
        keys = [stored.key for stored in self._store.list(RUN_ENDS)]
        times = Counter(filter(None, map(run_ended, keys)))
        if times and len(keys) == times.total():
            yield _wrong(RUN_ENDS, "it does not tell since when ends are kept: a run without one counts as ended")
        for key in keys:
            what = wrong_end(key, self._store.get(key))
            if what is None and (run := run_ended(key)) is not None:
                what = f"{times[run]} ends of that run lie there" if times[run] > 1 else self._other_end(key, run)
            if what is not None:
                yield _wrong(key, what)

    def _other_end(self, key: str, name: str) -> str | None:
        """Return how the state says that the run ended whose end lies under `key`; None: so, or it says nothing."""
        run = self._state.run(name) if self._state is not None else None
        if run is None or key.endswith(f".{run.state}.json"):
            return None
        return f"the state has that run as {run.state}"

    def _watch(self, key: str) -> Watch | None:
        known = self._state is not None and key in self._receipts
        return RowsOfFile(self._state, key.rpartition("/")[2]) if known and self._state is not None else None

    def _articles(self) -> Iterator[Report]:
        if self._state is None:
            yield from verify_articles(self._store, sample=self._sample, seed=self._seed)
            return
        yield from verify_articles(
            self._store,
            known=partial(known_articles, self._state),
            batches=known_batches(self._state),
            is_over=self._is_over,
            sample=self._sample,
            seed=self._seed,
        )

    def _is_over(self, batch: Batch) -> bool:
        """Tell whether the state must know all articles of a batch: of a run of its own that waits for nothing."""
        name = batch.prefix.rpartition("/")[2]
        run = self._state.run(name) if self._state is not None else None
        return run is not None and run.state not in UNDER_WAY and not self._staged(name)

    def _staged(self, run: str) -> bool:
        return (self._folder / STAGING / f"{run}.jsonl").exists()

    def _rows(self, state: State) -> Iterator[Fault]:
        staging = self._folder / STAGING
        yield from contradictions(state, settled=not any(staging.glob("*.jsonl")))
        spooled = (self._folder / SPOOL).glob("*/*.warc.gz")
        waiting = {path.name for path in spooled if not companion(path, ".receipt.json").exists()}
        for receipt in state.receipts():
            found = self._seen.get(receipt.key)
            if found is not None and found.sha256 == receipt.sha256 and found.size != receipt.size_bytes:
                what = f"the state has it with {receipt.size_bytes} bytes, not {found.size}"
                yield Fault(file=receipt.key, what=what)
            if found is not None and receipt.cdxj_sha256 == "":
                index = f"{receipt.key.removesuffix('.warc.gz')}.cdxj"
                yield Fault(file=index, what="the state has no digest of it")
        for key in self._seen:
            name = key.rpartition("/")[2].encode("utf-8", "replace").decode()  # a file's name may be any bytes
            if key not in self._receipts and name not in waiting and state.captures_in(name):
                yield Fault(file=key, what="the state has captures in it, and no receipt of it")


def _wrong(name: str, what: str) -> Report:
    return _report(name, [Fault(file=name, what=what)])


def _report(name: str, faults: list[Fault]) -> Report:
    return Report(name=name, faults=tuple(faults))
