"""Judging a trace: whether it ends in the served prediction, which step differs, and what was lost on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mlscore.checks.trace.compare import ends_agree, last_agreeing, last_logged, logged_agrees
from mlscore.checks.trace.personal import Redactor, personal_columns
from mlscore.checks.trace.shapes import ANSWERS, Cell, End, Step, TraceReport, Walked
from mlscore.checks.trace.snapshot import describe
from mlscore.checks.trace.traced import served_by, trace_model, trace_steps, with_source
from mlscore.errors import ConfigError, InputError
from mlscore.predictors.predictor import Predictor, open_predictor
from mlscore.project.config import ModelSettings

if TYPE_CHECKING:
    import pyarrow as pa


def check_trace(
    row: pa.Table,
    *,
    settings: ModelSettings | None = None,
    predictor: Predictor | None = None,
    root: Path | str = ".",
    steps: Sequence[str] = (),
    pipeline: str | None = None,
    logged: Mapping[str, Cell] | None = None,
    prediction: str = "prediction",
    may_null: Sequence[str] = (),
    personal: Sequence[str] | None = None,
    tolerance: float = 1e-6,
    limit: float = 60.0,
    named: str = "row 1",
) -> TraceReport:
    """Trace one example, a table of one row, through a pipeline, and hold its end against the served prediction.

    What is traced are `steps`, functions "module:function" of which each takes what the one before it returned and the
    first the row as a pandas frame; or `pipeline`, a source as of a model; or the model itself (`predictor`, opened from
    `settings`). What was served is the model's own answer, and, with `logged`, the column `prediction` of that row of
    what serving wrote down. `tolerance` is what two numbers may differ by, relative; `limit` is in seconds. Values of
    `personal` columns, by default those that the detectors find, are redacted. `named` says which row it is.

    Raises ConfigError where nothing is to be traced or served, InputError where the row is none or cannot be predicted.
    """
    settings, root = settings or ModelSettings(), Path(root).resolve()
    if row.num_rows != 1:
        raise InputError(f"one row is traced, and {row.num_rows:,} were given", hint="give a table of one row")
    if logged is not None and prediction not in logged:
        raise InputError(
            f'what was served has no column "{prediction}"', hint=f"name it by prediction; it has {', '.join(logged)}"
        )
    if predictor is None and logged is None:
        raise ConfigError(
            "nothing says what was served", hint="configure the model, or give a table of what was served"
        )
    if steps and pipeline:
        raise ConfigError("both steps and a pipeline are to be traced", hint="name one of them")
    served = None if predictor is None else served_by(predictor, row)
    walked, own = _walked(row, settings, predictor, root, steps, pipeline, limit)
    given = _given(row, predictor, steps)
    columns = [name for name in (personal_columns(row) if personal is None else personal) if name in row.column_names]
    hide = Redactor(columns, row.to_pylist()[0])
    findings, unknown = _on_the_way(walked, may_null, hide)
    agreeing, parting, said, more = _ends(walked, own, served, logged, prediction, settings, predictor, tolerance, hide)
    traced = ", ".join(steps) if steps else pipeline or "the model"
    by = "the model" if served is not None else "serving's log"
    return TraceReport(
        row=hide.text(named),
        example=hide.snapshot(describe(given.to_pandas())),
        what=traced,
        steps=tuple(hide.step(one) for one in walked.steps),
        end=walked.end,
        served=str(served) if served is not None else str((logged or {}).get(prediction)),
        by=by,
        agreeing=agreeing,
        parting=parting,
        personal=tuple(name for name in columns if name in given.column_names),
        findings=(*said, *findings),
        not_judged=(*unknown, *more),
        hollow=_hollow(walked, logged is not None or bool(steps) or pipeline is not None),
        logged={name: hide.cell(name, cell) for name, cell in (logged or {}).items()},
    )


def _given(row: pa.Table, predictor: Predictor | None, steps: Sequence[str]) -> pa.Table:
    """What of the row goes in: all of it into functions, into models the features, where they are known."""
    names = [] if predictor is None or steps else [name for name in predictor.features if name in row.column_names]
    return row.select(names) if names else row


def _walked(
    row: pa.Table,
    settings: ModelSettings,
    predictor: Predictor | None,
    root: Path,
    steps: Sequence[str],
    pipeline: str | None,
    limit: float,
) -> tuple[Walked, Walked | None]:
    """The trace, and that of the model that serves where it is another one and can be looked into."""
    own = None if predictor is None else trace_model(row, settings, predictor, root, limit)
    if steps:
        return trace_steps(steps, row, settings, predictor, root, limit), own
    if pipeline is not None:
        other = with_source(settings, pipeline, predictor)
        with open_predictor(other, root) as opened:
            found = trace_model(row, other, opened, root, limit)
        return found or Walked((), None, f"{pipeline} shows no steps"), own
    if predictor is None:
        raise ConfigError("nothing is to be traced", hint="name steps or a pipeline, or configure the model")
    return own or Walked((), None, "the model shows no steps: name its own by steps or pipeline"), None


def _on_the_way(walked: Walked, may_null: Sequence[str], hide: Redactor) -> tuple[list[str], list[str]]:
    """What went wrong between the row and the end: a step that raises, loses the row, or makes a value missing."""
    found = []
    for step in walked.steps:
        name = hide.text(step.name)
        if step.error is not None:
            found.append(f"{name} raises {hide.text(step.error)}")
        elif step.after is not None and step.before is not None:
            if step.after.rows == 0 and step.before.rows != 0:
                found.append(f"{name} drops the row")
            elif step.name not in may_null and (made := _nulls(step)):
                found.append(f"{name} introduces {made}")
    unknown = [] if walked.steps or walked.end is None else ["the steps between row and answer: none can be seen"]
    return list(dict.fromkeys(found)), unknown


def _nulls(step: Step) -> str:
    """The nulls that a step makes, in words; those that came in do not count."""
    before, after = step.before, step.after
    assert before is not None
    assert after is not None
    if after.nulls <= before.nulls:
        return ""
    more = after.nulls - before.nulls
    where = ""
    if after.columns is not None:
        lost = [after.columns[number] for number, cell in after.cells if cell is None and number < len(after.columns)]
        held = (
            []
            if before.columns is None
            else [before.columns[n] for n, cell in before.cells if cell is None and n < len(before.columns)]
        )
        names = [name for name in lost if name not in held]
        where = f" ({', '.join(names[:4])})" if names else ""
    return f"{more} null{'s' if more > 1 else ''}{where}"


def _ends(
    walked: Walked,
    own: Walked | None,
    served: End | None,
    logged: Mapping[str, Cell] | None,
    prediction: str,
    settings: ModelSettings,
    predictor: Predictor | None,
    tolerance: float,
    hide: Redactor,
) -> tuple[str | None, str | None, list[str], list[str]]:
    """Up to where it agrees, and what is wrong or unknown about its end."""
    found: list[str] = []
    unknown: list[str] = []
    agreeing, parting = None, None
    end = walked.end
    if end is None:
        if not any(step.error for step in walked.steps):
            found.append(hide.text(f"the trace does not come to an end: {walked.lost}"))
        return None, None, found, unknown
    if served is not None and not ends_agree(end, served, tolerance):
        if own is not None:
            agreeing, parting = last_agreeing(walked.steps, own.steps, tolerance)
        said = f"the trace ends in {end}, and the model serves {served}"
        found.append(f"{said}; {_where(agreeing, parting, walked, own)}")
    if logged is not None:
        value = logged[prediction]
        positive = settings.positive if predictor is None else predictor.positive
        alike = logged_agrees(end, value, positive, tolerance)
        if alike is None:
            unknown.append(f"whether {value} was served: the trace ends in a label without a probability")
        elif not alike:
            last, first, names = last_logged(walked.steps, logged, tolerance)
            agreeing, parting = agreeing or last, parting or first
            said = f"the trace ends in {end}, and {value} was served"
            if first is not None:
                where = f"{first} differs from what was logged in {', '.join(names[:4])}"
                where += f", {last} is the last step known to agree" if last is not None else ""
            elif last is not None:
                where = f"{last} is the last step known to agree with what was logged"
            else:
                where = "which step differs cannot be told: no column of a step was logged"
            found.append(f"{said}; {where}")
    return agreeing, parting, [hide.text(one) for one in found], unknown


def _where(agreeing: str | None, parting: str | None, walked: Walked, own: Walked | None) -> str:
    if own is None or not own.steps:
        return "which step differs cannot be told: the model shows none of its own"
    if agreeing is None:
        return "no step is known to agree with one of the model's"
    return f"{agreeing} is the last step known to agree" + (f", {parting} comes after it" if parting else "")


def _hollow(walked: Walked, apart: bool) -> str | None:
    """Why the trace could not have ended elsewhere: the model was asked twice, and nothing between can be seen."""
    between = [step for step in walked.steps if not step.name.endswith(ANSWERS)]
    if walked.end is not None and not apart and not between:
        return "the model shows no steps between the row and its answer"
    return None
