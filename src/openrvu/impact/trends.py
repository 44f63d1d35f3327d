"""Use of a code over the years, with the caveats that belong to every chart of it.

>>> trend = use("63047")
>>> trend.change_percent(2017, 2023)
'-27.6'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from openrvu import units
from openrvu.errors import NotHeld
from openrvu.files import facts_folder, read_csv

CAVEATS = (
    "These are service lines, not procedures: lines of the surgeon, of assistants and of ambulatory surgical centres "
    "are added.",
    "Rows of ten or fewer beneficiaries are suppressed by CMS, so small codes are undercounted, the more the earlier; "
    "a ratio over time is inflated by that.",
    "Original Medicare only, and not set against the number of beneficiaries: a fall may be people moving to Medicare "
    "Advantage.",
)


@dataclass(frozen=True)
class Trend:
    """Service lines a year. lines: by year; a year without a figure is absent. found: whether any figure was."""

    code: str
    lines: Mapping[int, int]
    missing: tuple[int, ...]
    source: str
    caveats: tuple[str, ...] = CAVEATS

    @property
    def found(self) -> bool:
        """Whether any yearly count was found."""
        return bool(self.lines)

    def change_percent(self, first: int, last: int) -> str:
        """Change from one year to another in percent, one decimal, as text. Raises NotHeld for a year not held."""
        for year in (first, last):
            if year not in self.lines:
                held = ", ".join(map(str, self.lines)) or "none"
                raise NotHeld(f"no count of {self.code} is held for {year}", exists=f"Years held: {held}")
        change = self.lines[last] - self.lines[first]
        return units.ratio_text(change, self.lines[first], 1)


@cache
def _rows() -> Mapping[str, tuple[dict[str, str], ...]]:
    found: dict[str, list[dict[str, str]]] = {}
    for row in read_csv(facts_folder() / "utilization" / "service-lines.csv"):
        found.setdefault(row["code"], []).append(row)
    return {code: tuple(rows) for code, rows in found.items()}


def use(code: str) -> Trend | None:
    """The yearly service lines of a code. None: nobody looked; a Trend that is not `found`: looked for, not found."""
    rows = _rows().get(code)
    if rows is None:
        return None
    dated = [row for row in rows if row["year"]]
    return Trend(
        code=code,
        lines={int(row["year"]): int(row["lines"]) for row in dated if row["lines"]},
        missing=tuple(int(row["year"]) for row in dated if not row["lines"]),
        source=rows[0]["source"],
    )
