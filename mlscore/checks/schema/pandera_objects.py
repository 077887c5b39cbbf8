"""pandera's schemas as Python objects: what is built in becomes rules, the rest is run by pandera itself."""

from __future__ import annotations

from typing import Any

from mlscore.checks.schema import shapes
from mlscore.checks.schema.pandera_runs import RUNS, runner
from mlscore.checks.schema.pandera_words import BUILTINS, UnknownWordError, check_rule, type_rule
from mlscore.checks.schema.shapes import ColumnRules, Rule, Schema, Unmapped
from mlscore.errors import InputError


def is_pandera(given: object) -> bool:
    """Whether it is one of pandera's schemas or models."""
    kind = given if isinstance(given, type) else type(given)
    return any(base.__module__.partition(".")[0] == "pandera" for base in kind.__mro__)


def read_pandera(given: Any, source: str) -> Schema:
    """A DataFrameSchema or DataFrameModel as our schema. Raises InputError when it is neither."""
    if isinstance(given, type) and hasattr(given, "to_schema"):
        try:
            given = given.to_schema()
        except Exception as error:
            raise InputError(
                f"pandera cannot make a schema of this model: {type(error).__name__}: {error}", where=source
            ) from None
    if not hasattr(given, "columns") or not hasattr(given, "strict"):
        raise InputError(
            f"a {type(given).__name__} is no schema of a table",
            where=source,
            hint="name a DataFrameSchema or a DataFrameModel",
        )
    backend = next((word for word in type(given).__module__.split(".") if word in (*RUNS, "ibis", "pyspark")), "pandas")
    unmapped: list[Unmapped] = []
    columns = [_column(name, column, backend, source, unmapped) for name, column in given.columns.items()]
    rules: list[Rule] = []
    for check in given.checks or ():
        rules.append(_custom(check, None, backend, source))
    unique = given.unique or []
    for group in [unique] if unique and all(isinstance(name, str) for name in unique) else unique:
        rules.append(shapes.Unique(tuple(group), missing_equal=True, origin=source))
    unmapped += _settings(given, source)
    return Schema(
        columns=tuple(columns),
        rules=tuple(rules),
        strict=given.strict is True,
        ordered=bool(given.ordered),
        unmapped=tuple(unmapped),
        source=source,
        form="pandera",
    )


def _settings(given: Any, source: str) -> list[Unmapped]:
    """What a schema says beside its columns that changes data, or that a table cannot show."""
    found = []
    if getattr(given, "index", None) is not None:
        found.append(Unmapped(None, "index", "a table has no index; make it a column", source))
    if getattr(given, "parsers", None):
        found.append(Unmapped(None, "parsers", "the rows are judged as they are, before any parser", source))
    if getattr(given, "dtype", None) is not None:
        found.append(
            Unmapped(None, f"dtype({given.dtype})", "a type for all columns is not judged; give each its own", source)
        )
    if getattr(given, "drop_invalid_rows", False):
        found.append(
            Unmapped(None, "drop_invalid_rows", "nothing is dropped here: the rows it would drop are counted", source)
        )
    return found


def _column(name: object, column: Any, backend: str, source: str, unmapped: list[Unmapped]) -> ColumnRules:
    text = str(name)
    coerced = bool(getattr(column, "coerce", False))
    rules: list[Rule] = []
    if column.dtype is not None:
        try:
            rules.append(type_rule(str(column.dtype), coerced=coerced, origin=source))
        except UnknownWordError as error:
            unmapped.append(Unmapped(text, f"dtype({column.dtype})", str(error), source))
        categories = getattr(column.dtype, "categories", None)
        if categories is not None:
            rules.append(check_rule("isin", {"allowed_values": list(categories)}, origin=source))
    if not column.nullable and getattr(column, "default", None) is None:
        rules.append(shapes.Present(nan=backend == "pandas", origin=source))
    if getattr(column, "unique", False):
        rules.append(shapes.Unique((text,), missing_equal=True, origin=source))
    if getattr(column, "parsers", None):
        unmapped.append(Unmapped(text, "parsers", "the values are judged as they are, before any parser", source))
    for check in column.checks or ():
        rules.append(_check(check, column, backend, source))
    return ColumnRules(
        text, tuple(rules), required=bool(column.required), pattern=bool(getattr(column, "regex", False)), origin=source
    )


def _check(check: Any, column: Any, backend: str, source: str) -> Rule:
    # A function of one's own may bear the name of a built-in check.
    built_in = check.name in BUILTINS and type(check._check_fn).__name__ == "Dispatcher"
    if built_in and check.groupby is None and not check.element_wise:
        try:
            return check_rule(
                check.name,
                {word: value for word, value in (check.statistics or {}).items() if word in BUILTINS[check.name]},
                ignore_na=bool(check.ignore_na),
                warns=bool(check.raise_warning),
                origin=source,
            )
        except UnknownWordError:
            pass  # an argument that no rule holds: pandera knows what it means
    return _custom(check, column, backend, source)


def _custom(check: Any, column: Any, backend: str, source: str) -> Rule:
    name = str(check.name or "check")
    unit = "each value by itself" if check.element_wise else "the column as a whole"
    if column is None:
        unit = "each row by itself" if check.element_wise else "the table as a whole"
    return shapes.Custom(
        name,
        unit,
        (),
        runner(check, column, backend),
        each=bool(check.element_wise),
        alone=column is not None and check.groupby is None,
        warns=bool(check.raise_warning),
        origin=source,
    )
