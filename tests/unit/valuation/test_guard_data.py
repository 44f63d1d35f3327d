"""Every guard, by data: a survey or published study that fires it, and one that is checked and does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from openrvu import surveys
from openrvu.valuation import audit as audits
from openrvu.valuation import demo
from openrvu.valuation import guards as g
from openrvu.valuation.services import Anchors
from openrvu.valuation.study import study
from openrvu.valuation.value import value

GOOD = (
    "item,less,equal,greater\n63047,20,20,40\n63030,8,12,60\n22612,60,10,10\n22630,50,20,10\n"
    "22633,66,8,6\n22869,2,2,76\n"
)
TURNED = GOOD.replace("less,equal,greater", "greater,equal,less")
FEW = "item,less,equal,greater\n63047,9,1,10\n63030,10,2,8\n22612,9,1,9\n22630,10,1,10\n22633,8,2,9\n"
LINKED = "\n".join(
    ["rater,left,right,response,domain"]
    + [
        f"{rater},{a},{b},{'greater' if (rater * 7 + i) % 10 < odds else 'less'},work effort"
        for rater in range(40)
        for i, (a, b, odds) in enumerate(
            (
                ("62380", "63047", 5),
                ("62380", "63030", 7),
                ("62380", "22612", 2),
                ("62380", "22633", 1),
                ("22612", "63030", 9),
                ("22633", "63047", 8),
            )
        )
    ]
)


def _asked_of_both(shift: float) -> str:
    """A simulated survey whose respondents with an interest place the target `shift` logits higher."""
    names, measures = ["63047", "63030", "22612", "22630", "22633"], [0.1, -0.4, 1.2, 1.0, 1.6]
    rng, rows = np.random.default_rng(11), [",".join([*names, "interest"])]
    for stake, by in (("yes", shift), ("no", 0.0)):
        drawn = demo.answers(rng, 60, [m - by for m in measures], -0.5, 0.3)
        rows += [",".join([*map(str, row), stake]) for row in drawn]
    return "\n".join(rows)


@pytest.fixture(scope="module")
def found(anchors: tuple[Anchors, ...]) -> Mapping[str, Mapping[str, g.Guard]]:
    """The guards of each data set by name."""
    then, newest = next(a for a in anchors if a.release == "2025D"), anchors[-1]

    def asked(text: str, **how: object) -> Mapping[str, g.Guard]:
        read = surveys.of_bytes(text.encode(), "s.csv", "62380")
        return {one.name: one for one in value(read, then, draws=0, **how).guards}  # type: ignore[arg-type]

    def printed(key: str, fits: bool = True) -> Mapping[str, g.Guard]:
        one = study(key)
        if not fits:
            plain = tuple(replace(item, infit=1.0, outfit=1.0) for item in one.comparators)
            one = replace(one, comparators=plain)
        return {guard.name: guard for guard in audits.audit(one, anchors).guards}

    return {
        "62380": printed("lewandrowski-2024-62380"),
        "62380, all fits 1": printed("lewandrowski-2024-62380", fits=False),
        "0202T": printed("lorio-2024-0202T"),
        "good": asked(GOOD, scale="work effort"),
        "turned": asked(TURNED, use=newest, odd={"22869": "a device"}),
        "few": asked(FEW),
        "linked": asked(LINKED),
        "interest moves it": asked(_asked_of_both(1.2)),
        "interest does not": asked(_asked_of_both(0.0)),
        "much used": asked(GOOD.replace("20,20,40", "10,10,20"), fewest=50),
    }


# guard: (a data set that fires it, one that does not)
SETS = {
    "equals-comparator-mean": ("62380", "0202T"),
    "survey-adds-nothing": ("62380", "0202T"),
    "reversed-slope": ("turned", "good"),
    "scale-is-not-work": ("62380", "good"),
    "extrapolates": ("62380", "0202T"),
    "slope-not-significant": ("0202T", "good"),
    "misfit": ("62380", "62380, all fits 1"),
    "low-reliability": ("few", "good"),
    "few-respondents": ("much used", "good"),
    "one-comparator-decides": ("62380", "0202T"),
    "star-design": ("good", "linked"),
    "stale-anchors": ("turned", "good"),
    "odd-comparator": ("turned", "good"),
    "interest-shifts-measure": ("interest moves it", "interest does not"),
    "interest-not-recorded": ("good", "interest does not"),
}


def test_every_guard_is_here() -> None:
    assert set(SETS) == set(g.REMEDIES)


@pytest.mark.parametrize("name", SETS)
def test_a_data_set_fires_it_and_another_does_not(found: Mapping[str, Mapping[str, g.Guard]], name: str) -> None:
    fires, silent = (found[key][name] for key in SETS[name])
    assert fires.fired and fires.remedy == g.REMEDIES[name]
    assert silent.checked and not silent.fired
