"""One page in plain words for patients and new coders. Amounts come from the facility rates held, never from the text.

>>> page = plain_page("62380")
>>> [block.head for block in page.blocks]
['What it is', 'What it is not', 'Is it covered?', 'What does it cost?', 'What to ask']
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from openrvu import units
from openrvu.codes.coverage import coverage_of
from openrvu.codes.facility import FacilityRate, facility_amounts, newest_amounts
from openrvu.codes.families import Service, find_service
from openrvu.files import facts_folder, read_toml

NOT_FOUND = "not found"

_ASK = (
    "Which code will you bill?",
    "Does my insurance cover it, and do I have that in writing?",
    "If it is not paid, what will I owe, for the surgeon and for the building?",
    "What are my other choices, and what happens if I wait?",
)


@dataclass(frozen=True)
class PlainBlock:
    """A heading and its sentences. is_list: the sentences are items (questions to ask)."""

    head: str
    text: tuple[str, ...]
    is_list: bool
    sources: tuple[str, ...]


@dataclass(frozen=True)
class PlainPage:
    """The page. written: whether a person wrote it for this code, or it was put together from the family's rows."""

    code: str
    title: str
    for_whom: str
    blocks: tuple[PlainBlock, ...]
    written: bool


def _sentence(rate: FacilityRate) -> str:
    """What the building is paid at one place, and the patient's share of it."""
    where = "a surgery centre" if rate.system == "ASC" else "a hospital's outpatient department"
    if rate.amount_cents is None or rate.patient_cents is None:
        year = f" ({rate.year})" if rate.found else ""
        return f"In {where}{year}: {rate.note if rate.found else f'amount {NOT_FOUND}; ask before the operation'}."
    amount, share = units.dollars(rate.amount_cents), units.dollars(rate.patient_cents)
    limit = ", which is the most that a hospital visit may cost as a share" if rate.capped else ""
    return f"In {where} it is ${amount} ({rate.year}), and the patient's share is ${share}{limit}."


def _written(path: Path, rates: tuple[FacilityRate, ...]) -> PlainPage:
    data = read_toml(path)
    amounts = {"asc": _sentence(rates[0]), "hospital": _sentence(rates[1])}
    paid = tuple(source for rate in rates for source in rate.sources)

    def block(row: Mapping[str, Any]) -> PlainBlock:
        text = tuple(sentence.format(**amounts) for sentence in row["text"])
        used = (*row.get("sources", data["sources"]), *(paid if "{" in "".join(row["text"]) else ()))
        return PlainBlock(row["head"], text, row.get("list", False), tuple(dict.fromkeys(used)))

    return PlainPage(data["code"], data["title"], data["for_whom"], tuple(block(row) for row in data["blocks"]), True)


def _what_it_is(service: Service) -> PlainBlock:
    text = [f"{service.code} is the billing code for: {service.words}."]
    if service.unit:
        text.append(f"One unit is one {service.unit}.")
    if service.add_on_to:
        text.append(f"It is an add-on: it is billed only together with {', '.join(service.add_on_to)}.")
    if service.ended:
        text.append(f"The code ended on {service.ended.isoformat()}; since then it is {service.successor}.")
    return PlainBlock("What it is", tuple(text), False, service.sources)


def _from_rows(service: Service, on: date, rates: tuple[FacilityRate, ...]) -> PlainPage:
    blocks = [_what_it_is(service)]
    if service.confused_with:
        text = tuple(f"It is not {item.code}: {item.why}." for item in service.confused_with)
        blocks.append(PlainBlock("What it is not", text, False, service.sources))
    coverage = coverage_of(service.code, on)
    covered = coverage.lead if coverage else "No national decision was found. The Medicare contractor decides."
    block = PlainBlock("Is it covered?", (covered,), False, coverage.sources if coverage else service.sources)
    # A condition of coverage stands first: without it no amount below means anything.
    blocks.insert(0 if coverage else len(blocks), block)
    paid = tuple(dict.fromkeys(source for rate in rates for source in rate.sources))
    cost = (*(_sentence(rate) for rate in rates), "These are national amounts; places differ.")
    blocks.append(PlainBlock("What does the building cost?", cost, False, paid or service.sources))
    blocks.append(PlainBlock("What to ask", _ASK, True, service.sources))
    return PlainPage(
        service.code,
        f"What you need to know about {service.code}",
        "For patients, and for people who code for the first time",
        tuple(blocks),
        False,
    )


def plain_page(code: str, on: date | None = None) -> PlainPage | None:
    """The page of a code: the written one, else one from the family's rows; None for a code in no family.

    on: the date that coverage and amounts are asked for (default: the newest held).
    """
    rates = facility_amounts(code, on) if on else newest_amounts(code)
    path = facts_folder() / "plain" / f"{code}.toml"
    if path.exists():
        return _written(path, rates)
    service = find_service(code)
    return _from_rows(service, on or date.max, rates) if service else None
