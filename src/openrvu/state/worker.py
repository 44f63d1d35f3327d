"""The program of a worker process: `python -m openrvu.state.worker`. It reads jobs from its input, one a line.

When its input ends, its server is gone, and it ends too, in the midst of whatever it does: no job goes on unseen.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
import traceback
from typing import IO

from openrvu.errors import OpenRVUError
from openrvu.state import jobs
from openrvu.state.database import State, connect
from openrvu.state.work import WORK, Run

GONE = 75
SORRY = "OpenRVU failed, and it is not your fault: {}"


def main() -> None:
    """Do jobs until the input ends."""
    state, threads = connect(), int(os.environ.get("OPENRVU_THREADS", "1"))
    asked: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin, asked), daemon=True).start()
    while True:
        key, _, attempt = asked.get().strip().partition(" ")
        do(state, key, int(attempt), threads)
        print(key, flush=True)


def _listen(source: IO[str], asked: queue.SimpleQueue[str]) -> None:
    for line in source:
        asked.put(line)
    os._exit(GONE)


def do(state: State, key: str, attempt: int, threads: int) -> None:
    """Do one job, unless it is no longer this attempt's; whatever happens is written to it."""
    job = jobs.get(state, key)
    if job.attempt != attempt or job.status != "running":
        return
    run = Run(state, job, jobs.folder_of(state, key), threads, lambda *told: _tell(state, job, *told))
    try:
        outcome = WORK[job.kind](run)
    except OpenRVUError as fault:
        jobs.fail(state, job, fault)
    except Exception as fault:
        jobs.fail(state, job, OpenRVUError(SORRY.format(type(fault).__name__), fix="Please report it"))
        _log(job.kind, fault)
    else:
        jobs.finish(state, job, outcome)


def _tell(state: State, job: jobs.Job, said: str, done: int, total: int) -> None:
    if not jobs.note(state, job, said, done, total):
        raise OpenRVUError("the job is no longer this worker's")


def _log(kind: str, fault: Exception) -> None:
    """Where it happened, without the message: it could hold what the user brought."""
    last = traceback.extract_tb(fault.__traceback__)[-1]
    print(f"job {kind}: {type(fault).__name__} in {last.filename}:{last.lineno}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
