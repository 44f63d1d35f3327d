"""CMS's surgical centre addenda: AA (surgical procedures) and BB (ancillary services), by their headings.

No file of CMS is at hand to test on: the headings are those that public readers of these files name (the year and
"Final" or a month stand before them). Proposed rates are refused. Addendum FF, the device portions, is not read.

>>> from openrvu.tables.text import decode
>>> head = "HCPCS Code,,Short Descriptor,Subject to Multiple Procedure Discounting,April 2026 Payment Indicator,"
>>> body = head + "April 2026 Payment Weight,April 2026 Payment Rate\\n63047,,,Y,G2,1.0000,$56.32\\n"
>>> table = read(decode(body.encode(), "aa.csv"))
>>> table.kind, table.rows[0]["discounted"], table.rows[0]["rate"]
('asc-aa', 'Y', 56320)
"""

from __future__ import annotations

from openrvu.errors import BadFile
from openrvu.tables.delimited import amount, cells_of, checked, lines, unique, weight, whole_ended, words
from openrvu.tables.opps import Addendum, Cell
from openrvu.tables.text import FETCH_AGAIN, Line, Text, place

COLUMNS = {
    **dict.fromkeys(("hcpcs", "discounted", "indicator"), "VARCHAR"),
    **dict.fromkeys(("weight", "rate"), "BIGINT"),
}
_ENDINGS = {
    "SUBJECT TO MULTIPLE PROCEDURE DISCOUNTING": "discounted",
    "PAYMENT INDICATOR": "indicator",
    "PAYMENT WEIGHT": "weight",
    "PAYMENT RATE": "rate",
}
_DOMAINS = {"hcpcs": r"[0-9A-Z]\d{3}[0-9A-Z]", "indicator": r"[A-Z]\d", "discounted": r"[YN]?"}


def _column(cell: str) -> str:
    heading = words(cell)
    if heading in ("HCPCS CODE", "HCPCS"):
        return "hcpcs"
    return next((column for ending, column in _ENDINGS.items() if heading.endswith(ending)), "")


def names_of(line: Line) -> tuple[str, ...]:
    """The columns that a line heads; empty where it is no heading of AA or BB."""
    names = tuple(_column(cell) for cell in line.cells)
    return names if {"hcpcs", "indicator", "rate"} <= set(names) else ()


def kind_of(line: Line) -> str:
    """asc-aa where the heading has the column of multiple-procedure discounting, asc-bb without, else empty."""
    names = names_of(line)
    return ("asc-aa" if "discounted" in names else "asc-bb") if names else ""


def read(text: Text) -> Addendum:
    """One addendum. Raises BadFile naming file, line and column."""
    heads: list[str] = []
    numbered = lines(text)
    names: tuple[str, ...] = ()
    kind = ""
    for line in numbered:
        heads.extend(line.filled)
        if names := names_of(line):
            kind = kind_of(line)
            break
    if "PROPOSED" in " ".join(heads).upper():
        raise BadFile("the rates are proposed, not final", where=text.name, fix="Take the final rule's addendum")
    rows: list[dict[str, Cell]] = []
    seen: dict[str, int] = {}
    for line in numbered:
        if not line.filled or (line.filled[0].startswith("*") and len(line.filled) == 1):
            continue
        row = {"discounted": "", "weight": "", **cells_of(text, line, names)}
        checked(text, line, row, _DOMAINS)
        unique(text, seen, row["hcpcs"], line)
        try:
            rows.append({**row, "weight": weight(row["weight"]), "rate": amount(row["rate"])})
        except ValueError as fault:
            raise BadFile(str(fault), where=place(text, line.number, "rate"), fix=FETCH_AGAIN) from None
    if not rows:
        raise BadFile("the file has no surgical centre rate", where=text.name, fix=FETCH_AGAIN)
    return Addendum(kind, rows, tuple(heads), whole_ended(text))
