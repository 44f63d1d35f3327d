"""Draws from a survey's Estimate: what its interval does to the spending of the services given.

The work RVU of one new service is drawn from the prediction distribution of the line (t, k - 2), never below zero, and
each draw goes through the schedule's own formula.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from openrvu.impact.changed import scaled
from openrvu.pricing import Priced
from openrvu.rules.fee import fee_cents
from openrvu.valuation.anchor import Reading, quantile

if TYPE_CHECKING:
    from openrvu.impact.scenario import Volume
    from openrvu.impact.simulate import Asked


def draws(reading: Reading, df: int, count: int, seed: int) -> list[int]:
    """Work RVUs x 10^4 of one new service: value + spread x t, the spread such that the interval is the reading's."""
    spread = (reading.new_high - reading.new_low) / 2 / quantile(reading.level, df)
    drawn = reading.value + spread * np.random.default_rng(seed).standard_t(df, size=count)
    return [scaled(float(one)) for one in np.maximum(drawn, 0.0)]


def spending(asked: Asked, volume: Volume, after: Priced, services: int | None) -> tuple[int | None, int | None]:
    """The 2.5 and 97.5 percentile of the spending, where the work RVU comes from a survey; else (None, None)."""
    estimate = asked.case.estimates.get(volume.code)
    if estimate is None or estimate.reading is None or not services or not asked.draws or after.record is None:
        return None, None
    row, place, rate = after.record, after.locality, after.conversion_factor.value
    pe = row.pe_facility_rvu if volume.setting == "facility" else row.pe_nonfacility_rvu
    gpcis = (place.work_gpci, place.pe_gpci, place.mp_gpci)
    used = sum(not item.left_out for item in estimate.items)
    found = sorted(
        fee_cents(work, pe, row.mp_rvu, *gpcis, rate)
        for work in draws(estimate.reading, used - 2, asked.draws, asked.seed)
    )
    low, high = found[(25 * len(found)) // 1000], found[-1 - (25 * len(found)) // 1000]
    return services * low, services * high
