"""A screen as data: the answer, its parts with what downloads of each, the sources, the same elsewhere.

Every screen that is read from top to bottom is one: answer first, tables next, drawings, method and sources last.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from openrvu.dossier.blocks import Citation, KeyFigures, Notice, SourceList, Table, cited
from openrvu.errors import BadInput
from openrvu.sources import source
from openrvu.web.asked import read
from openrvu.web.parts import Part
from openrvu.web.render import download, drawing, facts_of, hrefs, page
from openrvu.web.sheets import csv_of, workbook

KINDS = ("csv", "xlsx", "svg", "png")


@dataclass(frozen=True)
class Report:
    """All that a screen shows. path: its address, under which each part downloads as PATH/PART.csv and so on.

    said: the answer, the first sentence large. kept: what the address holds besides date, place, setting and track.
    same: what its downloads hold instead, where the page chose something by itself.
    json: whether PATH.json exists. links: further addresses with their words. here: the code that the page is of, so
    that it does not link to itself.
    """

    path: str
    title: str
    said: tuple[str, ...]
    parts: tuple[Part, ...]
    foot: Mapping[str, str]
    overline: str = ""
    figures: KeyFigures | None = None
    notices: tuple[Notice, ...] = ()
    kept: Mapping[str, str] = field(default_factory=dict)
    same: Mapping[str, str] | None = None
    python: str = ""
    command: str = ""
    json: bool = True
    links: tuple[tuple[str, str], ...] = ()
    more: tuple[str, ...] = ()
    here: str = ""

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The sources in the order in which the page cites them; `more` last."""
        blocks = tuple((part.blocks, part.folded, part.chart) for part in self.parts)
        used = dict.fromkeys([*cited(self.figures), *cited(self.notices), *cited(blocks), *self.more])
        return tuple(Citation(number, source(key)) for number, key in enumerate(used, 1))

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables that the page shows."""
        return tuple(block for part in self.parts for block in part.blocks if isinstance(block, Table))

    def part(self, name: str, kind: str) -> Part:
        """The part that a download names. Raises BadInput with the parts that there are."""
        drawn = kind in ("svg", "png")
        known = {part.id: part for part in self.parts if (part.chart if drawn else part.table)}
        if name not in known:
            what = "drawing" if drawn else "table"
            there = f"{what.capitalize()}s: {', '.join(known) or 'none'}"
            raise BadInput(f"there is no {what} {name[:40]!r} here", exists=there)
        return known[name]


def shown(request: Request, made: Report, template: str = "report.html", **more: object) -> Response:
    """The screen as a page. more: what a template of its own needs besides."""
    asked, citations = read(request), made.citations
    data = {
        "title": made.title,
        "made": made,
        "sources": SourceList(citations),
        "href": hrefs(asked, made.path, facts_of(request), here=made.here),
        "to": _address(request, made),
        **more,
    }
    return page(request, template, data, numbers={one.source.id: one.number for one in citations})


def _address(request: Request, made: Report) -> Callable[[str], str]:
    """From the end of an address (`.json`, `/map.csv`) to the whole, with every choice."""
    asked = read(request)
    held = made.kept if made.same is None else made.same
    return lambda tail: asked.url(f"{made.path}{tail}", **held)


def file_of(made: Report, name: str, kind: str) -> Response:
    """One part as a file: CSV or workbook of its table, SVG or PNG of its drawing."""
    part = made.part(name, kind)
    stem = f"{made.path.strip('/').replace('/', '-')}-{name}"
    if kind in ("svg", "png"):
        assert part.chart is not None  # `part` has looked
        return drawing(part.chart, kind, stem)
    assert part.table is not None  # `part` has looked
    text = part.sheet or csv_of(part.table)
    if kind == "csv":
        return download(text, "csv", f"{stem}.csv", save=True)
    return download(workbook(text, part.title, made.foot), "xlsx", f"{stem}.xlsx", save=True)
