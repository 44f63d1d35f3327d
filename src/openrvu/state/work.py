"""What a job does, by its kind. Each makes one public call of the library; what it returns is kept as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openrvu import answers
from openrvu.errors import BadInput
from openrvu.state import uploads
from openrvu.state.database import State
from openrvu.state.jobs import Job
from openrvu.state.uploads import Upload

# Memory of the engine for one job, and with it the lines of a part: what is lost when a job is killed is one part.
MEMORY = "1GB"
# Files up to this many bytes are priced on whole numbers: DuckDB takes longer to plan the rules than those lines take.
SMALL = 64 * 1024


@dataclass(frozen=True)
class Run:
    """A job being done. folder: private to the job. tell: its last word, parts done, parts in all."""

    state: State
    job: Job
    folder: Path
    threads: int
    tell: Callable[[str, int, int], None]

    @property
    def upload(self) -> Upload:
        """The file that it is about. Raises NotHeld where it is no longer kept."""
        return uploads.get(self.state, self.job.upload_id or "")


def price(run: Run) -> Mapping[str, Any]:
    """A file of claims priced, as `openrvu price-file` does it; it goes on where an earlier attempt stopped."""
    from openrvu.bulk.price_file import Asked, price_file

    mapping = run.folder / "mapping.toml"
    if not mapping.exists():
        mapping.write_text(run.job.asked["mapping"], encoding="utf-8")
    output, parts = run.folder / "priced.parquet", [0, 0]

    def say(text: str) -> None:
        run.tell(text, *parts)

    def step(done: int, total: int) -> None:
        parts[:] = done, total

    def priced(*, resume: bool) -> Mapping[str, Any]:
        asked = Asked(
            source=run.upload.path,
            output=output,
            mapping=mapping,
            engine=run.job.asked.get("engine") or ("ints" if run.upload.size <= SMALL else "duckdb"),
            rejects=run.folder / "rejects.csv",
            memory=MEMORY,
            threads=run.threads,
            resume=resume,
            parts=int(run.job.asked.get("parts", 0)),
        )
        return answers.encode(price_file(asked, say, step=step))  # type: ignore[no-any-return]

    try:
        done = priced(resume=True)
    except BadInput as fault:
        if fault.where != f"{output}.work":  # what was begun is of other facts: begin anew
            raise
        done = priced(resume=False)
    return {**done, "output": "priced.parquet", "rejects": "rejects.csv", "run_id": answers.run_id()}


def load(run: Run) -> Mapping[str, Any]:
    """CMS's files taken into the store, as `openrvu load` does it; what was brought is not needed after."""
    from openrvu.tables.load import load as taken

    folder, asked = run.upload.path.parents[1], run.job.asked
    paths = [folder / name for name in asked["files"]]
    done = taken(
        paths,
        lambda text: run.tell(text, 0, 0),
        release=asked["release"],
        keep_descriptors=asked["keep_descriptors"],
    )
    for path in paths:
        path.unlink()
    return {"loaded": answers.encode(done), "run_id": answers.run_id()}


def value(run: Run) -> Mapping[str, Any]:
    """A survey valued, as `openrvu value` does it."""
    from openrvu import surveys

    asked = run.job.asked
    run.tell("reading the survey", 0, 1)
    survey = surveys.read(run.upload.path, asked["target"], asked.get("domain", ""))
    run.tell("estimating", 0, 1)
    chosen = {name: asked[name] for name in ("release", "ties", "draws", "seed", "joint", "volume") if name in asked}
    return {**answers.encode(surveys.value(survey, **chosen)), "run_id": answers.run_id(chosen.get("seed", 1))}


WORK: Mapping[str, Callable[[Run], Mapping[str, Any]]] = {"price-file": price, "load": load, "value": value}
