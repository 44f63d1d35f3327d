"""A survey of comparisons as answers of persons to items: what the Rasch models say of fit, structure and groups.

An item is a service compared with the target, an answer how the target compares with it: less 0, equal 1, greater 2. So
a respondent's place is where that respondent puts the target, and an item's measure how hard it is to exceed. Where
nobody answered equal there are two categories. Comparisons of two other services are not in it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from openrvu.errors import BadInput, OpenRVUError
from openrvu.surveydata.using import YES
from openrvu.valuation.rasch import persons, report, splits
from openrvu.valuation.rasch.data import MISSING, Responses, responses
from openrvu.valuation.rasch.model import Calibration
from openrvu.valuation.rasch.persons import Persons
from openrvu.valuation.rasch.report import Rasch
from openrvu.valuation.rasch.splits import Difference, Test
from openrvu.valuation.survey import NONE, Survey

FIRST = ("interest", "financial interest", "financial_interest", "volume", "specialty")
FEWEST = 5  # respondents a group: fewer say nothing of it
MOST_KINDS = 8
MOST_SPLITS = 4


@dataclass(frozen=True, eq=False)
class People:
    """given: answers to the services compared with the target directly. found, persons: measures with the target (the
    respondents' mean place) at 0; their covariance is under the items' own constraint. rasch: everything else."""

    given: Responses
    found: Calibration
    persons: Persons
    rasch: Rasch


@dataclass(frozen=True)
class Split:
    """Two groups of respondents by one attribute. first, second: what they are, with n and mean place of the target.

    shift, se: how many logits higher the second group places the target (Welch). differences: items that one group
    judges harder, given their places. test: that the groups share their item measures. why_not: what could not be
    compared, and why.
    """

    attribute: str
    first: str
    second: str
    n_first: int
    n_second: int
    shift: float | None
    se: float | None
    differences: tuple[Difference, ...]
    test: Test | None
    why_not: str


def judged(survey: Survey) -> Responses:
    """The answers as persons by items. Raises BadInput where they carry no persons, or too few answers."""
    if survey.answers is None:
        raise BadInput("counts carry no respondents", fix="Give the answers of each respondent")
    at = survey.pairs.names.index(survey.target)
    columns = [
        (survey.pairs.names[j], m)
        for m, (i, j) in enumerate(zip(survey.pairs.left, survey.pairs.right, strict=True))
        if i == at
    ]
    if len(columns) < 2:
        raise BadInput(f"{len(columns)} service compared with the target directly", fix="Compare it with at least two")
    answers = survey.answers[:, [m for _, m in columns]].astype(int)
    table = np.where(answers == NONE, MISSING, answers + 1)
    top = 2
    if not (table == 1).any():
        table, top = np.where(table == 2, 1, table), 1
    kept = (table != MISSING).any(axis=0)
    cells = [[None if cell == MISSING else int(cell) for cell in row] for row in table[:, kept]]
    names = [name for (name, _), keep in zip(columns, kept, strict=True) if keep]
    return responses(cells, names, [top] * len(names))


def measure(survey: Survey, draws: int, seed: int) -> People:
    """Measures, fit and structure. draws: samples simulated for cut-offs. Raises BadInput with what is lacking."""
    given = judged(survey)
    rasch = report.analyse(given, draws=0, name=survey.name, label=survey.label)
    if draws:
        try:
            rasch = report.analyse(given, draws=draws, seed=seed, name=survey.name, label=survey.label)
        except OpenRVUError as fault:  # too few samples have measures: the rest stands
            rasch = replace(rasch, warnings=(*rasch.warnings, f"no simulated cut-offs: {fault.what}"))
    found = report.calibrate(given)
    people = persons.measure(given, found)
    known = np.isfinite(people.theta)
    origin = float(np.average(people.theta[known], weights=people.weights[known]))
    moved = replace(
        found,
        measures=found.measures - origin,
        thresholds=found.thresholds - origin,
        constraint="the respondents' mean place is zero",
    )
    return People(given, moved, replace(people, theta=people.theta - origin), rasch)


def by_attributes(people: People, attributes: Mapping[str, Sequence[str]]) -> tuple[Split, ...]:
    """Every comparison of two groups that the attributes allow: financial interest, volume and specialty first.

    A number is parted at its median, two kinds as they are, more kinds each against all others.
    """
    order = [*(n for n in FIRST if n in attributes), *(n for n in attributes if n not in FIRST)]
    found: list[Split] = []
    for name in order:
        found += _splits(people, name, attributes[name])
    return tuple(found)


def _splits(people: People, name: str, cells: Sequence[str]) -> list[Split]:
    given = [cell.strip() for cell in cells]
    kinds = sorted({cell for cell in given if cell})
    if len(kinds) < 2:
        why = f"everybody has the same ({kinds[0]})" if kinds else "nobody has one"
        return [Split(name, "", "", 0, 0, None, None, (), None, why)]
    if (numbers := _numbers(given)) is not None and len(kinds) > 2:
        middle = float(np.median([n for n in numbers if n is not None]))
        labels = ["" if n is None else "up" if n <= middle else "above" for n in numbers]
        return [_split(people, name, labels, ("up", f"up to {middle:g}"), ("above", f"above {middle:g}"))]
    if name in FIRST[:3] and {cell.casefold() for cell in kinds} <= set(YES):
        stake = {True: "yes", False: "no"}
        labels = [stake[YES[cell.casefold()]] if cell else "" for cell in given]
        return [_split(people, name, labels, ("no", "without"), ("yes", "with"))]
    if len(kinds) == 2:
        return [_split(people, name, given, (kinds[0], kinds[0]), (kinds[1], kinds[1]))]
    if len(kinds) > MOST_KINDS:
        why = f"{len(kinds)} kinds: too many to compare; group them in the mapping"
        return [Split(name, "", "", 0, 0, None, None, (), None, why)]
    largest = sorted(kinds, key=lambda kind: (-given.count(kind), kind))[:MOST_SPLITS]
    found = []
    for kind in largest:
        labels = ["" if not cell else "this" if cell == kind else "other" for cell in given]
        found.append(_split(people, name, labels, ("other", "all others"), ("this", kind)))
    return found


def _numbers(cells: Sequence[str]) -> list[float | None] | None:
    """The cells as numbers, None where empty; no list where one is text."""
    if any(cell and not re.fullmatch(r"[+-]?\d+([.,]\d+)?", cell) for cell in cells):
        return None
    return [float(cell.replace(",", ".")) if cell else None for cell in cells]


def _split(people: People, name: str, labels: Sequence[str], first: tuple[str, str], second: tuple[str, str]) -> Split:
    told = np.array(labels)
    sizes = int((told == first[0]).sum()), int((told == second[0]).sum())
    plain = Split(name, first[1], second[1], *sizes, None, None, (), None, "")
    if min(sizes) < FEWEST:
        return replace(plain, why_not=f"a group of {min(sizes)}: at least {FEWEST} are needed")
    shift, se = _shift(people.persons, told == first[0], told == second[0])
    inside = told != ""
    given = people.given.persons(inside)
    groups = (told[inside] == second[0]).astype(int)
    plain = replace(plain, shift=shift, se=se)
    try:
        differences = splits.differences(given, groups, people.found.model)
        test = splits.andersen(given, groups, people.found.model)
    except OpenRVUError as fault:
        return replace(plain, why_not=f"items by group: {fault.what}")
    return replace(plain, differences=differences, test=test)


def _shift(people: Persons, first: np.ndarray, second: np.ndarray) -> tuple[float | None, float | None]:
    """Difference of the mean places and its standard error."""
    known = np.isfinite(people.theta)
    a, b = people.theta[first & known], people.theta[second & known]
    if min(a.size, b.size) < 2:
        return None, None
    se = math.sqrt(float(a.var(ddof=1)) / a.size + float(b.var(ddof=1)) / b.size)
    return float(b.mean() - a.mean()), se
