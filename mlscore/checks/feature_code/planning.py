"""From a schema and real rows to the plan that functions are tried by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlscore.checks.feature_code.examine import Plan
from mlscore.checks.feature_code.forms import load
from mlscore.checks.feature_code.look import Settings
from mlscore.checks.feature_code.pandera_rules import read_rules
from mlscore.checks.feature_code.rules import ColumnRule, filled, infer_rules
from mlscore.errors import InputError, UsageError
from mlscore.tables.extras import need


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for, ready to travel to another process where schema and reader are texts.

    `rows` is a pandas frame of real rows. `seconds` are for each function.
    """

    schema: Any = None
    rows: Any = None
    examples: int = 100
    seconds: float = 30.0
    seed: int = 0
    tolerance: float = 1e-6
    formats: tuple[str, ...] = ("json",)
    reader: Any = None


def make_plan(order: Order) -> tuple[Plan, tuple[str, ...]]:
    """The plan, and notes on what was left out. Raises UsageError where there is nothing to make batches from."""
    notes: list[str] = []
    inferred = () if order.rows is None else infer_rules(order.rows)
    keep = None
    if order.schema is not None:
        schema = load(order.schema) if isinstance(order.schema, str) else order.schema
        where = order.schema if isinstance(order.schema, str) else type(order.schema).__name__
        rules, keep = read_rules(schema, where)
        rules = tuple(_typed(rule) for rule in filled(rules, inferred))
    elif inferred:
        if not len(order.rows):
            raise InputError("there are no rows to infer a schema from", hint="give a pandera schema, or rows")
        rules = inferred
        notes.append("no schema is given: ranges and nulls are those of the real rows")
    else:
        raise UsageError("there is nothing to make input from", hint='give schema = "module:SCHEMA", or real rows')
    real = None
    if order.rows is not None and len(order.rows):
        real = _real(order.rows, rules, notes)
        if real is not None and keep is not None:
            kept = keep(real)
            if len(kept) < len(real):
                notes.append(
                    f"{len(real) - len(kept)} of {len(real)} real rows break the schema's own checks: not used"
                )
                real = real.iloc[list(kept)].reset_index(drop=True)
    reader = load(order.reader) if isinstance(order.reader, str) else order.reader
    settings = Settings(order.tolerance, order.seconds, order.formats, reader)
    return Plan(rules, real, order.examples, order.seconds, order.seed, settings, keep), tuple(notes)


def _typed(rule: ColumnRule) -> ColumnRule:
    """A rule that says of what type its values are. Raises UsageError."""
    if rule.dtype is None:
        raise UsageError(
            f"the schema gives the column {rule.name!r} no dtype", hint="declare it, or give real rows to take it from"
        )
    return rule


def _real(rows: Any, rules: tuple[ColumnRule, ...], notes: list[str]) -> Any:
    """The real rows that keep the rules, with the rules' columns and dtypes; None where columns are missing."""
    names = [str(name) for name in rows.columns]
    missing = [rule.name for rule in rules if rule.name not in names]
    if missing:
        notes.append(f"the real rows have no column {missing[0]!r}: only generated rows were tried")
        return None
    made = need("pandas").DataFrame(index=range(len(rows)))
    good = [True] * len(rows)
    for rule in rules:
        series = rows.iloc[:, names.index(rule.name)].reset_index(drop=True)
        try:
            made[rule.name] = series.astype(rule.dtype)
        except (TypeError, ValueError):
            numeric = need("pandas").to_numeric(series, errors="coerce")
            fits = numeric.notna()
            try:
                made[rule.name] = numeric.where(fits, 0).astype(rule.dtype)
            except (TypeError, ValueError):
                notes.append(f"the real column {rule.name!r} is no {rule.dtype}: only generated rows were tried")
                return None
            good = [one and bool(fit) for one, fit in zip(good, fits, strict=True)]
        good = [one and _allows(rule, value) for one, value in zip(good, made[rule.name].tolist(), strict=True)]
    if not all(good):
        notes.append(f"{len(good) - sum(good)} of {len(good)} real rows break the schema: not used")
    kept = made[good].reset_index(drop=True)
    return kept if len(kept) else None


def _allows(rule: ColumnRule, value: Any) -> bool:
    try:
        # The patterns of inferred texts are those of the frequent shapes alone.
        return rule.opaque or bool(rule.patterns) or rule.allows(value)
    except TypeError:
        return False
