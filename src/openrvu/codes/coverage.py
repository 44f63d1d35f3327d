"""Whether a service is covered: national and local decisions with dates, as far as they were read.

>>> coverage_of("62330", date(2026, 7, 1)).id
'ncd-150.13'
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from openrvu.codes.families import find_service
from openrvu.files import facts_folder, read_toml


@dataclass(frozen=True)
class Requirement:
    """One thing a claim or a patient must meet. settled False: from memory, to be confirmed in the source."""

    text: str
    settled: bool


@dataclass(frozen=True)
class Event:
    """A dated change of a coverage decision."""

    on: date
    text: str


@dataclass(frozen=True)
class Coverage:
    """A coverage decision. lead: the sentence that stands first in every answer about its codes."""

    id: str
    title: str
    starts: date
    lead: str
    requirements: tuple[Requirement, ...]
    events: tuple[Event, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Position:
    """What a payer says of a group of services. codes: those it was read to speak of; empty: the whole family."""

    payer: str
    policy: str
    read: str
    text: str
    codes: tuple[str, ...]
    sources: tuple[str, ...]


@cache
def _data() -> dict[str, Any]:
    found: dict[str, Any] = {"decisions": {}, "positions": []}
    for path in sorted((facts_folder() / "coverage").glob("*.toml")):
        data = read_toml(path)
        found["decisions"] |= data.get("decisions", {})
        found["positions"] += data.get("positions", [])
    return found


def coverage_of(code: str, on: date) -> Coverage | None:
    """The national coverage decision that a code's answers lead with on a date, or None."""
    service = find_service(code)
    if service is None or not service.coverage:
        return None
    row = _data()["decisions"][service.coverage]
    if on < row["starts"]:
        return None
    return Coverage(
        id=service.coverage,
        title=row["title"],
        starts=row["starts"],
        lead=row["lead"],
        requirements=tuple(Requirement(item["text"], item.get("settled", True)) for item in row["requirements"]),
        events=tuple(Event(item["on"], item["text"]) for item in row["events"]),
        sources=tuple(row["sources"]),
    )


def leads(codes: Iterable[str], on: date) -> tuple[str, ...]:
    """What an answer on several codes must say first: one sentence a decision, with the codes that it binds.

    >>> leads(["62380", "62330", "62331"], date(2026, 7, 1))[0][:30]
    '62330, 62331: Medicare covers '
    """
    bound: dict[str, list[str]] = {}
    for code in codes:
        if found := coverage_of(code, on):
            bound.setdefault(found.lead, []).append(code)
    return tuple(f"{', '.join(held)}: {lead}" for lead, held in bound.items())


def positions(code: str) -> tuple[Position, ...]:
    """What payers other than Medicare say, as far as it was read."""
    rows = [row for row in _data()["positions"] if not row["codes"] or code in row["codes"]]
    return tuple(
        Position(row["payer"], row["policy"], str(row["read"]), row["text"], tuple(row["codes"]), tuple(row["sources"]))
        for row in rows
    )
