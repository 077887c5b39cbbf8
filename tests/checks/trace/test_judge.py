"""A trace that ends elsewhere than in the served prediction fails, and says up to where it agrees; and what it lost."""

import json
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from mlscore.checks import check_trace
from mlscore.checks.configured import read_options
from mlscore.checks.context import Context
from mlscore.checks.registry import find_check
from mlscore.checks.trace import find_row, traced
from mlscore.checks.trace.page import html, markdown
from mlscore.checks.trace.personal import REDACTED, Redactor, personal_columns
from mlscore.checks.trace.report import as_result
from mlscore.checks.trace.shapes import End, Snapshot, Step
from mlscore.checks.trace.walk import Walk, finish, look, through_steps
from mlscore.errors import ConfigError, InputError
from mlscore.faults.models import model_fault
from mlscore.predictors.predictor import Predictor
from mlscore.predictors.shapes import Prediction, Provenance, Task
from mlscore.project.config import CheckSpec, DataSettings, ModelSettings

RANDOM = np.random.default_rng(0)
FRAME = pd.DataFrame({"a": RANDOM.normal(5, 2, 200), "b": RANDOM.normal(50, 10, 200)})
LABELS = (FRAME["a"] > 5).astype(int).to_numpy()
MODEL = Pipeline([("scale", StandardScaler()), ("model", LogisticRegression())]).fit(FRAME, LABELS)
ROW = pa.Table.from_pandas(FRAME.iloc[3:4], preserve_index=False)


class Here(Predictor):
    """A model that answers in this process, and may be looked into; `serves` answers in its stead."""

    def __init__(self, model=MODEL, serves=None, closed=False):
        self._model, self._serves, self._closed = model, serves or model, closed
        self.task, self.classes, self.features = Task.BINARY, (0, 1), ()
        self.provenance = Provenance("callable")

    def predict(self, rows, *, finite=True):
        frame = rows.select(["a", "b"]).to_pandas()
        return Prediction(self._serves.predict(frame), self._serves.predict_proba(frame), (0, 1))

    def inside(self, function, request, *, limit=None):
        assert function == "mlscore.checks.trace.walk:look"
        # It comes through JSON, as from another process.
        return None if self._closed else json.loads(json.dumps(look(self._model, request)))

    @property
    def positive(self):
        return 1

    def close(self):
        pass


@pytest.fixture
def steps(monkeypatch):
    """Functions of the project as steps, in this process."""

    def use(*functions):
        def walked(names, row, settings, predictor, root, limit):
            walk, frame = Walk(), row.to_pandas()
            request = {"task": "binary", "classes": [0, 1], "positive": 1, "threshold": None}
            named = [(one.__name__, one) for one in functions]
            return traced.read_walk(
                json.loads(json.dumps(finish(walk, lambda: through_steps(named, frame, walk), request)))
            )

        from mlscore.checks.trace import judge

        monkeypatch.setattr(judge, "trace_steps", walked)
        return [one.__name__ for one in functions]

    return use


def scale(frame):
    return (frame - FRAME.mean()) / FRAME.std(ddof=0)


def rescale(frame):
    return frame / FRAME.std(ddof=0)


def predict(frame):
    return MODEL[1].predict_proba(frame.to_numpy())


def drop(frame):
    return frame[frame["a"] > 1e9]


def lose(frame):
    return frame.assign(b=np.nan)


def fill(frame):
    return frame.fillna(0.0)


def fail(frame):
    raise KeyError("no such column")


def test_a_model_s_own_trace_ends_in_its_answer():
    report = check_trace(ROW, predictor=Here())
    assert report.passed, report.findings
    assert (report.hollow, report.not_judged) == (None, ())
    assert [step.name for step in report.steps] == ["scale", "model.predict_proba", "model.predict"]
    result = as_result(report)
    assert result.outcome == "passed"
    assert result.summary.startswith("row 1 through 3 steps of the model ends in the served prediction, ")


def test_functions_that_do_what_the_model_does_agree(steps):
    report = check_trace(ROW, predictor=Here(), steps=steps(scale, predict))
    assert report.passed, report.findings
    assert report.what == "scale, predict"


def test_a_preprocessing_mismatch_is_found_with_the_step(steps):
    report = check_trace(ROW, predictor=Here(), steps=steps(fill, rescale, predict))
    assert not report.passed
    assert (report.agreeing, report.parting) == ("fill", "rescale")
    report = check_trace(ROW, predictor=Here(), steps=steps(scale, rescale, predict))
    (finding,) = report.findings
    assert (report.agreeing, report.parting) == ("scale", "rescale")
    assert finding.startswith("the trace ends in ")
    assert ", and the model serves " in finding
    assert finding.endswith("scale is the last step known to agree, rescale comes after it")


def test_steps_that_part_their_work_elsewhere_agree_where_they_can(steps):
    def centre(frame):
        return frame - FRAME.mean()

    def spread(frame):
        return frame / FRAME.std(ddof=0)

    report = check_trace(ROW, predictor=Here(), steps=steps(centre, spread, rescale, predict))
    assert (report.agreeing, report.parting) == ("spread", "rescale")
    report = check_trace(ROW, predictor=Here(), steps=steps(rescale, rescale, predict))
    assert report.findings[0].endswith("no step is known to agree with one of the model's")


def test_the_catalogue_s_mismatch_of_training_and_serving_is_found():
    broken = model_fault("preprocessing-mismatch").apply(MODEL, FRAME, LABELS).model
    report = check_trace(ROW, predictor=Here(MODEL, serves=broken))
    assert not report.passed
    assert "and the model serves" in report.findings[0]


def test_where_the_model_shows_nothing_it_cannot_be_told(steps):
    report = check_trace(ROW, predictor=Here(closed=True), steps=steps(rescale, predict))
    assert report.findings[0].endswith("which step differs cannot be told: the model shows none of its own")
    agreeing = check_trace(ROW, predictor=Here(closed=True), steps=steps(scale, predict))
    assert agreeing.passed
    assert agreeing.hollow is None


def test_a_model_that_shows_no_steps_cannot_be_traced():
    report = check_trace(ROW, predictor=Here(closed=True))
    assert report.findings == (
        "the trace does not come to an end: the model shows no steps: name its own by steps or pipeline",
    )


def test_a_model_without_steps_earns_nothing():
    bare = LogisticRegression().fit(FRAME, LABELS)
    report = check_trace(ROW, predictor=Here(bare))
    assert report.passed
    assert as_result(report).outcome == "hollow"
    assert "shows no steps between the row and its answer" in report.hollow


def test_a_step_that_raises_is_named(steps):
    report = check_trace(ROW, predictor=Here(), steps=steps(scale, fail, predict))
    assert report.findings == ("fail raises KeyError: 'no such column'",)
    assert report.end is None


def test_a_step_that_drops_the_row_is_named(steps):
    report = check_trace(ROW, predictor=Here(), steps=steps(scale, drop, predict))
    assert "drop drops the row" in report.findings
    assert any(one.startswith("predict raises ValueError") for one in report.findings)


def test_nulls_that_a_step_introduces_are_found_even_where_they_are_filled_again(steps):
    names = steps(lose, fill, lambda frame: [0.0])
    report = check_trace(ROW, predictor=Here(), steps=names)
    assert "lose introduces 1 null (b)" in report.findings
    allowed = check_trace(ROW, predictor=Here(), steps=names, may_null=["lose"])
    assert not any("null" in one for one in allowed.findings)


def test_nulls_that_come_in_are_no_finding(steps):
    row = pa.table({"a": [5.0], "b": pa.array([None], pa.float64())})
    report = check_trace(row, predictor=Here(closed=True, serves=Filling()), steps=steps(fill, scale, predict))
    assert report.findings == ()


class Filling:
    """The model behind a server that fills what is missing."""

    def predict(self, frame):
        return MODEL.predict(frame.fillna(0.0))

    def predict_proba(self, frame):
        return MODEL.predict_proba(frame.fillna(0.0))


# --- against what serving wrote down


SHARE = float(MODEL.predict_proba(FRAME.iloc[3:4])[0, 1])
LABEL = int(MODEL.predict(FRAME.iloc[3:4])[0])


@pytest.mark.parametrize("logged", [SHARE, LABEL, str(LABEL), SHARE + 1e-12])
def test_the_logged_prediction_is_the_trace_s_end(logged):
    assert check_trace(ROW, predictor=Here(), logged={"prediction": logged}).passed


@pytest.mark.parametrize("logged", [SHARE + 0.01, 1 - LABEL, None, "late"])
def test_another_logged_prediction_fails(logged):
    report = check_trace(ROW, predictor=Here(), logged={"prediction": logged})
    assert report.findings[0].endswith("which step differs cannot be told: no column of a step was logged")
    assert f"and {logged} was served" in report.findings[0]


def test_logged_features_tell_the_step():
    given = ROW.to_pylist()[0]
    scaled = MODEL[0].transform(FRAME.iloc[3:4])[0]
    logged = {"prediction": 0.5, "a": given["a"], "b": given["b"]}
    report = check_trace(ROW, predictor=Here(), logged=logged)
    assert "scale differs from what was logged in a, b" in report.findings[0]
    logged = {"prediction": 0.5, "a": float(scaled[0]), "b": float(scaled[1])}
    report = check_trace(ROW, predictor=Here(), logged=logged)
    assert report.findings[0].endswith("scale is the last step known to agree with what was logged")


def test_without_a_model_the_log_alone_is_the_judge(steps):
    settings = ModelSettings(task="binary", classes=(0, 1), positive=1)
    names = steps(scale, predict)
    assert check_trace(ROW, settings=settings, steps=names, logged={"prediction": SHARE}).passed
    report = check_trace(ROW, settings=settings, steps=names, logged={"prediction": SHARE / 2})
    assert not report.passed
    assert report.by == "serving's log"


@pytest.mark.parametrize(
    ("options", "error", "why"),
    [
        (
            {"predictor": Here(), "logged": {"score": 1}},
            InputError,
            'what was served has no column "prediction"; name it',
        ),
        ({}, ConfigError, "nothing says what was served"),
        ({"logged": {"prediction": 1}}, ConfigError, "nothing is to be traced"),
        ({"predictor": Here(), "steps": ["a:b"], "pipeline": "c:d"}, ConfigError, "both steps and a pipeline"),
    ],
)
def test_bad_input_is_one_sentence(options, error, why):
    with pytest.raises(error, match=why):
        check_trace(ROW, **options)


def test_one_row_is_traced():
    with pytest.raises(InputError, match="one row is traced, and 2 were given"):
        check_trace(pa.concat_tables([ROW, ROW]), predictor=Here())


# --- personal data


def test_personal_columns_are_told_by_name_and_by_content():
    rows = pa.table({"email": ["x"], "contact": ["ana@example.com"], "salary": [1200.5], "name": ["Ana"], "a": [1]})
    assert personal_columns(rows) == ("email", "contact", "name")


def test_personal_values_are_nowhere_on_the_page(steps):
    def encode(frame):
        email = frame["email"].iloc[0]
        return frame.drop(columns="email").assign(
            **{f"email_{email}": 1.0, "email_length": len(email), "told": f"to {email}"}
        )

    def refuse(frame):
        raise ValueError(f"cannot read {frame['told'].iloc[0]}")

    row = ROW.append_column("email", pa.array(["ana.perez@example.com"]))
    report = check_trace(row, predictor=Here(), steps=steps(encode, refuse), named="the example ana.perez@example.com")
    result = as_result(report)
    for text in (
        html(report),
        markdown(report),
        json.dumps(result.details),
        result.summary,
        *result.findings,
        *result.notes,
    ):
        assert "ana.perez" not in text
    assert report.personal == ("email",)
    after = report.steps[0].after
    assert after.columns[2] == f"email_{REDACTED}"
    assert [cell for _, cell in after.cells][2:] == [REDACTED, REDACTED, f"to {REDACTED}"]
    assert f"cannot read to {REDACTED}" in report.findings[0]


def test_without_personal_columns_nothing_is_redacted():
    hide = Redactor((), {})
    given = Snapshot("list", (1,), 1, ("int",), None, ((0, 5),), 0, 0)
    assert hide.snapshot(given) is given
    assert hide.cell("a", 5) == 5


# --- the page


def test_the_page_shows_each_step_and_is_self_contained(steps):
    report = check_trace(ROW, predictor=Here(), steps=steps(scale, rescale, predict), named="row 4")
    page = html(report)
    assert "<h1>Trace of row 4</h1>" in page
    assert '<div class="verdict bad">' in page
    assert "The last step known to agree is <b>scale</b>." in page
    assert '<section class="bad"><h2>2. rescale <span class="kind">function</span></h2>' in page
    assert page.count("<section") == 5
    assert "http" not in page
    assert "src=" not in page
    text = markdown(report)
    assert "## 2. rescale" in text
    assert f"| a | float64 | {FRAME['a'][3]:.6g} |  |" in text
    assert "values change in 2 of 2 columns that stay" in text


def test_what_the_page_shows_cannot_be_taken_for_markup():
    step = Step("<b>x</b>", "function", None, Snapshot("str", (), 1, ("str",), None, ((0, "<script>|"),), 0, 0))
    report = check_trace(ROW, predictor=Here())
    from dataclasses import replace

    bad = replace(report, steps=(step,), end=End("<i>"), findings=("<u>",))
    page = html(bad)
    assert "<script>" not in page
    assert "<b>x</b>" not in page
    assert "<i>" not in page
    assert "<u>" not in page
    assert "\\<script\\>\\|" in markdown(bad)


# --- configured


PROJECT = """
import skops.io

def fill(frame):
    return frame[["a", "b"]].fillna(0.0)

def misread(frame):
    return skops.io.load("model.skops").predict_proba(frame.to_numpy() * 2)
"""
CONFIG = """
[data]
validation = "validation.parquet"
label = "late"
id = "key"

[model]
source = "model.skops"
features = ["a", "b"]
timeout = 300

[[check]]
use = "trace"
id = "k3"
page = ["trace.html", "pages/trace.md"]

[[check]]
use = "trace"
name = "functions"
id = "k3"
steps = ["flow:fill", "flow:misread"]
served = "served.parquet"
prediction = "score"
timeout = 300
"""


@pytest.mark.slow
def test_the_command_traces_and_writes_the_page(tmp_path, monkeypatch, capsys):
    from mlscore.cli import run

    monkeypatch.chdir(tmp_path)
    bare = Pipeline([("scale", StandardScaler()), ("model", LogisticRegression())]).fit(FRAME.to_numpy(), LABELS)
    skops.io.dump(bare, "model.skops")
    rows = FRAME.assign(late=LABELS, key=[f"k{number}" for number in range(len(FRAME))])
    rows.to_parquet("validation.parquet")
    rows.assign(score=0.123)[["key", "score"]].to_parquet("served.parquet")
    (tmp_path / "flow.py").write_text(PROJECT, encoding="utf-8")
    (tmp_path / "mlscore.toml").write_text(CONFIG, encoding="utf-8")
    assert run(["check", "infra-5", "--report", "json"]) == 1
    own, functions = json.loads(capsys.readouterr().out)["checks"]
    assert own["outcome"] == "passed"
    assert own["summary"].startswith("the example k3 through 3 steps of the model ends in the served prediction")
    assert "Trace of the example k3" in (tmp_path / "trace.html").read_text(encoding="utf-8")
    assert (tmp_path / "pages" / "trace.md").read_text(encoding="utf-8").startswith("# Trace of the example k3")
    assert functions["outcome"] == "failed"
    assert [step["name"] for step in functions["details"]["steps"]] == ["flow:fill", "flow:misread"]
    assert functions["findings"][0].endswith("flow:fill is the last step known to agree, flow:misread comes after it")
    assert functions["findings"][1].startswith("the trace ends in ")
    assert ", and 0.123 was served; " in functions["findings"][1]


def test_another_pipeline_is_traced_as_the_model_s_kind(monkeypatch):
    from mlscore.checks.trace import judge

    opened = []

    def open_here(settings, root):
        opened.append(settings)
        wrong = Pipeline([("scale", StandardScaler()), ("model", LogisticRegression(C=1e-6))]).fit(FRAME, LABELS)
        return Here(wrong)

    monkeypatch.setattr(judge, "open_predictor", open_here)
    report = check_trace(ROW, predictor=Here(), settings=ModelSettings(source="served"), pipeline="other.skops")
    (asked,) = opened
    assert (asked.source, asked.task, asked.classes, asked.positive) == ("other.skops", "binary", (0, 1), 1)
    assert report.agreeing == "scale"
    assert not report.passed


@pytest.fixture
def table():
    from mlscore.tables.table import open_table

    rows = pd.DataFrame({"key": [7, 8, 9], "day": ["x", "x", "y"], "a": [1.0, 2.0, 3.0]})
    with open_table(rows) as opened:
        yield opened


@pytest.mark.parametrize(
    ("columns", "ids", "number", "a"),
    [((), (), 1, 1.0), ((), (), 3, 3.0), (("key",), ("8",), 1, 2.0), (("day", "key"), ("y", "9"), 1, 3.0)],
)
def test_a_row_is_found_by_number_and_by_id(table, columns, ids, number, a):
    assert find_row(table, columns, ids, number).to_pylist()[0]["a"] == a


@pytest.mark.parametrize(
    ("columns", "ids", "number", "why"),
    [
        ((), (), 4, "there is no row 4 among 3; name another"),
        (("key",), ("1",), 1, "there is no row with the id that is named among 3"),
        (("kee",), ("1",), 1, 'there is no column "kee", the id'),
    ],
)
def test_a_row_that_is_not_there_is_told(table, columns, ids, number, why):
    with pytest.raises(InputError, match=why):
        find_row(table, columns, ids, number)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"id": ("1", "2")}, "2 values of an id are given, and it has 1 columns"),
        ({"served": "log.parquet"}, "what was served is found by the example's id"),
    ],
)
def test_bad_options_are_one_sentence(options, why, tmp_path):
    check = find_check("trace")
    read = {**read_options(check, CheckSpec("trace")), **options}
    with pytest.raises(ConfigError, match=why):
        check.run(Context(tmp_path, DataSettings(id=("key",)), read, date(2026, 11, 1)))


@pytest.mark.parametrize(
    ("code", "lost"),
    [
        ("time.sleep(60)", "the trace does not come to an end: it did not return within 2 s"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "the trace does not come to an end: its process was ended by SIGSEGV"),
        ("sys.exit('no room')", 'the trace does not come to an end: its process ended with exit code 1 ("no room")'),
    ],
)
def test_a_process_that_hangs_or_dies_is_a_finding(code, lost, tmp_path, monkeypatch):
    name = f"ends_{abs(hash(code))}"
    (tmp_path / f"{name}.py").write_text(f"import os, signal, sys, time\n{code}\n", encoding="utf-8")
    monkeypatch.setattr(traced, "_WORKER", name)
    limit = 2 if "sleep" in code else 60
    report = check_trace(ROW, predictor=Here(), root=tmp_path, steps=["a:b"], limit=limit)
    assert report.findings == (lost,)
