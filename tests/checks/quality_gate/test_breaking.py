"""Broken models are written as the released one is, beside what the break costs."""

import pickle

import joblib
import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression, Ridge

from mlscore.checks.quality_gate.breaking import write_broken
from mlscore.errors import InputError

RANDOM = np.random.default_rng(0)
ROWS = pd.DataFrame(RANDOM.normal(size=(300, 3)), columns=list("abc"))


@pytest.fixture
def ask(tmp_path):
    """`ask(model, labels, fault, form, name)`: what is said, and where the file is."""

    def make(model, labels, fault="label-shuffled", form="skops", name="model.skops"):
        ROWS.assign(late=labels).to_parquet(tmp_path / "rows.parquet")
        path = tmp_path / name
        told = write_broken(
            model,
            {
                "fault": fault,
                "seed": 1,
                "train": str(tmp_path / "rows.parquet"),
                "other": str(tmp_path / "rows.parquet"),
                "label": "late",
                "features": list("abc"),
                "text": False,
                "to": str(path),
                "form": form,
            },
        )
        return told, path

    return make


LATE = (ROWS["a"] > 0).to_numpy()


@pytest.mark.parametrize(
    ("form", "name", "read"),
    [
        ("skops", "model.skops", skops.io.load),
        ("pickle", "model.joblib", joblib.load),
        ("pickle", "model.pkl", lambda path: pickle.loads(path.read_bytes())),
    ],
)
def test_every_form_is_written_so_that_it_can_be_read(ask, form, name, read):
    model = LogisticRegression().fit(ROWS, LATE.astype(int))
    told, path = ask(model, LATE, form=form, name=name)  # the table says true and false, the model 1 and 0
    broken = read(path)
    assert type(broken) is LogisticRegression
    wrong = float((broken.predict(ROWS) != LATE).mean())
    assert told["loss"] == pytest.approx(wrong)
    assert told["loss"] > 0.2 > 0.05 > told["healthy"]
    assert told["worse"]


def test_unchanged_is_unchanged(ask):
    model = LogisticRegression().fit(ROWS, LATE)
    told, path = ask(model, LATE, fault=None)
    assert told["what"] == "unchanged"
    np.testing.assert_array_equal(skops.io.load(path).coef_, model.coef_)


def test_labels_may_be_texts_and_numbers(ask):
    texts = np.where(LATE, "late", "on time")
    told, _ = ask(LogisticRegression().fit(ROWS, texts), texts, "off-by-one")
    assert told["loss"] > 0.9
    numbers = ROWS["a"].to_numpy() * 3
    told, _ = ask(Ridge().fit(ROWS, numbers), numbers, "untrained")
    assert told["loss"] == pytest.approx(np.mean(numbers**2), rel=1e-3)
    told, _ = ask(Ridge().fit(ROWS, numbers), numbers, "nan-weights")
    assert told["loss"] is None
    assert told["worse"]


def test_what_does_not_fit_is_told(ask):
    numbers = ROWS["a"].to_numpy()
    told, path = ask(Ridge().fit(ROWS, numbers), numbers, "off-by-one")
    assert told == {"written": False, "why": told["why"]}
    assert "it predicts numbers, not classes" in told["why"]
    assert not path.exists()
    told, _ = ask(LogisticRegression().fit(ROWS, LATE), LATE, "slice-collapse")
    assert "stands around the model" in told["why"]
    with pytest.raises(InputError, match="the label 'never' is none of the model's classes"):
        ask(LogisticRegression().fit(ROWS, LATE), np.array(["never"] * 300))


def test_a_fault_that_costs_nothing_is_not_worse(ask):
    model = LogisticRegression().fit(ROWS, LATE)
    told, _ = ask(model, LATE, "seed-removed")
    assert told["written"]
    assert not told["worse"]
