"""Whether a trace ends where it should, and up to which step two of them agree."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from mlscore.checks.trace.shapes import ANSWERS, Cell, End, Snapshot, Step
from mlscore.predictors.shapes import Label


def ends_agree(one: End, two: End, tolerance: float) -> bool:
    """Whether two answers are one: label and probabilities, or the number within the tolerance, relative."""
    if not same(one.value, two.value, tolerance):
        return False
    if one.probabilities is None or two.probabilities is None:
        return True
    return len(one.probabilities) == len(two.probabilities) and all(
        same(a, b, tolerance) for a, b in zip(one.probabilities, two.probabilities, strict=True)
    )


def logged_agrees(end: End, logged: Cell, positive: Label | None, tolerance: float) -> bool | None:
    """Whether what was logged is the answer: the label or number, or the probability of the positive label.

    None where it cannot be told: a share was logged, and the answer has none.
    """
    if same(end.value, logged, tolerance):
        return True
    share = _share(end, positive)
    number = _number(logged)
    if number is None or (_number(end.value) is not None and share is None):
        return False
    if share is None:
        return None
    return same(share, number, tolerance)


def _share(end: End, positive: Label | None) -> float | None:
    """The probability of the positive label; of the second of two where none is named."""
    if end.probabilities is None:
        return None
    classes = end.classes or ()
    if positive is not None and positive in classes:
        return end.probabilities[classes.index(positive)]
    return end.probabilities[1] if len(end.probabilities) == 2 else None


def same(one: Any, two: Any, tolerance: float) -> bool:
    """Whether two cells are one: numbers within the tolerance, relative, all else as text."""
    a, b = _number(one), _number(two)
    if a is not None and b is not None:
        return math.isclose(a, b, rel_tol=tolerance, abs_tol=tolerance * 1e-3)
    return str(one) == str(two)


def _number(value: Any) -> float | None:
    if isinstance(value, (bool, int, float)):
        return float(value)
    try:
        return float(str(value)) if value is not None else None
    except ValueError:
        return None


def snapshots_agree(one: Snapshot, two: Snapshot, tolerance: float) -> bool:
    """Whether two values are one, whatever their form and their columns' names."""
    if one.size != two.size or one.nulls != two.nulls or len(one.cells) != len(two.cells):
        return False
    if one.digest and one.digest == two.digest:
        return True
    return all(a[0] == b[0] and same(a[1], b[1], tolerance) for a, b in zip(one.cells, two.cells, strict=True))


def last_agreeing(steps: Sequence[Step], others: Sequence[Step], tolerance: float) -> tuple[str | None, str | None]:
    """The last step that gives what some step of the others is given or gives, and the one after it.

    Values are held against each other, not names: two pipelines need not call their steps the same, nor part their work in
    the same places. Where a value agrees, all that led to it did. The last step is the end, which is known to differ.
    """
    main = [step for step in steps if not step.depth and not step.name.endswith(ANSWERS)]
    known = [one for other in others if not other.depth for one in (other.before, other.after) if one is not None]
    for place in range(len(main) - 1, -1, -1):
        step = main[place]
        if step is steps[-1] or step.after is None:
            continue
        after = step.after
        if any(snapshots_agree(after, one, tolerance) for one in known):
            following = steps[[*steps].index(step) + 1 :]
            return step.name, next((one.name for one in following if not one.depth), None)
    return None, None


def last_logged(
    steps: Sequence[Step], logged: Mapping[str, Cell], tolerance: float
) -> tuple[str | None, str | None, tuple[str, ...]]:
    """The last step that agrees with what was logged under its columns' names, the first that does not, and where."""
    last = None
    for step in steps:
        if step.after is None or step.depth or step.after.columns is None:
            continue
        columns = step.after.columns
        cells = {columns[number]: cell for number, cell in step.after.cells if number < len(columns)}
        shared = [name for name in columns if name in cells and name in logged]
        differ = tuple(name for name in shared if not same(cells[name], logged[name], tolerance))
        if differ:
            return last, step.name, differ
        if shared:
            last = step.name
    return last, None, ()


def changes(before: Snapshot | None, after: Snapshot | None) -> tuple[str, ...]:
    """What a step changed, in words that hold no value."""
    if before is None or after is None:
        return ()
    said = []
    if before.shape != after.shape:
        said.append(f"{_shape(before)} becomes {_shape(after)}")
    if before.form != after.form:
        said.append(f"{before.form} becomes {after.form}")
    if before.columns is not None and after.columns is not None:
        gone = [name for name in before.columns if name not in after.columns]
        new = [name for name in after.columns if name not in before.columns]
        said += [f"{len(new)} new columns" if len(new) > 1 else "1 new column"] if new else []
        said += [f"{len(gone)} columns less" if len(gone) > 1 else "1 column less"] if gone else []
        kept = [name for name in before.columns if name in after.columns]
        differ = [name for name in kept if _cell(before, name) != _cell(after, name)]
        said += [f"values change in {len(differ)} of {len(kept)} columns that stay"] if differ else []
    elif before.size == after.size and before.shape == after.shape:
        pairs = zip(before.cells, after.cells, strict=False)
        differ_count = sum(one != two for one, two in pairs)
        said += [f"{differ_count} of {len(after.cells)} values change"] if differ_count else []
    if set(before.dtypes) != set(after.dtypes):
        said.append(f"dtypes {_listed(before.dtypes)} become {_listed(after.dtypes)}")
    if before.nulls != after.nulls:
        said.append(f"nulls {before.nulls} → {after.nulls}")
    return tuple(said) or ("nothing changes",)


def _cell(of: Snapshot, name: str) -> object:
    place = (of.columns or ()).index(name)
    return next((cell for number, cell in of.cells if number == place), None)


def _shape(of: Snapshot) -> str:
    return " × ".join(map(str, of.shape)) if of.shape else "one value"


def _listed(names: Sequence[str]) -> str:
    distinct = list(dict.fromkeys(names))
    return ", ".join(distinct[:4]) + ("…" if len(distinct) > 4 else "")
