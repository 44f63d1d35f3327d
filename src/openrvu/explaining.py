"""How an amount was made, step by step, each with its arithmetic and its source.

>>> from openrvu.pricing import price
>>> steps = explain(price("62330", on="2026-07-01"))
>>> [step.rule for step in steps]
['release', 'record', 'status', 'locality', 'conversion-factor', 'fee']
>>> steps[-1].arithmetic
'(8.00 x 1.000 + 5.64 x 1.000 + 0.71 x 1.000) x 33.4009 = 479.302915, to cents 479.30'
"""

from __future__ import annotations

from dataclasses import dataclass

from openrvu import params, units
from openrvu.pricing import Priced
from openrvu.rules.fee import geographic_rvu
from openrvu.rules.order import RULES
from openrvu.schemas import Record


@dataclass(frozen=True)
class Step:
    """One rule as it acted: in words, its result as text, its arithmetic (empty for a look-up), and source ids."""

    rule: str
    words: str
    value: str
    arithmetic: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Share:
    """An amount that follows from the schedule amount: name, cents, how, and source ids."""

    name: str
    amount_cents: int
    how: str
    sources: tuple[str, ...]


def _pe(priced: Priced, record: Record) -> int:
    return record.pe_facility_rvu if priced.line.setting == "facility" else record.pe_nonfacility_rvu


def _release(priced: Priced) -> Step:
    release = priced.release
    span = f"{release.starts.isoformat()} to {release.ends.isoformat()}"
    words = f"The release in force on {priced.on.isoformat()} ({priced.origin})."
    return Step("release", words, f"{release.id}, {span}", "", (release.source,))


def _record(priced: Priced, sources: tuple[str, ...]) -> Step:
    record = priced.record
    name = f"{priced.line.code}{'-' + priced.line.modifier if priced.line.modifier else ''}"
    if record is None:
        return Step("record", f"The release as held has no row for {name}.", "none", "", sources)
    value = (
        f"work {units.text(record.work_rvu, units.RVU, 2)}, PE {units.text(_pe(priced, record), units.RVU, 2)} "
        f"({priced.line.setting}), MP {units.text(record.mp_rvu, units.RVU, 2)}"
    )
    return Step("record", f"The row of {name}.", value, "", (record.source,))


def _fee(priced: Priced, sources: tuple[str, ...]) -> Step:
    record, place = priced.record, priced.locality
    if record is None or priced.amount_cents is None:
        why = "the status says why" if priced.allowed_cents is None else "it is paid by units and time"
        return Step("fee", f"No schedule amount: {why}.", "none", "", sources)
    parts = (
        (record.work_rvu, place.work_gpci),
        (_pe(priced, record), place.pe_gpci),
        (record.mp_rvu, place.mp_gpci),
    )
    total = geographic_rvu(*(rvu for rvu, _ in parts), *(gpci for _, gpci in parts))
    inside = " + ".join(f"{units.text(rvu, units.RVU, 2)} x {units.text(gpci, units.GPCI)}" for rvu, gpci in parts)
    factor = units.text(priced.conversion_factor.value, units.CONVERSION_FACTOR)
    scale = units.RVU * units.GPCI * units.CONVERSION_FACTOR
    exact = units.text(total * priced.conversion_factor.value, scale, 6)
    cents = units.dollars(priced.amount_cents)
    arithmetic = f"({inside}) x {factor} = {exact}, to cents {cents}"
    return Step(
        "fee", "RVUs times GPCIs times the conversion factor, rounded once, half up.", cents, arithmetic, sources
    )


def explain(priced: Priced) -> tuple[Step, ...]:
    """The steps of a priced line in the order of the rules, the release first."""
    sources = {rule.name: rule.sources for rule in RULES}
    place, factor = priced.locality, priced.conversion_factor
    gpcis = ", ".join(
        f"{name} {units.text(value, units.GPCI)}"
        for name, value in (("work", place.work_gpci), ("PE", place.pe_gpci), ("MP", place.mp_gpci))
    )
    return (
        _release(priced),
        _record(priced, sources["record"]),
        Step("status", priced.words, priced.status, "", sources["status"]),
        Step(
            "locality",
            f"GPCIs of {place.id}, {place.name}." if place.mac else f"{place.name}.",
            gpcis,
            "",
            (place.source,),
        ),
        Step(
            "conversion-factor",
            f"The factor in force from {factor.starts.isoformat()} (track {factor.track}).",
            units.text(factor.value, units.CONVERSION_FACTOR),
            "",
            (factor.source,),
        ),
        _fee(priced, sources["fee"]),
        *(
            Step(
                effect.rule,
                f"{effect.says[0].upper()}{effect.says[1:]}.{'' if effect.settled else ' (to be confirmed)'}",
                units.dollars(effect.amount_cents),
                effect.arithmetic,
                effect.sources,
            )
            for effect in priced.effects
        ),
    )


def shares(priced: Priced) -> tuple[Share, ...]:
    """What follows from the amount that is allowed: coinsurance, the non-participating amount, the limiting charge.

    Each is taken from the cents before it, half up; CMS's published amounts confirm only the first rounding. Empty for
    a line without an amount. Of a physician who does not take part, the coinsurance alone.

    >>> from openrvu.pricing import price
    >>> [(s.name, s.amount_cents) for s in shares(price("63047", on="2025-07-01"))]
    [('coinsurance', 21899), ('non-participating', 104018), ('limiting charge', 119621)]
    """
    if priced.allowed_cents is None:
        return ()
    share = params.at("coinsurance", priced.on)
    name = "schedule amount" if priced.allowed_cents == priced.amount_cents else "allowed amount"
    own = Share(
        "coinsurance",
        units.percent_of(priced.allowed_cents, share.value),
        f"20 % of the {name}, after the deductible",
        (share.source,),
    )
    if not priced.line.participating:
        return (own,)
    less = params.at("nonparticipating", priced.on)
    limit = params.at("limiting_charge", priced.on)
    lower = units.percent_of(priced.allowed_cents, less.value)
    return (
        own,
        Share("non-participating", lower, f"95 % of the {name}", (less.source,)),
        Share(
            "limiting charge",
            units.percent_of(lower, limit.value),
            "115 % of the non-participating amount",
            (limit.source,),
        ),
    )
