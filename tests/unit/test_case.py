"""The case builder: amounts as worked in `tests/cases/claims/spine.toml`, sums and dates by hand."""

from __future__ import annotations

import csv
import io
import json
import time
from datetime import date
from statistics import median
from typing import Any

import pytest
from click.testing import CliRunner

import openrvu
from openrvu.casing import Case, CaseLine, case
from openrvu.cli import main
from openrvu.errors import BadInput
from openrvu.facts import embedded
from openrvu.rules.claim import price_lines

FUSION = ("22633", "22634", "22842", "22853x2", "63052", "63053")
ON = "2025-07-01"


def line(found: Case, code: str, role: str = "surgeon") -> CaseLine:
    (one,) = [one for one in found.lines if (one.code, one.role) == (code, role)]
    return one


def test_a_fusion_and_its_assistant() -> None:
    found = openrvu.case(FUSION, assistant="AS", on=ON)
    surgeon, assistant = found.totals
    assert (surgeon.role, surgeon.allowed_cents) == ("surgeon", 396_794)
    # 1781.00 + 470.97 + 741.38 + 500.72 + 251.33 + 222.54
    assert (assistant.role, assistant.allowed_cents) == ("assistant", 53_965)
    # 242.22 + 64.05 + 100.83 + 68.10 + 34.18 + 30.27
    assert surgeon.work_rvu == surgeon.paid_work_rvu == 638_500  # 26.80 + 7.96 + 12.56 + 2 x 4.25 + 4.25 + 3.78
    assert [one.units for one in found.lines if one.code == "22853"] == [2, 2]
    assert {one.modifier for one in found.lines if one.role == "assistant"} == {"AS"}


def test_every_row_names_its_rule() -> None:
    found = case(["22633", "63030-50", "22842-80", "62380", "63047"], on=ON)
    assert line(found, "22633").rule == "multiple: rank 1, 100 %"
    assert line(found, "63030").rule == "bilateral: 907.64 x 150 % = 1,361.46; multiple: rank 2, 50 %"
    assert line(found, "22842", "assistant").rule.endswith("surgeons: 741.38 x 16 % = 118.62")
    assert line(found, "62380").rule == "status: contractor-priced"
    assert all(one.rule for one in found.lines)


def test_what_is_paid_of_the_work() -> None:
    found = case(["22633", "63047"], on=ON)
    assert line(found, "63047").paid_work_rvu == 76_851  # 15.37 x 547.47 / 1094.93 = 7.685070
    assert line(found, "22633").paid_work_rvu == 268_000


def test_the_patient_owes_the_deductible_once() -> None:
    """257 of the first line's 1,781.00, then 20 % of the rest: 304.80; 20 % of 547.47 is 109.49."""
    found = case(["22633", "63047"], on=ON, deductible_cents=25_700)
    assert [one.patient_cents for one in found.lines] == [25_700 + 30_480, 10_949]


def test_the_global_period_is_a_day_before_and_ninety_after() -> None:
    """100-04 chapter 12 section 40.1: the day before, the day itself and the 90 days after it: 92 days in all."""
    (period, *_) = case(["22633"], on=ON).periods
    assert (period.starts, period.ends) == (date(2025, 6, 30), date(2025, 9, 29))
    assert (period.ends - period.starts).days + 1 == 92


def test_a_return_begins_no_period_and_an_add_on_has_none() -> None:
    assert case(["63047-78", "22853"], on=ON).periods == ()


def test_decompression_beside_a_fusion_is_no_second_payment_at_its_level() -> None:
    marked = case(["22633", "63047-59"], on=ON)
    (note,) = marked.notes
    assert note.startswith("63047 beside 22633") and "63052" in note and "another level" in note
    assert "ncci-fusion-decompression" in marked.sources
    (plain,) = case(["22633", "63047"], on=ON).notes
    assert "another level" not in plain
    assert case(["22633", "63052"], on=ON).notes == ()


def test_units_beyond_the_limit_are_named() -> None:
    """CMS's practitioner table from 2026-04-01: 4 units of 22853 a day."""
    (note,) = case(["22853x7"], on="2026-07-02").notes
    assert note.startswith("22853: 7 of at most 4 units a day")
    assert case(["22853x4"], on="2026-07-02").notes == ()
    assert any("9 of at most 4" in text for text in openrvu.price("22853", units=9, on="2026-07-02").warnings)


def test_an_unpriced_line_is_not_in_the_totals_and_says_why() -> None:
    found = case(["63047-22", "63030"], on=ON)
    assert found.totals[0].unpriced == 1
    assert "by report" in line(found, "63047").why.lower()
    assert line(found, "63030").rank == 2 and found.totals[0].allowed_cents == 45_382  # the other still outranks it


@pytest.mark.parametrize(
    ("services", "given", "says"),
    [
        (["2263"], {}, "not a service"),
        (["22633xx2"], {}, "not a service"),
        (["22633-ZQ"], {}, "'ZQ' is not known"),
        (["22633x0"], {}, "0 is no number of units"),
        (["22633"], {"assistant": "62"}, "22633-62"),
        ([], {}, "1 to 60"),
    ],
)
def test_what_cannot_be_is_refused(services: list[str], given: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        case(services, on=ON, **given)


def run(*arguments: str) -> str:
    result = CliRunner().invoke(main, ["case", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_command_gives_the_same_as_the_library() -> None:
    found = case(FUSION, assistant="AS", on=ON, place="Ohio")
    shown = json.loads(run(*FUSION, "--as", "AS", "--on", ON, "--place", "Ohio", "--json"))
    assert [one["allowed_cents"] for one in shown["lines"]] == [one.allowed_cents for one in found.lines]
    assert shown["periods"][0]["ends"] == "2025-09-29"
    sheet = list(csv.DictReader(io.StringIO(run(*FUSION, "--as", "AS", "--on", ON, "--place", "Ohio", "--csv"))))
    assert [row["rule"] for row in sheet] == [one.rule for one in found.lines]


def test_the_table_shows_totals_and_the_period() -> None:
    text = run(*FUSION, "--on", ON)
    assert "3,967.94" in text and "Global period of 22633: 2025-06-30 to 2025-09-29" in text


def test_the_place_of_service_tells_the_setting() -> None:
    assert json.loads(run("62323", "--on", ON, "--pos", "11", "--json"))["setting"] == "nonfacility"
    assert json.loads(run("62323", "--on", ON, "--pos", "22", "--json"))["lines"][0]["allowed"] == "96.07"


def test_a_claim_of_ten_lines_is_fast() -> None:
    """Under a millisecond where the machine is quiet; the best of many runs, so that a busy one says nothing."""
    codes = ("63047", "63030", "22633", "22634", "22842", "22853", "63052", "63053", "72148", "99213")
    lines = [{"line_id": place, "session": "a", "on": 20250701, "hcpcs": code} for place, code in enumerate(codes)]
    facts = embedded()
    price_lines(lines, facts)
    took = []
    for _ in range(100):
        started = time.perf_counter()
        price_lines(lines, facts)
        took.append(time.perf_counter() - started)
    assert min(took) < 0.001, f"{1000 * median(took):.2f} ms"
