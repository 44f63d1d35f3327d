"""Whatever the answers: finite measures with finite errors, or an error that a user can understand."""

from collections.abc import Callable

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from openrvu.errors import OpenRVUError
from openrvu.valuation.rasch import cml, jml, mml, pcml, report
from openrvu.valuation.rasch.data import Responses, responses
from openrvu.valuation.rasch.model import Calibration

Table = list[list[int | None]]

FITS: tuple[Callable[[Responses], Calibration], ...] = (
    cml.fit,
    mml.fit,
    jml.fit,
    pcml.fit,
    lambda r: cml.fit(r, "partial-credit"),
    lambda r: cml.fit(r, penalty=2.0),
    lambda r: mml.fit(r, preset=mml.TAM),
)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Persons with a level of their own, so that not all data are noise; some answers missing."""
    n, k, m = draw(st.integers(1, 20)), draw(st.integers(1, 6)), draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    level = rng.normal(m / 2, draw(st.sampled_from([0.0, 0.7, 2.0])), (n, 1)) + rng.normal(0, 0.7, (n, k))
    missing = rng.random((n, k)) < draw(st.sampled_from([0.0, 0.2, 0.7]))
    x = np.clip(np.round(level), 0, m).astype(int)
    return [
        [None if gone else int(one) for one, gone in zip(r, g, strict=True)] for r, g in zip(x, missing, strict=True)
    ]


@given(tables())
@settings(max_examples=60, deadline=None)
def test_finite_or_a_named_error(table: Table) -> None:
    for fit in FITS:
        try:
            found = fit(responses(table))
        except OpenRVUError as fault:
            assert fault.fix or fault.where or fault.exists
            continue
        assert np.isfinite(found.measures).all()
        assert np.isfinite(found.covariance).all()
        assert found.se.max() < 100


@given(tables())
@settings(max_examples=25, deadline=None)
def test_a_report_or_a_named_error(table: Table) -> None:
    try:
        found = report.analyse(responses(table))
    except OpenRVUError:
        return
    assert len(found.items) + len(found.left_out) == len(table[0])


@given(tables(), st.floats(-200, 200))
@settings(max_examples=25, deadline=None)
def test_an_anchor_moves_everything_and_changes_nothing(table: Table, anchor: float) -> None:
    try:
        r = responses(table)
        free = cml.fit(r, "partial-credit")
        thresholds = [float(v) + anchor for v in free.thresholds[0, : free.top[0]]]
        held = cml.fit(r, "partial-credit", anchors={free.items[0]: thresholds})
    except OpenRVUError:
        return
    assert np.nanmax(np.abs(held.thresholds - free.thresholds - anchor)) < 1e-4
