"""One set of answers, everything that is usually asked of it: measures, fit, reliability, structure, group
differences. Files are read by `surveydata`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from openrvu.errors import BadInput
from openrvu.valuation.rasch import categories, cml, fit, mml, model, persons, simulate, splits, structure
from openrvu.valuation.rasch.categories import Disorder
from openrvu.valuation.rasch.data import Responses
from openrvu.valuation.rasch.model import Calibration
from openrvu.valuation.rasch.splits import Difference

CML, MML, TAM = "cml", "mml", "tam-compatible"
METHODS = (CML, MML, TAM)

SMALL = 150  # respondents below which asymptotic p-values are not to be relied upon


@dataclass(frozen=True)
class Item:
    """An item's line of the report.

    thresholds, threshold_se: its own. infit, outfit and their standardised forms: conditional on the score (after
    tam-compatible: over the posterior). infit_low, infit_high: simulated, nan without draws.
    """

    item: str
    answered: float
    measure: float
    se: float
    infit: float
    infit_z: float
    outfit: float
    outfit_z: float
    point_measure: float
    infit_low: float
    infit_high: float
    thresholds: tuple[float, ...]
    threshold_se: tuple[float, ...]


@dataclass(frozen=True)
class Rasch:
    """The report on one file. wle_reliability, psi (ML, extreme scores left out), eap_reliability (normal persons):
    reliability of persons. item_reliability, item_separation: of items. mad_q3, q3_p as snowIRT prints them; q3_pair:
    the pair that goes together most, its adjusted residual correlation. simulated_p: of q3_pair and of the first
    residual component, nan without draws. label: remarks of the file's head, as SIMULATED."""

    file: str
    model: str
    method: str
    respondents: int
    informative: float
    missing: int
    items: tuple[Item, ...]
    constraint: str
    se_definition: str
    log_likelihood: float
    parameters: int
    variance: float
    wle_reliability: float
    psi: float
    eap_reliability: float
    item_reliability: float
    item_separation: float
    mad_q3: float
    q3_p: float
    q3_pair: tuple[str, str, float]
    first_component: float
    q3_simulated_p: float
    component_simulated_p: float
    draws: int
    disordered: tuple[Disorder, ...]
    group: str
    differences: tuple[Difference, ...]
    left_out: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    label: str = ""


def calibrate(given: Responses, kind: str = "", method: str = CML) -> Calibration:
    """The measures of the items by one of METHODS. Raises BadInput for another, and as the estimators do."""
    if method not in METHODS:
        raise BadInput(f"no method {method!r}", exists=f"There are {', '.join(METHODS)}")
    return cml.fit(given, kind) if method == CML else mml.fit(given, kind, mml.TAM if method == TAM else mml.ACCURATE)


def analyse(
    given: Responses,
    kind: str = "",
    method: str = CML,
    groups: Sequence[str] = (),
    draws: int = 0,
    seed: int = 1,
    name: str = "",
    group: str = "",
    label: str = "",
) -> Rasch:
    """Everything usually asked of one set of answers.

    kind: dichotomous, rating-scale or partial-credit; empty: what the categories suggest. method: cml, mml or
    tam-compatible. groups: a label a respondent, two kinds, for differential item functioning; an empty label leaves
    the respondent out of it. draws: simulated samples for cut-offs, 0 for none.
    """
    found = calibrate(given, kind, method)
    marginal = found if method != CML else mml.fit(given, kind)
    people = persons.measure(given, found)
    posterior = persons.measure(given, marginal, persons.EAP)
    limits = simulate.cutoffs(given, cml.fit(given, kind), draws, np.random.default_rng(seed)) if draws else None
    together = structure.dependence(given, found)
    return Rasch(
        file=name,
        model=found.model,
        method=found.method,
        respondents=len(given.answers),
        informative=found.used,
        missing=int((given.answers < 0).sum()),
        items=_items(given, found, people, limits),
        constraint=found.constraint,
        se_definition=found.se_definition,
        log_likelihood=found.log_likelihood,
        parameters=found.parameters,
        variance=marginal.variance,
        wle_reliability=structure.person_separation(people).reliability,
        psi=structure.person_separation(persons.measure(given, found, persons.ML)).reliability,
        eap_reliability=structure.eap_reliability(posterior),
        item_reliability=structure.item_separation(found).reliability,
        item_separation=structure.item_separation(found).separation,
        mad_q3=together.mad,
        q3_p=together.p,
        q3_pair=together.largest,
        first_component=float(structure.residual_components(given, found).values[0]),
        q3_simulated_p=limits.p_q3 if limits else math.nan,
        component_simulated_p=limits.p_component if limits else math.nan,
        draws=limits.draws if limits else 0,
        disordered=categories.disordered(found),
        group=group,
        differences=_differences(given, groups, kind),
        left_out=found.left_out,
        warnings=_warnings(given, found),
        label=label,
    )


def _items(
    given: Responses, found: Calibration, people: persons.Persons, limits: simulate.CutOffs | None
) -> tuple[Item, ...]:
    fits = fit.posterior_fit(given, found) if found.method.endswith(mml.TAM) else fit.item_fit(given, found)
    correlation = fit.point_measure(given, found, people)
    errors, part = found.threshold_se, persons.matching(given, found)
    answered = part.weights @ (part.answers >= 0)
    bounds = np.full((len(found.items), 2), np.nan) if limits is None else limits.infit
    if len(bounds) != len(found.items):
        bounds = np.full((len(found.items), 2), np.nan)
    return tuple(
        Item(
            name,
            float(answered[i]),
            float(found.measures[i]),
            float(found.se[i]),
            float(fits.infit[i]),
            float(fits.infit_z[i]),
            float(fits.outfit[i]),
            float(fits.outfit_z[i]),
            float(correlation[i]),
            float(bounds[i, 0]),
            float(bounds[i, 1]),
            tuple(float(v) for v in found.thresholds[i, : found.top[i]]),
            tuple(float(v) for v in errors[i, : found.top[i]]),
        )
        for i, name in enumerate(found.items)
    )


def _differences(given: Responses, groups: Sequence[str], kind: str) -> tuple[Difference, ...]:
    if not groups:
        return ()
    labels = np.array(groups)
    told = labels != ""
    return splits.differences(given.persons(told), labels[told], model.which(kind, given))


def _warnings(given: Responses, found: Calibration) -> tuple[str, ...]:
    more = []
    if len(given.answers) < SMALL:
        more.append(
            f"{len(given.answers)} respondents: asymptotic p-values hold from about {SMALL}; use simulated ones"
        )
    return (*found.warnings, *more)
