"""A surgical centre's claim: each covered procedure at its rate, the second and later discounted ones at half.

Order of the steps: device credit (FB, FC), wage index, modifier (73, 52, 74), discount; each rounds to the cent, half
up. No figure of CMS settles the rounding between steps. A device portion is not discounted; it is Addendum FF's, which
is not read: give it with the line.

>>> claim = centre_claim([FacilityLine("63047")], date(2026, 7, 1))
>>> claim.amount_cents, claim.patient_cents
(369553, 73911)
>>> centre_claim([FacilityLine("63047", ("73",))], date(2026, 7, 1)).amount_cents
184777
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from openrvu import params, units
from openrvu.facility import held
from openrvu.facility.claim import FacilityClaim, FacilityLine, PaidLine, checked, totals, wage_words, without_effect
from openrvu.facility.held import CentreCode
from openrvu.rules import facility
from openrvu.rules.facility import NATIONAL

PACKAGED, DEVICE_INTENSIVE = "N1", "J8"
CREDITS: Mapping[str, str] = {"FB": "device_credit_full", "FC": "device_credit_half"}
MODIFIERS: Mapping[str, str] = {
    "52": "facility_terminated",
    "73": "facility_terminated",
    "74": "facility_terminated_after_anesthesia",
}
DEVICE = (
    "{code} is device-intensive, and its device portion (Addendum FF) is not held: give it with --device-offset "
    "{code}=DOLLARS"
)


@dataclass(frozen=True)
class _Priced:
    """A line on its way. each: cents of one procedure before the discount; device: the part of it not discounted.

    why: status and words where it cannot be told.
    """

    order: int
    line: FacilityLine
    code: CentreCode
    each: int = 0
    device: int | None = 0
    steps: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    why: tuple[str, str] | None = None


def centre_claim(lines: Sequence[FacilityLine], on: date, wage_index: int = NATIONAL) -> FacilityClaim:
    """Price a surgical centre's claim of one day. wage_index: x 10^4. Raises BadInput for impossible units."""
    checked(lines)
    span, whole = held.centre_table(on)
    paid: dict[int, PaidLine] = {}
    paying: list[_Priced] = []
    for order, line in enumerate(lines):
        code = held.centre_code(line.code, on)
        if code is None:
            paid[order] = _absent(line, on, whole)
        elif code.indicator == PACKAGED:
            paid[order] = _line(line, code, "packaged", "packaged: nothing is paid for it on its own", 0)
        elif code.rate_cents is None:
            words = f"payment indicator {code.indicator} and no rate: not paid as a surgical centre's service"
            paid[order] = _line(line, code, "not-paid", words, 0)
        else:
            paying.append(_one(order, line, code, on, wage_index))
    paid |= _discounted(paying, on)
    in_order = tuple(paid[order] for order in sorted(paid))
    amount, patient = totals(in_order)
    unknown = [line.words for line in in_order if line.amount_cents is None]
    status = "priced" if not unknown else "incomplete"
    status = "not-held" if any(line.status == "not-held" for line in in_order) else status
    share = params.at("asc_labor_share", on)
    return FacilityClaim(
        system="ASC",
        on=on,
        span=span,
        status=status,
        words="; ".join(dict.fromkeys(unknown)) or "Every line is known.",
        lines=in_order,
        amount_cents=amount,
        patient_cents=patient,
        wage_index=wage_index,
        complexity="none",
        notes=(wage_words(wage_index, share.value), *without_effect(lines, frozenset({*MODIFIERS, *CREDITS, "50"}))),
        sources=tuple(dict.fromkeys(key for line in in_order for key in line.sources)),
    )


def _line(
    line: FacilityLine,
    code: CentreCode | None,
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
        apc="",
        status=status,
        words=words,
        rate_cents=code.rate_cents if code else None,
        amount_cents=amount,
        patient_cents=0 if amount == 0 else patient,
        steps=tuple(steps),
        sources=tuple(dict.fromkeys([*([code.source] if code else []), *sources])),
    )


def _absent(line: FacilityLine, on: date, whole: bool) -> PaidLine:
    if whole:
        words = f"{line.code} is not among the procedures of {on.year} that a surgical centre is paid for"
        return _line(line, None, "not-covered", words, 0)
    words = f"no surgical centre rate of {line.code} is held for {on.year}: load Addendum AA of that year"
    return _line(line, None, "not-held", f"{words} (`openrvu load FILE`)", None)


def _one(order: int, line: FacilityLine, code: CentreCode, on: date, wage_index: int) -> _Priced:
    """One procedure before the discount: credit, wage index, modifier."""
    cents = code.rate_cents or 0
    device = line.device_cents if line.device_cents is not None else (None if code.indicator == DEVICE_INTENSIVE else 0)
    steps: list[str] = []
    sources: list[str] = []
    credit = next((name for modifier, name in CREDITS.items() if line.has(modifier)), "")
    if device is None and (credit or line.has("73")):
        return _Priced(order, line, code, why=("device-portion-not-held", DEVICE.format(code=line.code)))
    if credit and device is not None:
        part = params.at(credit, on)
        taken = units.percent_of(device, part.value)
        cents, device, sources = cents - taken, device - taken, [*sources, part.source]
        steps.append(f"device credit: less {units.dollars(taken)}")
    if line.has("73") and device:
        cents, device = cents - device, 0
        steps.append("ended before anesthesia: the device portion is not paid")
    share = params.at("asc_labor_share", on)
    if wage_index != NATIONAL:
        cents = facility.at_wage_index(cents, share.value, wage_index)
        device = None if device is None else facility.at_wage_index(device, share.value, wage_index)
        steps.append(f"at the wage index: {units.dollars(cents)}")
        sources.append(share.source)
    for modifier, name in MODIFIERS.items():
        if line.has(modifier):
            part = params.at(name, on)
            cents, sources = units.percent_of(cents, part.value), [*sources, part.source]
            steps.append(f"modifier {modifier}: {units.ratio_text(part.value, units.PERCENT, 0)} %")
    return _Priced(order, line, code, cents, device, tuple(steps), tuple(sources))


def _discounted(rows: Sequence[_Priced], on: date) -> dict[int, PaidLine]:
    """The discount: of procedures subject to it the highest in full, of each other all but the device halved."""
    half = params.at("facility_discount", on)
    alone = sum(row.line.times for row in rows if not row.line.has("52", "73")) == 1
    found: dict[int, PaidLine] = {}
    first = True
    for row in sorted(rows, key=lambda row: (-row.each, row.order)):
        if row.why:
            found[row.order] = _line(row.line, row.code, row.why[0], row.why[1], None)
            continue
        exempt = row.line.has("52", "73") or row.code.discounted == "N"
        full = row.line.times if exempt or alone else (1 if first else 0)
        cut = row.line.times - full
        first = first and (exempt or full == 0)
        if cut and not exempt and not row.code.discounted:
            found[row.order] = _unknown(row, half.value)
        elif cut and row.device is None:
            words = DEVICE.format(code=row.line.code)
            found[row.order] = _line(row.line, row.code, "device-portion-not-held", words, None)
        else:
            found[row.order] = _paid(row, full, cut, half.value, on, half.source)
    return found


def _unknown(row: _Priced, half: int) -> PaidLine:
    """The embedded rows do not say whether a procedure is discounted: both amounts in words, none of them taken."""
    part = units.percent_of(row.each, half)
    words = (
        f"whether {row.line.code} is discounted beside another procedure is not held: {units.dollars(row.each)} if "
        f"not, {units.dollars(part)} if so; load Addendum AA (`openrvu load FILE`)"
    )
    return _line(row.line, row.code, "discount-not-held", words, None, steps=row.steps)


def _paid(row: _Priced, full: int, cut: int, half: int, on: date, source: str) -> PaidLine:
    share = params.at("coinsurance", on)
    device = row.device or 0
    less = device + units.percent_of(row.each - device, half)
    amounts = [row.each] * full + [less] * cut
    steps = (*row.steps, *((f"discounted: {cut} at half",) if cut else ()))
    words = "device-intensive" if row.code.indicator == DEVICE_INTENSIVE else "paid at its rate"
    patient = sum(units.percent_of(cents, share.value) for cents in amounts)
    sources = [*row.sources, *([source] if cut else []), share.source]
    return _line(row.line, row.code, "paid", words, sum(amounts), patient, steps, sources)


def derived(opps_weight: int, on: date) -> tuple[int, int, tuple[str, ...]]:
    """Weight and rate in cents of a surgical centre from the hospital's weight, with sources. Raises NotHeld.

    Only where the scaler of the year is held.
    """
    scaler, factor = params.at("asc_scaler", on), params.at("asc_conversion_factor", on)
    weight = facility.derived_weight(opps_weight, scaler.value)
    return weight, facility.by_weight(weight, factor.value), (scaler.source, factor.source)


def derived_device_intensive(opps_rate_cents: int, device_cents: int, on: date) -> int:
    """A surgical centre's rate of a device-intensive procedure from the hospital's rate. Within a cent of CMS's."""
    factor, scaler = params.at("opps_conversion_factor", on), params.at("asc_scaler", on)
    asc = params.at("asc_conversion_factor", on)
    return facility.device_intensive(opps_rate_cents, device_cents, factor.value, scaler.value, asc.value)
