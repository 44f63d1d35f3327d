"""A published valuation study in summary form: what it claims, from which comparators, and what it does not print.

Studies are TOML files, one each, in `facts/studies/`; a user may give a path to another (docs/studies.md). Figures
keep their printed text, because the number of digits printed is what decides whether a formula "gives" a value.

>>> study("LEWANDROWSKI-2024-62380").claims[0].value
'18.2464'
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

from openrvu import units
from openrvu.errors import BadInput
from openrvu.files import facts_folder
from openrvu.valuation.services import Service

DESIGNS = ("star", "linked", "reference-choice")
INTERESTS = ("recorded", "not-recorded", "unknown")


@dataclass(frozen=True)
class Claim:
    """A value that a study states. value: as printed, so that its digits count. panel: which of its surveys."""

    value: str
    scale: str
    words: str
    panel: str
    source: str

    @property
    def exact(self) -> Fraction:
        """The printed value as an exact fraction."""
        return Fraction(self.value)

    @property
    def decimals(self) -> int:
        """How many decimals are printed."""
        return len(self.value.partition(".")[2])

    @property
    def digits(self) -> int:
        """How many significant digits are printed."""
        return len(self.value.replace(".", "").lstrip("0"))


@dataclass(frozen=True)
class Panel:
    """Who was asked, from those sent to, to those who completed. None where not printed.

    comparators: how many services they compared. parts: groups that make up those sent to. response_rate,
    completion_rate: percentages as printed, empty where not.
    """

    name: str
    sent: int | None
    opened: int | None
    started: int | None
    responded: int | None
    completed: int | None
    comparators: int | None
    parts: tuple[int, ...]
    response_rate: str
    completion_rate: str
    source: str

    @property
    def answering(self) -> int | None:
        """How many answered: completed where printed, else responded."""
        return self.responded if self.completed is None else self.completed


@dataclass(frozen=True)
class Scale:
    """One question asked of every comparison. work: whether it asks about work. printed: whether its measures are."""

    name: str
    work: bool
    printed: bool
    words: str
    source: str


@dataclass(frozen=True)
class Measures:
    """What is printed of the measures as a whole. scale: the scale the comparators' measures belong to.

    respondents: whose answers they are made of. categories: answers offered (2, or 3 with `equal`).
    """

    scale: str
    respondents: int | None
    categories: int | None
    person_reliability: float | None
    service_reliability: float | None
    madaq3: float | None
    madaq3_p: str
    source: str


@dataclass(frozen=True)
class Comparator:
    """A service compared with the target. rvu x 10^4 where the study prints it; measure in logits, target at 0.

    se: standard error of the measure as printed, empty where not.
    odd: why it is of another family, region or kind of work; empty where nothing says so.
    """

    service: Service
    rvu: int | None
    measure: float | None
    se: str
    infit: float | None
    outfit: float | None
    odd: str


@dataclass(frozen=True)
class Printed:
    """A percentage that the study prints: of a code's work RVU (ratios), or of respondents (shares).

    of: how many respondents a share is of; None where that is not printed. whole: shares that bear the same text are
    all the answers to one question.
    """

    what: str
    percent: str
    source: str
    of: int | None = None
    whole: str = ""


@dataclass(frozen=True)
class Average:
    """A mean of whole-number answers as printed. n: answers of so many respondents. items: to so many questions each.
    step: of the scale, 1 unless it is finer."""

    words: str
    value: str
    n: int
    items: int
    step: str
    source: str


@dataclass(frozen=True)
class Interval:
    """An estimate with what is printed of its uncertainty, as text: se, low and high, sd; empty where not printed.

    level: of the interval, percent. n: respondents, None where not printed.
    """

    words: str
    value: str
    se: str
    low: str
    high: str
    sd: str
    level: float
    n: int | None
    source: str


@dataclass(frozen=True)
class Total:
    """A sum or mean that the study prints beside its parts. how: sum or mean."""

    words: str
    how: str
    parts: tuple[str, ...]
    printed: str
    source: str


@dataclass(frozen=True)
class Study:
    """A published study, in summary form. Texts are our own words. Empty text or None: not printed, or not read."""

    id: str
    target: str
    title: str
    authors: str
    year: int
    published: date | None
    source: str
    basis_release: str
    basis_words: str
    design: str
    interest: str
    interest_words: str
    funding: str
    read: str
    comparator_note: str
    not_printed: tuple[str, ...]
    claims: tuple[Claim, ...]
    panels: tuple[Panel, ...]
    scales: tuple[Scale, ...]
    measures: Measures | None
    comparators: tuple[Comparator, ...]
    ratios: tuple[Printed, ...]
    shares: tuple[Printed, ...]
    averages: tuple[Average, ...]
    intervals: tuple[Interval, ...]
    totals: tuple[Total, ...]
    inconsistencies: tuple[tuple[str, str], ...]

    @property
    def measured(self) -> bool:
        """Whether every comparator has a printed measure, so that a line can be fitted."""
        return bool(self.comparators) and all(item.measure is not None for item in self.comparators)

    def scale(self) -> Scale | None:
        """The scale of the printed measures."""
        name = self.measures.scale if self.measures else ""
        return next((scale for scale in self.scales if scale.name == name), None)

    def to_dict(self) -> dict[str, Any]:
        """Stable field names for JSON; work RVUs as floats, codes joined by +."""
        from openrvu.valuation.plain import plain

        found: dict[str, Any] = plain(self)
        found["comparators"] = [
            {
                **plain(item),
                "service": item.service.name,
                "rvu": None if item.rvu is None else item.rvu / units.RVU,
            }
            for item in self.comparators
        ]
        found["inconsistencies"] = [{"words": words, "source": key} for words, key in self.inconsistencies]
        return found


def read(path: Path) -> Study:
    """A study from its TOML file. Raises BadFile for anything that is not one, with the line and what is accepted."""
    from openrvu.valuation.study_file import read as read_file

    return read_file(path)


def known() -> tuple[Study, ...]:
    """The embedded studies, by id."""
    return tuple(read(path) for path in sorted((facts_folder() / "studies").glob("*.toml")))


def study(key: str) -> Study:
    """The embedded study with this id (capital letters do not matter). Raises BadInput with the ids that exist."""
    held = known()
    for found in held:
        if found.id.casefold() == key.strip().casefold():
            return found
    raise BadInput(
        f"no study {key!r}",
        exists=f"Studies: {', '.join(item.id for item in held)}",
        fix="Give one of these, or the path of a study.toml",
    )
