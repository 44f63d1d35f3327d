"""What the tests of loading share: a load in a process of its own, killed at one of its steps or on a full disk."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

# A load that kills itself at the n-th opening, renaming or removing of a file of the store, or prints how many there
# were.
KILLED = """
import os, signal, sys
folder, path, last = sys.argv[1], sys.argv[2], int(sys.argv[3])
count = 0
def hook(event, arguments):
    global count
    if event in ("open", "os.rename", "os.remove") and str(arguments[0]).startswith(folder):
        count += 1
        if count == last:
            os.kill(os.getpid(), signal.SIGKILL)
from openrvu.tables.load import load
sys.addaudithook(hook)
load(path)
print(count)
"""

# No file may grow over a few bytes: a full disk, seen from the program.
FULL = """
import resource, sys
from openrvu.errors import Unavailable
from openrvu.tables.load import load
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
try:
    load(sys.argv[1])
except Unavailable as fault:
    print(fault)
"""


def child(script: str, home: Path, *arguments: str) -> subprocess.Popen[bytes]:
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src"), "OPENRVU_HOME": str(home)}
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}
