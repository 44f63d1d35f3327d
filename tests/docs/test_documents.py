"""What the documents show is true: each command in them runs, and what they print after it is what comes out."""

from __future__ import annotations

import doctest
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from openrvu.cli import main

ROOT = Path(__file__).parents[2]
DOCUMENTS = ["README.md", *sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("docs/*/*.md"))]
# What the make targets run, so that no environment is built inside a test.
MAKE = {"make run": "openrvu dossier 62380 -o out/62380.html"}
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def examples(name: str) -> list[tuple[str, str]]:
    """Command and printed output of each `$ ` line in a console block, but for what asks for a server."""
    found = []
    for block in re.findall(r"^```console\n(.*?)^```", (ROOT / name).read_text(encoding="utf-8"), re.M | re.S):
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, _, output = part.partition("\n")
            command = MAKE.get(command, command)
            if command.startswith("openrvu ") and command != "openrvu serve":
                found.append((command, output))
    return found


def files(name: str) -> dict[str, str]:
    """The files that a document shows: code blocks with a caption."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^```\{code-block\} \w+\n:caption: (\S+)\n\n(.*?)^```", text, re.M | re.S))


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if examples(name)])
def test_the_commands_of_a_document_run_one_after_another(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "out").mkdir()
    for file, text in files(name).items():
        (tmp_path / file).write_text(text, encoding="utf-8")
    for command, output in examples(name):
        done = CliRunner().invoke(main, shlex.split(command)[1:])
        assert done.exit_code == 0, (command, done.output)
        if output.strip() not in ("", "..."):
            right = doctest.OutputChecker().check_output(output, done.stdout, FLAGS)
            assert right, f"{name} shows for `{command}`:\n{output}\nand this comes out:\n{done.stdout}"


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if ">>> " in (ROOT / name).read_text(encoding="utf-8")])
def test_the_python_of_a_document_runs(name: str) -> None:
    assert doctest.testfile(str(ROOT / name), module_relative=False, optionflags=FLAGS).failed == 0


def test_the_documents_show_commands() -> None:
    assert len(examples("README.md")) >= 6 and examples("README.md")[0][1].strip()
    assert files("docs/start/analyst.md")


def test_the_site_builds_without_a_warning_and_asks_no_other_host(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sphinx", "-W", "-q", "-b", "html", "-d", str(tmp_path / "trees")]
    done = subprocess.run(
        [*command, "docs", str(tmp_path / "html")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    pages = list((tmp_path / "html").rglob("*.html"))
    outside = re.compile(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=\"(https?:)?//")
    assert len(pages) > 20 and not [page.name for page in pages if outside.search(page.read_text(encoding="utf-8"))]
    assert "<math" in (tmp_path / "html/methods/payment.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]), ids=lambda path: path.name)
def test_links_inside_the_repository_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", path.read_text(encoding="utf-8"))
    missing = [link for link in links if not (path.parent / link).exists()]
    assert not missing, f"{path.name} links to {missing}"
