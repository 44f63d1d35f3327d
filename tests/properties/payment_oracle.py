"""Medicare's payment of a claim in exact fractions, written from the rules' text and not from the package's steps.

It reads the same facts (rows, GPCIs, factors) and nothing else of `openrvu.rules`. One function a paragraph of the
rules; amounts are Fractions of a dollar, rounded half up to cents where the rules say so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from openrvu.errors import OpenRVUError
from openrvu.facts import Facts
from openrvu.schemas import Record

SURGICAL = ("1", "2", "3")
_KNOWN = (
    "26 TC 53 50 LT RT 51 22 52 54 55 56 62 66 78 80 81 82 AS 59 XE XP XS XU 76 77 58 79 73 74 AA AD QK QX QY QZ CO CQ "
    "FX FY CT AQ 24 25 57 95 GT GC GP KX"
)
KNOWN = set(_KNOWN.split())
LETTERS = {
    "C": "contractor-priced",
    "B": "bundled",
    "J": "anesthesia",
    "N": "noncovered",
    "X": "not-a-physician-service",
    "I": "invalid",
    "E": "excluded",
    "P": "bundled",
    "M": "measurement",
}
ANESTHESIA_BASE = {"00630": 8, "00670": 13, "00600": 10, "00635": 4}
PROVIDERS: dict[str, tuple[Fraction, date]] = {
    "": (Fraction(1), date(1, 1, 1)),
    "NP": (Fraction(85, 100), date(1998, 1, 1)),
    "PA": (Fraction(85, 100), date(1998, 1, 1)),
    "CNS": (Fraction(85, 100), date(1998, 1, 1)),
    "RD": (Fraction(85, 100), date(2002, 1, 1)),
    "LCSW": (Fraction(75, 100), date(1990, 7, 1)),
    "CNM": (Fraction(1), date(2011, 1, 1)),
    "CRNA": (Fraction(1), date(1989, 1, 1)),
    "MFT": (Fraction(75, 100), date(2024, 1, 1)),
    "MHC": (Fraction(75, 100), date(2024, 1, 1)),
}


def cent(dollars: Fraction) -> Fraction:
    """To the nearest cent, half up."""
    return Fraction((dollars * 100 + Fraction(1, 2)).__floor__(), 100)


@dataclass
class Work:
    """A line under way."""

    line: dict[str, Any]
    mods: list[str]
    status: str
    day: date
    record: Record | None = None
    gpci: tuple[Fraction, Fraction, Fraction] = (Fraction(1), Fraction(1), Fraction(1))
    factor: Fraction = Fraction(0)
    fee: Fraction = Fraction(0)
    amount: Fraction = Fraction(0)
    later: Fraction = Fraction(0)
    units: int = 1
    side_factor: Fraction = Fraction(1)
    rank_factor: Fraction = Fraction(1)
    pro: Fraction = Fraction(0)
    tech: Fraction = Fraction(0)
    later_pro: Fraction = Fraction(0)
    later_tech: Fraction = Fraction(0)
    base_pro: Fraction = Fraction(0)
    charge: Fraction | None = None
    paired: bool = False
    too_many: bool = False
    in_family: bool = False
    top: bool = False
    result: dict[str, Fraction] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return self.status == "priced"

    def has(self, *any_of: str) -> bool:
        return any(m in self.mods for m in any_of)

    @property
    def role(self) -> str:
        for name, mods in (("a", ("80", "81", "82")), ("as", ("AS",)), ("md", ("QK", "QY", "AD")), ("qx", ("QX",))):
            if self.has(*mods):
                return name
        return "s"

    @property
    def r(self) -> Record:
        assert self.record is not None
        return self.record

    @property
    def pe(self) -> int:
        return self.r.pe_facility_rvu if self.line["facility"] else self.r.pe_nonfacility_rvu

    def formula(self, work: int, pe: int | Fraction, mp: int) -> Fraction:
        parts = zip((Fraction(work), Fraction(pe), Fraction(mp)), self.gpci, strict=True)
        return cent(sum((Fraction(rvu) / 10_000 * gpci for rvu, gpci in parts), Fraction(0)) * self.factor)


def pay(lines: list[dict[str, Any]], facts: Facts) -> list[dict[str, Any]]:
    """Status, amount, allowed, patient and Medicare payments of each line, in cents."""
    work = [look(line, facts) for line in lines]
    sessions: dict[tuple[str, int], list[Work]] = {}
    for one in sorted(work, key=lambda w: w.line["line_id"]):
        sessions.setdefault((one.line["session"], one.line["on"]), []).append(one)
    for session in sessions.values():
        conditional(session)
        for one in session:
            second_surgeons(one)
            apart(one)
        both_sides(session)
        endoscopies(session, facts)
        surgeries(session)
        for one in session:
            package(one)
            parts(one, facts)
        tests(session)
        therapy(session)
        for one in session:
            cap(one)
            if one.ok:
                one.amount = one.amount + (one.units - 1) * one.later
            report(one)
        anesthesia(session)
        for one in session:
            people(one)
    shares(work)
    return [told(one) for one in work]


def told(one: Work) -> dict[str, Any]:
    found = {name: int(value * 100) for name, value in one.result.items()}
    return {"status": one.status, "fee_cents": int(one.fee * 100), **found}


def look(line: dict[str, Any], facts: Facts) -> Work:
    on = date(line["on"] // 10_000, line["on"] // 100 % 100, line["on"] % 100)
    mods = list(dict.fromkeys(m for m in (line["m1"], line["m2"], line["m3"], line["m4"]) if m))
    one = Work(line, mods, "priced", on)
    held = [release for release in facts.releases if release.starts <= on <= release.ends]
    if not held:
        one.status = "release-not-held"
        return one
    release = held[0].id
    row = next((m for m in ("26", "TC") if m in mods), "")
    if not row and "53" in mods and facts.record(line["hcpcs"], "53", release):
        row = "53"
    one.record = facts.record(line["hcpcs"], row, release)
    one.factor = Fraction(facts.conversion_factor(on, bool(line["qp"])).value, 10_000)
    try:
        place = facts.locality(line["place"], release)
        one.gpci = (Fraction(place.work_gpci, 1000), Fraction(place.pe_gpci, 1000), Fraction(place.mp_gpci, 1000))
    except OpenRVUError:
        one.status = "place-unknown"
    exclusive = (
        ("26", "TC"),
        ("62", "66", "80", "81", "82", "AS"),
        ("54", "55", "56", "78"),
        ("AA", "AD", "QK", "QX", "QY", "QZ"),
    )
    if not set(mods) <= KNOWN:
        one.status = "modifier-unknown"
    elif any(len([m for m in group if m in mods]) > 1 for group in exclusive):
        one.status = "modifiers-conflict"
    elif one.record is None:
        one.status = "no-record"
    elif one.record.status in ("A", "R", "T"):
        if one.record.zero:
            one.status = "no-rvus"
    elif one.record.status == "":
        one.status = "status-unknown"
    else:
        one.status = LETTERS[one.record.status]
    if one.ok:
        one.fee = one.formula(one.r.work_rvu, one.pe, one.r.mp_rvu)
    one.amount = one.later = one.fee
    one.units = line["units"]
    return one


def conditional(session: list[Work]) -> None:
    if any(one.ok and one.r.status != "T" for one in session):
        for one in session:
            if one.ok and one.r.status == "T":
                one.status = "bundled-that-day"


def second_surgeons(one: Work) -> None:
    if not one.ok:
        return
    papers = bool(one.line["documented"])
    if one.has("80", "81", "82", "AS"):
        if one.r.assistant not in ("0", "2"):
            one.status = "assistant-not-paid"
        elif one.r.assistant == "0" and not papers:
            one.status = "documents-needed"
    elif one.has("62"):
        if one.r.cosurgeon not in ("1", "2"):
            one.status = "cosurgeon-not-paid"
        elif one.r.cosurgeon == "1" and not papers:
            one.status = "documents-needed"
    elif one.has("66") and one.r.team not in ("1", "2"):
        one.status = "team-not-paid"


def row_key(one: Work) -> tuple[str, str, str]:
    return one.role, one.line["hcpcs"], one.r.modifier


def both_sides(session: list[Work]) -> None:
    distinct = ("59", "XE", "XP", "XS", "XU", "76", "77", "58", "78", "79")
    groups: dict[tuple[str, str, str], list[Work]] = {}
    for one in session:
        one_sided = one.has("LT") != one.has("RT")
        single = one_sided and one.units == 1 and not one.has("50", *distinct)
        if one.ok and single and one.r.bilateral in ("0", "1", "2"):
            groups.setdefault(row_key(one), []).append(one)
    pairs = {key: g for key, g in groups.items() if len(g) == 2 and g[0].has("LT") != g[1].has("LT")}
    for first, second in pairs.values():
        first.paired = second.paired = True
        second.status = "with-other-side"
        charges = [first.line["charge_cents"], second.line["charge_cents"]]
        first.charge = None if -1 in charges else Fraction(sum(charges), 100)
    for one in session:
        if not one.ok:
            continue
        pair_of_units = one.units == 2 and one.r.bilateral in ("1", "2") and one.r.global_days != "ZZZ"
        two = pair_of_units and not one.has("LT", "RT", *distinct)
        explicit = one.has("50") or (one.has("LT") and one.has("RT"))
        if one.paired or two or explicit:
            if one.r.bilateral == "1":
                one.side_factor = Fraction(3, 2)
            if one.r.bilateral == "3":
                if one.r.multiple in ("4", "5", "6", "7"):
                    one.units = 2 if one.units == 1 else one.units
                else:
                    one.side_factor = Fraction(2)
            if not one.has("50") and pair_of_units:
                one.units = 1
        one.amount = one.later = cent(one.fee * one.side_factor)


def apart(one: Work) -> None:
    if one.ok and one.has("55", "56"):
        if one.r.global_days not in ("010", "090"):
            one.status = "package-not-split"
        elif one.has("56"):
            one.status = "in-surgery-share"


def package(one: Work) -> None:
    days = {"010": 10, "090": 90}.get(one.r.global_days) if one.ok else None
    if days is None:
        return
    pre, intra, post = (
        Fraction(share or 0, 10_000) for share in (one.r.preoperative, one.r.intraoperative, one.r.postoperative)
    )
    part = Fraction(1)
    if one.has("54"):
        part = pre + intra
    elif one.has("78"):
        part = intra
    elif one.has("55"):
        part = post * min(one.line["post_days"] or days, days) / days
    one.amount, one.later = cent(one.amount * part), cent(one.later * part)


def is_surgery(one: Work) -> bool:
    return one.ok and one.r.multiple in SURGICAL and not one.has("78")


def family_of(one: Work) -> tuple[str, str]:
    return one.role, one.r.endoscopic_base if one.r.multiple == "3" else one.line["hcpcs"]


def endoscopies(session: list[Work], facts: Facts) -> None:
    families: dict[tuple[str, str], list[Work]] = {}
    for one in session:
        if is_surgery(one):
            families.setdefault(family_of(one), []).append(one)
    for (_, base), members in families.items():
        if not any(one.r.multiple == "3" for one in members):
            continue
        members.sort(key=lambda one: (-one.amount, one.line["line_id"]))
        for place, one in enumerate(members):
            if one.r.multiple == "3":
                release = next(r.id for r in facts.releases if r.starts <= one.day <= r.ends)
                row = facts.record(base, "", release)
                off = Fraction(0)
                if row:
                    pe = row.pe_facility_rvu if one.line["facility"] else row.pe_nonfacility_rvu
                    off = one.formula(row.work_rvu, pe, row.mp_rvu)
                if off == 0 and place:
                    one.status = "endoscopy-base-not-held"
                    continue
            else:
                off = one.amount
            rest = max(one.amount - off, Fraction(0))
            one.later = rest
            if place:
                one.amount = rest
            one.in_family, one.top = True, place == 0


def surgeries(session: list[Work]) -> None:
    for role in {one.role for one in session}:
        heads: list[tuple[Fraction, int, list[Work]]] = []
        families: dict[str, list[Work]] = {}
        for one in session:
            if one.role != role or one.record is None or one.r.multiple not in SURGICAL or one.has("78"):
                continue
            if one.in_family:
                families.setdefault(family_of(one)[1], []).append(one)
            elif is_surgery(one):
                heads.append((one.amount, one.line["line_id"], [one]))
        for members in families.values():
            top = next(one for one in members if one.top)
            heads.append((sum((one.amount for one in members), Fraction(0)), top.line["line_id"], members))
        heads.sort(key=lambda head: (-head[0], head[1]))
        for place, (_, _, members) in enumerate(heads, start=1):
            for one in members:
                if place > 5:
                    one.too_many = True
                    continue
                later = Fraction(1, 2)
                rank = Fraction(1) if place == 1 else Fraction(1, 2)
                if one.r.multiple == "1" and place > 1:
                    later = Fraction(1, 4)
                    rank = Fraction(1, 2) if place == 2 else Fraction(1, 4)
                one.rank_factor = rank
                one.amount = cent(one.amount * rank)
                one.later = cent(one.later * later)


def parts(one: Work, facts: Facts) -> None:
    if not one.ok:
        return
    if one.r.pctc not in ("1", "3"):
        one.pro, one.tech = one.amount, Fraction(0)
        one.later_pro, one.later_tech = one.later, Fraction(0)
        return
    release = next(r.id for r in facts.releases if r.starts <= one.day <= r.ends)
    pro: Record | None = one.r
    if one.r.modifier == "TC" or one.r.pctc == "3":
        pro = None
    elif one.r.modifier == "":
        pro = facts.record(one.line["hcpcs"], "26", release) or one.r
    if pro is not None:
        pe = pro.pe_facility_rvu if one.line["facility"] else pro.pe_nonfacility_rvu
        fee = one.formula(pro.work_rvu, pe, pro.mp_rvu)
        one.pro = min(cent(cent(fee * one.side_factor) * one.rank_factor), one.amount)
    film = Fraction(1)
    if one.has("FX"):
        film = Fraction(8, 10) if one.day >= date(2017, 1, 1) else Fraction(1)
    elif one.has("FY"):
        film = Fraction(93, 100) if one.day < date(2023, 1, 1) else Fraction(9, 10)
    elif one.has("CT"):
        film = Fraction(85, 100)
    one.base_pro = one.pro
    one.tech = cent((one.amount - one.pro) * film)
    one.amount = one.pro + one.tech
    if one.r.multiple not in SURGICAL:
        one.later = one.amount
    one.later_pro, one.later_tech = one.pro, one.tech


def tests(session: list[Work]) -> None:
    for indicator, tech_share, pro_share in (
        ("4", Fraction(1, 2), Fraction(95, 100)),
        ("6", Fraction(3, 4), Fraction(1)),
        ("7", Fraction(4, 5), Fraction(1)),
    ):
        ranked = [
            one
            for one in session
            if one.ok
            and one.r.pctc in ("1", "3")
            and one.r.multiple == indicator
            and (indicator != "4" or (one.r.imaging_family == "88" and not one.has("59", "XE")))
        ]
        by_tech = sorted((o for o in ranked if o.tech > 0), key=lambda o: (-o.tech, o.line["line_id"]))
        by_pro = sorted((o for o in ranked if o.pro > 0), key=lambda o: (-o.pro, o.line["line_id"]))
        for one in ranked:
            one.later_tech, one.later_pro = cent(one.tech * tech_share), cent(one.pro * pro_share)
        for one in by_tech[1:]:
            one.tech = one.later_tech
        for one in by_pro[1:]:
            one.pro = one.later_pro
        for one in ranked:
            one.amount, one.later = one.pro + one.tech, one.later_pro + one.later_tech


def therapy(session: list[Work]) -> None:
    units = [one for one in session if one.ok and one.r.multiple == "5"]
    units.sort(key=lambda one: (-one.pe, -one.fee, one.line["line_id"]))
    for place, one in enumerate(units):
        one.later = one.formula(one.r.work_rvu, Fraction(one.pe, 2), one.r.mp_rvu)
        if place:
            one.amount = one.later


def cap(one: Work) -> None:
    if not one.ok or one.r.pctc not in ("1", "3"):
        return
    pe = (one.r.opps_pe_facility_rvu if one.line["facility"] else one.r.opps_pe_nonfacility_rvu) or 0
    if not pe:
        return
    whole = one.formula(one.r.work_rvu, pe, one.r.opps_mp_rvu or 0)
    most = max(cent(cent(whole * one.side_factor) * one.rank_factor) - one.base_pro, Fraction(0))
    one.tech, one.later_tech = min(one.tech, most), min(one.later_tech, most)
    one.amount = one.pro + one.tech
    if one.r.multiple not in SURGICAL:
        one.later = one.later_pro + one.later_tech


def report(one: Work) -> None:
    if not one.ok:
        return
    if one.has("73", "74"):
        one.status = "facility-modifier"
    elif one.has("22", "52", "66") or (one.has("53") and one.r.modifier != "53") or one.too_many:
        one.status = "by-report"


def anesthesia(session: list[Work]) -> None:
    rates = {2025: ("20.3178", "20.3178", ".769", ".166", ".065"), 2026: ("20.4975", "20.5998", ".787", ".147", ".066")}
    for role in {one.role for one in session}:
        timed = [
            one
            for one in session
            if one.role == role and one.status == "anesthesia" and (one.line["minutes"] > 0 or one.has("AD"))
        ]
        based = [one for one in timed if one.line["hcpcs"] in ANESTHESIA_BASE]
        based.sort(key=lambda one: (-ANESTHESIA_BASE[one.line["hcpcs"]], one.line["line_id"]))
        minutes = sum(one.line["minutes"] for one in timed)
        for one in timed:
            base = ANESTHESIA_BASE.get(one.line["hcpcs"])
            rate = rates.get(one.day.year)
            if base is None:
                one.status = "anesthesia-base-not-held"
            elif rate is None:
                one.status = "anesthesia-factor-not-held"
            elif one is not based[0]:
                one.status = "in-longest-anesthesia"
            else:
                national = Fraction(rate[1] if one.line["qp"] else rate[0])
                local = cent(
                    sum((Fraction(s) * g for s, g in zip(rate[2:], one.gpci, strict=True)), Fraction(0)) * national
                )
                time = Fraction((Fraction(minutes, 15) * 10 + Fraction(1, 2)).__floor__(), 10)
                supervised = 4 if one.line["documented"] else 3
                units = Fraction(supervised) if one.has("AD") else base + time
                one.amount = cent(units * local)
                if one.has("QK", "QX", "QY"):
                    one.amount = cent(one.amount / 2)
                one.status = "priced"


def people(one: Work) -> None:
    if not one.ok:
        return
    if one.has("AS"):
        one.amount = cent(one.amount * Fraction(136, 1000))
    elif one.has("80", "81", "82"):
        one.amount = cent(one.amount * Fraction(16, 100))
    elif one.has("62"):
        one.amount = cent(one.amount * Fraction(625, 1000))
    known = PROVIDERS.get(one.line["provider"])
    if known is None:
        one.status = "provider-unknown"
        return
    share, starts = known
    if one.day < starts:
        one.status = "provider-not-yet-paid"
        return
    if not one.has("AS"):
        one.amount = cent(one.amount * share)
    if one.has("CO", "CQ") and one.day >= date(2022, 1, 1):
        one.amount = cent(one.amount * Fraction(85, 100))


def sequestration(day: date) -> Fraction:
    if day < date(2020, 5, 1) or day >= date(2022, 7, 1):
        return Fraction(2, 100)
    return Fraction(1, 100) if day >= date(2022, 4, 1) else Fraction(0)


def shares(work: list[Work]) -> None:
    used: dict[str, Fraction] = {}
    for one in sorted(work, key=lambda one: one.line["line_id"]):
        amount = one.amount if one.ok else Fraction(0)
        if not one.line["participating"]:
            amount = cent(amount * Fraction(95, 100))
        charge = one.line["charge_cents"]
        most = one.charge if one.paired and one.ok else (None if charge < 0 else Fraction(charge, 100))
        allowed = amount if most is None else min(amount, most)
        session = one.line["session"]
        before = used.get(session, Fraction(0))
        used[session] = before + allowed
        deductible = min(allowed, max(Fraction(one.line["deductible_cents"], 100) - before, Fraction(0)))
        patient = deductible + cent((allowed - deductible) * Fraction(20, 100))
        rest = allowed - patient
        one.result = {
            "allowed_cents": allowed,
            "patient_cents": patient,
            "medicare_cents": rest - cent(rest * sequestration(one.day)),
        }
