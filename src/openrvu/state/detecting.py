"""Columns that look as if they told who a patient is. A finding names the column and never a value.

It is a warning, not a proof: what it does not find may be there all the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

# Of the values looked at, how many must look so.
SHARE = 0.5
# Days of service are of 1992 and later, when the schedule began; birth dates reach further back and lie further apart.
FIRST_YEAR, YEARS_APART = 1992, 30
PERSON = {"patient", "member", "subscriber", "bene", "beneficiary", "insured", "guarantor", "pt", "person"}
NUMBERS = {"ssn", "mbi", "hic", "hicn", "mrn", "hicno"}
# The form of a Medicare Beneficiary Identifier as CMS publishes it: eleven places, without S, L, O, I, B and Z.
_A, _B = "[AC-HJKMNP-RT-Y]", "[AC-HJKMNP-RT-Y0-9]"
VALUES = (
    ("member number", re.compile(rf"[1-9]{_A}{_B}\d-?{_A}{_B}\d-?{_A}{_A}\d\d")),
    ("Social Security number", re.compile(r"\d{3}-\d{2}-\d{4}")),
    ("e-mail address", re.compile(r"[^@\s]+@[^@\s]+\.[a-z]{2,}", re.IGNORECASE)),
    ("telephone number", re.compile(r"(\+?1[-. ])?\(?\d{3}\)?[-. ]\d{3}[-. ]\d{4}")),
    ("name", re.compile(r"[A-Z][A-Za-z'-]+, ?[A-Z][A-Za-z'. -]+")),
)


@dataclass(frozen=True)
class Suspect:
    """A column that looks personal. like: what it looks like. why: heading, or values."""

    column: str
    like: str
    why: str


def suspects(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[Suspect, ...]:
    """The columns that look personal, by heading or by the rows at hand.

    >>> rows = [["A1", "1EG4-TE5-MK73", "1950-02-03"], ["A2", "1EG4TE5MK72", "1987-11-30"]]
    >>> [(one.column, one.like, one.why) for one in suspects(["CLM_ID", "num", "PatientDOB"], rows)]
    [('num', 'member number', 'values'), ('PatientDOB', 'birth date', 'heading')]
    """
    found = []
    for place, column in enumerate(columns):
        values = [row[place].strip() for row in rows if place < len(row) and row[place].strip()]
        if like := _by_heading(column):
            found.append(Suspect(column, like, "heading"))
        elif like := _by_values(values):
            found.append(Suspect(column, like, "values"))
    return tuple(found)


def _words(heading: str) -> list[str]:
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", heading)
    return re.findall(r"[a-z]+", apart.lower())


def _by_heading(heading: str) -> str:
    words = _words(heading)
    held, whole = set(words), "".join(words)
    if held & {"dob", "birth", "birthdate", "birthday"} or "birth" in whole:
        return "birth date"
    if held & NUMBERS or (held & PERSON and held & {"id", "no", "number", "num"}) or whole in ("desynpufid", "beneid"):
        return "member number"
    if held & {"surname", "firstname", "lastname", "fname", "lname"} or (
        "name" in held and (held & (PERSON | {"first", "last", "middle", "full", "given", "family"}) or whole == "name")
    ):
        return "name"
    if held & {"email", "phone", "telephone", "street", "address"}:
        return "address or telephone number"
    return ""


def _by_values(values: Sequence[str]) -> str:
    if not values:
        return ""
    for like, pattern in VALUES:
        if sum(1 for value in values if pattern.fullmatch(value)) >= SHARE * len(values):
            return like
    years = [year for value in values if (year := _year(value))]
    if len(years) >= SHARE * len(values) and min(years) < FIRST_YEAR and max(years) - min(years) >= YEARS_APART:
        return "birth date"
    return ""


def _year(value: str) -> int | None:
    """The year of a date in a usual form, None for anything else."""
    match = re.fullmatch(r"(\d{4})-?(\d\d)-?(\d\d)(?:[T ].*)?|(\d\d?)/(\d\d?)/(\d{4})", value)
    if not match:
        return None
    year, month, day = match[1] or match[6], match[2] or match[4], match[3] or match[5]
    try:
        return date(int(year), int(month), int(day)).year
    except ValueError:
        return None
