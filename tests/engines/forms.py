"""The same made-up claims as 837P, as FHIR and as CSV. Every person, number and street here is invented."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from openrvu.facts import Facts, embedded

PERSON = ("INVENTED", "NOBODY", "19310203", "MBR0000UNREAL", "1 IMAGINARY WAY")
NPI = "1999999984"  # a made-up number that passes the check digit
SURGEON, NURSE, ANESTHETIST = "207T00000X", "363LA2100X", "367500000X"


@dataclass(frozen=True)
class Line:
    """A service line. minutes 0: units count it."""

    code: str
    modifiers: Sequence[str] = ()
    units: str = "1"
    charge: str = "99999.00"
    minutes: str = ""
    place: str = ""
    on: str = "20250701"
    control: str = ""


@dataclass(frozen=True)
class Claim:
    """A claim with its lines. place: of service; zip: of its facility; assigned: CLM07."""

    id: str
    lines: Sequence[Line]
    member: str = PERSON[3]
    place: str = "22"
    zip: str = "432150000"
    taxonomy: str = SURGEON
    assigned: str = "A"
    frequency: str = "1"


CLAIMS = (
    Claim("A1", [Line("63047"), Line("63048", units="2"), Line("63030", ["59"]), Line("20930")]),
    Claim("A2", [Line("72131", place="11"), Line("72148", place="11"), Line("97110", ["GP"], "2", place="11")], "MBR1"),
    Claim("A3", [Line("63047", ["80"])], "MBR2", taxonomy=NURSE),
    Claim("A4", [Line("00670", ["QZ"], minutes="95")], "MBR3", taxonomy=ANESTHETIST),
    Claim("A5", [Line("63047", ["50", "62", "22", "GC"]), Line("99213", on="20260701")], "MBR4", assigned="C"),
)


@dataclass(frozen=True)
class Zips:
    """A loaded ZIP table, of a few rows."""

    release: str = "2025D"
    source: str = "a test's own"
    rows: Sequence[tuple[str, str, str, str]] = (
        ("43215", "OH", "15202", "00"),
        ("60601", "IL", "06102", "16"),
        ("90210", "CA", "01182", "18"),
        ("90210", "CA", "01182", "26"),
    )

    def where(self, **wanted: str) -> tuple[Mapping[str, Any], ...]:
        names = ("zip", "state", "mac", "number")
        found = [dict(zip(names, row, strict=True)) for row in self.rows]
        return tuple(row | {"rural": "", "split": ""} for row in found if wanted["zip"] == row["zip"])


def facts() -> Facts:
    """Of what is embedded the last releases, which is quick, with a ZIP table."""
    return replace(embedded(), releases=embedded().releases[-3:], others={("zip5", "2025D"): Zips()})


@dataclass
class Interchange:
    """An 837P file in the making. marks: element, component, end of segment."""

    marks: tuple[str, str, str] = ("*", ":", "~")
    newline: str = "\n"
    guide: str = "005010X222A1"
    parts: list[list[str]] = field(default_factory=list)

    def text(self, claims: Sequence[Claim], transactions: int = 1) -> str:
        """A whole interchange: one group, the claims shared out over some transactions."""
        element, component, end = self.marks
        isa = ["ISA", "00", f"{'':10}", "00", f"{'':10}", "ZZ", f"{'SENDER':15}", "ZZ", f"{'RECEIVER':15}"]
        isa += ["250702", "1200", "^", "00501", "000000001", "0", "T"]
        group = [["GS", "HC", "SENDER", "RECEIVER", "20250702", "1200", "1", "X", self.guide]]
        for number in range(transactions):
            group += self.transaction(claims[number::transactions], f"{number + 1:04d}")
        group += [["GE", str(transactions), "1"], ["IEA", "1", "000000001"]]
        rows = [element.join([*isa, component]), *(self.row(parts) for parts in group)]
        return "".join(f"{row}{end}{self.newline}" for row in rows)

    def row(self, parts: Sequence[str]) -> str:
        return self.marks[0].join(parts).replace("\x1f", self.marks[1])

    def transaction(self, claims: Sequence[Claim], control: str) -> list[list[str]]:
        body = [["ST", "837", control, self.guide], ["BHT", "0019", "00", "1", "20250702", "1200", "CH"]]
        body += [
            ["NM1", "41", "2", "SUBMITTER", "", "", "", "", "46", "1"],
            ["NM1", "40", "2", "PAYER", "", "", "", "", "46", "2"],
        ]
        body += [["HL", "1", "", "20", "1"], ["PRV", "BI", "PXC", "193200000X"]]
        body += [["NM1", "85", "2", "NOWHERE CLINIC", "", "", "", "", "XX", NPI]]
        body += [["N3", "2 FICTION ST"], ["N4", "COLUMBUS", "OH", "606010000"], ["REF", "EI", "999999999"]]
        for number, claim in enumerate(claims, start=2):
            body += self.claim(claim, str(number))
        return [*body, ["SE", str(len(body) + 1), control]]

    def claim(self, claim: Claim, level: str) -> list[list[str]]:
        last, first, birth, _, street = PERSON
        total = sum(float(line.charge) for line in claim.lines)
        body = [["HL", level, "1", "22", "0"], ["SBR", "P", "18", "", "", "", "", "", "", "MB"]]
        body += [["NM1", "IL", "1", last, first, "", "", "", "MI", claim.member]]
        body += [["N3", street], ["N4", "NOWHERE", "OH", "902100000"], ["DMG", "D8", birth, "F"]]
        body += [["NM1", "PR", "2", "MEDICARE", "", "", "", "", "PI", "00000"]]
        place = "\x1f".join((claim.place, "B", claim.frequency))
        body += [["CLM", claim.id, f"{total:.2f}", "", "", place, "Y", claim.assigned, "Y", "Y"]]
        body += [["HI", "ABK\x1fM4806"], ["NM1", "82", "1", "MADEUP", "DOCTOR", "", "", "", "XX", NPI]]
        body += [["PRV", "PE", "PXC", claim.taxonomy], ["NM1", "77", "2", "HOSPITAL OF NOWHERE"]]
        body += [["N3", "3 FICTION ST"], ["N4", "COLUMBUS", "OH", claim.zip]]
        # Another payer's view of the same claim: its people and places are not those of this one.
        body += [
            ["SBR", "S", "18", "", "", "", "", "", "", "CI"],
            ["NM1", "IL", "1", last, first, "", "", "", "MI", "ELSE"],
        ]
        body += [["N4", "BEVERLY HILLS", "CA", "90210"], ["NM1", "82", "1"], ["NM1", "77", "2"]]
        for number, line in enumerate(claim.lines, start=1):
            body += self.line(line, number)
        return body

    def line(self, line: Line, number: int) -> list[list[str]]:
        code = "\x1f".join(["HC", line.code, *line.modifiers])
        measure = ["MJ", line.minutes] if line.minutes else ["UN", line.units]
        body = [["LX", str(number)], ["SV1", code, line.charge, *measure, line.place, "", "1"]]
        span = ["RD8", f"{line.on}-{line.on}"] if number % 2 == 0 else ["D8", line.on]
        return [*body, ["DTP", "472", *span], ["REF", "6R", line.control or f"L{number}"]]


def csv_text(claims: Sequence[Claim]) -> str:
    """The claims as a table with our names: what a user with a data base would bring."""
    head = "claim_id,line_id,patient,group,specialty,on,hcpcs,m1,m2,m3,m4,place,facility,units,charge,minutes,provider"
    who = {SURGEON: "", NURSE: "NP", ANESTHETIST: "CRNA"}
    rows, count = [f"{head},participating"], 0
    for claim in claims:
        for line in claim.lines:
            count += 1
            modifiers = ",".join((*line.modifiers, "", "", "", "")[:4])
            facility = int((line.place or claim.place) == "22")
            rows.append(
                f"{claim.id},{count},{claim.member},{NPI},{claim.taxonomy},{line.on},{line.code},{modifiers},15202-00,"
                f"{facility},{line.units},{line.charge},{line.minutes},{who[claim.taxonomy]},"
                f"{int(claim.assigned != 'C')}"
            )
    return "\n".join(rows) + "\n"


def _concept(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}


def resource(claim: Claim) -> dict[str, Any]:
    """A claim as FHIR has it (R4); who and where by reference."""
    return {
        "resourceType": "Claim",
        "id": claim.id,
        "status": "active",
        "type": _concept("http://terminology.hl7.org/CodeSystem/claim-type", "professional"),
        "use": "claim",
        "patient": {"reference": f"Patient/{claim.member}", "display": f"{PERSON[1]} {PERSON[0]}"},
        "created": "2025-07-02",
        "provider": {"reference": "https://example.org/fhir/Organization/clinic"},
        "priority": _concept("http://terminology.hl7.org/CodeSystem/processpriority", "normal"),
        "payee": {"type": _concept("http://terminology.hl7.org/CodeSystem/payeetype", _payee(claim))},
        "careTeam": [{"sequence": 1, "provider": {"reference": f"PractitionerRole/{claim.taxonomy}"}}],
        "facility": {"reference": f"Location/{claim.zip}"},
        "insurance": [{"sequence": 1, "focal": True, "coverage": {"reference": "Coverage/1"}}],
        "item": [_item(line, number, claim) for number, line in enumerate(claim.lines, start=1)],
    }


def _payee(claim: Claim) -> str:
    return "subscriber" if claim.assigned == "C" else "provider"


def _item(line: Line, number: int, claim: Claim) -> dict[str, Any]:
    quantity = {"value": int(line.units)}
    if line.minutes:
        quantity = {"value": int(line.minutes), "unit": "min"}  # type: ignore[dict-item]
    on = f"{line.on[:4]}-{line.on[4:6]}-{line.on[6:]}"
    day = {"servicedDate": on} if number % 2 else {"servicedPeriod": {"start": f"{on}T08:00:00-04:00", "end": on}}
    place = "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set"
    return {
        "sequence": number,
        "careTeamSequence": [1],
        "productOrService": _concept("http://www.ama-assn.org/go/cpt", line.code),
        **(
            {"modifier": [_concept("http://www.ama-assn.org/go/cpt", one) for one in line.modifiers]}
            if line.modifiers
            else {}
        ),
        **day,
        "locationCodeableConcept": _concept(place, line.place or claim.place),
        "quantity": quantity,
        "net": {"value": float(line.charge), "currency": "USD"},
    }


def beside() -> list[dict[str, Any]]:
    """What the claims refer to, and the patient, whom nobody needs."""
    taxonomy = "http://nucc.org/provider-taxonomy"
    roles = [
        {"resourceType": "PractitionerRole", "id": code, "specialty": [_concept(taxonomy, code)]}
        for code in (SURGEON, NURSE, ANESTHETIST)
    ]
    return [
        {"resourceType": "Patient", "id": "1", "name": [{"family": PERSON[0]}], "birthDate": "1931-02-03"},
        {"resourceType": "Location", "id": "432150000", "address": {"postalCode": "43215", "line": [PERSON[4]]}},
        {
            "resourceType": "Organization",
            "id": "clinic",
            "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": NPI}],
            "address": [{"postalCode": "60601-1234"}],
        },
        *roles,
    ]


def ndjson(resources: Sequence[Mapping[str, Any]]) -> str:
    return "".join(json.dumps(one) + "\n" for one in resources)


def bundle(resources: Sequence[Mapping[str, Any]]) -> str:
    entries = [
        {"fullUrl": f"https://example.org/fhir/{one['resourceType']}/{one['id']}", "resource": one} for one in resources
    ]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}, indent=1)
