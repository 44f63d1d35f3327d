"""One way to a work RVU, what is lacking, all of them together, and the paragraph that says what can be concluded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

IN_FORCE, CLAIMED, MEASURED, COMPUTED = "in force", "claimed", "measured", "computed"


@dataclass(frozen=True)
class Route:
    """One way to a work RVU. inner, outer: intervals (thick and thin in the drawing), named in `intervals`.

    kind: in force, claimed, measured (from respondents' answers) or computed (from times or other values). assumes:
    what must be so for the value to mean the work. simulated: nobody answered, or the minutes are made up. warnings:
    the guards that fire about it.
    """

    name: str
    value: float
    text: str
    inner: tuple[float, float] | None
    outer: tuple[float, float] | None
    intervals: str
    words: str
    sources: tuple[str, ...]
    kind: str = COMPUTED
    assumes: str = ""
    simulated: bool = False
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lacking:
    """A route for which nothing is held: why, and what to do."""

    name: str
    why: str
    fix: str


@dataclass(frozen=True)
class Triangulation:
    """All routes with data, those without, the comparators on the release, and one paragraph of what can and cannot be
    concluded. label: SIMULATED where any route rests on made-up answers or minutes."""

    code: str
    release: str
    label: str
    routes: tuple[Route, ...]
    lacking: tuple[Lacking, ...]
    comparators: tuple[tuple[str, float], ...]
    concluded: str
    sources: tuple[str, ...]


def number(value: float | None, places: int = 2, missing: str = "not held") -> str:
    """A statistic as text; money never comes here.

    >>> number(25.58928, 3), number(None), number(-0.0272, 3)
    ('25.589', 'not held', '−0.027')
    """
    return missing if value is None else f"{value:,.{places}f}".replace("-", "−")


def listed(words: Sequence[str], last: str = "and") -> str:
    """Words as one phrase."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}" if words else ""


def concluded(code: str, routes: Sequence[Route], lacking: Sequence[Lacking]) -> str:
    """One paragraph: what the routes say together, and what they do not. No average of routes is made."""
    if not routes:
        return f"No route to a work RVU of {code} has data here; nothing can be concluded."
    many = len(routes) > 1
    said = [f"{len(routes)} figures stand for {code}, and they answer different questions."] if many else []
    said += [f"{route.text} is the value in force ({route.name})." for route in routes if route.kind == IN_FORCE]
    if claims := [route.text for route in routes if route.kind == CLAIMED]:
        one = len(claims) == 1
        said.append(
            f"{listed(claims)} {'is' if one else 'are'} printed without {'an interval' if one else 'intervals'}."
        )
    real = [route for route in routes if not route.simulated]
    said.append(_measured([route for route in real if route.kind == MEASURED]))
    if others := [route.value for route in real if route.kind == COMPUTED]:
        low, high = number(min(others)), number(max(others))
        reach = f"lies at {low}" if low == high else f"lies between {low} and {high}"
        said.append(
            f"What is computed from other services' values or times {reach}: it repeats what those values assume."
        )
    if made_up := [route.name for route in routes if route.simulated]:
        said.append(f"SIMULATED, and left out of what is said here: {listed(made_up)}.")
    if lacking:
        said.append(f"Without data here: {listed([one.name for one in lacking])}.")
    average = ", or that their average is" if many else ""
    said.append(
        f"What cannot be concluded: that {'any one of these' if many else 'it'} measures the work{average}. A figure "
        "without an interval is not more certain than one with a wide interval."
    )
    return " ".join(said)


def _measured(routes: Sequence[Route]) -> str:
    if not routes:
        return "No route here rests on answers of respondents that could be read."
    ends = [end for route in routes for end in (route.outer or route.inner or (route.value, route.value))]
    warned = sorted({name for route in routes for name in route.warnings})
    said = (
        f"Respondents' answers, read by {len(routes)} {'route' if len(routes) == 1 else 'routes'}, leave room from "
        f"{number(min(ends))} to {number(max(ends))} work RVUs for one service such as this"
    )
    return f"{said}; warnings fire there: {', '.join(warned)}." if warned else f"{said}."
