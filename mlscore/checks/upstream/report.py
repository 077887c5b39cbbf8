"""What the checks of upstream say: summary, figures and findings."""

from __future__ import annotations

from collections.abc import Sequence

from mlscore.checks.base import CheckResult
from mlscore.checks.upstream.changes import DependencyResult
from mlscore.checks.upstream.compare import ContractResult
from mlscore.core.evidence import Value


def contracts_result(results: Sequence[ContractResult]) -> CheckResult:
    """The result of `upstream-contract`, of all its tables."""
    changes = sorted((change for one in results for change in one.changes), key=lambda change: not change.fails)
    failing = sum(change.fails for change in changes)
    rules = sum(one.rules for one in results)
    tables = f"{len(results)} table{'' if len(results) == 1 else 's'}"
    if failing:
        summary = f"{failing} change{'' if failing == 1 else 's'} against the contracts of {tables}"
    else:
        summary = f"{tables} as agreed ({rules} statements)"
    hollow = None
    if not results:
        hollow = "the file holds no contract"
    elif all(one.hollow for one in results):
        hollow = results[0].hollow
    return CheckResult(
        passed=not failing,
        summary=summary,
        values=(Value("changes", failing, None, 0),),
        findings=tuple(str(change) for change in changes),
        unknown=(
            *(one.hollow for one in results if one.hollow and not hollow),
            *(line for one in results for line in one.not_judged),
        ),
        hollow=hollow,
        details={
            "tables": [{"name": one.table, "rows": one.rows, "statements": one.rules} for one in results],
            "changes": [
                {
                    "table": change.table,
                    "column": change.column,
                    "changed": change.changed.value,
                    "message": change.message,
                    "people": change.people,
                    "fails": change.fails,
                    "rows": change.rows,
                    "figure": change.figure,
                }
                for change in changes
            ],
        },
    )


def dependencies_result(result: DependencyResult) -> CheckResult:
    """The result of `dependency-changes`."""
    failing = len(result.failing)
    many = f"{len(result.changes)} of {result.direct} direct dependencies changed"
    summary = f"{many}, {failing} without a word" if failing else many
    return CheckResult(
        passed=result.passed,
        summary=summary,
        values=(Value("unannounced changes", failing, None, 0),),
        findings=tuple(map(str, result.changes)),
        unknown=result.not_judged,
        hollow=result.hollow,
        details={
            "fail on": result.fail_on.value,
            "changes": [
                {
                    "name": one.name,
                    "way": one.way.value,
                    "before": one.before,
                    "after": one.after,
                    "step": None if one.step is None else one.step.value,
                    "announced": one.announced,
                }
                for one in result.changes
            ],
        },
    )
