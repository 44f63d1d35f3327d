"""How long a person waits for the first answer: whole processes, the fastest of seven, less a bare Python.

Run with `make bench`. Exit code 1 where a budget is exceeded.
"""

from __future__ import annotations

import platform
import subprocess
import sys
import time
from pathlib import Path

RUNS = 7
BARE = [sys.executable, "-c", "pass"]
OPENRVU = str(Path(sys.executable).with_name("openrvu"))

# What is run, and its budget in milliseconds (the fastest of seven, less a bare Python).
CASES = (
    ("import openrvu", [sys.executable, "-c", "import openrvu"], 300),
    ("openrvu --help", [OPENRVU, "--help"], 250),
    ("openrvu price 63047", [OPENRVU, "price", "63047"], 600),
)


def fastest(command: list[str]) -> float:
    """Milliseconds of the fastest of RUNS whole processes."""
    found = []
    for _ in range(RUNS):
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        found.append(1000 * (time.perf_counter() - start))
    return min(found)


def main() -> int:
    """Print the table; 1 where a budget is exceeded, else 0."""
    bare = fastest(BARE)
    rows = [(name, fastest(command) - bare, budget) for name, command, budget in CASES]
    print(f"Fastest of {RUNS} processes, less a bare Python {platform.python_version()}, which takes {bare:.0f} ms.\n")
    print("| what | ms | budget ms | |")
    print("|---|---:|---:|---|")
    for name, taken, budget in rows:
        print(f"| {name} | {taken:.0f} | {budget} | {'kept' if taken < budget else 'exceeded'} |")
    return int(any(taken >= budget for _, taken, budget in rows))


if __name__ == "__main__":
    sys.exit(main())
