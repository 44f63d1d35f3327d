"""CMS's hospital outpatient addenda: A (payment groups), B (codes), D1 (status indicators), P (device offsets).

Short descriptors and group titles are dropped as they are read. Amounts are tenths of a cent, weights and percents x
10^4. A code's status says whether a rate printed beside it pays: one inpatient-only code of 2025 has a rate.

>>> from openrvu.tables.text import decode
>>> head = "HCPCS Code\\tShort Descriptor\\t CI\\t SI\\t APC \\tRelative Weight\\tPayment Rate"
>>> head += "\\tNational Unadjusted Copayment\\tMinimum Unadjusted Copayment\\tAdjusted Beneficiary Copayment\\tNote\\n"
>>> body = head + '63047\\t\\t\\tJ1\\t5114\\t80.1145\\t"$7,143.73"\\t.\\t"$1,428.75"\\t\\t\\n'
>>> read(decode(body.encode(), "b.txt"), "opps-b").rows[0]["rate"]
7143730
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from openrvu.errors import BadFile
from openrvu.tables.delimited import amount, cells_of, checked, lines, percent, unique, weight, whole_ended, words
from openrvu.tables.text import FETCH_AGAIN, Line, Text, place

Cell = str | int | None

# Fewer rows than any Addendum B of CMS (2025: 18,682).
WHOLE_B = 15_000
_CODE, _APC, _INDICATOR = r"[0-9A-Z]\d{3}[0-9A-Z]", r"\d{4}|", r"[A-Z]\d?"

# What a heading's words (delimited.words) mean. A key that begins with * is how the heading ends.
HEADINGS: dict[str, dict[str, str]] = {
    "opps-b": {
        "HCPCS CODE": "hcpcs",
        "CI": "comment",
        "SI": "indicator",
        "APC": "apc",
        "RELATIVE WEIGHT": "weight",
        "PAYMENT RATE": "rate",
        "NATIONAL UNADJUSTED COPAYMENT": "national_copayment",
        "MINIMUM UNADJUSTED COPAYMENT": "minimum_copayment",
        "ADJUSTED BENEFICIARY COPAYMENT": "adjusted_copayment",
        "NOTE": "note",
    },
    "opps-p": {
        "HCPCS": "hcpcs",
        "SI": "indicator",
        "APC": "apc",
        "*APC PAYMENT RATE": "rate",
        "APC DEVICE OFFSET PERCENTAGE": "",
        "*DEVICE OFFSET PERCENTAGE": "offset_percent",
        "*DEVICE OFFSET AMOUNT": "offset_amount",
    },
    "opps-d1": {"STATUS INDICATOR": "indicator", "ITEM CODE SERVICE": "item", "OPPS PAYMENT STATUS": "payment"},
}
HEADINGS["opps-a"] = {name: column for name, column in HEADINGS["opps-b"].items() if name not in ("HCPCS CODE", "CI")}
# The columns without which a line is not the heading of its kind.
NEEDED = {
    "opps-b": {"hcpcs", "indicator", "apc", "weight", "rate", "minimum_copayment"},
    "opps-a": {"apc", "indicator", "weight", "rate", "minimum_copayment"},
    "opps-p": {"hcpcs", "apc", "rate", "offset_percent", "offset_amount"},
    "opps-d1": {"indicator", "item", "payment"},
}
_FIGURES: dict[str, Callable[[str], int | None]] = {
    "weight": weight,
    "offset_percent": percent,
    **dict.fromkeys(("rate", "national_copayment", "minimum_copayment", "adjusted_copayment", "offset_amount"), amount),
}
_DOMAINS = {"hcpcs": _CODE, "apc": _APC, "indicator": _INDICATOR}
COLUMNS: dict[str, dict[str, str]] = {
    "opps-b": {
        **dict.fromkeys(("hcpcs", "comment", "indicator", "apc", "note"), "VARCHAR"),
        **dict.fromkeys(("weight", "rate", "national_copayment", "minimum_copayment", "adjusted_copayment"), "BIGINT"),
    },
    "opps-p": {
        **dict.fromkeys(("hcpcs", "indicator", "apc"), "VARCHAR"),
        **dict.fromkeys(("rate", "offset_percent", "offset_amount"), "BIGINT"),
    },
    "opps-d1": dict.fromkeys(("indicator", "item", "payment"), "VARCHAR"),
}
COLUMNS["opps-a"] = {name: kind for name, kind in COLUMNS["opps-b"].items() if name not in ("hcpcs", "comment")}
KEYS = {"opps-a": "apc", "opps-b": "hcpcs", "opps-p": "hcpcs", "opps-d1": "indicator"}


@dataclass(frozen=True)
class Addendum:
    """What a reader returns. rows: cells by COLUMNS of the kind. heads: title lines. notes: what is worth knowing."""

    kind: str
    rows: list[dict[str, Cell]] = field(repr=False)
    heads: tuple[str, ...]
    notes: tuple[str, ...]


def _column(cell: str, kind: str) -> str:
    heading = words(cell)
    known = HEADINGS[kind]
    if heading in known:
        return known[heading]
    return next((column for name, column in known.items() if name[0] == "*" and heading.endswith(name[1:])), "")


def names_of(line: Line, kind: str) -> tuple[str, ...]:
    """The columns that a line heads for a kind; empty where it is no such heading."""
    names = tuple(_column(cell, kind) for cell in line.cells)
    return names if NEEDED[kind] <= set(names) else ()


def kind_of(line: Line) -> str:
    """Which addendum a line heads: opps-a, opps-b, opps-d1, opps-p, or empty."""
    return next((kind for kind in ("opps-b", "opps-p", "opps-a", "opps-d1") if names_of(line, kind)), "")


def read(text: Text, kind: str) -> Addendum:
    """One addendum. Raises BadFile naming file, line and column."""
    heads: list[str] = []
    numbered = lines(text)
    names: tuple[str, ...] = ()
    for line in numbered:
        if names := names_of(line, kind):
            heads.extend(line.filled)
            break
        heads.extend(line.filled)
    if not names:
        raise BadFile("the file has no heading of its kind", where=text.name, fix=FETCH_AGAIN)
    rows = _indicators(text, numbered, names) if kind == "opps-d1" else _figures(text, numbered, names, kind)
    if not rows:
        raise BadFile("the file has a heading and no rows", where=text.name, fix=FETCH_AGAIN)
    title = " ".join(heads).upper()
    if kind == "opps-b" and "ADDENDUM B" in title and len(rows) <= WHOLE_B:
        what = f"the file ends after {len(rows):,} codes; CMS's have more than {WHOLE_B:,}: it was cut off"
        raise BadFile(what, where=text.name, fix=FETCH_AGAIN)
    return Addendum(kind, rows, tuple(heads), (*whole_ended(text), *_notes(rows, kind)))


def _figures(text: Text, numbered: Iterator[Line], names: tuple[str, ...], kind: str) -> list[dict[str, Cell]]:
    found: list[dict[str, Cell]] = []
    seen: dict[str, int] = {}
    domains = {name: pattern for name, pattern in _DOMAINS.items() if name in names}
    for line in numbered:
        if not line.filled or line.filled == ["\x1a"]:
            continue
        row = cells_of(text, line, names)
        checked(text, line, row, domains)
        unique(text, seen, row[KEYS[kind]], line)
        made: dict[str, Cell] = dict.fromkeys(COLUMNS[kind], None)
        for name, cell in row.items():
            made[name] = _figure(text, line, name, cell) if name in _FIGURES else cell
        found.append(made)
    return found


def _figure(text: Text, line: Line, name: str, cell: str) -> int | None:
    try:
        value = _FIGURES[name](cell)
    except ValueError as fault:
        raise BadFile(str(fault), where=place(text, line.number, name), fix=FETCH_AGAIN) from None
    if value is not None and value < 0:
        raise BadFile(f"{cell} is below zero", where=place(text, line.number, name), fix=FETCH_AGAIN)
    return value


def _indicators(text: Text, numbered: Iterator[Line], names: tuple[str, ...]) -> list[dict[str, Cell]]:
    """One row an indicator; lines without one continue the row above them."""
    found: dict[str, dict[str, str]] = {}
    current = ""
    for line in numbered:
        if not line.filled:
            continue
        row = cells_of(text, line, names)
        if row["indicator"]:
            checked(text, line, row, {"indicator": _INDICATOR})
            current = row["indicator"]
        if not current:
            raise BadFile("the first line has no indicator", where=place(text, line.number), fix=FETCH_AGAIN)
        kept = found.setdefault(current, {"indicator": current, "item": "", "payment": ""})
        for name in ("item", "payment"):
            kept[name] = " ".join(f"{kept[name]} {row[name]}".split())
    return [dict(row) for row in found.values()]


def _notes(rows: list[dict[str, Cell]], kind: str) -> tuple[str, ...]:
    if kind != "opps-b":
        return ()
    odd = [str(row["hcpcs"]) for row in rows if row["indicator"] == "C" and row["rate"] is not None]
    return (f"inpatient only, with a rate printed that does not pay: {', '.join(odd[:5])}",) if odd else ()


def by_code(found: Addendum) -> Mapping[str, Mapping[str, Cell]]:
    """The rows of an addendum by its key."""
    return {str(row[KEYS[found.kind]]): row for row in found.rows}
