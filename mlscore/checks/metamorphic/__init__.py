"""Metamorphic properties: the check `metamorphic` asks the model the same rows changed, and relates the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlscore.checks.base import Check, CheckResult, Option, Takes
from mlscore.errors import InputError

if TYPE_CHECKING:
    from mlscore.checks.context import Context
    from mlscore.checks.metamorphic.shapes import MetamorphicReport

ROWS = 500


def _run(context: Context) -> CheckResult:
    from mlscore.checks.context import importable
    from mlscore.checks.metamorphic.judge import check_metamorphic
    from mlscore.checks.metamorphic.read import read_relations

    given = context.options.get("relations")
    relations = read_relations(given if isinstance(given, dict) else {}, context.where)
    named = {column for relation in relations for column in relation.columns}
    with context.predictor() as predictor, context.table("rows") as table, importable(context.root):
        names = [column.name for column in table.columns]
        own = (context.data.label, context.data.time, *context.data.id)
        wanted = set(predictor.features) or set(names) - set(own)
        chosen = [name for name in names if name in wanted or name in named]
        seconds = context.number("seconds")
        try:
            return as_result(
                check_metamorphic(
                    predictor,
                    table.sample(int(context.number("sample") or ROWS), 0, chosen),
                    relations,
                    schema=context.text("schema"),
                    generated=int(context.number("generated") or 0),
                    seconds=5.0 if seconds is None else seconds,
                )
            )
        except InputError as error:
            if error.where is None:
                error.where = context.where
            raise


def as_result(report: MetamorphicReport) -> CheckResult:
    """The result of a check."""
    from mlscore.core.codec import encode
    from mlscore.core.evidence import Value

    held = sum(one.holds for one in report.relations)
    asked = f"{report.rows:,} rows" + (f" and {report.generated:,} generated ones" if report.generated else "")
    values = [Value("broken relations", len(report.relations) - held, None, 0)]
    values += [
        Value(f"{one.name}: rows that break it", round(100 * one.share.value, 4), "%", 100 * one.most)
        for one in report.relations
        if one.share is not None
    ]
    said = f"{held} of {len(report.relations)} relations hold on {asked}"
    return CheckResult(
        passed=report.passed,
        summary=report.findings[0] if report.restless else said,
        values=tuple(values),
        findings=report.findings,
        unknown=report.unknown,
        notes=report.notes,
        hollow=report.hollow if report.passed else None,
        details=encode(report),
    )


CHECKS = (
    Check(
        id="metamorphic",
        title="Answers keep their relations when rows are changed",
        items=("infra-2", "infra-3", "infra-4", "model-6", "model-7", "data-4", "data-7", "monitor-3", "monitor-5"),
        options=(
            Option(
                "relations",
                Takes.TABLE,
                'what should hold, by name: { same = { invariance = "sex" }, more = { direction = "income" } }',
                required=True,
            ),
            Option("rows", Takes.SOURCE, "real rows", default="validation"),
            Option("schema", Takes.TEXT, 'a pandera schema to generate rows from, "package.module:SCHEMA"'),
            Option("sample", Takes.COUNT, "how many real rows are drawn", ROWS),
            Option("generated", Takes.COUNT, "how many rows are generated", 200),
            Option("seconds", Takes.NUMBER, "the time to look for the smallest pair that breaks a relation", 5.0),
        ),
        run=_run,
    ),
)
