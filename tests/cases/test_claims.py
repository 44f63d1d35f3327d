"""Claims that a coder can read: each TOML file in `claims/`, worked from the manual, MACs' pages and CMS's figures.

A claim has on, place, setting and lines. A line is `CODE-MODIFIER-MODIFIERxUNITS` with `allowed` in dollars, or a
`status`; `patient` and `medicare` where the example gives them, other columns under `columns`. An example that gives
its own fees lists them under `fees`: then the code's row is made of the fee, and of the indicators given beside it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from openrvu import params, units
from openrvu.facts import embedded
from openrvu.releases import known
from openrvu.rules import on_ints
from openrvu.rules.lines import LINE
from openrvu.rules.order import RULES
from openrvu.rules.seeds import seeds
from openrvu.rules.status import outcomes
from openrvu.rules.steps import Seed

FOLDER = Path(__file__).parent / "claims"
KEYS = {"name", "source", "on", "place", "setting", "lines", "fees", "needs"}
LINE_KEYS = {
    "line",
    "allowed",
    "status",
    "patient",
    "medicare",
    "columns",
    "minutes",
    "post_days",
    "provider",
    "charge",
}
LINE_KEYS |= {"participating", "documented", "deductible", "qp", "session"}


def claims() -> list[Any]:
    return list(_claims())


def _claims() -> Iterator[Any]:
    for path in sorted(FOLDER.glob("*.toml")):
        for claim in tomllib.loads(path.read_text(encoding="utf-8"))["claim"]:
            yield pytest.param(claim, id=f"{path.stem}: {claim['name']}")


def number(on: date) -> int:
    return on.year * 10_000 + on.month * 100 + on.day


def cents(text: str) -> int:
    return units.parse(text.replace(",", ""), units.CENTS)


def row_of(place: int, asked: Mapping[str, Any], claim: Mapping[str, Any]) -> dict[str, Any]:
    """The line of the rules that a line of the case stands for."""
    match = re.fullmatch(r"([A-Z0-9]{5})((?:-[A-Z0-9]{2})*)(?:x(\d+))?", asked["line"])
    assert match, asked["line"]
    mods = [*match[2].split("-")[1:], "", "", "", ""]
    row = {
        **LINE,
        "line_id": place,
        "session": asked.get("session", "one"),
        "on": number(claim["on"]),
        "hcpcs": match[1],
    }
    row |= {f"m{which}": mods[which - 1] for which in (1, 2, 3, 4)}
    row |= {"units": int(match[3] or 1), "place": claim.get("place", "national")}
    row["facility"] = 0 if claim.get("setting") == "nonfacility" else 1
    row |= {
        key: asked[key]
        for key in ("minutes", "post_days", "provider", "participating", "documented", "qp")
        if key in asked
    }
    if "charge" in asked:
        row["charge_cents"] = cents(asked["charge"])
    row["deductible_cents"] = cents(asked.get("deductible", "0"))
    return row


def with_fees(claim: Mapping[str, Any]) -> dict[str, Seed]:
    """The tables with the example's own fees in them: a factor of 1, and RVUs that are the fee."""
    tables = dict(seeds(embedded()))
    if "fees" not in claim:
        return tables
    calendar, values = tables["calendar"], tables["relative_values"]
    on = claim["on"]

    def day(key: tuple[Any, ...]) -> dict[str, int | str]:
        dated = {name: dated_value(name, on) for name in calendar.columns}
        row = {**calendar.missing, **{name: value for name, value in dated.items() if value is not None}}
        held = next((release.gpci for release in known() if release.covers(on)), "")
        row |= {"on": key[0], "release": "example", "gpci": held, "rules_held": 1, "conversion_factor": 10_000}
        return row

    def fee(key: tuple[Any, ...]) -> dict[str, int | str] | None:
        _, code, modifier = key
        given = next((one for one in claim["fees"] if one["code"] == code), None)
        if given is None:
            return None
        known = {"letter": "A", "outcome": "priced", "row_modifier": modifier, "multiple": "0", "pctc": "0"}
        given_columns = {name: value for name, value in given.items() if name in values.columns}
        professional, technical = cents(given["fee"]) * 100, cents(given.get("technical", "0")) * 100
        work = 0 if modifier == "TC" else professional
        pe = 0 if modifier == "26" else technical + cents(given.get("expense", "0")) * 100
        mine = {"hcpcs": code, "work_rvu": work, "pe_facility_rvu": pe, "pe_nonfacility_rvu": pe, "pro_work_rvu": work}
        base = next((one for one in claim["fees"] if one["code"] == given.get("endoscopic_base")), None)
        mine["base_work_rvu"] = cents(base["fee"]) * 100 if base else 0
        return {**values.missing, **known, **mine, **given_columns}

    tables["stopped"] = Seed("stopped", tables["stopped"].keys, tables["stopped"].columns, tuple, lambda _: None)
    tables["calendar"] = Seed("calendar", calendar.keys, calendar.columns, tuple, day)
    tables["relative_values"] = Seed("relative_values", values.keys, values.columns, tuple, fee)
    return tables


def dated_value(name: str, on: date) -> int | None:
    rows = [
        row for row in params.rows() if row.name == name and row.starts <= on and (row.ends is None or on <= row.ends)
    ]
    return rows[0].value if rows else None


@pytest.mark.parametrize("claim", claims())
def test_claim(claim: dict[str, Any]) -> None:
    assert set(claim) <= KEYS and claim["source"], f"unknown keys: {set(claim) - KEYS}"
    rows = [row_of(place, asked, claim) for place, asked in enumerate(claim["lines"], start=1)]
    on_ints.run(RULES, rows, with_fees(claim))
    for asked, row in zip(claim["lines"], rows, strict=True):
        assert set(asked) <= LINE_KEYS, f"unknown keys: {set(asked) - LINE_KEYS}"
        assert ("allowed" in asked) != ("status" in asked)
        expected = {"status": asked.get("status", "priced"), "allowed_cents": cents(asked.get("allowed", "0"))}
        expected |= {f"{who}_cents": cents(asked[who]) for who in ("patient", "medicare") if who in asked}
        expected |= asked.get("columns", {})
        assert {name: row[name] for name in expected} == expected, asked["line"]


def test_every_status_of_the_rules_has_a_claim() -> None:
    """But the one that no day of a held release can have: a test of dated values says that each covers them all."""
    shown = {line["status"] for claim in claims() for line in claim.values[0]["lines"] if "status" in line}
    assert set(outcomes()) - shown == {"rules-not-held"}


def test_every_rule_that_makes_money_has_a_claim() -> None:
    acted = set()
    for claim in claims():
        (case,) = claim.values
        rows = [row_of(place, asked, case) for place, asked in enumerate(case["lines"], start=1)]
        on_ints.run(RULES, rows, with_fees(case))
        for row in rows:
            before = 0
            for rule in RULES:
                if rule.money and row["status"] == "priced":
                    acted |= {rule.name} if row[rule.money] != before else set()
                    before = row[rule.money]
    assert acted == {rule.name for rule in RULES if rule.money}


def test_every_dated_value_that_rules_need_covers_each_day_of_the_releases() -> None:
    for release in known():
        for on in (release.starts, release.ends):
            day = seeds(embedded())["calendar"].one((number(on),))
            assert day is not None and day["rules_held"] == 1, on
