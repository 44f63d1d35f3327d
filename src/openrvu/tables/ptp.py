"""NCCI's procedure-to-procedure edits from CMS's download: pairs of codes, their dates, whether a modifier may pass.

A part of the table has more than half a million rows, so nothing here holds them all: a file is read twice, once to
check and count every row and once to write it. The heading's words stand in up to four lines, one below the other.

>>> from io import BytesIO
>>> head = b"Column 1\\tColumn 2\\t*=in existence\\tEffective\\tDeletion\\tModifier\\tPTP Edit Rationale\\n"
>>> head += b"\\t\\tprior to 1996\\tDate\\tDate\\t0=not allowed\\t\\n"
>>> part = Part("ccipra-v321r0-f1.txt", lambda: BytesIO(head + b"99991\\t99992\\t\\t20250101\\t*\\t1\\tSynthetic\\n"))
>>> [tuple(row.values()) for row in rows(part)]
[('99991', '99992', 0, 20250101, None, 1, 'Synthetic')]
>>> name_says("ccipra-v321r0-f1.txt"), name_says("edits.txt")
(('2026B', 'practitioner', 'f1'), ('', '', ''))
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

from openrvu.errors import BadFile
from openrvu.tables.text import FETCH_AGAIN

COLUMNS = {
    "column1": "VARCHAR",
    "column2": "VARCHAR",
    "before_1996": "BIGINT",
    "effective": "BIGINT",
    "deleted": "BIGINT",
    "indicator": "BIGINT",
    "rationale": "VARCHAR",
}
ORDER = ("column1", "column2", "effective")
_CODE = re.compile(r"[0-9A-Z]\d{3}[0-9A-Z]", re.ASCII)
# How a column's whole heading begins, or what it holds; the four lines of CMS's heading are joined by blanks.
_MEANINGS = (
    ("column1", re.compile(r"COLUMN ?1\b")),
    ("column2", re.compile(r"COLUMN ?2\b")),
    ("before_1996", re.compile(r".*(EXISTENCE|1996)")),
    ("effective", re.compile(r"EFFECTIVE")),
    ("deleted", re.compile(r"DELETION")),
    ("indicator", re.compile(r"MODIFIER")),
    ("rationale", re.compile(r".*RATIONALE")),
)
_NEEDED = {"column1", "column2", "effective", "deleted", "indicator"}
_VERSION = re.compile(r"V(\d\d)([0-3])R\d")


@dataclass(frozen=True)
class Part:
    """One text or workbook of edits. open: its bytes from the beginning, each time it is called. zip: where it lay."""

    name: str
    open: Callable[[], BinaryIO]
    zip: str = ""


def name_says(name: str) -> tuple[str, str, str]:
    """Quarter, whose edits (practitioner or hospital) and part that CMS's file name tells; empty where it does not.

    Version 31.0 is the first quarter of 2025, 32.1 the second of 2026.
    """
    upper = name.upper()
    version = _VERSION.search(upper)
    quarter = f"{1994 + int(version[1])}{'ABCD'[int(version[2])]}" if version else ""
    whose = "practitioner" if re.search(r"CCIPRA|PRACTITIONER", upper) else ""
    whose = "hospital" if re.search(r"CCIOPH|HOSPITAL|OUTPATIENT", upper) else whose
    part = re.search(r"[-_ ]F(\d+)\b", upper)
    return quarter, whose, f"f{part[1]}" if part else ""


def parts_of(path: Path) -> list[Part]:
    """The parts in a file that holds edits: itself, or the members of a zip; empty where it holds something else.

    A zip of CMS has each part as text and as a workbook: the text is taken. Raises BadFile for a damaged zip.
    """
    try:
        with path.open("rb") as file:
            start = file.read(2)
    except OSError as fault:
        raise BadFile(f"the file cannot be read: {fault.strerror}", where=str(path), fix="Check the path") from None
    if start == b"\x1f\x8b":
        parts = [Part(path.name, lambda: cast(BinaryIO, gzip.GzipFile(path)))]
    elif start == b"PK":
        parts = _members(path)
    else:
        parts = [Part(path.name, lambda: path.open("rb"))]
    return [part for part in parts if _holds_edits(part)]


def _members(path: Path) -> list[Part]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = [info.filename for info in archive.infolist() if not info.is_dir()]
    except (zipfile.BadZipFile, NotImplementedError) as fault:
        raise BadFile(f"the zip is damaged or cut off: {fault}", where=path.name, fix=FETCH_AGAIN) from None
    if "[Content_Types].xml" in names:
        return [Part(path.name, lambda: path.open("rb"))]
    plain = [name for name in names if name.lower().endswith((".txt", ".csv"))]
    chosen = plain or [name for name in names if name.lower().endswith(".xlsx")]
    return [Part(PurePosixPath(name).name, _opener(path, name), path.name) for name in chosen]


def _opener(path: Path, name: str) -> Callable[[], BinaryIO]:
    # The member keeps the archive open for as long as it is read itself.
    return lambda: cast(BinaryIO, zipfile.ZipFile(path).open(name))


def _holds_edits(part: Part) -> bool:
    """Whether the beginning of a file has the heading of edits."""
    try:
        with part.open() as file:
            start = file.read(8000)
        if start[:2] == b"PK":
            if not name_says(f"{part.name} {part.zip}")[1]:
                return False  # a workbook is slow to open, and one without CMS's name is refused in the end
            return any(_is_head(cells) for _, cells in zip(range(12), _workbook(part), strict=False))
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error, BadFile):
        return False  # whatever it is, another reader says what is wrong with it
    text = start.decode("cp1252", errors="replace")
    return any(_is_head(re.split(r"[\t,]", line)) for line in text.splitlines()[:12])


def _is_head(cells: Sequence[str]) -> bool:
    joined = [" ".join(cell.upper().replace('"', " ").split()) for cell in cells]
    return any(re.match(r"COLUMN ?1\b", c) for c in joined) and any(re.match(r"COLUMN ?2\b", c) for c in joined)


def _workbook(part: Part) -> Iterator[list[str]]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with part.open() as file:
            book = CalamineWorkbook.from_filelike(io.BytesIO(file.read()))
        for row in book.get_sheet_by_index(0).iter_rows():
            yield [_plain(cell) for cell in row]
    except CalamineError as fault:
        raise BadFile(f"the workbook cannot be read: {fault}", where=part.name, fix=FETCH_AGAIN) from None


def _plain(cell: Any) -> str:
    """A cell of a workbook as text; whole numbers without their point."""
    if isinstance(cell, (date,)):
        return cell.strftime("%Y%m%d")
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _records(part: Part) -> Iterator[list[str]]:
    with part.open() as file:
        start = file.read(8000)
    if start[:2] == b"PK":
        yield from _workbook(part)
        return
    delimiter = "\t" if start.count(b"\t") > start.count(b",") else ","
    with part.open() as file, io.TextIOWrapper(file, encoding="cp1252", errors="replace", newline="") as text:
        try:
            yield from csv.reader(text, delimiter=delimiter, strict=delimiter == ",")
        except csv.Error as fault:
            raise BadFile(f"a line is no record: {fault}", where=part.name, fix=FETCH_AGAIN) from None
        except (EOFError, OSError, zipfile.BadZipFile, zlib.error) as fault:
            raise BadFile(f"the file is damaged or cut off: {fault}", where=part.name, fix=FETCH_AGAIN) from None


def rows(part: Part) -> Iterator[dict[str, str | int | None]]:
    """Each edit of a part. Dates are whole numbers yyyymmdd; deleted None: in force. Raises BadFile with the line."""
    heads: list[list[str]] = []
    names: tuple[str, ...] = ()
    days: dict[str, int] = {}
    codes: dict[str, str] = {}
    for number, cells in enumerate(_records(part), start=1):
        if not names:
            if heads and len(cells) > 1 and _is_code(cells[0]) and _is_code(cells[1]):
                names = _names(heads, part.name)
            else:
                if heads or _is_head(cells):
                    heads.append(cells)
                if len(heads) > 12:
                    raise BadFile("no edit follows the heading", where=f"{part.name}, line {number}", fix=FETCH_AGAIN)
                continue
        if not any(cell.strip() for cell in cells) or cells == ["\x1a"]:
            continue
        try:
            yield _edit(cells, names, days, codes)
        except ValueError as fault:
            raise BadFile(str(fault), where=f"{part.name}, line {number}", fix=FETCH_AGAIN) from None
    if not names:
        raise BadFile("the file has no edits", where=part.name, fix=FETCH_AGAIN)


def _is_code(cell: str) -> bool:
    plain = cell.strip().upper()
    return bool(plain) and bool(_CODE.fullmatch(plain.zfill(5)))


def _names(heads: Sequence[Sequence[str]], name: str) -> tuple[str, ...]:
    """Columns by their joined heading. Raises BadFile where one is lacking."""
    width = max(len(cells) for cells in heads)
    joined = [" ".join(" ".join(c[i] for c in heads if i < len(c)).upper().split()) for i in range(width)]
    names = tuple(next((key for key, known in _MEANINGS if known.match(words)), "") for words in joined)
    if lacking := sorted(_NEEDED - set(names)):
        raise BadFile(
            f"the heading lacks {', '.join(lacking)}", where=name, exists=f"Found: {'; '.join(joined)}", fix=FETCH_AGAIN
        )
    return names


def _edit(
    cells: Sequence[str], names: tuple[str, ...], days: dict[str, int], codes: dict[str, str]
) -> dict[str, str | int | None]:
    if len(cells) < len(names):
        raise ValueError(f"{len(cells)} columns instead of {len(names)}")
    row = {name: cell.strip() for name, cell in zip(names, cells, strict=False) if name}
    one, two = _code(row["column1"], codes), _code(row["column2"], codes)
    if row["indicator"] not in ("0", "1", "9"):
        raise ValueError(f"modifier indicator {row['indicator'][:20]!r} is none of 0, 1, 9")
    ends = row["deleted"]
    return {
        "column1": one,
        "column2": two,
        "before_1996": int(row.get("before_1996", "") == "*"),
        "effective": _day(row["effective"], days),
        "deleted": None if ends in ("", "*") else _day(ends, days),
        "indicator": int(row["indicator"]),
        "rationale": row.get("rationale", ""),
    }


def _code(cell: str, codes: dict[str, str]) -> str:
    """A code, with the zeros that a workbook lost; codes repeat, so each is checked once."""
    if cell not in codes:
        code = cell.upper().zfill(5)
        if not _CODE.fullmatch(code):
            raise ValueError(f"{cell[:20]!r} is no code")
        codes[cell] = code
    return codes[cell]


def _day(cell: str, days: dict[str, int]) -> int:
    """yyyymmdd as a whole number; dates repeat, so each is checked once."""
    if cell not in days:
        if not re.fullmatch(r"\d{8}", cell):
            raise ValueError(f"{cell[:20]!r} is no date (yyyymmdd)")
        date(int(cell[:4]), int(cell[4:6]), int(cell[6:]))
        days[cell] = int(cell)
    return days[cell]


@dataclass(frozen=True)
class Rows:
    """The edits of a part as often as they are asked for, none kept in memory."""

    part: Part

    def __iter__(self) -> Iterator[dict[str, str | int | None]]:
        return rows(self.part)


def checked(part: Part) -> tuple[int, str]:
    """How many edits a part has and the SHA-256 of its bytes; every row is checked. Raises BadFile."""
    count = sum(1 for _ in rows(part))
    digest = hashlib.sha256()
    with part.open() as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return count, digest.hexdigest()
