"""Scenarios: what ships, by hand arithmetic; what is wrong in a file, by its line; budget neutrality."""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner

from openrvu.cli import main
from openrvu.errors import BadFile, BadInput
from openrvu.facts import embedded
from openrvu.impact.changed import apply
from openrvu.impact.drawing import draws
from openrvu.impact.neutrality import neutrality, next_factor
from openrvu.impact.scenario import Price, Volume, find, names, shipped
from openrvu.impact.simulate import CodeEffect, simulate
from openrvu.valuation.anchor import Reading

HEAD = 'title = "t"\nauthor = "a"\nreference = "r"\nbaseline = "2026C"\ndescription = "d"\n'  # five lines


def one(name: str, **more: object) -> CodeEffect:
    (row,) = simulate(name, facts=embedded(), **more).codes  # type: ignore[arg-type]
    return row


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(HEAD + text, encoding="utf-8")
    return path


def test_the_factors_of_2026_follow_from_the_identity() -> None:
    # 32.3465 x 1.025 = 33.1551625; x 1.0049 = 33.31762279...; x 1.0025 = 33.40091685, x 1.0075 = 33.56750497
    adjustment, update = Fraction("1.0049"), Fraction("1.025")
    assert next_factor(323465, adjustment, (update, Fraction("1.0025"))) == 334009
    assert next_factor(323465, adjustment, (update, Fraction("1.0075"))) == 335675
    assert embedded().conversion_factor(date(2026, 1, 1)).value == 334009
    assert embedded().conversion_factor(date(2026, 1, 1), qualifying_apm=True).value == 335675


@pytest.mark.parametrize(
    ("baseline", "work"), [("2023D", "14.60"), ("2024C", "14.60"), ("2025D", "14.60"), ("2026C", "14.24")]
)
def test_the_mean_of_the_open_operations(baseline: str, work: str) -> None:
    # (16.43 + 12.00 + 15.37) / 3 = 14.60; (16.02 + 11.70 + 14.99) / 3 = 14.2367
    case = apply(shipped("62380-as-open"), embedded(), baseline=baseline)
    moved = next(row for row in case.moved if row.column == "work_rvu")
    assert moved.to_dict()["after"] == work


def test_62380_as_published() -> None:
    # work 18.2464, PE (13.56 + 11.35 + 12.03) / 3 = 12.31, MP (6.12 + 3.84 + 4.88) / 3 = 4.95: 35.5064 x 33.4009
    row = one("62380-published")
    assert row.after_cents == 118595  # 1,185.9457...
    assert (row.work_cents, row.pe_cents, row.mp_cents) == (60945, 41117, 16533)  # 609.446, 411.165, 165.334
    assert (row.before_cents, row.change_cents, row.per_1000_cents) == (None, None, None)
    assert row.new_per_1000_cents == 118_595_000


def test_62380_as_62330_is_its_published_amount() -> None:
    assert one("62380-as-62330").after_cents == 47930  # CMS's national amount of 62330, 2026, non-QP


def test_63030_restored() -> None:
    # (13.18 + 11.35 + 3.84) x 33.4009 = 28.37 x 33.4009 = 947.5835; today (11.70 + 11.35 + 3.84) gives 898.15
    row = one("63030-restored")
    assert (row.before_cents, row.after_cents, row.change_cents, row.percent) == (89815, 94758, 4943, "5.5")


def test_the_efficiency_adjustment_undone() -> None:
    found = simulate("efficiency-undone", facts=embedded())
    moved = {row.code: (row.before, row.after) for row in found.moved}
    assert moved["63030"] == (117000, 120000)
    assert moved["63047"] == (149900, 153700)
    assert "62330" not in moved, "it was not there in 2025"
    assert "99213" not in moved or moved["99213"][0] != moved["99213"][1]


def test_volumes_and_prices_are_explicit() -> None:
    # as open: 14.24 + 12.31 + 4.95 = 31.50 x 33.4009 = 1,052.13; 2,000 x (1,052.13 - 900.00) = 304,260.00
    found = simulate("62380-as-open", volumes=[Volume("62380", 2000)], prices=[Price("62380", 90000)])
    (row,) = found.codes
    assert row.spending_change_cents == 30_426_000
    assert found.neutrality
    assert (found.neutrality.required, found.neutrality.factor) == (False, None)


def test_the_twenty_million_rule() -> None:
    on = date(2026, 7, 1)
    at = neutrality(10**12, 10**12 + 2 * 10**9, 334009, on, national=True)
    over = neutrality(10**12, 10**12 + 2 * 10**9 + 1, 334009, on, national=True)
    assert (at.required, at.conversion_factor_after) == (False, "33.4009")
    # 10^12 / (10^12 + 2 x 10^9) = 0.998004 (rounded); 33.4009 x 0.998003992... = 33.33423
    assert (over.required, over.factor, over.conversion_factor_after) == (True, "0.998004", "33.3342")


def test_the_volume_response() -> None:
    # 898.15 to 947.58 is +5.50353...%; elasticity -0.5 takes 2.7518 % of 1,000 services: 972
    row = one("63030-restored", volumes=[Volume("63030", 1000, elasticity=Fraction(-1, 2))])
    assert (row.services, row.services_after) == (1000, 972)
    assert row.spending_after_cents == 972 * 94758


def test_an_interval_written_beside_a_value(tmp_path: Path) -> None:
    text = '[[rvu]]\ncode = "63030"\nwork_rvu = { value = "13.00", low = "12.00", high = "14.00" }\n'
    (row,) = simulate(written(tmp_path, text)).codes
    # (12 + 11.35 + 3.84) x 33.4009 = 908.1705; 14: 974.9723; 13: 941.5714
    assert (row.low_cents, row.after_cents, row.high_cents) == (90817, 94157, 97497)


def test_draws_have_the_interval_of_the_estimate() -> None:
    reading = Reading(at=0.0, value=12.0, se=0.5, low=11.0, high=13.0, new_low=8.0, new_high=16.0, level=0.95)
    found = sorted(draws(reading, 9, 20_000, seed=7))
    # The sampling error of a 2.5 percent point of t(9), in RVUs of this spread, is 0.05 at 20,000 draws.
    assert abs(found[500] / 10_000 - 8.0) < 0.2
    assert abs(found[-501] / 10_000 - 16.0) < 0.2


def test_a_survey_gives_the_interval(tmp_path: Path) -> None:
    from openrvu.surveys import write_demo

    write_demo(tmp_path / "demo.csv")
    text = '[[rvu]]\ncode = "62380"\nstatus = "A"\nwork_rvu = { survey = "demo.csv" }\n'
    text += '[[volume]]\ncode = "62380"\nservices = 10\n[[contractor_price]]\ncode = "62380"\ndollars = "900"\n'
    found = simulate(written(tmp_path, text), draws=500)
    (row,) = found.codes
    assert row.low_cents is not None and row.after_cents is not None and row.high_cents is not None
    assert row.low_cents < row.after_cents < row.high_cents
    assert row.spending_low_cents is not None and row.spending_high_cents is not None
    assert row.spending_low_cents < 10 * row.after_cents < row.spending_high_cents
    assert found.seed == 1
    assert any("SIMULATED" in (moved.how or "") for moved in found.moved), "a simulated survey says so"


def test_gpci_and_factor(tmp_path: Path) -> None:
    text = '[[gpci]]\nplace = "15202-00"\nwork_gpci = "1.100"\n[[conversion_factor]]\nvalue = "30.0000"\n'
    text += '[[rvu]]\ncode = "63030"\nwork_rvu = "10.00"\n'
    found = simulate(written(tmp_path, text), place="15202-00")
    ohio = embedded().locality("15202-00", "2026C")
    # 30 x (10 x 1.1 + 11.35 x PE GPCI + 3.84 x MP GPCI), in cents, half up
    exact = 30 * (Fraction(11) + Fraction("11.35") * ohio.pe_gpci / 1000 + Fraction("3.84") * ohio.mp_gpci / 1000)
    (row,) = found.codes
    assert row.after_cents == int(exact * 100 + Fraction(1, 2))
    assert (found.conversion_factor_before, found.conversion_factor_after) == ("33.4009", "30.0000")


def test_a_rule_parameter(tmp_path: Path) -> None:
    """The rules read the scenario's value: an assistant at 20 percent."""
    from openrvu.pricing import price

    path = written(tmp_path, '[[parameter]]\nname = "assistant_surgeon"\nvalue = 2000\n')
    case = apply(find(path), embedded())
    after = price("63030", "80", on=case.on, facts=case.after).allowed_cents
    assert after == 17963  # 898.15 x 0.20 = 179.63


BAD = {
    "an unknown code": ('[[rvu]]\ncode = "99999"\nwork_rvu = "1"\n', 6, "99999"),
    "a code that cannot be": ('[[rvu]]\ncode = "6238"\nwork_rvu = "1"\n', 7, "6238"),
    "two values, two tables": (
        '[[rvu]]\ncode = "63030"\nwork_rvu = "1"\n\n[[rvu]]\ncode = "63030"\nwork_rvu = "2"\n',
        10,
        "two values",
    ),
    "two values, one figure": (
        '[[rvu]]\ncode = "63030"\nwork_rvu = { value = "1", same_as = "63047" }\n',
        8,
        "two values",
    ),
    "two values, one key": ('[[rvu]]\ncode = "63030"\nwork_rvu = "1"\nwork_rvu = "2"\n', 9, "no TOML"),
    "a date in no release": ("starts = 2031-01-01\n", 6, "in no release"),
    "a date in another release": ("starts = 2025-01-01\n", 6, "2025A"),
    "negative volumes": ('[[volume]]\ncode = "63030"\nservices = -5\n', 8, "-5"),
    "an unknown key": ('[[rvu]]\ncode = "63030"\nworkrvu = "1"\n', 8, "workrvu"),
    "an unknown table": ('[[rvus]]\ncode = "63030"\n', 6, "rvus"),
    "a float": ('[[rvu]]\ncode = "63030"\nwork_rvu = 12.5\n', 8, "12.5"),
    "work above any": ('[[rvu]]\ncode = "63030"\nwork_rvu = "1200"\n', 8, "1200"),
    "a release not held": ('[[rvu]]\ncode = "63030"\nwork_rvu = { as_of = "2011A" }\n', 8, "2011A"),
    "no locality": ('[[gpci]]\nplace = "00000-00"\nwork_gpci = "1"\n', 6, "00000-00"),
    "no parameter": ('[[parameter]]\nname = "assistants"\nvalue = 1\n', 7, "assistants"),
    "a status letter": ('[[rvu]]\ncode = "63030"\nstatus = "Z"\n', 8, "Z"),
    "an interval upside down": (
        '[[rvu]]\ncode = "63030"\nwork_rvu = { value = "12", low = "13", high = "14" }\n',
        8,
        "order",
    ),
    "a source that is none": ('sources = ["nobody"]\n', 6, "source"),
}


@pytest.mark.parametrize("name", sorted(BAD))
def test_a_bad_file_is_refused_by_its_line(name: str, tmp_path: Path) -> None:
    text, line, word = BAD[name]
    with pytest.raises(BadFile) as caught:
        simulate(written(tmp_path, text), facts=embedded())
    assert caught.value.where == f"mine.toml, line {line}"
    assert word in str(caught.value)


def test_a_scenario_is_headed(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('title = "t"\n', encoding="utf-8")
    with pytest.raises(BadFile, match="no author"):
        find(path)


def test_a_name_that_is_none_names_those_that_exist() -> None:
    with pytest.raises(BadInput, match="62380-published"):
        shipped("62380")


def test_the_command_prints_what_the_function_gives() -> None:
    run = CliRunner().invoke(main, ["simulate", "63030-restored", "--json"])
    assert run.exit_code == 0, run.output
    found = json.loads(run.stdout)
    assert found["codes"][0]["after"] == "947.58"
    assert found["moved"][0] == {
        "code": "63030",
        "modifier": "",
        "column": "work_rvu",
        "before": "11.70",
        "after": "13.18",
        "low": None,
        "high": None,
        "how": "that of release 2022D",
    }


def test_the_command_lists_and_refuses() -> None:
    listed = CliRunner().invoke(main, ["simulate", "--csv"])
    assert [line.split(",")[0] for line in listed.stdout.splitlines()[1:]] == list(names())
    refused = CliRunner().invoke(main, ["simulate", "62380-as-open", "--volume", "62380=-4"])
    assert refused.exit_code == 1
    assert "no number of services" in refused.output


def test_the_words_for_people() -> None:
    run = CliRunner().invoke(main, ["simulate", "62380-published"])
    assert run.exit_code == 0, run.output
    for words in ("per 1,000", "is not public", "A national factor of budget neutrality needs", "18.2464"):
        assert words in run.output
