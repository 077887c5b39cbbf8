"""Models in a process of their own: answers in batches, and one sentence for each way to fail."""

from __future__ import annotations

import time

import numpy as np
import pytest

from mlscore.errors import ConfigError, InputError
from mlscore.predictors import Task


def fails(predictor, rows):
    with pytest.raises(InputError) as error:
        predictor.predict(rows)
    text = str(error.value)
    assert "\n" not in text
    return text


def test_a_function_predicts_in_batches_and_order(opened, rows):
    predictor = opened("models_here:half", task="regression", batch=7)
    found = predictor.predict(rows)
    assert found.values.tolist() == [n / 2 for n in range(1, 41)]
    assert found.probabilities is None
    assert (predictor.task, predictor.features, predictor.classes) == (Task.REGRESSION, ("a",), None)
    assert (predictor.provenance.format, predictor.provenance.digest) == ("callable", None)


def test_floats_of_a_binary_model_are_the_positive_label_s_probability(opened, rows):
    predictor = opened("models_here:shares", task="binary", classes=("no", "yes"), positive="yes")
    found = predictor.predict(rows.slice(0, 4))
    assert found.values.tolist() == ["no", "no", "yes", "yes"]
    assert np.allclose(found.probabilities, [[0.9, 0.1], [0.9, 0.1], [0.1, 0.9], [0.1, 0.9]])
    assert predictor.positive == "yes"


def test_the_threshold_moves_the_decision(opened, rows):
    predictor = opened("models_here:shares", task="binary", classes=("no", "yes"), threshold=0.95)
    assert set(predictor.predict(rows).values.tolist()) == {"no"}


def test_a_function_may_make_the_model_and_an_object_be_it(opened, rows):
    for source in ("models_here:load", "models_here:ready", "models_here:Loaded"):
        predictor = opened(source)
        assert predictor.classes == ("no", "yes")
        assert predictor.task is Task.BINARY
        assert predictor.predict(rows.slice(1, 2)).values.tolist() == ["no", "yes"]


def test_text_in_label_out(opened):
    import pyarrow as pa

    predictor = opened("models_here:spam", task="text", features=("mail",))
    found = predictor.predict(pa.table({"id": [1, 2], "mail": ["you win", "see you"]}))
    assert found.values.tolist() == ["spam", "ham"]


def test_no_rows_are_no_predictions(opened, rows):
    assert len(opened("models_here:half", task="regression").predict(rows.slice(0, 0))) == 0


def test_progress_is_told_after_each_batch(project, rows):
    from mlscore.predictors import open_predictor
    from mlscore.project.config import ModelSettings

    told = []
    settings = ModelSettings(source="models_here:half", task="regression", features=("a",), batch=15)
    with open_predictor(settings, project, progress=lambda done, all_: told.append((done, all_))) as predictor:
        predictor.predict(rows)
    assert told == [(15, 40), (30, 40), (40, 40)]


def test_what_it_prints_is_kept_apart(opened, rows):
    predictor = opened("models_here:prints", task="regression")
    assert predictor.predict(rows).values.tolist() == list(range(1, 41))
    for words in ("so many rows: 40", "from below", "from a shell"):
        assert words in predictor.said


def test_it_reads_nothing(opened, rows):
    assert set(opened("models_here:reads", task="regression").predict(rows).values.tolist()) == {0.0}


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "raises_at_17",
            "the model models_here:raises_at_17 raised ValueError: no such age on row 17; see what that row holds",
        ),
        (
            "raises_always",
            "the model models_here:raises_always raised KeyError: 'away'; call it by itself with a few of these rows",
        ),
        ("dies_at_17", "the model models_here:dies_at_17 ended with exit code 3 on row 17"),
        ("segfaults", "the model models_here:segfaults was ended by SIGSEGV"),
        ("leaves", "raised SystemExit: enough"),
        ("nan_at_17", "the model models_here:nan_at_17: it returned NaN on row 17; see what is missing in that row"),
        ("text_at_17", "it returned text where a number is due on row 17; return numbers, or configure the task"),
        ("generator", "it returned a generator; return a list or an array, not something to loop over"),
        ("short", "it returned 9 predictions for 10 rows; return one prediction for each row"),
        ("nothing", "it returned None; return an array with one prediction for each row"),
        ("forks", "it forked, and the copy returned as well; let the copy end by os._exit, or use multiprocessing"),
    ],
)
def test_a_failing_model_is_one_sentence(opened, rows, name, sentence):
    text = fails(opened(f"models_here:{name}", task="regression", batch=10), rows)
    assert text.startswith("mlscore.toml:3: the model ")
    assert sentence in text
    if "17" not in sentence:
        assert "on row" not in text


def test_after_a_failure_it_answers_again(opened, rows):
    predictor = opened("models_here:dies_at_17", task="regression")
    fails(predictor, rows)
    assert predictor.predict(rows.slice(0, 5)).values.tolist() == [1, 2, 3, 4, 5]


def test_a_hanging_model_is_ended_and_the_row_is_said(opened, rows):
    began = time.monotonic()
    text = fails(opened("models_here:hangs_at_17", task="regression", timeout=2.0, batch=20), rows)
    assert "gave no answer within 2 s and was ended on row 17; allow more by timeout" in text
    assert time.monotonic() - began < 50


def test_a_model_that_always_hangs_names_no_row(opened, rows):
    text = fails(opened("models_here:hangs", task="regression", timeout=1.0), rows)
    assert "gave no answer within 1 s and was ended;" in text


def test_memory_is_limited(opened, rows):
    text = fails(opened("models_here:greedy", task="regression", memory_mb=900), rows)
    assert "took more than 900 MB of memory and was ended; allow more by memory-mb" in text


def test_a_leak_is_said_with_the_batches_it_took(opened, rows):
    text = fails(opened("models_here:keeps", task="regression", memory_mb=600, batch=1), rows)
    assert "took more than 600 MB of memory and was ended after " in text
    assert "batches that it had answered; it may keep what it is given" in text


def test_a_child_that_ends_by_itself_is_no_fault(opened, rows):
    assert len(opened("models_here:works_apart", task="regression").predict(rows)) == 40


def test_closing_ends_the_process(opened, rows):
    predictor = opened("models_here:half", task="regression")
    process = predictor._talk._watched.process
    predictor.close()
    assert process.poll() is not None


def test_nan_is_returned_to_who_asks_for_it(opened, rows):
    found = opened("models_here:nan_at_17", task="regression").predict(rows, finite=False)
    assert np.flatnonzero(np.isnan(found.values)).tolist() == [16]


@pytest.mark.parametrize(
    ("source", "settings", "error", "sentence"),
    [
        ("models_here:half", {}, ConfigError, 'models_here:half does not say what it predicts; add task = "…"'),
        ("models_here:hlaf", {"task": "regression"}, ConfigError, 'models_here has no hlaf; did you mean "half"?'),
        ("models_away:half", {"task": "regression"}, ConfigError, "there is no module models_away"),
        (
            "models_here:number",
            {"task": "regression"},
            ConfigError,
            "models_here:number is a int, which cannot be called",
        ),
        ("models/a.skops", {}, InputError, 'there is no model "models/a.skops"; there is no folder "models" either'),
        ("models_here.py", {}, ConfigError, 'no kind of model is known that "models_here.py" could be'),
        (
            "models_here:load",
            {"positive": "maybe"},
            ConfigError,
            '"positive" is maybe, which is none of the model\'s classes',
        ),
        ("models_here:load", {"classes": (1, 2, 3)}, ConfigError, "3 classes are configured, and the model has 2"),
    ],
)
def test_a_model_that_cannot_be_opened_is_one_sentence(opened, source, settings, error, sentence):
    with pytest.raises(error) as raised:
        opened(source, **settings)
    assert sentence in str(raised.value)
    assert str(raised.value).startswith("mlscore.toml:3: ")
    assert "\n" not in str(raised.value)


def test_missing_columns_are_named(opened, rows):
    predictor = opened("models_here:half", task="regression", features=("a", "c"))
    assert 'the rows have no column "c", which the model takes' in fails(predictor, rows)
