"""The local store: relative values and GPCIs of releases that the user loaded, as Parquet, beside one manifest.

The manifest alone says what is held. A load writes new files under new names, each complete and on the disk before
the manifest is replaced in one step; so the store is at any moment the old one or the new one. Files that no manifest
names are left over from an interrupted load and go with the next one. CMS's facts can always be loaded again.
"""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from openrvu.errors import BadFile, Unavailable
from openrvu.files import store_folder
from openrvu.schemas import RELATIVE_VALUES, Record
from openrvu.tables import utilization

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FORMAT = 1
# Fewer rows than any whole release of CMS (2020: 17,236), more than any extract.
WHOLE = 15_000

# Kinds that belong to no release of the fee schedule, but to a year or quarter of their own.
BESIDE = frozenset({"opps-a", "opps-b", "opps-d1", "opps-p", "asc-aa", "asc-bb", "mue", "ptp"}) | frozenset(
    utilization.KINDS
)


@dataclass(frozen=True)
class Entry:
    """One table of the store. kind: see typed.py. release: its id; of addenda and edits a year or quarter.

    file: the Parquet file's name. source_name, sha256: of the file as it was brought. loaded_at: UTC. notes: what was
    mended on reading. part: which of several tables of one kind and release it is (payment files); empty elsewhere.
    checks: passed before it was written: cells (each in its domain), keys (none twice), localities (each known),
    embedded (the embedded rows are in it).
    """

    kind: str
    release: str
    file: str
    source_name: str
    sha256: str
    rows: int
    loaded_at: str
    conversion_factor: str = ""
    notes: tuple[str, ...] = ()
    part: str = ""
    checks: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str, str]:
        """What a newer table stands in place of."""
        return self.kind, self.release, self.part

    @property
    def source(self) -> str:
        """The source id of its rows; sources.source() makes the citation from it."""
        key = f"{self.kind}-{self.release}" if self.kind in BESIDE else self.release
        return source_id(key, self.source_name, self.sha256)


@dataclass(frozen=True)
class NewTable:
    """A table on its way into the store: rows of text and whole numbers by column name.

    ready: the Parquet file of a table that was too large for that; it is moved into the store, and `rows` is empty.
    """

    entry: Entry
    columns: Mapping[str, str] = field(repr=False)
    rows: Iterable[Mapping[str, str | int | None]] = field(repr=False)
    order: tuple[str, ...] = ()
    ready: Path | None = None


def source_id(release: str, name: str, sha256: str) -> str:
    """The id of a loaded file as a source: it carries its own citation.

    >>> from openrvu.sources import source
    >>> source(source_id("2025C", "PPRRVU2025_Jul.csv", "04025b")).citation
    'CMS file PPRRVU2025_Jul.csv, release RVU25C, as loaded on this machine'
    """
    return f"loaded/{release}/{name}/{sha256}"


def home() -> Path:
    """The store's folder: OPENRVU_HOME, else the user's data folder of the platform. It may not exist yet."""
    return store_folder()


def manifest_text(folder: Path) -> str:
    """The manifest as it stands; empty where nothing was ever loaded."""
    try:
        return (folder / "manifest.json").read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except OSError as fault:
        raise Unavailable(f"the store cannot be read: {fault.strerror}", where=str(folder)) from None


def entries(folder: Path) -> tuple[Entry, ...]:
    """What the store holds. Raises BadFile for a manifest that is damaged or of another format."""
    return parse(manifest_text(folder), folder)


def parse(text: str, folder: Path) -> tuple[Entry, ...]:
    """The entries of a manifest's text."""
    if not text:
        return ()
    where, again = str(folder / "manifest.json"), "Remove the folder and load CMS's files again"
    try:
        found = json.loads(text)
        version = found["format"]
        rows = (
            tuple(
                Entry(**{**row, "notes": tuple(row["notes"]), "checks": tuple(row.get("checks", ()))})
                for row in found["tables"]
            )
            if version == FORMAT
            else ()
        )
    except (ValueError, TypeError, KeyError) as fault:
        raise BadFile(f"the store's manifest is damaged: {fault}", where=where, fix=again) from None
    if version != FORMAT:
        raise BadFile(f"the store has format {version}; this version reads {FORMAT}", where=where, fix=again)
    return rows


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the store for writing; waits for another load to end. The system frees it when the process dies."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / "lock").open("a+b")
    except OSError as fault:
        raise _cannot_write(folder, fault) from None
    with file:
        _lock(file)
        yield


def _lock(file: BinaryIO) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
    else:
        import fcntl

        fcntl.flock(file.fileno(), fcntl.LOCK_EX)


def _cannot_write(folder: Path, fault: Exception) -> Unavailable:
    why = getattr(fault, "strerror", None) or str(fault).splitlines()[0]
    return Unavailable(
        f"the store cannot be written: {why}",
        where=str(folder),
        fix="It stays as it was. Make room, or set OPENRVU_HOME",
    )


def put(folder: Path, tables: Sequence[NewTable], dropped: Collection[tuple[str, str, str]] = ()) -> None:
    """Write tables and then, in one step, the manifest that names them; the caller holds the lock.

    A table stands in place of an older one of the same kind, release and part. dropped: keys of tables that go. Raises
    Unavailable where the disk refuses; the store then is as it was.
    """
    held = entries(folder)
    written: list[Path] = []
    try:
        _sweep(folder, held)
        for table in tables:
            written.append(folder / table.entry.file)
            _write_parquet(table, written[-1])
        _sync_folder(folder)
        new = {table.entry.key: table.entry for table in tables}
        kept = [entry for entry in held if entry.key not in new and entry.key not in dropped]
        listed = sorted([*kept, *new.values()], key=lambda entry: entry.key)
        body = json.dumps({"format": FORMAT, "tables": [asdict(entry) for entry in listed]}, indent=1)
        temporary = folder / f"manifest.{os.getpid()}.tmp"
        written.append(temporary)
        with temporary.open("w", encoding="utf-8") as file:
            file.write(body + "\n")
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(folder / "manifest.json")
        _sync_folder(folder)
    except Exception as fault:
        named = {entry.file for entry in entries(folder)}  # as it stands: the manifest may be the new one already
        for path in written:
            if path.name not in named:
                with suppress(OSError):  # what stays is swept by the next load
                    path.unlink(missing_ok=True)
        if isinstance(fault, OSError):
            raise _cannot_write(folder, fault) from None
        raise


def _sweep(folder: Path, held: Sequence[Entry]) -> None:
    """Remove what no manifest names: the remains of an interrupted load, and tables replaced before this one."""
    named = {entry.file for entry in held}
    for path in folder.iterdir():
        if path.suffix in (".parquet", ".tmp") and path.name not in named:
            path.unlink(missing_ok=True)


def _write_parquet(table: NewTable, path: Path) -> None:
    """Rows to a CSV, that to Parquet by DuckDB, sorted, under a temporary name; then on the disk and renamed."""
    if table.ready:
        with table.ready.open("r+b") as done:
            os.fsync(done.fileno())
        table.ready.replace(path)
        return
    import duckdb

    plain, packed = path.with_suffix(".csv.tmp"), path.with_suffix(".parquet.tmp")
    try:
        with plain.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(table.columns)
            writer.writerows([row[name] for name in table.columns] for row in table.rows)
        shown = ", ".join(
            f"coalesce({name}, '') AS {name}" if kind == "VARCHAR" else name for name, kind in table.columns.items()
        )
        with duckdb.connect(config={"threads": 2}) as connection:
            rows = connection.read_csv(
                str(plain), header=True, delimiter=",", quotechar='"', columns=dict(table.columns)
            )
            rows = rows.project(shown).order(", ".join(table.order))
            rows.write_parquet(str(packed), compression="zstd", row_group_size=2048)
        with packed.open("r+b") as done:
            os.fsync(done.fileno())
        packed.replace(path)
    except duckdb.Error as fault:
        raise _cannot_write(path.parent, fault) from None
    finally:
        plain.unlink(missing_ok=True)
        packed.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Make the names in a folder lasting; Windows has no such call and needs none."""
    with suppress(PermissionError, NotImplementedError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


@cache
def _connection() -> DuckDBPyConnection:
    import duckdb

    return duckdb.connect(config={"threads": 1})


def query(sql: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
    """Rows of a query on the store's files, through one connection of the process and a cursor of its own.

    Raises Unavailable for a file that is gone or damaged.
    """
    import duckdb

    try:
        return _connection().cursor().execute(sql, list(values)).fetchall()
    except duckdb.Error as fault:
        what = f"a table of the store cannot be read: {str(fault).splitlines()[0]}"
        raise Unavailable(what, where=str(home()), fix="Load CMS's file again with `openrvu load FILE`") from None


RECORD_COLUMNS = {c.name: "INTEGER" if c.scale else "VARCHAR" for c in RELATIVE_VALUES}


@dataclass(frozen=True)
class LoadedTable:
    """The relative values of one loaded release, read by code from Parquet. See facts.RvuTable."""

    path: Path
    source: str
    rows: int
    origin: str = "loaded"

    @property
    def whole(self) -> bool:
        return self.rows > WHOLE

    def records(self, code: str) -> tuple[Record, ...]:
        return _records(self.path, self.source, code)

    def codes(self) -> frozenset[str]:
        return _codes(self.path)

    def everything(self) -> tuple[Record, ...]:
        names = ", ".join(RECORD_COLUMNS)
        sql = f"SELECT {names}, ? FROM read_parquet(?) ORDER BY hcpcs, modifier"  # noqa: S608 (our own names)
        return tuple(Record(*row) for row in query(sql, [self.source, str(self.path)]))


@dataclass(frozen=True)
class KeyedTable:
    """Any other table of the store, asked by the values of some columns. See facts.KeyedTable."""

    path: Path
    release: str
    source: str

    def where(self, **wanted: str) -> tuple[Mapping[str, Any], ...]:
        """The rows that have these values, as column name to text or whole number."""
        return _where(self.path, tuple(sorted(wanted.items())))


@lru_cache(maxsize=4096)
def _where(path: Path, wanted: tuple[tuple[str, str], ...]) -> tuple[Mapping[str, Any], ...]:
    names = [name for name, *_ in query("DESCRIBE SELECT * FROM read_parquet(?)", [str(path)])]
    having = " AND ".join(f"{name} = ?" for name, _ in wanted) or "TRUE"
    sql = f"SELECT * FROM read_parquet(?) WHERE {having} ORDER BY ALL"  # noqa: S608 (our own names)
    rows = query(sql, [str(path), *(value for _, value in wanted)])
    return tuple(dict(zip(names, row, strict=True)) for row in rows)


@lru_cache(maxsize=4096)
def _records(path: Path, source: str, code: str) -> tuple[Record, ...]:
    names = ", ".join(RECORD_COLUMNS)
    sql = f"SELECT {names}, ? FROM read_parquet(?) WHERE hcpcs = ? ORDER BY modifier"  # noqa: S608 (our own names)
    return tuple(Record(*row) for row in query(sql, [source, str(path), code]))


@lru_cache(maxsize=64)
def _codes(path: Path) -> frozenset[str]:
    return frozenset(code for (code,) in query("SELECT DISTINCT hcpcs FROM read_parquet(?)", [str(path)]))
