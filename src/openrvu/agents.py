"""The tools that an assistant may call, over the Model Context Protocol: the same JSON as the command line.

The library that speaks the protocol is an extra: `pip install 'openrvu[mcp]'`. Every answer carries release, date,
place and setting in its foot; every refusal says what exists and what to do.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any

from openrvu import __version__, answers, asking
from openrvu.errors import OpenRVUError, Unavailable

if TYPE_CHECKING:
    from mcp.server import MCPServer

INSTRUCTIONS = (
    "Medicare physician fee schedule: prices, codes, histories, audits of published values. Name the date of service "
    "and the place; without them the newest release held and the national amount are used, and the foot says so. Quote "
    "release, date, place and setting with every amount, and `leads` before it. Ask no question about a patient. "
    f"{answers.DISCLAIMER} {answers.CPT_NOTICE}"
)


def price(
    code: str,
    modifier: str = "",
    on: str = "",
    place: str = "national",
    setting: str = "facility",
    qp: bool = False,
) -> str:
    """What a CPT or HCPCS code pays on a date at a place, or the status that says why it has no amount.

    modifier: up to four as on a claim (26, 50-62). on: date of service, YYYY-MM-DD. place: national, a state, a county
    ("Cook, IL") or MAC-locality (15202-00). setting: facility or nonfacility. qp: the conversion factor of qualifying
    APM participants, from 2026.
    """
    return asking.price(code, modifier, on=on, place=place, setting=setting, qp=qp)


def code(code: str, on: str = "", place: str = "national", qp: bool = False) -> str:
    """Everything on a code: both settings, indicators in words, confusions, coverage, comparators, history."""
    return asking.code(code, on=on, place=place, qp=qp)


def compare(
    codes: list[str],
    on: str = "",
    place: str = "national",
    setting: str = "facility",
    qp: bool = False,
    work: str = "",
) -> str:
    """Two to twelve codes side by side: RVUs, amount, ratio of work. work: a work RVU that ratios are taken of."""
    return asking.compare(codes, on=on, place=place, setting=setting, qp=qp, work=work)


def history(
    code: str,
    start: str = "",
    end: str = "",
    on: str = "",
    place: str = "national",
    setting: str = "facility",
    qp: bool = False,
) -> str:
    """A code through the releases held, with real dollars. start, end: what moved the amount between these dates."""
    return asking.history(code, start=start, end=end, on=on, place=place, setting=setting, qp=qp)


def case(
    services: list[str],
    assistant: str = "",
    on: str = "",
    place: str = "national",
    setting: str = "facility",
    qp: bool = False,
) -> str:
    """The services of one session together, as in ["22633", "63030-50", "22853x2"]: ranks, reductions, totals.

    assistant: AS, 80, 81 or 82 for the lines of an assistant too.
    """
    return asking.case(services, assistant=assistant, on=on, place=place, setting=setting, qp=qp)


def which(given: list[str], on: str = "") -> str:
    """From what an operative note says to the code. given: ["region=lumbar", "approach=endoscopic"]; what the note does
    not say is "unknown". The answer is the next question, the code, or why none can be decided."""
    return asking.which(given, on=on)


def audit(study: str, on: str = "") -> str:
    """A published value audited, as in lewandrowski-2024-62380: what it equals, what its figures give, warnings."""
    return asking.audit(study, on=on)


TOOLS: tuple[Callable[..., str], ...] = (price, code, compare, case, history, which, audit)


def server() -> MCPServer[Any]:
    """The server with its tools. Raises Unavailable where the extra is not installed."""
    try:
        from mcp.server import MCPServer
    except ImportError:
        raise Unavailable(
            "the library that speaks the Model Context Protocol is not installed",
            fix="pip install 'openrvu[mcp]'",
        ) from None
    from mcp.types import ToolAnnotations

    made: MCPServer[Any] = MCPServer("openrvu", instructions=INSTRUCTIONS, version=__version__, log_level="WARNING")
    reads = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
    for tool in TOOLS:
        made.tool(annotations=reads, structured_output=False)(_refusing(tool))
    return made


def _refusing(tool: Callable[..., str]) -> Callable[..., str]:
    """The tool, whose refusals reach the assistant in the one error shape."""
    from mcp.server.mcpserver.exceptions import ToolError

    @wraps(tool)
    def called(*given: Any, **named: Any) -> str:
        try:
            return tool(*given, **named)
        except OpenRVUError as fault:
            raise ToolError(json.dumps({"error": fault.as_dict()}, ensure_ascii=False)) from None

    return called


def names() -> Sequence[str]:
    """The names of the tools."""
    return [tool.__name__ for tool in TOOLS]


def run() -> None:
    """Speak the protocol on standard input and output until the other side closes them."""
    server().run("stdio")
