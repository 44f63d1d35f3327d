"""Facility claims against CMS's printed rates and copayments, and arithmetic done by hand from them."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from openrvu.errors import BadInput
from openrvu.facility import held
from openrvu.facility.asc import centre_claim, derived
from openrvu.facility.claim import FacilityClaim, FacilityLine, read_wage_index
from openrvu.facility.opps import hospital_claim
from openrvu.files import facts_folder, read_csv
from openrvu.tables.load import load

DAY = date(2025, 7, 1)
THIS_YEAR = date(2026, 7, 1)


def hospital(*lines: str | FacilityLine, on: date = DAY, index: str = "") -> FacilityClaim:
    read = [FacilityLine(line) if isinstance(line, str) else line for line in lines]
    return hospital_claim(read, on, read_wage_index(index))


def centre(*lines: str | FacilityLine, on: date = THIS_YEAR, index: str = "") -> FacilityClaim:
    read = [FacilityLine(line) if isinstance(line, str) else line for line in lines]
    return centre_claim(read, on, read_wage_index(index))


@pytest.fixture
def addendum_b(cms: Path, store: Path) -> Path:
    path = cms / "opps/2025/2025 NFRM Addendum B.11122024.txt"
    load(path)
    return path


# -- hospital


@pytest.mark.parametrize("others", [("63030",), ("63047", "63005"), ("63030", "63048", "22614")])
def test_rates_of_one_visit_are_never_added(others: tuple[str, ...]) -> None:
    """What peers get wrong: 62380 + 63030 is one payment of APC 5114, 7,143.73, and not two."""
    claim = hospital("62380", *others)
    assert (claim.amount_cents, claim.patient_cents) == (714_373, 142_875)
    assert sorted(line.status for line in claim.lines) == ["comprehensive", *["packaged"] * len(others)]
    assert claim.complexity == "may-apply" and any("Addendum J" in note for note in claim.notes)


def test_the_highest_rate_is_the_primary_service_whatever_the_order() -> None:
    for codes in (("63047", "22612"), ("22612", "63047")):
        claim = hospital(*codes)
        assert claim.amount_cents == 1_839_005  # APC 5116, Addendum B
        assert {line.code: line.status for line in claim.lines} == {"22612": "comprehensive", "63047": "packaged"}


def test_units_and_sides_make_no_second_comprehensive_payment() -> None:
    assert hospital(FacilityLine("63030", ("50",), 2)).amount_cents == 714_373


def test_the_copayment_is_limited_by_the_deductible_and_both_limits_are_shown() -> None:
    claim = hospital("22612")
    assert claim.patient_cents == 167_600
    (line,) = claim.lines
    assert "3,678.01" in line.steps[0] and "1,676.00" in line.steps[0] and "1,632.00" in line.steps[0]


def test_one_service_alone_has_nothing_unmodelled() -> None:
    claim = hospital("63047")
    assert (claim.complexity, claim.status) == ("none", "priced")
    assert not any("Addendum J" in note for note in claim.notes)


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        (("63047", "63030"), "63047 with 63030."),
        (("63030", "63048"), "63030 with the add-on 63048."),
        ((FacilityLine("63030", (), 2),), "63030 with 63030."),
        ((FacilityLine("63047", ("50",)), "22614"), "63047 with 63047, 63047 with the add-on 22614."),
    ],
)
def test_a_pair_that_may_be_paid_as_the_next_group_is_named(lines: tuple[FacilityLine | str, ...], named: str) -> None:
    """Final rule of 2015, 79 FR 66770: two J1 services, or one and an add-on; which pairs, Addendum J alone says."""
    claim = hospital(*lines)
    assert claim.complexity == "may-apply"
    assert any(named in note for note in claim.notes)


def test_an_inpatient_only_service_has_no_outpatient_amount() -> None:
    claim = hospital("22532", "63047")
    assert (claim.status, claim.amount_cents, claim.patient_cents) == ("inpatient-only", None, None)


def test_a_year_that_is_not_held_is_absent() -> None:
    claim = hospital("63047", on=THIS_YEAR)
    assert (claim.status, claim.amount_cents, claim.span) == ("not-held", None, "")
    assert "Addendum B" in claim.words


def test_the_wage_index_of_a_hospital() -> None:
    # 7,143.73 x (0.6 x 1.25 + 0.4) = 7,143.73 x 1.15 = 8,215.2895; 20 % of 8,215.29 is 1,643.058.
    claim = hospital("63047", index="1.25")
    assert (claim.amount_cents, claim.patient_cents) == (821_529, 164_306)


def test_ended_procedures_in_a_hospital() -> None:
    # 50 % of 7,143.73 is 3,571.865; 20 % of 3,571.87 is 714.374, rounded up.
    assert (hospital(FacilityLine("63047", ("73",))).amount_cents) == 357_187
    assert (hospital(FacilityLine("63047", ("52",))).patient_cents) == 71_438
    assert (hospital(FacilityLine("63047", ("74",))).amount_cents) == 714_373
    # The device of 22869 is not paid before anesthesia: (12,866.82 - 9,463.55) / 2 = 1,701.635.
    assert (hospital(FacilityLine("22869", ("73",))).amount_cents) == 170_164


@pytest.mark.needs("cms")
def test_every_seventh_code_at_its_printed_rate_and_copayment(addendum_b: Path) -> None:
    """One service alone on a claim is paid the printed rate, and costs the printed copayment or the deductible."""
    with addendum_b.open(encoding="latin-1", newline="") as file:
        rows = [row for row in csv.reader(file, delimiter="\t") if len(row) > 8]
    compared = 0
    for row in rows[::7]:
        code, letter, weight, rate, national, least = (row[index].strip(" ÿ") for index in (0, 3, 5, 6, 7, 8))
        if letter not in ("J1", "S", "T", "V", "Q1", "Q2", "Q3", "J2") or not weight:
            continue
        copayment = least if national == "." else national  # some old groups keep one above the least
        cents = [int(cell.replace("$", "").replace(",", "").replace(".", "")) for cell in (rate, copayment)]
        claim = hospital(code)
        assert (claim.amount_cents, claim.patient_cents) == (cents[0], min(cents[1], 167_600)), code
        compared += 1
    assert compared > 700


@pytest.mark.needs("cms")
def test_several_procedures_without_a_comprehensive_one(addendum_b: Path, cms: Path) -> None:
    load(cms / "opps/2025/2025 NFRM Addendum P - Device Intensive List.11142024.txt")  # no device in these
    # T: 890.29 in full, 692.52 twice at half, 346.26; 20 % rounded up: 178.06 + 69.26 + 69.26.
    claim = hospital(FacilityLine("62323", units=2), "64483")
    assert claim.amount_cents == 89_029 + 2 * 34_626
    assert claim.patient_cents == 17_806 + 2 * 6_926
    # Both sides of the highest: one in full, one at half.
    assert hospital(FacilityLine("64483", ("50",))).amount_cents == 89_029 + 44_515
    # Ended before anesthesia: half for that, no discount beside, and the other is paid in full.
    assert hospital(FacilityLine("64483", ("73",)), "62323").amount_cents == 44_515 + 69_252


@pytest.mark.needs("cms")
def test_packaging_by_indicator(addendum_b: Path) -> None:
    alone, beside = hospital("93005"), hospital("93005", "20610")  # Q1, and T
    assert (alone.amount_cents, beside.lines[0].status, beside.amount_cents) == (5_940, "packaged", 29_519)
    laboratory = hospital("85025", "20610")  # Q4
    assert [line.status for line in laboratory.lines] == ["packaged", "paid"]
    assert [line.status for line in hospital("85025").lines] == ["elsewhere"]
    composite = hospital("70551", "72148")  # both Q3: perhaps one composite payment
    assert (composite.status, composite.amount_cents) == ("incomplete", None)
    nothing_owed = hospital("G0105")  # screening: CMS prints no copayment
    assert (nothing_owed.amount_cents, nothing_owed.patient_cents) == (91_171, 0)
    drug = hospital(FacilityLine("J0897", units=60))  # 26.960 and 5.03 a unit, no wage index
    assert (drug.amount_cents, drug.patient_cents) == (161_760, 30_180)
    assert hospital("50600").status == "inpatient-only"  # a rate is printed beside C, and does not pay
    assert [line.status for line in hospital("99999").lines] == ["no-such-code"]


@pytest.mark.needs("cms")
def test_a_loaded_addendum_shows_on_the_card(addendum_b: Path) -> None:
    _, rate = held.rates_on("22612", DAY)
    assert (rate.amount_cents, rate.patient_cents, rate.printed_cap_cents, rate.capped) == (
        1_839_005,
        167_600,
        163_200,
        True,
    )
    assert held.rates_on("70551", DAY)[1].amount_cents == 24_172
    assert held.rates_on("50600", DAY)[1].amount_cents is None


@pytest.mark.needs("cms")
def test_the_embedded_device_offsets_are_those_of_the_addendum(cms: Path, store: Path) -> None:
    embedded = {row["code"]: held.device_offset(row["code"], DAY)[0] for row in _offsets()}
    assert embedded["22869"] == 946_355
    family = {row["code"] for row in read_csv(facts_folder() / "facility" / "rates.csv") if row["system"] == "OPPS"}
    before = {code: held.device_offset(code, DAY)[0] for code in family}
    load(cms / "opps/2025/2025 NFRM Addendum P - Device Intensive List.11142024.txt")
    assert {code: held.device_offset(code, DAY)[0] for code in family} == before


def _offsets() -> list[dict[str, str]]:
    return read_csv(facts_folder() / "facility" / "device_offsets.csv")


# -- surgical centre


@pytest.mark.parametrize(
    ("year", "cents"),
    [(2021, 292_917), (2022, 299_815), (2023, 313_769), (2024, 339_292), (2025, 351_084), (2026, 369_553)],
)
def test_a_surgical_centre_by_year(year: int, cents: int) -> None:
    claim = centre("63047", on=date(year, 7, 1))
    assert (claim.amount_cents, claim.span) == (cents, str(year))


def test_the_wage_index_of_a_surgical_centre() -> None:
    # 3,695.53 x (0.5 x 1.2 + 0.5) = 4,065.083; 20 % is 813.0166.
    claim = centre("63047", index="1.2")
    assert (claim.amount_cents, claim.patient_cents) == (406_508, 81_302)


def test_ended_and_reduced_procedures_in_a_surgical_centre() -> None:
    amounts = {one: centre(FacilityLine("63047", (one,))).amount_cents for one in ("52", "73", "74")}
    assert amounts == {"52": 184_777, "73": 184_777, "74": 369_553}  # half of 3,695.53 is 1,847.765


def test_device_credits_come_before_the_wage_index() -> None:
    # The device portion is made up (3,000.00). FB: (5,610.15 - 3,000) x 1.1 = 2,871.165; FC: (5,610.15 - 1,500) x 1.1.
    whole = FacilityLine("62330", ("FB",), device_cents=300_000)
    half = FacilityLine("62330", ("FC",), device_cents=300_000)
    assert centre(whole, index="1.2").amount_cents == 287_117
    assert centre(half, index="1.2").amount_cents == 452_117  # 4,521.165


def test_a_device_portion_that_is_not_held_leaves_the_amount_open() -> None:
    claim = centre(FacilityLine("62330", ("FB",)))
    assert (claim.status, claim.amount_cents) == ("incomplete", None)
    assert "--device-offset" in claim.words
    assert centre("62330").amount_cents == 561_015


def test_a_packaged_add_on_in_a_surgical_centre() -> None:
    claim = centre("62330", "62331")
    assert [(line.status, line.amount_cents) for line in claim.lines] == [("paid", 561_015), ("packaged", 0)]
    assert claim.patient_cents == 112_203


def test_the_discount_of_embedded_rows_is_not_guessed() -> None:
    claim = centre("63047", "63030")
    assert [line.status for line in claim.lines] == ["paid", "discount-not-held"]
    assert claim.amount_cents is None and "1,847.77 if so" in claim.words


ASC = (
    "HCPCS Code,,Short Descriptor,Subject to Multiple Procedure Discounting,"
    "April 2026 Payment Indicator,April 2026  Payment Weight  ,April 2026 Payment Rate\n"
    # 64628 as CMS prints it; the rest is made up to show the rule.
    '64628,,,Y,J8,175.6211,"$9,891.33 "\n99991,,,Y,G2,10.0000,$563.22\n99992,,,Y,G2,5.0000,$281.61\n'
    "99993,,,N,G2,1.0000,$56.32\n99994,,,N,N1,,\n"
)


@pytest.fixture
def addendum_aa(tmp_path: Path) -> str:
    path = tmp_path / "aa.csv"
    path.write_text(ASC)
    (loaded,) = load(path)
    assert loaded.notes == ("4 of 4 rates are weight x 56.322 to the cent",)
    return loaded.release


def test_of_discounted_procedures_the_highest_is_full_and_the_others_half(addendum_aa: str) -> None:
    assert addendum_aa == "2026B"
    claim = centre(FacilityLine("99992", units=2), "99991", "99993", "99994")
    amounts = {line.code: line.amount_cents for line in claim.lines}
    # 563.22 in full; 281.61 twice at half, 140.805 each; N pays in full; N1 is packaged.
    assert amounts == {"99991": 56_322, "99992": 2 * 14_081, "99993": 5_632, "99994": 0}


def test_a_device_portion_is_not_discounted(addendum_aa: str) -> None:
    # Device made up: 9,000.00. As the second procedure it would be 9,000 + 891.33 / 2; here it is the first.
    first = centre(FacilityLine("64628", device_cents=900_000), "99991")
    assert [line.amount_cents for line in first.lines] == [989_133, 28_161]
    # Twice the same: the second is 9,000.00 + 445.665.
    twice = centre(FacilityLine("64628", units=2, device_cents=900_000))
    assert twice.amount_cents == 989_133 + 944_567
    assert centre(FacilityLine("64628", units=2)).amount_cents is None


def test_ended_procedures_are_exempt_from_the_discount(addendum_aa: str) -> None:
    claim = centre(FacilityLine("99991", ("73",)), "99992")
    assert [line.amount_cents for line in claim.lines] == [28_161, 28_161]  # half for 73; the other in full


def test_a_code_that_a_whole_addendum_lacks_is_not_covered(addendum_aa: str) -> None:
    (line,) = centre("63047").lines
    assert (line.status, line.amount_cents) == ("not-covered", 0)
    assert centre("63047", on=date(2026, 2, 1)).amount_cents == 369_553  # before the quarter, the embedded row


def test_a_centre_s_rate_from_the_hospital_s_weight() -> None:
    # 10.0000 x 0.872 = 8.7200; x 56.322 = 491.12784.
    assert derived(100_000, THIS_YEAR)[:2] == (87_200, 49_113)


# -- input


def test_a_modifier_without_effect_is_named() -> None:
    for claim in (hospital(FacilityLine("63047", ("LT",))), centre(FacilityLine("63047", ("LT",)))):
        assert "63047: LT does not change the facility amount here." in claim.notes
    assert any("value code FD" in note for note in hospital(FacilityLine("22869", ("FB",))).notes)


@pytest.mark.parametrize("text", ["0", "nan", "12", "-1", "1.00001", "1e3"])
def test_an_impossible_wage_index_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        read_wage_index(text)


@pytest.mark.parametrize("units", [0, -1, 10_001])
def test_impossible_units_are_refused(units: int) -> None:
    with pytest.raises(BadInput):
        hospital(FacilityLine("63047", units=units))
