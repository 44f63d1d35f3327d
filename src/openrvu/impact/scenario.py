"""A what-if as a file: what changes in the fee schedule, from which date, against which baseline. docs/scenarios.md.

>>> one = shipped("62380-published")
>>> one.baseline, [change.code for change in one.rvus]
('2026C', ['62380'])
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from pathlib import Path

from openrvu.errors import BadInput
from openrvu.files import facts_folder

RVU_COLUMNS = ("work_rvu", "pe_nonfacility_rvu", "pe_facility_rvu", "mp_rvu")
GPCI_COLUMNS = ("work_gpci", "pe_gpci", "mp_gpci")


@dataclass(frozen=True)
class Figure:
    """An RVU that a what-if gives a code: one of several ways to say it.

    value: RVU x 10^4 as written. low, high: an interval written beside it. mean_of: codes whose mean it is on the
    baseline, rounded half up to two decimals as CMS prints RVUs. same_as: the code whose figure it takes. as_of: the
    release whose figure of the code itself it takes. survey: a file of answers, valued when the scenario is run; its
    interval is drawn from. line: of the file, 0 where it was made in Python.
    """

    value: int | None = None
    low: int | None = None
    high: int | None = None
    mean_of: tuple[str, ...] = ()
    same_as: str = ""
    as_of: str = ""
    survey: str = ""
    line: int = 0


@dataclass(frozen=True)
class RvuChange:
    """New RVUs of a code. modifier: of the row, empty for the global one. status: a new status letter, empty: kept."""

    code: str
    modifier: str = ""
    figures: Mapping[str, Figure] = field(default_factory=dict)
    status: str = ""
    line: int = 0


@dataclass(frozen=True)
class Restore:
    """Work RVUs put back to those of an earlier release, for each code that a uniform cut explains.

    times: the exact factor; a code is restored where its work RVU on the baseline is the earlier one times this,
    rounded half up to two decimals, and differs from it.
    """

    release: str
    times: Fraction
    line: int = 0


@dataclass(frozen=True)
class GpciChange:
    """New GPCIs x 10^3 of a locality (MAC-number)."""

    place: str
    values: Mapping[str, int]
    line: int = 0


@dataclass(frozen=True)
class FactorChange:
    """A new conversion factor x 10^4. track: all, nonQP or QP."""

    value: int
    track: str = "all"
    line: int = 0


@dataclass(frozen=True)
class ParameterChange:
    """A new value of a dated scalar of the rules, in its own unit (params.py)."""

    name: str
    value: int
    line: int = 0


@dataclass(frozen=True)
class Volume:
    """Services a year of a code, given by the user. setting: facility or nonfacility. elasticity: percent change of
    services for one percent change of the amount, none unless written; specialty: where given, shown as a group."""

    code: str
    services: int
    setting: str = "facility"
    place: str = "national"
    specialty: str = ""
    elasticity: Fraction = Fraction(0)
    line: int = 0


@dataclass(frozen=True)
class Price:
    """What a contractor pays today for a service that the schedule does not price, in cents; the user's own figure."""

    code: str
    cents: int
    line: int = 0


@dataclass(frozen=True)
class Scenario:
    """What changes, against which release, from which date.

    name: of a shipped scenario, or the file's. starts: the first date of service it holds for, inside the baseline.
    neutral: whether the conversion factor follows from budget neutrality where the $20 million rule asks for it.
    elasticity: volume response of every code without one of its own; 0: volumes stay.
    """

    name: str
    title: str
    author: str
    reference: str
    baseline: str
    description: str
    starts: date | None = None
    neutral: bool = True
    elasticity: Fraction = Fraction(0)
    rvus: tuple[RvuChange, ...] = ()
    restores: tuple[Restore, ...] = ()
    gpcis: tuple[GpciChange, ...] = ()
    factors: tuple[FactorChange, ...] = ()
    parameters: tuple[ParameterChange, ...] = ()
    volumes: tuple[Volume, ...] = ()
    prices: tuple[Price, ...] = ()
    sources: tuple[str, ...] = ()
    folder: str = ""

    def codes(self) -> tuple[str, ...]:
        """The codes that the file names: changed, with a volume or with a price, each once."""
        named = [item.code for some in (self.rvus, self.volumes, self.prices) for item in some]
        return tuple(dict.fromkeys(named))


def scenarios_folder() -> Path:
    """Where the shipped scenarios are."""
    return facts_folder().parent / "scenarios"


def names() -> tuple[str, ...]:
    """The shipped scenarios.

    >>> names()
    ('62380-as-62330', '62380-as-open', '62380-published', '63030-restored', 'efficiency-undone')
    """
    return tuple(sorted(path.stem for path in scenarios_folder().glob("*.toml")))


def shipped(name: str) -> Scenario:
    """A shipped scenario by its name. Raises BadInput with the names that exist."""
    from openrvu.impact.scenario_file import read

    if name not in names():
        raise BadInput(
            f"no scenario is called {name!r}",
            exists=f"Shipped: {', '.join(names())}",
            fix="Name one of these, or a file of your own (docs/scenarios.md)",
        )
    return read(scenarios_folder() / f"{name}.toml")


def find(name: str | Path) -> Scenario:
    """A shipped scenario by name, or the one of a TOML file. Raises BadInput, BadFile."""
    from openrvu.impact.scenario_file import read

    text = str(name)
    if text.lower().endswith(".toml") or Path(text).is_file():
        return read(Path(text))
    return shipped(text)
