"""A whole release as CMS zips it, with every kind of table: read in one load, refused as one, never half in."""

from __future__ import annotations

import json
import signal
import sys
import zipfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.unit.loading import FULL, KILLED, child, contents

from openrvu import holdings, params
from openrvu.cli import main
from openrvu.errors import BadFile, NotHeld, OpenRVUError, Unavailable, UnknownCode, UnknownPlace
from openrvu.params import Parameter
from openrvu.places import find_place, find_zip, localities_of
from openrvu.pricing import price
from openrvu.tables import store
from openrvu.tables.load import load
from openrvu.verifying import verify

ROOT = Path(__file__).parents[2]

HEAD = (
    "hcpcs,mod,description,status_code,not_used_for_medicare_payment,work_rvu,non_fac_pe_rvu,non_fac_indicator,"
    "facility_pe_rvu,facility_indicator,mp_rvu,non_facility_total,facility_total,pctc_ind,glob_days,pre_op,intra_op,"
    "post_op,mult_proc,bilat_surg,asst_surg,co_surg,team_surg,endo_base,conv_factor,"
    "physician_supervision_of_diagnostic_procedures,calculation_flag,diagnostic_imaging_family_indicator,"
    "non_facility_pe_used_for_opps_payment_amount,facility_pe_used_for_opps_payment_amount,mp_used_for_opps_payment_amount"
)
REST = ",1.00,NA,1.00,,0.50,,,0,090,0.11,0.76,0.13,2,2,2,1,0,,33.4009,09,0,99,0.00,0.00,0.00"
ZIP_TAIL = f"A{'':52}20262"

# Ohio is the one locality with figures of its own here. Its factors: 20.49754 and 20.599835 times
# .787 x 1.000 + .147 x 0.913 + .066 x 1.008 = 0.987739, which is 20.2462... and 20.3472...
MEMBERS: Mapping[str, str] = {
    "PPRRVU2026_Apr_nonQPP.csv": f"{HEAD}\r\n63047,,INVENTED WORDS,A,,15.00{REST}\r\nA0021,,,A,,15.00{REST}\r\n",
    "GPCI2026.csv": (
        "ADDENDUM E. FINAL CY 2026,,,,,,\n"
        "MAC,State,Locality Number,Locality Name,2026 PW GPCI (with 1.0 Floor),2026 PE GPCI,2026 MP GPCI\n"
        "15202,OH,00,OHIO,1.000,0.913,1.008\n01182,CA,18,LOS ANGELES,1.041,1.183,0.664\n"
    ),
    "26LOCCO.csv": (
        "COUNTIES INCLUDED IN 2026 LOCALITIES,,,,\nMedicare Adminstrative Contractor,Locality Number,State ,"
        "Fee Schedule Area ,Counties\n15202,00,OHIO,STATEWIDE,ALL COUNTIES OF OHIO\n"
        "1182,18,CALIFORNIA,LOS ANGELES,LOS ANGELES /ORAGNGE CNTY\n"
    ),
    "ANES2026.csv": (
        "Contractor,Locality,Locality Name,Qualifying APM National Anes CF of 20.599835,"
        "Non-Qualifying APM National Anes CF of 20.49754\n15202 ,00 ,OHIO,20.35,20.25\n"
    ),
    "OPPSCAP_Apr.csv": (
        "HCPCS,MOD,PROCSTAT,CARRIER,LOCALITY,FACILITY PRICE,NON-FACILTY PRICE\n70170,TC,C,15202,0,150.69,150.69\n"
        "70170,TC,C,1112,18,150.69,150.69\n,,,,,,\n"
    ),
    "PFREV26B.txt": (
        '"2026","15202","00","76145","  ","0001339.81","0001339.81"," ","3","A","0","0.00","0.00","9","0.00","0.00"\n'
        "TRL0000001\n"
    ),
    "base.txt": "CODE\t2022\r\n\tBASE\r\n\tUNIT\r\n00100\t5\r\n01999\t0\r\n",
    "ZIP5_APR2026.txt": (
        f"OH432151520200 Z9   0 {ZIP_TAIL}\r\nCA902100118218 Z9   1 {ZIP_TAIL}\r\n"
        f"CA902110111218 Z9   0 {ZIP_TAIL}\r\nKY422230000000 Z9   0 {ZIP_TAIL}\r\n"
    ).replace("KY422230000000", "OH422231520200"),
    "README.txt": "This zip holds tables.\r\n",
    "RVU26B.pdf": "%PDF-1.7",
}
KINDS = ["anesthesia", "base-units", "gpci", "locco", "oppscap", "payment", "rvu", "zip5"]


def packed(path: Path, changed: Mapping[str, str | bytes] | None = None) -> Path:
    """The zip of the release, with some members changed or added."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in {**MEMBERS, **(changed or {})}.items():
            archive.writestr(name, body)
    return path


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "store"
    monkeypatch.setenv("OPENRVU_HOME", str(folder))
    return folder


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    return packed(tmp_path / "rvu26b.zip")


def test_every_table_of_the_zip_is_loaded_in_one_go(home: Path, whole: Path) -> None:
    said: list[str] = []
    loaded = load(whole, said.append)
    assert [entry.kind for entry in store.entries(home)] == KINDS
    assert {one.release for one in loaded} == {"2026B", "2022A"} and len(said) == len(KINDS) + 1
    assert said[-1] == "writing to the store" and "ANES2026.csv: reading anesthesia conversion factors" in said
    by_kind = {entry.kind: entry for entry in store.entries(home)}
    assert by_kind["oppscap"].notes == ("rows under an alias of their locality: 1",)
    assert by_kind["locco"].notes == (
        "leading zeros of mac or number restored (1 times)",
        "misspelled county mended (1 times)",
        "107 of 109 localities of the year are not in the file, first 01112-05",
    )
    assert by_kind["payment"].part == "PFREV26B.txt rvu26b.zip"
    assert all("localities" in by_kind[kind].checks for kind in KINDS if kind not in ("rvu", "base-units"))


def test_the_tables_are_served_as_facts(home: Path, whole: Path) -> None:
    load(whole)
    facts = holdings.current()
    ohio = facts.localities("2026B")["15202-00"]
    assert (ohio.pe_gpci, ohio.counties) == (913, "ALL COUNTIES OF OHIO")
    assert find_place("Orange, CA", "2026B", facts).id == "01182-18"
    # Counties are of the year; GPCIs of the release alone.
    assert facts.localities("2026C")["15202-00"].counties == "ALL COUNTIES OF OHIO"
    assert facts.localities("2025D")["15202-00"].counties == "ALL COUNTIES"
    factor = facts.anesthesia_factor("15202-00", "2026B")
    assert (factor.track, factor.value, factor.national, factor.release) == ("nonQP", 202_500, "20.49754", "2026B")
    assert facts.anesthesia_factor("15202-00", "2026C", qualifying_apm=True).value == 203_500
    assert (facts.base_units("00100", "2026B").units, facts.base_units("00100", "2025D").year) == (5, 2022)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (lambda facts: facts.anesthesia_factor("15202-00", "2025D"), "no anesthesia .* release 2025D.*Held: 2026B"),
        (lambda facts: facts.anesthesia_factor("10112-00", "2026B"), "no anesthesia conversion factor of '10112-00'"),
        (lambda facts: facts.base_units("00999", "2026B"), "not among the 2 anesthesia codes of 2022"),
        (lambda facts: facts.base_units("00100", "2021A"), "no anesthesia base units are held for 2021"),
    ],
)
def test_what_is_not_held_is_said(home: Path, whole: Path, asked: object, words: str) -> None:
    load(whole)
    with pytest.raises((NotHeld, UnknownPlace, UnknownCode), match=words):
        asked(holdings.current())  # type: ignore[operator]


def test_a_zip_code_names_its_locality_and_the_quarter(home: Path, whole: Path) -> None:
    load(whole)
    facts = holdings.current()
    assert find_place("43215", "2026B", facts).id == find_place(" 43215-1234", "2026B", facts).id == "15202-00"
    assert find_place("90211", "2026B", facts).id == "01182-18"  # under a carrier that no GPCI table has
    note = find_zip("43215", "2026B", facts, date(2026, 5, 1)).note
    assert note == "ZIP code 43215 is in 15202-00 by CMS's ZIP table of April to June 2026."
    assert "2026-07-01 is outside that quarter" in find_zip("43215", "2026C", facts).note
    priced = price("63047", on="2026-05-01", place="43215", facts=facts)
    assert priced.locality.id == "15202-00" and priced.notes[-1] == note
    assert any("ZIP5_APR2026.txt" in one for one in priced.sources)
    assert [place.id for place in localities_of("43215", "2026B", facts)] == ["15202-00"]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("90210", r"last four digits decide.*lists it under 01182-18 Los Angeles; .*Name the locality"),
        ("00000", "no ZIP code 00000"),
    ],
)
def test_a_zip_code_is_never_guessed(home: Path, whole: Path, code: str, words: str) -> None:
    load(whole)
    with pytest.raises(UnknownPlace, match=words):
        find_place(code, "2026B", holdings.current())


def test_a_zip_code_in_two_localities_lists_both(home: Path, tmp_path: Path) -> None:
    two = MEMBERS["ZIP5_APR2026.txt"] + f"CA432150118218 Z9   0 {ZIP_TAIL}\r\n"
    load(packed(tmp_path / "rvu26b.zip", {"ZIP5_APR2026.txt": two}))
    with pytest.raises(UnknownPlace, match=r"more than one locality \(.*01182-18 Los Angeles; 15202-00 Ohio"):
        find_place("43215", "2026B", holdings.current())


def shares() -> tuple[Parameter, ...]:
    """The shares that payment-rules has for 2026; the rules of anesthesia bring the same parameters."""
    parts = (("work", 7_870), ("pe", 1_470), ("mp", 660))
    days = (date(2026, 1, 1), date(2026, 12, 31))
    return tuple(Parameter(f"anesthesia_{part}", value, "percent", *days, "x", True) for part, value in parts)


def test_loaded_tables_are_verified(home: Path, whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(params, "rows", shares)
    load(whole)
    found = {check.name: check for check in verify(holdings.current(), "2026B")}
    assert {name: check.failed for name, check in found.items() if check.failed} == {}
    assert (found["anesthesia-factors"].compared, found["zip5-localities"].compared) == (2, 3)
    assert found["oppscap-localities"].words == "each locality of oppscap has GPCIs (1 by a cited alias)"
    assert found["payment-indicators"].compared == 3


def test_a_wrong_factor_and_a_wrong_indicator_are_found(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(params, "rows", shares)
    wrong = {
        "ANES2026.csv": MEMBERS["ANES2026.csv"].replace("20.25", "20.26"),
        "PFREV26B.txt": MEMBERS["PFREV26B.txt"].replace('"3","A","0"', '"3","A","8"'),
    }
    load(packed(tmp_path / "rvu26b.zip", wrong))
    failed = {check.name: check.examples for check in verify(holdings.current(), "2026B") if check.failed}
    assert failed["anesthesia-factors"] == ("15202-00 nonQP",)
    assert failed["payment-indicators"] == ("76145 multiple 8",)


def test_the_first_form_is_read_and_the_others_are_named(home: Path, tmp_path: Path) -> None:
    load(packed(tmp_path / "rvu26b.zip", {"GPCI2026.txt": "broken", "GPCI2026.xlsx": b"PK broken"}))
    (entry,) = (entry for entry in store.entries(home) if entry.kind == "gpci")
    assert entry.notes[1:] == ("passed over, the same table in another form: GPCI2026.txt, GPCI2026.xlsx",)


def test_two_files_of_one_release_must_agree(home: Path, tmp_path: Path) -> None:
    values = MEMBERS["PPRRVU2026_Apr_nonQPP.csv"]
    load(packed(tmp_path / "rvu26b.zip", {"PPRRVU2026_Apr_QPP.csv": values.replace("33.4009", "33.5675")}))
    (entry,) = (entry for entry in store.entries(home) if entry.kind == "rvu")
    assert entry.notes == ("PPRRVU2026_Apr_QPP.csv has the same rows",)
    before = contents(home)
    with pytest.raises(BadFile, match="are of release 2026B and differ"):
        load(packed(tmp_path / "rvu26b.zip", {"PPRRVU2026_Apr_QPP.csv": values.replace("15.00,1.00", "14.00,1.00")}))
    assert contents(home) == before


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("26LOCCO.csv", "15202,00", "99999,00", "nobody knows the locality 99999-00 .. line 3, column number"),
        (
            "26LOCCO.csv",
            "2026 LOCALITIES",
            "2025 LOCALITIES",
            "the title of the county file names the year 2025 and not 2026",
        ),
        ("ANES2026.csv", "15202 ,00", "15202 ,77", "nobody knows the locality 15202-77 .. line 2, column number"),
        ("ANES2026.csv", ",20.25", ",", "line 2, column conversion factor (nonQP)"),
        ("ANES2026.csv", "Qualifying APM National Anes CF of 20.599835,Non-", "", "has the conversion factors|columns"),
        ("OPPSCAP_Apr.csv", "15202,0,", "15202,7,", "nobody knows the locality 15202-07 .. line 2, column locality"),
        ("OPPSCAP_Apr.csv", "150.69,150.69\n70170", "15O.69,150.69\n70170", "line 2, column opps_facility_cents"),
        ("OPPSCAP_Apr.csv", "C,1112,18", "C,15202,0", "stands twice, first in line 2 .. line 3"),
        ("OPPSCAP_Apr.csv", "\n70170,TC,C,1112", "\n\x1a\n70170,TC,C,1112", "end-of-file mark of line 3 .. line 4"),
        ("PFREV26B.txt", '"15202"', '"99999"', "nobody knows the locality 99999-00 .. line 1, column locality"),
        ("PFREV26B.txt", '"2026"', '"2025"', "records are of 2025 and not of 2026B .. column year"),
        ("PFREV26B.txt", "TRL0000001\n", "\x1a\n" + MEMBERS["PFREV26B.txt"], "end-of-file mark of line 2 .. line 3"),
        ("ZIP5_APR2026.txt", "OH432151520200", "OH432159999900", "nobody knows the locality 99999-00 .. line 1"),
        ("ZIP5_APR2026.txt", "OH43215", "OX43215", "'OX' is no state or territory .. line 1, column state"),
        ("base.txt", "00100\t5", "00100\tX", "line 4, column BASE UNIT"),
        ("GPCI2026.csv", "0.913", "0.9l3", "line 3, column pe_gpci"),
        ("PPRRVU2026_Apr_nonQPP.csv", "work_rvu,non_fac_pe_rvu", "non_fac_pe_rvu,work_rvu", ""),
        ("GPCI2026.csv", "ADDENDUM", "\x00ADDENDUM", "NUL byte .. line 1"),
    ],
)
def test_a_fault_in_any_member_stops_the_whole_load(
    home: Path, whole: Path, tmp_path: Path, name: str, old: str, new: str, words: str
) -> None:
    load(whole)
    before = contents(home)
    assert old in MEMBERS[name]
    bad = packed(tmp_path / "RVU26B_bad.zip", {name: MEMBERS[name].replace(old, new, 1)})
    if not words:
        load(bad)  # columns are found by their headings: in another order they are the same table
        assert holdings.current().work_rvu("63047", "2026B") == 10_000
        return
    with pytest.raises(BadFile) as fault:
        load(bad)
    said = str(fault.value)
    assert name in said and fault.value.fix
    assert any(all(part in said for part in one.split(" .. ")) for one in words.split("|")), said
    assert contents(home) == before


def test_utf_16_is_refused(home: Path, tmp_path: Path) -> None:
    body = MEMBERS["ANES2026.csv"].encode("utf-16")
    with pytest.raises(BadFile, match=r"UTF-16 text \(ANES2026.csv, line 1\)"):
        load(packed(tmp_path / "rvu26b.zip", {"ANES2026.csv": body}))
    assert not home.exists()


def test_descriptors_are_kept_only_where_asked_and_go_again(home: Path, whole: Path) -> None:
    load(whole)
    assert holdings.licensed() == {}
    load(whole, keep_descriptors=True)
    assert holdings.licensed() == holdings.licensed("63047") == {"63047": "INVENTED WORDS"}
    facts = holdings.current()
    assert not any(kind == "descriptors" for kind, _ in facts.others)
    run = CliRunner()
    shown = run.invoke(main, ["code", "63047", "--on", "2026-05-01"]).output
    assert "In your own licensed text (the AMA's, kept on this machine alone): INVENTED WORDS" in shown
    assert "INVENTED" not in run.invoke(main, ["code", "63047", "--on", "2026-05-01", "--json"]).output
    hits = json.loads(run.invoke(main, ["search", "invented", "--json"]).stdout)["hits"]
    assert [(hit["code"], hit["by"], hit["words"] != "INVENTED WORDS") for hit in hits] == [("63047", "licensed", True)]
    assert "found in your own licensed text" in run.invoke(main, ["search", "inventé".replace("é", "e")]).output
    load(whole)
    assert holdings.licensed() == {}
    assert not any(entry.kind == "descriptors" for entry in store.entries(home))


def test_a_file_without_descriptors_says_so(home: Path, tmp_path: Path) -> None:
    name = "PPRRVU2026_Apr_nonQPP.csv"
    bare = packed(tmp_path / "rvu26b.zip", {name: MEMBERS[name].replace("INVENTED WORDS", "")})
    first = load(bare, keep_descriptors=True)[0]
    assert first.notes == ("no descriptor is in the file, and none was kept",)


def test_the_command_lists_what_is_held(home: Path, whole: Path) -> None:
    run = CliRunner()
    done = run.invoke(main, ["load", str(whole)])
    assert done.exit_code == 0 and "ANES2026.csv: reading" in done.stderr
    assert "anesthesia conversion factors (ANES), release 2026B: 2 rows from ANES2026.csv" in done.stdout
    tables = json.loads(run.invoke(main, ["data", "--json"]).stdout)["tables"]
    assert [table["kind"] for table in tables] == KINDS
    assert all(len(table["sha256"]) == 64 and table["loaded_at"] and table["checks"] for table in tables)
    shown = run.invoke(main, ["data"]).output
    assert f"{tables[0]['sha256'][:12]}" in shown and tables[0]["sha256"] not in shown
    places = run.invoke(main, ["places", "43215", "--on", "2026-05-01"])
    assert "15202-00" in places.output and "by CMS's ZIP table of April to June 2026" in places.output
    checks = json.loads(run.invoke(main, ["data", "verify", "--json", "--release", "RVU26B"]).stdout)["checks"]
    assert {"zip5-localities", "components-of-total"} <= {check["name"] for check in checks}


def state(home: Path) -> tuple[object, ...]:
    """What each table of the store says: all old, or all new."""
    facts = holdings.current(home)
    return (
        facts.work_rvu("63047", "2026B"),
        facts.localities("2026B")["15202-00"].pe_gpci,
        facts.anesthesia_factor("15202-00", "2026B").value,
        facts.base_units("00100", "2026B").units,
        len(facts.zip_areas("43215", date(2026, 5, 1))),
        sum(len(table.where()) for (kind, _), table in facts.others.items() if kind in ("payment", "oppscap")),
    )


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL here")
def test_killed_anywhere_in_a_load_of_all_kinds_the_store_is_old_or_new(home: Path, tmp_path: Path) -> None:
    path = packed(tmp_path / "rvu26b.zip")
    changed = {
        "PPRRVU2026_Apr_nonQPP.csv": MEMBERS["PPRRVU2026_Apr_nonQPP.csv"].replace("15.00", "14.00"),
        "GPCI2026.csv": MEMBERS["GPCI2026.csv"].replace("0.913", "0.914"),
        "ANES2026.csv": MEMBERS["ANES2026.csv"].replace("20.25", "20.26"),
        "base.txt": MEMBERS["base.txt"].replace("00100\t5", "00100\t6"),
        "ZIP5_APR2026.txt": MEMBERS["ZIP5_APR2026.txt"].replace("OH43215", "OH43216"),
        "OPPSCAP_Apr.csv": MEMBERS["OPPSCAP_Apr.csv"].replace("70170,TC,C,1112,18,150.69,150.69\n", ""),
    }
    load(path)
    old = state(home)
    packed(path, changed)
    probe, first = tmp_path / "probe", tmp_path / "first"
    first.mkdir()
    load(packed(first / path.name), home=probe)
    done = child(KILLED, probe, str(probe), str(path), "-1")
    steps, fault = done.communicate(timeout=60)
    assert done.returncode == 0, fault
    new, total = state(probe), int(steps)
    assert old != new and total > 3 * len(KINDS)
    # A spread over the writing of the tables, then every step about the manifest; each load first removes what the one
    # before it left, so the last steps come a little later than in the probe.
    points = [*range(1, total - 4, max(1, total // 5)), *range(total - 4, total + 24, 4), 10 * total]
    states = []
    for last in points:
        done = child(KILLED, home, str(home), str(path), str(last))
        _, fault = done.communicate(timeout=60)
        assert done.returncode in (0, -signal.SIGKILL), fault
        states.append(state(home))
    assert set(states) <= {old, new} and states[0] == old and states[-1] == new
    assert states == [old] * states.count(old) + [new] * states.count(new)
    load(path)
    assert {one.suffix for one in home.iterdir()} == {"", ".json", ".parquet"}


def test_two_loads_of_all_kinds_at_once_both_hold(home: Path, tmp_path: Path) -> None:
    script = "import sys; from openrvu.tables.load import load; load(sys.argv[1])"
    running = [child(script, home, str(packed(tmp_path / f"rvu26b_{at}.zip"))) for at in range(3)]
    faults = [one.communicate(timeout=60)[1] for one in running]
    assert [one.returncode for one in running] == [0, 0, 0], faults
    # The payment file of each zip stands for itself; every other table is there once.
    kinds = [entry.kind for entry in store.entries(home)]
    assert sorted(set(kinds)) == KINDS and kinds.count("payment") == 3 and len(kinds) == len(KINDS) + 2
    assert state(home)[0] == 150_000


@pytest.mark.skipif(sys.platform == "win32", reason="no modes of folders here")
def test_a_store_that_cannot_be_written_stays_as_it_was(
    home: Path, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(whole)
    before, held = contents(home), state(home)

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    for name in ("open", "replace", "unlink"):
        with monkeypatch.context() as patch:
            patch.setattr(Path, name, refused)
            with pytest.raises(OpenRVUError, match=r"Permission denied|cannot be read"):
                load(whole)
        assert (home / "manifest.json").read_bytes() == before["manifest.json"] and state(home) == held


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on file sizes here")
@pytest.mark.parametrize("size", [200, 700, 2500])
def test_a_disk_that_fills_up_leaves_the_store_as_it_was(home: Path, whole: Path, size: int) -> None:
    load(whole)
    before = contents(home)
    done = child(FULL, home, str(whole), str(size))
    said, fault = done.communicate(timeout=60)
    assert b"the store cannot be written" in said and b"It stays as it was" in said, fault
    assert contents(home) == before


def test_a_folder_that_is_a_file_is_an_answer(tmp_path: Path, whole: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="the store cannot be"):
        load(whole, home=tmp_path / "file")
