"""The database: what the migrations make, how durable it is, what is refused, and what leaves it."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import insert, text

from openrvu.errors import BadInput, Unavailable
from openrvu.state import database, exporting, mappings
from openrvu.state.database import HEAD, State
from openrvu.state.schema import METADATA, users


def test_the_migrations_make_the_tables_that_the_code_knows(state: State) -> None:
    with state.begin() as made:
        context = MigrationContext.configure(made, opts={"compare_server_default": True})
        assert compare_metadata(context, METADATA) == []


def test_the_newest_migration_is_the_one_that_the_code_needs() -> None:
    steps = ScriptDirectory(str(Path(database.__file__).parent / "migrations"))
    assert steps.get_heads() == [HEAD]


def test_what_is_acknowledged_is_on_the_disk(state: State) -> None:
    with state.read() as made:
        assert made.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert made.execute(text("PRAGMA synchronous")).scalar() == 2  # FULL
        assert made.execute(text("PRAGMA foreign_keys")).scalar() == 1


def test_others_cannot_read_the_file(state: State) -> None:
    assert (state.home / database.FILE).stat().st_mode & 0o077 == 0


def test_migrating_again_changes_nothing(state: State) -> None:
    assert database.migrate(state) == (HEAD, HEAD)


def test_a_migration_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(MigrationContext, "stamp", stop)
    made = database.connect(home=tmp_path)
    with pytest.raises(KeyboardInterrupt):
        database.migrate(made)
    with sqlite3.connect(tmp_path / database.FILE) as held:
        assert held.execute("SELECT name FROM sqlite_master").fetchall() == []


def test_a_database_of_a_newer_version_is_refused(state: State) -> None:
    with state.begin() as made:
        made.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Unavailable, match="newer version"):
        database.open_state(home=state.home)


@pytest.mark.parametrize("url", ["mysql://somewhere/x", "nonsense", "sqlite://"])
def test_another_kind_of_database_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="none that is used here"):
        database.open_state(url, tmp_path)


def test_no_password_is_shown(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as fault:
        database.open_state("postgresql://ann:topsecret@127.0.0.1:1/x", tmp_path)
    assert "topsecret" not in str(fault.value) and "ann" in str(fault.value)


def test_all_leaves_but_passwords_and_sessions(state: State) -> None:
    row = {"id": "1", "name": "ann", "role": "owner", "secret": "hashed", "created_at": database.now()}
    with state.begin() as made:
        made.execute(insert(users).values(row))
    found = exporting.everything(state)
    assert set(found) == {*METADATA.tables, "exported_at", "revision"} - {"sessions"}
    assert found["users"] == [{"id": "1", "name": "ann", "role": "owner", "created_at": row["created_at"]}]


def test_a_mapping_is_remembered_for_the_same_columns_and_the_same_person(state: State) -> None:
    mappings.remember(state, ["a", "b"], "first")
    mappings.remember(state, ["a", "b"], "second")
    assert mappings.remembered(state, ["a", "b"]) == "second"
    assert mappings.remembered(state, ["b", "a"]) == ""
