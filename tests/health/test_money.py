"""Money is whole numbers: where amounts are made, no float, no round(), no true division."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "src" / "openrvu"
MAKERS = [PACKAGE / f"{name}.py" for name in ("pricing", "units", "effects", "casing", "amounts", "scheduling")]
ROOMS = ("rules", "facility", "reconciling")
FILES = [*(path for room in ROOMS for path in sorted((PACKAGE / room).rglob("*.py"))), *MAKERS]


def _joins_a_path(node: ast.BinOp | ast.AugAssign) -> bool:
    """`folder / "name"`: a division by a text can only be a path."""
    divisor = node.right if isinstance(node, ast.BinOp) else node.value
    return isinstance(divisor, ast.JoinedStr) or (isinstance(divisor, ast.Constant) and isinstance(divisor.value, str))


def faults(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and name of everything that may round on its own."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, (float, complex)):
            yield node.lineno, f"the float {node.value}"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("round", "float"):
            yield node.lineno, f"{node.func.id}()"
        elif isinstance(node, (ast.BinOp, ast.AugAssign)) and isinstance(node.op, ast.Div) and not _joins_a_path(node):
            yield node.lineno, "a true division (units.half_up divides)"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_amounts_are_made_of_whole_numbers(path: Path) -> None:
    found = [f"line {line}: {what}" for line, what in faults(ast.parse(path.read_text(encoding="utf-8")))]
    assert not found, f"{path.name}: " + "; ".join(found)


@pytest.mark.parametrize("text", ["fee = rvu * 32.3465", "fee = round(x, 2)", "fee = a / b", "fee /= 2", "float(x)"])
def test_the_check_sees_a_fault(text: str) -> None:
    assert list(faults(ast.parse(text)))


def test_the_check_lets_a_path_pass() -> None:
    assert not list(faults(ast.parse('folder / "lookups" / f"{name}.csv"')))
