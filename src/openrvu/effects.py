"""What each rule did to a line, in words and arithmetic, from the columns that the rules wrote.

>>> from openrvu.facts import embedded
>>> from openrvu.rules.claim import price_lines
>>> line = {"line_id": 1, "on": 20250701, "hcpcs": "63030", "m1": "50"}
>>> [(e.rule, e.arithmetic) for e in effects(price_lines([line], embedded())[0])]
[('bilateral', '907.64 x 150 % = 1,361.46')]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from openrvu import params, units
from openrvu.rules.order import RULES
from openrvu.rules.people import providers
from openrvu.rules.steps import Rule

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Effect:
    """One rule that changed the amount: what it does, the amount in cents after it, its arithmetic, source ids.

    settled: False where its figure is from memory and to be confirmed.
    """

    rule: str
    says: str
    amount_cents: int
    arithmetic: str
    sources: tuple[str, ...]
    settled: bool


def effects(row: Row) -> tuple[Effect, ...]:
    """The rules after the schedule amount that changed the line's amount, in order. Empty for a line not priced."""
    if row["status"] != "priced":
        return ()
    found, before = [], row["fee_cents"]
    for rule in RULES:
        if not rule.money or rule.name == "fee":
            continue
        after = row[rule.money]
        if after != before:
            arithmetic = _ARITHMETIC.get(rule.name, _plain)(row, before, after)
            found.append(Effect(rule.name, rule.says, after, arithmetic, rule.sources, _settled(rule, row)))
        before = after
    return tuple(found)


def percent(value: int) -> str:
    """A percent x 10^4 with no more decimals than it has.

    >>> percent(6250), percent(15000), percent(1360)
    ('62.5 %', '150 %', '13.6 %')
    """
    return f"{units.text(value, 100, 2).rstrip('0').rstrip('.')} %"


def day_of(row: Row) -> date:
    """The date of service of a line."""
    return date(row["on"] // 10_000, row["on"] // 100 % 100, row["on"] % 100)


def modifiers_of(row: Row) -> tuple[str, ...]:
    """The modifiers of a line, as given."""
    return tuple(row[name] for name in ("m1", "m2", "m3", "m4") if row[name])


def _times(column: str) -> Callable[[Row, int, int], str]:
    def arithmetic(row: Row, before: int, after: int) -> str:
        return f"{units.dollars(before)} x {percent(row[column])} = {units.dollars(after)}"

    return arithmetic


def _plain(_: Row, before: int, after: int) -> str:
    return f"{units.dollars(before)} becomes {units.dollars(after)}"


def _split(row: Row, before: int, after: int) -> str:
    if "55" not in modifiers_of(row):
        return _times("split_percent")(row, before, after)
    days = 10 if row["global_days"] == "010" else 90
    share = percent(row["postoperative"])
    return f"{units.dollars(before)} x {share} x {row['days_held']} of {days} days = {units.dollars(after)}"


def _endoscopy(row: Row, before: int, after: int) -> str:
    return f"{units.dollars(before)} less the base {units.dollars(row['base_cents'])} = {units.dollars(after)}"


def _multiple(row: Row, before: int, after: int) -> str:
    return f"rank {row['surgery_rank']}: {_times('rank_percent')(row, before, after)}"


def _tests(row: Row, before: int, after: int) -> str:
    parts = []
    if row["technical_rank"] > 1:
        parts.append(f"technical part at {percent(row['later_technical_percent'])}")
    if row["professional_rank"] > 1:
        parts.append(f"professional part at {percent(row['later_professional_percent'])}")
    return f"{' and '.join(parts)}: {_plain(row, before, after)}"


def _units(row: Row, before: int, after: int) -> str:
    count, later = row["paid_units"], row["later_cents"]
    if later == before:
        return f"{count} x {units.dollars(before)} = {units.dollars(after)}"
    return f"{units.dollars(before)} + {count - 1} x {units.dollars(later)} = {units.dollars(after)}"


def _anesthesia(row: Row, _: int, after: int) -> str:
    count, factor = units.text(row["anesthesia_tenths"], 10), units.dollars(row["local_factor_cents"])
    share = "" if row["anesthesia_percent"] == units.PERCENT else f" x {percent(row['anesthesia_percent'])}"
    return f"{count} units x {factor}{share} = {units.dollars(after)}"


def _practitioner(row: Row, before: int, after: int) -> str:
    shares = [row["provider_percent"]] if row["provider_percent"] != units.PERCENT else []
    if row["provider_cents"] != after:
        shares.append(row["therapy_assistant"])
    return " x ".join([units.dollars(before), *map(percent, shares)]) + f" = {units.dollars(after)}"


def _charge(row: Row, before: int, _: int) -> str:
    return f"the charge, {units.dollars(row['charged_cents'])}, is lower than {units.dollars(before)}"


_ARITHMETIC: Mapping[str, Callable[[Row, int, int], str]] = {
    "bilateral": _times("bilateral_percent"),
    "split": _split,
    "endoscopy": _endoscopy,
    "multiple": _multiple,
    "tests": _tests,
    "units": _units,
    "anesthesia": _anesthesia,
    "surgeons": _times("surgeons_percent"),
    "practitioner": _practitioner,
    "participation": _times("participation_percent"),
    "charge": _charge,
}


def _settled(rule: Rule, row: Row) -> bool:
    """Whether the figures that a rule used are confirmed."""
    if rule.name == "parts" and "CT" in modifiers_of(row):
        return params.at("ct_standard", day_of(row)).settled
    if rule.name == "practitioner":
        return providers()[row["provider"]].settled
    return True
