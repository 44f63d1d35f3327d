"""What is read from a file of answers: arrays, who answered, what was flagged, left out and left behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openrvu.surveydata.mapping import Question, SurveyMapping

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Respondent:
    """line: where in the file. name: as the file has it, or `person N` where the column would tell who it is. seconds:
    time taken, None where not recorded. answered, asked: questions of the respondent's block."""

    line: int
    name: str
    seconds: float | None
    answered: int
    asked: int


@dataclass(frozen=True)
class Flag:
    """Why a row is to be looked at. kind: a rule's name. level: what a limit is held against, None where there is none.
    A flag leaves nobody out."""

    line: int
    respondent: str
    kind: str
    words: str
    level: float | None = None


@dataclass(frozen=True)
class Excluded:
    """A row left out. rule: as written in the mapping, or `no answer`."""

    line: int
    respondent: str
    rule: str
    words: str


@dataclass(frozen=True)
class RuleCount:
    """How many rows a rule left out (each counted once, under the first rule that applies), and how many it fits."""

    rule: str
    left_out: int
    fits: int


@dataclass(frozen=True)
class LeftBehind:
    """A column that would tell who somebody is: nothing of it was carried on."""

    column: str
    why: str


@dataclass(frozen=True)
class Stage:
    """A stage of the funnel. n: None where neither file nor mapping tells. of_invited, of_before: shares of the stated
    numbers, None where those are not known. how: what the count rests on."""

    name: str
    n: int | None
    of_invited: float | None
    of_before: float | None
    before: int | None
    how: str


@dataclass(frozen=True)
class Rate:
    """A rate by its definition. value: None where a part of it is not known."""

    name: str
    value: float | None
    numerator: int
    denominator: int | None
    definition: str


@dataclass(frozen=True)
class Funnel:
    """From invited to analysed, and the rates that follow."""

    stages: tuple[Stage, ...]
    rates: tuple[Rate, ...]


@dataclass(frozen=True, eq=False)
class SurveyData:
    """A survey as read.

    kind: pairs, ratings, rankings or magnitudes. questions: (Q,). answers: (R, Q), nan where not answered; of pairs -1
    0 1 (the left service is less, equal, greater work), of ratings whole numbers, of rankings ranks from 1 (the most
    work), of magnitudes the numbers given; None for counts. counts: (Q, 3) less, equal, greater; None but for counts.
    respondents: (R,), those kept. attributes: name -> (R,) texts. repeated: answers given twice to a pair of a long
    file. turned: (R, Q) whether the right service was named first, None where each question has one direction.
    confirmed: whether the mapping was given, not proposed. seen: what the file was taken for, and by what.
    """

    name: str
    sha256: str
    format: str
    kind: str
    seen: tuple[str, ...]
    label: str
    rows: int
    questions: tuple[Question, ...]
    answers: Floats | None
    counts: Floats | None
    respondents: tuple[Respondent, ...]
    attributes: Mapping[str, tuple[str, ...]]
    flags: tuple[Flag, ...]
    repeated: tuple[Flag, ...]
    excluded: tuple[Excluded, ...]
    rules: tuple[RuleCount, ...]
    funnel: Funnel | None
    left_behind: tuple[LeftBehind, ...]
    ignored: tuple[str, ...]
    mapping: SurveyMapping
    confirmed: bool
    notes: tuple[str, ...]
    turned: Bools | None = None

    @property
    def simulated(self) -> bool:
        """Whether the file says of itself that nobody answered it."""
        return "SIMULATED" in self.label.upper()

    def flagged(self, kind: str) -> tuple[Flag, ...]:
        """The flags of one kind."""
        return tuple(one for one in self.flags if one.kind == kind)
