"""The rules for a warehouse: the query in its dialect, the tables that it reads, and the seeds as CSV."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from openrvu import answers, holdings
from openrvu.bulk import duck
from openrvu.bulk.price_file import output_columns
from openrvu.facts import Facts
from openrvu.rules.lines import MEANING, TYPES
from openrvu.rules.on_sql import query
from openrvu.rules.order import RULES
from openrvu.rules.plan import make_plan
from openrvu.rules.seeds import seeds
from openrvu.rules.sql_text import render


@dataclass(frozen=True)
class Query:
    """text: the query. lines: pairs of a column that the table `lines` must have and its meaning.

    seeds: the columns of each rule table. files: the CSV files written."""

    dialect: str
    text: str
    lines: tuple[tuple[str, str], ...]
    seeds: Mapping[str, tuple[str, ...]]
    files: tuple[Path, ...] = field(default=())


def for_dialect(dialect: str, folder: Path | None = None, facts: Facts | None = None) -> Query:
    """The rules in a dialect; with a folder, their tables as CSV files there.

    Raises BadInput for a dialect that is not among DIALECTS.

    >>> for_dialect("snowflake").text.splitlines()[1]
    'WITH "line" AS ('
    """
    held = seeds(facts or holdings.current())
    plan = make_plan(RULES, held, TYPES)
    used = duck.used_seeds(plan, held)
    text = render(query(plan, used, output_columns(plan)), dialect)
    files = tuple(duck.seed_files(used, folder).values()) if folder else ()
    note = f"-- OpenRVU {answers.run_id()}: reads the table lines and {', '.join(f'seed_{name}' for name in used)}"
    columns = {name: tuple(seed.columns) for name, seed in used.items()}
    return Query(dialect, f"{note}\n{text}", tuple(MEANING.items()), columns, files)
