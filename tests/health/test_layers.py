"""Imports go one way. Each module or folder of the package stands in exactly one layer and imports only from that layer
and the ones it rests on; inside a layer nothing runs in a circle.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "src" / "openrvu"

# From the ground up. A new module goes into the lowest layer whose imports suffice.
LAYERS: tuple[frozenset[str], ...] = (
    frozenset({"units", "errors", "files", "sources"}),
    frozenset({"releases", "schemas", "params", "answers", "shapes"}),
    frozenset({"facts", "tables", "rules"}),
    frozenset(
        {
            "holdings",
            "methodology",
            "places",
            "pricing",
            "effects",
            "standing",
            "casing",
            "explaining",
            "amounts",
            "scheduling",
            "reconciling",
            "verifying",
            "surveydata",
            "surveys",
            "valuation",
            "codes",
            "cards",
            "audits",
            "bulk",
            "facility",
            "ncci",
            "routes",
            "triangulation",
            "designs",
        }
    ),
    frozenset({"statements", "impact"}),
    frozenset({"dossier", "pictures", "reports"}),
    frozenset({"state"}),
    frozenset({"asking", "agents", "cli", "web"}),
)
LAYER = {name: level for level, names in enumerate(LAYERS) for name in names}


def rooms() -> list[str]:
    """The modules and folders that lie directly in the package and hold Python."""
    folders = {path.relative_to(PACKAGE).parts[0] for path in PACKAGE.rglob("*.py")}
    return sorted(name.removesuffix(".py") for name in folders if name not in ("__init__.py", "__main__.py"))


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Line and room of every import of the package itself, those inside functions included."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}:{node.lineno}: imports are written in full, from openrvu"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            head, _, rest = name.partition(".")
            room = rest.partition(".")[0]
            if head == "openrvu" and not room.startswith("__"):  # openrvu.__version__ belongs to nobody
                yield node.lineno, room


def test_each_room_stands_in_one_layer() -> None:
    listed = [name for names in LAYERS for name in names]
    assert len(listed) == len(set(listed)), "a name stands in two layers"
    unplaced = [room for room in rooms() if room not in LAYER]
    assert not unplaced, (
        f"{', '.join(unplaced)}: in no layer. Put it into LAYERS of {Path(__file__).name}, in the lowest layer "
        "that its imports allow, and into the drawing of ARCHITECTURE.md"
    )


@pytest.mark.parametrize("room", rooms())
def test_a_room_imports_only_from_its_layer_and_those_under_it(room: str) -> None:
    files = [PACKAGE / f"{room}.py"] if (PACKAGE / f"{room}.py").exists() else (PACKAGE / room).rglob("*.py")
    wrong = [
        f"{path.relative_to(PACKAGE)}:{line} imports {other}"
        for path in files
        for line, other in imported(path)
        if LAYER.get(other, len(LAYERS)) > LAYER[room]
    ]
    assert not wrong, f"{room} reaches up: " + "; ".join(wrong)


def test_no_rooms_import_each_other_in_a_circle() -> None:
    graph: dict[str, set[str]] = {room: set() for room in rooms()}
    for path in PACKAGE.rglob("*.py"):
        room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if room in graph:
            graph[room] |= {other for _, other in imported(path)} - {room}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as fault:
        pytest.fail("a circle: " + " -> ".join(fault.args[1]), pytrace=False)


@pytest.mark.parametrize("room", rooms())
def test_the_architecture_names_each_room(room: str) -> None:
    assert f"`{room}`" in (PACKAGE.parents[1] / "ARCHITECTURE.md").read_text(encoding="utf-8")
