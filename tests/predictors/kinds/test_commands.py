"""Commands as models: rows on standard input, predictions on standard output, each mistake one sentence."""

from __future__ import annotations

import sys
from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from mlscore.errors import ConfigError, InputError
from mlscore.predictors import Task
from mlscore.predictors.kinds.commands import write_rows

ROWS = pa.table({"a": [1, 2, 3, 4], "city": ["Vigo", None, 'Lu"go', "a,b"]})

SCRIPT = """
import csv, json, os, sys, time
how = sys.argv[1]
if how == "csv":
    print("prediction,probability_no,probability_yes")
    for row in csv.DictReader(sys.stdin):
        late = int(row["a"]) > 2
        print(f"{'yes' if late else 'no'},{0.2 if late else 0.9},{0.8 if late else 0.1}")
elif how == "probability":
    print("probability")
    for row in csv.DictReader(sys.stdin):
        print(int(row["a"]) / 10)
else:
    rows = [json.loads(line) for line in sys.stdin]
    print("reading", len(rows), "rows", file=sys.stderr)
    for row in rows:
        if how == "value":
            print(row["a"] * 2)
        elif how == "object":
            print(json.dumps({"prediction": "yes", "probabilities": {"no": 0.25, "yes": 0.75}}))
        elif how == "cities":
            print(json.dumps(row["city"]) if row["city"] else '"none"')
        elif how == "fails at 3" and row["a"] == 3:
            sys.exit("no such age")
        elif how == "hangs":
            time.sleep(60)
        elif how == "chatty":
            print("Here is my answer:")
        elif how == "short" and row["a"] == 3:
            pass
        elif how == "nan":
            print("NaN")
        elif how == "keyless":
            print(json.dumps({"answer": 1}))
        elif how != "silent":
            print(row["a"])
"""


@pytest.fixture
def command(tmp_path, opened):
    (tmp_path / "predict.py").write_text(SCRIPT, encoding="utf-8")

    def make(how, **settings):
        settings.setdefault("task", "regression")
        settings.setdefault("features", ("a", "city"))
        return opened((sys.executable, "predict.py", how), **settings)

    return make


def test_a_value_a_line(command):
    predictor = command("value", batch=3)
    assert predictor.predict(ROWS).values.tolist() == [2, 4, 6, 8]
    assert predictor.provenance.format == "command"


def test_objects_say_probabilities_by_name(command):
    found = command("object", task="binary").predict(ROWS)
    assert found.values.tolist() == ["yes"] * 4
    assert found.classes == ("no", "yes")
    assert np.allclose(found.probabilities, [[0.25, 0.75]] * 4)


def test_csv_in_and_out(command):
    found = command("csv", task="binary", format="csv", classes=("yes", "no")).predict(ROWS)
    assert found.values.tolist() == ["no", "no", "yes", "yes"]
    assert np.allclose(found.probabilities[:, 0], [0.1, 0.1, 0.8, 0.8])
    found = command("probability", task="binary", format="csv", threshold=0.3).predict(ROWS)
    assert found.values.tolist() == [0, 0, 1, 1]


def test_text_and_missing_values_arrive(command):
    found = command("cities", task="multiclass").predict(ROWS)
    assert found.values.tolist() == ["Vigo", "none", 'Lu"go', "a,b"]


def test_rows_are_written_so_that_others_can_read_them():
    rows = pa.table({"d": [date(2026, 1, 2), None], "x": [float("nan"), 0.5], "f": [True, False]})
    assert write_rows(rows, "jsonl").decode() == (
        '{"d": "2026-01-02", "x": null, "f": true}\n{"d": null, "x": 0.5, "f": false}\n'
    )
    assert write_rows(rows, "csv").decode() == "d,x,f\n2026-01-02,,true\n,0.5,false\n"


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        ("fails at 3", 'ended with exit code 1 on row 3; its last words: "no such age"'),
        ("chatty", "line 1 of its output is no JSON; write for each row a line"),
        ("short", "it returned 3 predictions for 4 rows"),
        ("silent", "it wrote nothing; write for each row a line"),
        ("nan", "it returned NaN (in 4 rows altogether) on row 1"),
        ("keyless", 'line 1 of its output has no "prediction"'),
    ],
)
def test_a_failing_command_is_one_sentence(command, how, sentence):
    with pytest.raises(InputError) as error:
        command(how).predict(ROWS)
    assert sentence in str(error.value)
    assert str(error.value).startswith("mlscore.toml:3: the model ")


def test_a_hanging_command_is_ended(command):
    with pytest.raises(InputError, match="gave no answer within 1 s and was ended; allow more by timeout"):
        command("hangs", timeout=1.0).predict(ROWS)


def test_a_command_that_is_not_there_or_says_too_little_is_one_sentence(opened):
    with pytest.raises(InputError, match='there is no program "no-such-program"; name one that is on the PATH'):
        opened(("no-such-program",), task="regression")
    with pytest.raises(ConfigError, match="does not say what it predicts; add task"):
        opened((sys.executable, "-c", ""))


def test_ranking_scores(command):
    predictor = command("value", task="ranking")
    assert predictor.task is Task.RANKING
    assert predictor.predict(ROWS).values.tolist() == [2, 4, 6, 8]
