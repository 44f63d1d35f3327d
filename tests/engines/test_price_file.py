"""price-file: nothing dropped, nothing private kept, the same rows in any order and after a kill at any point."""

from __future__ import annotations

import csv
import json
import random
import signal
import stat
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner, Result
from tests.engines import claims

from openrvu.bulk import preparing, state
from openrvu.bulk.price_file import Asked, Done, price_file
from openrvu.cli import main
from openrvu.errors import BadInput, Unavailable

HEAD = ("CLM", "LINE", "NAME", "BIRTH", "DOS", "HCPCS", "MOD", "LOC", "QTY", "AMT")
MAPPING = """
[columns]
claim_id = "CLM"
line_id = "LINE"
on = "DOS"
hcpcs = "HCPCS"
m1 = "MOD"
place = "LOC"
units = "QTY"
charge = "AMT"

[constants]
facility = 0
"""
GOOD = ["c1", "1", "Doe, Jane", "1950-01-01", "2025-07-01", "63047", "", "15202-00", "1", "99999.00"]


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def write_csv(path: Path, rows: list[list[str]], *raw: bytes) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEAD)
        writer.writerows(rows)
    with path.open("ab") as more:
        more.write(b"".join(raw))
    return path


def with_(**cells: str) -> list[str]:
    return [cells.get(name, value) for name, value in zip(HEAD, GOOD, strict=True)]


def rows_of(path: Path, columns: str = "*") -> list[tuple[Any, ...]]:
    source = f"{path}/*.parquet" if path.is_dir() else str(path)
    with duckdb.connect() as made:
        return made.execute(f"SELECT {columns} FROM '{source}' ORDER BY ALL").fetchall()


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    path = tmp_path / "map.toml"
    path.write_text(MAPPING, encoding="utf-8")
    return path


def parquet(path: Path, lines: list[dict[str, Any]]) -> Path:
    import polars

    polars.DataFrame(lines).write_parquet(path)
    return path


def test_each_bad_row_is_told_by_line_field_and_reason_and_the_rest_is_priced(tmp_path: Path, mapping: Path) -> None:
    rows = [
        GOOD,
        with_(LINE="2", DOS="1890-01-01"),
        with_(LINE="3", LOC="12345-67"),
        with_(LINE="4", MOD="!*"),
        with_(LINE="5", QTY="-1"),
        with_(LINE="6", AMT="9" * 50),
        with_(LINE="7", DOS="2025-02-30"),
        with_(LINE="8", HCPCS="63O47x"),
        with_(LINE="9", HCPCS="99999", MOD="ZZ"),
        with_(LINE="10", QTY="1e3", AMT="12.345"),
    ]
    raw = (b'c1,11,"never closed,x,2025-07-01,63047,,,1,1\n', b"c1,12,\xff\xfe,x,2025-07-01,63047,,,1,1\n", b"c1,13\n")
    given = write_csv(tmp_path / "claims.csv", rows, *raw)
    result = run("price-file", given, "-o", tmp_path / "out.parquet", "--mapping", mapping, "--json")
    assert result.exit_code == 0, result.output
    done = json.loads(result.stdout)
    assert (done["lines"], done["written"], done["rejected"]) == (13, 2, 11)
    told = list(csv.reader((tmp_path / "out.rejects.csv").read_text(encoding="utf-8").splitlines()))
    assert told == [
        ["file", "line", "field", "reason"],
        ["claims.csv", "3", "on", "before 1992, when the fee schedule began"],
        ["claims.csv", "4", "place", "no locality that is held"],
        ["claims.csv", "5", "m1", "not a modifier"],
        ["claims.csv", "6", "units", "not between 1 and 999"],
        ["claims.csv", "7", "charge_cents", "more digits than an amount can have"],
        ["claims.csv", "8", "on", "not a date"],
        ["claims.csv", "9", "hcpcs", "not a code"],
        ["claims.csv", "11", "charge_cents", "not an amount in dollars and cents"],
        ["claims.csv", "11", "units", "not a whole number"],
        ["claims.csv", "12", "", "a quote is not closed"],
        ["claims.csv", "13", "", "not UTF-8"],
        ["claims.csv", "14", "", "2 cells where the heading has 10"],
    ]
    # 63047 in Cook county's neighbour, office, 2025: what `price` says. The unknown modifier keeps its line.
    single = json.loads(
        run("price", "63047", "--on", "2025-07-01", "--place", "15202-00", "--setting", "office", "--json").stdout
    )
    assert rows_of(tmp_path / "out.parquet", "line_id, status, amount_cents") == [
        (1, "priced", single["amount_cents"]),
        (9, "modifier-unknown", 0),
    ]


def test_nothing_private_is_kept(tmp_path: Path, mapping: Path) -> None:
    rows = [with_(LINE=str(n), NAME=f"Unmistakable{n}", BIRTH="1931-02-03", QTY="-7777777") for n in range(5)]
    given = write_csv(tmp_path / "claims.csv", [*rows, with_(LINE="77", NAME="Unmistakable")])
    mapping.write_text(MAPPING.replace("[constants]", 'patient = "NAME"\n[constants]'), encoding="utf-8")
    assert run("price-file", given, "-o", tmp_path / "out.parquet", "--mapping", mapping).exit_code == 0
    made = [path for path in tmp_path.rglob("*") if path.is_file() and path not in (given, mapping)]
    assert {path.name for path in made} == {"out.parquet", "out.rejects.csv"}
    for path in made:
        body = path.read_bytes()
        assert b"Unmistakable" not in body and b"1931" not in body and b"7777777" not in body
    with duckdb.connect() as connection:
        held = connection.execute(f"DESCRIBE FROM '{tmp_path / 'out.parquet'}'").fetchall()
    assert "NAME" not in {name for name, *_ in held}
    assert len(rows_of(tmp_path / "out.parquet", "session")[0][0]) == 32


def test_the_folder_of_the_run_is_private_and_its_state_holds_no_values(tmp_path: Path) -> None:
    work, numbers = state.begin(tmp_path / "o.parquet", "job", resume=False)
    assert (stat.S_IMODE(work.folder.stat().st_mode), numbers) == (0o700, {})
    state.write_state(work, parts=3, lines=9)
    assert json.loads(work.state.read_text(encoding="utf-8")) == {"format": 1, "job": "job", "parts": 3, "lines": 9}
    with pytest.raises(BadInput, match="other files"):
        state.begin(tmp_path / "o.parquet", "another", resume=True)


def test_a_patient_cannot_be_read_from_a_session_and_stays_the_same(tmp_path: Path) -> None:
    first = preparing.secret(tmp_path / "home")
    assert first == preparing.secret(tmp_path / "home") != preparing.secret(tmp_path / "other")
    assert stat.S_IMODE((tmp_path / "home" / "session.key").stat().st_mode) == 0o600


def test_a_column_that_is_not_there_is_named_with_those_that_are(tmp_path: Path, mapping: Path) -> None:
    given = write_csv(tmp_path / "claims.csv", [GOOD])
    mapping.write_text(MAPPING.replace('"DOS"', '"DATE_OF_SERVICE"'), encoding="utf-8")
    result = run("price-file", given, "-o", tmp_path / "out.parquet", "--mapping", mapping)
    assert result.exit_code == 1
    assert "no column 'DATE_OF_SERVICE'" in result.stderr and "The file has: CLM, LINE" in result.stderr
    assert not list(tmp_path.glob("out*"))
    assert (
        "'12 parsecs' is no amount" in run("price-file", given, "-o", tmp_path / "o", "--memory", "12 parsecs").stderr
    )
    assert "no column gives 'on'" in run("price-file", given, "-o", tmp_path / "out.parquet").stderr


@pytest.mark.parametrize("engine", ["duckdb", "polars", "ints"])
def test_engines_and_parts_give_the_same_file(tmp_path: Path, engine: str) -> None:
    given = parquet(tmp_path / "claims.parquet", claims.lines(600, 3))
    done = price_file(Asked(given, tmp_path / "out.parquet", engine=engine, parts=2))
    whole = price_file(Asked(given, tmp_path / "whole", engine="ints"))
    assert (done.checksum, done.by_status, done.cents_by_rule) == (whole.checksum, whole.by_status, whole.cents_by_rule)
    assert rows_of(tmp_path / "out.parquet") == rows_of(tmp_path / "whole")
    assert done.lines == done.written + done.rejected


def totals(done: Done) -> tuple[Any, ...]:
    return done.written, done.by_status, done.cents_by_rule, done.amount_cents, done.checksum


def test_the_order_of_rows_changes_nothing_with_or_without_line_ids(tmp_path: Path) -> None:
    lines = claims.lines(500, 4)
    lines += [dict(line, line_id=10**6 + number) for number, line in enumerate(lines[:40])]  # alike but for the id
    mixed = lines[:]
    random.Random(1).shuffle(mixed)
    for drop in (set(), {"line_id"}):
        outcomes = []
        for name, some in (("first", lines), ("second", mixed)):
            kept = [{key: value for key, value in line.items() if key not in drop} for line in some]
            given = parquet(tmp_path / f"{name}.parquet", kept)
            outcomes.append(totals(price_file(Asked(given, tmp_path / f"{name}.out.parquet", engine="ints", parts=2))))
        assert outcomes[0] == outcomes[1]
        assert outcomes[0][0] == len({row[0] for row in rows_of(tmp_path / "first.out.parquet", "line_id")})


def test_a_line_id_that_stands_twice_is_told(tmp_path: Path) -> None:
    lines = claims.lines(50, 5)
    lines[7]["line_id"] = lines[3]["line_id"]
    lines[7]["session"] = lines[3]["session"]
    lines[3] |= {"place": "national", "hcpcs": "63047"}
    lines[7] |= {"place": "national", "hcpcs": "63030"}
    done = price_file(Asked(parquet(tmp_path / "c.parquet", lines), tmp_path / "out.parquet", engine="ints"))
    assert done.rejected + done.written == len(lines)
    assert done.reasons["line_id: stands at more than one line"] == 2


def test_an_empty_file_and_a_folder_of_csv(tmp_path: Path, mapping: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    write_csv(folder / "a.csv", [])
    assert price_file(Asked(folder, tmp_path / "none.parquet", mapping, "ints")).written == 0
    assert rows_of(tmp_path / "none.parquet") == []
    write_csv(folder / "b.csv", [GOOD, with_(LINE="2", HCPCS="bad")])
    done = price_file(Asked(folder, tmp_path / "out", mapping, "ints"))
    assert (done.written, done.rejected) == (1, 1)
    assert "b.csv,3,hcpcs,not a code" in (tmp_path / "out.rejects.csv").read_text(encoding="utf-8")
    (tmp_path / "out" / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(BadInput, match="other files"):
        price_file(Asked(folder, tmp_path / "out", mapping, "ints"))


SCRIPT = """
import sys
from pathlib import Path
from openrvu.bulk.price_file import Asked, price_file
asked = Asked(Path(sys.argv[1]), Path(sys.argv[2]), engine="ints", parts=6, resume=True)
price_file(asked, say=lambda text: print(text, flush=True))
"""


@pytest.mark.parametrize("seed", range(6))
def test_killed_at_a_random_point_and_run_again_gives_the_same(tmp_path: Path, seed: int) -> None:
    """Killed after so many lines of progress and a random moment; then again, to the end."""
    given = parquet(tmp_path / "claims.parquet", claims.lines(1_500, 6))
    expected = totals(price_file(Asked(given, tmp_path / "whole.parquet", engine="ints", parts=6)))
    out, chance = tmp_path / "out.parquet", random.Random(seed)
    command = [sys.executable, "-c", SCRIPT, str(given), str(out)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        for _ in range(seed + 1):
            running.stdout.readline()
        time.sleep(chance.random() * 0.02)
        running.send_signal(signal.SIGKILL)
        running.stdout.read()
    done = price_file(Asked(given, out, engine="ints", parts=6, resume=True))
    assert totals(done) == expected
    assert rows_of(out) == rows_of(tmp_path / "whole.parquet")
    assert not list(tmp_path.glob("*.work")) and not list(tmp_path.glob("*.tmp"))


# The signal comes from inside, soon after DuckDB has the query, whose planning alone takes longer than that.
INTERRUPTED = """
import os, signal, threading
# a job in the background inherits a deaf SIGINT; a person's terminal does not
signal.signal(signal.SIGINT, signal.default_int_handler)
from openrvu.bulk import duck
from openrvu.cli import main
write = duck.write
def interrupted(*given):
    threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()
    write(*given)
duck.write = interrupted
main()
"""


def test_stopped_by_the_user_and_gone_on_with(tmp_path: Path) -> None:
    """Ctrl-C while DuckDB works: a word on how to go on, exit code 130, and then the rest."""
    given = parquet(tmp_path / "claims.parquet", claims.lines(4_000, 7))
    command = [sys.executable, "-c", INTERRUPTED, "price-file", str(given), "-o", str(tmp_path / "out.parquet")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    said = done.stderr
    assert done.returncode == 130 and "--resume" in said and "Traceback" not in said, said
    assert not (tmp_path / "out.parquet").exists()
    assert run("price-file", given, "-o", tmp_path / "out.parquet", "--resume", "--engine", "ints").exit_code == 0
    whole = price_file(Asked(given, tmp_path / "whole.parquet", engine="ints"))
    assert len(rows_of(tmp_path / "out.parquet")) == whole.written
    assert not list(tmp_path.glob("*.work"))


def test_sql_for_a_warehouse_with_its_tables(tmp_path: Path) -> None:
    result = run("price-file", "--sql", "snowflake", "--seeds", tmp_path / "seeds")
    assert result.exit_code == 0 and result.stdout.startswith("-- OpenRVU ")
    names = Counter(path.name for path in (tmp_path / "seeds").iterdir())
    assert {"seed_calendar.csv", "seed_relative_values.csv", "seed_modifiers.csv"} <= set(names)
    assert "no dialect is called 'oracle'" in run("price-file", "--sql", "oracle").stderr
    assert run("price-file").exit_code == 2


def test_a_private_folder_that_stays_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from openrvu.bulk import state

    work, _ = state.begin(tmp_path / "out.parquet", "job", resume=False)
    (work.folder / "lines").mkdir()

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("shutil.rmtree", refused)
    with pytest.raises(Unavailable, match=r"out\.parquet\.work.*lines of the input"):
        state.end(work)


def test_rejects_that_are_interrupted_leave_nothing(tmp_path: Path) -> None:
    from openrvu.bulk import rejecting

    assert rejecting.write(tmp_path / "broken.csv", iter([("b,c.csv", 9, "", "not UTF-8")] * 2)) == 2
    out = tmp_path / "out.csv"
    with duckdb.connect() as made:
        found = rejecting.gather(made, (), tmp_path, out, lambda number, field: (number, field))
        assert rejecting.rows_named(made, tmp_path / "broken.csv") == 1
        assert found == ({"not UTF-8": 2}, 1)
        assert out.read_text(encoding="utf-8") == "file,line,field,reason\n" + '"b,c.csv",9,,not UTF-8\n' * 2
        out.unlink()

        def interrupted(*_: object) -> tuple[int, str]:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            rejecting.gather(made, (), tmp_path, out, interrupted)
    assert [path.name for path in tmp_path.iterdir()] == ["broken.csv"]
