"""Reading the package's own fact files (TOML and CSV with a source column), and writing a file whole or not at all.

Nothing is read at import.
"""

from __future__ import annotations

import csv
import os
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def facts_folder() -> Path:
    """The folder of the embedded facts."""
    return Path(__file__).parent / "facts"


def store_folder() -> Path:
    """The folder of what the user loads: OPENRVU_HOME, else the platform's place for data. It may not exist yet."""
    if chosen := os.environ.get("OPENRVU_HOME"):
        return Path(chosen).expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "OpenRVU"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "OpenRVU"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "openrvu"


def read_toml(path: Path) -> dict[str, Any]:
    """One TOML file as a dictionary."""
    with path.open("rb") as file:
        return tomllib.load(file)


def read_csv(path: Path) -> list[dict[str, str]]:
    """One CSV file of the package as a list of rows, all text."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A name beside `path` to write to; what lies there is moved to `path` in one step once the block has ended well.

    Whatever goes wrong, `path` is the old file or the whole new one. Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    os.close(handle)
    try:
        yield Path(name)
        with Path(name).open("r+b") as file:
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
