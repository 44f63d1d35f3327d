"""Services for each 100,000 beneficiaries, as they are and adjusted for age; what made them grow.

Counts of beneficiaries are the user's: a CSV with year, beneficiaries, source and, where age is there, age. Without one
there are no rates, and nothing is put in their place.

Age adjustment: direct, sum of w_a c_a / n_a with the age shares w of a standard year; interval by Fay & Feuer 1997,
Stat Med 16:791 (gamma). Growth: services = population x sum of age share x rate, each factor's part averaged over all
orders (Shapley; Das Gupta 1993 for three factors), so that the parts add up.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from scipy.special import gammaincinv

from openrvu.cards.changes import shapley
from openrvu.errors import BadFile, BadInput, NotHeld

PER = 100_000
NEEDED = ("year", "beneficiaries", "source")
LARGEST = 10**9


@dataclass(frozen=True)
class Beneficiaries:
    """People by year, and by year and age group where the file has ages. sources: in the file's own words."""

    by_year: Mapping[int, int]
    by_age: Mapping[int, Mapping[str, int]]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Rate:
    """Services for 100,000 beneficiaries of a year. low, high: 95 percent; of a plain rate by exact Poisson limits."""

    year: int
    rate: float
    low: float
    high: float
    adjusted: bool


@dataclass(frozen=True)
class Growth:
    """Why services grew between two years: population, its ages, and the rate within each age; together the change."""

    first: int
    last: int
    change: int
    population: float
    age: float | None
    rate: float


def read_beneficiaries(path: Path) -> Beneficiaries:
    """A CSV with year, beneficiaries, source and perhaps age. Raises BadFile, naming the line."""
    try:
        lines = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError) as fault:
        raise BadFile(f"the file cannot be read: {fault}", where=path.name, fix="Save it as a UTF-8 CSV") from None
    head = [cell.strip().lower() for cell in (lines or [[]])[0]]
    if missing := [name for name in NEEDED if name not in head]:
        needed = f"Needed: {', '.join(NEEDED)}; age where there is one"
        what = f"no column {', '.join(missing)}"
        raise BadFile(what, where=f"{path.name}, line 1", exists=needed, fix="Name where each count comes from")
    years: dict[int, int] = {}
    ages: dict[int, dict[str, int]] = {}
    sources: list[str] = []
    for number, cells in enumerate(lines[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        row = dict(zip(head, (cell.strip() for cell in cells), strict=False))
        where = f"{path.name}, line {number}"
        year, count, age = row.get("year", ""), row.get("beneficiaries", "").replace(",", ""), row.get("age", "")
        if not (year.isdecimal() and count.isdecimal() and 0 < int(count) <= LARGEST and 1966 <= int(year) <= 2200):
            raise BadFile(f"{year!r}, {count!r}: no year and count of people", where=where, fix="Mend this line")
        if not row.get("source"):
            raise BadFile("the count names no source", where=where, fix="Name where it comes from")
        of_year = ages.setdefault(int(year), {})
        if age in of_year:
            raise BadFile(f"a second count of {year} {age}".rstrip(), where=where, fix="Leave one of them out")
        of_year[age] = int(count)
        years[int(year)] = years.get(int(year), 0) + int(count)
        sources.append(row["source"])
    if not years:
        raise BadFile("the file has no counts", where=path.name, fix=f"One line a year: {', '.join(NEEDED)}")
    by_age = {year: found for year, found in ages.items() if "" not in found}
    return Beneficiaries(years, by_age, tuple(dict.fromkeys(sources)))


def gamma_quantile(p: float, shape: float) -> float:
    """The quantile of a gamma of scale 1; 0 for shape 0."""
    return float(gammaincinv(shape, p)) if shape > 0 else 0.0


def rate(year: int, services: int, people: Beneficiaries) -> Rate:
    """Services for 100,000, with exact Poisson limits. Raises NotHeld for a year without a count.

    >>> round(rate(2023, 17082, Beneficiaries({2023: 33_000_000}, {}, ("made up",))).rate, 2)
    51.76
    """
    if year not in people.by_year:
        have = ", ".join(map(str, sorted(people.by_year)))
        raise NotHeld(f"no count of beneficiaries is held for {year}", exists=f"Held: {have}")
    scale = PER / people.by_year[year]
    low, high = gamma_quantile(0.025, services), gamma_quantile(0.975, services + 1)
    return Rate(year, services * scale, low * scale, high * scale, adjusted=False)


def adjusted(year: int, services: Mapping[str, int], people: Beneficiaries, standard: int) -> Rate:
    """The rate of a year with the ages of a standard year. Raises NotHeld, BadInput where ages do not match."""
    for one in (year, standard):
        if one not in people.by_age:
            raise NotHeld(f"no beneficiaries by age are held for {one}", fix="Give a file with the column age")
    ages, of_standard = people.by_age[year], people.by_age[standard]
    if set(services) != set(ages) or set(ages) != set(of_standard):
        raise BadInput(
            f"the age groups of {year} and {standard} differ",
            exists=f"{sorted(ages)}; {sorted(of_standard)}",
            fix="Use the same groups for services and people",
        )
    total = sum(of_standard.values())
    weights = {age: of_standard[age] / total / ages[age] for age in ages}
    value = sum(weights[age] * services[age] for age in ages)
    variance = sum(weights[age] ** 2 * services[age] for age in ages)
    largest = max(weights.values())
    low = variance / (2 * value) * 2 * gamma_quantile(0.025, value**2 / variance) if value else 0.0
    wide, spread = value + largest, variance + largest**2
    high = spread / wide * gamma_quantile(0.975, wide**2 / spread)
    return Rate(year, PER * value, PER * low, PER * high, adjusted=True)


def growth(
    first: int,
    last: int,
    services: Mapping[int, int],
    people: Beneficiaries,
    by_age: Mapping[int, Mapping[str, int]] | None = None,
) -> Growth:
    """What made services change between two years. by_age: services by year and age, where they are there."""
    for year in (first, last):
        if year not in people.by_year or year not in services:
            raise NotHeld(
                f"services and beneficiaries of {year} are not both held", exists="", fix="Choose other years"
            )
    ages = by_age if by_age and all(year in by_age and year in people.by_age for year in (first, last)) else None
    parts = ("population", "age", "rate") if ages else ("population", "rate")
    groups = {year: people.by_age[year] if ages else {"": people.by_year[year]} for year in (first, last)}
    done = {year: dict(ages[year]) if ages else {"": services[year]} for year in (first, last)}

    def value(moved: frozenset[str] | set[str]) -> Fraction:
        at = {name: last if name in moved else first for name in ("population", "age", "rate")}
        people_then = people.by_year[at["population"]]
        shares = groups[at["age"]]
        rates = {a: Fraction(done[at["rate"]].get(a, 0), groups[at["rate"]][a]) for a in groups[at["rate"]]}
        total = sum(shares.values())
        return people_then * sum(
            (Fraction(count, total) * rates.get(a, Fraction(0)) for a, count in shares.items()), Fraction(0)
        )

    found = shapley(parts, value)
    return Growth(
        first=first,
        last=last,
        change=services[last] - services[first],
        population=float(found["population"]),
        age=float(found["age"]) if ages else None,
        rate=float(found["rate"]),
    )
