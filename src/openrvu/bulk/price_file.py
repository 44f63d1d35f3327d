"""A file of claims priced: read, checked and parted, each part priced by an engine, the parts put together.

Killed at any point and run again with `resume`, it goes on with the first part that is not done.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from openrvu import holdings
from openrvu.bulk import duck, preparing, reading, rejecting, state, summary
from openrvu.bulk.claims import described
from openrvu.bulk.engines import ENGINES, Job
from openrvu.bulk.fields import quoted
from openrvu.bulk.mapping import Fields, read_mapping
from openrvu.errors import BadInput
from openrvu.facts import Facts
from openrvu.rules.lines import TYPES
from openrvu.rules.order import RULES
from openrvu.rules.plan import Plan, make_plan
from openrvu.rules.seeds import seeds
from openrvu.tables.store import home

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Lines a part for each gigabyte of memory: about what fits without spilling to the disk.
PART = 250_000
_MEMORY = re.compile(r"(\d+(?:\.\d+)?)\s*(KI?B|MI?B|GI?B|TI?B)", re.IGNORECASE)
_GIGABYTES = {"K": 1e-6, "M": 1e-3, "G": 1.0, "T": 1e3}
# What is written beside the money column of each rule.
RANKS = ("family_rank", "surgery_rank", "technical_rank", "professional_rank", "therapy_rank", "anesthesia_rank")
PERCENTS = (
    *("bilateral_percent", "split_percent", "rank_percent", "film_percent", "anesthesia_percent"),
    *("surgeons_percent", "provider_percent", "participation_percent"),
)
SHARES = (
    *("limiting_charge_cents", "deductible_used_cents", "coinsurance_cents", "patient_cents"),
    *("sequestration_cents", "medicare_cents"),
)


@dataclass(frozen=True)
class Asked:
    """What price_file was asked to do. parts 0: as many as the lines need."""

    source: Path
    output: Path
    mapping: Path | None = None
    engine: str = "duckdb"
    rejects: Path | None = None
    memory: str = "4GB"
    threads: int = 0
    resume: bool = False
    parts: int = 0
    master: str = ""


@dataclass(frozen=True)
class Done:
    """The outcome. lines: rows of the input. rejected: rows that could not be used. checksum: of the priced lines,
    whatever their order. by_status: lines. cents_by_rule: the money column of each rule, summed."""

    output: str
    rejects: str
    engine: str
    lines: int
    written: int
    rejected: int
    reasons: Mapping[str, int]
    by_status: Mapping[str, int]
    cents_by_rule: Mapping[str, int]
    amount_cents: int
    checksum: str
    sessions_by: str
    lines_by: str
    columns: tuple[str, ...] = field(repr=False)


def lines_a_part(memory: str) -> int:
    """How many lines a part may have. Raises BadInput for a memory that cannot be read.

    >>> lines_a_part("4GB"), lines_a_part("512MB")
    (1000000, 128000)
    """
    match = _MEMORY.fullmatch(memory.strip())
    if not match:
        raise BadInput(f"{memory!r} is no amount of memory", fix="Write it like 4GB or 800MB")
    return max(50_000, int(PART * float(match[1]) * _GIGABYTES[match[2][0].upper()]))


def output_columns(plan: Plan) -> tuple[str, ...]:
    """Every column of a line, then what each rule writes, each once."""
    money = (rule.money for rule in RULES if rule.money)
    extra = (*RANKS, *PERCENTS, *SHARES, *("release", "row_modifier", "rule_flags", "amount_cents", "priced", "status"))
    return tuple(dict.fromkeys(name for name in (*plan.inputs, *money, *extra) if name in plan.last))


def price_file(
    asked: Asked,
    say: Callable[[str], None] = lambda _text: None,
    facts: Facts | None = None,
    *,
    step: Callable[[int, int], None] = lambda _done, _parts: None,
) -> Done:
    """Price every line of a file or folder. say: takes one line of progress at a time. step: parts priced, and in all.

    Raises BadInput for columns that are not there, an engine that does not exist, an output that is the input.
    """
    if asked.engine not in ENGINES:
        raise BadInput(f"no engine is called {asked.engine!r}", exists=f"Engines: {', '.join(ENGINES)}")
    lines_a_part(asked.memory)
    files, _ = reading.find(asked.source)
    if asked.output.resolve() in {asked.source.resolve(), *(path.resolve() for path in files)}:
        raise BadInput("the output would overwrite the input", where=str(asked.output), fix="Choose another name")
    if not asked.output.parent.is_dir():
        raise BadInput(f"there is no folder {asked.output.parent}", fix="Make it first")
    _free(asked.output)
    facts = facts or holdings.current()
    held = seeds(facts)
    plan = make_plan(RULES, held, TYPES)
    columns = output_columns(plan)
    text = (
        asked.mapping.read_text(encoding="utf-8", errors="replace") if asked.mapping and asked.mapping.is_file() else ""
    )
    job = state.job_of(files, [text, *columns, str(asked.parts)])
    work, numbers = state.begin(asked.output, job, resume=asked.resume)
    try:
        with duck.connection(work.part("spill"), asked.memory, asked.threads) as made:
            run = Job(
                made, plan, duck.used_seeds(plan, held), columns, work.folder, asked.memory, asked.threads, asked.master
            )
            duck.load_seeds(made, run.seeds, work.part("seeds"))
            with run.stack:
                return _run(asked, run, work, numbers, say, facts, step)
    except BaseException:
        if not work.state.exists():
            state.end(work)
        elif work.folder.exists():
            say(f"Stopped. `--resume` goes on; else remove {work.folder}, which holds lines of the input.")
        raise


def _free(output: Path) -> None:
    """An output folder may hold parts of an earlier run, which are replaced, and nothing else."""
    foreign = [path.name for path in output.iterdir() if not path.match("part-*.parquet")] if output.is_dir() else []
    if foreign:
        raise BadInput(
            "the output folder holds other files", where=str(output), exists=foreign[0], fix="Choose another name"
        )


def _run(
    asked: Asked,
    run: Job,
    work: state.Work,
    numbers: Mapping[str, int],
    say: Callable[[str], None],
    facts: Facts,
    step: Callable[[int, int], None],
) -> Done:
    given = reading.look(run.made, asked.source)
    mapping = read_mapping(asked.mapping, given.columns, named=given.kind in reading.CLAIMS)
    if "parts" not in numbers:
        claims_of = reading.ClaimsFrom(facts, preparing.secret(home()), say) if given.kind in reading.CLAIMS else None
        numbers = _prepare(asked, run, work, given, mapping, say, claims_of)
    parts = numbers["parts"]
    given_ids = "line_id" in mapping.columns
    priced = work.part("priced")
    for part in range(parts):
        step(part, parts)
        done = priced / f"part-{part:05d}.parquet"
        files = preparing.part_files(work.folder / "lines", part)
        if done.exists() or not files:
            continue
        doubles = preparing.make_lines(run.made, files, given_ids=given_ids)
        rejecting.write(work.part("rejects") / f"{part:05d}.csv", doubles)
        ENGINES[asked.engine](run, done)
        step(part + 1, parts)
        say(f"priced part {part + 1} of {parts}")
    rejects = asked.rejects or asked.output.with_name(asked.output.name.removesuffix(".parquet") + ".rejects.csv")
    reasons, rejected = _gather_rejects(run.made, work, rejects, given.kind)
    say("putting the parts together")
    written = summary.combine(run.made, sorted(priced.glob("*.parquet")), asked.output, run.wanted)
    found = summary.of(run.made, written, [name for name in run.columns if name in _money()])
    state.end(work)
    return Done(
        output=str(asked.output),
        rejects=str(rejects),
        engine=asked.engine,
        lines=numbers["lines"],
        rejected=rejected,
        reasons=reasons,
        sessions_by=_sessions_by(given.kind, mapping),
        lines_by="line_id" if given_ids else "content",
        columns=run.columns,
        **found,
    )


def _sessions_by(kind: str, mapping: Fields) -> str:
    if kind in reading.CLAIMS and mapping.columns.get("session") == "session":
        return "patient"
    return next((name for name in ("session", "patient") if name in mapping.columns), "claim")


def _prepare(
    asked: Asked,
    run: Job,
    work: state.Work,
    given: reading.Given,
    mapping: Fields,
    say: Callable[[str], None],
    claims_of: reading.ClaimsFrom | None,
) -> dict[str, int]:
    """Read and check every row once, into parts; the state says how many."""
    say("reading")
    raw, kinds, count = reading.raw_of(run.made, given, mapping.read, work.part("read"), claims_of)
    broken = work.part("rejects") / "broken.csv"
    rejecting.write(broken, reading.broken_rows(work.part("read")))
    parts = asked.parts or max(1, -(-count // lines_a_part(asked.memory)))
    places = [row[0] for row in run.made.execute("SELECT DISTINCT place FROM seed_places ORDER BY 1").fetchall()]
    key = preparing.secret(home()) if "patient" in mapping.columns else ""
    text = preparing.typed_text(raw, mapping, kinds, places, parts, key)
    state.end(state.Work(work.folder / "lines", ""))
    preparing.write_parts(run.made, text, work.folder / "lines")
    for name in ("tidy.csv", "broken.csv"):
        (work.folder / "read" / name).unlink(missing_ok=True)
    numbers = {"parts": parts, "lines": count + rejecting.rows_named(run.made, broken)}
    state.write_state(work, **numbers)
    say(f"read {count:,} lines, {parts} part{'s' if parts > 1 else ''}")
    return numbers


def _money() -> tuple[str, ...]:
    """The columns that the summary adds up."""
    return *(rule.money for rule in RULES if rule.money), "patient_cents", "medicare_cents"


def _gather_rejects(made: DuckDBPyConnection, work: state.Work, path: Path, kind: str) -> tuple[dict[str, int], int]:
    """The rejects file, by file and line; counts by field and reason, and how many rows it names."""
    elements, items = reading.elements(kind), reading.items_a_line(kind)
    unusable = preparing.part_files(work.folder / "lines", preparing.UNUSABLE)

    def shown(number: int, field_: str) -> tuple[str | int, str]:
        return described(number, field_, elements, items)

    return rejecting.gather(made, unusable, work.part("rejects"), path, shown)


__all__ = ["Asked", "Done", "output_columns", "price_file", "quoted"]
