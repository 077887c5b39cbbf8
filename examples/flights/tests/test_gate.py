"""The gate lets a good model through and keeps a bad one out, before anything is stored."""

from __future__ import annotations

import copy

import pytest
from conftest import SUBSET
from flights import gate, model, train
from flights.registry import Registry

SIMPLE = {"the rate by hour": 0.66}


def a_report(**overall: float) -> dict:
    """The report of a model that passes, with the overall figures that a test changes."""
    return {
        "overall": {"rows": 57_000, "roc_auc": 0.73, "log_loss": 0.52, "log_loss_constant": 0.60, **overall},
        "carrier": {"AA": {"roc_auc": 0.72}, "UA": {"roc_auc": 0.71}},
        "origin": {"EWR": {"roc_auc": 0.73}},
    }


@pytest.mark.mlscore("infra-4")
def test_a_good_model_meets_no_objection():
    assert gate.objections(a_report(), SIMPLE, None) == []
    assert gate.objections(a_report(), SIMPLE, a_report(roc_auc=0.739)) == []


@pytest.mark.mlscore("infra-4")
@pytest.mark.parametrize(
    ("candidate", "simple", "words"),
    [
        (a_report(rows=4_999), SIMPLE, "4999 flights, 5000 needed"),
        (a_report(roc_auc=0.679), SIMPLE, "ROC AUC 0.679 is below 0.68"),
        (a_report(roc_auc=float("nan")), {}, "ROC AUC nan is below 0.68"),
        (a_report(log_loss=0.585), SIMPLE, "log loss is 0.015 better than a constant"),
        (a_report(), {"a rule": 0.725}, "not 0.01 above a rule"),
    ],
)
def test_each_limit_keeps_a_model_out(candidate, simple, words):
    found = gate.objections(candidate, simple, None)
    assert len(found) == 1
    assert words in found[0]


@pytest.mark.mlscore("infra-4")
def test_a_sudden_drop_against_the_serving_model_keeps_a_model_out():
    found = gate.objections(a_report(roc_auc=0.72), SIMPLE, a_report(roc_auc=0.74))
    assert found == ["ROC AUC fell from 0.740 to 0.720, more than 0.01"]


@pytest.mark.mlscore("infra-4", "model-6")
def test_one_bad_slice_keeps_a_model_out():
    weak = copy.deepcopy(a_report())
    weak["carrier"]["AA"]["roc_auc"] = 0.59
    assert gate.objections(weak, SIMPLE, None) == ["carrier AA: ROC AUC 0.590 is below 0.6"]
    fallen = copy.deepcopy(a_report())
    fallen["carrier"]["UA"]["roc_auc"] = 0.65
    assert gate.objections(fallen, SIMPLE, a_report()) == ["carrier UA: ROC AUC fell from 0.710 to 0.650"]
    gone = copy.deepcopy(a_report())
    del gone["origin"]["EWR"]
    assert gate.objections(gone, SIMPLE, a_report()) == ["origin EWR: ROC AUC fell from 0.730 to 0.000"]


@pytest.mark.mlscore("infra-4")
def test_a_refused_model_is_neither_stored_nor_promoted(retrained, first_months, weather, airlines):
    assert retrained.current() == 1
    blunt = {**model.PARAMETERS, "max_iter": 8}
    found = train.run(retrained, first_months, weather, airlines, rows=SUBSET, parameters=blunt)
    assert any("fell from" in text for text in found)
    assert retrained.versions() == [1]
    assert retrained.current() == 1


@pytest.mark.mlscore("infra-4")
def test_the_command_reports_the_refusal(tmp_path, capsys):
    assert train.main(["--registry", str(tmp_path / "runs"), "--rows", "100"]) == 1
    assert "the candidate was refused and not stored:" in capsys.readouterr().err
    assert Registry(tmp_path / "runs").versions() == []
