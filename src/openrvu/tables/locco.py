"""Which counties make up each Medicare payment locality (LOCCO): CMS's CSV, workbook and text in fixed columns, and
the same table with plain headings.

>>> from openrvu.tables.text import decode
>>> body = "Medicare Adminstrative Contractor,Locality Number,State ,Fee Schedule Area ,Counties\\n"
>>> body += "6102,16,ILLINOIS ,CHICAGO,COOK \\n6102,99,,REST OF STATE ,ALL OTHER COUNTIES \\n"
>>> [(r["number"], r["state"], r["counties"]) for r in read(decode(body.encode(), "l.csv")).rows]
[('16', 'ILLINOIS', 'COOK'), ('99', 'ILLINOIS', 'ALL OTHER COUNTIES')]
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from openrvu.errors import BadFile
from openrvu.tables.fixed import Field, Raw, cells, first_lines, raw_lines
from openrvu.tables.text import FETCH_AGAIN, Line, Table, Text, csv_lines, place

NEEDED = ("mac", "number", "state", "area", "counties")
# The text in fixed columns, as 25LOCCO.txt has it; the counties run to the end of the line.
_LAYOUT = (Field("mac", 5, 9), Field("number", 17, 18), Field("state", 23, 45), Field("area", 46, 143))
_FIXED_HEAD = re.compile(r"\s*Medicare Admi[^,]*Locality[^,]*State[^,]*Fee Schedule Area[^,]*Counties\s*")
# CMS cuts the counties off where a line would be longer: one of this length may have lost some.
_WIDTH = 200
_FIXED_NAMES = ["MAC", "Locality Number", "State", "Fee Schedule Area", "Counties"]


@dataclass(frozen=True)
class Counties(Table):
    """A county table. cut: MAC and number of the localities whose counties CMS cut off at the width of the line."""

    cut: frozenset[tuple[str, str]] = frozenset()


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


def is_fixed(text: Text) -> bool:
    """Whether the text is the table in fixed columns."""
    return any(_FIXED_HEAD.fullmatch(line.body) for line in first_lines(text))


def _fixed_lines(text: Text) -> Iterator[Line]:
    """The lines of the table in fixed columns, cut into the cells that the CSV has."""
    last = _LAYOUT[-1].last
    for line in raw_lines(text):
        if _FIXED_HEAD.fullmatch(line.body):
            yield Line(line.number, _FIXED_NAMES)
        elif re.match(r"\s*\d", line.body):
            yield Line(line.number, [*cells(text, Raw(line.number, line.body[:last]), _LAYOUT), line.body[last:]])
        else:
            yield Line(line.number, [line.body])


def read(text: Text) -> Counties:
    """One row a locality: mac, number, state (a name, carried down), area, counties as printed.

    A locality that two carriers serve stands twice in some files; equal rows are merged. In the fixed form a blank
    line ends a state, a group that prints none (California in 2025) has an empty state, and long lists of counties
    are cut off. Raises BadFile.
    """
    fixed = is_fixed(text)
    lines = _fixed_lines(text) if fixed else csv_lines(text)
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
    places: dict[tuple[str, str], int] = {}
    state = ""
    for line in lines:
        if not line.filled or line.cells[0].startswith("*") or line.filled == ["\x1a"]:
            footnotes.extend(line.filled[:1])
            state = "" if fixed else state
            continue
        if is_header(line):
            what = "a second heading stands in the middle of the file: two files were joined"
            raise BadFile(what, where=place(text, line.number), fix=FETCH_AGAIN)
        if "\x1a" in footnotes:
            what = "a line stands after the end-of-file mark (Ctrl-Z)"
            raise BadFile(what, where=place(text, line.number), fix=FETCH_AGAIN)
        row = _row(text, line, names, state, mended)
        if not row["state"] and not fixed:
            raise BadFile("the first locality has no state", where=place(text, line.number, "state"), fix=FETCH_AGAIN)
        state = row["state"]
        places.setdefault((row["mac"], row["number"]), line.number)
        known = rows.setdefault((row["mac"], row["number"]), row)
        if known is not row:
            if known != row:
                what = f"locality {row['mac']}-{row['number']} stands twice with different counties"
                raise BadFile(what, where=place(text, line.number), fix=FETCH_AGAIN)
            mended["second, equal row of a locality merged"] += 1
    if not rows:
        raise BadFile("the file has a heading and no localities", where=text.name, fix=FETCH_AGAIN)
    notes = tuple(f"{what} ({count:,} times)" for what, count in sorted(mended.items()))
    cut = {(row[0].zfill(5), row[1].zfill(2)) for row in _cut(text)} if fixed else set()
    return Counties(list(rows.values()), notes, tuple(heads), tuple(footnotes), places, frozenset(cut))


def _cut(text: Text) -> Iterator[list[str]]:
    return (line.cells for line in _fixed_lines(text) if len(line.cells) == len(_FIXED_NAMES) and _full(line))


def _full(line: Line) -> bool:
    return _LAYOUT[-1].last + len(line.cells[-1]) >= _WIDTH


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
        mended["state carried down from the row above" if state else "no state is printed"] += 1
    return row
