"""`openrvu survey`: a file looked over, a mapping proposed, confirmed, and read again byte for byte."""

from __future__ import annotations

import csv
import io
import json
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.unit.surveydata import vendors

from openrvu.cli import main


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "export.csv"
    path.write_bytes(vendors.qualtrics())
    return path


def test_a_mapping_is_proposed_confirmed_and_read_again_byte_for_byte(export: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.toml"
    done = run("survey", "map", str(export), "-o", str(mapping), "--invited", "60")
    assert done.exit_code == 0 and "the mapping as proposed reads the file" in done.stdout
    held = tomllib.loads(mapping.read_text(encoding="utf-8"))
    assert held["target"] == "62380" and held["invited"] == 60 and held["exclude"] == []
    assert [(one["left"], one["right"]) for one in held["question"]] == [("62380", one) for one in vendors.SERVICES]
    assert held["answers"] == {"About the same work": "equal", "Less work": "less", "More work": "greater"}
    again = ("survey", "check", str(export), "--mapping", str(mapping), "--json")
    first, second = run(*again), run(*again)
    assert first.exit_code == 0, first.output
    assert first.stdout == second.stdout
    found = json.loads(first.stdout)
    assert found["respondents"] == 3 and found["confirmed"]


def test_a_mapping_that_is_there_is_not_written_over(export: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.toml"
    mapping.write_text("mine", encoding="utf-8")
    done = run("survey", "map", str(export), "-o", str(mapping))
    assert done.exit_code == 1 and "--force" in done.output
    assert mapping.read_text(encoding="utf-8") == "mine"
    assert run("survey", "map", str(export), "-o", str(mapping), "--force").exit_code == 0


def test_columns_that_a_changed_file_lacks_are_named(export: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.toml"
    run("survey", "map", str(export), "-o", str(mapping))
    export.write_bytes(vendors.qualtrics().replace(b"Q1_2", b"Q1_22").replace(b"Q1_3", b"Work3"))
    done = run("survey", "check", str(export), "--mapping", str(mapping))
    said = " ".join(done.output.split())
    assert done.exit_code == 1
    assert "columns of the mapping that the file lacks: 'Q1_2' (near: 'Q1_22'), 'Q1_3'" in said


def test_what_the_file_is_and_what_was_seen(export: Path) -> None:
    done = run("survey", "check", str(export))
    said = " ".join(done.stdout.split())
    assert "export.csv: qualtrics, pairs, wide; read as the columns suggest" in said
    assert "three head rows, the third with ImportId" in said
    assert "left behind: IPAddress (by its name)" in said
    assert "not recorded: say `invited` in the mapping" in said
    rows = list(csv.DictReader(io.StringIO(run("survey", "check", str(export), "--csv").stdout)))
    assert [(one["line"], one["flag"]) for one in rows] == [("5", "incomplete"), ("6", "straight-line")]


def test_answers_without_a_meaning_are_listed_to_fill_in(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.write_text("id,63047,63005\nA,tiny,huge\nB,less,huge\n", encoding="utf-8")
    done = run("survey", "map", str(path), "--target", "62380", "--kind", "pairs")
    assert done.exit_code == 0, done.output
    assert tomllib.loads(done.stdout)["answers"] == {"huge": "", "tiny": ""}
    mapping = tmp_path / "m.toml"
    mapping.write_text(done.stdout.replace('"huge" = ""', '"huge" = "greater"'), encoding="utf-8")
    stopped = run("survey", "check", str(path), "--mapping", str(mapping))
    assert stopped.exit_code == 1 and "'tiny' is no answer (s.csv, line 2, column 63047)" in " ".join(
        stopped.output.split()
    )
    mapping.write_text(mapping.read_text(encoding="utf-8").replace('"tiny" = ""', '"tiny" = "less"'), encoding="utf-8")
    found = json.loads(run("survey", "check", str(path), "--mapping", str(mapping), "--json").stdout)
    assert found["confirmed"] and found["questions"][1]["given"] == {"greater": 2}


def test_other_kinds_are_sent_to_their_commands(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.write_bytes(vendors.plain())
    mapping = tmp_path / "m.toml"
    assert run("survey", "map", str(path), "--target", "62380", "-o", str(mapping)).exit_code == 0
    done = run("rasch", str(path), "--mapping", str(mapping))
    assert done.exit_code == 1 and "`openrvu value` takes it" in " ".join(done.output.split())
    assert run("triangulate", "62380", "--survey", str(path)).exit_code == 0
