"""The joint model: the t interval where measures are exact, a sampler as a second opinion, what it carries."""

import math

import numpy as np
import pytest

from openrvu.errors import BadInput
from openrvu.valuation import anchor, demo, joint, paired

D = np.array([-1.5, -1.0, -0.6, -0.2, 0.1, 0.4, 0.8, 1.1, 1.6, 2.0])
W = np.array([10.3, 12.4, 18.1, 14.2, 18.9, 20.6, 19.9, 27.1, 24.3, 27.6])
NAMES = [f"c{i}" for i in range(10)]
RVUS = dict(zip(NAMES, W, strict=True))


def _star(measures: np.ndarray, n: float) -> paired.Pairs:
    less = n / (1 + np.exp(-measures))
    return paired.star("T", NAMES, [(float(one), 0.0, n - float(one)) for one in less])


def test_with_endless_answers_it_is_the_t_interval_of_the_line() -> None:
    found = joint.fit(_star(D, 1e7), "T", RVUS)
    line = anchor.fit_line(D, W)
    at, slope = line.at(0.0), line.slope_interval()
    width = at.new_high - at.new_low
    assert found.value == pytest.approx(at.value, abs=1e-3)
    for ours, theirs in (
        (found.low, at.low),
        (found.high, at.high),
        (found.new_low, at.new_low),
        (found.new_high, at.new_high),
    ):
        assert abs(ours - theirs) < 0.005 * width
    assert [found.slope_low, found.slope_high] == pytest.approx(slope, abs=0.03 * (slope[1] - slope[0]))


def test_few_answers_widen_it() -> None:
    sharp, blunt = joint.fit(_star(D, 1e7), "T", RVUS), joint.fit(_star(D, 25), "T", RVUS)
    assert blunt.high - blunt.low > 1.1 * (sharp.high - sharp.low)
    assert blunt.low < sharp.value < blunt.high


def test_agrees_with_a_sampler_of_the_same_posterior() -> None:
    """A plain random-walk Metropolis over (d, a, b, log sigma, mu, log tau), same priors, 30 answers a pair."""
    pairs = _star(D, 30)
    counts = pairs.counts()
    found = joint.fit(pairs, "T", RVUS)
    error = 1 / 7.0  # 1 / (n p q), near the middle; enters through the prior alone
    rng = np.random.default_rng(4)
    walkers, k = 64, 10

    def logp(x: np.ndarray) -> np.ndarray:
        d, (a, b, log_s, mu, log_t) = x[:, :k], x[:, k:].T
        s2, t2 = np.exp(2 * log_s), np.exp(2 * log_t)
        answers = -counts[:, 0] * np.log1p(np.exp(-d)) - counts[:, 2] * np.log1p(np.exp(d))
        link = -k * log_s - ((W - a[:, None] - b[:, None] * d) ** 2).sum(axis=1) / (2 * s2)
        spread = -k * log_t - ((d - mu[:, None]) ** 2).sum(axis=1) / (2 * t2)
        prior = 2 * log_s - np.log(s2 + b**2 * error) + log_t
        total: np.ndarray = answers.sum(axis=1) + link + spread + prior
        return total

    x = np.column_stack([np.tile(D, (walkers, 1)), np.tile([17.8, 5.0, math.log(2.5), 0.3, 0.1], (walkers, 1))])
    size = np.array([0.4] * k + [1.0, 1.2, 0.3, 0.35, 0.25]) * 0.30
    now, kept = logp(x), []
    for step in range(16_000):
        trial = x + size * rng.standard_normal(x.shape)
        then = logp(trial)
        moved = np.log(rng.random(walkers)) < then - now
        x[moved], now[moved] = trial[moved], then[moved]
        if step >= 3000 and step % 10 == 0:
            kept.append(x[:, k].copy())
    draws = np.concatenate(kept)
    width = found.high - found.low
    assert abs(found.value - draws.mean()) < 0.03 * width
    low, high = np.quantile(draws, [0.025, 0.975])
    assert abs(found.low - low) < 0.05 * width and abs(found.high - high) < 0.05 * width


def test_respondents_who_lean_widen_the_interval_and_their_spread_is_found() -> None:
    drawn = demo.answers(np.random.default_rng(6), 300, list(D), -0.3, leniency=1.5).astype(float)
    less, equal, greater = ([float(n) for n in (drawn == v).sum(axis=0)] for v in (-1, 0, 1))
    pairs = paired.star("T", NAMES, list(zip(less, equal, greater, strict=True)))
    known = joint.fit(pairs, "T", RVUS, answers=drawn, ties="davidson")
    assert 1.2 < known.respondents < 1.8
    assert joint.fit(pairs, "T", RVUS, ties="davidson").respondents == 0.0
    assert np.abs(np.array(known.measures) - D).max() < 0.6


def test_a_comparator_on_which_everybody_agrees_stays_in() -> None:
    counts = [(float(less), float(equal), float(greater)) for less, equal, greater in _star(D, 40).counts()]
    counts[-1] = (40.0, 0.0, 0.0)
    found = joint.fit(paired.star("T", NAMES, counts), "T", RVUS)
    assert found.measures[-1] > 1.5 and math.isfinite(found.new_low) and found.new_low < found.value < found.new_high


def test_a_linked_design_and_services_without_rvu() -> None:
    less = 40 / (1 + np.exp(-D))
    pairs = _star(D, 40)
    linked = paired.Pairs(
        pairs.names,
        (*pairs.left, 1, 2),
        (*pairs.right, 10, 9),
        (*pairs.less, 38.0, 36.0),
        (*pairs.equal, 0.0, 0.0),
        (*pairs.greater, 2.0, 4.0),
    )
    part = {name: RVUS[name] for name in NAMES[:8]}
    found = joint.fit(linked, "T", part)
    assert found.names == tuple(NAMES) and len(found.measures) == 10 and less[0] < 40
    with pytest.raises(BadInput, match="at least 4"):
        joint.fit(linked, "T", {name: RVUS[name] for name in NAMES[:3]})


def test_where_everybody_agrees_on_nearly_all_it_is_refused() -> None:
    counts = [(40.0, 0.0, 0.0)] * 4 + [(0.0, 0.0, 40.0)] * 4 + [(20.0, 0.0, 20.0)] * 2
    with pytest.raises(BadInput, match="2 comparators have answers both ways") as fault:
        joint.fit(paired.star("T", NAMES, counts), "T", RVUS)
    assert "c8, c9" in fault.value.exists
    counts[0] = (39.0, 0.0, 1.0)
    assert math.isfinite(joint.fit(paired.star("T", NAMES, counts), "T", RVUS).new_high)


def test_equal_rvus_leave_no_room() -> None:
    found = joint.fit(_star(D, 40), "T", dict.fromkeys(NAMES, 12.0))
    assert found.value == pytest.approx(12.0, abs=1e-5) and found.new_high - found.new_low < 1e-4
