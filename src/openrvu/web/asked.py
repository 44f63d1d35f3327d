"""What a page was asked: date, place, setting and track, read from the address and written back into every link."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request

from openrvu.errors import BadInput
from openrvu.facts import Facts
from openrvu.pricing import SETTINGS, read_date
from openrvu.releases import Release
from openrvu.web.remembering import COOKIE, DEFAULTS

LONGEST = 120
IN_WORDS = {"facility": "in a facility", "nonfacility": "outside a facility"}


@dataclass(frozen=True)
class Asked:
    """The top bar's choices as typed; empty: the default. setting: facility or nonfacility. qp: a QP's factor.

    explicit: write defaults too, since an address without choices would be sent on to those that are remembered.
    """

    on: str = ""
    place: str = "national"
    setting: str = "facility"
    qp: bool = False
    explicit: bool = False

    @property
    def chosen(self) -> dict[str, str]:
        """What differs from the default, by its name in the address."""
        pairs = {"on": self.on, "place": self.place, "setting": self.setting, "qp": "1" if self.qp else ""}
        defaults = {} if self.explicit else DEFAULTS
        return {name: value for name, value in pairs.items() if value and value != defaults.get(name)}

    def url(self, path: str, **other: str) -> str:
        """A path that keeps the choices; `other` replaces or adds, an empty text takes away.

        >>> Asked(on="2025-07-01", place="Cook, IL").url("/codes/63047", on="")
        '/codes/63047?place=Cook%2C+IL'
        """
        kept = {name: value for name, value in {**self.chosen, **other}.items() if value}
        return f"{path}?{urlencode(kept)}" if kept else path

    def checked(self) -> Asked:
        """The same choices. Raises BadInput for a setting that does not exist, or text that is too long to be one."""
        for name, value in (("on", self.on), ("place", self.place), ("setting", self.setting)):
            if len(value) > LONGEST:
                raise BadInput(f"`{name}` has {len(value):,} characters", fix=f"Give {LONGEST} at most")
        if self.setting not in SETTINGS:
            raise BadInput(f"no setting is called {self.setting!r}", exists=f"Settings: {', '.join(SETTINGS)}")
        return self

    def release(self, facts: Facts) -> Release:
        """The release of the date asked for, the newest where none was. Raises BadInput or NotHeld."""
        on = read_date(self.on or None)
        return facts.release_on(on) if on else facts.newest()


def read(request: Request) -> Asked:
    """The choices in the address, unchecked, so that a page of an error can show what was typed."""
    typed = {name: request.query_params.get(name, "").strip() for name in ("on", "place", "setting", "qp")}
    setting = "nonfacility" if typed["setting"] == "office" else typed["setting"]
    qp = typed["qp"].lower() in ("1", "on", "yes", "true")
    explicit = COOKIE in request.cookies
    return Asked(typed["on"], typed["place"] or "national", setting or "facility", qp, explicit)
