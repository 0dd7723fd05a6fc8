"""``warraq takedown``: what must no longer be shown, and what is removed from the archive for good."""

from __future__ import annotations

__all__ = ["takedown"]

import re
from collections.abc import Mapping
from pathlib import Path

import click
import msgspec

from crawler.archive.articles import Batch
from crawler.archive.store import Store, open_store
from crawler.archive.takedowns import Decision, decisions, enter
from crawler.cli.catalogue import keep_up
from crawler.cli.common import Settings, json_text, settings_options
from crawler.cli.consoles import console
from crawler.cli.exit_codes import EXIT_NOTHING_NEW
from crawler.clock import SystemClock, iso_utc
from crawler.config import Config, StateSettings
from crawler.corpus.frozen import still_holding
from crawler.errors import StateMissing, UsageError
from crawler.model.site import Site
from crawler.model.takedown import Takedown, TakenDown
from crawler.run.addresses import page_of
from crawler.run.lock import StateLock
from crawler.run.offline.erase import Erased, erase, is_held
from crawler.run.state_folder import state_folder
from crawler.run.target import no_such_site
from crawler.state import State, open_state, read_state
from crawler.urls import bare_host, host_of, normalise, surt
from crawler.visible import visible

_HOST = re.compile(r"[^\s/.:]+(\.[^\s/.:]+)+")


@click.command()
@click.argument("what", required=False, metavar="[URL|SITE]")
@settings_options
@click.option("--reason", metavar="TEXT", help="Why; kept with the decision and shown in the article's place.")
@click.option(
    "--erase", "erasing", is_flag=True, help="Remove the records from the archive, and the articles, for good."
)
@click.option("--undo", is_flag=True, help="Show it again; what was erased does not come back.")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: one a decision.")
def takedown(
    what: str | None,
    settings: Settings,
    reason: str | None,
    erasing: bool,
    undo: bool,
    as_json: bool,
) -> int:
    """Take a page (by URL) or a site (by name or host) down: no command, page or export shows it any more.

    The archive stays as it is, unless --erase. Without URL or SITE, list what was taken down.
    """
    loaded = settings.load()
    opened = open_store(loaded.storage)
    if what is None:
        if reason or erasing or undo:
            raise UsageError("what is to be taken down is missing", next_step="give a URL or the name of a site")
        return _list(opened, as_json=as_json)
    if undo and erasing:
        raise UsageError("what is erased cannot be undone", next_step="give --undo or --erase")
    target = _with_aliases(_target(what, settings.sites(), opened), loaded.state)
    known = _holding(opened, target)
    if undo:
        return _undo(opened, what, known, reason or "", as_json=as_json)
    if not (reason or "").strip():
        raise UsageError("the reason is missing", next_step="--reason TEXT, kept with the decision")
    now = SystemClock().now()
    made = msgspec.structs.replace(target, reason=(reason or "").strip(), at=iso_utc(now)[:19] + "Z", erase=erasing)
    same = next((one for one in known if _says_as_much(one.takedown, made)), None)
    decision = same or enter(opened, made, now)
    erased = _erase(opened, loaded, decision) if erasing else None
    _tell(decision, erased, again=same is not None, as_json=as_json)
    _name_datasets(opened, Path(loaded.state.dir), decision.takedown)
    if erased is not None and (erased.records or erased.articles):
        return 0
    if erased is None and is_held(opened, decision.takedown):
        return 0
    click.echo(visible(_not_held(decision.takedown, opened)), err=True)
    return EXIT_NOTHING_NEW


def _target(what: str, sites: Mapping[str, Site], store: Store) -> Takedown:
    """Return what is meant, as far as it is known before it is decided: a site may be one that is no longer declared.

    Raises UsageError, StoreError.
    """
    if "://" in what:
        return Takedown(url=normalise(what), reason="", at="")
    if what in sites:
        hosts = sites[what].hosts or (host_of(sites[what].home),)
        return Takedown(site=what, hosts=tuple(map(bare_host, hosts)), reason="", at="")
    if _HOST.fullmatch(what):
        return Takedown(hosts=(bare_host(what),), reason="", at="")
    told = any(one.takedown.site == what for one in decisions(store))
    if "/" not in what and (told or next(iter(store.list(Batch.of_site(what))), None) is not None):
        return Takedown(site=what, reason="", at="")
    raise no_such_site(what, sites, or_else="; or give a URL with https://, or a host")


def _with_aliases(target: Takedown, settings: StateSettings) -> Takedown:
    """Return `target` with the other addresses of its page that the state knows. Raises StateError.

    What merely redirects is none of them: many stories that are gone lead to one section page.
    """
    if target.url is None:
        return target
    try:
        state = read_state(settings, clock=SystemClock())
    except StateMissing:
        return target
    with state:
        page = page_of(state, target.url) or target.url
        if _redirects(state, target.url):
            click.echo(visible(f"{target.url} leads to {page}, which is not taken down by that"), err=True)
            return target
        also = (url for url in (page, *state.aliases(page)) if url != target.url and not _redirects(state, url))
        return msgspec.structs.replace(target, also=tuple(sorted(also)))


def _redirects(state: State, url: str) -> bool:
    entry = state.entry(url)
    return entry is not None and entry.outcome == "redirected"


def _says_as_much(known: Takedown, made: Takedown) -> bool:
    """Tell whether nothing is left to decide: `known` erases, if that is wanted, and names all addresses."""
    return (known.erase or not made.erase) and set(made.addresses) <= set(known.addresses)


def _holding(store: Store, target: Takedown) -> list[Decision]:
    """Return the decisions that hold about the same page or site."""
    found = decisions(store)
    undone = {one.takedown.undoes for one in found}
    return [
        one
        for one in found
        if one.takedown.undoes is None and one.key not in undone and _subject(one.takedown) == _subject(target)
    ]


def _subject(one: Takedown) -> tuple[str, str]:
    return (surt(one.url), "") if one.url is not None else ("", one.site or ",".join(one.hosts))


def _undo(store: Store, what: str, known: list[Decision], reason: str, *, as_json: bool) -> int:
    if not known:
        raise UsageError(f"{what} is not taken down", next_step="`warraq takedown` lists what is")
    now = SystemClock().now()
    for one in known:
        undone = msgspec.structs.replace(one.takedown, undoes=one.key, reason=reason, at=iso_utc(now)[:19] + "Z")
        made = enter(store, undone, now)
        if as_json:
            click.echo(_line(made, holds=False))
        else:
            erased = "; what was erased does not come back" if one.takedown.erase else ""
            click.echo(f"{visible(one.takedown.what)}: shown again{erased}")
    return 0


def _erase(store: Store, config: Config, decision: Decision) -> Erased:
    clock, err = SystemClock(), console()
    folder = state_folder(config)
    with StateLock.take(folder, "takedown", clock=clock), open_state(config.state, clock=clock) as state:
        erased = erase(
            store,
            state,
            decision,
            folder=folder,
            clock=clock,
            on_file=lambda key: err.print(f"takedown: {key}", markup=False),
        )
        for path in folder.glob("search-*.db*"):  # its words are not taken out one by one; it is made again
            path.unlink(missing_ok=True)
    keep_up(store, folder, rebuild=True)
    return erased


def _tell(decision: Decision, erased: Erased | None, *, again: bool, as_json: bool) -> None:
    if as_json:
        click.echo(_line(decision, holds=True, erased=erased))
        return
    what = visible(decision.takedown.what)
    click.echo(visible(f"{what}: {'was ' if again else ''}{decision.takedown}"))
    for url in decision.takedown.also:
        click.echo(visible(f"  also under {url}"))
    if erased is not None:
        click.echo(
            f"{erased.records} records of {erased.captures} captures erased from {erased.files} files, "
            f"{erased.articles} articles removed"
        )


def _name_datasets(store: Store, state: Path, made: Takedown) -> None:
    """Say which datasets, that were frozen before, hold what was taken down."""
    for place, is_certain in still_holding(state, store.url, TakenDown((made,))):
        click.echo(
            visible(
                f"{place} {'holds' if is_certain else 'may hold'} it: a dataset is never changed; remove it, and "
                "export it anew under another name"
            ),
            err=True,
        )


def _not_held(one: Takedown, store: Store) -> str:
    return (
        f"{store.url} holds nothing of {one.what}: is it spelt as it was fetched? Should it come, it will not be "
        f"shown; `warraq takedown {one.site or one.what} --undo` takes that back"
    )


def _list(store: Store, *, as_json: bool) -> int:
    found = decisions(store)
    undone = {one.takedown.undoes for one in found}
    for one in found:
        holds = one.takedown.undoes is None and one.key not in undone
        if as_json:
            click.echo(_line(one, holds=holds))
            continue
        did = "shown again" if one.takedown.undoes else str(one.takedown)
        click.echo(f"{visible(one.takedown.what)}  {did}{'' if holds or one.takedown.undoes else ' (undone)'}")
    if not found:
        click.echo("nothing was taken down", err=True)
    return 0


def _line(decision: Decision, *, holds: bool, erased: Erased | None = None) -> str:
    more = {"erased": erased} if erased is not None else {}
    return json_text({"key": decision.key, "holds": holds, **msgspec.structs.asdict(decision.takedown), **more})
