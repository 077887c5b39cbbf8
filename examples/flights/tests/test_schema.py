"""The schema holds on the real training data, and notices what it is there to notice."""

from __future__ import annotations

import pandas as pd
import pytest
from flights import data, features, schema


@pytest.mark.mlscore("data-1")
def test_training_schedule_meets_its_schema(first_months, airlines):
    assert schema.schedule_problems(data.schedule(first_months), airlines) == []


@pytest.mark.mlscore("data-1")
def test_weather_meets_its_schema(weather):
    assert schema.problems(weather, schema.WEATHER) == []


@pytest.mark.mlscore("data-1")
def test_feature_table_meets_its_schema(labelled):
    table, _ = labelled.rows(data.FIT_MONTHS)
    assert schema.problems(table, schema.FEATURE_TABLE) == []


@pytest.mark.mlscore("data-1")
def test_every_column_the_features_read_is_in_a_schema(airlines):
    assert set(data.SCHEDULE_COLUMNS) == set(schema.schedule_schema(airlines))
    assert {"origin", "time_hour", *features.GROUPS["weather"]} == set(schema.WEATHER)
    assert set(features.FEATURES) == set(schema.FEATURE_TABLE)


@pytest.mark.mlscore("data-1")
@pytest.mark.parametrize("name", sorted(data.SCHEDULE_COLUMNS))
def test_a_missing_schedule_column_is_found(first_months, airlines, name):
    found = schema.schedule_problems(data.schedule(first_months).drop(columns=name), airlines)
    assert found == [f"{name}: the column is missing"]


@pytest.mark.mlscore("data-1")
@pytest.mark.parametrize("name", [name for name, column in schema.WEATHER.items() if column.kind == "number"])
def test_weather_beyond_its_range_or_mostly_missing_is_found(weather, name):
    column = schema.WEATHER[name]
    too_high = schema.problems(weather.assign(**{name: column.high + 1}), schema.WEATHER)
    too_low = schema.problems(weather.assign(**{name: column.low - 1}), schema.WEATHER)
    missing = schema.problems(weather.assign(**{name: weather[name].mask(weather.index % 2 == 0)}), schema.WEATHER)
    assert [text.split(":")[0] for text in (*too_high, *too_low, *missing)] == [name] * 3
    assert "outside" in too_high[0]
    assert "outside" in too_low[0]
    assert "missing" in missing[0]


def test_the_impossible_wind_in_the_real_data_is_found_without_its_tolerance(weather):
    strict = {"wind_speed": schema.Column("number", 0, 120, nulls=0.01)}
    assert schema.problems(weather, strict) == ["wind_speed: 1 values outside 0 to 120, such as 1048.36"]


@pytest.mark.parametrize(
    ("values", "column", "expected"),
    [
        ([1.5, 2.0], schema.Column("integer", 0, 9), ["x: not whole numbers"]),
        (["1", "2"], schema.Column("integer", 0, 9), ["x: not a number"]),
        ([True, False], schema.Column("number", 0, 9), ["x: not a number"]),
        ([1, 2], schema.Column("text"), ["x: not text"]),
        (["a", "b"], schema.Column("text", values=("a",)), ["x: unknown values b"]),
        (["2013-01-01T10:00:00Z", "soon"], schema.Column("time"), ["x: 1 values are no time"]),
        ([1.0, None], schema.Column("number", 0, 9, nulls=0.4), ["x: 50.0% missing, at most 40.0% allowed"]),
        ([1.0, None], schema.Column("number", 0, 9, nulls=0.5), []),
        ([0, 9], schema.Column("integer", 0, 9), []),
        ([0, 10], schema.Column("integer", 0, 9), ["x: 1 values outside 0 to 9, such as 10"]),
        ([0, 10], schema.Column("integer", 0, 9, outside=0.5), []),
        ([], schema.Column("integer"), ["the table has no rows"]),
    ],
)
def test_each_expectation_has_its_sentence(values, column, expected):
    assert schema.problems(pd.DataFrame({"x": values}), {"x": column}) == expected


def test_the_error_lists_what_was_found_and_counts_the_rest():
    with pytest.raises(schema.SchemaError, match="the schedule does not meet its schema:\n  one") as caught:
        schema.check(["one", *["more"] * 24], "the schedule")
    assert str(caught.value).endswith("… and 5 more")
