"""Tails of distributions against SciPy's, and that a file of ratings is measured without loading it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.special import chdtrc, ndtr

import openrvu
from openrvu.valuation.rasch.tails import chi_squared, two_sided, upper


def test_tails_are_those_of_scipy() -> None:
    z = np.array([[-8.0, -1.959964, 0.0], [0.5, 3.0, 12.0]])
    assert two_sided(z) == pytest.approx(2 * ndtr(-np.abs(z)), rel=1e-13)
    assert upper(-1.3) == pytest.approx(float(ndtr(1.3)), rel=1e-14)
    assert np.isnan(two_sided(np.array([np.nan, 1.0]))).tolist() == [True, False]
    assert chi_squared(7, 12.5) == float(chdtrc(7, 12.5))


def test_ratings_are_measured_without_scipy(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    path.write_text("a,b,c\n1,0,0\n0,1,1\n1,1,0\n0,0,1\n1,0,1\n0,1,0\n", encoding="utf-8")
    code = (
        "import sys; from openrvu.cli import main; sys.argv = ['openrvu', 'rasch', sys.argv[1]]\n"
        "try: main()\nexcept SystemExit as end: assert not end.code\n"
        "print('loaded', 'scipy' in sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(openrvu.__file__).parents[1])}  # the copy under test
    told = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True, env=environment
    )
    assert told.stdout.rstrip().endswith("loaded False")
