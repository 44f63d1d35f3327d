"""Templates and the pieces that every page has: the top bar's choices, remembered in the address."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from fastapi import Request
from starlette.responses import HTMLResponse, Response

from openrvu import answers, units

if TYPE_CHECKING:
    from jinja2 import Environment

# What the top bar asks, and its default; a default is left out of the address.
CHOICES = {"on": "", "place": "national", "qp": ""}


@cache
def environment() -> Environment:
    """The templates, escaped, with undefined names as errors."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["money"] = lambda cents: "—" if cents is None else f"${units.dollars(cents)}"
    made.filters["rvu"] = lambda value: "—" if value is None else units.text(value, units.RVU, 2)
    made.filters["gpci"] = lambda value: units.text(value, units.GPCI)
    return made


def choices(request: Request) -> dict[str, str]:
    """The top bar's choices as typed, defaults where nothing was."""
    return {name: request.query_params.get(name, "").strip() or default for name, default in CHOICES.items()}


def address(path: str, chosen: Mapping[str, str]) -> str:
    """A path with the choices that are not defaults.

    >>> address("/codes/63047", {"on": "2025-07-01", "place": "national", "qp": ""})
    '/codes/63047?on=2025-07-01'
    """
    kept = {name: value for name, value in chosen.items() if value and value != CHOICES.get(name)}
    return f"{path}?{urlencode(kept)}" if kept else path


def page(request: Request, template: str, data: Mapping[str, Any], status: int = 200) -> Response:
    """A template filled, with what every page needs."""
    chosen = choices(request)
    text = (
        environment()
        .get_template(template)
        .render(
            **data,
            chosen=chosen,
            link=lambda path: address(path, chosen),
            path=request.url.path,
            notices=(answers.DISCLAIMER, answers.CPT_NOTICE),
            run_id=answers.run_id(),
        )
    )
    return HTMLResponse(text, status_code=status)
