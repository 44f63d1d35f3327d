"""Bytes of a CSV that somebody saved somewhere, as rows of text with their line numbers.

Commas, semicolons and tabs; UTF-8 with or without a byte order mark; any line ends; lines that begin with # before the
head are remarks. What cannot be read is refused with what to do, and nothing is guessed about letters.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openrvu.errors import BadFile

LARGEST_BYTES = 20_000_000
MOST_ROWS = 200_000
MOST_COLUMNS = 500


@dataclass(frozen=True)
class Sheet:
    """A table of text. head: column names as written. rows: (line number in the file, cells), as many cells as the
    head.

    remarks: lines beginning with # that stand before the head, without the sign.
    """

    name: str
    head: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    remarks: tuple[str, ...]
    head_line: int


def read_bytes(path: Path) -> bytes:
    """The bytes of a file that is small enough. Raises BadFile where it is missing, a folder or too large."""
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise BadFile(
                f"{path.stat().st_size:,} bytes",
                where=path.name,
                fix=f"A survey file is at most {LARGEST_BYTES:,} bytes",
            )
        return path.read_bytes()
    except OSError as error:
        raise BadFile("cannot be read", where=str(path), exists=error.strerror or "", fix="Check the path") from None


def decode(data: bytes, name: str) -> str:
    """The text of a CSV. Raises BadFile, by name, for Excel workbooks, UTF-16 and other encodings."""
    if data[:4] == b"PK\x03\x04" or data[:4] == b"\xd0\xcf\x11\xe0":
        raise BadFile("this is an Excel workbook, not CSV", where=name, fix="Save the sheet as `CSV UTF-8`")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in data[:2000]:
        raise BadFile("the text is UTF-16", where=name, fix="Save it as UTF-8 (Excel: `CSV UTF-8`)")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise BadFile(
            f"byte {data[error.start]:#04x} is not UTF-8", where=f"{name}, line {line}", fix="Save it as UTF-8"
        ) from None


def parse(data: bytes, name: str) -> Sheet:
    """A sheet from bytes. Raises BadFile for an empty file, a head without names, ragged rows, or too much of anything.

    >>> parse(b"item;less;equal;greater\\r\\n63047;1;2;3\\r\\n", "x.csv").rows
    ((2, ('63047', '1', '2', '3')),)
    """
    text = decode(data, name).replace("\r\n", "\n").replace("\r", "\n")
    remarks, body, skipped = _remarks(text)
    first = next((line for line in body.split("\n", 100) if line.strip()), "")
    lines = _lines(csv.reader(io.StringIO(body), delimiter=_delimiter(first), strict=True), name, skipped)
    if not lines:
        raise BadFile("the file is empty", where=name, fix="It needs a line of column names and rows below it")
    head_line, head = lines[0]
    names = [cell.strip() for cell in head]
    while names and not names[-1]:  # spreadsheets leave empty columns at the end
        names.pop()
    _check_head(names, name, head_line)
    rows = tuple((line, _cells(cells, len(names), f"{name}, line {line}")) for line, cells in lines[1:])
    if not rows:
        raise BadFile("there are column names and no rows", where=name, exists=f"Columns: {', '.join(names)}")
    return Sheet(name, tuple(names), rows, remarks, head_line)


def _remarks(text: str) -> tuple[tuple[str, ...], str, int]:
    """Remarks before the head, the text from the head on, and how many lines were passed over."""
    found: list[str] = []
    skipped = at = 0
    while text.startswith(("#", "\n"), at):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        if text[at] == "#":
            found.append(text[at:end].lstrip("# ").rstrip())
        skipped, at = skipped + 1, end + 1
    return tuple(found), text[at:], skipped


def _delimiter(first: str) -> str:
    outside = "".join(first.split('"')[::2])
    return max(",;\t", key=outside.count)


def _lines(reader: Any, name: str, skipped: int) -> list[tuple[int, list[str]]]:
    found: list[tuple[int, list[str]]] = []
    started = skipped + 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found.append((started, cells))
            started = skipped + reader.line_num + 1
            if len(found) > MOST_ROWS + 1:
                raise BadFile(f"more than {MOST_ROWS:,} rows", where=name, fix="Split the file, or give counts")
    except csv.Error as error:
        raise BadFile(f"not CSV: {error}", where=f"{name}, line {started}", fix="Check the quotation marks") from None
    return found


def _check_head(names: list[str], name: str, line: int) -> None:
    where = f"{name}, line {line}"
    if len(names) > MOST_COLUMNS:
        raise BadFile(f"{len(names)} columns", where=where, fix=f"At most {MOST_COLUMNS}")
    empty = [i for i, cell in enumerate(names, 1) if not cell]
    if empty:
        raise BadFile(f"column {empty[0]} has no name", where=where, fix="Name every column, or take it out")
    twice = sorted({cell for cell in names if [n.casefold() for n in names].count(cell.casefold()) > 1})
    if twice:
        raise BadFile(f"column {twice[0]!r} is there twice", where=where, fix="Rename or remove one")


def _cells(cells: list[str], width: int, where: str) -> tuple[str, ...]:
    if len(cells) > width and any(cell.strip() for cell in cells[width:]):
        raise BadFile(f"{len(cells)} cells under {width} column names", where=where, fix="Check separators and quotes")
    padded = [*cells[:width], *[""] * (width - len(cells))]
    return tuple(cell.strip() for cell in padded)
