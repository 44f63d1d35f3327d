"""Rasch-family fits against values that other software gave, frozen in rasch_published.json."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from openrvu.valuation.rasch import categories, cml, fit, jml, mml, model, pcml, persons, structure
from openrvu.valuation.rasch.data import Responses, responses

SETS: dict[str, Any] = json.loads((Path(__file__).parent / "rasch_published.json").read_text(encoding="utf-8"))["sets"]
TWO = ("LSAT6", "LSAT7", "VerbalAggression_dich")
MORE = ("eRm_rsmdat", "eRm_pcmdat")


def answers(name: str) -> Responses:
    one = SETS[name]
    rows = [[int(c) for c in text] for text, n in one["patterns"] for _ in range(n)]
    return responses(np.array(rows), one["items"])


def kinds(name: str) -> list[tuple[str, dict[str, Any]]]:
    """The models fitted by the reference, and its values."""
    found = SETS[name]["estimates"]
    if name in TWO:
        return [(model.DICHOTOMOUS, found["reference_CML_newton"])]
    named = {model.PARTIAL: "reference_CML_newton_PCM", model.RATING: "reference_CML_newton_RSM"}
    return [(kind, found[key]) for kind, key in named.items() if key in found]


def by_score(people: persons.Persons, score: int) -> float | None:
    at = np.flatnonzero(people.score == score)
    return float(people.theta[at[0]]) if at.size else None


@pytest.mark.parametrize(
    ("name", "kind", "want"), [(name, kind, want) for name in TWO + MORE for kind, want in kinds(name)]
)
def test_conditional_estimates_are_the_references(name: str, kind: str, want: dict[str, Any]) -> None:
    found = cml.fit(answers(name), kind)
    assert found.measures == pytest.approx(want["item_location_sumzero"], abs=1e-8)
    assert found.se == pytest.approx(want["item_location_se"], abs=1e-7)
    assert found.log_likelihood == pytest.approx(want["cond_loglik"], abs=1e-8)
    assert found.used == want["n_used"]
    centred = found.moved(np.ones(sum(found.top)))  # the reference centres thresholds, we centre items
    flat = [one for row in want["thresholds_centred"] for one in row]
    errors = [one for row in want["threshold_se"] for one in row]
    assert model.flatten(centred.thresholds, found.top) == pytest.approx(flat, abs=1e-8)
    assert model.flatten(centred.threshold_se, found.top) == pytest.approx(errors, abs=1e-7)


@pytest.mark.parametrize("name", TWO)
def test_persons_fit_and_separation_as_erm(name: str) -> None:
    """eRm's own convergence limits it to about 1e-4."""
    want = SETS[name]["estimates"]["eRm_RM_CML"]
    given = answers(name)
    found = cml.fit(given)
    assert found.measures == pytest.approx(want["beta_difficulty"], abs=1e-4)
    people = persons.measure(given, found, persons.ML)
    for score, theta in zip(want["theta_by_raw_score"]["score"], want["theta_by_raw_score"]["theta"], strict=True):
        ours = by_score(people, score)
        assert ours is None or ours == pytest.approx(theta, abs=1e-4)
    items = fit.item_fit(given, found, people)
    assert items.infit == pytest.approx(want["infit_msq"], abs=1e-4)
    assert items.outfit == pytest.approx(want["outfit_msq"], abs=1e-4)
    assert items.infit_z == pytest.approx(want["infit_t"], abs=5e-4)
    assert items.outfit_z == pytest.approx(want["outfit_t"], abs=5e-4)
    separation = structure.person_separation(people)
    assert separation.reliability == pytest.approx(want["person_sep_rel"], abs=2e-4)


@pytest.mark.parametrize("name", MORE)
def test_partial_credit_fit_as_erm(name: str) -> None:
    want = SETS[name]["estimates"]["eRm_PCM_CML"]
    given = answers(name)
    found = cml.fit(given, model.PARTIAL)
    people = persons.measure(given, found, persons.ML)
    items = fit.item_fit(given, found, people)
    assert items.infit == pytest.approx(want["infit_msq"], abs=1e-4)
    assert items.outfit == pytest.approx(want["outfit_msq"], abs=1e-4)
    assert structure.person_separation(people).reliability == pytest.approx(want["person_sep_rel"], abs=1e-4)


@pytest.mark.parametrize("name", TWO)
def test_conditional_fit_as_iarm(name: str) -> None:
    want = SETS[name]["estimates"]["iarm_conditional_fit"]
    given = answers(name)
    items = fit.item_fit(given, cml.fit(given))
    assert items.infit == pytest.approx(want["infit"], abs=1e-4)
    assert items.outfit == pytest.approx(want["outfit"], abs=1e-4)


@pytest.mark.parametrize("name", TWO)
def test_marginal_estimates_as_tam_converged_and_standard_errors_as_mirt(name: str) -> None:
    tight, mirt = SETS[name]["estimates"]["TAM_MML_tight"], SETS[name]["estimates"]["mirt_MML"]
    found = mml.fit(answers(name))
    assert found.measures == pytest.approx(tight["xsi"], abs=1e-5)
    assert found.variance == pytest.approx(tight["variance"], abs=1e-5)
    assert found.log_likelihood == pytest.approx(tight["loglik"], abs=1e-5)
    assert found.se == pytest.approx(mirt["se"], abs=1e-4)


@pytest.mark.parametrize("name", TWO)
def test_the_tam_preset_gives_tams_digits(name: str) -> None:
    want = SETS[name]["estimates"]["TAM_MML"]
    given = answers(name)
    found = mml.fit(given, preset=mml.TAM)
    assert found.measures == pytest.approx(want["xsi"], abs=2e-5)
    assert found.se == pytest.approx(want["se_xsi"], abs=1e-6)
    assert found.variance == pytest.approx(want["variance"], abs=2e-5)
    assert found.log_likelihood == pytest.approx(want["loglik"], abs=1e-5)
    items = fit.posterior_fit(given, found)
    assert items.infit == pytest.approx(want["msq_itemfit"]["infit"], abs=1e-4)
    assert items.outfit == pytest.approx(want["msq_itemfit"]["outfit"], abs=1e-4)
    assert items.infit_z == pytest.approx(want["msq_itemfit"]["infit_t"], abs=5e-4)
    warm, mean = persons.measure(given, found), persons.measure(given, found, persons.EAP)
    for score, theta in zip(want["wle_by_score"]["score"], want["wle_by_score"]["theta"], strict=True):
        ours = by_score(warm, score)
        assert ours is None or ours == pytest.approx(theta, abs=1e-4)
    for score, theta in enumerate(want["eap_by_score"]):
        ours = by_score(mean, score)
        assert ours is None or ours == pytest.approx(theta, abs=5e-4)
    assert structure.person_separation(warm).reliability == pytest.approx(want["WLE_rel"], abs=1e-4)
    assert structure.eap_reliability(mean) == pytest.approx(want["EAP_rel"], abs=1e-4)


@pytest.mark.parametrize("name", TWO)
def test_local_dependence_as_snowirt_prints_it(name: str) -> None:
    want = SETS[name]["estimates"]["TAM_MML"]
    given = answers(name)
    found = structure.dependence(given, mml.fit(given, preset=mml.TAM))
    assert found.mad == pytest.approx(want["MADaQ3"], abs=1e-5)
    assert abs(found.largest[2]) == pytest.approx(want["maxaQ3"], abs=1e-5)
    assert found.p == pytest.approx(want["MADaQ3_p_holm"], abs=1e-3)


@pytest.mark.parametrize(
    ("name", "kind"), [("eRm_rsmdat", model.PARTIAL), ("eRm_rsmdat", model.RATING), ("eRm_pcmdat", model.PARTIAL)]
)
def test_polytomous_tam_at_its_lower_bound_of_the_variance(name: str, kind: str) -> None:
    want = SETS[name]["estimates"]["TAM_PCM" if kind == model.PARTIAL else "TAM_RSM"]
    given = answers(name)
    found = mml.fit(given, kind, preset=mml.TAM)
    assert found.measures == pytest.approx(want["item_irt_beta"], abs=1e-4)
    assert found.log_likelihood == pytest.approx(want["loglik"], abs=1e-4)
    assert found.variance == pytest.approx(want["variance"], abs=1e-6)
    assert any("lower bound" in one for one in found.warnings)


@pytest.mark.parametrize("name", MORE)
def test_partial_credit_as_mirt(name: str) -> None:
    want = SETS[name]["estimates"]["mirt_PCM"]
    found = mml.fit(answers(name), model.PARTIAL)
    flat = [one for row in want["thresholds"] for one in row if one is not None]
    assert found.log_likelihood == pytest.approx(want["loglik"], abs=1e-4)
    assert model.flatten(found.thresholds, found.top) == pytest.approx(flat, abs=2e-3)


@pytest.mark.parametrize("name", TWO)
def test_joint_estimates_as_mixrasch(name: str) -> None:
    want = SETS[name]["estimates"]["mixRasch_JML"]
    found = jml.fit(answers(name), corrected=False)
    assert found.measures == pytest.approx(want["delta"], abs=1e-7)
    assert found.se == pytest.approx(want["se"], abs=1e-7)


@pytest.mark.parametrize("name", MORE)
def test_joint_partial_credit_as_mixrasch(name: str) -> None:
    found = jml.fit(answers(name), model.PARTIAL, corrected=False)
    assert found.measures == pytest.approx(SETS[name]["estimates"]["mixRasch_JML_PCM"]["delta_item"], abs=1e-7)


@pytest.mark.parametrize("name", TWO)
def test_pairwise_estimates_and_their_sandwich_as_the_r_package_rasch(name: str) -> None:
    want = SETS[name]["estimates"]["rasch_PCML"]
    found = pcml.fit(answers(name))
    assert found.measures == pytest.approx(want["location"], abs=1e-6)
    assert found.se == pytest.approx(want["se"], abs=1e-6)


@pytest.mark.parametrize("name", MORE)
def test_pairwise_partial_credit_as_the_r_package_rasch(name: str) -> None:
    found = pcml.fit(answers(name), model.PARTIAL)
    assert found.measures == pytest.approx(SETS[name]["estimates"]["rasch_PCML_PCM"]["location"], abs=1e-8)


def test_thurstonian_thresholds_as_tam() -> None:
    want = SETS["eRm_rsmdat"]["estimates"]["TAM_PCM"]["thurstonian_thresholds"]
    found = categories.thurstonian(mml.fit(answers("eRm_rsmdat"), model.PARTIAL, preset=mml.TAM))
    assert found == pytest.approx(np.array(want), abs=5e-4)  # TAM halves intervals of that width
