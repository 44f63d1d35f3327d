"""DuckDB for many lines: a connection with bounded memory and private spill, the seeds as tables, lines to prices."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from openrvu.errors import OpenRVUError, Unavailable
from openrvu.rules.plan import Plan
from openrvu.rules.split_sql import levels, split_query
from openrvu.rules.sql_text import render
from openrvu.rules.steps import Lookup, Rule, Seed

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Amounts have too many values for a dictionary; with a short one the file is as small and written in less time.
PARQUET = "FORMAT parquet, DICTIONARY_SIZE_LIMIT 2000"
TYPES: Mapping[type, str] = {int: "BIGINT", str: "VARCHAR", bool: "BOOLEAN"}


@contextmanager
def connection(spill: Path, memory: str = "4GB", threads: int = 0) -> Iterator[DuckDBPyConnection]:
    """A connection in memory that spills to a folder, which the caller makes and removes. threads 0: every core.

    DuckDB's faults become ours: the disk that is full, the memory that does not suffice.
    """
    import duckdb

    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory,
        "temp_directory": str(spill),
        "preserve_insertion_order": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    if threads:
        settings["threads"] = threads
    try:
        with duckdb.connect(config=settings) as made:
            # Seeds are small and lines are many: the joins stand as they should be done, whatever is estimated.
            made.execute("SET disabled_optimizers = 'join_order,build_side_probe_side,projection_pullup'")
            yield made
    except RuntimeError as fault:  # how DuckDB tells of Ctrl-C during a query
        if "interrupt" in str(fault).lower():
            raise KeyboardInterrupt from None
        raise
    except duckdb.InterruptException:
        raise KeyboardInterrupt from None
    except duckdb.OutOfMemoryException as fault:
        what = f"the lines do not fit into {memory} of memory: {str(fault).splitlines()[0]}"
        raise Unavailable(what, fix="Give more with --memory") from None
    except duckdb.Error as fault:
        raise OpenRVUError(f"DuckDB: {str(fault).splitlines()[0]}") from fault


def used_seeds(plan: Plan, seeds: Mapping[str, Seed]) -> dict[str, Seed]:
    """The seeds that some rule looks up in."""
    names = dict.fromkeys(placed.step.table for placed in plan.steps if isinstance(placed.step, Lookup))
    return {name: seeds[name] for name in names}


def seed_files(seeds: Mapping[str, Seed], folder: Path) -> dict[str, Path]:
    """Each seed as a CSV with a heading, `seed_<name>.csv`. Texts are quoted, so that an empty one is no null."""
    folder.mkdir(parents=True, exist_ok=True)
    made: dict[str, Path] = {}
    for name, seed in seeds.items():
        made[name] = folder / f"seed_{name}.csv"
        with made[name].open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
            writer.writerow(seed.columns)
            writer.writerows(seed.rows())
    return made


def load_seeds(made: DuckDBPyConnection, seeds: Mapping[str, Seed], folder: Path) -> None:
    """The seeds as tables `seed_<name>`. Raises OpenRVUError where a key stands twice: lines would double."""
    for name, path in seed_files(seeds, folder).items():
        seed = seeds[name]
        kinds = {column: TYPES[kind] for column, kind in seed.columns.items()}
        shown = ", ".join(
            f'coalesce("{column}", \'\') AS "{column}"' if kind is str else f'"{column}"'
            for column, kind in seed.columns.items()
        )
        made.read_csv(
            str(path), header=True, delimiter=",", quotechar='"', escapechar='"', columns=kinds, parallel=False
        ).create_view("seed_file")
        made.execute(f'CREATE OR REPLACE TABLE "seed_{name}" AS SELECT {shown} FROM seed_file')
        made.execute("DROP VIEW seed_file")
        keys = ", ".join(f'"{key}"' for key in seed.keys)
        twice = made.execute(f'SELECT count(*) - count(DISTINCT ({keys})) FROM "seed_{name}"').fetchall()[0][0]
        if twice:
            raise OpenRVUError(f"table {name} has {twice} keys twice")
        path.unlink()


# The windows that many sessions need: several operations, tests or therapy units, a deductible.
OFTEN = ("surgery_rank", "technical_rank", "professional_rank", "therapy_rank", "allowed_before")


def pricing_text(rules: Sequence[Rule], plan: Plan, seeds: Mapping[str, Seed], output: Sequence[str]) -> str:
    """The query of RULES for a table or view called `lines`."""
    inputs = {name: plan.types[name] for name in plan.inputs}
    return render(split_query(levels(rules, seeds, inputs, output, OFTEN), seeds, output), "duckdb", pretty=False)


def wanted_types(plan: Plan, output: Sequence[str]) -> dict[str, str]:
    """SQL type by output column."""
    return {name: TYPES[plan.types[plan.last[name]]] for name in output}


def write(made: DuckDBPyConnection, text: str, path: Path, wanted: Mapping[str, str]) -> None:
    """A query to a Parquet file, complete before it bears its name. The types are those of the plan, or it fails."""
    unfinished = path.with_name(path.name + ".tmp")
    where = str(unfinished).replace("'", "''")
    made.execute(f"COPY ({text}) TO '{where}' ({PARQUET})")
    described = f"DESCRIBE SELECT * FROM read_parquet('{where}')"
    held = {name: kind for name, kind, *_ in made.execute(described).fetchall()}
    if held != wanted:
        unfinished.unlink()
        wrong = [f"{name} {held.get(name)} for {kind}" for name, kind in wanted.items() if held.get(name) != kind]
        raise OpenRVUError(f"the query gives other types than the rules: {', '.join(wrong)}")
    unfinished.replace(path)
