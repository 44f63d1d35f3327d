"""Payment cases that a coder can read: each TOML file beside this one, worked from CMS's figures and not from the code.

A case gives code, modifier, on, place, setting, qualifying_apm; then either `amount`, or `status`, or `refused` (the
kind of error). `says`: texts the answer must hold. `never`: texts it must not. `leads`: what stands first.
"""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from openrvu import units
from openrvu.errors import OpenRVUError
from openrvu.facts import Facts
from openrvu.pricing import Priced, price

FOLDER = Path(__file__).parent
KEYS = {
    "name",
    "code",
    "modifier",
    "on",
    "place",
    "setting",
    "qualifying_apm",
    "source",
    "amount",
    "status",
    "refused",
    "release",
    "since",
    "successor",
    "leads",
    "says",
    "never",
}


def cases() -> list[Any]:
    found = []
    for path in sorted(FOLDER.glob("*.toml")):
        for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]:
            found.append(pytest.param(case, id=f"{path.stem}: {case['name']}"))
    return found


def priced(case: dict[str, Any], facts: Facts) -> Priced:
    return price(
        case["code"],
        case.get("modifier", ""),
        on=case["on"],
        place=case.get("place", "national"),
        setting=case.get("setting", "facility"),
        qualifying_apm=case.get("qualifying_apm", False),
        facts=facts,
        today=date(2026, 7, 1),
    )


def said(found: Priced) -> str:
    return " ".join((*found.leads, found.words, found.how_paid, *found.notes, *found.warnings))


@pytest.mark.parametrize("case", cases())
def test_case(case: dict[str, Any], facts: Facts) -> None:
    assert set(case) <= KEYS and case["source"], f"unknown keys: {set(case) - KEYS}"
    assert len({"amount", "status", "refused"} & set(case)) == 1
    if "refused" in case:
        with pytest.raises(OpenRVUError) as caught:
            priced(case, facts)
        assert caught.value.kind == case["refused"]
        text = str(caught.value)
    else:
        found = priced(case, facts)
        text = said(found)
        expected = units.parse(case["amount"], units.CENTS) if "amount" in case else None
        assert found.amount_cents == expected
        assert found.status == case.get("status", "priced")
        assert found.successor == case.get("successor", "")
        assert found.release.id == case.get("release", found.release.id)
        assert found.since == case.get("since", found.since)
        assert bool(found.leads) == ("leads" in case)
        assert all(case["leads"] in lead for lead in found.leads)
        assert found.leads == () or text.startswith(found.leads[0])
    for part in case.get("says", ()):
        assert part in text
    for part in case.get("never", ()):
        assert part not in text
