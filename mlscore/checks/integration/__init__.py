"""Pipeline integration: the check `pipeline-run` runs the pipeline on a small sample in a clean folder, end to end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlscore.checks.base import Check, CheckResult, Option, Takes
from mlscore.errors import ConfigError

if TYPE_CHECKING:
    from mlscore.checks.context import Context

_RUNNERS = ("commands", "dvc", "make", "mlproject", "kedro", "prefect", "zenml", "airflow")
_VARIANTS = ("fast", "faithful")
_DAYS = 30


def _run(context: Context) -> CheckResult:
    from dataclasses import replace

    from mlscore.checks.integration.clean import inside
    from mlscore.checks.integration.record import Record, configuration, read_record, write_record
    from mlscore.checks.integration.report import of_record
    from mlscore.project.git import git_facts

    variant, record = str(context.options["variant"]), context.text("record")
    facts = git_facts(context.root, dirty=True)
    uncommitted = ("files differ from the commit: the copy is of the files as they are",) if facts.dirty else ()
    if record is None:
        result = _fresh(context, variant)
        return replace(result, notes=(*result.notes, *uncommitted))
    if variant != "faithful":
        hint = 'set variant = "faithful", or leave record out: the fast variant is run each time'
        raise ConfigError("only the faithful variant's last run is evidence", where=context.where, hint=hint)
    path = context.root / inside(record, context.where)
    of = configuration({key: value for key, value in context.options.items() if key not in ("record", "max-age")})
    last = read_record(path, record)
    commit = None if facts.dirty else facts.commit
    if last is not None and last.counts(of, context.today, int(context.number("max-age") or _DAYS)):
        return of_record(last, variant, record, commit)
    result = _fresh(context, variant)
    stamped = Record(context.today, commit, of, result.passed, result.summary, result.values, result.hollow)
    write_record(path, stamped, record)
    return replace(result, notes=(*result.notes, *uncommitted, f"the result is kept in {record}"))


def _fresh(context: Context, variant: str) -> CheckResult:
    from dataclasses import replace

    from mlscore.checks.integration.gate import read_gate
    from mlscore.checks.integration.judge import check_integration
    from mlscore.checks.integration.report import as_result
    from mlscore.checks.integration.runners import read_pipeline
    from mlscore.checks.integration.sample import read_sample
    from mlscore.checks.integration.stages import read_environment, read_stages
    from mlscore.tables.shapes import Progress

    def say(what: str, share: float) -> None:
        if context.progress is not None:
            context.progress(Progress(what, share))

    where = context.where
    declared = read_stages(_table(context, "stages"), where)
    pipeline = read_pipeline(str(context.options["runner"]), declared, context.root, where)
    sample, gate = _table(context, "sample"), _table(context, "gate")
    report = check_integration(
        pipeline.stages,
        context.root,
        files=context.texts("files"),
        inputs=context.texts("inputs"),
        sample=read_sample(sample, context) if sample else None,
        prepare=pipeline.prepare,
        environment=read_environment(_table(context, "environment"), where),
        timeout=context.number("timeout") or 600.0,
        twice=bool(context.options["twice"]),
        gate=read_gate(gate, context) if gate else None,
        copy_mb=int(context.number("copy-mb") or 2000),
        where=where,
        say=say,
    )
    return as_result(replace(report, notes=(*pipeline.notes, *report.notes)), variant, pipeline.tool)


def _table(context: Context, name: str) -> dict[str, Any]:
    given = context.options.get(name)
    return given if isinstance(given, dict) else {}


CHECKS = (
    Check(
        id="pipeline-run",
        title="The pipeline runs end to end on a small sample in a clean folder",
        items=("infra-3",),
        options=(
            Option("runner", Takes.CHOICE, "what runs the stages", default="commands", choices=_RUNNERS),
            Option(
                "stages",
                Takes.TABLE,
                "a table for each stage, in the order in which they run: command (or run and parameters, for another "
                "runner), needs, makes, copies, folder",
            ),
            Option(
                "sample",
                Takes.TABLE,
                "the sample: rows (500) from a source (train) to a path, or a function that writes it",
            ),
            Option("files", Takes.TEXTS, "the files and folders that are copied; by default what git tracks"),
            Option("inputs", Takes.TEXTS, "files and folders that are copied besides"),
            Option("environment", Takes.TABLE, "environment variables for the pipeline; ${NAME} is one of ours"),
            Option(
                "gate", Takes.TABLE, "the quality gate for the result: model, its path, and options of quality-gate"
            ),
            Option("twice", Takes.FLAG, "whether the stages are run once more over what they made", True),
            Option("timeout", Takes.COUNT, "seconds that one stage may take", 600),
            Option("variant", Takes.CHOICE, "which of the pipeline's variants it is", "fast", choices=_VARIANTS),
            Option(
                "record", Takes.TEXT, "a file that keeps the faithful variant's last result, which stands for a run"
            ),
            Option("max-age", Takes.COUNT, "days that a kept result stands for a run", _DAYS),
            Option("copy-mb", Takes.COUNT, "the greatest size of the files that are copied", 2000),
        ),
        run=_run,
    ),
)
