"""The checks `schema` and `invariants` as they are configured: options, evidence, what is hollow."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pyarrow.parquet
import pytest

from mlscore.checks.configured import configured_checks
from mlscore.checks.context import Context
from mlscore.checks.registry import find_check
from mlscore.core.evidence import Outcome
from mlscore.errors import ConfigError, InputError
from mlscore.project.config import DataSettings
from mlscore.project.load import load_config

SCHEMA = """\
mlscore-schema = 1
[[column]]
name = "price"
type = "number"
missing = 0
at-least = 0
at-most = 100
[[column]]
name = "city"
one-of = ["Bilbao", "Madrid", "Vigo"]
"""


@pytest.fixture
def run(tmp_path, trips):
    """`run(check, table, **options)`: the result of a configured check on the table as training and serving data."""

    def make(use, table=trips, schema=SCHEMA, **options):
        pyarrow.parquet.write_table(trips, tmp_path / "reference.parquet")
        pyarrow.parquet.write_table(table, tmp_path / "rows.parquet")
        (tmp_path / "schema.toml").write_text(schema, encoding="utf-8")
        sources = {"train": "rows.parquet", "serving": "rows.parquet", "reference": "reference.parquet"}
        data = DataSettings(sources=sources, time="at", id=("id",), label="absent")
        check = find_check(use)
        given = {option.name: option.default for option in check.options} | {"schema": "schema.toml"} | options
        return check.run(Context(tmp_path, data, given, date(2026, 11, 1)))

    return make


def test_a_schema_that_holds(run):
    result = run("schema")
    assert result.outcome is Outcome.PASSED
    assert {value.name: value.value for value in result.values if value.name != "power"} == {
        "rows": 400,
        "rules": 6,
        "broken rules": 0,
        "not judged": 0,
    }
    (power,) = [value.value for value in result.values if value.name == "power"]
    assert 0.1 < power < 0.9
    assert result.summary.startswith("0 of 6 rules broken in 400 rows of ")
    assert "faults would be noticed" in result.summary
    assert result.details["power"]["tried"] > 50


def test_a_schema_that_is_broken(run, trips):
    table = trips.set_column(2, "price", pa.array([-1.0] * 4 + [5.0] * 396))
    result = run("schema", table, power=False)
    assert result.outcome is Outcome.FAILED
    (finding,) = result.findings
    assert finding == "price: in_range(0, 100): 4 of 400 (1.00%); as -1 [schema.toml:6]"
    assert "power" not in {value.name for value in result.values}
    assert run("schema", table, power=False, tolerated=0.02).passed


def test_a_schema_that_demands_nothing_is_hollow(run):
    nothing = "mlscore-schema = 1\n[[column]]\nname = 'price'\nrequired = false\nat-most = 1\ntolerated = 1.0\n"
    result = run("schema", schema=nothing)
    assert result.outcome is Outcome.HOLLOW
    assert "demands nothing" in result.hollow
    loose = "mlscore-schema = 1\n[[column]]\nname = 'city'\nrequired = false\nlength = [0, 9999]\n"
    assert "catches none of" in run("schema", schema=loose).hollow
    assert run("schema", schema=loose, power=False).outcome is Outcome.PASSED


def test_an_empty_table_earns_nothing(run, trips):
    result = run("schema", trips.slice(0, 0))
    assert result.outcome is Outcome.HOLLOW
    assert "no rows" in result.hollow


def test_what_is_not_judged_is_told(run):
    result = run("schema", schema=SCHEMA + "starts-with-pattern = '(?=V)V'\n", power=False)
    assert result.passed
    assert "city: str_matches('(?=V)V')" in result.unknown[0]


def test_a_schema_that_cannot_be_read_is_an_error(run):
    with pytest.raises(InputError, match=r"schema.toml:1: not valid TOML"):
        run("schema", schema="x = ")


def test_invariants_that_hold_and_that_do_not(run, trips):
    # Only every third city is another one: the schema's list holds in every window of the reference.
    assert run("invariants").outcome is Outcome.PASSED
    cities = trips["city"].to_pylist()
    broken = trips.set_column(
        3, "city", pa.array([*cities[:200], *("Roma" if i % 2 else c for i, c in enumerate(cities[200:]))])
    )
    result = run("invariants", broken, unit="week")
    assert result.outcome is Outcome.FAILED
    (finding,) = result.findings
    assert finding.startswith(
        "city: isin(['Bilbao', 'Madrid', 'Vigo']): broken since 2024-02-26T00:00:00 in 9 of 17 windows"
    )
    assert "as 'Roma'" in finding
    assert result.summary.startswith("1 of 6 invariants broken in 17 windows (week) of ")


def test_invariants_need_a_time(tmp_path):
    check = find_check("invariants")
    with pytest.raises(ConfigError, match="no column of times is named"):
        check.run(Context(tmp_path, DataSettings(), {"schema": "schema.toml"}, date(2026, 11, 1)))


def test_both_are_configured_by_name(tmp_path):
    (tmp_path / "pyproject.toml").write_text(
        '[[tool.mlscore.check]]\nuse = "schema"\nschema = "s.toml"\n'
        '[[tool.mlscore.check]]\nuse = "invariants"\nschema = "s.toml"\nunit = "day"\n',
        encoding="utf-8",
    )
    found = configured_checks(load_config(tmp_path, environ={}, today=date(2026, 11, 1)))
    assert [check.nodeid for check in found] == ["mlscore::data-1::schema", "mlscore::monitor-2::invariants"]
