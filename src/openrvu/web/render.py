"""Templates filled with what every page has: the top bar's choices, links that keep them, the notices."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import Request
from starlette.responses import HTMLResponse, Response

from openrvu import __version__, answers, holdings, places
from openrvu.codes.families import find_service
from openrvu.dossier.blocks import TONES, Chart, runs
from openrvu.errors import NotHeld
from openrvu.facts import Facts
from openrvu.web.asked import IN_WORDS, Asked, read

if TYPE_CHECKING:
    from jinja2 import Environment

HERE = Path(__file__).parent
DOSSIER = HERE.parent / "dossier"
# The pages that the foot of every page leads to.
PAGES = (
    ("/", "Find"),
    ("/which", "Which code?"),
    ("/case", "Case"),
    ("/compare", "Compare"),
    ("/places", "Places"),
    ("/history/63047", "History"),
    ("/practice", "My practice"),
    ("/studies", "Studies"),
    ("/claims", "Claims"),
    ("/data", "Data"),
    ("/methods", "Methods"),
    ("/sources", "Sources"),
    ("/api", "API"),
)
CODE = re.compile(r"[A-Z0-9]\d{3}[A-Z0-9]", re.ASCII)
PLACE = re.compile(r"\d{5}-\d{2}", re.ASCII)


@cache
def environment() -> Environment:
    """The app's templates and, for the blocks, the dossier's; escaped, undefined names are errors."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader([HERE / "templates", DOSSIER / "templates"]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["marked"] = marked
    return made


def marked(text: str) -> Any:
    """Text as markup: no date is broken over two lines, what stands between backticks is code.

    >>> str(marked("since 2026-07-01 & `load`"))
    'since <span class="day">2026-07-01</span> &amp; <code>load</code>'
    """
    from markupsafe import Markup, escape

    found = re.sub(r"(\d{4}-\d\d-\d\d)", r'<span class="day">\1</span>', str(escape(text)), flags=re.ASCII)
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", found))  # noqa: S704  # escaped above


def _draw(spec: Mapping[str, Any], prefix: str) -> Any:
    """A drawing as markup; the chart engine starts when the first page has one."""
    from openrvu.dossier.render import draw

    return draw(spec, prefix)


# Drawings that a page named while the chart engine was starting, by the hash of what they show; the oldest go first.
_NAMED: OrderedDict[str, Mapping[str, Any]] = OrderedDict()
_MOST_NAMED = 256
_LOCK = threading.Lock()


def _name(spec: Mapping[str, Any], prefix: str) -> Any:
    """A drawing as an address that the browser asks for, so that the page does not wait for the chart engine."""
    from markupsafe import Markup

    key = hashlib.sha256(json.dumps(spec, sort_keys=True).encode()).hexdigest()[:24]
    with _LOCK:
        _NAMED[key] = spec
        while len(_NAMED) > _MOST_NAMED:
            _NAMED.popitem(last=False)
    return Markup('<img class="drawn" src="/drawings/{}.svg" alt="">').format(key)


def named(key: str) -> str:
    """A drawing that a page has named, as SVG in light and dark. Raises NotHeld for another key."""
    from openrvu.dossier import charts

    with _LOCK:
        spec = _NAMED.get(key)
    if spec is None:
        raise NotHeld("this drawing is no longer held", fix="Load its page again")
    return charts.svg(spec).replace(">", f"><style>{charts.dark()}</style>", 1)


def facts_of(request: Request) -> Facts:
    """What the app looks up in: what it was made with, else what is held now (a load shows at once)."""
    given: Facts | None = request.app.state.facts
    return given or holdings.current()


def hrefs(asked: Asked, path: str, facts: Facts, here: str = "") -> Callable[[str], str]:
    """From the text of a table's first cell to the page that it names, or an empty text.

    A code leads to its page, unless it is `here`; a locality or a release to this page there and then.
    """
    starts = {release.id: release.starts.isoformat() for release in facts.releases}

    def href(cell: str) -> str:
        if cell == here:
            return ""
        if CODE.fullmatch(cell) and (find_service(cell) or facts.ever(cell)):
            return asked.url(f"/codes/{cell}")
        if PLACE.fullmatch(cell):
            return asked.url(path, place=cell)
        return asked.url(path, on=starts[cell]) if cell in starts else ""

    return href


@cache
def place_names() -> tuple[str, ...]:
    """What the box for places suggests: states first, each locality by number comes from typing."""
    return tuple(sorted(places.states().values()))


def page(
    request: Request, template: str, data: Mapping[str, Any], *, status: int = 200, numbers: Mapping[str, int] = {}
) -> Response:
    """A template filled. numbers: source id to the number that it is cited by on this page."""
    asked = read(request)
    started = request.app.state.drawing is None or request.app.state.drawing.is_set()
    text = (
        environment()
        .get_template(template)
        .render(
            **data,
            asked=asked,
            path=request.url.path,
            in_words=IN_WORDS,
            states=place_names(),
            pages=PAGES,
            user=getattr(request.state, "user", None),
            tones=TONES,
            runs=lambda ids: runs(numbers[key] for key in ids),
            draw=_draw if started else _name,
            disclaimer=answers.DISCLAIMER,
            cpt_notice=answers.CPT_NOTICE,
            version=__version__,
            run_id=answers.run_id(),
        )
    )
    return HTMLResponse(text, status_code=status)


def download(content: str | bytes, kind: str, name: str, *, save: bool = False) -> Response:
    """A file of one of the kinds below. save: offered for saving, else shown where the browser can."""
    types = {
        "json": "application/json",
        "csv": "text/csv; charset=utf-8",
        "md": "text/markdown; charset=utf-8",
        "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "pdf": "application/pdf",
        "html": "text/html",
        "svg": "image/svg+xml",
        "png": "image/png",
        "toml": "application/toml",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
    how = "attachment" if save else "inline"
    return Response(content, media_type=types[kind], headers={"Content-Disposition": f'{how}; filename="{name}"'})


def drawing(chart: Chart, kind: str, name: str) -> Response:
    """A chart as a file, SVG or PNG."""
    from openrvu.dossier import charts

    content = charts.png(chart.spec) if kind == "png" else charts.svg(chart.spec)
    return download(content, kind, f"{name}.{kind}", save=True)
