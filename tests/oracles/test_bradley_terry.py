"""Bradley-Terry and Davidson fits against values that other software gave, frozen in bradley_terry.json."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from openrvu.valuation import paired

ORACLE: dict[str, Any] = json.loads((Path(__file__).parent / "bradley_terry.json").read_text(encoding="utf-8"))
CLOSE: float = ORACLE["meta"]["tolerance"]


def _citations() -> paired.Pairs:
    data = ORACLE["citations"]
    counts, k = data["counts"], len(data["labels"])
    ij = [(i, j) for i in range(k) for j in range(i + 1, k)]
    return paired.Pairs(
        names=tuple(data["labels"]),
        left=tuple(i for i, _ in ij),
        right=tuple(j for _, j in ij),
        less=tuple(float(counts[j][i]) for i, j in ij),
        equal=(0.0,) * len(ij),
        greater=tuple(float(counts[i][j]) for i, j in ij),
    )


@pytest.mark.parametrize("ties", [paired.HALF, paired.DROPPED, paired.NOT_GREATER])
def test_citations_as_bradleyterry2(ties: str) -> None:
    data = ORACLE["citations"]
    found = paired.fit(_citations(), data["labels"][0], ties)
    assert found.names == tuple(data["labels"][1:])
    assert found.values == pytest.approx(data["abilities"][1:], abs=CLOSE)
    assert found.se == pytest.approx(data["se"][1:], abs=CLOSE)


def test_citations_deviance() -> None:
    pairs, data = _citations(), ORACLE["citations"]
    n, wins = np.array(pairs.greater) + pairs.less, np.array(pairs.greater)
    saturated = float((wins * np.log(wins / n) + (n - wins) * np.log(1 - wins / n)).sum())
    found = paired.fit(pairs, data["labels"][0], paired.DROPPED)
    assert 2 * (saturated - found.log_likelihood) == pytest.approx(data["deviance"], abs=CLOSE)


def test_springall_as_davidson() -> None:
    data = ORACLE["springall"]
    names = tuple(str(i + 1) for i in range(data["services"]))
    pairs = paired.Pairs(
        names,
        tuple(data["left"]),
        tuple(data["right"]),
        tuple(data["win_right"]),
        tuple(data["tie"]),
        tuple(data["win_left"]),
    )
    found = paired.fit(pairs, "1", paired.DAVIDSON)
    # The oracle's abilities sum to zero; ours are relative to the first: centre values and covariance.
    centre = np.eye(9) - np.full((9, 9), 1 / 9)
    values = centre @ np.array([0.0, *found.values])
    covariance = np.zeros((9, 9))
    covariance[1:, 1:] = found.covariance
    se = np.sqrt(np.diag(centre @ covariance @ centre))
    assert values == pytest.approx(data["ability_sumzero"], abs=CLOSE)
    assert se == pytest.approx(data["ability_se"], abs=CLOSE)
    assert found.log_nu == pytest.approx(data["log_nu"], abs=CLOSE)
    assert found.log_nu_se == pytest.approx(data["log_nu_se"], abs=CLOSE)
    assert found.log_likelihood == pytest.approx(data["loglik_kernel"], abs=CLOSE)
