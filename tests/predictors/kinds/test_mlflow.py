"""MLflow: folders, registry URIs, trust, and an environment of their own where requirements differ."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

from mlscore.errors import InputError, UsageError
from mlscore.predictors import Task
from mlscore.predictors.environments import differing, pins
from mlscore.predictors.sources import digest_of

# MLflow itself writes the models, in a process of its own: it leaves handlers and settings behind.
SAVE = """
import sys
import mlflow, numpy as np, pandas as pd
from mlflow.models import infer_signature
from sklearn import __version__ as version
from sklearn.linear_model import LogisticRegression

frame = pd.DataFrame({"a": np.arange(60.0) % 17, "b": np.arange(60.0) % 5})
model = LogisticRegression().fit(frame, np.where(frame.a + frame.b > 10, "late", "early"))
made = {"signature": infer_signature(frame, model.predict(frame)), "pip_requirements": [f"scikit-learn=={version}"]}
mlflow.sklearn.save_model(model, "safe", serialization_format="skops", **made)
mlflow.sklearn.save_model(model, "pickle", serialization_format="cloudpickle", **made)

class Above(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return np.where(model_input["a"] > 5, "late", "early")

mlflow.pyfunc.save_model("function", python_model=Above(), **made)
mlflow.set_tracking_uri(sys.argv[1])
with mlflow.start_run(tags={"mlflow.source.git.commit": "0a" * 20}):
    mlflow.log_input(mlflow.data.from_numpy(frame.to_numpy()))
    mlflow.sklearn.log_model(model, name="model", serialization_format="skops", registered_model_name="flights", **made)
"""


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mlflow")
    uri = (folder / "mlruns").as_uri()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
        patch.setenv("MLFLOW_TRACKING_URI", uri)
        subprocess.run([sys.executable, "-c", SAVE, uri], cwd=folder, check=True, capture_output=True)
        yield folder


@pytest.fixture
def opened(saved, request):
    from mlscore.predictors import open_predictor
    from mlscore.project.config import ModelSettings

    def make(source, **settings):
        found = open_predictor(ModelSettings(source=source, **settings), saved, where="mlscore.toml:3")
        request.addfinalizer(found.close)
        return found

    return make


def labels(frame):
    return np.where(frame.a + frame.b > 10, "late", "early")


def test_a_folder_that_runs_no_code_is_read_as_it_is(saved, opened, frame, table):
    predictor = opened("safe")
    assert (predictor.task, predictor.features, predictor.classes) == (Task.BINARY, ("a", "b"), ("early", "late"))
    assert (predictor.predict(table).values == labels(frame)).mean() > 0.9
    made = predictor.provenance
    assert (made.format, made.digest, made.differences) == ("mlflow", digest_of(saved / "safe"), ())
    assert made.libraries["scikit-learn"] == made.installed["scikit-learn"]


@pytest.mark.parametrize(("name", "what"), [("pickle", "a pickle (model.pkl)"), ("function", "Python code")])
def test_a_folder_that_runs_code_must_be_trusted(saved, opened, name, what):
    with pytest.raises(UsageError) as error:
        opened(name)
    assert f"mlscore.toml:3: {name} holds {what}: loading it runs whatever code it holds; when" in str(error.value)
    assert digest_of(saved / name) in str(error.value)
    with pytest.raises(UsageError, match=f"{name} is not the folder that is trusted: its digest is sha256:"):
        opened(name, trusted=True, digest=("sha256:" + "0" * 64,))


def test_a_trusted_pickle_answers(saved, opened, frame, table):
    predictor = opened("pickle", trusted=True, digest=(digest_of(saved / "pickle"),))
    assert (predictor.predict(table).values == labels(frame)).mean() > 0.9


def test_a_trusted_function_answers(saved, opened, frame, table):
    predictor = opened("function", task="binary", trusted=True, digest=(digest_of(saved / "function"),))
    assert predictor.features == ("a", "b")
    assert (predictor.predict(table).values == np.where(frame.a > 5, "late", "early")).all()


def test_a_registered_version_is_brought_with_what_its_run_noted(opened, frame, table):
    predictor = opened("models:/flights/1")
    assert (predictor.predict(table).values == labels(frame)).mean() > 0.9
    assert predictor.provenance.commit == "0a" * 20
    assert predictor.provenance.data_digest
    folder = Path(predictor._place.temporary.name)
    assert folder.exists()
    predictor.close()
    assert not folder.exists()


def test_a_version_that_is_not_there_is_one_sentence(opened):
    with pytest.raises(InputError, match=r"^mlscore.toml:3: MLflow does not find models:/flights/9 \(.*version=9"):
        opened("models:/flights/9")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("flavors: [", "the MLmodel of broken cannot be read; save the model again"),
        ("flavors: {}", "broken has no flavour that predicts rows"),
        ("flavors: {xgboost: {data: away.ubj}}", "broken lacks away.ubj, which its MLmodel names"),
        ("flavors: {xgboost: {data: ../outside.ubj}}", "the MLmodel of broken names a file outside its folder"),
    ],
)
def test_a_folder_that_is_no_whole_model_is_one_sentence(saved, opened, text, sentence):
    (saved / "broken").mkdir(exist_ok=True)
    (saved / "broken" / "MLmodel").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as error:
        opened("broken")
    assert sentence in str(error.value)


def test_fixed_versions_are_read_from_requirements():
    lines = ["pytest==0.1", "scikit-learn[extra] == 1.2.0 ; python_version > '3'", "numpy>=1", "no-such-library==3"]
    assert pins(lines) == {"pytest": "0.1", "scikit-learn": "1.2.0", "no-such-library": "3"}
    assert differing([f"pytest=={pytest.__version__}"]) == ()
    assert differing(lines[:1]) == (f"pytest 0.1, here {pytest.__version__}",)
    assert differing(lines[3:]) == ("no-such-library 3, here none",)


MODEL = """
import iniconfig
from importlib.metadata import version

class Reader:
    def predict(self, rows):
        return [float(version("iniconfig").split(".")[0])] * len(rows)
"""


@pytest.mark.slow
def test_other_requirements_get_an_environment_of_their_own(saved, opened, table, tmp_path, monkeypatch):
    import pickle
    import types

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = saved / "older"
    (folder / "code").mkdir(parents=True)
    (folder / "code" / "reader_of_old.py").write_text(MODEL, encoding="utf-8")
    module = types.ModuleType("reader_of_old")
    module.Reader = type("Reader", (), {"__module__": "reader_of_old"})
    monkeypatch.setitem(sys.modules, "reader_of_old", module)
    (folder / "model.pkl").write_bytes(pickle.dumps(module.Reader()))
    flavours = {"sklearn": {"pickled_model": "model.pkl"}, "python_function": {"code": "code"}}
    (folder / "MLmodel").write_text(yaml.safe_dump({"flavors": flavours}), encoding="utf-8")
    (folder / "requirements.txt").write_text("mlflow==3.0\niniconfig==1.1.1\n", encoding="utf-8")
    predictor = opened("older", task="regression", trusted=True, digest=(digest_of(folder),))
    assert set(predictor.predict(table).values.tolist()) == {1.0}
    assert predictor.provenance.installed["iniconfig"] == "1.1.1"
    assert len(list((tmp_path / "mlscore" / "environments").iterdir())) == 1


@pytest.mark.slow
def test_an_environment_that_cannot_be_built_is_one_sentence(saved, opened, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    folder = saved / "unknown"
    folder.mkdir()
    (folder / "model.pkl").write_bytes(b"\x80\x04N.")
    (folder / "MLmodel").write_text("flavors: {sklearn: {pickled_model: model.pkl}}", encoding="utf-8")
    (folder / "requirements.txt").write_text("iniconfig==0.0.0\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"the model's environment cannot be built \(ERROR: .*; pip must reach"):
        opened("unknown", trusted=True, digest=(digest_of(folder),))
    assert list((tmp_path / "mlscore" / "environments").iterdir()) == []
