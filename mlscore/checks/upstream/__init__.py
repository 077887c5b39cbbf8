"""What the model depends on: the checks `upstream-contract` of tables and `dependency-changes` of packages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from mlscore.checks.base import Check, CheckResult, Option, Takes
from mlscore.checks.context import Context

if TYPE_CHECKING:
    from mlscore.tables import Table


def _contracts(context: Context) -> CheckResult:
    from mlscore.checks.upstream.compare import check_contract, unreadable
    from mlscore.checks.upstream.contract import read_contracts
    from mlscore.checks.upstream.report import contracts_result
    from mlscore.errors import UsageError

    contracts = read_contracts(context.root / (context.text("contract") or ""), context.root)
    given = context.text("source")
    results = []
    for contract in contracts:
        try:
            # One table that cannot be read does not keep the others from being compared.
            with _open(context, given or contract.source or contract.name) as table:
                results.append(check_contract(contract, table, now=_now(context)))
        except UsageError as error:
            results.append(unreadable(contract, str(error)))
    return contracts_result(results)


def _open(context: Context, source: str) -> Table:
    from dataclasses import replace

    return replace(context, options={"source": source}).table("source")


def _now(context: Context) -> datetime:
    """The moment that freshness is measured from: now, or the end of the day that the run is said to be of."""
    now = datetime.now(UTC)
    if abs(now.date() - context.today) <= timedelta(days=1):
        return now
    return datetime(context.today.year, context.today.month, context.today.day, tzinfo=UTC) + timedelta(days=1)


def _dependencies(context: Context) -> CheckResult:
    from mlscore.checks.upstream.changes import FailOn
    from mlscore.checks.upstream.dependencies import compare_dependencies
    from mlscore.checks.upstream.report import dependencies_result
    from mlscore.errors import ConfigError

    before, since = context.text("before"), context.text("since")
    if before is not None and since is not None:
        raise ConfigError("before and since are both given", where=context.where, hint="keep one of the two")
    result = compare_dependencies(
        context.root,
        context.text("lock") or "",
        before=before,
        since=since,
        manifest=context.text("manifest"),
        notices=context.texts("notice"),
        approved=context.texts("approved"),
        fail_on=FailOn(context.text("fail-on") or FailOn.MAJOR),
    )
    return dependencies_result(result)


CHECKS = (
    Check(
        id="upstream-contract",
        title="Holds upstream tables against the contracts with their owners",
        items=("monitor-1",),
        options=(
            Option("contract", Takes.TEXT, "the contracts' TOML file", required=True),
            Option("source", Takes.SOURCE, "the data, in place of the source that the contract names"),
        ),
        run=_contracts,
    ),
    Check(
        id="dependency-changes",
        title="Names the direct dependencies that changed, and wants great changes announced",
        items=("monitor-1",),
        options=(
            Option("lock", Takes.TEXT, "the lock file", required=True),
            Option("before", Takes.TEXT, "an earlier lock file, to compare with"),
            Option("since", Takes.TEXT, "the commit or tag to compare with (by default the newest tag)"),
            Option("manifest", Takes.TEXT, "the file that says what is direct, where the lock file does not"),
            Option("notice", Takes.TEXTS, "files whose new lines announce changes, such as CHANGELOG.md", ()),
            Option("approved", Takes.TEXTS, 'changes that are announced here, such as "pandas 3"', ()),
            Option(
                "fail-on",
                Takes.CHOICE,
                "the least change that must be announced",
                "major",
                choices=("major", "minor", "any"),
            ),
        ),
        run=_dependencies,
    ),
)
