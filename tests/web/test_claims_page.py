"""An analyst's day in a real browser: a file is priced, the server is killed, and the work goes on when it is back."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.needs("browser")


@contextmanager
def served(home: Path) -> Iterator[str]:
    """The address of a server as a user starts it, on a free port; at the end kill -9: no word is left to it."""
    command = [sys.executable, "-m", "openrvu", "serve", "--port", "0"]
    environment = {**os.environ, "OPENRVU_HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        match = re.search(r"http://\S+", process.stdout.readline())
        assert match
        yield match[0]
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()


def workers(home: Path) -> list[str]:
    """Processes of workers on this folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            text = path.read_bytes()
        except OSError:
            continue
        if f"OPENRVU_HOME={home}\0".encode() in text and b"OPENRVU_THREADS=" in text:
            found.append(path.parent.name)
    return found


def clean(page: Page, width: int) -> None:
    """The page fits its width, and axe finds nothing on it."""
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    violations = Axe().run(page).response["violations"]
    assert [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in violations] == []


def file_of(folder: Path, lines: int) -> Path:
    """Lines of two codes, each on a claim of its own."""
    path = folder / "claims.csv"
    rows = "".join(f"C{number},2025-07-01,{('63047,', '63030,50')[number % 2]}\n" for number in range(lines))
    path.write_text(f"CLM_ID,DOS,CPT,MOD1\n{rows}", encoding="utf-8")
    return path


def test_a_file_is_priced_though_the_server_is_killed(browser: Browser, tmp_path: Path) -> None:
    home = tmp_path / "home"
    asked: list[str] = []
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda fault: asked.append(str(fault)))
        with served(home) as base:
            page.goto(f"{base}/claims")
            page.set_input_files("#file", file_of(tmp_path, 2000))
            with page.expect_navigation():
                page.get_by_role("button", name="Send").click()
            clean(page, 1280)
            # The page of a job comes anew while it is looked at, unless its script is held back.
            page.route("**/progress.js", lambda route: route.abort())
            with page.expect_navigation():
                page.get_by_role("button", name="Price the file").click()
            clean(page, 1280)
            page.unroute("**/progress.js")
            address = page.url.removeprefix(base)
        while workers(home):
            time.sleep(0.05)
        with served(home) as again:
            page.goto(again + address)
            done = re.compile(r"allowed for 2,000 priced lines of 2,000")
            expect(page.locator(".first")).to_have_text(done, timeout=90_000)
            # 1,000 x (33.85 x 32.3465 = 1,094.93 and 1.5 x 907.64 = 1,361.46)
            assert page.locator(".first").inner_text().startswith("$2,456,390.00")
            clean(page, 1280)
            with page.expect_download() as download:
                page.get_by_role("link", name="Priced lines: CSV").click()
            assert len(Path(download.value.path()).read_text(encoding="utf-8").splitlines()) == 2001
            with page.expect_navigation():
                page.get_by_role("button", name="Remove the file").click()
            assert page.url == f"{again}/claims" and list((home / "uploads").iterdir()) == []
    assert [url for url in asked if not url.startswith((base, again))] == []


def test_on_a_phone_without_scripts_the_page_refreshes_itself(browser: Browser, base: str, tmp_path: Path) -> None:
    with browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{base}/claims")
        page.set_input_files("#file", file_of(tmp_path, 2))
        with page.expect_navigation():
            page.get_by_role("button", name="Send").click()
        address = page.url
        page.get_by_role("button", name="Price the file").click()
        expect(page.locator(".first")).to_have_text("$2,456.39 allowed for 2 priced lines of 2.", timeout=90_000)
    with browser.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark") as context:
        page = context.new_page()
        for path in (address, f"{address}?map=1", *(f"{base}/{one}" for one in ("claims", "data", "cases", "sign-in"))):
            page.goto(path)
            clean(page, 390)
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        page = context.new_page()
        for one in ("data", "data/checks?release=2025D", "cases/new?services=63047", "sign-in", "sign-out"):
            page.goto(f"{base}/{one}")
            clean(page, 1280)
