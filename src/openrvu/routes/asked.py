"""What the routes share: the release asked for, a code's times and where they are from, its comparators."""

from __future__ import annotations

from openrvu.codes.families import family_of
from openrvu.facts import Facts
from openrvu.releases import Release
from openrvu.tables.physician_time import Times, TimeTable
from openrvu.valuation.study import known

LOAD_TIMES = "Give CMS's physician time file (--times FILE), or the minutes (--intra 90 ...)"
GIVEN = "given by the user"


def release_of(facts: Facts, key: str) -> Release:
    return facts.release(key) if key else facts.newest()


def times_of(code: str, table: TimeTable | None, minutes: Times | None) -> tuple[Times | None, str, str, bool]:
    """The times of a code, where they are from, the file's label, and whether they are made up."""
    label, made_up = (table.label, table.simulated) if table else ("", False)
    if minutes is not None:
        return minutes, GIVEN, label, made_up
    if table is not None and code in table.rows:
        return table.rows[code], table.name, label, made_up
    return None, table.name if table else "", label, made_up


def comparators(code: str) -> tuple[str, ...]:
    """Single codes that a published study compares the code with, else its family's comparators."""
    study = next((one for one in known() if one.target == code), None)
    inside = [c.service.codes[0][0] for c in study.comparators if len(c.service.codes) == 1] if study else []
    family = family_of(code)
    named = inside or (list(family.comparators) if family else [])
    return tuple(dict.fromkeys(c for c in named if c != code))
