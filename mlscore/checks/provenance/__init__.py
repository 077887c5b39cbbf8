"""Where the served model comes from: the check `provenance` follows its digest to a commit, and that to a review."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mlscore.checks.base import Check, CheckResult, Option, Takes
from mlscore.errors import ConfigError

if TYPE_CHECKING:
    from mlscore.checks.context import Context
    from mlscore.checks.provenance.shapes import ProvenanceReport
    from mlscore.predictors.shapes import Provenance

_SILENT = ("pickled", "skops", "lightgbm")  # kinds of files that name no commit themselves


def _run(context: Context) -> CheckResult:
    from mlscore.checks.provenance.judge import check_provenance

    metadata = context.text("metadata")
    return as_result(
        check_provenance(
            _model(context),
            context.root,
            branch=context.text("branch"),
            code=context.texts("code"),
            since=context.text("since") or _previous(context),
            metadata=None if metadata is None else context.root / metadata,
            where=context.where,
        )
    )


def _model(context: Context) -> Path | Provenance:
    """The model's path where its note says what it was made of; else what the model itself, or its registry, says."""
    from mlscore.predictors.provenance import note_path
    from mlscore.predictors.sources import find

    served = context.text("served")
    if served is not None:
        if not (context.root / served).exists():
            raise ConfigError(f'there is no served model "{served}"', where=context.where, hint="mend the path")
        return context.root / served
    source = context.model.source
    if isinstance(source, str):
        path = context.root / source
        if path.exists() and (note_path(path).exists() or find(source, context.root).kind in _SILENT):
            return path
    with context.predictor() as predictor:
        return predictor.provenance


def _previous(context: Context) -> str | None:
    """The commit of the previous release, where its note names one that is still there."""
    from mlscore.checks.provenance.history import History
    from mlscore.predictors.provenance import read_note

    previous = context.model.previous
    if not isinstance(previous, str) or not (context.root / previous).exists():
        return None
    note = read_note(context.root / previous) or {}
    commit = note.get("commit")
    return History(context.root).commit(commit) if commit else None


def as_result(report: ProvenanceReport) -> CheckResult:
    """The result of a check."""
    from mlscore.core.codec import encode
    from mlscore.core.evidence import Value

    reviewed = sum(one.reviewed is True for one in report.changes)
    values = [Value("reviewed changes", reviewed, f"of {len(report.changes)}")]
    if report.findings:
        summary = report.findings[0]
    elif report.not_judged:
        summary = f"not known: {report.not_judged[0]}"
    else:
        assert report.commit is not None
        summary = f"trained from {report.commit[:7]} on {report.branch}, reviewed: {report.changes[0].why}"
    return CheckResult(
        passed=report.passed,
        summary=summary,
        values=tuple(values),
        findings=report.findings,
        unknown=report.not_judged,
        notes=report.notes,
        hollow=report.hollow if report.passed else None,
        details=encode(report),
    )


CHECKS = (
    Check(
        id="provenance",
        title="The served model was trained from a known commit that was reviewed",
        items=("model-1",),
        options=(
            Option("served", Takes.TEXT, "the served model's file or folder; the configured model by default"),
            Option("branch", Takes.TEXT, "the branch that is deployed; the remote's default, main or master"),
            Option("code", Takes.TEXTS, "files and folders of the training code; the whole project by default", ()),
            Option(
                "since",
                Takes.TEXT,
                "the commit or tag after which every change of the code must be reviewed; the previous release's by "
                "default, else the last change alone is judged",
            ),
            Option("metadata", Takes.TEXT, "a JSON file of pull or merge requests, exported from the platform"),
        ),
        run=_run,
    ),
)
