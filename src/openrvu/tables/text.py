"""From the bytes of a file to numbered CSV lines, with every refusal that needs no knowledge of the table.

>>> text = decode(b"HCPCS,MOD\\r\\n63047,\\r\\n", "a.csv")
>>> [(line.number, line.cells) for line in csv_lines(text)]
[(1, ['HCPCS', 'MOD']), (2, ['63047', ''])]
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from openrvu.errors import BadFile

# Far above any file of CMS (about 25 MB), and far below what fills the memory of a small machine.
LARGEST = 256 * 1024 * 1024

FETCH_AGAIN = "Download the file again from CMS and load it as it came, without opening it in a spreadsheet"


@dataclass(frozen=True)
class Text:
    """The decoded text of one file. name: what errors call it. sha256: of the file as brought."""

    name: str
    sha256: str
    body: str

    @property
    def ended(self) -> bool:
        """Whether the last line ends with a line break; a cut-off file does not."""
        return self.body.endswith("\n")


@dataclass(frozen=True)
class Line:
    """One CSV record and the number of the line it ends on, counted from 1."""

    number: int
    cells: list[str]

    @property
    def filled(self) -> list[str]:
        """The cells that are not blank."""
        return [cell for cell in self.cells if cell.strip()]


@dataclass(frozen=True)
class Table:
    """What a reader returns. rows: text by column name. notes: what was mended or left out, in words.

    heads: the title lines above the table. footnotes: the lines below it. places: the line on which each MAC and
    locality number first stands, in a table of localities.
    """

    rows: list[dict[str, str]]
    notes: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    footnotes: tuple[str, ...] = ()
    places: Mapping[tuple[str, str], int] = field(default_factory=dict, repr=False)


def decode(data: bytes, name: str, sha256: str = "") -> Text:
    """The text of the bytes: UTF-8, else Windows' Western page.

    Refuses an empty file, a PDF, an old or encrypted workbook, UTF-16 and NUL bytes.
    """
    if not data.strip():
        raise BadFile("the file is empty", where=name, fix=FETCH_AGAIN)
    if data[:5] == b"%PDF-":
        raise BadFile("the file is a PDF", where=name, fix="Take the .csv form of the table")
    if data[:4] == b"\xd0\xcf\x11\xe0":
        what = "the file is an old Excel workbook (.xls) or an encrypted one"
        raise BadFile(what, where=name, fix="Take the .csv form of the table, or save it as .xlsx without a password")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in data[1:4:2]:
        raise BadFile("the file is UTF-16 text", where=f"{name}, line 1", fix="Save it as UTF-8 or plain CSV")
    if (at := data.find(b"\x00")) >= 0:
        line = data.count(b"\n", 0, at) + 1
        raise BadFile("the file has a NUL byte: damaged, or no text", where=f"{name}, line {line}", fix=FETCH_AGAIN)
    try:
        body = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        body = data.decode("cp1252", errors="replace")
    return Text(name, sha256 or hashlib.sha256(data).hexdigest(), body)


def unpack(data: bytes, name: str) -> bytes:
    """The bytes of a gzip file. Refuses one that is cut off or unpacks to more than LARGEST."""
    try:
        with gzip.open(io.BytesIO(data)) as file:
            found = file.read(LARGEST + 1)
    except (EOFError, OSError, zlib.error) as fault:
        raise BadFile(f"the gzip file is damaged or cut off: {fault}", where=name, fix=FETCH_AGAIN) from None
    if len(found) > LARGEST:
        raise BadFile(f"the file unpacks to more than {LARGEST // 2**20} MiB", where=name, fix=FETCH_AGAIN)
    return found


def read_text(path: Path) -> Text:
    """One file (plain or .gz) as text. Raises BadFile, also where it cannot be read."""
    try:
        if path.stat().st_size > LARGEST:
            raise BadFile(f"the file is larger than {LARGEST // 2**20} MiB", where=path.name, fix=FETCH_AGAIN)
        data = path.read_bytes()
    except OSError as fault:
        raise BadFile(f"the file cannot be read: {fault.strerror}", where=str(path), fix="Check the path") from None
    sha256 = hashlib.sha256(data).hexdigest()
    return decode(unpack(data, path.name) if data[:2] == b"\x1f\x8b" else data, path.name, sha256)


def csv_lines(text: Text) -> Iterator[Line]:
    """The CSV records of a text. Raises BadFile for an unclosed quote or an endless field."""
    reader = csv.reader(io.StringIO(text.body, newline=""), strict=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            where = f"{text.name}, line {reader.line_num}"
            raise BadFile(f"the line is no CSV: {fault}", where=where, fix=FETCH_AGAIN) from None
        yield Line(reader.line_num, cells)


def place(text: Text, line: int, column: str = "") -> str:
    """The `where` of an error: file, line and column."""
    return f"{text.name}, line {line}" + (f", column {column}" if column else "")
