"""The dossier as one file, in a real browser: both widths, both schemes, on paper, by axe, and nothing requested."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from openrvu.dossier.build import build
from openrvu.dossier.render import render_html

pytestmark = pytest.mark.needs("browser")

Scheme = Literal["light", "dark"]


@cache
def html(code: str) -> str:
    return render_html(build(code, on="2026-07-01"))


@contextmanager
def opened(
    browser: Browser, folder: Path, code: str, width: int = 1280, scheme: Scheme = "light", csp: bool = True
) -> Iterator[tuple[Page, list[str]]]:
    """The file in a page of this width, and what it asked for besides itself. csp False: axe may be injected."""
    path = folder / f"{code}.html"
    path.write_text(html(code), encoding="utf-8")
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=not csp, java_script_enabled=True
    )
    asked: list[str] = []
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: asked.append(message.text))
    page.goto(path.as_uri())
    yield page, [one for one in asked if one != path.as_uri() and not one.startswith("data:font/woff2")]
    context.close()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("code", ["62380", "63047", "62330"])
def test_the_page_fits_and_asks_nobody(browser: Browser, tmp_path: Path, code: str, width: int) -> None:
    with opened(browser, tmp_path, code, width) as (page, asked):
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert asked == []
        assert page.evaluate("document.fonts.check('16px \"Source Sans 3\"')")


def test_each_width_has_its_own_drawings(browser: Browser, tmp_path: Path) -> None:
    for width, seen, hidden in ((1280, ".wide", ".narrow"), (390, ".narrow", ".wide")):
        with opened(browser, tmp_path, "62380", width) as (page, _):
            assert all(one.is_visible() for one in page.locator(f"figure {seen}").all())
            assert not any(one.is_visible() for one in page.locator(f"figure {hidden}").all())


def test_the_words_in_drawings_can_be_read_on_a_phone(browser: Browser, tmp_path: Path) -> None:
    """At 390 pixels no text of a drawing is shown smaller than 11 pixels, however the drawing is scaled."""
    with opened(browser, tmp_path, "62380", 390) as (page, _):
        sizes = page.evaluate(
            """[...document.querySelectorAll('figure .narrow svg')].flatMap(svg => {
                const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width
                return [...svg.querySelectorAll('text')].filter(t => t.textContent.trim())
                    .map(t => parseFloat(getComputedStyle(t).fontSize) * scale)
            })"""
        )
        assert len(sizes) > 50 and min(sizes) >= 11


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_axe_finds_nothing(browser: Browser, tmp_path: Path, width: int, scheme: Scheme) -> None:
    with opened(browser, tmp_path, "62380", width, scheme, csp=False) as (page, _):
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        found = Axe().run(page).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []


def test_the_first_tab_skips_to_the_answer(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, tmp_path, "62380") as (page, _):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.getAttribute('href')") == "#answer"
        assert page.locator("a.skip").bounding_box()["x"] >= 0  # type: ignore[index]


def test_a_wide_table_scrolls_in_its_own_box_by_keyboard(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, tmp_path, "62380", 390) as (page, _):
        box = page.locator(".scroll", has_text="Routes to a work RVU for 62380").first
        box.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function("box => box.scrollLeft > 0", arg=box.element_handle())


def test_paper_has_the_plain_page_on_a_sheet_of_its_own(browser: Browser, tmp_path: Path) -> None:
    """Printed on A4, the page for patients starts a sheet, ends with it, and leaves out the contents."""
    with opened(browser, tmp_path, "62380") as (page, _):
        page.emulate_media(media="print")
        assert not page.locator("nav").is_visible()
        before = page.evaluate("getComputedStyle(document.querySelector('section.sheet')).breakBefore")
        after = page.evaluate("getComputedStyle(document.querySelector('section.sheet')).breakAfter")
        assert (before, after) == ("page", "page")
        page.set_viewport_size({"width": 665, "height": 990})  # A4 less the margins of the style sheet, at 96 dpi
        assert page.locator("section.sheet").bounding_box()["height"] < 985  # type: ignore[index]


def test_the_simulated_appendix_says_so_on_every_block(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, tmp_path, "62380") as (page, _):
        appendix = page.locator("section#appendix")
        assert "SIMULATED" in appendix.locator("h2").inner_text()
        labels = [one.inner_text() for one in appendix.locator("caption, .notice .kind").all()]
        assert len(labels) == 4 and all("SIMULATED" in one for one in labels)
