"""What the comparisons with CMS's files share: one store with every whole relative value file, loaded once."""

from __future__ import annotations

from pathlib import Path

import pytest

from openrvu.tables.load import load


@pytest.fixture(scope="session")
def every_release(cms: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with every whole relative value file of CMS. Only to be read."""
    home = tmp_path_factory.mktemp("every-release")
    for path in sorted(cms.glob("pprrvu/*/*PPRRVU*.csv*")):
        if "extract" not in path.name:
            load(path, home=home)
    return home
