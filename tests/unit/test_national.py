"""A scenario over a utilization file: by hand arithmetic from CMS's national amounts. Every file is made up."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from tests.unit.use_files import PROVIDER, PSPS, provider, psps, write

from openrvu.errors import BadInput, NotHeld
from openrvu.facts import EmbeddedTable, Facts, embedded
from openrvu.impact.national import National
from openrvu.impact.simulate import Simulation, simulate
from openrvu.impact.use import given, of_year
from openrvu.tables.load import load

# National amounts of 2026, non-QP: 898.15 (63030) and 1,065.49 (63047). 63030 with 13.18 work RVUs: 947.58.
OLD_30, NEW_30, OLD_47 = 89815, 94758, 106549
NOWHERE = "99999"  # a carrier that no GPCI file has: priced at national GPCIs


def whole() -> Facts:
    """The embedded facts, with the extract of the baseline taken for all there is."""
    facts = embedded()
    table = facts.table("2026C")
    rows = {code: table.records(code) for code in table.codes()}
    release = facts.release("2026C")
    return replace(facts.with_loaded({release: EmbeddedTable(rows, whole=True)}), releases=facts.releases)


def ran(path: Path, facts: Facts, tmp_path: Path) -> tuple[Simulation, National]:
    with given(str(path), tmp_path) as use:
        found = simulate("63030-restored", facts=facts, use=use)
    assert found.national
    return found, found.national


def group(found: National, by: str, key: str) -> tuple[int, int]:
    (one,) = [one for one in getattr(found, f"by_{by}") if one.key == key]
    return one.before_cents, one.after_cents


def test_the_conversion_factor_that_follows(tmp_path: Path) -> None:
    rows = [psps(code, "1000000", carrier=NOWHERE) for code in ("63030", "63047")]
    found, nation = ran(write(tmp_path / "PSPS2024.csv", PSPS, *rows), whole(), tmp_path)
    moved = found.neutrality
    assert moved
    assert moved.difference_cents == 1_000_000 * (NEW_30 - OLD_30)
    assert moved.required, "49.43 million dollars are more than 20"
    # 33.4009 x (898.15 + 1,065.49) / (947.58 + 1,065.49), to four decimals
    exact = Fraction(334009, 10_000) * Fraction(OLD_30 + OLD_47, NEW_30 + OLD_47)
    assert moved.conversion_factor_after == f"{float(exact):.4f}" == "32.5808"
    # 63047 has 14.99 + 12.03 + 4.88 = 31.90 RVUs and loses: 31.90 x 32.5808 = 1,039.33
    assert group(nation, "code", "63047") == (10**6 * OLD_47, 10**6 * 103933)
    # 63030: 28.37 x 32.5808 = 924.317
    assert group(nation, "code", "63030") == (10**6 * OLD_30, 10**6 * 92432)
    assert found.why_no_factor == ""


def test_modifiers_specialties_and_places(tmp_path: Path) -> None:
    rows = [
        psps("63030", "100", carrier=NOWHERE, m1="80"),  # an assistant: 16 percent of 898.15 = 143.70
        psps("63030", "10", carrier="15202"),  # Ohio
        psps("63030", "*", carrier=NOWHERE),
        psps("63030", "50", carrier=NOWHERE, specialty="49"),  # a surgical centre's line
        psps("99999", "7", carrier=NOWHERE, charges="70.00"),
        psps("63030", "100", carrier=NOWHERE, m1="ZZ", denied="40"),
    ]
    found, nation = ran(write(tmp_path / "PSPS2024.csv", PSPS, *rows), embedded(), tmp_path)
    assert found.neutrality
    assert (found.neutrality.factor, found.neutrality.conversion_factor_after) == (None, None)
    assert "not every code is held" in found.why_no_factor
    ohio = embedded().locality("15202-00", "2026C")
    parts = Fraction("11.70") * ohio.work_gpci + Fraction("11.35") * ohio.pe_gpci + Fraction("3.84") * ohio.mp_gpci
    local = int(parts * Fraction("33.4009") / 10 + Fraction(1, 2))
    assert group(nation, "locality", "15202-00")[0] == 10 * local
    assert group(nation, "locality", "national")[0] == 100 * 14370 + 60 * OLD_30
    assert nation.hidden == 1, "a suppressed count is counted, and is in no sum"
    assert nation.services == 100 + 10 + 7 + 60
    assert [(one.status, one.services, one.allowed_cents) for one in nation.left_out] == [("no-record", 7, 7000)]


def test_by_provider_states_of_one_locality_are_placed(tmp_path: Path) -> None:
    rows = [
        provider(1, "63030", "20", state="OH"),
        provider(2, "63030", "30", state="CA", specialty="Physician Assistant"),
        provider(3, "63030", "5.5", state="CA", specialty="Ambulatory Surgical Center"),
    ]
    _, nation = ran(write(tmp_path / "MUP_D23_Prov.csv", PROVIDER, *rows), embedded(), tmp_path)
    # 85 percent of 898.15 = 763.4275
    assert group(nation, "specialty", "Physician Assistant")[0] == 30 * 76343
    assert {one.key for one in nation.by_locality} == {"15202-00", "national"}
    assert nation.services == 50, "the building's lines are no physician's"


def test_a_year_that_is_loaded(tmp_path: Path) -> None:
    load(write(tmp_path / "PSPS2018.csv", PSPS, psps("63030", "40")), home=tmp_path / "home")
    load(write(tmp_path / "MUP_D18_Prov.csv", PROVIDER, provider(1, "63030", "20")), home=tmp_path / "home")
    assert of_year("2018", tmp_path / "home").kind == "use-psps", "the one that tells most"
    assert of_year("provider-2018", tmp_path / "home").kind == "use-provider"
    with pytest.raises(NotHeld, match="psps-2018"):
        of_year("2019", tmp_path / "home")
    with pytest.raises(BadInput, match="no year"):
        of_year("latest", tmp_path / "home")
