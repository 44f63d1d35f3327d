"""Services beside a code: near times, ratios, pairs out of order; and work regressed on times over a release."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median

from openrvu import holdings, units
from openrvu.codes.families import family_of
from openrvu.errors import BadInput
from openrvu.facts import Facts
from openrvu.releases import Release
from openrvu.routes.asked import LOAD_TIMES, comparators, release_of, times_of
from openrvu.schemas import Record
from openrvu.tables.physician_time import Times, TimeTable
from openrvu.valuation import order, timefit
from openrvu.valuation.order import Anomaly, Neighbour, Timed
from openrvu.valuation.study import known
from openrvu.valuation.timefit import TimeFit


@dataclass(frozen=True)
class Crosswalk:
    """Services beside the target. neighbours: same global period and near times.

    by_intra, by_total: low, median and high of the neighbours' work RVUs times the time ratio. anomalies: pairs of the
    family against their order. missing: what the route lacks.
    """

    code: str
    release: str
    global_days: str
    intra: float | None
    total: float | None
    near: float
    neighbours: tuple[Neighbour, ...]
    by_intra: tuple[float, float, float] | None
    by_total: tuple[float, float, float] | None
    family: tuple[Timed, ...]
    scale: str
    anomalies: tuple[Anomaly, ...]
    times_from: str
    label: str
    simulated: bool
    missing: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Regression:
    """Work regressed on times over the release, read at the target. assumes: what the value stands on."""

    code: str
    release: str
    global_days: str
    times: Times
    times_from: str
    label: str
    simulated: bool
    fit: TimeFit
    assumes: str
    sources: tuple[str, ...]


def _records(facts: Facts, release: Release) -> Mapping[str, Record]:
    """Every code's global row of a release, read once: asking code by code takes minutes on a whole release."""
    return {row.hcpcs: row for row in facts.table(release.id).everything() if not row.modifier}


def _timed(record: Record | None, code: str, table: TimeTable | None, measures: Mapping[str, float]) -> Timed:
    times = table.rows.get(code) if table else None
    total = (times.total or times.pre + times.intra + times.post) if times else None
    return Timed(
        code,
        record.work_rvu / units.RVU if record and record.work_rvu else None,
        record.global_days if record else "",
        times.intra or None if times else None,
        total or None,
        measures.get(code),
    )


def crosswalk(
    code: str,
    facts: Facts | None = None,
    *,
    release: str = "",
    table: TimeTable | None = None,
    minutes: Times | None = None,
    near: float = order.NEAR,
) -> Crosswalk:
    """Services of the same global period and near times, and rank-order anomalies within the family.

    Without times there are no neighbours, and `missing` says so; anomalies by a published study's printed measures are
    found all the same. near: how near, as a share of the target's times.
    """
    held = facts or holdings.current()
    chosen = release_of(held, release)
    if held.record(code, "", chosen.id) is None:
        held.require(code)
    times, where, label, made_up = times_of(code, table, minutes)
    measured, scale, cited = _measures(code)
    family = family_of(code)
    codes = dict.fromkeys((*comparators(code), *(family.services if family else ()), code))
    rows = _records(held, chosen) if table else {c: row for c in codes if (row := held.record(c, "", chosen.id))}
    target = _timed(rows.get(code), code, table, measured)
    if times is not None:
        total = times.total or times.pre + times.intra + times.post
        target = Timed(code, target.work, target.global_days, times.intra or None, total or None, None)
    beside: tuple[Neighbour, ...] = ()
    lacks = "" if times else f"no times of {code} are held. {LOAD_TIMES}"
    if times and table is None:
        lacks = "times of other services are needed. Give CMS's physician time file (--times FILE)"
    elif times and table:
        services = [_timed(rows.get(one), one, table, {}) for one in sorted(table.rows) if "-" not in one]
        beside = order.neighbours(target, services, near)
    own = tuple(target if one == code else _timed(rows.get(one), one, table, measured) for one in codes)
    return Crosswalk(
        code=code,
        release=chosen.id,
        global_days=target.global_days,
        intra=target.intra,
        total=target.total,
        near=near,
        neighbours=beside,
        by_intra=_three(one.by_intra for one in beside),
        by_total=_three(one.by_total for one in beside),
        family=own,
        scale=scale,
        anomalies=order.anomalies(own),
        times_from=where,
        label=label,
        simulated=made_up,
        missing=lacks,
        sources=(chosen.source, *cited, *(("cms-physician-time",) if times else ())),
    )


def _measures(code: str) -> tuple[Mapping[str, float], str, tuple[str, ...]]:
    """Printed measures of single codes in the published study of the code, their scale, and its source."""
    study = next((one for one in known() if one.target == code and one.measured), None)
    if study is None or study.measures is None:
        return {}, "", ()
    found = {
        item.service.codes[0][0]: item.measure
        for item in study.comparators
        if item.measure is not None and len(item.service.codes) == 1
    }
    scale = study.scale()
    return found, study.measures.scale + ("" if scale and scale.work else ", which is not work"), (study.source,)


def _three(values: Iterable[float]) -> tuple[float, float, float] | None:
    found = sorted(values)
    return (found[0], median(found), found[-1]) if found else None


def regression(
    code: str,
    facts: Facts | None = None,
    *,
    release: str = "",
    table: TimeTable,
    minutes: Times | None = None,
    global_days: str = "",
) -> Regression:
    """Work on times over all services of the time file that the release values; the target itself is left out.

    global_days: the target's global period where the release has none. Raises BadInput where there is too little.
    """
    held = facts or holdings.current()
    chosen = release_of(held, release)
    times, where, label, made_up = times_of(code, table, minutes)
    if times is None:
        raise BadInput(f"no times of {code} are held", where=where, fix=LOAD_TIMES)
    rows = _records(held, chosen)
    points = [_point(rows, one) for key, one in table.rows.items() if "-" not in key]
    record = rows.get(code)
    period = global_days or (record.global_days if record else "")
    own = _point(rows, times)
    target = timefit.Point(code, period, own.pre, own.intra, own.post, own.visits, None)
    return Regression(
        code,
        chosen.id,
        period,
        times,
        where,
        label,
        made_up,
        timefit.fit(target, points),
        "that services of such times are valued as they should be: the schedule's own work RVUs are on the left",
        (chosen.source, "cms-physician-time"),
    )


def _point(rows: Mapping[str, Record], times: Times) -> timefit.Point:
    counted = ((rows.get(visit), count) for visit, count in times.counted.items())
    visits = sum(count * row.work_rvu / units.RVU for row, count in counted if row)
    record = rows.get(times.code)
    work = record.work_rvu / units.RVU if record else None
    days = record.global_days if record else ""
    return timefit.Point(times.code, days, times.pre, times.intra, times.post, visits, work)
