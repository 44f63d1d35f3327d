"""A practice's volumes: totals by hand, payers, a what-if against its baseline, frozen RVUs, files that are wrong."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from openrvu.cli import main
from openrvu.errors import OpenRVUError
from openrvu.facts import embedded
from openrvu.impact.practice import practice
from openrvu.web.app import create_app

BOTH = ["2025-07-01", "2026-07-01"]


def test_totals_are_those_of_hand_arithmetic() -> None:
    found = practice(["63047x100", "63030-50x8"], on=BOTH, facts=embedded())
    first, later = found.views
    # 2025: 33.85 x 32.3465 = 1,094.93 x 100; 63030 907.64, both sides 1,361.46 x 8. Work 15.37 and 12.00 x 1.5.
    assert (first.medicare_cents, first.work_rvu) == (109493_00 + 8 * 136146, (153700 * 100) + 180000 * 8)
    # 2026: 31.90 x 33.4009 = 1,065.49 x 100; 26.89 x 33.4009 = 898.15, both sides 1,347.23, half up, x 8; 11.70 x 1.5.
    assert (later.medicare_cents, later.work_rvu) == (106549_00 + 8 * 134723, (149900 * 100) + 175500 * 8)
    assert found.changes[0].paid_cents == later.paid_cents - first.paid_cents
    # 12,038,468 cents / 1,681 work RVUs = 7,161.49 cents.
    assert first.per_work_rvu_cents == 7161


def test_payers_pay_their_percent_of_the_amount_for_their_share() -> None:
    found = practice(
        ["63047x100"],
        on=["2025-07-01"],
        multipliers={"Commercial": "140", "medicaid": "72.5"},
        mix={"medicare": "50", "commercial": "40", "medicaid": "10"},
        facts=embedded(),
    )
    paid = {one.payer: one.paid_cents for one in found.views[0].payers}
    # 1,094.93 x 140 % = 1,532.90, x 40; x 72.5 % = 793.82, x 10; x 50.
    assert paid == {"medicare": 109493 * 50, "commercial": 153290 * 40, "medicaid": 79382 * 10}
    assert found.views[0].paid_cents == sum(paid.values()) and found.views[0].medicare_cents == 109493_00


def test_a_what_if_stands_against_its_own_baseline() -> None:
    found = practice(["62380x10", "63047x1"], on=["2025-07-01"], scenario="62380-as-open", facts=embedded())
    assert [view.scenario for view in found.views[:2]] == ["", ""] and found.views[2].scenario
    before, after, moved = found.views[1], found.views[2], found.changes[0]
    assert before.on == after.on and before.unpriced == 10 and after.unpriced == 0
    # The scenario's work RVU is 14.24: mean of 16.02, 11.70 and 14.99 (docs/scenarios.md).
    assert moved.work_rvu == 142400 * 10 and moved.paid_cents == after.paid_cents - before.paid_cents > 0


def test_a_contract_with_frozen_rvus_pays_by_those() -> None:
    found = practice(["63030x100", "62380x5"], on=["2026-07-01"], frozen="2022-07-01", rate="50.00", facts=embedded())
    (one,) = found.frozen
    # 63030: 13.18 in 2022, 11.70 in 2026; 62380 has none in either.
    assert (one.frozen_work_rvu, one.current_work_rvu) == (131800 * 100, 117000 * 100)
    assert (one.frozen_pay_cents, one.current_pay_cents) == (65_900_00, 58_500_00)


def workbook(rows: list[list[object]]) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("volumes")
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    return out.getvalue()


def test_a_spreadsheet_is_read_by_its_headings_and_nothing_else_of_it(tmp_path: Path) -> None:
    path = tmp_path / "volumes.xlsx"
    path.write_bytes(workbook([["Patient", "CPT", "Volume", "Payer"], ["J. Doe", "63047", 100, "Commercial"]]))
    done = CliRunner().invoke(main, ["practice", str(path), "--multiplier", "commercial=140", "--json"])
    assert done.exit_code == 0, done.output
    assert '"units": 100' in done.stdout and "Doe" not in done.stdout
    text = tmp_path / "volumes.csv"
    text.write_text('Patient,CPT,Volume,Payer\nJ. Doe,63047,"1,00",Commercial\nx,total,100,\n', encoding="utf-8")
    again = CliRunner().invoke(main, ["practice", str(text), "--multiplier", "commercial=140", "--json"])
    assert again.stdout == done.stdout


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("code,units\n63047,-5\n", "line 2"),
        ("code,units\n63047,1.5\n", "no whole number above 0"),
        ("code,units\n63047,\n", "no whole number above 0"),
        ("code,units\n6304,5\n", "is not a CPT or HCPCS code"),
        ("code,units,setting\n63047,5,moon\n", "no setting is called"),
        ("code,modifier,units\n63047,QQ,5\n", "is not known"),
        ("code,units,volume\n63047,5,5\n", "two columns may be units"),
        ("name,units\nx,5\n", "no column is called code"),
        ("", "empty"),
        ("code,units\n", "there are no volumes"),
        ("code,units,payer\n63047,5,Acme\n", "payer 'acme' has no multiplier"),
        ("code,units,place\n63047,5,Nowhere\n", "no Medicare locality is called"),
        ("code,units\n" + "63047,1\n" * 2001, "At most 2,000"),
    ],
)
def test_a_file_that_is_wrong_is_refused_by_line(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "volumes.csv"
    path.write_text(text, encoding="utf-8")
    done = CliRunner().invoke(main, ["practice", str(path)])
    assert done.exit_code == 1 and says.lower() in done.output.lower() and "Traceback" not in done.output


@pytest.mark.parametrize(
    "given",
    [
        {"mix": {"medicare": "50"}},
        {"multipliers": {"x": "-1"}},
        {"multipliers": {"x": "much"}},
        {"frozen": "2023-07-01"},
        {"rate": "55"},
        {"frozen": "2023-07-01", "rate": "-5"},
        {"scenario": "nobody"},
        {"on": ["2018-01-01"]},
        {"on": ["2025-07-01"] * 9},
    ],
)
def test_choices_that_cannot_be_used_are_refused(given: dict[str, object]) -> None:
    with pytest.raises(OpenRVUError):
        practice(["63047x1"], facts=embedded(), **given)  # type: ignore[arg-type]


def test_the_page_takes_no_file_and_says_what_is_wrong() -> None:
    with TestClient(create_app(embedded()), base_url="http://localhost", raise_server_exceptions=False) as client:
        assert 'name="volumes"' in client.get("/practice").text
        for query, says in (
            ("volumes=63047", "no service with its volume"),
            ("volumes=63047x5&scenario=/etc/passwd", "no what-if is called"),
            ("volumes=63047x5&multiplier=140", "no payer with its percent"),
            ("volumes=" + "63047x1+" * 400, "3,199 characters"),
            ("volumes=63047x5&then=soon", "is not a date"),
        ):
            found = client.get(f"/practice?{query}")
            assert found.status_code == 422 and says.lower() in found.text.lower()
