"""Rasch estimates: how long ours take beside eRm, psychotools, RaschPy and girth on the same data in the same run.

    python benchmarks/rasch.py [--quick] [--peers PYTHON]

Rscript with eRm and psychotools is used where it is found; --peers names a Python that has RaschPy and girth. Warm, in
seconds of the processor, because machines are shared: the fastest of some runs. Threads are those of
OPENBLAS_NUM_THREADS: run it with 1 and with 2. A peer that takes longer than LIMIT seconds by the clock is stopped, and
the ratio is then at least what is printed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from openrvu.valuation import paired
from openrvu.valuation.rasch import cml, mml, model, pcml, refits, simulate
from openrvu.valuation.rasch.data import responses

LIMIT = 150

R_SCRIPT = """
a <- commandArgs(TRUE); suppressPackageStartupMessages({library(eRm); library(psychotools)})
x <- as.matrix(read.csv(a[2], header = FALSE)); dimnames(x) <- NULL
if (a[3] == "complete") storage.mode(x) <- "integer"
colnames(x) <- paste0("I", seq_len(ncol(x)))
f <- switch(a[1], eRm_RM = function() RM(x), psychotools_RM = function() raschmodel(x),
  psychotools_PCM = function() pcmodel(x), psychotools_RSM = function() rsmodel(x),
  psychotools_RM_boot = function() for (i in 1:50) raschmodel(x[sample(nrow(x), replace = TRUE), ]))
t <- system.time(suppressWarnings(f())); cat(t[["user.self"]] + t[["sys.self"]])
"""

PY_SCRIPT = """
import sys, time, warnings; warnings.filterwarnings("ignore")
import numpy as np
x = np.genfromtxt(sys.argv[2], delimiter=",")
name = sys.argv[1]
if name.startswith("girth"):
    import girth
    data = np.where(np.isnan(x), girth.INVALID_RESPONSE, x).astype(int).T
    call = {"girth_MML": lambda: girth.rasch_mml(data), "girth_CML": lambda: girth.rasch_conditional(data)}[name]
else:
    import pandas as pd, raschpy as rp
    frame = pd.DataFrame(x, columns=[f"I{i}" for i in range(x.shape[1])])
    call = {"RaschPy_PCML": lambda: rp.SLM(frame).calibrate(),
            "RaschPy_boot": lambda: rp.SLM(frame).std_errors(no_of_samples=100, se_method="bootstrap")}[name]
best = 1e9
for _ in range(2):
    start = time.process_time(); call(); best = min(best, time.process_time() - start)
print(best)
"""


def data(n: int, k: int, steps: int = 1, missing: float = 0.0, rating: bool = False) -> Any:
    """(n, k) simulated answers, nan where missing, seeded by the shape."""
    rng = np.random.default_rng(n + k + steps)
    if rating:
        deltas = np.linspace(-1.5, 1.5, k)[:, None] + np.linspace(-0.8, 0.8, steps)
    else:
        deltas = np.linspace(-1.5, 1.5, k)[:, None] + (rng.normal(0, 0.5, (k, steps)) if steps > 1 else 0)
    table = np.concatenate(
        [simulate.at_places(t, deltas, rng) for t in np.array_split(rng.normal(0, 1.2, n), 1 + n // 20000)]
    )
    if not missing:
        return table
    return np.where(rng.random(table.shape) < missing, np.nan, table.astype(float))


def fastest(call: Callable[[], object], runs: int = 3) -> float:
    """Seconds of the fastest of some runs, after one to warm up."""
    call()
    found = []
    for _ in range(runs):
        start = time.process_time()
        call()
        found.append(time.process_time() - start)
    return min(found)


def peer(name: str, table: Any, python: str) -> float | None:
    """Seconds of a peer on the table; None where it is not there, LIMIT where it is stopped."""
    with tempfile.TemporaryDirectory() as folder:
        csv, script = Path(folder) / "data.csv", Path(folder) / "run"
        np.savetxt(csv, table, delimiter=",", fmt="%.0f" if not np.isnan(table).any() else "%g")
        if name.startswith(("girth", "RaschPy")):
            if not python:
                return None
            script.write_text(PY_SCRIPT)
            command = [python, str(script), name, str(csv)]
        else:
            if not shutil.which("Rscript"):
                return None
            csv.write_text(csv.read_text().replace("nan", "NA"))
            script.write_text(R_SCRIPT)
            command = ["Rscript", str(script), name, str(csv), "missing" if np.isnan(table).any() else "complete"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT)
        except subprocess.TimeoutExpired:
            return LIMIT
    try:
        return float(done.stdout.split()[-1])
    except (ValueError, IndexError):
        print(f"{name}: {done.stderr.strip()[-200:]}", file=sys.stderr)
        return None


Task = tuple[str, str, Any, Callable[[Any], object], tuple[tuple[str, float], ...]]


def _bootstrap(r: Any) -> object:
    return refits.bootstrap(r, 10_000, np.random.default_rng(1))


def _cml(r: Any) -> object:
    return cml.fit(r)


def _rating(r: Any) -> object:
    return cml.fit(r, model.RATING)


def _partial(r: Any) -> object:
    return cml.fit(r, model.PARTIAL)


def tasks(quick: bool) -> list[Task]:
    """Id, what, the data, our call, and the peers with a factor on their time."""
    found: list[Task] = [
        ("R1", "CML and SE, 1,000 x 50", data(1000, 50), _cml, (("psychotools_RM", 1.0), ("eRm_RM", 1.0))),
        ("R3", "CML and SE, 30 % missing, 1,000 x 50", data(1000, 50, missing=0.3), _cml, (("psychotools_RM", 1.0),)),
        ("R5", "MML, 1,000 x 50", data(1000, 50), mml.fit, (("girth_MML", 1.0),)),
        ("R7", "partial credit CML, 1,000 x 50", data(1000, 50, 3), _partial, (("psychotools_PCM", 1.0),)),
        ("R8", "rating scale CML, 1,000 x 50", data(1000, 50, 3, rating=True), _rating, (("psychotools_RSM", 1.0),)),
        (
            "R10",
            "10,000 bootstrap CML refits, 150 x 11",
            data(150, 11),
            _bootstrap,
            (("RaschPy_boot", 100.0), ("psychotools_RM_boot", 200.0)),
        ),
    ]
    if quick:
        return found
    big = data(100_000, 100)
    return [
        *found,
        ("R1", "CML and SE, 10,000 x 100", data(10_000, 100), _cml, (("psychotools_RM", 1.0),)),
        ("R1", "CML and SE, 100,000 x 100", big, _cml, (("psychotools_RM", 1.0),)),
        ("R4", "CML and SE, 30 % missing, 10,000 x 100", data(10_000, 100, missing=0.3), _cml, ()),
        ("R5", "MML, 100,000 x 100", big, mml.fit, (("girth_MML", 1.0),)),
        (
            "R7",
            "partial credit CML, 100,000 x 30, 4 categories",
            data(100_000, 30, 3),
            _partial,
            (("psychotools_PCM", 1.0),),
        ),
        (
            "R8",
            "rating scale CML, 100,000 x 30",
            data(100_000, 30, 3, rating=True),
            _rating,
            (("psychotools_RSM", 1.0),),
        ),
        ("R9", "PCML, 1,000 x 50", data(1000, 50), pcml.fit, (("RaschPy_PCML", 1.0),)),
    ]


def bradley_terry() -> float:
    """R12: 100 services, 100,000 comparisons."""
    rng = np.random.default_rng(7)
    left, right = np.triu_indices(100, 1)
    worth = rng.normal(0, 1, 100)
    times = rng.multinomial(100_000, np.full(len(left), 1 / len(left)))
    wins = rng.binomial(times, 1 / (1 + np.exp(worth[right] - worth[left])))
    lost = tuple(map(float, times - wins))
    names = tuple(map(str, range(100)))
    pairs = paired.Pairs(names, tuple(left), tuple(right), lost, (0.0,) * len(left), tuple(map(float, wins)))
    return fastest(lambda: paired.fit(pairs, "0", paired.DROPPED))


def main() -> int:
    """Print the table, and as JSON with --json."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--peers", default="", metavar="PYTHON")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    rows = []
    for name, what, table, call, peers in tasks(chosen.quick):
        start = time.process_time()
        read = responses(table)
        reading = time.process_time() - start
        ours = fastest(lambda call=call, read=read: call(read), 2 if len(table) > 5000 else 4)  # type: ignore[misc]
        measured = {other: (peer(other, table, chosen.peers), times) for other, times in peers}
        theirs = {other: (s * times, s >= LIMIT) for other, (s, times) in measured.items() if s}
        rows.append(
            {
                "id": name,
                "task": what,
                "ours_s": ours,
                "reading_s": reading,
                "peers_s": {other: s for other, (s, _) in theirs.items()},
            }
        )
        beside = ", ".join(
            f"{other} {'over ' if stopped else ''}{s:.2f} s ({s / ours:,.0f} times)"
            for other, (s, stopped) in theirs.items()
        )
        print(f"{name:4} {what:50} {1000 * ours:9.1f} ms (reading {1000 * reading:6.1f})  {beside}", flush=True)
    print(f"R12  Bradley-Terry, 100 services, 100,000 comparisons   {1000 * bradley_terry():9.1f} ms")
    threads = os.environ.get("OPENBLAS_NUM_THREADS", "all")
    print(f"Python {platform.python_version()}, numpy {np.__version__}, BLAS threads {threads}, {os.cpu_count()} cores")
    if chosen.json:
        print(json.dumps(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
