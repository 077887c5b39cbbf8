"""The check from the configuration to its verdict, with a stand-in for deepchecks' environment."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from mlscore.checks.configured import read_options
from mlscore.checks.context import Context
from mlscore.checks.deepchecks import _run
from mlscore.checks.deepchecks.judge import as_result
from mlscore.checks.deepchecks.prepare import prepare
from mlscore.checks.deepchecks.run import Ran
from mlscore.checks.registry import find_check
from mlscore.errors import ConfigError, InputError, UsageError
from mlscore.predictors.predictor import Predictor
from mlscore.predictors.shapes import Prediction, Provenance, Task
from mlscore.project.config import CheckSpec, DataSettings, ModelSettings

CHECK = find_check("deepchecks")
SUITES = ("data_integrity", "train_test_validation", "model_evaluation")


class Here(Predictor):
    """A function of a frame that answers in this process."""

    def __init__(self, task=Task.BINARY, classes=(True, False)):
        self.task, self.classes, self.features = task, classes, ("a", "c", "flag")
        self.provenance = Provenance("callable")

    def predict(self, rows, *, finite=True):
        frame = rows.to_pandas()
        if self.task is Task.REGRESSION:
            return Prediction(frame["a"].to_numpy() * 2)
        values = np.array(self.classes)[(frame["a"] <= 0).astype(int)]
        shares = np.eye(2)[(frame["a"] <= 0).astype(int)]
        return Prediction(values, shares, self.classes)

    def inside(self, function, request, *, limit=None):
        return None

    def close(self):
        pass


def frame(rows=60, seed=0):
    random = np.random.default_rng(seed)
    made = pd.DataFrame({"id": np.arange(rows), "a": random.normal(size=rows), "c": random.choice(["x", "y"], rows)})
    made["flag"] = made["a"] > 1
    made["when"] = pd.Timestamp("2026-01-01")
    return made.assign(y=made["a"] > 0)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """`project(item, **options)`: the result of the check; `project.context(...)` its context."""
    for role, seed in (("train", 0), ("validation", 1)):
        frame(seed=seed).to_parquet(tmp_path / f"{role}.parquet")
    data = DataSettings(
        sources={role: f"{role}.parquet" for role in ("train", "validation")}, label="y", id=("id",), time="when"
    )

    class Project:
        predictor = Here()
        root = tmp_path
        settings = data

        def context(self, item=None, model=True, **options):
            read = read_options(CHECK, CheckSpec("deepchecks", options=options))
            source = ModelSettings(source="pkg:predict") if model else ModelSettings()
            return Context(tmp_path, self.settings, read, date(2026, 11, 1), model=source, item=item)

        def __call__(self, item=None, model=True, **options):
            return _run(self.context(item, model, **options))

    made = Project()
    monkeypatch.setattr(Context, "predictor", lambda self: made.predictor)
    return made


@pytest.mark.parametrize(
    ("item", "finding"),
    [
        ("data-2", "fail: Feature Label Correlation - Train Dataset: "),
        ("data-1", "warn: Data Duplicates - Train Dataset: "),
        ("monitor-3", "fail: Feature Drift: "),
        ("model-6", "warn: Weak Segments Performance - Train Dataset: "),
    ],
)
def test_conditions_become_findings_of_their_items(project, stand_in, item, finding):
    stand_in("planted")
    result = project(item)
    assert result.outcome == "failed"
    assert any(one.startswith(finding) for one in result.findings), result.findings
    assert result.summary == result.findings[0]
    assert result.values[0].value == len(result.findings)


@pytest.mark.parametrize("item", ["monitor-2", "monitor-3", "data-1", "model-5"])
def test_what_holds_passes(project, stand_in, item):
    stand_in("clean")
    result = project(item)
    assert result.outcome == "passed", (result.findings, result.hollow)
    assert "conditions of deepchecks hold" in result.summary


def test_one_run_serves_all_items(project, stand_in):
    asked = stand_in("clean")
    for item in CHECK.items:
        project(item)
    assert len(asked) == 1
    (one,) = asked
    assert one["files"] == ["request.json", "train.parquet", "validation.parquet"]
    assert one["quiet"] == "1"
    project("data-1", rows=50)
    assert len(asked) == 2
    frame(seed=7).to_parquet(project.root / "train.parquet")
    project("data-1")
    assert len(asked) == 3


def test_warnings_count_unless_they_are_not_to(project, stand_in):
    stand_in("planted")
    result = project("model-6", warnings=False)
    assert result.outcome == "hollow"
    assert result.hollow.startswith("no condition that speaks to model-6 could have failed")
    assert any(one.startswith("not counted: warn: Weak Segments") for one in result.notes)
    result = project("data-1", warnings=False)
    assert result.outcome == "passed"


def test_what_alarms_by_chance_counts_where_it_is_asked_for(project, stand_in, sample):
    bad = [one for one in sample("planted", "data_integrity")["results"] if "Identifier" in one["header"]]
    assert bad
    from mlscore.checks.deepchecks.conditions import counts

    for numbers in (True, False):
        assert not counts("Identifier Label Correlation", "fail", warnings=True, numbers=numbers, asked=False)
        assert counts("Identifier Label Correlation", "fail", warnings=True, numbers=numbers, asked=True)
    assert counts("WeakSegmentsPerformance", "warn", warnings=True, numbers=False, asked=False)
    assert not counts("WeakSegmentsPerformance", "warn", warnings=True, numbers=True, asked=False)


def test_what_did_not_run_is_not_judged(project, stand_in):
    stand_in("clean")
    result = project("data-2")
    assert any(one.startswith("error: Unused Features - Train Dataset") for one in result.unknown)
    result = project("infra-4")
    assert any(one.startswith("did not apply: ") and "Index Train Test Leakage" in one for one in result.notes)


def test_an_item_that_no_condition_speaks_to_is_hollow(project, stand_in):
    stand_in("clean")
    result = project("model-5", suites=["data_integrity"])
    assert result.outcome == "hollow"
    assert result.hollow == "no condition that ran speaks to model-5"


def test_suites_follow_what_is_configured_and_asked(project, stand_in):
    asked = stand_in("clean")
    project("data-1", model=False)
    project("data-1", checks=["FeatureDrift", "DataDuplicates"])
    project("data-1", suites="train_test_validation")
    assert [one["request"]["suites"] for one in asked] == [[*SUITES[:2]], [*SUITES[:2]], ["train_test_validation"]]
    assert list(asked)[1]["request"]["checks"] == ["FeatureDrift", "DataDuplicates"]


def test_predictions_are_made_here_and_handed_over(project):
    made = prepare(project.context(), SUITES, (), 1000)
    request = made.request
    assert (request["task"], request["classes"]) == ("binary", ["False", "True"])
    assert (request["features"], request["categorical"]) == (["a", "c", "flag"], ["c", "flag"])
    assert (request["label"], request["index"], request["time"]) == ("y", "id", "when")
    table = made.tables["validation"].to_pandas()
    assert set(table) == {"a", "c", "flag", "y", "when", "id", "mlscore prediction", *request["shares"]}
    assert (table["mlscore prediction"] == table["y"]).all()
    assert (table["mlscore share True"] == (table["y"] == "True")).all()
    assert request["importance"] == {"a": 1.0, "c": 0.0, "flag": 0.0}


def test_numbers_are_handed_over(project):
    project.predictor = Here(Task.REGRESSION)
    for role in ("train", "validation"):
        frame().assign(y=lambda rows: rows["a"] * 2 + 1).to_parquet(project.root / f"{role}.parquet")
    made = prepare(project.context(), SUITES, (), 1000)
    assert (made.request["task"], made.request["classes"], made.numbers) == ("regression", [], True)
    assert made.request["shares"] == []
    assert made.request["importance"]["a"] == 1.0


def test_a_model_that_heeds_nothing_has_no_unused_features(project, monkeypatch):
    monkeypatch.setattr(
        project.predictor, "predict", lambda rows, finite=True: Prediction(np.full(rows.num_rows, True)), raising=False
    )
    made = prepare(project.context(), SUITES, (), 1000)
    assert made.request["importance"] is None
    assert "UnusedFeatures" in made.request["without"]
    assert made.unknown == ["which features are used: the model answers alike whichever is permuted"]


def test_samples_are_told(project):
    made = prepare(project.context(model=False), SUITES[:2], (), 25)
    assert made.tables["train"].num_rows == 25
    assert made.notes[0].startswith("25 of 60 rows of the training data, drawn evenly")


def test_labels_that_are_missing_are_left_out(project):
    frame().assign(y=lambda rows: rows["y"].astype(object).where(rows["id"] > 9)).to_parquet(
        project.root / "train.parquet"
    )
    made = prepare(project.context(), SUITES, (), 1000)
    assert made.tables["train"].num_rows == 50
    assert "10 rows of the training data without a label were left out" in made.notes


@pytest.mark.parametrize(
    ("do", "options", "told"),
    [
        (
            "hang",
            {"timeout": 1},
            "deepchecks gave no answer within 1 s and was ended; ask for fewer rows, or allow more",
        ),
        ("eat", {"memory-mb": 100}, "deepchecks took more than 100 MB of memory and was ended; ask for fewer rows"),
        ("crash", {}, 'deepchecks ended with exit code 1; its last words: "the library is broken"'),
        ("refuse", {}, "deepchecks refuses the data: ValueError: no such thing"),
    ],
)
@pytest.mark.slow
def test_what_becomes_of_a_bad_run_is_told(project, stand_in, do, options, told):
    asked = stand_in(do)
    for _ in range(2):
        with pytest.raises(InputError) as error:
            project("data-1", model=False, **options)
        assert told in str(error.value)
    # It is not tried again for the next item.
    assert len(asked) == 1


def test_the_absent_environment_says_the_one_command(project, monkeypatch, tmp_path):
    monkeypatch.setenv("MLSCORE_HOME", str(tmp_path / "none"))
    with pytest.raises(UsageError, match=r"is not there; mlscore extra install deepchecks$"):
        project("data-1")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"suites": ["data_integrty"]}, 'there is no suite "data_integrty"; did you mean "data_integrity"'),
        ({"checks": ["FeatureDrft"]}, 'no suite of deepchecks has a check "FeatureDrft"; did you mean "FeatureDrift"'),
        ({"checks": ["ModelInferenceTime"]}, "ModelInferenceTime looks into the model itself"),
    ],
)
def test_bad_options_are_told(project, options, told):
    with pytest.raises(ConfigError) as error:
        project("data-1", **options)
    assert told in str(error.value)


def test_bad_data_are_told(project, stand_in):
    stand_in("clean")
    project.predictor = Here(Task.MULTILABEL)
    with pytest.raises(InputError, match="the task 'multilabel'; ask for suites"):
        project("data-1")
    project.predictor = Here()
    frame(5).to_parquet(project.root / "train.parquet")
    with pytest.raises(InputError, match="5 rows of the training data, 20 the least"):
        project("data-1")
    frame().drop(columns="y").to_parquet(project.root / "train.parquet")
    with pytest.raises(InputError, match="there is no column 'y', the label"):
        project("data-1")
    frame()[["id", "when", "y"]].to_parquet(project.root / "train.parquet")
    with pytest.raises(InputError, match="there is no feature that deepchecks could look at"):
        project("data-1", model=False)
    project.settings = DataSettings(sources=project.settings.sources)
    with pytest.raises(ConfigError, match="nothing says which column is to be predicted"):
        project("data-1")


def test_what_is_not_known_of_features_is_told_where_features_are_judged():
    ran = Ran((), {"validation": 100}, False, (), (), ("which features are used",), 1.0)
    assert as_result(ran, "data-2", warnings=True).unknown == ("which features are used",)
    assert as_result(ran, "monitor-2", warnings=True).unknown == ()
