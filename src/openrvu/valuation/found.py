"""What an audit holds: frozen data, with sentences made from it. Built by audit.py, worded by wording.py."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from openrvu.valuation import guards
from openrvu.valuation.anchor import Reading
from openrvu.valuation.consistency import Check
from openrvu.valuation.formulas import Chance, Try
from openrvu.valuation.guards import Guard
from openrvu.valuation.plain import plain
from openrvu.valuation.study import Claim, Study


@dataclass(frozen=True)
class Row:
    """A comparator in the audit. rvu: the one the study stands on (printed, else its basis release's), in RVUs.

    recomputed: by the bundle rule on the basis release. leverage, cook and without (the value read at the target when
    it is left out) are None where there is no line.
    """

    service: str
    rvu: float | None
    rvu_printed: bool
    recomputed: float | None
    measure: float | None
    infit: float | None
    outfit: float | None
    odd: str
    leverage: float | None = None
    cook: float | None = None
    without: float | None = None


@dataclass(frozen=True)
class LineFound:
    """The line on the study's own RVUs, read at the target's measure (0)."""

    scale: str
    reading: Reading
    slope: float
    slope_low: float
    slope_high: float
    slope_p: float
    s: float
    r2: float
    df: int
    predictive_r2: float
    log_linear: float | None
    low_without: float
    high_without: float
    low_measure: float
    high_measure: float


@dataclass(frozen=True)
class MeanFound:
    """The comparators' plain mean on the study's own RVUs, and its range when one is left out."""

    value: float
    exact: str
    low_without: float
    high_without: float


@dataclass(frozen=True)
class InRelease:
    """What mean and line would be with the RVUs of these releases. not_held: comparators that the release lacks."""

    releases: tuple[str, ...]
    held: int
    of: int
    not_held: tuple[str, ...]
    mean: float
    line: float | None
    new_low: float | None
    new_high: float | None


@dataclass(frozen=True)
class Ratio:
    """The claimed value as a percentage of a code's work RVU. printed: what the study prints; agrees: the same
    digits."""

    claimed: str
    code: str
    releases: tuple[str, ...]
    rvu: float
    percent: str
    printed: str
    agrees: bool | None


@dataclass(frozen=True)
class ClaimFound:
    """One claimed value: the tries of the formula family, those that give it, and the guards about it."""

    claim: Claim
    tries: tuple[Try, ...]
    gives: tuple[Try, ...]
    chance: Chance | None
    low_without: float | None
    high_without: float | None
    guards: tuple[Guard, ...]


@dataclass(frozen=True)
class Audit:
    """What was found about a published study on a date. status: reproduced, not-reproduced, not-reproducible, no-claim.

    headline and findings are sentences; missing says what would be needed to check more; correction how to put it
    right. checks: whether printed figures agree with each other. digest: first twelve digits of the SHA-256 over the
    study's fields, which with version, facts and date makes the record again.
    """

    study: Study
    on: date
    use_release: str
    basis_release: str
    status: str
    headline: str
    findings: tuple[str, ...]
    claims: tuple[ClaimFound, ...]
    comparators: tuple[Row, ...]
    mean: MeanFound | None
    line: LineFound | None
    releases: tuple[InRelease, ...]
    ratios: tuple[Ratio, ...]
    checks: tuple[Check, ...]
    line_guards: tuple[Guard, ...]
    study_guards: tuple[Guard, ...]
    missing: tuple[str, ...]
    read: str
    correction: str
    digest: str

    @property
    def guards(self) -> tuple[Guard, ...]:
        """All guards: about each claimed value, the line, the study."""
        about = tuple(guard for found in self.claims for guard in found.guards)
        return (*about, *self.line_guards, *self.study_guards)

    def fired(self, about: str = "") -> frozenset[str]:
        """The names of the guards that warn, about one kind of value (claimed, line, study) or all."""
        return guards.fired(self.guards, about)

    def to_dict(self) -> dict[str, Any]:
        """Plain data with stable field names; `guards` holds them all, in order."""
        found: dict[str, Any] = {"id": self.study.id, "target": self.study.target, **plain(self)}
        found["study"] = self.study.to_dict()
        found["guards"] = plain(self.guards)
        found["fired"] = {about: sorted(self.fired(about)) for about in (guards.CLAIMED, guards.LINE, guards.STUDY)}
        return found
