"""The private folder of an unfinished run: what is done, by number alone. It holds no value of any line."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from openrvu import answers
from openrvu.errors import BadInput, Unavailable

FORMAT = 1


@dataclass(frozen=True)
class Work:
    """The folder `<output>.work`. job: hash of inputs, mapping and rules, so that nothing foreign is gone on with."""

    folder: Path
    job: str

    @property
    def state(self) -> Path:
        return self.folder / "state.json"

    def part(self, name: str) -> Path:
        """A folder inside, made when asked."""
        made = self.folder / name
        made.mkdir(exist_ok=True)
        return made


def job_of(inputs: Sequence[Path], asked: Sequence[str]) -> str:
    """What identifies a run: the files by name, size and time, what was asked, version and facts."""
    digest = hashlib.sha256(answers.run_id().encode())
    for path in inputs:
        held = path.stat()
        digest.update(f"\0{path.resolve()}\0{held.st_size}\0{held.st_mtime_ns}".encode())
    for text in asked:
        digest.update(b"\1" + text.encode())
    return digest.hexdigest()


def begin(output: Path, job: str, *, resume: bool) -> tuple[Work, dict[str, int]]:
    """The folder of the run and, where one is gone on with, its state: `parts` and `lines` as they were read.

    Without `resume` what an earlier run left is removed. Raises BadInput where it is of other files or other rules.
    """
    work = Work(output.with_name(output.name + ".work"), job)
    if resume and work.state.exists():
        held = json.loads(work.state.read_text(encoding="utf-8"))
        if held.get("format") == FORMAT and held.get("job") == job:
            _remove(work.folder / "spill")
            return work, {key: value for key, value in held.items() if isinstance(value, int)}
        raise BadInput(
            "the unfinished run is of other files, another mapping or other rules",
            where=str(work.folder),
            fix="Run without --resume to begin again",
        )
    _remove(work.folder)
    work.folder.mkdir(mode=0o700, parents=True)
    return work, {}


def write_state(work: Work, **numbers: int) -> None:
    """The state, on the disk whole before it bears its name."""
    unfinished = work.state.with_suffix(".tmp")
    with unfinished.open("w", encoding="utf-8") as file:
        file.write(json.dumps({"format": FORMAT, "job": work.job, **numbers}) + "\n")
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(work.state)


def end(work: Work) -> None:
    """Remove everything of the run. Raises Unavailable where lines would be left behind."""
    _remove(work.folder)


def _remove(folder: Path) -> None:
    """A folder gone, or an error that names it: lines of claims must not stay unnoticed."""
    if not folder.exists():
        return
    try:
        shutil.rmtree(folder)
    except OSError as fault:
        what = f"the private folder of the run cannot be removed: {fault.strerror}"
        raise Unavailable(what, where=str(folder), fix="It holds lines of the input: remove it by hand") from None
