"""Loading into the local store: recognised by content, refused by name, and the store is old or new, never between."""

from __future__ import annotations

import gzip
import json
import signal
import sys
import zipfile
from pathlib import Path

import pytest
from tests.unit.loading import FULL, KILLED, child, contents

from openrvu import holdings, releases
from openrvu.errors import BadFile, BadInput, OpenRVUError, Unavailable
from openrvu.facts import embedded
from openrvu.tables import pprrvu, recognise, store, text
from openrvu.tables.load import load

ROOT = Path(__file__).parents[2]

HEAD = (
    "hcpcs,mod,description,status_code,not_used_for_medicare_payment,work_rvu,non_fac_pe_rvu,non_fac_indicator,"
    "facility_pe_rvu,facility_indicator,mp_rvu,non_facility_total,facility_total,pctc_ind,glob_days,pre_op,intra_op,"
    "post_op,mult_proc,bilat_surg,asst_surg,co_surg,team_surg,endo_base,conv_factor,"
    "physician_supervision_of_diagnostic_procedures,calculation_flag,diagnostic_imaging_family_indicator,"
    "non_facility_pe_used_for_opps_payment_amount,facility_pe_used_for_opps_payment_amount,mp_used_for_opps_payment_amount"
)


def table(work: str = "15.00", factor: str = "33.4009", codes: tuple[str, ...] = ("63047", "A0021")) -> str:
    """A relative value file of a few codes. Release 2026B is in no table of ours: nothing to compare it with."""
    rest = f",1.00,NA,1.00,,0.50,,,0,090,0.11,0.76,0.13,2,2,2,1,0,,{factor},09,0,99,0.00,0.00,0.00"
    return "\r\n".join([HEAD, *(f"{code},,SECRET WORDS,A,,{work}{rest}" for code in codes), ""])


TITLE = "2026 National Physician Fee Schedule Relative Value File"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "store"
    monkeypatch.setenv("OPENRVU_HOME", str(folder))
    return folder


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "RVU26B_small.csv"
    path.write_text(table())
    return path


def test_a_loaded_release_is_served(home: Path, file: Path) -> None:
    said: list[str] = []
    (loaded,) = load([file], said.append)
    assert (loaded.release, loaded.rows, loaded.file, loaded.replaced) == ("2026B", 2, "RVU26B_small.csv", False)
    assert said == ["RVU26B_small.csv: reading relative values", "writing to the store"]
    facts = holdings.current()
    release = facts.release("2026B")
    assert (str(release.starts), str(release.ends), release.gpci, release.coverage) == (
        "2026-04-01",
        "2026-06-30",
        "2026A",
        "extract",
    )
    row = facts.record("63047", "", "2026B")
    assert row is not None
    assert (row.work_rvu, row.na_nonfacility, row.total_facility_rvu, row.intraoperative) == (
        150_000,
        "NA",
        None,
        7_600,
    )
    assert facts.table("2026B").codes() == {"63047", "A0021"}
    assert (facts.table("2026B").origin, facts.table("2026B").whole) == ("loaded", False)
    assert facts.records("99213", "2026B") == () and facts.records("99213", "2026C") != ()
    assert len(facts.localities("2026B")) == 109


def test_the_source_of_a_loaded_row_names_the_file_and_its_hash(home: Path, file: Path) -> None:
    from hashlib import sha256

    from openrvu.sources import source

    load(file)
    row = holdings.current().record("63047", "", "2026B")
    assert row is not None
    assert source(row.source).sha256 == sha256(file.read_bytes()).hexdigest()
    assert "RVU26B_small.csv" in source(row.source).citation


def test_no_descriptor_reaches_the_store(home: Path, file: Path) -> None:
    load(file)
    (parquet,) = home.glob("*.parquet")
    names = [name for name, *_ in store.query("DESCRIBE SELECT * FROM read_parquet(?)", [str(parquet)])]
    assert "description" not in names and "hcpcs" in names
    assert not any(b"SECRET" in body for body in contents(home).values())


def test_an_empty_store_gives_the_embedded_facts(home: Path) -> None:
    assert holdings.current() is embedded()
    assert not home.exists()


def test_a_second_load_stands_in_place_of_the_first(home: Path, file: Path) -> None:
    load(file)
    file.write_text(table(work="14.00"))
    (loaded,) = load(file)
    row = holdings.current().record("63047", "", "2026B")
    assert loaded.replaced and row is not None and row.work_rvu == 140_000
    assert len(store.entries(home)) == 1
    load(file)
    assert len(list(home.glob("*.parquet"))) == 2  # the one in use, and the one it replaced until the next load


@pytest.mark.parametrize("name", ["RVU26B_small.csv.gz", "rvu26b.zip"])
def test_packed_files_are_read(home: Path, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name.endswith("zip"):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("PPRRVU_nonQPP.csv", table())
            archive.writestr("folder/PPRRVU_QPP.csv", table(factor="33.5675"))
            archive.writestr("RVU26B.pdf", b"%PDF")
            archive.writestr("notes.csv", "a,b\n")
    else:
        path.write_bytes(gzip.compress(table().encode()))
    (loaded,) = load(path)
    assert (loaded.release, loaded.rows) == ("2026B", 2)


GPCI = (
    "ADDENDUM E. FINAL CY 2026 GEOGRAPHIC PRACTICE COST INDICES,,,,,,\n"
    "MAC,State,Locality Number,Locality Name,2026 PW GPCI (with 1.0 Floor),2026 PE GPCI,2026 MP GPCI\n"
    "10112,AL,00,ALABAMA,1.000,0.900,0.566\n2102,AK,1,ALASKA*,1.5,1.065,0.551\n"
)


def test_gpcis_go_with_the_release_they_came_with(home: Path, file: Path, tmp_path: Path) -> None:
    gpcis = tmp_path / "GPCI.csv"
    gpcis.write_text(GPCI)
    assert [item.release for item in load([gpcis, file])] == ["2026B", "2026B"]
    facts = holdings.current()
    places = facts.localities("2026B")
    assert places["10112-00"].pe_gpci == 900 and places["02102-01"].name == "ALASKA" and len(places) == 2
    assert places["10112-00"].counties == "ALL COUNTIES"
    assert facts.localities("2026C")["10112-00"].pe_gpci == 875  # GPCI2026.csv


def test_gpcis_alone_need_to_be_told_their_release(home: Path, tmp_path: Path) -> None:
    gpcis = tmp_path / "GPCI2026.csv"
    gpcis.write_text(GPCI)
    with pytest.raises(BadFile, match=r"nothing tells which release.*2026.*--release"):
        load(gpcis)
    with pytest.raises(BadFile, match="title of the GPCI file names the year 2026 and not 2025"):
        load(gpcis, release="2025D")
    load(gpcis, release="26C")
    assert holdings.current().localities("2026C")["10112-00"].pe_gpci == 900


def hostile(tmp_path: Path, name: str) -> Path:
    """A file or zip that must be refused."""
    path = tmp_path / name
    if name == "climbs.zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("../../RVU26B.csv", table())
    elif name == "cut.zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("RVU26B.csv", table())
        path.write_bytes(path.read_bytes()[:-30])
    elif name == "rot.zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("RVU26B.csv", table())
        path.write_bytes(path.read_bytes().replace(b"15.00", b"16.00", 1))
    elif name == "bomb.zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("RVU26B.csv", b"0" * (2**20 + 1))
    elif name == "book.xlsx":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("[Content_Types].xml", "<Types/>")
    elif name == "nothing.zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("RVU26B.pdf", b"")
    else:
        bodies = {
            "RVU26B_text.csv": table(work="fifteen"),
            "RVU26B_twice.csv": table(codes=("63047", "63047")),
            "RVU26B_wrong_factor.csv": table(factor="32.3465"),
            "unnamed.csv": table(),
            "RVU26E.csv": table(),
            "RVU26BR.csv": table(),
            "RVU25D_PPRRVU25_APR.csv": table(factor="32.3465"),
            "RVU25D.csv": table(factor="32.3465"),
            "PPRRVU2026_Apr.csv": f",,{TITLE} April Release,,\n{table()}",
            "RVU26B_title.csv": f",,{TITLE} July Release,,\n{table()}",
            "words.csv": "a,b\n1,2\n",
            "rvu.pdf": "%PDF-1.7\n",
            "pay.csv": '"2025","01112","05","76145",,"1.81","1.81",,"3","A","0","0.00","0.00","9","0.00","0.00"\n',
            "RVU26B_gpci.csv": GPCI + "99999,ZZ,99,ATLANTIS,1.000,1.000,1.000\n",
        }
        path.write_text(bodies[name])
    return path


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("climbs.zip", "points outside the zip"),
        ("cut.zip", "damaged or cut off"),
        ("rot.zip", "damaged or cut off"),
        ("bomb.zip", "more than 1 MiB"),
        ("nothing.zip", r"no file that ends with \.csv"),
        ("RVU26B_text.csv", r"line 2, column work_rvu"),
        ("RVU26B_twice.csv", "63047 stands twice"),
        ("RVU26B_wrong_factor.csv", r"conversion factor 32\.3465.*2026B: 33\.4009 or 33\.5675"),
        ("unnamed.csv", r"neither title nor name.*33\.4009.*--release"),
        ("RVU26E.csv", "neither title nor name"),
        ("RVU26BR.csv", "no dates are known for a release '2026BR'"),
        ("RVU25D.csv", r"lacks \d+ codes that release 2025D has"),
        ("PPRRVU2026_Apr.csv", "ends after 2 rows.*cut off"),
        ("RVU26B_title.csv", "contradicts itself.*title says 2026C.*says 2026B"),
        ("words.csv", "none that is read here"),
        ("rvu.pdf", "is a PDF"),
        ("book.xlsx", "the workbook is damaged"),
        ("pay.csv", "records are of 2025 and not of 2026B.*--release"),
        ("RVU26B_gpci.csv", "nobody knows the locality 99999-99.*line 5, column number"),
    ],
)
def test_what_is_refused_leaves_the_store_as_it_was(
    home: Path, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, words: str
) -> None:
    load(file)
    before = contents(home)
    monkeypatch.setattr(text, "LARGEST", 2**20)
    with pytest.raises(BadFile, match=words) as fault:
        load([file, hostile(tmp_path, name)])
    assert name in str(fault.value) and fault.value.fix
    assert contents(home) == before


def test_no_file_and_an_absent_file(home: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no file was named"):
        load([])
    with pytest.raises(BadFile, match="cannot be read"):
        load(tmp_path / "none.csv")
    assert not home.exists()


@pytest.mark.parametrize(
    "body", ["{", "[]", '{"format": 1, "tables": [{"kind": "rvu"}]}', '{"format": 99, "tables": []}']
)
def test_a_damaged_or_newer_manifest_is_an_answer(home: Path, body: str) -> None:
    home.mkdir()
    (home / "manifest.json").write_text(body)
    with pytest.raises(BadFile, match=r"manifest\.json.*Remove the folder and load"):
        holdings.current()


def test_a_table_that_is_gone_is_an_answer(home: Path, file: Path) -> None:
    load(file)
    for path in home.glob("*.parquet"):
        path.unlink()
    with pytest.raises(Unavailable, match="Load CMS's file again"):
        holdings.current().records("63047", "2026B")


@pytest.mark.parametrize(
    ("name", "factor", "asked", "release"),
    [
        ("PPRRVU24_JAN.csv", "32.7442", "", "2024A"),
        ("PPRRVU24_JAN.csv", "33.2875", "", "2024AR"),
        ("RVU24AR_PPRRVU24_JAN.csv", "33.2875", "", "2024AR"),
        ("x.csv", "33.2875", "RVU24B", "2024B"),
        ("RVU24D.csv", "33.2875", "", "2024D"),
        ("rvu27a.csv", "40.0000", "", "2027A"),
    ],
)
def test_the_release_is_told_by_name_request_and_conversion_factor(
    name: str, factor: str, asked: str, release: str
) -> None:
    read = pprrvu.read(text.decode(table(factor=factor).encode(), name))
    assert recognise.release_of(read, [name], asked).id == release


def test_a_revised_release_does_not_pass_as_the_first() -> None:
    read = pprrvu.read(text.decode(table(factor="33.2875").encode(), "RVU24A.csv"))
    with pytest.raises(BadFile, match=r"--release 2024AR"):
        recognise.release_of(read, ["RVU24A.csv"], "2024A")


def test_a_quarter_ends_with_its_last_day() -> None:
    ends = [str(releases.published(f"2027{letter}").ends) for letter in "ABCD"]
    assert ends == ["2027-03-31", "2027-06-30", "2027-09-30", "2027-12-31"]


@pytest.mark.parametrize(
    ("variables", "platform", "expected"),
    [
        ({"OPENRVU_HOME": "/data/o"}, "linux", "/data/o"),
        ({"XDG_DATA_HOME": "/data"}, "linux", "/data/openrvu"),
        ({"HOME": "/home/u"}, "linux", "/home/u/.local/share/openrvu"),
        ({"HOME": "/home/u"}, "darwin", "/home/u/Library/Application Support/OpenRVU"),
        ({"LOCALAPPDATA": "/l"}, "win32", "/l/OpenRVU"),
    ],
)
def test_the_store_lies_where_the_platform_keeps_data(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], platform: str, expected: str
) -> None:
    for name in ("OPENRVU_HOME", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    assert store.home() == Path(expected)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL here")
def test_killed_at_any_file_operation_the_store_is_old_or_new(home: Path, file: Path) -> None:
    load(file)
    file.write_text(table(work="14.00"))
    works = []
    for last in range(1, 100):
        done = child(KILLED, home, str(home), str(file), str(last))
        _, fault = done.communicate(timeout=60)
        row = holdings.current().record("63047", "", "2026B")
        assert row is not None and row.work_rvu in (150_000, 140_000), last
        works.append(row.work_rvu)
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL, fault
    assert len(works) > 8  # lock, manifest, plain and packed table, renamings, removals, new manifest
    assert works == sorted(works, reverse=True) and works[0] == 150_000 and works[-1] == 140_000
    load(file)
    assert {path.suffix for path in home.iterdir()} == {"", ".json", ".parquet"}
    assert len(list(home.glob("*.parquet"))) <= 2


def test_two_loads_at_once_both_hold(home: Path, tmp_path: Path) -> None:
    script = "import sys; from openrvu.tables.load import load; load(sys.argv[1])"
    running = []
    for letter in "ABD":
        path = tmp_path / f"RVU27{letter}.csv"
        path.write_text(table(factor="34.0000"))
        running.append(child(script, home, str(path)))
    faults = [one.communicate(timeout=60)[1] for one in running]
    assert [one.returncode for one in running] == [0, 0, 0], faults
    assert [entry.release for entry in store.entries(home)] == ["2027A", "2027B", "2027D"]
    facts = holdings.current()
    assert all(facts.work_rvu("63047", key) == 150_000 for key in ("2027A", "2027B", "2027D"))
    with pytest.raises(OpenRVUError, match="no GPCIs are held for release 2027A"):
        facts.localities("2027A")


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on file sizes here")
@pytest.mark.parametrize("size", [0, 300, 1000])
def test_a_full_disk_leaves_the_store_as_it_was(home: Path, file: Path, size: int) -> None:
    load(file)
    before = contents(home)
    done = child(FULL, home, str(file), str(size))
    said, fault = done.communicate(timeout=60)
    assert b"the store cannot be written" in said and b"It stays as it was" in said, fault
    assert contents(home) == before


def test_the_manifest_says_where_each_table_came_from(home: Path, file: Path) -> None:
    load(file)
    (row,) = json.loads((home / "manifest.json").read_text())["tables"]
    assert row["source_name"] == "RVU26B_small.csv" and len(row["sha256"]) == 64 and row["rows"] == 2
    assert row["conversion_factor"] == "33.4009" and row["loaded_at"].endswith("+00:00")
