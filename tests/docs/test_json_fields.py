"""docs/json.md names exactly the fields that each command gives, and every status that a price can have."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.unit.test_routes import RUC, synthetic

from openrvu.cli import main
from openrvu.cli.group import COMMANDS
from openrvu.facts import embedded
from openrvu.rules.status import PAID_BY_RVU, statuses
from openrvu.rules.status import outcomes as ruled
from openrvu.scheduling import COLUMNS

TEXT = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `([a-z-]+)` \| (.+) \|$", TEXT.partition("\n## ")[0], re.M))

ARGUMENTS = {
    "price": ("63047",),
    "explain": ("63047",),
    "site": ("63047", "--site", "asc"),
    "ncci": ("22633", "63047", "--on", "2026-05-01"),
    "code": ("62380",),
    "case": ("22633", "63052"),
    "compare": ("62380", "63047"),
    "history": ("62380",),
    "which": ("approach=endoscopic", "region=lumbar"),
    "search": ("endoscopic", "lumbar"),
    "places": ("Ohio",),
    "everywhere": ("63047",),
    "methods": (),
    "letter": ("62380",),
    "practice": ("63047x10",),
    "audit": ("lewandrowski-2024-62380",),
    "check": (),
    "value": ("--demo", "--draws", "0"),
    "iwput": ("62380", "--intra", "90"),
    "crosswalk": ("62380",),
    "bundle": ("63047+22840",),
    "design": ("62380", "--surveys", "100"),
    "triangulate": ("62380",),
    "simulate": ("62380-as-open",),
    "trend": ("63047",),
    "dossier": ("62380",),
    "data": (),
    "studies": (),
    "state": (),
    "user": (),
}


FILE_OF_SCHEDULE = re.findall(r"^\| `([a-z_]+)` \| (?:text|integer) \| (.+) \|$", TEXT, re.M)


def fields(*arguments: str) -> set[str]:
    result = CliRunner().invoke(main, [*arguments, "--json"])
    assert result.exit_code == 0, result.output
    return set(json.loads(result.stdout)) - {"foot", "run_id"}


def documented(command: str) -> set[str]:
    return set(re.findall(r"`([a-z0-9_]+)`", ROWS[command]))


@pytest.mark.parametrize("command", sorted(ARGUMENTS))
def test_the_fields_of_a_command(command: str) -> None:
    assert fields(command, *ARGUMENTS[command]) == documented(command)


def test_the_fields_of_routes_on_files(tmp_path: Path) -> None:
    (tmp_path / "ruc.csv").write_text(RUC)
    (tmp_path / "times.csv").write_text(synthetic(embedded()))
    assert fields("ruc", str(tmp_path / "ruc.csv"), "--target", "62380") == documented("ruc")
    assert fields("regress", "62380", "--times", str(tmp_path / "times.csv")) == documented("regress")


@pytest.mark.needs("cms")
def test_the_fields_of_commands_on_files(cms: Path) -> None:
    assert fields("load", str(cms / "gpci/2025/GPCI2025.csv"), "--release", "2025A") == documented("load")
    assert fields("reconcile", str(cms / "payment/2025/PFREV25C.txt")) == documented("reconcile")


def test_the_fields_of_a_survey(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("id,63047,63005\nA,less,more\n", encoding="utf-8")
    assert fields("survey", "check", str(tmp_path / "s.csv"), "--target", "62380") == documented("survey")


def test_the_fields_of_a_schedule(tmp_path: Path) -> None:
    given = ("schedule", "2026C", "--place", "national", "-o", str(tmp_path / "out.csv"))
    assert fields(*given) == documented("schedule")


def test_the_columns_of_a_schedule_are_documented() -> None:
    said = [(name, meaning.replace("`priced`", "priced")) for name, meaning in FILE_OF_SCHEDULE]
    assert said == [(name, meaning) for name, _, meaning in COLUMNS]


def test_the_fields_of_a_file_of_claims(tmp_path: Path) -> None:
    given = tmp_path / "claims.csv"
    given.write_text("claim_id,on,hcpcs\n1,2025-07-01,63047\n", encoding="utf-8")
    found = fields("price-file", str(given), "-o", str(tmp_path / "out.parquet"), "--engine", "ints", "--quiet")
    assert found == documented("price-file")
    assert fields("price-file", "--sql", "duckdb") == {"dialect", "text", "lines", "seeds", "files"}


def test_every_command_is_documented() -> None:
    assert set(ROWS) == set(COMMANDS) - {"mcp", "serve"}


def test_every_status_is_documented() -> None:
    outcomes = {one.outcome for letter, one in statuses().items() if letter not in PAID_BY_RVU}
    others = {
        "priced",
        "no-rvus",
        "ended",
        "not-yet-introduced",
        "no-record",
        "not-on-schedule",
        "no-modifier-row",
        "status-unknown",
    }
    told = TEXT.partition("`status` of a price")[2].partition("\n\n")[0]
    named = set(re.findall(r"`([a-z-]+)`", told))
    assert named == outcomes | others | set(ruled()) | {"not-held"}
