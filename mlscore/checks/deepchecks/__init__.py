"""deepchecks' suites on data and model, in an environment of their own: the check `deepchecks` judges their conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlscore.checks.base import Check, CheckResult, Option, Takes
from mlscore.checks.deepchecks.conditions import ITEMS, MODEL_SUITE, NEED_THE_MODEL, SUITES, TABLE
from mlscore.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from mlscore.checks.context import Context

ROWS = 10_000


def _run(context: Context) -> CheckResult:
    from mlscore.checks.deepchecks.judge import as_result
    from mlscore.checks.deepchecks.run import run_suites

    suites, checks = _suites(context), _checks(context)
    ran = run_suites(
        context,
        suites=suites,
        checks=checks,
        rows=int(context.number("rows") or ROWS),
        timeout=context.number("timeout") or 600.0,
        memory_mb=int(context.number("memory-mb") or 4_000),
    )
    return as_result(ran, context.item or ITEMS[0], warnings=context.options.get("warnings") is not False)


def _suites(context: Context) -> tuple[str, ...]:
    """The suites asked for; of the checks asked for, those they are in; else all that can run."""
    given = context.texts("suites")
    for one in given:
        if one not in SUITES:
            near = did_you_mean(one, SUITES)
            listed = f"the suites are {', '.join(SUITES)}"
            raise ConfigError(
                f'there is no suite "{one}"', where=context.where, hint=f"{near} ({listed})" if near else listed
            )
    if given:
        return tuple(one for one in SUITES if one in given)
    checks = _checks(context)
    if checks:
        wanted = {TABLE[one].suite for one in checks}
        return tuple(one for one in SUITES if one in wanted)
    return tuple(one for one in SUITES if one != MODEL_SUITE or context.model.source is not None)


def _checks(context: Context) -> tuple[str, ...]:
    known = tuple(name for name, one in TABLE.items() if one.suite and name not in NEED_THE_MODEL)
    given = context.texts("checks")
    for one in given:
        if one in NEED_THE_MODEL:
            raise ConfigError(
                f"{one} looks into the model itself, which stays outside of deepchecks' environment",
                where=context.where,
                hint="leave it out",
            )
        if one not in known:
            near = did_you_mean(one, known)
            listed = f"those with a condition are {', '.join(known)}"
            raise ConfigError(
                f'no suite of deepchecks has a check "{one}"',
                where=context.where,
                hint=f"{near} ({listed})" if near else listed,
            )
    return tuple(dict.fromkeys(given))


CHECKS = (
    Check(
        id="deepchecks",
        title="The conditions of deepchecks' suites hold",
        items=ITEMS,
        options=(
            Option(
                "suites",
                Takes.TEXTS,
                "data_integrity, train_test_validation, model_evaluation; by default all that can run: the last where a "
                "model is configured",
            ),
            Option("checks", Takes.TEXTS, "of the suites' checks these alone, such as FeatureDrift"),
            Option("train", Takes.SOURCE, "the training data", default="train"),
            Option("validation", Takes.SOURCE, "the data that is held against them", default="validation"),
            Option("rows", Takes.COUNT, "rows of each table that deepchecks is given, drawn evenly", ROWS),
            Option("warnings", Takes.FLAG, "whether a condition that warns counts as failed", True),
            Option("timeout", Takes.COUNT, "seconds that deepchecks may take", 600),
            Option("memory-mb", Takes.COUNT, "memory that deepchecks may take, in MB", 4_000),
        ),
        run=_run,
    ),
)
