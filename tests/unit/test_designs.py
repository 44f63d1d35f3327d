"""A survey designed from the facts held, and the command design. Widths are SIMULATED."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from openrvu.cli import main
from openrvu.designs import comparators as choosing
from openrvu.errors import BadInput
from openrvu.facts import embedded
from openrvu.valuation.pairdesign import read

QUICK = ("--surveys", "100")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["design", *arguments, *QUICK])


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """One design of 62380, as JSON, with its file and its chart."""
    folder = tmp_path_factory.mktemp("design")
    result = run("62380", "--half-width", "3", "-o", str(folder / "d.toml"), "--chart", str(folder / "c.svg"), "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found, folder


def test_comparators_are_of_the_family_and_span_the_target(files: tuple[dict[str, Any], Path]) -> None:
    found, _ = files
    facts, codes = embedded(), [one["service"] for one in found["comparators"]]
    assert len(codes) == len(set(codes)) == 10 and "62380" not in codes
    held = [facts.work_rvu(code, "2026C") or 0 for code in codes]
    assert [one["work_rvu"] for one in found["comparators"]] == [f"{rvu / 1e4:.2f}" for rvu in held]
    # The family's comparators with work RVUs on 2026C: 6.85 8.00 9.03 11.70 14.63 14.99 16.02, of which the middle one.
    assert found["guess"]["work_rvu"] == "11.70"
    assert {"22869", "63030", "63047", "63005"} <= set(codes)
    assert min(held) < 117000 < max(held) and all(0.4 * 117000 <= rvu <= 1.6 * 117000 for rvu in held)
    assert all(one["kind"] in (0, 1) and one["global_days"] == "090" for one in found["comparators"])


def test_the_written_design_is_the_linked_one(files: tuple[dict[str, Any], Path]) -> None:
    found, folder = files
    kept = read(folder / "d.toml")
    assert kept.target == "62380" and len(kept.pairs) == found["linked"]["pairs"] == 27
    assert [list(map(list, block)) for block in kept.blocks] == found["design"]["blocks"]
    assert (folder / "d.toml").read_text().splitlines()[1].startswith("# Nobody has answered it.")


def test_the_chart_says_that_it_is_simulated(files: tuple[dict[str, Any], Path]) -> None:
    found, folder = files
    assert "SIMULATED" in (folder / "c.svg").read_text() and found["chart"]["alt"].startswith("SIMULATED")
    assert found["simulated"] and found["foot"]["run_id"].endswith("-s1")


def test_both_designs_stand_side_by_side(files: tuple[dict[str, Any], Path]) -> None:
    found, _ = files
    star, linked = found["star"], found["linked"]
    assert (star["pairs"], star["questions"], star["tests_transitivity"]) == (10, 10, False)
    assert (linked["blocks"], linked["questions"], linked["tests_transitivity"]) == (2, 19, True)
    for plan in (star, linked):
        halves = [one["line"] for one in plan["curve"]]
        assert halves[0] > halves[-1] > 0.9 * plan["floor"]["line"] and all(one["line_mc"] > 0 for one in plan["curve"])
    assert found["respondents"] >= 30  # no fewer than a RUC survey is asked to have
    assert len(found["effects"]) == 10


def test_what_no_number_of_respondents_gives_is_said() -> None:
    found = run("62380", "--half-width", "1.2")
    assert "not reached" in found.stdout and "no number of respondents gives 1.2" in found.stdout
    assert found.stdout.startswith("SIMULATED: nobody answered.")


def test_as_csv_both_curves() -> None:
    lines = run("62380", "--csv", "--count", "6").stdout.splitlines()
    assert lines[0].startswith("design,respondents,answers,line,line_mc") and len(lines) == 1 + 2 * 11


def test_own_comparators_bundles_among_them() -> None:
    found = json.loads(
        run("62380", "--comparators", "63030,63047,22630+22840,63005,22612", "--json", "--on", "2025-07-01").stdout
    )
    by_name = {one["service"]: one["work_rvu"] for one in found["comparators"]}
    # 2025: 22630 22.09 and add-on 22840 12.52 come to 34.61.
    assert by_name["22630+22840"] == "34.61" and found["comparators"][-1]["service"] == "22630+22840"
    assert found["comparators"][0]["why"] == "named by you"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("99999",), "--guess"),
        (("62380", "--comparators", "63030,63047,99999,63005"), "99999 has no work RVU"),
        (("62380", "--comparators", "63030,63047,62380,63005,63012"), "62380"),
        (("62380", "--family", "lumbar"), "Families: "),
        (("62380", "--guess", "0.5", "--reach", "0.1"), "Widen it"),
        (("62380", "--half-width", "-1"), "--half-width -1"),
        (("62380", "--count", "2"), "--count 2"),
        (("62380", "--ties", "1.5"), "share of ties 1.5"),
        (("62380", "-o", "design.txt"), "design.txt is no .toml"),
        (("62380", "--chart", "c.bmp"), "names no kind of drawing"),
        (("62380", "--release", "1999A"), "1999A"),
    ],
)
def test_bad_input_is_told(arguments: tuple[str, ...], said: str) -> None:
    found = run(*arguments)
    assert found.exit_code == 1 and said in found.stderr and "not your fault" not in found.stderr


def test_a_service_of_another_region_is_named_so() -> None:
    facts = embedded()
    guess = choosing.guessed("27278", facts, "2026C", None)
    found = choosing.proposed("27278", facts, "2026C", guess, 10, 0.6)
    why = {one.service: one.why for one in found}
    assert why["62330"].endswith("of another region (lumbar)") and "one of the family's" in why["27279"]
    with pytest.raises(BadInput, match="no family 'x'"):
        choosing.proposed("27278", facts, "2026C", guess, 10, 0.6, "x")


def test_without_a_family_services_near_in_number_come_first() -> None:
    assert [choosing._kind(code, "47562", None) for code in ("47563", "49505", "26130", "0200T")] == [2, 2, 3, 3]
    assert [choosing._kind(code, "0202T", None) for code in ("0200T", "0275T", "63047")] == [2, 2, 3]
