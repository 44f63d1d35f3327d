"""The tools for assistants, over a real pipe: the JSON of the command line, with year and place; refusals told."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import openrvu
from openrvu.cli import main

OHIO = {"on": "2025-07-01", "place": "Ohio"}
CALLS: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
    ("price", {"code": "63047", **OHIO}, ("price", "63047", "--on", "2025-07-01", "--place", "Ohio")),
    ("price", {"code": "63030", "modifier": "50"}, ("price", "63030-50")),
    ("code", {"code": "62380", "on": "2026-07-01"}, ("code", "62380", "--on", "2026-07-01")),
    ("compare", {"codes": ["62380", "63047"], "work": "18.2464"}, ("compare", "62380", "63047", "--work", "18.2464")),
    (
        "case",
        {"services": ["63030-50", "63047"], "on": "2025-07-01"},
        ("case", "63030-50", "63047", "--on", "2025-07-01"),
    ),
    (
        "history",
        {"code": "63047", "start": "2025-07-01", "end": "2026-07-01"},
        ("history", "63047", "--from", "2025-07-01", "--to", "2026-07-01"),
    ),
    ("which", {"given": ["approach=endoscopic", "region=lumbar"]}, ("which", "approach=endoscopic", "region=lumbar")),
    ("audit", {"study": "lewandrowski-2024-62380"}, ("audit", "lewandrowski-2024-62380")),
]
REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("price", {"code": "99999"}, "unknown-code"),
    ("price", {"code": "63047", "place": "Texas"}, "unknown-place"),
    ("compare", {"codes": ["63047"]}, "bad-input"),
    ("audit", {"study": "nobody"}, "bad-input"),
]


async def _talk() -> tuple[list[Any], list[Any]]:
    """All calls in one session with `openrvu mcp` as a child: the tools that it names, and every result."""
    from mcp import Client, StdioServerParameters

    source = str(Path(openrvu.__file__).parents[1])
    child = StdioServerParameters(
        command=sys.executable, args=["-m", "openrvu", "mcp"], env={**os.environ, "PYTHONPATH": source}
    )
    async with Client(child, read_timeout_seconds=60) as client:
        tools = (await client.list_tools()).tools
        asked = [(name, given) for name, given, _ in CALLS] + [(name, given) for name, given, _ in REFUSED]
        return tools, [await client.call_tool(name, given) for name, given in asked]


@pytest.fixture(name="talked", scope="module")
def conversation() -> tuple[list[Any], list[Any]]:
    return asyncio.run(_talk())


def test_every_tool_says_what_it_takes_and_only_reads(talked: tuple[list[Any], list[Any]]) -> None:
    tools = {tool.name: tool for tool in talked[0]}
    assert sorted(tools) == ["audit", "case", "code", "compare", "history", "price", "which"]
    assert all(tool.description and tool.annotations.read_only_hint for tool in tools.values())
    assert {"on", "place", "setting", "qp"} <= tools["price"].input_schema["properties"].keys()


def test_each_answer_is_that_of_the_command_line_with_its_date_and_place(talked: tuple[list[Any], list[Any]]) -> None:
    for (name, _, command), found in zip(CALLS, talked[1], strict=False):
        assert not found.is_error, (name, found.content)
        (part,) = found.content
        assert part.text == CliRunner().invoke(main, [*command, "--json"]).stdout
        foot = json.loads(part.text)["foot"]
        assert foot["on"] and foot["run_id"] and ((foot["release"] and foot["place"]) or name == "which")


def test_a_refusal_has_the_one_error_shape(talked: tuple[list[Any], list[Any]]) -> None:
    for (name, _, kind), found in zip(REFUSED, talked[1][len(CALLS) :], strict=True):
        assert found.is_error, name
        text = found.content[0].text
        assert json.loads(text[text.index("{") :])["error"]["kind"] == kind


def test_the_tools_are_listed_without_the_library() -> None:
    assert CliRunner().invoke(main, ["mcp", "--list"]).stdout.split() == [
        "price",
        "code",
        "compare",
        "case",
        "history",
        "which",
        "audit",
    ]
