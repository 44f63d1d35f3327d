"""What the documents show is true: each command in them runs, and what they print after it is what comes out."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import openrvu

ROOT = Path(__file__).parents[2]
DOCUMENTS = ["README.md"]
# What the make targets run, so that no environment is built inside a test.
MAKE = {"make run": "openrvu dossier 62380 -o out/62380.html"}
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def examples() -> list[tuple[str, str, str]]:
    """Document, command and printed output of each `$ ` line in a console block."""
    found = []
    for name in DOCUMENTS:
        for block in re.findall(r"^```console\n(.*?)^```", (ROOT / name).read_text(encoding="utf-8"), re.M | re.S):
            for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
                command, _, output = part.partition("\n")
                found.append((name, command, output))
    return found


EXAMPLES = [one for one in examples() if MAKE.get(one[1], one[1]).startswith("openrvu ") and "serve" not in one[1]]


@pytest.mark.parametrize(("name", "command", "output"), EXAMPLES, ids=lambda value: str(value)[:60])
def test_a_command_of_the_documents_runs(name: str, command: str, output: str, tmp_path: Path) -> None:
    arguments = shlex.split(MAKE.get(command, command))[1:]
    (tmp_path / "out").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", "from openrvu.cli import main; main()", *arguments],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(openrvu.__file__).parents[1])},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    if output.strip():
        right = doctest.OutputChecker().check_output(output, done.stdout, FLAGS)
        assert right, f"{name} shows for `{command}`:\n{output}\nand this comes out:\n{done.stdout}"


def test_the_documents_show_commands() -> None:
    assert len(EXAMPLES) >= 6
    assert any(command == "make run" and output.strip() for _, command, output in EXAMPLES)


@pytest.mark.parametrize("path", sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]), ids=lambda path: path.name)
def test_links_inside_the_repository_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", path.read_text(encoding="utf-8"))
    missing = [link for link in links if not (path.parent / link).exists()]
    assert not missing, f"{path.name} links to {missing}"
