"""RULES as SQL: the same whole numbers as the slow reading, in DuckDB run, in every other dialect parsed back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
import sqlglot
from tests.engines import made_up

from openrvu.errors import OpenRVUError
from openrvu.rules.formula import col, where
from openrvu.rules.on_sql import query, split_query
from openrvu.rules.plan import alone, make_plan
from openrvu.rules.sql_text import DIALECTS, render
from openrvu.rules.steps import Compute, Rule

TYPES = {int: "BIGINT", str: "VARCHAR", bool: "BOOLEAN"}


def put(connection: duckdb.DuckDBPyConnection, name: str, kinds: dict[str, type], rows: list[Any]) -> None:
    columns = ", ".join(f'"{column}" {TYPES[kind]}' for column, kind in kinds.items())
    connection.execute(f'CREATE TABLE "{name}" ({columns})')
    connection.executemany(f'INSERT INTO "{name}" VALUES ({", ".join("?" * len(kinds))})', rows)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 2}) as made:
        for seed in made_up.SEEDS.values():
            put(made, f"seed_{seed.name}", dict(seed.columns), [list(row) for row in seed.rows()])
        yield made


@pytest.mark.parametrize("split", [True, False])
@pytest.mark.parametrize("number", [1, 2])
def test_duckdb_gives_what_the_slow_reading_gives(
    connection: duckdb.DuckDBPyConnection, split: bool, number: int
) -> None:
    given = made_up.lines(2_000, number)
    put(connection, "lines", made_up.INPUTS, [list(row.values()) for row in given])
    plan = make_plan(made_up.RULES, made_up.SEEDS, made_up.INPUTS)
    by_itself = make_plan(alone(made_up.RULES), made_up.SEEDS, made_up.INPUTS)
    whole = split_query(plan, by_itself, made_up.SEEDS, made_up.OUTPUT) if split else None
    text = render(whole or query(plan, made_up.SEEDS, made_up.OUTPUT), "duckdb")
    expected = [tuple(row[n] for n in made_up.OUTPUT) for row in made_up.slowly(made_up.RULES, made_up.SEEDS, given)]
    assert sorted(connection.execute(text).fetchall()) == expected
    kinds = {name: kind for name, kind, *_ in connection.execute(f"DESCRIBE {text}").fetchall()}
    assert kinds == {name: TYPES[plan.types[plan.last[name]]] for name in made_up.OUTPUT}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_parses_back_without_a_double(dialect: str) -> None:
    plan = make_plan(made_up.RULES, made_up.SEEDS, made_up.INPUTS)
    text = render(query(plan, made_up.SEEDS, made_up.OUTPUT), dialect)
    again = sqlglot.parse_one(text, dialect=dialect)
    assert [cte.alias for cte in again.find_all(sqlglot.exp.CTE)][-1] == "patient"
    assert "DOUBLE" not in text.upper() and "FLOAT" not in text.upper() and " NULL THEN NULL" not in text
    assert again.sql(dialect=dialect, pretty=True) == text


def test_numbers_written_out_alone_do_not_overflow(connection: duckdb.DuckDBPyConnection) -> None:
    rules = (
        Rule(
            "large", "", (Compute("large", where(col("a") > 0, 2_000_000, 0) * where(col("a") > 0, 2_000_000, 1)),), ()
        ),
    )
    put(connection, "lines", {"a": int}, [[1]])
    text = render(query(make_plan(rules, {}, {"a": int}), {}, ("large",)), "duckdb")
    assert connection.execute(text).fetchall() == [(4_000_000_000_000,)]


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        (col("a") + where(col("t").eq("x"), 1, 0), None),
        (col("a").eq("x"), "int, str"),
        (col("a") + (col("a") > 1), "int, bool"),
        (where(col("a") > 1, 1, "x"), "bool, int, str"),
        (col("b") + 1, "nothing before writes"),
    ],
)
def test_a_formula_that_engines_would_read_differently_is_refused(formula: Any, words: str | None) -> None:
    rules = (Rule("one", "", (Compute("made", formula),), ()),)
    if words is None:
        assert make_plan(rules, {}, {"a": int, "t": str}).types["made"] is int
        return
    with pytest.raises(OpenRVUError, match=words):
        make_plan(rules, {}, {"a": int, "t": str})
