"""CMS's OPPS-cap amounts by carrier and locality (OPPSCAP): the most that the technical part of imaging pays.

>>> from openrvu.tables.text import decode
>>> head = "HCPCS,MOD,PROCSTAT,CARRIER,LOCALITY,FACILITY PRICE,NON-FACILTY PRICE"
>>> row = read(decode((head + "\\n70170,TC,C,1112,5,150.69,150.69\\n,,,,,,\\n").encode(), "o.csv")).rows[0]
>>> row["mac"], row["locality"], row["opps_facility_cents"]
('01112', '05', '15069')
"""

from __future__ import annotations

from openrvu.errors import BadFile
from openrvu.tables.payment import amounts_row
from openrvu.tables.text import FETCH_AGAIN, Line, Table, Text, csv_lines, place

# Headings as CMS prints them (its own misspelling included) and as the re-encoded tables have them.
HEADINGS = {
    "hcpcs": "hcpcs",
    "mod": "modifier",
    "procstat": "status",
    "carrier": "mac",
    "locality": "locality",
    "facility price": "opps_facility_cents",
    "non-facilty price": "opps_nonfacility_cents",
    "non-facility price": "opps_nonfacility_cents",
    "facility_price": "opps_facility_cents",
    "non_facility_price": "opps_nonfacility_cents",
}
_NEEDED = frozenset(HEADINGS.values())
_DOMAINS = {"hcpcs": r"[0-9A-Z]\d{3}[0-9A-Z]", "modifier": r"|26|TC|53", "mac": r"\d{5}", "locality": r"\d{2}"}


def is_header(line: Line) -> bool:
    """Whether the line is the heading of an OPPS-cap table."""
    return {HEADINGS.get(cell.strip().lower()) for cell in line.cells} >= _NEEDED


def read(text: Text) -> Table:
    """Rows by column name, all text, amounts as whole cents. Raises BadFile naming file, line and column."""
    names: tuple[str, ...] = ()
    rows: list[dict[str, str]] = []
    seen: dict[tuple[str, ...], int] = {}
    places: dict[tuple[str, str], int] = {}
    ended = 0
    for line in csv_lines(text):
        if line.filled in ([], ["\x1a"]):
            ended = line.number if line.filled else ended
            continue
        if ended:
            what = f"a line stands after the end-of-file mark of line {ended}"
            raise BadFile(what, where=place(text, line.number), fix=FETCH_AGAIN)
        if is_header(line):
            if names:
                raise BadFile("a second heading stands in the table", where=place(text, line.number), fix=FETCH_AGAIN)
            names = tuple(HEADINGS.get(cell.strip().lower(), "") for cell in line.cells)
            continue
        if not names:
            continue
        row = amounts_row(text, line, names, _DOMAINS)
        key = (row["mac"], row["locality"], row["hcpcs"], row["modifier"])
        if key in seen:
            what = f"{' '.join(key).strip()} stands twice, first in line {seen[key]}"
            raise BadFile(what, where=place(text, line.number), fix=FETCH_AGAIN)
        seen[key] = line.number
        places.setdefault(key[:2], line.number)
        rows.append(row)
    if not rows:
        raise BadFile("the file has no OPPS-cap amount", where=text.name, fix=FETCH_AGAIN)
    notes = () if text.ended else ("the last line has no end: the file may be cut off",)
    return Table(rows, notes, places=places)
