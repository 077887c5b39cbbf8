"""From raw data to evaluated predictions through the commands an operator runs, on a subset."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from flights import evaluate, train


@pytest.mark.mlscore("infra-3")
def test_data_train_predict_evaluate(workspace):
    predictions = pd.read_csv(workspace.folder / "predictions.csv", index_col="id")
    assert len(predictions) == 27_574
    assert predictions["probability"].between(0, 1).all()
    assert predictions["probability"].nunique() > 1_000
    assert set(predictions["version"]) == {1}

    output = workspace.folder / "evaluation.json"
    done = workspace.run(
        "evaluate", workspace.folder / "predictions.csv", workspace.folder / "outcomes.csv", "--output", output
    )
    assert done.returncode == 0, done.stderr
    evaluation = json.loads(output.read_text(encoding="utf-8"))
    assert json.loads(done.stdout) == evaluation
    assert evaluation["overall"]["rows"] == 27_010
    assert evaluation["overall"]["roc_auc"] > 0.65


@pytest.mark.mlscore("infra-3")
def test_the_stored_model_names_the_code_and_data_that_made_it(workspace):
    metadata = json.loads((workspace.registry / "versions/0001/metadata.json").read_text(encoding="utf-8"))
    assert metadata["code_sha256"] == train.code_digest()
    assert metadata["fit_months"] == [1, 2, 3, 4, 5, 6]
    assert metadata["rows"] == 20_000


def test_predictions_and_outcomes_of_different_months_are_not_compared(workspace, tmp_path, capsys):
    (tmp_path / "outcomes.csv").write_text("id,late\n2013-01-01-UA1545-EWR,0\n", encoding="utf-8")
    assert evaluate.main([str(workspace.folder / "predictions.csv"), str(tmp_path / "outcomes.csv")]) == 1
    assert "different periods" in capsys.readouterr().out
