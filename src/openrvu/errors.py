"""One base error and a few kinds. Every message says what is wrong, where, what exists, and what to do.

>>> str(UnknownCode("99X13 is not a held code", where="release 2026C", exists="close: 99213", fix="check the code"))
'99X13 is not a held code (release 2026C). close: 99213. check the code.'
"""

from __future__ import annotations


class OpenRVUError(Exception):
    """Something a user can understand and mend. The command line and the web page print it, never a traceback.

    what:   the fault in one clause.
    where:  file, line, column, release or option; empty where it would repeat the first clause.
    exists: what is there instead (columns found, releases held, codes that are close).
    fix:    what to do next, as a sentence or a command.
    """

    kind = "error"

    def __init__(self, what: str, *, where: str = "", exists: str = "", fix: str = "") -> None:
        self.what, self.where, self.exists, self.fix = what, where, exists, fix
        head = f"{what} ({where})" if where else what
        super().__init__(" ".join(f"{part.rstrip('.')}." for part in (head, exists, fix) if part))

    def as_dict(self) -> dict[str, str]:
        """The one error shape of the JSON outputs: kind, what, where, exists, fix, message."""
        parts = {"what": self.what, "where": self.where, "exists": self.exists, "fix": self.fix}
        return {"kind": self.kind, **parts, "message": str(self)}


class UnknownCode(OpenRVUError):
    """The code is in no release that is held."""

    kind = "unknown-code"


class NotHeld(OpenRVUError):
    """The facts asked for (a release, a date, a table) are not held here. Nothing is carried forward."""

    kind = "not-held"


class UnknownPlace(OpenRVUError):
    """The text names no Medicare locality, or more than one."""

    kind = "unknown-place"


class BadInput(OpenRVUError):
    """An argument, an option or a cell that cannot be used."""

    kind = "bad-input"


class BadFile(OpenRVUError):
    """A file that is not what it should be: truncated, wrong columns, text in a number."""

    kind = "bad-file"


class Unavailable(OpenRVUError):
    """A part that this machine or installation lacks."""

    kind = "unavailable"
