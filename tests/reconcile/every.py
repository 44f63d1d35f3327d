"""Every whole relative value file of CMS, loaded."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from openrvu.tables.load import Loaded


class EveryRelease(NamedTuple):
    """A store, only to be read, and what each file in it became."""

    home: Path
    files: Mapping[Path, Loaded]
