"""fairlearn's `MetricFrame` as JSON: `by_group` in any of pandas' forms, alone or beside `overall` and `difference`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from mlscore.checks.reports.load import Document, clean, number, put
from mlscore.checks.reports.shapes import Report
from mlscore.errors import InputError

_SUMMARY = ("overall", "difference", "ratio", "group_min", "group_max")
_COUNTS = ("count", "support")
_HINT = "write frame.by_group.to_json()"

Groups = dict[str, dict[str, float | None]]


def recognises(document: Document) -> bool:
    """Whether it holds metrics by group."""
    record = document.record
    if "by_group" in record:
        return True
    return bool(_groups(document.data)) if document.kind == "json" else False


def read(document: Document) -> Report:
    """`accuracy:AA` for each metric and group, and what the groups differ by.

    `accuracy difference` is the greatest less the least of the groups, `accuracy ratio` the least by the greatest
    (fairlearn's `method="between_groups"`), where the report does not say them itself. Raises InputError where there are
    no metrics by group.
    """
    record = document.record
    groups = _groups(record.get("by_group", document.data))
    if not groups:
        raise InputError("no metrics by group", where=document.name, hint=_HINT)
    metrics: dict[str, float] = {}
    notes = []
    for metric, values in groups.items():
        for group, value in values.items():
            put(metrics, f"{metric}:{group}", math.nan if value is None else value)
        if metric in _COUNTS:
            continue
        known = [one for one in values.values() if one is not None and math.isfinite(one)]
        if len(known) < len(values):
            notes.append(f"{metric} is unknown for {len(values) - len(known)} of {len(values)} groups")
        if len(known) > 1:
            metrics[f"{metric} difference"] = max(known) - min(known)
            metrics[f"{metric} ratio"] = min(known) / max(known) if max(known) else math.nan
    for part in _SUMMARY:
        told = record.get(part)
        for metric, value in told.items() if isinstance(told, dict) else ():
            found = number(value)
            if found is not None:
                metrics[clean(metric) if part == "overall" else f"{clean(metric)} {part.replace('_', ' ')}"] = found
    return Report("fairlearn", metrics=metrics, notes=tuple(notes))


def _groups(data: object) -> Groups:
    """The values by metric and group; nothing where the form is another."""
    if isinstance(data, list):
        return _of_records(data)
    if not isinstance(data, dict):
        return {}
    if {"columns", "index", "data"} <= set(data):
        return _of_split(data)
    return _of_columns(data)


def _of_columns(data: Mapping[str, Any]) -> Groups:
    """pandas' default: {metric: {group: value}}."""
    keys = {tuple(one) if isinstance(one, dict) else None for one in data.values()}
    if len(keys) != 1 or None in keys or len(next(iter(keys)) or ()) < 1:
        return {}
    found: Groups = {}
    for metric, values in data.items():
        if not all(one is None or number(one) is not None for one in values.values()):
            return {}
        by_group: dict[str, float | None] = {}
        for group, one in values.items():
            put(by_group, _tuple(group), number(one))
        put(found, clean(metric), by_group)
    return found


def _of_split(data: Mapping[str, Any]) -> Groups:
    """pandas' orient="split"."""
    names, index, rows = data["columns"], data["index"], data["data"]
    if not all(isinstance(one, list) for one in (names, index, rows)) or len(index) != len(rows):
        return {}
    by_name: list[dict[str, float | None]] = [{} for _ in names]
    for group, row in zip(index, rows, strict=True):
        if not isinstance(row, list) or len(row) != len(names):
            return {}
        label = ", ".join(map(clean, group)) if isinstance(group, list) else clean(group)
        for values, value in zip(by_name, row, strict=True):
            put(values, label, number(value))
    found: Groups = {}
    for name, values in zip(names, by_name, strict=True):
        put(found, clean(name), values)
    return found


def _of_records(data: list[Any]) -> Groups:
    """A table with the groups in columns of text."""
    if not data or not all(isinstance(row, dict) and tuple(row) == tuple(data[0]) for row in data):
        return {}
    texts = [key for key in data[0] if all(isinstance(row[key], str) for row in data)]
    names = [key for key in data[0] if all(row[key] is None or number(row[key]) is not None for row in data)]
    if not texts or not names or len(texts) + len(names) != len(data[0]):
        return {}
    found: Groups = {}
    for name in names:
        by_group: dict[str, float | None] = {}
        for row in data:
            put(by_group, ", ".join(clean(row[key]) for key in texts), number(row[name]))
        put(found, clean(name), by_group)
    return found


def _tuple(group: str) -> str:
    """pandas writes a group of two columns as Python writes a tuple."""
    if group.startswith("(") and group.endswith(")"):
        import ast

        try:
            parts = ast.literal_eval(group)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            return clean(group)
        if isinstance(parts, tuple):
            return ", ".join(map(clean, parts))
    return clean(group)
