"""Who did it: assistants, two surgeons, teams, practitioners who are no physicians, therapist assistants.

Factors of one line combine, each on the cents before it, rounded half up. No figure of CMS settles whether they should
be multiplied first. Source: 100-04 chapter 12 sections 20.4.3, 40.8, 110 and 120; RVU25D.pdf for the indicators.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from openrvu.files import read_csv
from openrvu.rules.fee import share_of
from openrvu.rules.formula import col, where
from openrvu.rules.look import PRICED, stops
from openrvu.rules.modifiers import has
from openrvu.rules.steps import Compute, Lookup, Rule
from openrvu.units import PERCENT


@dataclass(frozen=True, slots=True)
class Provider:
    """Who may do a service: code, in words, whether the share is confirmed, source id."""

    provider: str
    words: str
    settled: bool
    source: str


@cache
def providers() -> Mapping[str, Provider]:
    """Every kind of practitioner that is known; the empty code is a physician."""
    rows = read_csv(Path(__file__).parent / "lookups" / "providers.csv")
    return {
        row["provider"]: Provider(row["provider"], row["words"], row["settled"] == "true", row["source"])
        for row in rows
    }


_PHYSICIAN_ASSISTING = has("80", "81", "82")
_ASSISTING = has("80", "81", "82", "AS")
_NO_DOCUMENTS = col("documented").eq(0)

ALLOWED = Rule(
    "second-surgeon",
    "asks the row's indicators whether an assistant, a second surgeon or a team is paid at all",
    (
        *stops("assistant-not-paid", _ASSISTING & ~col("assistant").among("0", "2")),
        *stops("documents-needed", _ASSISTING & col("assistant").eq("0") & _NO_DOCUMENTS),
        *stops("cosurgeon-not-paid", has("62") & ~col("cosurgeon").among("1", "2")),
        *stops("documents-needed", has("62") & col("cosurgeon").eq("1") & _NO_DOCUMENTS),
        *stops("team-not-paid", has("66") & ~col("team").among("1", "2")),
    ),
    ("rvu25d-layout",),
)

SURGEONS = Rule(
    "surgeons",
    "pays an assistant 16 %, one who is no physician 85 % of that, each of two surgeons 62.5 %",
    (
        Compute(
            "surgeons_percent",
            where(
                has("AS"),
                col("assistant_surgeon") * col("assistant_nonphysician") // PERCENT,
                where(
                    _PHYSICIAN_ASSISTING, col("assistant_surgeon"), where(has("62"), col("cosurgeon_share"), PERCENT)
                ),
            ),
        ),
        Compute("surgeons_cents", where(PRICED, share_of(col("amount_cents"), col("surgeons_percent")), 0)),
        Compute("amount_cents", col("surgeons_cents")),
    ),
    ("claims-manual-12", "noridian-assistant", "fcso-62", "combinations-quoted"),
    money="surgeons_cents",
)

PRACTITIONERS = Rule(
    "practitioner",
    "pays practitioners who are no physicians their share, and work done in part by a therapist assistant 85 %",
    (
        Lookup(
            "providers",
            (("provider", col("provider")),),
            (("percent", "provider_percent"), ("starts", "provider_starts")),
            "provider_found",
        ),
        *stops("provider-unknown", col("provider_found").eq(0)),
        *stops("provider-not-yet-paid", col("on") < col("provider_starts")),
        # AS has the practitioner's share inside it.
        Compute("provider_percent", where(has("AS"), PERCENT, col("provider_percent"))),
        Compute("provider_cents", where(PRICED, share_of(col("amount_cents"), col("provider_percent")), 0)),
        Compute(
            "practitioner_cents",
            where(has("CO", "CQ"), share_of(col("provider_cents"), col("therapy_assistant")), col("provider_cents")),
        ),
        Compute("amount_cents", col("practitioner_cents")),
    ),
    ("claims-manual-12",),
    money="practitioner_cents",
)
