"""Every test, doctests included, gets an empty store of its own: what a user has loaded never reaches a test."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def store(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The empty folder that OPENRVU_HOME names while the test runs."""
    folder = tmp_path_factory.mktemp("store")
    monkeypatch.setenv("OPENRVU_HOME", str(folder))
    monkeypatch.delenv("OPENRVU_DATABASE", raising=False)
    return folder
