"""Valuing a survey: closed forms, every treatment, intervals, guards that fire and do not, and the simulated survey."""

import json
import math
import time
from dataclasses import replace

import numpy as np
import pytest

from openrvu import surveys
from openrvu.errors import BadInput
from openrvu.valuation import anchor, demo
from openrvu.valuation.resampling import interest_shift, resample
from openrvu.valuation.services import Anchors
from openrvu.valuation.survey import Survey
from openrvu.valuation.value import value

COUNTS = (
    "item,less,equal,greater\n63047,20,20,40\n63030,8,12,60\n22612,60,10,10\n22630,50,20,10\n"
    "22633,66,8,6\n22869,2,2,76\n"
)


@pytest.fixture(scope="module")
def rvus(anchors: tuple[Anchors, ...]) -> Anchors:
    return next(a for a in anchors if a.release == "2025D")


@pytest.fixture(scope="module")
def newest(anchors: tuple[Anchors, ...]) -> Anchors:
    return anchors[-1]


@pytest.fixture(scope="module")
def simulated(rvus: Anchors) -> Survey:
    return surveys.demonstration(rvus)


def _survey(text: str) -> Survey:
    return surveys.of_bytes(text.encode(), "s.csv", "62380")


def test_counts_by_hand(rvus: Anchors) -> None:
    found = value(_survey(COUNTS), rvus, draws=0)
    # Ties as half a win each: ln((less + equal / 2) / (greater + equal / 2)).
    d = [
        math.log(30 / 50),
        math.log(14 / 66),
        math.log(65 / 15),
        math.log(60 / 20),
        math.log(70 / 10),
        math.log(3 / 77),
    ]
    w = [15.37, 12.00, 23.53, 22.09, 26.80, 7.03]
    line = anchor.fit_line(d, w)
    assert [item.measure for item in found.items] == pytest.approx(d, abs=1e-10)
    assert found.value == pytest.approx(line.at(0.0).value, abs=1e-9)
    # The error of the measures widens the interval of the line, which no longer lies around the value itself.
    assert found.reading is not None and found.reading.se > line.at(0.0).se
    assert found.reading.centre == pytest.approx((found.reading.low + found.reading.high) / 2)
    assert any(note.startswith("The intervals allow for the error of the measures") for note in found.notes)
    assert found.predictive_r2 == pytest.approx(anchor.predictive_r2(d, w), abs=1e-9)
    assert found.items[0].se == pytest.approx(math.sqrt(1 / 30 + 1 / 50))
    assert (found.items[0].less, found.items[0].equal, found.items[0].greater) == (20, 20, 40)
    assert found.bootstrap is None and found.mean == pytest.approx(sum(w) / 6)
    assert found.headline.startswith("62380: work RVU ")


def test_every_treatment_of_ties_stands_in_one_table(rvus: Anchors) -> None:
    found = value(_survey(COUNTS), rvus, draws=0)
    assert [t.ties for t in found.treatments] == ["half", "dropped", "not-greater", "davidson"]
    by_ties = {t.ties: t.reading.value for t in found.treatments if t.reading}
    assert len(by_ties) == 4 and by_ties["half"] == found.value
    # Ties counted as not greater push every comparator up, and so the target's work RVU down.
    assert by_ties["not-greater"] < by_ties["half"]
    assert all(value(_survey(COUNTS), rvus, ties=t, draws=0).value == by_ties[t] for t in by_ties)


def test_exact_guards_of_a_good_and_a_bad_survey(rvus: Anchors, newest: Anchors) -> None:
    good = value(_survey(COUNTS), rvus, draws=0, scale="work effort")
    assert good.fired() == {"star-design", "interest-not-recorded"}
    assert {g.name for g in good.guards if not g.checked} == {"misfit", "interest-shifts-measure"}
    turned = COUNTS.replace("less,equal,greater", "greater,equal,less")
    bad = value(_survey(turned), rvus, use=newest, draws=0, scale="learning curve", odd={"22869": "a device"})
    assert bad.fired() == {
        "star-design",
        "interest-not-recorded",
        "reversed-slope",
        "scale-is-not-work",
        "stale-anchors",
        "odd-comparator",
    }
    assert bad.headline.startswith("These answers do not support a single work RVU for 62380 (reversed-slope, scale-is")
    assert all(g.about == "estimate" for g in bad.guards)


def test_guards_of_few_answers_out_of_range(rvus: Anchors) -> None:
    few = "item,less,equal,greater\n63047,9,1,10\n63030,10,2,8\n22612,9,1,9\n22630,10,1,10\n22633,8,2,9\n"
    found = value(_survey(few), rvus, draws=0)
    assert {"few-respondents", "low-reliability", "survey-adds-nothing", "slope-not-significant"} <= found.fired()
    above = "item,less,equal,greater\n63047,31,5,20\n63030,30,5,25\n22612,60,10,10\n22630,50,20,10\n22633,66,8,6\n"
    assert "extrapolates" in value(_survey(above), rvus, draws=0).fired()


def test_unanimous_and_unanchored_comparators_are_named_and_left_out(rvus: Anchors) -> None:
    found = value(_survey(COUNTS + "63005,80,0,0\n62287,20,20,40\n"), rvus, draws=50)
    by_name = {item.service: item for item in found.items}
    assert by_name["63005"].left_out == "judged greater in every usable answer" and by_name["63005"].measure is None
    assert by_name["62287"].left_out == "no work RVU in release 2025D" and by_name["62287"].measure is not None
    assert found.value == pytest.approx(value(_survey(COUNTS), rvus, draws=0).value or 0, abs=1e-9)
    assert any("63005 left out" in note for note in found.notes)


def test_where_there_is_no_line_the_answer_says_why(rvus: Anchors) -> None:
    three = "\n".join(COUNTS.splitlines()[:4])
    found = value(_survey(three), rvus)
    assert found.value is None and "a line needs 4" in found.why_not and found.bootstrap is None
    assert found.headline == f"These answers give no work RVU for 62380: {found.why_not}."
    agreed = value(_survey("item,less,equal,greater\n63047,9,0,0\n63005,0,0,9\n"), rvus)
    assert "everybody agrees" in agreed.why_not and agreed.items[0].left_out.startswith("judged")
    assert json.dumps(agreed.to_dict())


def test_the_bootstrap_is_seeded_and_redoes_everything(simulated: Survey, rvus: Anchors) -> None:
    once, again = value(simulated, rvus, seed=7), value(simulated, rvus, seed=7)
    assert once == again and once.bootstrap is not None and once.bootstrap.draws == 2000
    other = value(simulated, rvus, seed=8).bootstrap
    assert other is not None and other.low != once.bootstrap.low
    assert once.bootstrap.low is not None and once.bootstrap.high is not None and once.value is not None
    assert once.bootstrap.low < once.value < once.bootstrap.high
    # By hand: draw rows, count, fit, read.
    assert simulated.answers is not None
    rng = np.random.default_rng(0)
    values = []
    for _ in range(300):
        rows = simulated.answers[rng.integers(0, 150, 150)]
        less, equal, greater = ((rows == code).sum(axis=0) for code in (-1, 0, 1))
        d = np.log((less + equal / 2) / (greater + equal / 2))
        values.append(anchor.fit_line(d, [item.rvu or 0.0 for item in once.items]).at(0.0).value)
    low, high = np.quantile(values, [0.025, 0.975])
    assert once.bootstrap.low == pytest.approx(low, abs=0.35) and once.bootstrap.high == pytest.approx(high, abs=0.35)


def test_two_thousand_draws_of_150_by_11_take_less_than_two_seconds(simulated: Survey, rvus: Anchors) -> None:
    start = time.perf_counter()
    value(simulated, rvus, ties="davidson", draws=2000)
    assert time.perf_counter() - start < 2.0


def test_resampled_counts_keep_respondents_together(rvus: Anchors) -> None:
    strict = surveys.demonstration(rvus, demo.Parameters(leniency=3.0, skip=0.0))
    rng = np.random.default_rng(2)
    counts = resample(strict, strict.pairs, 1000, rng)
    assert counts.shape == (1000, 11, 3) and (counts.sum(axis=2) == 150).all()
    assert counts.mean(axis=0) == pytest.approx(strict.pairs.counts(), abs=0.8)
    # Answers of one person go together: sums over comparisons vary more than comparisons drawn apart would.
    total, apart = counts[..., 0].sum(axis=1).var(), counts[..., 0].var(axis=0).sum()
    assert total > 2 * apart
    bare = replace(strict, answers=None, interest=None)
    alone = resample(bare, bare.pairs, 1000, rng)
    assert alone[..., 0].sum(axis=1).var() < 1.2 * alone[..., 0].var(axis=0).sum()
    assert (alone.sum(axis=2) == 150).all()


def test_counts_say_that_they_carry_no_respondents(rvus: Anchors) -> None:
    found = value(_survey(COUNTS), rvus, draws=200)
    assert found.bootstrap is not None and "multinomial" in found.bootstrap.method
    assert any("Counts carry no respondents" in note for note in found.notes)


def test_a_linked_design_is_no_star_and_has_no_not_greater(rvus: Anchors) -> None:
    rng = np.random.default_rng(4)
    names = ["62380", "63047", "63030", "22612", "22630", "22633"]
    true = dict(zip(names, (0.0, 0.1, -0.6, 1.4, 1.2, 2.0), strict=True))
    rows = ["rater,left,right,response"]
    for rater in range(60):
        for i, a in enumerate(names):
            for b in names[i + 1 :]:
                greater = rng.random() < 1 / (1 + math.exp(true[b] - true[a]))
                rows.append(f"{rater},{a},{b},{'greater' if greater else 'less'}")
    found = value(_survey("\n".join(rows)), rvus, draws=100)
    assert "star-design" not in found.fired() and found.value is not None
    assert {i.service: i.measure for i in found.items} == pytest.approx({n: true[n] for n in names[1:]}, abs=0.5)
    why = {t.ties: t.why_not for t in found.treatments}
    assert "between comparators" in why["not-greater"] and "no answer of equal" in why["davidson"]


def test_interest_that_moves_the_target_is_found_and_none_is_not(rvus: Anchors) -> None:
    measures = [0.1, -0.4, 1.2, 1.0, 1.6]
    names = ["63047", "63030", "22612", "22630", "22633"]
    for shift, fires in ((1.2, True), (0.0, False)):
        rng = np.random.default_rng(11)
        rows = [",".join([*names, "interest"])]
        for stake, by in (("yes", shift), ("no", 0.0)):
            drawn = demo.answers(rng, 60, [m - by for m in measures], -0.5, 0.3)
            rows += [",".join([*map(str, row), stake]) for row in drawn]
        found = value(_survey("\n".join(rows)), rvus, draws=300)
        assert ("interest-shifts-measure" in found.fired()) is fires and "interest-not-recorded" not in found.fired()
        if fires:
            guard = next(g for g in found.guards if g.name == "interest-shifts-measure")
            assert guard.figures["shift"] == pytest.approx(1.2, abs=0.4)


def test_interest_with_one_person_cannot_be_tested(rvus: Anchors) -> None:
    text = "63047,63030,22612,22630,interest\n" + "less,more,less,less,no\nmore,less,more,more,no\n" * 5
    found = value(_survey(text + "less,more,less,less,yes\n"), rvus, draws=0)
    guard = next(g for g in found.guards if g.name == "interest-shifts-measure")
    assert not guard.checked and "fewer than two" in guard.words
    assert (
        interest_shift(_survey(COUNTS), _survey(COUNTS).pairs, 10, np.random.default_rng(0))
        == "interest was not recorded"
    )


def test_refusals(rvus: Anchors) -> None:
    with pytest.raises(BadInput, match="half, dropped"):
        value(_survey(COUNTS), rvus, ties="coin")
    with pytest.raises(BadInput, match="draws"):
        value(_survey(COUNTS), rvus, draws=-1)
    with pytest.raises(BadInput, match="level"):
        value(_survey(COUNTS), rvus, level=95)
    ninety = value(_survey(COUNTS), rvus, level=0.9, draws=0)
    assert "90 % prediction interval" in ninety.headline


def test_simulated_says_so_everywhere(simulated: Survey, rvus: Anchors, newest: Anchors) -> None:
    text = demo.simulate(rvus)
    assert text == demo.simulate(rvus) and text.startswith("# SIMULATED: nobody answered this survey")
    assert "seed 20240426" in text and "not an estimate" in text.splitlines()[1] and "release 2025D" in text
    assert text.count("\nsimulated-") == 150
    found = value(simulated, rvus, draws=100)
    assert found.simulated and found.headline.startswith("SIMULATED, nobody answered this survey.")
    assert found.label.startswith("SIMULATED") and found.notes[0].startswith("SIMULATED")
    assert found.survey == "SIMULATED-62380.csv" and len(found.items) == 11
    assert simulated.report.respondents == 150 and simulated.report.incomplete
    assert json.loads(json.dumps(found.to_dict()))["simulated"] is True
    # On the newest release 63620 is not held: measured, named, not anchored.
    now = value(simulated, newest, draws=0)
    assert [i.service for i in now.items if i.left_out] == ["63620"]
    with pytest.raises(BadInput, match="no work RVU of 63620 in release 2026C"):
        demo.simulate(newest)
    with pytest.raises(BadInput, match="respondents"):
        demo.simulate(rvus, demo.Parameters(respondents=0))


def test_other_parameters_give_other_answers(rvus: Anchors) -> None:
    assert demo.simulate(rvus, demo.Parameters(seed=2)) != demo.simulate(rvus)
    assert surveys.demonstration(rvus, demo.Parameters(respondents=40)).report.respondents == 40
