"""Dated scalars: floors, deductibles, sequestration and the like, each with its source.

Rows live in `rules/params/*.toml`, one table a parameter, with `unit`, `meaning` and dated `values`.

>>> at("part_b_deductible", date(2026, 7, 1)).value
28300
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from openrvu.errors import NotHeld, OpenRVUError
from openrvu.files import read_toml


@dataclass(frozen=True)
class Parameter:
    """One value of a parameter. unit: cents, percent (x 10^4) or gpci (x 10^3). ends None: no end is known."""

    name: str
    value: int
    unit: str
    starts: date
    ends: date | None
    source: str
    settled: bool
    note: str = ""
    meaning: str = ""


@cache
def rows() -> tuple[Parameter, ...]:
    """Every dated value of every parameter, as written."""
    found: list[Parameter] = []
    for path in sorted((Path(__file__).parent / "rules" / "params").glob("*.toml")):
        for name, table in read_toml(path).items():
            for row in table["values"]:
                found.append(
                    Parameter(
                        name=name,
                        value=row["value"],
                        unit=table["unit"],
                        starts=row["starts"],
                        ends=row.get("ends"),
                        source=row["source"],
                        settled=row.get("settled", True),
                        note=row.get("note", ""),
                        meaning=table["meaning"],
                    )
                )
    return tuple(found)


def at(name: str, on: date) -> Parameter:
    """The value of a parameter on a date.

    Raises OpenRVUError for a name that no file has, NotHeld for a date that no row covers.
    """
    dated = [row for row in rows() if row.name == name]
    if not dated:
        names = ", ".join(sorted({row.name for row in rows()}))
        raise OpenRVUError(f"no parameter is called {name!r}", exists=f"Parameters: {names}")
    for row in dated:
        if row.starts <= on and (row.ends is None or on <= row.ends):
            return row
    first = min(row.starts for row in dated)
    raise NotHeld(
        f"no value of {name} is held for {on.isoformat()}",
        exists=f"Held from {first.isoformat()}",
        fix="Choose a later date, or add a dated row with its source",
    )
