"""Respondents drawn again: counts of many resamples at once, for intervals that carry the respondents' disagreement."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from openrvu.valuation import paired
from openrvu.valuation.paired import HALF, Floats, Pairs
from openrvu.valuation.survey import EQUAL, GREATER, LESS, Survey

_CELLS = 4_000_000  # weights held at once


def resample(survey: Survey, pairs: Pairs, draws: int, rng: np.random.Generator) -> Floats:
    """(draws, M, 3) counts over the given pairs: respondents drawn with replacement, or counts where none are known.

    Counts carry no respondents: each comparison is drawn by itself (multinomial), which leaves out that the answers of
    one person go together.
    """
    rows = rows_of(survey.pairs, pairs)
    if survey.answers is None:
        counts = survey.pairs.counts()[rows].astype(int)
        return np.stack([_multinomial(rng, row, draws) for row in counts], axis=1).astype(float)
    return _drawn(survey.answers[:, rows], draws, rng)


def interest_shift(survey: Survey, pairs: Pairs, draws: int, rng: np.random.Generator) -> tuple[float, float] | str:
    """How many logits apart respondents with an interest place the target, and its bootstrap SE; else why not.

    The target's place is minus the mean measure of the services, ties as half a win. Respondents are resampled within
    each group, so answers of one person stay together.
    """
    if survey.interest is None or survey.answers is None:
        return "interest was not recorded"
    rows = rows_of(survey.pairs, pairs)
    places: list[tuple[float, float]] = []
    for stake in (True, False):
        given = survey.answers[[one is stake for one in survey.interest]][:, rows]
        if len(given) < 2:
            return "fewer than two respondents with, or without, an interest"
        whole = np.stack([(given == code).sum(axis=0) for code in (LESS, EQUAL, GREATER)], axis=-1).astype(float)
        counts = np.concatenate([whole[None], _drawn(given, draws, rng)])
        found = -paired.fit_many(pairs, counts, survey.target, HALF).mean(axis=1)
        good = found[1:][np.isfinite(found[1:])]
        if not np.isfinite(found[0]) or good.size < draws / 2:
            return "with respondents parted by interest, measures are no longer finite"
        places.append((float(found[0]), float(good.var(ddof=1))))
    (with_one, a), (without, b) = places
    return with_one - without, float(np.sqrt(a + b))


def _drawn(answers: NDArray[np.int8], draws: int, rng: np.random.Generator) -> Floats:
    """Counts of `draws` samples of respondents. Equal rows are drawn together, so the cost does not grow with
    people."""
    patterns, times = np.unique(answers, axis=0, return_counts=True)
    n = int(times.sum())
    codes = np.stack([patterns == code for code in (LESS, EQUAL, GREATER)], axis=-1).astype(float)
    flat = codes.reshape(len(patterns), -1)
    chunk = max(1, _CELLS // len(patterns))
    parts: list[Any] = []
    for start in range(0, draws, chunk):
        weights = rng.multinomial(n, times / n, size=min(chunk, draws - start))
        parts.append(weights.astype(float) @ flat)
    found: Floats = np.concatenate(parts).reshape(draws, answers.shape[1], 3)
    return found


def rows_of(whole: Pairs, part: Pairs) -> list[int]:
    """Where each pair of the part stands in the whole."""
    at = {(whole.names[i], whole.names[j]): m for m, (i, j) in enumerate(zip(whole.left, whole.right, strict=True))}
    return [at[part.names[i], part.names[j]] for i, j in zip(part.left, part.right, strict=True)]


def _multinomial(rng: np.random.Generator, row: NDArray[Any], draws: int) -> NDArray[Any]:
    n = int(row.sum())
    return rng.multinomial(n, row / n, size=draws) if n else np.zeros((draws, 3), dtype=int)
