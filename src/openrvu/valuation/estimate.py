"""What a valuation of a survey holds: frozen data. Built by value.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from openrvu.valuation import guards
from openrvu.valuation.anchor import Reading
from openrvu.valuation.guards import Guard
from openrvu.valuation.joint import Joint
from openrvu.valuation.links import Link
from openrvu.valuation.plain import plain
from openrvu.valuation.survey import Report


@dataclass(frozen=True)
class Item:
    """A service compared with the target. rvu: on the anchoring release, in RVUs, None where it is not known there.

    measure, se: logits from the target under the chosen treatment of ties. answers: how often the target was judged
    less, equal or greater. left_out: why it is not in the line, empty where it is. without: the value read without it.
    """

    service: str
    rvu: float | None
    measure: float | None
    se: float | None
    less: float
    equal: float
    greater: float
    left_out: str
    leverage: float | None
    cook: float | None
    without: float | None


@dataclass(frozen=True)
class Treatment:
    """The value under one treatment of ties. why_not: why there is none. dropped: services without a finite measure."""

    ties: str
    words: str
    reading: Reading | None
    slope: float | None
    slope_p: float | None
    predictive_r2: float | None
    separation: float | None
    log_nu: float | None
    answers: float
    dropped: tuple[tuple[str, str], ...]
    why_not: str


@dataclass(frozen=True)
class Bootstrap:
    """Percentile and BCa intervals over what was drawn again: respondents (measures, line and reading redone each time)
    or comparators (line and reading redone).

    Respondents carry that people disagree, comparators that services scatter about the line; neither is the interval of
    one new service. method: what was resampled. failed: draws without a value, left out. None: too few draws have one.
    edges, heights: the values binned for drawing, far tails left out: n + 1 ends, n counts.
    """

    method: str
    draws: int
    failed: int
    seed: int
    level: float
    low: float | None
    median: float | None
    high: float | None
    bca_low: float | None = None
    bca_high: float | None = None
    edges: tuple[float, ...] = ()
    heights: tuple[int, ...] = ()


@dataclass(frozen=True)
class Estimate:
    """The work RVU that a survey gives a target, with its intervals, what it hangs on, and the warnings.

    label: what the survey's file says of itself (SIMULATED). reading: the line at the target's measure under `ties`,
    None where there is no line; then why_not says why. treatments: every treatment of ties in one table. sensitivity:
    the value by every other link. joint: measures and link in one likelihood, None where it was not asked for.
    """

    target: str
    survey: str
    domain: str
    simulated: bool
    label: str
    release: str
    use_release: str
    ties: str
    headline: str
    reading: Reading | None
    slope: float | None
    slope_low: float | None
    slope_high: float | None
    slope_p: float | None
    r2: float | None
    predictive_r2: float | None
    mean: float | None
    low_without: float | None
    high_without: float | None
    why_not: str
    items: tuple[Item, ...]
    treatments: tuple[Treatment, ...]
    bootstrap: Bootstrap | None
    comparator_bootstrap: Bootstrap | None
    sensitivity: tuple[Link, ...]
    joint: Joint | None
    guards: tuple[Guard, ...]
    report: Report
    notes: tuple[str, ...]

    @property
    def value(self) -> float | None:
        """The value read at the target, in work RVUs."""
        return self.reading.value if self.reading else None

    def fired(self) -> frozenset[str]:
        """The names of the guards that warn."""
        return guards.fired(self.guards)

    def to_dict(self) -> dict[str, Any]:
        """Plain data with stable field names."""
        found: dict[str, Any] = plain(self)
        found["value"], found["fired"] = self.value, sorted(self.fired())
        return found
