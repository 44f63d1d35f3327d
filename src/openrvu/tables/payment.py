"""CMS's payment amounts by carrier and locality (PFALL, PFREV): quoted text without a heading, closed by trailer
lines, or an extract with a heading. The fee fields are not capped even where the OPPS indicator is 1.

>>> from openrvu.tables.text import decode
>>> line = '"2025","1112","5","76145","  ","0001339.81","0001339.81"," ","3","A","0","0.00","0.00","9","0.00","0.00"'
>>> row = read(decode((line + "\\n").encode(), "p.txt")).rows[0]
>>> row["mac"], row["locality"], row["nonfacility_cents"], row["opps"]
('01112', '05', '133981', '9')
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from openrvu import units
from openrvu.errors import BadFile
from openrvu.tables.text import FETCH_AGAIN, Line, Table, Text, csv_lines, place

# Source: the record layouts PF25PD.pdf and PF26PB.pdf. The column named "" is a filler. The two therapy columns hold
# the amount with half the PE, for services in an office and in an institution; since 2021 they may hold another fee.
QUOTED = (
    *("year", "mac", "locality", "hcpcs", "modifier", "nonfacility_cents", "facility_cents", ""),
    *("pctc", "status", "multiple", "therapy_office_cents", "therapy_institution_cents"),
    *("opps", "opps_nonfacility_cents", "opps_facility_cents"),
)
HEADINGS = {
    "year": "year",
    "carrier": "mac",
    "locality": "locality",
    "hcpcs": "hcpcs",
    "modifier": "modifier",
    "non_facility_fee": "nonfacility_cents",
    "facility_fee": "facility_cents",
    "pctc": "pctc",
    "status": "status",
    "mult_surg": "multiple",
    "opps_indicator": "opps",
    "opps_non_facility_fee": "opps_nonfacility_cents",
    "opps_facility_fee": "opps_facility_cents",
}
NAMES = tuple(name for name in QUOTED if name)
_DOMAINS = {"year": r"20\d\d", "mac": r"\d{5}", "locality": r"\d{2}", "hcpcs": r"[0-9A-Z]\d{3}[0-9A-Z]"}
_DOMAINS |= {"modifier": r"|26|TC|53", "status": r"[A-Z]?", "opps": r"[\d ]?"}
_WIDTHS = {"mac": 5, "locality": 2}


def is_first(line: Line) -> bool:
    """Whether the line is the heading of an extract, or the first record of the quoted form."""
    cells = [cell.strip() for cell in line.cells]
    if set(HEADINGS) <= set(cells):
        return True
    return len(cells) == len(QUOTED) and all(
        re.fullmatch(pattern, cells[QUOTED.index(name)]) for name, pattern in _DOMAINS.items() if name not in _WIDTHS
    )


def read(text: Text) -> Table:
    """Rows by NAMES, all text, amounts as whole cents. Raises BadFile naming file, line and column."""
    names: tuple[str, ...] = QUOTED
    quoted = True
    rows: list[dict[str, str]] = []
    seen: dict[tuple[str, ...], int] = {}
    places: dict[tuple[str, str], int] = {}
    trailers: list[str] = []
    ended = 0
    for line in csv_lines(text):
        if line.cells and line.cells[0].lstrip().startswith("TRL"):
            trailers.append(line.cells[0])
            continue
        if not line.filled or line.cells == ["\x1a"]:
            ended = line.number if line.filled else ended
            continue
        if ended:
            what = f"a line stands after the end-of-file mark of line {ended}"
            raise BadFile(what, where=place(text, line.number), fix=FETCH_AGAIN)
        if not rows and set(HEADINGS) <= set(line.cells):
            names, quoted = tuple(HEADINGS.get(cell, "") for cell in line.cells), False
            continue
        if trailers:
            raise BadFile("a record stands after the trailer lines", where=place(text, line.number), fix=FETCH_AGAIN)
        row = _row(text, line, names)
        key = (row["mac"], row["locality"], row["hcpcs"], row["modifier"])
        if key in seen:
            what = f"{' '.join(key).strip()} stands twice, first in line {seen[key]}"
            raise BadFile(what, where=place(text, line.number), fix=FETCH_AGAIN)
        seen[key] = line.number
        places.setdefault(key[:2], line.number)
        rows.append(row)
    if not rows:
        raise BadFile("the file has no payment record", where=text.name, fix=FETCH_AGAIN)
    lacks = quoted and not trailers
    return Table(
        rows, ("no trailer lines: the file may be cut off",) if lacks else (), footnotes=tuple(trailers), places=places
    )


def _row(text: Text, line: Line, names: tuple[str, ...]) -> dict[str, str]:
    return amounts_row(text, line, names, _DOMAINS)


def amounts_row(text: Text, line: Line, names: Sequence[str], domains: Mapping[str, str]) -> dict[str, str]:
    """One record of a file of amounts: carrier and locality with their zeros, amounts as whole cents.

    names: of the columns, empty for fillers. domains: the pattern of each column that has one. Raises BadFile naming
    file, line and column.
    """
    if len(line.cells) != len(names):
        what = f"{len(line.cells)} fields instead of {len(names)}"
        raise BadFile(what, where=place(text, line.number), fix=FETCH_AGAIN)
    row = {name: cell.strip() for name, cell in zip(names, line.cells, strict=True) if name}
    for name, width in _WIDTHS.items():
        row[name] = row[name].zfill(width)
    for name, cell in row.items():
        where = place(text, line.number, name)
        if name in domains and not re.fullmatch(domains[name], cell):
            raise BadFile(f"{cell[:20]!r} is no {name}", where=where, fix=FETCH_AGAIN)
        if name.endswith("_cents") and (cell or not name.startswith("therapy_")):
            try:
                row[name] = str(units.parse(cell, units.CENTS))
            except ValueError as fault:
                raise BadFile(str(fault), where=where, fix=FETCH_AGAIN) from None
    return row
