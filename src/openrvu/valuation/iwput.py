"""Building block: the work of a service put together from its parts, and its intensity, IWPUT, taken out of it again.

    work = pre and post minutes x their work RVU a minute + visits at their own work RVU + IWPUT x intra minutes

IWPUT (intra-service work per unit of time) is what is left of a work RVU for a minute of the service itself. It is
arithmetic, not a measurement: whatever is wrong with a time or a visit ends up in it.

Constants: facts/work/building-block.toml (Mabry 2005, to be confirmed).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from openrvu import units
from openrvu.errors import BadInput
from openrvu.tables.physician_time import Times
from openrvu.valuation.constants import EVALUATION, POSITIONING, POST, SCRUB, intensities


@dataclass(frozen=True)
class Part:
    """One part of the work outside the service: minutes (or visits) times its rate, in work RVUs."""

    name: str
    amount: float
    unit: str
    rate: float
    work: float
    source: str
    settled: bool


@dataclass(frozen=True)
class Blocks:
    """A service taken apart. outside: work RVU of everything but the service itself. not_held: visits whose work RVU is
    not held; with any, the sums are too small and no intensity is given."""

    times: Times
    parts: tuple[Part, ...]
    outside: float
    not_held: tuple[str, ...]


def blocks(times: Times, visits: Mapping[str, int], visit_source: str) -> Blocks:
    """Everything outside the intra-service time. visits: work RVU x 10^4 of the visit codes.

    >>> from openrvu.tables.physician_time import Times
    >>> found = blocks(Times("X0001", "", 40, 10, 15, 90, 20, {"99213": 2.0}), {"99213": 9700}, "rvu20d")
    >>> round(found.outside, 4)  # (40 + 10 + 20) x 0.0224 + 15 x 0.0081 + 2 x 0.97
    3.6295
    """
    rates = intensities()
    found = []
    for name, minutes in (
        (EVALUATION, times.evaluation),
        (POSITIONING, times.positioning),
        (SCRUB, times.scrub),
        (POST, times.post),
    ):
        one = rates[name]
        rate = one.rate / units.RVU
        found.append(Part(name, minutes, "minutes", rate, minutes * rate, one.source, one.settled))
    missing = []
    for code, count in times.counted.items():
        rvu = visits.get(code)
        if rvu is None:
            missing.append(code)
        else:
            found.append(Part(code, count, "visits", rvu / units.RVU, count * rvu / units.RVU, visit_source, True))
    return Blocks(times, tuple(found), sum(part.work for part in found), tuple(missing))


def intensity(work: float, parts: Blocks) -> float:
    """Reverse: the work RVU a minute of intra-service time that a work RVU leaves. Negative where the parts outside
    already come to more. Raises BadInput without intra-service minutes or with a visit that is not held."""
    _usable(parts)
    return (work - parts.outside) / parts.times.intra


def built(iwput: float, parts: Blocks) -> float:
    """Forward: the work RVU that an intensity gives."""
    _usable(parts)
    return parts.outside + iwput * parts.times.intra


def _usable(parts: Blocks) -> None:
    code = parts.times.code
    if parts.times.intra <= 0:
        raise BadInput(f"{code} has no intra-service minutes", fix="Intensity is work a minute: give the minutes")
    if parts.not_held:
        raise BadInput(
            f"the work RVU of the visits {', '.join(parts.not_held)} is not held",
            where=code,
            fix="Load the whole release with `openrvu load FILE`",
        )
