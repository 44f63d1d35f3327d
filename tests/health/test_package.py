"""The wheel carries every file of the package: facts, rules, templates, fonts."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_every_file_of_the_package_is_in_the_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flit = pytest.importorskip("flit_core.buildapi", reason="the build backend is not installed")
    monkeypatch.chdir(ROOT)
    wheel = zipfile.ZipFile(tmp_path / flit.build_wheel(os.fspath(tmp_path)))
    there = set(wheel.namelist())
    package = ROOT / "src"
    files = {path.relative_to(package).as_posix() for path in package.rglob("*") if path.is_file()}
    wanted = {name for name in files if not name.endswith(".pyc")}
    assert len(wanted) > 20, "the package was not found"
    assert wanted <= there, f"not in the wheel: {sorted(wanted - there)}"
    assert any(name.endswith("licenses/LICENSE") for name in there)
