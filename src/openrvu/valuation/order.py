"""Services beside each other: near times, time ratios, and pairs whose work RVUs stand against the order of their times
or measures (rank-order anomalies).

Source of the idea of anomalies inside one family: Florin, Rasch measurement in the valuation of physician work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from openrvu.errors import BadInput

NEAR = 0.25  # times within a quarter of the target's
CLEAR = 0.10  # times that differ by less than a tenth are not ordered


@dataclass(frozen=True)
class Timed:
    """A service with its work RVU, and minutes where they are known."""

    code: str
    work: float | None
    global_days: str
    intra: float | None = None
    total: float | None = None
    measure: float | None = None


@dataclass(frozen=True)
class Neighbour:
    """A service near the target. Ratios are the target's time over the service's.

    by_intra, by_total: the service's work RVU times the ratio, what the target would have at its work a minute.
    """

    code: str
    work: float
    global_days: str
    intra: float
    total: float
    intra_ratio: float
    total_ratio: float
    by_intra: float
    by_total: float


@dataclass(frozen=True)
class Anomaly:
    """A pair in which the service with more time (or a higher measure) has fewer work RVUs."""

    more: str
    less: str
    by: str
    more_work: float
    less_work: float
    words: str


def neighbours(target: Timed, services: Sequence[Timed], near: float = NEAR) -> tuple[Neighbour, ...]:
    """Services of the target's global period whose intra-service and total times lie within `near` of the target's,
    nearest first (by the larger of the two differences)."""
    if not target.intra or not target.total:
        raise BadInput(f"{target.code} has no times", fix="Give a time file that has it, or its minutes")
    if not 0 < near <= 5:
        raise BadInput(f"near {near}", fix="Give a share, as 0.25 for a quarter")
    found: list[tuple[float, Neighbour]] = []
    for one in services:
        if one.code == target.code or one.global_days != target.global_days:
            continue
        if not (one.work and one.intra and one.total):
            continue
        off = max(abs(one.intra / target.intra - 1), abs(one.total / target.total - 1))
        if off <= near:
            intra, total = target.intra / one.intra, target.total / one.total
            row = Neighbour(
                one.code,
                one.work,
                one.global_days,
                one.intra,
                one.total,
                intra,
                total,
                one.work * intra,
                one.work * total,
            )
            found.append((off, row))
    return tuple(row for _, row in sorted(found, key=lambda pair: (pair[0], pair[1].code)))


def anomalies(services: Sequence[Timed], clear: float = CLEAR) -> tuple[Anomaly, ...]:
    """Pairs of one global period that stand against their order, by times and by measures.

    By times: both the intra-service and the total time are longer by more than `clear`, and the work RVU is lower. By
    measures: judged harder, and the work RVU is lower. Services without work RVU are in no pair.

    >>> a, b = Timed("X0001", 9.0, "090", 60, 150), Timed("X0002", 10.0, "090", 50, 120)
    >>> anomalies([a, b])[0].words
    'X0001 takes 60 and 150 minutes and has 9.00; X0002 takes 50 and 120 and has 10.00'
    """
    found: list[Anomaly] = []
    for one in services:
        for other in services:
            if one.work is None or other.work is None or not one.work < other.work or not one.work:
                continue
            if one.global_days != other.global_days:
                continue
            if one.intra and other.intra and one.total and other.total:
                longer = one.intra > other.intra * (1 + clear) and one.total > other.total * (1 + clear)
                if longer:
                    words = (
                        f"{one.code} takes {one.intra:g} and {one.total:g} minutes and has {one.work:.2f}; "
                        f"{other.code} takes {other.intra:g} and {other.total:g} and has {other.work:.2f}"
                    )
                    found.append(Anomaly(one.code, other.code, "times", one.work, other.work, words))
            if one.measure is not None and other.measure is not None and one.measure > other.measure:
                words = (
                    f"{one.code} was judged harder ({one.measure:+.3f}) and has {one.work:.2f}; "
                    f"{other.code} ({other.measure:+.3f}) has {other.work:.2f}"
                )
                found.append(Anomaly(one.code, other.code, "measures", one.work, other.work, words))
    return tuple(sorted(found, key=lambda one: (one.by, one.more, one.less)))
