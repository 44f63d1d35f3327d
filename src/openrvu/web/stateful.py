"""What the pages know of state: the open database, the runner of jobs, and who is asking."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request

if TYPE_CHECKING:
    from openrvu.state.database import State
    from openrvu.state.runner import Runner

_OPENING = threading.Lock()


def state_of(request: Request) -> State:
    """The database, opened with the first page that needs it. Errors as in `open_state`."""
    return opened(request.app)[0]


def runner_of(request: Request) -> Runner:
    """The runner of jobs, started with the database."""
    return opened(request.app)[1]


def opened(app: FastAPI) -> tuple[State, Runner]:
    """The database and the runner of an app. A server opens them when it starts, so that jobs go on by themselves."""
    from openrvu.state.database import open_state
    from openrvu.state.runner import Runner

    with _OPENING:
        if app.state.opened is None:
            state = open_state(app.state.database, app.state.home)
            app.state.opened = state, Runner(state).start()
        found: tuple[State, Runner] = app.state.opened
    return found


def close(app: FastAPI) -> None:
    """End the workers and the connections; jobs go on when a server is started again."""
    with _OPENING:
        if app.state.opened is not None:
            state, runner = app.state.opened
            runner.stop()
            state.engine.dispose()
            app.state.opened = None


def owner_of(request: Request) -> str | None:
    """Whose uploads and cases a page may see; None where nobody signs in, and all are the same person's."""
    user = getattr(request.state, "user", None)
    return user.id if user else None
