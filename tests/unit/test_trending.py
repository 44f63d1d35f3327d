"""Trends: the percentages that the domain text quotes, what is not found, suppression's bounds, rates and growth."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.unit.use_files import PROVIDER, PSPS, provider, psps, write

from openrvu.cli import main
from openrvu.errors import BadFile, BadInput, NotHeld
from openrvu.impact.anomaly import anomaly
from openrvu.impact.counting import access, loaded_counts
from openrvu.impact.rates import Beneficiaries, adjusted, growth, read_beneficiaries
from openrvu.impact.segmented import change_a_year, interrupted, joinpoints
from openrvu.impact.trending import trend
from openrvu.tables.load import load

PEOPLE = "year,beneficiaries,source\n2017,38000000,made up for a test\n2023,33000000,made up for a test\n"


def test_the_claim_by_counts() -> None:
    """Lumbar family, section 2, claim 5: 475 to 17,082; -27.6 %, -14.0 %, -12.7 %, 2017 to 2023."""
    found = anomaly()
    assert [(row.code, row.percent) for row in found.rows[1:]] == [
        ("63047", "-27.6"),
        ("22612", "-14.0"),
        ("22633", "-12.7"),
    ]
    assert (found.rows[0].lines_first, found.rows[0].lines_last) == (475, 17082)
    assert (found.verdict, found.by, found.not_found) == ("not-as-worded", "counts", ("22867",))
    assert "Rates for each beneficiary are needed" in found.text
    assert any("suppress" in text for text in found.caveats)


def test_the_claim_by_rates() -> None:
    people = Beneficiaries({2017: 38_000_000, 2023: 33_000_000}, {}, ("made up",))
    found = anomaly(people)
    assert found.by == "rates"
    (fusion,) = [row for row in found.rows if row.code == "22612"]
    # (44,611 / 33) / (51,849 / 38) = 0.99077...: -0.92 % for each beneficiary where the count fell by 14.0 %
    assert fusion.rate_percent == pytest.approx(100 * float(Fraction(44611 * 38, 51849 * 33) - 1))


def test_what_is_not_found_and_what_is_not_held() -> None:
    found = trend(["63047", "22867", "99213"])
    assert [one.code for one in found.codes] == ["63047"]
    assert any("22867 were looked for and not found" in text for text in found.notes)
    assert any("99213 are held" in text for text in found.notes)


def test_gaps_are_no_zeros() -> None:
    """0275T has no figure of 2015 and 2016: no line goes over them, and no change since 2014 is printed."""
    (one,) = trend(["0275T"]).codes
    assert one.missing == (2015, 2016)
    assert one.change == ""
    assert one.line
    assert (one.line.first, one.line.last) == (2017, 2023)


def test_shares_and_substitution() -> None:
    found = trend(["63047", "0275T"])
    last = {share.code: share.percent for share in found.shares if share.year == 2023}
    assert last == {"63047": "85.66", "0275T": "14.34"}  # 102,006 and 17,082 of 119,088
    (one,) = found.substitution
    assert (one.fell, one.rose, one.first, one.last) == ("63047", "0275T", 2017, 2023)
    assert (one.change_fell, one.change_rose) == (102006 - 140953, 17082 - 475)
    assert trend(["63047", "22612"]).substitution == (), "both fell"


def test_growth_adds_up() -> None:
    ages = {2017: {"65-74": 600, "75+": 400}, 2023: {"65-74": 700, "75+": 800}}
    people = Beneficiaries({2017: 1000, 2023: 1500}, ages, ("made up",))
    services = {2017: {"65-74": 6, "75+": 8}, 2023: {"65-74": 7, "75+": 16}}
    found = growth(2017, 2023, {2017: 14, 2023: 23}, people, services)
    # The rates within ages stay at 1 and 2 percent. Population alone: +7; ages alone: 1000 x 23 / 1500 - 14 = 4/3.
    # Shapley: population (7 + (23 - 46/3)) / 2 = 22/3; age (4/3 + (23 - 21)) / 2 = 5/3.
    assert (found.population, found.age, found.rate) == pytest.approx((22 / 3, 5 / 3, 0.0))
    assert found.change == 9


def test_rates_need_a_source(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE, encoding="utf-8")
    (one,) = trend(["63047"], people=read_beneficiaries(path)).codes
    # 140,953 / 38 million and 102,006 / 33 million, for 100,000
    assert [round(rate.rate, 3) for rate in one.rates] == [370.929, 309.109]
    for text, word, line in (
        ("year,beneficiaries\n2017,1\n", "source", 1),
        ("year,beneficiaries,source\n2017,-4,x\n", "people", 2),
        ("year,beneficiaries,source\n2017,4,\n", "source", 2),
        ("year,beneficiaries,source\n2017,4,x\n2017,5,x\n", "second", 3),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(BadFile, match=word) as caught:
            read_beneficiaries(path)
        assert caught.value.where == f"people.csv, line {line}"


def test_ages_that_differ_are_refused() -> None:
    people = Beneficiaries({2017: 2, 2023: 2}, {2017: {"a": 2}, 2023: {"b": 2}}, ())
    with pytest.raises(BadInput, match="age groups"):
        adjusted(2023, {"b": 1}, people, 2017)
    with pytest.raises(NotHeld):
        adjusted(2020, {"b": 1}, people, 2017)


def test_short_series_say_so() -> None:
    with pytest.raises(BadInput, match="too few"):
        joinpoints([2020, 2021, 2022, 2023], [1.0, 2.0, 3.0, 4.0])
    with pytest.raises(BadInput, match="above zero"):
        change_a_year([2020, 2021, 2022], [1.0, 0.0, 3.0])
    with pytest.raises(BadInput, match="1 years before 2021"):
        interrupted([2020, 2021, 2022, 2023, 2024], [1.0, 2.0, 3.0, 4.0, 5.0], 2021)


def test_suppressed_counts_are_bounds(tmp_path: Path) -> None:
    home = tmp_path / "home"
    load(write(tmp_path / "PSPS2022.csv", PSPS, psps("63030", "40"), psps("63030", "*"), psps("63030", "*")), home=home)
    load(write(tmp_path / "PSPS2023.csv", PSPS, psps("63047", "40")), home=home)
    (one,) = loaded_counts(["63030"], "psps", home)
    (count,) = one.counts
    assert (count.services, count.hidden, count.high) == (40, 2, 60), "two counts of 1 to 10 each"
    assert one.missing == (2023,), "a year without a row is no zero"


def test_access_by_state_and_year(tmp_path: Path) -> None:
    rows = [
        provider(1, "0275T", "20", state="OH"),
        provider(1, "0275T", "12", state="OH", setting="O"),
        provider(2, "0275T", "30", state="CA"),
        provider(3, "0275T", "15", state="OH", specialty="Ambulatory Surgical Center"),
    ]
    load(write(tmp_path / "MUP_D23_Prov.csv", PROVIDER, *rows), home=tmp_path / "home")
    found = access("0275T", tmp_path / "home")
    assert [(one.state, one.practitioners, one.centres, one.services) for one in found] == [
        ("CA", 1, 0, 30),
        ("OH", 1, 1, 47),
    ]
    with pytest.raises(NotHeld):
        access("0275T", tmp_path / "nothing")


def test_the_command(tmp_path: Path) -> None:
    drawn = tmp_path / "use.svg"
    run = CliRunner().invoke(main, ["trend", "63047", "0275T", "--at", "2020", "-o", str(drawn)])
    assert run.exit_code == 0, run.output
    for words in ("139,435", "2018 (2016-2020)", "no proof", "not rates", "lines, not procedures", "-18.4"):
        assert words in run.output
    assert drawn.read_text(encoding="utf-8").startswith("<svg")
    run = CliRunner().invoke(main, ["trend", "--claim", "--json"])
    assert json.loads(run.stdout)["claim"]["verdict"] == "not-as-worded"
    run = CliRunner().invoke(main, ["trend", "63047", "--csv"])
    assert run.stdout.splitlines()[1].startswith("63047,2014,139435,0,")
    assert CliRunner().invoke(main, ["trend", "99999"]).exit_code == 1
