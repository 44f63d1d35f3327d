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
from dataclasses import dataclass
from datetime import date
from typing import Any

from openrvu import holdings, units
from openrvu.codes.coverage import coverage_of
from openrvu.codes.families import find_service
from openrvu.errors import BadInput, NotHeld
from openrvu.facts import Facts, require_held
from openrvu.places import find_place
from openrvu.releases import Release
from openrvu.rules.claim import price_lines
from openrvu.rules.fee import fee_cents
from openrvu.rules.order import RULES
from openrvu.rules.status import PAID_BY_RVU, statuses
from openrvu.schemas import ConversionFactor, Locality, Record

SETTINGS = ("facility", "nonfacility")
# The rules that every answer names; others where they changed an amount.
ALWAYS = ("record", "status", "locality", "conversion-factor", "fee")
MODIFIER_ROWS = ("", "26", "TC", "53")


@dataclass(frozen=True)
class Line:
    """What is to be priced.

    code: CPT or HCPCS. modifier: empty (global), 26, TC or 53. on: date of service; None takes the first day of the
    newest held release. place: national, MAC-locality, state, county or locality name. setting: facility or
    nonfacility. qualifying_apm: the higher conversion factor of qualifying APM participants, from 2026.
    """

    code: str
    modifier: str = ""
    on: date | None = None
    place: str = "national"
    setting: str = "facility"
    qualifying_apm: bool = False


@dataclass(frozen=True)
class Priced:
    """The answer for one line.

    amount_cents: the schedule amount, or None; then `status` (a stable slug) and `words` say why and `how_paid` how
    the service is paid. since: first day of the run of held releases with this status letter. successor: code that
    took the place of an ended one, else empty; never a substitute. leads: what must be said first (coverage).
    notes, warnings: plain sentences. sources: ids.
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


def _checked(line: Line) -> Line:
    if line.setting not in SETTINGS:
        raise BadInput(f"no setting is called {line.setting!r}", exists=f"Settings: {', '.join(SETTINGS)}")
    modifier = line.modifier.strip().upper()
    if modifier not in MODIFIER_ROWS:
        raise BadInput(
            f"modifier {line.modifier!r} is not priced yet",
            exists="Priced: none (global), 26, TC, 53",
            fix="Leave it out and apply the payer's rule by hand; the schedule amount is the starting point",
        )
    return Line(read_code(line.code), modifier, read_date(line.on), line.place, line.setting, line.qualifying_apm)


def _absence(code: str, on: date, release: Release, facts: Facts) -> tuple[str, str, str]:
    """Status, words and successor of a code that a release as held has no row for."""
    known = find_service(code)
    if known and known.ended and known.ended < on:
        return "ended", f"{code} ended on {known.ended.isoformat()}.", known.successor
    if known and known.introduced and on < known.introduced:
        return "not-yet-introduced", f"{code} was introduced on {known.introduced.isoformat()}.", ""
    if known and not facts.ever(code):
        hospital = " Codes that begin with C are for hospital outpatient billing." if code.startswith("C") else ""
        return "not-on-schedule", f"{code} is in none of the releases of the fee schedule held.{hospital}", ""
    seen = facts.require(code)
    # The embedded rows of a release that was read whole prove absence only for the codes that were chosen from it.
    if not facts.table(release.id).whole and not (release.coverage == "whole" and facts.chosen(code)):
        raise require_held(release, facts.table(release.id), code, seen)
    if seen[0].starts > release.starts:
        return "not-yet-introduced", f"{code} first appears in release {seen[0].id} among those held.", ""
    if seen[-1].starts < release.starts:
        return "ended", f"{code} last appears in release {seen[-1].id} among those held.", ""
    return "no-record", f"Release {release.id} has no row for {code}, though others have.", ""


def _since(record: Record, release: Release, facts: Facts) -> date | None:
    """First day of the unbroken run of held releases, up to this one, in which the row has the same status letter."""
    if not record.status:
        return None
    start: date | None = None
    for held in reversed([r for r in facts.releases if r.starts <= release.starts]):
        row = facts.record(record.hcpcs, record.modifier, held.id)
        if row is None or row.status != record.status:
            break
        start = held.starts
    return start


def _words(row: dict[str, Any], facts: Facts) -> tuple[str, str, str, str]:
    """Status, words, how it is paid, and successor."""
    record: Record | None = row["record"]
    if record is None:
        other = facts.records(row["code"], row["held"].id)
        if other:
            rows = ", ".join(r.modifier or "global" for r in other)
            words = f"{row['code']} has no row for modifier {row['modifier'] or 'global'}; it has: {rows}."
            return "no-modifier-row", words, "", ""
        status, words, successor = _absence(row["code"], row["day"], row["held"], facts)
        return status, words, "", successor
    if row["status"] == "priced":
        return "priced", "Priced by its RVUs.", "", ""
    if row["status"] == "status-unknown":
        words = "The table held for this release has no status letter, so whether its RVUs pay cannot be told."
        return "status-unknown", words, "", ""
    letter = statuses()[record.status]
    contractor = statuses()["C"]
    if record.status in PAID_BY_RVU:
        words = f"Status {record.status} with no RVUs: {letter.words}"
        return "no-rvus", words, contractor.how_paid, ""
    return row["status"], f"Status {record.status}: {letter.words}", letter.how_paid, ""


def _not_in_force(release: Release, asked: date | None, today: date) -> tuple[str, ...]:
    if asked is not None or release.covers(today):
        return ()
    span = f"{release.starts.isoformat()} to {release.ends.isoformat()}"
    return (
        f"No date was given, so the newest release held was used: {release.id}, in force {span}. "
        f"It is not the release in force today, {today.isoformat()}.",
    )


def _notes(row: dict[str, Any]) -> tuple[str, ...]:
    record: Record | None = row["record"]
    if record is None or row["status"] != "priced":
        return ()
    found = []
    marked = record.na_facility if row["setting"] == "facility" else record.na_nonfacility
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
    cap = _cap_cents(row, record)
    if cap is not None and cap < row["fee_cents"]:
        found.append(
            f"Imaging is paid at no more than the hospital outpatient amount, {units.dollars(cap)} here: Medicare pays "
            "the lower of the two."
        )
    return tuple(found)


def _cap_cents(row: dict[str, Any], record: Record) -> int | None:
    """The OPPS cap of an imaging row: the fee formula on the row's three OPPS columns (payment rules, section 1)."""
    pe = record.opps_pe_facility_rvu if row["setting"] == "facility" else record.opps_pe_nonfacility_rvu
    if not pe or record.opps_mp_rvu is None:
        return None
    place = row["locality"]
    gpcis = (place.work_gpci, place.pe_gpci, place.mp_gpci)
    return fee_cents(record.work_rvu, pe, record.opps_mp_rvu, *gpcis, row["conversion_factor"].value)


def _run(line: Line, on: date, release: Release, place: Locality, facts: Facts) -> dict[str, Any]:
    """Every column that the rules write, and the objects that the answer is made of."""
    asked = {
        "line_id": 1,
        "on": on.year * 10_000 + on.month * 100 + on.day,
        "hcpcs": line.code,
        "m1": line.modifier,
        "place": place.id,
        "facility": 1 if line.setting == "facility" else 0,
        "qp": 1 if line.qualifying_apm else 0,
    }
    row = price_lines([asked], facts)[0]
    row |= {
        "code": line.code,
        "modifier": line.modifier,
        "day": on,
        "held": release,
        "record": facts.record(line.code, line.modifier, release.id),
        "locality": place,
        "conversion_factor": facts.conversion_factor(on, line.qualifying_apm),
        "setting": line.setting,
        "qualifying_apm": line.qualifying_apm,
    }
    return row


def price_line(line: Line, facts: Facts, today: date) -> Priced:
    """Price one line against the facts held. `today` only decides whether the default release is a stale one.

    Raises BadInput, UnknownCode, UnknownPlace, or NotHeld for a date, code or release that is not held.
    """
    line = _checked(line)
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
    place = find_place(line.place, release.id, facts)
    row = _run(line, on, release, place, facts)
    status, words, how_paid, successor = _words(row, facts)
    record: Record | None = row["record"]
    coverage = coverage_of(line.code, on)
    used = [s for rule in RULES if rule.name in ALWAYS for s in rule.sources] + [
        place.source,
        row["conversion_factor"].source,
    ]
    used += [record.source] if record else []
    used += list(coverage.sources) if coverage else []
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
        since=_since(record, release, facts) if record else None,
        amount_cents=row["fee_cents"] if row["status"] == "priced" else None,
        successor=successor,
        leads=(coverage.lead,) if coverage else (),
        notes=_notes(row),
        warnings=_not_in_force(release, line.on, today),
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
) -> Priced:
    """What the fee schedule gives for one service: an amount in cents, or the status that says why there is none.

    See Line for the arguments. facts: what to look up in (default: embedded facts and what the user has loaded).

    >>> price("0275T", on="2026-07-01").successor
    '62330'
    """
    line = Line(code, modifier, read_date(on), place, setting, qualifying_apm)
    return price_line(line, facts or holdings.current(), today or today_here())


def today_here() -> date:
    """Today by this machine's clock; the only clock that pricing reads."""
    return date.today()  # noqa: DTZ011  # a date of service has no time zone
