"""Anesthesia: base units and time, times the locality's own conversion factor.

Time is minutes over 15 to one decimal. Of several anesthesia services in a session the one with the most base units is
paid, with the time of all. The local factor is CMS's own where its table is loaded; else the national one times shares
of the place's GPCIs, to cents: so come out all 109 localities of 2025 and 2026; of other years no shares are held. A
physician who supervises more than four at once has three base units, and a fourth where documents show presence at
induction.
Source: 100-04 chapter 12 section 50; 42 CFR 414.46.
"""

from __future__ import annotations

from openrvu.rules.fee import cents, share_of
from openrvu.rules.formula import Formula, col, where
from openrvu.rules.modifiers import has
from openrvu.rules.steps import Compute, Group, Lookup, Rank, Rule, Step
from openrvu.units import PERCENT

_TOGETHER = ("session", "on", "role")
_TIMED = col("timed").eq(1)
# Shares x 10^4, GPCI x 10^3, factor x 10^4 dollars, to cents.
_LOCAL = 1_000_000_000
_MINUTES_IN_UNIT, _TENTHS = 15, 10
_OF_SHARES = cents(
    (
        col("work_gpci") * col("anesthesia_work")
        + col("pe_gpci") * col("anesthesia_pe")
        + col("mp_gpci") * col("anesthesia_mp")
    )
    * col("anesthesia_national"),
    _LOCAL,
)


def _instead(slug: str, when: Formula) -> tuple[Step, ...]:
    """A timed line gets this status in place of `anesthesia`."""
    return (Compute("status", where(_TIMED & col("status").eq("anesthesia") & when, slug, col("status"))),)


ANESTHESIA = Rule(
    "anesthesia",
    "pays anesthesia by base units and time; directed and directing each half; one that directs more, three units",
    (
        Lookup(
            "anesthesia",
            (("release", col("release")), ("hcpcs", col("hcpcs"))),
            (("base_units", "base_units"),),
            "base_found",
        ),
        Lookup(
            "anesthesia_places",
            (("release", col("release")), ("place", col("place"))),
            (("factor_cents", "printed_factor_cents"), ("factor_qp_cents", "printed_factor_qp_cents")),
            "factor_found",
        ),
        Rank("anesthesia_rank", _TOGETHER, col("base_units"), _TIMED & col("base_found").eq(1)),
        Group("anesthesia_minutes", "sum", col("minutes"), _TOGETHER, _TIMED),
        *_instead("anesthesia-base-not-held", col("base_found").eq(0)),
        Compute("anesthesia_national", where(col("qp").eq(1), col("anesthesia_factor_qp"), col("anesthesia_factor"))),
        *_instead("anesthesia-factor-not-held", col("anesthesia_national").eq(0) & col("factor_found").eq(0)),
        *_instead("in-longest-anesthesia", col("anesthesia_rank") > 1),
        *_instead("place-unknown", col("place_found").eq(0)),
        *_instead("priced", col("anesthesia_rank").eq(1)),
        Compute("priced", where(col("status").eq("priced"), 1, 0)),
        Compute(
            "local_factor_cents",
            where(
                col("factor_found").eq(1),
                where(col("qp").eq(1), col("printed_factor_qp_cents"), col("printed_factor_cents")),
                _OF_SHARES,
            ),
        ),
        Compute(
            "anesthesia_tenths",
            where(
                has("AD"),
                (col("supervised_units") + where(col("documented").eq(1), 1, 0)) * _TENTHS,
                col("base_units") * _TENTHS + cents(col("anesthesia_minutes") * _TENTHS, _MINUTES_IN_UNIT),
            ),
        ),
        Compute("anesthesia_percent", where(has("QK", "QX", "QY"), col("medical_direction"), PERCENT)),
        Compute(
            "anesthesia_cents",
            where(
                _TIMED & col("priced").eq(1),
                share_of(
                    cents(col("anesthesia_tenths") * col("local_factor_cents"), _TENTHS), col("anesthesia_percent")
                ),
                col("amount_cents"),
            ),
        ),
        Compute("amount_cents", col("anesthesia_cents")),
    ),
    ("claims-manual-12", "palmetto-anesthesia", "ngs-anesthesia"),
    money="anesthesia_cents",
)
