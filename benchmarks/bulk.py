"""Many lines: all rules on DuckDB beside a query by hand and beside whole numbers; `price-file` with its memory.

    python benchmarks/bulk.py [--lines 10000000] [--runs 5] [--large 100000000] [--part 1000000] [--folder /tmp]

Lines are made up (lines.py), streamed to Parquet with a fixed seed, of the codes of 2025 where CMS's files are found
(OPENRVU_CMS, else ../shared/cms), else of those that the package ships. Each run is a process of its own, so that its
memory is its own; ours and the rival take turns. Writes benchmarks/BULK.md after each part, and removes all else.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from openrvu import holdings
from openrvu.bulk import duck
from openrvu.bulk.price_file import output_columns
from openrvu.rules import on_ints
from openrvu.rules.lines import TYPES
from openrvu.rules.order import RULES
from openrvu.rules.plan import make_plan
from openrvu.rules.seeds import seeds

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.lines import write_lines  # noqa: E402  # the folder of the benchmarks is no package of the path

ON_INTS = 20_000
MEMORY = "6GB"
OPENRVU = str(Path(sys.executable).with_name("openrvu"))
RELEASES = ("pprrvu/2025/PPRRVU*.csv", "gpci/2025/GPCI2025.csv", "anes/2025/ANES2025.csv")


@dataclass
class Runs:
    """What was measured of one thing: lines, wall and processor seconds of each run, the most memory in MiB."""

    what: str
    lines: int
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)

    def add(self, found: dict[str, float]) -> None:
        self.wall.append(found["wall"])
        self.cpu.append(found["cpu"])
        self.memory.append(found["memory"])

    def row(self) -> str:
        wall, cpu = statistics.median(self.wall), statistics.median(self.cpu)
        return (
            f"| {self.what} | {self.lines:,} | {len(self.wall)} | {wall:.2f} | {min(self.wall):.2f} to "
            f"{max(self.wall):.2f} "
            f"| {cpu:.2f} | {1e6 * wall / self.lines:.2f} | {max(self.memory):,.0f} |"
        )


def used(who: int = resource.RUSAGE_SELF) -> tuple[float, float]:
    """Processor seconds and the most memory in MiB."""
    found = resource.getrusage(who)
    return found.ru_utime + found.ru_stime, found.ru_maxrss / 1024


def measured(act: Callable[[], object]) -> dict[str, float]:
    wall, (cpu, _) = time.perf_counter(), used()
    act()
    after, memory = used()
    return {"wall": time.perf_counter() - wall, "cpu": after - cpu, "memory": memory}


def child(kind: str, folder: Path, threads: int) -> dict[str, float]:
    """One run as a process of its own."""
    asked = [sys.executable, __file__, "--child", kind, "--folder", str(folder), "--threads", str(threads)]
    done = subprocess.run(asked, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def run_child(kind: str, folder: Path, threads: int) -> None:
    """The query of the rules (`ours`), the one by hand (`hand`) or whole numbers (`ints`), over every file of lines."""
    if kind == "ints":
        print(json.dumps(on_whole_numbers(folder)))
        return
    held = seeds(holdings.current())
    plan = make_plan(RULES, held, TYPES)
    columns = output_columns(plan)
    tables = duck.used_seeds(plan, held)
    files = sorted((folder / "lines").glob("*.parquet"))[: 1 if threads == 1 else None]
    (folder / "spill").mkdir(exist_ok=True)
    (folder / kind).mkdir(exist_ok=True)
    with duck.connection(folder / "spill", MEMORY, threads) as made:
        duck.load_seeds(made, tables, folder / "seeds")

        def act() -> None:
            text = duck.pricing_text(RULES, plan, tables, columns) if kind == "ours" else ""
            if kind == "hand":
                *helpers, text = (ROOT / "benchmarks" / "bulk_by_hand.sql").read_text(encoding="utf-8").split(";\n")
                for helper in helpers:
                    made.execute(helper)
            for file in files:
                made.execute(f"CREATE OR REPLACE VIEW lines AS SELECT * FROM '{file}'")
                made.execute(f"COPY ({text}) TO '{folder / kind / file.name}' ({duck.PARQUET})")

        print(json.dumps(measured(act)))


def read(text: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as made:
        return made.execute(text).fetchall()


def on_whole_numbers(folder: Path) -> dict[str, float]:
    """ON_INTS lines, session by session, in Python; rows and tables are read before the clock starts."""
    held, names = seeds(holdings.current()), list(TYPES)
    shown = ", ".join(f'"{name}"' for name in names)
    file = min((folder / "lines").glob("*.parquet"))
    rows = read(f"SELECT {shown} FROM '{file}' ORDER BY session, line_id LIMIT {ON_INTS}")
    sessions: dict[str, list[dict[str, object]]] = {}
    for row in rows:
        sessions.setdefault(row[names.index("session")], []).append(dict(zip(names, row, strict=True)))

    def act() -> None:
        for lines in sessions.values():
            on_ints.run(RULES, [dict(line) for line in lines], held)

    act()
    return measured(act)


def end_to_end(folder: Path, memory: str) -> dict[str, float]:
    """`price-file` over the folder of lines, to a folder of prices, as a process of its own."""
    code = (
        "import resource, sys, json; from openrvu.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit as done:\n    assert not done.code\n"
        "found = resource.getrusage(resource.RUSAGE_SELF)\n"
        "print(json.dumps({'cpu': found.ru_utime + found.ru_stime, 'memory': found.ru_maxrss / 1024}))"
    )
    asked = ["price-file", str(folder / "lines"), "-o", str(folder / "priced"), "--quiet", "--json", "--memory", memory]
    wall = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code, *asked], check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    shutil.rmtree(folder / "priced")
    return {**found, "wall": time.perf_counter() - wall}


def same(folder: Path) -> int:
    """How many lines both queries priced alike. Raises SystemExit where any differs in any column."""
    count = 0
    with duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": str(folder / "spill")}) as made:
        for file in sorted((folder / "ours").glob("*.parquet")):
            ours, hand = f"'{file}'", f"'{folder / 'hand' / file.name}'"
            check = "SELECT count(*), sum(hash(COLUMNS(*))::HUGEINT) FROM {}"
            if made.execute(check.format(ours)).fetchall() != made.execute(check.format(hand)).fetchall():
                raise SystemExit(f"{file.name}: the queries give other figures")
            odd = f"SELECT count(*) FROM (FROM {ours} EXCEPT FROM {hand})"
            if made.execute(odd).fetchall()[0][0]:
                raise SystemExit(f"{file.name}: the queries give other lines")
            count += made.execute(f"SELECT count(*) FROM {ours}").fetchall()[0][0]
    return count


def make_lines(folder: Path, count: int, part: int) -> None:
    """Made-up lines in files of `part` lines."""
    shutil.rmtree(folder / "lines", ignore_errors=True)
    (folder / "lines").mkdir()
    (folder / "spill").mkdir(exist_ok=True)
    held = seeds(holdings.current())
    with duck.connection(folder / "spill", MEMORY) as made:
        duck.load_seeds(made, duck.used_seeds(make_plan(RULES, held, TYPES), held), folder / "seeds")
        for number, first in enumerate(range(0, count, part)):
            write_lines(made, min(part, count - first), folder / "lines" / f"{number:04d}.parquet", first=first)


def load_releases(home: Path) -> str:
    """Whole releases of 2025 into a store of our own, where CMS's files are held; a word on what is priced from."""
    os.environ["OPENRVU_HOME"] = str(home)
    cms = Path(os.environ.get("OPENRVU_CMS") or ROOT.parent / "shared" / "cms")
    if not cms.is_dir():
        return "the codes that the package ships"
    for pattern in RELEASES:
        more = [] if "PPRRVU" in pattern else ["--release", "2025D"]
        subprocess.run(
            [OPENRVU, "load", *map(str, sorted(cms.glob(pattern))), *more], check=True, stdout=subprocess.DEVNULL
        )
    return "every code of the four releases of 2025"


HEAD = """# Many lines by every rule

**The lines are synthetic**: made up by `benchmarks/lines.py`, no real claim, patient or provider. Made by `{command}`.

{machine}. Priced from {base}: {columns} columns out, Parquet to Parquet. Each run is a process
of its own; ours and the rival took turns over the same files of {part:,} lines, with {memory} for DuckDB.
Load average of the machine before and after: {before:.1f} and {after:.1f}.

| what | lines | runs | wall s, median | least to most | processor s | microseconds a line | most memory, MiB |
|---|---:|---:|---:|---:|---:|---:|---:|
"""


def report(given: argparse.Namespace, base: str, before: float, runs: list[Runs], alike: int) -> str:
    """The page."""
    plan = make_plan(RULES, seeds(holdings.current()), TYPES)
    cores = f"{os.cpu_count()} cores of {platform.machine()}"
    machine = f"{platform.system()}, {cores}, Python {platform.python_version()}, DuckDB {duckdb.__version__}"
    text = HEAD.format(
        command=f"python benchmarks/bulk.py --lines {given.lines} --runs {given.runs} --part {given.part} "
        f"--large {given.large}",
        machine=machine,
        base=base,
        columns=len(output_columns(plan)),
        part=given.part,
        memory=MEMORY,
        before=before,
        after=os.getloadavg()[0],
    )
    text += "".join(f"{one.row()}\n" for one in runs) + "\n"
    by = {one.what: one for one in runs}

    def ratio(above: str, below: str, say: str) -> str:
        if above not in by or below not in by:
            return ""
        pairs = [
            (statistics.median(a) / by[above].lines) / (statistics.median(b) / by[below].lines)
            for a, b in ((by[above].wall, by[below].wall), (by[above].cpu, by[below].cpu))
        ]
        return f"- {say}: **{pairs[0]:.2f}** by wall time, {pairs[1]:.2f} by processor time\n"

    text += ratio(HAND, OURS, "speed of ours over that of the query by hand (budget: at least 0.7)")
    text += ratio(INTS, ONE, "times as fast as whole numbers in Python, both on one core (budget: at least 3, aim 6)")
    text += ratio(LARGE, FILE, "`price-file`, cost of a line of the large file over the small (budget: at most 1.3)")
    if LARGE in by:
        text += f"- `price-file` on the large file took at most {max(by[LARGE].memory):,.0f} MiB (budget: 8,192)\n"
    return text + f"\n{alike:,} lines were compared in every column, and both queries gave the same.\n"


OURS, HAND = "all rules, query made from RULES", "all rules, query by hand"
ONE, INTS = "query made from RULES, one core", "whole numbers in Python, one core"
FILE, LARGE = "`price-file`, end to end", "`price-file`, end to end, large"


def main(given: argparse.Namespace) -> None:
    """Measure and write the report."""
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(dir=given.folder or None, prefix="openrvu-bulk-") as name:
        folder = Path(name)
        base = load_releases(folder / "home")
        make_lines(folder, given.lines, given.part)
        ours, hand = Runs(OURS, given.lines), Runs(HAND, given.lines)
        runs, alike = [ours, hand], 0

        def write() -> None:
            Path(given.report).write_text(report(given, base, before, runs, alike), encoding="utf-8")

        for number in range(given.runs):
            for kind, one in (("ours", ours), ("hand", hand)) if number % 2 == 0 else (("hand", hand), ("ours", ours)):
                one.add(child(kind, folder, 0))
                print(one.row(), flush=True)
            alike = alike or same(folder)
        shutil.rmtree(folder / "hand")
        shutil.rmtree(folder / "ours")
        write()
        single, ints, file = Runs(ONE, min(given.part, given.lines)), Runs(INTS, ON_INTS), Runs(FILE, given.lines)
        runs += [single, ints, file]
        for _ in range(given.runs):
            single.add(child("ours", folder, 1))
            ints.add(child("ints", folder, 1))
            file.add(end_to_end(folder, "4GB"))
            print(single.row(), ints.row(), file.row(), sep="\n", flush=True)
        shutil.rmtree(folder / "ours")
        write()
        if given.large:
            make_lines(folder, given.large, given.part)
            large = Runs(LARGE, given.large)
            runs.append(large)
            large.add(end_to_end(folder, "4GB"))
            print(large.row(), flush=True)
            write()


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--lines", type=int, default=10_000_000)
    asked.add_argument("--runs", type=int, default=5)
    asked.add_argument("--large", type=int, default=0)
    asked.add_argument("--part", type=int, default=1_000_000)
    asked.add_argument("--folder", default="")
    asked.add_argument("--report", default=str(ROOT / "benchmarks" / "BULK.md"))
    asked.add_argument("--child", default="", help=argparse.SUPPRESS)
    asked.add_argument("--threads", type=int, default=0, help=argparse.SUPPRESS)
    chosen = asked.parse_args()
    if chosen.child:
        run_child(chosen.child, Path(chosen.folder), chosen.threads)
    else:
        main(chosen)
