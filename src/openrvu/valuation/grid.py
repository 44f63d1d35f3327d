"""A file of answers as it was saved, brought to rows of text: CSV of any separator and letters, Excel, SPSS.

Nothing is decided here about heads and columns. What the bytes were taken for is told (`seen`), and what is none of
it is refused: binary files, damaged or hostile workbooks, more rows, columns or text than any survey has.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openrvu.errors import BadFile

LARGEST_BYTES = 20_000_000
MOST_ROWS = 200_000  # head rows, of which Qualtrics has three, count
MOST_COLUMNS = 2_000
LONGEST_CELL = 100_000
SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
SAVE_AS = "Save the sheet as `CSV UTF-8`"

_BINARY = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")
_SAMPLE = 40


@dataclass(frozen=True)
class Grid:
    """Rows of text. rows: (line number in the file, cells without outer blanks); empty rows are left out.

    remarks: lines beginning with # that stand before the rows, without the sign. seen: what the bytes were taken for.
    labels, texts: of an SPSS file, the value labels and the text of each column by its name; empty elsewhere.
    """

    name: str
    sha256: str
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    remarks: tuple[str, ...]
    seen: tuple[str, ...]
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)


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


def grid(data: bytes, name: str, sheet: str = "") -> Grid:
    """Rows from the bytes of a CSV or a workbook. sheet: which of a workbook, else the first with cells.

    Raises BadFile for what is neither, is empty, damaged, or too much.

    >>> found = grid("item;less\\r\\n63047;1\\r\\n".encode("utf-16"), "x.csv")
    >>> found.rows, found.seen
    (((1, ('item', 'less')), (2, ('63047', '1'))), ('text in UTF-16', 'columns separated by semicolons'))
    """
    sha256 = hashlib.sha256(data).hexdigest()
    if not data.strip():
        raise BadFile("the file is empty", where=name, fix="It needs a line of column names and rows below it")
    if data[:4] == b"PK\x03\x04":
        return _workbook(data, name, sha256, sheet)
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise BadFile("an old Excel workbook (.xls), or one with a password", where=name, fix=SAVE_AS)
    if data[:4] in (b"$FL2", b"$FL3"):
        from openrvu.valuation.sav import read as read_sav

        kept, labels, texts = read_sav(data, name)
        return Grid(name, sha256, _checked(kept, name), (), ("an SPSS file",), labels, texts)
    text, letters = decode(data, name)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    remarks, body, skipped = _remarks(text)
    separator = _separator(body)
    rows = _rows(csv.reader(io.StringIO(body), delimiter=separator, strict=True), name, skipped)
    seen = (f"text in {letters}", f"columns separated by {SEPARATORS[separator]}")
    return Grid(name, sha256, _checked(rows, name), remarks, seen)


def decode(data: bytes, name: str) -> tuple[str, str]:
    """Text, and the letters that it was taken for: UTF-8, UTF-16, else Windows-1252. Raises BadFile for binary files.

    >>> decode("naïve".encode("cp1252"), "x.csv")
    ('naïve', 'Windows-1252')
    """
    letters = "UTF-8"
    try:
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            text, letters = data.decode("utf-16"), "UTF-16"
        elif len(data) > 3 and data[1:20:2].count(0) > 2 * data[0:20:2].count(0) + 2:
            text, letters = data.decode("utf-16-le"), "UTF-16"
        else:
            text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text, letters = _windows(data, name), "Windows-1252"
    bad = _BINARY.search(text)
    if bad:
        line = text.count("\n", 0, bad.start()) + 1
        raise BadFile("a binary file, not a table of text", where=f"{name}, line {line}", fix=SAVE_AS)
    return text, letters


def _windows(data: bytes, name: str) -> str:
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise BadFile(
            f"byte {data[error.start]:#04x} is neither UTF-8 nor Windows-1252",
            where=f"{name}, line {line}",
            fix="Save it as UTF-8",
        ) from None


def _remarks(text: str) -> tuple[tuple[str, ...], str, int]:
    """Remarks before the rows, the text from there on, and how many lines were passed over."""
    found: list[str] = []
    skipped = at = 0
    while text.startswith(("#", "\n"), at):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        if text[at] == "#":
            found.append(text[at:end].lstrip("# ").rstrip())
        skipped, at = skipped + 1, end + 1
    return tuple(found), text[at:], skipped


def _separator(body: str) -> str:
    """The separator that gives the first rows one width, and of those the one that gives the most columns."""

    def even(separator: str) -> tuple[float, int]:
        widths: Counter[int] = Counter()
        try:
            for cells in csv.reader(io.StringIO(body), delimiter=separator):
                if any(cells):
                    widths[len(cells)] += 1
                if widths.total() == _SAMPLE:
                    break
        except csv.Error:
            return 0.0, 0
        width, times = widths.most_common(1)[0] if widths else (0, 0)
        return (times / widths.total() if width > 1 else 0.0), width

    first = next((line for line in body.split("\n", 100) if line.strip()), "")
    outside = "".join(first.split('"')[::2])
    return max(SEPARATORS, key=lambda one: (*even(one), outside.count(one)))


def _rows(reader: Any, name: str, skipped: int) -> list[tuple[int, Sequence[str]]]:
    found: list[tuple[int, Sequence[str]]] = []
    started = skipped + 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found.append((started, cells))
            started = skipped + reader.line_num + 1
            if len(found) > MOST_ROWS or len(cells) > 10 * MOST_COLUMNS:
                break
    except csv.Error as error:
        raise BadFile(f"not CSV: {error}", where=f"{name}, line {started}", fix="Check the quotation marks") from None
    return found


def _workbook(data: bytes, name: str, sha256: str, sheet: str) -> Grid:
    """A sheet of a workbook. The reader of CMS's workbooks unpacks it within bounds; its words are put right here."""
    from openrvu.tables.workbook import sheets

    try:
        found = sheets(data, name, sha256)
    except BadFile as fault:
        what = fault.what.replace(": no table of CMS does", ": no survey does")
        raise BadFile(what, where=fault.where, fix=SAVE_AS) from None
    names = [one.name.removeprefix(f"{name}, sheet ") for one in found]
    if sheet and len(found) > 1 and sheet not in names:
        raise BadFile(f"no sheet {sheet!r}", where=name, exists=f"Sheets with cells: {', '.join(names)}")
    at = names.index(sheet) if sheet in names else 0
    rows = list(enumerate(csv.reader(io.StringIO(found[at].body)), 1))
    seen = ["an Excel workbook"]
    if len(found) > 1:
        seen.append(f"its sheet {names[at]!r} (of {', '.join(names)})")
    remarks = []
    while rows and rows[0][1] and rows[0][1][0].startswith("#"):
        remarks.append(rows.pop(0)[1][0].lstrip("# ").rstrip())
    kept = [(line, cells) for line, cells in rows if any(cell.strip() for cell in cells)]
    return Grid(name, sha256, _checked(kept, name), tuple(remarks), tuple(seen))


def _checked(rows: Sequence[tuple[int, Sequence[str]]], name: str) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """The rows with bare cells, once they are few and small enough."""
    if not rows:
        raise BadFile("the file is empty", where=name, fix="It needs a line of column names and rows below it")
    if len(rows) > MOST_ROWS:
        raise BadFile(f"more than {MOST_ROWS:,} rows", where=name, fix="Split the file, or give counts")
    found = []
    for line, cells in rows:
        bare = [cell.strip() for cell in cells]
        while bare and not bare[-1]:  # spreadsheets leave empty columns at the end
            bare.pop()
        if len(bare) > MOST_COLUMNS:
            raise BadFile(f"{len(bare)} columns", where=f"{name}, line {line}", fix=f"At most {MOST_COLUMNS:,}")
        if any(len(cell) > LONGEST_CELL for cell in bare):
            raise BadFile(
                f"a cell of more than {LONGEST_CELL:,} letters", where=f"{name}, line {line}", fix="Take it out"
            )
        found.append((line, tuple(bare)))
    return tuple(found)
