"""The engines that price a part: each takes the table `lines` and writes one Parquet file of the same rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openrvu.bulk import duck, spark
from openrvu.bulk.fields import quoted
from openrvu.errors import Unavailable
from openrvu.rules import on_frame, on_ints
from openrvu.rules.order import RULES
from openrvu.rules.plan import Plan
from openrvu.rules.steps import Seed

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from pyspark.sql import SparkSession


@dataclass
class Job:
    """What an engine needs: the connection with `lines` and the seeds, the plan, the columns to write."""

    made: DuckDBPyConnection
    plan: Plan
    seeds: Mapping[str, Seed]
    columns: tuple[str, ...]
    folder: Path
    memory: str = "4GB"
    threads: int = 0
    master: str = ""
    stack: ExitStack = field(default_factory=ExitStack)

    @cached_property
    def text(self) -> str:
        """The query of DuckDB."""
        return duck.pricing_text(RULES, self.plan, self.seeds, self.columns)

    @cached_property
    def spark(self) -> SparkSession:
        """A session of Spark with the seeds, ended by `close`."""
        scratch = self.folder / "spill" / "spark"
        scratch.mkdir(parents=True, exist_ok=True)
        made = self.stack.enter_context(spark.session(self.master or "local[*]", scratch))
        spark.put_seeds(made, self.seeds)
        return made

    @property
    def wanted(self) -> dict[str, str]:
        """SQL type by column of the output."""
        return duck.wanted_types(self.plan, self.columns)


def on_duckdb(job: Job, path: Path) -> None:
    """The rules as one query."""
    duck.write(job.made, job.text, path, job.wanted)


def on_ints_(job: Job, path: Path) -> None:
    """The rules on whole numbers, session by session."""
    import csv

    plain = path.with_suffix(".csv.tmp")
    names = list(job.plan.inputs)
    rows = job.made.execute("SELECT " + ", ".join(f'"{n}"' for n in names) + " FROM lines ORDER BY session, line_id")
    with plain.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
        writer.writerow(job.columns)
        for _, group in groupby(_rows(rows), key=lambda row: row[names.index("session")]):
            lines: list[dict[str, Any]] = [dict(zip(names, row, strict=True)) for row in group]
            on_ints.run(RULES, lines, job.seeds)
            writer.writerows([line[name] for name in job.columns] for line in lines)
    kinds = ", ".join(f"'{name}': '{kind}'" for name, kind in job.wanted.items())
    shown = ", ".join(f'coalesce("{n}", \'\') AS "{n}"' if k == "VARCHAR" else f'"{n}"' for n, k in job.wanted.items())
    text = (
        f"SELECT {shown} FROM read_csv('{plain}', header = true, delim = ',', quote = '\"', escape = '\"', "
        f"columns = {{{kinds}}}, auto_detect = false)"
    )
    duck.write(job.made, text, path, job.wanted)
    plain.unlink()


def _rows(result: DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while batch := result.fetchmany(20_000):
        yield from batch


def on_polars(job: Job, path: Path) -> None:
    """The rules on a lazy frame of Polars."""
    try:
        import polars
    except ImportError:
        raise Unavailable("the engine polars needs polars, which is not installed", fix="pip install polars") from None
    given = job.folder / "spill" / "given.parquet"
    job.made.execute(f"COPY (SELECT * FROM lines) TO {quoted(str(given))} (FORMAT parquet)")
    found = on_frame.run(job.plan, polars.scan_parquet(given), job.seeds, job.columns)
    unfinished = path.with_name(path.name + ".tmp")
    found.sink_parquet(unfinished)
    unfinished.replace(path)
    given.unlink()


def on_spark(job: Job, path: Path) -> None:
    """The rules as one query of Spark, on a master; what it writes is gathered to one file."""
    given, found = job.folder / "spill" / "given.parquet", job.folder / "spill" / "found"
    job.made.execute(f"COPY (SELECT * FROM lines) TO {quoted(str(given))} (FORMAT parquet)")
    wanted = {name: job.plan.types[job.plan.last[name]] for name in job.columns}
    spark.price(job.spark, spark.texts(job.plan, job.seeds, job.columns), given, found, wanted)
    names = ", ".join(f'"{name}"' for name in job.columns)
    duck.write(job.made, f"SELECT {names} FROM read_parquet('{found}/*.parquet')", path, job.wanted)
    given.unlink()


ENGINES: Mapping[str, Callable[[Job, Path], None]] = {
    "duckdb": on_duckdb,
    "ints": on_ints_,
    "polars": on_polars,
    "spark": on_spark,
}
