"""Gives the jobs of this machine to worker processes, a few at a time, and sees to those whose worker is gone.

One runner serves a folder: a second server on the same folder waits for its turn. Workers are processes of their own,
so that a job that fails for want of memory takes nothing with it, and a job can be stopped at any point.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from openrvu.errors import OpenRVUError
from openrvu.state import jobs, uploads
from openrvu.state.database import State
from openrvu.state.jobs import Job

log = logging.getLogger("openrvu.state")

BUSY_SECONDS, IDLE_SECONDS, SWEEP_SECONDS = 0.1, 1.0, 3600
# A worker that has nothing to do ends, and its memory with it.
SPARE_SECONDS = 30
LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "OPENRVU_THREADS")


@dataclass
class Worker:
    """A process, and the job that it is at."""

    process: subprocess.Popen[str]
    job: Job | None = None
    since: float = field(default_factory=time.monotonic)

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def give(self, job: Job) -> None:
        self.job, self.since = job, time.monotonic()
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(f"{job.id} {job.attempt}\n")
            self.process.stdin.flush()
        except OSError:
            pass  # it has just ended; the next look finds the job without a worker

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()


class Runner:
    """Runs until `stop`. most: workers at a time (default: half the cores, one to four)."""

    def __init__(self, state: State, most: int = 0) -> None:
        cores = os.cpu_count() or 1
        self.state, self.most = state, most or max(1, min(4, cores // 2))
        self.threads = max(1, cores // self.most)
        self.workers: list[Worker] = []
        self._wake, self._ended = threading.Event(), threading.Event()
        self._free: set[int] = set()
        self._thread = threading.Thread(target=self._run, name="openrvu-jobs", daemon=True)

    def start(self) -> Runner:
        """Begin, in a thread of its own."""
        self._thread.start()
        return self

    def wake(self) -> None:
        """There is something new to do."""
        self._wake.set()

    def stop(self) -> None:
        """End the workers. What they were at is queued again by the next runner."""
        self._ended.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(10)

    def _run(self) -> None:
        turn = self._wait_for_turn()
        if turn is None:
            return
        swept = -float(SWEEP_SECONDS)
        with turn:
            while not self._ended.is_set():
                try:
                    if time.monotonic() - swept > SWEEP_SECONDS:
                        swept = time.monotonic()
                        uploads.sweep(self.state)
                    self._look()
                except OpenRVUError as fault:  # a database that is away for a while, a folder that cannot be removed
                    log.error("jobs: %s", fault)
                    self._ended.wait(IDLE_SECONDS)
                except Exception:
                    log.exception("jobs: unexpected error")
                    self._ended.wait(IDLE_SECONDS)
                self._wake.wait(BUSY_SECONDS if any(one.job for one in self.workers) else IDLE_SECONDS)
                self._wake.clear()
            for worker in self.workers:
                worker.end()

    def _wait_for_turn(self) -> IO[bytes] | None:
        self.state.home.mkdir(parents=True, exist_ok=True)
        file = (self.state.home / "runner.lock").open("a+b")
        while not try_lock(file):
            if self._ended.wait(IDLE_SECONDS):
                file.close()
                return None
        return file

    def _look(self) -> None:
        """One round: who has ended, what is to be stopped, who is without a worker, what comes next."""
        at_work = {job.id: job for job in jobs.running(self.state)}
        for worker in list(self.workers):
            self._see(worker, at_work)
        ours = {worker.job.id for worker in self.workers if worker.job}
        for key in at_work.keys() - ours:
            jobs.lost(self.state, jobs.get(self.state, key))
        while sum(1 for one in self.workers if one.job) < self.most and (job := jobs.claim(self.state)):
            self._spare().give(job)

    def _see(self, worker: Worker, at_work: dict[str, Job]) -> None:
        job = worker.job
        if job and (found := at_work.get(job.id)) and found.status == "cancelling":
            worker.end()
        if not worker.alive:
            worker.end()
            self.workers.remove(worker)
            return
        if worker.process.pid in self._free:
            self._free.discard(worker.process.pid)
            worker.job, worker.since = None, time.monotonic()
        if worker.job is None and time.monotonic() - worker.since > SPARE_SECONDS:
            worker.end()
            self.workers.remove(worker)

    def _spare(self) -> Worker:
        """A worker without a job, a new one where there is none."""
        for worker in self.workers:
            if worker.job is None and worker.alive:
                return worker
        made = Worker(self._spawn())
        threading.Thread(target=self._hear, args=(made.process,), daemon=True).start()
        self.workers.append(made)
        return made

    def _spawn(self) -> subprocess.Popen[str]:
        capped = dict.fromkeys(LIMITS, str(self.threads))
        # The URL may hold a password: it goes by the environment, which others cannot read, never as an argument.
        own = {
            "OPENRVU_HOME": str(self.state.home),
            "OPENRVU_DATABASE": self.state.engine.url.render_as_string(hide_password=False),
            "PYTHONPATH": os.pathsep.join(filter(None, [str(package_folder()), os.environ.get("PYTHONPATH", "")])),
        }
        return subprocess.Popen(
            [sys.executable, "-m", "openrvu.state.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **capped, **own},
        )

    def _hear(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        try:
            for _ in process.stdout:
                self._free.add(process.pid)
                self._wake.set()
        except ValueError:
            pass  # closed while it was read: the worker was ended


def package_folder() -> Path:
    """The folder that holds the package: a worker runs the same copy."""
    return Path(__file__).parents[2]


def try_lock(file: IO[bytes]) -> bool:
    """Hold a file, if no other process does. The system frees it when the process dies."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
