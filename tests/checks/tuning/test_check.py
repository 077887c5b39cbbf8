"""The configured check: a search on disk, a file of parameters, and the model."""

import json
from datetime import date

import pytest
import skops.io
from sklearn.linear_model import LogisticRegression

from mlscore.checks.configured import read_options
from mlscore.checks.context import Context
from mlscore.checks.registry import find_check
from mlscore.checks.tuning.used import hyperparameters
from mlscore.errors import ConfigError
from mlscore.project.config import CheckSpec, DataSettings, ModelSettings

RESULTS = {
    "param_C": [0.1, 1.0, 10.0],
    "mean_test_score": [0.6, 0.9, 0.7],
    "split0_test_score": [0.58, 0.89, 0.69],
    "split1_test_score": [0.60, 0.90, 0.70],
    "split2_test_score": [0.62, 0.91, 0.71],
}


class Here(Context):
    """The surroundings of a check whose model runs here."""

    def predictor(self, *, previous=False):
        model = skops.io.load(self.root / self.model.source)

        class Opened:
            def __enter__(self):
                return self

            def __exit__(self, *_):
                pass

            def inside(self, function, request, *, limit=None):
                return json.loads(json.dumps(hyperparameters(model, request)))

        return Opened()


@pytest.fixture
def judge(tmp_path):
    (tmp_path / "cv.json").write_text(json.dumps(RESULTS))

    def make(c=None, apart=False, **options):
        source = None
        if c is not None:
            source = "model.skops"
            skops.io.dump(LogisticRegression(C=c).fit([[0.0], [1.0]], [0, 1]), tmp_path / source)
        check = find_check("tuning")
        read = read_options(check, CheckSpec("tuning", options={"trials": "cv.json", **options}))
        surroundings = Context if apart else Here
        model = ModelSettings(source=source, timeout=300.0)
        return check.run(surroundings(tmp_path, DataSettings(), read, date(2026, 11, 1), model=model))

    return make


def test_the_model_uses_the_best(judge):
    result = judge(1.0)
    assert result.outcome == "passed"
    assert result.summary == "3 settings in 3 trials; score 0.9 at best, by what training uses"
    assert result.values[0].value == 3


@pytest.mark.slow
def test_a_model_in_its_own_process(judge):
    assert judge(1.0, apart=True).outcome == "passed"
    assert judge(10.0, apart=True).outcome == "failed"


def test_the_model_uses_another(judge):
    assert judge(10.0).outcome == "failed"
    assert "0.2 worse than C = 1" in judge(10.0).summary
    assert "which was not tried" in judge(2.0).summary
    assert judge(10.0, tolerance=0.25, ends=["C"]).passed


def test_a_file_of_parameters(judge, tmp_path):
    (tmp_path / "params.yaml").write_text("model:\n  penalty: 1.0\n")
    options = {"params": "params.yaml", "section": "model", "names": {"C": "penalty"}}
    assert judge(**options).outcome == "passed"
    assert judge(1.0, params="params.yaml").outcome == "passed"
    (tmp_path / "params.yaml").write_text("model:\n  C: 1.0\n")
    result = judge(10.0, params="params.yaml")
    assert result.findings[0] == "the model has C = 10, and params.yaml has 1"


def test_nothing_in_use_is_hollow(judge):
    assert judge().outcome == "hollow"
    assert "nothing says which parameters training uses" in judge().hollow


@pytest.mark.parametrize(
    ("options", "why"),
    [({"trials": "none.json"}, 'no trials at "none.json"'), ({"names": {"C": 3}}, 'no other name for "C"')],
)
def test_bad_options_are_one_sentence(judge, options, why):
    with pytest.raises(ConfigError, match=why):
        judge(**options)
