"""What each command takes and gives: --on, --csv and --json everywhere, JSON equal to the library, the foot."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import openrvu
from openrvu import answers, holdings
from openrvu.cli import main


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def data(*arguments: str) -> dict[str, Any]:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def sheet(*arguments: str) -> list[dict[str, str]]:
    result = run(*arguments, "--csv")
    assert result.exit_code == 0, result.output
    return list(csv.DictReader(io.StringIO(result.stdout)))


def body(found: dict[str, Any]) -> dict[str, Any]:
    assert found.pop("foot")["disclaimer"] == answers.DISCLAIMER
    return found


@pytest.mark.parametrize(
    ("arguments", "library"),
    [
        (
            ("price", "70492-TC", "--on", "2025-02-01", "--place", "Alabama", "--setting", "office"),
            lambda: openrvu.price("70492", "TC", on="2025-02-01", place="Alabama", setting="nonfacility"),
        ),
        (
            ("price", "62330", "--on", "2026-07-01", "--qp"),
            lambda: openrvu.price("62330", on="2026-07-01", qualifying_apm=True),
        ),
        (
            ("compare", "62380", "63047", "--on", "2026-07-01", "--work", "18.2464", "--qp"),
            lambda: openrvu.compare(["62380", "63047"], on="2026-07-01", work="18.2464", qualifying_apm=True),
        ),
        (("history", "63030", "--on", "2024-02-01"), lambda: openrvu.history("63030", on="2024-02-01")),
        (("code", "0275T", "--on", "2026-07-01"), lambda: openrvu.card("0275T", on="2026-07-01")),
        (
            ("audit", "lorio-2024-0202T", "--on", "2025-01-01"),
            lambda: openrvu.audit("lorio-2024-0202T", release="2025A", on=date(2025, 1, 1)),
        ),
        (
            ("check", "account-2024", "--release", "2022A"),
            lambda: {"account": "account-2024", "verdicts": openrvu.check("account-2024", release="2022A")},
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_json_is_the_library_encoded(arguments: tuple[str, ...], library: Any) -> None:
    assert body(data(*arguments)) == json.loads(answers.to_json(library()))


def test_json_of_a_dossier_is_that_of_the_library() -> None:
    built = openrvu.build("62380", on="2026-07-01")
    found = run("dossier", "62380", "--on", "2026-07-01", "--json")
    assert found.stdout.encode() == openrvu.render(built, "json")


@pytest.mark.parametrize(
    "arguments",
    [
        ("price", "63047"),
        ("explain", "63047"),
        ("code", "63047"),
        ("compare", "63047", "63030"),
        ("places",),
        ("audit", "lewandrowski-2024-62380"),
        ("check", "account-2024"),
    ],
)
def test_a_date_chooses_the_release_and_one_that_is_not_held_is_refused(arguments: tuple[str, ...]) -> None:
    assert data(*arguments, "--on", "2024-03-20")["foot"]["release"] == "2024AR"
    refused = run(*arguments, "--on", "2024-11-01")
    assert refused.exit_code == 1
    assert "Nearest: 2024C" in refused.stderr


def test_a_date_limits_what_goes_through_the_releases() -> None:
    assert data("history", "63030", "--on", "2023-02-01")["rows"][-1]["release"] == "2023A"
    assert [row["release"] for row in sheet("data", "--on", "2025-07-04")] == ["2025C"]
    found = data("value", "--demo", "--draws", "0", "--on", "2024-02-01")
    assert (found["release"], found["use_release"]) == ("2024A", "2024A")
    assert found["foot"]["on"] == "2024-01-01"


def test_release_and_date_together_are_refused() -> None:
    assert run("audit", "lorio-2024-0202T", "--on", "2025-01-01", "--release", "2025A").exit_code == 2


def test_csv_of_a_price() -> None:
    (row,) = sheet("price", "63047", "--on", "2025-07-01")
    assert (row["code"], row["amount"], row["release"], row["status"]) == ("63047", "1094.93", "2025C", "priced")
    (row,) = sheet("price", "0275T", "--on", "2026-07-01")
    assert (row["amount"], row["status"], row["successor"]) == ("", "ended", "62330")
    assert "NCD 150.13" in row["leads"]


def test_csv_of_the_steps() -> None:
    rows = {row["step"]: row for row in sheet("explain", "63047", "--on", "2026-07-01")}
    assert rows["limiting charge"]["value"] == "1,164.05"
    assert "1065.488710" in rows["fee"]["value"]


def test_csv_of_warnings_verdicts_and_studies() -> None:
    warnings = sheet("audit", "lewandrowski-2024-62380")
    assert {"equals-comparator-mean", "extrapolates"} <= {row["warning"] for row in warnings}
    assert len(sheet("check")) == 8
    assert {row["kind"] for row in sheet("studies")} == {"study", "account"}


@pytest.mark.parametrize(
    "arguments",
    [
        ("price", "63047"),
        ("explain", "63047"),
        ("code", "62380"),
        ("compare", "62380", "63047"),
        ("history", "62380"),
        ("places", "Ohio"),
        ("audit", "lorio-2024-0202T"),
        ("check",),
        ("value", "--demo", "--draws", "0"),
        ("dossier", "62380"),
        ("data",),
        ("studies",),
    ],
)
def test_every_answer_ends_with_the_notice(arguments: tuple[str, ...]) -> None:
    last = " ".join(run(*arguments).stdout.splitlines()[-2:])
    assert "Not coding, legal or medical advice" in last and "confirm" in last


def test_the_foot_names_release_date_place_setting_and_run() -> None:
    lines = run("price", "63047", "--on", "2025-07-01", "--place", "Ohio", "--setting", "office").stdout.splitlines()
    assert f"release 2025C · 2025-07-01 · 15202-00 · nonfacility · run {answers.run_id()}" in lines


def test_every_source_of_an_explanation_is_cited() -> None:
    text = run("explain", "63047", "--on", "2025-07-01").stdout
    for key in ("rvu25c:", "42cfr414.20: 42 CFR 414.20", "42usc1395w-4g: 42 USC 1395w-4(g)"):
        assert key in text


def test_coverage_leads_and_its_conditions_follow() -> None:
    text = run("code", "62330", "--on", "2026-07-01").stdout
    assert text.startswith("Coverage first: Medicare covers this only with evidence development (NCD 150.13)")
    assert "modifier Q0" in text and "5,610.15" in text


@pytest.mark.parametrize("typed", ["70492-26", "70492:26", "70492/26", "70492 26"])
def test_ways_to_type_a_modifier(typed: str) -> None:
    assert data("price", typed, "--on", "2025-02-01", "--place", "Alabama")["amount"] == "70.01"


def test_several_modifiers_combine() -> None:
    """RVU25C 28.06 x 32.3465 = 907.64; both sides at 150 %, two surgeons at 62.5 %."""
    text = run("price", "63030-50-62", "--on", "2025-07-01").stdout
    assert text.startswith("63030-50-62: $850.91 (facility, national, 2025-07-01)")
    assert "907.64 x 150 % = 1,361.46" in text and "1,361.46 x 62.5 % = 850.91" in text


def test_units_charge_and_participation() -> None:
    """22853: 7.74 x 32.3465 = 250.36; two are 500.72, 95 % of that 475.68, and the charge is lower."""
    found = data("price", "22853", "--units", "2", "--nonparticipating", "--charge", "400", "--on", "2025-07-01")
    assert (found["amount"], found["allowed"]) == ("250.36", "400.00")
    assert [effect["rule"] for effect in found["effects"]] == ["units", "participation", "charge"]
    assert found["limiting_charge"] == "547.03"  # 475.68 x 1.15 = 547.032


def test_a_line_by_report_keeps_its_schedule_amount_in_a_note() -> None:
    found = data("price", "63047-22", "--on", "2025-07-01")
    assert (found["status"], found["allowed"]) == ("by-report", None)
    assert "The schedule amount of one unit, before that, is 1,094.93." in found["notes"]


def test_explain_shows_the_step_of_each_rule() -> None:
    found = data("explain", "63047-55", "--post-days", "30", "--provider", "NP", "--on", "2025-07-01")
    steps = {step["rule"]: step["arithmetic"] for step in found["steps"]}
    assert steps["split"] == "1,094.93 x 13 % x 30 of 90 days = 47.45"
    assert steps["practitioner"] == "47.45 x 85 % = 40.33"


def test_a_pdf_dossier_is_written(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "62380.pdf"
    assert run("dossier", "62380", "-o", str(path)).exit_code == 0
    assert path.read_bytes().startswith(b"%PDF-")
    assert [item.name for item in path.parent.iterdir()] == ["62380.pdf"]


def test_a_dossier_that_cannot_be_written_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "62380.json"
    path.write_text("old")

    def broken(*_: object) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr("openrvu.cli.reports.os.fsync", broken)
    result = run("dossier", "62380", "-o", str(path))
    assert result.exit_code == 1 and "No space left" in result.stderr
    assert path.read_text() == "old" and [item.name for item in tmp_path.iterdir()] == ["62380.json"]


@pytest.mark.needs("cms")
def test_load_and_reconcile_from_the_command_line(cms: Path) -> None:
    loaded = run("load", str(cms / "pprrvu/2025/PPRRVU2025_Jul.csv"))
    assert loaded.exit_code == 0, loaded.output
    assert "release 2025C: 19,029 rows" in loaded.stdout
    assert holdings.current().table("2025C").whole
    found = data("reconcile", str(cms / "payment/2025/PFREV25C.txt"))
    assert (found["release"], found["compared"], found["matched"], found["differences"]) == ("2025C", 218, 218, [])
    assert data("price", "10120", "--on", "2025-07-01")["origin"] == "loaded"


@pytest.mark.needs("cms")
def test_a_difference_is_a_result_and_strict_makes_it_an_exit_code(cms: Path, tmp_path: Path) -> None:
    path = tmp_path / "PFREV25C.txt"
    path.write_text((cms / "payment/2025/PFREV25C.txt").read_text().replace("0001339.81", "0001339.82"))
    found = data("reconcile", str(path))
    assert (found["compared"], found["matched"], len(found["differences"])) == (218, 216, 2)
    assert found["differences"][0]["published"] == "1339.82" and found["differences"][0]["computed"] == "1339.81"
    assert run("reconcile", str(path)).exit_code == 0
    assert run("reconcile", str(path), "--strict").exit_code == 3
    assert len(sheet("reconcile", str(path))) == 2


def test_a_fault_of_ours_is_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    from openrvu.cli import codes

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(codes, "price_of", broken)
    result = run("price", "63047")
    assert result.exit_code == 1
    assert "not your fault: ZeroDivisionError: by zero (openrvu price 63047)" in result.stderr
    assert json.loads(run("price", "63047", "--json").stdout)["error"]["kind"] == "error"
    monkeypatch.setenv("OPENRVU_TRACEBACK", "1")
    assert isinstance(run("price", "63047").exception, ZeroDivisionError)
