"""A price index by year, embedded or a user's own, and amounts in the prices of one year.

>>> index = consumer_prices()
>>> index.newest, index.real(100_00, 2021, 2024)
(2024, 11577)
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from openrvu import units
from openrvu.errors import BadFile, BadInput
from openrvu.files import facts_folder, read_csv

SCALE = 1000
_LARGEST = 10_000_000  # an index of 10,000: cents times it stay far below 2^53


@dataclass(frozen=True)
class Index:
    """A price index. values: by year, x 10^3. unsettled: years of values from memory. sources: ids, or the file."""

    name: str
    values: Mapping[int, int]
    unsettled: tuple[int, ...]
    sources: tuple[str, ...]

    @property
    def newest(self) -> int:
        """The newest year that has a value."""
        return max(self.values)

    def real(self, cents: int, year: int, base: int) -> int | None:
        """An amount of one year in the prices of another, half up; None where the year has no value."""
        value = self.values.get(year)
        return None if value is None else units.half_up(cents * self.values[base], value)


@cache
def consumer_prices() -> Index:
    """The consumer price index that the package ships (CPI-U, annual averages)."""
    rows = read_csv(facts_folder() / "prices" / "cpi-u.csv")
    return Index(
        "CPI-U, annual average, all items, US city average",
        {int(row["year"]): units.parse(row["value"], SCALE) for row in rows},
        tuple(int(row["year"]) for row in rows if row["settled"] != "yes"),
        tuple(dict.fromkeys(row["source"] for row in rows)),
    )


def read_index(path: Path) -> Index:
    """An index of a user's own: CSV with the columns year and value, one row a year.

    Raises BadFile naming the line for a column that lacks, a year or value that is none, and a year written twice.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise BadFile("not text in UTF-8", where=path.name, fix="Save the sheet as CSV in UTF-8") from None
    reader = csv.DictReader(text.splitlines())
    heads = {(name or "").strip().lower(): name for name in reader.fieldnames or ()}
    if not {"year", "value"} <= heads.keys():
        found = ", ".join(reader.fieldnames or ()) or "nothing"
        raise BadFile("no columns `year` and `value`", where=f"{path.name}, line 1", exists=f"Columns: {found}")
    values: dict[int, int] = {}
    for row in reader:
        where = f"{path.name}, line {reader.line_num}"
        year = (row[heads["year"]] or "").strip()
        if not (year.isascii() and year.isdigit() and 1900 <= int(year) <= 2200) or int(year) in values:
            raise BadFile(f"year {year!r}", where=where, fix="Write each year once, as 2025")
        try:
            value = units.parse(row[heads["value"]] or "", SCALE)
        except ValueError as fault:
            raise BadFile(f"value of {year}: {fault}", where=where, fix="Write it as 313.689") from None
        if not 0 < value <= _LARGEST:
            raise BadFile(
                f"value of {year} is {row[heads['value']]}", where=where, fix="Write an index such as 313.689"
            )
        values[int(year)] = value
    if not values:
        raise BadFile("no rows", where=path.name, fix="Write one row a year: year,value")
    return Index(path.name, values, (), (f"the user's file {path.name}",))


def base_of(index: Index, year: int | None) -> int:
    """The year in whose prices amounts are shown: the one asked for, else the newest. Raises BadInput."""
    if year is None:
        return index.newest
    if year not in index.values:
        raise BadInput(
            f"the price index has no value for {year}",
            exists=f"{index.name}: {min(index.values)} to {index.newest}",
            fix="Choose another year, or give an index of your own with --index FILE (columns year, value)",
        )
    return year
