"""How good the model is: against simpler ones, on slices, and for passengers to and from Puerto Rico."""

from __future__ import annotations

import pandas as pd
import pytest
from flights import data, evaluate, model
from sklearn.metrics import roc_auc_score

LARGE_CARRIERS = {"9E", "AA", "B6", "DL", "EV", "FL", "MQ", "UA", "US", "VX", "WN"}


@pytest.fixture(scope="module", params=[data.GATE_MONTHS, data.SERVING_MONTHS], ids=["gate", "serving"])
def judged(request, labelled):
    return labelled.rows(request.param)


@pytest.fixture(scope="module")
def evaluation(judged, trained):
    table, late = judged
    return evaluate.report(late, trained.probability(table), table)


MARGIN = 0.015
CARRIER_FLOOR = 0.62
AIRPORT_FLOOR = 0.65
STAND_IN_LIMIT = 0.05


@pytest.mark.mlscore("model-5")
@pytest.mark.parametrize("simple", [model.hour_rule, model.simple_logistic])
def test_a_simpler_model_is_clearly_worse(judged, evaluation, fit_rows, simple, mlscore_evidence):
    table, late = judged
    simpler = roc_auc_score(late, simple(*fit_rows).probability(table))
    margin = evaluation["overall"]["roc_auc"] - simpler
    mlscore_evidence(f"ROC AUC above {simple.__name__}", round(margin, 4), threshold=MARGIN)
    assert margin > MARGIN


@pytest.mark.mlscore("model-6")
def test_every_large_carrier_is_served_well(evaluation, mlscore_evidence):
    areas = {name: figures["roc_auc"] for name, figures in evaluation["carrier"].items()}
    mlscore_evidence("lowest ROC AUC of a carrier", round(min(areas.values()), 4), threshold=CARRIER_FLOOR)
    assert set(areas) >= LARGE_CARRIERS
    assert {name: area for name, area in areas.items() if area < CARRIER_FLOOR} == {}


@pytest.mark.mlscore("model-6")
def test_every_airport_is_served_well(evaluation, mlscore_evidence):
    areas = {name: figures["roc_auc"] for name, figures in evaluation["origin"].items()}
    mlscore_evidence("lowest ROC AUC of an airport", round(min(areas.values()), 4), threshold=AIRPORT_FLOOR)
    assert set(areas) == {"EWR", "JFK", "LGA"}
    assert min(areas.values()) > AIRPORT_FLOOR


@pytest.mark.mlscore("model-7")
def test_flights_to_puerto_rico_are_ranked_as_well_as_others(evaluation):
    island, elsewhere = evaluation["territory"]["Puerto Rico"], evaluation["territory"]["elsewhere"]
    assert island["rows"] > 1_000
    assert island["roc_auc"] > elsewhere["roc_auc"] - 0.04


@pytest.mark.mlscore("model-7")
def test_lateness_to_puerto_rico_is_not_underestimated_much_more_than_elsewhere(evaluation):
    gaps = {
        name: figures["mean_probability"] - figures["late_share"] for name, figures in evaluation["territory"].items()
    }
    assert gaps["Puerto Rico"] > gaps["elsewhere"] - 0.12
    assert gaps["Puerto Rico"] > -0.10


@pytest.mark.mlscore("model-7")
def test_the_destination_is_no_stand_in_for_the_territory(judged, trained, mlscore_evidence):
    """What the destination alone does to the island's flights: their mean probability with and without it."""
    table, _ = judged
    island = table[table["dest"].isin(evaluate.PUERTO_RICO)]
    moved = trained.probability(island).mean() - trained.probability(island.assign(dest="unknown")).mean()
    mlscore_evidence("mean probability moved by the destination", round(moved, 4), threshold=STAND_IN_LIMIT)
    assert abs(moved) < STAND_IN_LIMIT


def test_metrics_of_a_case_worked_by_hand():
    figures = evaluate.metrics(pd.Series([0, 0, 1, 1]), pd.Series([0.1, 0.6, 0.4, 0.9]).to_numpy())
    assert figures["rows"] == 4
    assert figures["late_share"] == 0.5
    assert figures["mean_probability"] == pytest.approx(0.5)
    assert figures["roc_auc"] == pytest.approx(0.75)
    assert figures["brier"] == pytest.approx((0.01 + 0.36 + 0.36 + 0.01) / 4)
    assert figures["log_loss_constant"] == pytest.approx(0.6931, abs=1e-4)


def test_small_slices_are_not_judged():
    rows = evaluate.FEWEST_ROWS
    late = pd.Series([0, 1] * rows)
    by = pd.Series(["large"] * rows + ["small"] * (rows - 1) + ["tiny"])
    assert set(evaluate.slices(late, late.to_numpy() * 0.5, by)) == {"large"}
