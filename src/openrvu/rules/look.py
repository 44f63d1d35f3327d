"""What holds for a line: the release of its date, the row of its code, its place, its conversion factor.

A look-up that finds nothing leaves zeros and a status that says what is missing; the line goes on with amount 0.
"""

from __future__ import annotations

from openrvu.rules.formula import Formula, col, where
from openrvu.rules.modifiers import has
from openrvu.rules.steps import Compute, Group, Lookup, Rule, Step

PRICED = col("priced").eq(1)

# Dated scalars without which nothing can be paid on a day, and those that only some services need.
NEEDED = (
    *("bilateral_surgery", "assistant_surgeon", "assistant_nonphysician", "cosurgeon_share", "therapy_assistant"),
    *("imaging_technical", "imaging_professional", "cardiovascular_technical", "ophthalmology_technical", "therapy_pe"),
    *("film", "computed_radiography", "ct_standard", "medical_direction", "supervised_units"),
    *("nonparticipating", "limiting_charge", "coinsurance", "sequestration"),
)
DATED = (
    *NEEDED,
    *("anesthesia_factor", "anesthesia_factor_qp", "anesthesia_work", "anesthesia_pe", "anesthesia_mp"),
)
_RVUS = ("work_rvu", "pe_nonfacility_rvu", "pe_facility_rvu", "mp_rvu")
ROW = (
    *("letter", "outcome", *_RVUS),
    *(f"{part}_{name}" for part in ("pro", "base") for name in _RVUS),
    *("opps_pe_nonfacility_rvu", "opps_pe_facility_rvu", "opps_mp_rvu"),
    *("preoperative", "intraoperative", "postoperative", "pctc", "global_days", "multiple", "bilateral"),
    *("assistant", "cosurgeon", "team", "endoscopic_base", "imaging_family"),
)


def _named(*columns: str) -> tuple[tuple[str, str], ...]:
    return tuple((column, column) for column in columns)


def stops(slug: str, when: Formula) -> tuple[Step, ...]:
    """A line that is still priced gets a status that says why it is not."""
    hit = PRICED & when
    return (
        Compute("status", where(hit, slug, col("status"))),
        Compute("priced", where(col("status").eq("priced"), 1, 0)),
    )


RELEASE = Rule(
    "release",
    "finds the release in force on the date of service, and every dated value of that day",
    (
        Lookup(
            "calendar",
            (("on", col("on")),),
            _named("release", "gpci", "rules_held", "conversion_factor", "conversion_factor_qp", *DATED),
            "release_held",
        ),
    ),
    ("rvu25d-layout",),
)

RECORD = Rule(
    "record",
    "takes the row of the release for the code and for 26, TC or 53",
    (
        Lookup(
            "relative_values",
            (("release", col("release")), ("hcpcs", col("hcpcs")), ("row_modifier", col("row_modifier"))),
            _named(*ROW),
            "record_found",
        ),
    ),
    ("rvu25d-layout",),
)

STATUS = Rule(
    "status",
    "says by the status letter whether the row pays by its RVUs, and if not, why",
    (
        Compute(
            "status",
            where(
                col("release_held").eq(0),
                "release-not-held",
                where(
                    col("rules_held").eq(0),
                    "rules-not-held",
                    where(
                        col("modifiers_known").eq(0),
                        "modifier-unknown",
                        where(
                            col("modifiers_conflict").eq(1),
                            "modifiers-conflict",
                            where(col("record_found").eq(0), "no-record", col("outcome")),
                        ),
                    ),
                ),
            ),
        ),
        Compute("priced", where(col("status").eq("priced"), 1, 0)),
        # What follows stops only lines that are priced, so it is known here what anesthesia has to time.
        Compute("timed", where(col("status").eq("anesthesia") & ((col("minutes") > 0) | has("AD")), 1, 0)),
    ),
    ("rvu25d-layout",),
)

LOCALITY = Rule(
    "locality",
    "takes the GPCIs of the place, which hold their floors as published",
    (
        Lookup(
            "places",
            (("gpci", col("gpci")), ("place", col("place"))),
            _named("work_gpci", "pe_gpci", "mp_gpci"),
            "place_found",
        ),
        *stops("place-unknown", col("place_found").eq(0)),
    ),
    ("42cfr414.26",),
)

FACTOR = Rule(
    "conversion-factor",
    "takes the conversion factor of the day, from 2026 by whether the physician is a qualifying APM participant",
    (Compute("factor", where(col("qp").eq(1), col("conversion_factor_qp"), col("conversion_factor"))),),
    ("42cfr414.28",),
)

_CONDITIONAL = PRICED & col("letter").eq("T")
CONDITIONAL = Rule(
    "conditional",
    "pays status T only where nothing else is payable to the same provider that day",
    (
        # Few sessions have such a line: only in them is anything counted.
        Group("conditional_lines", "sum", where(_CONDITIONAL, 1, 0), ("session", "on"), _CONDITIONAL),
        Group(
            "others_payable",
            "sum",
            where(col("letter").eq("T"), 0, 1),
            ("session", "on"),
            PRICED & (col("conditional_lines") > 0),
        ),
        *stops("bundled-that-day", col("letter").eq("T") & (col("others_payable") > 0)),
    ),
    ("rvu25d-layout",),
)
