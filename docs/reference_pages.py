"""Pages of the reference that are made from the package: its public names, and the paths of its API."""

from __future__ import annotations

from typing import Any

import openrvu


def public_names() -> str:
    """MyST text of the library's page: each public name, by the module it lives in."""
    homes: dict[str, list[str]] = {}
    for name in openrvu.__all__:
        if name != "__version__":
            homes.setdefault(openrvu._HOME[name], []).append(name)
    parts = ["# Library", "Every name here is imported from `openrvu` itself, as in `openrvu.price`."]
    for home, names in sorted(homes.items()):
        parts.append(f"## {home}")
        for name in sorted(names):
            kind = "autoclass" if isinstance(getattr(openrvu, name), type) else "autofunction"
            parts.append(f"```{{eval-rst}}\n.. {kind}:: {home}.{name}\n```")
    return "\n\n".join(parts) + "\n"


def rest() -> str:
    """MyST text of the API's page, from the OpenAPI document that the server gives."""
    from openrvu.web.app import create_app

    parts = [
        "# REST API",
        "`openrvu serve` answers under `/api/v1`; `/api/v1/openapi.json` is the contract, `/api` the same as a page. "
        "Fields of the answers: [the JSON of each command](../../json.md).",
    ]
    for path, methods in sorted(create_app().openapi()["paths"].items()):
        for method, call in methods.items():
            parts.append(f"## `{method.upper()} {path}`\n\n{call.get('summary', '')}.")
            if call.get("description"):
                parts.append(call["description"])
            rows = [_row(one) for one in call.get("parameters", [])]
            if rows:
                parts.append("| parameter | in | type | what |\n|---|---|---|---|\n" + "\n".join(rows))
    return "\n\n".join(parts) + "\n"


def _row(parameter: dict[str, Any]) -> str:
    schema = parameter.get("schema", {})
    kinds = [schema, *schema.get("anyOf", [])]
    kind = " or ".join(dict.fromkeys(one["type"] for one in kinds if one.get("type", "null") != "null")) or "text"
    needed = ", required" if parameter.get("required") else ""
    what = (parameter.get("description") or schema.get("description") or "").replace("|", "\\|").replace("\n", " ")
    return f"| `{parameter['name']}` | {parameter['in']} | {kind}{needed} | {what} |"
