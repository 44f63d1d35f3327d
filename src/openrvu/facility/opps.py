"""A hospital outpatient claim: one comprehensive payment, or each service for itself; never two rates of one visit.

Of several comprehensive services the one with the highest rate is paid and all else is packaged; a status says where a
complexity adjustment may apply. CMS ranks by Addendum J, which is not held; rate and rank agree save for rare ties, and
the answer says by what it ranked. Rules and their sources: rules/params/facility.toml, rules/lookups/opps_status.csv.

>>> claim = hospital_claim([FacilityLine("62380"), FacilityLine("63030"), FacilityLine("63048")], date(2025, 7, 1))
>>> [(line.code, line.status, line.amount_cents) for line in claim.lines]
[('62380', 'comprehensive', 714373), ('63030', 'packaged', 0), ('63048', 'packaged', 0)]
>>> claim.amount_cents, claim.patient_cents, claim.complexity
(714373, 142875, 'may-apply')
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from openrvu import holdings, params, units
from openrvu.errors import NotHeld
from openrvu.facility import held
from openrvu.facility.claim import FacilityClaim, FacilityLine, PaidLine, checked, totals, wage_words, without_effect
from openrvu.facility.held import HospitalCode
from openrvu.facility.indicators import Indicator, indicators
from openrvu.rules import facility
from openrvu.rules.facility import NATIONAL

NOT_HELD = "no hospital rate of {code} is held for {year}: load Addendum B of that year (`openrvu load FILE`)"
ADDENDUM_J = (
    "Of several comprehensive services the one with the highest rate is taken as the highest-ranked: CMS's ranks are "
    "in Addendum J, which is not held."
)
COMPLEXITY = (
    "A complexity adjustment may apply, which pays the next higher group of the clinical family: it is for pairs of "
    "two comprehensive services, or of one and an add-on, that Addendum J lists, which is not held. Here {pairs}. The "
    "amount is without it."
)

# Way -> status and amount of what is not paid by a rate of its own: nothing, or not known here.
OTHERWISE: Mapping[str, tuple[str, int | None]] = {
    "packaged": ("packaged", 0),
    "not": ("not-paid", 0),
    "elsewhere": ("elsewhere", 0),
    "laboratory": ("elsewhere", 0),
    "cost": ("cost-based", None),
    "day": ("not-modelled", None),
}
# Modifier -> the parameter that says what is left of the rate.
MODIFIERS: Mapping[str, str] = {
    "52": "facility_terminated",
    "73": "facility_terminated",
    "74": "facility_terminated_after_anesthesia",
}


@dataclass(frozen=True)
class _Row:
    """A line with what is held of it. order: its place on the claim."""

    order: int
    line: FacilityLine
    code: HospitalCode
    letter: Indicator

    @property
    def rate(self) -> int:
        return self.code.rate or 0


def hospital_claim(lines: Sequence[FacilityLine], on: date, wage_index: int = NATIONAL) -> FacilityClaim:
    """Price a hospital outpatient claim of one day. wage_index: x 10^4. Raises BadInput for impossible units."""
    checked(lines)
    span, whole = held.hospital_table(on)
    found = [held.hospital_code(line.code, on) for line in lines]
    known = [
        _Row(order, line, code, indicators()[code.indicator])
        for order, (line, code) in enumerate(zip(lines, found, strict=True))
        if code and code.indicator in indicators()
    ]
    paid: dict[int, PaidLine] = {}
    for order, (line, code) in enumerate(zip(lines, found, strict=True)):
        if code is None:
            paid[order] = _absent(line, on, whole)
        elif code.indicator not in indicators():
            paid[order] = _line(line, code, "not-modelled", f"indicator {code.indicator} is not known here", None)
    notes = [wage_words(wage_index, params.at("opps_labor_share", on).value)]
    pairs: list[str] = []
    comprehensive = sorted((r for r in known if r.letter.way == "comprehensive"), key=lambda r: (-r.rate, r.order))
    if any(row.letter.way == "inpatient" for row in known):
        for row in known:
            paid[row.order] = _beside_inpatient(row)
    elif comprehensive:
        paid |= _comprehensive(known, comprehensive[0], on, wage_index)
        notes += [ADDENDUM_J] if len(comprehensive) > 1 else []
        pairs = _pairs(known, comprehensive, on)
        notes += [COMPLEXITY.format(pairs=", ".join(pairs))] if pairs else []
    else:
        paid |= _each(known, on, wage_index)
    notes += without_effect(lines, frozenset({*MODIFIERS, "50"}))
    if any(line.has("FB", "FC") for line in lines):
        notes.append("A hospital's device credit is reported with value code FD and is not modelled.")
    complexity = "may-apply" if pairs else "none"
    return _claim(tuple(paid[order] for order in sorted(paid)), on, span, wage_index, complexity, notes)


def _pairs(known: Sequence[_Row], comprehensive: Sequence[_Row], on: date) -> list[str]:
    """What stands beside the primary service that could be a pair of Addendum J, in words; empty where nothing is."""
    primary, *others = comprehensive
    again = [primary.line.code] if primary.line.times > 1 else []
    beside = [f"{primary.line.code} with {code}" for code in dict.fromkeys([*again, *(r.line.code for r in others)])]
    addons = [row.line.code for row in known if row.letter.way == "packaged" and may_be_addon(row.line.code, on)]
    return [*beside, *(f"{primary.line.code} with the add-on {code}" for code in dict.fromkeys(addons))]


def may_be_addon(code: str, on: date) -> bool:
    """Whether a packaged code may be an add-on: not where the physicians' schedule gives it a period of its own.

    Global period ZZZ is an add-on; XXX may be one, and so may a code that the schedule as held does not have.

    >>> may_be_addon("63048", date(2025, 7, 1)), may_be_addon("62267", date(2025, 7, 1))
    (True, False)
    """
    facts = holdings.current()
    try:
        record = facts.record(code, "", facts.release_on(on).id)
    except NotHeld:
        return True
    return record is None or record.global_days in ("ZZZ", "XXX", "YYY", "")


def _claim(
    lines: tuple[PaidLine, ...], on: date, span: str, wage_index: int, complexity: str, notes: Sequence[str]
) -> FacilityClaim:
    amount, patient = totals(lines)
    status, words = "priced", "Every line is known."
    if any(line.status == "inpatient-only" for line in lines):
        status, words = (
            "inpatient-only",
            "A service on the claim is paid only to inpatients: no outpatient amount is given.",
        )
    elif any(line.status == "not-held" for line in lines):
        status, words = "not-held", "; ".join(line.words for line in lines if line.status == "not-held")
    elif amount is None:
        status, words = "incomplete", "; ".join(line.words for line in lines if line.amount_cents is None)
    used = [key for line in lines for key in line.sources] + [params.at("opps_labor_share", on).source]
    sources = tuple(dict.fromkeys(used))
    return FacilityClaim(
        "OPPS", on, span, status, words, lines, amount, patient, wage_index, complexity, tuple(notes), sources
    )


def _line(
    line: FacilityLine,
    code: HospitalCode | None,
    status: str,
    words: str,
    amount: int | None,
    patient: int | None = None,
    steps: Sequence[str] = (),
    sources: Sequence[str] = (),
) -> PaidLine:
    return PaidLine(
        code=line.code,
        modifiers=line.modifiers,
        units=line.units,
        indicator=code.indicator if code else "",
        apc=code.apc if code else "",
        status=status,
        words=words,
        rate_cents=code.rate_cents if code else None,
        amount_cents=amount,
        patient_cents=patient if patient is not None else (0 if amount == 0 else None),
        steps=tuple(steps),
        sources=tuple(dict.fromkeys([*([code.source] if code else []), *sources])),
    )


def _absent(line: FacilityLine, on: date, whole: bool) -> PaidLine:
    if whole:
        return _line(line, None, "no-such-code", f"Addendum B of {on.year} has no row for {line.code}", None)
    return _line(line, None, "not-held", NOT_HELD.format(code=line.code, year=on.year), None)


def _beside_inpatient(row: _Row) -> PaidLine:
    if row.letter.way == "inpatient":
        return _line(row.line, row.code, "inpatient-only", row.letter.words, None, sources=[row.letter.source])
    words = "on a claim with an inpatient-only service: what Medicare pays of it is not modelled"
    return _line(row.line, row.code, "not-modelled", words, None, sources=[row.letter.source])


def _comprehensive(rows: Sequence[_Row], primary: _Row, on: date, wage_index: int) -> dict[int, PaidLine]:
    """One payment for the primary service; the rest packaged, save what stays apart."""
    found: dict[int, PaidLine] = {}
    apart: list[_Row] = []
    for row in rows:
        if row is primary:
            found[row.order] = _paid(_once(row), [units.PERCENT], on, wage_index, "comprehensive")
        elif row.letter.with_comprehensive == "packaged":
            words = f"packaged into the one comprehensive payment of {primary.line.code}"
            found[row.order] = _line(row.line, row.code, "packaged", words, 0, sources=[row.letter.source])
        else:
            apart.append(row)
    return found | _each(apart, on, wage_index)


def _once(row: _Row) -> _Row:
    """The primary service is paid once, however many units or sides it has."""
    kept = tuple(one for one in row.line.modifiers if one != "50")
    return replace(row, line=replace(row.line, units=1, modifiers=kept))


def _each(rows: Sequence[_Row], on: date, wage_index: int) -> dict[int, PaidLine]:
    """Each service for itself: packaging by indicator, then the discount among procedures."""
    letters = {row.letter.letter for row in rows}
    packaged = _packaged(rows, letters)
    composites = [row for row in rows if row.letter.way == "composite"]
    found: dict[int, PaidLine] = {}
    paying: list[_Row] = []
    for row in rows:
        source = [row.letter.source]
        if row.order in packaged:
            found[row.order] = _line(row.line, row.code, "packaged", packaged[row.order], 0, sources=source)
        elif row.letter.way == "composite" and len(composites) > 1:
            words = "one composite payment may take the place of several: its groups (Addendum M) are not held"
            found[row.order] = _line(row.line, row.code, "not-modelled", words, None, sources=source)
        elif row.letter.way in OTHERWISE:
            status, amount = OTHERWISE[row.letter.way]
            found[row.order] = _line(row.line, row.code, status, row.letter.words, amount, sources=source)
        elif row.code.rate is None:
            words = f"Addendum B prints no rate for {row.line.code}"
            found[row.order] = _line(row.line, row.code, "no-rate", words, None, sources=source)
        else:
            paying.append(row)
    for row, factors in _discounts(paying, on):
        found[row.order] = _paid(row, factors, on, wage_index, "paid")
    return found


def _packaged(rows: Sequence[_Row], letters: set[str]) -> dict[int, str]:
    """The lines that are packaged because of what stands beside them, with the words."""
    found: dict[int, str] = {}
    for way, beside in (("unless-stv", {"S", "T", "V"}), ("unless-t", {"T"})):
        conditional = sorted((row for row in rows if row.letter.way == way), key=lambda row: (-row.rate, row.order))
        kept = [] if letters & beside else conditional[:1]
        for row in conditional:
            if row not in kept:
                others = " or ".join(sorted(letters & beside)) or "a higher one of its kind"
                found[row.order] = f"packaged beside {others}"
    if letters & {"J1", "J2", "S", "T", "V", "Q1", "Q2", "Q3"}:
        found |= {row.order: "packaged beside a paid service" for row in rows if row.letter.way == "laboratory"}
    return found


def _discounts(rows: Sequence[_Row], on: date) -> list[tuple[_Row, list[int]]]:
    """The percent of each unit: of discounted procedures the highest in full, every other at half.

    A procedure ended before anesthesia or reduced is paid half for that and is not discounted again.
    """
    half = params.at("facility_discount", on).value
    first = True
    found = []
    for row in sorted(rows, key=lambda row: (-row.rate, row.order)):
        factors = [units.PERCENT] * row.line.times
        if row.letter.discounted and not row.line.has("52", "73"):
            factors = [half] * len(factors)
            if first:
                factors[0], first = units.PERCENT, False
        found.append((row, factors))
    return found


def _paid(row: _Row, factors: Sequence[int], on: date, wage_index: int, status: str) -> PaidLine:
    """A line that a rate pays: device portion, wage index, modifier and discount, each rounded to the cent."""
    line, code = row.line, row.code
    if code.rate is None or code.rate_cents is None:
        return _line(line, code, "no-rate", f"Addendum B prints no rate for {line.code}", None)
    if not row.letter.wage:
        return _drug(row, status)
    sources, steps = [row.letter.source], []
    share = params.at("opps_labor_share", on)
    cents = code.rate_cents
    if line.has("73"):
        offset, source = held.device_offset(line.code, on)
        if offset is None:
            words = f"with modifier 73 the device portion is not paid, and whether {line.code} has one is not held"
            return _line(line, code, "device-portion-not-held", words, None)
        cents, sources = cents - offset, [*sources, source]
        steps += [f"less the device portion {units.dollars(offset)}"] if offset else []
    if wage_index != NATIONAL:
        cents, sources = facility.at_wage_index(cents, share.value, wage_index), [*sources, share.source]
        steps.append(f"at the wage index: {units.dollars(cents)}")
    for modifier, name in MODIFIERS.items():
        if line.has(modifier):
            part = params.at(name, on)
            cents, sources = units.percent_of(cents, part.value), [*sources, part.source]
            steps.append(f"modifier {modifier}: {units.ratio_text(part.value, units.PERCENT, 0)} %")
    each = [units.percent_of(cents, factor) for factor in factors]
    if any(factor != units.PERCENT for factor in factors):
        steps.append(f"discounted: {sum(factor != units.PERCENT for factor in factors)} at half")
    owed = [_copayment(one, code, on) for one in each]
    if code.copayment and code.minimum and code.minimum < code.copayment:
        steps.append(f"the hospital may lower the copayment to {units.dollars(code.minimum // held.TENTHS)}")
    steps += list(dict.fromkeys(words for _, words, _ in owed if words))
    sources += [source for _, _, source in owed if source]
    words = f"{row.letter.words}; APC {code.apc}" if code.apc else row.letter.words
    return _line(line, code, status, words, sum(each), sum(cents for cents, _, _ in owed), steps, sources)


def _drug(row: _Row, status: str) -> PaidLine:
    """Drugs and their like: the printed rate times units, no wage index; the printed copayment."""
    code, line = row.code, row.line
    owed = code.copayment if code.adjusted_copayment is None else code.adjusted_copayment
    amount = units.half_up((code.rate or 0) * line.units, held.TENTHS)
    patient = None if owed is None else units.half_up(owed * line.units, held.TENTHS)
    return _line(line, code, status, row.letter.words, amount, patient, sources=[row.letter.source])


def _copayment(cents: int, code: HospitalCode, on: date) -> tuple[int, str, str]:
    """The patient's share of an amount, at most the inpatient deductible; words and source of a limit."""
    share = params.at("coinsurance", on).value
    printed = (code.copayment or 0) // held.TENTHS
    owed = facility.share_as_printed(cents, code.rate_cents or 0, printed, share)
    if code.copayment is None:
        owed = facility.minimum_copayment(cents, share)
    try:
        limit = params.at("inpatient_deductible", on)
    except NotHeld:
        if code.printed_cap_cents is None or owed <= code.printed_cap_cents:
            return owed, "", ""
        return code.printed_cap_cents, f"copayment limited as printed, {units.dollars(code.printed_cap_cents)}", ""
    if owed <= limit.value:
        return owed, "", ""
    words = f"copayment {units.dollars(owed)} limited to the inpatient deductible of {on.year}, "
    words += units.dollars(limit.value) + ("" if limit.settled else " (to be confirmed)")
    if code.printed_cap_cents not in (None, limit.value):
        words += f"; the addendum prints the limit as {units.dollars(code.printed_cap_cents or 0)}"
    return limit.value, words, limit.source
