"""The released network serves what was trained, and what surrounds it works as it should."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import RELEASED
from digits import data, gate, network, train
from digits.predict import predict


@pytest.mark.mlscore("monitor-3")
def test_serving_answers_as_training_does(judged, pixels, generator):
    table = data.training()
    scaled, digits = network.augmented(table[list(data.PIXELS)].to_numpy(), table["digit"].to_numpy())
    trained, _ = network.fit(scaled, digits, epochs=2)
    # Both codes scale: here the table, there the first layer of the file.
    path = RELEASED.with_name("skew.candidate.onnx")
    network.save(trained, path)
    try:
        labels, shares = predict(path, pixels)
    finally:
        path.unlink()
    np.testing.assert_allclose(shares, trained.predict_proba(pixels / data.INK), atol=1e-5)
    assert (labels == trained.predict(pixels / data.INK)).all()


@pytest.mark.mlscore("model-6")
def test_images_with_little_and_with_much_ink_are_read_alike(judged, pixels, mlscore_evidence):
    labels, _ = predict(RELEASED, pixels)
    wrong = labels != judged["digit"]
    shares = [float(wrong[rows].mean()) for rows in (judged["ink"] < 4.5, judged["ink"] > 5.3)]
    mlscore_evidence("difference of errors", round(abs(shares[0] - shares[1]), 4), threshold=0.05)
    assert abs(shares[0] - shares[1]) < 0.05


@pytest.mark.mlscore("infra-3")
def test_train_judge_and_serve(tmp_path, judged, pixels, capsys):
    assert train.main(["--output", str(tmp_path / "digits.onnx")]) == 0
    labels, shares = predict(tmp_path / "digits.onnx", pixels)
    assert (labels == judged["digit"]).mean() > 0.92
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-5)
    assert gate.main([str(tmp_path / "digits.onnx")]) == 0
    losses = [float(line.split(",")[1]) for line in (tmp_path / "training-log.csv").read_text().splitlines()[1:]]
    assert len(losses) == network.EPOCHS
    assert losses[-1] < losses[0] / 5


@pytest.mark.mlscore("infra-4")
def test_what_the_gate_refuses_is_not_written(tmp_path, capsys):
    assert train.main(["--output", str(tmp_path / "digits.onnx"), "--epochs", "1"]) == 1
    assert "errors" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
