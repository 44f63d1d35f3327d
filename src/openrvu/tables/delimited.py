"""Tables of CMS whose cells are parted by tabs or by commas, with headings told by their words.

>>> from openrvu.tables.text import decode
>>> text = decode(b'\\tADDENDUM X\\t\\nHCPCS Code\\t SI\\tPayment Rate \\n00001\\tT\\t"$1,740.720"\\n', "x.txt")
>>> [line.cells for line in lines(text)][1:]
[['HCPCS Code', ' SI', 'Payment Rate '], ['00001', 'T', '$1,740.720']]
>>> words(" Payment  Rate* "), amount("$1,740.720"), amount("."), percent("33.86%")
('PAYMENT RATE', 1740720, None, 3386)
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from openrvu import units
from openrvu.errors import BadFile
from openrvu.tables.text import FETCH_AGAIN, Line, Text, place

# Dollars to three decimals, as the rates of drugs are printed.
MILLS = 1_000
QUARTERS = {"JAN": "A", "APR": "B", "JUL": "C", "OCT": "D"}
_MONTH = re.compile(r"(?<![A-Z])(JAN|APR|JUL|OCT)[A-Z]*\.?[ _-]*(20\d\d)(?!\d)")
_YEAR_MONTH = re.compile(r"(?<!\d)(20\d\d)[ _-]*(JAN|APR|JUL|OCT)")
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")


def lines(text: Text) -> Iterator[Line]:
    """The records of a text, parted by tabs where its beginning has more of them. Raises BadFile for broken quotes."""
    start = text.body[:8000]
    delimiter = "\t" if start.count("\t") > start.count(",") else ","
    reader = csv.reader(io.StringIO(text.body, newline=""), delimiter=delimiter, strict=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            where = place(text, reader.line_num)
            raise BadFile(f"the line is no delimited record: {fault}", where=where, fix=FETCH_AGAIN) from None
        yield Line(reader.line_num, cells)


def words(cell: str) -> str:
    """A heading in capitals, its signs and line breaks as single blanks."""
    return " ".join(re.sub(r"[^A-Z0-9]+", " ", cell.upper()).split())


def amount(cell: str) -> int | None:
    """An amount as printed ($1,740.720) in tenths of a cent; None where a blank or a point stands for no amount."""
    plain = cell.strip().replace("$", "").replace(",", "").strip()
    return None if plain in ("", ".") else units.parse(plain, MILLS)


def weight(cell: str) -> int | None:
    """A relative weight x 10^4; None where there is none."""
    plain = cell.strip().replace(",", "")
    return units.parse(plain, units.RVU) if plain else None


def percent(cell: str) -> int | None:
    """A percent as printed (33.86%) x 10^4 of the whole, so 3386; None where there is none."""
    plain = cell.strip().removesuffix("%").strip()
    return units.parse(plain, units.CENTS) if plain else None


def span_said(text: str) -> str:
    """The quarter (2025B) or year (2025) that a text names; empty where it names none.

    >>> span_said("Addendum A.- OPPS APCs for CY 2025"), span_said("April 2026 Payment Rate")
    ('2025', '2026B')
    >>> span_said("2026_October_Web_Addendum_B.txt")
    '2026D'
    """
    if month := _MONTH.search(text.upper()):
        return month[2] + QUARTERS[month[1]]
    if month := _YEAR_MONTH.search(text.upper()):
        return month[1] + QUARTERS[month[2]]
    year = _YEAR.search(text)
    return year[1] if year else ""


def span_of(said: Sequence[str], asked: str, name: str) -> str:
    """The year or quarter that a table is for: --release, else the first that was said, by its quarter where told.

    Raises BadFile where nothing tells it, or where the file contradicts --release.
    """
    told = next(filter(None, said), "")
    told = next((one for one in said if one[:4] == told[:4] and len(one) > len(told)), told)
    plain = asked.strip().upper()
    if plain and not re.fullmatch(r"20\d\d[A-D]?", plain):
        fix = "Write it as 2026, or 2026B for the second quarter"
        raise BadFile(f"{asked!r} is no year or quarter", where="--release", fix=fix)
    if plain and told and plain[:4] != told[:4]:
        raise BadFile(f"--release says {plain} and the file says {told}", where=name, fix="Leave --release out")
    if not (plain or told):
        fix = "Keep the name that CMS gave it, or say it: `--release 2026` (2026B for the second quarter)"
        raise BadFile("nothing tells which year the file is for", where=name, fix=fix)
    return plain or told


def starts(span: str) -> date:
    """The first day of a year (2025) or quarter (2025B)."""
    return date(int(span[:4]), 1 + 3 * "ABCD".index(span[4:] or "A"), 1)


def ends(span: str) -> date:
    """The last day of a year or quarter.

    >>> ends("2025").isoformat(), ends("2026B").isoformat()
    ('2025-12-31', '2026-06-30')
    """
    year, month = int(span[:4]), starts(span).month + (3 if span[4:] else 12)
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1) - timedelta(days=1)


def cells_of(text: Text, line: Line, names: Sequence[str]) -> dict[str, str]:
    """The kept cells of a line by column name, trimmed. Raises BadFile for a line of another width."""
    if len(line.cells) != len(names):
        what = f"{len(line.cells)} columns instead of {len(names)}"
        raise BadFile(what, where=place(text, line.number), fix=FETCH_AGAIN)
    # CMS's text of 2025 has the no-break space of old code pages (0xFF, read as ÿ) behind some codes.
    return {name: cell.strip(" \t\xa0ÿ") for name, cell in zip(names, line.cells, strict=True) if name}


def checked(text: Text, line: Line, row: Mapping[str, str], domains: Mapping[str, str]) -> None:
    """Raise BadFile, naming file, line and column, for a cell that is not what its column holds."""
    for name, pattern in domains.items():
        if not re.fullmatch(pattern, row[name]):
            raise BadFile(f"{row[name][:20]!r} is no {name}", where=place(text, line.number, name), fix=FETCH_AGAIN)


def unique(text: Text, seen: dict[str, int], key: str, line: Line) -> None:
    """Remember a key and its line. Raises BadFile for one that stands twice."""
    if key in seen:
        what = f"{key} stands twice, first in line {seen[key]}"
        raise BadFile(what, where=place(text, line.number), fix=FETCH_AGAIN)
    seen[key] = line.number


def whole_ended(text: Text) -> tuple[str, ...]:
    """A note where the last line of a file has no end."""
    return () if text.ended else ("the last line has no end: the file may be cut off",)
