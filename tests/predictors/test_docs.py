"""The page about predictors shows code and configuration that work."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa

from mlscore.predictors import Task, open_predictor
from mlscore.project.load import load_config

PAGE = Path(__file__).parents[2] / "docs" / "models" / "predictors.md"


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def configured(folder, text):
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    return load_config(folder, environ={}, today=date(2026, 11, 1)).model


def test_the_configuration_is_read(tmp_path):
    shown = [block.replace("5f0c…", "5f0c" * 16) for block in blocks("toml")]
    assert [configured(tmp_path, text).source for text in shown] == [
        "models/flights.skops",
        "models/flights.joblib",
        "flights_net:load",
    ]


def test_the_recipe_for_pytorch(tmp_path):
    import torch

    (code,) = (block for block in blocks("python") if "torch" in block)
    (text,) = (block for block in blocks("toml") if "flights_net" in block)
    (tmp_path / "flights_net.py").write_text(code, encoding="utf-8")
    names = {"__file__": str(tmp_path / "flights_net.py")}
    exec(code, names)
    torch.manual_seed(0)
    net = names["network"]()
    torch.save(net.state_dict(), tmp_path / "weights.pt")
    rows = pa.table({"distance": [100.0, 2000.0, 5.0], "hour": [6.0, 23.0, 12.0], "carrier": ["A", "B", "C"]})
    with open_predictor(configured(tmp_path, text), tmp_path) as model:
        found = model.predict(rows)
    with torch.inference_mode():
        expected = net(torch.tensor([[6.0, 100.0], [23.0, 2000.0], [12.0, 5.0]])).softmax(dim=1).numpy()
    assert (model.task, found.classes) == (Task.BINARY, ("on time", "late"))
    assert np.allclose(found.probabilities, expected, atol=1e-6)
    assert found.values.tolist() == [found.classes[n] for n in expected.argmax(axis=1)]
