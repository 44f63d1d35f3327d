"""Evidence and dissent: figures as the sources print them, who paid, what was not read, and the way to a value."""

from datetime import date
from math import erfc, sqrt

import pytest

from openrvu.codes.coverage import coverage_of, positions
from openrvu.codes.evidence import EvidenceStudy, evidence_of, revaluation_of
from openrvu.sources import source


def study(key: str) -> EvidenceStudy:
    evidence = evidence_of("62330")
    assert evidence is not None
    return next(found for found in evidence.studies if found.id == key)


def two_proportions(first: float, first_n: int, second: float, second_n: int) -> float:
    """Two-sided p of a two-proportion z-test with pooled variance; proportions in percent."""
    a, b = first / 100, second / 100
    pooled = (a * first_n + b * second_n) / (first_n + second_n)
    z = (a - b) / sqrt(pooled * (1 - pooled) * (1 / first_n + 1 / second_n))
    return erfc(abs(z) / sqrt(2))


def test_the_printed_p_does_not_follow_from_the_printed_figures() -> None:
    # 24.9 % of 2,229 against 26.1 % of 3,401: the text of the row says 0.31, the paper 0.7679.
    assert round(two_proportions(24.9, 2229, 26.1, 3401), 2) == 0.31
    assert any("0.7679" in figure and "gives 0.31" in figure for figure in study("claims-mild-spacer").figures)


@pytest.mark.parametrize(
    ("key", "n", "figure"),
    [
        ("midas-encore", "302 randomized: 149 mild, 153 steroid", "ODI -22.7"),
        ("motion", "69 + 69", "3 years, n 48: ODI -16.9, NPRS back -3.0, leg -4.3, later surgery 5.6 %"),
        ("claims-mild-laminectomy", "2,197 against 7,416", "harms 1.9 against 5.8 %"),
        ("deyo-2013", "99,084", "reoperation by 2 years: 16.7, 8.5, 9.8 %"),
    ],
)
def test_figures_as_printed(key: str, n: str, figure: str) -> None:
    assert study(key).n == n
    assert figure in study(key).figures


@pytest.mark.parametrize("key", ["midas-encore", "motion"])
def test_trials_that_the_maker_sponsored_say_so(key: str) -> None:
    assert "maker" in study(key).funding
    assert any(source(used).citation.startswith("ClinicalTrials.gov") for used in study(key).sources)


@pytest.mark.parametrize("key", ["deer-2020", "claims-spacer-mild"])
def test_what_was_not_read_has_no_figures(key: str) -> None:
    assert study(key).figures == ()
    assert study(key).speaks == "not read"


def test_dissent_stands_beside_the_evidence_and_every_row_has_a_source() -> None:
    evidence = evidence_of("62330")
    assert evidence is not None
    assert len(evidence.dissent) >= 4
    for used in [row.sources for row in evidence.studies] + [row.sources for row in evidence.dissent]:
        assert used
        assert all(source(key).citation for key in used)


def test_evidence_on_mild_is_not_offered_as_evidence_on_62380() -> None:
    evidence = evidence_of("62380")
    assert evidence is not None
    assert "None of it is on the work of 62380" in evidence.about
    assert evidence_of("99213") is None


def test_the_way_to_a_value_has_its_five_steps_each_marked_as_general_knowledge() -> None:
    revaluation = revaluation_of("62380")
    assert revaluation is not None
    assert [step.step for step in revaluation.steps] == [
        "Society study",
        "Code application",
        "RUC",
        "CMS nomination",
        "Comment window",
    ]
    assert not any(step.settled for step in revaluation.steps)
    assert any("492" in voice.who for voice in revaluation.objects)
    assert revaluation_of("63047") is None


def test_a_policy_older_than_a_code_says_so() -> None:
    (anthem,) = positions("62330")
    assert "of 2024" in anthem.text and "62330 did not exist" in anthem.text


def test_coverage_tells_its_three_dates() -> None:
    coverage = coverage_of("0275T", date(2026, 7, 1))
    assert coverage is not None
    assert [event.on for event in coverage.events] == [date(2014, 1, 9), date(2016, 12, 7), date(2026, 3, 4)]
    open_points = [row.text for row in coverage.requirements if not row.settled]
    assert open_points == ["the place of service is one that the decision allows"]
