"""The command line as a process: closed pipes, interrupts, terminals without Unicode, full disks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import openrvu

SOURCE = str(Path(openrvu.__file__).parents[1])
COMMAND = [sys.executable, "-c", "from openrvu.cli import main; main()"]
needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and /dev are POSIX")


def environment(**extra: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": SOURCE, **extra}


def run(*arguments: str, **extra: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, check=False, env=environment(**extra))


@needs_posix
@pytest.mark.parametrize("arguments", [("places",), ("data", "--json"), ("history", "63047", "--csv")])
def test_a_reader_that_goes_away_is_no_error(arguments: tuple[str, ...]) -> None:
    with subprocess.Popen(
        [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    ) as process:
        assert process.stdout and process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0


@needs_posix
def test_an_interrupt_ends_without_a_word() -> None:
    script = (
        "import signal, time\n"
        # a job in the background inherits a deaf SIGINT; a person's terminal does not
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from openrvu.cli import codes, main\n"
        "def slow(*_, **__):\n    print('working', flush=True)\n    time.sleep(60)\n"
        "codes.price_of = slow\n"
        "main(['price', '63047'])\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    ) as process:
        assert process.stdout and process.stdout.readline() == b"working\n"
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert output == errors == b""


@needs_posix
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("extra", [(), ("--json",)])
def test_a_full_disk_is_said(extra: tuple[str, ...]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, "places", *extra], stdout=full, stderr=subprocess.PIPE, check=False, env=environment()
        )
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    assert b"No space left" in done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
@pytest.mark.parametrize("arguments", [("code", "62380"), ("dossier", "62380"), ("audit", "lewandrowski-2024-62380")])
def test_every_encoding_of_a_terminal_works(encoding: str, arguments: tuple[str, ...]) -> None:
    done = run(*arguments, PYTHONIOENCODING=encoding)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    assert done.stderr == b""


def test_a_minus_never_turns_into_a_question_mark() -> None:
    text = run("dossier", "62380", PYTHONIOENCODING="cp1252").stdout.decode("cp1252")
    assert "R-squared -0.027" in text


def test_the_c_locale_works() -> None:
    done = run("explain", "63047", LANG="C", LC_ALL="C", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0")
    assert done.returncode == 0
    assert b"1,065.49" in done.stdout


def test_a_price_imports_no_heavy_library() -> None:
    script = (
        "import sys\n"
        "from openrvu.cli import main\n"
        "main(['price', '63047', '--place', 'Ohio'], standalone_mode=False)\n"
        "heavy = {'numpy', 'scipy', 'duckdb', 'jinja2', 'fastapi', 'vl_convert', 'typst', 'rich'} & set(sys.modules)\n"
        "sys.exit(f'imported: {heavy}' if heavy else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False, env=environment())
    assert done.returncode == 0, done.stderr.decode()


def test_help_imports_no_command() -> None:
    script = (
        "import sys\n"
        "from openrvu.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "loaded = [name for name in sys.modules if name.startswith('openrvu.') and 'pricing' in name]\n"
        "sys.exit(f'imported: {loaded}' if loaded else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False, env=environment())
    assert done.returncode == 0, done.stderr.decode()
    assert b"reconcile" in done.stdout


def test_the_package_runs_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "openrvu", "--version"], capture_output=True, check=False, env=environment()
    )
    assert done.stdout.decode().strip() == f"openrvu, version {openrvu.__version__}"
