"""Facility rates against CMS's addenda: rates, the patient's share, the hospital cap, and what was not found."""

import pytest

from openrvu.codes.facility import facility_rates, latest


def test_62380_by_year_in_a_surgical_centre() -> None:
    amounts = {r.year: r.amount_cents for r in facility_rates("62380") if r.system == "ASC"}
    assert amounts == {2021: 292917, 2022: 299815, 2023: 313769, 2024: 339292, 2025: 351084, 2026: 369553}


@pytest.mark.parametrize("code", ["62380", "63030", "63047"])
def test_the_three_share_one_rate(code: str) -> None:
    assert [r.amount_cents for r in latest(code) if r.system == "ASC"] == [369553]


def test_a_hospital_copayment_is_capped_at_the_inpatient_deductible() -> None:
    # Addendum B prints a minimum copayment of 3,678.01 for APC 5116; the 2025 inpatient deductible is 1,676.
    (hospital,) = [r for r in latest("22612") if r.system == "OPPS"]
    assert (hospital.amount_cents, hospital.patient_cents, hospital.capped) == (1839005, 167600, True)


def test_one_that_stays_below_the_cap() -> None:
    # 20 % of 7,143.73 is 1,428.746, rounded up in the addendum: 1,428.75.
    (hospital,) = [r for r in latest("62380") if r.system == "OPPS"]
    assert (hospital.patient_cents, hospital.capped) == (142875, False)


def test_packaged_and_inpatient_only_have_no_amount() -> None:
    assert [r.amount_cents for r in facility_rates("62331")] == [None]
    assert [r.note for r in facility_rates("22532")] == ["inpatient only"]


def test_a_code_without_a_rate_has_none() -> None:
    assert latest("99213") == ()
