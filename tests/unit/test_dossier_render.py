"""The renderers on a small dossier made here: every kind of block, in every format."""

from __future__ import annotations

import json
import re
from datetime import date
from html.parser import HTMLParser

import pytest

from openrvu.answers import foot
from openrvu.dossier import blocks as b
from openrvu.dossier import charts, curves
from openrvu.dossier.pdf import render_pdf
from openrvu.dossier.render import render, render_body, render_html, render_json, render_text, stylesheet
from openrvu.errors import BadInput
from openrvu.sources import Source

VOID = {"meta", "link", "br", "hr", "img", "input"}


class Tree(HTMLParser):
    """Opening and closing tags must match, ids must be unique, and headings must not skip a level."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.headings: list[int] = []
        self.links: list[str] = []
        self.loads: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if "id" in found:
            self.ids.append(str(found["id"]))
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "a":
            self.links.append(str(found.get("href")))
        elif any(name in found for name in ("src", "href", "xlink:href", "action", "data")):
            self.loads.append((tag, str(found)))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if "id" in dict(attrs):
            self.ids.append(str(dict(attrs)["id"]))

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-3:]}"
        self.open.pop()


def read(html: str) -> Tree:
    tree = Tree()
    tree.feed(html)
    tree.close()
    assert not tree.open
    return tree


def small() -> b.Dossier:
    """A dossier with one of each block. Its figures are of no service: they only have to come through."""
    source = Source(
        "one", "A citation <with a sign> & another", "https://example.org/a?b=1&c=2", "p. 3", "ab" * 32, "read"
    )
    cited, citations = ("one",), (b.Citation(1, source),)
    table = b.Table(
        "A table", (b.Column("Row"), b.Column("Value", "unit", "right")), (b.Row(("<b>x</b>", "1.5"), cited, True),)
    )
    rows = [charts.Range("first", 2.0, (1.0, 3.0), (0.5, 4.0), "2.0 (0.5 to 4.0)", True), charts.Range("second", 1.0)]
    spec = charts.ranges([("Panel", rows)], "unit", charts.WIDE, reference=1.5)
    narrow = charts.ranges([("Panel", rows)], "unit", charts.NARROW)
    chart = b.Chart("A chart", "What it shows & says", spec, narrow, table, "Below", cited)
    sections = (
        b.Section("answer", "Answer", (b.Paragraph("Lead", cited, "lead"), chart, chart)),
        b.Section(
            "all",
            "All blocks",
            (
                b.Paragraph("Inside", role="subhead"),
                b.Paragraph("Note", role="note"),
                b.Bullets((b.Item("text", "term", cited),), ordered=True),
                b.KeyFigures((b.Figure("label", "1,234.50", "US dollars", "detail", cited),)),
                b.Notice("guard", "name-of-guard", "fires", "do this", "18.2464", cited),
                b.Notice("missing", "Part", "nothing held", "load a file"),
                b.Cards((b.Card("claim", "not verifiable", "why", ("a figure",), cited),)),
                table,
            ),
            sheet=True,
        ),
        b.Section("sources", "Sources", (b.SourceList(citations),)),
    )
    notices = foot(release="2026C", on=date(2026, 7, 1), place="National", setting="facility")
    return b.Dossier(
        "62380", "Title", "Summary", "First line.", "Second.", ("One.", "Two."), sections, citations, notices
    )


def test_html_is_well_formed_and_loads_nothing() -> None:
    tree = read(render_html(small()))
    assert len(tree.ids) == len(set(tree.ids)), "two drawings share an id"
    assert tree.headings[0] == 1 and tree.headings.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(tree.headings, tree.headings[1:], strict=False))
    assert tree.loads == []
    outside = [link for link in tree.links if not link.startswith("#")]
    assert outside == ["https://example.org/a?b=1&c=2"]
    anchors = {link[1:] for link in tree.links if link.startswith("#")}
    assert anchors <= set(tree.ids)


def test_no_address_outside_links() -> None:
    html = render_html(small())
    rest = re.sub(r'<a href="https?://[^"]*"[^>]*>[^<]*</a>', "", html)
    rest = re.sub(r'xmlns(:xlink)?="http://www.w3.org/[^"]*"', "", rest)
    assert not re.findall(r"(?:https?:)?//[a-z]+\.[a-z]+", rest)
    assert "<script" not in html and "@import" not in html


def test_text_is_escaped() -> None:
    html = render_html(small())
    assert "&lt;b&gt;x&lt;/b&gt;" in html and "<b>x</b>" not in html
    assert "A citation &lt;with a sign&gt; &amp; another" in html


def test_body_is_the_page_without_its_head() -> None:
    body = render_body(small())
    assert body.startswith("<article") and body in render_html(small())


def test_same_bytes_twice() -> None:
    for kind in ("html", "json", "pdf", "txt"):
        assert render(small(), kind) == render(small(), kind), kind


def test_json_has_the_blocks() -> None:
    found = json.loads(render_json(small()))
    names = {"code", "title", "summary", "first", "second", "answer", "sections", "sources", "foot", "kind", "label"}
    assert set(found) == names
    types = [block["type"] for section in found["sections"] for block in section["blocks"]]
    assert types == [
        *("paragraph", "chart", "chart"),
        *("paragraph", "paragraph", "bullets", "figures", "notice", "notice", "cards", "table"),
        "sources",
    ]


def test_pdf_is_tagged_and_names_its_standard() -> None:
    made = render_pdf(small())
    assert made.startswith(b"%PDF-")
    assert b"pdfuaid" in made and b"/MarkInfo" in made and b"/Lang" in made


def test_text_ends_with_the_notice() -> None:
    lines = render_text(small()).splitlines()
    assert lines[:2] == ["One.", "Two."] and "2026C" in lines[-1] and "Not coding, legal or medical advice" in lines[-1]


def test_unknown_format_says_which_exist() -> None:
    with pytest.raises(BadInput, match="html, pdf, json, txt"):
        render(small(), "docx")


def test_sheet_without_fonts_asks_for_none() -> None:
    assert "@font-face" not in stylesheet(fonts=False) and "FONT-" not in stylesheet()


def test_a_darker_page_replaces_every_colour_of_the_charts() -> None:
    css = stylesheet(fonts=False)
    for colour in {charts.INK, charts.MUTED, charts.GRID, charts.BLUE, charts.ORANGE, charts.SHADE, *charts.LINES}:
        assert f'svg [fill="{colour}"]' in css and f'svg [stroke="{colour}"]' in css, colour


def test_labels_keep_their_distance() -> None:
    placed = curves._apart([("a", 10.0), ("b", 10.5), ("c", 30.0)], 4.0)
    assert placed == {"a": 10.0, "b": 14.0, "c": 30.0}


def test_points_labels_do_not_overlap() -> None:
    spots = curves.beside(
        [("63047", 100, 100), ("22533", 100, 104), ("22633", 102, 108)], {"width": 400, "height": 300}
    )
    boxes = [(s["left"], s["middle"] - 7, s["left"] + 36, s["middle"] + 7) for s in spots]
    assert not any(curves.overlap(a, c) for i, a in enumerate(boxes) for c in boxes[i + 1 :])
