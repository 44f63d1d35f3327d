"""The commands ruc, iwput, crosswalk, regress, bundle and triangulate, as a user types them. Minutes are SYNTHETIC."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.unit.test_routes import RUC, synthetic

from openrvu import answers
from openrvu.cli import main
from openrvu.facts import embedded


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def data(*arguments: str) -> dict[str, Any]:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A made-up RUC survey and a made-up time file."""
    folder = tmp_path_factory.mktemp("routes")
    (folder / "ruc.csv").write_text(RUC)
    (folder / "times.csv").write_text(synthetic(embedded()))
    return str(folder / "ruc.csv"), str(folder / "times.csv")


MINUTES = ("--evaluation", "40", "--positioning", "10", "--scrub", "15", "--intra", "90", "--post", "20")


def every(files: tuple[str, str]) -> list[tuple[str, ...]]:
    ruc, times = files
    return [
        ("ruc", ruc, "--target", "62380"),
        ("iwput", "62380", "--times", times),
        ("crosswalk", "62380", "--times", times),
        ("regress", "62380", "--times", times),
        ("bundle", "22612+22614x2"),
        ("triangulate", "62380", "--ruc", ruc, "--times", times),
    ]


def test_each_prints_encodes_and_has_a_table(files: tuple[str, str]) -> None:
    for arguments in every(files):
        text = run(*arguments)
        assert text.exit_code == 0, text.output
        assert "Not coding, legal or medical advice" in text.stdout.splitlines()[-1]
        assert data(*arguments)["foot"]["disclaimer"] == answers.DISCLAIMER
        sheet = run(*arguments, "--csv").stdout.splitlines()
        assert len(sheet) > 1 and "," in sheet[0], arguments


def test_made_up_data_says_so_on_every_output(files: tuple[str, str]) -> None:
    for arguments in every(files):
        if arguments[0] == "bundle":
            continue
        assert "SIMULATED" in run(*arguments).stdout.splitlines()[0], arguments
        found = json.dumps(data(*arguments))
        assert "SIMULATED" in found or "SYNTHETIC" in found, arguments


def test_iwput_from_minutes_typed_in() -> None:
    found = data("iwput", "62380", *MINUTES, "--visit", "99213x2", "--visit", "99238", "--work", "18.2464")
    before = found["conventions"][0]
    assert before["outside"] == pytest.approx(4.9095) and before["iwput"] == pytest.approx(0.148188, abs=1e-6)
    assert found["times"]["visits"] == {"99213": 2.0, "99238": 1.0}
    text = run("iwput", "62380", *MINUTES, "--intensity", "0.08", "--work", "18.2464").stdout
    assert "IWPUT that 18.2464 implies: 0.1840" in text and "at IWPUT 0.08: work RVU 8.89" in text
    assert "to be confirmed" in text


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("iwput", "62380"), "no times of 62380 are held"),
        (("iwput", "62380", "--intra", "90", "--visit", "hello"), "'hello' is no visit"),
        (("iwput", "62380", "--evaluation", "40"), "no intra-service minutes"),
        (("regress", "62380"), "no physician time file is given"),
        (("crosswalk", "62380", "--times", "nowhere.csv"), "the file cannot be read"),
        (("bundle", "62380+x"), "is no code"),
        (("ruc", "nowhere.csv", "--target", "62380"), "cannot be read"),
        (("triangulate", "62380", "--demo", "-o", "plot.bmp"), "names no kind of drawing"),
    ],
)
def test_bad_input_is_one_message(arguments: tuple[str, ...], says: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 1 and says in result.stderr and "not your fault" not in result.stderr


def test_triangulate_draws_a_forest(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "forest.svg"
    assert run("triangulate", "62380", "-o", str(path)).exit_code == 0
    drawn = path.read_text()
    assert drawn.startswith("<svg") and "Mean of comparators, 2026C, 10 of 11 held" in drawn and "Arial" in drawn
    assert "<desc>Forest plot. Published claim 18.2464" in drawn
    found = data("triangulate", "62380")
    assert found["forest"]["alt"].startswith("Forest plot. Published claim 18.2464 (no interval printed)")
    assert found["forest"]["spec"]["$schema"].endswith("v6.json")
    assert data("triangulate", "62380", "--demo")["forest"]["alt"].startswith("SIMULATED")


def test_times_by_the_environment(files: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENRVU_TIMES", files[1])
    assert data("crosswalk", "62380")["neighbours"]


def test_a_date_chooses_the_release() -> None:
    assert data("bundle", "63047", "--on", "2024-03-20")["foot"]["release"] == "2024AR"
    assert data("triangulate", "63047", "--on", "2025-07-04")["routes"][0]["value"] == 15.37


def test_value_with_and_without_the_joint_model() -> None:
    found = data("value", "--demo", "--draws", "0")
    assert found["joint"]["new_low"] < found["joint"]["value"] < found["joint"]["new_high"]
    assert data("value", "--demo", "--draws", "0", "--no-joint")["joint"] is None
    few = data("value", "--demo", "--draws", "0", "--no-joint", "--volume", "2000000")
    assert next(g for g in few["guards"] if g["name"] == "few-respondents")["figures"]["asked"] == 75
