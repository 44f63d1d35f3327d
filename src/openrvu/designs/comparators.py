"""Comparators for a survey: services with a known work RVU, evenly spaced about the target's, its own family first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from openrvu import units
from openrvu.codes.families import Family, families, family_of, find_service, plain_words
from openrvu.errors import BadInput
from openrvu.facts import Facts
from openrvu.schemas import Record
from openrvu.valuation.held import anchors
from openrvu.valuation.services import ADD_ON, missing, service, work

# What a service costs that is of another kind, in squared steps of the grid: one of the family is taken as long as it
# is nearer than this to where a comparator is wanted.
_COSTS = (0.0, 0.1, 1.0, 6.0)
_NEAR = 2000  # codes so near in number are mostly of one organ system
_WORDS = ("one of the family's comparators", "same family", "same part of the numbering", "another kind of work")
_PAID = frozenset("AR")  # statuses under which Medicare pays by RVU


@dataclass(frozen=True)
class Comparator:
    """A service proposed as comparator. work_rvu: on the release, x 10^4. kind: 0 of the family's comparators, 1 of the
    family, 2 of the same part of the numbering, 3 another, -1 named by the user. why: in words."""

    service: str
    words: str
    work_rvu: int
    global_days: str
    kind: int
    why: str


@dataclass(frozen=True)
class Guess:
    """The work RVU that the target may have, x 10^4, around which comparators are chosen, and where it comes from."""

    work_rvu: int
    why: str


def guessed(target: str, facts: Facts, release: str, given: float | None) -> Guess:
    """The target's work RVU as given, else as held, else the median of its family's comparators.

    Raises BadInput where none of the three is there.
    """
    if given is not None:
        return Guess(round(given * units.RVU), "as given")
    if own := facts.work_rvu(target, release):
        return Guess(own, f"its own work RVU on {release}")
    family = family_of(target)
    known = [rvu for code in (family.comparators if family else ()) if (rvu := facts.work_rvu(code, release))]
    if not known:
        raise BadInput(
            f"{target} has no work RVU on {release}, and no family with comparators",
            fix="Say where it may lie: --guess 12.5 (work RVUs)",
        )
    return Guess(round(median(known)), f"median of its family's {len(known)} comparators on {release}; an assumption")


def named(codes: Sequence[str], target: str, facts: Facts, release: str) -> tuple[Comparator, ...]:
    """Comparators that the user names: codes or bundles, in order of work RVU. Raises BadInput for one without any."""
    wanted = [service(code) for code in codes]
    held = next(one for one in anchors(facts, [c for s in wanted for c, _ in s.codes]) if one.release == release)
    found = []
    for one in wanted:
        rvu = work(one, held)
        if not rvu:
            lacks = ", ".join(missing(one, held)) or one.name
            raise BadInput(
                f"{one.name} has no work RVU on {release}",
                where=f"comparator {one.name}",
                exists=f"Not held, or zero: {lacks}",
                fix="Leave it out",
            )
        if one.name == target:
            raise BadInput(f"{target} is the target", fix="Compare it with others")
        days = ", ".join(dict.fromkeys(held.global_days.get(code, "") for code, _ in one.codes))
        words = plain_words(one.codes[0][0]) if len(one.codes) == 1 else ""
        found.append(Comparator(one.name, words, rvu, days, -1, "named by you"))
    return tuple(sorted(found, key=lambda one: one.work_rvu))


def proposed(
    target: str, facts: Facts, release: str, guess: Guess, count: int, reach: float, family: str = ""
) -> tuple[Comparator, ...]:
    """So many comparators evenly spaced over guess x (1 - reach) to guess x (1 + reach), in order of work RVU.

    Services of the target's global period that Medicare pays by RVU, add-ons left out; each place of the grid takes the
    service that is nearest and most alike (all places together: the least sum). family: whose services come first;
    default the target's. Raises BadInput where fewer than four are held.
    """
    chosen = _family(target, family)
    rows = _candidates(target, facts, release, chosen)
    low, high = (guess.work_rvu * (1 + sign * reach) for sign in (-1, 1))
    rows = [row for row in rows if low <= row.work_rvu <= high]
    if len(rows) < 4:
        raise BadInput(
            f"{len(rows)} services with a work RVU of {low / units.RVU:.2f} to {high / units.RVU:.2f} on {release}",
            where=f"comparators for {target}",
            fix="Widen it (--reach 0.9), say another --guess, or load CMS's file with `openrvu load`",
        )
    ends = max(low, min(row.work_rvu for row in rows)), min(high, max(row.work_rvu for row in rows))
    return _spaced(rows, target, chosen, np.linspace(*ends, min(count, len(rows))))


def _family(target: str, wanted: str) -> Family | None:
    if not wanted:
        return family_of(target)
    for one in families():
        if one.id == wanted:
            return one
    raise BadInput(f"no family {wanted!r}", exists=f"Families: {', '.join(one.id for one in families())}")


def _candidates(target: str, facts: Facts, release: str, family: Family | None) -> list[Record]:
    """Rows of the release that could be comparators, by code."""
    own = facts.record(target, "", release)
    days = own.global_days if own else ""
    if not days and family:
        known = [row.global_days for code in family.comparators if (row := facts.record(code, "", release))]
        days = max(set(known), key=known.count) if known else ""
    return [
        row
        for row in facts.table(release).everything()
        if not row.modifier
        and row.hcpcs != target
        and row.work_rvu > 0
        and (not row.status or row.status in _PAID)
        and row.global_days != ADD_ON
        and (not days or row.global_days in (days, ""))
    ]


def _kind(code: str, target: str, family: Family | None) -> int:
    if family and code in family.comparators:
        return 0
    if family and code in family.services:
        return 1
    if code.isdigit() and target.isdigit():
        return 2 if abs(int(code) - int(target)) < _NEAR else 3
    return 2 if code[:2] == target[:2] and code[-1] == target[-1] else 3


def _spaced(rows: Sequence[Record], target: str, family: Family | None, grid: np.ndarray) -> tuple[Comparator, ...]:
    """The services that take the places of the grid at the least cost in all."""
    from scipy.optimize import linear_sum_assignment

    step = float(grid[1] - grid[0])
    kinds = [_kind(row.hcpcs, target, family) for row in rows]
    away = np.array([[(row.work_rvu - place) / step for row in rows] for place in grid])
    places, taken = linear_sum_assignment(away**2 + np.array([_COSTS[kind] for kind in kinds]))
    found = []
    for place, at in zip(places, taken, strict=True):
        row, kind = rows[at], kinds[at]
        where = _elsewhere(row.hcpcs, target)
        why = f"{_WORDS[kind]}; wanted near {grid[place] / units.RVU:.2f}" + (f"; {where}" if where else "")
        found.append(Comparator(row.hcpcs, plain_words(row.hcpcs), row.work_rvu, row.global_days, kind, why))
    return tuple(sorted(found, key=lambda one: (one.work_rvu, one.service)))


def _elsewhere(code: str, target: str) -> str:
    """That the family places the service in another region than the target, where it says so of both."""
    one, other = find_service(code), find_service(target)
    if not (one and other and one.region and other.region) or other.region in one.region:
        return ""
    return f"of another region ({one.region})"
