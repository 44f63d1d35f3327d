"""Comparison tables against the figures that CMS and the published study print."""

from __future__ import annotations

import pytest

from openrvu.cards.compare import RATIONALE, compare
from openrvu.errors import BadInput, NotHeld, UnknownCode


def test_percentages_that_the_study_prints_and_those_of_today() -> None:
    # Printed with the work RVUs 16.43, 15.37, 12.00 and 7.03: 111.1, 118.71, 152.1 and 259.55 %.
    codes = ["62380", "63005", "63047", "63030", "22869"]
    then = compare(codes, on="2023-06-01", work="18.2464")
    assert [row.ratio_percent for row in then.rows] == ["", "111.06", "118.71", "152.05", "259.55"]
    # 2026: 16.02, 14.99, 11.70 and 6.85, so 18.2464 / 16.02 = 113.90 %, and so on.
    now = compare(codes, on="2026-07-01", work="18.2464")
    assert [row.ratio_percent for row in now.rows] == ["", "113.90", "121.72", "155.95", "266.37"]


def test_ratio_to_the_first_code() -> None:
    # 63030 12.00 and 22869 7.03 as a percentage of 63047's 15.37: 78.07 and 45.74.
    found = compare(["63047", "63030", "22869"], on="2025-07-01")
    assert [row.ratio_percent for row in found.rows] == ["100.00", "78.07", "45.74"]
    assert found.base == "work RVU as a percentage of that of 63047"


def test_rvus_and_amounts_of_2026() -> None:
    (row,) = [row for row in compare(["63047", "63005"], on="2026-07-01").rows if row.code == "63005"]
    assert (row.work_rvu, row.pe_rvu, row.mp_rvu, row.total_rvu) == (160_200, 135_600, 61_200, 357_000)
    assert row.amount_cents == 119_241
    assert row.source == "rvu26c-extract"


def test_comparators_of_a_code_without_a_price_are_labelled_and_others_are_not() -> None:
    assert compare(["62380", "63047"], on="2026-07-01").note == RATIONALE
    assert RATIONALE == "For pricing rationale only, not reportable instead."
    assert compare(["63047", "63030"], on="2026-07-01").note == ""


def test_no_ratio_to_a_code_without_a_work_rvu_and_the_table_says_so() -> None:
    found = compare(["62380", "63047"], on="2026-07-01")
    assert [row.ratio_percent for row in found.rows] == ["", ""]
    assert found.base.startswith("none: 62380 has no work RVU")


def test_a_code_that_the_extract_lacks_keeps_its_row_with_the_reason() -> None:
    found = compare(["63047", "63620"], on="2026-07-01")
    (row,) = [row for row in found.rows if row.code == "63620"]
    assert (row.status, row.work_rvu, row.amount_cents) == ("not-held", None, None)
    assert "not among the 191 codes held" in row.status_words


def test_place_setting_and_factor_reach_the_amounts() -> None:
    # 22554 in Alaska, from CMS's payment file; 62330 with the factor of qualifying APM participants, 14.35 x 33.5675.
    there = compare(["22554", "63047"], on="2026-07-01", place="Alaska")
    assert (there.locality.id, there.rows[0].amount_cents) == ("02102-01", 144_588)
    assert compare(["62330", "62331"], on="2026-07-01", qualifying_apm=True).rows[0].amount_cents == 48_169
    office = compare(["99213", "63047"], on="2025-01-01", setting="nonfacility")
    assert (office.rows[0].pe_rvu, office.rows[0].total_rvu) == (13_500, 27_500)


@pytest.mark.parametrize(
    ("codes", "work", "says"),
    [
        (["63047"], "", "Give two to 12"),
        (["63047"] * 13, "", "13 codes"),
        (["63047", "63030"], "much", "not a number"),
        (["63047", "63030"], "0", "not above 0"),
        (["63047", "6303"], "", "not a CPT or HCPCS code"),
    ],
)
def test_bad_input(codes: list[str], work: str, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        compare(codes, on="2025-07-01", work=work)


def test_a_code_of_no_release_and_a_date_of_none() -> None:
    with pytest.raises(UnknownCode, match="99999"):
        compare(["63047", "99999"], on="2025-07-01")
    with pytest.raises(NotHeld, match="Nearest: 2024C"):
        compare(["63047", "63030"], on="2024-11-01")
