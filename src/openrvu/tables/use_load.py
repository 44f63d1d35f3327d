"""Utilization files on their way into the store: streamed to Parquet in bounded memory, then moved there."""

from __future__ import annotations

import gzip
import hashlib
import re
import shutil
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from openrvu.errors import BadFile, Unavailable
from openrvu.tables import utilization
from openrvu.tables.store import Entry, NewTable
from openrvu.tables.text import FETCH_AGAIN
from openrvu.tables.use_sql import COLUMNS, quoted, rows
from openrvu.tables.utilization import UseFile

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

THREADS = 2
MEMORY = "2GB"
_BLOCK = 2**20
_DAY = 86_400
OMITTED = "rows of 10 beneficiaries or fewer are not in the file: every sum is a lower bound"


def uses_in(paths: Sequence[Path]) -> tuple[list[UseFile], list[Path]]:
    """The utilization files in what was brought, which are never read whole, and the files that are none."""
    found: list[UseFile] = []
    rest: list[Path] = []
    for path in paths:
        some = utilization.find(path)
        found += some
        if not some:
            rest.append(path)
    return found, rest


@contextmanager
def scratch(folder: Path, uses: Sequence[UseFile]) -> Iterator[Path]:
    """A folder inside the store for what is being made; on the store's own disk, so that it can be moved."""
    if not uses:
        yield folder
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        made = tempfile.TemporaryDirectory(prefix="loading-", dir=folder, ignore_cleanup_errors=True)
    except OSError as fault:
        what = f"the store cannot be written: {fault.strerror}"
        raise Unavailable(what, where=str(folder), fix="Make room, or set OPENRVU_HOME") from None
    with made as room:
        yield Path(room)


def _sweep(folder: Path) -> None:
    """Remove what a load that was killed left behind; one that still runs is younger than a day."""
    for path in folder.glob("loading-*"):
        if time.time() - path.stat().st_mtime > _DAY:
            shutil.rmtree(path, ignore_errors=True)


@contextmanager
def engine(room: Path, memory: str = MEMORY) -> Iterator[DuckDBPyConnection]:
    """A connection of its own with bounded memory that spills to a folder."""
    import duckdb

    settings: dict[str, str | bool | int | float | list[str]] = {
        "threads": THREADS,
        "memory_limit": memory,
        "temp_directory": str(room / "spill"),
        "preserve_insertion_order": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    with duckdb.connect(config=settings) as made:
        try:
            yield made
        except RuntimeError as fault:
            if "interrupt" in str(fault).lower():
                raise KeyboardInterrupt from None
            raise


def opened(file: UseFile, room: Path) -> Path:
    """A path that DuckDB can read: the file itself, or a member of a zip or a sheet unpacked into a folder."""
    out = room / f"given-{uuid4().hex[:8]}.csv"
    try:
        if file.sheet >= 0:
            from openrvu.tables.workbook import sheets

            out.write_text(sheets(file.path.read_bytes(), file.name, "")[file.sheet].body, encoding="utf-8")
            return out
        if file.member:
            with zipfile.ZipFile(file.path) as archive, archive.open(file.member) as given, out.open("wb") as made:
                shutil.copyfileobj(given, made, _BLOCK)
            return out
        with file.path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
        if packed and file.path.suffix != ".gz":
            with gzip.open(file.path) as given, out.open("wb") as made:
                shutil.copyfileobj(given, made, _BLOCK)
            return out
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as fault:
        raise BadFile(f"the file is damaged or cut off: {fault}", where=file.name, fix=FETCH_AGAIN) from None
    return file.path


def tables(uses: Sequence[UseFile], asked: str, room: Path, say: Callable[[str], None]) -> Iterator[NewTable]:
    """The tables of the files, one a kind and year; several files of the nation by code range make one.

    Raises BadFile, with the line, for a cell that is no number; for two files of one kind and year.
    """
    groups: dict[tuple[str, int], list[UseFile]] = {}
    for file in uses:
        groups.setdefault((file.kind, utilization.year_asked(file, asked)), []).append(file)
    for (kind, year), files in groups.items():
        if len(files) > 1 and kind != "use-national":
            names = ", ".join(file.name for file in files)
            raise BadFile(f"several files hold the same services of {year}", where=names, fix="Load one of them")
        for file in files:
            say(f"{file.name}: reading {utilization.KINDS[kind].partition(' (')[0]}")
        yield _table(kind, year, files, room)


def _table(kind: str, year: int, files: Sequence[UseFile], room: Path) -> NewTable:
    ready = room / f"{kind}-{year}.parquet"
    paths = [opened(file, room) for file in files]
    text = " UNION ALL ".join(rows(file, path, year) for file, path in zip(files, paths, strict=True))
    with engine(room) as made:
        told(made, f"COPY ({text}) TO {quoted(str(ready))} (FORMAT parquet, COMPRESSION zstd)", files[0])
        sql = "SELECT count(*), count(*) FILTER (suppressed), count(*) FILTER (hcpcs = '') FROM read_parquet(?)"
        count, hidden, blank = made.execute(sql, [str(ready)]).fetchall()[0]
    if not count:
        raise BadFile("the file has a heading and no rows", where=files[0].name, fix=FETCH_AGAIN)
    notes = [OMITTED] if kind in ("use-provider", "use-geography") else []
    notes += [f"{hidden:,} counts are suppressed; they stay missing"] if hidden else []
    notes += [f"{blank:,} rows have no code"] if blank else []
    entry = Entry(
        kind=kind,
        release=str(year),
        file=f"{kind}-{year}-{uuid4().hex[:12]}.parquet",
        source_name=files[0].name,
        sha256=_sha256(files[0].path),
        rows=count,
        loaded_at=datetime.now(UTC).isoformat(timespec="seconds"),
        notes=tuple(notes),
        checks=("cells",),
    )
    return NewTable(entry, COLUMNS, (), ready=ready)


def told(made: DuckDBPyConnection, sql: str, file: UseFile) -> None:
    """Run a query over a file; a cell or line that cannot be read is told with its line."""
    import duckdb

    try:
        made.execute(sql)
    except (duckdb.ConversionException, duckdb.InvalidInputException) as fault:
        text = str(fault)
        line = re.search(r"on Line:? (\d+)", text, re.IGNORECASE)
        value = re.search(r'string "([^"]{0,40})"|value "([^"]{0,40})"', text)
        shown = f": {value[1] or value[2]!r}" if value else ""
        where = f"{file.name}, line {line[1]}" if line else file.name
        raise BadFile(
            f"a cell is no number, or a line has other columns{shown}", where=where, fix=FETCH_AGAIN
        ) from None
    except duckdb.OutOfMemoryException:
        raise Unavailable("the file does not fit into the memory and the disk that are left", where=file.name) from None
    except duckdb.IOException as fault:
        what = f"the disk refuses: {str(fault).splitlines()[0]}"
        raise Unavailable(what, where=file.name, fix="Make room; the store stays as it was") from None


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
