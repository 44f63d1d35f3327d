"""The schedule of a release as a file: what `price` gives, line by line, from embedded facts, whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner, Result

import openrvu
from openrvu.amounts import engine
from openrvu.cli import main
from openrvu.errors import BadInput, NotHeld, UnknownPlace
from openrvu.facts import EmbeddedTable, Facts
from openrvu.scheduling import COLUMNS, Schedule, lines, schedule


def read(path: Path) -> list[dict[str, Any]]:
    found = duckdb.read_parquet(str(path))
    return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


@pytest.fixture(name="july")
def july_of_2026(facts: Facts, tmp_path: Path) -> tuple[Schedule, Path]:
    path = tmp_path / "july.parquet"
    return schedule("2026C", path, facts=facts), path


def test_every_row_of_the_release_at_every_locality_is_there_once(facts: Facts, july: tuple[Schedule, Path]) -> None:
    done, path = july
    rows = read(path)
    keys = [(row["mac"], row["locality"], row["code"], row["modifier"]) for row in rows]
    held = [(r.hcpcs, r.modifier) for r in facts.table("2026C").everything()]
    places = [(p.mac, p.number) for p in facts.localities("2026C").values()]
    assert len(places) == 109 and sorted(keys) == sorted((*place, *row) for place in places for row in held)
    assert keys == sorted(keys)
    assert (done.rows, done.codes, done.places, done.origin) == (len(rows), 191, 109, "embedded")
    assert sum(done.statuses.values()) == len(rows) and "only 191 codes" in done.notes[0]
    assert any("NCD 150.13" in lead for lead in done.leads)


def test_the_types_of_the_columns_are_whole_numbers_and_text(july: tuple[Schedule, Path]) -> None:
    found = duckdb.read_parquet(str(july[1]))
    assert [(name, str(kind)) for name, kind in zip(found.columns, found.types, strict=True)] == [
        (name, kind) for name, kind, _ in COLUMNS
    ]


def test_each_line_is_what_price_gives(facts: Facts, july: tuple[Schedule, Path]) -> None:
    rows = random.Random(7).sample(read(july[1]), 250)
    seen = set()
    for row in rows:
        for setting in ("facility", "nonfacility"):
            place = f"{row['mac']}-{row['locality']}"
            found = openrvu.price(
                row["code"], row["modifier"], on="2026-07-01", place=place, setting=setting, facts=facts
            )
            assert (row["status"], row[f"{setting}_cents"]) == (found.status, found.amount_cents), (row, setting)
            seen.add(found.status)
    assert {"priced", "contractor-priced"} <= seen


def test_a_worked_amount(facts: Facts) -> None:
    """62330 in Alabama, July 2026: 8.00 x 1.000 + 5.64 x 0.875 + 0.71 x 0.566 = 13.33686 RVUs.

    Times 33.4009 it is 445.4631, times 33.5675 (qualifying APM participants) 447.6850.
    """
    for qp, cents in ((False, 44_546), (True, 44_769)):
        (line,) = lines("2026C", places=["10112-00"], codes=["62330"], qualifying_apm=qp, facts=facts)
        assert line == ("10112", "00", "62330", "", "priced", "A", cents, cents, None, None)


def test_a_row_without_an_amount_is_kept_with_its_status(facts: Facts) -> None:
    (line,) = lines("2026C", places=["national"], codes=["62380"], facts=facts)
    assert line == ("", "", "62380", "", "contractor-priced", "C", None, None, None, None)
    letters = {line[4] for line in lines("2019", places=["national"], facts=facts)}
    assert letters == {"status-unknown"}  # the table of 2019 has no status letters


def test_a_letter_that_no_rule_knows_leaves_its_row(facts: Facts) -> None:
    release = facts.release("2026C")
    (record,) = facts.records("63047", "2026C")
    table = EmbeddedTable({"63047": (replace(record, status="Z"),)})
    (line,) = lines("2026C", places=["national"], facts=facts.with_loaded({release: table}))
    assert line[4:8] == ("status-unknown", "Z", None, None)


def test_places_and_codes_limit_the_lines(facts: Facts, tmp_path: Path) -> None:
    done = schedule(
        "2025D", tmp_path / "a.csv", places=["California", "15202-00"], codes=["63047", "63030"], facts=facts
    )
    rows = list(csv.DictReader(io.StringIO((tmp_path / "a.csv").read_text())))
    assert (done.codes, done.rows, len(rows)) == (2, 2 * done.places, 2 * done.places)
    assert {row["mac"] for row in rows} == {"01112", "01182", "15202"} and list(rows[0]) == [c for c, *_ in COLUMNS]
    assert {row["code"] for row in rows} == {"63030", "63047"}


def test_the_date_of_the_release_decides_the_conversion_factor(facts: Facts, tmp_path: Path) -> None:
    before, after = (schedule(key, tmp_path / "a.csv", places=["national"], facts=facts) for key in ("2024A", "2024AR"))
    assert (before.conversion_factor, after.conversion_factor) == ("32.7442", "33.2875")
    with pytest.raises(BadInput, match=r"2024-03-09 is not in release 2024A.*2024-01-01 to 2024-03-08"):
        schedule("2024A", tmp_path / "a.csv", on="2024-03-09", facts=facts)


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        ({"release": "2024D"}, NotHeld, "2024D.*is not held.*openrvu fetch 2024D"),
        ({"codes": ["10120"]}, NotHeld, "10120 is not among the 191 codes held of release 2026C"),
        ({"codes": ["1"]}, BadInput, "is not a CPT or HCPCS code"),
        ({"places": ["Atlantis"]}, UnknownPlace, "Atlantis"),
        ({"places": [""]}, None, ""),
        ({"output": "out.xlsx"}, BadInput, r"Kinds: .parquet, .csv"),
    ],
)
def test_what_cannot_be_made_is_refused_and_the_old_file_stays(
    facts: Facts, tmp_path: Path, arguments: dict[str, Any], kind: type[Exception] | None, words: str
) -> None:
    asked = {"release": "2026C", "output": "out.csv"} | arguments
    path = tmp_path / asked.pop("output")
    path.write_text("old")
    if kind is None:
        assert schedule(asked.pop("release"), path, **asked, facts=facts).places == 1  # as in price: the nation
        return
    with pytest.raises(kind, match=words):
        schedule(asked.pop("release"), path, **asked, facts=facts)
    assert path.read_text() == "old" and [item.name for item in tmp_path.iterdir()] == [path.name]


def test_the_command(tmp_path: Path) -> None:
    path = tmp_path / "it's.parquet"
    result = run("schedule", "26C", "-o", str(path), "--code", "62330", "--place", "Ohio", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert (found["release"], found["rows"], found["statuses"]) == ("2026C", 1, {"priced": 1})
    assert [row["code"] for row in read(path)] == ["62330"]
    said = run("schedule", "2026C", "-o", str(path), "--qp")
    assert said.exit_code == 0 and "33.5675 (QP)" in said.stdout and "Coverage first" in said.stdout
    printed = run("schedule", "2026C", "--code", "62380", "--place", "national", "--csv")
    assert printed.stdout.splitlines()[1] == ",,62380,,contractor-priced,C,,,,"
    assert run("schedule", "2026C").exit_code == 2
    assert run("schedule", "2026C", "-o", str(path), "--csv").exit_code == 2
    refused = run("schedule", "2018A", "-o", str(path))
    assert refused.exit_code == 1 and "is not held" in refused.stderr
    nowhere = run("schedule", "2026C", "-o", "/dev/null/out.csv")
    assert nowhere.exit_code == 1 and "cannot be written" in nowhere.stderr


# No file may grow over so many bytes: a full disk, seen from the program.
FULL = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
from openrvu.cli import main
main(["schedule", "2026C", "-o", sys.argv[1]])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on file sizes here")
@pytest.mark.parametrize(("ending", "size"), [("csv", 100), ("csv", 50_000), ("parquet", 100), ("parquet", 5_000)])
def test_a_full_disk_leaves_the_old_file(tmp_path: Path, ending: str, size: int) -> None:
    path = tmp_path / f"out.{ending}"
    path.write_text("old")
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(path), str(size)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1 and "cannot be written" in done.stderr and "Traceback" not in done.stderr, done.stderr
    assert path.read_text() == "old" and [item.name for item in tmp_path.iterdir()] == [path.name]


@pytest.mark.skipif(sys.platform == "win32", reason="no kill -9 here")
@pytest.mark.parametrize("wait", [0.0, 0.02, 0.1])
def test_killed_while_it_writes_the_file_is_old_or_new(tmp_path: Path, wait: float) -> None:
    path = tmp_path / "out.csv"
    path.write_text("old")
    command = [sys.executable, "-m", "openrvu", "schedule", "2026C", "-o", str(path)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        # From the moment that a part lies beside the file, the program is writing.
        end = time.monotonic() + 60
        while child.poll() is None and len(list(tmp_path.iterdir())) == 1 and time.monotonic() < end:
            time.sleep(0.001)
        time.sleep(wait)
        if child.poll() is None:
            os.kill(child.pid, signal.SIGKILL)
    text = path.read_text()
    assert text == "old" or text.count("\n") == 1 + 109 * len(list(lines("2026C", places=["national"])))


def test_an_interrupt_inside_the_engine_is_an_interrupt() -> None:
    """DuckDB 2 ends a query that a keyboard interrupts with this error; seen on a schedule of a whole release."""
    with pytest.raises(KeyboardInterrupt), engine():
        raise RuntimeError("Query interrupted")
    with pytest.raises(RuntimeError, match="other"), engine():
        raise RuntimeError("other")
