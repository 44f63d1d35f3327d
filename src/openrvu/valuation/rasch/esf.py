"""Elementary symmetric functions by a forward and a backward (adjoint) pass, in Poisson-binomial scaling.

With p_ic = P(x_i = c) at any one theta, the chance f_r of each score comes from adding items one by one, and the
expected answers given the score from one pass back: only sums of positive numbers, no subtraction, so nothing is lost
to rounding as it is in the difference algorithm. The last axis of every array holds many sets of items or of scores at
once.

Sources: Gustafsson 1980, BJMSP 33:186; Verhelst, Glas & van der Sluis 1984, Comp Stat Quarterly 1:245; Liou 1994,
Applied Psych Meas 18:35; Formann 1986 (sum algorithm).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from openrvu.valuation.rasch.data import Floats


def forward(p: Floats, top: Sequence[int], highest: int | None = None) -> list[Floats]:
    """p: (k, m + 1, B) category chances. Returns k + 1 arrays: the chances (score, B) after the first j items.

    highest: scores above it are not wanted, and the arrays end there.
    """
    found = [np.ones((1, p.shape[2]))]
    limit = sum(top) if highest is None else highest
    for chance, t in zip(p, top, strict=True):
        before = found[-1]
        s = len(before)
        size = min(s + t, limit + 1)
        after = np.empty((size, p.shape[2]))
        np.multiply(before, chance[0], out=after[:s])
        after[s:] = 0.0
        for c in range(1, t + 1):
            after[c : c + s] += before[: size - c] * chance[c]
        found.append(after)
    return found


def backward(
    p: Floats, top: Sequence[int], ahead: list[Floats], share: Floats, lowest: int = 0
) -> tuple[list[Floats], Floats]:
    """The adjoint pass. share: (S, B) weight of each score over its chance, n_r / f_r, S as long as ahead's last.

    Returns k + 1 arrays (score, B) and the expected counts (k, m + 1, B) of the categories from 1 on given the scores
    (that of category 0 is what remains, and is left at 0). lowest: no score below it has weight.
    """
    behind: list[Floats] = [share] * (len(top) + 1)
    expected = np.zeros((p.shape[0], p.shape[1], share.shape[1]))
    inner = _inner_of(ahead[-1].shape[1], share.shape[1])
    need = lowest
    for j in range(len(top) - 1, -1, -1):
        after, before = behind[j + 1], ahead[j]
        s = len(before)
        need = max(0, need - top[j])  # below it the score can no longer be reached
        carried = np.empty((s, share.shape[1]))
        carried[:need] = 0.0
        np.multiply(after[need:s], p[j, 0], out=carried[need:])
        for c in range(1, top[j] + 1):
            part = after[need + c : c + s] * p[j, c]
            n = len(part)
            expected[j, c] = inner(before[need : need + n], part)
            carried[need : need + n] += part
        behind[j] = carried
    return behind, expected


def _inner_of(left: int, right: int) -> Callable[[Floats, Floats], Floats]:
    """Sums over scores, by column; a single column on the left goes with all on the right."""
    if left == right == 1:
        return lambda a, b: a.ravel() @ b.ravel()
    if left == right:
        return lambda a, b: np.einsum("sb,sb->b", a, b)
    return lambda a, b: a[:, 0] @ b


def shares(f: Floats, weight: Floats) -> Floats:
    """weight / f where there is weight; a score that nobody has needs no chance."""
    return np.divide(weight, f, out=np.zeros(np.broadcast(f, weight).shape), where=weight > 0)


def pairs(p: Floats, top: Sequence[int], ahead: list[Floats], behind: list[Floats]) -> Floats:
    """(T, T) expected joint counts of (item, category) pairs of different items, given the scores, one set of items.

    p: (k, m + 1). T: the categories from 1 on of all items, one after the other. For each category of item i the
    forward pass is started again with that answer fixed and swept over the later items; each meets the backward pass.
    """
    start = np.concatenate([[0], np.cumsum(top)])
    size, scores = int(start[-1]), len(ahead[-1])
    state = np.zeros((size, scores))
    found = np.zeros((size, size))
    for j, t in enumerate(top):
        rows, s = int(start[j]), len(ahead[j])
        after = behind[j + 1][:, 0]
        now = state[:rows]
        if rows:
            meet = np.column_stack([after[c : c + s] for c in range(1, t + 1)]) * p[j, 1 : t + 1]
            found[:rows, rows : rows + t] = now[:, :s] @ meet
            base = now[:, :s].copy()
            now[:, :s] *= p[j, 0]
            for c in range(1, t + 1):
                now[:, c : c + s] += base * p[j, c]
        for c in range(1, t + 1):
            state[rows + c - 1, c : c + s] = ahead[j][:, 0] * p[j, c]
    return found + found.T


def right_pairs(odds: Floats, joint: Floats, close: float = 1e-4) -> Floats:
    """(k, k) expected joint counts of two right answers over many sets of items, without a sweep for each pair.

    With odds e: P(10) / P(01) = e_i / e_j given the score, so P(11) = (e_j P(1.) - e_i P(.1)) / (e_j - e_i). joint: (k,
    k) the expected count of i right where j was answered. nan where odds are nearly equal: there this loses digits.
    """
    gap = odds[None, :] - odds[:, None]
    logs = np.log(odds)
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = (joint * odds[None, :] - joint.T * odds[:, None]) / gap
    found[np.abs(logs[None, :] - logs[:, None]) < close] = np.nan
    return found
