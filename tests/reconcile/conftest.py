"""What the comparisons with CMS's files share: one store with every whole relative value file, loaded once."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.reconcile.every import EveryRelease

from openrvu.tables.load import load


@pytest.fixture(scope="session")
def every_release(cms: Path, tmp_path_factory: pytest.TempPathFactory) -> EveryRelease:
    """Every whole relative value file of CMS, loaded. Files that use it run in one process: tests/conftest.py."""
    home = tmp_path_factory.mktemp("every-release")
    whole = [path for path in sorted(cms.glob("pprrvu/*/*PPRRVU*.csv*")) if "extract" not in path.name]
    return EveryRelease(home, {path: load(path, home=home)[0] for path in whole})
