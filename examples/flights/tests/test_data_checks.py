"""The configured checks on data look at the right things: what they are told agrees with the code, and faults are found."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from flights import data, features, schema, tables

from mlscore.checks import check_invariants, check_skew, detect_drift
from mlscore.checks.drift.summarise import summarise
from mlscore.faults import fault
from mlscore.tables import open_table

CHECKS = Path(__file__).parents[1] / "checks"
OCTOBER = pd.Timestamp("2013-10-01")


def declared(name: str) -> dict:
    return tomllib.loads((CHECKS / name).read_text(encoding="utf-8"))


@pytest.mark.mlscore("data-1")
def test_the_declared_schema_has_the_limits_of_the_code(airlines):
    columns = {column["name"]: column for column in declared("schema.toml")["column"]}
    assert set(columns) == {"id", "scheduled", "late", *features.FEATURES}
    for name, column in schema.FEATURE_TABLE.items():
        limits = columns[name].get("at-least", -np.inf), columns[name].get("at-most", np.inf)
        assert limits == (column.low, column.high), name
        assert columns[name]["missing"] <= column.nulls, name
    assert columns["carrier"]["one-of"] == airlines["carrier"].tolist()


@pytest.mark.mlscore("data-4")
def test_the_declared_policy_is_that_of_the_code():
    policy = declared("policy.toml")
    assert {one["feature"]: one["reason"] for one in policy["banned"]} == features.BANNED
    assert tuple(one["name"] for one in declared("features.toml")["feature"]) == features.FEATURES


@pytest.mark.mlscore("monitor-1")
def test_the_contracts_cover_every_column_that_features_are_made_of():
    contracts = {
        one["name"]: {column["name"] for column in one["column"]} for one in declared("contracts.toml")["table"]
    }
    assert contracts["schedule"] == set(data.SCHEDULE_COLUMNS)
    assert contracts["weather"] >= set(schema.WEATHER)


@pytest.mark.mlscore("monitor-2")
def test_the_day_without_weather_would_break_the_invariants():
    whole = tables.in_months(tables.scheduled_features(), data.SERVING_MONTHS)
    assert tables.refused_days() == [date(2013, 12, 31)]
    report = check_invariants(CHECKS / "schema.toml", tables.past(), whole, time="scheduled", unit="day")
    assert {rule.column for rule in report.broken} >= {"dewp", "humid", "precip", "visib"}
    assert {rule.since[:10] for rule in report.broken} == {"2013-12-31"}


@pytest.mark.mlscore("monitor-3")
def test_a_dew_point_in_celsius_is_skew_and_called_so():
    served = pa.Table.from_pandas(tables.served_log(), preserve_index=False)
    broken = fault("unit-change", unit="fahrenheit-to-celsius").apply(served, columns="dewp", seed=1).table
    report = check_skew(broken, tables.recomputed(), id="id", time="scheduled")
    skewed = {column.name: column.likely for column in report.columns if column.skewed}
    assert set(skewed) == {"dewp"}
    assert "Celsius" in str(skewed["dewp"][0])


# --- Season and fault ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def past():
    """January to August in kilobytes, as a monitoring job would keep it."""
    with open_table(tables.past().drop(columns="id")) as table:
        return summarise(table, time="scheduled")


@pytest.fixture(scope="module")
def months() -> tuple[pa.Table, pa.Table]:
    autumn = tables.autumn().drop(columns="id")
    parts = autumn[autumn["scheduled"] < OCTOBER], autumn[autumn["scheduled"] >= OCTOBER]
    return tuple(pa.Table.from_pandas(part, preserve_index=False) for part in parts)


@pytest.mark.mlscore("monitor-3")
def test_autumn_moves_the_dew_point_far_and_is_no_alarm(past, months):
    report = detect_drift(past, pa.concat_tables(months))
    assert not report.drifted
    dew_point = next(column for column in report.columns if column.name == "dewp")
    value = next(trial for trial in dew_point.trials if trial.aspect == "value")
    # Many times what matters at all, and within what January to August did by themselves.
    assert value.effect > 5 * value.floor
    assert value.effect < value.threshold


FAULTS = {
    "a fifth without humidity": ("humid", fault("nulls", share=0.2)),
    "a tenth of the pressures at -1": ("pressure", fault("default-value")),
    "winds in kilometres": ("wind_speed", fault("unit-change")),
    "a tenth of the carriers in lower case": ("carrier", fault("changed-case")),
    "minutes cut off": ("clock", fault("integer-cast")),
}


@pytest.mark.mlscore("monitor-3")
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_in_october_is_an_alarm_with_its_column_and_time(past, months, name):
    column, broken = FAULTS[name]
    september, october = months
    report = detect_drift(past, pa.concat_tables([september, broken.apply(october, columns=column, seed=1).table]))
    found = {one.name: one for one in report.columns if one.drifted}
    assert set(found) == {column}
    assert found[column].pace == "sudden"
    assert OCTOBER <= pd.Timestamp(found[column].since) < OCTOBER + pd.Timedelta(days=7)
