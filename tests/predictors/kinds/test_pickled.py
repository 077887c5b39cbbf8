"""Pickles: refused before a byte is unpickled unless the project has named their digest."""

from __future__ import annotations

import pickle

import joblib
import numpy as np
import pytest

from mlscore.errors import InputError, UsageError
from mlscore.predictors.kinds.pickled import sklearn_version
from mlscore.predictors.sources import digest_of

OTHER = "sha256:" + "0" * 64


class Writes:
    """When it is unpickled it makes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


@pytest.mark.parametrize("name", ["m.pkl", "m.joblib", "m.skops", "m.onnx", "m.txt", "m"])
@pytest.mark.parametrize(
    ("trust", "sentence"),
    [
        ({}, "is a pickle: loading it runs whatever code it holds; save the model with skops; or"),
        ({"trusted": True}, "is a pickle: loading it runs whatever code it holds"),
        ({"digest": "own"}, "is a pickle: loading it runs whatever code it holds"),
        ({"trusted": True, "digest": (OTHER,)}, "is not the file that is trusted: its digest is sha256:"),
    ],
)
def test_a_pickle_does_not_run_when_it_is_not_trusted(tmp_path, opened, name, trust, sentence):
    proof = tmp_path / "it-ran"
    (tmp_path / name).write_bytes(pickle.dumps(Writes(proof)))
    if trust.get("digest") == "own":
        trust = {"digest": (digest_of(tmp_path / name),)}
    with pytest.raises(UsageError) as error:
        opened(name, **trust)
    assert not proof.exists()
    assert f"mlscore.toml:3: {name} {sentence}" in str(error.value)


def test_a_compressed_one_does_not_run_either(tmp_path, opened):
    proof = tmp_path / "it-ran"
    joblib.dump(Writes(proof), tmp_path / "m.bin", compress=3)
    with pytest.raises(UsageError, match=r"m\.bin is a pickle"):
        opened("m.bin")
    assert not proof.exists()


def test_the_payload_would_run_when_it_is_trusted(tmp_path, opened):
    proof = tmp_path / "it-ran"
    (tmp_path / "m.pkl").write_bytes(pickle.dumps(Writes(proof)))
    with pytest.raises(InputError, match="which has no predict"):
        opened("m.pkl", trusted=True, digest=(digest_of(tmp_path / "m.pkl"),))
    assert proof.exists()


@pytest.mark.parametrize("how", ["pickle", "joblib", "compressed"])
def test_a_trusted_model_answers_as_itself(tmp_path, opened, logistic, frame, table, how):
    path = tmp_path / "m.pkl"
    if how == "pickle":
        path.write_bytes(pickle.dumps(logistic))
    else:
        joblib.dump(logistic, path, compress=3 if how == "compressed" else 0)
    predictor = opened("m.pkl", trusted=True, digest=(OTHER, digest_of(path)))
    found = predictor.predict(table)
    assert (found.values == logistic.predict(frame)).all()
    assert np.allclose(found.probabilities, logistic.predict_proba(frame))
    assert predictor.provenance.format == "pickle"


def test_a_model_of_another_version_is_told(tmp_path, opened, logistic):
    path = tmp_path / "m.pkl"
    here = sklearn_version(pickle.dumps(logistic))
    path.write_bytes(pickle.dumps(logistic).replace(here.encode(), b"0" * (len(here) - 1) + b"9"))
    found = opened("m.pkl", trusted=True, digest=(digest_of(path),)).provenance
    assert found.differences == (f"scikit-learn {'0' * (len(here) - 1)}9, here {here}",)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (lambda whole: whole[: len(whole) // 2], "m.pkl is no whole pickle: it may have been cut off; write it again"),
        (
            lambda whole: whole.replace(b"sklearn.linear_model", b"sklearn.linear_mod_x"),
            "m.pkl needs sklearn.linear_mod_x",
        ),
    ],
)
def test_a_trusted_pickle_that_does_not_load_is_one_sentence(tmp_path, opened, logistic, data, sentence):
    path = tmp_path / "m.pkl"
    path.write_bytes(data(pickle.dumps(logistic)))
    with pytest.raises(InputError) as error:
        opened("m.pkl", trusted=True, digest=(digest_of(path),))
    assert sentence in str(error.value)
