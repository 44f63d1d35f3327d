"""CMS's unit limits (medically unlikely edits) of the codes that the families describe.

>>> unit_limit("62331", date(2026, 7, 1)).units
1
>>> unit_limit("62331", date(2025, 7, 1)) is None
True
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from openrvu.files import facts_folder, read_csv


@dataclass(frozen=True)
class UnitLimit:
    """Most units of a code. adjudication: 1 on each line; 2 and 3 over the whole day, 2 without exception."""

    code: str
    units: int
    adjudication: str
    starts: date
    source: str


@cache
def _limits() -> dict[str, UnitLimit]:
    found = {}
    for row in read_csv(facts_folder() / "ncci" / "mue.csv"):
        starts = date.fromisoformat(row["starts"])
        found[row["hcpcs"]] = UnitLimit(row["hcpcs"], int(row["units"]), row["adjudication"], starts, row["source"])
    return found


def unit_limit(code: str, on: date) -> UnitLimit | None:
    """The limit of a code on a date, or None: none is held for it or for a date before the edits that were read."""
    found = _limits().get(code)
    return found if found and found.starts <= on else None
