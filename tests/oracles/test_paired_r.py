"""Pairs, ties and rankings against BradleyTerry2, survival and optim in R: rasch.R made paired_r.json."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from openrvu.valuation import paired, ties
from openrvu.valuation.rasch import rankings

HERE = Path(__file__).parent
ORACLE: dict[str, Any] = json.loads((HERE / "paired_r.json").read_text(encoding="utf-8"))
SPRINGALL: dict[str, Any] = json.loads((HERE / "bradley_terry.json").read_text(encoding="utf-8"))["springall"]


@pytest.mark.parametrize("name", list(ORACLE["pairs"]))
def test_bradley_terry(name: str) -> None:
    data = ORACLE["pairs"][name]
    pairs = paired.Pairs(
        names=tuple(data["names"]),
        left=tuple(data["left"]),
        right=tuple(data["right"]),
        less=tuple(map(float, data["win_right"])),
        equal=(0.0,) * len(data["left"]),
        greater=tuple(map(float, data["win_left"])),
    )
    found = paired.fit(pairs, data["reference"], paired.DROPPED)
    want = [
        (v, s) for n, v, s in zip(data["names"], data["ability"], data["se"], strict=True) if n != data["reference"]
    ]
    assert found.values == pytest.approx([v for v, _ in want], abs=1e-8)
    assert found.se == pytest.approx([s for _, s in want], abs=1e-8)


def _springall() -> paired.Pairs:
    data = ORACLE["rao_kupper"]
    names = tuple(str(i + 1) for i in range(9))
    left, right = tuple(data["left"]), tuple(data["right"])
    return paired.Pairs(names, left, right, tuple(data["win_right"]), tuple(data["tie"]), tuple(data["win_left"]))


def test_rao_kupper_on_springall() -> None:
    want = ORACLE["rao_kupper"]
    found = ties.fit(_springall(), "1", ties.RAO_KUPPER)
    centre = np.eye(9) - 1 / 9
    covariance = np.zeros((9, 9))
    covariance[1:, 1:] = found.covariance
    assert centre @ np.array([0.0, *found.values]) == pytest.approx(want["ability"], abs=1e-5)
    assert np.sqrt(np.diag(centre @ covariance @ centre)) == pytest.approx(want["ability_se"], abs=1e-5)
    assert (found.tie, found.tie_se) == pytest.approx((want["log_threshold"], want["log_threshold_se"]), abs=1e-5)
    assert found.log_likelihood == pytest.approx(want["loglik"], abs=1e-8)


def test_adjacent_categories_are_davidsons_with_logits_halved() -> None:
    found = ties.fit(_springall(), "1", ties.ADJACENT)
    centre = np.eye(9) - 1 / 9
    assert 2 * centre @ np.array([0.0, *found.values]) == pytest.approx(SPRINGALL["ability_sumzero"], abs=1e-8)
    assert found.tie == pytest.approx(SPRINGALL["log_nu"], abs=1e-8)


def test_plackett_luce_as_a_stratified_cox_model() -> None:
    want = ORACLE["rankings"]
    found = rankings.fit(want["rankings"])
    worth, se = found.against("a")
    assert found.items == tuple(want["items"])
    assert worth == pytest.approx(want["worth"], abs=1e-8)
    assert se == pytest.approx(want["se"], abs=1e-8)
    assert found.log_likelihood == pytest.approx(want["loglik"], abs=1e-8)
