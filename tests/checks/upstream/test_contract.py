"""Contract files: what is read, and what is refused with one sentence."""

from __future__ import annotations

import pytest

from mlscore.checks.upstream.contract import read_contracts
from mlscore.errors import ConfigError
from mlscore.tables.shapes import Kind

CONTRACT = """
[[table]]
name = "orders"
source = "orders.parquet"
owner = "team-orders"
contact = "#orders"
tell = ["ml-platform", "team-risk"]
time = "updated"
fresh-hours = 26
tolerance = 0.01

[[table.column]]
name = "amount"
type = "number"
unit = "EUR"
nullable = false
min = 0
typical = [5, 180.5]

[[table.column]]
name = "status"
type = "text"
values = ["new", "paid"]

[[table]]
name = "customers"
"""


def test_contracts_are_read(write, tmp_path):
    orders, customers = read_contracts(write("contracts.toml", CONTRACT), tmp_path)
    assert (orders.fresh_hours, orders.tolerance, orders.tell) == (26, 0.01, ("ml-platform", "team-risk"))
    amount, status = orders.columns
    assert (amount.type, amount.nullable, amount.least, amount.most, amount.typical) == (
        Kind.NUMBER, False, 0, None, (5, 180.5)
    )  # fmt: skip
    assert status.values == ("new", "paid")
    assert (customers.columns, customers.missing, orders.missing) == ((), ("owner", "contact", "tell"), ())


COLUMN = '[[table]]\nname = "a"\n[[table.column]]\nname = "x"\n'


@pytest.mark.parametrize("more", ["type = 'number'\nvalues = [1, 2]", "values = [1, 2.5]", "values = [true]"])
def test_values_of_the_column_s_type_are_taken(write, tmp_path, more):
    (table,) = read_contracts(write("contracts.toml", COLUMN + more), tmp_path)
    assert table.columns[0].values


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("[[tables]]\nname = 'a'", 'contracts.toml:1: unknown key "tables" at the top level; did you mean "table"?'),
        ("[[table]]\nowner = 'a'", '"name" is missing in [[table]]'),
        ("[[table]]\nname = 'a'\n[[table]]\nname = 'a'", 'two tables are called "a"'),
        (COLUMN + "[[table.column]]\nname = 'x'", 'two columns are called "x"'),
        (COLUMN + "typ = 'text'", 'contracts.toml:5: unknown key "typ" in [[table.column]]; did you mean "type"?'),
        (COLUMN + "type = 'string'", '"type" does not know "string"'),
        (COLUMN + "type = 'text'\nmin = 1", '"min" is for numbers, and the type is text'),
        (COLUMN + "min = 3\nmax = 2", "min 3 is greater than max 2"),
        (COLUMN + "typical = [3]", '"typical" should be two numbers, the lower first'),
        (COLUMN + "typical = [3, 3]", '"typical" should be two numbers, the lower first'),
        (COLUMN + "typical = [inf, 3]", "should be a number, not inf"),
        (COLUMN + "nullable = 'no'", "write nullable = false, without quotes"),
        (COLUMN + "values = []", '"values" allows none'),
        (COLUMN + "values = ['a', 1]", "the values are integer and text; write values of one type"),
        (COLUMN + "type = 'integer'\nvalues = ['a']", "the values are text, and the type is integer"),
        (COLUMN + "type = 'boolean'\nvalues = [1]", "the values are integer, and the type is boolean"),
        (COLUMN + "values = [[1]]", '"values" should be a list of values, not a list'),
        ("[[table]]\nname = 'a'\nfresh-hours = 2", '"fresh-hours" needs a time; add time = "…"'),
        ("[[table]]\nname = 'a'\nfresh-hours = -2\ntime = 't'", "should be a number from 0, not -2"),
        ("[table]\nname = 'a'", '"table" should be tables, each under [[table]], not a table'),
        ("[[table]]\nname = 'a", "contracts.toml:2: not valid TOML"),
        (b"\xff\xfe[", "not UTF-8"),
    ],
)
def test_bad_contracts_are_refused(write, tmp_path, text, error):
    with pytest.raises(ConfigError) as raised:
        read_contracts(write("contracts.toml", text), tmp_path)
    assert error in str(raised.value)
