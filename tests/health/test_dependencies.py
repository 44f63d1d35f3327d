"""Each library is declared, locked with hashes, explained, and used; nothing else is imported."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Distributions whose module has another name.
MODULES = {
    "argon2-cffi": "argon2",
    "python-docx": "docx",
    "python-multipart": "python_multipart",
    "vl-convert-python": "vl_convert",
}


def plain(requirement: str) -> str:
    """The distribution's name, in the form that lists use."""
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert match, requirement
    return re.sub(r"[-_.]+", "-", match[0]).lower()


def project() -> dict[str, list[str]]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        text = tomllib.load(file)
    return {
        "run": [plain(one) for one in text["project"]["dependencies"]],
        "test": [plain(one) for one in text["project"]["optional-dependencies"]["test"]],
        "build": [plain(one) for one in text["build-system"]["requires"]],
    }


def locked(name: str) -> dict[str, set[str]]:
    """Versions by distribution. Each entry must be pinned and hashed."""
    found: dict[str, set[str]] = {}
    for entry in (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
        match = re.fullmatch(r"([\w.-]+)==(\S+)( ; [^#]+?)?\s+(--hash=sha256:[0-9a-f]{64}\s*)+", entry)
        assert match, f"{name}: not pinned and hashed: {entry[:80]}"
        found.setdefault(plain(match[1]), set()).add(match[2])
    return found


def imported() -> set[str]:
    """Top-level names that the package imports, its own and Python's left out."""
    found: set[str] = set()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names) - {"openrvu"}


def test_the_locks_hold_what_the_project_declares() -> None:
    wanted = project()
    run, test = locked("requirements.txt"), locked("requirements-test.txt")
    assert {*wanted["run"], *wanted["build"]} <= run.keys(), "run `make lock`"
    assert {*wanted["run"], *wanted["build"], *wanted["test"]} <= test.keys(), "run `make lock`"


def test_both_locks_agree() -> None:
    run, test = locked("requirements.txt"), locked("requirements-test.txt")
    assert {name: test.get(name) for name in run} == run


def test_what_is_imported_is_declared() -> None:
    declared = {MODULES.get(name, name.replace("-", "_")) for name in project()["run"]}
    # FastAPI and Jinja2 hand out types of these, which they bring along.
    brought = {"starlette", "pydantic", "markupsafe"}
    # Engines and readers that a user adds: an import that fails says how.
    added = {"mcp", "polars", "pyreadstat", "pyspark"}
    undeclared = imported() - declared - brought - added
    assert not undeclared, f"imported and not in pyproject.toml: {sorted(undeclared)}"


@pytest.mark.parametrize("name", sorted(project()["run"]))
def test_a_dependency_is_used_and_explained(name: str) -> None:
    assert MODULES.get(name, name.replace("-", "_")) in imported(), f"nothing imports {name}"
    assert name in (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8"), f"ARCHITECTURE.md: what is {name} for?"
