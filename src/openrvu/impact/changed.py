"""A scenario put on the facts: the baseline release with its changes, ready for every rule.

>>> from openrvu.facts import embedded
>>> from openrvu.impact.scenario import shipped
>>> case = apply(shipped("62380-as-open"), embedded())
>>> case.after.record("62380", "", "2026C").work_rvu
142400
>>> apply(shipped("62380-as-open"), embedded(), baseline="2025D").after.record("62380", "", "2025D").work_rvu
146000
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openrvu import units
from openrvu.errors import BadFile, BadInput, NotHeld, OpenRVUError
from openrvu.facts import Facts, RvuTable
from openrvu.impact.scenario import Figure, Restore, RvuChange, Scenario
from openrvu.releases import Release
from openrvu.schemas import ConversionFactor, Locality, Record

if TYPE_CHECKING:
    from openrvu.valuation.estimate import Estimate

# CMS prints RVUs with two decimals: a mean or a product is rounded to them.
PRINTED = units.RVU // 100


@dataclass(frozen=True)
class ChangedTable:
    """The relative values of a release with rows of a what-if in place of its own. See facts.RvuTable."""

    base: RvuTable
    rows: Mapping[tuple[str, str], Record]

    @property
    def origin(self) -> str:
        return self.base.origin

    @property
    def whole(self) -> bool:
        return self.base.whole

    def records(self, code: str) -> tuple[Record, ...]:
        return tuple(self.rows.get((row.hcpcs, row.modifier), row) for row in self.base.records(code))

    def codes(self) -> frozenset[str]:
        return self.base.codes()

    def everything(self) -> tuple[Record, ...]:
        return tuple(self.rows.get((row.hcpcs, row.modifier), row) for row in self.base.everything())


@dataclass(frozen=True)
class Moved:
    """One figure that the scenario changes. column: of the row. before, after, low, high: RVU x 10^4; low and high are
    None where the figure comes without an interval. how: where the new figure comes from, in words."""

    code: str
    modifier: str
    column: str
    before: int
    after: int
    low: int | None
    high: int | None
    how: str

    def to_dict(self) -> dict[str, str | None]:
        """Plain data: RVUs as text with the decimals that they have, at least two."""
        shown = {name: rvu_text(getattr(self, name)) for name in ("before", "after", "low", "high")}
        return {"code": self.code, "modifier": self.modifier, "column": self.column, **shown, "how": self.how}


def rvu_text(value: int | None) -> str | None:
    """RVU x 10^4 as text with as many decimals as it needs, two at least.

    >>> rvu_text(182464), rvu_text(120000), rvu_text(None)
    ('18.2464', '12.00', None)
    """
    if value is None:
        return None
    return units.text(value, units.RVU, 2 if value % PRINTED == 0 else 4)


@dataclass(frozen=True)
class Case:
    """A scenario on the facts held. before, after: what to price with. on: the date of service. moved: every figure
    that changes. estimates: of the surveys that a figure comes from, by code. notes: what was left as it is."""

    scenario: Scenario
    release: Release
    on: date
    before: Facts
    after: Facts
    moved: tuple[Moved, ...]
    estimates: Mapping[str, Estimate]
    notes: tuple[str, ...]
    sources: tuple[str, ...]

    def changed(self) -> tuple[str, ...]:
        """The codes with a changed row, each once."""
        rows = (row.code for row in self.moved)
        return tuple(dict.fromkeys([*rows, *(change.code for change in self.scenario.rvus)]))

    def with_rvus(self, rvus: Mapping[tuple[str, str, str], int]) -> Facts:
        """The facts after, with some figures (by code, modifier, column) once more replaced: for draws and bounds."""
        rows = dict(_table(self.after, self.release).rows)
        for (code, modifier, column), value in rvus.items():
            rows[code, modifier] = _row(rows[code, modifier], {column: value})
        return _with_rows(self.after, self.release, rows)


def apply(scenario: Scenario, facts: Facts, *, baseline: str = "", on: date | None = None) -> Case:
    """The scenario on the facts held. baseline: another release than the scenario's own; on: another first date.

    Raises BadFile, naming file and line, for a code, release, place or date that is not held.
    """
    release = _release(scenario, facts, baseline)
    day = _day(scenario, facts, release, on, bool(baseline))
    rows: dict[tuple[str, str], Record] = {}
    moved: list[Moved] = []
    estimates: dict[str, Estimate] = {}
    notes: list[str] = []
    for change in scenario.rvus:
        for row in _changed(scenario, facts, release, change, estimates, rows):
            moved.append(row)
    for restore in scenario.restores:
        found, note = _restored(scenario, facts, release, restore, rows)
        moved += found
        notes.append(note)
    after = _with_rows(facts, release, rows)
    after = _with_places(scenario, after, release)
    after = replace(after, factors=_factors(scenario, day), parameters=_parameters(scenario))
    _check_codes(scenario, facts, release)
    used = [release.source, *scenario.sources]
    used += [facts.release(r.release).source for r in scenario.restores]
    return Case(scenario, release, day, facts, after, tuple(moved), estimates, tuple(notes), tuple(dict.fromkeys(used)))


def _fault(scenario: Scenario, line: int, fault: OpenRVUError | str, exists: str = "") -> BadFile:
    where = f"{scenario.name}.toml, line {line}" if line else scenario.name
    if isinstance(fault, str):
        return BadFile(fault, where=where, exists=exists, fix="Mend this line; docs/scenarios.md")
    return BadFile(fault.what, where=where, exists=exists or fault.exists, fix=fault.fix)


def _line(scenario: Scenario, key: str) -> int:
    """The line of a key of the heading; 0 for a scenario made in Python."""
    from openrvu.impact.toml_lines import positions

    path = Path(scenario.folder) / f"{scenario.name}.toml"
    return positions(path.read_text(encoding="utf-8")).get(key, 1) if scenario.folder and path.is_file() else 0


def _release(scenario: Scenario, facts: Facts, baseline: str) -> Release:
    if baseline:
        return facts.release(baseline)
    try:
        return facts.release(scenario.baseline)
    except NotHeld as fault:
        raise _fault(scenario, _line(scenario, "baseline"), fault) from None


def _day(scenario: Scenario, facts: Facts, release: Release, on: date | None, other: bool) -> date:
    day = on or (None if other else scenario.starts) or release.starts
    if not release.covers(day):
        span = f"{release.id} holds from {release.starts.isoformat()} to {release.ends.isoformat()}"
        if on:
            raise BadInput(f"{day.isoformat()} is not in the baseline", exists=span, fix="Choose a date inside it")
        what = f"{day.isoformat()} is in no release held"
        with suppress(NotHeld):
            what = f"{day.isoformat()} is in release {facts.release_on(day).id}, and the baseline is {release.id}"
        raise _fault(scenario, _line(scenario, "starts"), what, span)
    return day


def _record(scenario: Scenario, facts: Facts, release: Release, key: tuple[str, str], line: int) -> Record:
    record = facts.record(*key, release.id)
    if record is None:
        code, table = "-".join(filter(None, key)), facts.table(release.id)
        what = f"{code} is not among the {len(table.codes()):,} codes held of release {release.id}"
        raise _fault(scenario, line, what, "" if table.whole else "Load the whole release to change any code")
    return record


def _changed(
    scenario: Scenario,
    facts: Facts,
    release: Release,
    change: RvuChange,
    estimates: dict[str, Estimate],
    rows: dict[tuple[str, str], Record],
) -> list[Moved]:
    key = (change.code, change.modifier)
    record = rows.get(key) or _record(scenario, facts, release, key, change.line)
    found = []
    for column, figure in change.figures.items():
        value, low, high, how = _value(scenario, facts, release, change, column, figure, estimates)
        found.append(Moved(*key, column, getattr(record, column), value, low, high, how))
    values: dict[str, Any] = {row.column: row.after for row in found}
    rows[key] = _row(record, {**values, "status": change.status or record.status})
    return found


def _row(record: Record, values: Mapping[str, Any]) -> Record:
    """The row with other values; the printed totals are CMS's own, so a changed row has none."""
    return replace(record, total_nonfacility_rvu=None, total_facility_rvu=None, **values)


def _value(
    scenario: Scenario,
    facts: Facts,
    release: Release,
    change: RvuChange,
    column: str,
    figure: Figure,
    estimates: dict[str, Estimate],
) -> tuple[int, int | None, int | None, str]:
    """The figure's value with its interval, and where it comes from."""
    if figure.mean_of:
        held = [_record(scenario, facts, release, (code, ""), figure.line) for code in figure.mean_of]
        total = sum(getattr(record, column) for record in held)
        mean = units.half_up(total, len(held) * PRINTED) * PRINTED
        return mean, None, None, f"mean of {', '.join(figure.mean_of)} on {release.id}"
    if figure.same_as:
        other = _record(scenario, facts, release, (figure.same_as, ""), figure.line)
        return getattr(other, column), None, None, f"that of {figure.same_as} on {release.id}"
    if figure.as_of:
        try:
            earlier = facts.release(figure.as_of)
        except NotHeld as fault:
            raise _fault(scenario, figure.line, fault) from None
        row = _record(scenario, facts, earlier, (change.code, change.modifier), figure.line)
        return getattr(row, column), None, None, f"that of release {earlier.id}"
    if figure.survey:
        return _surveyed(scenario, facts, change, figure, estimates)
    if figure.value is None:
        raise _fault(scenario, figure.line, f"{change.code} has no value for {column}")
    return figure.value, figure.low, figure.high, "as written"


def _surveyed(
    scenario: Scenario, facts: Facts, change: RvuChange, figure: Figure, estimates: dict[str, Estimate]
) -> tuple[int, int | None, int | None, str]:
    from openrvu.surveys import read, value

    try:
        survey = read(Path(scenario.folder) / figure.survey, change.code)
        estimate = value(survey, facts, draws=0, joint=False)
    except OpenRVUError as fault:
        raise _fault(scenario, figure.line, fault) from None
    if estimate.reading is None or estimate.reading.value <= 0:
        raise _fault(scenario, figure.line, f"the survey gives no work RVU: {estimate.why_not or 'below zero'}")
    estimates[change.code] = estimate
    low, mid, high = (
        scaled(at) for at in (max(0.0, estimate.reading.new_low), estimate.reading.value, estimate.reading.new_high)
    )
    label = f", {estimate.label}" if estimate.label else ""
    return mid, low, high, f"survey {figure.survey}{label}, with the prediction interval of one new service"


def scaled(value: float) -> int:
    """A statistic in RVUs as RVU x 10^4, half up.

    >>> scaled(18.24636)
    182464
    """
    exact = Fraction(value) * units.RVU
    return units.half_up(exact.numerator, exact.denominator)


def _restored(
    scenario: Scenario, facts: Facts, release: Release, restore: Restore, rows: dict[tuple[str, str], Record]
) -> tuple[list[Moved], str]:
    """Work RVUs of an earlier release, where a uniform cut explains today's."""
    try:
        earlier = facts.release(restore.release)
    except NotHeld as fault:
        raise _fault(scenario, restore.line, fault) from None
    old = {(row.hcpcs, row.modifier): row.work_rvu for row in facts.table(earlier.id).everything()}
    found, kept, new, total = [], 0, 0, 0
    for record in facts.table(release.id).everything():
        key = (record.hcpcs, record.modifier)
        total += 1
        was = old.get(key)
        if was is None:
            new += 1
            continue
        cut = units.half_up(was * restore.times.numerator, restore.times.denominator * PRINTED) * PRINTED
        if record.work_rvu != cut or was == record.work_rvu:
            kept += 1
            continue
        rows[key] = _row(rows.get(key, record), {"work_rvu": was})
        found.append(Moved(*key, "work_rvu", record.work_rvu, was, None, None, f"that of release {earlier.id}"))
    times = units.text(units.half_up(restore.times.numerator * 10**6, restore.times.denominator), 10**6, 3)
    return found, (
        f"Of {total:,} rows held of {release.id}, {len(found):,} are those of {earlier.id} times {times} and are put "
        f"back; {kept:,} are not, and {new:,} are not in {earlier.id}: these stay as they are."
    )


def _with_rows(facts: Facts, release: Release, rows: Mapping[tuple[str, str], Record]) -> Facts:
    held = facts.table(release.id)
    base = held.base if isinstance(held, ChangedTable) else held
    return facts.with_loaded({release: ChangedTable(base, rows)})


def _table(facts: Facts, release: Release) -> ChangedTable:
    table = facts.table(release.id)
    assert isinstance(table, ChangedTable)
    return table


def _with_places(scenario: Scenario, facts: Facts, release: Release) -> Facts:
    if not scenario.gpcis:
        return facts
    places: dict[str, Locality] = dict(facts.localities(release.id))
    for change in scenario.gpcis:
        if change.place not in places:
            exists = f"{release.id} has {len(places)} localities, written MAC-number as in 15202-00"
            raise _fault(scenario, change.line, f"no locality {change.place!r}", exists)
        held = places[change.place]
        values: dict[str, Any] = dict(change.values)
        places[change.place] = replace(held, **values)
    return replace(facts, loaded_localities={**facts.loaded_localities, release.gpci: places})


def factor_of(value: int, track: str, on: date) -> ConversionFactor:
    """A conversion factor x 10^4 of a what-if, from a date on."""
    return ConversionFactor(starts=on, ends=None, track=track, value=value, source="scenario")


def _factors(scenario: Scenario, on: date) -> tuple[ConversionFactor, ...]:
    return tuple(factor_of(change.value, change.track, on) for change in scenario.factors)


def _parameters(scenario: Scenario) -> dict[str, int]:
    return {change.name: change.value for change in scenario.parameters}


def _check_codes(scenario: Scenario, facts: Facts, release: Release) -> None:
    named = [(item.code, item.line) for item in scenario.volumes]
    for code, line in [*named, *((item.code, item.line) for item in scenario.prices)]:
        _record(scenario, facts, release, (code, ""), line)
