"""Status letters of the fee schedule: what each means, and how such a service is paid.

The table is `lookups/status.csv`, read in RVU25D.pdf attachment A ("rvu25d-layout").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from openrvu.files import read_csv


@dataclass(frozen=True, slots=True)
class Status:
    """One status letter: outcome (a stable slug), words (our own), how_paid, source id."""

    letter: str
    outcome: str
    words: str
    how_paid: str
    source: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """Why a line is not priced though its row may be: a stable slug, words (our own), how_paid, source id."""

    status: str
    words: str
    how_paid: str
    source: str


@cache
def outcomes() -> Mapping[str, Outcome]:
    """Every status that a rule may give, besides those of the status letters."""
    path = Path(__file__).parent / "lookups" / "outcomes.csv"
    return {row["status"]: Outcome(**row) for row in read_csv(path)}


# Only these pay by their RVUs (payment rules, section 1).
PAID_BY_RVU = frozenset("ART")


@cache
def statuses() -> Mapping[str, Status]:
    """All status letters."""
    path = Path(__file__).parent / "lookups" / "status.csv"
    return {row["letter"]: Status(**row) for row in read_csv(path)}


def outcome(letter: str, zero_rvus: bool) -> str:
    """The outcome of a line by its status letter: `priced`, or the slug that says why it has no schedule amount.

    A letter that pays by RVUs but whose row has none is `no-rvus`: the contractor sets the amount. A row without a
    letter is `status-unknown`: it cannot be told whether the RVUs pay.

    >>> outcome("A", False), outcome("R", True), outcome("", False)
    ('priced', 'no-rvus', 'status-unknown')
    """
    if not letter:
        return "status-unknown"
    if letter in PAID_BY_RVU:
        return "no-rvus" if zero_rvus else "priced"
    found = statuses().get(letter)
    return found.outcome if found else "status-unknown"
