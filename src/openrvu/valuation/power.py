"""How wide the interval of a survey will be, before it is sent: simulated answers, the same estimation, many surveys.

    d_j | w_j    measure of a comparator given its known work RVU: normal, with mean and variance by r2 and spread
    w_j | d_j    guess + slope d_j + N(0, scatter^2): the scatter about the line, drawn anew in each survey
    theta_v      a respondent's own place of the target, normal (0, lean^2)
    answers      Davidson's model with the share of ties asked for; a share of them missing at random

The comparators' known work RVUs say where their measures will lie; what is assumed is how well measures follow RVUs
(r2), how far apart respondents see the services (spread), and the target's own work RVU (guess). All of it is
simulated.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openrvu.errors import BadInput
from openrvu.valuation import calibrated, clustered, simulation
from openrvu.valuation.pairdesign import PairDesign
from openrvu.valuation.paired import Floats, Pairs

_CELLS = 4_000_000  # answers held at once
_TARGET = "T"


@dataclass(frozen=True)
class Assumed:
    """What the simulation takes for granted.

    r2: share of the variance of work RVUs that the measures explain. spread: sd of the comparators' measures, logits.
    ties: share of equal answers between services of the same work. missing: share of answers not given. lean: sd of
    respondents' own places of the target, logits.
    """

    r2: float
    spread: float
    ties: float = 0.25
    missing: float = 0.10
    lean: float = 0.5


@dataclass(frozen=True)
class Width:
    """What surveys of so many respondents come to; `_mc` is the Monte-Carlo standard error of the figure before it.

    answers: in all, a survey. line, new: median half-width of the interval of the line and of the prediction interval,
    RVUs. holds: share of the intervals of the line that hold the truth. from_answers: sd of what the answers alone
    bring to the value; more respondents shrink it, and nothing else of the interval. assured: share of surveys whose
    interval of the line has at most the wanted half-width. without: share of surveys that give no value. respondents
    0: measures known without error.
    """

    respondents: int
    answers: float
    line: float
    line_mc: float
    new: float
    new_mc: float
    holds: float
    from_answers: float
    assured: float | None
    without: float

    def half(self, interval: str) -> float:
        """The median half-width of the interval of the `line`, or of one `new` service."""
        return self.new if interval == "new" else self.line


@dataclass(frozen=True)
class Truth:
    """The world that is simulated: w = guess + slope d + scatter, d of mean `mean` and sd `spread` (target at 0)."""

    slope: float
    scatter: float
    mean: float
    spread: float


def truth(rvus: Sequence[float], guess: float, assumed: Assumed) -> Truth:
    """Slope and scatter that give these comparators' RVUs the assumed r2, the target's line reading the guess.

    >>> found = truth([8.0, 8.0, 16.0, 16.0], 12.0, Assumed(r2=0.25, spread=1.0))
    >>> round(found.slope, 3), found.mean  # half the sd of 4.619
    (2.309, 0.0)
    """
    w = np.asarray(rvus, dtype=float)
    _check(w, guess, assumed)
    sd = float(w.std(ddof=1))
    slope = math.sqrt(assumed.r2) * sd / assumed.spread
    return Truth(slope, sd * math.sqrt(1 - assumed.r2), (float(w.mean()) - guess) / slope, assumed.spread)


def _check(w: Floats, guess: float, assumed: Assumed) -> None:
    if w.size < 4 or np.ptp(w) == 0:
        raise BadInput(f"{w.size} comparators", fix="Use at least 4 whose work RVUs differ")
    for name, value, low, high in (
        ("r2", assumed.r2, 0.02, 0.98),
        ("spread", assumed.spread, 0.1, 4.0),
        ("share of ties", assumed.ties, 0.0, 0.9),
        ("share missing", assumed.missing, 0.0, 0.9),
        ("lean", assumed.lean, 0.0, 4.0),
        ("work RVU of the target", guess, 0.01, 1000.0),
    ):
        if not low <= value <= high:
            raise BadInput(f"{name} {value:g}", exists=f"Accepted: {low:g} to {high:g}")


def width(
    design: PairDesign,
    rvus: Sequence[float],
    guess: float,
    assumed: Assumed,
    respondents: int,
    *,
    surveys: int = 600,
    seed: int = 1,
    wanted: float | None = None,
    interval: str = "line",
) -> Width:
    """Half-widths with so many respondents, blocks in turn. rvus: of the comparators, in the design's order.

    respondents 0: measures without error, the width that no number of respondents goes below. wanted, interval: for the
    share of surveys whose half-width, of the `line` or of one `new` service, is at most this.
    """
    world = truth(rvus, guess, assumed)
    w = np.asarray(rvus, dtype=float)
    d = _measures(w, world, surveys, np.random.default_rng([seed, 0]))
    drawn = guess + world.slope * d + world.scatter * np.random.default_rng([seed, 2]).standard_normal(d.shape)
    exact = simulation.lines(d, drawn)
    if respondents < 1:
        return _width(0, 0.0, exact, exact, guess, (interval, wanted))
    pairs, rng = pairs_of(design), np.random.default_rng([seed, 1])
    step = max(1, _CELLS // (respondents * len(pairs.left)))
    parts, given = [], 0
    for start in range(0, surveys, step):
        part = slice(start, start + step)
        answers = _answers(design, pairs, d[part], assumed, respondents, rng)
        counts = np.stack([(answers == code).sum(axis=1) for code in (-1, 0, 1)], axis=-1).astype(float)
        given += int(counts.sum())
        measures = simulation.fitted(pairs, counts, _TARGET)
        error = clustered.robust_many(pairs, answers, measures)
        parts.append(calibrated.intervals(measures, drawn[part], error, respondents))
    found = {name: np.concatenate([one[name] for one in parts]) for name in parts[0]}
    return _width(respondents, given / surveys, found, exact, guess, (interval, wanted))


def pairs_of(design: PairDesign) -> Pairs:
    """The design's distinct pairs without answers; the target is called T and comparators c1 ... in their order.

    Sides as counted, not as shown: which side a service stands on changes nothing in the model.
    """
    asked = sorted((min(pair), max(pair)) for pair in design.pairs)
    nothing = (0.0,) * len(asked)
    names = (_TARGET, *(f"c{i}" for i in range(1, len(design.services))))
    return Pairs(names, tuple(i for i, _ in asked), tuple(j for _, j in asked), nothing, nothing, nothing)


def _measures(w: Floats, world: Truth, surveys: int, rng: np.random.Generator) -> Floats:
    """(B, k) true measures given the RVUs: the regression of d on w that goes with w = guess + slope d + scatter."""
    share = world.slope**2 * world.spread**2 / (world.slope**2 * world.spread**2 + world.scatter**2)
    middle = world.mean + share / world.slope * (w - w.mean())
    found: Floats = middle + world.spread * math.sqrt(1 - share) * rng.standard_normal((surveys, w.size))
    return found


def _answers(
    design: PairDesign, pairs: Pairs, d: Floats, assumed: Assumed, respondents: int, rng: np.random.Generator
) -> NDArray[np.int8]:
    """(B, N, M) answers, 9 for none; respondents take the blocks in turn."""
    surveys = len(d)
    at = {frozenset(pair): m for m, pair in enumerate(zip(pairs.left, pairs.right, strict=True))}
    full = np.column_stack([np.zeros(surveys), d])
    answers = np.full((surveys, respondents, len(pairs.left)), 9, dtype=np.int8)
    nu = 2 * assumed.ties / (1 - assumed.ties)
    for number, block in enumerate(design.blocks):
        people = np.arange(number, respondents, len(design.blocks))
        rows = [at[frozenset(pair)] for pair in block]
        left, right = np.array(pairs.left)[rows], np.array(pairs.right)[rows]
        gap = full[:, left] - full[:, right]
        with_target = (left == 0).astype(float)  # the target is the first service, so never the right one
        theta = assumed.lean * rng.standard_normal((surveys, len(people), 1))
        given = _given(gap[:, None, :] + theta * with_target, nu, assumed.missing, rng)
        answers[:, people[:, None], np.array(rows)] = given
    return answers


def _given(gap: Floats, nu: float, missing: float, rng: np.random.Generator) -> NDArray[np.int8]:
    up, down = np.exp(gap / 2), np.exp(-gap / 2)
    u = rng.random(gap.shape) * (up + down + nu)
    given = np.where(u < up, 1, np.where(u < up + down, -1, 0)).astype(np.int8)
    if missing:
        given[rng.random(gap.shape) < missing] = 9
    return given


def _width(
    respondents: int,
    answers: float,
    found: Mapping[str, Floats],
    exact: Mapping[str, Floats],
    guess: float,
    wanted: tuple[str, float | None],
) -> Width:
    good = np.isfinite(found["value"])
    if good.sum() < 20:
        nan = math.nan
        return Width(respondents, answers, nan, nan, nan, nan, nan, nan, None, 1.0)
    half = (found["high"] - found["low"])[good] / 2
    line, line_mc = quantile(half, 0.5)
    wide = (found["new_high"] - found["new_low"])[good] / 2
    new, new_mc = quantile(wide, 0.5)
    holds = float(((found["low"] <= guess) & (guess <= found["high"]))[good].mean())
    brought = float(np.std((found["value"] - exact["value"])[good], ddof=1)) if respondents else 0.0
    interval, most = wanted
    assured = None if most is None else float(((wide if interval == "new" else half) <= most).mean())
    return Width(respondents, answers, line, line_mc, new, new_mc, holds, brought, assured, float((~good).mean()))


def quantile(values: Floats, share: float) -> tuple[float, float]:
    """A quantile and its Monte-Carlo standard error: half the way between the order statistics one binomial standard
    error below and above it, which needs no density.

    >>> quantile(np.arange(1.0, 102.0), 0.5)
    (51.0, 5.0)
    """
    ordered = np.sort(values)
    n = len(ordered)
    error = math.sqrt(n * share * (1 - share))
    low, high = (min(max(round(share * (n - 1) + sign * error), 0), n - 1) for sign in (-1, 1))
    return float(np.quantile(ordered, share)), float(ordered[high] - ordered[low]) / 2


def needed(
    design: PairDesign,
    rvus: Sequence[float],
    guess: float,
    assumed: Assumed,
    wanted: float,
    *,
    most: int = 400,
    surveys: int = 600,
    seed: int = 1,
    interval: str = "line",
) -> Width | None:
    """The fewest respondents whose median half-width (of the `line`, or of one `new` service) is at most `wanted`, or
    None where `most` are too few.

    By halving between the sizes, with the same true measures each time, so that the curve is smooth in them.
    """

    def at(n: int) -> Width:
        return width(design, rvus, guess, assumed, n, surveys=surveys, seed=seed, wanted=wanted, interval=interval)

    low, high, found = len(design.blocks) * 4, most, at(most)
    if not found.half(interval) <= wanted:
        return None
    while high - low > max(1, low // 20):
        middle = (low + high) // 2
        one = at(middle)
        if one.half(interval) <= wanted:
            high, found = middle, one
        else:
            low = middle
    return found


def comparators_needed(scatter: float, wanted: float, new: bool = False, level: float = 0.95) -> int | None:
    """How many comparators an exactly measured line needs for the half-width, the target in their middle: t s / sqrt k.

    new: for one new service, t s sqrt(1 + 1 / k). None: more than 60, or no number of them.

    >>> comparators_needed(4.0, 2.5), comparators_needed(4.0, 2.5, new=True)
    (13, None)
    """
    from openrvu.valuation.anchor import quantile as t_of

    for k in range(4, 61):
        if t_of(level, k - 2) * scatter * math.sqrt(1 / k + new) <= wanted:
            return k
    return None
