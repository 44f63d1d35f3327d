"""Five-digit ZIP codes and the payment locality of each (ZIP5): CMS's text in fixed columns and its workbook.

Some ZIP codes lie in two localities; there the last four digits decide, and `split` says so.

>>> from openrvu.tables.text import decode
>>> row = "KY422231510200 Z9   1 A".ljust(75) + "20254"
>>> read(decode((row + "\\r\\n").encode(), "ZIP5_OCT2025.txt")).rows
[{'state': 'KY', 'zip': '42223', 'mac': '15102', 'number': '00', 'rural': '', 'split': 'yes'}]
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from openrvu.errors import BadFile
from openrvu.files import facts_folder, read_csv
from openrvu.tables.fixed import Field, Raw, cells, first_lines, raw_lines
from openrvu.tables.text import FETCH_AGAIN, Line, Table, Text, csv_lines, place

# Source: CMS's ZIP5lyout.txt. Unnamed fields are read and left out: laboratory bidding, the second rural indicator,
# the drug payment indicator.
LAYOUT = (
    *(Field("state", 1, 2), Field("zip", 3, 7), Field("mac", 8, 12), Field("number", 13, 14), Field("rural", 15, 15)),
    *(Field("", 16, 17), Field("", 18, 18), Field("split", 21, 21), Field("", 23, 23), Field("quarter", 76, 80)),
)
NAMES = [field.name for field in LAYOUT if field.name]
# The workbook's headings.
HEADINGS = {
    "STATE": "state",
    "ZIP CODE": "zip",
    "CARRIER": "mac",
    "LOCALITY": "number",
    "RURAL IND": "rural",
    "PLUS 4 FLAG": "split",
    "YEAR/QTR": "quarter",
}
# CMS parts two states that two carriers once served, and has islands under Hawaii.
STATES = frozenset({"EK", "WK", "EM", "WM", "AS", "FM", "MH", "MP", "PW"})
_WIDTHS = {"zip": 5, "mac": 5, "number": 2}
_DOMAINS = {"zip": r"\d{5}", "mac": r"\d{5}", "number": r"\d\d", "rural": "[RB]?", "split": "[01]"}
_ZIP5 = re.compile(r"[A-Z]{2}\d{12}[ RB](Z\d|  )[ RB]  [01] .{53}\d{5}\s*")
_ZIP9 = re.compile(r"[A-Z]{2}\d{12}[ RB] {5}[01]\d{4} {6}..{43}\d{5}\s*")


@dataclass(frozen=True)
class ZipCodes(Table):
    """A ZIP table. quarter: the release id of the quarter it is in effect for, as in 2025D."""

    quarter: str = ""


def is_fixed(text: Text) -> bool:
    """Whether the text is ZIP5 in fixed columns."""
    return any(_ZIP5.fullmatch(line.body) for line in first_lines(text, 5))


def is_nine(text: Text) -> bool:
    """Whether the text is ZIP9, which is not read."""
    return any(_ZIP9.fullmatch(line.body) for line in first_lines(text, 5))


def is_header(line: Line) -> bool:
    """Whether the line heads the table in a workbook."""
    return {cell.strip().upper() for cell in line.cells} >= set(HEADINGS)


@cache
def _states() -> frozenset[str]:
    return STATES | {row["abbreviation"] for row in read_csv(facts_folder() / "states.csv")}


def _fixed_lines(text: Text) -> Iterator[Line]:
    yield Line(0, list(HEADINGS))
    for line in raw_lines(text):
        yield Line(line.number, cells(text, Raw(*line), LAYOUT) if line.body.strip(" \x1a") else [line.body])


def read(text: Text) -> ZipCodes:
    """One row a ZIP code and locality: zip, state, mac, number, rural (empty, R, or B for super rural) and split (yes
    where the last four digits decide). Raises BadFile naming file, line and column."""
    names: list[str] = []
    rows: list[dict[str, str]] = []
    seen: dict[tuple[str, ...], int] = {}
    places: dict[tuple[str, str], int] = {}
    mended: Counter[str] = Counter()
    quarters: Counter[str] = Counter()
    ended = 0
    fixed = is_fixed(text)
    for line in _fixed_lines(text) if fixed else csv_lines(text):
        if not "".join(line.cells).strip(" \x1a"):
            ended = line.number if "\x1a" in "".join(line.cells) else ended
        elif is_header(line):
            if names:
                _refuse(text, line, "", "a second heading stands in the middle of the file: two files were joined")
            names = [HEADINGS.get(cell.strip().upper(), "") for cell in line.cells]
        elif names:
            if ended:
                _refuse(text, line, "", f"a line stands after the end-of-file mark of line {ended}")
            row = _row(text, line, names, mended, {} if fixed else _WIDTHS)
            quarters[row.pop("quarter")] += 1
            if len(quarters) > 1:
                _refuse(text, line, "quarter", f"the file mixes the quarters {' and '.join(sorted(quarters))}")
            key = (row["zip"], row["mac"], row["number"])
            if key in seen:
                _refuse(text, line, "zip", f"ZIP {row['zip']} stands twice, first in line {seen[key]}")
            seen[key] = line.number
            places.setdefault((row["mac"], row["number"]), line.number)
            rows.append(row)
    if not rows:
        raise BadFile("the file has no ZIP code", where=text.name, fix=FETCH_AGAIN)
    notes = tuple(f"{what} ({count:,} times)" for what, count in sorted(mended.items()))
    (told,) = quarters
    return ZipCodes(rows, notes, places=places, quarter=f"{told[:4]}{'ABCD'[int(told[4]) - 1]}")


def _row(text: Text, line: Line, names: list[str], mended: Counter[str], widths: Mapping[str, int]) -> dict[str, str]:
    """One row. widths: of the columns whose leading zeros a workbook may have lost; fixed columns keep them."""
    if len(line.cells) != len(names):
        _refuse(text, line, "", f"{len(line.cells)} columns instead of {len(names)}")
    row = {name: cell.strip() for name, cell in zip(names, line.cells, strict=True) if name}
    for name, width in widths.items():
        if 0 < len(row[name]) < width and row[name].isdecimal():
            row[name] = row[name].zfill(width)
            mended[f"leading zeros of {name} restored"] += 1
    for name, pattern in _DOMAINS.items():
        if not re.fullmatch(pattern, row[name], re.ASCII):
            _refuse(text, line, name, f"{row[name][:20]!r} is no {name}")
    if row["state"] not in _states():
        _refuse(text, line, "state", f"{row['state'][:20]!r} is no state or territory")
    if not re.fullmatch(r"20\d\d[1-4]", row["quarter"], re.ASCII):
        _refuse(text, line, "quarter", f"{row['quarter'][:20]!r} is no year and quarter (YYYYQ)")
    return {**row, "split": "yes" if row["split"] == "1" else ""}


def _refuse(text: Text, line: Line, column: str, what: str) -> None:
    raise BadFile(what, where=place(text, line.number, column), fix=FETCH_AGAIN)
