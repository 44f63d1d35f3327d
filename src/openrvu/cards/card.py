"""Everything a page about one code shows, looked up once: command line, web page and JSON share it.

>>> found = card("62380", on="2026-07-01")
>>> found.facility.status, [item.code for item in found.service.confused_with][:2]
('contractor-priced', ['0275T', '62330'])
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from openrvu import holdings
from openrvu.answers import foot
from openrvu.cards.compare import MOST, Comparison, compare
from openrvu.cards.history import History, history
from openrvu.codes.coverage import Coverage, Position, coverage_of, positions
from openrvu.codes.facility import FacilityRate
from openrvu.codes.families import Service, family_of, find_service
from openrvu.codes.indicators import Indicator, indicators
from openrvu.errors import UnknownCode
from openrvu.explaining import Share, Step, explain, shares
from openrvu.facility.held import rates_on
from openrvu.facts import Facts
from openrvu.ncci.mue import UnitLimit, mue_of
from openrvu.pricing import Priced, price


@dataclass(frozen=True)
class Card:
    """One code on one date at one place.

    facility, nonfacility: the price in both settings. steps, shares: how the facility amount is made and what follows
    from it. service: what the family says, or None. comparison: the family's comparators, or None where there is no
    family. rates: what the building is paid, by the newest year held that is not after the date.
    unit_limit: the most units a day, where one is held.
    """

    code: str
    facility: Priced
    nonfacility: Priced
    steps: tuple[Step, ...]
    shares: tuple[Share, ...]
    indicators: tuple[Indicator, ...]
    service: Service | None
    coverage: Coverage | None
    positions: tuple[Position, ...]
    rates: tuple[FacilityRate, ...]
    unit_limit: UnitLimit | None
    comparison: Comparison | None
    history: History | None


def card(
    code: str,
    *,
    on: str | date | None = None,
    place: str = "national",
    qualifying_apm: bool = False,
    facts: Facts | None = None,
    today: date | None = None,
) -> Card:
    """The card of a code. Arguments and errors as in `price`."""
    held = facts or holdings.current()
    both = [
        price(code, on=on, place=place, setting=setting, qualifying_apm=qualifying_apm, facts=held, today=today)
        for setting in ("facility", "nonfacility")
    ]
    facility, nonfacility = both
    family = family_of(facility.line.code)
    others = [other for other in family.comparators if other != facility.line.code] if family else []
    return Card(
        code=facility.line.code,
        facility=facility,
        nonfacility=nonfacility,
        steps=explain(facility),
        shares=shares(facility),
        indicators=indicators(facility.record) if facility.record else (),
        service=find_service(facility.line.code),
        coverage=coverage_of(facility.line.code, facility.on),
        positions=positions(facility.line.code) if family else (),
        rates=tuple(rate for rate in rates_on(facility.line.code, facility.on) if rate.found),
        unit_limit=mue_of(facility.line.code, facility.on),
        comparison=_comparison(facility, others, held) if others else None,
        history=_history(facility, held),
    )


def _comparison(priced: Priced, others: list[str], facts: Facts) -> Comparison:
    """The code beside the family's comparators, as it was priced itself."""
    return compare(
        [priced.line.code, *others][:MOST],
        on=priced.on,
        place=priced.locality.id,
        qualifying_apm=priced.line.qualifying_apm,
        facts=facts,
    )


def _history(priced: Priced, facts: Facts) -> History | None:
    """The code through the releases; None for one that the family knows but no release held has."""
    try:
        return history(
            priced.line.code, place=priced.locality.id, qualifying_apm=priced.line.qualifying_apm, facts=facts
        )
    except UnknownCode:
        return None


def foot_of(found: Card) -> dict[str, str]:
    """The foot of a card: release, date and place of its prices."""
    priced = found.facility
    return foot(release=priced.release.id, on=priced.on, place=priced.locality.id)
