"""From DuckDB's SQL to other dialects: sqlglot carries queries over, and a small table says what a dialect wants otherwise.

PostgreSQL and Spark are run in the tests. For BigQuery, Snowflake, Databricks, Trino and Redshift the SQL is generated
and parsed again, and has not been run.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from mlscore.errors import UsageError
from mlscore.tables.extras import need
from mlscore.tables.patterns import spelt

RUN = ("duckdb", "postgres", "spark")
NOT_RUN = ("bigquery", "snowflake", "databricks", "trino", "redshift")

_NAN = "(_a = CAST('NaN' AS DOUBLE PRECISION))"
_INFINITE = "(_a IN (CAST('Infinity' AS DOUBLE PRECISION), CAST('-Infinity' AS DOUBLE PRECISION)))"
_RIGHT = "(RIGHT(_a, LENGTH(_b)) = _b)"
_FOUND = "(STRPOS(_a, _b) > 0)"
# Whether eight digits are a day of the calendar, in a server that has no way to try a cast.
_YEAR, _MONTH, _DAY = (
    f"CAST(SUBSTRING(_a, {start}, {length}) AS INTEGER)" for start, length in ((1, 4), (6, 2), (9, 2))
)
_CALENDAR = (
    "CASE WHEN _a ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' AND SUBSTRING(_a, 1, 4) <> '0000' THEN "
    f"CASE WHEN {_DAY} <= CASE WHEN {_MONTH} IN (4, 6, 9, 11) THEN 30 WHEN {_MONTH} <> 2 THEN 31 "
    f"WHEN ({_YEAR} % 4 = 0 AND {_YEAR} % 100 <> 0) OR {_YEAR} % 400 = 0 THEN 29 ELSE 28 END "
    "THEN CAST(_a AS DATE) END END"
)
# Spark's own APPROX_COUNT_DISTINCT, made as precise as this, takes ten times as long as all else in a profile.
_SKETCH = "HLL_SKETCH_ESTIMATE(HLL_SKETCH_AGG(CASE WHEN _a IS NOT NULL THEN XXHASH64(_a) END, 13))"
# PostgreSQL ends a query whose doubles grow out of range or vanish, where others go on with infinity and 0. Sums hold
# values to 1e300, of which a hundred million add up. What a query guards itself, or cannot get so far, stays as it is.
_PLUS = "CAST('Infinity' AS DOUBLE PRECISION)"
_SUM = f"SUM(CASE WHEN ABS(_a) > 1.1e300 THEN {_PLUS} ELSE _a END)"
_MEAN = "CAST(SUM(CASE WHEN ABS(_a) <= 1.1e300 THEN _a END) AS DECIMAL) / COUNT(_a)"
_MINUS = f"CASE WHEN ABS(_a) > 8.9e307 OR ABS(_b) > 8.9e307 THEN {_PLUS} ELSE _a - _b END"
_TIMES = f"CASE WHEN ABS(_b) < 1e-290 THEN 0 WHEN ABS(_b) > 1e290 AND ABS(_a) > 1 THEN {_PLUS} ELSE _a * _b END"
_SQUARE = "CASE WHEN ABS(_a) < 1e-150 THEN 0 ELSE _a * _a END"
_NEGLIGIBLE = 1e290  # beside the largest double
_MICROS = "(UNIX_MICROS(CAST(_a AS TIMESTAMP)) / 1e6)"
_WITHIN = "PERCENTILE_DISC(_share) WITHIN GROUP (ORDER BY _a)"

# By dialect and by what a query asks for, the dialect's own SQL: _a and _b stand for the operands. What is not here
# sqlglot writes by itself. `quantiles` is a list whose members are made for each _share (or _place, in thousandths).
EXCEPTIONS: dict[str, dict[str, str]] = {
    "postgres": {
        "count_if": "COUNT(*) FILTER(WHERE _a)",
        "isnan": "(_a = 'NaN')",  # of a numeric that no double can hold, too
        "isinf": "(_a IN ('Infinity', '-Infinity'))",
        "approx_count_distinct": "COUNT(DISTINCT _a)",
        "contains": "(POSITION(_b IN _a) > 0)",
        "ends_with": _RIGHT,
        "try_cast_date": _CALENDAR,
        "string_split": "STRING_TO_ARRAY(_a, _b)",
        "sha256": "ENCODE(SHA256(CONVERT_TO(_a, 'UTF8')), 'hex')",  # its own is of bytes
        "sum": _SUM,
        "mean": _MEAN,
        "minus": _MINUS,
        "times": _TIMES,
        "square": _SQUARE,
    },
    "spark": {
        "approx_count_distinct": _SKETCH,
        "count_distinct": "SIZE(COLLECT_SET(_a))",  # each COUNT(DISTINCT) would multiply the rows
        "isnan": "(_a = CAST('NaN' AS DOUBLE))",  # its ISNAN is false of a missing value
        "isinf": "(ABS(_a) = CAST('Infinity' AS DOUBLE))",
        "quantiles": "PERCENTILE_APPROX(_a, ARRAY(_share), 1000000)",  # exact up to a million values
        "epoch": _MICROS,
    },
    "databricks": {
        "isnan": "(_a = CAST('NaN' AS DOUBLE))",
        "isinf": "(ABS(_a) = CAST('Infinity' AS DOUBLE))",
        "quantiles": f"ARRAY({_WITHIN})",
        "epoch": _MICROS,
    },
    "bigquery": {
        "quantiles": "[APPROX_QUANTILES(_a, 1000)[OFFSET(_place)]]",
        "epoch": _MICROS,
        "contains": _FOUND,
        "sha256": "TO_HEX(SHA256(_a))",
        "week": "DATETIME_TRUNC(_a, ISOWEEK)",
    },
    "snowflake": {
        "isnan": "(_a = CAST('NaN' AS DOUBLE))",
        "isinf": "(_a IN (CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)))",
        "quantiles": f"ARRAY_CONSTRUCT({_WITHIN})",
        "epoch": "(DATE_PART(EPOCH_MICROSECOND, _a) / 1e6)",
        "regexp_matches": "(REGEXP_INSTR(_a, _b) > 0)",  # REGEXP_LIKE would want the whole text to match
        "week": "DATEADD(DAY, 1 - DAYOFWEEKISO(_a), DATE_TRUNC('DAY', _a))",
    },
    "trino": {
        "isinf": "IS_INFINITE(_a)",
        "quantiles": "ARRAY[APPROX_PERCENTILE(_a, _share)]",
        "contains": _FOUND,
        "ends_with": "(SUBSTR(_a, LENGTH(_a) - LENGTH(_b) + 1) = _b)",
        "octet_length": "LENGTH(_a)",
        "md5": "LOWER(TO_HEX(MD5(TO_UTF8(_a))))",
        "sha256": "LOWER(TO_HEX(SHA256(TO_UTF8(_a))))",
    },
    "redshift": {
        "count_if": "COUNT(CASE WHEN _a THEN 1 END)",
        "isnan": _NAN,
        "isinf": _INFINITE,
        "quantiles": f"ARRAY({_WITHIN})",
        "contains": _FOUND,
        "ends_with": _RIGHT,
    },
}
_NAMES = {
    "CountIf": "count_if",
    "IsNan": "isnan",
    "IsInf": "isinf",
    "ApproxDistinct": "approx_count_distinct",
    "Contains": "contains",
    "EndsWith": "ends_with",
    "Split": "string_split",
    "RegexpLike": "regexp_matches",
    "PercentileDisc": "quantiles",
    "MD5": "md5",
    "SHA2": "sha256",  # DuckDB's dialect has no other length
}
_DOUBLES = {"Sum": "sum", "Avg": "mean", "Sub": "minus", "Mul": "times"}  # asked of doubles alone


def translate(sql: str, dialect: str) -> str:
    """One query of DuckDB's SQL in another dialect.

    Raises UsageError where the dialect has no way to say it, and where the extra `data` is missing.
    """
    if dialect == "duckdb":
        return sql
    sqlglot = need("sqlglot")
    tree = sqlglot.parse_one(sql, read="duckdb")
    table = EXCEPTIONS[dialect]
    for node in reversed(list(tree.walk())):  # operands before what they are operands of
        name = _asked(node)
        if name == "regexp_matches" and node.expression.is_string:
            node.expression.replace(sqlglot.exp.Literal.string(spelt(node.expression.name, dialect)))
        if name in table:
            node.replace(_written(node, name, table[name], dialect))
    try:
        written: str = tree.sql(dialect=dialect, unsupported_level=sqlglot.ErrorLevel.RAISE)
    except sqlglot.errors.UnsupportedError as error:
        what = f"{dialect} has no way to ask this: {str(error).splitlines()[0]}"
        raise UsageError(what, hint="bring the rows to another engine") from None
    return written


def _asked(node: Any) -> str:
    """The name in the table of what a node asks for; empty for all that every dialect writes alike."""
    kind = type(node).__name__
    if kind == "Extract":
        return "epoch" if node.name.upper() == "EPOCH" else ""
    if kind == "TimestampTrunc":
        return "week" if str(node.args["unit"]).upper() == "WEEK" else ""
    if kind == "TryCast":
        return "try_cast_date" if node.to.this.name == "DATE" else ""
    if kind in _DOUBLES:
        return _of_doubles(node, kind)
    if kind == "Count":
        return "count_distinct" if type(node.this).__name__ == "Distinct" else ""
    if kind == "Anonymous":
        return str(node.name).lower()
    return _NAMES.get(kind, "")


def _of_doubles(node: Any, kind: str) -> str:
    """Which of the operations on doubles it is; empty for one on others, and for one that cannot leave their range."""
    exp = need("sqlglot").exp
    if not any(cast.is_type("double") for cast in node.find_all(exp.Cast)):
        return ""
    if kind == "Sub":
        constant = node.expression.unnest().find(exp.Literal) if not node.expression.find(exp.Column) else None
        return "" if constant is not None and abs(float(constant.name)) <= _NEGLIGIBLE else "minus"
    if kind == "Sum" and isinstance(node.this, exp.Case):
        return ""
    return "square" if kind == "Mul" and node.this == node.expression else _DOUBLES[kind]


def _written(node: Any, name: str, template: str, dialect: str) -> Any:
    if name == "epoch":
        operands = [node.expression]
    elif name in ("octet_length", "count_distinct"):
        operands = node.expressions or node.this.expressions
    else:
        operands = [node.this, node.expression]
    if name == "quantiles":
        made = _parsed(template, dialect).copy()
        listed = made.find(need("sqlglot").exp.Array)
        member = listed.expressions[0]
        shares = [float(share.name) for share in operands[1].expressions]
        listed.set("expressions", [_with(member.copy(), operands[:1], node, share) for share in shares])
        return _with(made, operands[:1], node)
    return _with(_parsed(template, dialect).copy(), operands, node)


@lru_cache(maxsize=256)
def _parsed(template: str, dialect: str) -> Any:
    return need("sqlglot").parse_one(template, read=dialect)


def _with(tree: Any, operands: list[Any], node: Any, share: float | None = None) -> Any:
    """The template with the operands of a node in their places; the first time an operand itself, for copies are dear."""
    from sqlglot import exp

    values = {"_a": operands[0], "_b": operands[1] if len(operands) > 1 else None}
    if share is not None:
        values |= {"_share": exp.Literal.number(repr(share)), "_place": exp.Literal.number(round(share * 1000))}
    whole = exp.Paren(this=tree)  # so that a template that is nothing but an operand has a parent, too
    for column in list(tree.find_all(exp.Column)):
        value = values.get(column.name.lower())
        if value is not None:
            column.replace(value.pop() if value.parent is node else value.copy())
    return whole.this.pop()
