"""The configured check on scikit-learn models: a seed that was removed is found, a file's dates are no difference."""

import sys
from datetime import date

import numpy as np
import pandas as pd
import pytest

from mlscore.checks.configured import read_options
from mlscore.checks.context import Context
from mlscore.checks.registry import find_check
from mlscore.errors import ConfigError
from mlscore.project.config import CheckSpec, DataSettings, ModelSettings

TRAIN = """
import pandas as pd, skops.io
from sklearn.linear_model import SGDClassifier
rows = pd.read_csv("train.csv")
model = SGDClassifier(max_iter=2, tol=None, random_state={seed}).fit(rows[["a", "b"]], rows["late"])
skops.io.dump(model, "model.skops")
"""


@pytest.fixture
def check(tmp_path):
    """`check(seed, model settings, **options)`: the result for a project that trains with that seed."""

    def make(seed=1, options=None, **model):
        random = np.random.default_rng(0)
        rows = pd.DataFrame(random.normal(size=(200, 2)), columns=["a", "b"])
        rows.assign(late=(rows["a"] > 0).astype(int)).to_csv(tmp_path / "train.csv", index=False)
        (tmp_path / "train.py").write_text(TRAIN.format(seed=seed), encoding="utf-8")
        found = find_check("reproducible")
        settings = {"source": "model.skops", "train": (sys.executable, "train.py"), "timeout": 300.0, **model}
        data = DataSettings(sources={"train": "train.csv"}, label="late")
        read = read_options(found, CheckSpec("reproducible", options=options or {}))
        return found.run(Context(tmp_path, data, read, date(2026, 11, 1), model=ModelSettings(**settings)))

    return make


@pytest.mark.slow
def test_with_a_seed_the_model_is_the_same(check):
    result = check()
    assert result.passed, result.findings
    assert "the same parameters and the same predictions" in result.summary
    values = {value.name: value.value for value in result.values}
    assert values["predictions compared"] == 200
    assert values["arrays compared"] > 3


@pytest.mark.slow
def test_without_a_seed_it_is_not(check):
    result = check(None, {"search": False})
    assert not result.passed
    assert [finding.split(":")[0] for finding in result.findings][:2] == ["bytes", "parameters"]
    assert result.summary.startswith("two trainings give two models (p")


@pytest.mark.parametrize(
    ("model", "why"),
    [
        ({"train": None}, "nothing says how the model is trained"),
        ({"source": "rules:late"}, "nothing says which file training writes"),
    ],
)
def test_what_is_not_configured_is_told(check, model, why):
    with pytest.raises(ConfigError, match=why):
        check(**model)
