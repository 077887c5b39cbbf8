"""Great Expectations suites (JSON, before and since 1.0) as rules; what does not map is named with its reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mlscore.checks.schema import shapes
from mlscore.checks.schema.json_text import wanted
from mlscore.checks.schema.pandera_words import UnknownWordError, type_rule
from mlscore.checks.schema.shapes import Anchor, ColumnRules, Literal, Rule, Schema, Unmapped
from mlscore.errors import InputError
from mlscore.tables.conditions import Operator
from mlscore.tables.shapes import Kind

_EXPECT = "expect_"
_NEUTRAL = {
    "column",
    "mostly",
    "meta",
    "result_format",
    "include_config",
    "catch_exceptions",
    "notes",
    "description",
    "batch_id",
}
_NEUTRAL |= {"column_list", "column_set", "column_A", "column_B", "severity", "id", "name", "windows"}
_ENGINE_TYPES = {
    "integertype": "int64", "bigint": "int64", "integer": "int64", "smallint": "int16",
    "longtype": "int64", "int_": "int64", "doubletype": "float64", "floattype": "float32",
    "double": "float64", "double_precision": "float64", "float_": "float64", "real": "float32",
    "numeric": "decimal", "varchar": "str", "text": "str", "stringtype": "str",
    "char": "str", "nvarchar": "str", "booleantype": "bool", "timestamptype": "datetime64",
    "timestamp": "datetime64", "datetype": "date",
}  # fmt: skip


class _UnmappedError(ValueError):
    """An expectation that no rule says; the text says why."""


def is_suite(data: object) -> bool:
    """Whether a JSON document looks like a suite."""
    return isinstance(data, Mapping) and "expectations" in data


def read_suite(data: Mapping[str, Any], name: str) -> Schema:
    """The schema of a parsed suite. Raises InputError when it is none."""
    listed = wanted(data.get("expectations"), list, '"expectations"', name)
    columns: dict[str, list[Rule]] = {}
    table: list[Rule] = []
    unmapped: list[Unmapped] = []
    made_up = _MakeUp()
    for place, one in enumerate(listed):
        where = f"{name} expectations[{place}]"
        given = wanted(one, dict, "an expectation", where)
        kind = given.get("type", given.get("expectation_type"))
        kind = wanted(kind, str, 'the expectation\'s "type"', where)
        if not kind.startswith(_EXPECT):
            raise InputError(f"{kind!r} is no expectation", where=where, hint="its type begins with expect_")
        kwargs = wanted(given.get("kwargs") or {}, dict, '"kwargs"', where)
        column = kwargs.get("column")
        said = str(column) if isinstance(column, str) else None
        try:
            _check_kwargs(kwargs)
            if kind in _TABLE:
                table += _TABLE[kind](kwargs, made_up, where)
            elif kind in _COLUMN:
                if said is None:
                    raise _UnmappedError("it names no column")
                rules = columns.setdefault(said, [])
                rules += _COLUMN[kind](
                    kwargs, {"origin": where, "tolerated": _tolerated(kwargs), "warns": _warns(given)}
                )
            else:
                raise _UnmappedError("no rule on rows says this")
        except _UnmappedError as error:
            unmapped.append(Unmapped(said, kind, str(error), where))
    for column in made_up.listed or made_up.there:
        columns.setdefault(column, [])
    ordered = made_up.listed or ()
    names = [*ordered, *(column for column in columns if column not in ordered)]
    required = {*made_up.there, *(made_up.listed or ())}
    # A suite that names a column expects it, though it does not say so.
    return Schema(
        columns=tuple(
            ColumnRules(column, tuple(columns[column]), column in required or bool(columns[column]), origin=name)
            for column in names
        ),
        rules=tuple(table),
        strict=made_up.strict,
        ordered=made_up.listed is not None,
        unmapped=tuple(unmapped),
        source=name,
        form="Great Expectations",
    )


class _MakeUp:
    """What the suite says of the table's columns as such."""

    def __init__(self) -> None:
        self.there: list[str] = []
        self.listed: list[str] | None = None
        self.strict = False


def _check_kwargs(kwargs: Mapping[str, Any]) -> None:
    for key in ("row_condition", "condition_parser"):
        if kwargs.get(key):
            raise _UnmappedError("it is about the rows of a condition written in code")
    for key, value in kwargs.items():
        if isinstance(value, Mapping) and any(str(inner).startswith("$PARAMETER") for inner in value):
            raise _UnmappedError(f"the value of {key} is a parameter given at run time")
    for key in ("parse_strings_as_datetimes", "output_strftime_format", "allow_cross_type_comparisons"):
        if kwargs.get(key):
            raise _UnmappedError(f"{key} changes values before they are compared")
    if kwargs.get("ignore_row_if", "both_values_are_missing") in ("never",):
        raise _UnmappedError('ignore_row_if "never" is not supported')


def _only(kwargs: Mapping[str, Any], *known: str) -> None:
    for key, value in kwargs.items():
        if key not in _NEUTRAL and key not in known and value is not None and value is not False:
            raise _UnmappedError(f"its argument {key} has no counterpart")


def _tolerated(kwargs: Mapping[str, Any]) -> float:
    mostly = kwargs.get("mostly")
    if mostly is None:
        return 0.0
    if not isinstance(mostly, (int, float)) or isinstance(mostly, bool) or not 0 <= mostly <= 1:
        raise _UnmappedError(f"mostly is a share from 0 to 1, not {mostly!r}")
    return round(1 - mostly, 12)


def _warns(given: Mapping[str, Any]) -> bool:
    return given.get("severity") in ("warning", "info")


def _literal(value: object) -> Literal:
    if isinstance(value, (str, int, float, bool)):
        return value
    raise _UnmappedError(f"{value!r} is no text, number or truth value")


def _limit(value: object) -> Literal | None:
    return None if value is None else _literal(value)


def _whole(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value):
        raise _UnmappedError(f"{value!r} is no whole number")
    return int(value)


def _between(kwargs: Mapping[str, Any], common: dict[str, Any]) -> list[Rule]:
    _only(kwargs, "min_value", "max_value", "strict_min", "strict_max")
    low, high = _limit(kwargs.get("min_value")), _limit(kwargs.get("max_value"))
    if low is None and high is None:
        raise _UnmappedError("it has neither min_value nor max_value")
    opened = (bool(kwargs.get("strict_min")), bool(kwargs.get("strict_max")))
    return [shapes.Within(low, high, low_open=opened[0], high_open=opened[1], **common)]


def _extreme(kwargs: Mapping[str, Any], common: dict[str, Any], *, greatest: bool) -> list[Rule]:
    """A greatest value of at most 5 is every value being at most 5; a limit on its other side no rule on rows says."""
    _only(kwargs, "min_value", "max_value", "strict_min", "strict_max")
    bound, other = ("max", "min") if greatest else ("min", "max")
    limit = _limit(kwargs.get(f"{bound}_value"))
    if limit is None or kwargs.get(f"{other}_value") is not None:
        raise _UnmappedError(f"that some value reaches {other}_value is no rule on single rows")
    is_open = bool(kwargs.get(f"strict_{bound}"))
    if greatest:
        return [shapes.Within(high=limit, high_open=is_open, **common)]
    return [shapes.Within(low=limit, low_open=is_open, **common)]


def _values(kwargs: Mapping[str, Any]) -> tuple[Literal, ...]:
    values = kwargs.get("value_set")
    if not isinstance(values, list):
        raise _UnmappedError("its value_set is no list")
    return tuple(dict.fromkeys(_literal(value) for value in values if value is not None))


def _in_set(
    kwargs: Mapping[str, Any], common: dict[str, Any], *, negated: bool = False, all_seen: bool = False
) -> list[Rule]:
    _only(kwargs, "value_set")
    return [shapes.Among(_values(kwargs), negated=negated, all_seen=all_seen, **common)]


def _regex(kwargs: Mapping[str, Any], common: dict[str, Any], *, negated: bool) -> list[Rule]:
    _only(kwargs, "regex")
    pattern = kwargs.get("regex")
    if not isinstance(pattern, str):
        raise _UnmappedError("its regex is no text")
    return [shapes.Pattern(pattern, Anchor.ANYWHERE, negated=negated, **common)]


def _regexes(kwargs: Mapping[str, Any], common: dict[str, Any], *, negated: bool) -> list[Rule]:
    _only(kwargs, "regex_list", "match_on")
    patterns = kwargs.get("regex_list")
    if not isinstance(patterns, list) or not patterns or not all(isinstance(one, str) for one in patterns):
        raise _UnmappedError("its regex_list is no list of texts")
    if not negated and kwargs.get("match_on") != "all":
        joined = "|".join(f"(?:{pattern})" for pattern in patterns)
        return [shapes.Pattern(joined, Anchor.ANYWHERE, **common)]
    return [shapes.Pattern(pattern, Anchor.ANYWHERE, negated=negated, **common) for pattern in patterns]


def _lengths(kwargs: Mapping[str, Any], common: dict[str, Any]) -> list[Rule]:
    _only(kwargs, "min_value", "max_value", "strict_min", "strict_max")
    low, high = _whole(kwargs.get("min_value")), _whole(kwargs.get("max_value"))
    if low is None and high is None:
        raise _UnmappedError("it has neither min_value nor max_value")
    low = low + 1 if low is not None and kwargs.get("strict_min") else low
    high = high - 1 if high is not None and kwargs.get("strict_max") else high
    return [shapes.Sized(low, high, **common)]


def _length(kwargs: Mapping[str, Any], common: dict[str, Any]) -> list[Rule]:
    _only(kwargs, "value")
    size = _whole(kwargs.get("value"))
    if size is None:
        raise _UnmappedError("it has no value")
    return [shapes.Sized(size, size, **common)]


def _not_null(kwargs: Mapping[str, Any], common: dict[str, Any]) -> list[Rule]:
    _only(kwargs)
    return [shapes.Present(**common)]


def _unique(kwargs: Mapping[str, Any], common: dict[str, Any]) -> list[Rule]:
    _only(kwargs)
    return [shapes.Unique((str(kwargs["column"]),), **common)]


def _type(kwargs: Mapping[str, Any], common: dict[str, Any]) -> list[Rule]:
    _only(kwargs, "type_", "type_list")
    given = kwargs.get("type_list") if "type_list" in kwargs else [kwargs.get("type_")]
    if not isinstance(given, list) or not given or not all(isinstance(one, str) for one in given):
        raise _UnmappedError("it names no type")
    kinds: list[Kind] = []
    bits: int | None = 0
    for one in given:
        word = one.lower().rpartition(".")[2].partition("(")[0].replace(" ", "_")
        try:
            rule = type_rule(_ENGINE_TYPES.get(word, word))
        except UnknownWordError as error:
            raise _UnmappedError(str(error)) from None
        assert isinstance(rule, shapes.OfKind)
        kinds += [kind for kind in rule.kinds if kind not in kinds]
        bits = max(bits, rule.bits) if bits is not None and rule.bits is not None else None
    common = {**common, "tolerated": 0.0}
    return [shapes.OfKind(tuple(kinds), bits or None, **common)]


def _exists(kwargs: Mapping[str, Any], made: _MakeUp, _where: str) -> list[Rule]:
    if kwargs.get("column_index") is not None:
        raise _UnmappedError("its argument column_index has no counterpart")
    made.there.append(str(kwargs.get("column")))
    return []


def _ordered(kwargs: Mapping[str, Any], made: _MakeUp, _where: str) -> list[Rule]:
    names = kwargs.get("column_list")
    if not isinstance(names, list):
        raise _UnmappedError("its column_list is no list")
    made.listed, made.strict = [str(name) for name in names], True
    return []


def _set(kwargs: Mapping[str, Any], made: _MakeUp, _where: str) -> list[Rule]:
    names = kwargs.get("column_set")
    if not isinstance(names, list):
        raise _UnmappedError("its column_set is no list")
    made.there += [str(name) for name in names]
    made.strict = made.strict or kwargs.get("exact_match") is not False
    return []


def _row_count(kwargs: Mapping[str, Any], _made: _MakeUp, where: str) -> list[Rule]:
    if kwargs.get("strict_min") or kwargs.get("strict_max"):
        raise _UnmappedError("strict limits of a row count have no counterpart")
    low, high = _whole(kwargs.get("min_value")), _whole(kwargs.get("max_value"))
    return [shapes.RowCount(low, high, origin=where)]


def _row_count_equal(kwargs: Mapping[str, Any], _made: _MakeUp, where: str) -> list[Rule]:
    size = _whole(kwargs.get("value"))
    if size is None:
        raise _UnmappedError("it has no value")
    return [shapes.RowCount(size, size, origin=where)]


def _compound(kwargs: Mapping[str, Any], _made: _MakeUp, where: str) -> list[Rule]:
    names = kwargs.get("column_list")
    if not isinstance(names, list) or not names:
        raise _UnmappedError("its column_list is no list")
    if kwargs.get("ignore_row_if", "all_values_are_missing") != "any_value_is_missing":
        return [shapes.Unique(tuple(map(str, names)), missing_equal=True, origin=where, tolerated=_tolerated(kwargs))]
    return [shapes.Unique(tuple(map(str, names)), origin=where, tolerated=_tolerated(kwargs))]


def _pair(operator: Operator) -> Callable[[Mapping[str, Any], _MakeUp, str], list[Rule]]:
    def read(kwargs: Mapping[str, Any], _made: _MakeUp, where: str) -> list[Rule]:
        left, right = kwargs.get("column_A"), kwargs.get("column_B")
        if not isinstance(left, str) or not isinstance(right, str):
            raise _UnmappedError("it names no two columns")
        chosen = Operator.AT_LEAST if operator is Operator.GREATER and kwargs.get("or_equal") else operator
        one_missing = kwargs.get("ignore_row_if", "both_values_are_missing") == "both_values_are_missing"
        common: dict[str, Any] = {"origin": where, "tolerated": _tolerated(kwargs), "missing_breaks": one_missing}
        return [shapes.Related(left, chosen, right, **common)]

    return read


_COLUMN: dict[str, Callable[[Mapping[str, Any], dict[str, Any]], list[Rule]]] = {
    "expect_column_values_to_be_between": _between,
    "expect_column_max_to_be_between": lambda k, c: _extreme(k, c, greatest=True),
    "expect_column_min_to_be_between": lambda k, c: _extreme(k, c, greatest=False),
    "expect_column_values_to_be_in_set": _in_set,
    "expect_column_values_to_not_be_in_set": lambda k, c: _in_set(k, c, negated=True),
    "expect_column_distinct_values_to_be_in_set": _in_set,
    "expect_column_distinct_values_to_equal_set": lambda k, c: _in_set(k, c, all_seen=True),
    "expect_column_values_to_match_regex": lambda k, c: _regex(k, c, negated=False),
    "expect_column_values_to_not_match_regex": lambda k, c: _regex(k, c, negated=True),
    "expect_column_values_to_match_regex_list": lambda k, c: _regexes(k, c, negated=False),
    "expect_column_values_to_not_match_regex_list": lambda k, c: _regexes(k, c, negated=True),
    "expect_column_value_lengths_to_be_between": _lengths,
    "expect_column_value_lengths_to_equal": _length,
    "expect_column_values_to_not_be_null": _not_null,
    "expect_column_values_to_be_unique": _unique,
    "expect_column_values_to_be_of_type": _type,
    "expect_column_values_to_be_in_type_list": _type,
}
_TABLE: dict[str, Callable[[Mapping[str, Any], _MakeUp, str], list[Rule]]] = {
    "expect_column_to_exist": _exists,
    "expect_table_columns_to_match_ordered_list": _ordered,
    "expect_table_columns_to_match_set": _set,
    "expect_table_row_count_to_be_between": _row_count,
    "expect_table_row_count_to_equal": _row_count_equal,
    "expect_compound_columns_to_be_unique": _compound,
    "expect_select_column_values_to_be_unique_within_record": lambda *_: _refuse(
        "it is about several columns of one row"
    ),
    "expect_column_pair_values_A_to_be_greater_than_B": _pair(Operator.GREATER),
    "expect_column_pair_values_a_to_be_greater_than_b": _pair(Operator.GREATER),
    "expect_column_pair_values_to_be_equal": _pair(Operator.EQUAL),
}


def _refuse(why: str) -> list[Rule]:
    raise _UnmappedError(why)
