"""The other routes to a work RVU, against the facts held: RUC survey, building block, crosswalk, regression, bundle.

Times come from a physician time file of the user's (CMS's layout) or are given; none ships, and none is invented.

>>> bundle("22214+63047+22840", release="2024B").work_rvu
412250
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from openrvu import holdings, units
from openrvu.codes.families import family_of
from openrvu.errors import BadInput, NotHeld
from openrvu.facts import Facts
from openrvu.releases import Release
from openrvu.tables.physician_time import Times, TimeTable
from openrvu.valuation import constants, iwput, order, ruc, timefit
from openrvu.valuation.held import anchors
from openrvu.valuation.order import Anomaly, Neighbour, Timed
from openrvu.valuation.ruc import RucSurvey
from openrvu.valuation.services import Part, missing, parts, service, with_roles
from openrvu.valuation.study import known
from openrvu.valuation.timefit import TimeFit

LOAD_TIMES = "Give CMS's physician time file (--times FILE), or the minutes (--intra 90 ...)"
GIVEN = "given by the user"


@dataclass(frozen=True)
class Bundle:
    """Codes done together. work_rvu x 10^4 by the bundle rule; parts: what each code adds and why."""

    service: str
    release: str
    work_rvu: int
    parts: tuple[Part, ...]
    sources: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain data; RVUs are scaled whole numbers under names that the JSON encoder knows."""
        parts = [
            {"code": p.code, "count": p.count, "work_rvu": p.rvu, "counted_rvu": p.counted, "why": p.why}
            for p in self.parts
        ]
        return {
            "service": self.service,
            "release": self.release,
            "work_rvu": self.work_rvu,
            "parts": parts,
            "sources": list(self.sources),
        }


@dataclass(frozen=True)
class Convention:
    """The building block under one way of counting visits. iwput: intensity that `work` implies; built: work RVU at the
    intensity given. compared: intensity of each comparator with times (code, work, iwput); value, low, high: the target
    at their median, lowest and highest. None: not there, why_not says why."""

    name: str
    release: str
    parts: tuple[iwput.Part, ...]
    outside: float
    iwput: float | None
    built: float | None
    compared: tuple[tuple[str, float, float], ...]
    value: float | None
    low: float | None
    high: float | None
    why_not: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class BuildingBlock:
    """A service taken apart and put together. work: the work RVU that is taken apart, and whose it is. label: what the
    time file says of itself; simulated: its minutes are made up. notes: what is not settled."""

    code: str
    release: str
    times: Times
    times_from: str
    label: str
    simulated: bool
    work: float | None
    work_words: str
    intensity: float | None
    conventions: tuple[Convention, ...]
    notes: tuple[str, ...]


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


def _release(facts: Facts, key: str) -> Release:
    return facts.release(key) if key else facts.newest()


def bundle(text: str, facts: Facts | None = None, *, release: str = "") -> Bundle:
    """The work RVU of codes done together: first stand-alone code whole, further ones half, add-ons whole, B none.

    text: codes joined by +, units as 22614x2. Raises BadInput for text that is none, NotHeld naming codes not held.
    """
    held = facts or holdings.current()
    chosen = _release(held, release)
    wanted = service(text)
    rvus = next(a for a in with_roles(anchors(held, [c for c, _ in wanted.codes])) if a.release == chosen.id)
    if absent := missing(wanted, rvus):
        raise NotHeld(
            f"{', '.join(absent)} is not held",
            where=f"release {chosen.id}",
            fix="Load the whole release with `openrvu load FILE`",
        )
    found = parts(wanted, rvus) or ()
    sources = (chosen.source, "lorio-2024")
    return Bundle(wanted.name, chosen.id, sum(part.counted for part in found), found, sources)


def ruc_survey(
    path: Path,
    target: str,
    facts: Facts | None = None,
    *,
    release: str = "",
    sent: int | None = None,
    volume: int | None = None,
) -> RucSurvey:
    """A RUC survey from a CSV file, reference services with their work RVU on the release."""
    from openrvu.valuation.sheet import read_bytes

    held = facts or holdings.current()
    chosen = _release(held, release)
    data = read_bytes(path)
    works = {
        code: work / units.RVU
        for code in ruc.codes_in(data, path.name)
        if (work := held.work_rvu(code, chosen.id)) is not None
    }
    return ruc.parse(data, path.name, service(target).name, sent=sent, volume=volume, works=works)


def _times(code: str, table: TimeTable | None, minutes: Times | None) -> tuple[Times | None, str, str, bool]:
    """The times of a code, where they are from, the file's label, and whether they are made up."""
    label, made_up = (table.label, table.simulated) if table else ("", False)
    if minutes is not None:
        return minutes, GIVEN, label, made_up
    if table is not None and code in table.rows:
        return table.rows[code], table.name, label, made_up
    return None, table.name if table else "", label, made_up


def building_block(
    code: str,
    facts: Facts | None = None,
    *,
    release: str = "",
    table: TimeTable | None = None,
    minutes: Times | None = None,
    work: float | None = None,
    intensity: float | None = None,
) -> BuildingBlock:
    """IWPUT both ways.

    table: a physician time file. minutes: the target's, in place of the file's. work: the work RVU to take apart
    (default: the release's own). intensity: work a minute to build with. Raises BadInput without times.
    """
    held = facts or holdings.current()
    chosen = _release(held, release)
    times, where, label, made_up = _times(code, table, minutes)
    if times is None:
        raise BadInput(f"no times of {code} are held", where=where, fix=LOAD_TIMES)
    if times.intra <= 0:
        raise BadInput(f"{code} has no intra-service minutes", where=where, fix=LOAD_TIMES)
    own = held.work_rvu(code, chosen.id)
    taken = work if work is not None else (own / units.RVU if own else None)
    words = "given" if work is not None else f"of release {chosen.id}" if own else "none is held"
    rates = constants.intensities().values()
    unsettled = sorted({one.source for one in rates if not one.settled})
    notes = (
        [f"Work a minute outside the service: cited from {', '.join(unsettled)}, to be confirmed."] if unsettled else []
    )
    if not constants.visits().settled:
        notes.append("That the increases of office visits of 2021 stayed out of global periods is to be confirmed.")
    found = tuple(
        _convention(held, chosen, name, at, times, table, taken, intensity) for name, at in _conventions(held, chosen)
    )
    return BuildingBlock(code, chosen.id, times, where, label, made_up, taken, words, intensity, found, tuple(notes))


def _conventions(facts: Facts, chosen: Release) -> list[tuple[str, Release]]:
    """How visits are counted: at their work RVU before the increases of office visits, and at that of the release."""
    before = constants.visits().before
    now = (f"visits at their work RVU of {chosen.id}", chosen)
    old = [one for one in facts.releases if one.starts < before]
    if not old or chosen.starts < before:
        return [now]
    return [(f"visits at their work RVU of {old[-1].id}, before the increases of {before.year}", old[-1]), now]


def _convention(
    facts: Facts,
    chosen: Release,
    name: str,
    at: Release,
    times: Times,
    table: TimeTable | None,
    work: float | None,
    intensity: float | None,
) -> Convention:
    def taken_apart(one: Times) -> iwput.Blocks:
        rvus = {v: rvu for v in one.counted if (rvu := facts.work_rvu(v, at.id)) is not None}
        return iwput.blocks(one, rvus, at.source)

    found = taken_apart(times)
    why = ""
    implied = forward = None
    try:
        implied = iwput.intensity(work, found) if work is not None else None
        forward = iwput.built(intensity, found) if intensity is not None else None
    except BadInput as fault:
        why = fault.what
    compared = []
    for code in comparators(times.code):
        rvu, one = facts.work_rvu(code, chosen.id), table.rows.get(code) if table else None
        if rvu and one and one.intra > 0 and not (blocks := taken_apart(one)).not_held:
            compared.append((code, rvu / units.RVU, iwput.intensity(rvu / units.RVU, blocks)))
    low = middle = high = None
    if compared and not why and not found.not_held and times.intra > 0:
        rates = [rate for _, _, rate in compared]
        low, middle, high = (iwput.built(rate, found) for rate in (min(rates), median(rates), max(rates)))
    elif not why:
        why = "no comparator has times" if not compared else why
    sources = tuple(dict.fromkeys((*(part.source for part in found.parts), chosen.source)))
    return Convention(
        name, at.id, found.parts, found.outside, implied, forward, tuple(compared), middle, low, high, why, sources
    )


def comparators(code: str) -> tuple[str, ...]:
    """Single codes that a published study compares the code with, else its family's comparators."""
    study = next((one for one in known() if one.target == code), None)
    inside = [c.service.codes[0][0] for c in study.comparators if len(c.service.codes) == 1] if study else []
    family = family_of(code)
    named = inside or (list(family.comparators) if family else [])
    return tuple(dict.fromkeys(c for c in named if c != code))


def _timed(facts: Facts, release: Release, code: str, table: TimeTable | None, visits: Mapping[str, float]) -> Timed:
    record = facts.record(code, "", release.id)
    times = table.rows.get(code) if table else None
    total = (times.total or times.pre + times.intra + times.post) if times else None
    return Timed(
        code,
        record.work_rvu / units.RVU if record and record.work_rvu else None,
        record.global_days if record else "",
        times.intra or None if times else None,
        total or None,
        visits.get(code),
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
    chosen = _release(held, release)
    if held.record(code, "", chosen.id) is None:
        held.require(code)
    times, where, label, made_up = _times(code, table, minutes)
    measured, scale, cited = _measures(code)
    target = _timed(held, chosen, code, table, measured)
    if times is not None:
        total = times.total or times.pre + times.intra + times.post
        target = Timed(code, target.work, target.global_days, times.intra or None, total or None, None)
    beside: tuple[Neighbour, ...] = ()
    lacks = "" if times else f"no times of {code} are held. {LOAD_TIMES}"
    if times and table is None:
        lacks = "times of other services are needed. Give CMS's physician time file (--times FILE)"
    elif times and table:
        services = [_timed(held, chosen, one, table, {}) for one in sorted(table.rows) if "-" not in one]
        beside = order.neighbours(target, services, near)
    family = family_of(code)
    codes = dict.fromkeys((*comparators(code), *(family.services if family else ()), code))
    own = tuple(target if one == code else _timed(held, chosen, one, table, measured) for one in codes)
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
    chosen = _release(held, release)
    times, where, label, made_up = _times(code, table, minutes)
    if times is None:
        raise BadInput(f"no times of {code} are held", where=where, fix=LOAD_TIMES)
    points = [_point(held, chosen, one) for key, one in table.rows.items() if "-" not in key]
    record = held.record(code, "", chosen.id)
    period = global_days or (record.global_days if record else "")
    own = _point(held, chosen, times)
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


def _point(facts: Facts, release: Release, times: Times) -> timefit.Point:
    record = facts.record(times.code, "", release.id)
    visits = sum(count * (facts.work_rvu(v, release.id) or 0) / units.RVU for v, count in times.counted.items())
    work = record.work_rvu / units.RVU if record else None
    days = record.global_days if record else ""
    return timefit.Point(times.code, days, times.pre, times.intra, times.post, visits, work)
