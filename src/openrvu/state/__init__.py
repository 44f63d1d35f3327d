"""What the user made: saved cases, studies, uploads, jobs, users. SQLite by default, PostgreSQL for a group.

Its libraries take a second to import, so its modules are imported when they are first used: `state.jobs.get(...)`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openrvu.state import database, jobs, mappings, runner, uploads

_LATE = ("database", "jobs", "mappings", "runner", "uploads")

__all__ = ["database", "jobs", "mappings", "runner", "uploads"]


def __getattr__(name: str) -> Any:
    if name in _LATE:
        return import_module(f"openrvu.state.{name}")
    raise AttributeError(f"module 'openrvu.state' has no attribute {name!r}")
