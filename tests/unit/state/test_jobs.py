"""Jobs: none is lost, none is done twice at once, each can be stopped and goes on; fifty at a time all finish."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import duckdb
import pytest
from tests.unit.state.conftest import MAPPING, brought, claims, ended, until

from openrvu.bulk.price_file import Asked, price_file
from openrvu.errors import NotHeld, OpenRVUError, Unavailable
from openrvu.state import jobs, uploads
from openrvu.state.database import State
from openrvu.state.runner import Runner

COUNTS = "item,less,equal,greater\n63005,30,10,60\n63030,40,20,40\n63047,60,20,20\n63267,80,10,10\n22612,90,5,5\n"


def test_the_one_that_waits_longest_is_next_and_none_is_claimed_twice(state: State) -> None:
    first, second = (jobs.submit(state, "value", {"number": number}) for number in (1, 2))
    claimed = [jobs.claim(state), jobs.claim(state), jobs.claim(state)]
    assert [one and one.id for one in claimed] == [first.id, second.id, None]
    assert all(one and one.status == "running" and one.attempt == 1 for one in claimed[:2])


def test_the_queue_has_an_end(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "MOST_WAITING", 2)
    for _ in range(2):
        jobs.submit(state, "value", {})
    with pytest.raises(Unavailable, match="2 jobs are waiting already"):
        jobs.submit(state, "value", {})


def test_a_worker_that_was_thought_dead_changes_nothing(state: State) -> None:
    jobs.submit(state, "value", {})
    old = jobs.claim(state)
    assert old
    jobs.lost(state, old)
    new = jobs.claim(state)
    assert new and new.id == old.id and new.attempt == 2
    assert not jobs.note(state, old, "late", 1, 2)
    assert not jobs.finish(state, old, {"late": True})
    assert not jobs.fail(state, old, OpenRVUError("late"))
    assert jobs.finish(state, new, {"right": True})
    assert jobs.get(state, new.id).outcome == {"right": True}


def test_a_job_that_takes_every_worker_with_it_is_given_up(state: State) -> None:
    made = jobs.submit(state, "value", {})
    for _ in range(jobs.ATTEMPTS):
        claimed = jobs.claim(state)
        assert claimed
        jobs.lost(state, claimed)
    found = jobs.get(state, made.id)
    assert found.status == "failed" and found.fault and "ended 5 times" in found.fault["message"]
    assert jobs.resume(state, made.id) and jobs.get(state, made.id).attempt == 0


def test_one_that_waits_is_cancelled_at_once_and_one_that_is_over_not_at_all(state: State) -> None:
    made = jobs.submit(state, "value", {})
    assert jobs.cancel(state, made.id) and jobs.get(state, made.id).status == "cancelled"
    assert not jobs.cancel(state, made.id)
    assert jobs.resume(state, made.id) and not jobs.resume(state, made.id)


def test_what_is_not_there_is_said(state: State) -> None:
    with pytest.raises(NotHeld, match="no such job"):
        jobs.get(state, "nothing")


def test_fifty_studies_at_once_are_queued_and_all_finish(working: tuple[State, Runner]) -> None:
    state, runner = working
    survey = brought(state, COUNTS, "survey.csv")
    asked = {"target": "62380", "draws": 0, "joint": False}
    made = [jobs.submit(state, "value", {**asked, "seed": seed}, upload_id=survey.id) for seed in range(50)]
    runner.wake()
    until(lambda: jobs.counts(state).get("done", 0) >= 50)
    outcomes = [jobs.get(state, one.id).outcome or {} for one in made]
    assert {one["target"] for one in outcomes} == {"62380"}
    assert {one["run_id"].rpartition("-s")[2] for one in outcomes} == {str(seed) for seed in range(50)}


def test_killed_and_cancelled_it_goes_on_and_the_result_is_that_of_one_go(
    working: tuple[State, Runner], tmp_path: Path
) -> None:
    """The worker is killed after the first part; another goes on and is stopped by the user; a third ends it."""
    state, runner = working
    upload = brought(state, claims(600))
    asked = {"mapping": MAPPING, "parts": 60, "engine": "ints"}
    made = jobs.submit(state, "price-file", asked, upload_id=upload.id)
    runner.wake()
    until(lambda: jobs.get(state, made.id).done >= 1)
    (at_it,) = (one for one in runner.workers if one.job and one.job.id == made.id)
    os.kill(at_it.process.pid, signal.SIGKILL)
    until(lambda: jobs.get(state, made.id).attempt == 2 and jobs.get(state, made.id).done >= 1)
    assert jobs.cancel(state, made.id)
    assert ended(state, made).status == "cancelled"
    assert jobs.resume(state, made.id)
    runner.wake()
    found = ended(state, made)
    assert (found.status, found.attempt, found.done, found.total) == ("done", 1, 60, 60)
    (tmp_path / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    one_go = Asked(upload.path, tmp_path / "alone.parquet", tmp_path / "mapping.toml", engine="ints")
    assert found.outcome and found.outcome["checksum"] == price_file(one_go).checksum
    # 33.85 and 1.5 x 28.06 RVUs x 32.3465, three hundred of each: 300 x (1094.93 + 1361.46)
    assert found.outcome["amount_cents"] == 300 * (109493 + 136146)
    priced = jobs.folder_of(state, made.id) / "priced.parquet"
    with duckdb.connect() as reader:
        rows = reader.execute(f"SELECT count(*), count(DISTINCT line_id) FROM '{priced}'").fetchall()
    assert rows == [(600, 600)]


def test_what_a_user_did_wrong_is_told(working: tuple[State, Runner]) -> None:
    state, runner = working
    upload = brought(state, "a,b\n1,2\n")
    made = jobs.submit(state, "price-file", {"mapping": MAPPING}, upload_id=upload.id)
    runner.wake()
    found = ended(state, made)
    assert found.status == "failed" and found.fault and found.fault["kind"] == "bad-input"
    assert "no column 'CLAIM'" in found.fault["message"]


def test_what_is_removed_is_gone_with_its_jobs_and_files(state: State) -> None:
    upload = brought(state, claims(2))
    made = jobs.submit(state, "price-file", {}, upload_id=upload.id)
    kept = jobs.folder_of(state, made.id) / "priced.parquet"
    kept.write_bytes(b"x")
    uploads.remove(state, upload.id)
    assert not upload.path.parent.exists() and not kept.parent.exists()
    assert jobs.counts(state) == {}
    with pytest.raises(NotHeld, match="no such upload"):
        uploads.get(state, upload.id)


def test_what_has_outlived_its_time_is_swept(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "KEPT_DAYS", 7)
    kept = brought(state, claims(1))
    monkeypatch.setattr(uploads, "end_of", lambda: "2026-01-01T00:00:00.000000Z")
    old = brought(state, claims(1))
    _, cut_off = uploads.new_folder(state)
    orphan = jobs.folder_of(state, "0" * 32)
    for path in (cut_off, orphan):
        os.utime(path, (0, 0))
    assert uploads.sweep(state) == 3
    assert kept.path.exists() and not any(path.exists() for path in (old.path, cut_off, orphan))
