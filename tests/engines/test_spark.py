"""All rules on Spark: on two local cores, and on a cluster of two workers of which one is killed on the way."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import polars
import pytest
from tests.engines import claims, made_up

from openrvu.bulk import spark
from openrvu.bulk.price_file import Asked, output_columns, price_file
from openrvu.errors import Unavailable
from openrvu.facts import embedded
from openrvu.rules import on_ints
from openrvu.rules.lines import TYPES
from openrvu.rules.order import RULES
from openrvu.rules.plan import make_plan
from openrvu.rules.seeds import seeds

# Little work in many steps: planning and compiling would take longer than the work.
FAST = {
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.ui.showConsoleProgress": "false",
}
pytestmark = pytest.mark.needs("java")


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        return port


@contextmanager
def process(folder: Path, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of the cluster, on loopback, ended with the block by its own number."""
    home = Path(sys.modules["pyspark"].__file__ or "").parent
    own = {"SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_NO_DAEMONIZE": "1"}
    with (folder / f"{command[-1].replace('/', '_')}-{time.monotonic_ns()}.log").open("wb") as log:
        started = subprocess.Popen(
            [str(home / "bin" / "spark-class"), *command],
            env={**os.environ, **own},
            stdout=log,
            stderr=log,
            cwd=folder,
            start_new_session=True,
        )
        try:
            yield started
        finally:
            if started.poll() is None:
                os.killpg(started.pid, signal.SIGKILL)
            started.wait()


def wait_for(port: int) -> None:
    for _ in range(300):
        with socket.socket() as asked:
            if asked.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    pytest.fail("the master of the cluster did not start")


def test_two_local_cores_give_what_whole_numbers_give(tmp_path: Path) -> None:
    held = dict(seeds(embedded()))
    plan = make_plan(RULES, held, TYPES)
    columns = output_columns(plan)
    given = claims.lines(800, 8)
    rows = [dict(line) for line in given]
    on_ints.run(RULES, rows, held)
    polars.DataFrame(given).write_parquet(tmp_path / "lines.parquet")
    wanted = {name: plan.types[plan.last[name]] for name in columns}
    with spark.session("local[2]", tmp_path / "scratch", FAST) as session:
        spark.put_seeds(session, held)
        asked = spark.texts(plan, held, columns)
        spark.price(session, asked, tmp_path / "lines.parquet", tmp_path / "out", wanted)
    found = polars.read_parquet(str(tmp_path / "out" / "*.parquet"))
    assert sorted(found.rows()) == sorted(tuple(row[name] for name in columns) for row in rows)


def test_a_worker_that_is_killed_changes_nothing(tmp_path: Path) -> None:
    """Small rules that use every step, so that the time goes into work and not into planning."""
    plan = make_plan(made_up.RULES, made_up.SEEDS, made_up.INPUTS)
    given = made_up.lines(3_000, 9)
    folder = tmp_path / "lines"
    folder.mkdir()
    for part in range(12):
        polars.DataFrame(given[part::12]).write_parquet(folder / f"part-{part}.parquet")
    port, master = free_port(), "org.apache.spark.deploy.master.Master"
    url = f"spark://127.0.0.1:{port}"
    worker = ("org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1", "--cores", "1", "--memory", "600m")
    with ExitStack() as stack:
        stack.enter_context(
            process(tmp_path, master, "--host", "127.0.0.1", "--port", str(port), "--webui-port", str(free_port()))
        )
        wait_for(port)
        workers = [
            stack.enter_context(process(tmp_path, *worker, "--webui-port", str(free_port()), url)) for _ in range(2)
        ]
        settings = {
            "spark.executor.memory": "500m",
            "spark.executor.cores": "1",
            **FAST,
            "spark.sql.shuffle.partitions": "8",
        }
        with spark.session(url, tmp_path / "scratch", settings) as session:
            while len(_executors(session)) < 2:
                time.sleep(0.2)
            spark.put_seeds(session, made_up.SEEDS)
            asked = spark.texts(plan, made_up.SEEDS, made_up.OUTPUT)
            wanted = {name: plan.types[plan.last[name]] for name in made_up.OUTPUT}
            killed = _kill_when_busy(session, workers[0])
            spark.price(session, asked, folder, tmp_path / "out", wanted)
            killed.join()
            assert workers[0].poll() is not None and workers[1].poll() is None
            assert len(_executors(session)) == 1
    found = polars.read_parquet(str(tmp_path / "out" / "*.parquet"))
    expected = made_up.slowly(made_up.RULES, made_up.SEEDS, given)
    assert sorted(found.rows()) == [tuple(row[name] for name in made_up.OUTPUT) for row in expected]


def _executors(session: Any) -> list[str]:
    """The executors, the driver's own apart."""
    tracker = session.sparkContext._jsc.sc().statusTracker()
    return [str(one.port()) for one in tracker.getExecutorInfos()][1:]


def _kill_when_busy(session: Any, worker: subprocess.Popen[bytes]) -> Any:
    """Kill a worker and its executor as soon as a stage has a finished task and others to do."""
    from threading import Thread

    tracker = session.sparkContext.statusTracker()

    def watch() -> None:
        for _ in range(3_000):
            stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
            if any(stage and stage.numTasks > 4 and 0 < stage.numCompletedTasks < stage.numTasks for stage in stages):
                break
            time.sleep(0.01)
        os.killpg(worker.pid, signal.SIGKILL)

    made = Thread(target=watch)
    made.start()
    return made


def test_a_master_that_does_not_answer_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    given = tmp_path / "lines.parquet"
    polars.DataFrame(claims.lines(5, 1)).write_parquet(given)
    with pytest.raises(Unavailable, match=r"pip install .*openrvu\[spark\]"):
        price_file(Asked(given, tmp_path / "out.parquet", engine="spark", master="local[1]"))
