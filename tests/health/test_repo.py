"""What must not be in the repository: download hosts, paths of somebody's machine, large files, years in names."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import openrvu

ROOT = Path(__file__).parents[2]
LARGEST = 1_500_000

# Lock files like to record where they were downloaded from; that is the installer's choice. Brackets keep the pattern
# from matching itself.
HOSTS = re.compile(
    r"pypi[.]org|pythonhosted[.]org|registry[.]npmjs|deb[.]debian[.]org|crates[.]io/api"
    r"|file:[/]{3}|--(extra-)?index[-]url|--find[-]links"
)
# A home folder or a checkout's place. /usr and /tmp are the same for everyone; one letter is an example, not a person.
MACHINE = re.compile(r"""(?:^|[^\w."'/:-])["']?/(?:home|Users|root|work|mnt|srv)/[\w.]{2}""", re.MULTILINE)
YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


@cache
def tracked() -> tuple[Path, ...]:
    """The files that git holds or would add: what is ignored is nobody's business."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(command, capture_output=True, check=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout: what belongs to the repository cannot be told")
    return tuple(path for name in done.stdout.split("\0") if name and (path := ROOT / name).is_file())


def texts() -> Iterator[tuple[str, str]]:
    """Name and text of each text file."""
    for path in tracked():
        raw = path.read_bytes()
        if b"\0" not in raw[:8000]:
            yield path.relative_to(ROOT).as_posix(), raw.decode("utf-8", errors="replace")


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number}"
        for name, text in texts()
        if pattern.search(text)
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]


def test_no_download_host_is_named() -> None:
    assert lines_with(HOSTS) == []


def test_no_path_of_a_machine_is_named() -> None:
    assert lines_with(MACHINE) == []


@pytest.mark.parametrize("line", ["see {}home/ann", 'open("{}work/xy")', "{}Users/bob", "cd {}root/zz", "`{}home/ab`"])
def test_the_check_sees_a_path_of_a_machine(line: str) -> None:
    assert MACHINE.search(line.format("/"))


@pytest.mark.parametrize("line", ["src/work/units.py", "the work/rest split", "a.example/home/page"])
def test_the_check_lets_other_text_pass(line: str) -> None:
    assert not MACHINE.search(line)


def test_no_file_is_large() -> None:
    large = {
        path.relative_to(ROOT).as_posix(): path.stat().st_size
        for path in tracked()
        if path.stat().st_size > LARGEST and not {"static", "fonts"} & set(path.parts)
    }
    assert large == {}


def test_no_year_stands_in_a_name_of_the_package() -> None:
    """Dates are data. A function or a class called after a year is one that somebody must copy next year."""
    found = []
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and YEAR.search(node.name):
                found.append(f"{path.name}:{node.lineno} {node.name}")
    assert found == []


def test_the_version_is_written_twice_and_alike() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        assert tomllib.load(file)["project"]["version"] == openrvu.__version__
    assert f"version: {openrvu.__version__}" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
