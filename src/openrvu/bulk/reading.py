"""A user's files as rows to check: Parquet straight through DuckDB, CSV line by line, claims (X12, FHIR) as rows.

Mapped columns alone. A line of CSV is read by itself, so that a quote that is never closed spoils one line and not the
rest of the file.
"""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from openrvu.bulk import claims, fhir, professional
from openrvu.bulk.fields import name_of, quoted
from openrvu.errors import BadFile, BadInput
from openrvu.facts import Facts

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

KINDS = {
    ".parquet": "parquet",
    **dict.fromkeys((".csv", ".gz", ".txt"), "csv"),
    **dict.fromkeys((".x12", ".837", ".edi", ".dat"), "x12"),
    **dict.fromkeys((".json", ".ndjson", ".jsonl"), "fhir"),
}
# Claims whose columns are the same in every file, so that no mapping is needed.
CLAIMS = ("x12", "fhir")
# What the reader adds to each row: which file, and the line in it.
FILE, ROW = "openrvu_file", "openrvu_row"


@dataclass(frozen=True)
class ClaimsFrom:
    """What claims are read with: facts for localities, the key of sessions, where to say something."""

    facts: Facts
    key: str
    say: Callable[[str], None]


@dataclass(frozen=True)
class Given:
    """What is to be read. columns: of the file, as they stand there. kinds: their SQL types."""

    files: tuple[Path, ...]
    kind: str
    columns: tuple[str, ...]
    delimiter: str = ","


def find(path: Path) -> tuple[tuple[Path, ...], str]:
    """The files of a path, in the order of their names, and their kind: a file, or a folder of files of one kind."""
    if not path.exists():
        raise BadInput(f"there is no {path}", fix="Check the path")
    files = [path]
    if path.is_dir():
        files = sorted(
            p for p in path.rglob("*") if p.is_file() and p.suffix.lower() in KINDS and p.name[0] not in "._"
        )
    kinds = {_kind(p) for p in files}
    if len(kinds) != 1 or "" in kinds:
        raise BadInput(
            "no claims to read" if not files else "cannot tell how to read it",
            where=str(path),
            exists=f"Kinds: {', '.join(KINDS)}, or a folder of one kind",
        )
    return tuple(files), kinds.pop()


def _kind(path: Path) -> str:
    """By the suffix; what is no Parquet is looked into, as 837P comes under any name. Empty where it cannot be told."""
    by_name = KINDS.get(path.suffix.lower(), "")
    if by_name == "parquet":
        return by_name
    try:
        with _opened(path) as file:
            head = file.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
    except (OSError, EOFError, zlib.error) as fault:
        raise BadFile(f"cannot be read: {fault}", where=str(path)) from None
    if head.startswith(b"ISA") and not head[3:4].isalnum():
        return "x12"
    return "fhir" if head.startswith(b"{") else by_name


def look(made: DuckDBPyConnection, path: Path) -> Given:
    """The files of a path and their columns."""
    files, kind = find(path)
    if kind in CLAIMS:
        return Given(files, kind, claims.COLUMNS)
    if kind == "csv":
        with _opened(files[0]) as file:
            head = _decoded(file.readline())
        if not head:
            raise BadFile("the first line is no heading", where=str(files[0]))
        delimiter = max(",;\t|", key=head.count)
        return Given(files, kind, tuple(next(csv.reader([head], delimiter=delimiter))), delimiter)
    import duckdb

    try:
        held = made.execute(f"DESCRIBE SELECT * FROM {parquet(files)}").fetchall()
    except duckdb.Error as fault:
        raise BadFile(f"not Parquet: {str(fault).splitlines()[0]}", where=str(path)) from None
    return Given(files, kind, tuple(row[0] for row in held))


def parquet(files: Sequence[Path], *options: str) -> str:
    """SQL that reads Parquet files."""
    listed = ", ".join(quoted(str(path)) for path in files)
    return f"read_parquet([{listed}]{''.join(f', {option}' for option in options)})"


def raw_of(
    made: DuckDBPyConnection, given: Given, read: Sequence[str], folder: Path, claims_of: ClaimsFrom | None = None
) -> tuple[str, dict[str, str], int]:
    """SQL of the rows with the columns that are read and FILE and ROW, their SQL types, and how many there are.

    CSV and claims are first copied to `folder`, mapped columns alone. claims_of: what claims need beside their files.
    """
    if given.kind == "parquet":
        source = parquet(given.files, "file_row_number = true", f"filename = {quoted(FILE)}", "union_by_name = true")
        names = ", ".join(name_of(name) for name in read)
        text = f"SELECT {FILE}, file_row_number + 1 AS {ROW}, {names} FROM {source}"
        kinds = {name: kind for name, kind, *_ in made.execute(f"DESCRIBE {text}").fetchall()}
        count = made.execute(f"SELECT count(*) FROM {parquet(given.files)}").fetchall()
        return text, kinds, count[0][0]
    good, broken = folder / "tidy.csv", folder / "broken.csv"
    count_ = untangled(given, read, good, broken, claims_of) if claims_of else tidy(given, read, good, broken)
    columns = {FILE: "VARCHAR", ROW: "BIGINT", **dict.fromkeys(read, "VARCHAR")}
    shape = ", ".join(f"{quoted(name)}: {quoted(kind)}" for name, kind in columns.items())
    text = (
        f"SELECT * FROM read_csv({quoted(str(folder / 'tidy.csv'))}, header = true, delim = ',', quote = '\"', "
        f"escape = '\"', columns = {{{shape}}}, auto_detect = false, max_line_size = 8000000)"
    )
    return text, columns, count_


def tidy(given: Given, read: Sequence[str], good: Path, broken: Path) -> int:
    """Copy the columns that are read; list the lines that are no rows. The count is of the rows copied."""
    count = 0
    with good.open("w", encoding="utf-8", newline="") as out, broken.open("w", encoding="utf-8", newline="") as bad:
        writer, complaints = csv.writer(out, lineterminator="\n"), csv.writer(bad, lineterminator="\n")
        writer.writerow([FILE, ROW, *read])
        for path in given.files:
            with _readable(path) as file:
                places = _places(_decoded(file.readline()), given, read, path)
                wide = len(given.columns)
                for number, line in enumerate(file, 2):
                    found = _cells(line, given.delimiter, wide)
                    if isinstance(found, str):
                        if found:
                            complaints.writerow([path.name, number, "", found])
                        continue
                    writer.writerow([path.name, number, *(found[place] for place in places)])
                    count += 1
    return count


def untangled(given: Given, read: Sequence[str], good: Path, broken: Path, more: ClaimsFrom) -> int:
    """Claims as rows of the columns that are read; what is none goes apart. The count is of the rows.

    Raises BadFile where no line is left and a file or a part of it could not be read: the first fault says why.
    """
    places = claims.Places(more.facts) if "place" in read else None
    with good.open("w+", encoding="utf-8", newline="") as out, broken.open("w", encoding="utf-8", newline="") as bad:
        sink = claims.Sink(out, bad, read, more.key, places)
        csv.writer(out, lineterminator="\n").writerow([FILE, ROW, *read])
        others: list[str] = []
        for path in given.files if given.kind == "x12" else ():
            with _readable(path) as file:
                professional.read(file, path.name, sink)
        if given.kind == "fhir":
            others = fhir.read_all(given.files, _readable, sink)
    if sink.unnamed:
        more.say(f"{sink.unnamed:,} lines name no patient: they are ranked within their claim")
    if sink.fault and not sink.written:
        (name, row), reason = sink.fault
        number, _ = claims.described(row, "", {}, items_a_line(given.kind))
        raise BadFile(f"no line of a professional claim: {reason}", where=f"{name}, {_UNITS[given.kind]} {number}")
    if others and not sink.lines:
        raise BadFile("no Claim is in it", where=str(given.files[0]), exists=f"Resources: {', '.join(sorted(others))}")
    return sink.written


_UNITS = {"x12": "segment", "fhir": "resource"}


def items_a_line(kind: str) -> int:
    """How many rows one line of a file takes."""
    return fhir.ITEMS if kind == "fhir" else 1


def elements(kind: str) -> Mapping[str, str]:
    """Which element of claims gives a field; nothing for tables."""
    return {"x12": professional.ELEMENTS, "fhir": fhir.ELEMENTS}.get(kind, {})


@contextmanager
def _readable(path: Path) -> Iterator[IO[bytes]]:
    """A file open; what the disk or the packing has against it becomes ours."""
    try:
        with _opened(path) as file:
            yield file
    except (OSError, EOFError, zlib.error) as fault:
        raise BadFile(f"cannot be read to its end: {fault}", where=str(path)) from None


def _places(head: str | None, given: Given, read: Sequence[str], path: Path) -> list[int]:
    columns = next(csv.reader([head or ""], delimiter=given.delimiter), [])
    if tuple(columns) != given.columns:
        raise BadFile("the heading is not that of the first file", where=str(path), exists=", ".join(given.columns))
    return [columns.index(name) for name in read]


def _cells(line: bytes, delimiter: str, wide: int) -> list[str] | str:
    """The cells of a line, or why it is none; an empty text for a line with nothing in it."""
    text = _decoded(line)
    if text is None:
        return "not UTF-8"
    if not text.strip():
        return ""
    if "\0" in text:
        return "holds a zero byte"
    if '"' in text:
        try:
            cells = next(csv.reader([text], delimiter=delimiter, strict=True))
        except (csv.Error, StopIteration):
            return "a quote is not closed"
    else:
        cells = text.split(delimiter)
    if len(cells) != wide:
        return f"{len(cells)} cells where the heading has {wide}"
    return cells


def _decoded(line: bytes) -> str | None:
    try:
        return line.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        return None


def _opened(path: Path) -> IO[bytes]:
    return gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb")  # type: ignore[return-value]


def broken_rows(folder: Path) -> Iterator[tuple[str, int, str, str]]:
    """File, line, field and reason of the lines of CSV that are no rows."""
    path = folder / "broken.csv"
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            for name, number, field, reason in csv.reader(file):
                yield name, int(number), field, reason
