"""Many-facet models: raters of different leniency, domains, or any further facet beside persons and items.

    threshold of an answer = item + rater + domain + ... + step        a severe rater raises it

Each combination of facet levels that occurs is an item of one conditional fit with a linear design, so that persons
drop out as they do without facets. Each facet sums to zero. Where persons and raters do not overlap, the design is
singular and the error says so.

Sources: Linacre 1989, Many-Facet Rasch Measurement; Fischer & Ponocny 1994, Psychometrika 59:177 (linear designs by
CML).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from openrvu.errors import BadInput
from openrvu.valuation.rasch import cml, links, model
from openrvu.valuation.rasch.data import MISSING, Bools, Floats, Responses
from openrvu.valuation.rasch.model import Calibration, Design


@dataclass(frozen=True, eq=False)
class Facet:
    """levels: names. measures: (L,) logits that sum to zero; higher is harder or more severe. covariance: (L, L)."""

    name: str
    levels: tuple[str, ...]
    measures: Floats
    covariance: Floats

    @property
    def se(self) -> Floats:
        """Standard errors under sum zero."""
        found: Floats = np.sqrt(np.diag(self.covariance))
        return found


@dataclass(frozen=True, eq=False)
class Faceted:
    """facets: in the order given. steps: (m,) common steps that sum to zero. calibration: of the combinations."""

    facets: tuple[Facet, ...]
    steps: Floats
    log_likelihood: float
    parameters: int
    calibration: Calibration

    def facet(self, name: str) -> Facet:
        """One facet by name."""
        for one in self.facets:
            if one.name == name:
                return one
        raise BadInput(f"no facet {name!r}", exists=f"There are {', '.join(f.name for f in self.facets)}")


def fit(persons: Sequence[Any], answers: Sequence[int], facets: Mapping[str, Sequence[Any]], top: int = 0) -> Faceted:
    """Conditional measures of all facets, one answer a row.

    persons: (M,) who is judged or who judges, conditioned on. answers: (M,) whole numbers from 0 on. facets: name ->
    (M,) labels, items among them. top: highest category, else the highest seen; all combinations share the steps.
    Raises BadInput where a person answered one combination twice, where a level has extreme answers alone, and where
    the facets cannot be told apart (raters who share no person).
    """
    x = np.asarray(answers)
    if x.ndim != 1 or x.dtype.kind not in "iu" or (x < 0).any() or not len(x):
        raise BadInput("answers are not whole numbers from 0 on")
    names = tuple(facets)
    levels, codes = zip(*(_coded(name, facets[name], len(x)) for name in names), strict=True)
    who, person = np.unique(np.asarray(persons).astype(str), return_inverse=True)
    highest = top or int(x.max())
    combos, column = np.unique(np.column_stack(codes), axis=0, return_inverse=True)
    column = column.reshape(-1)
    _check_levels(x, highest, names, levels, codes)
    table = np.full((len(who), len(combos)), MISSING, dtype=np.int8)
    if len(np.unique(person * len(combos) + column)) < len(x):
        raise BadInput("a person answered the same combination twice", fix="Keep one answer, or add a facet (occasion)")
    table[person, column] = x
    items = tuple(" / ".join(levels[f][c] for f, c in enumerate(row)) for row in combos)
    given = Responses(items, table, (highest,) * len(combos), np.ones(len(who)))
    matrix, parts = _design(combos, [len(one) for one in levels], highest)
    _identified(matrix, given, names)
    linear = Design(matrix, np.zeros(len(matrix)), "each facet sums to zero")
    found = cml.fit(given, model.RATING if highest > 1 else model.DICHOTOMOUS, design=linear)
    return _faceted(found, matrix, parts, names, levels, highest)


def _coded(name: str, labels: Sequence[Any], n: int) -> tuple[tuple[str, ...], Any]:
    if len(labels) != n:
        raise BadInput(f"{len(labels)} labels of {name} for {n} answers")
    found, code = np.unique(np.asarray(labels).astype(str), return_inverse=True)
    return tuple(str(one) for one in found), code.reshape(-1)


def _check_levels(x: Any, top: int, names: Sequence[str], levels: Sequence[tuple[str, ...]], codes: Any) -> None:
    for name, named, code in zip(names, levels, codes, strict=True):
        for at, level in enumerate(named):
            mine = x[code == at]
            if (mine == 0).all() or (mine == top).all():
                which = "lowest" if (mine == 0).all() else "highest"
                raise links.Unlinked(
                    f"{name} {level} has the {which} answer alone: no finite measure", fix=links.ADVICE
                )
    if top > 1 and len(np.unique(x)) < top + 1:
        empty = sorted(set(range(top + 1)) - set(x.tolist()))
        raise links.EmptyCategory(f"nobody used category {', '.join(map(str, empty))}", fix="Join it with a neighbour")


def _design(combos: Any, sizes: Sequence[int], top: int) -> tuple[Floats, list[Floats]]:
    """(T, q) identified design, and for each facet the map (L, q) from parameters to its levels."""
    rows, steps = model.places((top,) * len(combos))
    blocks, parts, width = [], [], 0
    for f, size in enumerate(sizes):
        basis = model.sum_zero(np.ones(size)) if size > 1 else np.zeros((1, 0))
        blocks.append(np.eye(size)[combos[rows, f]] @ basis)
        parts.append((basis, width))
        width += basis.shape[1]
    if top > 1:
        basis = model.sum_zero(np.ones(top))
        blocks.append(np.eye(top)[steps - 1] @ basis)
        parts.append((basis, width))
        width += basis.shape[1]
    maps = []
    for basis, at in parts:
        full = np.zeros((len(basis), width))
        full[:, at : at + basis.shape[1]] = basis
        maps.append(full)
    return np.column_stack(blocks), maps


def _identified(matrix: Floats, given: Responses, names: Sequence[str]) -> None:
    """What conditioning on persons leaves: differences within the combinations that one person answered."""
    rows, _ = model.places(given.top)
    total = np.zeros((matrix.shape[1], matrix.shape[1]))
    masks: Bools = np.unique(given.answers >= 0, axis=0)
    for mask in masks:
        part = matrix[mask[rows]]
        within = part - part.mean(axis=0)
        total += within.T @ within
    if np.linalg.matrix_rank(total) < matrix.shape[1]:
        raise links.Unlinked(
            f"the facets {', '.join(names)} cannot be told apart",
            fix="Let persons be judged by several raters, or raters share persons and items",
        )


def _faceted(
    found: Calibration, matrix: Floats, parts: list[Floats], names: Sequence[str], levels: Any, top: int
) -> Faceted:
    inverse = np.linalg.pinv(matrix)
    at = inverse @ model.flatten(found.thresholds, found.top)
    covariance = inverse @ found.threshold_covariance @ inverse.T
    facets = tuple(
        Facet(name, level, part @ at, part @ covariance @ part.T)
        for name, level, part in zip(names, levels, parts, strict=False)
    )
    steps = parts[-1] @ at if top > 1 else np.zeros(1)
    return Faceted(facets, steps, found.log_likelihood, found.parameters, found)
