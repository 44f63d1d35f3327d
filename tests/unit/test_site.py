"""A case at one site: both bills from published amounts, what is absent, and the same through the command line."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from openrvu import answers
from openrvu.cli import main
from openrvu.errors import BadInput, NotHeld, UnknownCode
from openrvu.facility.case import AtSite, at_site, read_line
from openrvu.facility.claim import FacilityLine


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def data(*arguments: str) -> dict[str, Any]:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


# National facility amount of 63047 (CMS): 1,094.93 in 2025, 1,065.49 in 2026; surgical centre 3,510.84 and 3,695.53;
# hospital 2025 7,143.73 with a copayment of 1,428.75. 20 %: 218.986, 213.098, 702.168, 739.106.
@pytest.mark.parametrize(
    ("site", "on", "professional", "facility", "patient"),
    [
        ("asc", "2025-07-01", 109_493, 351_084, 21_899 + 70_217),
        ("asc", "2026-07-01", 106_549, 369_553, 21_310 + 73_911),
        ("hopd", "2025-07-01", 109_493, 714_373, 21_899 + 142_875),
    ],
)
def test_both_bills_and_their_sum(site: str, on: str, professional: int, facility: int, patient: int) -> None:
    found = at_site(["63047"], site, on=on)
    assert (found.professional_amount_cents, found.facility_amount_cents) == (professional, facility)
    assert (found.total_cents, found.patient_cents) == (professional + facility, patient)


def test_in_an_office_no_building_is_paid() -> None:
    # 99213 outside a facility in 2025: 88.95 (CMS's national amount); 20 % is 17.79.
    found = at_site(["99213"], "office", on="2025-07-01")
    assert (found.setting, found.facility, found.facility_amount_cents) == ("nonfacility", None, 0)
    assert (found.total_cents, found.patient_cents) == (8_895, 1_779)


def test_a_rate_that_is_not_held_leaves_the_total_open_and_names_the_earlier_one() -> None:
    found = at_site(["63047"], "hopd", on="2026-07-01")
    assert (found.professional_amount_cents, found.facility_amount_cents, found.total_cents, found.patient_cents) == (
        106_549,
        None,
        None,
        None,
    )
    assert "63047: the rate of 2025 was 7,143.73; it is not carried forward." in found.notes


def test_a_contractor_priced_service_leaves_the_total_open() -> None:
    found = at_site(["62380"], "asc", on="2026-07-01")
    assert (found.professional[0].status, found.facility_amount_cents, found.total_cents) == (
        "contractor-priced",
        369_553,
        None,
    )


def test_an_add_on_is_not_reduced_so_both_amounts_add_up() -> None:
    alone = [at_site([code], "hopd", on="2025-07-01").professional_amount_cents or 0 for code in ("63047", "63048")]
    found = at_site(["63047", "63048x2"], "hopd", on="2025-07-01")
    assert found.professional_amount_cents == alone[0] + 2 * alone[1]
    assert found.facility_amount_cents == 714_373


def test_the_physician_s_services_are_reduced_together() -> None:
    # National facility amounts of 2025 (CMS): 22612 1,553.60, 63047 1,094.93; the second at half, 547.465.
    found = at_site(["63047", "22612"], "hopd", on="2025-07-01")
    assert [line.amount_cents for line in found.professional] == [54_747, 155_360]
    assert (found.professional_amount_cents, found.facility_amount_cents) == (210_107, 1_839_005)
    assert found.total_cents == 210_107 + 1_839_005


def test_both_sides_for_the_physician_and_one_payment_for_the_hospital() -> None:
    # 63030: 907.64 x 150 % = 1,361.46 (CMS's national amount of 2025); the hospital's payment stays one.
    found = at_site(["63030-50"], "hopd", on="2025-07-01")
    assert (found.professional_amount_cents, found.facility_amount_cents) == (136_146, 714_373)


def test_a_test_in_a_facility_is_the_physician_s_professional_part() -> None:
    # Alabama 2025, CMS's payment file PFAL25A: 70492-26 70.01, 70492 194.90. The technical part is the hospital's.
    whole, part = (at_site([code], "hopd", on="2025-02-01", place="Alabama") for code in ("70492", "70492-26"))
    assert whole.professional[0].amount_cents == part.professional[0].amount_cents == 7_001
    assert at_site(["70492"], "office", on="2025-02-01", place="Alabama").total_cents == 19_490
    assert whole.professional[0].status == "professional-part"


def test_what_must_be_said_first_is_said() -> None:
    assert "evidence development" in at_site(["62330"], "asc", on="2026-07-01").leads[0]


def test_units_above_the_limit_are_a_warning() -> None:
    found = at_site(["63048x6"], "hopd", on="2026-07-01")
    assert any("63048: 6 of at most 5 units" in warning for warning in found.warnings)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("63047", FacilityLine("63047")),
        ("22853x2", FacilityLine("22853", (), 2)),
        ("63047-52:lt x3".replace(" ", ""), FacilityLine("63047", ("52", "LT"), 3)),
        ("0275t-q0", FacilityLine("0275T", ("Q0",))),
    ],
)
def test_a_line_as_typed(text: str, line: FacilityLine) -> None:
    assert read_line(text) == line


@pytest.mark.parametrize("text", ["", "63047-", "63047x", "63047-123", "6304", "63047 and more"])
def test_a_line_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        read_line(text)


def test_bad_input_is_refused() -> None:
    with pytest.raises(BadInput, match="no site"):
        at_site(["63047"], "home")
    with pytest.raises(BadInput, match="no line"):
        at_site([], "asc")
    with pytest.raises(UnknownCode):
        at_site(["99999"], "asc")
    with pytest.raises(NotHeld):
        at_site(["63047"], "asc", on="2024-11-01")


# -- command line


def test_price_with_a_site_is_the_same_as_site() -> None:
    one = data("price", "63047", "--site", "asc", "--on", "2026-07-01")
    two = data("site", "63047", "--site", "asc", "--on", "2026-07-01")
    found: AtSite = at_site(["63047"], "asc", on="2026-07-01")
    assert one == two
    foot = one.pop("foot")
    assert (foot["release"], foot["on"]) == ("2026C", "2026-07-01")
    assert one == answers.encode(found)
    assert (one["total"], one["facility"]["lines"][0]["rate"]) == ("4761.02", "3695.53")


def test_the_table_as_csv() -> None:
    result = run("site", "63047", "63048x2", "--site", "hopd", "--on", "2025-07-01", "--csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["bill"] for row in rows[:4]] == ["professional"] * 2 + ["facility"] * 2
    assert rows[2]["amount"] == "7143.73" and rows[3]["status"] == "packaged"


def test_the_device_portion_of_the_user() -> None:
    made = data("site", "62330-FB", "--site", "asc", "--on", "2026-07-01", "--device-offset", "62330=3,000.00")
    assert made["facility"]["amount"] == "2610.15"  # 5,610.15 less the made-up 3,000.00


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("site", "63047"), 2, "--site office"),
        (("site", "63047", "--site", "asc", "--wage-index", "twelve"), 1, "wage index"),
        (("site", "63047", "--site", "asc", "--device-offset", "62330"), 1, "62330=4137.44"),
        (("site", "63047", "--site", "asc", "--device-offset", "62330=1"), 1, "not on the claim"),
        (("site", "63047x0", "--site", "asc"), 1, "0 units"),
    ],
)
def test_what_a_command_refuses(arguments: tuple[str, ...], code: int, words: str) -> None:
    result = run(*arguments)
    assert result.exit_code == code
    assert words in result.output


def test_what_is_printed() -> None:
    result = run("site", "22612", "63047", "--site", "hopd", "--on", "2025-07-01", "--wage-index", "1.25")
    assert result.exit_code == 0
    for words in (
        "facility rates of 2025",
        "21,148.56",
        "complexity adjustment",
        "Addendum J",
        "before any deductible",
    ):
        assert words in result.output  # 18,390.05 x 1.15 = 21,148.5575


def test_the_physicians_modifiers_and_units_are_priced() -> None:
    """RVU25C 63030 is 907.64; both sides 150 %, two surgeons 62.5 %; two units of 22853, an add-on at 250.36."""
    found = at_site(["63030-50-62"], "hopd", on="2025-07-01")
    assert found.professional[0].amount_cents == 85_091
    assert at_site(["22853x2"], "hopd", on="2025-07-01").professional[0].amount_cents == 50_072
