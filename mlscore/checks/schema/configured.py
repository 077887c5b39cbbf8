"""The configured checks `schema` and `invariants`: their options, and their reports as evidence."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mlscore.checks.base import Check, CheckResult, Option, Takes
from mlscore.core.evidence import Value
from mlscore.errors import ConfigError

if TYPE_CHECKING:
    from mlscore.checks.context import Context

_SCHEMA = Option(
    "schema",
    Takes.TEXT,
    "the schema: a file (.toml, .yaml, .json, .pbtxt) or package.module:SCHEMA",
    required=True,
)
_ENVIRONMENT = Option("environment", Takes.TEXT, "the environment of a TFDV schema, such as SERVING")
POWER_CASES = 300


def run_schema(context: Context) -> CheckResult:
    """Hold a source against a schema, and measure which faults the schema would miss."""
    from mlscore.checks.schema.check import check_schema, why_hollow
    from mlscore.checks.schema.customs import CUSTOM_ROWS
    from mlscore.checks.schema.power import measure_power
    from mlscore.checks.schema.read import read_schema
    from mlscore.checks.schema.text import finding

    schema = read_schema(context.text("schema"), root=context.root, environment=context.text("environment"))
    with context.table("source") as table:
        tolerated = context.number("tolerated") or 0.0
        custom_rows = None if context.options.get("all-rows") else CUSTOM_ROWS
        report = check_schema(schema, table, tolerated=tolerated, custom_rows=custom_rows)
        if context.options.get("power") is not False and report.rows and schema.hollow is None:
            roles = {column.name for column in table.columns}
            power = measure_power(
                schema,
                table,
                cases=POWER_CASES,
                tolerated=tolerated,
                label=_role(context.data.label, roles),
                time=_role(context.data.time, roles),
                entity=_role(context.data.id[0] if len(context.data.id) == 1 else None, roles),
            )
            report = replace(report, power=power)
    report = replace(report, hollow=why_hollow(schema, report, report.power))
    values = [
        Value("rows", report.rows),
        Value("rules", len(report.rules)),
        Value("broken rules", len(report.broken), threshold=0),
        Value("not judged", len(report.unknown)),
    ]
    sampled = sum(rule.sampled for rule in report.rules)
    if sampled:
        values.append(Value("judged on a sample", sampled))
    if report.power is not None:
        values.append(Value("power", round(report.power.share, 4)))
    summary = f"{len(report.broken)} of {len(report.rules)} rules broken in {report.rows:,} rows of {report.source}"
    if report.power is not None:
        summary += f"; {report.power.share:.0%} of {report.power.tried} faults would be noticed"
    return CheckResult(
        passed=report.passed,
        summary=summary,
        values=tuple(values),
        findings=(*map(finding, report.broken), *(f"warning: {finding(rule)}" for rule in report.warnings)),
        unknown=tuple(map(str, report.unknown)),
        hollow=report.hollow,
        details=report.to_json(),
    )


def _role(name: str | None, columns: set[str]) -> str | None:
    """The column of a role, when the table has it."""
    return name if name in columns else None


def run_invariants(context: Context) -> CheckResult:
    """Hold each window of serving data against a schema, with tolerances learnt from the reference."""
    from mlscore.checks.schema.invariants import check_invariants
    from mlscore.checks.schema.text import broken_since

    time = context.text("time") or context.data.time
    if time is None:
        raise ConfigError(
            "no column of times is named",
            where=context.where,
            hint='give the check time = "…", or [tool.mlscore.data] time',
        )
    with context.table("reference") as before, context.table("source") as now:
        report = check_invariants(
            context.text("schema"),
            before,
            now,
            time=time,
            unit=context.text("unit"),
            false_alarms=context.number("false-alarms") or 0.01,
            root=context.root,
            environment=context.text("environment"),
        )
    windows = max((rule.windows for rule in report.rules), default=0)
    return CheckResult(
        passed=report.passed,
        summary=(
            f"{len(report.broken)} of {len(report.rules)} invariants broken "
            f"in {windows} windows ({report.unit}) of {report.current}"
        ),
        values=(
            Value("invariants", len(report.rules)),
            Value("broken invariants", len(report.broken), threshold=0),
            Value("windows", windows),
            Value("not judged", len(report.unknown)),
        ),
        findings=tuple(map(broken_since, report.broken)),
        unknown=tuple(map(str, report.unknown)),
        hollow=report.hollow,
        details=report.to_json(),
    )


CHECKS = (
    Check(
        id="schema",
        title="The data keeps its schema, and the schema would notice faults",
        items=("data-1", "monitor-2"),
        options=(
            _SCHEMA,
            Option("source", Takes.SOURCE, "the rows to check", default="train"),
            Option(
                "tolerated",
                Takes.SHARE,
                "share of values that may break a rule which names no share itself",
                default=0.0,
            ),
            Option(
                "all-rows",
                Takes.FLAG,
                "run checks that are code on all rows, not on a sample of 100,000",
                default=False,
            ),
            Option(
                "power",
                Takes.FLAG,
                "apply the fault catalogue and say which faults the schema would miss",
                default=True,
            ),
            _ENVIRONMENT,
        ),
        run=run_schema,
    ),
    Check(
        id="invariants",
        title="The schema's invariants hold in every window of serving data",
        items=("monitor-2",),
        options=(
            _SCHEMA,
            Option("source", Takes.SOURCE, "the rows to check", default="serving"),
            Option(
                "reference",
                Takes.SOURCE,
                "rows whose clean windows the tolerances are learnt from",
                default="reference",
            ),
            Option("time", Takes.TEXT, "the column by which rows are cut into windows; by default the data's time"),
            Option(
                "unit",
                Takes.CHOICE,
                "length of a window; by default the finest that makes at most 400",
                choices=("hour", "day", "week", "month", "year"),
            ),
            Option(
                "false-alarms", Takes.SHARE, "chance that clean data alarms, over all rules and windows", default=0.01
            ),
            _ENVIRONMENT,
        ),
        run=run_invariants,
    ),
)
