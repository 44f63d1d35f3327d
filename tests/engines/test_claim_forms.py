"""Claims as 837P and as FHIR: the same amounts as the same lines in a table, nothing private kept, faults told."""

from __future__ import annotations

import csv
import gzip
import json
import random
import re
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path
from typing import IO, Any, cast

import duckdb
import pytest
from tests.engines import forms
from tests.engines.forms import CLAIMS, Claim, Interchange, Line

from openrvu.bulk import claims, reading, x12
from openrvu.bulk.engines import ENGINES
from openrvu.bulk.price_file import Asked, Done, price_file
from openrvu.errors import BadFile, BadInput, NotHeld, OpenRVUError

ROOT = Path(__file__).parents[2]
FACTS = forms.facts()


def priced(path: Path, **asked: Any) -> tuple[Done, list[tuple[Any, ...]]]:
    """A run on whole numbers, and its rows but for who is in a session."""
    out = path.with_name(path.name + ".parquet")
    done = price_file(Asked(path, out, engine="ints", **asked), facts=FACTS)
    with duckdb.connect() as made:
        return done, made.execute(f"SELECT * EXCLUDE (session) FROM '{out}' ORDER BY line_id").fetchall()


def put(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="")
    return path


@pytest.fixture(scope="module", autouse=True)
def _one_key() -> Iterator[None]:
    """Sessions are the same in every test, whatever the folder of the user."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("openrvu.bulk.preparing.secret", lambda _: "key")
        yield


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> tuple[Done, list[tuple[Any, ...]]]:
    """The claims as a CSV, priced."""
    return priced(put(tmp_path_factory.mktemp("table") / "claims.csv", forms.csv_text(CLAIMS)))


def x12_forms() -> dict[str, str]:
    odd = Interchange(marks=("|", "^", "\n"), newline="")
    two = Interchange(newline="\r\n").text(CLAIMS[:2]) + Interchange(("\x1d", "\x1f", "\x1c"), "").text(CLAIMS[2:])
    return {
        "plain.txt": Interchange().text(CLAIMS),
        "one-line.837": Interchange(newline="").text(CLAIMS),
        "odd.dat": odd.text(CLAIMS),
        "two-interchanges.x12": two,
        "first-revision.edi": Interchange(guide="005010X222").text(CLAIMS),
    }


def test_837p_gives_what_the_same_lines_in_a_table_give(
    tmp_path: Path, table: tuple[Done, list[tuple[Any, ...]]]
) -> None:
    done, rows = priced(put(tmp_path / "c.txt", x12_forms()["plain.txt"]))
    # Sessions too: the checksum is of them as well.
    assert (rows, done.checksum, done.rejected) == (table[1], table[0].checksum, 0)
    assert done.by_status["priced"] == 8 and done.sessions_by == "patient"


@pytest.mark.parametrize("name", x12_forms())
def test_delimiters_line_ends_and_envelopes_change_nothing(tmp_path: Path, name: str) -> None:
    plain = rows_of(*untangled(tmp_path, x12_forms()["plain.txt"]))
    assert rows_of(*untangled(tmp_path, x12_forms()[name])) == plain and len(plain) == 11
    assert reading.find(put(tmp_path / name, x12_forms()[name]))[1] == "x12"


def fhir_forms() -> dict[str, str]:
    resources = [forms.resource(claim) for claim in CLAIMS]
    inside = [one | {"contained": forms.beside()} | {"facility": {"reference": "#432150000"}} for one in resources]
    latest = [_as_r5(one) for one in resources]
    return {
        "claims.ndjson": forms.ndjson([*resources, *forms.beside()]),
        "bundle.json": forms.bundle([*forms.beside(), *resources]),
        "inside.jsonl": forms.ndjson([*inside, *forms.beside()[2:]]),
        "latest.json": forms.bundle([*latest, *forms.beside()]),
    }


def _as_r5(claim: dict[str, Any]) -> dict[str, Any]:
    """R5 names the specialty of the team, where R4 has its qualification."""
    code = claim["careTeam"][0]["provider"]["reference"].partition("/")[2]
    specialty = {"coding": [{"system": "http://nucc.org/provider-taxonomy", "code": code}]}
    return claim | {"careTeam": [{"sequence": 1, "provider": {"reference": "Practitioner/1"}, "specialty": specialty}]}


def test_fhir_gives_what_the_same_lines_in_a_table_give(
    tmp_path: Path, table: tuple[Done, list[tuple[Any, ...]]]
) -> None:
    """As a bulk export has them, packed: places and people stand in files of their own."""
    folder = tmp_path / "export"
    folder.mkdir()
    for name, some in (("Claim", [forms.resource(one) for one in CLAIMS]), ("Others", forms.beside())):
        (folder / f"{name}.ndjson.gz").write_bytes(gzip.compress(forms.ndjson(some).encode()))
    done, rows = priced(folder)
    assert (rows, done.by_status, done.rejected) == (table[1], table[0].by_status, 0)
    assert done.cents_by_rule == table[0].cents_by_rule


@pytest.mark.parametrize("name", fhir_forms())
def test_bundles_lines_contained_resources_and_versions_change_nothing(tmp_path: Path, name: str) -> None:
    plain = rows_of(*untangled(tmp_path, fhir_forms()["claims.ndjson"], "c.ndjson"))
    assert rows_of(*untangled(tmp_path, fhir_forms()[name], name)) == plain and len(plain) == 11
    assert reading.find(put(tmp_path / name, fhir_forms()[name]))[1] == "fhir"


def table_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def sessions_of(path: Path) -> set[str]:
    head, *rows = table_of(path)
    return {row[head.index("session")] for row in rows}


def counted(text: str) -> str:
    """An 837P of one transaction whose SE counts what is there."""
    inside = text[text.index("ST*") : text.index("GE*")]
    return re.sub(r"SE\*\d+\*", f"SE*{inside.count('~')}*", text)


def rows_of(_: int, good: Path, broken: Path) -> list[list[str]]:
    """The rows of the reader but for where they stood; nothing was refused."""
    assert not broken.read_text(encoding="utf-8")
    head, *rows = table_of(good)
    assert head[2:] == list(claims.COLUMNS)
    return [row[2:] for row in rows]


def untangled(
    folder: Path, text: str | bytes, name: str = "c.x12", say: Callable[[str], None] = lambda _: None
) -> tuple[int, Path, Path]:
    """The reader alone: how many rows, the rows, and the refusals."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    given = reading.Given((path,), "fhir" if "json" in name else "x12", claims.COLUMNS)
    good, broken = folder / "tidy.csv", folder / "broken.csv"
    count = reading.untangled(given, claims.COLUMNS, good, broken, reading.ClaimsFrom(FACTS, "key", say))
    return count, good, broken


@pytest.mark.parametrize(("name", "body"), [*x12_forms().items(), *fhir_forms().items()])
def test_what_is_private_leaves_the_parser_in_no_form(tmp_path: Path, name: str, body: str) -> None:
    """Not even the private folder of a run gets it: names, birth date, member number, streets."""
    kept = "c.ndjson" if "json" in name else "c.x12"
    wrong = body.replace("63047", "6").replace("99999.00", "UNREAL")
    for text in (body, wrong):
        _, good, broken = untangled(tmp_path, text, "bundle.json" if name.endswith(".json") else kept)
        for path in (good, broken):
            held = path.read_text(encoding="utf-8")
            for private in (*forms.PERSON, "1931-02-03", "IMAGINARY", "FICTION", "MADEUP"):
                assert private not in held.replace("UNREAL,", ""), path.name


def test_dependents_under_one_member_number_are_two_patients(tmp_path: Path) -> None:
    text = Interchange().text([replace(CLAIMS[2], id="self"), replace(CLAIMS[2], id="child")])
    head, _, tail = text.rpartition("CLM*child")
    child = f"{head}HL*4*3*23*0~\nPAT*19~\nNM1*QC*1*INVENTED*YOUNG~\nDMG*D8*20100101*F~\nCLM*child{tail}"
    count, good, _ = untangled(tmp_path, counted(child))
    assert (count, len(sessions_of(good))) == (2, 2)


SOUND = Interchange().text(CLAIMS[:2])
# What is changed in the 837P above, and the line, field and reason that are told. Lines are segments.
PLACE = "place (N403 of 2420C, 2310C or 2010AA)"
NO_CODE = "SV101-1 says that it is neither CPT nor HCPCS"
SETTING, ON = "facility (SV105 or CLM05-1)", "on (DTP03 of DTP*472)"
UNITS, COLUMBUS = "units (SV104 with UN)", "N4*COLUMBUS*OH*432150000"
SPLIT = "the ZIP code of the place of service lies in more than one locality, or in none of the day"
# What is changed in the 837P above, and the segment, field and reason that are told.
REFUSED = [
    ("HC:63047", "HC:", 33, "hcpcs (SV101-2)", "missing"),
    ("HC:63047", "ER:63047", 33, "hcpcs (SV101-2)", NO_CODE),
    ("HC:63030:59", "HC:63030:5", 41, "m1 (SV101-3)", "not a modifier"),
    ("*UN*2*", "*UN*2.5*", 37, UNITS, "not a whole number"),
    ("*UN*2*", "*UN*-2*", 37, UNITS, "not between 1 and 999"),
    ("*UN*2*", "*F2*2*", 37, UNITS, "SV103 is neither UN nor MJ"),
    ("472*D8*20250701", "472*D8*20250231", 33, ON, "not a date"),
    ("472*D8*20250701", "472*D8*18900701", 33, ON, "before 1992, when the fee schedule began"),
    ("472*D8*20250701", "472*TM*1200", 33, ON, "DTP02 is neither D8 nor RD8"),
    ("DTP*472*D8", "DTP*150*D8", 33, ON, "missing"),
    ("63047*99999.00", "63047*-5", 33, "charge_cents (SV102)", "below zero"),
    ("63047*99999.00", "63047*" + "9" * 50, 33, "charge_cents (SV102)", "more digits than an amount can have"),
    ("***22:B:1*", "***88:B:1*", 33, SETTING, "no place of service whose setting is held"),
    ("***22:B:1*", "***22:A:1*", 33, SETTING, "CLM05-2 says that it is no place of service"),
    ("***22:B:1*", "***22:B:8*", 33, "", "the claim voids an earlier one (CLM05-3 is 8)"),
    (COLUMBUS, "N4*COLUMBUS*OH*902100000", 33, PLACE, SPLIT),
    (COLUMBUS, "N4*COLUMBUS*OH*00000", 33, PLACE, "the ZIP code of the place of service is not in the ZIP table held"),
    (COLUMBUS, "N4*COLUMBUS*OH*H0H0H0", 33, PLACE, "no ZIP code of the place of service"),
    ("SV1*HC:63047", "SV2*0300*HC:63047", 33, "", "an institutional or dental service (SV2)"),
    ("SV1*HC:63047", "K3*HC:63047", 32, "", "a line (LX) without a service (SV1)"),
    ("SE*77*0001", "SE*76*0001", 33, "", "SE01 counts other segments than the 77 that are there"),
    ("SE*77*0001", "SE*77*0009", 33, "", "SE02 is not the control number of the ST"),
    ("SE*77*0001~\n", "", 33, "", "the ST has no end"),
    ("GE*1*1", "GE*2*1", 33, "", "GE01 counts other transactions than the 1 that are there"),
    ("IEA*1*", "IEA*7*", 33, "", "IEA01 counts other functional groups than the 1 that are there"),
]


def test_a_fault_is_told_by_segment_element_and_reason_and_the_rest_is_priced(tmp_path: Path) -> None:
    """A file for each fault. In each a second interchange, which is whole, keeps its four lines."""
    folder = tmp_path / "in"
    folder.mkdir()
    whole = Interchange().text(CLAIMS[2:])
    for number, (old, new, *_) in enumerate(REFUSED):
        assert old in SOUND
        put(folder / f"{number:02}.x12", SOUND.replace(old, new, 1) + whole)
    done = price_file(Asked(folder, tmp_path / "o.parquet", engine="ints"), facts=FACTS)
    told: dict[str, list[list[str]]] = {}
    for name, *row in table_of(tmp_path / "o.rejects.csv")[1:]:
        told.setdefault(name, []).append(row)
    assert [told[name][0] for name in sorted(told)] == [[str(line), *rest] for _, _, line, *rest in REFUSED]
    # Of an envelope that is not whole all seven lines go; of a claim its four; else the one.
    counts = [len(told[name]) for name in sorted(told)]
    assert counts == [1] * 12 + [4] * 6 + [1] * 2 + [7] * 5
    assert (done.lines, done.rejected, done.written) == (25 * 11, sum(counts), 25 * 11 - sum(counts))


UNREADABLE = [
    (SOUND[: SOUND.index("SE*")], "the file ends before the end of its ST"),
    (SOUND[: SOUND.index("SV1*HC:63030") + 6], "the file ends in the middle of a segment (segment 41)"),
    (SOUND[:90], "the file ends inside the ISA"),
    ("ISA*00*short~GS*HC~" + SOUND[200:], "the ISA has not its 16 elements in 106 characters"),
    (SOUND.replace("005010X222A1", "004010X098A1"), "a version that is not 005010"),
    (SOUND.replace("005010X222A1", "005010X223A2"), "an institutional claim"),
    (SOUND.replace("ST*837*", "ST*835*"), "a transaction that is no claim"),
    ("claim;code\n1;63047\n", "no interchange begins here"),
]


@pytest.mark.parametrize(("text", "told"), UNREADABLE, ids=[one[1][:30] for one in UNREADABLE])
def test_a_file_that_is_not_whole_or_no_professional_claim_is_refused(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(BadFile, match=re.escape(told)):
        untangled(tmp_path, text)


def test_a_refused_file_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"the file ends before the end of its ST.*segment 1"):
        price_file(Asked(put(tmp_path / "c.x12", SOUND[: SOUND.index("SE*")]), tmp_path / "o.parquet"), facts=FACTS)
    assert [path.name for path in tmp_path.iterdir()] == ["c.x12"]


def change(**parts: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda claim: claim | parts


def of_item(**parts: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda claim: claim | {"item": [claim["item"][0] | parts, *claim["item"][1:]]}


CONCEPT = {"coding": [{"system": "http://snomed.info/sct", "code": "63047"}]}
CHARGE, MOMENT = reading.elements("fhir")["charge_cents"], reading.elements("fhir")["on"]
FHIR_REFUSED = [
    (change(status="cancelled"), "item 1", "the Claim is not active (status)"),
    (change(use="preauthorization"), "item 1", "asks for no payment (use is not claim)"),
    (change(type=CONCEPT), "item 1", "no professional claim (type)"),
    (change(item=[]), "item 1", "a Claim without an item"),
    (change(facility={"reference": "Location/nowhere"}), "place", "no ZIP code of the place of service"),
    (of_item(productOrService=CONCEPT), "item 1 hcpcs (item.productOrService)", "no coding of CPT or HCPCS"),
    (of_item(quantity={"value": 1.5}), "item 1 units (item.quantity.value)", "not a whole number"),
    (of_item(servicedDate="2025-07"), f"item 1 on ({MOMENT})", "not a date"),
    (of_item(net={"value": 1, "currency": "EUR"}), f"item 1 charge_cents ({CHARGE})", "not in US dollars"),
    (of_item(modifier=[CONCEPT] * 5), "item 1 m4 (item.modifier, fourth)", "more than four modifiers"),
    (of_item(detail=[{"sequence": 1}]), "item 1", "its details (item.detail) are not read"),
    (of_item(locationCodeableConcept=7), "facility (item.locationCodeableConcept)", "no place of service"),
]


def test_a_fault_is_told_by_line_item_element_and_reason_and_the_rest_is_priced(tmp_path: Path) -> None:
    """A line of NDJSON for each fault: a claim of three items."""
    resources = [changed(forms.resource(CLAIMS[1])) for changed, *_ in FHIR_REFUSED]
    path = put(tmp_path / "c.ndjson", forms.ndjson([*resources, *forms.beside()]))
    done = price_file(Asked(path, tmp_path / "o.parquet", engine="ints"), facts=FACTS)
    told: dict[int, list[list[str]]] = {}
    for _, line, *row in table_of(tmp_path / "o.rejects.csv")[1:]:
        told.setdefault(int(line), []).append(row)
    assert sorted(told) == list(range(1, 13))
    for number, (_, field, reason) in enumerate(FHIR_REFUSED, start=1):
        assert field in told[number][0][0] and told[number][0][1] == reason
    counts = [len(told[line]) for line in sorted(told)]
    assert counts == [3, 3, 3, 1, 3, 1, 1, 1, 1, 1, 1, 1]
    assert (done.lines, done.written) == (34, 34 - sum(counts))


def test_lines_that_are_no_resource_are_told_and_the_rest_is_read(tmp_path: Path) -> None:
    good = json.dumps(forms.resource(CLAIMS[2]))
    odd = ['{"resourceType": "Claim"', "[1]", "NaN", "[" * 100_000, good.replace("MBR2", "\\ud800"), good]
    text = "\n".join([*odd, *map(json.dumps, forms.beside())]).encode() + b"\n\xff\xfe\n"
    count, _, broken = untangled(tmp_path, text, "c.ndjson")
    told = [(int(row[1]) // 2**20, row[3]) for row in table_of(broken)]
    assert count == 2
    assert told == [(1, "no JSON"), (2, "no resource"), (3, "no JSON"), (4, "nested too deeply"), (13, "not UTF-8")]


def test_a_document_that_is_too_large_is_refused_with_the_way_to_read_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openrvu.bulk.resources.LARGEST", 4_000)
    text = forms.bundle([forms.resource(claim) for claim in CLAIMS])
    with pytest.raises(BadFile, match=r"make NDJSON of it, a resource a line \(jq -c"):
        untangled(tmp_path, text, "bundle.json")
    # Of NDJSON a line alone is too large, and the next is read.
    small = json.dumps(forms.resource(CLAIMS[2]))
    lines = "\n".join([text.replace("\n", ""), small, *map(json.dumps, forms.beside())])
    count, _, broken = untangled(tmp_path, lines, "c.ndjson")
    assert count == 1 and broken.read_text(encoding="utf-8").startswith('c.ndjson,1048576,,"larger than')


def test_without_a_claim_the_resources_that_are_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"no Claim is in it .*Location, Organization, Patient"):
        untangled(tmp_path, forms.ndjson(forms.beside()), "c.ndjson")


def test_a_mapping_gives_constants_and_the_control_number_as_line_id(tmp_path: Path) -> None:
    lines = [replace(line, control=str(70 + place)) for place, line in enumerate(CLAIMS[0].lines)]
    path = put(tmp_path / "c.x12", Interchange().text([replace(CLAIMS[0], lines=lines)]))
    text = '[columns]\nline_id = "line_control"\n[constants]\nplace = "national"\nfacility = 0\n'
    done, rows = priced(path, mapping=put(tmp_path / "map.toml", text))
    assert [row[0] for row in rows] == [70, 71, 72, 73]
    # 63047 as the only one that is not reduced: the national facility 1,094.93 became the office's amount.
    without = price_file(Asked(path, tmp_path / "o", tmp_path / "map.toml", "ints"))
    assert done.checksum == without.checksum, "with a place for all, no ZIP table is needed"
    with pytest.raises(BadInput, match="no column 'REF'"):
        priced(path, mapping=put(tmp_path / "map.toml", '[columns]\nline_id = "REF"\n'))


def test_without_a_zip_table_the_way_out_is_named(tmp_path: Path) -> None:
    path = put(tmp_path / "c.x12", SOUND)
    with pytest.raises(NotHeld, match=r"no ZIP table is held.*\[constants\] place"):
        price_file(Asked(path, tmp_path / "o.parquet"), facts=replace(FACTS, others={}))
    assert [one.name for one in tmp_path.iterdir()] == ["c.x12"]


def test_claims_that_name_no_member_are_ranked_by_themselves_and_said(tmp_path: Path) -> None:
    text = Interchange().text([replace(CLAIMS[0], member="", id=name) for name in ("one", "two")])
    said: list[str] = []
    _, good, _ = untangled(tmp_path, text, say=said.append)
    assert said == ["8 lines name no patient: they are ranked within their claim"]
    assert len(sessions_of(good)) == 2


def test_a_run_that_was_stopped_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(tmp_path / "c.x12", Interchange().text(CLAIMS, transactions=2))
    whole = price_file(Asked(path, tmp_path / "whole.parquet", engine="ints", parts=3), facts=FACTS)
    engine, calls = ENGINES["ints"], iter((True, False))

    def stops(job: Any, out: Path) -> None:
        if not next(calls):
            raise KeyboardInterrupt
        engine(job, out)

    monkeypatch.setitem(ENGINES, "ints", stops)
    with pytest.raises(KeyboardInterrupt):
        price_file(Asked(path, tmp_path / "o.parquet", engine="ints", parts=3), facts=FACTS)
    monkeypatch.undo()
    asked = Asked(path, tmp_path / "o.parquet", engine="ints", parts=3, resume=True)
    assert price_file(asked, facts=FACTS).checksum == whole.checksum
    assert not list(tmp_path.glob("*.work"))


@pytest.mark.parametrize("kind", ["c.x12", "c.ndjson", "c.json"])
def test_damaged_files_never_end_in_a_traceback_and_no_line_is_lost(tmp_path: Path, kind: str) -> None:
    """Bytes changed, cut out, put in; halves put together. Either it is refused, or every line is a row or is told."""
    sound = SOUND if kind == "c.x12" else fhir_forms()["bundle.json" if kind == "c.json" else "claims.ndjson"]
    chance = random.Random(7)
    outcomes = set()
    for _ in range(150):
        body = bytearray(sound.encode())
        for _ in range(chance.choice((1, 1, 2, 20))):
            place, width = chance.randrange(len(body)), chance.choice((0, 1, 40))
            body[place : place + width] = bytes(
                chance.choices(b'~*:{}[]",0A\n\r\x00\xff\xc3', k=chance.choice((0, 1, 3)))
            )
        try:
            count, good, broken = untangled(tmp_path, bytes(body), kind)
        except OpenRVUError:
            outcomes.add("refused")
            continue
        rows, told = table_of(good)[1:], {tuple(row[:2]) for row in table_of(broken)}
        assert len(rows) == count and all(len(row) == len(claims.COLUMNS) + 2 for row in rows)
        assert not {tuple(row[:2]) for row in rows} & told
        outcomes.add("all" if count and not told else "part")
    assert outcomes >= {"refused", "part"} - ({"part"} if kind == "c.json" else set())


def test_a_long_interchange_is_read_in_little_memory() -> None:
    """Megabytes that no one holds as a whole."""

    class Endless:
        head = Interchange().text([CLAIMS[0]]).partition("HL*2*")

        def __init__(self) -> None:
            body = ("HL*2*" + self.head[2].rpartition("SE*")[0]).encode()
            self.chunks = iter([self.head[0].encode(), *islice(cycle([body]), 3_000)])

        def read(self, _: int) -> bytes:
            return next(self.chunks, b"")

    tracemalloc.start()
    found = x12.segments(cast(IO[bytes], Endless()), {"SV1"})
    count = sum(1 for _ in islice(found, 30_000))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 30_000 and most < 400_000


@pytest.mark.parametrize("kind", reading.CLAIMS)
def test_the_document_lists_every_field_with_its_element(kind: str) -> None:
    page = (ROOT / "docs" / "claims.md").read_text(encoding="utf-8")
    for name, element in reading.elements(kind).items():
        assert f"| `{name.removesuffix('_cents')}` | {element} |" in page


def test_the_examples_are_fhir(tmp_path: Path) -> None:
    """The made-up claims above, by an independent model of the standard."""
    import importlib

    older = importlib.import_module("fhir.resources.R4B.claim").Claim
    latest = importlib.import_module("fhir.resources.claim").Claim
    for claim in CLAIMS:
        assert older.model_validate(forms.resource(claim)).id == claim.id
        assert latest.model_validate(_as_r5(forms.resource(claim))).id == claim.id


def test_who_does_a_service_and_where_of_the_line_stand_above_those_of_the_claim(tmp_path: Path) -> None:
    text = Interchange().text([Claim("A", [Line("63047"), Line("63030")], zip="606010000")])
    own = (
        "NM1*82*1*MADEUP*NURSE****XX*1999999984~\nPRV*PE*PXC*363L00000X~\nNM1*77*2*ELSEWHERE~\nN4*COLUMBUS*OH*43215~\n"
    )
    count, good, _ = untangled(tmp_path, counted(text.replace("REF*6R*L1~\n", f"REF*6R*L1~\n{own}")))
    head, *rows = table_of(good)
    wanted = [head.index(name) for name in ("provider", "place", "line_control")]
    assert count == 2
    assert [[row[place] for place in wanted] for row in rows] == [["NP", "15202-00", "L1"], ["", "06102-16", "L2"]]
