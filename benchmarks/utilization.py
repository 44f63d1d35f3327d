"""A utilization file of ten million rows, read, aggregated and simulated, beside DuckDB's plain aggregate over it.

    python benchmarks/utilization.py --folder /tmp --rows 10000000 --pairs 3 --report benchmarks/UTILIZATION.md

The file has CMS's layout (by Provider and Service) and made-up rows: it is SYNTHETIC, says so in every row, and no
figure that comes of it means anything. Each run is a process of its own, the two kinds in turn; a machine that others
use too is compared by CPU seconds. Target: at most twice the plain aggregate, below 4 GB.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

TARGET, MEMORY = 2.0, 4 * 2**30
THREADS = 2
NAME = "SYNTHETIC_MUP_PHY_D23_Prov_Svc.csv"

PLAIN = """
import duckdb, sys
made = duckdb.connect(config={"threads": %d, "memory_limit": "2GB"})
found = made.execute(
    "SELECT HCPCS_Cd, Place_Of_Srvc, sum(Tot_Srvcs), sum(Tot_Srvcs * Avg_Mdcr_Alowd_Amt) FROM read_csv(?) "
    "GROUP BY 1, 2",
    [sys.argv[1]],
).fetchall()
print(len(found), "groups")
"""
OURS = """
import sys, tempfile
from pathlib import Path
from openrvu.impact.simulate import simulate
from openrvu.impact.use import given
with tempfile.TemporaryDirectory() as room, given(sys.argv[1], Path(room)) as use:
    found = simulate("63030-restored", use=use).national
print(f"{found.rows:,} rows, {found.services:,} services, {found.services_compared:,} priced, "
      f"{len(found.by_code):,} codes, {len(found.by_locality)} localities, {len(found.by_specialty)} specialties")
"""


@dataclass(frozen=True)
class Run:
    """One process: processor seconds, wall seconds, largest memory in bytes, what it printed."""

    cpu: float
    wall: float
    memory: int
    said: str


def generate(path: Path, rows: int) -> None:
    """Rows in CMS's layout: about eleven thousand codes, two settings, every state, twenty specialties."""
    import duckdb

    from openrvu.facts import embedded

    facts = embedded()
    held = sorted(facts.table("2026C").codes())
    codes = [*held, *(f"{number:05d}" for number in range(80000, 91000))]
    states = sorted({place.state for place in facts.localities("2026C").values() if len(place.state) == 2})
    kinds = [
        "Neurosurgery",
        "Orthopedic Surgery",
        "Nurse Practitioner",
        "Physician Assistant",
        "Internal Medicine",
        "Diagnostic Radiology",
        *(f"Specialty {number}" for number in range(14)),
    ]
    made = duckdb.connect(config={"threads": THREADS, "memory_limit": "2GB"})
    amount = "(10 + (h % 900000000) / 1e6)::DECIMAL(18,9)"
    shown = f"""
SELECT 1000000000 + i // 7 AS Rndrng_NPI, 'SYNTHETIC' AS Rndrng_Prvdr_Last_Org_Name,
  'MADE UP' AS Rndrng_Prvdr_First_Name, NULL AS Rndrng_Prvdr_MI, 'M.D.' AS Rndrng_Prvdr_Crdntls,
  'I' AS Rndrng_Prvdr_Ent_Cd, (1 + h % 900)::VARCHAR || ' Main St, Suite ' || (h % 90)::VARCHAR AS Rndrng_Prvdr_St1,
  NULL AS Rndrng_Prvdr_St2, 'Springfield' AS Rndrng_Prvdr_City,
  $states[1 + (i // 7) % len($states)] AS Rndrng_Prvdr_State_Abrvtn,
  lpad(((i // 7) % 56)::VARCHAR, 2, '0') AS Rndrng_Prvdr_State_FIPS,
  lpad((h % 99999)::VARCHAR, 5, '0') AS Rndrng_Prvdr_Zip5, '1' AS Rndrng_Prvdr_RUCA,
  'Metropolitan area core: primary flow within an urbanized area' AS Rndrng_Prvdr_RUCA_Desc,
  'US' AS Rndrng_Prvdr_Cntry, $kinds[1 + (i // 7) % len($kinds)] AS Rndrng_Prvdr_Type,
  'Y' AS Rndrng_Prvdr_Mdcr_Prtcptg_Ind,
  CASE WHEN h % 3 = 0 THEN $held[1 + (h // 3) % len($held)] ELSE $codes[1 + (h // 3) % len($codes)] END AS HCPCS_Cd,
  'made up' AS HCPCS_Desc, 'N' AS HCPCS_Drug_Ind, CASE WHEN h % 2 = 0 THEN 'F' ELSE 'O' END AS Place_Of_Srvc,
  11 + h % 400 AS Tot_Benes, 11 + h % 900 AS Tot_Srvcs, 11 + h % 900 AS Tot_Bene_Day_Srvcs,
  2 * {amount} AS Avg_Sbmtd_Chrg, {amount} AS Avg_Mdcr_Alowd_Amt, {amount} AS Avg_Mdcr_Pymt_Amt,
  {amount} AS Avg_Mdcr_Stdzd_Amt
FROM (SELECT i, (hash(i) // 1024)::BIGINT AS h FROM range({rows}) t(i))
"""
    where = str(path).replace("'", "''")
    made.execute(
        f"COPY ({shown}) TO '{where}' (FORMAT csv, HEADER)",
        {"states": states, "kinds": kinds, "held": held, "codes": codes},
    )


def timed(text: str, path: Path) -> Run:
    """A process of its own, with what it used."""
    started = time.perf_counter()
    child = subprocess.Popen([sys.executable, "-c", text, str(path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    said = child.stdout.read().strip()
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"a run ended with {child.returncode}")
    return Run(used.ru_utime + used.ru_stime, time.perf_counter() - started, used.ru_maxrss * 1024, said)


def report(pairs: list[tuple[Run, Run]], path: Path, rows: int) -> str:
    """The measurement as Markdown."""
    import duckdb

    ratios = [ours.cpu / plain.cpu for plain, ours in pairs]
    most = max(ours.memory for _, ours in pairs)
    met = median(ratios) <= TARGET and most < MEMORY
    lines = [
        "# Utilization: ten million rows",
        "",
        "Written by `python benchmarks/utilization.py --report`. The file has CMS's layout, by Provider and Service;",
        "its rows are made up (SYNTHETIC): only the times mean anything.",
        "",
        f"- {rows:,} rows, {path.stat().st_size / 2**30:.2f} GiB; {platform.machine()}, {os.cpu_count()} processors "
        f"shared with others, {THREADS} threads; Python {platform.python_version()}, DuckDB {duckdb.__version__}",
        "- plain: DuckDB's `SELECT code, setting, sum(services), sum(services x average) ... GROUP BY 1, 2` on the CSV",
        "- ours: `openrvu simulate 63030-restored --use FILE`: rows typed, suppression kept, summed by code,",
        "  setting, locality, specialty and practitioner, each key priced by every rule before and after, who gains",
        f"- it said: {pairs[-1][1].said}",
        "",
        "| pair | plain, CPU s | ours, CPU s | ratio | plain, wall s | ours, wall s | ours, memory |",
        "|---:|---:|---:|---:|---:|---:|---:|",
        *(
            f"| {number} | {plain.cpu:.1f} | {ours.cpu:.1f} | {ours.cpu / plain.cpu:.2f} | {plain.wall:.1f} | "
            f"{ours.wall:.1f} | {ours.memory / 2**30:.2f} GiB |"
            for number, (plain, ours) in enumerate(pairs, start=1)
        ),
        "",
        f"Median ratio {median(ratios):.2f} (at most {TARGET:.0f} asked); most memory {most / 2**30:.2f} GiB (below "
        f"{MEMORY / 2**30:.0f} asked). {'Both are met.' if met else 'NOT met.'}",
        "",
    ]
    return "\n".join(lines)


def beside_spark(folder: Path, rows: int) -> None:
    """The same simulation on DuckDB and on Spark, over a file that is loaded; every figure must be the same."""
    import tempfile
    from dataclasses import replace

    from openrvu.impact.on_spark import on_spark
    from openrvu.impact.simulate import simulate
    from openrvu.impact.use import of_year
    from openrvu.tables.load import load

    path = folder / NAME
    generate(path, rows)
    with tempfile.TemporaryDirectory(dir=folder) as home:
        load(path, home=Path(home))
        use = of_year("2023", Path(home))
        duckdb_s = simulate("63030-restored", use=use).national
        with on_spark("local[2]") as engine:
            sparks = simulate("63030-restored", use=use, engine=engine).national
    path.unlink()
    assert duckdb_s and sparks
    same = replace(duckdb_s, engine="") == replace(sparks, engine="")
    print(f"{rows:,} SYNTHETIC rows, DuckDB and Spark: every figure {'the same' if same else 'NOT the same'}")
    raise SystemExit(0 if same else 1)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--folder", type=Path, default=Path("/tmp"))
    asked.add_argument("--rows", type=int, default=10_000_000)
    asked.add_argument("--pairs", type=int, default=3)
    asked.add_argument("--report", type=Path)
    asked.add_argument("--keep", action="store_true", help="leave the file where it is")
    asked.add_argument("--spark", action="store_true", help="hold Spark against DuckDB, and nothing else")
    given = asked.parse_args()
    if given.spark:
        beside_spark(given.folder, given.rows)
    path = given.folder / NAME
    if not path.exists():
        print(f"making {path}", file=sys.stderr)
        generate(path, given.rows)
    try:
        pairs = []
        for _ in range(given.pairs):
            pairs.append((timed(PLAIN % THREADS, path), timed(OURS, path)))
            print(f"plain {pairs[-1][0].cpu:.1f} s, ours {pairs[-1][1].cpu:.1f} s", file=sys.stderr)
        text = report(pairs, path, given.rows)
    finally:
        if not given.keep:
            path.unlink(missing_ok=True)
    print(text)
    if given.report:
        given.report.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
