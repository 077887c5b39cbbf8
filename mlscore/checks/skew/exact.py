"""The exact comparison: served examples joined by id with values recomputed by the training code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlscore.checks.skew.causes import likely_causes
from mlscore.checks.skew.report import Cause, ColumnSkew, Examples, Likely, Pair, SkewReport, Verdict
from mlscore.checks.skew.rows import Run, neighbours, row_causes
from mlscore.checks.skew.texts import shape
from mlscore.errors import InputError, UsageError, did_you_mean
from mlscore.tables.shapes import (
    Column,
    ColumnDifference,
    JoinResult,
    Kind,
    Scalar,
    TableOptions,
    Tolerance,
    is_row_label,
)

if TYPE_CHECKING:
    from mlscore.tables.table import Table

LEAST_MATCHED = 0.95
# Logging in single precision (about 6e-8) is no skew by itself; a column may be held to more.
DEFAULT = {Kind.NUMBER: Tolerance(relative=1e-6)}
LOOKED_AT = 500  # differing pairs per feature, of which causes are recognised
SHOWN = 3
MOST_OWNERS = 8
_TIMES = (Kind.DATE, Kind.DATETIME)

Tolerances = float | Tolerance | Mapping[str, float | Tolerance] | None


@dataclass(frozen=True, slots=True)
class _Meeting:
    """Both tables and what they have in common."""

    left: Table
    right: Table
    on: tuple[str, ...]
    names: tuple[str, ...]

    def columns(self, name: str) -> tuple[Column, Column]:
        return _column(self.left, name), _column(self.right, name)


def check_skew(
    served: object,
    recomputed: object,
    *,
    id: str | Sequence[str],  # noqa: A002 - the field's own word
    tolerance: Tolerances = None,
    columns: Sequence[str] | None = None,
    ignore: Sequence[str] = (),
    time: str | None = None,
    limit: float = 0.0,
    least_matched: float = LEAST_MATCHED,
    options: TableOptions | None = None,
) -> SkewReport:
    """Count features and examples that differ between serving and training, and say why they probably do.

    `served` (features as the model saw them) and `recomputed` (the same examples by the training code) are whatever
    `open_table` takes, or Tables; `id` names the columns that tell examples apart. Compared are `columns`, by default all
    that both have but `ignore`.
    `tolerance` is a number (relative, for numbers), a Tolerance, or one of these per column or kind ("number", "integer",
    "datetime", "date"; a column of that name comes first); a bare number is relative for numbers and seconds for times.
    Without it floating point numbers may differ by 1e-6 of themselves, everything else not at all.
    A feature is skewed when more than `limit` (a share, 0 to 1) of the matched examples differ in it. At least the share
    `least_matched` of the served examples must meet a recomputed one, else the verdict is UNMATCHED; one without an id
    meets none. `time` gives the order in
    which a lag is looked for, by default the id.

    Raises InputError where a source cannot be read or the id is not there, UsageError for shares and tolerances that
    cannot be.
    """
    for word, share in (("limit", limit), ("least_matched", least_matched)):
        if not 0 <= share <= 1:
            raise UsageError(f"{word} is {share}, and should be a share from 0 to 1")
    on = (id,) if isinstance(id, str) else tuple(id)
    if not on:
        raise UsageError("the examples need an id", hint="name the column that tells them apart")
    with ExitStack() as stack:
        left = _opened(served, options, stack)
        right = _opened(recomputed, options, stack)
        names, alone, other = _names(left, right, on, columns, ignore)
        _check_tolerances(tolerance, left, right)
        meeting = _Meeting(left, right, on, names)
        compare = {name: _tolerance(name, *meeting.columns(name), tolerance) for name in names}
        joined = left.join(right, on, compare, examples=LOOKED_AT)
        found = _columns(meeting, joined, compare, limit, time)
        examples = _examples(joined)
        skewed = any(column.found for column in found) or examples.share > limit
        matched = examples.matched > 0 and examples.matched_share >= least_matched
        return SkewReport(
            served=str(left.source),
            recomputed=str(right.source),
            id=on,
            verdict=Verdict.UNMATCHED if not matched else Verdict.SKEWED if skewed else Verdict.SAME,
            columns=found,
            examples=examples,
            least_matched=least_matched,
            limit=limit,
            not_recomputed=alone,
            not_served=other,
            hollow=_hollow(served, recomputed, meeting, found, examples),
            notes=tuple(_notes(meeting, found, examples)),
        )


def _opened(given: object, options: TableOptions | None, stack: ExitStack) -> Table:
    from mlscore.tables.table import Table, open_table

    return given if isinstance(given, Table) else stack.enter_context(open_table(given, options=options))


def _column(table: Table, name: str) -> Column:
    """The column of that name. Raises InputError."""
    for column in table.columns:
        if column.name == name:
            return column
    raise InputError(
        f"there is no column {name!r}",
        where=table.source,
        hint=did_you_mean(name, [column.name for column in table.columns]) or "mend the name",
    )


def _names(
    left: Table, right: Table, on: Sequence[str], columns: Sequence[str] | None, ignore: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Columns to compare, and those of one side alone. Raises InputError for a name that is not there."""
    mine, theirs = ([column.name for column in table.columns] for table in (left, right))
    for name in on:
        _column(left, name), _column(right, name)
    aside = {*on, *ignore}
    for name in ignore:
        if name not in mine and name not in theirs:
            _column(left, name)
    if columns is not None:
        for name in columns:
            _column(left, name), _column(right, name)
        return tuple(name for name in dict.fromkeys(columns) if name not in aside), (), ()
    aside |= {name for name in (*mine, *theirs) if is_row_label(name)}
    return (
        tuple(name for name in mine if name in set(theirs) - aside),
        tuple(name for name in mine if name not in {*theirs, *aside}),
        tuple(name for name in theirs if name not in {*mine, *aside}),
    )


def _tolerance(name: str, left: Column, right: Column, given: Tolerances) -> Tolerance:
    """What a column may differ by; nothing where no distance means anything."""
    numbers = left.kind.numeric and right.kind.numeric
    if not numbers and not (left.kind in _TIMES and right.kind in _TIMES):
        return Tolerance()
    kind = left.kind if left.kind is right.kind else Kind.NUMBER if numbers else Kind.DATETIME
    chosen: float | Tolerance | None = DEFAULT.get(kind)
    if isinstance(given, Mapping):
        chosen = given.get(name, given.get(kind.value, chosen))
    elif isinstance(given, Tolerance) or (given is not None and numbers):
        chosen = given
    if chosen is None:
        return Tolerance()
    if isinstance(chosen, Tolerance):
        return chosen
    return Tolerance(relative=chosen) if numbers else Tolerance(absolute=chosen)


def _check_tolerances(given: Tolerances, left: Table, right: Table) -> None:
    """Raises UsageError for a tolerance of nothing that is there, and for negative ones."""
    several = given if isinstance(given, Mapping) else {"": given}
    names = {column.name for table in (left, right) for column in table.columns}
    kinds = [kind.value for kind in (Kind.NUMBER, Kind.INTEGER, *_TIMES)]
    for name, value in several.items():
        if name and name not in names and name not in kinds:
            near = did_you_mean(name, [*names, *kinds]) or f"the kinds are {', '.join(kinds)}"
            raise UsageError(f"a tolerance is given for {name!r}, which is neither a column nor a kind", hint=near)
        if not (value is None or isinstance(value, Tolerance) or (_is_number(value) and value >= 0)):
            of = f" of {name!r}" if name else ""
            raise UsageError(f"the tolerance{of} is {value!r}, and should be a number from 0")


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _examples(joined: JoinResult) -> Examples:
    ids = joined.matched + joined.left_only + joined.left_duplicated + joined.left_missing
    return Examples(
        matched=joined.matched,
        matched_share=joined.matched / ids if ids else 0.0,
        skewed=joined.differing,
        share=joined.differing / joined.matched if joined.matched else 0.0,
        served_only=joined.left_only,
        recomputed_only=joined.right_only,
        served_duplicated=joined.left_duplicated,
        recomputed_duplicated=joined.right_duplicated,
        served_missing=joined.left_missing,
        recomputed_missing=joined.right_missing,
    )


def _columns(
    meeting: _Meeting, joined: JoinResult, compare: Mapping[str, Tolerance], limit: float, time: str | None
) -> tuple[ColumnSkew, ...]:
    differing = [column.name for column in joined.columns if column.examples]
    run = order = None
    owners: list[str] = []
    if differing and joined.matched:
        order = time if time is not None else meeting.on[-1]
        _column(meeting.left, order), _column(meeting.right, order)
        # Rows may follow each other within an entity, which any column with repeated values may be.
        owners = [
            c.name for c in meeting.right.columns if c.name in meeting.names and c.kind in (Kind.TEXT, Kind.INTEGER)
        ]
        owners = [name for name in owners if name not in differing][:MOST_OWNERS]
        run = neighbours(meeting.left, meeting.right, meeting.on, order, [*differing, *owners])
    return tuple(
        _judged(meeting, column, joined.matched, compare[column.name], limit, run, order or "", differing, owners)
        for column in joined.columns
    )


def _judged(
    meeting: _Meeting,
    column: ColumnDifference,
    matched: int,
    tolerance: Tolerance,
    limit: float,
    run: Run | None,
    order: str,
    differing: Sequence[str],
    owners: Sequence[str],
) -> ColumnSkew:
    left, right = meeting.columns(column.name)
    unlike = left.kind is not right.kind and {left.kind, right.kind} not in ({Kind.INTEGER, Kind.NUMBER}, set(_TIMES))
    pairs = [(one.left, one.right) for one in column.examples]
    likely: tuple[Likely, ...] = ()
    share = column.differing / matched if matched else 0.0
    if pairs:
        kinds = {name: meeting.columns(name)[0].kind for name in differing}
        others = row_causes(run, column.name, order, pairs, kinds, differing, owners) if run else ()
        likely = likely_causes(pairs, left.kind, right.kind, others, share)
    elif unlike:
        says = f"served is {left.kind.value}, recomputed {right.kind.value}"
        likely = (Likely(Cause.TYPE, says, 1.0),)
    # Either side all null: the kind of such a column says nothing.
    unlike = unlike and column.left_null < matched and column.right_null < matched
    return ColumnSkew(
        name=column.name,
        skewed=column.differing,
        share=share,
        found=share > limit or (unlike and matched > 0),
        served_kind=left.kind,
        recomputed_kind=right.kind,
        type_differs=unlike,
        tolerance=tolerance,
        served_null=column.left_null,
        recomputed_null=column.right_null,
        largest=column.largest,
        likely=likely,
        pairs=tuple(Pair(_shown(s), _shown(r)) for s, r in pairs[:SHOWN]),
    )


def _shown(value: Scalar) -> Scalar:
    return shape(value) if isinstance(value, str) else value


def _hollow(
    served: object, recomputed: object, meeting: _Meeting, found: Sequence[ColumnSkew], examples: Examples
) -> str | None:
    """The reason why nothing could have been found, or None."""
    if not meeting.names:
        return "no feature is on both sides: nothing is compared"
    left, right = meeting.left.source, meeting.right.source
    frame = left.frame is not None and left.frame is right.frame
    place = bool(left.location) and (left.location, left.table) == (right.location, right.table)
    if served is recomputed or frame or place:
        return "served and recomputed are the same table: it cannot differ from itself"
    empty = [c for c in found if c.served_null == c.recomputed_null == examples.matched]
    if examples.matched and len(empty) == len(found):
        return "every feature is missing on both sides: nothing is compared"
    return None


def _notes(meeting: _Meeting, found: Sequence[ColumnSkew], examples: Examples) -> Iterator[str]:
    for name in meeting.on:
        left, right = meeting.columns(name)
        if left.kind is not right.kind:
            kinds = f"{left.kind.value} where served, {right.kind.value} where recomputed"
            yield f"the id {name!r} is {kinds}: compared as text"
    for one in found:
        if one.served_kind is not one.recomputed_kind and not one.type_differs:
            what = f"{one.name!r} is {one.served_kind.value} where served, {one.recomputed_kind.value} where recomputed"
            yield f"{what}: values are compared"
        zones = ["WITH TIME ZONE" in column.native.upper() for column in meeting.columns(one.name)]
        if zones[0] is not zones[1]:
            yield f"{one.name!r} has a time zone on one side alone; the other is read as UTC"
        if examples.matched and one.served_null == one.recomputed_null == examples.matched:
            yield f"{one.name!r} is missing in every matched example of both sides: not compared"
