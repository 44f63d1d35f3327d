"""A database of its own for each test, a file of claims, and a runner that ends with the test."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from openrvu.state import database, jobs, uploads
from openrvu.state.database import State
from openrvu.state.jobs import Job
from openrvu.state.runner import Runner
from openrvu.state.uploads import Upload

MAPPING = '[columns]\nclaim_id = "CLAIM"\non = "DAY"\nhcpcs = "CODE"\nm1 = "MOD"\n'


@pytest.fixture(name="state")
def opened(tmp_path: Path) -> Iterator[State]:
    """SQLite in a folder of its own."""
    made = database.open_state(home=tmp_path / "home")
    yield made
    made.engine.dispose()


def claims(lines: int) -> str:
    """Lines of two codes on claims of their own: the first alone, the second both sides."""
    rows = (f"C{number},2025-07-01,{('63047,', '63030,50')[number % 2]}" for number in range(lines))
    return "\n".join(["CLAIM,DAY,CODE,MOD", *rows]) + "\n"


def brought(state: State, text: str, name: str = "claims.csv") -> Upload:
    """A file as if it had been brought."""
    key, folder = uploads.new_folder(state)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return uploads.keep(state, key, "claims", name, path, "0" * 64, {})


def until(found: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for something that must come."""
    end = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.01)


def ended(state: State, job: Job) -> Job:
    """The job when it is over."""
    until(lambda: jobs.get(state, job.id).over)
    return jobs.get(state, job.id)


@pytest.fixture(name="working", scope="module")
def at_work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[State, Runner]]:
    """A database with two workers, for all tests of a module: a worker takes a second or two to begin."""
    made = database.open_state(home=tmp_path_factory.mktemp("working"))
    runner = Runner(made, 2).start()
    yield made, runner
    runner.stop()
    made.engine.dispose()
