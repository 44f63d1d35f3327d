"""The building block against the facts held: intensity taken out of a work RVU, and a work RVU put together."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from openrvu import holdings, units
from openrvu.errors import BadInput
from openrvu.facts import Facts
from openrvu.releases import Release
from openrvu.routes.asked import LOAD_TIMES, comparators, release_of, times_of
from openrvu.tables.physician_time import Times, TimeTable
from openrvu.valuation import constants, iwput


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
    chosen = release_of(held, release)
    times, where, label, made_up = times_of(code, table, minutes)
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
