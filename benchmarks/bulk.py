"""Many lines: all rules on DuckDB beside whole numbers on one core, and `price-file` from end to end with its memory.

    python benchmarks/bulk.py [LINES] [RUNS]

Lines are made up (lines.py) from the codes that are held; load whole releases first for tables of full size. CPU time
stands beside wall time, because on a shared machine only that can be compared. Prints a table for REPORT.md.
"""

from __future__ import annotations

import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from openrvu import holdings
from openrvu.bulk import duck
from openrvu.bulk.price_file import output_columns
from openrvu.rules import on_ints
from openrvu.rules.lines import TYPES
from openrvu.rules.order import RULES
from openrvu.rules.plan import Plan, make_plan
from openrvu.rules.seeds import seeds
from openrvu.rules.steps import Seed

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.lines import write_lines

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ON_INTS = 20_000


def cpu() -> float:
    """Processor seconds of this process, all threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def timed(act: Callable[[], object], runs: int) -> tuple[float, float]:
    """Medians of wall and processor seconds; one run before is not counted."""
    act()
    walls, processors = [], []
    for _ in range(runs):
        wall, processor = time.perf_counter(), cpu()
        act()
        walls.append(time.perf_counter() - wall)
        processors.append(cpu() - processor)
    return statistics.median(walls), statistics.median(processors)


@contextmanager
def prepared(
    folder: Path, lines: Path, threads: int, plan: Plan, held: dict[str, Seed]
) -> Iterator[DuckDBPyConnection]:
    """A connection with the seeds and the lines as a view."""
    with duck.connection(folder / "spill", "6GB", threads) as made:
        duck.load_seeds(made, duck.used_seeds(plan, held), folder)
        made.execute(f"CREATE VIEW lines AS SELECT * FROM '{lines}'")
        yield made


def whole_numbers(lines: Path, made: DuckDBPyConnection, held: dict[str, Seed]) -> Callable[[], object]:
    """A run of ON_INTS lines, claim by claim, rows read before the clock starts."""
    names = list(TYPES)
    shown = ", ".join(f'"{name}"' for name in names)
    rows = made.execute(f"SELECT {shown} FROM '{lines}' ORDER BY session, line_id LIMIT {ON_INTS}").fetchall()
    claims: dict[str, list[dict[str, object]]] = {}
    for row in rows:
        claims.setdefault(row[names.index("session")], []).append(dict(zip(names, row, strict=True)))

    def act() -> None:
        for claim in claims.values():
            on_ints.run(RULES, [dict(line) for line in claim], held)

    return act


def end_to_end(lines: Path, folder: Path, memory: str) -> tuple[float, float]:
    """Wall seconds and the most memory, in MiB, of `price-file` as a process of its own."""
    out = folder / "priced"
    code = (
        "import resource, sys; from openrvu.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    asked = ["price-file", str(lines), "-o", str(out), "--quiet", "--json", "--memory", memory]
    wall = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code, *asked], check=True, capture_output=True, text=True)
    return time.perf_counter() - wall, int(done.stdout.split()[-1]) / 1024


def main(count: int, runs: int) -> None:
    """Print the table."""
    held = dict(seeds(holdings.current()))
    plan = make_plan(RULES, held, TYPES)
    columns = output_columns(plan)
    text = duck.pricing_text(RULES, plan, duck.used_seeds(plan, held), columns)
    rows: list[tuple[str, int, float, float]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "spill").mkdir()
        lines = folder / "lines.parquet"
        with duck.connection(folder / "spill", "6GB") as made:
            duck.load_seeds(made, duck.used_seeds(plan, held), folder)
            write_lines(made, count, lines)
        with prepared(folder, lines, 1, plan, held) as made:
            rows.append(("whole numbers, one core", ON_INTS, *timed(whole_numbers(lines, made, held), runs)))
            out = folder / "out.parquet"
            asked = f"COPY ({text}) TO '{out}' (FORMAT parquet)"
            rows.append(("all rules on DuckDB, one core", count, *timed(lambda: made.execute(asked).fetchall(), runs)))
        with prepared(folder, lines, 0, plan, held) as made:
            rows.append(
                ("all rules on DuckDB, every core", count, *timed(lambda: made.execute(asked).fetchall(), runs))
            )
            copy = f"COPY (SELECT * FROM '{out}') TO '{folder / 'copy.parquet'}' (FORMAT parquet)"
            rows.append(
                ("the output read and written again", count, *timed(lambda: made.execute(copy).fetchall(), runs))
            )
        found = [end_to_end(lines, folder, "4GB") for _ in range(runs)]
    print(f"{count:,} lines, {len(columns)} columns out, medians of {runs}, Python {platform.python_version()}.\n")
    print("| what | lines | wall s | processor s | processor microseconds a line |")
    print("|---|---:|---:|---:|---:|")
    for what, size, wall, processor in rows:
        print(f"| {what} | {size:,} | {wall:.2f} | {processor:.2f} | {1e6 * processor / size:.1f} |")
    wall, most = (statistics.median(one[place] for one in found) for place in (0, 1))
    print(f"| price-file, end to end, at most {most:,.0f} MiB | {count:,} | {wall:.2f} | | |")


if __name__ == "__main__":
    main(*(int(text) for text in (sys.argv[1:] + ["1000000", "5"][len(sys.argv) - 1 :])))
