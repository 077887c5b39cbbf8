"""A schema as pandera's YAML; what pandera cannot say stands above it as comments."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from mlscore.checks.schema import shapes
from mlscore.checks.schema.shapes import Anchor, ColumnRules, Rule, Schema, label
from mlscore.tables.conditions import Place
from mlscore.tables.shapes import Kind

# The type in pandas, and that of a column in which values may be missing.
_TYPES = {
    Kind.INTEGER: ("int64", "Int64"),
    Kind.NUMBER: ("float64", "float64"),
    Kind.BOOLEAN: ("bool", "boolean"),
    Kind.TEXT: ("str", "str"),
    Kind.DATETIME: ("datetime64[ns]", "datetime64[ns]"),
}


def write_pandera_yaml(schema: Schema) -> str:
    """The schema as YAML that `DataFrameSchema.from_yaml` reads; each rule it has no word for is named in a comment."""
    import yaml

    lost: list[str] = [str(unmapped) for unmapped in schema.unmapped]
    columns = {column.name: _column(column, lost) for column in schema.columns}
    groups = [list(rule.columns) for rule in schema.rules if isinstance(rule, shapes.Unique)]
    lost += [label(None, rule.text) for rule in (*schema.rules,) if not isinstance(rule, shapes.Unique)]
    lost += [f"unique({', '.join(group)})" for group in groups[1:]]
    data: dict[str, Any] = {
        "schema_type": "dataframe",
        "version": "0.20.0",
        "columns": columns,
        "checks": None,
        "index": None,
        "coerce": False,
        "strict": schema.strict,
        "ordered": schema.ordered,
        "unique": groups[0] if groups else None,
    }
    said = [f"# not said in pandera: {''.join(c if c.isprintable() else '?' for c in text)}\n" for text in lost]
    return "".join(said) + str(yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=120))


def _column(column: ColumnRules, lost: list[str]) -> dict[str, Any]:
    nullable, unique, dtype = True, False, None
    checks: dict[str, Any] = {}
    for rule in column.rules:
        if isinstance(rule, shapes.Present) and not rule.tolerated:
            nullable = False
        elif isinstance(rule, shapes.Unique):
            unique = True
        elif isinstance(rule, shapes.OfKind) and len(rule.kinds) == 1 and rule.kinds[0] in _TYPES:
            dtype = rule.kinds[0]
        else:
            said = dict(_check(rule)) if not rule.tolerated and not rule.warns else {}
            if not said or set(said) & set(checks):
                share = f", with {rule.tolerated:.4g} tolerated" if rule.tolerated else ""
                lost.append(f"{label(column.name, rule.text)}{share}")
            else:
                checks |= said
    return {
        "dtype": None if dtype is None else _TYPES[dtype][nullable],
        "nullable": nullable,
        "unique": unique,
        # To pandas a whole number or a truth value that may be missing is another type, and times have units.
        "coerce": dtype is Kind.DATETIME or (dtype in (Kind.INTEGER, Kind.BOOLEAN) and nullable),
        "required": column.required,
        "regex": column.pattern,
        "checks": checks or None,
    }


def _check(rule: Rule) -> Iterator[tuple[str, Any]]:
    if isinstance(rule, shapes.Within):
        word = rule.text.partition("(")[0]
        if word == "in_range":
            ends = {"include_min": not rule.low_open, "include_max": not rule.high_open}
            yield word, {"min_value": _plain(rule.low), "max_value": _plain(rule.high), **ends}
        else:
            yield word, _plain(rule.low if rule.high is None else rule.high)
    elif isinstance(rule, shapes.Equal):
        yield rule.topic, _plain(rule.value)
    elif isinstance(rule, shapes.Among):
        yield rule.topic, [_plain(value) for value in rule.values]
    elif isinstance(rule, shapes.Sized):
        limits = {"min_value": rule.low, "max_value": rule.high}
        yield "str_length", {word: value for word, value in limits.items() if value is not None}
    elif isinstance(rule, shapes.Affix):
        yield f"str_{'starts' if rule.place is Place.START else 'ends'}with", rule.affix
    elif isinstance(rule, shapes.Pattern) and not rule.negated:
        if rule.anchor is Anchor.ANYWHERE:
            yield "str_contains", rule.pattern
        else:
            yield "str_matches", f"(?:{rule.pattern})$" if rule.anchor is Anchor.WHOLE else rule.pattern


def _plain(value: object) -> object:
    if isinstance(value, (date, datetime)):
        return datetime.fromisoformat(value.isoformat()).isoformat(sep=" ")
    return value if isinstance(value, (str, int, float, bool)) else float(str(value))
