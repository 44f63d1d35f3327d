"""Which counties make up each Medicare payment locality (LOCCO): CMS's CSV and the same table with plain headings.

>>> from openrvu.tables.text import decode
>>> body = "Medicare Adminstrative Contractor,Locality Number,State ,Fee Schedule Area ,Counties\\n"
>>> body += "6102,16,ILLINOIS ,CHICAGO,COOK \\n6102,99,,REST OF STATE ,ALL OTHER COUNTIES \\n"
>>> [(r["number"], r["state"], r["counties"]) for r in read(decode(body.encode(), "l.csv")).rows]
[('16', 'ILLINOIS', 'COOK'), ('99', 'ILLINOIS', 'ALL OTHER COUNTIES')]
"""

from __future__ import annotations

import re
from collections import Counter

from openrvu.errors import BadFile
from openrvu.tables.text import FETCH_AGAIN, Line, Table, Text, csv_lines, place

NEEDED = ("mac", "number", "state", "area", "counties")


def column_of(cell: str) -> str:
    """Which column a heading cell means, from its words; empty for one that is not kept.

    >>> [column_of(c) for c in ("Medicare Adminstrative Contractor", "locality_number", "fee_schedule_area")]
    ['mac', 'number', 'area']
    """
    words = re.sub(r"[^A-Z]+", " ", cell.upper()).split()
    if words[-1:] == ["MAC"] or words[-1:] == ["CONTRACTOR"]:
        return "mac"
    if words == ["LOCALITY", "NUMBER"]:
        return "number"
    if words == ["FEE", "SCHEDULE", "AREA"]:
        return "area"
    return words[0].lower() if words in (["STATE"], ["COUNTIES"]) else ""


def is_header(line: Line) -> bool:
    """Whether the line heads a county table."""
    return set(NEEDED) <= {column_of(cell) for cell in line.cells}


def read(text: Text) -> Table:
    """One row a locality: mac, number, state (a name, carried down), area, counties as printed.

    A locality that two carriers serve stands twice in some files; equal rows are merged. Raises BadFile.
    """
    lines = csv_lines(text)
    heads: list[str] = []
    for line in lines:
        if is_header(line):
            names = [column_of(cell) for cell in line.cells]
            break
        heads.extend(line.filled)
    else:
        raise BadFile(
            "no heading with MAC, locality number, state, area and counties", where=text.name, fix=FETCH_AGAIN
        )
    rows: dict[tuple[str, str], dict[str, str]] = {}
    mended: Counter[str] = Counter()
    footnotes: list[str] = []
    state = ""
    for line in lines:
        if not line.filled or line.cells[0].startswith("*"):
            footnotes.extend(line.filled[:1])
            continue
        row = _row(text, line, names, state, mended)
        state = row["state"]
        known = rows.setdefault((row["mac"], row["number"]), row)
        if known is not row:
            if known != row:
                what = f"locality {row['mac']}-{row['number']} stands twice with different counties"
                raise BadFile(what, where=place(text, line.number), fix=FETCH_AGAIN)
            mended["second, equal row of a locality merged"] += 1
    if not rows:
        raise BadFile("the file has a heading and no localities", where=text.name, fix=FETCH_AGAIN)
    notes = tuple(f"{what} ({count:,} times)" for what, count in sorted(mended.items()))
    return Table(list(rows.values()), notes, tuple(heads), tuple(footnotes))


def _row(text: Text, line: Line, names: list[str], state: str, mended: Counter[str]) -> dict[str, str]:
    if len(line.cells) != len(names):
        what = f"{len(line.cells)} columns instead of {len(names)}"
        raise BadFile(what, where=place(text, line.number), fix=FETCH_AGAIN)
    raw = {name: " ".join(cell.split()) for name, cell in zip(names, line.cells, strict=True) if name}
    row = {**raw, "mac": raw["mac"].zfill(5), "number": raw["number"].zfill(2), "area": raw["area"].rstrip("* ")}
    if not re.fullmatch(r"\d{5}", row["mac"]) or not re.fullmatch(r"\d{2}", row["number"]):
        what = f"{raw['mac'][:20]!r} and {raw['number'][:20]!r} are no MAC and locality number"
        raise BadFile(what, where=place(text, line.number, "mac"), fix=FETCH_AGAIN)
    if len(raw["mac"]) < 5 or len(raw["number"]) < 2:
        mended["leading zeros of mac or number restored"] += 1
    if not raw["state"]:
        row["state"] = state
        mended["state carried down from the row above"] += 1
    if not row["state"]:
        raise BadFile("the first locality has no state", where=place(text, line.number, "state"), fix=FETCH_AGAIN)
    return row
