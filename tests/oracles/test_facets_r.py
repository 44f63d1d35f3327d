"""Items by raters against eRm's linear models (LLTM, LPCM): facets.R made facets_r.json."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from openrvu.valuation.rasch import facets

ORACLE: dict[str, Any] = json.loads((Path(__file__).parent / "facets_r.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["two", "three"])
def test_items_and_raters_as_erm(name: str) -> None:
    want = ORACLE[name]
    rows = [text for text, n in want["patterns"] for _ in range(n)]
    labels = {
        "item": [ORACLE["item"][c] for _ in rows for c in range(8)],
        "rater": [ORACLE["rater"][c] for _ in rows for c in range(8)],
    }
    persons = [p for p in range(len(rows)) for _ in range(8)]
    found = facets.fit(persons, [int(x) for row in rows for x in row], labels)
    item, rater = found.facet("item"), found.facet("rater")
    assert found.log_likelihood == pytest.approx(want["loglik"], abs=1e-6)
    assert item.measures[1:] - item.measures[0] == pytest.approx(want["eta"][:3], abs=1e-4)
    assert rater.measures[1] - rater.measures[0] == pytest.approx(want["eta"][3], abs=1e-4)
    assert 2 * rater.se[0] == pytest.approx(want["se"][3], abs=1e-4)
    against = np.array([[-1, 1, 0, 0], [-1, 0, 1, 0], [-1, 0, 0, 1]])
    errors = np.sqrt(np.diag(against @ item.covariance @ against.T))
    assert errors == pytest.approx(want["se"][:3], abs=1e-4)
    if name == "three":
        assert -2 * found.steps[0] == pytest.approx(want["eta"][4], abs=1e-4)
