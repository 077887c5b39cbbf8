"""The cost of features: the check `feature-cost` measures each one, and sets it against its gain and against limits."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from mlscore.checks.base import Check, CheckResult, Option, Takes
from mlscore.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from mlscore.checks.context import Context
    from mlscore.checks.cost.shapes import Limits


def _run(context: Context) -> CheckResult:
    from mlscore.checks.cost.gains import read_gains
    from mlscore.checks.cost.judge import BATCH, SECONDS, check_cost
    from mlscore.checks.cost.report import as_result

    options = context.reading
    functions, gains = context.texts("functions"), context.text("gains")
    try:
        with ExitStack() as stack:
            own: dict[str, Any] = {}
            role = "train" if context.text("table") is None else "table"
            if role == "table" or role in context.data.sources:
                table = stack.enter_context(context.table(role))
                own["table"] = table
                own["time"] = _time(context, [column.name for column in table.columns])
            if functions:
                own["rows"] = stack.enter_context(context.table("rows"))
            if gains is not None:
                own["gains"] = read_gains(context.root / gains, context.root)
            elif context.model.source is not None and context.data.label is not None:
                own["predictor"] = stack.enter_context(context.predictor())
                own["validation"] = stack.enter_context(context.table("validation"))
            return as_result(
                check_cost(
                    functions,
                    label=context.data.label,
                    features=_features(context, own),
                    groups=_lists(context, "groups"),
                    sources=_sources(context),
                    limits=_limits(context),
                    batch=int(context.number("batch") or BATCH),
                    seconds=context.number("seconds") or SECONDS,
                    form=context.text("form") or "auto",
                    root=context.root,
                    options=options,
                    **own,
                )
            )
    except UsageError as error:
        if error.where is None:
            error.where = context.where
        raise


def _time(context: Context, columns: list[str]) -> str | None:
    """The configured column of times; none where it is the data's and this table has it not."""
    given = context.text("time")
    return given if given is not None or context.data.time not in columns else context.data.time


def _features(context: Context, own: dict[str, Any]) -> tuple[str, ...] | None:
    """The features that are named, or those of the model's settings, or of the table."""
    named = context.texts("features") or context.model.features
    if named or "predictor" in own or context.texts("functions") or "table" not in own:
        return named or None
    ours = {context.data.label, own["time"], context.data.time, *context.data.id}
    return tuple(column.name for column in own["table"].columns if column.name not in ours and not column.labels_rows)


def _limits(context: Context) -> Limits:
    from mlscore.checks.cost.shapes import Limits

    sources = context.number("most-sources")
    return Limits(
        latency=context.number("most-latency"),
        batch_latency=context.number("most-batch-latency"),
        memory=context.number("most-memory"),
        missing=context.number("most-missing"),
        instability=context.number("most-instability"),
        sources=None if sources is None else int(sources),
        per_gain=context.number("most-per-gain"),
    )


def _sources(context: Context) -> dict[str, tuple[str, ...]] | None:
    """The upstream sources of each feature: those of the list, a comma between them, and those named here."""
    from mlscore.checks.policy.features import read_feature_list

    listed, named = context.text("list"), _lists(context, "sources")
    if listed is None:
        return named
    found = {}
    for feature in read_feature_list(context.root / listed, context.root).features:
        if feature.source is not None:
            found[feature.name] = tuple(part.strip() for part in feature.source.split(",") if part.strip())
    return found | (named or {})


def _lists(context: Context, option: str) -> dict[str, tuple[str, ...]] | None:
    given = context.options.get(option)
    if not isinstance(given, dict):
        return None
    found = {}
    for name, value in given.items():
        some = [value] if isinstance(value, str) else value
        if not isinstance(some, (list, tuple)) or not some or not all(isinstance(one, str) for one in some):
            raise ConfigError(
                f'"{name}" in {option} is no list of names', where=context.where, hint='write ["one", "other"]'
            )
        found[str(name)] = tuple(some)
    return found


CHECKS = (
    Check(
        id="feature-cost",
        title="No feature costs too much for what it gains",
        items=("data-3",),
        options=(
            Option("functions", Takes.TEXTS, 'the feature functions, each "package.module:function"'),
            Option("rows", Takes.SOURCE, "real rows of their input", default="train"),
            Option("table", Takes.SOURCE, "rows with features over time, by default the training data"),
            Option("time", Takes.TEXT, "its column of times, by default that of the data"),
            Option("features", Takes.TEXTS, "the features that are judged, by default the model's"),
            Option("groups", Takes.TABLE, 'features judged together, by name: { weather = ["wind", "rain"] }'),
            Option(
                "list", Takes.TEXT, "a TOML file that lists features with their sources, as `feature-policy` takes it"
            ),
            Option("sources", Takes.TABLE, 'upstream sources by feature: { wind = ["stations", "radar"] }'),
            Option("gains", Takes.TEXT, "a JSON or CSV file of gains, instead of those that permuting shows"),
            Option("validation", Takes.SOURCE, "labelled rows on which gains are found", default="validation"),
            Option("most-latency", Takes.NUMBER, "milliseconds for one row, at the 95th percentile"),
            Option("most-batch-latency", Takes.NUMBER, "milliseconds for a batch, at the 95th percentile"),
            Option("most-memory", Takes.NUMBER, "megabytes for a batch, at the peak"),
            Option("most-missing", Takes.SHARE, "the share of rows of any window that may lack a feature"),
            Option("most-instability", Takes.SHARE, "the distance of any window to all others, 0 to 1"),
            Option("most-sources", Takes.COUNT, "how many upstream sources a feature may hang on"),
            Option("most-per-gain", Takes.NUMBER, "milliseconds of one row for each unit of gain in the metric"),
            Option("batch", Takes.COUNT, "rows in a batch", 1_000),
            Option("seconds", Takes.NUMBER, "the time for measuring each function, in seconds", 10.0),
            Option(
                "form",
                Takes.CHOICE,
                "what the functions take",
                "auto",
                choices=("auto", "pandas", "polars", "numpy", "rows", "row", "columns"),
            ),
        ),
        run=_run,
    ),
)
