"""skops files: predictions as the model's own, unknown types refused by name, damage said."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
import zipfile

import numpy as np
import pytest
import skops.io
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from mlscore.errors import InputError, UsageError
from mlscore.predictors import Task
from mlscore.predictors.sources import digest_of


def test_a_classifier_answers_as_itself(tmp_path, opened, logistic, frame, table):
    skops.io.dump(logistic, tmp_path / "m.skops")
    predictor = opened("m.skops")
    found = predictor.predict(table)
    assert (found.values == logistic.predict(frame)).all()
    assert np.allclose(found.probabilities, logistic.predict_proba(frame))
    assert (predictor.task, predictor.features, predictor.classes) == (Task.BINARY, ("a", "b"), ("early", "late"))
    made = predictor.provenance
    assert (made.format, made.digest, made.differences) == ("skops", digest_of(tmp_path / "m.skops"), ())
    assert made.size == (tmp_path / "m.skops").stat().st_size
    assert made.libraries["scikit-learn"] == made.installed["scikit-learn"]


def test_a_regressor_without_names_is_given_columns_by_configuration(tmp_path, opened, frame, target, table):
    model = LinearRegression().fit(frame.to_numpy(), target)
    skops.io.dump(model, tmp_path / "m.skops")
    found = opened("m.skops", features=("a", "b")).predict(table)
    assert np.allclose(found.values, model.predict(frame.to_numpy()))
    with pytest.raises(InputError, match="the model takes 2 columns, and the rows have 3; name the columns"):
        opened("m.skops").predict(table)


def test_several_labels_for_a_row(tmp_path, opened, frame, target, table):
    model = MultiOutputClassifier(LogisticRegression()).fit(frame, np.column_stack([target, frame.a > 5]).astype(int))
    skops.io.dump(model, tmp_path / "m.skops")
    predictor = opened("m.skops")
    found = predictor.predict(table)
    assert predictor.task is Task.MULTILABEL
    assert (found.values == model.predict(frame)).all()
    assert np.allclose(found.probabilities[:, 0], model.predict_proba(frame)[0][:, 1])


def test_types_that_nobody_vouches_for_are_listed_and_refused(tmp_path, opened, frame, target, table):
    model = make_pipeline(FunctionTransformer(copy.copy), LinearRegression()).fit(frame, target)
    skops.io.dump(model, tmp_path / "m.skops")
    digest = digest_of(tmp_path / "m.skops")
    for trust in ({"digest": (digest,)}, {"trusted": True, "digest": ("sha256:" + "0" * 64,)}):
        with pytest.raises(UsageError) as error:
            opened("m.skops", **trust)
        assert "mlscore.toml:3: m.skops holds types that skops does not trust: copy.copy; look at " in str(error.value)
        assert digest in str(error.value)
    found = opened("m.skops", trusted=True, digest=(digest,)).predict(table)
    assert np.allclose(found.values, model.predict(frame))


def test_another_version_is_told(tmp_path, opened, logistic):
    skops.io.dump(logistic, tmp_path / "m.skops")
    with zipfile.ZipFile(tmp_path / "m.skops") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    own = json.loads(json.dumps(parts["schema.json"].decode()))
    here = opened("m.skops").provenance.installed["scikit-learn"]
    parts["schema.json"] = own.replace(f'\\"{here}\\"', '\\"1.1.0\\"').encode()
    with zipfile.ZipFile(tmp_path / "old.skops", "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    assert opened("old.skops").provenance.differences == (f"scikit-learn 1.1.0, here {here}",)


@pytest.mark.parametrize(
    ("cut", "sentence"),
    [
        (lambda data: data[: len(data) // 2], "m.skops is no whole skops file: it was cut off; write it again"),
        (lambda data: b"", 'the model "m.skops" is empty; write it again'),
        (lambda data: b"not a model at all", '"m.skops" is no skops file, or a part of one'),
    ],
)
def test_a_damaged_file_is_one_sentence(tmp_path, opened, logistic, cut, sentence):
    (tmp_path / "m.skops").write_bytes(cut(skops.io.dumps(logistic)))
    with pytest.raises(InputError) as error:
        opened("m.skops")
    assert sentence in str(error.value)


def test_what_has_no_predict_is_no_model(tmp_path, opened):
    skops.io.dump({"a": 1}, tmp_path / "m.skops")
    with pytest.raises(InputError, match=r"m\.skops holds a dict, which has no predict; save the fitted model"):
        opened("m.skops")


def test_to_read_skops_files_needs_no_pytorch():
    code = """
import sys
from importlib import import_module
from mlscore.predictors.kinds.skops import _skops
assert _skops().loads
print("torch" in sys.modules)
import_module("sklearn.externals.array_api_compat.torch")
print("torch" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
