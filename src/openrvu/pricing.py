"""One service priced: the rules in order on whole numbers, and an answer in words where there is no price.

>>> from datetime import date
>>> priced = price("63047", on=date(2024, 2, 1))
>>> priced.amount_cents, priced.release.id
(110053, '2024A')
>>> price("62380", on=date(2026, 7, 1)).status
'contractor-priced'
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from openrvu import holdings, units
from openrvu.codes.coverage import coverage_of
from openrvu.effects import Effect, effects
from openrvu.errors import BadInput, NotHeld
from openrvu.facts import Facts
from openrvu.places import find_place, zip_of
from openrvu.releases import Release
from openrvu.rules.claim import price_lines
from openrvu.rules.lines import MOST
from openrvu.rules.modifiers import modifiers
from openrvu.rules.order import RULES
from openrvu.rules.people import providers
from openrvu.rules.status import outcomes
from openrvu.schemas import ConversionFactor, Locality, Record
from openrvu.standing import since, words_of

SETTINGS = ("facility", "nonfacility")
# The rules that every answer names; others where they changed an amount.
ALWAYS = ("record", "status", "locality", "conversion-factor", "fee")
MOST_MODIFIERS = 4


@dataclass(frozen=True)
class Line:
    """What is to be priced.

    code: CPT or HCPCS. modifier: empty (the whole service), or up to four as on a claim: 26, TC, 50-62. on: date of
    service; None takes the first day of the newest held release. place: national, MAC-locality, state, county or
    locality name. setting: facility or nonfacility. qualifying_apm: the higher conversion factor of qualifying APM
    participants, from 2026. units: of service. charge_cents: of the whole line, None where none is given. provider:
    empty for a physician, else NP, PA and so on. participating: whether the physician takes part in Medicare. minutes:
    of anesthesia. post_days: days of care after surgery taken over (55), 0 for all. documented: whether documents show
    the need for an assistant or a second surgeon, where the row asks for them.
    """

    code: str
    modifier: str = ""
    on: date | None = None
    place: str = "national"
    setting: str = "facility"
    qualifying_apm: bool = False
    units: int = 1
    charge_cents: int | None = None
    provider: str = ""
    participating: bool = True
    minutes: int = 0
    post_days: int = 0
    documented: bool = False


@dataclass(frozen=True)
class Priced:
    """The answer for one line.

    amount_cents: the schedule amount of one unit, or None; then `status` (a stable slug) and `words` say why and
    `how_paid` how the service is paid. Anesthesia has none, and is priced all the same. allowed_cents: what Medicare
    allows for the line after every rule, or None. effects: the rules that changed the amount on the way.
    limiting_charge_cents: the most that a physician who does not take part may charge, else None. since: first day of
    the run of held releases with this status letter. successor: code that took the place of an ended one, else empty;
    never a substitute. leads: what must be said first (coverage). notes, warnings: plain sentences. sources: ids.
    """

    line: Line
    on: date
    release: Release
    origin: str
    record: Record | None
    locality: Locality
    conversion_factor: ConversionFactor
    status: str
    words: str
    how_paid: str
    since: date | None
    amount_cents: int | None
    allowed_cents: int | None
    limiting_charge_cents: int | None
    effects: tuple[Effect, ...]
    successor: str
    leads: tuple[str, ...]
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    sources: tuple[str, ...]


def read_code(text: str) -> str:
    """A code as typed, checked and in capitals. Raises BadInput for anything that no code can be."""
    code = text.strip().upper()
    if not re.fullmatch(r"[A-Z0-9]\d{3}[A-Z0-9]", code):
        raise BadInput(
            f"{text!r} is not a CPT or HCPCS code",
            exists="A code has five characters: five digits (62380), four digits and a letter (0275T), or a letter and "
            "four digits (G0276)",
            fix="Check the code",
        )
    return code


def read_date(value: str | date | None) -> date | None:
    """A date or its text as YYYY-MM-DD. Raises BadInput for other text."""
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value.strip())
    except ValueError:
        raise BadInput(f"{value!r} is not a date", fix="Write it as YYYY-MM-DD, for example 2026-07-01") from None


def read_modifiers(text: str) -> tuple[str, ...]:
    """Modifiers as typed (50, 50-62, 26), in capitals, each once. Raises BadInput for one that is not known.

    >>> read_modifiers("50-as-50")
    ('50', 'AS')
    """
    acting = [key for key, row in modifiers().items() if row.effect not in ("", "none")]
    found = tuple(dict.fromkeys(re.findall(r"[^-,:/\s]+", text.upper())))
    for one in found:
        if one not in modifiers():
            raise BadInput(
                f"modifier {one!r} is not known",
                exists=f"Known: {', '.join(acting)}, and others that change no amount",
                fix="Check it, or leave it out and see the schedule amount",
            )
    if len(found) > MOST_MODIFIERS:
        raise BadInput(f"{len(found)} modifiers on one line", exists="A claim line has four", fix="Leave some out")
    return found


def _within(name: str, value: int, least: int, most: int) -> int:
    if not least <= value <= most:
        raise BadInput(f"{value} is no number of {name}", exists=f"From {least} to {most:,}")
    return value


def checked(line: Line) -> Line:
    """The line with its texts as the rules want them. Raises BadInput for what cannot be."""
    if line.setting not in SETTINGS:
        raise BadInput(f"no setting is called {line.setting!r}", exists=f"Settings: {', '.join(SETTINGS)}")
    provider = line.provider.strip().upper()
    if provider not in providers():
        known = ", ".join(key for key in providers() if key)
        raise BadInput(f"no practitioner is called {line.provider!r}", exists=f"Known: {known}; none for a physician")
    _within("units", line.units, 1, MOST["units"])
    _within("minutes", line.minutes, 0, MOST["minutes"])
    _within("days", line.post_days, 0, MOST["post_days"])
    _within("cents of charge", line.charge_cents or 0, 0, MOST["charge_cents"])
    modifier = "-".join(read_modifiers(line.modifier))
    return replace(line, code=read_code(line.code), modifier=modifier, on=read_date(line.on), provider=provider)


def _not_in_force(release: Release, asked: date | None, today: date) -> tuple[str, ...]:
    if asked is not None or release.covers(today):
        return ()
    span = f"{release.starts.isoformat()} to {release.ends.isoformat()}"
    return (
        f"No date was given, so the newest release held was used: {release.id}, in force {span}. "
        f"It is not the release in force today, {today.isoformat()}.",
    )


def _too_many(line: Line, on: date) -> tuple[str, ...]:
    """A warning where the units pass the medically unlikely edits, as far as they are held."""
    if line.units == 1:
        return ()
    from openrvu.ncci.mue import check_units  # late: one unit is never too many, and most prices are of one

    check = check_units(line.code, line.units, on)
    return (check.words,) if check.over else ()


def _notes(row: dict[str, Any]) -> tuple[str, ...]:
    record: Record | None = row["record"]
    if record is None or not row["fee_cents"]:
        return ()
    found = []
    if row["status"] != "priced":
        found.append(f"The schedule amount of one unit, before that, is {units.dollars(row['fee_cents'])}.")
    marked = record.na_facility if row["facility"] else record.na_nonfacility
    if marked:
        found.append(
            "CMS marks this setting NA: the service is rarely or never done there, and the amount rests on the other "
            "setting's practice expense."
        )
    if record.status == "R":
        found.append("Status R: special coverage conditions apply before any of this amount is paid.")
    if record.status == "T":
        found.append("Status T: paid only if nothing else is payable to the same provider that day.")
    if row["qualifying_apm"] and row["conversion_factor"].track == "all":
        found.append("On this date one conversion factor held for all, qualifying APM participants included.")
    if row["status"] == "priced" and any(effect.rule == "opps-cap" for effect in effects(row)):
        found.append(
            f"Imaging is paid at no more than the hospital outpatient amount, {units.dollars(row['cap_cents'])} here: "
            "Medicare pays the lower of the two."
        )
    found += [f"From memory, to be confirmed: {effect.says}." for effect in effects(row) if not effect.settled]
    return tuple(found)


def columns_of(line: Line, on: date, place: Locality, number: int = 1) -> dict[str, Any]:
    """The line as the rules read it: see `rules.lines`."""
    given = [*line.modifier.split("-"), "", "", "", ""]
    return {
        "line_id": number,
        "on": on.year * 10_000 + on.month * 100 + on.day,
        "hcpcs": line.code,
        **{f"m{which + 1}": given[which] for which in range(MOST_MODIFIERS)},
        "place": place.id,
        "facility": 1 if line.setting == "facility" else 0,
        "qp": 1 if line.qualifying_apm else 0,
        "units": line.units,
        "charge_cents": -1 if line.charge_cents is None else line.charge_cents,
        "provider": line.provider,
        "participating": 1 if line.participating else 0,
        "minutes": line.minutes,
        "post_days": line.post_days,
        "documented": 1 if line.documented else 0,
    }


def _run(line: Line, on: date, release: Release, place: Locality, facts: Facts) -> dict[str, Any]:
    """Every column that the rules write, and the objects that the answer is made of."""
    row = price_lines([columns_of(line, on, place)], facts)[0]
    return row | {
        "code": line.code,
        "modifier": row["row_modifier"],
        "day": on,
        "held": release,
        "record": facts.record(line.code, row["row_modifier"], release.id),
        "locality": place,
        "conversion_factor": facts.conversion_factor(on, line.qualifying_apm),
        "qualifying_apm": line.qualifying_apm,
    }


def price_line(line: Line, facts: Facts, today: date) -> Priced:
    """Price one line against the facts held. `today` only decides whether the default release is a stale one.

    Raises BadInput, UnknownCode, UnknownPlace, or NotHeld for a date, code or release that is not held.
    """
    line = checked(line)
    try:
        return _priced(line, facts, today)
    except NotHeld as fault:
        # A refusal is an answer too: what must be said first of a code is said first.
        found = coverage_of(line.code, line.on or facts.newest().starts)
        if found is None:
            raise
        what = f"{found.lead} {fault.what}"
        raise NotHeld(what, where=fault.where, exists=fault.exists, fix=fault.fix) from None


def _priced(line: Line, facts: Facts, today: date) -> Priced:
    release = facts.release_on(line.on) if line.on else facts.newest()
    on = line.on or release.starts
    place = find_place(line.place, release.id, facts, on)
    row = _run(line, on, release, place, facts)
    status, words, how_paid, successor = words_of(row, facts)
    done, payable = effects(row), row["status"] == "priced"
    record: Record | None = row["record"]
    coverage = coverage_of(line.code, on)
    used = [
        s
        for rule in RULES
        if rule.name in ALWAYS or rule.name in {effect.rule for effect in done}
        for s in rule.sources
    ] + [
        place.source,
        row["conversion_factor"].source,
    ]
    used += [record.source] if record else []
    used += list(coverage.sources) if coverage else []
    found = zip_of(line.place, release.id, facts, on)
    used += [found.area.source] if found else []
    return Priced(
        line=line,
        on=on,
        release=release,
        origin=facts.table(release.id).origin,
        record=record,
        locality=place,
        conversion_factor=row["conversion_factor"],
        status=status,
        words=words,
        how_paid=how_paid,
        since=since(record, release, facts) if record and status not in outcomes() else None,
        amount_cents=(row["fee_cents"] or None) if payable else None,
        allowed_cents=row["allowed_cents"] if payable else None,
        limiting_charge_cents=row["limiting_charge_cents"] if payable and not line.participating else None,
        effects=done,
        successor=successor,
        leads=(coverage.lead,) if coverage else (),
        notes=(*_notes(row), *((found.note,) if found else ())),
        warnings=(*_not_in_force(release, line.on, today), *_too_many(line, on)),
        sources=tuple(dict.fromkeys(used)),
    )


def price(
    code: str,
    modifier: str = "",
    *,
    on: str | date | None = None,
    place: str = "national",
    setting: str = "facility",
    qualifying_apm: bool = False,
    facts: Facts | None = None,
    today: date | None = None,
    **more: Any,
) -> Priced:
    """What the fee schedule gives for one service: an amount in cents, or the status that says why there is none.

    See Line for the arguments, further ones (units, charge_cents, provider ...) included. facts: what to look up in
    (default: embedded facts and what the user has loaded).

    >>> price("0275T", on="2026-07-01").successor
    '62330'
    >>> price("63030", "50-62", on="2025-07-01").allowed_cents
    85091
    """
    line = Line(code, modifier, read_date(on), place, setting, qualifying_apm, **more)
    return price_line(line, facts or holdings.current(), today or today_here())


def today_here() -> date:
    """Today by this machine's clock; the only clock that pricing reads."""
    return date.today()  # noqa: DTZ011  # a date of service has no time zone
