"""Each feature earns its place: shuffled among flights of later months, it costs the model ROC AUC."""

from __future__ import annotations

import pytest
from flights import evaluate, features, model, train

LATER = (7, 8, 9, 10, 11, 12)
SMALLEST_LOSS = 0.0005
"""ROC AUC; a column of noise loses less than half of it."""


@pytest.fixture(scope="module")
def later(labelled):
    return train.sample(*labelled.rows(LATER), 20_000, seed=1)


@pytest.mark.mlscore("data-2")
def test_every_feature_is_beneficial(trained, later, mlscore_evidence):
    lost = evaluate.permutation_loss(trained, *later, seed=1, repeats=2)
    weakest = min(lost, key=lost.__getitem__)
    mlscore_evidence(f"ROC AUC lost without {weakest}, the weakest", round(lost[weakest], 4), threshold=SMALLEST_LOSS)
    assert set(lost) == set(features.FEATURES)
    useless = {name: loss for name, loss in lost.items() if loss < SMALLEST_LOSS}
    assert useless == {}


@pytest.mark.mlscore("data-2")
def test_a_useless_feature_would_be_noticed(fit_rows, later, generator):
    table, late = fit_rows
    noisy = model.fit(table.assign(noise=generator.normal(size=len(table))), late, seed=train.SEED)
    later_table, later_late = later
    later_table = later_table.assign(noise=generator.normal(size=len(later_table)))[[*noisy.features]]
    lost = evaluate.permutation_loss(noisy, later_table, later_late, seed=1, columns=["noise"], repeats=2)
    assert lost["noise"] < SMALLEST_LOSS / 2


@pytest.mark.mlscore("data-2")
@pytest.mark.parametrize("group", ["time of day", "weather", "airline and route"])
def test_leaving_a_group_out_costs_quality(fit_rows, later, trained, group):
    table, late = fit_rows
    kept = [name for name in features.FEATURES if name not in features.GROUPS[group]]
    without = model.fit(table[kept], late, seed=train.SEED)
    later_table, later_late = later
    whole = evaluate.metrics(later_late, trained.probability(later_table))["roc_auc"]
    assert whole - evaluate.metrics(later_late, without.probability(later_table))["roc_auc"] > 0.003
