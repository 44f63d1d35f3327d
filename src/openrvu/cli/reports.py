"""Commands that write or show whole reports: dossier, serve."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import click

from openrvu.cli import show
from openrvu.cli.state import database_option
from openrvu.errors import BadInput

KINDS = (".html", ".json", ".pdf")


@click.command()
@click.argument("code")
@show.on_option
@click.option("--place", default="national", show_default=True, help="As in `price`.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="File to write: .html (with .json beside it), .json or .pdf.",
)
@show.json_option
def dossier(code: str, on: str | None, place: str, output: Path | None, as_json: bool) -> None:
    """The whole answer for CODE: routes with intervals, price, comparators, survey, use, evidence, sources."""
    from openrvu.dossier.build import build
    from openrvu.dossier.render import render, render_json, render_text

    if output is not None and output.suffix.lower() not in KINDS:
        raise BadInput(f"{output.name} names no kind of file", exists=f"Kinds: {', '.join(KINDS)}", fix="Add an ending")
    made = build(code, on=on, place=place)
    written: list[Path] = []
    if output is not None:
        kind = output.suffix.lower()
        wanted = {".html": (".html", ".json"), ".json": (".json",), ".pdf": (".pdf",)}[kind]
        for ending in wanted:
            path = output if ending == kind else output.with_suffix(ending)
            write_whole(path, render(made, ending[1:]))
            written.append(path)
    if as_json:
        click.echo(render_json(made), nl=False)
        return
    click.echo(render_text(made).rstrip())
    if written:
        click.echo("Written: " + ", ".join(str(path) for path in written))


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is either the old one or the whole new one. Raises BadInput naming the file."""
    try:
        _replace(path, content)
    except OSError as fault:
        what = f"the file cannot be written: {fault.strerror or fault}"
        raise BadInput(what, where=str(path), fix="Check the folder, its rights and the space left") from None


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@click.command()
@click.option(
    "--port", default=8380, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 takes a free one."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--name", "names", multiple=True, metavar="HOST", help="Name under which a proxy asks for it; people then sign in."
)
@click.option("--proxy", "proxies", multiple=True, metavar="ADDRESS", help="Proxy to believe, beside 127.0.0.1.")
@database_option
def serve(port: int, host: str, names: tuple[str, ...], proxies: tuple[str, ...], database: str) -> None:
    """The same answers as pages on this machine. Nothing is asked of any other host.

    For a group see docs/deploy.md: with --name, or on another --host, everyone has to sign in.
    """
    from openrvu.web.app import serve as run

    run(host, port, database, names=names, proxies=proxies)
