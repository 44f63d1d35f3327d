"""A national simulation on Spark: the same texts as on DuckDB, by sqlglot, over the Parquet of a loaded file.

Folders must be seen by driver and workers alike; see bulk/spark.py. `benchmarks/utilization.py --spark` holds it
against DuckDB, figure by figure.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openrvu.bulk import duck, spark
from openrvu.errors import BadInput
from openrvu.facts import Facts
from openrvu.impact.national_sql import OUTPUT
from openrvu.impact.use import Use
from openrvu.rules.lines import TYPES
from openrvu.rules.order import RULES
from openrvu.rules.plan import make_plan
from openrvu.rules.seeds import seeds

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# What a national simulation joins and sorts is small once it is summed: few parts.
SETTINGS = {"spark.sql.shuffle.partitions": "8"}


def in_spark(sql: str) -> str:
    """A text of DuckDB's dialect in Spark's.

    >>> in_spark("SELECT a // 2 AS b FROM t")
    'SELECT a DIV 2 AS b FROM t'
    """
    import sqlglot

    return sqlglot.transpile(sql, read="duckdb", write="spark")[0]


class OnSpark:
    """A session of Spark: each table is written to a folder and read again, so that no query carries others."""

    name = "spark"

    def __init__(self, made: SparkSession, room: Path) -> None:
        self.made, self.room, self.count = made, room, 0

    def use(self, use: Use) -> None:
        if use.file is None:
            fix = "Load it first: `openrvu load FILE`, then name its year"
            raise BadInput("Spark reads what is loaded, and this file is not", where=use.words, fix=fix)
        self.made.read.parquet(str(use.file.resolve())).createOrReplaceTempView("use_rows")

    def table(self, name: str, sql: str) -> None:
        self.made.sql(in_spark(sql)).write.parquet(str(self._folder(name)))
        self._view(name)

    def _folder(self, name: str) -> Path:
        return self.room / f"{name}-{self.count}"

    def _view(self, name: str) -> None:
        self.made.read.parquet(str(self._folder(name))).createOrReplaceTempView(name)
        self.count += 1

    def bring(self, name: str, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
        shape = ", ".join(f"{column} string" for column in columns)
        self.made.createDataFrame(rows, shape).createOrReplaceTempView(name)

    def price(self, name: str, facts: Facts, changed: tuple[str, ...] = ()) -> None:
        held = seeds(facts)
        # All rules, windows too: without them the formulas become longer than Spark can plan.
        plan = make_plan(RULES, held, TYPES)
        used = duck.used_seeds(plan, held)
        spark.put_seeds(self.made, used)
        given = self.room / f"given-{self.count}"
        self.made.table("lines").write.parquet(str(given))
        wanted = {column: plan.types[plan.last[column]] for column in OUTPUT}
        spark.price(self.made, spark.texts(plan, used, OUTPUT), given, self._folder(name), wanted)
        self._view(name)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.made.sql(in_spark(sql)).collect()]


@contextmanager
def on_spark(master: str = "local[*]") -> Iterator[OnSpark]:
    """The engine of many machines. Raises Unavailable without pyspark, Java, or a master that answers."""
    with tempfile.TemporaryDirectory(prefix="openrvu-", ignore_cleanup_errors=True) as folder:
        room = Path(folder)
        with spark.session(master, room, SETTINGS) as made:
            yield OnSpark(made, room / "tables")
