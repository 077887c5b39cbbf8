"""Judging what features cost: measured, counted and declared, against limits and against what they gain."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlscore.checks.cost.front import with_front
from mlscore.checks.cost.gains import gains_of
from mlscore.checks.cost.shapes import CostReport, Gain, Limits, Measured, OverTime
from mlscore.checks.cost.units import group, in_units
from mlscore.checks.cost.verdicts import judge
from mlscore.errors import InputError, UsageError
from mlscore.tables.shapes import TableOptions

if TYPE_CHECKING:
    from mlscore.predictors.predictor import Predictor
    from mlscore.tables.table import Table

BATCH = 1_000
SECONDS = 10.0


def check_cost(
    functions: str | Callable[..., Any] | Sequence[str | Callable[..., Any]] = (),
    *,
    rows: object | None = None,
    table: object | None = None,
    time: str | None = None,
    features: Sequence[str] | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
    sources: Mapping[str, Sequence[str]] | None = None,
    gains: Sequence[Gain] | None = None,
    predictor: Predictor | None = None,
    validation: object | None = None,
    label: str | None = None,
    limits: Limits | None = None,
    batch: int = BATCH,
    seconds: float = SECONDS,
    form: str = "auto",
    root: Path | str = ".",
    seed: int = 0,
    options: TableOptions | None = None,
) -> CostReport:
    """Set what each feature costs against what it gains, and against limits.

    `functions` are "module:function" texts, which run in a process of their own, or functions, which run in this one: each
    is given one row, and `batch` rows, of `rows` (whatever `open_table` takes) for about `seconds`, and its time and peak
    memory are measured. `table` holds features over `time`: how often they are missing, and how unlike its windows are.
    `sources` are the upstream sources of each feature. What features gain is given as `gains`, or found by `check_benefit`
    from `predictor`, `validation` and `label`. `features` are judged (by default the model's, else all that are computed,
    else those of the table); those that one function computes, and those of `groups`, are judged together.

    A limit is broken where that is sure: by every round of calls, by the interval's better end. What is not known is named
    and not judged. Raises ConfigError where a function cannot be loaded, UsageError where an argument is wrong, InputError
    where rows, columns or gains do not fit.
    """
    from mlscore.tables.table import Table, open_table

    limits = limits or Limits()
    listed = [functions] if isinstance(functions, str) or callable(functions) else list(functions)
    _fit(listed, rows, batch, seconds, limits)
    with ExitStack() as stack:
        own: Table | None = None
        if table is not None:
            own = table if isinstance(table, Table) else stack.enter_context(open_table(table, options=options))
        known = tuple(features or (() if predictor is None else predictor.features))
        measured = _measured(listed, rows, batch, seconds, form, known, Path(root), seed)
        chosen = known or tuple(dict.fromkeys(name for one in measured for name in one.features))
        if not chosen and own is not None:
            chosen = tuple(column.name for column in own.columns if column.name not in (label, time))
        if not chosen and not measured:
            raise UsageError("nothing says which features there are", hint="name functions, features or a table")
        counted: tuple[OverTime, ...] = ()
        lacking: list[str] = []
        unit = None
        if own is not None:
            from mlscore.checks.cost.history import over_time

            counted, unit, lacking = over_time(own, chosen, time)
    units, more = group(chosen, measured, groups or {})
    metric = None
    if gains is None and predictor is not None:
        gains, metric, why = _found(predictor, validation, label, [features for _, features, _ in units], seed, options)
        lacking += why
    filled = with_front(in_units(units, measured, counted, sources, gains or ()))
    filled.sort(key=lambda one: (one.gain is None, -(one.gain.value if one.gain is not None else 0.0), one.name))
    verdict = judge(filled, measured, counted, limits)
    troubles = [f"{one.function}: what it costs: {one.trouble}" for one in measured if one.trouble]
    return CostReport(
        units=tuple(filled),
        over_time=counted,
        measured=tuple(measured),
        limits=limits,
        batch=measured[0].rows if measured else 0,
        window=None if unit is None else unit.value,
        metric=metric,
        findings=tuple(verdict.findings),
        not_judged=(*troubles, *more, *lacking, *verdict.unknown),
        hollow=verdict.hollow,
    )


def _fit(functions: Sequence[object], rows: object | None, batch: int, seconds: float, limits: Limits) -> None:
    """Raises UsageError for what cannot be."""
    if functions and rows is None:
        raise UsageError("there are no rows to give the functions", hint="give real rows of their input")
    for name, value in (("batch", batch), ("seconds", seconds)):
        if not value > 0:
            raise UsageError(f"{name} is {value}, and should be greater than 0")
    for name in ("latency", "batch_latency", "memory", "missing", "instability", "sources", "per_gain"):
        limit = getattr(limits, name)
        if limit is not None and not limit >= 0:
            raise UsageError(f"the limit of {name} is {limit}, and should be a number from 0")


def _measured(
    functions: Sequence[Any],
    rows: object | None,
    batch: int,
    seconds: float,
    form: str,
    known: Sequence[str],
    root: Path,
    seed: int,
) -> list[Measured]:
    if not functions:
        return []
    from mlscore.checks.cost.measure import measure
    from mlscore.checks.cost.worker import measure_apart
    from mlscore.checks.feature_code.check import real_frame
    from mlscore.checks.feature_code.forms import Form, load_feature

    frame = real_frame(rows, batch, seed)
    if not len(frame):
        raise InputError("there are no rows to give the functions", hint="name data that have some")
    if all(isinstance(one, str) for one in functions):
        return measure_apart(functions, form, frame, batch, seconds, known, root)
    columns = [str(name) for name in frame.columns]
    loaded = [load_feature(one, Form(form), columns) for one in functions]
    return [measure(one, frame, batch, seconds, known) for one in loaded]


def _found(
    predictor: Predictor,
    validation: object | None,
    label: str | None,
    groups: Sequence[Sequence[str]],
    seed: int,
    options: TableOptions | None,
) -> tuple[tuple[Gain, ...], str | None, list[str]]:
    """The gains of groups that the model has, the metric, and what was not found out."""
    from mlscore.checks.benefit.judge import check_benefit

    if validation is None or label is None:
        raise UsageError("the gains need labelled rows", hint="give validation and label, or gains")
    own = [each for each in groups if predictor.features and set(each) <= set(predictor.features)]
    if not own:
        return (), None, ["what features gain: the model has none of those by name"]
    report = check_benefit(predictor, validation, label=label, groups=own, seed=seed, options=options)
    if report.useless:
        return (), report.metric, ["what features gain: the model is no better than a constant"]
    # Rows that nobody has looked at, and features alone, are the other check's business.
    return gains_of(report), report.metric, [] if report.benefits else [f"what features gain: {report.hollow}"]
