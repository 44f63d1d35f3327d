"""Options that say more of a service: units, charge, who did it, time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from openrvu import units
from openrvu.errors import BadInput

Function = TypeVar("Function", bound=Callable[..., Any])


def who_options(function: Function) -> Function:
    """--provider, --nonparticipating and --documented."""
    function = click.option("--provider", default="", help="Who did it: NP, PA ... Default: a physician.")(function)
    function = click.option("--nonparticipating", is_flag=True, help="A physician who does not take part in Medicare.")(
        function
    )
    return click.option(
        "--documented", is_flag=True, help="Documents show the need for an assistant or a second surgeon."
    )(function)


def line_options(function: Function) -> Function:
    """--units, --charge, --minutes, --post-days, and who did it."""
    function = click.option("--units", "count", type=int, default=1, help="Units of service. Default: 1.")(function)
    function = click.option("--charge", default="", help="Charge of the whole line, in dollars.")(function)
    function = click.option("--minutes", type=int, default=0, help="Anesthesia time.")(function)
    function = click.option("--post-days", type=int, default=0, help="Days of care after surgery (55). Default: all.")(
        function
    )
    return who_options(function)


def cents_of(text: str) -> int | None:
    """An amount as typed, in cents; None for an empty text. Raises BadInput for what is none."""
    if not text:
        return None
    try:
        return units.parse(text.replace(",", "").removeprefix("$"), units.CENTS)
    except ValueError:
        raise BadInput(f"{text!r} is no amount in dollars", fix="Write it as 1200 or 1200.50") from None


def line_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """The options as arguments of `openrvu.price`."""
    return {
        "units": given["count"],
        "charge_cents": cents_of(given["charge"]),
        "minutes": given["minutes"],
        "post_days": given["post_days"],
        **who_of(given),
    }


def who_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """Who did it, as arguments."""
    return {
        "provider": given["provider"],
        "participating": not given["nonparticipating"],
        "documented": given["documented"],
    }
