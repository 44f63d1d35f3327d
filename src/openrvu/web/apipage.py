"""The API page: the OpenAPI document in words, made from the document itself, so that both say the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode


@dataclass(frozen=True)
class Parameter:
    """One parameter in words. default: what it is when left out; `needed` where it must be given."""

    name: str
    says: str
    type: str
    default: str


@dataclass(frozen=True)
class Call:
    """One address. example: a working address, empty where none is known."""

    id: str
    path: str
    says: str
    parameters: tuple[Parameter, ...]
    example: str


# What examples are made of, where the document gives none.
EXAMPLES = {"q": "endoscopic lumbar", "codes": "62380 63047"}


def calls(document: Mapping[str, Any]) -> tuple[Call, ...]:
    """Every address of an OpenAPI document, in its order."""
    return tuple(_call(path, row["get"]) for path, row in document["paths"].items())


def _call(path: str, row: Mapping[str, Any]) -> Call:
    given = row.get("parameters", ())
    return Call(
        id=row["operationId"],
        path=path,
        says=row.get("description", ""),
        parameters=tuple(_parameter(one) for one in given),
        example=_example(path, given),
    )


def _parameter(row: Mapping[str, Any]) -> Parameter:
    schema = row["schema"]
    default = "needed" if row["required"] else str(schema.get("default", ""))
    return Parameter(row["name"], row.get("description", schema.get("description", "")), schema["type"], default)


def _value(row: Mapping[str, Any]) -> str:
    found = row["schema"].get("examples", [EXAMPLES.get(row["name"], "")])
    return str(found[0])


def _example(path: str, given: Any) -> str:
    """The address with an example for everything that must be given."""
    needed = {row["name"]: _value(row) for row in given if row["required"]}
    for row in given:
        if row["in"] == "path":
            path = path.replace(f"{{{row['name']}}}", needed.pop(row["name"]))
    return f"{path}?{urlencode(needed)}" if needed else path
