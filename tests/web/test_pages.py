"""The pages in a real browser: width, accessibility, nothing asked of another host, keyboard, no scripts needed."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from openrvu.web.app import create_app

pytestmark = pytest.mark.needs("browser")

PAGES = ["/", "/codes/62380", "/codes/63047?place=Ohio", "/codes/99999", "/places", "/sources", "/dossiers/62380"]
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


@pytest.fixture(name="base", scope="module")
def running_server() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(create_app(), host="127.0.0.1", port=port, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 10
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(name="browser", scope="module")
def real_browser(chromium_path: str) -> Iterator[Browser]:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium_path, args=ARGUMENTS)
        yield browser
        browser.close()


def opened(browser: Browser, address: str, width: int, scheme: str = "light") -> tuple[Page, list[str], list[str]]:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        java_script_enabled=True,
    )
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.goto(address)
    return page, asked, said


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_and_asks_nobody_else(browser: Browser, base: str, path: str, width: int) -> None:
    page, asked, said = opened(browser, base + path, width)
    try:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert [url for url in asked if not url.startswith((base, "data:"))] == []
        assert [text for text in said if "status of 404" not in text] == []
    finally:
        page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(browser: Browser, base: str, path: str, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page, _, _ = opened(browser, base + path, 1280, scheme)
    try:
        found = Axe().run(page)
        faults = [(v["id"], [node["target"] for node in v["nodes"]][:3]) for v in found.response["violations"]]
        assert faults == []
    finally:
        page.context.close()


def test_the_first_tab_skips_to_the_answer(browser: Browser, base: str) -> None:
    page, _, _ = opened(browser, base + "/codes/62380", 1280)
    try:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
    finally:
        page.context.close()


def test_everything_works_without_scripts(browser: Browser, base: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    try:
        page.goto(base + "/")
        page.get_by_label("Code or words").fill("63047")
        page.get_by_role("button", name="Find").click()
        assert page.url == base + "/codes/63047"
        page.get_by_role("textbox", name="Place").fill("Ohio")
        page.get_by_role("button", name="Apply").click()
        assert "place=Ohio" in page.url
        assert "15202-00" in page.content()
    finally:
        context.close()
