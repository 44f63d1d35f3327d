"""One case at one site: what the physician is paid, what the building is paid, what of each the patient owes.

Sites: office (no building is paid: its cost is in the professional amount), asc (surgical centre), hopd (hospital
outpatient department). What is not held is absent and says so; a total with an absent part is absent too.

>>> found = at_site(["63047"], "hopd", on="2025-07-01")
>>> found.professional_amount_cents, found.facility_amount_cents, found.total_cents, found.patient_cents
(109493, 714373, 823866, 164774)
>>> at_site(["63047"], "hopd", on="2026-07-01").facility_amount_cents is None
True
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from openrvu import holdings, units
from openrvu.casing import Case, CaseLine, case
from openrvu.codes.facility import facility_amounts
from openrvu.errors import BadInput, NotHeld, OpenRVUError, UnknownCode
from openrvu.facility.asc import centre_claim
from openrvu.facility.claim import FacilityClaim, FacilityLine, read_wage_index
from openrvu.facility.opps import hospital_claim
from openrvu.facts import Facts
from openrvu.ncci.mue import check_units
from openrvu.places import find_place
from openrvu.pricing import Priced, price, read_code, read_date, today_here
from openrvu.schemas import Locality

SITES = ("office", "asc", "hopd")
SYSTEMS = {"asc": "ASC", "hopd": "OPPS"}
# Modifiers that only a facility's claim has: the physician's line is priced without them.
FACILITY_ONLY = frozenset({"73", "74", "FB", "FC"})
# PC/TC indicator of tests that have a professional and a technical part.
BOTH_PARTS = "1"
PROFESSIONAL_PART = "{code}: in a facility the technical part is the facility's; the professional amount is that of 26."


@dataclass(frozen=True)
class ProfessionalLine:
    """The physician's line: what is allowed for all units, or None where status and words say why there is none.

    rule: the rules that decided the amount, in one line; the lines of a case are priced together.
    """

    code: str
    modifiers: tuple[str, ...]
    units: int
    status: str
    words: str
    how_paid: str
    rule: str
    amount_cents: int | None
    patient_cents: int | None


@dataclass(frozen=True)
class AtSite:
    """A case at a site. professional, facility: the two bills. Amounts None: not known, and notes say why.

    patient_cents: the patient's share of both, before any deductible. warnings: unit limits exceeded, and what pricing
    warns of. wage: how the place entered the facility's rate.
    """

    site: str
    on: date
    release: str
    locality: Locality
    setting: str
    professional: tuple[ProfessionalLine, ...]
    facility: FacilityClaim | None
    professional_amount_cents: int | None
    professional_patient_cents: int | None
    facility_amount_cents: int | None
    facility_patient_cents: int | None
    total_cents: int | None
    patient_cents: int | None
    leads: tuple[str, ...]
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    sources: tuple[str, ...] = field(repr=False, default=())


def read_line(text: str) -> FacilityLine:
    """A line as typed: a code, modifiers behind hyphens, units behind an x. Raises BadInput for anything else.

    >>> read_line("22853x2"), read_line("63047-52-lt").modifiers
    (FacilityLine(code='22853', modifiers=(), units=2, device_cents=None), ('52', 'LT'))
    """
    match = re.fullmatch(r"([^-:/\s]+?)((?:[-:/ ][^-:/\s]{2})*?)(?:[x*](\d{1,6}))?", text.strip().lower())
    if match is None:
        raise BadInput(f"{text!r} is no line", exists="Written: 63047, 63047-52, 22614x3, 22853-59x2", fix="Check it")
    modifiers = tuple(one.upper() for one in re.split(r"[-:/ ]", match[2]) if one)
    return FacilityLine(read_code(match[1]), modifiers, int(match[3] or 1))


def at_site(
    lines: Sequence[FacilityLine | str],
    site: str,
    *,
    on: str | date | None = None,
    place: str = "national",
    wage_index: str = "",
    qualifying_apm: bool = False,
    facts: Facts | None = None,
    today: date | None = None,
) -> AtSite:
    """Price a case of one day at one site.

    lines: codes as typed (22853x2, 63047-52), or FacilityLine. site: office, asc or hopd. wage_index: of the place, as
    CMS prints it; empty gives the national facility rate. Other arguments as in `price`. Raises BadInput, UnknownCode
    where no line is known, UnknownPlace, or NotHeld for a date that no release covers.
    """
    if site not in SITES:
        raise BadInput(f"no site is called {site!r}", exists=f"Sites: {', '.join(SITES)}")
    read = [read_line(line) if isinstance(line, str) else replace(line, code=read_code(line.code)) for line in lines]
    if not read:
        raise BadInput("the case has no line", fix="Name at least one code")
    index = read_wage_index(wage_index)
    held = facts or holdings.current()
    asked = read_date(on)
    release = held.release_on(asked) if asked else held.newest()
    day = asked or release.starts
    locality = find_place(place, release.id, held)

    common: dict[str, Any] = {"place": place, "setting": _setting(site), "qualifying_apm": qualifying_apm}
    common["facts"] = held
    priced = [_priced(line, site, asked, common | {"today": today or today_here()}) for line in read]
    together = _together_priced(read, priced, day, common)
    claim = None
    if site != "office":
        claim = (centre_claim if site == "asc" else hospital_claim)(read, day, index)
    unknown = [one for one in priced if isinstance(one, UnknownCode)]
    if len(unknown) == len(read) and not (claim and any(paid.indicator for paid in claim.lines)):
        raise unknown[0]
    return _together(site, day, release.id, locality, read, priced, together, claim)


def _modifiers(line: FacilityLine, both_parts: bool) -> str:
    """The modifiers of the physician's line: without the facility's, and 26 where the facility has the other part."""
    kept = [one for one in line.modifiers if one not in FACILITY_ONLY]
    return "-".join([*kept, "26"] if both_parts and not {"26", "TC", "53"} & set(kept) else kept)


def _priced(line: FacilityLine, site: str, on: date | None, common: Mapping[str, Any]) -> Priced | OpenRVUError:
    """The physician's line priced alone, or what stands in the way of it.

    In a facility the technical part of a test is the facility's: the physician's is the row of modifier 26.
    """
    try:
        found = price(line.code, _modifiers(line, False), on=on, units=line.units, **common)
        if site != "office" and found.record and found.record.pctc == BOTH_PARTS:
            return price(line.code, _modifiers(line, True), on=on, units=line.units, **common)
    except (NotHeld, UnknownCode, BadInput) as fault:
        return fault
    return found


def _together_priced(
    lines: Sequence[FacilityLine], priced: Sequence[Priced | OpenRVUError], on: date, common: Mapping[str, Any]
) -> Case | None:
    """The lines that a price was found for, priced as one case; None where there is none."""
    services = [
        f"{one.line.code}{one.line.modifier and '-'}{one.line.modifier}x{line.units}"
        for line, one in zip(lines, priced, strict=True)
        if isinstance(one, Priced)
    ]
    return case(services, on=on, **common) if services else None


def _lines(
    lines: Sequence[FacilityLine], priced: Sequence[Priced | OpenRVUError], together: Case | None
) -> tuple[ProfessionalLine, ...]:
    shown = iter(together.lines if together else ())
    return tuple(
        _fault(line, one) if isinstance(one, OpenRVUError) else _line(line, one, next(shown))
        for line, one in zip(lines, priced, strict=True)
    )


def _fault(line: FacilityLine, fault: OpenRVUError) -> ProfessionalLine:
    words = f"{fault.what}. {fault.fix}" if fault.fix else fault.what
    return ProfessionalLine(line.code, line.modifiers, line.units, fault.kind, words, "", "", None, None)


def _line(line: FacilityLine, priced: Priced, shown: CaseLine) -> ProfessionalLine:
    status, amount, patient = shown.status, shown.allowed_cents, shown.patient_cents
    if status == "bundled":
        amount = patient = 0  # nothing is paid for it on its own, and that is known
    if amount is not None and "26" in priced.line.modifier.split("-") and "26" not in line.modifiers:
        status = "professional-part"
    words = shown.why or priced.words
    how = priced.how_paid if amount is None else ""
    return ProfessionalLine(line.code, line.modifiers, line.units, status, words, how, shown.rule, amount, patient)


def _professional_notes(lines: Sequence[FacilityLine], professional: Sequence[ProfessionalLine]) -> list[str]:
    """What is to be said of the physician's bill."""
    notes = [f"{line.code}, professional: {line.words}" for line in professional if line.amount_cents is None]
    notes += [PROFESSIONAL_PART.format(code=line.code) for line in professional if line.status == "professional-part"]
    for line in lines:
        if own := sorted(FACILITY_ONLY & set(line.modifiers)):
            notes.append(f"{line.code}: {', '.join(own)} is the facility's; the professional amount is without it.")
    return notes


def _facility_notes(claim: FacilityClaim | None, site: str) -> list[str]:
    if claim is None:
        return ["In an office no facility is paid: its cost is in the professional amount."]
    return [*claim.notes, *([claim.words] if claim.amount_cents is None else []), *_earlier(claim, site)]


def _together(
    site: str,
    on: date,
    release: str,
    locality: Locality,
    lines: Sequence[FacilityLine],
    priced: Sequence[Priced | OpenRVUError],
    together: Case | None,
    claim: FacilityClaim | None,
) -> AtSite:
    professional = _lines(lines, priced, together)
    answers = [one for one in priced if isinstance(one, Priced)]
    amount = _sum([line.amount_cents for line in professional])
    patient = None if amount is None else _sum([line.patient_cents for line in professional])
    notes = _professional_notes(lines, professional)
    facility = (claim.amount_cents, claim.patient_cents) if claim else (0, 0)
    over = [check for line in lines if (check := check_units(line.code, line.units, on)).over]
    notes += [
        *(together.notes if together else ()),
        *_facility_notes(claim, site),
        *(note for one in answers for note in one.notes),
    ]
    warnings = [*(check.words for check in over), *(warning for one in answers for warning in one.warnings)]
    used = [key for one in answers for key in one.sources] + list(together.sources if together else ())
    used += [*(claim.sources if claim else ()), *(check.limit.source for check in over if check.limit)]
    return AtSite(
        site=site,
        on=on,
        release=release,
        locality=locality,
        setting=_setting(site),
        professional=professional,
        facility=claim,
        professional_amount_cents=amount,
        professional_patient_cents=patient,
        facility_amount_cents=facility[0],
        facility_patient_cents=facility[1],
        total_cents=_sum([amount, facility[0]]),
        patient_cents=_sum([patient, facility[1]]),
        leads=tuple(dict.fromkeys(lead for one in answers for lead in one.leads)),
        notes=tuple(dict.fromkeys(notes)),
        warnings=tuple(dict.fromkeys(warnings)),
        sources=tuple(dict.fromkeys(used)),
    )


def _setting(site: str) -> str:
    return "nonfacility" if site == "office" else "facility"


def _sum(parts: Sequence[int | None]) -> int | None:
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None


def _earlier(claim: FacilityClaim, site: str) -> list[str]:
    """The rate of an earlier year, named where that of the date is not held; it is never taken instead."""
    found = []
    for line in claim.lines:
        if line.status != "not-held":
            continue
        for rate in facility_amounts(line.code, claim.on):
            if rate.system == SYSTEMS[site] and rate.amount_cents is not None:
                shown = units.dollars(rate.amount_cents)
                found.append(f"{line.code}: the rate of {rate.year} was {shown}; it is not carried forward.")
    return found
