"""Serving refuses input that breaks the schema, and accepts every real month."""

from __future__ import annotations

import pandas as pd
import pytest
from flights import data, features, predict, schema


def local_times(schedule: pd.DataFrame) -> pd.DataFrame:
    """The local hour written as if it were UTC, the mistake that time zones invite."""
    hour = schedule["hour"].astype(str).str.zfill(2)
    return schedule.assign(time_hour=schedule["time_hour"].str[:11] + hour + ":00:00Z")


BROKEN_SCHEDULES = {
    "a carrier nobody knows": (lambda s: s.assign(carrier=s["carrier"].str.lower()), "carrier: unknown values 9e"),
    "a column gone": (lambda s: s.drop(columns="dest"), "dest: the column is missing"),
    "a column empty": (lambda s: s.assign(dest=None), "dest: 100.0% missing"),
    "hours as text": (lambda s: s.assign(hour=s["hour"].astype(str) + "h"), "hour: not a number"),
    "minutes beyond an hour": (lambda s: s.assign(minute=s["minute"] + 60), "minute: 27574 values outside 0 to 59"),
    "local times as UTC": (local_times, "time_hour: not 4 or 5 hours ahead"),
    "columns that disagree": (lambda s: s.assign(hour=(s["hour"] + 1) % 24), "they differ from sched_dep_time"),
    "everything twice": (lambda s: pd.concat([s, s]), "27574 flights occur more than once"),
    "an airport cut off": (lambda s: s[(s["origin"] != "LGA") | (s["day"] != 3)], "2013-09-03 is not whole"),
    "no rows": (lambda s: s.head(0), "the table has no rows"),
}
BROKEN_WEATHER = {
    "pressure in inches": (
        lambda w: w.assign(pressure=w["pressure"] * 0.02953),
        "the weather does not meet its schema:\n  pressure: ",
    ),
    "a sensor silent": (
        lambda w: w.assign(humid=w["humid"].mask(w["month"] == 9)),
        "the weather does not meet its schema:\n  humid: ",
    ),
    "the feed stopped": (lambda w: w[w["month"] < 9], "the feature table does not meet its schema"),
    "an airport gone": (lambda w: w[w["origin"] != "LGA"], "the feature table does not meet its schema"),
}


@pytest.mark.mlscore("monitor-2")
@pytest.mark.parametrize("breakage", BROKEN_SCHEDULES)
def test_a_broken_schedule_is_refused(trained, september, weather, airlines, breakage):
    broken, words = BROKEN_SCHEDULES[breakage]
    with pytest.raises(schema.SchemaError, match=words):
        predict.serve(trained, broken(september), weather, airlines)


@pytest.mark.mlscore("monitor-2")
@pytest.mark.parametrize("breakage", BROKEN_WEATHER)
def test_broken_weather_is_refused(trained, september, weather, airlines, breakage):
    broken, words = BROKEN_WEATHER[breakage]
    with pytest.raises(schema.SchemaError, match=words):
        predict.serve(trained, september, broken(weather), airlines)


@pytest.mark.mlscore("monitor-2")
@pytest.mark.parametrize("month", data.SERVING_MONTHS)
def test_a_real_month_raises_no_false_alarm(trained, flights, weather, airlines, month):
    schedule = data.schedule(data.in_months(flights, [month]))
    predictions, _ = predict.serve(trained, schedule, weather, airlines)
    assert predictions.index.equals(data.flight_ids(schedule))
    assert predictions["probability"].notna().all()


@pytest.mark.mlscore("monitor-2")
def test_of_all_days_only_the_one_without_observations_is_refused(flights, weather):
    table = features.build(flights, weather)
    days = table.groupby(table.index.str[:10])
    refused = [day for day, rows in days if schema.problems(rows, schema.FEATURE_TABLE)]
    assert refused == ["2013-12-31"]


@pytest.mark.mlscore("monitor-2")
def test_the_command_refuses_and_writes_nothing(workspace, september, tmp_path):
    september.assign(minute=99).to_csv(tmp_path / "schedule.csv", index=False)
    done = workspace.run(
        "predict", tmp_path / "schedule.csv", "--registry", workspace.registry, "--output", tmp_path / "out.csv"
    )
    assert done.returncode == 1
    assert "minute: 27574 values outside 0 to 59, such as 99" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["schedule.csv"]


@pytest.mark.parametrize("content", [None, "", '"broken\n'])
def test_a_file_that_cannot_be_read_is_refused_in_one_sentence(workspace, tmp_path, capsys, content):
    path = tmp_path / "schedule.csv"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    arguments = [str(path), "--registry", str(workspace.registry), "--output", str(tmp_path / "out.csv")]
    assert predict.main(arguments) == 1
    assert capsys.readouterr().err.startswith("flights: ")
    assert not (tmp_path / "out.csv").exists()


def test_without_a_serving_model_there_is_no_prediction(workspace, tmp_path, capsys):
    arguments = [str(workspace.folder / "schedule.csv"), "--registry", str(tmp_path), "--output", "out.csv"]
    assert predict.main(arguments) == 1
    assert "run flights.train first" in capsys.readouterr().err
