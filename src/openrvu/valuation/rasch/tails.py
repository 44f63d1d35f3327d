"""Tails of the normal and chi-squared distributions. SciPy is loaded only where a chi-squared tail is asked for: that
takes longer than to fit a survey.
"""

from __future__ import annotations

import math

import numpy as np

from openrvu.valuation.rasch.data import Floats


def upper(z: float) -> float:
    """The chance that a standard normal is above z.

    >>> round(upper(1.959964), 6)
    0.025
    """
    return 0.5 * math.erfc(z / math.sqrt(2))


def two_sided(z: Floats) -> Floats:
    """The chance of a standard normal as far from zero as each z; nan stays nan."""
    found: Floats = np.array([math.erfc(abs(v) / math.sqrt(2)) for v in np.ravel(z).tolist()])
    return found.reshape(np.shape(z))


def chi_squared(df: float, statistic: float) -> float:
    """The chance that a chi-squared with df degrees of freedom is above the statistic.

    >>> round(chi_squared(1, 3.841459), 6)
    0.05
    """
    from scipy.special import chdtrc

    return float(chdtrc(df, statistic))
