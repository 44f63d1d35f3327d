"""Dossiers of real codes. Expected figures: lumbar-family facts, CMS's files, and published audits, not our output."""

from __future__ import annotations

import json
import re
from functools import cache

import pytest
from tests.unit.test_dossier_render import read

from openrvu.dossier.blocks import Chart, Dossier, KeyFigures, Notice, Section, Table, cited
from openrvu.dossier.build import build
from openrvu.dossier.render import render, render_html, render_json, render_text
from openrvu.errors import NotHeld, UnknownCode
from openrvu.sources import sources

CODES = ("62380", "63047", "62330", "0275T", "63005", "99213")


@cache
def dossier(code: str, on: str = "2026-07-01") -> Dossier:
    return build(code, on=on)


def section(found: Dossier, key: str) -> Section:
    return next(s for s in found.sections if s.id == key)


def words(part: object) -> str:
    """All text of a section or dossier, as JSON gives it."""
    from openrvu.answers import to_json

    return to_json(part)


def tables(found: Dossier) -> list[Table]:
    blocks = [b for s in found.sections for b in s.blocks]
    return [b for b in blocks if isinstance(b, Table)] + [b.table for b in blocks if isinstance(b, Chart)]


def test_first_line_of_the_open_question() -> None:
    found = dossier("62380")
    assert found.first == "Public data do not support a single work RVU for 62380."
    assert render_text(found).splitlines()[0] == found.first
    assert found.first in render_html(found)


def test_coverage_comes_before_any_figure() -> None:
    for code in ("62330", "0275T"):
        found = dossier(code)
        assert "only with evidence development (NCD 150.13)" in found.first, code
        assert isinstance(found.sections[0].blocks[0], Notice) and found.sections[0].blocks[0].tone == "coverage"
    assert "479.30" in dossier("62330").second and "62330" in dossier("0275T").second


def test_text_is_under_ten_lines() -> None:
    for code in CODES:
        assert len(render_text(dossier(code)).splitlines()) < 10, code


def test_each_route_stands_with_its_own_interval() -> None:
    """Figures of the published audit of 62380: claim, mean, line at 0 with both intervals; never one pooled value."""
    text = words(section(dossier("62380"), "answer"))
    for figure in ("18.2464", "25.589", "12.381 to 38.797", "5.850 to 45.329", "18.246", "17.39 to 19.37", "−0.027"):
        assert figure in text, figure
    assert "18.440" in text and "18.048" in text and "10 of 11 held" in text
    assert "pooled" in text and "simulated" not in text.lower()


def test_every_guard_that_fires_is_shown() -> None:
    """The exact sets, about the claimed value, the line, and the study (valuation-methods, section 4)."""
    shown: dict[str, set[str]] = {}
    for block in section(dossier("62380"), "survey").blocks:
        if isinstance(block, Notice) and block.tone == "guard":
            shown.setdefault(block.concerns, set()).add(block.title)
            assert block.fix and block.sources
    assert shown == {
        "the published value": {"equals-comparator-mean", "odd-comparator", "stale-anchors"},
        "the line read at the target": {
            "extrapolates",
            "slope-not-significant",
            "survey-adds-nothing",
            "misfit",
            "scale-is-not-work",
            "one-comparator-decides",
        },
        "the study as a whole": {"star-design", "interest-not-recorded"},
    }


def test_ratios_to_comparators() -> None:
    """18.2464 over 16.43, 15.37, 12.00 and 7.03: 111.06, 118.71, 152.05, 259.55 %."""
    table = next(t for t in tables(dossier("62380")) if t.caption.startswith("18.2464 work RVU"))
    rows = {row.cells[0]: row.cells for row in table.rows}
    at = [c.label for c in table.columns].index("2023A to 2025D")
    assert [rows[c][at] for c in ("63005", "63047", "63030", "22869")] == [
        "111.06 %",
        "118.71 %",
        "152.05 %",
        "259.55 %",
    ]


def test_a_code_without_price_names_no_substitute() -> None:
    text = words(section(dossier("62380"), "price"))
    assert "contractor-priced" in text and "operative note" in text
    assert "For pricing rationale only, not reportable instead." in text
    assert "63620" in text, "the comparator that the extract lacks is named"


def test_price_of_a_priced_code() -> None:
    """63047 nationally in a facility: 1,100.53 on 2024-02-01, 1,118.79 on 2024-04-01 (CMS's factors of 2024)."""
    assert "1,100.53" in words(section(dossier("63047", "2024-02-01"), "price"))
    assert "1,118.79" in words(section(dossier("63047", "2024-04-01"), "price"))
    assert "1,065.49" in dossier("63047").first


def test_amounts_over_the_years() -> None:
    chart = next(b for b in section(dossier("63047"), "price").blocks if isinstance(b, Chart) and "over" in b.title)
    rows = {row.cells[0]: row.cells[2] for row in chart.table.rows}
    assert rows["2025A"] == "1,094.93" and rows["2026C"] == "1,065.49"


def test_every_locality_is_a_dot() -> None:
    from openrvu.facts import embedded

    chart = next(b for b in section(dossier("63047"), "price").blocks if isinstance(b, Chart) and "locality" in b.title)
    assert len(chart.table.rows) == len(embedded().localities("2026C"))
    assert len(chart.spec["layer"][0]["data"]["values"]) == len(chart.table.rows)


@pytest.mark.parametrize("code", CODES)
def test_every_figure_has_a_source(code: str) -> None:
    found = dossier(code)
    for table in tables(found):
        assert table.sources or all(row.sources for row in table.rows), table.caption
    for block in (b for s in found.sections for b in s.blocks):
        if isinstance(block, KeyFigures):
            assert all(item.sources for item in block.items)
        if isinstance(block, Chart):
            assert block.sources, block.title
        text = getattr(block, "text", "")
        if re.search(r"\d[\d,]*\.\d", text):
            assert block.sources, text  # type: ignore[union-attr]
    assert set(cited(found.sections)) <= set(sources())
    assert [c.number for c in found.sources] == list(range(1, len(found.sources) + 1))
    assert {c.source.id for c in found.sources} == set(cited(found.sections))


@pytest.mark.parametrize("code", CODES)
def test_the_page_is_well_formed_and_stands_alone(code: str) -> None:
    html = render_html(dossier(code))
    tree = read(html)
    assert tree.loads == [] and len(tree.ids) == len(set(tree.ids))
    assert {link[1:] for link in tree.links if link.startswith("#")} <= set(tree.ids)
    listed = {c.source.url for c in dossier(code).sources if c.source.url}
    assert {link for link in tree.links if not link.startswith("#")} == listed
    rest = re.sub(r'<a href="https?://[^"]*"[^>]*>[^<]*</a>|xmlns(:xlink)?="[^"]*"', "", html)
    assert not re.findall(r"https?://", rest)


def test_same_question_same_bytes() -> None:
    for kind in ("html", "json", "pdf", "txt"):
        assert render(build("62380", on="2026-07-01"), kind) == render(dossier("62380"), kind), kind


def test_json_equals_the_data() -> None:
    found = json.loads(render_json(dossier("62380")))
    assert found["first"] == dossier("62380").first
    assert [s["id"] for s in found["sections"]] == [s.id for s in dossier("62380").sections]
    assert found["foot"]["release"] == "2026C" and "Not coding, legal or medical advice" in found["foot"]["disclaimer"]


def test_place_and_date_are_on_the_page() -> None:
    found = build("63047", on="2025-10-15", place="Ohio")
    assert (found.foot["release"], found.foot["on"], found.foot["place"]) == ("2025D", "2025-10-15", "Ohio (15202-00)")
    assert "Ohio (15202-00)" in render_html(found)


def test_what_is_not_held_is_refused() -> None:
    with pytest.raises(UnknownCode):
        build("99X13"[:2] + "999")
    with pytest.raises(NotHeld):
        build("63047", on="2018-01-01")
