"""coverage.toml says what is modelled and what proves it; each proof is a test that exists."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def items() -> list[dict[str, Any]]:
    with (ROOT / "coverage.toml").open("rb") as file:
        found: list[dict[str, Any]] = tomllib.load(file)["item"]
    return found


@pytest.mark.parametrize("item", items(), ids=lambda item: item["name"][:50])
def test_an_item_is_complete_and_its_proof_exists(item: dict[str, Any]) -> None:
    assert set(item) == {"name", "since", "state", "limits", "verified_by"}
    assert item["state"] in ("done", "partly", "not")
    if item["state"] == "not":
        assert item["limits"], "say what happens instead"
        assert not item["verified_by"]
        return
    assert item["verified_by"], "what proves it?"
    assert item["limits"] or item["state"] == "done", "partly: say what is missing"
    for name in item["verified_by"]:
        tree = ast.parse((ROOT / name).read_text(encoding="utf-8"))
        tests = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
        assert tests, f"{name} has no test"
        assert Path(name).parts[0] == "tests"


def test_no_item_is_listed_twice() -> None:
    names = [item["name"] for item in items()]
    assert len(names) == len(set(names))
