"""The model specification works, and training it twice gives the same model."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from conftest import PROJECT
from flights import data, model, train
from flights.registry import Registry
from sklearn.metrics import log_loss


@pytest.fixture
def random_table(generator) -> tuple[pd.DataFrame, pd.Series]:
    """400 random flights, late by a rule of hour and carrier, with one label in ten turned round."""
    size = 400
    table = pd.DataFrame(
        {
            "carrier": generator.choice(["AA", "UA"], size),
            "dest": generator.choice(["LAX", "ORD", "SJU"], size),
            "clock": generator.uniform(5, 24, size),
            "pressure": np.where(generator.random(size) < 0.2, np.nan, generator.normal(1015, 8, size)),
        }
    )
    rule = (table["clock"] > 16) ^ (table["carrier"] == "AA")
    return table, (rule ^ (generator.random(size) < 0.1)).astype(int)


@pytest.mark.mlscore("infra-2")
def test_loss_falls_with_the_rounds_of_boosting(random_table):
    table, late = random_table
    parameters = {**model.PARAMETERS, "min_samples_leaf": 10}
    losses = [
        log_loss(late, model.fit(table, late, seed=1, parameters={**parameters, "max_iter": rounds}).probability(table))
        for rounds in (1, 5, 25, 125)
    ]
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < 0.7 * losses[0]


@pytest.mark.mlscore("infra-2")
def test_the_model_can_learn_forty_flights_by_heart(random_table):
    table, late = random_table[0].head(40), random_table[1].head(40)
    greedy = {"learning_rate": 0.5, "max_iter": 200, "min_samples_leaf": 1}
    learnt = model.fit(table, late, seed=1, parameters=greedy)
    assert ((learnt.probability(table) > 0.5) == late).all()


@pytest.mark.mlscore("infra-2")
def test_probabilities_are_probabilities_for_missing_and_unseen_values(random_table):
    table, late = random_table
    fitted = model.fit(table, late, seed=1)
    strange = table.head(3).assign(carrier="ZZ", pressure=np.nan)
    unseen = fitted.probability(strange)
    assert np.isfinite(unseen).all()
    assert unseen.min() > 0
    assert unseen.max() < 1
    np.testing.assert_array_equal(unseen, fitted.probability(strange.assign(carrier="YY")))


@pytest.mark.mlscore("infra-2")
def test_a_stored_model_answers_as_it_did(random_table, tmp_path):
    table, late = random_table
    fitted = model.fit(table, late, seed=1)
    registry = Registry(tmp_path)
    loaded, metadata = registry.load(registry.add(fitted, {"seed": 1}))
    np.testing.assert_array_equal(loaded.probability(table), fitted.probability(table))
    assert metadata == {"seed": 1}


@pytest.mark.mlscore("infra-2")
def test_columns_are_found_by_name_not_by_place(random_table):
    table, late = random_table
    fitted = model.fit(table, late, seed=1)
    np.testing.assert_array_equal(fitted.probability(table[table.columns[::-1]]), fitted.probability(table))


@pytest.mark.mlscore("infra-2")
def test_the_hour_rule_is_the_late_share_of_the_hour():
    table = pd.DataFrame({"clock": [8.0, 8.5, 8.9, 9.0]})
    rule = model.hour_rule(table, pd.Series([1, 0, 0, 1]))
    answers = rule.probability(pd.DataFrame({"clock": [8.2, 9.9, 3.0]}))
    np.testing.assert_allclose(answers, [1 / 3, 1.0, 0.5])


@pytest.mark.mlscore("infra-1")
def test_training_again_gives_the_same_predictions(workspace, retrained, labelled):
    """The first training ran as a command, in another process with another hash seed and another number of threads."""
    first, first_metadata = Registry(workspace.registry).load(1)
    second, second_metadata = retrained.load(1)
    table, _ = labelled.rows((10,))
    np.testing.assert_array_equal(first.probability(table), second.probability(table))
    assert {**first_metadata, "created_at": ""} == {**second_metadata, "created_at": ""}


@pytest.mark.mlscore("infra-1")
def test_another_seed_gives_another_model(fit_rows, labelled):
    table, late = fit_rows[0].head(5_000), fit_rows[1].head(5_000)
    rows, _ = labelled.rows((10,))
    one, other = (model.fit(table, late, seed=seed).probability(rows.head(500)) for seed in (1, 2))
    assert not np.array_equal(one, other)


def test_the_parameters_are_those_that_tuning_chose():
    text = (PROJECT / "docs" / "tuning.md").read_text(encoding="utf-8")
    chosen = json.loads(text.partition("```json\n")[2].partition("\n```")[0])
    assert chosen == model.PARAMETERS


@pytest.mark.mlscore("infra-1")
def test_the_released_model_is_the_one_that_training_makes(labelled):
    """Other versions of numpy may round otherwise, so that it is held to its quality and not to the last digit."""
    released = model.load(PROJECT / "models" / "flights.skops")
    rows = train.sample(*labelled.rows(data.FIT_MONTHS), train.ROWS, train.SEED)
    table, _ = labelled.rows(data.GATE_MONTHS)
    apart = np.abs(released.probability(table) - model.fit(*rows, seed=train.SEED).probability(table))
    assert apart.mean() < 0.005


def test_the_split_is_by_time_and_without_overlap():
    assert max(data.FIT_MONTHS) < min(data.GATE_MONTHS)
    assert max(data.GATE_MONTHS) < min(data.SERVING_MONTHS)
