"""The command line: answers, exit codes, JSON that equals the library, errors without a traceback."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import openrvu
from openrvu import answers
from openrvu.cli import main
from openrvu.cli.group import COMMANDS


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def data(*arguments: str) -> dict[str, Any]:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_62380_is_contractor_priced_and_no_code_is_offered_instead() -> None:
    result = run("price", "62380", "--on", "2026-07-01")
    assert result.exit_code == 0
    assert "contractor-priced" in result.stdout
    assert "the operative note" in result.stdout
    assert not any(code in result.stdout for code in ("63030", "63047", "62330"))


def test_0275t_has_ended_and_coverage_stands_first() -> None:
    result = run("price", "0275T", "--on", "2026-07-01")
    assert result.stdout.startswith("Coverage first:")
    assert "62330" in result.stdout


def test_62330_nationally() -> None:
    found = data("price", "62330", "--on", "2026-07-01")
    assert (found["amount"], found["amount_cents"], found["release"]["id"]) == ("479.30", 47930, "2026C")
    assert found["foot"]["on"] == "2026-07-01"


@pytest.mark.parametrize(("on", "amount"), [("2024-02-01", "1100.53"), ("2024-04-01", "1118.79")])
def test_63047_before_and_after_the_change_of_march(on: str, amount: str) -> None:
    assert data("price", "63047", "--on", on)["amount"] == amount


def test_json_is_the_library_encoded() -> None:
    found = data("price", "63047", "--on", "2025-07-01", "--place", "Ohio", "--setting", "office")
    found.pop("foot")
    assert found == answers.encode(openrvu.price("63047", on="2025-07-01", place="Ohio", setting="nonfacility"))


def test_percentages_of_the_claimed_value() -> None:
    found = data("compare", "62380", "63005", "63047", "63030", "22869", "--work", "18.2464", "--on", "2025-07-01")
    ratios = {row["code"]: row["ratio_percent"] for row in found["rows"]}
    # Printed: 111.1, 118.71, 152.1 and 259.55 %; to two decimals 111.06 and 152.05.
    assert ratios == {"62380": "", "63005": "111.06", "63047": "118.71", "63030": "152.05", "22869": "259.55"}
    assert found["note"] == "For pricing rationale only, not reportable instead."


def test_the_audit_prints_what_the_value_equals_and_the_line() -> None:
    text = " ".join(run("audit", "lewandrowski-2024-62380").stdout.split())
    for figure in ("18.246364", "25.589", "12.381 to 38.797", "5.850 to 45.329", "-0.027"):
        assert figure in text
    fired = data("audit", "lewandrowski-2024-62380")["fired"]
    assert fired["claimed"] == ["equals-comparator-mean", "odd-comparator", "stale-anchors"]


def test_the_second_study_by_an_id_in_capitals() -> None:
    text = " ".join(run("audit", "lorio-2024-0202T").stdout.split())
    for figure in ("39.47", "28.465 to 50.476", "10.990 to 67.952", "slope-not-significant"):
        assert figure in text


def test_eight_verdicts() -> None:
    assert len(data("check", "account-2024")["verdicts"]) == 8


def test_strict_makes_a_warning_an_exit_code() -> None:
    assert run("audit", "lewandrowski-2024-62380", "--strict").exit_code == 3


def test_history_names_its_gaps() -> None:
    gaps = data("history", "63030")["gaps"]
    assert [gap["starts"] for gap in gaps] == ["2024-10-01", "2026-01-01"]


def test_a_survey_of_counts_is_valued(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    rows = ["63005,40,30,80", "63030,50,30,70", "63047,70,30,50", "22612,90,30,30", "22630,95,25,30", "22869,20,20,110"]
    path.write_text("item,less,equal,greater\n" + "\n".join(rows) + "\n")
    found = data("value", str(path), "--target", "62380", "--draws", "200")
    assert found["simulated"] is False
    assert found["reading"]["new_low"] < found["reading"]["low"] < found["reading"]["value"]
    assert {one["ties"] for one in found["treatments"]} == {"half", "dropped", "not-greater", "davidson"}


def test_the_demonstration_says_that_it_is_simulated() -> None:
    assert "SIMULATED" in run("value", "--demo", "--draws", "0").stdout
    assert data("value", "--demo", "--draws", "0")["simulated"] is True


def test_the_demonstration_survives_the_round_trip_through_its_file(tmp_path: Path) -> None:
    path = tmp_path / "demo.csv"
    assert run("value", "--write-demo", str(path)).exit_code == 0
    written = data("value", str(path), "--target", "62380", "--draws", "0")
    assert written["simulated"] is True
    assert written["reading"] == data("value", "--demo", "--draws", "0")["reading"]


def test_a_dossier_is_written_whole_and_answers_in_under_ten_lines(tmp_path: Path) -> None:
    result = run("dossier", "62380", "-o", str(tmp_path / "out" / "62380.html"))
    lines = [line for line in result.stdout.splitlines() if line]
    assert lines[0] == "Public data do not support a single work RVU for 62380."
    assert len(lines) < 10
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"62380.html", "62380.json"}


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("price", "99X13"), 1, "not a CPT or HCPCS code"),
        (("price", "99999"), 1, "in none of the"),
        (("price", "63030-ZQ"), 1, "modifier 'ZQ' is not known"),
        (("price", "63030", "--units", "0"), 1, "0 is no number of units"),
        (("price", "63030", "--charge", "12.345"), 1, "12.345"),
        (("price", "63030", "--provider", "MD"), 1, "none for a physician"),
        (("price", "63047", "--on", "2018-05-01"), 1, "Nearest: 2019"),
        (("price", "63047", "--on", "2026-10-15"), 1, "Nearest: 2026C"),
        (("price", "63047", "--on", "yesterday"), 1, "YYYY-MM-DD"),
        (("price", "63047", "--place", "Texas"), 1, "8 localities"),
        (("price", "63047", "--place", "43210"), 1, "ZIP code"),
        (("price", "63047", "--setting", "moon"), 2, "nonfacility"),
        (("compare", "63047"), 1, "Give two to 12"),
        (("compare", "63047", "63030", "--work", "much"), 1, "--work"),
        (("audit", "nobody-1999"), 1, "lewandrowski-2024-62380"),
        (("check", "nothing"), 1, "account-2024"),
        (("value",), 2, "--demo"),
        (("value", "no-such-file.csv", "--target", "62380"), 1, "no-such-file.csv"),
        (("dossier", "62380", "-o", "x.docx"), 1, ".pdf"),
        (("load", "no-such-file.zip"), 1, "no-such-file.zip"),
        (("reconcile", "no-such-file.txt"), 1, "no-such-file.txt"),
        (("nonsense",), 2, "No such command"),
    ],
)
def test_bad_input_gets_a_clear_message_and_its_code(arguments: tuple[str, ...], code: int, says: str) -> None:
    result = run(*arguments)
    assert result.exit_code == code
    assert says in result.stderr
    assert "Traceback" not in result.output


def test_errors_as_json_have_one_shape() -> None:
    result = run("price", "99999", "--json")
    assert result.exit_code == 1
    error = json.loads(result.stdout)["error"]
    assert error["kind"] == "unknown-code"
    assert set(error) == {"kind", "what", "where", "exists", "fix", "message"}


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_help_and_its_line_in_the_group(command: str) -> None:
    assert run(command, "--help").exit_code == 0
    assert command in run("--help").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("code", "62380"),
        ("code", "63047", "--place", "Ohio"),
        ("explain", "63047"),
        ("explain", "62380"),
        ("compare", "62380", "63047", "63620"),
        ("history", "62380"),
        ("places", "Texas"),
        ("data",),
        ("studies",),
        ("audit", "lorio-2016-27279"),
        ("audit", "lorio-2021-22867"),
    ],
)
def test_commands_print_and_encode(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 0, run(*arguments).output
    assert data(*arguments)


@pytest.mark.parametrize("arguments", [("compare", "63047", "63030"), ("history", "63047"), ("places",), ("data",)])
def test_tables_as_csv(arguments: tuple[str, ...]) -> None:
    result = run(*arguments, "--csv")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert len(lines) > 2
    assert "," in lines[0]


@pytest.mark.parametrize(
    "arguments",
    [
        ("price", "62330", "--on", "2026-07-01"),
        ("price", "0275T", "--on", "2025-07-01"),
        ("price", "G0276", "--on", "2026-07-01"),  # refused: not in the extract of that release
        ("price", "0275T", "--on", "2018-07-01"),  # refused: no release of that date is held
        ("explain", "62331", "--on", "2026-07-01"),
        ("code", "0274T", "--on", "2025-07-01"),
        ("compare", "62380", "62330", "--on", "2026-07-01"),
        ("history", "62330"),
        ("dossier", "62330", "--on", "2026-07-01"),
        ("dossier", "0274T", "--on", "2026-07-01"),
    ],
)
def test_every_answer_on_image_guided_decompression_leads_with_its_coverage(arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    first = (result.stdout + result.stderr).splitlines()[0]
    assert "only with evidence development (NCD 150.13)" in first
