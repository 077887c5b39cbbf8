"""The features that one version of a schema file names: TOML, JSON, YAML and the header of a CSV file."""

from __future__ import annotations

import json
from typing import Any

ENDINGS = (".toml", ".json", ".yaml", ".yml", ".csv")
# Under which keys the schema languages keep their columns: pandera and dbt, Frictionless, JSON Schema, feature lists.
_HOLDERS = ("features", "feature", "columns", "column", "fields", "properties")
_AROUND = ("schema", "resources", "tables", "table", "models")
_DEEPEST = 4


def names_in(path: str, text: str) -> frozenset[str] | None:
    """The names; None when the text is not what the path's ending says, or the ending is none of ENDINGS."""
    lowered = path.lower()
    if lowered.endswith(".csv"):
        return _header(text)
    try:
        if lowered.endswith(".toml"):
            import tomllib

            data: Any = tomllib.loads(text)
        elif lowered.endswith(".json"):
            data = json.loads(text)
        elif lowered.endswith((".yaml", ".yml")):
            import yaml

            try:
                data = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
            except yaml.YAMLError:
                return None
        else:
            return None
    except (ValueError, RecursionError):
        return None
    return frozenset(_names(data)) if isinstance(data, (dict, list)) else None


def _header(text: str) -> frozenset[str] | None:
    import csv

    try:
        row = next(csv.reader(text.splitlines()[:1]), [])
    except csv.Error:
        return None
    return frozenset(name.strip() for name in row if name.strip())


def _names(data: Any, depth: int = 0) -> set[str]:
    if isinstance(data, list):
        return _listed(data) if depth else _listed(data) | _within(data, depth)
    found: set[str] = set()
    for key, value in data.items():
        if key in _HOLDERS and isinstance(value, dict):
            found |= {str(name) for name in value}
        elif key in _HOLDERS and isinstance(value, list):
            found |= _listed(value)
        if key in _AROUND and isinstance(value, (dict, list)) and depth < _DEEPEST:
            found |= _within(value if isinstance(value, list) else [value], depth)
    return found


def _within(values: list[Any], depth: int) -> set[str]:
    found: set[str] = set()
    for value in values:
        if isinstance(value, dict):
            found |= _names(value, depth + 1)
    return found


def _listed(values: list[Any]) -> set[str]:
    """Texts, and tables with a name."""
    names = {value for value in values if isinstance(value, str)}
    return names | {v["name"] for v in values if isinstance(v, dict) and isinstance(v.get("name"), str)}
