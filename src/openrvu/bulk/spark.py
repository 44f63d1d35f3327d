"""Spark for more than one machine: the same query, over Parquet folders that every worker can read.

Lines are read and checked here, in parts, and Spark prices each part. That stays so on purpose: rejects are told by
file and row number, which Spark's reader does not give; a patient's number must be made unreadable before anything is
written, and Spark spills what it reads to every worker's disk; and whether a line id stands twice is asked of whole
sessions. So the reading machine must see the input; what it hands on is checked lines alone. Folders must be seen by
driver and workers alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from openrvu.errors import OpenRVUError, Unavailable
from openrvu.rules.on_sql import query
from openrvu.rules.plan import Plan, folded, in_layers
from openrvu.rules.sql_text import render
from openrvu.rules.steps import Seed

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_KINDS = {int: "bigint", str: "string", bool: "boolean"}


@contextmanager
def session(master: str, scratch: Path, settings: Mapping[str, str] | None = None) -> Iterator[SparkSession]:
    """A session on a master (`local[2]`, `spark://host:7077`), ended with the block.

    Raises Unavailable without pyspark, Java, or a master that answers.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        fix = 'Install it: pip install "openrvu[spark]"'
        raise Unavailable("the engine spark needs pyspark, which is not installed", fix=fix) from None
    made = SparkSession.builder.master(master).appName("openrvu")
    own = {
        "spark.ui.enabled": "false",
        "spark.log.level": "ERROR",
        "spark.local.dir": str(scratch),
        "spark.sql.warehouse.dir": str(scratch / "warehouse"),
        "spark.sql.ansi.enabled": "true",
        # What holds of each column is followed through every layer otherwise: minutes of planning, and nothing gained.
        "spark.sql.constraintPropagation.enabled": "false",
    }
    if master.startswith("local") or "127.0.0.1" in master or "localhost" in master:
        own |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    for name, value in {**own, **(settings or {})}.items():
        made = made.config(name, value)
    try:
        spark = made.getOrCreate()
    except Exception as fault:
        what = f"Spark does not start on {master}: {str(fault).splitlines()[0]}"
        raise Unavailable(what, fix="It needs Java 17 or newer, and a master that answers") from None
    try:
        yield spark
    finally:
        spark.stop()


def put_seeds(spark: SparkSession, seeds: Mapping[str, Seed]) -> None:
    """The seeds as views `seed_<name>`."""
    for name, seed in seeds.items():
        shape = ", ".join(f"`{column}` {_KINDS[kind]}" for column, kind in seed.columns.items())
        spark.createDataFrame([tuple(row) for row in seed.rows()], shape).createOrReplaceTempView(f"seed_{name}")


def texts(plan: Plan, seeds: Mapping[str, Seed], output: tuple[str, ...]) -> list[tuple[str, str]]:
    """The query for a view called `lines`, as views by name, each over the one before; the last has no name.

    One by one, because Spark resolves a query of many layers far more slowly than the layers.
    """
    whole = query(in_layers(folded(plan, output)), seeds, output)
    ctes = whole.args["with_"].expressions
    rest = whole.copy()
    rest.set("with_", None)
    return [*((cte.alias, render(cte.this, "spark")) for cte in ctes), ("", render(rest, "spark"))]


def price(
    spark: SparkSession,
    asked: Sequence[tuple[str, str]],
    lines: Path,
    output: Path,
    wanted: Mapping[str, type],
) -> None:
    """A Parquet file or folder of lines to a folder of priced ones."""
    spark.read.parquet(str(lines.resolve())).createOrReplaceTempView("lines")
    for name, text in asked:
        found = spark.sql(text)
        if name:
            found.createOrReplaceTempView(name)
    kinds = {field.name: field.dataType.simpleString() for field in found.schema.fields}
    if kinds != {name: _KINDS[kind] for name, kind in wanted.items()}:
        raise OpenRVUError("the query gives other types than the rules", exists=str(kinds))
    found.write.mode("overwrite").parquet(str(output.resolve()))
