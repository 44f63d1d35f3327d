"""Edits of NCCI: unit limits against CMS's file; pairs on a small table in CMS's layout, which is made up here."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from openrvu.cli import main
from openrvu.errors import BadInput
from openrvu.files import facts_folder, read_csv
from openrvu.ncci.mue import check_units, mue_of
from openrvu.ncci.pairs import PairsCheck, check_pairs
from openrvu.tables.load import load

DAY = date(2026, 5, 1)
HEAD = (
    "CPT only copyright 2025 American Medical Association.  All rights reserved.\t\t\t\t\t\t\r\n"
    "Column1/Column2 Edits\t\t\t\t\t\t\r\n"
    "Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale\r\n"
    "\t\tprior to 1996\tDate\tDate\t0=not allowed\t\r\n"
    "\t\t\t\t*=no data\t1=allowed\t\r\n"
    "\t\t\t\t\t9=not applicable\t\r\n"
)
# SYNTHETIC: no edit of CMS. The pair 22633/63047 has the indicator that the payment rules tell of.
EDITS = (
    ("22633", "63047", "", "20120101", "*", "1"),
    ("22633", "63030", "", "20120101", "20251231", "1"),
    ("22633", "63030", "", "20260401", "", "0"),
    ("63030", "63047", "*", "19960101", "19960101", "1"),
    ("63047", "62380", "", "20170101", "*", "9"),
    ("00001", "63047", "", "20170101", "*", "0"),
    ("99999", "63047", "", "20170101", "*", "0"),
)


@pytest.fixture
def edits(tmp_path: Path) -> Path:
    path = tmp_path / "ccipra-v321r0-f1.txt"
    path.write_text(HEAD + "".join("\t".join((*row, "Synthetic")) + "\r\n" for row in EDITS), newline="")
    load(path)
    return path


def check(*codes: str | tuple[str, tuple[str, ...]], on: date = DAY) -> PairsCheck:
    return check_pairs(codes, on)


def test_without_edits_nothing_is_said_and_the_way_to_them_is_told() -> None:
    found = check("22633", "63047")
    assert (found.status, found.pairs) == ("not-held", ())
    assert "openrvu load" in found.words
    assert any("not 63047 with modifier 59" in trap for trap in found.traps)


def test_a_pair_that_a_modifier_may_pass(edits: Path) -> None:
    found = check("63047", "22633")  # whatever the order
    (pair,) = found.pairs
    assert (pair.column1, pair.column2, pair.indicator, pair.status) == ("22633", "63047", 1, "needs-a-modifier")
    assert (found.status, found.quarter, found.parts) == ("edits-found", "2026B", ("f1",))


@pytest.mark.parametrize("modifier", ["59", "XS", "LT"])
def test_a_modifier_claims_that_the_two_were_distinct(edits: Path, modifier: str) -> None:
    (pair,) = check("22633", ("63047", (modifier,))).pairs
    assert (pair.status, pair.modifier) == ("modifier-claims-distinct", modifier)
    assert "if the record shows" in pair.words


def test_a_modifier_that_says_nothing_of_the_site_passes_nothing(edits: Path) -> None:
    (pair,) = check("22633", ("63047", ("51",))).pairs
    assert (pair.status, pair.modifier) == ("needs-a-modifier", "")


@pytest.mark.parametrize(
    ("on", "status"),
    [
        (date(2011, 12, 31), None),
        (date(2012, 1, 1), "modifier-claims-distinct"),
        (date(2025, 12, 31), "modifier-claims-distinct"),
        (date(2026, 1, 1), None),
        (date(2026, 4, 1), "not-paid-together"),
    ],
)
def test_an_edit_holds_between_its_dates(edits: Path, on: date, status: str | None) -> None:
    found = check("22633", ("63030", ("59",)), on=on)
    assert [pair.status for pair in found.pairs] == ([status] if status else [])
    assert found.status == ("edits-found" if status else "no-edits")


def test_an_edit_deleted_on_its_first_day_never_held(edits: Path) -> None:
    assert check("63030", "63047", on=date(1996, 1, 1)).pairs == ()


def test_an_edit_that_was_taken_back_is_told_as_such(edits: Path) -> None:
    assert [pair.status for pair in check("63047", "62380").pairs] == ["not-applicable"]


def test_a_date_after_the_quarter_is_warned_of(edits: Path) -> None:
    (warning,) = check("22633", "63047", on=date(2026, 7, 1)).warnings
    assert "2026-06-30" in warning


def test_a_code_that_no_part_held_reaches_is_not_called_free_of_edits(edits: Path) -> None:
    found = check("0001A", "A0001")
    assert found.status == "not-held"
    assert "A0001 as first code" in found.warnings[0]


def test_hospital_edits_are_a_table_of_their_own(edits: Path) -> None:
    assert check_pairs(["22633", "63047"], DAY, "hospital").status == "not-held"


def test_one_code_is_no_pair() -> None:
    with pytest.raises(BadInput, match="two codes"):
        check("63047", "63047")


# -- units


@pytest.mark.needs("cms")
def test_the_embedded_limits_are_those_of_the_file(cms: Path) -> None:
    (path,) = (cms / "mue/2026").glob("*.csv")
    with path.open(encoding="cp1252", newline="") as file:
        printed = {row[0]: row[1:4] for row in csv.reader(file) if len(row) == 4}
    rows = read_csv(facts_folder() / "ncci" / "mue.csv")
    assert len(rows) > 40
    for row in rows:
        value, adjudication, rationale = printed[row["code"]]
        assert (row["value"], row["adjudication"], row["rationale"]) == (value, adjudication[0], rationale)


# 1 April 2026 (CMS's file): 63047 1, for the day; 22853 4 and 63048 5, with appeal.
@pytest.mark.parametrize(
    ("code", "units", "status"),
    [
        ("63047", 1, "within"),
        ("63047", 2, "over-for-the-day"),
        ("22853", 4, "within"),
        ("22853", 5, "over-unless-appealed"),
        ("63048", 6, "over-unless-appealed"),
        ("99213", 1, "not-held"),
    ],
)
def test_units_against_the_limit(code: str, units: int, status: str) -> None:
    found = check_units(code, units, DAY)
    assert found.status == status
    assert found.over == status.startswith("over")


def test_a_limit_says_whose_quarter_it_is() -> None:
    now, later, before = (mue_of("63047", on) for on in (DAY, date(2026, 7, 1), date(2026, 3, 31)))
    assert now and now.current and later and not later.current and before is None
    assert "that of the date is not held" in check_units("63047", 2, date(2026, 7, 1)).words


@pytest.mark.needs("cms")
def test_limits_of_a_loaded_table(cms: Path, store: Path) -> None:
    (path,) = (cms / "mue/2026").glob("*.csv")
    load(path)
    with path.open(encoding="cp1252", newline="") as file:
        line = next(row for row in csv.reader(file) if len(row) == 4 and row[2][:1] == "1")
    found = check_units(line[0], int(line[1]) + 1, DAY)
    assert found.status == "over-on-a-line" and found.limit and found.limit.source.startswith("loaded/mue-2026B/")
    assert check_units("99999", 1, DAY).status == "no-published-limit"


# -- command line


def test_a_code_s_card_has_its_limit() -> None:
    found = CliRunner().invoke(main, ["code", "63048", "--on", "2026-07-01"]).stdout
    assert "MUE of practitioners, 2026B, not the quarter of the date): 5" in found


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["ncci", *arguments])
    return result.exit_code, result.stdout


def test_the_command(edits: Path) -> None:
    code, text = run("22633", "63047-59", "63048x6", "--on", "2026-05-01")
    assert code == 0
    for words in ("modifier-claims-distinct", "over-unless-appealed", "trap" not in text and "63052", "ncci-manual"):
        assert str(words) in text
    assert run("22633", "63047", "--on", "2026-05-01", "--strict")[0] == 3
    assert run("63047", "--on", "2026-05-01", "--strict")[0] == 0


def test_the_command_as_json_and_csv(edits: Path) -> None:
    found = json.loads(run("22633", "63047", "--on", "2026-05-01", "--json")[1])
    assert found["pairs"]["pairs"][0]["effective"] == "2012-01-01"
    assert found["units"][0]["limit"]["quarter"] == "2026B"
    rows = list(csv.DictReader(io.StringIO(run("22633", "63047", "--on", "2026-05-01", "--csv")[1])))
    assert [(row["check"], row["codes"]) for row in rows] == [
        ("pair", "22633 63047"),
        ("units", "22633"),
        ("units", "63047"),
    ]


def test_one_code_has_units_alone() -> None:
    found = json.loads(run("63047", "--on", "2026-05-01", "--json")[1])
    assert found["pairs"] is None and found["units"][0]["status"] == "within"
