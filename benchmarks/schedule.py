"""A whole release priced at every locality, a look-up of any code from a cold start, and a million records compared.

Run with `make bench`; needs CMS's files (OPENRVU_CMS, else ../shared/cms). Medians of five. The schedule is timed turn
by turn with a rival, a floating-point query of DuckDB over the same Parquet that writes the same lines in the same
order, so that the ratio does not move with the machine. Exit code 1 where a budget is exceeded.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import duckdb

from openrvu import holdings
from openrvu.facts import Facts
from openrvu.scheduling import schedule
from openrvu.tables.load import load
from openrvu.tables.store import LoadedTable

ROOT = Path(__file__).parents[1]
RUNS = 5
OPENRVU = str(Path(sys.executable).with_name("openrvu"))
RELEASE, FACTOR = "2025D", "32.3465"
# What a person would write first: decimals as doubles, and the engine's own round().
RIVAL = """
COPY (
  WITH r AS (
    SELECT *, work_rvu / 1e4 AS w, pe_nonfacility_rvu / 1e4 AS pn, pe_facility_rvu / 1e4 AS pf, mp_rvu / 1e4 AS m,
      opps_pe_nonfacility_rvu / 1e4 AS cn, opps_pe_facility_rvu / 1e4 AS cf, opps_mp_rvu / 1e4 AS cm,
      status IN ('A', 'R', 'T') AND work_rvu + pe_nonfacility_rvu + pe_facility_rvu + mp_rvu > 0 AS paid
    FROM read_parquet('{rvu}'))
  SELECT mac, number AS locality, hcpcs AS code, modifier, CASE WHEN paid THEN 'priced' ELSE status END AS status,
    status AS status_letter,
    CASE WHEN paid THEN round((w * gw + pn * gp + m * gm) * {factor}, 2) END AS nonfacility,
    CASE WHEN paid THEN round((w * gw + pf * gp + m * gm) * {factor}, 2) END AS facility,
    CASE WHEN cn > 0 THEN round((w * gw + cn * gp + cm * gm) * {factor}, 2) END AS cap_nonfacility,
    CASE WHEN cf > 0 THEN round((w * gw + cf * gp + cm * gm) * {factor}, 2) END AS cap_facility
  FROM r, places ORDER BY 1, 2, 3, 4
) TO '{out}' (FORMAT parquet, COMPRESSION zstd)
"""


def cms() -> Path:
    """CMS's files."""
    return Path(os.environ.get("OPENRVU_CMS") or ROOT.parent / "shared" / "cms")


def seconds(work: Callable[[], object]) -> float:
    """How long a call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def rival(facts: Facts, out: Path) -> None:
    """The schedule by doubles, with as many threads."""
    table = facts.table(RELEASE)
    assert isinstance(table, LoadedTable)
    cells = ", ".join(
        f"('{p.mac}', '{p.number}', {p.work_gpci} / 1e3, {p.pe_gpci} / 1e3, {p.mp_gpci} / 1e3)"
        for p in facts.localities(RELEASE).values()
    )
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute(f"CREATE TABLE places AS SELECT * FROM (VALUES {cells}) AS p(mac, number, gw, gp, gm)")
        connection.execute(RIVAL.format(rvu=table.path, factor=FACTOR, out=out))


def other_cents(ours: Path, theirs: Path) -> tuple[int, int]:
    """Of the fees that both give: how many there are, and how many the doubles give by another cent."""
    sql = f"""
    SELECT count(*), count(*) FILTER (o.nonfacility_cents <> round(r.nonfacility * 100)::BIGINT)
    FROM read_parquet('{ours}') AS o JOIN read_parquet('{theirs}') AS r USING (mac, locality, code, modifier)
    WHERE o.nonfacility_cents IS NOT NULL AND r.nonfacility IS NOT NULL
    """
    both, other = duckdb.connect().execute(sql).fetchall()[0]
    return int(both), int(other)


def process(*command: str) -> tuple[float, float]:
    """Median wall and CPU seconds of RUNS whole processes, after one that is not counted."""
    walls, cpus = [], []
    for _ in range(RUNS + 1):
        before = os.times()
        walls.append(seconds(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL)))
        after = os.times()
        cpus.append(after.children_user + after.children_system - before.children_user - before.children_system)
    return median(walls[1:]), median(cpus[1:])


def main() -> int:
    """Print the table; 1 where a budget is exceeded, else 0."""
    if not cms().is_dir():
        print(f"no CMS files in {cms()}: set OPENRVU_CMS")
        return 0
    with tempfile.TemporaryDirectory(prefix="openrvu-") as name:
        folder = Path(name)
        os.environ["OPENRVU_HOME"] = str(folder / "store")
        load([cms() / "pprrvu/2025/PPRRVU2025_Oct.csv", cms() / "pprrvu/2025/PPRRVU25_JAN.csv"])
        facts = holdings.current()
        ours, theirs, pairs = folder / "ours.parquet", folder / "theirs.parquet", []
        used = []
        for _ in range(RUNS + 1):
            start = time.process_time()
            one = seconds(lambda: schedule(RELEASE, ours, facts=facts))
            used.append(time.process_time() - start)
            pairs.append((one, seconds(lambda: rival(facts, theirs))))
        taken, doubles = (median(pair[at] for pair in pairs[1:]) for at in (0, 1))
        ratio = median(one / two for one, two in pairs[1:])
        both, other = other_cents(ours, theirs)
        user = process(OPENRVU, "schedule", RELEASE, "-o", str(ours))
        cold = process(OPENRVU, "price", "10120", "--on", "2025-10-15")
        synthetic = folder / "PFALL25A.txt"
        values, gpcis = cms() / "pprrvu/2025/PPRRVU25_JAN.csv", cms() / "gpci/2025/GPCI2025.csv"
        tool = [sys.executable, str(ROOT / "tools/synthetic_payment.py"), str(values), str(gpcis), FACTOR]
        subprocess.run([*tool, str(synthetic)], check=True, stdout=subprocess.DEVNULL)
        whole = process(OPENRVU, "reconcile", str(synthetic))
    rows = (
        ("`openrvu schedule 2025D`, 2,080,810 rows to Parquet, whole process: wall", user[0], 2.0),
        ("`openrvu price 10120`, loaded release, whole process: wall", cold[0], 0.6),
        ("`openrvu reconcile`, 995,715 synthetic records, whole process: wall", whole[0], 10.0),
    )
    print(f"Medians of {RUNS}, {os.cpu_count()} cores.\n\n| what | s | budget s | |\n|---|---:|---:|---|")
    for what, spent, budget in rows:
        print(f"| {what} | {spent:.2f} | {budget:.1f} | {'kept' if spent < budget else 'exceeded'} |")
    print(f"\nInside a warm process {taken:.2f} s, by doubles {doubles:.2f} s: ours / doubles {ratio:.2f}.")
    print(f"Of {both:,} fees {other:,} other cents by doubles.")
    cpu = f"schedule {user[1]:.2f} s ({median(used[1:]):.2f} s warm), price {cold[1]:.2f} s, reconcile {whole[1]:.2f} s"
    print(f"CPU, over all cores: {cpu}.")
    return int(any(spent >= budget for _, spent, budget in rows))


if __name__ == "__main__":
    sys.exit(main())
