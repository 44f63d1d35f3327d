"""How long a whole release takes to load, and how much memory: the zip as CMS ships it, in a process of its own.

Beside it DuckDB's read_csv of the one relative value file in that zip, written to Parquet as it is: no heading of
several lines joined, no cell checked, no release told, nothing compared. Run as
`python benchmarks/load.py [FOLDER OF CMS'S FILES]`. Exit code 1 where a budget is exceeded.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

RUNS = 5
SECONDS, MEBIBYTES = 5.0, 500

OURS = "import sys; from openrvu.tables.load import load; load(sys.argv[1])"
# The heading ends on line 10 of CMS's file; every column as text.
RIVAL = """
import os, sys, duckdb
read = f"read_csv('{sys.argv[1]}', skip=10, header=false, all_varchar=true, encoding='latin-1')"
duckdb.sql(f"COPY (SELECT * FROM {read}) TO '{os.environ['OPENRVU_HOME']}.parquet' (COMPRESSION zstd)")
"""
MEASURE = "\nimport resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)"


def packed(folder: Path, path: Path) -> Path:
    """The members of RVU25D that are there, zipped; the relative value file alone is given back."""
    values = folder / "pprrvu/2025/PPRRVU2025_Oct.csv"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        names = ("gpci/2025/GPCI2025", "locco/2025/25LOCCO", "anes/2025/ANES2025")
        for member in [values, *(folder / f"{name}{end}" for name in names for end in (".csv", ".txt"))]:
            archive.write(member, member.name)
        archive.write(folder / "oppscap/2025/OPPSCAP_Oct.csv", "OPPSCAP_Oct.csv")
    return values


def fastest(script: str, path: Path) -> tuple[float, int]:
    """Seconds of the fastest of RUNS whole processes, each into an empty store, and the most memory of any in MiB."""
    seconds, memory = [], []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as folder:
            environment = os.environ | {"OPENRVU_HOME": f"{folder}/store"}
            start = time.perf_counter()
            command = [sys.executable, "-c", script + MEASURE, str(path)]
            done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
            seconds.append(time.perf_counter() - start)
            memory.append(int(done.stdout.split()[-1]))
    return min(seconds), max(memory)


def main() -> int:
    """Print the table; 1 where a budget is exceeded, else 0."""
    root = Path(__file__).parents[2] / "shared" / "cms"
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(os.environ.get("OPENRVU_CMS") or root)
    with tempfile.TemporaryDirectory() as scratch:
        release = Path(scratch) / "rvu25d.zip"
        values = packed(folder, release)
        whole, one, rival = fastest(OURS, release), fastest(OURS, values), fastest(RIVAL, values)
    print(f"Fastest of {RUNS} processes, Python {platform.python_version()}, from start to a written store.\n")
    print("| what | s | MiB | times DuckDB's |")
    print("|---|---:|---:|---:|")
    print(f"| a whole release, as CMS zips it | {whole[0]:.2f} | {whole[1]} | {whole[0] / rival[0]:.1f} |")
    print(f"| its relative value file alone | {one[0]:.2f} | {one[1]} | {one[0] / rival[0]:.1f} |")
    print(f"| DuckDB read_csv of that file to Parquet, unchecked | {rival[0]:.2f} | {rival[1]} | 1.0 |")
    kept = whole[0] < SECONDS and whole[1] < MEBIBYTES
    print(f"\nBudget of a whole release: {SECONDS:.0f} s and {MEBIBYTES} MiB: {'kept' if kept else 'exceeded'}.")
    return int(not kept)


if __name__ == "__main__":
    sys.exit(main())
