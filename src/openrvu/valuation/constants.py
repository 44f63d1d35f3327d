"""Constants of the routes, each with its source and whether it is settled: facts/work, read when first asked for.

>>> fewest_respondents(None), fewest_respondents(250_000)
(30, 50)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from openrvu import units
from openrvu.errors import BadInput
from openrvu.files import facts_folder, read_toml

EVALUATION, POSITIONING, SCRUB, POST = "evaluation", "positioning", "scrub", "post"


@dataclass(frozen=True)
class Intensity:
    """Work RVU a minute (x 10^4) of one part of a service. settled: confirmed in its source."""

    part: str
    rate: int
    words: str
    source: str
    settled: bool


@dataclass(frozen=True)
class Minimum:
    """Respondents that a RUC survey is asked to have above so many services a year."""

    above: int
    respondents: int
    source: str
    settled: bool


@dataclass(frozen=True)
class Visits:
    """Until when office visits inside global periods had the visits' own work RVU of the day."""

    before: date
    source: str
    settled: bool


def _read(name: str) -> dict[str, Any]:
    return read_toml(facts_folder() / "work" / f"{name}.toml")


@cache
def intensities() -> dict[str, Intensity]:
    """Work RVU a minute by part of the service, outside the intra-service time."""
    found = {}
    for part, row in _read("building-block")["intensity"].items():
        rate = units.parse(row["rate"], units.RVU)
        found[part] = Intensity(part, rate, row["words"], row["source"], row["settled"])
    return found


@cache
def visits() -> Visits:
    """The date of the change in office visits, with its source."""
    return Visits(**_read("building-block")["visits"])


@cache
def minimums() -> tuple[Minimum, ...]:
    """Minimum respondents, from the lowest volume up."""
    return tuple(sorted((Minimum(**row) for row in _read("ruc-survey")["minimum"]), key=lambda one: one.above))


def minimum_for(volume: int | None) -> Minimum:
    """The minimum for so many services a year; the lowest where the volume is not known."""
    if volume is not None and volume < 0:
        raise BadInput(f"{volume} services a year", fix="Give a whole number from 0 on")
    return [one for one in minimums() if one.above == 0 or (volume or 0) > one.above][-1]


def fewest_respondents(volume: int | None) -> int:
    """The number of `minimum_for`."""
    return minimum_for(volume).respondents
