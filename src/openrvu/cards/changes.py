"""Why an amount moved: the events of the fee schedule, and how much of it came from work, PE, MP, GPCI and the factor.

The decomposition is the Shapley value (Shorrocks 2013): each part's effect is averaged over every order in which the
parts could have moved, so that no order is preferred and the parts add up to the change. It is computed in exact
fractions of RVUs x GPCIs x conversion factor; the cents are then those of the exact parts, rounded so that they add up
to the difference of the two amounts.

>>> found = change("63047", "2025-07-01", "2026-07-01")
>>> [(part.name, part.amount_cents) for part in found.parts], found.change_cents
([('work', -1249), ('PE', -5194), ('MP', 33), ('GPCI', 0), ('CF', 3466)], -2944)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from itertools import combinations
from math import factorial

from openrvu import holdings, units
from openrvu.codes.coverage import leads
from openrvu.errors import BadInput, NotHeld, UnknownPlace
from openrvu.facts import Facts
from openrvu.files import facts_folder, read_toml
from openrvu.pricing import Priced, price, read_date

METHOD = (
    "Shapley value over the five parts: the effect of each, averaged over all orders in which they could have moved; "
    "exact fractions, then cents that add up (Shorrocks 2013)"
)
SOURCE = "shorrocks-2013"
PARTS = ("work", "PE", "MP", "GPCI", "CF")


@dataclass(frozen=True)
class Cause:
    """A movement of one part between two releases. on: the first day of the later one. text: from what to what, or the
    event behind it. settled False: the event is from memory."""

    on: date
    component: str
    text: str
    settled: bool
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """What one part did to the amount. before, after: its values as text. exact: dollars, to six decimals.

    percent: of the amount before, as text.
    """

    name: str
    before: str
    after: str
    exact: str
    amount_cents: int
    percent: str


@dataclass(frozen=True)
class Change:
    """The amount of a code on two dates, and what moved it. causes: those of every release between, oldest first."""

    code: str
    starts: date
    ends: date
    release_before: str
    release_after: str
    place: str
    setting: str
    before_cents: int
    after_cents: int
    change_cents: int
    percent: str
    parts: tuple[Part, ...]
    causes: tuple[Cause, ...]
    method: str
    leads: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Event:
    """A dated event of the whole fee schedule. setting: where it holds, empty: anywhere. kind: efficiency or empty."""

    on: date
    component: str
    text: str
    sources: tuple[str, ...]
    setting: str = ""
    kind: str = ""
    settled: bool = True


@cache
def events() -> tuple[Event, ...]:
    """Every event held, by date."""
    rows = [row for path in sorted((facts_folder() / "events").glob("*.toml")) for row in read_toml(path)["events"]]
    return tuple(sorted((Event(**{**row, "sources": tuple(row["sources"])}) for row in rows), key=lambda one: one.on))


def causes(before: Priced, after: Priced) -> tuple[Cause, ...]:
    """What moved between two prices of one code at one place, each part with the events of that time behind it."""
    moved = _values(after)
    found: list[Cause] = []
    for name, value in _values(before).items():
        if value == moved[name]:
            continue
        behind = [one for one in events() if one.component == name.lower() and _behind(one, before, after)]
        text = f"{name} {value} to {moved[name]}" + (", revalued" if name == "work" and not behind else "")
        found.append(Cause(after.on, name, text, True, _rows(name, before, after)))
        found += [Cause(event.on, name, event.text, event.settled, event.sources) for event in behind]
    return tuple(found)


def _behind(event: Event, before: Priced, after: Priced) -> bool:
    """Whether an event lies between two prices and holds for them.

    The efficiency adjustment does where the new work RVU is the old one less 2.5 percent, to two decimals.
    """
    if not before.on < event.on <= after.on or event.setting not in ("", after.line.setting):
        return False
    if event.kind != "efficiency" or not before.record or not after.record:
        return True
    return after.record.work_rvu == units.half_up(before.record.work_rvu * 975, 1000 * 100) * 100


def _rows(name: str, before: Priced, after: Priced) -> tuple[str, ...]:
    """The sources of the two values of a part."""
    if name == "CF":
        pair = (before.conversion_factor.source, after.conversion_factor.source)
    elif name == "GPCI":
        pair = (before.locality.source, after.locality.source)
    else:
        pair = (before.record.source if before.record else "", after.record.source if after.record else "")
    return tuple(dict.fromkeys(filter(None, pair)))


def _pe(priced: Priced) -> int:
    record = priced.record
    if record is None:
        return 0
    return record.pe_facility_rvu if priced.line.setting == "facility" else record.pe_nonfacility_rvu


def _values(priced: Priced) -> dict[str, str]:
    """The five parts of a price as text."""
    record, place = priced.record, priced.locality
    rvus = (record.work_rvu, _pe(priced), record.mp_rvu) if record else (0, 0, 0)
    gpcis = (place.work_gpci, place.pe_gpci, place.mp_gpci)
    return {
        **{name: units.text(value, units.RVU, 2) for name, value in zip(PARTS, rvus, strict=False)},
        "GPCI": " ".join(units.text(value, units.GPCI) for value in gpcis),
        "CF": units.text(priced.conversion_factor.value, units.CONVERSION_FACTOR),
    }


Term = tuple[int, ...]


def _terms(priced: Priced) -> dict[str, Term]:
    """The parts of a price as whole numbers: three RVUs, three GPCIs together, the factor."""
    record, place = priced.record, priced.locality
    assert record is not None  # only priced lines come here
    return {
        "work": (record.work_rvu,),
        "PE": (_pe(priced),),
        "MP": (record.mp_rvu,),
        "GPCI": (place.work_gpci, place.pe_gpci, place.mp_gpci),
        "CF": (priced.conversion_factor.value,),
    }


def _cents(terms: Mapping[str, Term]) -> Fraction:
    """The exact amount in cents: RVUs x GPCIs x factor."""
    rvus = (terms["work"][0], terms["PE"][0], terms["MP"][0])
    total = sum(rvu * gpci for rvu, gpci in zip(rvus, terms["GPCI"], strict=True))
    scale = units.RVU * units.GPCI * units.CONVERSION_FACTOR
    return Fraction(total * terms["CF"][0] * units.CENTS, scale)


def shapley(names: Sequence[str], value: Callable[[frozenset[str]], Fraction]) -> dict[str, Fraction]:
    """Each player's average effect over all orders: exact, and adding up to value(all) - value(none).

    >>> double = {"a": 2, "b": 3}
    >>> shapley(["a", "b"], lambda moved: Fraction(sum(double[one] for one in moved)))
    {'a': Fraction(2, 1), 'b': Fraction(3, 1)}
    """
    held = {
        frozenset(group): value(frozenset(group))
        for size in range(len(names) + 1)
        for group in combinations(names, size)
    }
    found = {}
    for name in names:
        total = Fraction(0)
        for group, before in held.items():
            if name not in group:
                weight = Fraction(factorial(len(group)) * factorial(len(names) - len(group) - 1), factorial(len(names)))
                total += weight * (held[group | {name}] - before)
        found[name] = total
    return found


def decompose(before: Priced, after: Priced) -> dict[str, Fraction]:
    """What each part did to the exact amount, in cents."""
    old, new = _terms(before), _terms(after)
    return shapley(PARTS, lambda moved: _cents({name: new[name] if name in moved else old[name] for name in PARTS}))


def shares(priced: Priced) -> tuple[int, int, int]:
    """An amount by component, work, PE, MP, in cents that add up to it. Raises BadInput for a line without amount."""
    if priced.amount_cents is None:
        raise BadInput(f"{priced.line.code} has no amount", where=priced.on.isoformat(), exists=priced.words)
    terms = _terms(priced)
    exact = [_cents({**terms, **{other: (0,) for other in PARTS[:3] if other != name}}) for name in PARTS[:3]]
    work, pe, mp = units.apportion(priced.amount_cents, exact)
    return work, pe, mp


def change(
    code: str,
    start: str | date,
    end: str | date,
    *,
    place: str = "national",
    setting: str = "facility",
    qualifying_apm: bool = False,
    facts: Facts | None = None,
) -> Change:
    """How the amount of a code moved between two dates of service, by part, with the causes.

    Raises BadInput where the first date is not before the second, or a date has no amount; else as `price`.
    """
    first, last = read_date(start), read_date(end)
    if first is None or last is None or first >= last:
        raise BadInput(f"from {start} to {end} is no span", fix="Give an earlier and a later date of service")
    held = facts or holdings.current()
    chosen = {"place": place, "setting": setting, "facts": held}
    before, after = (price(code, on=on, qualifying_apm=qualifying_apm, **chosen) for on in (first, last))  # type: ignore[arg-type]
    for one in (before, after):
        if one.amount_cents is None:
            said = f"{one.line.code} has no amount on {one.on.isoformat()}, so what moved it cannot be told"
            raise BadInput(
                " ".join((*one.leads, said)),
                exists=one.words,
                fix="Choose two dates with an amount: `openrvu history` shows them",
            )
    return _change(before, after, _between(before, after, held))


def _between(before: Priced, after: Priced, facts: Facts) -> tuple[Cause, ...]:
    """The causes from release to release: a part that moved there and back is told too."""
    found: list[Cause] = []
    last = before
    for release in facts.releases:
        if not before.on < release.starts <= after.on:
            continue
        line = before.line
        try:
            now = price(
                line.code,
                on=release.starts,
                place=before.locality.id,
                setting=line.setting,
                qualifying_apm=line.qualifying_apm,
                facts=facts,
            )
        except (NotHeld, UnknownPlace):  # a release between may lack the code or the place
            continue
        if now.record and now.amount_cents is not None:
            found += causes(last, now)
            last = now
    return (*found, *causes(last, after))


def _change(before: Priced, after: Priced, why: tuple[Cause, ...]) -> Change:
    assert before.amount_cents is not None and after.amount_cents is not None  # the caller has refused others
    total = after.amount_cents - before.amount_cents
    exact = decompose(before, after)
    cents = units.apportion(total, list(exact.values()))
    old, new = _values(before), _values(after)
    parts = tuple(
        Part(name, old[name], new[name], _dollars(exact[name]), paid, units.ratio_text(paid, before.amount_cents, 2))
        for name, paid in zip(PARTS, cents, strict=True)
    )
    used = (*before.sources, *after.sources, SOURCE, *(key for cause in why for key in cause.sources))
    return Change(
        code=before.line.code,
        starts=before.on,
        ends=after.on,
        release_before=before.release.id,
        release_after=after.release.id,
        place=before.locality.id,
        setting=before.line.setting,
        before_cents=before.amount_cents,
        after_cents=after.amount_cents,
        change_cents=total,
        percent=units.ratio_text(total, before.amount_cents, 2),
        parts=parts,
        causes=why,
        method=METHOD,
        leads=leads([before.line.code], after.on),
        sources=tuple(dict.fromkeys(used)),
    )


def _dollars(cents: Fraction) -> str:
    """Exact cents as dollars with six decimals.

    >>> _dollars(Fraction(-1, 3))
    '-0.003333'
    """
    scaled = units.half_up(cents.numerator * 10_000, cents.denominator)
    return units.text(scaled, 1_000_000)
