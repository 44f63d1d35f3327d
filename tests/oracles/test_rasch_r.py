"""Rasch-family fits of twelve data sets against eRm, psychotools and a Newton reference in R, made by rasch.R and
frozen in rasch_r.json."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from openrvu.valuation.rasch import cml, fit, model, persons, splits, structure
from openrvu.valuation.rasch.data import Responses, responses

SETS: dict[str, Any] = json.loads((Path(__file__).parent / "rasch_r.json").read_text(encoding="utf-8"))["sets"]
FITS = [(name, kind) for name, one in SETS.items() for kind in one["estimates"]]
# eRm gives no person measures, and so no fit, for some sets with missing answers.
WITH_FIT = [(name, kind) for name, kind in FITS if "infit" in SETS[name]["estimates"][kind]["erm"]]
TWO = [name for name, one in SETS.items() if "dichotomous" in one["estimates"]]
COMPLETE = [name for name in TWO if not any("." in text for text, _ in SETS[name]["patterns"])]


def answers(name: str) -> Responses:
    rows = [[np.nan if c == "." else int(c) for c in text] for text, n in SETS[name]["patterns"] for _ in range(n)]
    return responses(np.array(rows, dtype=float), top=SETS[name]["top"])


@pytest.mark.parametrize(("name", "kind"), FITS)
def test_conditional_estimates(name: str, kind: str) -> None:
    want = SETS[name]["estimates"][kind]
    found = cml.fit(answers(name), kind)
    assert found.measures == pytest.approx(want["reference"]["measures"], abs=1e-8)
    assert model.flatten(found.thresholds, found.top) == pytest.approx(want["reference"]["thresholds"], abs=1e-8)
    assert found.log_likelihood == pytest.approx(want["reference"]["loglik"], abs=1e-8)
    assert found.se == pytest.approx(want["reference"]["se"], abs=1e-5)  # by differences there
    assert found.measures == pytest.approx(want["psychotools"]["measures"], abs=1e-6)
    assert found.se == pytest.approx(want["psychotools"]["se"], abs=1e-5)
    assert found.log_likelihood == pytest.approx(want["psychotools"]["loglik"], abs=1e-8)
    assert found.log_likelihood == pytest.approx(want["erm"]["loglik"], abs=1e-5)


@pytest.mark.parametrize("name", TWO)
def test_measures_as_erm(name: str) -> None:
    want = SETS[name]["estimates"]["dichotomous"]["erm"]
    found = cml.fit(answers(name))
    assert found.measures == pytest.approx(want["measures"], abs=5e-4)  # how far eRm converges
    assert found.se == pytest.approx(want["se"], abs=5e-4)


@pytest.mark.parametrize(("name", "kind"), WITH_FIT)
def test_fit_and_separation_as_erm(name: str, kind: str) -> None:
    want = SETS[name]["estimates"][kind]["erm"]
    given = answers(name)
    found = cml.fit(given, kind)
    people = persons.measure(given, found, persons.ML)
    items = fit.item_fit(given, found, people)
    assert items.infit == pytest.approx(want["infit"], abs=1e-3)
    assert items.outfit == pytest.approx(want["outfit"], abs=1e-3)
    assert items.infit_z == pytest.approx(want["infit_z"], abs=5e-3)
    assert items.outfit_z == pytest.approx(want["outfit_z"], abs=5e-3)
    assert structure.person_separation(people).reliability == pytest.approx(want["separation"], abs=1e-3)


@pytest.mark.parametrize("name", [name for name, kind in FITS if kind == "rating-scale"])
def test_rating_scale_against_partial_credit(name: str) -> None:
    free, common = (SETS[name]["estimates"][kind]["psychotools"] for kind in ("partial-credit", "rating-scale"))
    found = splits.common_steps(answers(name))
    assert found.statistic == pytest.approx(2 * (free["loglik"] - common["loglik"]), abs=1e-6)
    k, m = SETS[name]["items"], SETS[name]["top"][0]
    assert found.df == (k * m - 1) - (k - 1 + m - 1)


@pytest.mark.parametrize("name", COMPLETE)
def test_tests_over_persons_and_items_as_erm(name: str) -> None:
    want = SETS[name]["estimates"]["dichotomous"]["erm"]
    given = answers(name)
    if want["andersen_median"]:
        found = splits.andersen(given)
        assert found.statistic == pytest.approx(want["andersen_median"]["statistic"], abs=1e-4)
        assert found.df == want["andersen_median"]["df"]
        assert found.p == pytest.approx(want["andersen_median"]["p"], abs=1e-5)
    if want["martin_loef"]:
        hard = given.answers.sum(axis=0)
        found = splits.martin_loef(given, [n for n, s in zip(given.items, hard, strict=True) if s > np.median(hard)])
        assert found.statistic == pytest.approx(want["martin_loef"]["statistic"], abs=1e-4)
        assert found.df == want["martin_loef"]["df"]
