"""A plan's tasks counted on a table: one pass for all of them, and what broke them with examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mlscore.checks.schema import shapes
from mlscore.checks.schema.customs import CUSTOM_ROWS, run_customs
from mlscore.checks.schema.examples import MOST, shown
from mlscore.checks.schema.plan import Plan, Task
from mlscore.checks.schema.report import RuleResult
from mlscore.checks.schema.shapes import Unmapped
from mlscore.errors import InputError
from mlscore.tables import conditions as c

if TYPE_CHECKING:
    from mlscore.tables.table import Table

EXAMPLE_RULES = 20  # beyond so many broken rules no more examples are looked for
ROWS = "rows"


@dataclass(frozen=True, slots=True)
class Judged:
    """The results of a plan, and what turned out not to be judged."""

    rows: int
    results: tuple[RuleResult, ...]
    unmapped: tuple[Unmapped, ...]


def judge(
    plan: Plan,
    table: Table,
    *,
    examples: int = MOST,
    custom_rows: int | None = CUSTOM_ROWS,
    most: float = 0.0,
    seed: int = 0,
) -> Judged:
    """Count every task of a plan.

    `most` is the share of broken values tolerated of rules that name none themselves. Checks that only their own
    library can run are run on a sample of `custom_rows` rows, or with None on all of them. Raises InputError where the
    table cannot be read.
    """
    counted, failed = count(table, conditions_of(plan))
    results, unmapped = results_of(plan, counted, failed, most)
    customs = [task for task in plan.tasks if isinstance(task.rule, shapes.Custom)]
    rows = counted[ROWS]
    if examples > 0:
        results = _with_examples(plan.tasks, results, table, examples)
    ran, refused = run_customs(customs, table, rows, custom_rows, most, seed)
    return Judged(rows, (*results, *ran), (*unmapped, *refused))


def conditions_of(plan: Plan) -> dict[str, c.Condition]:
    """Everything to count for a plan, by names that `results_of` knows."""
    asked: dict[str, c.Condition] = {ROWS: c.Every(())}
    asked |= {f"missing {name}": condition for name, condition in plan.missing.items()}
    for number, task in enumerate(plan.tasks):
        if task.condition is not None:
            asked[f"{number}"] = task.condition
        if task.unreadable is not None:
            asked[f"{number} unreadable"] = task.unreadable
        for place, (_, condition) in enumerate(task.seen):
            asked[f"{number} seen {place}"] = condition
    return asked


def results_of(
    plan: Plan, counted: Mapping[str, int], failed: Mapping[str, str], most: float = 0.0
) -> tuple[list[RuleResult], list[Unmapped]]:
    """The results of all tasks but those that only their own library can run, and what could not be counted."""
    results: list[RuleResult] = []
    unmapped: list[Unmapped] = []
    for number, task in enumerate(plan.tasks):
        if f"{number}" in failed:
            unmapped.append(Unmapped(task.column, task.name, failed[f"{number}"], task.rule.origin))
        elif not isinstance(task.rule, shapes.Custom):
            results.append(_result(task, number, counted, counted[ROWS], most))
    return results, unmapped


def count(table: Table, asked: Mapping[str, c.Condition]) -> tuple[dict[str, int], dict[str, str]]:
    """The rows of each condition, and why some cannot be asked (a pattern that the engine's dialect does not know).

    One pass, unless something cannot be asked: then each pattern is tried by itself. Raises InputError when not even
    the rest can be asked.
    """
    # What is asked twice (missing values, for their rule and for those of the other rules) is counted once.
    first: dict[c.Condition, str] = {}
    same = {name: first.setdefault(condition, name) for name, condition in asked.items()}
    counted, failed = _count({name: condition for condition, name in first.items()}, table)
    return (
        {name: counted[one] for name, one in same.items() if one in counted},
        {name: failed[one] for name, one in same.items() if one in failed},
    )


def _count(asked: Mapping[str, c.Condition], table: Table) -> tuple[dict[str, int], dict[str, str]]:
    try:
        return table.violations(asked), {}
    except InputError:
        patterns = {name: condition for name, condition in asked.items() if has_pattern(condition)}
        if not patterns:
            raise
    counted = table.violations({name: condition for name, condition in asked.items() if name not in patterns})
    failed: dict[str, str] = {}
    for name, condition in patterns.items():
        try:
            counted |= table.violations({name: condition})
        except InputError as error:
            failed[name] = error.what
    return counted, failed


def has_pattern(condition: c.Condition) -> bool:
    """Whether a regular expression stands in it, which an engine's dialect may not know."""
    if isinstance(condition, c.Matches):
        return True
    if isinstance(condition, c.Not):
        return has_pattern(condition.condition)
    return isinstance(condition, (c.Every, c.Some)) and any(has_pattern(part) for part in condition.conditions)


def _result(task: Task, number: int, counted: Mapping[str, int], rows: int, most: float) -> RuleResult:
    rule = task.rule
    missing = counted.get(f"missing {task.column}", 0) if task.column is not None else 0
    about_missing = task.column is None or task.text or isinstance(rule, (shapes.Present, shapes.Unique, shapes.Finite))
    checked = rows if about_missing or rule.missing_breaks else rows - missing
    note = task.note
    if isinstance(rule, shapes.RowCount):
        violations = max(0, (rule.low or 0) - rows) + (max(0, rows - rule.high) if rule.high is not None else 0)
        note = f"there are {rows:,} rows"
    elif task.broken:
        violations = checked
    elif task.condition is not None:
        violations = counted[f"{number}"]
    else:
        violations = checked if task.all_break else 0
    unreadable = counted.get(f"{number} unreadable")
    if unreadable is not None and task.broken:
        wanted = next(kind.value for kind in getattr(rule, "kinds", ()))
        note += f"; {unreadable:,} of {checked:,} values cannot be read as {wanted}"
    unseen = [value for place, (value, _) in enumerate(task.seen) if not counted[f"{number} seen {place}"]]
    if unseen:
        violations += len(unseen)
        note = f"{note + '; ' if note else ''}never seen: {', '.join(shapes.told(v) for v in unseen[: shapes.SHOWN])}"
    tolerated = rule.tolerated or (0.0 if task.text or isinstance(rule, (shapes.RowCount, shapes.OfKind)) else most)
    share = violations / checked if checked else float(bool(violations))
    passed = not task.broken and not unseen and (violations == 0 or 0 < share <= tolerated)
    return RuleResult(
        column=task.column,
        rule=task.name,
        topic=task.text or rule.topic,
        violations=violations,
        rows=rows,
        checked=checked,
        passed=passed,
        tolerated=tolerated,
        warns=rule.warns,
        note=note,
        origin=rule.origin,
    )


def _with_examples(tasks: Sequence[Task], results: Sequence[RuleResult], table: Table, most: int) -> list[RuleResult]:
    by_id = {(task.column, task.name): task for task in tasks}
    done: list[RuleResult] = []
    looked = 0
    for result in results:
        task = by_id[result.column, result.rule]
        condition = task.unreadable if task.broken else task.condition
        columns = columns_of(task)
        if (
            not result.violations
            or condition is None
            or not columns
            or isinstance(task.rule, shapes.Present)
            or looked >= EXAMPLE_RULES
        ):
            done.append(result)
            continue
        looked += 1
        found = table.rows_where(condition, most * 3, columns)
        done.append(replace(result, examples=example_texts(columns, found, most)))
    return done


def columns_of(task: Task) -> tuple[str, ...]:
    """The columns whose values show how a rule is broken."""
    rule = task.rule
    if isinstance(rule, shapes.Related):
        return (rule.left, rule.right)
    if isinstance(rule, shapes.Unique):
        return rule.columns
    return () if task.column is None else (task.column,)


def example_texts(columns: Sequence[str], found: Sequence[Mapping[str, Any]], most: int) -> tuple[str, ...]:
    """At most `most` different rows as a report may show them."""
    if len(columns) == 1:
        return shown(columns[0], [row[columns[0]] for row in found], most)
    texts = (", ".join(f"{name}={shown(name, [row[name]])[0]}" for name in columns) for row in found)
    return tuple(dict.fromkeys(texts))[:most]
