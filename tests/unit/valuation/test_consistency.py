"""Printed figures held against each other: each check with figures that agree and figures that do not, by hand."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from openrvu.audits import audit, audit_file
from openrvu.cli import main
from openrvu.errors import BadFile
from openrvu.valuation import consistency, study_file
from openrvu.valuation.consistency import AGREES, DIFFERS, Check

DOCUMENT = (Path(__file__).parents[3] / "docs" / "studies.md").read_text(encoding="utf-8")
EXAMPLE = re.search(r"```toml\n(.*?)```", DOCUMENT, re.S)
BARE: dict[str, Any] = {
    "id": "x",
    "target": "62380",
    "title": "t",
    "authors": "a",
    "year": 2024,
    "source": "s",
    "design": "star",
    "interest": "unknown",
    "read": "all",
}


def checks(**tables: Any) -> dict[str, Check]:
    found = consistency.checks(study_file.from_rows({**BARE, **tables}, "study.toml"))
    assert len({one.name for one in found}) == len(found), "one check of a kind, so that names can be asked for"
    return {one.name: one for one in found}


def outcome(name: str, **tables: Any) -> str:
    return checks(**tables)[name].outcome


def panel(**figures: Any) -> list[dict[str, Any]]:
    return [{"name": "p", "source": "s", **figures}]


def test_a_percentage_is_a_whole_number_of_n() -> None:
    # 16 of 28 are 57.14 %, so 57; no whole number of 28 is 58 % (16: 57.1, 17: 60.7).
    shares = [{"words": "w", "percent": "57", "of": 28}]
    found = checks(shares=shares)["percentage-of-n"]
    assert found.outcome == AGREES and found.figures["counts"] == [16]
    shares = [{"words": "w", "percent": "58", "of": 28}]
    found = checks(shares=shares)["percentage-of-n"]
    # 15 of 26 are 57.7 %, 14 of 24 are 58.3 %, 18 of 31 are 58.1 %: 24, 26 and 31 are the nearest to 28 that can.
    assert found.outcome == DIFFERS and found.words.endswith("the nearest numbers that can give it are 24, 26, 31")
    assert consistency.counts_of("12.5", 40) == (5,) and consistency.counts_of("12.4", 40) == ()
    assert consistency.reach("57", 200) == 1.0  # two hundred people can give any whole percentage: nothing is tested


def test_a_percentage_without_n_is_of_the_one_panel() -> None:
    shares = [{"words": "w", "percent": "33.3"}]
    assert outcome("percentage-of-n", shares=shares, panels=panel(completed=30)) == AGREES
    assert outcome("percentage-of-n", shares=shares, panels=panel(completed=31)) == DIFFERS
    two = [*panel(completed=30), {"name": "q", "source": "s", "completed": 31}]
    assert not checks(shares=shares, panels=[{**two[0]}, two[1]])


def test_shares_of_one_question_come_to_100() -> None:
    def of(*percents: str) -> list[dict[str, Any]]:
        return [{"words": f"w{p}", "percent": p, "whole": "q"} for p in percents]

    assert outcome("shares-to-100", shares=of("33.3", "33.3", "33.3")) == AGREES  # 99.9, and 100.05 is allowed
    assert outcome("shares-to-100", shares=of("57", "41")) == DIFFERS


def test_the_funnel_narrows() -> None:
    assert outcome("funnel", panels=panel(sent=100, opened=60, responded=40, completed=40)) == AGREES
    assert outcome("funnel", panels=panel(sent=100, responded=40, completed=41)) == DIFFERS
    assert outcome("funnel-parts", panels=panel(sent=798, parts=[557, 241])) == AGREES
    assert outcome("funnel-parts", panels=panel(sent=800, parts=[557, 241])) == DIFFERS


def test_rates_are_those_of_the_counts() -> None:
    # 150 of 322 are 46.58 %; 150 of 542 are 27.68 %; 150 are 43.1 % of 348 (43.103).
    right = panel(sent=542, responded=322, completed=150, completion_rate="46.6")
    assert outcome("completion-rate", panels=right) == AGREES
    assert (
        outcome("completion-rate", panels=panel(sent=542, responded=322, completed=150, completion_rate="27.7"))
        == AGREES
    )
    found = checks(panels=panel(responded=322, completed=150, completion_rate="43.1"))["completion-rate"]
    assert found.outcome == DIFFERS and found.words.endswith("no whole number of 322 is 43.1 %; 150 are 43.1 % of 348")
    assert outcome("response-rate", panels=panel(sent=52, responded=41, response_rate="78.8")) == AGREES
    assert outcome("response-rate", panels=panel(sent=52, responded=41, response_rate="79.8")) == DIFFERS


def test_a_mean_of_whole_numbers_has_steps() -> None:
    # 28 respondents: steps of 1/28 = 0.0357. 5.18 = 145/28 (5.1786); 5.19 lies between 145/28 and 146/28 (5.2143).
    # Brown & Heathers 2017 give this very example: 5.19 is no mean of 28 whole numbers, and 5.18 is.
    assert outcome("mean-of-n", averages=[{"words": "w", "value": "5.18", "n": 28, "source": "s"}]) == AGREES
    found = checks(averages=[{"words": "w", "value": "5.19", "n": 28, "source": "s"}])["mean-of-n"]
    assert found.outcome == DIFFERS and "the nearest are 5.1786 and 5.2143" in found.words
    # Four questions each: steps of 1/112, fine enough for every second decimal.
    many = checks(averages=[{"words": "w", "value": "5.19", "n": 28, "items": 4, "source": "s"}])["mean-of-n"]
    assert many.outcome == AGREES and not many.figures["tests"]


def interval(**figures: Any) -> dict[str, Check]:
    return checks(intervals=[{"words": "w", "source": "s", **figures}])


def test_an_interval_goes_with_its_value_error_and_n() -> None:
    # 50 with sd 10 of 25 people: SE 2, t(24) = 2.0639 gives 45.9 to 54.1, the normal 46.1 to 53.9.
    good: dict[str, Any] = {"value": "50.0", "se": "2.00", "low": "45.9", "high": "54.1", "sd": "10.0", "n": 25}
    assert {one.outcome for one in interval(**good).values()} == {AGREES}
    assert interval(**{**good, "low": "46.1", "high": "53.9"})["interval-and-se"].outcome == AGREES
    assert interval(**{**good, "low": "47.0", "high": "53.0"})["interval-and-se"].outcome == DIFFERS
    assert interval(**{**good, "low": "45.9", "high": "56.1"})["interval-middle"].outcome == DIFFERS
    wrong = interval(**{**good, "se": "1.00"})["se-and-n"]
    assert wrong.outcome == DIFFERS and wrong.figures["implied_n"] == 100.0
    assert interval(value="50.0", se="2.00") == {}  # nothing to hold it against


def test_a_total_is_that_of_its_parts() -> None:
    def of(how: str, parts: list[str], printed: str) -> str:
        return outcome("total", totals=[{"words": "w", "how": how, "parts": parts, "printed": printed, "source": "s"}])

    assert of("mean", ["14.36", "14.1"], "14.23") == AGREES
    assert of("mean", ["14.36", "14.1"], "14.32") == DIFFERS
    assert of("sum", ["0.333", "0.333", "0.333"], "1.000") == AGREES  # rounding may make up 0.0015
    assert of("sum", ["40", "71", "25"], "146") == DIFFERS


def measures(*rows: tuple[str, str], n: int = 100, categories: int = 2) -> dict[str, Check]:
    names = ("63030", "63047", "63005", "22612")
    return checks(
        scales=[{"name": "work", "work": True, "printed": True, "source": "s"}],
        measures={"scale": "work", "respondents": n, "categories": categories, "source": "s"},
        comparators=[{"service": code, "measure": m, "se": se} for code, (m, se) in zip(names, rows, strict=True)],
    )


def test_measures_are_no_finer_than_their_answers() -> None:
    # 100 answers of two kinds: no standard error below 2 / 10, no step below 4 / 100.
    good = measures(("-0.50", "0.21"), ("0.10", "0.20"), ("0.14", "0.20"), ("0.14", "0.20"))
    assert good["se-of-measures"].outcome == AGREES and good["steps-of-measures"].outcome == AGREES
    assert "2 or more comparators share a measure" in good["steps-of-measures"].words
    bad = measures(("-0.50", "0.21"), ("0.10", "0.12"), ("0.12", "0.20"), ("0.90", "0.25"))
    assert bad["se-of-measures"].outcome == DIFFERS and "63047 0.12" in bad["se-of-measures"].words
    assert bad["steps-of-measures"].outcome == DIFFERS
    # With three kinds of answers the least is half of it, and a quarter.
    three = measures(("-0.50", "0.21"), ("0.10", "0.12"), ("0.12", "0.20"), ("0.90", "0.25"), categories=3)
    assert {one.outcome for one in three.values()} == {AGREES}


def test_the_published_studies(tmp_path: Path) -> None:
    found = {
        key: {(c.name, c.about): c.outcome for c in audit(key).checks}
        for key in ("lewandrowski-2024-62380", "lorio-2024-0202T", "lorio-2016-27279", "lorio-2021-22867")
    }
    differ = [(key, name) for key, every in found.items() for (name, _), out in every.items() if out == DIFFERS]
    # The abstract's 43.1 % against its own 150 of 322 (46.6 %), as valuation of the method notes has it.
    assert differ == [("lewandrowski-2024-62380", "completion-rate")]
    assert found["lorio-2016-27279"]["total", "mean of the two surveys' values"] == AGREES
    assert len(found["lorio-2021-22867"]) == 4 and len(found["lewandrowski-2024-62380"]) == 7


def test_the_documented_example_is_audited(tmp_path: Path) -> None:
    assert EXAMPLE is not None
    path = tmp_path / "example.toml"
    path.write_text(EXAMPLE[1], encoding="utf-8")
    found = audit_file(path)
    by = {(c.name, c.about): c.outcome for c in found.checks}
    # 48 of 60 are 80.0 %, not 82.5; 21 of 48 are 43.75 and 20 are 41.7, so 43 % is nobody's share; 593/48 = 12.354.
    # The mean of 12.00, 15.37, 16.43, 23.53 and 34.61 is 20.388.
    assert sorted(name for (name, _), out in by.items() if out == DIFFERS) == [
        "completion-rate",
        "percentage-of-n",
        "se-of-measures",
    ]
    assert by["percentage-of-n", "perform the operation every month"] == AGREES
    assert found.mean is not None and round(found.mean.value, 3) == 20.388 and found.line is not None
    again = audit_file(path, on=found.on)
    assert again.to_dict() == found.to_dict() and len(found.digest) == 12
    path.write_text(EXAMPLE[1].replace('"16.60"', '"16.61"'), encoding="utf-8")
    assert audit_file(path).digest != found.digest
    shown = CliRunner().invoke(main, ["audit", str(path)])
    assert shown.exit_code == 0 and "internal consistency" in shown.stdout and "differs" in shown.stdout


def test_the_documents_name_every_field_and_check() -> None:
    accepted = {
        key: set(re.findall(r"`(\w+)`", row))
        for key, row in re.findall(r"^\| `\[+(\w+)\]+` \| (.+) \|$", DOCUMENT, re.M)
    }
    values = {"star", "linked", "sum", "mean", "reference"}
    for key, names in accepted.items():
        row = {"measures": {"zzz": 1}}.get(key, [{"zzz": 1}])
        extra = {**BARE, key: row}
        rows: Any = (
            tomllib.loads(EXAMPLE[1])[key] if EXAMPLE and key != "inconsistencies" else [{"words": "w", "source": "s"}]
        )
        extra[key] = {**rows, "zzz": 1} if isinstance(rows, dict) else [{**rows[0], "zzz": 1}]
        with pytest.raises(BadFile) as fault:
            study_file.from_rows(extra, "study.toml")
        told = set(re.findall(r"\w+", fault.value.exists))
        assert names - values == told - {"Accepted"}, key
    kinds = set(re.findall(r'_check\(\s*f?"([a-z0-9{}-]+)"', Path(consistency.__file__).read_text()))
    kinds = kinds - {"{name}-rate"} | {"response-rate", "completion-rate"}
    table = DOCUMENT.partition("## What is held against what")[2]
    assert set(re.findall(r"`([a-z0-9-]+)`", "".join(re.findall(r"^\| (`[^|]+) \|", table, re.M)))) == kinds


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('value = "16.60"', "value = 16.60", "claims 1"),
        ('percent = "43"', 'percent = "43 %"', "shares 2"),
        ("sent = 250", "sent = -1", "panels 1"),
        ('service = "63047"', 'service = "6304"', "comparators 2"),
        ('how = "sum"', 'how = "product"', "totals 1"),
        ('se = "0.33"', 'weight = "0.33"', "comparators 1"),
        ('parts = ["40", "71", "25"]', "parts = [40, 71]", "totals 1"),
        ('design = "star"', 'design = "stars"', "Accepted: star, linked"),
        ("year = 2025", "year = = 2025", "no readable TOML"),
        ('low = "65.8"\n', "", "one end of an interval"),
        ('service = "63047"', 'service = "63030"', "63030 is there twice"),
        ('design = "star"\n', "", "no design"),
    ],
)
def test_a_fault_is_told_with_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert EXAMPLE is not None and EXAMPLE[1].count(old) >= 1
    path, text = tmp_path / "study.toml", EXAMPLE[1].replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    shown = CliRunner().invoke(main, ["audit", str(path)])
    assert shown.exit_code == 1 and said in shown.stderr and "not your fault" not in shown.stderr
    if new and "twice" not in said:
        assert f"line {text[: text.index(new)].count(chr(10)) + 1}" in shown.stderr
