"""CMS's physician time file: minutes of each part of a service, and the visits inside its global period, by code.

The file is the user's download (csv or xlsx); none ships. Columns are found by the words of their headings, in any
order, under any title lines: CMS's layout has changed with the years, and was written down here from memory.

>>> column_of("Pre_Service_Scrub_Dress_Wait_Time"), column_of("Median Intra-Service Time"), column_of("99213")
('scrub', 'intra', '99213')
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from openrvu.errors import BadFile
from openrvu.tables.text import LARGEST, csv_lines, decode

PARTS = ("evaluation", "positioning", "scrub", "intra", "post")
NEEDED = ("code", "intra")
MOST_MINUTES = 10_000.0
_VISIT = re.compile(r"(?<!\d)(99\d{3}|992XX)(?!\d)")
_FIX = "Give CMS's physician time file as downloaded (csv or xlsx)"


@dataclass(frozen=True)
class Times:
    """Minutes of one service. visits: how many of each visit code its global period holds. total: as printed, if it is.

    An empty cell is no minutes.
    """

    code: str
    modifier: str = ""
    evaluation: float = 0.0
    positioning: float = 0.0
    scrub: float = 0.0
    intra: float = 0.0
    post: float = 0.0
    visits: Mapping[str, float] | None = None
    total: float | None = None

    @property
    def pre(self) -> float:
        """Minutes before the service: evaluation, positioning, scrub."""
        return self.evaluation + self.positioning + self.scrub

    @property
    def counted(self) -> Mapping[str, float]:
        """The visits that are there."""
        return {code: count for code, count in (self.visits or {}).items() if count}


@dataclass(frozen=True)
class TimeTable:
    """A physician time file as read. label: what its first lines say of it (a made-up file says SIMULATED)."""

    name: str
    sha256: str
    rows: Mapping[str, Times]
    label: str

    @property
    def simulated(self) -> bool:
        """Whether the file says of itself that its minutes are made up."""
        return any(word in self.label.upper() for word in ("SIMULATED", "SYNTHETIC"))


def column_of(cell: str) -> str:
    """Which column a heading means; empty for one that is not kept (the descriptor among them)."""
    words = set(re.sub(r"[^A-Z0-9]+", " ", cell.upper()).split())
    if match := _VISIT.search(cell.upper()):
        return match[1]
    if words & {"HCPCS", "CPT"} and not words & {"DESCRIPTION", "DESCRIPTOR", "DESC"}:
        return "code"
    if words & {"MOD", "MODIFIER"}:
        return "modifier"
    if "INTRA" in words or "INTRASERVICE" in words:
        return "intra"
    if words & {"SCRUB", "WAIT"}:
        return "scrub"
    if words & {"POSITIONING", "POSITION"}:
        return "positioning"
    if words & {"EVALUATION", "EVAL"}:
        return "evaluation"
    if "POST" in words or "POSTSERVICE" in words:
        return "post"
    return "total" if "TOTAL" in words else ""


def read(path: Path) -> TimeTable:
    """The table of a file. Raises BadFile naming file, line and column."""
    try:
        if path.stat().st_size > LARGEST:
            raise BadFile(f"the file is larger than {LARGEST // 2**20} MiB", where=path.name, fix=_FIX)
        data = path.read_bytes()
    except OSError as fault:
        raise BadFile(f"the file cannot be read: {fault.strerror}", where=str(path), fix="Check the path") from None
    return parse(data, path.name)


def parse(data: bytes, name: str) -> TimeTable:
    """The table of a file's bytes: a workbook's first sheet that has the headings, or CSV."""
    if data[:4] == b"PK\x03\x04" or data[:4] == b"\xd0\xcf\x11\xe0":
        sheets: Iterator[Sequence[tuple[int, list[str]]]] = _workbook(data, name)
    else:
        sheets = iter(([(line.number, line.cells) for line in csv_lines(decode(data, name))],))
    for lines in sheets:
        heads: list[str] = []
        for at, (number, cells) in enumerate(lines[:40]):
            names = [column_of(cell) for cell in cells]
            if set(NEEDED) <= set(names):
                rows = _rows(lines[at + 1 :], names, name, number)
                return TimeTable(name, hashlib.sha256(data).hexdigest(), rows, " ".join(heads))
            heads += [cell.strip(" #") for cell in cells if cell.strip()]
    raise BadFile(
        "no heading with a code (HCPCS) and an intra-service time in the first 40 lines", where=name, fix=_FIX
    )


def _workbook(data: bytes, name: str) -> Iterator[Sequence[tuple[int, list[str]]]]:
    import io

    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        for sheet in book.sheet_names:
            rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
            yield [(number, [_text(cell) for cell in row]) for number, row in enumerate(rows, 1)]
    except CalamineError as fault:
        raise BadFile(f"the workbook cannot be read: {fault}", where=name, fix=_FIX) from None


def _text(cell: object) -> str:
    """A cell of a workbook as CSV would have it: whole numbers without a point."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _rows(lines: Sequence[tuple[int, list[str]]], names: Sequence[str], name: str, head: int) -> Mapping[str, Times]:
    twice = sorted({one for one in names if one and names.count(one) > 1})
    if twice:
        raise BadFile(f"two columns mean {twice[0]}", where=f"{name}, line {head}", fix=_FIX)
    found: dict[str, Times] = {}
    for number, cells in lines:
        row = dict(zip(names, (cell.strip() for cell in cells), strict=False))
        code = row.get("code", "").upper()
        if not code:
            continue
        if code.isdecimal() and len(code) < 5:
            code = code.zfill(5)
        if not re.fullmatch(r"[0-9A-Z]\d{3}[0-9A-Z]", code, re.ASCII):
            if any(row.get(part) for part in PARTS):
                raise BadFile(f"{code[:20]!r} is no code", where=f"{name}, line {number}", fix=_FIX)
            continue  # a footnote
        modifier = row.get("modifier", "").upper()
        key = f"{code}-{modifier}" if modifier else code
        if key in found:
            raise BadFile(f"{key} stands twice", where=f"{name}, line {number}", fix=_FIX)
        minutes = {p: _number(row.get(p, ""), p, name, number) or 0.0 for p in PARTS}
        visits = {v: _number(row[v], v, name, number) or 0.0 for v in row if _VISIT.fullmatch(v)}
        total = _number(row.get("total", ""), "total", name, number)
        found[key] = Times(code, modifier, **minutes, visits=visits, total=total)
    if not found:
        raise BadFile("the file has a heading and no codes", where=name, fix=_FIX)
    return found


def _number(cell: str, column: str, name: str, line: int) -> float | None:
    if not cell or cell in ("-", "."):
        return None
    try:
        value = float(cell.replace(",", ""))
    except ValueError:
        value = math.nan
    if not 0 <= value <= MOST_MINUTES:
        raise BadFile(
            f"{cell[:20]!r} is no number from 0 to {MOST_MINUTES:,.0f}",
            where=f"{name}, line {line}, column {column}",
            fix=_FIX,
        )
    return value
