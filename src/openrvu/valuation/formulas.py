"""The fixed family of formulas that an audit tries on a published value, and the chance of a hit.

Six formulas and each release's RVUs, listed beforehand: no search over subsets of comparators, weights or scales. A
formula "gives" a value if it rounds to the value's printed digits (half up).

>>> chance_hits(6, 20, 4, low=7.03, high=27.75) < 0.001 < chance_hits(6, 20, 1, low=7.03, high=27.75)
True
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median

from openrvu import units
from openrvu.errors import BadInput
from openrvu.valuation.anchor import fit_line, log_linear

MEAN = "mean"
LINE = "line-at-target"
AT_MEAN = "line-at-mean-measure"


@dataclass(frozen=True)
class Formula:
    """One way to a value. needs: rvus, measures, or weights (measures with standard errors)."""

    id: str
    words: str
    needs: str


FORMULAS: tuple[Formula, ...] = (
    Formula(MEAN, "unweighted mean of the comparators' work RVUs", "rvus"),
    Formula("median", "median of the comparators' work RVUs", "rvus"),
    Formula(LINE, "least squares of work RVU on measure, read at the target's measure", "measures"),
    Formula(AT_MEAN, "least squares of work RVU on measure, read at the comparators' mean measure", "measures"),
    Formula(
        "log-linear-at-target", "least squares of log work RVU on measure, read at the target's measure", "measures"
    ),
    Formula("weighted-at-target", "least squares weighted by 1 / SE^2, read at the target's measure", "weights"),
)


@dataclass(frozen=True)
class RvuSet:
    """Work RVUs x 10^4, one a comparator in the study's order, and the releases (or "as printed") that have just
    these."""

    rvus: tuple[int, ...]
    releases: tuple[str, ...]


@dataclass(frozen=True)
class Try:
    """One formula on one set of RVUs. value: None where the formula needs what is not printed. exact: where rational.

    gives: whether it rounds to the claimed value's printed digits.
    """

    formula: str
    words: str
    releases: tuple[str, ...]
    value: float | None
    exact: Fraction | None
    text: str
    gives: bool
    why_not: str


@dataclass(frozen=True)
class Chance:
    """How many of the tries would give the claimed value by chance.

    expected = formulas x rvu_sets x precision / range. rvu_sets counts every release tried, as if each had RVUs of its
    own; many repeat the year before's, so this is an upper figure. expected_distinct counts sets that differ.
    """

    expected: float
    expected_distinct: float
    formulas: int
    rvu_sets: int
    distinct_rvu_sets: int
    precision: float
    low: float
    high: float


def printed(value: Fraction | float, decimals: int) -> str:
    """A value to so many decimals, half up, as text.

    >>> printed(Fraction(20071, 1100), 4), printed(39.47068, 2)
    ('18.2464', '39.47')
    """
    exact, scale = Fraction(value), 10**decimals
    return units.text(units.half_up(exact.numerator * scale, exact.denominator), scale, decimals)


def mean(rvus: Sequence[int]) -> Fraction:
    """The exact unweighted mean of work RVUs x 10^4, in RVUs.

    >>> mean([153700, 120000])
    Fraction(2737, 200)
    """
    if not rvus:
        raise BadInput("no comparator has a work RVU", fix="Name comparators, or load a release that has them")
    return Fraction(sum(rvus), len(rvus) * units.RVU)


def chance_hits(formulas: int, rvu_sets: int, decimals: int, *, low: float, high: float) -> float:
    """formulas x RVU sets x precision / range: the number of hits expected if tries fell evenly over the range.

    precision: the width of the interval that rounds to the printed digits, 10^-decimals. range: the comparators' lowest
    to highest work RVU. For 62380: 6 formulas, the 20 releases held up to its publication, 7.03 to 27.75: 0.0006 at the
    four decimals printed; at one decimal it would be 0.6, and an agreement would mean nothing.

    >>> f"{chance_hits(6, 20, 4, low=7.03, high=27.75):.5f} {chance_hits(6, 20, 1, low=7.03, high=27.75):.2f}"
    '0.00058 0.58'
    """
    if high <= low:
        raise BadInput("all comparators have one work RVU", fix="Chance hits need a range")
    return formulas * rvu_sets * 10.0**-decimals / (high - low)


def group(by_release: Iterable[tuple[str, tuple[int | None, ...]]]) -> tuple[RvuSet, ...]:
    """Releases grouped by equal RVUs, in the order given; releases that lack a comparator are left out."""
    found: dict[tuple[int, ...], list[str]] = {}
    for release, rvus in by_release:
        whole = tuple(rvu for rvu in rvus if rvu is not None)
        if whole and len(whole) == len(rvus):
            found.setdefault(whole, []).append(release)
    return tuple(RvuSet(rvus, tuple(releases)) for rvus, releases in found.items())


def chance(sets: Sequence[RvuSet], decimals: int) -> Chance | None:
    """The chance of a hit over these sets; None where there is none or its RVUs do not differ."""
    values = [rvu / units.RVU for held in sets for rvu in held.rvus]
    if not values or min(values) == max(values):
        return None
    low, high = min(values), max(values)
    tried = sum(len(held.releases) for held in sets)
    return Chance(
        expected=chance_hits(len(FORMULAS), tried, decimals, low=low, high=high),
        expected_distinct=chance_hits(len(FORMULAS), len(sets), decimals, low=low, high=high),
        formulas=len(FORMULAS),
        rvu_sets=tried,
        distinct_rvu_sets=len(sets),
        precision=10.0**-decimals,
        low=low,
        high=high,
    )


def evaluate(
    formula: Formula, rvus: Sequence[int], measures: Sequence[float] | None, weights: Sequence[float] | None
) -> Fraction | float | None:
    """One formula's value in RVUs: exact for mean and median, None where it needs what is not given."""
    if formula.id == MEAN:
        return mean(rvus)
    if formula.id == "median":
        return Fraction(median([Fraction(rvu, units.RVU) for rvu in rvus]))
    if measures is None or len(rvus) < 3 or (formula.needs == "weights" and weights is None):
        return None
    floats = [rvu / units.RVU for rvu in rvus]
    if formula.id == LINE:
        return fit_line(measures, floats).at(0.0).value
    if formula.id == AT_MEAN:
        line = fit_line(measures, floats)
        return line.at(line.mean_measure).value
    if formula.id == "log-linear-at-target":
        return log_linear(measures, floats) if min(floats) > 0 else None
    return fit_line(measures, floats, weights).at(0.0).value


def tries(
    claimed: str, sets: Sequence[RvuSet], measures: Sequence[float] | None, weights: Sequence[float] | None = None
) -> tuple[Try, ...]:
    """Every formula of the family on every set of RVUs, and which give the claimed value (text, as printed).

    measures: one a comparator, target at 0, or None where not printed; weights: 1 / SE^2, or None.
    """
    decimals = len(claimed.partition(".")[2])
    wanted = printed(Fraction(claimed), decimals)
    found: list[Try] = []
    for held in sets:
        for formula in FORMULAS:
            value = evaluate(formula, held.rvus, measures, weights)
            text = "" if value is None else printed(value, decimals)
            found.append(
                Try(
                    formula=formula.id,
                    words=formula.words,
                    releases=held.releases,
                    value=None if value is None else float(value),
                    exact=value if isinstance(value, Fraction) else None,
                    text=text,
                    gives=text == wanted,
                    why_not="" if value is not None else f"needs {_NEEDS[formula.needs]}, not printed",
                )
            )
    return tuple(found)


_NEEDS = {"rvus": "work RVUs above zero", "measures": "measures", "weights": "standard errors of the measures"}
