"""What a facility's claim is made of and what comes back: shared by the hospital and the surgical centre."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from openrvu import units
from openrvu.errors import BadInput
from openrvu.rules.facility import NATIONAL, WAGE_INDEX

MOST_UNITS = 10_000


@dataclass(frozen=True)
class FacilityLine:
    """One service on a facility's claim. device_cents: device portion of a centre's rate, the user's figure."""

    code: str
    modifiers: tuple[str, ...] = ()
    units: int = 1
    device_cents: int | None = None

    def has(self, *wanted: str) -> bool:
        """Whether the line has one of these modifiers."""
        return any(one in self.modifiers for one in wanted)

    @property
    def times(self) -> int:
        """How often the procedure was done: units, twice as often with modifier 50."""
        return self.units * (2 if self.has("50") else 1)


@dataclass(frozen=True)
class PaidLine:
    """One line as paid. rate_cents: the national rate of one unit. amount_cents: of all units, None where not known
    (status and words say why), 0 where nothing is paid for it on its own. steps: what was done to the rate, in order.
    """

    code: str
    modifiers: tuple[str, ...]
    units: int
    indicator: str
    apc: str
    status: str
    words: str
    rate_cents: int | None
    amount_cents: int | None
    patient_cents: int | None
    steps: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class FacilityClaim:
    """A facility's claim as paid.

    system: OPPS or ASC. span: year or quarter of the rates. status: priced, inpatient-only, not-held or incomplete.
    amount_cents: for the whole claim, None unless every line is known. complexity: of a comprehensive payment,
    may-apply where a pair of the claim could be of Addendum J, which is not held, else none. wage_index: x 10^4, 10000
    for the national rate.
    """

    system: str
    on: date
    span: str
    status: str
    words: str
    lines: tuple[PaidLine, ...]
    amount_cents: int | None
    patient_cents: int | None
    wage_index: int
    complexity: str
    notes: tuple[str, ...]
    sources: tuple[str, ...]


def read_wage_index(text: str) -> int:
    """A wage index as typed, x 10^4; empty for the national rate. Raises BadInput for what can be none.

    >>> read_wage_index("0.8754"), read_wage_index("")
    (8754, 10000)
    """
    if not text.strip():
        return NATIONAL
    try:
        value = units.parse(text, WAGE_INDEX)
    except ValueError as fault:
        raise BadInput(f"the wage index: {fault}", fix="Write it as CMS prints it, for example 0.8754") from None
    if not WAGE_INDEX // 10 <= value <= 5 * WAGE_INDEX:
        raise BadInput(f"{text} is no wage index", exists="CMS's lie between 0.2 and 2", fix="Check the figure")
    return value


def wage_words(wage_index: int, share: int) -> str:
    """How the place was taken into account."""
    if wage_index == NATIONAL:
        return "National rate: no wage index was given (--wage-index) and none is held."
    part = units.ratio_text(share, units.PERCENT, 0)
    return f"{part} % of each rate times the wage index {units.text(wage_index, WAGE_INDEX)}, given by the user."


def checked(lines: Sequence[FacilityLine]) -> None:
    """Raise BadInput for a claim without lines, or units that no claim can have."""
    if not lines:
        raise BadInput("the claim has no line", fix="Name at least one code")
    for line in lines:
        if not 1 <= line.units <= MOST_UNITS:
            raise BadInput(f"{line.units} units of {line.code}", exists=f"1 to {MOST_UNITS:,}", fix="Check the units")


def without_effect(lines: Sequence[FacilityLine], known: frozenset[str]) -> list[str]:
    """A note on each line whose modifiers do not change its amount here: none is passed over in silence."""
    found = []
    for line in lines:
        if others := [one for one in line.modifiers if one not in known]:
            found.append(f"{line.code}: {', '.join(others)} does not change the facility amount here.")
    return found


def totals(lines: Sequence[PaidLine]) -> tuple[int | None, int | None]:
    """The sums of amounts and of the patient's shares; None where one is not known."""
    amounts, shares = [line.amount_cents for line in lines], [line.patient_cents for line in lines]
    known = [cents for cents in amounts if cents is not None]
    owed = [cents for cents in shares if cents is not None]
    return (
        sum(known) if len(known) == len(amounts) else None,
        sum(owed) if len(owed) == len(shares) and len(known) == len(amounts) else None,
    )
