"""The features that were served are those that training computes for the same flights."""

from __future__ import annotations

import pandas as pd
import pytest
from flights import features, predict, skew


@pytest.fixture(scope="module")
def served(workspace) -> pd.DataFrame:
    return pd.read_csv(workspace.folder / "predictions-features.csv", index_col="id")


@pytest.mark.mlscore("monitor-3")
def test_served_features_equal_those_of_training(served, labelled, mlscore_evidence):
    found = skew.compare(served, labelled.table)
    mlscore_evidence("skewed flights", found.flights, threshold=0)
    mlscore_evidence("flights compared", found.compared)
    assert found.compared > 1_200
    assert found.features == {}
    assert found.flights == 0


@pytest.mark.mlscore("monitor-3")
def test_serving_day_by_day_is_not_skewed(trained, september, weather, airlines, labelled):
    for day in (2, 29):
        _, log = predict.serve(trained, september[september["day"] == day], weather, airlines)
        found = skew.compare(log, labelled.table)
        assert found.compared > 30
        assert found.features == {}


@pytest.mark.mlscore("monitor-3")
@pytest.mark.parametrize("name", features.FEATURES)
def test_a_difference_in_any_feature_is_counted(served, labelled, name):
    changed = served.copy()
    flight = served.index.intersection(labelled.table.index)[0]
    changed.loc[flight, name] = "??" if name in features.CATEGORICAL else -1.0
    found = skew.compare(changed, labelled.table)
    assert found.features == {name: 1}
    assert found.flights == 1


@pytest.mark.mlscore("monitor-3")
def test_training_that_forgets_cancelled_flights_would_be_skewed(flights, weather, served):
    arrived = flights[(flights["month"] == 9) & flights["arr_delay"].notna()]
    found = skew.compare(served, features.build(arrived, weather))
    assert set(found.features) == {"congestion"}
    assert found.flights > 100


@pytest.mark.mlscore("monitor-3")
def test_a_feature_missing_from_the_log_is_skew(served, labelled):
    found = skew.compare(served.drop(columns="clock"), labelled.table)
    assert found.features == {"clock": found.compared}


@pytest.mark.mlscore("monitor-3")
def test_the_command_tells_the_difference(served, tmp_path, capsys):
    served.assign(humid=served["humid"] + 1).to_csv(tmp_path / "log.csv")
    assert skew.main([str(tmp_path / "log.csv")]) == 1
    out = capsys.readouterr().out
    assert "served flights differ from training" in out
    assert "  humid: " in out
    assert "clock" not in out


def test_the_log_holds_about_one_flight_in_twenty_and_the_same_in_every_process(
    served, trained, september, weather, airlines
):
    _, again = predict.serve(trained, september, weather, airlines)
    assert served.index.tolist() == again.index.tolist()
    assert 0.8 < len(served) * predict.LOGGED / len(september) < 1.2
