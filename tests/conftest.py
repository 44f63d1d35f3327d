"""What tests share: parts that not every machine has, the real CMS files, the embedded facts, Hypothesis's settings."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from openrvu.facts import Facts, embedded

ROOT = Path(__file__).parents[1]

# A busy machine is slow and says nothing about the code, so no example has a deadline. In CI the examples are
# the same in every run; at a desk they vary, and what fails is kept in .hypothesis.
settings.register_profile("desk", deadline=None)
settings.register_profile(
    "ci", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ci" if os.environ.get("CI") else "desk")


def cms_folder() -> Path:
    """Where CMS's files are looked for: OPENRVU_CMS, else beside the repository."""
    return Path(os.environ.get("OPENRVU_CMS") or ROOT.parent / "shared" / "cms")


def chromium() -> str | None:
    """The browser that the tests drive, or None."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("OPENRVU_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


def _no_browser() -> str:
    if not find_spec("playwright"):
        return "the package playwright is not installed"
    return "" if chromium() else "no Chromium here: install it, or name one in OPENRVU_CHROMIUM"


def _no_cms() -> str:
    return "" if cms_folder().is_dir() else f"no CMS files in {cms_folder()}: set OPENRVU_CMS"


def _no_java() -> str:
    return "" if shutil.which("java") else "no Java here"


def postgres_programs() -> Path | None:
    """The folder of PostgreSQL's programs, or None. Debian keeps them off the path."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    return max((path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")), default=None)


def _no_postgres() -> str:
    return "" if postgres_programs() else "no PostgreSQL server here: install Debian's postgresql"


# Why a part is absent; an empty text where it is there.
ABSENT: dict[str, Callable[[], str]] = {
    "browser": _no_browser,
    "cms": _no_cms,
    "java": _no_java,
    "postgres": _no_postgres,
}


def _together(nodeid: str) -> str:
    """Which tests run in one process: those of a file, and those of all files that compare with CMS's whole releases,
    because each process would load every release again."""
    file = nodeid.split("::", 1)[0]
    return "tests/reconcile" if file.startswith("tests/reconcile/") else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    from xdist.scheduler import LoadFileScheduling

    scheduler = LoadFileScheduling(config, log)
    scheduler._split_scope = _together
    return scheduler


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose part is absent; fail it where OPENRVU_REQUIRE says that the part must be there."""
    required = set(filter(None, os.environ.get("OPENRVU_REQUIRE", "").split(",")))
    for part in (name for mark in item.iter_markers("needs") for name in mark.args):
        if part not in ABSENT:
            pytest.fail(f"needs({part!r}): the parts are {', '.join(sorted(ABSENT))}", pytrace=False)
        if reason := ABSENT[part]():
            if part in required:
                pytest.fail(f"OPENRVU_REQUIRE names {part}, and {reason}", pytrace=False)
            pytest.skip(f"needs {part}: {reason}")


@pytest.fixture(scope="session")
def cms() -> Path:
    """The folder of CMS's files. Mark the test `needs("cms")`."""
    return cms_folder()


@pytest.fixture(scope="session")
def facts() -> Facts:
    """The embedded facts, and nothing a user has loaded."""
    return embedded()


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser's program. Mark the test `needs("browser")`."""
    return chromium() or ""


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server of our own, for these tests alone. Mark the test `needs("postgres")`.

    The server refuses to run as root: there it is the user `postgres`, whom its package makes, who runs it.
    """
    programs = postgres_programs()
    assert programs
    folder = Path(tempfile.mkdtemp(prefix="openrvu-postgres-"))
    whom: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        whom = ["runuser", "-u", "postgres", "--"]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    def run(program: str, *arguments: str) -> None:
        command = [*whom, str(programs / program), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder)

    run("initdb", "-D", str(folder / "data"), "-U", "openrvu", "--auth=trust", "--no-sync", "-E", "UTF8")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
    run("pg_ctl", "-D", str(folder / "data"), "-o", options, "-l", str(folder / "log"), "-w", "start")
    yield f"postgresql://openrvu@127.0.0.1:{port}/postgres"
    run("pg_ctl", "-D", str(folder / "data"), "-m", "immediate", "-w", "stop")
    shutil.rmtree(folder)
