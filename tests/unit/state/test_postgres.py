"""The same on PostgreSQL: tables, jobs, uploads, people, and what is killed goes on."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from tests.unit.state.conftest import MAPPING, brought, claims, ended, until

from openrvu.errors import Unavailable
from openrvu.state import cases, database, exporting, jobs, mappings, uploads, users
from openrvu.state.database import HEAD, State
from openrvu.state.runner import Runner
from openrvu.state.schema import METADATA

pytestmark = pytest.mark.needs("postgres")


@pytest.fixture(name="shared", scope="module")
def on_postgres(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[State]:
    """A database of PostgreSQL, made by the migrations."""
    made = database.open_state(postgres, tmp_path_factory.mktemp("home"))
    yield made
    made.engine.dispose()


def test_the_migrations_make_the_same_tables(shared: State) -> None:
    with shared.begin() as made:
        assert compare_metadata(MigrationContext.configure(made), METADATA) == []
        assert made.execute(text("SHOW synchronous_commit")).scalar() == "on"


def test_a_database_of_another_version_is_refused_until_it_is_migrated(shared: State, postgres: str) -> None:
    with shared.begin() as made:
        made.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    try:
        with pytest.raises(Unavailable, match="openrvu state migrate"):
            database.open_state(postgres, shared.home)
    finally:
        with shared.begin() as made:
            made.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": HEAD})


def test_cases_mappings_and_people(shared: State) -> None:
    ann = users.add(shared, "ann", "correct horse battery", "analyst")
    saved = cases.save(shared, "Fusion", {"services": "22633", "on": "2025-07-01"}, ann.id)
    mappings.remember(shared, ["a"], "text", ann.id)
    assert cases.get(shared, saved.id) == saved and cases.listed(shared, ann.id) == (saved,)
    assert mappings.remembered(shared, ["a"], ann.id) == "text" and mappings.remembered(shared, ["a"]) == ""
    token = users.sign_in(shared, "Ann", "correct horse battery")
    assert users.of_session(shared, token) == ann
    assert exporting.status(shared)["rows"]["cases"] == 1
    users.remove(shared, ann)
    assert users.of_session(shared, token) is None and cases.listed(shared) == ()


def test_a_killed_worker_loses_nothing(shared: State) -> None:
    upload = brought(shared, claims(400))
    runner = Runner(shared, 1).start()
    made = jobs.submit(shared, "price-file", {"mapping": MAPPING, "parts": 60, "engine": "ints"}, upload_id=upload.id)
    runner.wake()
    until(lambda: jobs.get(shared, made.id).done >= 1)
    os.kill(runner.workers[0].process.pid, signal.SIGKILL)
    found = ended(shared, made)
    runner.stop()
    # 200 x (1,094.93 + 1,361.46), as on SQLite
    assert found.status == "done" and found.outcome and found.outcome["amount_cents"] == 200 * (109493 + 136146)
    assert found.attempt == 2
    uploads.remove(shared, upload.id)
    assert jobs.counts(shared) == {}


def test_a_server_that_is_away_is_told_and_work_goes_on_when_it_is_back(shared: State, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="does not answer"):
        database.open_state("postgresql://openrvu@127.0.0.1:1/postgres", tmp_path)
    with shared.begin() as made:
        own = made.execute(text("SELECT pg_backend_pid()")).scalar()
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> :own AND usename = 'openrvu'"
        made.execute(text(others), {"own": own})
    assert exporting.status(shared)["revision"] == HEAD
