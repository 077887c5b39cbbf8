"""Reproducible training: the check `reproducible` trains twice, compares, and on a difference looks for its cause."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlscore.checks.base import Check, CheckResult, Option, Takes

if TYPE_CHECKING:
    from mlscore.checks.context import Context

ROWS = 5_000


def _run(context: Context) -> CheckResult:
    from mlscore.checks.reproducible.judge import check_reproducible
    from mlscore.checks.reproducible.report import as_result
    from mlscore.checks.trained import open_trained, training_of
    from mlscore.tables.shapes import Progress

    model = context.model
    train, artefact = training_of(context)
    own = artefact == model.source

    def opener(trained: Any) -> Any:
        return open_trained(context, trained)

    def say(what: str, share: float) -> None:
        if context.progress is not None:
            context.progress(Progress(what, share))

    return as_result(
        check_reproducible(
            train,
            artefact,
            context.root,
            opener=opener if own or model.source is None else None,
            rows=_rows(context),
            tolerance=context.number("tolerance") or 0.0,
            limit=context.number("timeout") or 3600.0,
            search=bool(context.options.get("search")),
            copy_mb=int(context.number("copy-mb") or 2000),
            where=context.where,
            say=say,
        )
    )


def _rows(context: Context) -> Any:
    """Rows to predict: some of the validation data, else of the training data; None where neither is configured."""
    given = context.text("rows")
    for role in ("validation", "train"):
        if given == role and role not in context.data.sources:
            given = "train" if role == "validation" else None
    if given is None:
        return None
    with context.table(given if given in context.data.ROLES else "rows") as table:
        return table.sample(ROWS, 0)


CHECKS = (
    Check(
        id="reproducible",
        title="Training twice gives the same model",
        items=("infra-1",),
        options=(
            Option("rows", Takes.SOURCE, "rows whose predictions are compared", default="validation"),
            Option("tolerance", Takes.NUMBER, "by how much numbers may differ, relative to themselves", 0.0),
            Option(
                "search", Takes.FLAG, "whether to look for the cause of a difference, by eight more trainings", True
            ),
            Option("timeout", Takes.COUNT, "seconds that one training may take", 3600),
            Option("copy-mb", Takes.COUNT, "the greatest size of a project that is copied for each training", 2000),
        ),
        run=_run,
    ),
)
