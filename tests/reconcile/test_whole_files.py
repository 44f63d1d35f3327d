"""Files of payment amounts at full form: read by positions, told apart by release, compared with a loaded schedule.

The payment files made here are SYNTHETIC: CMS's layout and relative values, amounts in decimal arithmetic by
tools/synthetic_payment.py, at a few localities. CMS's own amounts are those of PFREV25C, PFAL25A and OPPSCAP.
"""

from __future__ import annotations

import csv
import gzip
import importlib.util
import io
import random
import zipfile
from pathlib import Path
from types import ModuleType

import duckdb
import pytest

from openrvu import amounts, holdings
from openrvu.errors import BadFile
from openrvu.facts import Facts
from openrvu.pricing import price
from openrvu.reconciling import Reconciliation, reading, reconcile, reconcile_all
from openrvu.scheduling import schedule
from openrvu.tables import payment_bulk
from openrvu.tables.load import load
from openrvu.tables.text import decode

pytestmark = pytest.mark.needs("cms")

ROOT = Path(__file__).parents[2]
PPRRVU = {
    "2024A": "2024/RVU24A_PPRRVU24_JAN.csv.gz",
    "2024AR": "2024/RVU24AR_PPRRVU24_JAN.csv.gz",
    "2025A": "2025/PPRRVU25_JAN.csv",
    "2025C": "2025/PPRRVU2025_Jul.csv",
    "2025D": "2025/PPRRVU2025_Oct.csv",
}


@pytest.fixture(name="facts", scope="module")
def with_five_releases(cms: Path, tmp_path_factory: pytest.TempPathFactory) -> Facts:
    home = tmp_path_factory.mktemp("store")
    load([cms / "pprrvu" / name for name in PPRRVU.values()], home=home)
    return holdings.current(home)


@pytest.fixture(name="maker", scope="module")
def the_tool_that_makes_payment_files() -> ModuleType:
    spec = importlib.util.spec_from_file_location("synthetic_payment", ROOT / "tools" / "synthetic_payment.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(name="january", scope="module")
def a_synthetic_file_of_january_2025(cms: Path, maker: ModuleType) -> str:
    """Every paying row of RVU25A at Alaska, Manhattan and Ohio, as the text of a payment file."""
    where = [one for one in maker.places(cms / "gpci/2025/GPCI2025.csv") if one[0] in ("02102", "13202", "15202")]
    out = io.StringIO()
    rows = maker.relative_values(cms / "pprrvu" / PPRRVU["2025A"])
    assert maker.write(out, rows, where[:2] + where[-1:], "32.3465") == 3 * 9135
    return out.getvalue()


def written(path: Path, text: str) -> Path:
    path.write_text(text, newline="")
    return path


# Of RVU25A 9,135 rows pay by RVUs, 956 of them with cap figures and 51 with the therapy indicator.
CAPS, THERAPY = 956, 51


def agrees(done: Reconciliation, places: int) -> None:
    assert (done.records, done.compared, done.matched) == (places * 9135, places * 18_270, places * 18_270)
    assert (done.caps_compared, done.caps_matched) == (places * CAPS, places * CAPS)
    assert (done.therapy_compared, done.therapy_matched) == (places * 2 * THERAPY, places * 2 * THERAPY)
    assert not done.differences and not done.different and not done.not_comparable and not done.notes


def test_a_whole_file_is_read_by_its_positions_and_agrees(facts: Facts, january: str, tmp_path: Path) -> None:
    with amounts.engine() as connection:
        assert payment_bulk.read(connection, decode(january.encode(), "PFALL25A.txt"), "published")
    done = reconcile(written(tmp_path / "PFALL25A.txt", january), facts)
    agrees(done, 3)
    assert (done.release, done.why) == ("2025A", "named by the file, and held whole")


def test_both_readers_give_the_same_table(january: str) -> None:
    lines = january.splitlines(keepends=True)
    some = "".join([*random.Random(3).sample(lines[:-4], 500), *lines[-4:]])
    tables = []
    # The year without its quotes is the same record to a reader of CSV, and none of 130 characters.
    for text in (some, some.replace('"2025"', "2025")):
        brought = reading.Brought(decode(text.encode(), "PFALL25A.txt"), ("PFALL25A.txt",), "payment")
        with amounts.engine() as connection:
            assert payment_bulk.read(connection, brought.text, "tried") == (text is some)
            reading.publish(connection, brought)
            found = connection.execute("SELECT * EXCLUDE (year) FROM published")
            names = [column[0] for column in found.description]
            tables.append(sorted(sorted(zip(names, map(str, row), strict=True)) for row in found.fetchall()))
    kept = {name for name, _ in tables[1][0]}
    fast = [[cell for cell in row if cell[0] in kept] for row in tables[0]]
    assert fast == tables[1] and len(fast) == 500 and len(kept) == 12


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('"0000062.84"', '"000006x.84"', "not a number: '000006x.84'.*line 1, column facility_cents"),
        ('"0446T"', '"446T"', "'446T' is no hcpcs.*line 1, column hcpcs"),
        ('"0447T"', '"0446T"', "0446T stands twice, first in line 1.*line 2"),
        ('"0447T","  ",', '"0447T",', "15 fields instead of 16.*line 2"),
        ('"0447T","  "', '"0447T","59"', "'59' is no modifier.*line 2"),
    ],
)
def test_one_bad_record_of_a_whole_file_is_named_by_line(
    facts: Facts, january: str, tmp_path: Path, old: str, new: str, fault: str
) -> None:
    text = january.replace(january[: january.index("\r\n")], ALASKA, 1)
    assert old in text
    with pytest.raises(BadFile, match=fault):
        reconcile(written(tmp_path / "PFALL25A.txt", text.replace(old, new, 1)), facts)


# The first record, with amounts of its own: so that the faults above have something to stand in.
ALASKA = (
    '"2025","02102","01","0446T","  ","0004193.82","0000062.84"," ","0","A","2","0000000.00","0000000.00","9",'
    '"0000000.00","0000000.00"'
)


def test_a_file_cut_off_in_the_middle_says_so(facts: Facts, january: str, tmp_path: Path) -> None:
    lines = january.splitlines(keepends=True)
    done = reconcile(written(tmp_path / "PFALL25A.txt", "".join(lines[:200])), facts)
    assert done.records == 200 and done.notes == ("no trailer lines: the file may be cut off",)


def test_a_wrong_cent_of_each_kind_is_found(facts: Facts, january: str, tmp_path: Path) -> None:
    lines = january.splitlines(keepends=True)
    therapy = next(at for at, line in enumerate(lines) if '"97110"' in line)
    cap = next(at for at, line in enumerate(lines) if line[102] == "1")

    def one_more(at: int, first: int) -> int:
        """Raise the amount of a line that begins at this position by a cent; gives what it was, in cents."""
        cents = int(lines[at][first - 1 : first + 9].replace(".", ""))
        lines[at] = lines[at][: first - 1] + f"{(cents + 1) / 100:010.2f}" + lines[at][first + 9 :]
        return cents

    halved, capped, fee = one_more(therapy, 90), one_more(cap, 107), one_more(0, 48)
    done = reconcile(written(tmp_path / "PFALL25A.txt", "".join(lines)), facts)
    found = {one.amount: (one.published_cents, one.computed_cents) for one in done.differences}
    assert found == {
        "therapy-institution": (halved + 1, halved),
        "cap-nonfacility": (capped + 1, capped),
        "facility": (fee + 1, fee),
    }
    assert (done.matched, done.caps_matched, done.therapy_matched) == (
        done.compared - 1,
        done.caps_compared - 1,
        done.therapy_compared - 1,
    )


def test_a_fee_that_is_no_therapy_in_the_therapy_columns_is_not_compared(
    facts: Facts, january: str, tmp_path: Path
) -> None:
    """PF25PD.pdf: since 2021 these columns may hold the flat visit fee of a primary care model."""
    line = next(line for line in january.splitlines(keepends=True) if '"99213"' in line)
    other = line[:76] + "0000040.82" + line[86:]
    done = reconcile(written(tmp_path / "PFALL25A.txt", january.replace(line, other)), facts)
    assert done.therapy_compared == 3 * 2 * THERAPY and done.matched == done.compared
    assert done.notes == ("1 records hold another fee in the therapy columns, and it is not compared",)


def test_a_file_of_one_carrier_and_a_zip_with_several(facts: Facts, january: str, tmp_path: Path) -> None:
    lines = january.splitlines(keepends=True)
    ohio = "".join([line for line in lines if line.startswith('"2025","15202"')] + lines[-4:])
    agrees(reconcile(written(tmp_path / "PFOH25A.txt", ohio), facts), 1)
    with zipfile.ZipFile(tmp_path / "PFALL25A.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("PF25PA.pdf", b"%PDF-1.4 the record layout")
        archive.writestr("readme.txt", "One file for the country, one for Ohio.\r\n")
        archive.writestr("ALL.TXT", january)
        archive.writestr("OHIO.TXT", ohio)
    country, one = reconcile_all(tmp_path / "PFALL25A.zip", facts)
    agrees(country, 3)
    agrees(one, 1)
    assert (country.file, one.file, country.release, one.release) == ("ALL.TXT", "OHIO.TXT", "2025A", "2025A")


def test_a_file_that_no_name_tells_is_given_the_release_that_fits(facts: Facts, january: str, tmp_path: Path) -> None:
    done = reconcile(written(tmp_path / "payments.txt", january), facts)
    agrees(done, 3)
    assert done.release == "2025A"
    assert done.why == "no name tells it: of 3 releases of 2025 the one that most amounts agree with"
    other = reconcile(tmp_path / "payments.txt", facts, "2025D")
    assert other.release == "2025D" and 0 < other.different < other.compared


@pytest.mark.parametrize(("factor", "release"), [("32.7442", "2024A"), ("33.2875", "2024AR")])
@pytest.mark.parametrize("name", ["PFALL24A.txt", "payments.txt"])
def test_the_two_factors_of_2024_are_told_apart(
    cms: Path, maker: ModuleType, facts: Facts, tmp_path: Path, factor: str, release: str, name: str
) -> None:
    """The rows of RVU24A and RVU24AR are the same but for the conversion factor; both names are PFALL24A."""
    plain = tmp_path / "values.csv"
    packed = gzip.decompress((cms / "pprrvu" / PPRRVU["2024A"]).read_bytes()).decode()
    rows = [["HCPCS", *line[1:]] if at == 0 else line for at, line in enumerate(csv.reader(io.StringIO(packed)))]
    with plain.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    out = io.StringIO()
    ohio = [one for one in maker.places(cms / "gpci/2025/GPCI2025.csv") if one[0] == "15202"]
    gpcis = facts.locality("15202-00", "2024A")
    place = ("15202", "00", *(maker.Decimal(g) / 1000 for g in (gpcis.work_gpci, gpcis.pe_gpci, gpcis.mp_gpci)))
    assert len(ohio) == 1
    count = maker.write(out, maker.relative_values(plain), [place], factor)
    path = written(tmp_path / name, out.getvalue().replace('"2025"', '"2024"'))
    done = reconcile(path, facts)
    assert (done.release, done.conversion_factor, done.matched) == (release, factor, done.compared)
    assert done.records == count > 9_000 and not done.different


def test_the_schedule_has_cms_s_amounts(cms: Path, facts: Facts, tmp_path: Path) -> None:
    """PFREV25C, the extract of PFAL25A and OPPSCAP of October 2025 against the file itself, without `reconcile`."""
    fees = 0
    for release, name, codes, places in (
        ("2025C", "PFREV25C.txt", ["76145"], []),
        ("2025A", "PFAL25A_extract.csv", [], ["Alabama"]),
    ):
        schedule(release, tmp_path / f"{release}.parquet", codes=codes, places=places, facts=facts)
        ours = _by_key(tmp_path / f"{release}.parquet", "nonfacility_cents, facility_cents")
        with (cms / "payment/2025" / name).open(newline="") as file:
            for line in csv.reader(file):
                if not line[0].startswith("2025"):
                    continue
                mac, number, code, modifier = (cell.strip() for cell in line[1:5])
                assert ours[mac, number, code, modifier] == (_cents(line[5]), _cents(line[6])), line
                fees += 2
    assert fees == 218 + 320
    schedule("2025D", tmp_path / "october.parquet", facts=facts)
    ours = _by_key(tmp_path / "october.parquet", "cap_facility_cents, cap_nonfacility_cents")
    seen = 0
    with (cms / "oppscap/2025/OPPSCAP_Oct.csv").open(newline="") as file:
        for line in csv.reader(file):
            if len(line[0]) == 5 and line[0] != "HCPCS" and (key := (line[3], line[4], line[0], line[1])) in ours:
                assert ours[key] == (_cents(line[5]), _cents(line[6])), line
                seen += 1
    assert seen == 16_100 - 840  # those under the other Californian carrier number are in no GPCI file


def _cents(text: str) -> int:
    whole, _, part = text.strip().partition(".")
    return int(whole) * 100 + int(part.ljust(2, "0"))


def _by_key(path: Path, columns: str) -> dict[tuple[str, ...], tuple[int, ...]]:
    first = columns.partition(",")[0]
    sql = f"SELECT mac, locality, code, modifier, {columns} FROM read_parquet('{path}') WHERE {first} IS NOT NULL"
    rows = duckdb.connect().execute(sql).fetchall()
    return {row[:4]: row[4:] for row in rows}


def test_the_schedule_is_what_price_gives_for_any_code(facts: Facts, tmp_path: Path) -> None:
    done = schedule("2025D", tmp_path / "all.parquet", facts=facts)
    assert (done.rows, done.places, done.codes, done.whole) == (19_090 * 109, 109, 16_852, True)
    dice = random.Random(25)
    places = dice.sample(sorted(facts.localities("2025D")), 6)
    sql = f"SELECT * FROM read_parquet('{tmp_path / 'all.parquet'}') WHERE mac || '-' || locality IN {tuple(places)}"
    rows = duckdb.connect().execute(sql).fetchall()
    by_status: dict[str, list[tuple[object, ...]]] = {}
    for row in rows:
        by_status.setdefault(row[4], []).append(row)
    picked = [row for some in by_status.values() for row in dice.sample(some, 40)]
    assert len(picked) >= 400 and {"priced", "contractor-priced", "no-rvus", "bundled"} <= set(by_status)
    for mac, number, code, modifier, status, _, *cents in picked:
        for setting, ours in zip(("nonfacility", "facility"), cents, strict=False):
            where = {"on": "2025-10-15", "place": f"{mac}-{number}", "setting": setting}
            found = price(code, modifier, **where, facts=facts)  # type: ignore[arg-type]
            assert (status, ours) == (found.status, found.amount_cents), (code, modifier, where)
