"""The whole payment of one service as one ordered tuple.

Each rule reads the columns written before it and returns the columns it writes. A line that cannot be priced keeps
going with the status that says why; rules that need what it lacks write nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from openrvu.facts import Facts
from openrvu.rules.fee import fee_cents
from openrvu.rules.status import outcome

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Rule:
    """One step of the payment: name, function, the columns it writes, and where the rule comes from."""

    name: str
    apply: Callable[[Row, Facts], dict[str, Any]]
    writes: tuple[str, ...]
    sources: tuple[str, ...]


def attach_record(row: Row, facts: Facts) -> dict[str, Any]:
    """The row of the release for this code and modifier."""
    return {"record": facts.record(row["code"], row["modifier"], row["release"].id)}


def attach_status(row: Row, facts: Facts) -> dict[str, Any]:
    """The outcome by status letter; `no-record` where the release as held has no such row."""
    record = row["record"]
    return {"status": "no-record" if record is None else outcome(record.status, record.zero)}


def attach_locality(row: Row, facts: Facts) -> dict[str, Any]:
    """The GPCIs of the place on this release."""
    return {"locality": facts.locality(row["place"], row["release"].id)}


def attach_conversion_factor(row: Row, facts: Facts) -> dict[str, Any]:
    """The conversion factor of the date, for qualifying APM participants or for others."""
    return {"conversion_factor": facts.conversion_factor(row["on"], row["qualifying_apm"])}


def attach_fee(row: Row, facts: Facts) -> dict[str, Any]:
    """The schedule amount in cents, for lines that pay by their RVUs."""
    if row["status"] != "priced":
        return {"fee_cents": None}
    record, place = row["record"], row["locality"]
    pe = record.pe_facility_rvu if row["setting"] == "facility" else record.pe_nonfacility_rvu
    fee = fee_cents(
        record.work_rvu,
        pe,
        record.mp_rvu,
        place.work_gpci,
        place.pe_gpci,
        place.mp_gpci,
        row["conversion_factor"].value,
    )
    return {"fee_cents": fee}


RULES = (
    Rule("record", attach_record, ("record",), ("rvu25d-layout",)),
    Rule("status", attach_status, ("status",), ("rvu25d-layout",)),
    Rule("locality", attach_locality, ("locality",), ("42cfr414.26",)),
    Rule("conversion-factor", attach_conversion_factor, ("conversion_factor",), ("42cfr414.28",)),
    Rule("fee", attach_fee, ("fee_cents",), ("42cfr414.20", "rvu25d-layout")),
)
