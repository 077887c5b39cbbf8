"""The checks of upstream as they are configured."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from mlscore.core.evidence import Outcome
from mlscore.project.config import DataSettings

CONTRACT = """
[[table]]
name = "orders"
source = "orders.csv"
owner = "team-orders"
contact = "#orders"
tell = "ml-platform"
time = "day"
fresh-hours = 48

[[table.column]]
name = "amount"
type = "number"
min = 0
"""
LATER = '[[table]]\nname = "customers"\nowner = "team-crm"\ncontact = "#crm"\ntell = "ml-platform"\n'


@pytest.fixture
def contracted(write, run):
    def make(csv="day,amount\n2026-10-31,1.5\n", contract=CONTRACT, **given):
        write("contract.toml", contract)
        write("orders.csv", csv)
        return run("upstream-contract", contract="contract.toml", **given)

    return make


def test_as_agreed(contracted):
    result = contracted()
    assert (result.outcome, result.summary) == (Outcome.PASSED, "1 table as agreed (4 statements)")


def test_a_fault_is_told_with_its_owner(contracted):
    result = contracted("day,amount\n2026-10-31,-1.5\n")
    assert (result.outcome, result.summary) == (Outcome.FAILED, "1 change against the contracts of 1 table")
    assert result.findings == (
        "orders.amount: 1 of 1 rows (100.00%) outside of 0 to inf [owner team-orders (#orders); tell ml-platform]",
    )
    assert result.details["changes"][0]["changed"] == "range"


def test_a_table_that_cannot_be_read_does_not_keep_the_others(contracted):
    result = contracted(contract=LATER + CONTRACT, csv="day,amount\n2026-10-31,-1.5\n")
    assert len(result.findings) == 2
    assert "customers: cannot be read: " in result.findings[0]
    assert "there is no such file" in result.findings[0] or 'no data role and no file "customers"' in result.findings[0]


def test_a_role_may_be_the_source(contracted):
    data = DataSettings(sources={"serving": "orders.csv"})
    assert contracted(contract=CONTRACT.replace("orders.csv", "serving"), data=data).outcome is Outcome.PASSED
    assert (
        contracted(contract=CONTRACT.replace("orders.csv", "lost.csv"), source="orders.csv").outcome is Outcome.PASSED
    )


def test_staleness_is_of_the_day_of_the_run(contracted):
    assert contracted(today=date(2026, 11, 3)).outcome is Outcome.FAILED
    today = datetime.now(UTC).date()
    assert contracted(f"day,amount\n{today},1.5\n", today=today).outcome is Outcome.PASSED


@pytest.mark.parametrize("contract", ["", LATER + 'source = "orders.csv"\n'])
def test_hollow_contracts(contracted, contract):
    assert contracted(contract=contract).outcome is Outcome.HOLLOW


def test_a_contract_without_columns_beside_a_whole_one_is_named(contracted):
    result = contracted(contract=CONTRACT + LATER + 'source = "orders.csv"\n')
    assert result.outcome is Outcome.PASSED
    assert result.unknown == ('the contract of "customers" names no column and no freshness',)
