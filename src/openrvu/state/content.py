"""What is in a file that was brought: its kind by content, its columns, a few values. It is hostile until it was read.

The reading is done by a process of its own (`python -m openrvu.state.content FILE`), with a limit of time and memory: a
file that is made to break its reader breaks that process alone.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import json
import os
import subprocess
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from openrvu.errors import BadFile, BadInput, OpenRVUError
from openrvu.state.detecting import suspects

SECONDS, MEMORY = 300, 8 * 2**30
# What a packed file may come to, and how much of it may be air. Claims as CSV shrink to a tenth or so.
LARGEST_UNPACKED, MOST_PACKED = 32 * 2**30, 200
LONGEST_LINE, MOST_COLUMNS, CHUNK = 1_000_000, 2_000, 1 << 20
LOOKED_AT, SHOWN, SHOWN_LENGTH = 500, 3, 40
NAME = 120
FORMS = "CSV (plain or .gz) or Parquet"


@dataclass(frozen=True)
class Looked:
    """What was found. file: the name that it has now. samples: by column, a few values; none of those that look
    personal."""

    kind: str
    file: str
    columns: tuple[str, ...]
    samples: dict[str, list[str]]
    suspects: tuple[dict[str, str], ...]


def shown_name(name: str) -> str:
    """The last part of a path, without control characters, short enough to show.

    >>> shown_name("..\\\\..\\\\etc/claims\\x00.csv"), shown_name("")
    ('claims.csv', 'without a name')
    """
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(letter for letter in last if letter.isprintable()).strip()
    return kept[:NAME] or "without a name"


def look(path: Path, stem: str) -> Looked:
    """Look into a file in a process of its own; the file then is called `stem` with the ending of its kind.

    Raises BadInput, told to the user, for a file that cannot be used.
    """
    command = [sys.executable, "-m", "openrvu.state.content", str(path), stem]
    packages = os.pathsep.join(filter(None, [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]))
    try:
        done = subprocess.run(  # noqa: S603  # our own program; the path is one that we made
            command,
            capture_output=True,
            timeout=SECONDS,
            check=False,
            env={**os.environ, "PYTHONPATH": packages, "OMP_NUM_THREADS": "1"},
        )
    except subprocess.TimeoutExpired:
        raise BadInput(f"the file could not be read within {SECONDS} seconds", fix="Give it in parts") from None
    try:
        told = json.loads(done.stdout)
    except ValueError:
        raise BadInput("the file cannot be read: its reader broke", exists=f"Forms: {FORMS}") from None
    if "fault" in told:
        raise BadInput(**told["fault"])
    return Looked(**{**told, "columns": tuple(told["columns"]), "suspects": tuple(told["suspects"])})


def main(path: Path, stem: str) -> dict[str, Any]:
    """What `look` gets, as JSON."""
    try:
        kind = _kind(path)
        named = path.with_name(f"{stem}.{kind}")
        if kind == "parquet":
            path = path.replace(named)
            columns, rows = _from_parquet(path)
        else:
            if kind == "csv.gz":
                _weigh(path)
            elif _mark(path):
                _to_utf8(path)
            path = path.replace(named)
            columns, rows = _from_csv(path)
    except OpenRVUError as fault:
        return {"fault": {"what": fault.what, "exists": fault.exists, "fix": fault.fix}}
    except (OSError, EOFError, zlib.error, UnicodeError, csv.Error) as fault:
        return {"fault": {"what": f"the file is damaged: {type(fault).__name__}", "exists": f"Forms: {FORMS}"}}
    found = suspects(columns, rows)
    personal = {one.column for one in found}
    samples = {
        name: [row[place][:SHOWN_LENGTH] for row in rows[:SHOWN] if place < len(row)]
        for place, name in enumerate(columns)
        if name not in personal
    }
    return {
        "kind": kind,
        "file": named.name,
        "columns": columns,
        "samples": samples,
        "suspects": [{"column": one.column, "like": one.like, "why": one.why} for one in found],
    }


def _kind(path: Path) -> str:
    """The kind of a file by its first bytes; what it is called does not count."""
    with path.open("rb") as file:
        head = file.read(65_536)
    if not head.strip():
        raise BadInput("the file is empty", exists=f"Forms: {FORMS}")
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"\x1f\x8b"):
        return "csv.gz"
    if head.startswith(b"PK"):
        raise BadInput("the file is a zip or an Excel workbook", exists=f"Forms: {FORMS}", fix="Save it as CSV")
    _no_claims(head)
    if b"\0" in head and not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise BadInput("the file is no text", exists=f"Forms: {FORMS}")
    return "csv"


def _no_claims(head: bytes) -> None:
    """Refuse claims as they are sent: taken for a table, their first line would show whom they are of."""
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if start.startswith(b"{") or (start.startswith(b"ISA") and not start[3:4].isalnum()):
        fix = "Price it on the command line: `openrvu price-file`"
        raise BadInput("the file is claims as 837P or FHIR, and tables alone are taken here", exists=FORMS, fix=fix)


def _mark(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def _to_utf8(path: Path) -> None:
    """Write a text of UTF-16 (Excel's "Unicode text") anew as UTF-8."""
    made = path.with_name("utf8.tmp")
    with path.open(encoding="utf-16", newline="") as old, made.open("w", encoding="utf-8", newline="") as new:
        while text := old.read(CHUNK):
            new.write(text)
    made.replace(path)


def _weigh(path: Path) -> None:
    """Refuse a packed file that comes to too much."""
    packed, total = path.stat().st_size, 0
    with gzip.open(path, "rb") as file:
        while part := file.read(CHUNK):
            if not total:
                _no_claims(part)
            total += len(part)
            if total > LARGEST_UNPACKED or total > max(64 * CHUNK, packed * MOST_PACKED):
                raise BadInput("the file unpacks to far more than claims do", fix="Give it unpacked")


def _from_csv(path: Path) -> tuple[list[str], list[list[str]]]:
    """Columns and the first rows; every line of the file was seen to have an end."""
    head, *lines = [*islice(_lines(path), LOOKED_AT + 1)] or [b""]
    text = head.decode("utf-8-sig").rstrip("\r\n")
    delimiter = max(",;\t|", key=text.count)
    columns = next(csv.reader([text], delimiter=delimiter), [])
    _check(columns)
    rows = [next(csv.reader([line.decode("utf-8", "replace")], delimiter=delimiter), []) for line in lines]
    for _ in _lines(path):
        pass
    return columns, [row for row in rows if len(row) == len(columns)]


def _lines(path: Path) -> Iterator[bytes]:
    with gzip.open(path, "rb") if path.name.endswith(".gz") else path.open("rb") as file:
        while line := file.readline(LONGEST_LINE + 1):
            if len(line) > LONGEST_LINE:
                raise BadInput(f"a line has more than {LONGEST_LINE:,} characters", fix="Is it a file of lines?")
            yield line


def _from_parquet(path: Path) -> tuple[list[str], list[list[str]]]:
    from openrvu.bulk import duck
    from openrvu.bulk.fields import name_of
    from openrvu.bulk.reading import look as columns_of
    from openrvu.bulk.reading import parquet

    spill = path.with_name("spill")
    spill.mkdir()
    with duck.connection(spill, "1GB", 1) as made:
        try:
            columns = list(columns_of(made, path).columns)
        except BadFile as fault:
            raise BadInput("the file is damaged: no Parquet", exists=f"Forms: {FORMS}") from fault
        _check(columns)
        names = ", ".join(f"CAST({name_of(name)} AS VARCHAR)" for name in columns)
        found = made.execute(f"SELECT {names} FROM {parquet([path])} LIMIT {LOOKED_AT}").fetchall()  # noqa: S608
    spill.rmdir()
    return columns, [["" if cell is None else cell for cell in row] for row in found]


def _check(columns: list[str]) -> None:
    if not any(name.strip() for name in columns):
        raise BadInput("the first line is no heading", fix="Name the columns in the first line")
    if len(columns) > MOST_COLUMNS:
        raise BadInput(f"the file has {len(columns):,} columns", fix=f"Give {MOST_COLUMNS:,} at most")
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise BadInput(f"the heading names {twice[0][:SHOWN_LENGTH]!r} twice", fix="Give each column a name of its own")


def _limit() -> None:
    """No more memory than this for the process; where the system knows such limits."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


if __name__ == "__main__":
    _limit()
    print(json.dumps(main(Path(sys.argv[1]), sys.argv[2])))
