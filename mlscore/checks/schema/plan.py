"""A schema laid over a table's columns: for each rule the condition under which a row breaks it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from mlscore.checks.schema import shapes
from mlscore.checks.schema.shapes import Anchor, ColumnRules, Literal, Rule, Schema, Unmapped, told
from mlscore.errors import did_you_mean
from mlscore.tables import conditions as c
from mlscore.tables.shapes import Column, Kind, is_row_label

_BITS: dict[str, tuple[int, bool]] = {
    "tinyint": (8, True),
    "smallint": (16, True),
    "integer": (32, True),
    "int": (32, True),
    "bigint": (64, True),
    "hugeint": (128, True),
    "utinyint": (8, False),
    "usmallint": (16, False),
    "uinteger": (32, False),
    "ubigint": (64, False),
    "uhugeint": (128, False),
    "float": (32, True),
    "real": (32, True),
    "double": (64, True),
    "double precision": (64, True),
}
_READABLE = (Kind.INTEGER, Kind.NUMBER, Kind.BOOLEAN, Kind.DATE, Kind.DATETIME)


@dataclass(frozen=True, slots=True)
class Task:
    """One rule on one column of the table.

    Rows break it where `condition` is true; without one, `all_break` says whether every present value does. `seen` are
    conditions that each have to be true of some row. `broken` marks a rule on the table's make-up that is broken
    whatever the rows say. `note` says what a person should know about the outcome.
    """

    column: str | None
    rule: Rule
    condition: c.Condition | None = None
    all_break: bool = False
    seen: tuple[tuple[Literal, c.Condition], ...] = ()
    broken: bool = False
    text: str = ""
    note: str = ""
    unreadable: c.Condition | None = None

    @property
    def name(self) -> str:
        """The rule as results name it."""
        return self.text or self.rule.text


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything to ask of a table: the tasks, when each named column is missing, and what is not judged."""

    tasks: tuple[Task, ...]
    missing: dict[str, c.Condition]
    unmapped: tuple[Unmapped, ...]


def make_plan(schema: Schema, columns: Sequence[Column]) -> Plan:
    """Lay a schema over a table's columns. It reads no rows."""
    known = {column.name: column for column in columns}
    tasks: list[Task] = []
    unmapped = list(schema.unmapped)
    missing: dict[str, c.Condition] = {}
    expected: list[str] = []
    for rules in schema.columns:
        names = _named(rules, known)
        expected += names
        if not names:
            absent, unjudged = _absent(rules, tuple(known))
            tasks += absent
            unmapped += unjudged
        for name in names:
            column = known[name]
            missing[name] = missing_condition(column, rules.missing_values)
            if rules.required:
                tasks.append(Task(name, Rule(origin=rules.origin, reason=rules.reason), text="required"))
            made, unjudged = _column(column, rules, missing[name])
            tasks += made
            unmapped += unjudged
    tasks += _make_up(schema, tuple(known), expected)
    for rule in schema.rules:
        task = _table_rule(rule, known)
        if isinstance(task, Unmapped):
            unmapped.append(task)
        else:
            tasks.append(task)
    return Plan(tuple(tasks), missing, tuple(unmapped))


def missing_condition(column: Column, markers: Sequence[str] = (), nan: bool = True) -> c.Condition:
    """The condition under which a value is missing: null, NaN, or one of the texts that stand for nothing."""
    parts: list[c.Condition] = [c.Missing(column.name)]
    if nan and column.kind is Kind.NUMBER:
        parts.append(c.NotANumber(column.name))
    if markers and column.kind is Kind.TEXT:
        parts.append(c.OneOf(column.name, tuple(markers)))
    return parts[0] if len(parts) == 1 else c.Some(tuple(parts))


def _named(rules: ColumnRules, known: Iterable[str]) -> list[str]:
    if not rules.pattern:
        return [rules.name] if rules.name in known else []
    try:
        matching = re.compile(rules.name)
    except (re.error, RecursionError, OverflowError):
        return []
    return [name for name in known if matching.match(name)]


def _absent(rules: ColumnRules, known: Sequence[str]) -> tuple[list[Task], list[Unmapped]]:
    why = "no column's name matches it" if rules.pattern else "the table has no such column"
    if not rules.required:
        return [], [Unmapped(rules.name, r.text, f"{why}, and it may be absent", r.origin) for r in rules.rules]
    near = did_you_mean(rules.name, tuple(known))
    task = Task(
        rules.name,
        Rule(origin=rules.origin, reason=rules.reason),
        broken=True,
        text="required",
        note=f"{why}; {near}" if near else why,
    )
    return [task], [Unmapped(rules.name, r.text, why, r.origin) for r in rules.rules]


def _make_up(schema: Schema, names: Sequence[str], expected: Sequence[str]) -> list[Task]:
    tasks = []
    rule = Rule(origin=schema.source)
    if schema.strict:
        others = [name for name in names if name not in expected]
        extra = [name for name in others if not is_row_label(name)]
        tasks += [Task(name, rule, broken=True, text="strict", note="the schema has no such column") for name in extra]
        if not extra:
            note = f"{', '.join(others)}: labels of pandas' rows, which are no column of data" if others else ""
            tasks.append(Task(None, rule, text="strict", note=note))
    if schema.ordered:
        ours = list(dict.fromkeys(expected))
        theirs = [name for name in names if name in ours]
        wrong = next((pair for pair in zip(ours, theirs, strict=True) if pair[0] != pair[1]), None)
        note = f"{wrong[1]!r} stands where {wrong[0]!r} should" if wrong else ""
        tasks.append(Task(None, rule, broken=wrong is not None, text="ordered", note=note))
    return tasks


def _column(column: Column, rules: ColumnRules, missing: c.Condition) -> tuple[list[Task], list[Unmapped]]:
    tasks: list[Task] = []
    unmapped: list[Unmapped] = []
    obstacle = ""
    for rule in sorted(rules.rules, key=lambda rule: not isinstance(rule, shapes.OfKind)):
        if isinstance(rule, shapes.OfKind):
            task, obstacle = _kind(column, rule)
            # A text that stands for nothing need not be readable.
            guard = bool(rules.missing_values)
            if task.unreadable is not None and guard:
                task = replace(task, unreadable=c.Every((task.unreadable, c.Not(missing))))
            task = _with_missing(task, missing, guard=guard)
            tasks.append(task)
        elif isinstance(rule, shapes.Present):
            tasks.append(
                Task(column.name, rule, missing if rule.nan else missing_condition(column, rules.missing_values, False))
            )
        elif isinstance(rule, (shapes.Unique, shapes.Custom)):
            tasks.append(_whole(column, rule))
        elif obstacle:
            unmapped.append(Unmapped(column.name, rule.text, obstacle, rule.origin))
        else:
            made = _value(column, rule)
            if isinstance(made, Unmapped):
                unmapped.append(made)
            else:
                markers = rules.missing_values if column.kind is Kind.TEXT else ()
                tasks.append(_with_missing(made, missing, guard=bool(markers)))
    return tasks, unmapped


def _whole(column: Column, rule: Rule) -> Task:
    if isinstance(rule, shapes.Unique):
        return Task(column.name, rule, c.Repeated((column.name,), missing_equal=rule.missing_equal))
    return Task(column.name, rule)


def _with_missing(task: Task, missing: c.Condition, *, guard: bool) -> Task:
    """Missing values break no rule but one that says so."""
    condition = task.condition
    if task.rule.missing_breaks:
        if task.all_break:
            return replace(task, condition=c.Every(()), all_break=False)
        return replace(task, condition=missing if condition is None else c.Some((condition, missing)))
    if guard and condition is not None:
        return replace(task, condition=c.Every((condition, c.Not(missing))))
    return task


def _kind(column: Column, rule: shapes.OfKind) -> tuple[Task, str]:
    """The task of a type, and why the column's values cannot be judged further; "" when they can."""
    wanted = " or ".join(kind.value for kind in rule.kinds)
    found = f"{column.kind.value} ({column.native})"
    if column.kind in rule.kinds:
        problem = _width(column, rule)
        return Task(column.name, rule, all_break=bool(problem), broken=bool(problem), note=problem), ""
    readable = next((kind for kind in rule.kinds if kind in _READABLE), None)
    unreadable = c.Not(c.Parses(column.name, readable)) if readable and column.kind is Kind.TEXT else None
    if rule.coerced:
        if unreadable is not None:
            note = f"text, judged by whether it can be read as {wanted}"
            return Task(
                column.name, rule, unreadable, note=note
            ), f"the column is text, and has to become {wanted} first"
        if column.kind.numeric and any(kind.numeric for kind in rule.kinds):
            return Task(column.name, rule, note=f"{found}, taken as {wanted}"), ""
        if Kind.TEXT in rule.kinds:
            return Task(
                column.name, rule, note=f"{found}, taken as text"
            ), f"the column is {column.kind.value}, not yet text"
    note = f"it is {found}, not {wanted}"
    task = Task(column.name, rule, all_break=True, broken=True, note=note, unreadable=unreadable)
    return task, f"the column is {found}, not {wanted}"


def _width(column: Column, rule: shapes.OfKind) -> str:
    """Why a wider type does not fit into the one wanted; "" when it fits, or where the engine does not tell."""
    found = _BITS.get(column.native.lower())
    if rule.bits is None or found is None:
        return ""
    bits, signed = found
    # Every uint8 is an int16; no signed type fits an unsigned one.
    fits = bits <= rule.bits if signed == rule.signed else rule.signed and bits < rule.bits
    sign = "" if rule.signed else "unsigned "
    return "" if fits else f"it is {column.native}, wider than {sign}{rule.bits} bits"


def _value(column: Column, rule: Rule) -> Task | Unmapped:
    """The task of a rule on single values."""
    name, kind = column.name, column.kind
    unfit = Task(name, rule, all_break=True, note=f"the column is {kind.value}, which this cannot be said of")
    if isinstance(rule, shapes.Finite):
        parts = [c.NotANumber(name)] if rule.nan else []
        return Task(name, rule, c.Some((*parts, *([c.Infinite(name)] if rule.infinite else []))))
    if isinstance(rule, shapes.Within):
        return _within(column, rule) or unfit
    if isinstance(rule, (shapes.Equal, shapes.Among)):
        return _membership(column, rule)
    if isinstance(rule, shapes.Parsed):
        if kind is Kind.TEXT:
            return Task(name, rule, c.Not(c.Parses(name, rule.kind)))
        fits = kind is rule.kind or (kind is Kind.INTEGER and rule.kind is Kind.NUMBER)
        return Task(name, rule) if fits else unfit
    if kind is not Kind.TEXT:
        return unfit
    if isinstance(rule, shapes.Sized):
        return Task(name, rule, c.Not(c.Length(name, rule.low, rule.high)))
    if isinstance(rule, shapes.Affix):
        return Task(name, rule, c.Not(c.Holds(name, rule.affix, rule.place)))
    if isinstance(rule, shapes.Pattern):
        try:
            re.compile(rule.pattern)
        except (re.error, RecursionError, OverflowError) as error:
            return Unmapped(name, rule.text, f"not a regular expression: {error}", rule.origin)
        full, start = rule.anchor is Anchor.WHOLE, rule.anchor is Anchor.START
        matches = c.Matches(name, rule.pattern, full=full, start=start)
        return Task(name, rule, matches if rule.negated else c.Not(matches))
    return Unmapped(name, rule.text, "a rule on single columns cannot say this", rule.origin)


def _within(column: Column, rule: shapes.Within) -> Task | None:
    parts: list[c.Condition] = []
    for limit, opened, (closed_op, open_op) in (
        (rule.low, rule.low_open, (c.Operator.AT_LEAST, c.Operator.GREATER)),
        (rule.high, rule.high_open, (c.Operator.AT_MOST, c.Operator.LESS)),
    ):
        if limit is None:
            continue
        value = fitting(column.kind, limit)
        if value is None or column.kind is Kind.OTHER:
            return None
        parts.append(c.Not(c.Compare(column.name, open_op if opened else closed_op, value)))
    return Task(column.name, rule, c.Some(tuple(parts)))


def _membership(column: Column, rule: shapes.Equal | shapes.Among) -> Task:
    """Values of another kind equal nothing in the column, as in pandas."""
    name = column.name
    asked = rule.values if isinstance(rule, shapes.Among) else (rule.value,)
    values = tuple(value for value in (fitting(column.kind, one) for one in asked) if value is not None)
    note = "" if len(values) == len(asked) else f"no {column.kind.value} equals {told(_first_lost(column.kind, asked))}"
    if column.kind in (Kind.BINARY, Kind.NESTED):
        return Task(name, rule, all_break=not rule.negated, note=note)
    seen: tuple[tuple[Literal, c.Condition], ...] = ()
    if isinstance(rule, shapes.Among) and rule.all_seen:
        never = c.Some(())
        fitted = [(one, fitting(column.kind, one)) for one in asked]
        seen = tuple((one, never if fit is None else c.Compare(name, c.Operator.EQUAL, fit)) for one, fit in fitted)
    if not values:
        return Task(name, rule, all_break=not rule.negated, note=note, seen=seen)
    within = c.OneOf(name, values)
    return Task(name, rule, within if rule.negated else c.Not(within), note=note, seen=seen)


def _first_lost(kind: Kind, asked: Sequence[Literal]) -> Literal:
    return next(value for value in asked if fitting(kind, value) is None)


def fitting(kind: Kind, value: Literal) -> Literal | None:
    """A literal as a column of this kind can be compared with it; None when nothing in the column can equal it."""
    if kind.numeric:
        if isinstance(value, bool):
            return int(value)
        fits = isinstance(value, (int, float, Decimal)) and value == value
        return value if fits else None
    if kind is Kind.BOOLEAN:
        if isinstance(value, (int, float)) and value in (0, 1):
            return bool(value)
        return None
    if kind in (Kind.TEXT, Kind.OTHER):
        return value if isinstance(value, str) and "\0" not in value and _encodes(value) else None
    if kind in (Kind.DATE, Kind.DATETIME):
        if isinstance(value, (date, datetime)):
            return value
        if isinstance(value, str):
            try:
                return datetime.fromisoformat(value)
            except ValueError:
                return None
    return None


def _encodes(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _table_rule(rule: Rule, known: dict[str, Column]) -> Task | Unmapped:
    if isinstance(rule, shapes.RowCount):
        return Task(None, rule)
    if isinstance(rule, shapes.Custom):
        absent = next((name for name in rule.needs or () if name not in known), None)
        return Task(None, rule) if absent is None else Unmapped(None, rule.text, _no(absent), rule.origin)
    if isinstance(rule, shapes.Unique):
        absent = next((name for name in rule.columns if name not in known), None)
        if absent is None:
            return Task(None, rule, c.Repeated(rule.columns, missing_equal=rule.missing_equal))
        return Unmapped(None, rule.text, _no(absent), rule.origin)
    if isinstance(rule, shapes.Related):
        absent = next((name for name in (rule.left, rule.right) if name not in known), None)
        if absent is not None:
            return Unmapped(None, rule.text, _no(absent), rule.origin)
        left, right = known[rule.left], known[rule.right]
        times = (Kind.DATE, Kind.DATETIME)
        alike = left.kind is right.kind or (left.kind.numeric and right.kind.numeric)
        if not alike and not (left.kind in times and right.kind in times):
            why = f"{rule.left!r} is {left.kind.value} and {rule.right!r} {right.kind.value}: they cannot be compared"
            return Unmapped(None, rule.text, why, rule.origin)
        compared: c.Condition = c.Not(c.CompareColumns(rule.left, rule.operator, rule.right))
        if rule.missing_breaks:
            a, b = missing_condition(left), missing_condition(right)
            compared = c.Some((compared, c.Every((a, c.Not(b))), c.Every((b, c.Not(a)))))
        return Task(None, rule, compared)
    return Unmapped(None, rule.text, "a rule on the table cannot say this", rule.origin)


def _no(name: str) -> str:
    return f"the table has no column {name!r}"
