"""A case: the services of one session priced together, with ranks, reductions, totals and the global period.

>>> found = case(["63030-50", "63047"], on="2025-07-01")
>>> [(line.code, line.rank, line.allowed_cents) for line in found.lines]
[('63030', 1, 136146), ('63047', 2, 54747)]
>>> found.totals[0].allowed_cents, found.periods[0].ends.isoformat()
(190893, '2025-09-29')
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import Any

from openrvu import holdings, units
from openrvu.codes.coverage import coverage_of
from openrvu.codes.families import plain_words
from openrvu.effects import Effect, effects, percent
from openrvu.errors import BadInput
from openrvu.facts import Facts
from openrvu.files import facts_folder, read_toml
from openrvu.ncci.mue import check_units
from openrvu.ncci.pairs import check_pairs
from openrvu.places import find_place
from openrvu.pricing import ALWAYS, MOST_MODIFIERS, Line, checked, columns_of, read_date, read_modifiers
from openrvu.rules.claim import price_lines
from openrvu.rules.lines import MOST
from openrvu.rules.order import RULES
from openrvu.schemas import ConversionFactor, Locality
from openrvu.standing import words_of

ASSISTANTS = ("AS", "80", "81", "82")
MOST_LINES = 60


@dataclass(frozen=True)
class CaseLine:
    """One service of a case.

    role: surgeon or assistant. rank: among the operations of its role, 0 where the row is not ranked. amount_cents: the
    schedule amount of one unit, or None. rule: the rule that decided the amount, in one line. effects: each rule that
    changed it. allowed, patient, medicare: what is allowed, the patient's share, and Medicare's payment after
    sequestration, or None. work_rvu: of all units; paid_work_rvu: the share of it that is paid.
    """

    role: str
    code: str
    modifier: str
    words: str
    units: int
    status: str
    why: str
    rank: int
    work_rvu: int | None
    amount_cents: int | None
    rule: str
    effects: tuple[Effect, ...]
    allowed_cents: int | None
    paid_work_rvu: int | None
    patient_cents: int | None
    medicare_cents: int | None


@dataclass(frozen=True)
class Total:
    """The sums of one role. unpriced: lines that are not in the sums."""

    role: str
    work_rvu: int
    paid_work_rvu: int
    allowed_cents: int
    patient_cents: int
    medicare_cents: int
    unpriced: int


@dataclass(frozen=True)
class Period:
    """The global period that a code begins: first and last day whose usual care is inside its payment."""

    code: str
    global_days: str
    starts: date
    ends: date
    words: str


@dataclass(frozen=True)
class Case:
    """A case priced. notes: what must be known of the codes together. leads: what must be said first (coverage)."""

    release: str
    on: date
    locality: Locality
    setting: str
    conversion_factor: ConversionFactor
    lines: tuple[CaseLine, ...]
    totals: tuple[Total, ...]
    periods: tuple[Period, ...]
    leads: tuple[str, ...]
    notes: tuple[str, ...]
    sources: tuple[str, ...]


def read_service(text: str) -> tuple[str, str, int]:
    """A service as typed: code, modifiers and units. Raises BadInput.

    >>> read_service("22853-51x2"), read_service("63030-50")
    (('22853', '51', 2), ('63030', '50', 1))
    """
    match = re.fullmatch(r"([A-Za-z0-9]{5})((?:[-:/][A-Za-z0-9]{2})*)(?:[xX*](\d{1,4}))?", text.strip())
    if not match:
        raise BadInput(
            f"{text!r} is not a service",
            exists="A code, its modifiers and its units: 63030, 63030-50, 22853x2, 22853-51x2",
            fix="Check the code and leave no blanks inside",
        )
    return match[1].upper(), "-".join(read_modifiers(match[2])), int(match[3] or 1)


def case(
    services: Sequence[str],
    *,
    assistant: str = "",
    on: str | date | None = None,
    place: str = "national",
    setting: str = "facility",
    qualifying_apm: bool = False,
    provider: str = "",
    participating: bool = True,
    documented: bool = False,
    deductible_cents: int = 0,
    facts: Facts | None = None,
) -> Case:
    """The services of one session priced together, as the surgeon bills them and, where asked, the assistant too.

    services: texts such as `22633`, `63030-50`, `22853x2`. assistant: AS, 80, 81 or 82; then each service that has no
    assistant's modifier of its own is also priced for the assistant. provider: who did it; of an AS line, a physician
    assistant. deductible_cents: what the patient still owes. Other arguments as in `pricing.Line`.
    Raises BadInput, NotHeld, UnknownPlace.
    """
    facts = facts or holdings.current()
    _countable(services, deductible_cents)
    asked = read_date(on)
    release = facts.release_on(asked) if asked else facts.newest()
    day = asked or release.starts
    where = find_place(place, release.id, facts)
    base = Line("", "", day, where.id, setting, qualifying_apm)
    base = replace(base, provider=provider, participating=participating, documented=documented)
    lines = [checked(replace(base, code=c, modifier=m, units=n)) for c, m, n in map(read_service, services)]
    lines += [_assisted(line, assistant) for line in lines if assistant and not _assists(line)]
    asked_of = [columns_of(line, day, where, number) for number, line in enumerate(lines, start=1)]
    rows = price_lines([line | {"deductible_cents": deductible_cents} for line in asked_of], facts)
    shown = [_shown(line, row, facts) for line, row in zip(lines, rows, strict=True)]
    coverages = [found for code in dict.fromkeys(line.code for line in lines) if (found := coverage_of(code, day))]
    pairs = _pairs_of(lines)
    return Case(
        release=release.id,
        on=day,
        locality=where,
        setting=setting,
        conversion_factor=facts.conversion_factor(day, qualifying_apm),
        lines=tuple(shown),
        totals=tuple(_total(role, shown) for role in dict.fromkeys(line.role for line in shown)),
        periods=_periods(lines, rows, day),
        leads=tuple(dict.fromkeys(found.lead for found in coverages)),
        notes=(*(note for note, _ in pairs), *_edits(lines, day), *_unsettled(shown, participating)),
        sources=_sources(shown, rows, where, facts, [source for _, found in pairs for source in found]),
    )


def _countable(services: Sequence[str], deductible_cents: int) -> None:
    if not 0 < len(services) <= MOST_LINES:
        raise BadInput(
            f"{len(services)} services", exists=f"A case has 1 to {MOST_LINES}", fix="Give one case at a time"
        )
    if not 0 <= deductible_cents <= MOST["deductible_cents"]:
        raise BadInput(f"a deductible of {units.dollars(deductible_cents)}", exists="From 0 to 10,000 dollars")


def _assists(line: Line) -> bool:
    return bool(set(line.modifier.split("-")) & set(ASSISTANTS))


def _assisted(line: Line, assistant: str) -> Line:
    modifier = assistant.strip().upper()
    if modifier not in ASSISTANTS:
        raise BadInput(
            f"{assistant!r} is no assistant's modifier",
            exists=f"Assistants: {', '.join(ASSISTANTS)}",
            fix="Two surgeons write 62 on the service itself: 22633-62",
        )
    kept = [one for one in line.modifier.split("-") if one and one != "62"]
    if len(kept) == MOST_MODIFIERS:
        raise BadInput(
            f"{line.code}-{line.modifier} has no place for {modifier}", exists="A claim line has four modifiers"
        )
    return replace(line, modifier="-".join([*kept, modifier]), provider="PA" if modifier == "AS" else "")


def _shown(line: Line, row: Mapping[str, Any], facts: Facts) -> CaseLine:
    payable = row["status"] == "priced"
    record = facts.record(line.code, row["row_modifier"], row["release"])
    asked = {**row, "code": line.code, "modifier": row["row_modifier"], "record": record, "day": line.on}
    _, why, _, _ = words_of(asked | {"held": facts.release(row["release"])}, facts)
    done = effects(row)
    work = record.work_rvu * line.units if record and not record.zero else None
    fee = row["fee_cents"] * line.units
    paid = units.half_up(work * row["allowed_cents"], fee) if payable and work is not None and fee else None
    return CaseLine(
        role="assistant" if _assists(line) else "surgeon",
        code=line.code,
        modifier=line.modifier,
        words=plain_words(line.code),
        units=line.units,
        status=row["status"],
        why="" if payable else why,
        rank=row["surgery_rank"],
        work_rvu=work,
        amount_cents=row["fee_cents"] or None,
        rule=_rule(row, done),
        effects=done,
        allowed_cents=row["allowed_cents"] if payable else None,
        paid_work_rvu=paid,
        patient_cents=row["patient_cents"] if payable else None,
        medicare_cents=row["medicare_cents"] if payable else None,
    )


# Rules that act on a line before its rank is told.
_BEFORE_RANKS = ("bilateral", "endoscopy")


def _rule(row: Mapping[str, Any], done: tuple[Effect, ...]) -> str:
    """The rules that decided the amount of a line, in one line."""
    if row["status"] != "priced":
        return f"status: {row['status']}"
    before = [f"{effect.rule}: {effect.arithmetic}" for effect in done if effect.rule in _BEFORE_RANKS]
    after = [
        f"{effect.rule}: {effect.arithmetic}" for effect in done if effect.rule not in (*_BEFORE_RANKS, "multiple")
    ]
    rank = []
    if row["surgery_rank"]:
        rank.append(f"multiple: rank {row['surgery_rank']}, {percent(row['rank_percent'])}")
    elif row["global_days"] == "ZZZ":
        rank.append("multiple: add-on, not ranked and not reduced")
    elif row["multiple"] == "0":
        rank.append("multiple: not ranked")
    parts = [*before, *rank, *after]
    return "; ".join(parts) or "fee: the schedule amount"


def _total(role: str, lines: Sequence[CaseLine]) -> Total:
    mine = [line for line in lines if line.role == role]
    return Total(
        role=role,
        work_rvu=sum(line.work_rvu or 0 for line in mine),
        paid_work_rvu=sum(line.paid_work_rvu or 0 for line in mine),
        allowed_cents=sum(line.allowed_cents or 0 for line in mine),
        patient_cents=sum(line.patient_cents or 0 for line in mine),
        medicare_cents=sum(line.medicare_cents or 0 for line in mine),
        unpriced=sum(line.allowed_cents is None for line in mine),
    )


# Days before and after the day of surgery, and in words. Source: 100-04 chapter 12 section 40.1.
_PACKAGES = {
    "000": (0, 0, "the day itself"),
    "010": (0, 10, "the day and ten days after it"),
    "090": (1, 90, "the day before, the day, and ninety days after it"),
}


def _periods(lines: Sequence[Line], rows: Sequence[Mapping[str, Any]], day: date) -> tuple[Period, ...]:
    """The periods that the surgeon's codes begin, the longest first. A return (78) begins none."""
    found = {}
    for line, row in zip(lines, rows, strict=True):
        package = _PACKAGES.get(row["global_days"])
        if package and not _assists(line) and "78" not in line.modifier.split("-"):
            before, after, words = package
            starts, ends = day - timedelta(before), day + timedelta(after)
            found[line.code] = Period(line.code, row["global_days"], starts, ends, words)
    return tuple(sorted(found.values(), key=lambda period: (-period.ends.toordinal(), period.code)))


@cache
def _pairs() -> tuple[Mapping[str, Any], ...]:
    return tuple(read_toml(facts_folder() / "pairs.toml")["pair"])


def _pairs_of(lines: Sequence[Line]) -> list[tuple[str, tuple[str, ...]]]:
    """What is to be said of codes that stand together, and its sources."""
    codes = {line.code for line in lines if not _assists(line)}
    found = []
    for pair in _pairs():
        for first in sorted(codes & set(pair["first"])):
            for second in sorted(codes & set(pair["second"])):
                marks = {m for line in lines if line.code == second for m in line.modifier.split("-")}
                more = f" {pair['marked']}" if marks & set(pair["modifiers"]) else ""
                found.append((f"{second} beside {first}: {pair['note']}{more}", tuple(pair["sources"])))
    return found


def _edits(lines: Sequence[Line], day: date) -> tuple[str, ...]:
    """What NCCI's edits say of the surgeon's lines, as far as they are held: units beyond the limit, and pairs."""
    mine = [line for line in lines if not _assists(line)]
    over = [check.words for line in mine if (check := check_units(line.code, line.units, day)).over]
    if len({line.code for line in mine}) < 2:
        return tuple(over)
    found = check_pairs([(line.code, [one for one in line.modifier.split("-") if one]) for line in mine], day)
    return (*over, *(pair.words for pair in found.pairs if pair.status != "not-applicable"))


def _unsettled(lines: Sequence[CaseLine], participating: bool) -> tuple[str, ...]:
    found = [
        f"From memory, to be confirmed: {effect.says}."
        for line in lines
        for effect in line.effects
        if not effect.settled
    ]
    if len(lines) > 1 and any("78" in line.modifier.split("-") for line in lines):
        found.append("From memory, to be confirmed: operations of a return (78) are not ranked with others.")
    if not participating:
        found.append(
            "A physician who does not take part and takes no assignment may charge the patient up to 115 % of it."
        )
    return tuple(dict.fromkeys(found))


def _sources(
    lines: Sequence[CaseLine], rows: Sequence[Mapping[str, Any]], where: Locality, facts: Facts, more: Sequence[str]
) -> tuple[str, ...]:
    acted = {*ALWAYS, "patient", "multiple", *(effect.rule for line in lines for effect in line.effects)}
    used = [source for rule in RULES if rule.name in acted for source in rule.sources]
    records = [facts.record(row["hcpcs"], row["row_modifier"], row["release"]) for row in rows]
    return tuple(dict.fromkeys([*used, where.source, *(one.source for one in records if one), *more]))
