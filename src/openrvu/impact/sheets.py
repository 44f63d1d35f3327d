"""What a simulation found as CSV."""

from __future__ import annotations

from dataclasses import fields

from openrvu import units
from openrvu.answers import csv_text
from openrvu.impact.simulate import CodeEffect, Simulation


def effect_sheet(found: Simulation) -> str:
    """One line a code, setting and place; amounts in dollars.

    >>> from openrvu.impact.simulate import simulate
    >>> effect_sheet(simulate("63030-restored")).splitlines()[1].split(",")[:2]
    ['2026C', '2026-07-01']
    """
    columns = [field.name for field in fields(CodeEffect)]
    head = ["release", "on", *(name.removesuffix("_cents") for name in columns)]
    rows = [[found.release, found.on.isoformat(), *(_cell(row, name) for name in columns)] for row in found.codes]
    return csv_text(head, rows)


def _cell(row: CodeEffect, name: str) -> object:
    value = getattr(row, name)
    return units.text(value, units.CENTS) if name.endswith("_cents") and value is not None else value
