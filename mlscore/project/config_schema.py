"""The configuration's JSON Schema for editors, made from the table of keys; run this module to write the file anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mlscore.core.rubric import LEVEL_IDS
from mlscore.project.keys import OPEN_TABLES, REPORT_TYPES, TABLES, TOP, Key, Kind

FILE = Path(__file__).with_name("config.schema.json")

_TEXT = {"type": "string", "pattern": r"\S"}
_TEXTS = {"type": "array", "items": _TEXT}
_POINTS = {
    "anyOf": [
        {"type": "number", "minimum": 0},
        {"type": "string", "pattern": r"^\s*\+?[0-9]+/0*[1-9][0-9]*\s*$", "maxLength": 30},
    ]
}
_LABEL = {"type": ["string", "number", "boolean"]}
_REPORT = {"type": "string", "pattern": f"^({'|'.join(REPORT_TYPES)})(:.+)?$"}
_SIMPLE: dict[Kind, dict[str, Any]] = {
    Kind.TEXT: _TEXT,
    Kind.FLAG: {"type": "boolean"},
    Kind.POINTS: _POINTS,
    Kind.COUNT: {"type": "integer", "minimum": 1},
    Kind.TEXTS: _TEXTS,
    Kind.TEXT_OR_TEXTS: {"anyOf": [_TEXT, _TEXTS]},
    Kind.REPORTS: {"anyOf": [_REPORT, {"type": "array", "items": _REPORT}]},
    Kind.SHARE: {"type": "number", "minimum": 0, "maximum": 1},
    Kind.LABEL: _LABEL,
    Kind.LABELS: {"type": "array", "items": _LABEL},
    Kind.DATE: {"type": "string", "format": "date", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
    Kind.FLOORS: {"type": "object", "additionalProperties": _POINTS},
    Kind.PAIRS: {"type": "object", "additionalProperties": _TEXT},
    Kind.MUST_HAVES: {
        "type": "array",
        "items": {
            "anyOf": [
                _TEXT,
                {
                    "type": "object",
                    "properties": {"item": _TEXT, "level": {"enum": list(LEVEL_IDS[1:])}},
                    "required": ["item"],
                    "additionalProperties": False,
                },
            ]
        },
    },
}


def config_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of what stands in `mlscore.toml`, or under `[tool.mlscore]` in `pyproject.toml`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "mlscore",
        "description": "The configuration of mlscore: mlscore.toml, or [tool.mlscore] in pyproject.toml.",
        **_table(TOP),
    }


def _table(name: str) -> dict[str, Any]:
    keys = TABLES[name]
    table: dict[str, Any] = {
        "type": "object",
        "properties": {key.name: {"description": key.help, **_value(key)} for key in keys},
        "additionalProperties": name in OPEN_TABLES,
    }
    required = [key.name for key in keys if key.required]
    return {**table, "required": required} if required else table


def _value(key: Key) -> dict[str, Any]:
    if key.kind is Kind.CHOICE:
        return {"enum": list(key.choices)}
    if key.kind is Kind.TABLE:
        return _table(key.name)
    if key.kind is Kind.TABLES:
        return {"type": "array", "items": _table(key.name)}
    return _SIMPLE[key.kind]


if __name__ == "__main__":
    from mlscore.core.codec import dumps
    from mlscore.project.write import write_atomically

    write_atomically(FILE, dumps(config_schema()))
