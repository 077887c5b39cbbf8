"""Judging a model beside simpler ones that were fitted on the same training rows, on the same validation rows."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from mlscore.checks.labelled import labelled_rows
from mlscore.checks.simpler.ladder import RUNGS, Fitted, Problem, climb
from mlscore.checks.simpler.metrics import Answers, Metric, figure, gain
from mlscore.checks.simpler.shapes import Rung, SimplerReport, Verdict
from mlscore.errors import InputError
from mlscore.tables.shapes import Kind, Scalar, TableOptions

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from mlscore.tables.table import Table

    Numbers = npt.NDArray[np.float64]

MOST_ROWS = 50_000
LEAST_ROWS = 30
MOST_CLASSES = 100


def check_simpler(
    train: object,
    validation: object,
    *,
    label: str,
    prediction: str,
    features: Sequence[str] | None = None,
    score: str | None = None,
    log_loss: str | None = None,
    metric: Metric | str | None = None,
    numeric: bool | None = None,
    positive: Scalar = None,
    margin: float = 0.0,
    worth: float = 0.01,
    dearer: float = 10.0,
    seconds: float | None = None,
    rungs: Sequence[str] = RUNGS,
    most_rows: int = MOST_ROWS,
    alpha: float = 0.05,
    seed: int = 0,
    options: TableOptions | None = None,
) -> SimplerReport:
    """Fit a constant, one feature, a linear model, naive Bayes and a small tree, and hold the model against each.

    `train` and `validation` are Tables or whatever one is opened from; the model's answers stand in the validation table:
    `prediction`, for AUC `score` (the probability of the `positive` label), for log loss `log_loss` (that of each row).
    At most `most_rows` of each are used. The metric is by default AUC where there are two classes and a score, else the
    error, of numbers the absolute error.

    The model is not better than a rung where its gain is not above `margin`; where the gain is, and the lower end of its
    interval at 1 - `alpha` is not, that is undecided. A gain below `worth` of a model that takes `dearer` times as long
    (`seconds` a row) is noted.

    Raises InputError where columns are missing or do not fit, or hardly any row has a label, UsageError without the extra
    `model`.
    """
    from mlscore.tables.table import Table, open_table

    with ExitStack() as stack:
        tables = [
            one if isinstance(one, Table) else stack.enter_context(open_table(one, options=options))
            for one in (train, validation)
        ]
        own = {label, prediction, score, log_loss}
        names = tuple(features or [c.name for c in tables[0].columns if c.name not in own])
        _fit_for(tables[0], names)
        answers = [name for name in (prediction, score, log_loss) if name is not None]
        known = tables[0].sample(most_rows, seed, [*names, label])
        asked = tables[1].sample(most_rows, seed, list(dict.fromkeys([*names, label, *answers])))
        kind = tables[0].engine.scope.kind(label)
        total = [table.count() for table in tables]
    known, left_out = labelled_rows(known, label, "train", LEAST_ROWS)
    asked, more = labelled_rows(asked, label, "validation", LEAST_ROWS)
    unknown = [*left_out, *more]
    if total[1] > most_rows:
        unknown.append(f"{total[1] - most_rows:,} of {total[1]:,} validation rows, which were not drawn")
    chosen = _metric(metric, _numeric(kind, known, label) if numeric is None else numeric, known, label, score)
    if chosen.numeric:
        problem = Problem(known, asked, names, _floats(known, label), _floats(asked, label), 0, chosen, seed)
        said = Answers(_floats(asked, prediction))
        if not _finite(said.values):
            raise InputError(
                f'"{prediction}" is missing or no number in some rows', hint="see what the model says there"
            )
    else:
        problem, said = _classes(known, asked, names, label, prediction, score, log_loss, positive, chosen, seed)
    hollow = _poor(problem)
    made = [] if hollow and chosen is Metric.AUC else list(climb(problem, rungs))
    found = tuple(_rung(one, problem, said, chosen, margin, worth, dearer, seconds, alpha) for one in made)
    open_ = [rung.name for rung in found if rung.verdict is Verdict.UNDECIDED]
    if hollow is None and open_ and all(rung.verdict is not Verdict.NOT_BETTER for rung in found):
        hollow = f"{len(problem.truth):,} rows do not show that the model is better than: {', '.join(open_)}"
    return SimplerReport(
        metric=chosen.value,
        higher=chosen.higher,
        figure=figure(chosen, problem.truth, said) if made else None,
        rungs=found,
        margin=margin,
        train_rows=known.num_rows,
        rows=asked.num_rows,
        seconds=seconds,
        not_judged=tuple(unknown),
        hollow=hollow,
    )


def _fit_for(table: Table, names: Sequence[str]) -> None:
    for column in table.engine.scope.chosen(names):
        if column.kind in (Kind.BINARY, Kind.NESTED):
            what = f"the feature {column.name!r} holds {column.kind.value} values, which no simpler model is given"
            raise InputError(what, where=str(table.source), hint="name other features")
    if not names:
        raise InputError("no feature is named", where=str(table.source), hint="name at least one")


def _numeric(kind: Kind, rows: Any, label: str) -> bool:
    """Whether the label is a number to be estimated: one with a fraction, or of many values."""
    import pyarrow.compute as pc

    return kind is Kind.NUMBER or (
        kind is Kind.INTEGER and pc.count_distinct(rows.column(label)).as_py() > MOST_CLASSES
    )


def _metric(given: Metric | str | None, numeric: bool, rows: Any, label: str, score: str | None) -> Metric:
    import pyarrow.compute as pc

    if given is None:
        if numeric:
            return Metric.ABSOLUTE
        two = pc.count_distinct(rows.column(label)).as_py() == 2
        return Metric.AUC if two and score is not None else Metric.ERROR
    try:
        chosen = Metric(given)
    except ValueError:
        raise InputError(f'"{given}" is no metric', hint=f"one of {', '.join(one.value for one in Metric)}") from None
    if chosen.numeric != numeric:
        raise InputError(f'"{chosen}" does not fit a label of {"numbers" if numeric else "classes"}')
    return chosen


def _floats(rows: Any, column: str) -> Numbers:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        cast = pc.cast(rows.column(column), pa.float64(), safe=False)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise InputError(f'"{column}" holds {rows.column(column).type} values, not numbers') from None
    return np.asarray(cast.to_numpy(zero_copy_only=False), dtype=float)


def _finite(values: Numbers) -> bool:
    import numpy as np

    return bool(np.isfinite(values).all())


def _classes(
    known: Any,
    asked: Any,
    names: tuple[str, ...],
    label: str,
    prediction: str,
    score: str | None,
    log_loss: str | None,
    positive: Scalar,
    metric: Metric,
    seed: int,
) -> tuple[Problem, Answers]:
    """The classes numbered, the positive one 1 where there are two."""
    import numpy as np

    values = known.column(label).to_pylist()
    classes = sorted(set(values), key=str)
    if len(classes) > MOST_CLASSES:
        raise InputError(f'"{label}" has {len(classes):,} classes, {MOST_CLASSES} the most')
    if len(classes) == 2 and positive in classes:
        classes = [one for one in classes if one != positive] + [positive]
    numbers = {value: number for number, value in enumerate(classes)}
    for value in asked.column(label).to_pylist():  # classes that training has not seen
        numbers.setdefault(value, len(numbers))

    def coded(rows: Any, column: str) -> Numbers:
        return np.array([numbers.get(value, -1) for value in rows.column(column).to_pylist()], dtype=float)

    truth = coded(asked, label)
    problem = Problem(known, asked, names, coded(known, label), truth, len(classes), metric, seed)
    kinds = {type(value) for value in asked.column(prediction).to_pylist() if value is not None}
    own = {type(value) for value in classes}
    if kinds and not kinds & own and not (kinds <= {int, float} and own <= {int, float}):
        raise InputError(
            f'"{prediction}" holds {asked.column(prediction).type} values and "{label}" {known.column(label).type} ones',
            hint="let the model predict the label's own values",
        )
    said = Answers(
        coded(asked, prediction),
        None if log_loss is None else np.exp(-_floats(asked, log_loss)),
        None if score is None else _floats(asked, score),
    )
    needed = {Metric.LOG: said.of_label, Metric.AUC: said.score}
    if metric in needed:
        if needed[metric] is None:
            raise InputError(
                f"the {metric} needs probabilities, which the model does not give", hint="measure the error"
            )
        if not _finite(needed[metric]):  # type: ignore[arg-type]
            raise InputError(
                "the probability is missing or no number in some rows", hint="see what the model says there"
            )
    if metric is Metric.AUC and len(classes) != 2:
        raise InputError(f'the AUC is of two classes, and "{label}" has {len(classes)}', hint="measure the error")
    return problem, said


def _poor(problem: Problem) -> str | None:
    """Why nothing could be shown."""
    import numpy as np

    if problem.classes == 1:
        return "the training data have one class alone, so that there is nothing to learn"
    if len(np.unique(problem.truth)) == 1:
        return "every validation row has the same label, so that a constant is perfect"
    if problem.metric is Metric.AUC and len(set(np.unique(problem.truth)) & {0.0, 1.0}) < 2:
        return "the validation data have one class alone"
    return None


def _rung(
    one: Fitted,
    problem: Problem,
    said: Answers,
    metric: Metric,
    margin: float,
    worth: float,
    dearer: float,
    seconds: float | None,
    alpha: float,
) -> Rung:
    better = gain(metric, problem.truth, said, one.answers, alpha)
    verdict = Verdict.BETTER
    if better.value <= margin:
        verdict = Verdict.NOT_BETTER
    elif better.low <= margin:
        verdict = Verdict.UNDECIDED
    times = seconds / one.seconds if seconds is not None and one.seconds > 0 else None
    note = None
    if verdict is not Verdict.NOT_BETTER and better.value < worth and times is not None and times >= dearer:
        note = f"better, but by {better.value:.4g} (less than {worth:g}) and {times:,.0f} × dearer"
    return Rung(
        one.name, one.says, figure(metric, problem.truth, one.answers), better, verdict, one.seconds, times, note
    )  # fmt: skip
