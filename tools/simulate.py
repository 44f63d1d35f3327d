"""Write docs/simulations.md: how often the intervals of a valuation hold the truth, by simulation with the same code.

make simulate                      10,000 surveys a row, 5,000 with bootstrap, 400 of the joint model
python tools/simulate.py --surveys 2000 --bootstrap 200 --joint 50 -o /tmp/short.md

Each row is kept under build/simulate as it is done, named by what was asked and by the code that valued it: a run that
was stopped goes on where it was, and a change of the code begins anew. --fresh does all of it again.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from openrvu.valuation import simulation
from openrvu.valuation.simulation import (
    DEFAULT,
    LINE,
    SCATTER,
    SLOPE,
    Coverage,
    Scenario,
    bootstrapped,
    default,
    items,
    joined,
)

ROOT = Path(__file__).parents[1]
REPORT, KEPT = ROOT / "docs" / "simulations.md", ROOT / "build" / "simulate"
CODE = ("anchor", "calibrated", "clustered", "intervals", "joint", "links", "paired", "simulation")
LEVEL, ERRORS = 0.95, 3  # judged at the level, give or take so many Monte-Carlo standard errors
SIZES = (20, 40, 150)
KINDS: tuple[tuple[str, float, float], ...] = (
    ("ties, complete", 0.0, 0.0),
    ("30 % of answers missing", 0.3, 0.0),
    ("one-sided", 0.0, -1.5),
)
# What else a survey can be: the default's intervals alone.
MORE: dict[str, dict[str, Any]] = {
    "6 comparators": {"comparators": 6},
    "20 comparators": {"comparators": 20},
    "respondents alike": {"lean": 0.0},
    "respondents twice as apart": {"lean": 1.0},
    "half of answers equal": {"log_nu": 1.0},
}
HEAD = f"""# How often the intervals hold the truth

SIMULATED: nobody answered these surveys. They show how the methods work and are evidence about no service.

Made by `make simulate` with the code that values a survey. Each survey has eleven comparators drawn anew: measures from
a normal of sd 1 logit, work RVUs {LINE:g} + {SLOPE:g} a logit + scatter of sd {SCATTER:g}. The target stands at 0, so
the truth of the line is {LINE:g} and that of one new service {LINE:g} + scatter. Respondents place the target by
themselves (sd 0.5 logit); answers follow Davidson's model with about a quarter of ties. In the one-sided surveys the
comparators' mean measure is -1.5: the target lies at the edge of their range or beyond it. In a linked survey each
comparator is compared with the next two as well, by every respondent.

Nominal level 95 %. "Line": share of surveys whose interval of the line holds the truth. "New": share whose prediction
interval holds the RVU of one new service. "Bias": mean of value less truth, in RVUs. Widths are medians. Monte-Carlo
standard error of a share near 95 %:
{{errors}}.
"""


@dataclass(frozen=True)
class Job:
    """One row of the report, or the few that come of the same surveys. kind: default, more, items, bootstrap, joint."""

    kind: str
    words: str
    scenario: Scenario
    surveys: int
    draws: int
    seed: int


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the simulations, or go on with them, and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--surveys", type=int, default=10_000)
    parser.add_argument("--bootstrap", type=int, default=5_000)
    parser.add_argument("--draws", type=int, default=500)
    parser.add_argument("--joint", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1, help="Rows done side by side, each by a process of its own.")
    parser.add_argument("--fresh", action="store_true", help="Do again what is kept.")
    parser.add_argument("--keep", type=Path, default=KEPT, help="Folder of the rows that are done.")
    parser.add_argument("-o", "--output", type=Path, default=REPORT)
    asked = parser.parse_args(arguments)
    done = run(_jobs(asked), asked)
    asked.output.write_text("\n".join(report(asked, done)).rstrip() + "\n", encoding="utf-8")


def run(jobs: Sequence[Job], asked: argparse.Namespace) -> dict[Job, tuple[Coverage, ...]]:
    """Every job's rows, those that are kept read and the others computed and kept."""
    asked.keep.mkdir(parents=True, exist_ok=True)
    code, found = _code(), {}
    open_ones = []
    for job in jobs:
        path = asked.keep / f"{_key(job, code)}.json"
        if path.exists() and not asked.fresh:
            found[job] = tuple(Coverage(**row) for row in json.loads(path.read_text(encoding="utf-8")))
        else:
            open_ones.append((job, path))
    print(f"{len(found)} of {len(jobs)} rows are kept", file=sys.stderr)
    if asked.jobs > 1:
        with ProcessPoolExecutor(asked.jobs) as pool:
            results = pool.map(_timed, [job for job, _ in open_ones])
            for (job, path), rows in zip(open_ones, results, strict=True):
                found[job] = _keep(path, rows)
    else:
        for job, path in open_ones:
            found[job] = _keep(path, _timed(job))
    return found


def _keep(path: Path, rows: tuple[Coverage, ...]) -> tuple[Coverage, ...]:
    part = path.with_suffix(".part")
    part.write_text(json.dumps([asdict(row) for row in rows]), encoding="utf-8")
    part.replace(path)
    return rows


def _timed(job: Job) -> tuple[Coverage, ...]:
    starts = time.perf_counter()
    if job.kind == "default":
        rows = default(job.scenario, job.surveys, job.seed)
    elif job.kind == "more":
        rows = default(job.scenario, job.surveys, job.seed, others=False)[:1]
    elif job.kind == "items":
        rows = (items(job.scenario, job.surveys, job.seed),)
    elif job.kind == "bootstrap":
        rows = bootstrapped(job.scenario, job.surveys, job.draws, job.seed)
    else:
        rows = (joined(job.scenario, job.surveys, job.seed),)
    print(f"{job.kind}, {job.words}: {time.perf_counter() - starts:.0f} s", file=sys.stderr, flush=True)
    return rows


def _code() -> str:
    """Hash of the code that values a survey."""
    digest = hashlib.sha256()
    for name in CODE:
        digest.update((Path(simulation.__file__).parent / f"{name}.py").read_bytes())
    return digest.hexdigest()


def _key(job: Job, code: str) -> str:
    return hashlib.sha256(json.dumps([asdict(job), code]).encode()).hexdigest()[:20]


def _jobs(asked: argparse.Namespace) -> list[Job]:
    found = []
    for linked in (False, True):
        for words, missing, shift in KINDS:
            for n in SIZES:
                scenario = Scenario(words, n, missing, shift, linked)
                found.append(Job("default", f"{words}, {n} respondents", scenario, asked.surveys, 0, asked.seed))
                alike = replace(scenario, lean=0.0)
                found.append(Job("items", f"{words}, {n} respondents", alike, asked.surveys, 0, asked.seed))
                for more, changed in MORE.items() if not missing else ():
                    one = replace(scenario, **changed)
                    found.append(Job("more", f"{more}, {words}, {n} respondents", one, asked.surveys, 0, asked.seed))
    for n in SIZES:
        found.append(Job("bootstrap", f"{n} respondents", Scenario("", n), asked.bootstrap, asked.draws, asked.seed))
    joint = [(f"ties, complete, {n} respondents", Scenario("", n)) for n in SIZES]
    joint += [
        ("one-sided, 40 respondents", Scenario("", 40, shift=-1.5)),
        ("linked, ties, complete, 20 respondents", Scenario("", 20, linked=True)),
    ]
    return found + [Job("joint", words, one, asked.joint, 0, asked.seed) for words, one in joint]


def report(asked: argparse.Namespace, done: dict[Job, tuple[Coverage, ...]]) -> Iterable[str]:
    """The lines of the report."""
    counts = (asked.surveys, asked.bootstrap, asked.joint)
    errors = (f"{100 * _error(n):.2f} points with {n:,} surveys" for n in counts)
    yield HEAD.format(errors=", ".join(errors))
    yield f"Seed {asked.seed}.\n"
    yield from _criterion(asked, done)
    yield "## The line, its intervals, and errors in variables\n"
    for linked in (False, True):
        design = (
            "each comparator with two others as well" if linked else "target against comparators only (as published)"
        )
        yield f"### {'Linked' if linked else 'One-versus-all'}: {design}\n"
        rows = [
            (job.words, one)
            for job, found in done.items()
            if job.kind == "default" and job.scenario.linked == linked
            for one in found
        ]
        yield from _table(rows, f"{asked.surveys:,} surveys a row")
    yield "## Other surveys\n"
    yield f"The default's intervals where one thing is otherwise, {asked.surveys:,} surveys a row.\n"
    yield "| survey | one-versus-all: line | new | linked: line | new |"
    yield "|---|---|---|---|---|"
    more = {(job.words, job.scenario.linked): found[0] for job, found in done.items() if job.kind == "more"}
    for words in dict.fromkeys(words for words, _ in more):
        cells = [
            _percent(share) for linked in (False, True) for share in (more[words, linked].line, more[words, linked].new)
        ]
        yield f"| {words} | {' | '.join(cells)} |"
    yield ""
    yield "## The comparators' own measures\n"
    yield (
        "Ties modelled (Davidson), respondents alike; 95 % intervals from the full covariance. Bias and widths are in "
        "logits; with few respondents measures are stretched by some percent, which the line does not see.\n"
    )
    yield "| survey | one-versus-all | bias | width | without | linked | bias | width | without |"
    yield "|---|---|---|---|---|---|---|---|---|"
    by = {(job.words, job.scenario.linked): found[0] for job, found in done.items() if job.kind == "items"}
    for words in dict.fromkeys(words for words, _ in by):
        cells = [cell for linked in (False, True) for cell in _item(by[words, linked])]
        yield f"| {words} | {' | '.join(cells)} |"
    yield ""
    yield "## Bootstrap intervals of the line\n"
    yield "One-versus-all, ties, complete. None of these is an interval for a new service.\n"
    rows = [(job.words, one) for job, found in done.items() if job.kind == "bootstrap" for one in found]
    yield from _table(rows, f"{asked.bootstrap:,} surveys a row, {asked.draws:,} draws each")
    yield "## The joint model\n"
    yield "Measures and link in one likelihood, ties modelled, respondents' own places in it.\n"
    rows = [(job.words, one) for job, found in done.items() if job.kind == "joint" for one in found]
    yield from _table(rows, f"{asked.joint:,} surveys a row")
    yield READING


def _item(one: Coverage) -> tuple[str, ...]:
    return _percent(one.line), f"{one.bias:+.3f}", f"{one.width_line or 0:.2f}", str(one.failed or "")


def _error(surveys: int) -> float:
    return math.sqrt(LEVEL * (1 - LEVEL) / max(surveys, 1))


def _criterion(asked: argparse.Namespace, done: dict[Job, tuple[Coverage, ...]]) -> Iterable[str]:
    """The default against its level, condition by condition, and by how much it is outside."""
    band = ERRORS * _error(asked.surveys)
    outside, held, all_ = [], 0, 0
    for job, found in done.items():
        for one in (row for row in found if row.method == DEFAULT):
            for name, share in (("line", one.line), ("new", one.new)):
                all_ += 1
                away = (share or 0.0) - LEVEL
                held += abs(away) <= band
                if abs(away) > band:
                    design = "linked" if job.scenario.linked else "one-versus-all"
                    outside.append(
                        (away, f"| {design} | {job.words} | {name} | {_percent(share)} | {100 * away:+.1f} |")
                    )
    yield "## The default against its level\n"
    yield (
        f"Two intervals in {all_ // 2} conditions: {held} of {all_} hold 95 % give or take three Monte-Carlo standard "
        f"errors ({100 * band:.2f} points); {sum(away < 0 for away, _ in outside)} hold less, and "
        f"{sum(away > 0 for away, _ in outside)} hold more, which is on the wide side:\n"
        if outside
        else f"All {all_} hold 95 % give or take three Monte-Carlo standard errors ({100 * band:.2f} points).\n"
    )
    if outside:
        yield "| design | survey | interval | holds | points from its level |"
        yield "|---|---|---|---|---|"
        yield from (line for _, line in sorted(outside))
        yield ""


READING = """## What this says

- The prediction interval of one new service is the one that answers the question.
- The default draws measures towards their mean by as much as they are uncertain before the line is fitted, takes
  errors from respondents (not answers), adds the error that the target's own place brings to all comparators, and takes
  what the measures' error puts into the residuals out of the scatter of a new service. How near it comes to its level
  is in the first table; where it is off, respondents are few. Among the other surveys it falls short, by one to two and
  a half points, only one-sided with few respondents: with twenty comparators, or where half of all answers are "equal".
- Measures taken as exact, the usual interval of least squares falls short: by a point with 20 respondents, by four
  in a linked design, by eight one-sided. Comparators placed sharply against each other hide that the target is not.
- The value is that of least squares. Where the target lies at the edge of the comparators or beyond (one-sided), it
  reads too low with few respondents, because error of the measures flattens the line; the interval lies around the line
  with that error taken out, and the valuation says where that is. The guard `extrapolates` says when.
- Errors in variables with plain errors over-corrects one-sided; the joint model does not, and takes half a second.
- Redrawing respondents alone gives an interval that holds the line far less often than it says: services scatter about
  the line, and no number of respondents takes that away. Redrawing comparators comes nearer, and stays short.
"""


def _table(rows: Sequence[tuple[str, Coverage]], words: str) -> Iterable[str]:
    yield f"{words}.\n"
    yield "| survey | method | line | new | bias | width, line | width, new | without a value |"
    yield "|---|---|---|---|---|---|---|---|"
    before = ""
    for name, one in rows:
        shown = "" if name == before else name
        before = name
        cells = (
            _percent(one.line),
            _percent(one.new),
            f"{one.bias:+.2f}",
            _width(one.width_line),
            _width(one.width_new),
        )
        yield f"| {shown} | {one.method} | {' | '.join(cells)} | {one.failed or ''} |"
    yield ""


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f} %"


def _width(width: float | None) -> str:
    return "" if width is None else f"{width:.1f}"


if __name__ == "__main__":
    main()
