"""How the use of codes has moved: change a year, joinpoints, interruptions, shares, substitution, rates, growth.

>>> found = trend(["63047", "0275T"])
>>> [(one.code, one.change) for one in found.codes]
[('63047', '-26.8'), ('0275T', '')]
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np

from openrvu import units
from openrvu.codes.families import plain_words
from openrvu.errors import BadInput, NotHeld
from openrvu.impact.counting import Access, Count, Counts, access, embedded_counts, loaded_counts
from openrvu.impact.rates import Beneficiaries, Growth, Rate, growth, rate
from openrvu.impact.segmented import Interrupted, Joined, Slope, change_a_year, interrupted, joinpoints, least_squares
from openrvu.pricing import read_code
from openrvu.valuation.anchor import LEVEL, quantile

NO_RATES = (
    "No count of beneficiaries was given: these are counts, not rates. People who move to Medicare Advantage leave the "
    "counts and no need behind. Give --beneficiaries FILE (year, beneficiaries, source; age where there is one)."
)
NOT_CAUSE = "A break in a series says when, not why: coverage, the pandemic, coding and suppression move counts too."


@dataclass(frozen=True)
class CodeTrend:
    """One code. change: percent from the first to the last year, empty where a year between is missing or the count is
    so small that suppression rules it. line, joined, interrupted: None where the years do not suffice; why says so."""

    code: str
    words: str
    counts: tuple[Count, ...]
    missing: tuple[int, ...]
    origin: str
    change: str
    line: Slope | None
    joined: Joined | None
    interrupted: Interrupted | None
    rates: tuple[Rate, ...]
    rate_line: Slope | None
    growth: Growth | None
    why: str


@dataclass(frozen=True)
class Share:
    """A code's part of all codes asked for, in a year that all of them have, in percent."""

    year: int
    code: str
    percent: str


@dataclass(frozen=True)
class Substitution:
    """Two codes over the years that both have. odds: change a year of the second code's odds against the first, in
    percent, by a line through the logit of its share. An ecological sign: it follows no patient."""

    fell: str
    rose: str
    first: int
    last: int
    change_fell: int
    change_rose: int
    share_first: str
    share_last: str
    odds: float
    odds_low: float
    odds_high: float


@dataclass(frozen=True)
class Trended:
    """The answer. source ids in sources; beneficiaries: where the people were counted, in the file's own words."""

    codes: tuple[CodeTrend, ...]
    shares: tuple[Share, ...]
    substitution: tuple[Substitution, ...]
    access: tuple[Access, ...]
    beneficiaries: tuple[str, ...]
    caveats: tuple[str, ...]
    notes: tuple[str, ...]
    sources: tuple[str, ...]


def trend(
    codes: Sequence[str],
    *,
    at: int | None = None,
    people: Beneficiaries | None = None,
    kind: str = "",
    with_access: bool = False,
    home: Path | None = None,
) -> Trended:
    """The use of codes over the years. at: a year that interrupts the series. people: counts of beneficiaries.

    kind: of the loaded files to count (provider, geography, national, psps); default the embedded counts, and the
    loaded ones for codes without. with_access: practitioners and centres by state and year, of loaded files by
    provider. Raises BadInput, NotHeld.
    """
    asked = tuple(dict.fromkeys(read_code(code) for code in codes))
    if not asked:
        raise BadInput("no code was named", fix="`openrvu trend 63047 0275T`")
    series = [_counts(code, kind, home) for code in asked]
    found = [one for one in series if one and one.counts]
    rows = tuple(_code(one, at, people) for one in found)
    none = [code for code, one in zip(asked, series, strict=True) if one is None]
    empty = [one.code for one in series if one and not one.counts]
    notes = [f"Yearly counts of {', '.join(empty)} were looked for and not found."] if empty else []
    notes += [f"No counts of {', '.join(none)} are held: load a utilization file of CMS."] if none else []
    notes += [] if people else [NO_RATES]
    notes += [NOT_CAUSE] if rows else []
    return Trended(
        codes=rows,
        shares=_shares(found),
        substitution=tuple(one for a, b in combinations(found, 2) if (one := _substitution(a, b))),
        access=tuple(row for code in asked for row in access(code, home)) if with_access else (),
        beneficiaries=people.sources if people else (),
        caveats=tuple(dict.fromkeys(text for one in found for text in one.caveats)),
        notes=tuple(notes),
        sources=tuple(dict.fromkeys(key for one in found for key in one.sources)),
    )


def _counts(code: str, kind: str, home: Path | None) -> Counts | None:
    own = None if kind else embedded_counts(code)
    if own and own.counts:
        return own
    loaded = loaded_counts([code], kind, home)
    return loaded[0] if loaded else own


def run_of(counts: Sequence[Count], missing: Sequence[int] = ()) -> list[Count]:
    """The last run of years without a gap and with services, which is what a line may be put through.

    >>> [one.year for one in run_of([Count(2014, 109, 0, None), Count(2017, 475, 0, None), Count(2018, 1308, 0, None)])]
    [2017, 2018]
    """
    found: list[Count] = []
    for count in sorted(counts, key=lambda one: one.year):
        if count.services <= 0 or (found and count.year != found[-1].year + 1):
            found = []
        if count.services > 0:
            found.append(count)
    return found


def _code(one: Counts, at: int | None, people: Beneficiaries | None) -> CodeTrend:
    run = run_of(one.counts)
    years, values = [c.year for c in run], [float(c.services) for c in run]
    why: list[str] = []
    line = joined = broken = None
    try:
        line = change_a_year(years, values)
        joined = joinpoints(years, values)
    except BadInput as fault:
        why.append(str(fault))
    if at is not None:
        try:
            broken = interrupted(years, values, at)
        except BadInput as fault:
            why.append(str(fault))
    rates = tuple(rate(c.year, c.services, people) for c in run if people and c.year in people.by_year)
    by_year = [r for r in rates if r.rate > 0]
    rated = change_a_year([r.year for r in by_year], [r.rate for r in by_year]) if len(by_year) > 2 else None
    if people and len(rates) < len(run):
        why.append("Some years have no count of beneficiaries.")
    steady = len(run) == len(one.counts) and len(run) > 1
    change = units.ratio_text(run[-1].services - run[0].services, run[0].services, 1) if steady else ""
    return CodeTrend(
        code=one.code,
        words=plain_words(one.code),
        counts=one.counts,
        missing=one.missing,
        origin=one.origin,
        change=change,
        line=line,
        joined=joined,
        interrupted=broken,
        rates=rates,
        rate_line=rated,
        growth=_growth(rates, one, people),
        why=" ".join(why),
    )


def _growth(rates: Sequence[Rate], one: Counts, people: Beneficiaries | None) -> Growth | None:
    return growth(rates[0].year, rates[-1].year, one.by_year, people) if people and len(rates) > 1 else None


def _shares(found: Sequence[Counts]) -> tuple[Share, ...]:
    if len(found) < 2:
        return ()
    years = set.intersection(*(set(one.by_year) for one in found))
    rows = []
    for year in sorted(years):
        total = sum(one.by_year[year] for one in found)
        rows += [Share(year, one.code, units.ratio_text(one.by_year[year], total, 2)) for one in found if total]
    return tuple(rows)


def _substitution(a: Counts, b: Counts) -> Substitution | None:
    """Whether one rose while the other fell; None where they moved together or too few years are shared."""
    runs = [{count.year for count in run_of(one.counts)} for one in (a, b)]
    years = sorted(runs[0] & runs[1])
    if len(years) < 4:
        return None
    first, last = years[0], years[-1]
    moved = {one.code: one.by_year[last] - one.by_year[first] for one in (a, b)}
    if moved[a.code] * moved[b.code] >= 0:
        return None
    fell, rose = (a, b) if moved[a.code] < 0 else (b, a)
    logit = np.array([math.log(rose.by_year[year] / fell.by_year[year]) for year in years])
    x = np.array(years, dtype=float) - first
    fitted = least_squares(np.column_stack([np.ones_like(x), x]), logit)
    slope, half = float(fitted.beta[1]), quantile(LEVEL, fitted.df) * fitted.se(np.array([0.0, 1.0]))
    shares = [units.ratio_text(rose.by_year[y], rose.by_year[y] + fell.by_year[y], 2) for y in (first, last)]
    percent = [100 * math.expm1(v) for v in (slope, slope - half, slope + half)]
    return Substitution(
        fell.code, rose.code, first, last, moved[fell.code], moved[rose.code], shares[0], shares[1], *percent
    )


def require(found: Trended) -> Trended:
    """The same, or NotHeld where no code has a count."""
    if not found.codes:
        raise NotHeld(" ".join(found.notes[:1]), exists="", fix="`openrvu load FILE` with CMS's utilization file")
    return found
