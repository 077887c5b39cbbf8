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
)
