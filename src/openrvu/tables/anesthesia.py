"""Anesthesia: conversion factors by locality (ANES: CSV of four or five columns, workbook, text in columns) and base
units by code.

From the year with two conversion factors on there is a column for each track; a heading prints the national factor.

>>> from openrvu.tables.text import decode
>>> head = "Contractor,Locality,Locality Name,National Anes CF of 20.3178\\n"
>>> read(decode((head + "2102 ,1 ,ALASKA*,27.86 \\n").encode(), "ANES2025.csv")).rows
[{'mac': '02102', 'number': '01', 'name': 'ALASKA', 'track': 'all', 'value': '27.86', 'national': '20.3178'}]
>>> base_units(decode(b"CODE\\t2022\\r\\n\\tBASE\\r\\n\\tUNIT\\r\\n00100\\t5\\r\\n", "b.txt")).rows
[{'hcpcs': '00100', 'units': '5'}]
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from openrvu import units
from openrvu.errors import BadFile
from openrvu.schemas import MAX_CONVERSION_FACTOR
from openrvu.tables.fixed import Field, cells, first_lines, raw_lines
from openrvu.tables.text import FETCH_AGAIN, Line, Table, Text, csv_lines, place

_WIDTHS = {"mac": 5, "number": 2}
# The text in columns, as ANES2025.txt has it; the amount is in cents, without a point.
LAYOUT = (Field("mac", 1, 5), Field("number", 13, 14), Field("name", 19, 58), Field("value", 74, 77))
_RECORD = re.compile(r"\d{5} {7}\d\d {4}\S.{39} {15}[ \d]{3}\d *")
MOST_UNITS = 50


def column_of(cell: str) -> str:
    """Which column a heading cell means: mac, number, name, or the track of a factor; empty for one not kept.

    >>> [column_of(c) for c in ("Contractor", "locality_name", "anesthesia_conv_factor", "2025 PE GPCI")]
    ['mac', 'name', 'all', '']
    >>> column_of("Non-Qualifying APM National Anes CF (with 2.5% Statutory increase)  of 20.49754")
    'nonQP'
    """
    words = re.sub(r"[^A-Z0-9]+", " ", cell.upper())
    if re.search(r"\bANES(THESIA)? (CF|CONV FACTOR)\b", words):
        return "nonQP" if "NON QUALIFYING" in words else "QP" if "QUALIFYING" in words else "all"
    return {"CONTRACTOR": "mac", "LOCALITY": "number", "LOCALITY NAME": "name"}.get(words.strip(), "")


def is_header(line: Line) -> bool:
    """Whether the line heads a table of anesthesia conversion factors."""
    found = {column_of(cell) for cell in line.cells}
    return {"mac", "number", "name"} <= found and bool(found & {"all", "QP", "nonQP"})


def is_fixed(text: Text) -> bool:
    """Whether the text is the table in columns, which has no heading: one of its first lines is a record of it."""
    return any(_RECORD.fullmatch(line.body) for line in first_lines(text, 5))


def _fixed_lines(text: Text) -> Iterator[Line]:
    yield Line(0, ["Contractor", "Locality", "Locality Name", "Anesthesia Conv Factor"])
    for line in raw_lines(text):
        if not line.body.strip(" \x1a"):
            yield Line(line.number, [line.body])
            continue
        found = cells(text, line, LAYOUT)
        amount = found[-1]
        if not re.fullmatch(r"\d{3,4}", amount, re.ASCII):
            _refuse(text, Line(line.number, []), "amount", f"{amount[:20]!r} is no amount in cents without a point")
        found[-1] = f"{amount[:-2]}.{amount[-2:]}"
        yield Line(line.number, found)


def read(text: Text) -> Table:
    """One row a locality and track: mac, number, name, track (all, QP, nonQP), value (dollars a unit, 2 decimals) and
    national, the national factor as the heading prints it, empty where it does not. Raises BadFile."""
    lines = _fixed_lines(text) if is_fixed(text) else csv_lines(text)
    heads: list[str] = []
    names: list[str] = []
    nationals: dict[str, str] = {}
    rows: list[dict[str, str]] = []
    seen: dict[tuple[str, str], int] = {}
    mended: Counter[str] = Counter()
    ended = 0
    for line in lines:
        blank = not "".join(line.cells).strip(" \x1a")
        if blank and names and "\x1a" in "".join(line.cells):
            ended = line.number
        if blank:
            continue
        if is_header(line):
            if names:
                _refuse(text, line, "", "a second heading stands in the middle of the file: two files were joined")
            names = [column_of(cell) for cell in line.cells]
            nationals = {name: _national(cell) for name, cell in zip(names, line.cells, strict=True)}
        elif not names:
            heads.extend(line.filled)
        elif ended:
            _refuse(text, line, "", f"a line stands after the end-of-file mark of line {ended}")
        else:
            rows += _rows(text, line, names, nationals, seen, mended)
    if not rows:
        raise BadFile("no anesthesia conversion factor of a locality is in the file", where=text.name, fix=FETCH_AGAIN)
    notes = tuple(f"{what} ({count:,} times)" for what, count in sorted(mended.items()))
    return Table(rows, notes, tuple(heads), places=seen)


def _national(heading: str) -> str:
    match = re.search(r"\bof (\d+\.\d+)\s*$", heading)
    return match[1] if match else ""


def _rows(
    text: Text,
    line: Line,
    names: list[str],
    nationals: dict[str, str],
    seen: dict[tuple[str, str], int],
    mended: Counter[str],
) -> list[dict[str, str]]:
    """The rows of one line: one for each factor it has."""
    if len(line.cells) != len(names):
        _refuse(text, line, "", f"{len(line.cells)} columns instead of {len(names)}")
    raw = {name: cell.strip() for name, cell in zip(names, line.cells, strict=True) if name}
    mac, number = (_padded(text, line, name, raw[name], mended) for name in _WIDTHS)
    if (mac, number) in seen:
        _refuse(text, line, "number", f"locality {mac}-{number} stands twice, first in line {seen[mac, number]}")
    seen[mac, number] = line.number
    place_ = {"mac": mac, "number": number, "name": " ".join(raw["name"].rstrip("* ").split())}
    if not place_["name"] or re.fullmatch(r"[\d. ]*", place_["name"]):
        _refuse(text, line, "name", f"{raw['name'][:20]!r} is no name of a locality")
    found = []
    for track in ("all", "nonQP", "QP"):
        if track in raw:
            value = _number(text, line, track, raw[track])
            found.append({**place_, "track": track, "value": value, "national": nationals[track]})
    return found


def _padded(text: Text, line: Line, name: str, cell: str, mended: Counter[str]) -> str:
    if not re.fullmatch(r"\d+", cell, re.ASCII) or len(cell) > _WIDTHS[name]:
        _refuse(text, line, name, f"{cell[:20]!r} is no {'carrier' if name == 'mac' else 'locality number'}")
    if len(cell) < _WIDTHS[name]:
        mended[f"leading zeros of {name} restored"] += 1
    return cell.zfill(_WIDTHS[name])


def _number(text: Text, line: Line, column: str, cell: str) -> str:
    try:
        cents = units.parse(cell, units.CENTS)
    except ValueError:
        _refuse(text, line, f"conversion factor ({column})", f"{cell[:20]!r} is no amount with two decimals")
    if not 500 <= cents <= MAX_CONVERSION_FACTOR * units.CENTS // units.CONVERSION_FACTOR:
        _refuse(text, line, f"conversion factor ({column})", f"{cell[:20]} is outside 5 to 42 dollars")
    return units.text(cents, units.CENTS)


def is_base_header(line: Line) -> bool:
    """Whether the line heads the table of base units: CODE and the year, parted by a tab."""
    return bool(re.fullmatch(r"CODE\t20\d\d\s*", ",".join(line.cells)))


def base_units(text: Text) -> Table:
    """One row a code: hcpcs and units. heads[0] is the year that the heading names. Raises BadFile."""
    year, seen, ended = "", dict[str, int](), 0
    rows: list[dict[str, str]] = []
    for number, body in raw_lines(text):
        parts = [part.strip() for part in body.split("\t")]
        line = Line(number, [body])
        if is_base_header(line):
            if year:
                _refuse(text, line, "", "a second heading stands in the middle of the file: two files were joined")
            year = parts[1]
        elif not body.strip("\t \x1a") or parts in (["", "BASE"], ["", "UNIT"]):
            ended = number if "\x1a" in body else ended
        elif ended:
            _refuse(text, line, "", f"a line stands after the end-of-file mark of line {ended}")
        else:
            rows.append(_unit_row(text, line, parts, seen))
    if not year or not rows:
        raise BadFile("no base units stand in the file", where=text.name, fix=FETCH_AGAIN)
    return Table(rows, heads=(year,))


def _unit_row(text: Text, line: Line, parts: list[str], seen: dict[str, int]) -> dict[str, str]:
    if len(parts) != 2:
        _refuse(text, line, "", f"{len(parts)} columns instead of 2")
    code, number = parts
    if not re.fullmatch(r"0\d{4}", code, re.ASCII):
        _refuse(text, line, "CODE", f"{code[:20]!r} is no anesthesia code")
    if not re.fullmatch(r"\d{1,2}", number, re.ASCII) or int(number) > MOST_UNITS:
        _refuse(text, line, "BASE UNIT", f"{number[:20]!r} is no number of base units")
    if code in seen:
        _refuse(text, line, "CODE", f"{code} stands twice, first in line {seen[code]}")
    seen[code] = line.number
    return {"hcpcs": code, "units": number}


def _refuse(text: Text, line: Line, column: str, what: str) -> None:
    raise BadFile(what, where=place(text, line.number, column), fix=FETCH_AGAIN)
