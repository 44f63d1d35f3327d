"""The command line: parse, make one public call, print. `openrvu --help` lists the commands."""

from openrvu.cli.group import main

__all__ = ["main"]
