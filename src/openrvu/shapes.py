"""The JSON Schema of a result: what `answers.encode` makes of a dataclass, told from its fields before there is one.

>>> from openrvu.pricing import Priced
>>> found = schemas(Priced)
>>> found["Priced"]["properties"]["amount_cents"], found["Priced"]["properties"]["amount"]["type"]
({'type': ['integer', 'null']}, ['string', 'null'])
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from openrvu.answers import decimal_text
from openrvu.schemas import ConversionFactor

Schema = dict[str, Any]
_PLAIN: Mapping[Any, Schema] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": ["number", "null"]},  # null where it is no number
    NoneType: {"type": "null"},
    date: {"type": "string", "format": "date"},
    Fraction: {"type": "string"},
    Path: {"type": "string"},
}


def schemas(kind: type) -> dict[str, Schema]:
    """The schema of a dataclass and of every dataclass in it, by name."""
    found: dict[str, Schema] = {}
    _named(kind, found)
    return found


def ref(name: str) -> Schema:
    """A reference to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def _named(kind: type, found: dict[str, Schema]) -> Schema:
    name = kind.__name__
    if name not in found:
        found[name] = {}  # a type that holds itself ends here
        if hasattr(kind, "to_dict"):
            found[name] = {"type": "object", "description": _says(kind)}  # it writes itself
            return ref(name)
        properties: dict[str, Schema] = {}
        hints = get_type_hints(kind)
        for field in fields(kind):
            properties |= _field(kind, field.name, hints[field.name], found)
        found[name] = {
            "type": "object",
            "description": _says(kind),
            "properties": properties,
            "required": list(properties),
        }
    return ref(name)


def _says(kind: type) -> str:
    return " ".join((kind.__doc__ or "").split())


def _field(kind: type, name: str, hint: Any, found: dict[str, Schema]) -> dict[str, Schema]:
    """What a field becomes: amounts twice, scaled whole numbers as decimal text."""
    none = NoneType in get_args(hint)
    text: Schema = {"type": ["string", "null"] if none else "string"}
    if name.endswith("_cents") and int in (hint, *get_args(hint)):
        number: Schema = {"type": ["integer", "null"] if none else "integer"}
        amount: Schema = {**text, "pattern": r"^-?\d+\.\d\d$", "description": "US dollars"}
        return {name.removesuffix("_cents"): amount, name: number}
    if int in (hint, *get_args(hint)) and (decimal_text(name) or (kind is ConversionFactor and name == "value")):
        return {name: {**text, "description": "exact decimal text"}}
    return {name: _of(hint, found)}


def _of(hint: Any, found: dict[str, Schema]) -> Schema:
    if hint in _PLAIN:
        return dict(_PLAIN[hint])
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return {"anyOf": [_of(one, found) for one in args]}
    if origin is Literal:
        return {"enum": list(args)}
    if origin is tuple and not (len(args) == 2 and args[1] is Ellipsis):
        return {"type": "array", "items": {}, "minItems": len(args), "maxItems": len(args)}
    if origin in (tuple, list, frozenset, set, Sequence):
        return {"type": "array", "items": _of(args[0], found)}
    if origin in (dict, Mapping):
        return {"type": "object", "additionalProperties": True}
    if isinstance(hint, type) and is_dataclass(hint):
        return _named(hint, found)
    return {}
