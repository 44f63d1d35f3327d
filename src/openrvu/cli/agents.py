"""The command `mcp`: the tools for assistants, over standard input and output."""

from __future__ import annotations

import click


@click.command()
@click.option("--list", "list_only", is_flag=True, help="Print the names of the tools and stop.")
def mcp(list_only: bool) -> None:
    """Tools for an assistant that speaks the Model Context Protocol, over standard input and output.

    Needs the extra: pip install 'openrvu[mcp]'. In the assistant's settings the command is `openrvu mcp`.
    """
    from openrvu import agents

    if list_only:
        click.echo("\n".join(agents.names()))
        return
    agents.run()
