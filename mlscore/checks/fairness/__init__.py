"""Inclusion: the check `fairness` holds groups of people against a definition of fairness that the project names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlscore.checks.base import Check, CheckResult, Option, Takes
from mlscore.errors import ConfigError

if TYPE_CHECKING:
    from mlscore.checks.context import Context
    from mlscore.checks.fairness.flips import Flips
    from mlscore.checks.predicted import Predicted
    from mlscore.tables.table import Table


def _run(context: Context) -> CheckResult:
    from mlscore.checks.fairness.judge import check_fairness
    from mlscore.checks.fairness.report import as_result
    from mlscore.checks.policy.features import Feature
    from mlscore.checks.policy.proxies import find_proxies
    from mlscore.checks.predicted import PREDICTION, predictions
    from mlscore.tables.table import open_table

    protected = context.texts("protected")
    given = context.options.get("ranges")
    with predictions(context, "validation") as made, open_table(made.path, options=context.limits) as table:
        if not made.task.labels:
            raise ConfigError("the definitions are about classes, and the model predicts none", where=context.where)
        reports = [
            check_fairness(
                table,
                definition=definition,
                label=made.label,
                prediction=PREDICTION,
                protected=protected,
                positive=made.positive,
                statistic=context.text("statistic") or "difference",
                limit=context.number("limit"),
                ranges=_ranges(given, context),
                intersections=bool(context.options.get("intersections")),
                least_rows=int(context.number("least-rows") or 30),
                alpha=context.number("false-alarms") or 0.05,
            )
            for definition in context.texts("definition")
        ]
        inputs = [name for name in made.features if name not in protected]
        proxies = find_proxies(table, [Feature(name) for name in inputs], protected)
        flips, unknown = _flips(context, made, table)
    return as_result(
        reports,
        flips,
        proxies.associations,
        flip_limit=context.number("flips"),
        proxy_limit=context.number("proxies"),
        unknown=(*made.not_judged, *proxies.not_judged, *unknown),
    )


def _ranges(given: object, context: Context) -> dict[str, list[float]]:
    made = {}
    for name, edges in (given if isinstance(given, dict) else {}).items():
        if not isinstance(edges, list) or not all(
            isinstance(e, (int, float)) and not isinstance(e, bool) for e in edges
        ):
            raise ConfigError(
                f'the ranges of "{name}" are no list of numbers',
                where=context.where,
                hint="ranges = { age = [30, 65] }",
            )
        made[name] = [float(edge) for edge in edges]
    return made


def _flips(context: Context, made: Predicted, table: Table) -> tuple[list[Flips], list[str]]:
    """Flips of those protected attributes that the model is given."""
    from mlscore.checks.fairness.flips import flip_attribute
    from mlscore.errors import InputError

    attributes = [name for name in context.texts("protected") if name in made.features]
    if not attributes:
        return [], []
    rows = table.sample(int(context.number("flip-rows") or 2000), 0, list(made.features))
    flips, unknown = [], []
    with context.predictor() as predictor:
        for name in attributes:
            try:
                flips.append(flip_attribute(lambda given: predictor.predict(given).values.tolist(), rows, name))
            except InputError as error:
                unknown.append(f"changing {name}: {error}")
    return flips, unknown


CHECKS = (
    Check(
        id="fairness",
        title="Groups of people are treated alike, by a definition that is named",
        items=("model-7",),
        options=(
            Option(
                "definition",
                Takes.TEXTS,
                "what is to be equal: demographic parity, equal opportunity, equalised odds, predictive equality, "
                "predictive parity, accuracy parity",
                required=True,
            ),
            Option("protected", Takes.TEXTS, "the columns of protected attributes", required=True),
            Option("validation", Takes.SOURCE, "labelled rows that the model was not trained on", default="validation"),
            Option(
                "statistic", Takes.CHOICE, "how two groups are compared", "difference", choices=("difference", "ratio")
            ),
            Option("limit", Takes.SHARE, "the greatest difference (0.1 by default), or the smallest ratio (0.8)"),
            Option("intersections", Takes.FLAG, "look at combinations of attributes as well", True),
            Option("ranges", Takes.TABLE, "where attributes with an order are cut: { age = [30, 65] }"),
            Option("least-rows", Takes.COUNT, "rows that a group's share must be of", 30),
            Option("flips", Takes.SHARE, "the share of answers that may change with a protected attribute alone"),
            Option("flip-rows", Takes.COUNT, "rows that are asked again with another value", 2000),
            Option("proxies", Takes.SHARE, "how far an input may tell a protected attribute; reported without it"),
            Option("false-alarms", Takes.SHARE, "the chance that any interval misses", 0.05),
        ),
        run=_run,
    ),
)
