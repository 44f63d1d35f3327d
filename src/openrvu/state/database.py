"""The database of what the user made: opened, brought to the newest form of its tables, and closed again.

SQLite in the user's data folder, unless OPENRVU_DATABASE or `--database` names a PostgreSQL server. An acknowledged
write is on the disk: SQLite with a write-ahead log and synchronous FULL, PostgreSQL with synchronous commit.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openrvu.errors import BadInput, Unavailable
from openrvu.files import store_folder
from openrvu.tables.store import locked

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine

FILE = "state.sqlite3"
# The revision that this version of the package works with; the tables of an older one are brought up to it.
HEAD = "0001"
WAIT_SECONDS = 30


@dataclass(frozen=True)
class State:
    """An open database. home: the folder of uploads and of the jobs' files. machine: the id of that folder.

    Several machines may share one PostgreSQL; files stay where they were brought, so a job belongs to a machine.
    """

    engine: Engine = field(repr=False)
    home: Path
    machine: str

    @property
    def name(self) -> str:
        """The database as it may be shown: without a password."""
        return self.engine.url.render_as_string(hide_password=True)

    @property
    def kind(self) -> str:
        """sqlite or postgresql."""
        return self.engine.dialect.name

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction: committed at the end of the block, or nothing of it. Raises Unavailable for a database that
        does not answer."""
        with self._transaction(self.engine) as made:
            yield made

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads, and so waits for no writer. Errors as in `begin`."""
        with self._transaction(self.engine.execution_options(reading=True)) as made:
            yield made

    @contextmanager
    def _transaction(self, engine: Engine) -> Iterator[Connection]:
        from sqlalchemy.exc import InterfaceError, OperationalError

        try:
            with engine.begin() as made:
                yield made
        except (OperationalError, InterfaceError) as fault:
            raise _gone(self.engine.url, fault) from None


def now() -> str:
    """The time as the tables hold it.

    >>> len(now()), now()[-1]
    (27, 'Z')
    """
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def new_id() -> str:
    """An id that cannot be guessed: 128 random bits as 32 hexadecimal digits."""
    return secrets.token_hex(16)


def open_state(url: str = "", home: Path | None = None) -> State:
    """Open the database, made or brought up to date where that is needed.

    url: `postgresql://user:password@host/name`, else OPENRVU_DATABASE, else a file of SQLite in `home` (default:
    OPENRVU_HOME, else the user's data folder). A PostgreSQL database of an older version is refused: its owner runs
    `openrvu state migrate`. Raises BadInput for a URL of another kind, Unavailable for a database that does not answer.
    """
    made = connect(url, home)
    try:
        held = revision(made)
        if held and held != HEAD and made.kind != "sqlite":
            raise Unavailable(
                f"the database is of another version ({held}; this one needs {HEAD})",
                where=made.name,
                fix="Bring it up to date with `openrvu state migrate`",
            )
        if held != HEAD:
            migrate(made)
    except BaseException:
        made.engine.dispose()
        raise
    return made


def connect(url: str = "", home: Path | None = None) -> State:
    """The database as it is. Errors as in `open_state`."""
    folder = home or store_folder()
    asked = url or os.environ.get("OPENRVU_DATABASE", "")
    parsed = _parsed(asked, folder)
    try:
        machine = _machine(folder)
        if parsed.get_backend_name() == "sqlite" and parsed.database:
            _private(Path(parsed.database))
    except OSError as fault:
        what = f"the folder cannot be written: {fault.strerror}"
        raise Unavailable(what, where=str(folder), fix="Set OPENRVU_HOME to a folder that can") from None
    return State(_engine(parsed), folder, machine)


def _parsed(asked: str, folder: Path) -> URL:
    from sqlalchemy import URL, make_url
    from sqlalchemy.exc import ArgumentError

    if not asked:
        return URL.create("sqlite", database=str((folder / FILE).absolute()))
    try:
        parsed = make_url(asked)
    except ArgumentError:
        raise _no_url() from None
    if parsed.get_backend_name() in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        return parsed
    raise _no_url()


def _no_url() -> BadInput:
    return BadInput(
        "the database is none that is used here",
        exists="PostgreSQL: postgresql://user:password@host/name",
        fix="Without one, SQLite in the user's data folder is used",
    )


def _engine(parsed: URL) -> Engine:
    from sqlalchemy import create_engine, event

    if parsed.get_backend_name() == "postgresql":
        try:
            import psycopg
        except ImportError as fault:
            raise Unavailable(f"PostgreSQL cannot be reached: {fault}", fix="pip install 'psycopg[binary]'") from None
        assert psycopg.apilevel == "2.0"
        options = {"connect_timeout": 10, "options": "-c synchronous_commit=on"}
        return create_engine(parsed, connect_args=options, pool_pre_ping=True, pool_size=5, max_overflow=20)
    made = create_engine(parsed, connect_args={"timeout": WAIT_SECONDS})

    @event.listens_for(made, "connect")
    def durable(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # Python's driver would commit before each CREATE TABLE
        for text in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {text}")

    @event.listens_for(made, "begin")
    def wait_for_the_turn(connection: Connection) -> None:
        # A transaction that reads first and then writes would fail where another writes meanwhile, and not wait.
        reading = connection.get_execution_options().get("reading")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return made


def _private(path: Path) -> None:
    """An empty file that its user alone can read; SQLite gives its log the same rights."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))


@cache
def _machine(folder: Path) -> str:
    """The id of this folder, drawn once."""
    path = folder / "machine.id"
    if not path.exists():
        with locked(folder):
            if not path.exists():
                path.write_text(new_id(), encoding="ascii")
    return path.read_text(encoding="ascii").strip()


def _gone(url: URL, fault: Exception) -> Unavailable:
    told = str(getattr(fault, "orig", None) or fault).strip().splitlines()
    return Unavailable(
        f"the database does not answer: {told[0] if told else type(fault).__name__}",
        where=url.render_as_string(hide_password=True),
        fix="Check that it runs and that the URL is right",
    )


def revision(state: State) -> str:
    """The form of the tables that the database has; empty for one that has none."""
    from sqlalchemy import inspect, text

    with state.read() as made:
        if not inspect(made).has_table("alembic_version"):
            return ""
        return str(made.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")


def migrate(state: State) -> tuple[str, str]:
    """Bring the tables to the newest form, all steps or none; the revision before and after.

    Raises Unavailable for a database that a newer version of the package made.
    """
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from alembic.script.revision import RevisionError
    from alembic.util.exc import CommandError
    from sqlalchemy import text

    steps = ScriptDirectory(str(Path(__file__).parent / "migrations"))
    with locked(state.home), state.begin() as made:
        if state.kind == "postgresql":
            made.execute(text("SELECT pg_advisory_xact_lock(6238030)"))
        context = MigrationContext.configure(made, opts={"transactional_ddl": True})
        before = context.get_current_revision() or ""
        try:
            path = list(steps.iterate_revisions("head", before or "base"))
        except (CommandError, RevisionError):
            raise Unavailable(
                f"the database is of a newer version ({before}; this one knows {HEAD})",
                where=state.name,
                fix="Use the version of OpenRVU that made it",
            ) from None
        with Operations.context(context):
            context._ensure_version_table()
            for step in reversed(path):
                step.module.upgrade()
                context.stamp(steps, step.revision)
    return before, HEAD
