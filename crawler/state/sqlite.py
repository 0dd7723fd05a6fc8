"""The state in SQLite: a file of this machine, or memory. The one module that knows of it.

Promises: several processes and threads may hold the same file open; every write happens inside one
``BEGIN IMMEDIATE`` transaction, so nobody reads half a change; foreign errors come out as StateError.
What is written `soon` is gathered and committed together, within `_SOON_S` or before anything else of this process
reads or writes: a crawl's lines for every page would otherwise cost it a fifth of its time, in commits.
Refuses: files that are no database, damaged ones, and schemas newer than this program.
Where nothing can be written, it can still be opened to read.

WAL with ``synchronous=NORMAL``: a killed process loses nothing; a power cut may lose the last commits but never
damages the file. That is enough, since the state can be rebuilt from the store and a sealed WARC whose receipt
was lost is merely verified and acknowledged again.
"""

from __future__ import annotations

__all__ = ["SqliteDatabase"]

import asyncio
import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from crawler.clock import Clock, SystemClock, iso_utc
from crawler.errors import StateDamaged, StateError, StateUnwritable
from crawler.state.protocol import Parameters
from crawler.state.statements.schema import MIGRATIONS, VERSION_QUERY, VERSION_TABLE, VERSION_WRITE

_TYPES = {"identity": "INTEGER PRIMARY KEY", "bytes": "BLOB", "by_key": "WITHOUT ROWID"}

_NO_ROOM = {sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_TRUNCATE}
"""What else SQLite says of a disk that is full: of the index of its log, of a quota, of a file that cannot grow."""

_BUSY_S = 20.0
_SOON_S = 0.1
_SOON_ROWS = 256
_SWITCH_TRIES = 1000
_CHECK = "PRAGMA quick_check(1)"
_SCHEMA = "SELECT type, name, tbl_name FROM sqlite_master WHERE name NOT LIKE 'sqlite%' ORDER BY name"
_WAL = "PRAGMA journal_mode = WAL"
_PRAGMAS = (
    "PRAGMA synchronous = NORMAL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA journal_size_limit = 67108864",
    "PRAGMA cache_size = -4096",  # each process has several connections; the system caches the file anyway
)


class SqliteDatabase:
    """One connection, safe to use from several threads; see `crawler.state.protocol.Database`."""

    def __init__(self, path: Path | None) -> None:
        """`path`: the file; None: memory, for as long as this is open."""
        self._path = path
        self._lock = threading.RLock()
        self._depth = 0
        self._soon: dict[str, list[Parameters]] = {}
        self._soon_rows = 0
        self._timed = False
        self._connection: sqlite3.Connection | None = None

    @property
    def name(self) -> str:
        """The file's path, or ``memory``."""
        return "memory" if self._path is None else str(self._path)

    def open(self, clock: Clock) -> None:
        """Connect, creating file and folder if missing, and bring the schema up to date. Raises StateError."""
        if self._path is not None:
            _make_room(self._path)
        with self._connecting(":memory:" if self._path is None else str(self._path)):
            self._switch_to_wal()
            for pragma in _PRAGMAS:
                self._execute(pragma, {})
            self._migrate(clock)

    def open_to_read(self, clock: Clock) -> None:
        """Connect as `open` does; where nothing can be written, to the file as it lies. Raises StateError.

        SQLite reads a file that writes ahead only with an index of its log beside it, which it cannot make there.
        """
        try:
            self.open(clock)
            return
        except StateUnwritable:
            if self._path is None or not self._path.is_file():
                raise
        log = self._path.with_name(f"{self._path.name}-wal")
        if log.exists() and log.stat().st_size:
            raise StateUnwritable(
                f"{log} holds what was written last, and cannot be read where nothing can be written",
                next_step="copy the state folder to where it can be, and name it with --state",
            )
        with self._connecting(f"{self._path.absolute().as_uri()}?immutable=1"):
            if self._version() != len(MIGRATIONS):
                raise StateUnwritable(
                    f"{self._path} is of an older version of Warraq, and cannot be changed here",
                    next_step="copy the state folder to where it can be, and name it with --state",
                )

    @contextmanager
    def _connecting(self, name: str) -> Iterator[None]:
        """Connect to the file `name` (a path or URI); closed again if what is done then fails."""
        with self._translated():
            self._connection = sqlite3.connect(
                name,
                timeout=_BUSY_S,
                isolation_level=None,
                check_same_thread=False,
                cached_statements=256,
                uri=name.startswith("file:"),
            )
            self._connection.row_factory = sqlite3.Row
        try:
            yield
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the connection; what was written stays."""
        with self._lock:
            if self._connection is not None:
                try:
                    self.flush()
                finally:
                    self._connection.close()
                    self._connection = None

    def check(self) -> None:
        """Read the whole file; raises StateDamaged if any page of it is damaged, or a table or an index is missing."""
        found = self.all(_CHECK)
        if not found or found[0][0] != "ok":
            raise damaged(self.name, str(found[0][0]) if found else "no answer")
        missing = _schema_made() - self._schema()
        if missing:
            raise damaged(self.name, f"it lacks {min(missing)}")

    def foreign(self) -> list[str]:
        """Return the tables, indexes, views and triggers that this program did not make."""
        return sorted(self._schema() - _schema_made())

    def _schema(self) -> set[str]:
        """Return what the tables, indexes, views and triggers are, a line each: as they are now, not as they were
        made, which tells of the version that made them.
        """
        lines = set()
        for kind, name, table in self.all(_SCHEMA):
            fields = self.all("SELECT name, type, pk FROM pragma_table_info(:name)", {"name": name})
            columns = ", ".join(f"{field} {form} {place}" for field, form, place in fields)
            lines.add(f"the {kind} {name}{f' on {table}' if table != name else ''}{f' ({columns})' if columns else ''}")
        return lines

    def back_up(self, target: Path) -> None:
        """Copy everything committed so far to the new file `target`, while others go on writing. Raises StateError.

        It is there when it is whole, checked and on disk.
        """
        part = target.with_name(f"{target.name}.part")
        try:
            part.unlink(missing_ok=True)
            with self._lock, self._translated():
                self.flush()
                with closing(sqlite3.connect(part)) as copy:
                    self._connected.backup(copy)
                    found = str(copy.execute(_CHECK).fetchone()[0])
            if found != "ok":
                raise damaged(str(part), found)
            with part.open("rb") as written:
                os.fsync(written.fileno())
            part.rename(target)
            folder = os.open(target.parent, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise StateError(f"{target}: {error.strerror}", next_step="make room, or name another folder") from error

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Group writes into one commit; nested ones join the outermost. Never await inside."""
        with self._lock:
            outermost = self._depth == 0
            if outermost:
                self.flush()
                self._execute("BEGIN IMMEDIATE", {})
            self._depth += 1
            try:
                yield
                if outermost:
                    self._execute("COMMIT", {})
            except BaseException:
                if outermost:
                    self._roll_back()
                raise
            finally:
                self._depth -= 1

    def _roll_back(self) -> None:
        """Undo what the transaction did, unless SQLite did so by itself; a full disk cannot keep it from that."""
        with suppress(sqlite3.DatabaseError):
            if self._connected.in_transaction:
                self._connected.execute("ROLLBACK")

    def run(self, sql: str, parameters: Parameters | None = None) -> int:
        """Execute one writing statement; return how many rows it touched."""
        with self.transaction():
            return self._execute(sql, parameters or {}).rowcount

    def soon(self, *statements: tuple[str, Parameters]) -> bool:
        """Execute writing statements shortly, together with others, if an event loop runs here; tell whether.

        False: nothing was done, execute them now. Those with the same text keep their order. Only for what can be made
        again from the archive if the process is killed meanwhile; only what needs it reads with `fresh` unset.
        """
        loop = _running_loop()
        with self._lock:
            if self._depth or loop is None:
                return False
            for sql, parameters in statements:
                self._soon.setdefault(sql, []).append(parameters)
            self._soon_rows += len(statements)
            if self._soon_rows >= _SOON_ROWS:
                self.flush()
            elif not self._timed:
                self._timed = True
                loop.call_later(_SOON_S, self._on_time)
        return True

    def flush(self) -> None:
        """Commit what was to be written soon. Raises StateError; then it is kept and tried again."""
        with self._lock:
            if not self._soon or self._depth:
                return
            waiting, rows = self._soon, self._soon_rows
            self._soon, self._soon_rows = {}, 0
            try:
                with self.transaction(), self._translated():
                    for sql, parameters in waiting.items():
                        self._connected.executemany(sql, parameters)
            except StateError:
                self._soon, self._soon_rows = waiting, rows
                raise

    def _on_time(self) -> None:
        self._timed = False
        with suppress(StateError):  # whoever writes next is told
            self.flush()

    def run_many(self, sql: str, parameters: Iterable[Parameters]) -> None:
        """Execute one writing statement for each of `parameters`."""
        with self.transaction(), self._translated():
            self._connected.executemany(sql, parameters)

    def returning(self, sql: str, parameters: Parameters | None = None) -> list[sqlite3.Row]:
        """Execute one writing statement with RETURNING; return the rows it touched."""
        with self.transaction():
            return self._fetch(sql, parameters or {})

    def at_once(self, sql: str, parameters: Parameters) -> list[sqlite3.Row]:
        """Execute one writing statement with RETURNING, committed by itself and before what is to be written soon."""
        with self._lock:
            return self._fetch(sql, parameters)

    def all(self, sql: str, parameters: Parameters | None = None, *, fresh: bool = True) -> list[sqlite3.Row]:
        """Return the rows of a query. Not `fresh`: what is still to be written soon is left out."""
        with self._lock:
            if fresh:
                self.flush()
            return self._fetch(sql, parameters or {})

    def one(self, sql: str, parameters: Parameters | None = None, *, fresh: bool = True) -> sqlite3.Row | None:
        """Return the first row of a query, None if there is none; see `all`."""
        rows = self.all(sql, parameters, fresh=fresh)
        return rows[0] if rows else None

    @property
    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            raise StateError(f"{self.name} is closed", next_step="open it again")
        return self._connection

    def _fetch(self, sql: str, parameters: Parameters) -> list[sqlite3.Row]:
        with self._translated():
            return self._connected.execute(sql, parameters).fetchall()

    def _execute(self, sql: str, parameters: Parameters) -> sqlite3.Cursor:
        with self._translated():
            return self._connected.execute(sql, parameters)

    def _switch_to_wal(self) -> None:
        """Write ahead, as the file keeps doing once told. The switch is the one lock SQLite does not wait for
        itself.
        """
        for _ in range(_SWITCH_TRIES):
            try:
                self._connected.execute(_WAL)
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    break
            except sqlite3.DatabaseError:
                break
            time.sleep(_BUSY_S / _SWITCH_TRIES)
        self._execute(_WAL, {})

    def _migrate(self, clock: Clock) -> None:
        """Apply the migrations that are missing, all or none."""
        if self._version() == len(MIGRATIONS):
            return
        with self.transaction():
            self._execute(VERSION_TABLE, {})
            version = self._version()
            for number, statements in enumerate(MIGRATIONS[version:], start=version + 1):
                for statement in statements:
                    self._execute(statement.format_map(_TYPES), {})
                self._execute(VERSION_WRITE, {"number": number, "applied_at": iso_utc(clock.now())})

    def _version(self) -> int:
        """Return the schema's number, 0 for an empty file. Raises StateError for one this program does not know."""
        tables = {row[0] for row in self.all("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if "migrations" not in tables:
            if tables:
                raise StateError(
                    f"{self.name} is a database of another program", next_step="choose another folder with --state"
                )
            return 0
        row = self.one(VERSION_QUERY)
        version = int(row[0]) if row else 0
        if not version and len(tables) > 1:
            raise damaged(self.name, "it does not tell of which version its tables are")
        if version > len(MIGRATIONS):
            raise StateError(
                f"{self.name} was written by a newer version of Warraq (schema {version}, known {len(MIGRATIONS)})",
                next_step="update Warraq, or choose another folder with --state",
            )
        return version

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn SQLite's errors into StateError. A broken constraint is a mistake of ours and passes through."""
        try:
            yield
        except sqlite3.IntegrityError:
            raise
        except sqlite3.DatabaseError as error:
            raise _state_error(self.name, error) from error


def _schema_made() -> set[str]:
    """Return what a new database has, as `SqliteDatabase._schema` tells it."""
    with closing(SqliteDatabase(None)) as fresh:
        fresh.open(SystemClock())
        return fresh._schema()


def _make_room(path: Path) -> None:
    """Make the folder of the file `path`. Raises StateError."""
    if path.is_dir():
        raise StateError(f"{path} is a folder", next_step="name the database file")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _keep_private(path)
    except OSError as error:
        raise _unwritable(str(path), error.strerror or str(error)) from error


def _keep_private(path: Path) -> None:
    """Let nobody but its owner read or write the database: it may hold what pages and people said. Raises OSError."""
    if not path.exists():
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    for suffix in ("", "-wal", "-shm"):
        file = path.with_name(path.name + suffix)
        with suppress(OSError):  # somebody else's, who may have reasons
            if file.stat().st_mode & 0o077:
                file.chmod(0o600)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _state_error(name: str, error: sqlite3.DatabaseError) -> StateError:
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if isinstance(code, int) else None
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StateError(
            f"{name} was held by another process for {_BUSY_S:.0f} s", next_step="see which process is stuck on it"
        )
    if primary in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return _unwritable(name, str(error))
    if primary == sqlite3.SQLITE_FULL or code in _NO_ROOM:
        return StateError(f"no room left on the disk of {name}", next_step="free some; nothing that was kept is lost")
    if primary in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return damaged(name, str(error))
    return StateError(f"{name}: {error}")


def _unwritable(name: str, why: str) -> StateUnwritable:
    return StateUnwritable(
        f"cannot write {name}: {why}", next_step="check the folder's permissions, or choose one with --state"
    )


def damaged(name: str, why: str) -> StateDamaged:
    return StateDamaged(
        f"{name} is damaged: {why}",
        next_step="`warraq rebuild --force` makes it anew from the store, as the daemon does when it starts",
    )
