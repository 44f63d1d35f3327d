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


# What the issue asks of the default: the level give or take three Monte-Carlo errors. With 20 respondents it may be a
# point wider; docs/simulations.md holds every condition with 10,000 surveys.
@pytest.mark.parametrize("linked", [False, True])
@pytest.mark.parametrize(("n", "missing", "shift"), [(20, 0.0, 0.0), (20, 0.0, -1.5), (40, 0.3, 0.0), (150, 0.0, 0.0)])
def test_the_default_holds_its_level(linked: bool, n: int, missing: float, shift: float) -> None:
    found = sim.default(Scenario("", n, missing, shift, linked), SURVEYS, seed=5, others=False)[0]
    assert found.method == sim.DEFAULT and found.failed == 0
    more = 0.012 if n == 20 else 0.005
    for share in (found.line, found.new):
        assert share is not None and 0.95 - 3 * ERROR < share < 0.95 + 3 * ERROR + more


def test_measures_taken_as_exact_fall_short_where_the_default_does_not() -> None:
    known, centre, exact, _, fuller = sim.default(Scenario("", 20, shift=-1.5), SURVEYS, seed=7)
    assert exact.method == "measures taken as exact" and exact.line is not None and exact.line < 0.91
    assert known.line is not None and known.line > 0.93
    # Least squares is flattened and reads too low; with the error taken out the bias is gone; Fuller's line overshoots.
    assert known.bias == exact.bias < -1.5 and abs(centre.bias) < 0.6 and fuller.bias > 1
    linked = sim.default(Scenario("", 20, linked=True), SURVEYS, seed=7)
    assert linked[2].line is not None and linked[2].line < 0.93  # it does not know of the target's own place
    assert linked[0].line is not None and linked[0].line > 0.94


@pytest.mark.parametrize("linked", [False, True])
def test_intervals_of_the_comparators_own_measures(linked: bool) -> None:
    # 11 intervals a survey, which share the target: their mean share has an error of about 0.0025 with 1,500 surveys.
    for n in (20, 150):
        found = sim.items(Scenario("", n, linked=linked, lean=0.0), SURVEYS, seed=5)
        assert found.line is not None and 0.94 < found.line < 0.965 and abs(found.bias) < 0.02


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


def test_the_report_says_that_it_is_simulated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "short.md"
    asked = ["--surveys", "40", "--bootstrap", "3", "--draws", "60", "--joint", "1", "-o", str(path)]
    asked += ["--keep", str(tmp_path / "kept")]
    main(asked)
    text = path.read_text()
    assert text.splitlines()[2].startswith("SIMULATED: nobody answered these surveys")
    assert text.count(f"| {sim.DEFAULT} |") == 18 and "joint model" in text
    kept = (Path(__file__).parents[2] / "docs" / "simulations.md").read_text()
    assert kept.splitlines()[2] == text.splitlines()[2] and "10,000 surveys a row" in kept
    # A second run takes what is kept, and says the same.
    capsys.readouterr()
    main(asked)
    assert "104 of 104 rows are kept" in capsys.readouterr().err and path.read_text() == text
