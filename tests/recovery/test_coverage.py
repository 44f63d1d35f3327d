"""The short part of `make simulate`: intervals of the default method hold the truth as often as they say. Seeded."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from tools.simulate import main

from openrvu.valuation import anchor, paired
from openrvu.valuation import simulation as sim
from openrvu.valuation.simulation import Scenario

SURVEYS = 1500
ERROR = math.sqrt(0.95 * 0.05 / SURVEYS)


@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_the_line_and_one_new_service_at_150_respondents(missing: float) -> None:
    found = sim.default(Scenario("", 150, missing=missing), SURVEYS, seed=5)[0]
    assert found.failed == 0 and found.line is not None and found.new is not None
    assert abs(found.line - 0.95) < 0.01 + 3 * ERROR and abs(found.bias) < 3 * 1.5 / math.sqrt(SURVEYS)
    # Errors of measurement widen the prediction interval a little beyond its level, and never below it.
    assert 0.95 - 3 * ERROR < found.new < 0.975


def test_few_respondents_do_not_break_the_prediction_interval() -> None:
    line, davidson, fuller = sim.default(Scenario("", 20), SURVEYS, seed=6)
    for one in (line, davidson, fuller):
        assert one.new is not None and one.new > 0.95 - 3 * ERROR, one.method
    assert fuller.line is not None and fuller.line > 0.95 - 3 * ERROR
    assert line.line is not None and 0.91 < line.line < 0.96  # the flattened line: a little under its level


def test_beyond_the_comparators_few_respondents_flatten_the_line() -> None:
    few, many = (sim.default(Scenario("", n, shift=-1.5), SURVEYS, seed=7)[0] for n in (20, 150))
    assert few.bias < -1.5 and abs(many.bias) < 0.6
    assert few.line is not None and few.line < 0.91
    assert many.new is not None and many.new > 0.94


def test_respondents_drawn_again_are_no_interval_of_the_line() -> None:
    found = {one.method: one for one in sim.bootstrapped(Scenario("", 40), 150, 300, seed=8)}
    people, services = found["respondents drawn again, BCa"], found["comparators drawn again, BCa"]
    assert people.line is not None and people.line < 0.75 and people.new is None
    assert services.line is not None and services.line > 0.85


def test_the_joint_model_holds_the_line() -> None:
    found = sim.joined(Scenario("", 20, comparators=8), 60, seed=9)
    assert found.failed == 0 and found.line is not None and found.new is not None
    assert found.line > 0.95 - 3.5 * math.sqrt(0.95 * 0.05 / 60) and found.new > 0.95 - 3.5 * math.sqrt(
        0.95 * 0.05 / 60
    )


def test_many_lines_at_once_equal_one_at_a_time() -> None:
    drawn = sim.draw(Scenario("", 20, shift=-1.5), 40, np.random.default_rng(1))
    d = sim.measures(drawn)
    assert np.isnan(d).any(), "someone is unanimous"
    found = sim.lines(d, drawn.w)
    for i, row in enumerate(d):
        there = np.isfinite(row)
        at = anchor.fit_line(row[there], drawn.w[i, there]).at(0.0)
        assert found["value"][i] == pytest.approx(at.value) and found["new_low"][i] == pytest.approx(at.new_low)
        assert found["high"][i] == pytest.approx(at.high)


def test_measures_of_a_drawn_survey_are_those_of_the_estimator() -> None:
    drawn = sim.draw(Scenario("", 60), 3, np.random.default_rng(2))
    for i in range(3):
        pairs = paired.Pairs(drawn.pairs.names, drawn.pairs.left, drawn.pairs.right, *map(tuple, drawn.counts[i].T))
        assert sim.measures(drawn)[i] == pytest.approx(paired.fit(pairs, "T").values, abs=1e-8)


def test_the_report_says_that_it_is_simulated(tmp_path: Path) -> None:
    path = tmp_path / "short.md"
    main(["--surveys", "40", "--bootstrap", "3", "--draws", "60", "--joint", "1", "-o", str(path)])
    text = path.read_text()
    assert text.splitlines()[2].startswith("SIMULATED: nobody answered these surveys")
    assert text.count("| line, ties as half a win (default) |") == 18 and "joint model" in text
    kept = (Path(__file__).parents[2] / "docs" / "simulations.md").read_text()
    assert kept.splitlines()[2] == text.splitlines()[2] and "10,000 surveys a row" in kept
