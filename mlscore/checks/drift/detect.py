"""The drift check as a plain function: two tables, or a stored reference and a table, to a report."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from mlscore.checks.drift.report import Cause, ColumnDrift, DriftReport, Pace, Trial
from mlscore.checks.drift.summary import ColumnSummary, Facet, Summary, is_stored, load
from mlscore.errors import UsageError, did_you_mean
from mlscore.tables.shapes import is_row_label

if TYPE_CHECKING:
    from mlscore.checks.drift.trials import Plan
    from mlscore.tables.shapes import TableOptions

FALSE_ALARMS = 0.01
# Less than this probability of chance, and a category that does not come is called vanished.
UNLIKELY = 1e-4
# The part of a change that new or vanished categories must make up to be its cause.
MOST_OF = 0.5


def detect_drift(
    reference: object,
    current: object,
    *,
    time: str | None = None,
    columns: Iterable[str] | None = None,
    false_alarms: float = FALSE_ALARMS,
    least_effect: float = 0.05,
    joint: bool = True,
    options: TableOptions | None = None,
    seed: int = 0,
) -> DriftReport:
    """Compare current data with a reference and say which columns drifted.

    `reference` and `current` are whatever `open_table` takes (a path, a frame, a URL), a Table, or a Summary;
    `reference` may also be a file that `summary.save` wrote. `time` names the column that cuts the reference into
    blocks (a stored reference knows its own), without it blocks are runs of rows in their order. `columns` are
    compared, all by default.
    `false_alarms` is the probability of any alarm in a run when nothing has changed, `least_effect` the smallest
    Jensen-Shannon distance that matters (0.05 is a population stability index of about 0.014); an alarm needs both.
    `joint` also tests how columns go together. The same data and `seed` give the same report.

    Raises UsageError for columns that are not there, a time column that holds no times, or rates outside 0 to 1;
    InputError for a source that cannot be read.
    """
    columns = None if columns is None else tuple(columns)
    before = _summary(reference, None, time, columns, options, seed)
    if time is not None and before.time != time:
        cut = f'"{before.time}"' if before.time else "rows"
        raise UsageError(f'the stored reference is cut by {cut}, not by "{time}"', hint="leave the time out")
    now = _summary(current, before, before.time, columns, options, seed)
    return compare(
        before, now, columns=columns, false_alarms=false_alarms, least_effect=least_effect, joint=joint, seed=seed
    )


def compare(
    reference: Summary,
    current: Summary,
    *,
    columns: Iterable[str] | None = None,
    false_alarms: float = FALSE_ALARMS,
    least_effect: float = 0.05,
    joint: bool = True,
    seed: int = 0,
) -> DriftReport:
    """The report of two summaries, a pure function; see `detect_drift`. `current` is counted in the bins of `reference`."""
    # numpy is imported here and not before a table has been read.
    from mlscore.checks.drift import trials as tests
    from mlscore.checks.drift.joint import joint_drift
    from mlscore.checks.drift.pace import with_pace
    from mlscore.checks.drift.volume import rows_trials

    for name, value in (("false_alarms", false_alarms), ("least_effect", least_effect)):
        if not 0 < value < 1:
            raise UsageError(f"{name} is {value}, and should be between 0 and 1")
    pairs = _pairs(reference, current, columns)
    cut = tests.plan(reference, current)
    found = [track for before, now in pairs if now is not None for track in tests.tracks(before, now)]
    found, levels, level = tests.level_trials(found, cut, tests.OF_LEVELS * false_alarms, least_effect, seed)
    levels = [with_pace(*pair, current, cut) for pair in zip(found, levels, strict=True)]
    levels = tests.with_steps(found, levels, reference, current, cut, tests.OF_STEPS * false_alarms, seed)
    of: dict[str, list[Trial]] = {}
    for track, trial in zip(found, levels, strict=True):
        of.setdefault(track.column, []).append(trial)
    results = tuple(_column(before, now, current, of.get(before.name, []), cut) for before, now in pairs)
    rows = rows_trials(reference, current, cut, tests.OF_ROWS * false_alarms, seed)
    notes = _notes(reference, current, cut)
    together = None
    if joint:
        length = cut.length or None
        answer = joint_drift(reference, current, length=length, rate=tests.OF_JOINT * false_alarms, seed=seed)
        if isinstance(answer, str):
            notes.append(answer)
        else:
            together = answer
    alarms = [*(result.drifted for result in results), *(trial.drifted for trial in rows)]
    return DriftReport(
        reference=reference.source,
        current=current.source,
        reference_rows=reference.rows,
        current_rows=current.rows,
        time=reference.time,
        false_alarms=false_alarms,
        drifted=any(alarms) or (together is not None and together.drifted),
        columns=results,
        rows_drift=rows,
        joint=together,
        lost=tuple(result.name for result in results if result.cause is Cause.LOST),
        gained=tuple(name for name in current.declared if name not in reference.declared and not is_row_label(name)),
        calibration=tests.calibration(reference, cut, len(found), level),
        notes=tuple(notes),
    )


def _summary(
    given: object,
    like: Summary | None,
    time: str | None,
    columns: Iterable[str] | None,
    options: TableOptions | None,
    seed: int,
) -> Summary:
    if isinstance(given, Summary):
        return given
    if like is None and isinstance(given, (str, Path)) and is_stored(Path(given)):
        return load(Path(given))
    from mlscore.checks.drift.summarise import summarise
    from mlscore.tables.table import Table, open_table

    # Another seed for the current data: windows of one table must not share their random numbers.
    number = seed if like is None else seed + 1
    if isinstance(given, Table):
        return summarise(given, like=like, time=time, columns=columns, source=str(given.source), seed=number)
    with open_table(given, options=options) as table:
        return summarise(table, like=like, time=time, columns=columns, source=str(table.source), seed=number)


def _pairs(
    reference: Summary, current: Summary, columns: Iterable[str] | None
) -> list[tuple[ColumnSummary, ColumnSummary | None]]:
    chosen = None if columns is None else set(columns)
    unknown = sorted((chosen or set()) - {column.name for column in reference.columns})
    if unknown:
        known = [column.name for column in reference.columns]
        raise UsageError(f'the reference has no column "{unknown[0]}"', hint=did_you_mean(unknown[0], known))
    pairs = []
    for before in reference.columns:
        if chosen is not None and before.name not in chosen:
            continue
        now = current.column(before.name)
        for facet in now.facets if now is not None else ():
            if not any(facet.same_bins(other) for other in before.facets):
                raise UsageError(
                    f'column "{before.name}" is counted in other bins than those of the reference',
                    hint="summarise the current data with like=reference",
                )
        pairs.append((before, now))
    return pairs


def _notes(reference: Summary, current: Summary, cut: Plan) -> list[str]:
    from mlscore.checks.drift.summarise import MOST_COMPARED

    notes = []
    for side, summary in (("reference", reference), ("current data", current)):
        if not summary.rows:
            notes.append(f"the {side} has no rows: nothing can be said of drift")
        if summary.undated:
            notes.append(f"{summary.undated:,} rows of the {side} have no time; they are compared, but are in no block")
    tested = {column.name for column in reference.columns}
    for name in dict.fromkeys((*reference.declared, *current.declared)):
        if is_row_label(name) and name not in tested:
            notes.append(f"{name} is left out: pandas labels rows by it, and it is no data")
    wide = max(len(reference.declared), len(current.declared))
    if wide > MOST_COMPARED:
        notes.append(f"repeated rows were not counted: all of {wide:,} columns would have to be compared")
    blocks = len(reference.blocks)
    if not cut.length and reference.rows and current.rows:
        notes.append(
            f"the reference has {blocks} block{'' if blocks == 1 else 's'}, too few to calibrate on: thresholds are those"
            " of independent rows, with a higher floor, and rows that depend on each other can alarm"
        )
    elif cut.length and cut.span > cut.length:
        notes.append(
            f"the current data spans {cut.span} blocks of the reference's {blocks}: windows of {cut.length} stand for it, "
            "which vary more, so the thresholds are on the high side"
        )
    if reference.unit == "rows" and cut.length:
        notes.append(
            "blocks are rows in their order, for want of a time column: a sudden change before them is not told"
        )
    elif cut.length and not cut.follows:
        notes.append(
            "the current data does not follow on the reference: whether a change came at once can be told only within it"
        )
    return notes


def _column(
    before: ColumnSummary, now: ColumnSummary | None, current: Summary, trials: list[Trial], cut: Plan
) -> ColumnDrift:
    rate = _missing_rate(before.facets[0])
    if now is None:
        kind = current.declared.get(before.name)
        cause = Cause.LOST if kind is None else Cause.TYPE
        measure = "the column is not there" if kind is None else f"{before.kind.value} became {kind.value}"
        return ColumnDrift(
            before.name, before.kind, kind, True, 1.0, 0.0, measure, "type", cause, None, None, rate, 1.0
        )
    from mlscore.checks.drift.picture import figures, histogram

    shown = _shown(before, now)
    new, share, vanished = _categories(before, now)
    ranked = sorted(trials, key=_strength, reverse=True)
    head = ranked[0] if ranked else Trial("value", "none", 0.0, 1.0, 1.0, 0.0, None, False)
    by_step = head.step is not None and head.usual_step is not None and _of_step(head) > _of_level(head)
    # A step greater than usual is sudden, be it as small as the level's own variation; else the level tells.
    pace = (Pace.SUDDEN if by_step else head.pace) if head.drifted else None
    effect, limit = (head.step, head.usual_step) if by_step else (head.effect, head.threshold)
    return ColumnDrift(
        name=before.name,
        kind=before.kind,
        current_kind=now.kind,
        drifted=head.drifted,
        effect=round(effect or 0.0, 6),
        threshold=round(limit or 0.0, 6),
        measure=f"{head.measure} of neighbouring windows" if by_step else head.measure,
        aspect=head.aspect,
        cause=_cause(head, pace, before, now, share, vanished) if head.drifted else None,
        pace=pace,
        since=head.since if head.drifted else None,
        missing_reference=rate,
        missing_current=_missing_rate(now.facets[0]),
        trials=tuple(ranked),
        new=new,
        new_share=share,
        vanished=vanished,
        figures=figures(*shown) if shown else None,
        histogram=histogram(*shown) if shown else None,
    )


def _of_level(trial: Trial) -> float:
    return trial.effect / trial.threshold if trial.threshold else 0.0


def _of_step(trial: Trial) -> float:
    return trial.step / trial.usual_step if trial.step is not None and trial.usual_step else 0.0


def _strength(trial: Trial) -> tuple[bool, float]:
    return trial.drifted, max(_of_level(trial), _of_step(trial))


def _cause(
    trial: Trial, pace: Pace | None, before: ColumnSummary, now: ColumnSummary, new: float, vanished: tuple[str, ...]
) -> Cause:
    if trial.aspect == "missing":
        return Cause.MISSING
    first = before.facets[0]
    if trial.aspect == "value" and not first.ordered:
        from mlscore.checks.drift.measures import total_variation

        moved = total_variation(
            (*first.total.bins, first.total.other), (*now.facets[0].total.bins, now.facets[0].total.other)
        )
        gone = sum(
            count for name, count in zip(first.categories, first.total.bins, strict=True) if name in set(vanished)
        ) / max(1, _present(first))
        if new > MOST_OF * moved:
            return Cause.NEW
        if gone > MOST_OF * moved:
            return Cause.VANISHED
    return {Pace.SUDDEN: Cause.SUDDEN, Pace.GRADUAL: Cause.GRADUAL}.get(pace or Pace.UNKNOWN, Cause.SHIFT)


def _shown(before: ColumnSummary, now: ColumnSummary) -> tuple[Facet, Facet] | None:
    """The facet that pictures the column: its values, or of texts their lengths, or of times what there is."""
    found = {facet.aspect: facet for facet in now.facets}
    for facet in before.facets:
        if facet.aspect in found and (len(facet.edges) > 1 or facet.categories):
            return facet, found[facet.aspect]
    return None


def _categories(before: ColumnSummary, now: ColumnSummary) -> tuple[tuple[str, ...], float, tuple[str, ...]]:
    """New categories and their share, and vanished ones, where the reference's categories are all known."""
    first, last = before.facets[0], now.facets[0]
    if first.ordered or first.aspect != "value":
        return (), 0.0, ()
    here, there = _present(last), _present(first)
    complete = first.total.other == 0
    share = last.total.other / here if complete and here else 0.0
    vanished = []
    for name, count, left in zip(first.categories, first.total.bins, last.total.bins, strict=True):
        if not left and there and (1 - count / there) ** here < UNLIKELY:
            vanished.append(name)
    return (now.examples if complete else ()), share, tuple(vanished)


def _present(facet: Facet) -> int:
    return sum(facet.total.bins) + facet.total.other


def _missing_rate(facet: Facet) -> float:
    rows = facet.total.rows
    return round((facet.total.null + facet.total.nan) / rows, 6) if rows else 0.0
