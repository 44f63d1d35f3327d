"""Simulate, fit, look: measures without bias, intervals that hold the truth as often as they say. Seeded."""

import math

import numpy as np
import pytest

from openrvu.valuation import anchor, demo, paired
from openrvu.valuation.paired import DAVIDSON, DROPPED, Pairs
from openrvu.valuation.resampling import resample
from openrvu.valuation.survey import Report, Survey

TRUE = np.array([-1.2, -0.6, 0.0, 0.4, 0.9, 1.5])
NAMES = ("T", "a", "b", "c", "d", "e", "f")
LOG_NU = -0.3


def _counts(rng: np.random.Generator, differences: np.ndarray, times: int, samples: int) -> np.ndarray:
    """(samples, M, 3) less, equal, greater; difference = how much more the right service is than the left one."""
    less, greater = np.exp(differences / 2), np.exp(-differences / 2)
    total = less + greater + math.exp(LOG_NU)
    chances = np.column_stack([less / total, math.exp(LOG_NU) / total, greater / total])
    return np.stack([rng.multinomial(times, p, size=samples) for p in chances], axis=1).astype(float)


def _linked() -> tuple[Pairs, np.ndarray]:
    full = np.array([0.0, *TRUE])
    ij = [(i, j) for i in range(7) for j in range(i + 1, 7)]
    nothing = (0.0,) * len(ij)
    pairs = Pairs(NAMES, tuple(i for i, _ in ij), tuple(j for _, j in ij), nothing, nothing, nothing)
    return pairs, np.array([full[j] - full[i] for i, j in ij])


@pytest.mark.parametrize("design", ["star", "linked"])
def test_davidson_measures_are_unbiased_and_their_intervals_hold_the_truth(design: str) -> None:
    rng = np.random.default_rng(17)
    star = paired.star("T", NAMES[1:], [(0.0, 0.0, 0.0)] * 6)
    pairs, differences, times = (star, TRUE, 150) if design == "star" else (*_linked(), 40)
    samples = _counts(rng, differences, times, 600)
    values = paired.fit_many(pairs, samples, "T", DAVIDSON)
    assert np.isfinite(values).all()
    spread = values.std(axis=0, ddof=1)
    # Bias below three of its own standard errors plus the known O(1/n) stretch of logits (2 %).
    assert (np.abs(values.mean(axis=0) - TRUE) < 3 * spread / math.sqrt(600) + 0.02 * np.abs(TRUE)).all()
    held = []
    for counts, found in zip(samples[:300], values[:300], strict=True):
        one = paired.fit(Pairs(NAMES, pairs.left, pairs.right, *map(tuple, counts.T)), "T", DAVIDSON)
        held.append(np.abs(found - TRUE) < 1.959964 * np.array(one.se))
    # 1,800 intervals, correlated within a sample: a standard error of about 0.008.
    assert 0.93 < np.mean(held) < 0.97


def test_the_prediction_interval_holds_a_new_services_rvu() -> None:
    rng = np.random.default_rng(23)
    held_new, held_line, plain = [], [], []
    for _ in range(2000):
        d = rng.normal(0.0, 1.0, 11)
        w = 18 + 5 * d + rng.normal(0, 4, 11)
        reading = anchor.fit_line(d, w).at(0.3)
        new = 18 + 5 * 0.3 + rng.normal(0, 4)
        held_new.append(reading.new_low < new < reading.new_high)
        held_line.append(reading.low < 18 + 5 * 0.3 < reading.high)
        plain.append(reading.low < new < reading.high)
    assert 0.935 < np.mean(held_new) < 0.965 and 0.935 < np.mean(held_line) < 0.965
    assert np.mean(plain) < 0.6  # the interval of the line is not the interval of one new service


def test_predictive_r2_of_answers_that_know_nothing_is_mostly_not_positive() -> None:
    rng = np.random.default_rng(29)
    found = [anchor.predictive_r2(rng.normal(size=11), rng.normal(18, 6, 11)) for _ in range(2000)]
    assert np.mean(np.array(found) > 0) < 0.25 and np.median(found) < 0


def _survey(answers: np.ndarray) -> Survey:
    less, equal, greater = (tuple(float(n) for n in (answers == code).sum(axis=0)) for code in (-1, 0, 1))
    pairs = paired.star("T", NAMES[1:], list(zip(less, equal, greater, strict=True)))
    report = Report("wide", len(answers), len(answers), (), (), (), (), ())
    return Survey("SIMULATED", "T", "", pairs, answers, None, report, "SIMULATED")


def test_the_respondent_bootstrap_is_as_wide_as_surveys_differ() -> None:
    """Respondents lean one way or the other as a whole; an interval that forgot this would be far too narrow."""
    rng = np.random.default_rng(31)
    rvus = [10.0, 13.0, 17.0, 19.0, 22.0, 27.0]
    # What many respondents would give: the answers' own long-run measures under this leaning, ties dropped.
    many = _survey(demo.answers(rng, 400_000, list(TRUE), LOG_NU, leniency=1.0))
    truth = anchor.fit_line(paired.fit(many.pairs, "T", DROPPED).values, rvus).at(0.0).value
    values, held, widths = [], [], []
    for _ in range(250):
        one = _survey(demo.answers(rng, 80, list(TRUE), LOG_NU, leniency=1.0))
        values.append(anchor.fit_line(paired.fit(one.pairs, "T", DROPPED).values, rvus).at(0.0).value)
        drawn = paired.fit_many(one.pairs, resample(one, one.pairs, 300, rng), "T", DROPPED)
        again = anchor.read_many(drawn, rvus)
        low, high = np.nanquantile(again, [0.025, 0.975])
        held.append(low < truth < high)
        widths.append(np.nanstd(again))
    assert abs(np.mean(values) - truth) < 4 * np.std(values) / math.sqrt(250)
    assert 0.85 < np.mean(widths) / np.std(values, ddof=1) < 1.15
    assert 0.90 < np.mean(held) < 0.985
