"""Two schemas compared: each change by name, with whether it loosens or tightens what a table has to be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from mlscore.checks.schema import shapes
from mlscore.checks.schema.read import read_schema
from mlscore.checks.schema.shapes import ColumnRules, Rule, Schema, label


class Direction(StrEnum):
    """What a change does to the tables that pass: more of them, fewer, or others."""

    LOOSENS = "loosens"
    TIGHTENS = "tightens"
    CHANGES = "changes"


@dataclass(frozen=True, slots=True)
class Change:
    """One change: `before` and `after` are the rule's texts, None where there was or is none."""

    column: str | None
    topic: str
    before: str | None
    after: str | None
    direction: Direction

    def __str__(self) -> str:
        what = (
            f"{self.before} → {self.after}"
            if self.before and self.after
            else f"{'+' if self.after else '-'} {self.after or self.before}"
        )
        return f"{label(self.column, what)} ({self.direction.value})"

    def to_json(self) -> dict[str, Any]:
        """The change as JSON knows it."""
        return {
            "column": self.column,
            "topic": self.topic,
            "before": self.before,
            "after": self.after,
            "direction": self.direction.value,
        }


def diff_schemas(
    old: object, new: object, *, root: Path | None = None, environment: str | None = None
) -> tuple[Change, ...]:
    """What changed from one schema to another; both are what `read_schema` takes. Raises InputError."""
    before, after = (read_schema(one, root=root, environment=environment) for one in (old, new))
    return tuple(_changes(before, after))


def _changes(old: Schema, new: Schema) -> Iterator[Change]:
    for name in ("strict", "ordered"):
        was, now = getattr(old, name), getattr(new, name)
        if was != now:
            yield _flag(None, name, was, now)
    for column in old.columns:
        now_column = new.column(column.name)
        if now_column is None:
            yield _removed(column, old, new)
        else:
            yield from _column(column, now_column)
    for column in new.columns:
        if old.column(column.name) is None:
            tightens = column.required or (column.rules and not old.strict)
            loosens = old.strict
            yield Change(column.name, "column", None, _described(column), _of(bool(tightens), loosens))
    yield from _rules(None, old.rules, new.rules)
    was_unjudged = {(u.column, u.rule) for u in old.unmapped}
    now_unjudged = {(u.column, u.rule) for u in new.unmapped}
    for one, before, after in (*((u, True, False) for u in sorted(was_unjudged - now_unjudged, key=str)),
                               *((u, False, True) for u in sorted(now_unjudged - was_unjudged, key=str))):  # fmt: skip
        text = f"{one[1]} (not judged)"
        yield Change(one[0], one[1], text if before else None, text if after else None, Direction.CHANGES)


def _removed(column: ColumnRules, old: Schema, new: Schema) -> Change:
    loosens = column.required or bool(column.rules)
    return Change(
        column.name,
        "column",
        _described(column),
        None,
        _of(new.strict, loosens and not (new.strict and not column.required)),
    )


def _described(column: ColumnRules) -> str:
    said = ", ".join(rule.text for rule in column.rules)
    return f"column{'' if column.required else ' (may be absent)'}{f' with {said}' if said else ''}"


def _of(tightens: bool, loosens: bool) -> Direction:
    if tightens == loosens:
        return Direction.CHANGES
    return Direction.TIGHTENS if tightens else Direction.LOOSENS


def _flag(column: str | None, name: str, was: bool, now: bool) -> Change:
    direction = Direction.TIGHTENS if now else Direction.LOOSENS
    return Change(column, name, name if was else None, name if now else None, direction)


def _column(old: ColumnRules, new: ColumnRules) -> Iterator[Change]:
    if old.required != new.required:
        yield _flag(new.name, "required", old.required, new.required)
    if old.pattern != new.pattern or old.missing_values != new.missing_values:
        before, after = (f"read with {one.missing_values} as missing" for one in (old, new))
        if old.pattern != new.pattern:
            before, after = ("a pattern of names" if one.pattern else "a name" for one in (old, new))
        yield Change(new.name, "column", before, after, Direction.CHANGES)
    yield from _rules(new.name, old.rules, new.rules)


def _rules(column: str | None, old: Sequence[Rule], new: Sequence[Rule]) -> Iterator[Change]:
    was, now = list(old), list(new)
    for rule in old:
        same = next((one for one in now if _whole(one) == _whole(rule)), None)
        if same is not None:
            was.remove(rule)
            now.remove(same)
    for rule in was:
        partner = next((one for one in now if one.topic == rule.topic), None)
        if partner is None:
            direction = Direction.CHANGES if rule.warns else Direction.LOOSENS
            yield Change(column, rule.topic, _told(rule), None, direction)
        else:
            now.remove(partner)
            yield Change(column, rule.topic, *_apart(rule, partner), _direction(rule, partner))
    for rule in now:
        direction = Direction.CHANGES if rule.warns else Direction.TIGHTENS
        yield Change(column, rule.topic, None, _told(rule), direction)


def _whole(rule: Rule) -> tuple[object, ...]:
    """All that a rule says, without where and why."""
    values = frozenset((type(value), shapes.told(value), str(value)) for value in getattr(rule, "values", ()))
    return (type(rule), rule.text, values, rule.tolerated, rule.warns, rule.missing_breaks)


def _apart(old: Rule, new: Rule) -> tuple[str, str]:
    """The texts of both, with the values that came and went where a list is too long to tell them apart."""
    before, after = _told(old), _told(new)
    if isinstance(old, shapes.Among) and isinstance(new, shapes.Among):
        gone = [shapes.told(v) for v in old.values if v not in new.values]
        came = [shapes.told(v) for v in new.values if v not in old.values]
        more = [*(f"+{v}" for v in came[: shapes.SHOWN]), *(f"-{v}" for v in gone[: shapes.SHOWN])]
        after += f" ({' '.join(more)})" if more else ""
    return before, after


def _told(rule: Rule) -> str:
    more = [f"{rule.tolerated:.4g} tolerated"] if rule.tolerated else []
    more += ["warns"] if rule.warns else []
    return f"{rule.text} ({', '.join(more)})" if more else rule.text


def _direction(old: Rule, new: Rule) -> Direction:
    steps = {_share(old.tolerated, new.tolerated), _inside(old, new)}
    if old.warns != new.warns:
        steps.add(Direction.LOOSENS if new.warns else Direction.TIGHTENS)
    if old.missing_breaks != new.missing_breaks:
        steps.add(Direction.TIGHTENS if new.missing_breaks else Direction.LOOSENS)
    steps.discard(None)
    only = next(iter(steps), Direction.CHANGES)
    return only if len(steps) == 1 and only is not None else Direction.CHANGES


def _share(old: float, new: float) -> Direction | None:
    if old == new:
        return None
    return Direction.LOOSENS if new > old else Direction.TIGHTENS


def _inside(old: Rule, new: Rule) -> Direction | None:
    """Whether what the new rule allows holds what the old one did, or the other way round; None when they are the same."""
    if type(old) is not type(new):
        return Direction.CHANGES
    if isinstance(old, shapes.Within) and isinstance(new, shapes.Within):
        return _limits(
            (old.low, old.low_open, old.high, old.high_open), (new.low, new.low_open, new.high, new.high_open)
        )
    if isinstance(old, (shapes.Sized, shapes.RowCount)) and isinstance(new, (shapes.Sized, shapes.RowCount)):
        return _limits((old.low, False, old.high, False), (new.low, False, new.high, False))
    if isinstance(old, shapes.Among) and isinstance(new, shapes.Among):
        was, now = set(old.values), set(new.values)
        if was == now:
            return None
        if old.all_seen or not (was < now or now < was):
            return Direction.CHANGES
        return Direction.LOOSENS if (was < now) != old.negated else Direction.TIGHTENS
    if isinstance(old, shapes.OfKind) and isinstance(new, shapes.OfKind):
        return _types(old, new)
    return None if old.text == new.text else Direction.CHANGES


def _types(old: shapes.OfKind, new: shapes.OfKind) -> Direction | None:
    steps: set[Direction] = set()
    was, now = set(old.kinds), set(new.kinds)
    if was != now:
        steps.add(Direction.LOOSENS if was < now else Direction.TIGHTENS if now < was else Direction.CHANGES)
    if old.bits != new.bits:
        wider = new.bits is None or (old.bits is not None and new.bits > old.bits)
        steps.add(Direction.LOOSENS if wider else Direction.TIGHTENS)
    if old.signed != new.signed:
        steps.add(Direction.CHANGES)
    if old.coerced != new.coerced:
        steps.add(Direction.LOOSENS if new.coerced else Direction.TIGHTENS)
    return None if not steps else next(iter(steps)) if len(steps) == 1 else Direction.CHANGES


def _limits(old: tuple[Any, bool, Any, bool], new: tuple[Any, bool, Any, bool]) -> Direction | None:
    try:
        low, high = _end(old[0], old[1], new[0], new[1], lower=True), _end(old[2], old[3], new[2], new[3], lower=False)
    except TypeError:
        return Direction.CHANGES  # a number beside a text
    steps = {low, high} - {None}
    return None if not steps else next(iter(steps)) if len(steps) == 1 else Direction.CHANGES


def _end(old: Any, old_open: bool, new: Any, new_open: bool, *, lower: bool) -> Direction | None:
    if old is None or new is None:
        if old is None and new is None:
            return None
        return Direction.LOOSENS if new is None else Direction.TIGHTENS
    old, new = _day(old), _day(new)
    if old == new:
        if old_open == new_open:
            return None
        return Direction.TIGHTENS if new_open else Direction.LOOSENS
    return Direction.LOOSENS if (new < old) == lower else Direction.TIGHTENS


def _day(value: Any) -> Any:
    """A date as the moment it begins, so that it can be compared with times."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)
    return value
