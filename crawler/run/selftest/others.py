"""Corruptions of the rest: manifests, profiles, the spool, litter, and what is not of this program."""

from __future__ import annotations

__all__ = ["CORRUPTIONS"]

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from crawler.archive.catalogued import put_catalogued
from crawler.archive.store.folder import FileStore
from crawler.run.selftest.corruption import Archive, Corruption, Place, not_here

_END = "runs/2000/01/01/20000101T000000Z-gazette-0a1b.done.json"
_ENDED = (
    b'{"run":"20000101T000000Z-gazette-0a1b","site":"gazette","state":"done","reason":null,'
    b'"ended_at":"2000-01-01T00:10:00Z"}'
)

_DECIDED = (
    b'{"format":"warraq-takedown/1","url":"http://elsewhere.example/","site":null,"hosts":[],"reason":"court order",'
    b'"at":"2000-01-01T00:00:00.000000Z","erase":false,"undoes":null}'
)
_TABLE, _SOURCES = "catalogue/captures/2000-01.parquet", "catalogue/sources/2000-01.json"
_PARQUET = b"PAR1" + b"pages" * 9 + (20).to_bytes(4, "little") + b"PAR1"
_TAKEDOWN = f"takedowns/20000101000000-{hashlib.sha256(_DECIDED).hexdigest()[:12]}.json"


def _manifest(change: Callable[[Any], object], *, first: bool = False) -> Callable[[Archive], Place]:
    """Change what the newest (or first) manifest says and write it as manifests are written."""

    def plant(archive: Archive) -> Place:
        path = archive.manifests()[0 if first else -1]
        content = json.loads(path.read_bytes())
        change(content)
        archive.write(path, json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode())
        return Place(archive.key(path))

    return plant


def _other_chain(manifest: dict[str, Any]) -> None:
    if manifest["previous"] is None:
        raise not_here("only one manifest")
    manifest["previous"]["sha256"] = "f" * 64


def _manifest_bytes(change: Callable[[bytes], bytes], byte: int = 0) -> Callable[[Archive], Place]:
    def plant(archive: Archive) -> Place:
        path = archive.manifests()[-1]
        archive.write(path, change(path.read_bytes()))
        return Place(archive.key(path), (byte,))

    return plant


def _manifest_gone(which: slice) -> Callable[[Archive], Place]:
    def plant(archive: Archive) -> Place:
        found = archive.manifests()
        gone = found[which]
        for path in gone:
            path.unlink()
        after = [path for path in found if path not in gone and path > gone[-1]]
        return Place(archive.key(after[0] if after else gone[-1]))

    return plant


def _manifest_renamed(archive: Archive) -> Place:
    path = archive.manifests()[-1]
    other = path.with_name(f"{path.stem[:8]}{'01' if not path.stem.endswith('01') else '02'}.json")
    path.rename(other)
    return Place(archive.key(other))


def _rolled_back(archive: Archive) -> Place:
    """Put the chain and its files back to what they were before the newest manifest, as a restored backup does."""
    path = archive.manifests()[-1]
    for note in json.loads(path.read_bytes())["warcs"]:
        warc = archive.data / note["key"]
        warc.unlink()
        archive.index(warc).unlink()
        archive.execute(f"DELETE FROM receipts WHERE warc = '{warc.name}'")  # noqa: S608 - a name of ours
    path.unlink()
    return Place(archive.key(path))


def _profile(change: Callable[[bytes], bytes]) -> Callable[[Archive], Place]:
    def plant(archive: Archive) -> Place:
        path = archive.profiles()[0]
        archive.write(path, change(path.read_bytes()))
        return Place(archive.key(path))

    return plant


def _profile_gone(archive: Archive) -> Place:
    path = archive.profiles()[0]
    if not (archive.state / "shelf" / archive.key(path)).is_file():
        raise not_here("the profile was never read here")
    path.unlink()
    return Place(archive.key(path))


def _profile_moved(archive: Archive) -> Place:
    path = archive.profiles()[0]
    other = path.parent.with_name("somebody") / path.name
    archive.write(other, path.read_bytes())
    path.unlink()
    return Place(archive.key(other))


def _profile_renamed(archive: Archive) -> Place:
    path = archive.profiles()[0]
    other = path.with_name(f"1999{path.name[4:]}")
    path.rename(other)
    return Place(archive.key(other))


def _added(name: str) -> Callable[[Archive], Place]:
    """Put a file of another kind into the store."""

    def plant(archive: Archive) -> Place:
        archive.write(archive.data / name, b"mine\n")
        return Place(name)

    return plant


def _run_end(change: Callable[[bytes], bytes], name: str = _END) -> Callable[[Archive], Place]:
    """Let the store tell of a run's end something else than the object's name."""

    def plant(archive: Archive) -> Place:
        archive.write(archive.data / name, change(_ENDED))
        return Place(name)

    return plant


def _two_ends(archive: Archive) -> Place:
    """Let the store tell twice how a run ended."""
    for state in ("failed", "done"):
        name = _END.replace("done", state)
        archive.write(archive.data / name, _ENDED.replace(b"done", state.encode()))
    return Place(_END)


def _other_end(archive: Archive) -> Place:
    """Let the store tell of the end of a run otherwise than the state does."""
    run, state = map(str, archive.ask("SELECT id, state FROM runs"))
    other = "failed" if state != "failed" else "done"
    name = f"runs/2000/01/01/{run}.{other}.json"
    ended = _ENDED.replace(b"20000101T000000Z-gazette-0a1b", run.encode()).replace(b"done", other.encode())
    site = str(archive.ask(f"SELECT site FROM runs WHERE id = '{run}'")[0])  # noqa: S608 - read from there
    archive.write(archive.data / name, ended.replace(b'"gazette"', f'"{site}"'.encode()))
    return Place(name)


def _no_object(name: str, make: Callable[[Path], object]) -> Callable[[Archive], Place]:
    """Put what is no object beside a WARC file."""

    def plant(archive: Archive) -> Place:
        path = archive.warcs()[0].with_name(name)
        make(path)
        return Place(archive.key(path))

    return plant


def _beside_manifest(archive: Archive) -> Place:
    """Put the newest manifest there twice, as a successor of itself."""
    path = archive.manifests()[-1]
    other = path.with_name(f"{path.stem}.9.json")
    archive.write(other, path.read_bytes())
    return Place(archive.key(other))


def _pipe(path: Path) -> str:
    other = path.with_name(f"{_OTHER}.warc.gz")
    os.mkfifo(other)
    return other.name


def _twice(path: Path) -> str:
    lane = path.parent.with_name("lane-99")
    shutil.copytree(path.parent, lane)
    return f"{lane.name}/{path.name}"


def _spool_file(change: Callable[[Path], str]) -> Callable[[Archive], Place]:
    """Do something in the spool's folder; the name of what is told is returned."""
    return lambda archive: Place(change(archive.spooled()))


def _flipped(path: Path) -> str:
    content = bytearray(path.read_bytes())
    content[5] ^= 0x10
    path.write_bytes(bytes(content))
    return path.name


def _beside(suffix: str, content: bytes | None) -> Callable[[Path], str]:
    """Give what lies beside a sealed file another content; None: remove it."""

    def change(path: Path) -> str:
        other = path.with_name(path.name.replace(".warc.gz", suffix))
        if content is None:
            other.unlink()
        else:
            other.write_bytes(content)
        return other.name

    return change


def _left(name: str) -> Callable[[Path], str]:
    def change(path: Path) -> str:
        path.with_name(name).write_bytes(b"x")
        return name

    return change


def _without_digest(path: Path) -> str:
    _beside(".sha256", None)(path)
    return path.name


def _other_moment(archive: Archive) -> Place:
    name = _TAKEDOWN.replace("20000101", "19990101")
    archive.write(archive.data / name, _DECIDED)
    return Place(name)


def _shelved(archive: Archive) -> Place:
    """Alter the copy of a profile that the state's folder keeps."""
    key = archive.key(archive.profiles()[0])
    path = archive.state / "shelf" / key
    if not path.is_file():
        raise not_here("the profile was never read here")
    archive.write(path, path.read_bytes() + b" ")
    return Place(key)


def _catalogued(change: Callable[[Archive], str]) -> Callable[[Archive], Place]:
    """Write two objects of a catalogue as that is done, then change something; its key is returned."""

    def plant(archive: Archive) -> Place:
        store = FileStore(archive.data)
        put_catalogued(store, _TABLE, _PARQUET)
        put_catalogued(store, _SOURCES, b"{}")
        return Place(change(archive))

    return plant


def _rewritten(key: str, content: bytes) -> Callable[[Archive], str]:
    def change(archive: Archive) -> str:
        archive.write(archive.data / key, content)
        return key

    return change


def _unlinked(archive: Archive) -> str:
    (archive.data / _TABLE).unlink()
    return _TABLE


def _no_beginning(archive: Archive) -> Place:
    """Let the ends of runs lie there, and nothing that tells since when they do."""
    archive.write(archive.data / _END, _ENDED)
    for path in (archive.data / "runs").glob("since-*.json"):
        path.unlink()
    return Place("runs/")


def _takedown(change: Callable[[bytes], bytes]) -> Callable[[Archive], Place]:
    """Put a decision there that is not what it is named for."""

    def plant(archive: Archive) -> Place:
        archive.write(archive.data / _TAKEDOWN, change(_DECIDED))
        return Place(_TAKEDOWN)

    return plant


def _undoing(archive: Archive) -> Place:
    content = _DECIDED.replace(b'"undoes":null', b'"undoes":"takedowns/20000101000000-000000000000.json"')
    name = f"takedowns/20000101000000-{hashlib.sha256(content).hexdigest()[:12]}.json"
    archive.write(archive.data / name, content)
    return Place(name)


def _warcs(change: Callable[[list[Any]], object]) -> Callable[[Any], object]:
    return lambda manifest: change(manifest["warcs"])


_OTHER = "WARRAQ-20000101000000000-00000-x"

CORRUPTIONS = (
    Corruption("manifest: digest", "a file's SHA-256 in the newest manifest is another",
    _manifest(_warcs(lambda notes: notes[0].update(sha256="f" * 64)))),
    Corruption("manifest: size", "a file's size in the newest manifest is another",
    _manifest(_warcs(lambda notes: notes[0].update(size=1)))),
    Corruption("manifest: counts", "a file's counts in the newest manifest are others",
    _manifest(_warcs(lambda notes: notes[0]["records"].update(response=99)))),
    Corruption("manifest: file removed", "a file is taken out of the newest manifest",
    _manifest(_warcs(lambda notes: notes.pop()))),
    Corruption("manifest: file added", "a file that never was is added to the newest manifest",
    _manifest(_warcs(lambda notes: notes.append({**notes[0], "key": "warc/2000/01/01/x.warc.gz"})))),
    Corruption("manifest: file twice", "the newest manifest names a file twice",
    _manifest(_warcs(lambda notes: notes.append(notes[0])))),
    Corruption("manifest: chain", "the newest manifest names another one before it",
    _manifest(_other_chain)),
    Corruption("manifest: sequence", "the newest manifest's place in the chain is another",
    _manifest(lambda m: m.update(sequence=m["sequence"] + 1))),
    Corruption("manifest: day", "the newest manifest is of another day",
    _manifest(lambda m: m.update(day="2000-01-01"))),
    Corruption("manifest: made", "the newest manifest was made at another time",
    _manifest(lambda m: m.update(made_at="2000-01-01T00:00:00.000000Z"))),
    Corruption("manifest: earlier one", "the first manifest was made at another time",
    _manifest(lambda m: m.update(made_at="2000-01-01T00:00:00.000000Z"), first=True)),
    Corruption("manifest: form", "the newest manifest says the same with other blanks",
    _manifest_bytes(lambda content: content.replace(b"{", b"{ ", 1), 1)),
    Corruption("manifest: line end", "the newest manifest ends with a line end",
    _manifest_bytes(lambda content: content + b"\n")),
    Corruption("manifest: cut", "the newest manifest ends early", _manifest_bytes(lambda content: content[:-9])),
    Corruption("manifest: charset", "the newest manifest is in UTF-16",
    _manifest_bytes(lambda content: content.decode().encode("utf-16"))),
    Corruption("manifest emptied", "the newest manifest is empty", _manifest_bytes(lambda _: b"")),
    Corruption("newest manifest removed", "the newest manifest is gone", _manifest_gone(slice(-1, None))),
    Corruption("first manifest removed", "the first manifest is gone", _manifest_gone(slice(0, 1))),
    Corruption("manifests removed", "all manifests are gone", _manifest_gone(slice(None))),
    Corruption("manifest renamed", "the newest manifest has the name of another day", _manifest_renamed),
    Corruption("rolled back", "the newest manifest is gone with all it names and their receipts", _rolled_back),
    Corruption("file among manifests", "something else lies among the manifests", _added("manifests/notes.txt")),
    Corruption("manifest copied", "the newest manifest lies there twice", _beside_manifest),
    Corruption("manifest among manifests", "a manifest has a name that none has", _added("manifests/2000/01/x.json")),
    Corruption("run's end: run", "the end of a run is that of another", _run_end(lambda end: end.replace(b"0a1b",
    b"0a1c"))),
    Corruption("run's end: site", "the end of a run is of another site", _run_end(lambda end: end.replace(b'"gazette"',
    b'"x"'))),
    Corruption("run's end: state", "a run ended otherwise than its object's name says",
    _run_end(lambda end: end.replace(b"done", b"failed"))),
    Corruption("run's end: cut", "the end of a run breaks off", _run_end(lambda end: end[:-9])),
    Corruption("run's end: charset", "the end of a run is in UTF-16",
    _run_end(lambda end: end.decode().encode("utf-16"))),
    Corruption("run's end: twice", "the store tells of two ends of one run", _two_ends),
    Corruption("run's end: another", "the state knows another end of the run", _other_end),
    Corruption("run's end: open", "a run that is said to run has an end", _run_end(
    lambda end: end.replace(b"done", b"running"), _END.replace("done", "running"))),
    Corruption("run's end: blanks", "the end of a run says the same with other blanks",
    _run_end(lambda end: end.replace(b",", b", "))),
    Corruption("first end: content", "since when ends are kept is told with something else",
    _run_end(lambda end: end, "runs/since-20000101T000000Z.json")),
    Corruption("profile altered", "a profile says something else",
    _profile(lambda content: content.replace(b'"articles":4', b'"articles":5'))),
    Corruption("profile blanks", "a profile says the same with other blanks",
    _profile(lambda content: content.replace(b",", b", ", 1))),
    Corruption("profile cut", "a profile ends early", _profile(lambda content: content[:-5])),
    Corruption("profile emptied", "a profile is empty", _profile(lambda _: b"")),
    Corruption("profile removed", "a profile that was read here is gone", _profile_gone),
    Corruption("profile moved", "a profile lies under another site", _profile_moved),
    Corruption("profile renamed", "a profile has the name of another moment", _profile_renamed),
    Corruption("file among profiles", "something else lies among the profiles", _added("profiles/notes.txt")),
    Corruption("file among WARCs", "something else lies among the WARC files", _added("warc/notes.txt")),
    Corruption("lonely index", "an index lies there without its file", _added(f"warc/2000/01/01/{_OTHER}.cdxj")),
    Corruption("no WARC", "a file called WARC is none", _added(f"warc/2000/01/01/{_OTHER}.warc.gz")),
    Corruption("foreign object", "something else lies in the store", _added("holiday.jpg")),
    Corruption("named pipe", "a named pipe lies beside the files", _no_object("pipe", os.mkfifo)),
    Corruption("hidden file", "a hidden file lies beside the files", _no_object(".hidden",
    lambda path: path.write_bytes(b"x"))),
    Corruption("link to nothing", "a link that leads nowhere lies beside the files", _no_object("link",
    lambda path: path.symlink_to(path.with_name("nothing")))),
    Corruption("link to a folder", "a link to another folder lies beside the files", _no_object("link",
    lambda path: path.symlink_to(path.parent.parent))),
    Corruption("takedown: altered", "a decision that takes down is not what it is named for",
    _takedown(lambda decision: decision.replace(b"court", b"sport"))),
    Corruption("takedown: cut", "a decision that takes down ends early", _takedown(lambda decision: decision[:-9])),
    Corruption("takedown: emptied", "a decision that takes down is empty", _takedown(lambda _: b"")),
    Corruption("takedown: gone", "what was done for a decision is told, and the decision is gone",
    _added(_TAKEDOWN.replace(".json", "/articles.json"))),
    Corruption("takedown: undone", "a decision is undone that is not there", _undoing),
    Corruption("takedown: moment", "a decision has the name of another moment", _other_moment),
    Corruption("first end: gone", "since when ends are kept is told nowhere", _no_beginning),
    Corruption("profile: copy", "the copy of a profile that is parsed by is another", _shelved),
    Corruption("catalogue: altered", "a table of the catalogue has other pages",
    _catalogued(_rewritten(_TABLE, _PARQUET.replace(b"pages", b"pagos")))),
    Corruption("catalogue: of another month", "a table of the catalogue lies there for another month, too",
    _catalogued(_rewritten(_TABLE.replace("2000", "2001"), _PARQUET))),
    Corruption("catalogue: gone", "a table of the catalogue is gone", _catalogued(_unlinked)),
    Corruption("catalogue: entered", "what the catalogue was made of is told otherwise",
    _catalogued(_rewritten(_SOURCES, b'{"captures":{}}'))),
    Corruption("catalogue: digests", "the digests of the catalogue cannot be read",
    _catalogued(_rewritten("catalogue/digests.json", b"{"))),
    Corruption("file among takedowns", "something else lies among the takedowns", _added("takedowns/notes.txt")),
    Corruption("catalogue: table", "a table of the catalogue is none", _added("catalogue/captures/2000-01.parquet")),
    Corruption("catalogue: sources", "what the catalogue was made of cannot be read",
    _added("catalogue/sources/2000-01.json")),
    Corruption("file in the catalogue", "something else lies in the catalogue", _added("catalogue/notes.txt")),
    Corruption("foreign folder", "a folder of something else lies in the store", _added("backup/old/warraq.db")),
    Corruption("spool: file", "a sealed file that waits is another", _spool_file(_flipped)),
    Corruption("spool: index", "the index of a file that waits is empty", _spool_file(_beside(".cdxj", b""))),
    Corruption("spool: index removed", "the index of a file that waits is gone", _spool_file(_beside(".cdxj", None))),
    Corruption("spool: digests", "the digests of a file that waits cannot be read", _spool_file(_beside(".sha256",
    b"zzz"))),
    Corruption("spool: digests removed", "the digests of a file that waits are gone", _spool_file(_without_digest)),
    Corruption("litter", "a temporary file of a killed writer lies in the store", _added(f".part/.{'0' * 32}.tmp")),
    Corruption("old litter", "a temporary file of a killed writer lies beside the files",
    _added(f"warc/.{'0' * 32}.tmp")),
    Corruption("spool: pipe", "a named pipe with the name of a file lies in the spool", _spool_file(_pipe)),
    Corruption("spool: receipt", "a receipt beside a file that waits is none", _spool_file(_beside(".receipt.json",
    b"{}"))),
    Corruption("spool: twice", "a file that waits lies there twice", _spool_file(_twice)),
    Corruption("spool: litter", "a temporary file of a killed process lies in the spool",
    _spool_file(_left(".WARRAQ-x.cdxj.0.tmp"))),
    Corruption("spool: orphan", "an index without its file lies in the spool", _spool_file(_left(f"{_OTHER}.cdxj"))),
    Corruption("spool: damaged copy", "a copy of what a disk damaged lies in the spool", _spool_file(_beside(".damaged",
    b"x"))),
    Corruption("spool: foreign file", "something else lies in the spool", _spool_file(_left("holiday.jpg"))),
)  # fmt: skip
