"""The configured check: refits of the estimator, trainings by the command, past models, and what it writes."""

import json
import sys
from datetime import date, datetime, timedelta
from importlib import import_module

import numpy as np
import pyarrow.parquet as parquet
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression

from mlscore.checks import read_staleness
from mlscore.checks.configured import read_options
from mlscore.checks.context import Context
from mlscore.checks.registry import find_check
from mlscore.checks.staleness import refits
from mlscore.checks.staleness.past import dated_models
from mlscore.cli import run as run_command
from mlscore.errors import ConfigError, InputError
from mlscore.predictors.predictor import Predictor
from mlscore.predictors.shapes import Prediction, Provenance, Task
from mlscore.project.config import CheckSpec, DataSettings, ModelSettings

START = date(2026, 1, 1)


@pytest.fixture(scope="module")
def rows(make_world):
    return make_world(rate=0.01, rows=4_000)


@pytest.fixture
def project(tmp_path, rows):
    parquet.write_table(rows, tmp_path / "train.parquet")
    frame = rows.to_pandas()
    skops.io.dump(LogisticRegression().fit(frame[["a", "b"]], frame["late"]), tmp_path / "model.skops")
    return tmp_path


class InProcess(Predictor):
    """A model answered for without a process of its own, which takes seconds to start."""

    def __init__(self, settings, root):
        self._model = skops.io.load(root / settings.source)
        self.task, self.classes, self.features = Task.BINARY, (0, 1), ("a", "b")
        self.provenance = Provenance("skops")

    def predict(self, rows, *, finite=True):
        given = rows.select(list(self.features)).to_pandas()
        return Prediction(self._model.predict(given), self._model.predict_proba(given), self.classes)

    def inside(self, function, request, *, limit=None):
        module, _, name = function.partition(":")
        return getattr(import_module(module), name)(self._model, json.loads(json.dumps(request)))

    def close(self):
        pass


@pytest.fixture
def context(project):
    """`context(apart=…, label=…, time=…, model={…}, **options)`."""

    class Here(Context):
        def predictor(self, *, previous=False):
            return InProcess(self.model, self.root)

    def make(apart=False, label="late", time="day", model=None, **options):
        data = DataSettings(sources={"train": "train.parquet", "validation": "train.parquet"}, label=label, time=time)
        read = read_options(find_check("staleness-curve"), CheckSpec("staleness-curve", options=options))
        settings = ModelSettings(**({"source": "model.skops", "timeout": 300.0, "task": "binary"} | (model or {})))
        return (Context if apart else Here)(project, data, read, date(2026, 11, 20), model=settings)

    return make


@pytest.fixture
def judge(context):
    return lambda **more: find_check("staleness-curve").run(context(**more))


def test_refits_of_the_estimator(judge, project):
    result = judge(**{"max-age": 60, "most-increase": 0.2, "save": "out/staleness.json"})
    assert result.outcome == "failed"
    assert result.summary.startswith("models are too old after ")
    values = {value.name: value for value in result.values}
    assert values["greatest age"].threshold == 60
    assert read_staleness(project / "out" / "staleness.json").limit_days == result.details["limit_days"]
    assert judge(**{"max-age": 10, "most-increase": 0.3, "loss": "log loss"}).outcome == "passed"
    assert judge(**{"max-age": 10}).outcome == "hollow"


def test_the_fit_in_the_model_s_process(project, rows, tmp_path):
    model = skops.io.load(project / "model.skops")
    names = ["a", "b", "late"]
    request = {
        "train": str(tmp_path / "train.parquet"),
        "windows": [str(tmp_path / "window.parquet")],
        "to": [str(tmp_path / "losses.npy")],
        "features": ["a", "b"],
        "label": "late",
        "text": False,
        "measure": "error",
        "seed": 0,
    }
    parquet.write_table(rows.slice(0, 500).select(names), request["train"])
    parquet.write_table(rows.slice(500, 100).select(names), request["windows"][0])
    assert refits.fit(model, request) == {"fitted": True}
    frame = rows.to_pandas()
    own = LogisticRegression().fit(frame[["a", "b"]][:500], frame["late"][:500])
    wrong = own.predict(frame[["a", "b"]][500:600]) != frame["late"][500:600]
    np.testing.assert_array_equal(np.load(request["to"][0]), wrong.to_numpy().astype(float))
    assert refits.fit(lambda given: given, request) == {"fitted": False}


def test_a_model_that_cannot_be_trained_again(context, rows):
    clones = refits.Clones(context().predictor(), "late", "error")
    clones._predictor.inside = lambda *given, **more: None
    with pytest.raises(ConfigError, match=r'cannot be trained again from here; add by = "command"'):
        clones(rows.slice(0, 500), 0.0, 1.0, [rows.slice(500, 50)])


TRAIN = """
import os, sys, pathlib
{extra}
pathlib.Path(sys.argv[1]).write_text("trained from " + {since} + " to " + {until})
"""


@pytest.fixture
def command(project, monkeypatch):
    """`command(since, until)`: a train command; models are texts, and answer with the rule of the day they end on."""

    class Told(InProcess):
        def __init__(self, settings, root, **more):
            self._until = pathlib_text(settings.source).rpartition(" ")[2]
            self.task, self.classes, self.features = Task.BINARY, (0, 1), ("a", "b")

        def predict(self, rows, *, finite=True):
            angle = 0.01 * (date.fromisoformat(self._until) - START).days
            return Prediction(
                (np.asarray(rows["a"]) * np.cos(angle) + np.asarray(rows["b"]) * np.sin(angle) > 0).astype(int)
            )

    def pathlib_text(path):
        with open(path, encoding="utf-8") as file:
            return file.read()

    monkeypatch.setattr("mlscore.predictors.predictor.open_predictor", Told)

    def make(since="os.environ['MLSCORE_SINCE']", until="os.environ['MLSCORE_UNTIL']", words=(), extra=""):
        text = TRAIN.format(since=since, until=until, extra=extra)
        (project / "train.py").write_text(text, encoding="utf-8")
        return {"train": (sys.executable, "-S", "-E", "train.py", "{artefact}", *words), "artefact": "model.txt"}

    return make


LIMITS = {"by": "command", "max-age": 60, "most-increase": 0.2, "windows": 2, "ages": 3}


def test_trainings_by_the_command(judge, command):
    result = judge(model=command(), **LIMITS)
    assert result.outcome == "failed"
    assert result.notes[0].startswith("trainings by the command judged on 2 windows from 2026-")
    # The label's noise is a tenth, and the models' rule is right on the day on which they end.
    assert result.details["points"][0]["loss"] == pytest.approx(0.1 + 0.8 * 0.01 * 12 / np.pi, abs=0.04)
    told = command(since="sys.argv[2]", until="sys.argv[3]", words=("{since}", "{until}"))
    assert judge(model=told, **LIMITS).details["points"] == result.details["points"]


def test_a_command_that_does_not_heed_the_day(judge, command):
    with pytest.raises(ConfigError, match="wrote the same file: the command does not heed the day"):
        judge(model=command(since="'then'", until="'2026-11-01'"), **LIMITS)


def test_a_command_that_fails_or_writes_nothing(judge, command):
    with pytest.raises(InputError, match='ended with exit code 1: "no rows"'):
        judge(model=command(extra="sys.exit('no rows')"), **LIMITS)
    with pytest.raises(InputError, match=r'wrote no "model\.txt"'):
        judge(model=command(extra="sys.exit(0)"), **LIMITS)


def test_past_models_of_a_table_and_a_folder(judge, context, project, rows, monkeypatch):
    frame = rows.to_pandas()
    (project / "models").mkdir()
    for number, days in enumerate((290, 270, 250, 230)):
        until = datetime(2026, 1, 1) + timedelta(days=days)
        known = frame[(frame["day"] < until) & (frame["day"] >= until - timedelta(days=90))]
        model = LogisticRegression().fit(known[["a", "b"]], known["late"])
        skops.io.dump(model, project / "models" / f"flights-{until:%Y%m%d}.skops")
        skops.io.dump(model, project / f"{number}.skops")
    (project / "models" / "notes-2026-01-01.txt").write_text("none", encoding="utf-8")
    monkeypatch.setattr(
        "mlscore.checks.staleness.past.open_predictor", lambda settings, root, **more: InProcess(settings, root)
    )
    limits = {"max-age": 50, "most-increase": 0.25, "rows": "train"}
    result = judge(folder="models", **limits)
    assert result.outcome == "failed"
    assert [point["age"] for point in result.details["points"]] == [0, 20, 40, 60]
    days = [str(START + timedelta(days=days)) for days in (290, 270, 250, 230)]
    table = {day: f"{number}.skops" for number, day in enumerate(days)}
    assert judge(models=table, **limits).details["points"] == result.details["points"]
    assert list(dated_models(context(models=table))) == [date.fromisoformat(day) for day in days]


@pytest.mark.parametrize(
    ("options", "error", "why"),
    [
        ({"time": None}, ConfigError, "nothing says which column is the time of the rows"),
        ({"label": None}, ConfigError, "nothing says which column is to be predicted"),
        ({"time": "a"}, InputError, '"a" holds double values, not dates'),
        ({"by": "command"}, ConfigError, "nothing says how the model is trained"),
        ({"by": "command", "model": {"train": "x", "source": None}}, ConfigError, "nothing says which file training"),
        ({"folder": "none"}, ConfigError, 'there is no folder "none" of past models'),
        ({"folder": "."}, ConfigError, 'no name in "." holds a date'),
        ({"models": {"soon": "a.skops"}}, ConfigError, '"models" has "soon", which is no date'),
        ({"models": {"2026-01-01": 3}}, ConfigError, '"models" has no model for 2026-01-01'),
        ({"max-age": -1}, InputError, "is not above 0"),
    ],
)
def test_bad_options_are_one_sentence(judge, options, error, why):
    with pytest.raises(error, match=why):
        judge(**options)


def test_dates_in_names_that_are_none(judge, project):
    (project / "models").mkdir()
    (project / "models" / "a-2026-13-01.skops").write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match="is no date"):
        judge(folder="models")
    (project / "models" / "a-2026-13-01.skops").unlink()
    for name in ("a-2026-01-01.skops", "b-20260101.skops"):
        (project / "models" / name).write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match="two models of 2026-01-01"):
        judge(folder="models")


def test_labels_and_numbers(judge, project, rows):
    frame = rows.to_pandas()
    frame.loc[:9, "late"] = None
    frame.to_parquet(project / "train.parquet")
    result = judge(**{"max-age": 60, "most-increase": 0.2})
    assert "10 rows of train without a label" in result.unknown


@pytest.mark.slow
def test_from_the_command_line(project, monkeypatch, capsys):
    (project / "mlscore.toml").write_text(
        '[data]\ntrain = "train.parquet"\nlabel = "late"\ntime = "day"\n\n[model]\nsource = "model.skops"\n\n'
        '[[check]]\nuse = "staleness-curve"\nmax-age = 60\nmost-increase = 0.2\nsave = "staleness.json"\n',
        encoding="utf-8",
    )
    monkeypatch.chdir(project)
    assert run_command(["check", "model-4"]) == 1
    said = capsys.readouterr().out
    assert said.startswith("failed  model-4 staleness-curve: models are too old after ")
    assert " at 72 days: 0." in said
    assert "█" in said
    assert json.loads((project / "staleness.json").read_text(encoding="utf-8"))["kind"] == "mlscore staleness"
