"""Geographic practice cost indices by locality (Addendum E): CMS's CSV, workbook and text in columns, and the same
table with plain headings.

Where a file has the work GPCI both without and with the floor of 1.0, the one with the floor is read: CMS's payment
files use it.

>>> from openrvu.tables.text import decode
>>> head = "mac,state,locality_number,locality_name,gpci_work,gpci_pe,gpci_mp\\n"
>>> read(decode((head + "2102,AK,1,ALASKA*,1.5,1.081,0.592\\n").encode(), "g.csv")).rows[0]["name"]
'ALASKA'
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from openrvu import units
from openrvu.errors import BadFile
from openrvu.schemas import MAX_GPCI
from openrvu.tables.fixed import Raw, first_lines, raw_lines
from openrvu.tables.text import FETCH_AGAIN, Line, Table, Text, csv_lines, place

NEEDED = ("mac", "number", "name", "work_gpci", "pe_gpci", "mp_gpci")
INDICES = ("work_gpci", "pe_gpci", "mp_gpci")
# The text in columns: its heading is cut off by CMS ("Medicare Admi State  Locality"), its figures are plain.
_PRINTED_HEAD = re.compile(r"\s*Medicare Admi[^,]*Locality Name[^,]*\bPW GPCI[^,]*\bPE GPCI[^,]*\bMP GPCI\s*")
_PRINTED = re.compile(r"\s*(\d{4,5}) +([A-Z]{2}) +(\d{1,2}) +(\S.*?) +(\S+) +(\S+) +(\S+)\s*")
_PRINTED_NAMES = ["MAC", "State", "Locality Number", "Locality Name", "PW GPCI", "PE GPCI", "MP GPCI"]


def column_of(cell: str) -> str:
    """Which column a heading cell means, from its words; empty for one that is not kept.

    >>> [column_of(c) for c in ("2026 PW GPCI (without 1.0 Floor)", "2026 PW GPCI (with 1.0 Floor)", "gpci_pe")]
    ['', 'work_gpci', 'pe_gpci']
    """
    words = set(re.sub(r"[^A-Z0-9]+", " ", cell.upper()).split())
    if "GPCI" in words:
        if "WITHOUT" in words:
            return ""
        kinds = {"PW": "work_gpci", "WORK": "work_gpci", "PE": "pe_gpci", "MP": "mp_gpci"}
        return next((name for word, name in kinds.items() if word in words), "")
    if "LOCALITY" in words:
        return "number" if "NUMBER" in words else "name" if "NAME" in words else ""
    return "mac" if words & {"MAC", "CONTRACTOR"} else "state" if words == {"STATE"} else ""


def is_header(line: Line) -> bool:
    """Whether the line heads a GPCI table."""
    return set(NEEDED) <= {column_of(cell) for cell in line.cells}


def is_printed(text: Text) -> bool:
    """Whether the text is the table in columns."""
    return any(_PRINTED_HEAD.fullmatch(line.body) for line in first_lines(text))


def _printed_lines(text: Text) -> Iterator[Line]:
    """The lines of the table in columns, cut into the cells that the CSV has."""
    for line in raw_lines(text):
        if _PRINTED_HEAD.fullmatch(line.body):
            yield Line(line.number, _PRINTED_NAMES)
        else:
            yield Line(line.number, _printed_cells(line))


def _printed_cells(line: Raw) -> list[str]:
    if match := _PRINTED.fullmatch(line.body):
        return list(match.groups())
    # A line that begins like a record and is none is refused for its number of columns; a footnote is one cell.
    return line.body.split() if re.match(r"\s*\d{4,5}\b", line.body) else [line.body]


def read(text: Text) -> Table:
    """One row a locality: mac, number, name, state (empty where the file has none), three GPCIs with 3 decimals.

    Raises BadFile naming file, line and column.
    """
    heads: list[str] = []
    lines = _printed_lines(text) if is_printed(text) else csv_lines(text)
    for line in lines:
        if is_header(line):
            names = [column_of(cell) for cell in line.cells]
            break
        heads.extend(line.filled)
    else:
        raise BadFile(
            "no heading with MAC, locality number, locality name and three GPCIs", where=text.name, fix=FETCH_AGAIN
        )
    rows: dict[tuple[str, str], dict[str, str]] = {}
    footnotes: list[str] = []
    places: dict[tuple[str, str], int] = {}
    mended: Counter[str] = Counter()
    for line in lines:
        if len(line.filled) <= 1:
            footnotes.extend(cell.strip() for cell in line.filled)
            continue
        if is_header(line):
            what = "a second heading stands in the middle of the file: two files were joined"
            raise BadFile(what, where=place(text, line.number), fix=FETCH_AGAIN)
        if footnotes and "\x1a" in footnotes:
            what = "a line stands after the end-of-file mark (Ctrl-Z)"
            raise BadFile(what, where=place(text, line.number), fix=FETCH_AGAIN)
        row = _row(text, line, names, mended)
        key = (row["mac"], row["number"])
        if key in rows:
            raise BadFile(f"locality {'-'.join(key)} stands twice", where=place(text, line.number), fix=FETCH_AGAIN)
        rows[key], places[key] = row, line.number
    if not rows:
        raise BadFile("the file has a heading and no localities", where=text.name, fix=FETCH_AGAIN)
    notes = tuple(f"{what} ({count:,} times)" for what, count in sorted(mended.items()))
    return Table(list(rows.values()), notes, tuple(heads), tuple(footnotes), places)


def _row(text: Text, line: Line, names: list[str], mended: Counter[str]) -> dict[str, str]:
    if len(line.cells) != len(names):
        what = f"{len(line.cells)} columns instead of {len(names)}"
        raise BadFile(what, where=place(text, line.number), fix=FETCH_AGAIN)
    raw = {name: cell.strip() for name, cell in zip(names, line.cells, strict=True) if name}
    row = {"mac": raw["mac"].zfill(5), "number": raw["number"].zfill(2)}
    row["name"], row["state"] = " ".join(raw["name"].rstrip("* ").split()), raw.get("state", "").upper()
    if not re.fullmatch(r"\d{5}", row["mac"]) or not re.fullmatch(r"\d{2}", row["number"]):
        what = f"{raw['mac'][:20]!r} and {raw['number'][:20]!r} are no MAC and locality number"
        raise BadFile(what, where=place(text, line.number, "mac"), fix=FETCH_AGAIN)
    if len(raw["mac"]) < 5 or len(raw["number"]) < 2:
        mended["leading zeros of mac or number restored"] += 1
    for name in INDICES:
        try:
            value = units.parse(raw[name], units.GPCI)
        except ValueError as fault:
            raise BadFile(str(fault), where=place(text, line.number, name), fix=FETCH_AGAIN) from None
        if not 0 < value <= MAX_GPCI:
            what = f"{raw[name]} is outside 0 to {MAX_GPCI // units.GPCI}"
            raise BadFile(what, where=place(text, line.number, name), fix=FETCH_AGAIN)
        row[name] = units.text(value, units.GPCI)
    return row
