"""What a comparison gives: counts, differences, and why a record could not be compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

NOT_COMPARABLE = {
    "no-rvu": "the release as held has no row for the code and modifier: load CMS's whole file",
    "no-rvu-value": "the row of the release has no RVUs, and the published amount is not made of any",
    "locality-not-in-gpci": "the carrier and locality are in no GPCI table of the release",
}


@dataclass(frozen=True)
class Difference:
    """An amount that is not the one CMS publishes, in cents.

    amount: nonfacility, facility, the same with cap-, or therapy-office and therapy-institution.
    """

    mac: str
    locality: str
    code: str
    modifier: str
    amount: str
    published_cents: int
    computed_cents: int


@dataclass(frozen=True)
class Reconciliation:
    """The outcome for one file.

    kind: payment or oppscap. release: the one used; why: how it was found. track: conversion factor used, all, nonQP
    or QP. compared, matched: fee amounts, two a record. caps_compared, caps_matched: records with an OPPS cap.
    therapy_compared, therapy_matched: amounts with PE halved, two a therapy record. different: amounts that differ, a
    cap in each setting; differences: the first LISTED of them. not_comparable: records by reason (NOT_COMPARABLE).
    no_rvu: of those without a row, records by code. notes: what is worth knowing about the file.
    """

    file: str
    sha256: str
    kind: str
    release: str
    why: str
    track: str
    conversion_factor: str
    records: int
    compared: int
    matched: int
    caps_compared: int
    caps_matched: int
    therapy_compared: int
    therapy_matched: int
    different: int
    differences: tuple[Difference, ...]
    not_comparable: Mapping[str, int]
    no_rvu: Mapping[str, int]
    notes: tuple[str, ...]
