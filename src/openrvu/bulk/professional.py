"""The professional claim of X12 (837P, 005010X222): its loops walked once, a line of ours from each service line.

Loops are told apart by what opens them: HL by level, NM1 by who it names, SBR after CLM for another payer's view of the
claim, LX for a service line. What is not mapped is not kept; docs/claims.md lists what is.

Source: ASC X12N 005010X222A1 by CMS's companion guide (`x12-837p`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO

from openrvu.bulk import claims
from openrvu.bulk.claims import Problem, Service, Sink
from openrvu.bulk.x12 import Envelopes, Segment, transactions

PROFESSIONAL = "005010X222"
OTHERS = {"005010X223": "an institutional claim", "005010X224": "a dental claim", "005010X298": "a claim for review"}
# Which element gives a field: for refusals, and for the document.
ELEMENTS: Mapping[str, str] = {
    "line_id": "counted",
    "claim_id": "CLM01",
    "session": "NM109 of 2010BA, 2010AA; PRV03; DTP03",
    "on": "DTP03 of DTP*472",
    "hcpcs": "SV101-2",
    "m1": "SV101-3",
    "m2": "SV101-4",
    "m3": "SV101-5",
    "m4": "SV101-6",
    "place": "N403 of 2420C, 2310C or 2010AA",
    "facility": "SV105 or CLM05-1",
    "units": "SV104 with UN",
    "charge_cents": "SV102",
    "minutes": "SV104 with MJ",
    "provider": "PRV03 of 2420A, 2310B or 2000A",
    "participating": "CLM07",
    "line_control": "REF02 of REF*6R",
}


@dataclass
class _Party:
    """Who or where: an NPI, a taxonomy code, a ZIP code. Names and streets are passed over."""

    npi: str = ""
    taxonomy: str = ""
    zip: str = ""


@dataclass
class _Line:
    number: int
    cells: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    place_of_service: str = ""
    rendering: _Party | None = None
    place: _Party | None = None
    sold: bool = False


@dataclass
class _Claim:
    number: int
    cells: dict[str, str]
    problems: list[Problem]
    place_of_service: str
    rendering: _Party | None = None
    place: _Party | None = None
    other_payer: bool = False
    lines: int = 0


@dataclass
class _Walk:
    """Where in a transaction we are. read: whether it is one that is read. party: whom PRV and N4 speak of."""

    name: str
    sink: Sink
    read: bool = False
    billing: _Party = field(default_factory=_Party)
    party: _Party = field(default_factory=_Party)
    subscriber: str = ""
    dependent: str = ""
    of_dependent: bool = False
    claim: _Claim | None = None
    line: _Line | None = None


def read(file: IO[bytes], name: str, sink: Sink) -> None:
    """Every service line of a file, to the sink. What is not whole or no professional claim is refused there."""
    walk = _Walk(name, sink)

    def take_back(mark: int, number: int, reason: str) -> None:
        sink.take_back(mark, (name, number), reason)

    around = Envelopes(sink.mark, take_back, lambda: _end_claim(walk))
    for segment in transactions(file, _STEPS, around):
        if segment.tag == "ST":
            _begin(walk, segment, around.version)
        elif walk.read and (step := _STEPS.get(segment.tag)):
            step(walk, segment)


def _begin(walk: _Walk, segment: Segment, version: str) -> None:
    """A new transaction: read where it is a professional claim, else refused once."""
    walk.billing = walk.party = _Party()
    walk.subscriber = walk.dependent = ""
    walk.of_dependent = False
    guide = segment.at(3) or version
    walk.read = segment.at(1) == "837" and guide.startswith(PROFESSIONAL)
    if walk.read:
        return
    known = next((what for start, what in OTHERS.items() if guide.startswith(start)), "an unknown kind of claim")
    if not guide.startswith("005010"):
        known = "a version that is not 005010"
    why = f"{known}: professional claims of 005010X222 alone are read"
    if segment.at(1) != "837":
        why = "a transaction that is no claim (ST01 is not 837)"
    walk.sink.refuse_all((walk.name, segment.number), why)


def _level(walk: _Walk, segment: Segment) -> None:
    _end_claim(walk)
    level = segment.at(3)
    if level == "20":
        walk.billing, walk.subscriber = _Party(), ""
        walk.party = walk.billing
    if level == "22":
        walk.subscriber = ""
    walk.dependent, walk.of_dependent = "", False


def _payer(walk: _Walk, _: Segment) -> None:
    # After CLM it opens loop 2320: what another payer knows of the claim, and of whom.
    if walk.claim:
        walk.claim.other_payer = True


def _named(walk: _Walk, segment: Segment) -> None:
    who = segment.at(1)
    walk.party = party = _Party(npi=segment.at(9) if segment.at(8) == "XX" else "")
    holder = walk.line or (None if walk.claim and walk.claim.other_payer else walk.claim)
    if holder and who == "82":
        holder.rendering = party
    elif holder and who == "77":
        holder.place = party
    elif not walk.claim:
        walk.of_dependent = who == "QC"
        if who == "85":
            party.taxonomy, walk.billing = walk.billing.taxonomy, party
        elif who == "IL":
            walk.subscriber = segment.at(9)
        elif who == "QC":
            # One of several under one member number: told apart by name and birth date, inside the hash alone.
            walk.dependent = " ".join(segment.at(place) for place in (3, 4, 5, 7, 9))


def _birth(walk: _Walk, segment: Segment) -> None:
    if walk.of_dependent and not walk.claim:
        walk.dependent += f" {segment.at(2)}"


def _specialty(walk: _Walk, segment: Segment) -> None:
    if segment.at(1) == "BI" and not walk.claim:
        walk.billing.taxonomy = segment.at(3)
    elif segment.at(1) == "PE" and walk.claim:
        walk.party.taxonomy = segment.at(3)


def _city(walk: _Walk, segment: Segment) -> None:
    walk.party.zip = segment.at(3)


def _claim(walk: _Walk, segment: Segment) -> None:
    _end_claim(walk)
    place = segment.composite(5)
    problems: list[Problem] = []
    if len(place) > 1 and place[1] not in ("", "B"):
        problems.append(("facility", "CLM05-2 says that it is no place of service"))
    if len(place) > 2 and place[2] == "8":
        problems.append(("", "the claim voids an earlier one (CLM05-3 is 8)"))
    cells = {"claim_id": segment.at(1), "participating": "0" if segment.at(7) == "C" else "1"}
    walk.claim = _Claim(segment.number, cells, problems, place[0])
    walk.party = _Party()


def _next_line(walk: _Walk, segment: Segment) -> None:
    _end_line(walk)
    if walk.claim:
        walk.line = _Line(segment.number)
        walk.party = _Party()


def _service(walk: _Walk, segment: Segment) -> None:
    line = walk.line
    if line is None or line.sold:
        walk.sink.refuse((walk.name, segment.number), "", "a service (SV1) that is in no line of a claim (LX)")
        return
    line.number, line.sold = segment.number, True
    kind, *codes = [*segment.composite(1), "", "", "", "", "", ""][:7]
    if kind != "HC":
        line.problems.append(("hcpcs", "SV101-1 says that it is neither CPT nor HCPCS"))
    line.cells |= dict(zip(("hcpcs", "m1", "m2", "m3", "m4"), codes, strict=False))
    charge = segment.at(2)
    line.cells["charge"] = f"0{charge}" if charge.startswith(".") else charge
    measure = segment.at(3)
    if measure not in ("UN", "MJ", ""):
        line.problems.append(("units", "SV103 is neither UN nor MJ"))
    line.cells["minutes" if measure == "MJ" else "units"] = segment.at(4)
    line.place_of_service = segment.at(5)


def _institutional(walk: _Walk, segment: Segment) -> None:
    if walk.line and not walk.line.sold:
        walk.line.number, walk.line.sold = segment.number, True
        walk.line.problems.append(("", f"an institutional or dental service ({segment.tag})"))


def _date(walk: _Walk, segment: Segment) -> None:
    if walk.line and segment.at(1) == "472":
        given = segment.at(3)
        if segment.at(2) == "RD8":
            # The first day: Medicare pays by where a service begins.
            given = given.partition("-")[0]
        elif segment.at(2) != "D8":
            walk.line.problems.append(("on", "DTP02 is neither D8 nor RD8"))
        walk.line.cells["on"] = given


def _reference(walk: _Walk, segment: Segment) -> None:
    if walk.line and segment.at(1) == "6R":
        walk.line.cells["line_control"] = segment.at(2)


def _end_line(walk: _Walk) -> None:
    line, claim, walk.line = walk.line, walk.claim, None
    if line is None or claim is None:
        return
    claim.lines += 1
    if not line.sold:
        walk.sink.refuse((walk.name, line.number), "", "a line (LX) without a service (SV1)")
        return
    pos = line.place_of_service or claim.place_of_service
    facility, wrong = claims.setting_of(pos)
    where = line.place or claim.place or walk.billing
    who = line.rendering or claim.rendering or walk.billing
    service = Service(
        {**claim.cells, **line.cells, "facility": facility, "place_of_service": pos},
        [*claim.problems, *line.problems, *wrong],
        zip=where.zip,
        taxonomy=who.taxonomy,
        patient=f"{walk.subscriber} {walk.dependent}".strip() if walk.subscriber else "",
        group=walk.billing.npi,
        claim=claim.number,
    )
    walk.sink.take((walk.name, line.number), service)


def _end_claim(walk: _Walk) -> None:
    _end_line(walk)
    if walk.claim and not walk.claim.lines:
        walk.sink.refuse((walk.name, walk.claim.number), "", "a claim (CLM) without a line (LX)")
    walk.claim = None


_STEPS = {
    "HL": _level,
    "SBR": _payer,
    "NM1": _named,
    "DMG": _birth,
    "PRV": _specialty,
    "N4": _city,
    "CLM": _claim,
    "LX": _next_line,
    "SV1": _service,
    "SV2": _institutional,
    "SV3": _institutional,
    "DTP": _date,
    "REF": _reference,
}
