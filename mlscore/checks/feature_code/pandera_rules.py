"""pandera's schemas as rules to generate from; what is not built in is asked of pandera itself, batch by batch."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mlscore.checks.feature_code.rules import ColumnRule, holds_null, kind_of
from mlscore.errors import InputError
from mlscore.tables.extras import need
from mlscore.tables.shapes import Kind

_POLARS = {"int": "int64", "uint": "int64", "float": "float64", "string": "str", "utf8": "str", "boolean": "bool"}


def read_rules(schema: Any, where: str) -> tuple[tuple[ColumnRule, ...], Callable[[Any], Any] | None]:
    """The rules of a DataFrameSchema or DataFrameModel, and what keeps the rows of a frame that its own checks allow.

    The second is None where the rules say everything. Raises InputError for what is no schema of pandera's.
    """
    if isinstance(schema, type) and hasattr(schema, "to_schema"):
        schema = schema.to_schema()
    if not hasattr(schema, "columns") or not type(schema).__module__.startswith("pandera"):
        raise InputError(
            f"a {type(schema).__name__} is no schema of pandera's",
            where=where,
            hint="name a DataFrameSchema or DataFrameModel",
        )
    custom = bool(getattr(schema, "checks", None))
    rules = []
    for name, column in schema.columns.items():
        if getattr(column, "regex", False):
            raise InputError(
                f"the column {name!r} is a pattern of names, of which no column can be made",
                where=where,
                hint="name its columns",
            )
        rule, plain = _column(str(name), column, where)
        custom = custom or not plain
        rules.append(rule)
    if not rules:
        raise InputError("the schema has no columns", where=where, hint="a feature function needs some")
    pandas_like = "pandas" in type(schema).__module__ or "polars" not in type(schema).__module__
    return tuple(rules), _keeper(schema) if custom and pandas_like else None


def _column(name: str, column: Any, where: str) -> tuple[ColumnRule, bool]:
    dtype = _dtype(column.dtype)
    allowed = getattr(getattr(column.dtype, "type", None), "categories", None)
    kind = kind_of(dtype) if dtype is not None else Kind.OTHER
    rule = ColumnRule(
        name,
        kind,
        dtype,
        nullable=bool(column.nullable) and (dtype is None or holds_null(dtype)),
        allowed=None if allowed is None else tuple(allowed),
        unique=bool(getattr(column, "unique", False)),
        opaque=kind in (Kind.OTHER, Kind.NESTED, Kind.BINARY),
    )
    plain = True
    for check in column.checks or ():
        narrowed = _narrowed(rule, str(check.name), dict(check.statistics or {}))
        plain = plain and narrowed is not None
        rule = narrowed or rule
    if rule.dtype is None and rule.allowed:
        series = need("pandas").Series(list(rule.allowed))
        rule = replace(rule, dtype=series.dtype, kind=kind_of(series.dtype, list(rule.allowed)), opaque=False)
    if rule.allowed is not None and not rule.allowed:
        raise InputError(f"the column {name!r} may hold no value at all", where=where, hint="mend its checks")
    return rule, plain


def _dtype(declared: Any) -> Any:
    """pandas' dtype of pandera's; None where none is declared."""
    if declared is None:
        return None
    pandas = need("pandas")
    text = str(declared)
    given = getattr(declared, "type", declared)
    if "polars" not in type(declared).__module__:
        try:
            return pandas.api.types.pandas_dtype(given)
        except TypeError:
            pass
    word = re.match(r"[A-Za-z]+", text)
    plain = _POLARS.get(word.group().lower() if word else "")
    if plain:
        return pandas.api.types.pandas_dtype(plain)
    if text.lower().startswith("datetime"):
        return pandas.api.types.pandas_dtype("datetime64[us]")
    return pandas.api.types.pandas_dtype("object")


def _narrowed(rule: ColumnRule, name: str, given: dict[str, Any]) -> ColumnRule | None:
    """The rule with a built-in check on top; None where the check is another one."""
    low, high = given.get("min_value"), given.get("max_value")
    step = 1 if rule.kind is Kind.INTEGER else 0
    match name:
        case "greater_than_or_equal_to" | "greater_than":
            strict = name == "greater_than"
            return _bounded(rule, _above(low, step) if strict else low, None)
        case "less_than_or_equal_to" | "less_than":
            strict = name == "less_than"
            return _bounded(rule, None, _below(high, step) if strict else high)
        case "in_range":
            low = low if given.get("include_min", True) else _above(low, step)
            high = high if given.get("include_max", True) else _below(high, step)
            return _bounded(rule, low, high)
        case "isin":
            allowed = tuple(given["allowed_values"])
            return replace(
                rule, allowed=allowed if rule.allowed is None else tuple(v for v in rule.allowed if v in allowed)
            )
        case "equal_to":
            return replace(rule, allowed=(given["value"],))
        case "notin":
            return replace(rule, forbidden=(*rule.forbidden, *given["forbidden_values"]))
        case "not_equal_to":
            return replace(rule, forbidden=(*rule.forbidden, given["value"]))
        case "str_length":
            exact = given.get("exact_value")
            shortest, longest = (low, high) if exact is None else (exact, exact)
            return replace(rule, shortest=shortest or 0, longest=longest)
        case "str_matches":
            return replace(rule, patterns=(f"(?:{_source(given['pattern'])})",))
        case "str_startswith":
            return replace(rule, patterns=(f"{re.escape(given['string'])}[a-z0-9 ]{{0,6}}",))
        case "str_endswith":
            return replace(rule, patterns=(f"[a-z0-9 ]{{0,6}}{re.escape(given['string'])}",))
        case "str_contains":
            return replace(rule, patterns=(f"[a-z ]{{0,3}}(?:{_source(given['pattern'])})[a-z ]{{0,3}}",))
    return None


def _source(pattern: Any) -> str:
    text: str = getattr(pattern, "pattern", pattern)
    return text.removeprefix("^").removesuffix("$")


def _above(value: Any, step: int) -> Any:
    import math

    return value + step if step or not isinstance(value, (int, float)) else math.nextafter(value, math.inf)


def _below(value: Any, step: int) -> Any:
    import math

    return value - step if step or not isinstance(value, (int, float)) else math.nextafter(value, -math.inf)


def _bounded(rule: ColumnRule, low: Any, high: Any) -> ColumnRule:
    pandas = need("pandas")
    if rule.kind is Kind.DATETIME:
        low, high = (None if one is None else pandas.Timestamp(one) for one in (low, high))
    lows = [one for one in (rule.low, low) if one is not None]
    highs = [one for one in (rule.high, high) if one is not None]
    return replace(rule, low=max(lows) if lows else None, high=min(highs) if highs else None)


def _keeper(schema: Any) -> Callable[[Any], Any]:
    """What returns the positions of the rows that the schema allows, asked of pandera."""
    errors = need("pandera.errors")

    def keep(frame: Any) -> list[int]:
        plain = frame.reset_index(drop=True)
        try:
            schema.validate(plain, lazy=True)
        except errors.SchemaErrors as failure:
            cases = failure.failure_cases
            if cases["index"].isna().any():
                return []
            bad = {int(one) for one in cases["index"]}
            return [place for place in range(len(plain)) if place not in bad]
        return list(range(len(plain)))

    return keep
