"""With a whole release loaded every code is served, and the embedded rows of each release are CMS's own.

Amounts are worked here from CMS's CSV in decimal arithmetic, and never taken from our output.
"""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.reconcile.every import EveryRelease

from openrvu import holdings
from openrvu.cards.card import card
from openrvu.cards.compare import compare
from openrvu.cards.history import history
from openrvu.cli import main
from openrvu.dossier.build import build
from openrvu.errors import NotHeld
from openrvu.facts import Facts, embedded
from openrvu.pricing import price
from openrvu.releases import known
from openrvu.rules.status import statuses
from openrvu.sources import source
from openrvu.tables import store
from openrvu.tables.load import load

pytestmark = pytest.mark.needs("cms")

WHOLE = [release.id for release in known() if release.coverage == "whole"]
ON, PLACE, FACTOR = "2025-10-15", "15202-00", Decimal("32.3465")  # all of Ohio; conversion factor as the file prints it


@pytest.fixture(scope="session")
def files(cms: Path) -> dict[str, Path]:
    """CMS's file of each release that was read whole, found by its hash."""
    ids = {source(release.source).sha256: release.id for release in known() if release.coverage == "whole"}
    hashed = {sha256(path.read_bytes()).hexdigest(): path for path in sorted(cms.glob("pprrvu/*/*PPRRVU*.csv*"))}
    return {ids[key]: path for key, path in hashed.items() if key in ids}


@pytest.fixture(scope="session")
def october(files: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with RVU25D and nothing else."""
    home = tmp_path_factory.mktemp("october")
    assert [(one.release, one.rows) for one in load(files["2025D"], home=home)] == [("2025D", 19_090)]
    return home


@pytest.fixture(scope="session")
def facts(october: Path) -> Facts:
    return holdings.current(october)


@pytest.fixture(scope="session")
def rows(files: dict[str, Path]) -> list[list[str]]:
    """CMS's rows of RVU25D: 0 code, 1 modifier, 3 status, 5 work, 6 PE outside, 8 PE inside a facility, 10 MP."""
    with files["2025D"].open(encoding="cp1252", newline="") as file:
        read = list(csv.reader(file))
    start = next(at for at, line in enumerate(read) if line and line[0] == "HCPCS") + 1
    found = [[cell.strip() for cell in line] for line in read[start:] if line and line[0].strip()]
    assert len(found) == 19_090
    return found


@pytest.fixture(scope="session")
def sample(rows: list[list[str]]) -> list[list[str]]:
    """300 rows, the same every time, evenly over every pair of status letter and modifier that CMS has."""
    groups: dict[tuple[str, str], list[list[str]]] = {}
    for row in rows:
        groups.setdefault((row[3], row[1]), []).append(row)
    dice = random.Random(300)
    for group in groups.values():
        dice.shuffle(group)
    picked: list[list[str]] = []
    while len(picked) < 300:
        picked += [group.pop() for group in groups.values() if group]
    assert {row[3] for row in picked} == set("ABCEIJMNPRTX") and {row[1] for row in picked} == {"", "26", "TC", "53"}
    return picked[:300]


@pytest.mark.parametrize("release", WHOLE)
def test_embedded_and_loaded_rows_agree_in_every_release(every_release: EveryRelease, release: str) -> None:
    (entry,) = [one for one in store.entries(every_release.home) if (one.kind, one.release) == ("rvu", release)]
    assert not [note for note in entry.notes if "differ" in note]
    table = holdings.current(every_release.home).table(release)
    assert (table.origin, table.whole) == ("loaded", True)
    theirs: dict[str, list[object]] = {}
    for row in table.everything():
        theirs.setdefault(row.hcpcs, []).append(replace(row, source=""))
    # Both ways: an embedded row is CMS's, and a code that is embedded elsewhere but not here is not in CMS's file.
    chosen = {code for one in known() for code in embedded().table(one.id).codes()}
    compared = 0
    for code in sorted(chosen):
        ours = [replace(row, source="") for row in embedded().records(code, release)]
        assert ours == theirs.get(code, []), (release, code)
        compared += len(ours)
    assert compared > 250


def test_a_price_of_any_code_is_cms_s_arithmetic_or_its_status(facts: Facts, sample: list[list[str]]) -> None:
    place = facts.locality(PLACE, "2025D")
    gpcis = [Decimal(value) / 1000 for value in (place.work_gpci, place.pe_gpci, place.mp_gpci)]
    paid = 0
    for row in sample:
        code, modifier, letter, work, mp = row[0], row[1], row[3], Decimal(row[5]), Decimal(row[10])
        for setting, column in (("facility", 8), ("nonfacility", 6)):
            found = price(code, modifier, on=ON, place=PLACE, setting=setting, facts=facts)
            pe = Decimal(row[column])
            assert found.origin == "loaded" and found.record is not None
            if letter in "ART" and any(Decimal(row[at]) for at in (5, 6, 8, 10)):
                exact = (work * gpcis[0] + pe * gpcis[1] + mp * gpcis[2]) * FACTOR
                cents = int((exact * 100).quantize(Decimal(1), ROUND_HALF_UP))
                assert (found.status, found.amount_cents) == ("priced", cents), (code, modifier, setting)
                paid += 1
            else:
                assert found.amount_cents is None, (code, modifier)
                assert found.status == ("no-rvus" if letter in "ART" else statuses()[letter].outcome)
                assert found.how_paid
    assert 100 < paid < 600


def test_card_history_comparison_and_dossier_of_any_code(facts: Facts, sample: list[list[str]]) -> None:
    codes = list(dict.fromkeys(row[0] for row in sample))[:30]
    assert len({row[3] for row in sample if row[0] in codes}) == 12
    for code in codes:
        amount = price(code, on=ON, facts=facts).amount_cents
        found = card(code, on=ON, facts=facts)
        assert (found.code, found.facility.amount_cents) == (code, amount)
        (year,) = [year for year in history(code, facts=facts).rows if year.release == "2025D"]
        # A row without its global part (26 and TC alone) is an answer too.
        assert year.amount_cents == amount and year.status != "not-held"
        assert [row.code for row in compare([code, "99213"], on=ON, facts=facts).rows] == [code, "99213"]
        made = build(code, on=ON, facts=facts)
        assert made.code == code and made.first
        assert "Nan" not in made.first and "None" not in made.first


def test_a_code_is_not_said_to_be_new_because_older_releases_hold_only_the_embedded_codes(facts: Facts) -> None:
    # 43763 stands in every release since 2020A: CMS's whole files.
    statuses_of = {year.release: year.status for year in history("43763", facts=facts).rows}
    assert statuses_of.pop("2025D") == "priced" and set(statuses_of.values()) == {"not-held"}
    with pytest.raises(NotHeld, match=r"43763 is not among the \d+ codes held of release 2025C.*`openrvu fetch 2025C`"):
        price("43763", on="2025-07-15", facts=facts)
    # Of a code that the package ships, the embedded rows do prove it.
    assert price("62330", on="2025-07-15", facts=facts).status == "not-yet-introduced"


@pytest.fixture
def at_home(october: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("OPENRVU_HOME", str(october))
    yield october


@pytest.mark.parametrize(
    "command",
    [
        ("code", "43763", "--on", ON),
        ("price", "70492-26", "--on", ON, "--place", PLACE),
        ("explain", "70492-TC", "--on", ON),
        ("compare", "43763", "70492", "--on", ON),
        ("history", "43763"),
        ("dossier", "43763", "--on", ON),
    ],
    ids=lambda command: command[0],
)
def test_each_command_serves_a_code_outside_the_families(at_home: Path, command: tuple[str, ...]) -> None:
    as_json = CliRunner().invoke(main, [*command, "--json"])
    assert as_json.exit_code == 0, as_json.output
    found = json.loads(as_json.stdout)
    assert "error" not in found and command[1][:5] in as_json.stdout
    if command[0] == "dossier":
        return  # without --json it writes a file
    plain = CliRunner().invoke(main, list(command))
    assert plain.exit_code == 0, plain.output
    assert "2025D" in plain.output


def test_a_code_s_missing_global_row_names_the_rows_there_are(facts: Facts, rows: list[list[str]]) -> None:
    by_code: dict[str, set[str]] = {}
    for row in rows:
        by_code.setdefault(row[0], set()).add(row[1])
    plain = next(code for code, modifiers in sorted(by_code.items()) if modifiers == {""})
    found = price(plain, "26", on=ON, facts=facts)
    assert (found.status, found.amount_cents) == ("no-modifier-row", None) and "it has: global" in found.words
