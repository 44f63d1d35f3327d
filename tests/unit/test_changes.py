"""What moved an amount: parts worked by hand and by brute force over every order, causes, components, real dollars."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from fractions import Fraction
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from openrvu import units
from openrvu.cards.changes import PARTS, causes, change, decompose, events, shapley, shares
from openrvu.cards.history import history
from openrvu.cards.prices import base_of, consumer_prices, read_index
from openrvu.cli import main
from openrvu.errors import BadFile, BadInput, NotHeld
from openrvu.pricing import price
from openrvu.sources import sources


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["history", *arguments])


def parts(*arguments: Any, **chosen: Any) -> dict[str, int]:
    return {part.name: part.amount_cents for part in change(*arguments, **chosen).parts}


def test_63047_by_hand() -> None:
    """National 2025 to 2026: mean factor 32.8737, mean RVU 32.875 (docs/decomposition.md has the arithmetic)."""
    found = change("63047", "2025-07-01", "2026-07-01")
    assert [part.exact for part in found.parts] == ["-12.492006", "-51.940446", "0.328737", "0.000000", "34.663400"]
    assert [part.amount_cents for part in found.parts] == [-1249, -5194, 33, 0, 3466]
    assert (found.before_cents, found.after_cents, found.change_cents) == (109_493, 106_549, -2_944)
    assert found.percent == "-2.69"


def test_the_factor_alone_moved_in_march_2024() -> None:
    # 33.61 RVUs x (33.2875 - 32.7442) = 18.260313, and 1,118.79 - 1,100.53 = 18.26.
    assert parts("63047", "2024-03-08", "2024-03-09") == {"work": 0, "PE": 0, "MP": 0, "GPCI": 0, "CF": 1826}


def brute(names: tuple[str, ...], value: Callable[[frozenset[str]], Fraction]) -> dict[str, Fraction]:
    """The same by walking through every order, one part after the other."""
    orders = list(permutations(names))
    total = dict.fromkeys(names, Fraction(0))
    for order in orders:
        moved: frozenset[str] = frozenset()
        for name in order:
            total[name] += value(moved | {name}) - value(moved)
            moved |= {name}
    return {name: one / len(orders) for name, one in total.items()}


@given(st.lists(st.fractions(-5, 5), min_size=10, max_size=10))
def test_the_average_over_orders_is_that_of_every_order(numbers: list[Fraction]) -> None:
    old, new = numbers[:5], numbers[5:]

    def value(moved: frozenset[str]) -> Fraction:
        a, b, c, d, e = (new[at] if name in moved else old[at] for at, name in enumerate(PARTS))
        return (a * d + b + c * d) * e

    found = shapley(PARTS, value)
    assert found == brute(PARTS, value)
    assert sum(found.values()) == value(frozenset(PARTS)) - value(frozenset())


@pytest.mark.parametrize("place", ["national", "Ohio", "Alaska", "01182-18"])
@pytest.mark.parametrize("code", ["63030", "63047", "22867", "62323", "27279"])
@pytest.mark.parametrize("setting", ["facility", "nonfacility"])
def test_the_parts_add_up_to_the_cent_and_turn_with_the_dates(code: str, place: str, setting: str) -> None:
    early, late = "2021-05-01", "2026-07-01"
    found = change(code, early, late, place=place, setting=setting)
    assert sum(part.amount_cents for part in found.parts) == found.after_cents - found.before_cents
    before, after = (price(code, on=on, place=place, setting=setting) for on in (early, late))
    there, back = decompose(before, after), decompose(after, before)
    assert there == {name: -cents for name, cents in back.items()}
    for part in found.parts:
        assert abs(part.amount_cents - there[part.name]) < 1
        assert (part.before == part.after) <= (there[part.name] == 0)


def test_components_add_up_and_are_those_of_the_formula() -> None:
    # 63047 in 2025, national: 15.37, 13.61 and 4.87 x 32.3465 = 497.165705, 440.235865, 157.527455, together 1,094.93.
    assert shares(price("63047", on="2025-07-01")) == (49_716, 44_024, 15_753)
    for row in history("22867", place="Alaska").rows:
        if row.amount_cents is not None:
            assert (row.work_cents or 0) + (row.pe_cents or 0) + (row.mp_cents or 0) == row.amount_cents
    with pytest.raises(BadInput, match="62380 has no amount"):
        shares(price("62380", on="2025-07-01"))


@pytest.mark.parametrize(
    ("total", "of", "wanted"),
    [
        (0, ["0", "0"], [0, 0]),
        (3, ["6/5", "6/5", "1/10"], [2, 1, 0]),
        (2, ["6/5", "6/5", "1/10"], [1, 1, 0]),
        (-2, ["-6/5", "-6/5"], [-1, -1]),
        (0, ["1/2", "-1/2"], [1, -1]),
        (1, ["1/3", "1/3", "1/3"], [1, 0, 0]),
    ],
)
def test_cents_go_to_the_largest_remainders(total: int, of: list[str], wanted: list[int]) -> None:
    found = units.apportion(total, [Fraction(one) for one in of])
    assert found == wanted and sum(found) == total


def test_a_total_that_is_not_the_sum_is_refused() -> None:
    with pytest.raises(ValueError, match="not the rounded sum"):
        units.apportion(5, [Fraction(1), Fraction(2)])


def test_causes_name_the_event_of_the_part_that_moved() -> None:
    rows = {row.release: row.causes for row in history("63030").rows}
    by = {release: [(cause.component, cause.text) for cause in found] for release, found in rows.items()}
    assert ("work", "work 13.18 to 12.00, revalued") in by["2023A"]
    assert not any("efficiency" in text for _, text in by["2023A"])
    assert ("work", "work 12.00 to 11.70") in by["2026C"]  # 12.00 less 2.5 % is 11.70
    assert any("efficiency adjustment" in text for _, text in by["2026C"])
    assert [part for part, _ in by["2024AR"]] == ["CF", "CF"]
    assert by["2024B"] == [] and by["2020A"] == []
    assert all(set(cause.sources) <= set(sources()) for found in rows.values() for cause in found)


def test_the_halved_indirect_expense_is_named_in_a_facility_only() -> None:
    inside, outside = (
        [cause.text for row in history("63047", setting=setting).rows for cause in row.causes]
        for setting in ("facility", "nonfacility")
    )
    assert any("half of the work RVU" in text for text in inside)
    assert not any("half of the work RVU" in text for text in outside)


def test_a_value_that_moved_otherwise_is_no_efficiency_adjustment() -> None:
    # 62323, 1.80 less 2.5 % is 1.755, rounded half up 1.76; from 2025 to 2026 it is 1.76.
    before, after = (price("62323", on=on) for on in ("2025-07-01", "2026-07-01"))
    assert any("efficiency" in cause.text for cause in causes(before, after))
    # E/M visits were spared: 99213 stays at 1.30 and has no cause of work.
    visits = [price("99213", on=on) for on in ("2025-07-01", "2026-07-01")]
    assert "work" not in {cause.component for cause in causes(*visits)}


def test_events_are_dated_cited_and_of_a_known_part() -> None:
    assert {one.component for one in events()} <= {"cf", "work", "pe", "mp", "gpci"}
    assert all(one.sources and set(one.sources) <= set(sources()) and one.text for one in events())
    assert [one.on for one in events()] == sorted(one.on for one in events())


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (("63047", "2026-07-01", "2025-07-01"), "is no span"),
        (("63047", "2025-07-01", "2025-07-01"), "is no span"),
        (("62380", "2025-07-01", "2026-07-01"), "62380 has no amount on 2025-07-01.*contractor"),
        (("63047", "2019-07-01", "2026-07-01"), "no amount on 2019-07-01.*no status letter"),
        (("62330", "2025-07-01", "2026-07-01"), r"^Medicare covers this only with evidence development \(NCD 150.13\)"),
    ],
)
def test_a_change_that_cannot_be_told(arguments: tuple[str, str, str], fault: str) -> None:
    with pytest.raises(BadInput, match=fault):
        change(*arguments)


def test_a_date_that_is_not_held() -> None:
    with pytest.raises(NotHeld):
        change("63047", "2024-12-01", "2026-07-01")


def test_real_dollars() -> None:
    rows = {row.release: row for row in history("63047").rows}
    # 1,138.56 x 313.689 / 270.970 = 1,318.0562; the index of 2025 and 2026 is not held.
    assert rows["2021A"].real_cents == 131_806
    assert rows["2024B"].real_cents == rows["2024B"].amount_cents
    assert rows["2025A"].real_cents is None and rows["2026C"].real_cents is None
    index = history("63047").index
    assert index is not None and (index.base, index.first, index.last, index.unsettled) == (
        2024,
        2019,
        2024,
        (2019, 2020),
    )
    in_2021 = {row.release: row.real_cents for row in history("63047", base=2021).rows}
    assert in_2021["2021A"] == 113_856
    assert in_2021["2024B"] == 96_643  # 1,118.79 x 270.970 / 313.689 = 966.4303
    with pytest.raises(BadInput, match=r"no value for 2026.*2019 to 2024"):
        history("63047", base=2026)


def test_an_index_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mei.csv"
    path.write_text("Year,Value,note\n2025,100\n2026,102.5,estimate\n", encoding="utf-8-sig")
    index = read_index(path)
    assert index.values == {2025: 100_000, 2026: 102_500} and base_of(index, None) == 2026
    found = run("63047", "--index", str(path), "--base", "2025", "--json")
    rows = {row["release"]: row for row in json.loads(found.stdout)["rows"]}
    assert rows["2026C"]["real"] == "1039.50"  # 1,065.49 / 1.025
    assert rows["2021A"]["real"] is None
    assert "mei.csv" in run("63047", "--index", str(path)).stdout


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "no columns `year` and `value` (own.csv, line 1). Columns: nothing"),
        ("jahr,value\n2025,1", "Columns: jahr, value"),
        ("year,value\n", "no rows (own.csv)"),
        ("year,value\n2025,abc", "value of 2025: not a number: 'abc' (own.csv, line 2)"),
        ("year,value\n2025,", "own.csv, line 2"),
        ("year,value\n2025", "own.csv, line 2"),
        ("year,value\n2025,0", "value of 2025 is 0"),
        ("year,value\n2025,-4", "value of 2025 is -4"),
        ("year,value\n2025,1.23456", "more than 3 decimals"),
        ("year,value\n2025,99999", "Write an index such as"),
        ("year,value\n25,100", "year '25'"),
        ("year,value\n2025,100\n2025,101", "year '2025' (own.csv, line 3)"),
    ],
)
def test_an_index_that_cannot_be_used_says_the_line(tmp_path: Path, text: str, fault: str) -> None:
    path = tmp_path / "own.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadFile) as told:
        read_index(path)
    assert fault in str(told.value)
    result = run("63047", "--index", str(path))
    assert result.exit_code == 1 and "Traceback" not in result.output


def test_an_index_that_is_no_text_or_no_file(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadFile, match="UTF-8"):
        read_index(path)
    assert "No such file" in run("63047", "--index", str(tmp_path / "none.csv")).stderr


def test_the_embedded_index_rises_and_is_cited() -> None:
    index = consumer_prices()
    assert list(index.values) == sorted(index.values) and list(index.values.values()) == sorted(index.values.values())
    assert set(index.sources) <= set(sources())


def test_the_command() -> None:
    text = run("63030", "--from", "2022-02-01", "--to", "2023-02-01", "--place", "Ohio").stdout
    assert "together" in text and "work 13.18 to 12.00, revalued" in text and "(from memory)" in text
    assert "shorrocks-2013" in text
    found = json.loads(run("63030", "--from", "2022-02-01", "--to", "2023-02-01", "--json").stdout)
    assert found["change"]["change"] == "-70.67" and found["rows"]  # 932.91 - 1,003.58, CMS's files of 2022 and 2023
    rows = list(csv.DictReader(run("63030", "--from", "2022-02-01", "--to", "2023-02-01", "--csv").stdout.splitlines()))
    assert [row["part"] for row in rows] == [*PARTS, "change"]
    assert sum(round(float(row["amount"]) * 100) for row in rows[:-1]) == -7067
    sheet = list(csv.DictReader(run("63030", "--csv").stdout.splitlines()))
    assert sheet[5]["real amount"] == "1163.75" and sheet[5]["prices of"] == "2024"
    assert run("63030", "--from", "2022-02-01").exit_code == 2


def test_the_history_says_what_moved_it_and_what_the_index_lacks() -> None:
    text = run("63047").stdout
    assert "real: in prices of 2024 (CPI-U" in text and "The index is held for 2019 to 2024" in text
    assert "From memory: the index of 2019, 2020." in text
    assert "What moved it:" in text and "amounts from" in text
