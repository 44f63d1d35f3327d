"""From the note to the code, in cases that a coder can read: each TOML file beside this one, worked by hand.

A case gives note, on and answers; then either `lines` (code with modifier, units; and `open`: what no code exists for,
`out`: codes excluded and by which answer, `leads`) or `undecided` (the kind; `unlisted`: the code named). `says`: texts
that the answer holds.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from openrvu.cards.which import which
from openrvu.codes.families import Family, families
from openrvu.codes.walk import Walk

FOLDER = Path(__file__).parent
KEYS = {"note", "on", "answers", "lines", "open", "out", "leads", "undecided", "unlisted", "says"}


def cases() -> list[dict[str, Any]]:
    return [
        case
        for path in sorted(FOLDER.glob("*.toml"))
        for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]
    ]


def asking() -> tuple[Family, ...]:
    return tuple(family for family in families() if family.questions)


def walked(case: dict[str, Any]) -> Walk:
    return which(case["answers"], on=case["on"])


def named(found: Walk) -> dict[str, int]:
    assert found.result, found.undecided or found.question
    return {line.code + (f"-{line.modifier}" if line.modifier else ""): line.units for line in found.result.lines}


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["note"][:60])
def test_case(case: dict[str, Any]) -> None:
    assert set(case) <= KEYS, set(case) - KEYS
    assert ("lines" in case) != ("undecided" in case)
    found = walked(case)
    text = " ".join(found.notes)
    if "undecided" in case:
        assert found.undecided is not None, found.result or found.question
        assert found.result is None and found.question is None
        assert (found.undecided.kind, found.undecided.code) == (case["undecided"], case.get("unlisted", ""))
        text += found.undecided.reason
    else:
        assert named(found) == case["lines"]
        assert found.result is not None
        assert list(named(found)) == list(case["lines"]), "the primary code comes first"
        assert len(found.result.open) == len(case.get("open", ()))
        assert all(part in said for part, said in zip(case.get("open", ()), found.result.open, strict=True))
        assert {one.code: one.by for one in found.ruled_out if one.code in case.get("out", ())} == case.get("out", {})
        assert found.result.document
        assert bool(found.leads) == ("leads" in case)
        assert all(case["leads"] in lead for lead in found.leads)
    for part in case.get("says", ()):
        assert part in text


def test_every_code_of_the_families_comes_out_of_a_note() -> None:
    billed = {code.partition("-")[0] for case in cases() for code in case.get("lines", ())}
    led = set()
    for family in asking():
        for code, service in family.services.items():
            if service.answers:
                led.add(code)
                if service.count and service.count.further:
                    led.add(service.count.further)
    assert billed == led
    assert led >= {f"2251{digit}" for digit in range(6)} | {f"6232{digit}" for digit in range(8)}
    assert led >= {"27278", "27279", "27280", "64479", "64480", "64483", "64484"}


CONFUSIONS = [
    (family, code, other.code)
    for family in families()
    for code, service in family.services.items()
    for other in service.confused_with
]


@pytest.mark.parametrize(
    ("family", "code", "other"), CONFUSIONS, ids=lambda part: part if isinstance(part, str) else ""
)
def test_each_confusion_is_decided_both_ways(family: Family, code: str, other: str) -> None:
    """The note of the one excludes the other, and the note of the other excludes the one."""
    for one, against in ((code, other), (other, code)):
        notes = [case for case in cases() if one in {name.partition("-")[0] for name in case.get("lines", ())}]
        assert notes, f"no case for {one}"
        for case in notes:
            out = {ruled.code: ruled for ruled in walked(case).ruled_out}
            assert against in out, (case["note"], against)
            assert out[against].by in {*case["answers"], "on"} and out[against].why


@pytest.mark.parametrize("family", asking(), ids=lambda family: family.id)
def test_each_barrier_of_a_family_has_a_case(family: Family) -> None:
    """A rule that refuses is a fact like another one: some note meets it."""
    texts = [found.undecided.reason for case in cases() if (found := walked(case)).undecided]
    for barrier in (*family.contradictions, *family.no_code):
        assert any(text.startswith(barrier.why) for text in texts), barrier.why
