"""Professional and technical parts of diagnostic tests: film x-rays, several tests in one session, the OPPS cap.

Sources: RVU25D.pdf, indicators 4, 6 and 7 and the imaging cap. Parts are cents: the professional part is the amount of
the 26 row, the technical part the rest of the line's own amount, so that both add up to it. No figure of CMS settles
whether a global line's technical part is that or the TC row's own amount, which may differ by a cent. Of a test whose
parts are codes of their own (PC/TC indicator 4) the technical part is not told apart, and nothing is taken off.
"""

from __future__ import annotations

from openrvu.rules.fee import by_setting, fee_of, share_of
from openrvu.rules.formula import Formula, col, greatest, least, where
from openrvu.rules.look import PRICED
from openrvu.rules.modifiers import has
from openrvu.rules.steps import Compute, Rank, Rule
from openrvu.units import PERCENT

_TEST = col("test").eq(1)
_PRO_PE = by_setting("pro_pe_facility_rvu", "pro_pe_nonfacility_rvu")
# What a further unit is paid is told here, but for the few tests that are ranked as surgery.
_BY_TEST = _TEST & ~col("multiple").among("1", "2", "3")
_WHOLE = col("professional_cents") + col("technical_cents")
_LATER = col("later_professional_cents") + col("later_technical_cents")


def _as_the_line(amount: Formula) -> Formula:
    """An amount after what the whole line went through: both sides, and the rank of surgery."""
    return share_of(share_of(amount, col("bilateral_percent")), col("rank_percent"))


PARTS = Rule(
    "parts",
    "splits a test into its professional and its technical part, and takes off for film, cassette or an old CT scanner",
    (
        Compute(
            "test",
            where(PRICED & (col("pctc").eq("1") | col("pctc").eq("3")), 1, 0),
        ),
        Compute(
            "professional_cents",
            where(
                _TEST,
                least(_as_the_line(fee_of(col("pro_work_rvu"), _PRO_PE, col("pro_mp_rvu"))), col("amount_cents")),
                col("amount_cents"),
            ),
        ),
        Compute("full_professional_cents", col("professional_cents")),
        Compute(
            "film_percent",
            where(
                has("FX"),
                col("film"),
                where(has("FY"), col("computed_radiography"), where(has("CT"), col("ct_standard"), PERCENT)),
            ),
        ),
        Compute(
            "technical_cents",
            share_of(greatest(col("amount_cents") - col("professional_cents"), 0), col("film_percent")),
        ),
        Compute("parts_cents", where(PRICED, _WHOLE, 0)),
        Compute("later_cents", where(_BY_TEST, col("parts_cents"), col("later_cents"))),
        Compute("amount_cents", col("parts_cents")),
    ),
    ("rvu25d-layout", "42usc1395w-4b9"),
    money="parts_cents",
)

# Imaging of a session apart (59, XE) is ranked alone; heart and eye tests are ranked by the day.
_AGAIN = (
    PRICED
    & _TEST
    & ((col("multiple").eq("4") & col("imaging_family").eq("88") & ~has("59", "XE")) | col("multiple").among("6", "7"))
)
_RANKED = col("tests_ranked").eq(1)

TESTS = Rule(
    "tests",
    "pays the highest technical part in full and later ones less: imaging of a session 50 %, heart tests of a day 75, "
    "eye tests of a day 80; later professional parts of imaging at 95 %",
    (
        Compute("tests_ranked", where(_AGAIN, 1, 0)),
        Rank(
            "technical_rank",
            ("session", "on", "multiple"),
            col("technical_cents"),
            _RANKED & (col("technical_cents") > 0),
        ),
        Rank(
            "professional_rank",
            ("session", "on", "multiple"),
            col("professional_cents"),
            _RANKED & col("multiple").eq("4") & (col("professional_cents") > 0),
        ),
        Compute(
            "later_technical_percent",
            where(
                _RANKED,
                where(
                    col("multiple").eq("4"),
                    col("imaging_technical"),
                    where(col("multiple").eq("6"), col("cardiovascular_technical"), col("ophthalmology_technical")),
                ),
                PERCENT,
            ),
        ),
        Compute(
            "later_professional_percent",
            where(_RANKED & col("multiple").eq("4"), col("imaging_professional"), PERCENT),
        ),
        Compute("later_technical_cents", share_of(col("technical_cents"), col("later_technical_percent"))),
        Compute("later_professional_cents", share_of(col("professional_cents"), col("later_professional_percent"))),
        Compute(
            "technical_cents",
            where(col("technical_rank") > 1, col("later_technical_cents"), col("technical_cents")),
        ),
        Compute(
            "professional_cents",
            where(col("professional_rank") > 1, col("later_professional_cents"), col("professional_cents")),
        ),
        Compute("tests_cents", where(PRICED, _WHOLE, 0)),
        Compute("later_cents", where(_BY_TEST, _LATER, col("later_cents"))),
        Compute("amount_cents", col("tests_cents")),
    ),
    ("rvu25d-layout",),
    money="tests_cents",
)

CAP = Rule(
    "opps-cap",
    "pays no more for the technical part of imaging than hospitals get, after the reduction for several",
    (
        Compute("cap_pe_rvu", by_setting("opps_pe_facility_rvu", "opps_pe_nonfacility_rvu")),
        Compute("capped", where(_TEST & (col("cap_pe_rvu") > 0), 1, 0)),
        Compute(
            "cap_cents",
            where(
                col("capped").eq(1),
                share_of(fee_of(col("work_rvu"), col("cap_pe_rvu"), col("opps_mp_rvu")), col("bilateral_percent")),
                0,
            ),
        ),
        Compute("cap_technical_cents", greatest(col("cap_cents") - col("full_professional_cents"), 0)),
        *(
            Compute(name, where(col("capped").eq(1), least(col(name), col("cap_technical_cents")), col(name)))
            for name in ("technical_cents", "later_technical_cents")
        ),
        Compute("capped_cents", where(PRICED, _WHOLE, 0)),
        Compute("later_cents", where(_BY_TEST, _LATER, col("later_cents"))),
        Compute("amount_cents", col("capped_cents")),
    ),
    ("rvu25d-layout",),
    money="capped_cents",
)
