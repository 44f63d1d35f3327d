"""A scenario priced by the rules: what changes a service, per 1,000 services, and for the volumes that are given.

>>> found = simulate("62380-as-open")
>>> [(row.code, row.before_cents, row.after_cents) for row in found.codes]
[('62380', None, 105213)]
>>> found.neutrality is None
True
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from pathlib import Path

from openrvu import units
from openrvu.cards.changes import shares
from openrvu.codes.coverage import coverage_of
from openrvu.codes.families import families, plain_words
from openrvu.errors import BadInput, OpenRVUError
from openrvu.facts import Facts
from openrvu.holdings import current
from openrvu.impact import drawing
from openrvu.impact.changed import Case, Moved, apply
from openrvu.impact.national import Engine, National, on_duckdb, run
from openrvu.impact.neutrality import Neutrality, neutrality
from openrvu.impact.scenario import Price, Scenario, Volume, find
from openrvu.impact.use import Use
from openrvu.pricing import Priced, price
from openrvu.releases import way_to

PER = 1_000
FIXED = "Volumes are as they were: what a new amount does to the number of services is nobody's known figure."
WORK_ALONE = (
    "The scenario gives the code work and no practice expense or malpractice RVUs: the amount is of work alone, and "
    "less than any payment would be."
)


@dataclass(frozen=True)
class CodeEffect:
    """One code, setting and place. before_cents, after_cents: what one service is paid, by the schedule, else the
    contractor's price that was given; None where neither is known.

    low_cents, high_cents: where the new figure comes with an interval. work, pe, mp: the new amount by component.
    per_1000_cents: change for 1,000 services, None where today's amount is not known; then new_per_1000_cents is all
    there is. services: given, None where not; services_after: with the volume response. spending_*: of them.
    """

    code: str
    words: str
    setting: str
    place: str
    specialty: str
    status_before: str
    status_after: str
    before_cents: int | None
    before_is: str
    after_cents: int | None
    work_cents: int | None
    pe_cents: int | None
    mp_cents: int | None
    low_cents: int | None
    high_cents: int | None
    change_cents: int | None
    percent: str
    per_1000_cents: int | None
    new_per_1000_cents: int | None
    services: int | None
    services_after: int | None
    spending_before_cents: int | None
    spending_after_cents: int | None
    spending_change_cents: int | None
    spending_low_cents: int | None
    spending_high_cents: int | None


@dataclass(frozen=True)
class Simulation:
    """What a scenario would change. conversion_factor_*: as text. moved: every figure that changes. codes: the effect
    by code, at the conversion factor before any adjustment. neutrality: None where no volumes are known; why_no_factor
    says what a national factor would need. national: over a utilization file, None where none was named.
    """

    name: str
    title: str
    author: str
    reference: str
    baseline: str
    description: str
    release: str
    on: date
    place: str
    setting: str
    conversion_factor_before: str
    conversion_factor_after: str
    moved: tuple[Moved, ...]
    codes: tuple[CodeEffect, ...]
    neutrality: Neutrality | None
    national: National | None
    why_no_factor: str
    draws: int
    seed: int | None
    leads: tuple[str, ...]
    notes: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """What a simulation is run with, resolved."""

    case: Case
    place: str
    setting: str
    qualifying_apm: bool
    draws: int
    seed: int


def simulate(
    scenario: Scenario | str | Path,
    *,
    facts: Facts | None = None,
    baseline: str = "",
    on: date | None = None,
    place: str = "national",
    setting: str = "facility",
    qualifying_apm: bool = False,
    codes: Sequence[str] = (),
    volumes: Sequence[Volume] = (),
    prices: Sequence[Price] = (),
    use: Use | None = None,
    engine: Engine | None = None,
    draws: int = 2000,
    seed: int = 1,
) -> Simulation:
    """What a scenario (a shipped name, a file, or one made in Python) would change.

    baseline: another release than the scenario's. on: a date inside it. place, setting, qualifying_apm: as in `price`,
    for codes without a volume of their own. codes: shown beside those that change. volumes, prices: besides those of
    the file. use: services of a utilization file (use.of_year, use.given). engine: where they are summed and priced,
    default DuckDB on this machine. draws, seed: for totals whose value comes from a survey. Raises BadInput, BadFile,
    NotHeld, UnknownPlace.
    """
    held = facts or current()
    chosen = scenario if isinstance(scenario, Scenario) else find(scenario)
    chosen = replace(chosen, volumes=(*chosen.volumes, *volumes), prices=(*prices, *chosen.prices))
    case = apply(chosen, held, baseline=baseline, on=on)
    asked = Asked(case, place, setting, qualifying_apm, draws, seed)
    rows = tuple(_effect(asked, volume) for volume in _volumes(asked, codes))
    national, moved = _national(asked, use, engine) if use else (None, _neutrality(asked, rows))
    factors = [facts.conversion_factor(case.on, qualifying_apm) for facts in (case.before, case.after)]
    shown = [units.text(factor.value, units.CONVERSION_FACTOR) for factor in factors]
    return Simulation(
        name=chosen.name,
        title=chosen.title,
        author=chosen.author,
        reference=chosen.reference,
        baseline=case.release.id,
        description=chosen.description,
        release=case.release.id,
        on=case.on,
        place=place,
        setting=setting,
        conversion_factor_before=shown[0],
        conversion_factor_after=shown[1],
        moved=case.moved,
        codes=rows,
        neutrality=moved,
        national=national,
        why_no_factor=_why_no_factor(asked, rows, national, moved),
        draws=draws if case.estimates else 0,
        seed=seed if case.estimates else None,
        leads=tuple(dict.fromkeys(lead.lead for row in rows if (lead := coverage_of(row.code, case.on)))),
        notes=_notes(case, rows, national),
        sources=_sources(case, use),
    )


def _volumes(asked: Asked, codes: Sequence[str]) -> list[Volume]:
    """What to price: volumes as given; every other code that changes, without one."""
    case, given = asked.case, list(asked.case.scenario.volumes)
    named = [*case.changed(), *(item.code for item in case.scenario.prices), *codes]
    if not (named or given):
        named = [code for family in families() for code in family.services]
        named = [code for code in named if case.before.record(code, "", case.release.id)]
    have = {volume.code for volume in given}
    places = [asked.place, *(change.place for change in case.scenario.gpcis if change.place != asked.place)]
    more = [
        Volume(code, -1, asked.setting, place) for code in dict.fromkeys(named) if code not in have for place in places
    ]
    return [*given, *more]


def _priced(asked: Asked, facts: Facts, volume: Volume) -> Priced:
    return price(
        volume.code,
        on=asked.case.on,
        place=volume.place,
        setting=volume.setting,
        qualifying_apm=asked.qualifying_apm,
        facts=facts,
        today=asked.case.on,
    )


def _effect(asked: Asked, volume: Volume) -> CodeEffect:
    case = asked.case
    try:
        before, after = _priced(asked, case.before, volume), _priced(asked, case.after, volume)
    except OpenRVUError as fault:
        if volume.line:
            raise BadInput(
                fault.what, where=f"{case.scenario.name}.toml, line {volume.line}", exists=fault.exists, fix=fault.fix
            ) from None
        raise
    own = next((item.cents for item in case.scenario.prices if item.code == volume.code), None)
    paid = before.amount_cents if before.amount_cents is not None else own
    now = after.amount_cents if after.amount_cents is not None else own
    parts = shares(after) if after.amount_cents is not None else (None, None, None)
    bounds = _bounds(asked, volume)
    change = None if paid is None or now is None else now - paid
    services = None if volume.services < 0 else volume.services
    later = _services_after(case.scenario, volume, paid, now)
    low, high = drawing.spending(asked, volume, after, later)
    return CodeEffect(
        code=volume.code,
        words=plain_words(volume.code),
        setting=volume.setting,
        place=before.locality.id,
        specialty=volume.specialty,
        status_before=before.status,
        status_after=after.status,
        before_cents=paid,
        before_is=_what(before.amount_cents, own),
        after_cents=now,
        work_cents=parts[0],
        pe_cents=parts[1],
        mp_cents=parts[2],
        low_cents=bounds[0],
        high_cents=bounds[1],
        change_cents=change,
        percent=units.ratio_text(change, paid, 1) if change is not None and paid else "",
        per_1000_cents=None if change is None else PER * change,
        new_per_1000_cents=None if now is None else PER * now,
        services=services,
        services_after=later,
        spending_before_cents=_times(services, paid),
        spending_after_cents=_times(later, now),
        spending_change_cents=_minus(_times(later, now), _times(services, paid)),
        spending_low_cents=low,
        spending_high_cents=high,
    )


def _what(amount: int | None, own: int | None) -> str:
    if amount is not None:
        return "schedule"
    return "contractor price as given" if own is not None else "not known"


def _times(services: int | None, cents: int | None) -> int | None:
    return None if services is None or cents is None else services * cents


def _minus(left: int | None, right: int | None) -> int | None:
    return None if left is None or right is None else left - right


def _services_after(scenario: Scenario, volume: Volume, before: int | None, after: int | None) -> int | None:
    """Services with the volume response: elasticity times the change of the amount in percent, never below zero."""
    if volume.services < 0:
        return None
    elasticity = volume.elasticity or scenario.elasticity
    if not elasticity or not before or after is None:
        return volume.services
    exact = volume.services * (1 + elasticity * (Fraction(after, before) - 1))
    return max(0, units.half_up(exact.numerator, exact.denominator)) if exact > 0 else 0


def _bounds(asked: Asked, volume: Volume) -> tuple[int | None, int | None]:
    """The amount at the low and at the high end of the figures that come with an interval."""
    rows = [row for row in asked.case.moved if row.code == volume.code and row.low is not None]
    if not rows:
        return None, None
    found = []
    for end in ("low", "high"):
        ends = {(row.code, row.modifier, row.column): getattr(row, end) for row in rows}
        found.append(_priced(asked, asked.case.with_rvus(ends), volume).amount_cents)
    return found[0], found[1]


def _neutrality(asked: Asked, rows: Iterable[CodeEffect]) -> Neutrality | None:
    """What the given volumes move, at fixed volume; never a factor, because they are not all services."""
    known = [row for row in rows if row.services is not None and row.before_cents is not None]
    known = [row for row in known if row.after_cents is not None]
    if not known:
        return None
    before = sum((row.services or 0) * (row.before_cents or 0) for row in known)
    after = sum((row.services or 0) * (row.after_cents or 0) for row in known)
    rate = asked.case.before.conversion_factor(asked.case.on, asked.qualifying_apm).value
    return neutrality(before, after, rate, asked.case.on, national=False, neutral=asked.case.scenario.neutral)


def _national(asked: Asked, use: Use, engine: Engine | None) -> tuple[National, Neutrality]:
    if engine:
        return run(asked.case, use, engine, qualifying_apm=asked.qualifying_apm)
    with on_duckdb() as made:
        return run(asked.case, use, made, qualifying_apm=asked.qualifying_apm)


def _why_no_factor(
    asked: Asked, rows: Sequence[CodeEffect], national: National | None, moved: Neutrality | None
) -> str:
    if national:
        if moved and moved.factor:
            return ""
        if asked.case.scenario.factors:
            return "The scenario sets the conversion factor itself: none is made to follow."
        return (
            f"Of release {asked.case.release.id} not every code is held: a national factor needs the prices of all. "
            f"Get the whole release: {way_to(asked.case.release.id)}."
        )
    missing = [row.code for row in rows if row.services is None]
    lead = "The amounts are for one service and for 1,000." if missing else "Only the volumes that were given count."
    return (
        f"{lead} A national factor of budget neutrality needs the services of every code: load a full utilization file "
        "of CMS with `openrvu load FILE` and name its year with --use."
    )


def _notes(case: Case, rows: Sequence[CodeEffect], national: National | None) -> tuple[str, ...]:
    found = [*case.notes, *(national.notes if national else ())]
    if national and (case.scenario.volumes or case.scenario.prices):
        found.append("The volumes and prices given beside the file are in the amounts by code, and in no national sum.")
    unknown = dict.fromkeys(row.code for row in rows if row.before_is == "not known")
    if unknown:
        found.append(
            f"What is paid today for {', '.join(unknown)} is not public: the contractor sets it. Without it there is a "
            "new amount and no change. Give it with --price, or in a scenario of your own (docs/scenarios.md)."
        )
    bare = {change.code for change in case.scenario.rvus if set(change.figures) == {"work_rvu"}}
    for row in rows:
        if row.code in bare and row.after_cents and not (row.pe_cents or row.mp_cents):
            found.append(WORK_ALONE)
    if not case.scenario.elasticity and not any(volume.elasticity for volume in case.scenario.volumes):
        found.append(FIXED)
    for estimate in case.estimates.values():
        found += [f"The survey of {estimate.target} warns: {guard}." for guard in sorted(estimate.fired())]
    return tuple(dict.fromkeys(found))


def _sources(case: Case, use: Use | None) -> tuple[str, ...]:
    used = [*case.sources, case.before.conversion_factor(case.on).source, "42cfr414.20", "42usc1395w-4c2"]
    used += [use.source] if use else []
    return tuple(dict.fromkeys(used))
