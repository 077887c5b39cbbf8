"""The features have the values they should have, and nothing known too late gets into them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from flights import data, features, model

OUTCOMES = ("dep_time", "dep_delay", "arr_time", "arr_delay", "air_time")


def a_schedule(**columns: list) -> pd.DataFrame:
    """Flights of 4 July 2013, by default two at 08:30 local time from JFK and one at 17:05 from EWR."""
    base = {
        "hour": [8, 8, 17],
        "minute": [30, 30, 5],
        "carrier": ["B6", "AA", "UA"],
        "flight": [1, 2, 3],
        "origin": ["JFK", "JFK", "EWR"],
        "dest": ["SJU", "LAX", "ORD"],
        "time_hour": ["2013-07-04T12:00:00Z", "2013-07-04T12:00:00Z", "2013-07-04T21:00:00Z"],
    }
    frame = pd.DataFrame({**base, **columns}).assign(year=2013, month=7, day=4)
    return frame.assign(sched_dep_time=frame["hour"] * 100 + frame["minute"])


def an_observation(time: str, origin: str = "JFK", **values: float) -> dict:
    usual = {
        "dewp": 60.0,
        "humid": 50.0,
        "wind_dir": 90.0,
        "wind_speed": 10.0,
        "precip": 0.0,
        "pressure": 1015.0,
        "visib": 10.0,
    }
    return {"origin": origin, "time_hour": f"2013-07-04T{time}:00Z", **usual, **values}


@pytest.mark.mlscore("data-7")
def test_clock_is_the_local_time_in_hours():
    assert features.clock(a_schedule()).tolist() == [8.5, 8.5, pytest.approx(17 + 5 / 60)]


@pytest.mark.mlscore("data-7")
def test_congestion_counts_departures_of_the_same_airport_and_hour():
    flights = a_schedule(
        origin=["JFK", "JFK", "EWR"],
        time_hour=["2013-07-04T12:00:00Z", "2013-07-04T12:00:00Z", "2013-07-04T12:00:00Z"],
    )
    assert features.congestion(flights).tolist() == [2, 2, 1]


@pytest.mark.mlscore("data-7")
@pytest.mark.parametrize(
    ("observations", "expected"),
    [
        ([an_observation("09:00", humid=41), an_observation("10:00", humid=42)], 42),
        ([an_observation("10:00", humid=42), an_observation("11:00", humid=43)], 42),
        ([an_observation("04:00", humid=36)], 36),
        ([an_observation("03:00", humid=35)], np.nan),
        ([an_observation("10:00", origin="LGA", humid=42)], np.nan),
        ([an_observation("10:00", humid=101)], np.nan),
    ],
    ids=["the last one", "not after the decision", "six hours old", "too old", "another airport", "impossible"],
)
def test_weather_is_the_last_observation_known_two_hours_before(observations, expected):
    known = features.weather_known(a_schedule(), pd.DataFrame(observations))
    np.testing.assert_equal(known["humid"].tolist(), [expected, expected, np.nan])


@pytest.mark.mlscore("data-7")
def test_a_built_row_holds_every_value_of_its_flight():
    weather = pd.DataFrame([an_observation("10:00"), an_observation("19:00", origin="EWR", pressure=990.0)])
    table = features.build(a_schedule(), weather)
    assert table.index.tolist() == ["2013-07-04-B61-JFK", "2013-07-04-AA2-JFK", "2013-07-04-UA3-EWR"]
    assert table.loc["2013-07-04-B61-JFK"].to_dict() == {
        "carrier": "B6",
        "dest": "SJU",
        "clock": 8.5,
        "congestion": 2,
        "dewp": 60.0,
        "humid": 50.0,
        "wind_dir": 90.0,
        "wind_speed": 10.0,
        "precip": 0.0,
        "pressure": 1015.0,
        "visib": 10.0,
    }
    assert table.loc["2013-07-04-UA3-EWR", "pressure"] == 990.0


@pytest.mark.mlscore("data-7")
def test_the_order_of_rows_does_not_matter(september, weather):
    table = features.build(september, weather)
    shuffled = features.build(september.sample(frac=1, random_state=1), weather.sample(frac=1, random_state=2))
    assert shuffled.index.tolist() != table.index.tolist()
    pd.testing.assert_frame_equal(shuffled.loc[table.index], table)


@pytest.mark.mlscore("data-7")
def test_a_day_alone_has_the_same_features_as_within_its_month(september, weather):
    day = september[september["day"] == 12]
    alone = features.build(day, weather)
    pd.testing.assert_frame_equal(alone, features.build(september, weather).loc[alone.index])


@pytest.mark.mlscore("data-7")
def test_a_category_never_seen_counts_as_missing(trained):
    table = pd.DataFrame({name: [1.0, 2.0] for name in features.FEATURES}).assign(carrier=["9E", "ZZ"], dest="LAX")
    coded = trained.pipeline["columns"].transform(table)
    assert coded[0, 0] == 0
    assert np.isnan(coded[1, 0])
    assert coded[:, features.FEATURES.index("clock")].tolist() == [1.0, 2.0]


@pytest.mark.mlscore("data-4")
def test_no_banned_column_is_a_feature_of_the_trained_model(trained):
    assert trained.features == features.FEATURES
    assert not set(trained.features) & set(features.BANNED)
    assert set(OUTCOMES) <= set(features.BANNED)


@pytest.mark.mlscore("data-4")
def test_features_do_not_change_with_what_is_known_only_afterwards(flights, weather, generator):
    day = flights[(flights["month"] == 9) & (flights["day"] == 12)]
    scrambled = day.assign(**{name: generator.normal(size=len(day)) for name in (*OUTCOMES, "tailnum", "late")})
    pd.testing.assert_frame_equal(features.build(scrambled, weather), features.build(day, weather))


@pytest.mark.mlscore("data-4")
def test_features_do_not_change_with_weather_after_the_decision(flights, weather, generator):
    day = flights[(flights["month"] == 9) & (flights["day"] == 12) & (flights["hour"] == 15)]
    observed, decision = pd.to_datetime(weather["time_hour"]), pd.Timestamp("2013-09-12T19:00Z") - features.LEAD
    later = weather.copy()
    columns = list(features.GROUPS["weather"])
    later.loc[observed > decision, columns] = generator.uniform(0, 9, size=(int((observed > decision).sum()), 7))
    pd.testing.assert_frame_equal(features.build(day, later), features.build(day, weather))
    earlier = weather.copy()
    earlier.loc[observed == decision, "humid"] = 1.0
    assert (features.build(day, earlier)["humid"] == 1.0).all()


@pytest.mark.mlscore("data-4")
@pytest.mark.parametrize("name", sorted(features.BANNED))
def test_training_refuses_a_banned_column_with_the_reason(fit_rows, name):
    table, late = fit_rows
    with pytest.raises(features.BannedFeatureError, match=name) as caught:
        model.fit(table.head(100).assign(**{name: 0.0}), late.head(100), seed=1)
    assert features.BANNED[name] in str(caught.value)


def test_late_means_fifteen_minutes_and_is_unknown_for_a_cancelled_flight():
    flights = a_schedule().assign(arr_delay=[14.0, 15.0, np.nan])
    np.testing.assert_equal(data.late(flights).tolist(), [0.0, 1.0, np.nan])


def test_flight_ids_are_unique_over_the_year(flights):
    assert data.flight_ids(flights).is_unique
