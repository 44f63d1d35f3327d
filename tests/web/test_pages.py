"""The pages in a real browser: width, accessibility, no other host asked, keyboard, paper, no scripts needed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.needs("browser")

PAGES = [
    "/",
    "/?q=endoscopic",
    "/codes/62380?on=2026-07-01",
    "/codes/62330?on=2026-07-01",
    "/codes/63047?on=2025-07-01&place=Ohio&setting=nonfacility",
    "/codes/99999",
    "/codes/63047?place=Texas",
    "/case",
    "/case?services=22633+22634+63047-59+22853x2+63052&as=AS&on=2025-07-01",
    "/compare",
    "/compare?codes=62380+63005+63047+63030&on=2025-07-01&work=18.2464",
    "/which",
    "/which?family=lumbar-decompression&region=lumbar&device=none&pathology=stenosis&on=2026-07-01",
    "/which?work=fusion&approach=percutaneous&visualization=indirect&implant=inside&sides=both&on=2026-07-01",
    "/which?approach=endoscopic&visualization=indirect&region=lumbar",
    "/places",
    "/history/63047",
    "/methods",
    "/studies",
    "/practice",
    "/letters/62380?on=2026-07-01",
    "/practice?volumes=63047x120+62380x9&then=2025-07-01&scenario=62380-as-open&frozen=2023-07-01&rate=55",
    "/studies/lewandrowski-2024-62380",
    "/triangulate/62380",
    "/places/63047?on=2025-07-01&place=Ohio",
    "/sources",
    "/api",
    "/dossiers/62380",
]
Scheme = Literal["light", "dark"]
WAYS: tuple[tuple[int, Scheme], ...] = ((1280, "light"), (390, "dark"))
OWN_STATUS = "Failed to load resource: the server responded with a status of 4"  # the page itself, where it is an error

FOCUSED = """() => { const one = document.activeElement, style = getComputedStyle(one);
  return [one.className || one.id || one.tagName, style.outlineStyle, style.outlineWidth] }"""


@dataclass
class Opened:
    """A page, what it requested and what the browser complained about (refused styles and scripts included)."""

    page: Page
    asked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


@contextmanager
def opened(
    browser: Browser, address: str, width: int = 1280, scheme: Scheme = "light", scripts: bool = True
) -> Iterator[Opened]:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=scripts
    )
    found = Opened(context.new_page())
    found.page.on("request", lambda request: found.asked.append(request.url))
    found.page.on("console", lambda text: found.said.append(text.text) if text.type in ("error", "warning") else None)
    found.page.on("pageerror", lambda fault: found.said.append(str(fault)))
    found.page.goto(address)
    try:
        yield found
    finally:
        context.close()


def unfold(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_asks_nobody_else_and_axe_finds_nothing(browser: Browser, base: str, path: str) -> None:
    """Wide and light, then as on a phone and dark: one load, as a page holds the drawings of every width."""
    with opened(browser, base + path) as found:
        unfold(found.page)
        assert found.page.context.cookies() == [] and found.page.locator("script").count() == 0
        for width, scheme in WAYS:
            found.page.set_viewport_size({"width": width, "height": 900})
            found.page.emulate_media(color_scheme=scheme)
            assert found.page.evaluate("document.documentElement.scrollWidth") <= width
            violations = Axe().run(found.page).response["violations"]
            assert [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in violations] == []
        assert [url for url in found.asked if not url.startswith((base, "data:"))] == []
        assert [text for text in found.said if not text.startswith(OWN_STATUS)] == []


def test_the_first_tab_skips_to_the_answer(browser: Browser, base: str) -> None:
    with opened(browser, base + "/codes/62380") as found:
        page = found.page
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        assert page.locator(".skip").bounding_box()["x"] >= 0  # type: ignore[index]  # it is on the page
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"


def test_every_control_shows_that_it_has_the_focus(browser: Browser, base: str) -> None:
    with opened(browser, base + "/codes/63047?on=2025-07-01") as found:
        page = found.page
        bare = []
        for _ in range(40):
            page.keyboard.press("Tab")
            name, style, width = page.evaluate(FOCUSED)
            if (style, width) != ("solid", "3px"):
                bare.append(name)
        assert bare == []


def test_a_code_is_found_by_keyboard_alone(browser: Browser, base: str) -> None:
    with opened(browser, base + "/") as found:
        page = found.page
        page.get_by_label("Code or words").focus()
        page.keyboard.type("62330")
        page.keyboard.press("Enter")
        page.wait_for_url("**/codes/62330")
        assert page.get_by_role("heading", level=1).inner_text().startswith("62330")


def test_everything_works_without_scripts(browser: Browser, base: str) -> None:
    with opened(browser, base + "/", scripts=False) as found:
        page = found.page
        page.get_by_label("Code or words").fill("63047")
        page.get_by_role("button", name="Find").click()
        assert page.url == base + "/codes/63047"
        page.get_by_label("Date of service").fill("2025-07-01")
        page.get_by_label("Place", exact=True).fill("Ohio")
        page.get_by_label("Setting", exact=True).select_option("nonfacility")
        page.get_by_role("button", name="Apply").click()
        assert page.url == base + "/codes/63047?on=2025-07-01&place=Ohio&setting=nonfacility"
        # 15.37 x 1.000 + 13.61 x 0.911 + 4.87 x 1.033, x 32.3465; both settings carry the same practice expense.
        assert "$1,060.95 outside a facility, in Ohio" in page.locator(".first").inner_text()
        page.get_by_role("link", name="The whole dossier").click()
        assert "on=2025-07-01&place=Ohio" in page.url


def test_an_ambiguous_place_is_chosen_with_one_click(browser: Browser, base: str) -> None:
    with opened(browser, base + "/codes/63047?on=2025-07-01&place=Texas") as found:
        found.page.get_by_role("link", name="Dallas").click()
        assert "in Dallas" in found.page.locator(".first").inner_text()
        assert found.page.get_by_label("Place", exact=True).input_value() == "04412-11"


def test_each_source_number_leads_to_its_source(browser: Browser, base: str) -> None:
    with opened(browser, base + "/codes/62330?on=2026-07-01") as found:
        missing = found.page.evaluate(
            "[...document.querySelectorAll('.refs a, nav a[href^=\"#\"]')].map(a => a.getAttribute('href'))"
            ".filter(target => !document.querySelector(target))"
        )
        assert missing == []


@pytest.mark.parametrize("path", ["/codes/62330?on=2026-07-01", "/dossiers/62380"])
def test_paper_has_the_answer_and_no_controls(browser: Browser, base: str, path: str) -> None:
    with opened(browser, base + path) as found:
        found.page.emulate_media(media="print")
        assert found.page.locator(".first").is_visible()
        assert not found.page.locator(".bar").is_visible()
        assert not found.page.locator(".downloads").first.is_visible()
