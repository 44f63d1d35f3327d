"""Facility rates against CMS's addenda: rates, the patient's share, the hospital cap, and what was not found."""

import csv
from datetime import date
from pathlib import Path

import pytest

from openrvu.codes.facility import facility_amounts, facility_rates, latest, rates
from openrvu.codes.families import families


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
    # Both limits are shown: the addendum's own (2024's) and that of the claim's year.
    assert hospital.printed_cap_cents == 163200
    assert hospital.settled
    assert "1,676.00" in hospital.note and "1,632.00" in hospital.note


def test_one_that_stays_below_the_cap() -> None:
    # 20 % of 7,143.73 is 1,428.746, rounded up in the addendum: 1,428.75.
    (hospital,) = [r for r in latest("62380") if r.system == "OPPS"]
    assert (hospital.patient_cents, hospital.capped) == (142875, False)


def test_packaged_and_inpatient_only_have_no_amount() -> None:
    assert [(r.amount_cents, r.found) for r in facility_rates("62331")] == [(None, True)]
    assert [r.note for r in facility_rates("22532")] == ["inpatient only"]


def test_on_a_date_the_rate_is_of_its_year_and_none_of_a_later_one() -> None:
    centre, hospital = facility_amounts("62380", date(2024, 2, 1))
    assert (centre.year, centre.amount_cents) == (2024, 339292)
    assert (hospital.found, hospital.note) == (False, "not found")


def test_an_older_rate_says_what_is_not_held() -> None:
    _, hospital = facility_amounts("62380", date(2026, 7, 1))
    assert (hospital.year, hospital.patient_cents) == (2025, 142875)
    assert "as of 2025; 2026 is not held" in hospital.note


@pytest.mark.needs("cms")
def test_hospital_rates_are_those_of_the_addendum(cms: Path) -> None:
    """Every 2025 row against CMS's Addendum B; and the minimum copayment is 20 % rounded up to the cent."""
    text = (cms / "opps/2025/2025 NFRM Addendum B.11122024.txt").read_text(encoding="latin-1")
    printed = {
        row[0].strip(): [cell.strip() for cell in row] for row in csv.reader(text.splitlines(), delimiter="\t") if row
    }
    held = [rate for rate in rates() if (rate.system, rate.year) == ("OPPS", 2025)]
    family = {code for family in families() for code in family.services}
    assert {rate.code for rate in held} == family & set(printed)

    def cents(cell: str) -> int | None:
        return int(cell.replace("$", "").replace(",", "").replace(".", "")) if cell else None

    for rate in held:
        row = printed[rate.code]
        assert (rate.indicator, rate.apc, rate.amount_cents) == (row[3], row[4], cents(row[6])), rate.code
        assert (rate.minimum_copayment_cents, rate.printed_cap_cents) == (cents(row[8]), cents(row[10])), rate.code
        if rate.amount_cents is not None:
            assert rate.minimum_copayment_cents == -(-rate.amount_cents // 5), rate.code
