"""Judging how fast a model grows stale: refits, or past models, of growing age on the same newer rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from mlscore.checks.staleness.plan import cut, day_name, days_of, plan_for
from mlscore.checks.staleness.shapes import Plan, StalenessReport, Window
from mlscore.checks.staleness.verdict import Losses, Verdict
from mlscore.errors import InputError, MlscoreError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    Numbers = npt.NDArray[np.float64]
    Refit = Callable[[pa.Table, float, float, Sequence[pa.Table]], list[Numbers]]
    Answer = Callable[[pa.Table], Numbers]

FEWEST_ROWS = 30
WHOLE = 10  # days from which on windows end at midnight
Say = Callable[[str, float], None]


def check_staleness(
    rows: pa.Table,
    *,
    time: str,
    measure: str = "error",
    refit: Refit | None = None,
    models: Mapping[date, Answer] | None = None,
    by: str | None = None,
    step: float | None = None,
    origins: int | None = None,
    ages: int | None = None,
    train: float | None = None,
    most_loss: float | None = None,
    most_increase: float | None = None,
    max_age: float | None = None,
    alpha: float = 0.05,
    say: Say = lambda what, share: None,
) -> StalenessReport:
    """Measure the loss by age, and hold the age from which it is beyond a limit against `max_age`, in days.

    `rows` have a column `time`. Either `refit(rows, since, until, windows)` trains on rows of the days from `since` to
    before `until` (days since 1970) and returns the losses of each window's rows: trainings end a step apart, and models
    of every age meet each of the `origins` newest windows. Or `models` are past models by the day before which their
    training data end, each a function of rows that returns their losses; they are judged on the newest window, of `step`
    days, or all since the youngest. `measure` names the loss: smaller is better.

    The limit is a mean loss (`most_loss`), or the share of the youngest models' loss that may come on top of it
    (`most_increase`); of both the stricter counts. The curve never falls (pooled adjacent violators) and is straight
    between ages; the age's interval is where the curve's own interval, at 1 - `alpha`, meets the limit. It is a finding
    when `max_age` is greater than that age and the losses grow beyond chance. It is hollow without a limit or a `max_age`,
    where no decay could be measured, and where models were not as old as `max_age`.

    Raises InputError where columns or limits are wrong, and what `refit` raises where no training succeeds.
    """
    _check_limits(most_loss, most_increase, max_age, alpha, step)
    if (refit is None) == (models is None):
        raise InputError("nothing says which models to judge", hint="give refit or models, and not both")
    by = by or ("refit" if models is None else "models")
    days = days_of(rows, time)
    known = ~_nan(days)
    unknown = [f"{int((~known).sum()):,} rows without a time"] if not known.all() else []
    if not known.any():
        raise InputError(f'no row has a time "{time}"', hint="name another column, or other rows")
    order = _order(days, known)
    rows, days = rows.take(order), days[order]
    first, last = float(days[0]), math.nextafter(float(days[-1]), math.inf)  # the last moment is in the newest window
    if last - first >= WHOLE or all(float(day).is_integer() for day in (days[0], days[-1])):
        first, last = math.floor(first), math.floor(last) + 1.0
    report = StalenessReport(measure, by, max_age_days=max_age)
    if models is not None:
        windows, more, failed = _past(rows, days, models, first, last, step)
        if isinstance(windows, str):
            return replace(report, not_judged=tuple(unknown), hollow=windows)
        more.append("whether age or season makes the difference: past models were judged on one window")
    else:
        plan = plan_for(first, last, step=step, origins=origins, ages=ages, train=train, max_age=max_age)
        if isinstance(plan, str):
            return replace(report, not_judged=tuple(unknown), hollow=f"too few windows: {plan}")
        assert refit is not None
        windows, more, failed = _refitted(rows, days, plan, refit, say)
    unknown += more
    if not windows:
        if failed is not None:
            raise failed
        return replace(report, not_judged=tuple(unknown), hollow="no window has enough rows and models to compare")
    return Verdict(report, windows, most_loss, most_increase, alpha, unknown).report()


def _refitted(
    rows: Any, days: Numbers, plan: Plan, refit: Refit, say: Say
) -> tuple[Losses, list[str], MlscoreError | None]:
    """The losses of each window's rows by age, what is left out, and the first failure."""
    unknown: list[str] = []
    failed: MlscoreError | None = None
    pieces = {}
    for origin in range(plan.origins):
        piece = cut(rows, days, *plan.window(origin))
        if piece.num_rows >= FEWEST_ROWS:
            pieces[origin] = piece
        else:
            begins, ends = (day_name(day) for day in plan.window(origin))
            unknown.append(f"the window from {begins} to {ends}: {piece.num_rows} rows, {FEWEST_ROWS} the least")
    losses: dict[int, dict[float, Any]] = {origin: {} for origin in pieces}
    total = plan.origins + plan.ages
    for end in range(total):
        say(f"training {end + 1} of {total}", end / total)
        asked = [origin for origin in pieces if 0 <= end - origin <= plan.ages]
        since, until = plan.training(end)
        known = cut(rows, days, since, until)
        if not asked:
            continue
        if known.num_rows < FEWEST_ROWS:
            unknown.append(f"models trained up to {day_name(until)}: {known.num_rows} rows, {FEWEST_ROWS} the least")
            continue
        try:
            found = refit(known, since, until, [pieces[origin] for origin in asked])
        except InputError as error:
            failed = failed or error
            unknown.append(f"models trained up to {day_name(until)}: {error.what}")
            continue
        for origin, one in zip(asked, found, strict=True):
            losses[origin][(end - origin) * plan.step] = one
    made: Losses = []
    whole = {(age) * plan.step for age in range(plan.ages + 1)}
    for origin, by_age in losses.items():
        begins, ends = (day_name(day) for day in plan.window(origin))
        if set(by_age) != whole:
            unknown.append(
                f"the window from {begins} to {ends}: {len(whole) - len(by_age)} of {len(whole)} models are missing"
            )
            continue
        made.append((Window(begins, ends, pieces[origin].num_rows, float(by_age[0.0].mean())), by_age))
    return made, unknown, failed


def _past(
    rows: Any, days: Numbers, models: Mapping[date, Answer], first: float, last: float, step: float | None
) -> tuple[Losses | str, list[str], MlscoreError | None]:
    """The losses of the newest window's rows under each past model that is older than it."""
    trained = {_day(day): answer for day, answer in models.items()}
    youngest = max(trained, default=-math.inf)
    if len(trained) < 2:
        return f"there is {len(trained)} past model, and at least two of different age are needed", [], None
    # By default the window is all that no model can have been trained on.
    begins = last - step if step is not None else max(youngest, first)
    piece = cut(rows, days, begins, last)
    if piece.num_rows < FEWEST_ROWS:
        what = f"{piece.num_rows} rows from {day_name(begins)} on, {FEWEST_ROWS} the least"
        return f"too few rows that are newer than the models: {what}", [], None
    unknown, failed, by_age = [], None, {}
    for day, answer in sorted(trained.items(), reverse=True):
        if day > begins + 1e-9:
            unknown.append(
                f"the model of {day_name(day)}: it was trained on days of the window from {day_name(begins)} on"
            )
            continue
        try:
            by_age[begins - day] = answer(piece)
        except InputError as error:
            failed = failed or error
            unknown.append(f"the model of {day_name(day)}: {error.what}")
    if len(by_age) < 2:
        if failed is not None:
            raise failed
        return f"{len(by_age)} past models are older than the window from {day_name(begins)} on", unknown, None
    window = Window(day_name(begins), day_name(last), piece.num_rows, float(by_age[min(by_age)].mean()))
    return [(window, by_age)], unknown, failed


def _day(day: date) -> float:
    from datetime import UTC

    if isinstance(day, datetime):
        return (day if day.tzinfo else day.replace(tzinfo=UTC)).timestamp() / 86_400
    return float(day.toordinal() - date(1970, 1, 1).toordinal())


def _check_limits(
    most_loss: float | None, most_increase: float | None, max_age: float | None, alpha: float, step: float | None
) -> None:
    for name, value in (("most_increase", most_increase), ("max_age", max_age), ("step", step)):
        if value is not None and not value > 0:
            raise InputError(f"{name} = {value:g} is not above 0", hint="days and shares are positive numbers")
    if most_loss is not None and most_loss < 0:
        raise InputError(f"most_loss = {most_loss:g}: no loss is below 0", hint="write the greatest mean loss")
    if not 0 < alpha < 1:
        raise InputError(f"{alpha:g} is no chance of a false alarm", hint="write one above 0 and below 1")


def _nan(days: Numbers) -> Any:
    import numpy as np

    return np.isnan(days)


def _order(days: Numbers, known: Any) -> Any:
    import numpy as np

    places = np.flatnonzero(known)
    return places[np.argsort(days[places], kind="stable")]
