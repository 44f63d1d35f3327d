"""FHIR Claims (professional; R4, R4B and R5) as lines, one of each item; docs/claims.md lists the elements.

Read as plain JSON: of a claim that lacks something that payment does not need, the lines are still priced, and it is
some forty times as fast as building every element as a typed object.

Source: HL7 FHIR, resource Claim, 4.0.1 and 5.0.0 (`fhir-claim`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from openrvu.bulk import claims
from openrvu.bulk.claims import Problem, Service, Sink
from openrvu.bulk.resources import (
    TAXONOMY,
    Open,
    Referred,
    coded,
    documents,
    listed,
    look_through,
    part,
    reference,
    text,
    unpacked,
)

# How many rows a line of the file takes: an item is told by the line times this, and its place.
ITEMS = 1 << 20
# Dollars that no charge reaches.
MOST = 10**12
CODES = (
    "http://www.ama-assn.org/go/cpt",
    "urn:oid:2.16.840.1.113883.6.12",
    "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
    "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
    "https://bluebutton.cms.gov/resources/codesystem/hcpcs",
    "urn:oid:2.16.840.1.113883.6.14",
    "urn:oid:2.16.840.1.113883.6.285",
)
MINUTES = ("min", "minute", "minutes")
ELEMENTS: Mapping[str, str] = {
    "line_id": "counted",
    "claim_id": "Claim.id, else identifier.value",
    "session": "patient, provider, careTeam, date",
    "on": "item.servicedDate, servicedPeriod.start, else billablePeriod of one day",
    "hcpcs": "item.productOrService",
    "m1": "item.modifier, first",
    "m2": "item.modifier, second",
    "m3": "item.modifier, third",
    "m4": "item.modifier, fourth",
    "place": "postal code of item.locationAddress, item.locationReference, facility or provider",
    "facility": "item.locationCodeableConcept",
    "units": "item.quantity.value",
    "charge_cents": "item.net, else unitPrice x quantity x factor",
    "minutes": "item.quantity.value in minutes",
    "provider": "careTeam.qualification (R4) or specialty (R5), else of whom careTeam.provider refers to",
    "participating": "payee.type",
    "line_control": "item.sequence",
}


def read_all(files: Sequence[Path], opened: Open, sink: Sink) -> list[str]:
    """Every item of every Claim, to the sink; which kinds of resource were passed over."""
    referred = Referred()
    for path in files:
        look_through(path, opened, referred)
    others: dict[str, None] = {}
    for path in files:
        last, place = 0, 0
        for number, found in documents(path, opened):
            if isinstance(found, str):
                sink.refuse_all((path.name, (number or 1) * ITEMS), found)
                continue
            for line, resource, _ in unpacked(number, found):
                if text(resource, "resourceType") != "Claim":
                    others[text(resource, "resourceType") or "no type"] = None
                    continue
                # Several claims on one line are a Bundle: their items are counted on.
                last, place = line, (place if line == last else 0)
                place += _claim(path.name, line, place, resource, referred, sink)
    return list(others)


@dataclass(frozen=True)
class _Seen:
    """What the items of a claim share."""

    cells: Mapping[str, str]
    problems: tuple[Problem, ...]
    zip: str
    patient: str
    group: str
    day: str
    team: Mapping[str, str]
    alone: str
    referred: Referred


def _claim(name: str, line: int, place: int, claim: dict[str, Any], held: Referred, sink: Sink) -> int:
    """The items of a claim, numbered on from a place; how many there were, at least one for a refusal."""
    items = listed(claim, "item")
    if not items:
        sink.refuse((name, line * ITEMS + place + 1), "", "a Claim without an item")
        return 1
    seen = _shared(claim, held)
    for number, item in enumerate(items, start=place + 1):
        row = name, line * ITEMS + number
        sink.take(row, _item(item, seen, claim=line * ITEMS + place))
    return len(items)


def _shared(claim: dict[str, Any], held: Referred) -> _Seen:
    inside = Referred(dict(held.zips), dict(held.npis), dict(held.taxonomies)) if claim.get("contained") else held
    for resource in listed(claim, "contained"):
        inside.note(resource)
    provider, facility, patient = (
        reference(text(part(claim, name), "reference")) for name in ("provider", "facility", "patient")
    )
    identifiers = listed(claim, "identifier")
    period = part(claim, "billablePeriod")
    first, last = text(period, "start")[:10], text(period, "end")[:10]
    team = dict(_team(claim, inside))
    cells = {
        "claim_id": text(claim, "id") or next((found for one in identifiers if (found := text(one, "value"))), ""),
        "participating": "0" if coded(part(part(claim, "payee"), "type")) == "subscriber" else "1",
    }
    return _Seen(
        cells,
        tuple(_refused(claim)),
        zip=inside.zips.get(facility or provider, ""),
        patient=patient or text(part(part(claim, "patient"), "identifier"), "value"),
        group=inside.npis.get(provider) or provider or text(part(part(claim, "provider"), "identifier"), "value"),
        day=first if first == last else "",
        team=team,
        alone=next(iter(team.values()), "") or inside.taxonomies.get(provider, ""),
        referred=inside,
    )


def _refused(claim: dict[str, Any]) -> Iterator[Problem]:
    """What of a claim says that it is not to be paid here."""
    if text(claim, "status") != "active":
        yield "", "the Claim is not active (status)"
    if text(claim, "use") != "claim":
        yield "", "asks for no payment (use is not claim)"
    if coded(claim.get("type")) != "professional":
        yield "", "no professional claim (type)"


def _team(claim: dict[str, Any], held: Referred) -> Iterator[tuple[str, str]]:
    """Taxonomy code by sequence: of the entry itself, else of whom it refers to. Who is responsible comes first."""
    entries = listed(claim, "careTeam")
    for one in sorted(entries, key=lambda entry: entry.get("responsible") is not True):
        who = reference(text(part(one, "provider"), "reference"))
        code = coded(one.get("qualification"), TAXONOMY) or coded(one.get("specialty"), TAXONOMY)
        yield text(one, "sequence"), code or held.taxonomies.get(who, "")


def _item(item: dict[str, Any], seen: _Seen, claim: int) -> Service:
    cells, problems = dict(seen.cells), list(seen.problems)
    if item.get("detail"):
        problems.append(("", "its details (item.detail) are not read"))
    cells["on"] = text(item, "servicedDate") or text(part(item, "servicedPeriod"), "start") or seen.day
    cells["hcpcs"] = coded(item.get("productOrService"), CODES)
    if not cells["hcpcs"] and item.get("productOrService"):
        problems.append(("hcpcs", "no coding of CPT or HCPCS"))
    modifiers = [coded(one) for one in listed(item, "modifier")]
    cells |= {f"m{place}": code for place, code in enumerate(modifiers[:4], start=1)}
    if len(modifiers) > 4:
        problems.append(("m4", "more than four modifiers"))
    places = [text(one, "code") for one in listed(item.get("locationCodeableConcept"), "coding")]
    cells["place_of_service"] = next((code for code in places if len(code) == 2 and code.isdecimal()), "")
    cells["facility"], wrong = claims.setting_of(cells["place_of_service"])
    quantity = item.get("quantity")
    in_minutes = text(quantity, "code").lower() in MINUTES or text(quantity, "unit").lower() in MINUTES
    cells["minutes" if in_minutes else "units"] = text(quantity, "value")
    cells["charge"], dear = _charge(item)
    cells["line_control"] = text(item, "sequence")
    chosen = item.get("careTeamSequence")
    wanted = [seen.team.get(one, "") for one in chosen if isinstance(one, str)] if isinstance(chosen, list) else []
    return Service(
        cells,
        [*problems, *wrong, *dear],
        zip=_zip(item, seen),
        taxonomy=next(filter(None, wanted), "" if wanted else seen.alone),
        patient=seen.patient,
        group=seen.group,
        claim=claim,
    )


def _zip(item: dict[str, Any], seen: _Seen) -> str:
    own = text(item.get("locationAddress"), "postalCode")
    where = reference(text(item.get("locationReference"), "reference"))
    return own or seen.referred.zips.get(where, "") if own or where else seen.zip


def _charge(item: dict[str, Any]) -> tuple[str, list[Problem]]:
    """The charge of an item in dollars as text; empty where none is given."""
    net, price = part(item, "net"), part(item, "unitPrice")
    if text(net if text(net, "value") else price, "currency") not in ("", "USD"):
        return "", [("charge_cents", "not in US dollars")]
    if text(net, "value"):
        return text(net, "value"), []
    if not text(price, "value"):
        return "", []
    given = text(price, "value"), text(part(item, "quantity"), "value"), text(item, "factor")
    try:
        each, count, factor = (Decimal(found or "1") for found in given)
        total = each * count * factor
        if not -MOST < total < MOST or int(total.as_tuple().exponent) < -12:
            return "", [("charge_cents", "not an amount in dollars and cents")]
    except (ArithmeticError, ValueError):
        return "", [("charge_cents", "not an amount in dollars and cents")]
    return f"{total:f}", []
