"""All rules on whole numbers, DuckDB and Polars: same lines, same columns, bit for bit. Spark: test_spark.py."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import polars
import pytest
from tests.engines import claims

from openrvu.bulk import duck
from openrvu.bulk.engines import Job
from openrvu.bulk.price_file import output_columns
from openrvu.facts import embedded
from openrvu.rules import on_frame, on_ints
from openrvu.rules.lines import LINE, TYPES
from openrvu.rules.on_sql import query
from openrvu.rules.order import RULES
from openrvu.rules.plan import Plan, make_plan
from openrvu.rules.seeds import seeds
from openrvu.rules.sql_text import render
from openrvu.rules.steps import Seed

ROOT = Path(__file__).parents[2]
Rows = list[tuple[Any, ...]]


@pytest.fixture(scope="module")
def held() -> dict[str, Seed]:
    return dict(seeds(embedded()))


@pytest.fixture(scope="module")
def plan(held: dict[str, Seed]) -> Plan:
    return make_plan(RULES, held, TYPES)


@pytest.fixture(scope="module")
def given() -> list[dict[str, Any]]:
    return claims.lines(4_000, 1)


def every_column(plan: Plan) -> tuple[str, ...]:
    return tuple(plan.last)


@pytest.fixture(scope="module")
def expected(plan: Plan, held: dict[str, Seed], given: list[dict[str, Any]]) -> Rows:
    """By whole numbers, every column that any rule writes."""
    rows = [dict(line) for line in given]
    on_ints.run(RULES, rows, held)
    return sorted(tuple(row[name] for name in every_column(plan)) for row in rows)


@pytest.fixture(scope="module")
def job(
    plan: Plan, held: dict[str, Seed], given: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Job]:
    folder = tmp_path_factory.mktemp("engine")
    with duck.connection(folder, "1GB", 2) as made:
        used = duck.used_seeds(plan, held)
        duck.load_seeds(made, used, folder)
        made.register("given", polars.DataFrame(given).to_arrow())
        made.execute("CREATE TABLE lines AS SELECT * FROM given")
        yield Job(made, plan, used, every_column(plan), folder)


def test_the_lines_try_every_outcome(plan: Plan, expected: Rows) -> None:
    names = every_column(plan)
    status = {row[names.index("status")] for row in expected}
    assert {"priced", "no-record", "place-unknown", "release-not-held", "contractor-priced", "bundled"} <= status
    for name in ("surgery_rank", "therapy_rank", "technical_rank", "family_rank"):
        assert max(row[names.index(name)] for row in expected) >= 2, name
    assert {tuple(sorted(LINE))} == {tuple(sorted(plan.inputs))}


def test_duckdb(job: Job, expected: Rows) -> None:
    assert sorted(job.made.execute(job.text).fetchall()) == expected
    kinds = {name: kind for name, kind, *_ in job.made.execute(f"DESCRIBE {job.text}").fetchall()}
    assert kinds == job.wanted


def test_duckdb_with_windows_over_all_lines(job: Job, plan: Plan, held: dict[str, Seed], expected: Rows) -> None:
    text = render(query(plan, held, every_column(plan)), "duckdb")
    assert sorted(job.made.execute(text).fetchall()) == expected


def test_the_output_of_price_file_is_those_columns(job: Job, plan: Plan, expected: Rows) -> None:
    """Fewer columns are asked for, so more steps fold into each other: what is left must not change."""
    names, shown = every_column(plan), output_columns(plan)
    text = duck.pricing_text(RULES, plan, job.seeds, shown)
    places = [names.index(name) for name in shown]
    assert sorted(job.made.execute(text).fetchall()) == sorted(tuple(row[p] for p in places) for row in expected)


def test_the_query_written_by_hand_that_the_benchmark_measures_against(job: Job, plan: Plan, expected: Rows) -> None:
    names, shown = every_column(plan), output_columns(plan)
    *helpers, text = (ROOT / "benchmarks" / "bulk_by_hand.sql").read_text(encoding="utf-8").split(";\n")
    for helper in helpers:
        job.made.execute(helper)
    places = [names.index(name) for name in shown]
    assert sorted(job.made.execute(text).fetchall()) == sorted(tuple(row[p] for p in places) for row in expected)


def test_polars(plan: Plan, held: dict[str, Seed], given: list[dict[str, Any]], expected: Rows) -> None:
    found = on_frame.run(plan, polars.DataFrame(given).lazy(), held, every_column(plan)).collect()
    assert sorted(found.rows()) == expected
    assert set(found.schema.dtypes()) <= {polars.Int64, polars.String, polars.Boolean}


def test_the_order_of_rows_does_not_matter(job: Job, given: list[dict[str, Any]], expected: Rows) -> None:
    with duckdb.connect() as other:
        other.register("given", polars.DataFrame(given[::-1]).to_arrow())
        duck.load_seeds(other, job.seeds, job.folder)
        other.execute("CREATE TABLE lines AS SELECT * FROM given")
        assert sorted(other.execute(job.text).fetchall()) == expected
