"""A real server on a free port and a real browser, once for all tests of pages."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from playwright.sync_api import Browser, sync_playwright

from openrvu.facts import embedded
from openrvu.web.app import create_app

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that serves the embedded facts until the tests end."""
    config = uvicorn.Config(
        create_app(embedded(), home=tmp_path_factory.mktemp("home")),
        host="127.0.0.1",
        port=0,
        log_level="error",
        ws="none",
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started:
        assert time.monotonic() < until, "the server did not start"
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Browser]:
    """Chromium. Mark the test `needs("browser")`."""
    with sync_playwright() as play:
        found = play.chromium.launch(executable_path=chromium_path, args=ARGUMENTS)
        yield found
        found.close()
